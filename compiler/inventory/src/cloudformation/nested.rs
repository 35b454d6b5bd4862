//! Nested stacks whose template is a file beside this one.
//!
//! Before `aws cloudformation package` uploads them, `TemplateURL` (and `Location` of a `AWS::Serverless::Application`)
//! is a path. The CDK names the file in the metadata of the stack. A nested template is read with the parameters that its
//! stack gives it; its resources are called `Stack.Resource`. Files are read inside of the folder of the outermost
//! template only, links followed first, and neither in circles nor without bound.

use std::cell::Cell;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use parapet_model::{Document, Name, Node, NodeKind, Record, Symbol, Truth, Unknown};

use super::evaluate::evaluate;
use super::parameters::Parameters;
use super::resolve::undecided;
use super::stack::{Stack, later};
use super::template::{Declared, Doubt};
use super::text;
use crate::source::Source;

/// How deep stacks nest.
const MOST_DEPTH: usize = 8;

/// How many nested stacks one input may have.
const MOST_STACKS: usize = 200;

/// Where a template stands among those that it is nested in.
pub(crate) struct Nesting<'s> {
    pub(crate) source: &'s Source<'s>,
    /// The real folder of the outermost template, where it is a file.
    root: Option<PathBuf>,
    /// The real paths of the templates from the outermost to this one.
    chain: Vec<PathBuf>,
    left: Rc<Cell<usize>>,
    /// The addresses of its resources begin so.
    pub(crate) prefix: String,
    deployment: String,
    /// Tells its resources from all others of the run.
    pub(crate) place: String,
}

/// What a stack came to.
#[derive(Default)]
pub(crate) struct Finished {
    pub(crate) records: Vec<Record>,
    pub(crate) outputs: Vec<(Name, Node)>,
    pub(crate) doubts: Vec<(Option<Arc<Document>>, Doubt)>,
}

impl<'s> Nesting<'s> {
    /// `account` is where the template will be deployed, if that is known.
    pub(crate) fn outermost(source: &'s Source<'s>, account: Option<&str>) -> Nesting<'s> {
        let path = source.files.real(source.path);
        let deployment = match account {
            Some(account) => format!("{}@{account}", source.input),
            None => source.input.to_string(),
        };
        Nesting {
            source,
            root: path.parent().filter(|_| source.path != Path::new("-")).map(Path::to_owned),
            chain: vec![path],
            left: Rc::new(Cell::new(MOST_STACKS)),
            prefix: String::new(),
            place: format!("{deployment}:"),
            deployment,
        }
    }

    /// What tells the input from all others, with its account.
    pub(crate) fn deployment(&self) -> &str {
        &self.deployment
    }

    fn inside(&self, id: &str, path: PathBuf) -> Nesting<'s> {
        let mut chain = self.chain.clone();
        chain.push(path);
        let prefix = format!("{}{id}.", self.prefix);
        let deployment = self.deployment.clone();
        let place = format!("{deployment}:{prefix}");
        let (root, left) = (self.root.clone(), self.left.clone());
        Nesting { source: self.source, root, chain, left, prefix, deployment, place }
    }

    /// The real path of a template that this one names, and what stands there.
    fn read(&self, named: &str) -> Result<(PathBuf, Document), String> {
        let path = self.find(named)?;
        let bytes = self.source.files.read(&path, text::MOST_BYTES).map_err(|error| error.to_string())?;
        let text = String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
        let tree = text::tree(&path, &text).map_err(|error| text::located(&text, &error))?;
        let tree = text::as_written(tree, &text);
        let folder = self.source.path.parent().unwrap_or(Path::new(""));
        let below = self.root.as_ref().and_then(|root| path.strip_prefix(root).ok()).unwrap_or(&path);
        let shown = parapet_base::shown(&folder.join(below));
        Ok((path, Document { path: shown.into(), text: text.into(), tree }))
    }

    /// The real path of a file that this template names.
    fn find(&self, named: &str) -> Result<PathBuf, String> {
        let folder = self.chain.last().and_then(|path| path.parent()).unwrap_or(Path::new(""));
        let path = self.source.files.real(&plain(&folder.join(named)));
        let inside = |root: &PathBuf| path.starts_with(root) && path.is_absolute() == root.is_absolute();
        if !self.root.as_ref().is_some_and(inside) {
            return Err(format!("`{named}` lies outside of the folder of the template, and is not read"));
        }
        if self.chain.contains(&path) {
            return Err(format!("`{named}` nests itself"));
        }
        if self.chain.len() > MOST_DEPTH {
            return Err(format!("`{named}` is nested deeper than {MOST_DEPTH} stacks"));
        }
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => return Err(format!("`{named}` is not read: there are more than {MOST_STACKS} nested stacks")),
        }
        Ok(path)
    }
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            other => out.push(other),
        }
    }
    out
}

/// Existence that hangs on two conditions.
fn both(own: &Unknown, outer: &Unknown) -> Unknown {
    let parts = own.symbol().zip(outer.symbol()).map(|(own, outer)| [own.parts(), outer.parts()].concat());
    let both = own.and(outer);
    match parts {
        Some(parts) => both.standing_for(Symbol::of(parts)),
        None => both,
    }
}

/// A nested stack, or `None` for any other resource.
enum Named {
    File(String),
    /// Not a file beside this one.
    Elsewhere(&'static str),
}

impl<'t> Stack<'t> {
    /// Reads the template of a nested stack, once. `None` for other resources.
    pub(crate) fn child(&mut self, resource: &'t Declared) -> Option<Rc<Finished>> {
        if let Some(child) = self.children.get(&resource.id) {
            return Some(child.clone());
        }
        if !matches!(&*resource.ty, "AWS::CloudFormation::Stack" | "AWS::Serverless::Application") {
            return None;
        }
        let marker: Name = "Outputs".into();
        if !self.may_follow(&resource.id, &marker, resource.span) {
            return Some(Rc::default());
        }
        self.following.push((resource.id.clone(), marker));
        let assumed = std::mem::take(&mut self.assumed);
        let truths = std::mem::take(&mut self.truths);
        let known = std::mem::take(&mut self.known);
        let child = match &resource.condition {
            Some(condition) => self.assuming(condition, true, |stack| stack.read_child(resource)),
            None => self.read_child(resource),
        };
        (self.assumed, self.truths, self.known) = (assumed, truths, known);
        self.following.pop();
        let child = Rc::new(child);
        self.children.insert(resource.id.clone(), child.clone());
        Some(child)
    }

    /// An output of a nested stack.
    pub(crate) fn nested_output(&mut self, resource: &'t Declared, name: &str) -> Node {
        let child = self.child(resource);
        let output =
            child.and_then(|child| child.outputs.iter().find(|(key, _)| **key == *name).map(|(_, node)| node.clone()));
        output.unwrap_or_else(|| {
            later(resource.span, format!("output `{name}` of stack `{}` is known at deployment", resource.id))
        })
    }

    fn read_child(&mut self, resource: &'t Declared) -> Finished {
        let doubt = |doubt| Finished { doubts: vec![(None, doubt)], ..Finished::default() };
        let id = &resource.id;
        let named = match self.named(resource) {
            Named::File(_) if self.nesting.root.is_none() => Err("this template is no file"),
            Named::File(path) => Ok(path),
            Named::Elsewhere(what) => Err(what),
        };
        let path = match named {
            Ok(path) => path,
            Err(what) => {
                let reason = format!("the resources of nested stack `{id}` are not seen: {what}");
                return doubt(Doubt::hidden(resource.span, reason));
            }
        };
        let parameters = self.passed(resource);
        let (real, document) = match self.nesting.read(&path) {
            Ok(read) => read,
            Err(why) => return doubt(Doubt::wrong(resource.span, format!("nested stack `{id}`: `{path}`: {why}"))),
        };
        let nesting = self.nesting.inside(id, real);
        let mut finished = evaluate(&nesting, self.schema, Arc::new(document), &parameters);
        self.hang(resource, &mut finished);
        finished
    }

    /// What a stack holds exists where the stack does.
    fn hang(&mut self, resource: &'t Declared, finished: &mut Finished) {
        if let Some((name, Truth::Unknown(why))) = resource.condition.as_ref().map(|name| (name, self.unassumed(name)))
        {
            let why = self.hanging_on(name, why);
            for record in &mut finished.records {
                record.existence = Some(record.existence.take().map_or_else(|| why.clone(), |own| both(&own, &why)));
            }
        }
    }

    /// The truth of a condition, nothing assumed.
    fn unassumed(&mut self, name: &Name) -> Truth {
        let (assumed, truths) = (std::mem::take(&mut self.assumed), std::mem::take(&mut self.truths));
        let truth = self.condition(name);
        (self.assumed, self.truths) = (assumed, truths);
        truth
    }

    fn named(&mut self, resource: &'t Declared) -> Named {
        if self.template.blank.is_some() || resource.blank.is_some() {
            return Named::Elsewhere("a macro may change which template it is");
        }
        let metadata = resource.metadata.as_ref();
        let asset = metadata.and_then(|metadata| metadata.get("aws:asset:path")).and_then(Node::as_text);
        if let Some(path) = asset {
            return Named::File(path.to_owned());
        }
        let property = if &*resource.ty == "AWS::CloudFormation::Stack" { "TemplateURL" } else { "Location" };
        let properties = self.value(&resource.properties);
        if matches!(properties.kind, NodeKind::Unknown(_)) {
            return Named::Elsewhere("where its template lies is not known");
        }
        let Some(node) = properties.get(property) else { return Named::Elsewhere("it names no template") };
        match node.as_text() {
            Some(text) if text.contains("://") => Named::Elsewhere("its template is not a file beside this one"),
            Some(text) => Named::File(text.to_owned()),
            None => Named::Elsewhere("where its template lies is not known"),
        }
    }

    /// The parameters that a nested stack is given, and the account and region that it shares.
    fn passed(&mut self, resource: &'t Declared) -> Parameters {
        let mut values = self.values.shared();
        let properties = self.value(&resource.properties);
        let given = match &properties.kind {
            NodeKind::Unknown(_) => Some(&properties),
            _ => properties.get("Parameters"),
        };
        match given.map(|node| &node.kind) {
            None | Some(NodeKind::Null) => {}
            Some(NodeKind::Map(given)) => values.extend(given.iter().filter(|(_, node)| !node.is_null()).cloned()),
            Some(NodeKind::Unknown(why)) => return Parameters::of(values).and_others(why.clone().opaque()),
            Some(_) => {
                let why = undecided(format!("`Parameters` of stack `{}` is not a map", resource.id));
                return Parameters::of(values).and_others(why);
            }
        }
        Parameters::of(values)
    }
}
