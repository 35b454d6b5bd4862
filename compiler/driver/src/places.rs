//! Where values stand in the inputs.
//!
//! Nothing is kept for positions while evaluating. For the findings that are printed, the records' bytes are
//! read again, the reader makes of each as much again as places in it are asked for, and the way to the value is followed
//! in it. Inputs that can only be read from their beginning (compressed ones, pipes) are read once more, and the records
//! that are wanted stay in memory.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use parapet_base::{LineIndex, Position, Span};
use parapet_interpreter::{Place, Read as Seen, Step, World};
use parapet_inventory as inventory;
use parapet_inventory::{Given, Ground, Rereader, Wanted};
use parapet_ir::Projection;
use parapet_model::json::{Glance, pointer_to};
use parapet_model::{Document, Name, Node, NodeKind, Origin, Record, ResourceId, Schema, SourcePlace};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::Refusal;
use crate::excerpts::{INPUT, excerpt};
use crate::host::{Anywhere, Host, shown};
use crate::inputs::{Inputs, wanted};

/// Stands for the header among properties.
const HEADER: &str = "$header";

/// The properties that rules read of a type.
pub(crate) fn properties_of(projection: &Projection) -> impl Fn(&str) -> FxHashSet<Name> + Sync {
    |ty: &str| wanted(projection, ty).into_owned()
}

/// The inputs, to take records from again.
pub(crate) struct Sources<'p> {
    host: &'p dyn Host,
    inputs: &'p Inputs,
    world: &'p World,
    schema: &'p Schema,
    /// `None`: everything.
    wanted: Option<&'p Wanted<'p>>,
    by_input: FxHashMap<u32, (Arc<str>, Bytes<'p>)>,
    /// Whether places come with the lines that they stand in.
    excerpts: bool,
    /// Those that no thread uses just now.
    readers: Mutex<Vec<Rereader<'p>>>,
    /// What large records gave, of which many resources are made.
    large: Mutex<FxHashMap<Large, Made>>,
    documents: Mutex<FxHashMap<usize, Lines>>,
}

/// A record by its input and offset, and what making it again depends on.
type Large = (u32, u64, Option<Ground>);

/// Records of more bytes are made again once, and not by each thread.
const LARGE: u64 = 64 << 10;

/// The bytes of an input.
enum Bytes<'p> {
    /// To be opened when they are needed: a system opens only so many files at once.
    Anywhere(&'p Path),
    /// Of the records that are wanted, by their offsets.
    Kept(FxHashMap<u64, Arc<str>>),
}

/// The lines of a text, found when they are first asked for.
type Lines = Arc<OnceLock<LineIndex>>;

/// All records that are made of the same bytes.
type Made = Arc<OnceLock<Vec<Arc<Record>>>>;

/// A record with the text that its spans refer to: its own bytes, or the document that it is part of.
struct Again<'p> {
    path: Arc<str>,
    text: Arc<str>,
    lines: Lines,
    /// Where the members of the text stand, where that is known at once.
    glance: OnceLock<Option<Glance>>,
    /// Read again when it is first asked for.
    record: OnceLock<Option<Arc<Record>>>,
    given: Option<Cow<'p, Given>>,
    /// The document, if the text is that.
    whole: Option<Arc<Document>>,
    origin: Origin,
    excerpts: bool,
}

impl<'p> Sources<'p> {
    /// Looks at inputs. Of those that can only be read from their beginning the records of resources are kept, which are asked for
    /// only then; what cannot be read again has no places. With `wanted`, no other properties are asked for.
    pub(crate) fn open(
        host: &'p dyn Host,
        inputs: &'p Inputs,
        world: &'p World,
        resources: impl FnOnce() -> Result<Vec<ResourceId>, Refusal>,
        wanted: Option<&'p Wanted<'p>>,
    ) -> Result<Sources<'p>, Refusal> {
        let paths = (0..).zip(&inputs.paths);
        let (anywhere, others): (Vec<_>, Vec<_>) = paths.partition(|(_, path)| anywhere(host, path).is_some());
        let named = |path: &Path| Arc::from(shown(path));
        let anywhere =
            anywhere.into_iter().map(|(input, path)| (input, (named(path), Bytes::Anywhere(path.as_path()))));
        let mut by_input: FxHashMap<u32, (Arc<str>, Bytes<'p>)> = anywhere.collect();
        if !others.is_empty() {
            let mut origins: FxHashMap<u32, Vec<Origin>> = FxHashMap::default();
            for id in resources()? {
                let given = inputs.given.get(id.0 as usize).and_then(Option::as_ref);
                let kept = given.is_some_and(|given| given.kept.is_some());
                if let Some(origin) = world.origin(id).filter(|_| !world.is_stand_in(id) && !kept) {
                    origins.entry(origin.input).or_default().push(origin);
                }
            }
            let kept = |(input, path): (u32, &PathBuf)| {
                let kept = kept(host, path, origins.remove(&input)?)?;
                Some((input, (named(path), Bytes::Kept(kept))))
            };
            by_input.extend(others.into_iter().filter_map(kept));
        }
        Ok(Sources {
            host,
            inputs,
            world,
            schema: &inputs.schema,
            wanted,
            by_input,
            excerpts: true,
            readers: Mutex::default(),
            large: Mutex::default(),
            documents: Mutex::default(),
        })
    }

    /// Whether places come with the lines that they stand in.
    pub(crate) fn showing(mut self, excerpts: bool) -> Sources<'p> {
        self.excerpts = excerpts;
        self
    }

    /// The record of a resource with its text.
    fn again(&self, id: ResourceId, last: &RefCell<Last<'p>>) -> Option<Again<'p>> {
        let resource = self.world.resource(id).filter(|_| !self.world.is_stand_in(id))?;
        let given = match self.inputs.given.get(id.0 as usize)? {
            Some(given) => Cow::Borrowed(&**given),
            None => Cow::Owned(Given::of_resource(&resource)),
        };
        if let Some(kept) = &given.kept {
            return self.document(kept.clone(), resource.origin);
        }
        let origin = resource.origin;
        let (path, bytes) = self.by_input.get(&origin.input)?;
        let is_it = |(input, offset, ..): &Text| (*input, *offset) == (origin.input, origin.offset);
        let known = last.borrow().text.clone().filter(is_it);
        let (.., text, lines) = match known {
            Some(known) => known,
            None => {
                let text = match bytes {
                    Bytes::Anywhere(path) => {
                        let length = usize::try_from(origin.length).ok()?;
                        let bytes =
                            last.borrow_mut().file(self.host, origin.input, path)?.read_at(origin.offset, length);
                        bytes.ok().filter(|bytes| bytes.len() == length).map(text_of)?
                    }
                    Bytes::Kept(kept) => kept.get(&origin.offset)?.clone(),
                };
                let new = (origin.input, origin.offset, text, Lines::default());
                last.borrow_mut().text = Some(new.clone());
                new
            }
        };
        Some(Again {
            path: path.clone(),
            text,
            lines,
            glance: OnceLock::new(),
            record: OnceLock::new(),
            given: Some(given),
            whole: None,
            origin,
            excerpts: self.excerpts,
        })
    }

    /// A record whose document is in memory. A document that is the record's own bytes stands where those do.
    fn document(&self, record: Arc<Record>, origin: Origin) -> Option<Again<'p>> {
        let document = record.document.clone()?;
        let mut known = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = known.entry(Arc::as_ptr(&document).addr()).or_default().clone();
        let own = origin.length == document.text.len() as u64;
        let origin = if own { origin } else { Origin { line: 1, column: 1, ..origin } };
        let (path, text) = (document.path.clone(), document.text.clone());
        Some(Again {
            path,
            text,
            lines,
            glance: OnceLock::new(),
            record: OnceLock::from(Some(record)),
            given: None,
            whole: Some(document),
            origin,
            excerpts: self.excerpts,
        })
    }

    fn with_reader<R>(&self, read: impl FnOnce(&mut Rereader<'p>) -> R) -> R {
        let reader = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = reader.unwrap_or_else(|| Rereader::new(self.schema, self.wanted));
        let read = read(&mut reader);
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        read
    }

    /// Makes a record again with no more than some properties, where that can be done.
    fn bare(&self, again: &Again<'p>, given: &Given, properties: &[Name]) -> Option<Record> {
        if again.origin.part != 0 || properties.iter().any(|name| **name == *HEADER) {
            return None;
        }
        let glance = again.glance()?;
        self.with_reader(|reader| reader.bare((again.text.as_bytes(), glance), again.origin, given, properties))
    }

    /// All records of the same bytes, in the order of their parts.
    fn all(&self, again: &Again<'p>, given: &Given) -> Vec<Arc<Record>> {
        let all = self.with_reader(|reader| reader.all(again.text.as_bytes(), again.origin, given));
        all.into_iter().map(Arc::new).collect()
    }
}

/// A text that was taken, by input and offset.
type Text = (u32, u64, Arc<str>, Lines);

/// What was taken last, and the file that it came from.
#[derive(Default)]
struct Last<'p> {
    text: Option<Text>,
    file: Option<(u32, Box<dyn Anywhere + 'p>)>,
}

impl<'p> Last<'p> {
    /// The file of an input, opened if it was not the last.
    fn file(&mut self, host: &'p dyn Host, input: u32, path: &Path) -> Option<&(dyn Anywhere + 'p)> {
        if self.file.as_ref().is_none_or(|(known, _)| *known != input) {
            self.file = Some((input, host.open_anywhere(path)?));
        }
        self.file.as_ref().map(|(_, file)| &**file)
    }
}

/// The bytes of an input that origins count in, where they can be read from anywhere.
fn anywhere<'h>(host: &'h dyn Host, path: &Path) -> Option<Box<dyn Anywhere + 'h>> {
    let bytes = host.open_anywhere(path)?;
    let head = bytes.read_at(0, 4).ok()?;
    (!inventory::is_encoded(&head)).then_some(bytes)
}

/// The bytes of records, in one pass over their input.
fn kept(host: &dyn Host, path: &Path, mut origins: Vec<Origin>) -> Option<FxHashMap<u64, Arc<str>>> {
    origins.sort_unstable_by_key(|origin| origin.offset);
    origins.dedup_by_key(|origin| origin.offset);
    let mut reader = host.open(path).ok()?;
    let mut bytes = inventory::decompressed(&mut reader).ok()?;
    let mut at = 0;
    let mut kept = FxHashMap::default();
    for origin in origins {
        let Some(text) = take(&mut bytes, &mut at, &origin) else { break };
        kept.insert(origin.offset, text);
    }
    Some(kept)
}

/// The places of values in some records, which are kept as long as this is.
pub(crate) struct Places<'s, 'p> {
    sources: &'s Sources<'p>,
    /// The properties whose places are asked for; [`HEADER`] stands for the header. Of any other resource all may be.
    asked: FxHashMap<ResourceId, Vec<Name>>,
    records: RefCell<FxHashMap<ResourceId, Option<Rc<Again<'p>>>>>,
    /// What was made of the same bytes, where more than one is wanted: making them one by one would take the square of them.
    made: RefCell<FxHashMap<Large, Made>>,
    /// The text that was taken last: resources that are made of one record come one after the other.
    last: RefCell<Last<'p>>,
}

impl<'s, 'p> Places<'s, 'p> {
    pub(crate) fn new(sources: &'s Sources<'p>) -> Places<'s, 'p> {
        Places {
            sources,
            asked: FxHashMap::default(),
            records: RefCell::default(),
            made: RefCell::default(),
            last: RefCell::default(),
        }
    }

    /// The places of what was read, and no other values.
    pub(crate) fn of<'r>(sources: &'s Sources<'p>, reads: impl Iterator<Item = &'r Seen>) -> Places<'s, 'p> {
        let mut places = Places::new(sources);
        for place in reads.filter_map(|read| read.place.as_ref()) {
            let name = match place.path.first() {
                Some(Step::Property(name)) => name,
                _ => &HEADER.into(),
            };
            let asked = places.asked.entry(place.resource).or_default();
            if !asked.contains(name) {
                asked.push(name.clone());
            }
        }
        places
    }

    fn again(&self, id: ResourceId) -> Option<Rc<Again<'p>>> {
        let mut records = self.records.borrow_mut();
        records.entry(id).or_insert_with(|| self.sources.again(id, &self.last).map(Rc::new)).clone()
    }

    /// The record, made again when it is first asked for.
    fn record<'a>(&self, id: ResourceId, again: &'a Again<'p>) -> Option<&'a Record> {
        let record = again.record.get_or_init(|| {
            let given = again.given.as_deref()?;
            let asked = self.asked.get(&id);
            if let Some(record) = asked.and_then(|asked| self.sources.bare(again, given, asked)) {
                return Some(Arc::new(record));
            }
            let key = (again.origin.input, again.origin.offset, Some(given.ground()));
            let made = match again.origin.length > LARGE {
                true => {
                    self.sources.large.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone()
                }
                false => self.made.borrow_mut().entry(key).or_default().clone(),
            };
            let all = made.get_or_init(|| self.sources.all(again, given));
            let at = all.binary_search_by_key(&again.origin.part, |record| record.origin.part).ok()?;
            all.get(at).cloned()
        });
        record.as_deref()
    }

    /// Where a resource's record begins.
    pub(crate) fn resource(&self, id: ResourceId) -> Option<SourcePlace> {
        let again = self.again(id)?;
        let (pointer, start) = match (&again.whole, &again.given) {
            (None, Some(given)) => (given.pointer.to_string(), 0),
            _ => {
                let record = self.record(id, &again)?;
                (record.pointer.to_string(), record.span.start as usize)
            }
        };
        let width = again.text.get(start..).and_then(|text| text.chars().next()).map_or(0, char::len_utf8);
        Some(again.place(pointer, Span::new(start, start + width)))
    }

    /// Where a value stands; for one that is not in the record, the innermost thing around it that is.
    pub(crate) fn value(&self, place: &Place) -> Option<SourcePlace> {
        let again = self.again(place.resource)?;
        let record = self.record(place.resource, &again)?;
        let node = find(record, &place.path)?;
        let inner = again.inside_text(node.span, &place.path);
        Some(again.place(again.pointer(record, node.span), inner.unwrap_or(node.span)))
    }
}

/// The bytes of a record, from a reader that stands before it.
pub(crate) fn take(reader: &mut dyn Read, at: &mut u64, origin: &Origin) -> Option<Arc<str>> {
    let skip = origin.offset.checked_sub(*at)?;
    let skipped = std::io::copy(&mut Read::take(&mut *reader, skip), &mut std::io::sink()).ok()?;
    let mut bytes = Vec::new();
    Read::take(&mut *reader, origin.length).read_to_end(&mut bytes).ok()?;
    *at += skipped + bytes.len() as u64;
    (skipped == skip && bytes.len() as u64 == origin.length).then(|| text_of(bytes))
}

/// Bytes as text; what is no text is shown as such.
fn text_of(bytes: Vec<u8>) -> Arc<str> {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()).into()
}

impl Again<'_> {
    fn glance(&self) -> Option<&Glance> {
        self.glance.get_or_init(|| inventory::glance(self.text.as_bytes())).as_ref()
    }

    /// The JSON pointer of the innermost value at a span.
    fn pointer(&self, record: &Record, span: Span) -> String {
        match (&self.whole, self.glance.get()) {
            (Some(document), _) => document.tree.pointer_to(span),
            (None, Some(Some(glance))) => format!("{}{}", record.pointer, glance.pointer_to(&self.text, span)),
            (None, _) => format!("{}{}", record.pointer, pointer_to(&self.text, span)),
        }
    }

    /// Where a value stands inside a text that holds a document, such as the `Properties` of Cloud Control: what was
    /// decoded has the span of its text.
    fn inside_text(&self, span: Span, path: &[Step]) -> Option<Span> {
        let raw = self.text.get(span.range())?;
        if !raw.starts_with("\"{") {
            return None;
        }
        let decoded = parapet_model::json::parse(raw).ok()?;
        let document = parapet_model::json::parse(decoded.as_text()?).ok()?;
        let node = path.iter().try_fold(&document, |node, step| step_into(node, step))?;
        let start = raw_offset(raw, node.span.start as usize)?;
        let end = raw_offset(raw, node.span.end as usize)?;
        let base = span.start as usize;
        Some(Span::new(base + start, base + end))
    }

    /// The place to show, of a value with this pointer.
    fn place(&self, pointer: String, shown: Span) -> SourcePlace {
        let (line, column) = self.position(shown.start);
        SourcePlace {
            path: self.path.clone(),
            line,
            column,
            end: self.position(shown.end),
            pointer,
            excerpt: self.excerpts.then(|| excerpt(&self.text, shown, INPUT)).flatten(),
        }
    }

    /// The line and column of the input at which a byte of the record stands.
    fn position(&self, offset: u32) -> (u32, u32) {
        let lines = self.lines.get_or_init(|| LineIndex::new(&self.text));
        let Position { line, column } = lines.position(&self.text, offset);
        let before = if line == 1 { self.origin.column - 1 } else { 0 };
        (self.origin.line + line - 1, before + column)
    }
}

/// What a path of a resource leads to in its record.
fn find<'r>(record: &'r Record, path: &[Step]) -> Option<&'r Node> {
    let mut steps = path.iter();
    let mut node = match steps.next()? {
        Step::Property(name) => record.property(name)?,
        Step::Header(name) => header(record, name)?,
        Step::Index(_) => return None,
    };
    for step in steps {
        match step_into(node, step) {
            Some(next) => node = next,
            None => break,
        }
    }
    // What a reader made out of nothing has no place.
    (node.span.end > node.span.start).then_some(node)
}

fn header<'r>(record: &'r Record, name: &str) -> Option<&'r Node> {
    match name {
        "id" => record.id.as_ref(),
        "arn" => record.arn.as_ref(),
        "name" => record.name.as_ref(),
        "account" => record.account.as_ref(),
        "region" => record.region.as_ref(),
        "tags" => record.tags.as_ref(),
        "captured" => record.captured.as_ref(),
        _ => None,
    }
}

fn step_into<'n>(node: &'n Node, step: &Step) -> Option<&'n Node> {
    match (step, &node.kind) {
        (Step::Property(name), NodeKind::Map(members)) => {
            members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, child)| child)
        }
        (Step::Index(at), NodeKind::List(elements)) => elements.get(*at),
        _ => None,
    }
}

/// The byte of a string as it is written, in quotes and with escapes, at which a byte of its value stands.
fn raw_offset(raw: &str, wanted: usize) -> Option<usize> {
    let mut value = 0;
    let mut letters = raw.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if value >= wanted {
            return Some(at);
        }
        if letter != '\\' {
            value += letter.len_utf8();
            continue;
        }
        match letters.next()?.1 {
            'u' => {
                let digits: String = letters.by_ref().take(4).map(|(_, digit)| digit).collect();
                let code = u32::from_str_radix(&digits, 16).ok()?;
                // Half of a pair counts for two of the four bytes that the pair makes.
                value += char::from_u32(code).map_or(2, char::len_utf8);
            }
            _ => value += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    /// What a rule finds of the routes of one table, all of which stand in one record.
    fn of_routes(count: usize, condition: &str) -> Vec<parapet_model::Finding> {
        let route = |at: usize| {
            format!("{{\"destinationCidrBlock\": \"10.{}.{}.0/24\", \"gatewayId\": \"g\"}}", at / 256, at % 256)
        };
        let routes: Vec<String> = (0..count).map(route).collect();
        let table = format!(
            "{{\"resourceType\": \"AWS::EC2::RouteTable\", \"resourceId\": \"t\", \"awsAccountId\": \"1\", \
             \"awsRegion\": \"eu-west-1\", \"configuration\": {{\"routeTableId\": \"t\", \"routes\": [{}]}}}}",
            routes.join(",")
        );
        let rules = format!("guardrail r(route: AWS::EC2::Route) {{\n    require {condition}\n}}\n");
        let now = jiff::Timestamp::UNIX_EPOCH;
        let files = [("r.parapet".to_owned(), rules), ("in.json".to_owned(), table)];
        let host = crate::Memory::new(now).with(files);
        let names = |name: &str| vec![name.to_owned()];
        let request = crate::Request { rules: names("r.parapet"), inputs: names("in.json"), ..crate::Request::at(now) };
        let Ok(outcome) = crate::check(&host, &request) else { panic!("the request is refused") };
        assert_eq!(outcome.result.findings.len(), count);
        outcome.result.findings
    }

    #[test]
    fn each_of_what_stands_in_one_record_has_its_own_place() {
        for (at, finding) in of_routes(20, "(route.GatewayId ?? \"\") == \"x\"").iter().enumerate() {
            let place = finding.details[0].values[0].source.as_ref().unwrap();
            assert_eq!(place.pointer, format!("/configuration/routes/{at}/gatewayId"));
        }
    }

    /// Reading the record again for each would take minutes.
    #[test]
    fn a_record_is_read_again_once() {
        let started = std::time::Instant::now();
        let findings = of_routes(4000, "route.VpcPeeringConnectionId is present");
        assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
        assert!(findings.iter().all(|finding| finding.resource.source.as_ref().is_some_and(|place| place.column == 1)));
    }
}
