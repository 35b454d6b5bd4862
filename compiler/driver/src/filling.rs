//! More of resources that are in memory, where rules read more of them than was kept.
//!
//! The records of the types that more is read of are read again where they stand, and no others. What comes of it is what
//! reading all inputs again would make of them; where that is not certain, nothing is filled.

use std::borrow::Cow;

use parapet_interpreter::World;
use parapet_inventory::{Delivered, Given, Ground, Rereader, Taking, Wanted};
use parapet_ir::Projection;
use parapet_model::{Name, Origin, Record, Resource, ResourceId, Value};
use rustc_hash::FxHashMap;

use crate::host::{Anywhere, Host};
use crate::inputs::{Again, Inputs, agreed, unread_tags, wanted, wanted_with_tags};
use crate::parallel::in_parallel;

/// A resource with more of its properties, and what reading it again needs, if it has a record now.
pub(crate) struct Filled {
    pub(crate) id: ResourceId,
    pub(crate) resource: Resource,
    pub(crate) given: Option<Box<Given>>,
}

/// The resources of a world of which `projection` reads more than `before`, as it reads them.
///
/// `None`: it takes all inputs to know. They are compressed, or not what they were, or something in them is in error as it is
/// read now.
pub(crate) fn filled(
    host: &dyn Host,
    (inputs, world): (&Inputs, &World),
    (before, projection): (&Projection, &Projection),
    jobs: usize,
) -> Option<Vec<Filled>> {
    let types = world.types();
    let has_grown = |ty: &&Name| {
        !wanted(projection, ty).is_subset(&wanted(before, ty)) || projection.reads_tags(ty) && !before.reads_tags(ty)
    };
    let mut ids: Vec<ResourceId> = types.iter().filter(has_grown).flat_map(|ty| world.of_type(ty)).copied().collect();
    ids.sort_unstable();
    let filling =
        Filling { host, inputs, world, projection, wanted: &wanted_with_tags(projection), unread: unread_tags() };
    let pieces: Vec<&[ResourceId]> = ids.chunks((ids.len() / (jobs.max(1) * PIECES)).max(LEAST)).collect();
    let work = |at: usize| pieces.get(at).and_then(|ids| filling.all(ids));
    let made = in_parallel(jobs, pieces.len(), &work).ok()?;
    let made: Option<Vec<Vec<Filled>>> = made.into_iter().map(Option::flatten).collect();
    Some(made?.into_iter().flatten().collect())
}

/// Pieces of work for each thread, and the fewest resources of one: each learns anew which values there are.
const PIECES: usize = 4;
const LEAST: usize = 512;

struct Filling<'f> {
    host: &'f dyn Host,
    inputs: &'f Inputs,
    world: &'f World,
    projection: &'f Projection,
    wanted: &'f Wanted<'f>,
    unread: Value,
}

/// What is delivered of the same bytes: the input, where they begin, and what else it depends on.
type Bytes = (u32, u64, Ground);

/// What one thread has at hand.
struct Hand<'h> {
    reader: Rereader<'h>,
    file: Option<(u32, Box<dyn Anywhere + 'h>)>,
    /// What the bytes that were read last gave, by its part.
    last: Option<(Bytes, FxHashMap<u32, Delivered>)>,
}

impl<'f> Filling<'f> {
    fn all(&self, ids: &[ResourceId]) -> Option<Vec<Filled>> {
        let reader = Rereader::new(&self.inputs.schema, Some(self.wanted));
        let mut hand = Hand { reader, file: None, last: None };
        ids.iter().map(|id| self.one(*id, &mut hand)).collect()
    }

    fn one(&self, id: ResourceId, hand: &mut Hand<'f>) -> Option<Filled> {
        let old = self.world.resource(id)?;
        let given = match self.inputs.given.get(id.0 as usize)? {
            Some(given) => Cow::Borrowed(&**given),
            None => Cow::Owned(Given::of_resource(&old)),
        };
        let (mut resource, given) = self.read(old.origin, &given, hand)?;
        let same = |old: &Value, new: &Value| old.is_identical(new);
        let is_it = old.resource_type == resource.resource_type
            && same(&old.id, &resource.id)
            && same(&old.arn, &resource.arn)
            && same(&old.captured, &resource.captured);
        if !is_it {
            return None;
        }
        let mut before: Option<Resource> = None;
        for Again { origin, given } in self.inputs.compared.get(&(id.0 as usize)).into_iter().flatten() {
            let (other, _) = self.read(*origin, given, hand)?;
            before = Some(before.and_then(|before| agreed(&before, &other)).unwrap_or(other));
        }
        if let Some(agreed) = before.and_then(|before| agreed(&before, &resource)) {
            resource = agreed;
        }
        resource.blank = old.blank.clone();
        resource.existence = old.existence.clone();
        Some(Filled { id, resource, given })
    }

    /// A resource by its record, which stands here.
    fn read(&self, origin: Origin, given: &Given, hand: &mut Hand<'f>) -> Option<(Resource, Option<Box<Given>>)> {
        let mut made = match &given.kept {
            Some(kept) => self.of_record(kept)?,
            None => match self.delivered(origin, given, hand)? {
                Delivered::Typed(resource) if given.form.as_ref().is_none_or(|form| *form == resource.form) => {
                    (*resource, None)
                }
                Delivered::Record(mut record) => {
                    given.form.iter().for_each(|form| record.form = form.clone());
                    self.of_record(&record)?
                }
                _ => return None,
            },
        };
        if !self.projection.reads_tags(&made.0.resource_type) {
            made.0.tags = self.unread.clone();
        }
        Some(made)
    }

    fn of_record(&self, record: &Record) -> Option<(Resource, Option<Box<Given>>)> {
        let wanted = wanted(self.projection, &record.resource_type);
        let (resource, findings) = Resource::read(&self.inputs.schema, record, Some(&wanted));
        let is_sound = findings.errors.is_empty() && findings.strangers.is_empty();
        is_sound.then(|| (resource, Some(Box::new(Given::of(record)))))
    }

    /// What the reader delivers there.
    fn delivered(&self, origin: Origin, given: &Given, hand: &mut Hand<'f>) -> Option<Delivered> {
        let bytes = (origin.input, origin.offset, given.ground());
        if hand.last.as_ref().is_none_or(|(last, _)| *last != bytes) {
            let length = usize::try_from(origin.length).ok()?;
            let text = hand.file(self, origin.input)?.read_at(origin.offset, length).ok()?;
            let mut all = FxHashMap::default();
            let mut sink = Taking(|one| {
                let part = match &one {
                    Delivered::Typed(resource) => resource.origin.part,
                    Delivered::Record(record) => record.origin.part,
                    _ => return,
                };
                all.insert(part, one);
            });
            hand.reader.deliver((&text, origin, given), false, &mut sink);
            hand.last = Some((bytes, all));
        }
        hand.last.as_mut()?.1.remove(&origin.part)
    }
}

impl<'f> Hand<'f> {
    /// The file of an input, opened if it was not the last.
    fn file(&mut self, filling: &Filling<'f>, input: u32) -> Option<&(dyn Anywhere + 'f)> {
        if self.file.as_ref().is_none_or(|(known, _)| *known != input) {
            let file = filling.host.open_anywhere(filling.inputs.paths.get(input as usize)?)?;
            let head = file.read_at(0, 4).ok()?;
            if parapet_inventory::is_encoded(&head) {
                return None;
            }
            self.file = Some((input, file));
        }
        self.file.as_ref().map(|(_, file)| &**file)
    }
}
