//! Many resources in little room.
//!
//! A resource of an inventory is mostly texts that others have, too. A packed one is some dozen bytes: numbers of what it
//! shares with others, and its own texts; what it is made of is made again when somebody looks at it. Those of which
//! something is unusual are kept as they are.

mod bytes;
mod pack;

use std::borrow::Cow;
use std::ops::Deref;

use pack::{Known, Pack, Packed};

use crate::{Name, Origin, Resource, Value};

/// Resources, each with a number: that of its place in their order.
#[derive(Debug, Default)]
pub struct Resources {
    rows: Vec<Row>,
    /// In chunks, so that a list that grows is never copied.
    whole: Vec<Vec<Resource>>,
    packs: Vec<Pack>,
    /// What is known of the last pack while it grows.
    known: Option<Box<Known>>,
}

/// Where a resource is: in a pack and at an offset of it, or among the whole ones.
#[derive(Clone, Copy, Debug)]
struct Row {
    pack: u32,
    at: u32,
}

/// The [`Row::pack`] of those that are not packed.
const WHOLE: u32 = u32::MAX;

/// Resources of a chunk, as a power of two.
const CHUNK_BITS: u32 = 10;

/// A resource that is kept as it is, or was made for whoever looks at it.
pub enum Found<'r> {
    Kept(&'r Resource),
    Made(Box<Resource>),
}

impl Deref for Found<'_> {
    type Target = Resource;

    fn deref(&self) -> &Resource {
        match self {
            Found::Kept(resource) => resource,
            Found::Made(resource) => resource,
        }
    }
}

impl Found<'_> {
    pub fn into_owned(self) -> Resource {
        match self {
            Found::Kept(resource) => resource.clone(),
            Found::Made(resource) => *resource,
        }
    }
}

/// What says where a resource is, and of what type.
#[derive(Clone, Copy)]
pub struct Whereabouts<'r> {
    pub resource_type: &'r Name,
    pub account: &'r Value,
    pub region: &'r Value,
}

impl From<Vec<Resource>> for Resources {
    fn from(whole: Vec<Resource>) -> Resources {
        let mut resources = Resources::default();
        whole.into_iter().for_each(|resource| resources.push(resource));
        resources
    }
}

impl Resources {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a resource as it is.
    pub fn push(&mut self, resource: Resource) {
        let row = self.keep(resource);
        self.rows.push(row);
    }

    fn keep(&mut self, resource: Resource) -> Row {
        if self.whole.last().is_none_or(|chunk| chunk.len() >> CHUNK_BITS > 0) {
            self.whole.push(Vec::new());
        }
        let number = self.whole.len().saturating_sub(1);
        let mut at = number << CHUNK_BITS;
        if let Some(chunk) = self.whole.last_mut() {
            at += chunk.len();
            chunk.push(resource);
        }
        Row { pack: WHOLE, at: at as u32 }
    }

    /// Adds a resource, packed if there is nothing unusual about it.
    pub fn pack(&mut self, resource: Resource) {
        let row = self.packed(resource);
        self.rows.push(row);
        // What cannot be made again would be missing in silence.
        debug_assert!(self.get(self.len() - 1).is_some());
    }

    fn packed(&mut self, resource: Resource) -> Row {
        let mut known = self.known.take().unwrap_or_else(|| {
            self.packs.push(Pack::default());
            Box::default()
        });
        let number = self.packs.len().saturating_sub(1) as u32;
        let at = self.packs.last_mut().and_then(|pack| pack.add(&resource, &mut known));
        let is_full = self.packs.last().is_none_or(Pack::is_full);
        self.known = (!is_full).then_some(known);
        match at {
            Some(at) => Row { pack: number, at },
            None => self.keep(resource),
        }
    }

    /// Puts a resource in the place of another, packed or as it is; the room of the other is not used again.
    pub fn replace(&mut self, at: usize, resource: Resource, packed: bool) {
        let row = if packed { self.packed(resource) } else { self.keep(resource) };
        self.rows.get_mut(at).into_iter().for_each(|old| *old = row);
    }

    /// Adds all of others behind these.
    pub fn append(&mut self, others: Resources) {
        let (packs, chunks) = (self.packs.len() as u32, self.whole.len() as u32);
        self.rows.extend(others.rows.into_iter().map(|row| match row.pack {
            WHOLE => Row { pack: WHOLE, at: row.at + (chunks << CHUNK_BITS) },
            pack => Row { pack: pack + packs, ..row },
        }));
        self.packs.extend(others.packs);
        self.whole.extend(others.whole);
        // What is packed next goes to a pack of its own.
        self.known = None;
    }

    /// No more are added: lets go of what only adding needs.
    pub fn close(&mut self) {
        self.known = None;
        self.rows.shrink_to_fit();
    }

    pub fn get(&self, at: usize) -> Option<Found<'_>> {
        Some(match self.stored(at)? {
            Stored::Whole(resource) => Found::Kept(resource),
            Stored::Packed(packed) => Found::Made(Box::new(packed.made()?)),
        })
    }

    /// A resource that is not packed: only of those something is unusual, such as that nobody knows whether it exists.
    pub fn kept(&self, at: usize) -> Option<&Resource> {
        match self.stored(at)? {
            Stored::Whole(resource) => Some(resource),
            Stored::Packed(_) => None,
        }
    }

    /// A resource to change, which is packed no more.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut Resource> {
        if let Found::Made(resource) = self.get(at)? {
            let row = self.keep(*resource);
            *self.rows.get_mut(at)? = row;
        }
        let row = self.rows.get(at)?;
        self.whole.get_mut((row.at >> CHUNK_BITS) as usize)?.get_mut(row.at as usize & ((1 << CHUNK_BITS) - 1))
    }

    pub fn iter(&self) -> impl Iterator<Item = Found<'_>> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// Keeps those of which something is said, by their numbers.
    pub fn retain(&mut self, mut is_kept: impl FnMut(usize) -> bool) {
        let mut at = 0;
        self.rows.retain(|_| {
            at += 1;
            is_kept(at - 1)
        });
    }

    pub fn into_vec(self) -> Vec<Resource> {
        self.iter().map(Found::into_owned).collect()
    }

    /// Where a resource is, and its type.
    pub fn whereabouts(&self, at: usize) -> Option<Whereabouts<'_>> {
        match self.stored(at)? {
            Stored::Whole(Resource { resource_type, account, region, .. }) => {
                Some(Whereabouts { resource_type, account, region })
            }
            Stored::Packed(packed) => packed.whereabouts(),
        }
    }

    /// [`Resource::property`].
    pub fn property(&self, at: usize, name: &str) -> Option<Value> {
        match self.stored(at)? {
            Stored::Whole(resource) => Some(resource.property(name)),
            Stored::Packed(packed) => packed.property(name),
        }
    }

    /// [`Resource::header`].
    pub fn header(&self, at: usize, name: &str) -> Option<Value> {
        match self.stored(at)? {
            Stored::Whole(resource) => Some(resource.header(name)),
            Stored::Packed(packed) => packed.header(name),
        }
    }

    /// The ARN, as far as it is known.
    pub fn arn(&self, at: usize) -> Option<Cow<'_, str>> {
        match self.stored(at)? {
            Stored::Whole(resource) => resource.arn.as_text().map(Cow::Borrowed),
            Stored::Packed(packed) => packed.arn(),
        }
    }

    pub fn origin(&self, at: usize) -> Option<Origin> {
        match self.stored(at)? {
            Stored::Whole(resource) => Some(resource.origin),
            Stored::Packed(packed) => packed.origin(),
        }
    }

    fn stored(&self, at: usize) -> Option<Stored<'_>> {
        let Row { pack, at } = *self.rows.get(at)?;
        if pack == WHOLE {
            let chunk = self.whole.get((at >> CHUNK_BITS) as usize)?;
            return chunk.get(at as usize & ((1 << CHUNK_BITS) - 1)).map(Stored::Whole);
        }
        self.packs.get(pack as usize)?.row(at).map(Stored::Packed)
    }
}

/// How a resource is kept.
enum Stored<'r> {
    Whole(&'r Resource),
    Packed(Packed<'r>),
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use rustc_hash::FxHashSet;

    use super::*;
    use crate::{Form, Held, Reason, Unknown};

    pub(crate) fn resource(at: usize) -> Resource {
        let text = |text: String| Value::text(text);
        let id = format!("id-{at}");
        Resource {
            resource_type: "AWS::EC2::Volume".into(),
            arn: text(format!("arn:aws:ec2:eu-west-1:1:volume/{id}")),
            name: text(id.clone()),
            id: text(id),
            account: Value::text("1"),
            region: Value::text("eu-west-1"),
            tags: Value::Map(Arc::default()),
            captured: Value::Time(Timestamp::new(1_795_154_400 + at as i64, at as i32).unwrap()),
            address: None,
            properties: Held::of(
                Arc::new(vec!["Encrypted".into(), "Size".into()]),
                vec![Value::Bool(true), Value::Int(8)],
            ),
            blank: None,
            existence: None,
            owner: None,
            form: Form { live: true, ..Form::default() },
            origin: Origin { input: 1, offset: 1 << 40, length: 2300, line: at as u32, column: 1, part: 0 },
            pointer: "".into(),
        }
    }

    /// All sorts of resources: usual ones, and each with something unusual about it.
    fn sorts() -> Vec<Resource> {
        let unknown = || Unknown::new(Reason::Other, "nobody knows");
        let shared = Value::list(vec![Value::Int(1), Value::text("x")]);
        let Value::List(parts) = &shared else { panic!("a list") };
        let values = vec![
            Value::text("own"),
            Value::text("ö"),
            shared.clone(),
            Value::Set(parts.clone()),
            shared.clone(),
            Value::list(vec![shared.clone()]),
            Value::Unknown(unknown()),
            Value::Float(0.5),
            Value::Int(i64::MIN),
            Value::Absent,
            Value::Duration(jiff::SignedDuration::from_secs(5)),
        ];
        let names: Vec<Name> = (0..values.len()).map(|at| format!("P{at}").into()).collect();
        let hidden = Arc::new(FxHashSet::from_iter([Name::from("Hidden")]));
        let mut sorts: Vec<Resource> = (0..40).map(resource).collect();
        let mut add = |change: &dyn Fn(&mut Resource)| {
            let mut one = resource(sorts.len());
            change(&mut one);
            sorts.push(one);
        };
        add(&|it| it.properties = Held::of(Arc::new(names.clone()), values.clone()));
        add(&|it| it.properties = Held::default());
        add(&|it| it.arn = it.id.clone());
        add(&|it| it.arn = Value::text("arn:of:something/else"));
        add(&|it| it.name = Value::text("a name"));
        add(&|it| it.name = Value::text(""));
        add(&|it| it.id = Value::text(""));
        add(&|it| it.pointer = "/configurationItems/41".into());
        add(&|it| it.captured = Value::Absent);
        add(&|it| it.captured = Value::Time(Timestamp::new(0, 0).unwrap()));
        add(&|it| it.captured = Value::Time(Timestamp::new(-7, -1).unwrap()));
        add(&|it| it.captured = Value::Unknown(unknown()));
        add(&|it| it.form.unobservable = Some(hidden.clone()));
        add(&|it| it.form.planned = true);
        add(&|it| it.form.live = false);
        add(&|it| it.tags = Value::Unknown(unknown()));
        add(&|it| it.id = Value::Unknown(unknown()));
        add(&|it| it.account = Value::Unknown(unknown()));
        add(&|it| it.region = Value::text("global"));
        add(&|it| it.address = Some("aws_ebs_volume.it".into()));
        add(&|it| it.blank = Some(unknown()));
        add(&|it| it.existence = Some(unknown()));
        add(&|it| it.owner = Some("plan".into()));
        add(&|it| it.resource_type = "x".repeat(3).into());
        add(&|it| it.name = Value::text("n".repeat(1 << 20)));
        add(&|it| it.name = Value::text("n".repeat(1 << 19)));
        add(&|it| it.name = Value::text("n".repeat(1 << 19)));
        sorts
    }

    fn packed(of: &[Resource]) -> Resources {
        let mut resources = Resources::default();
        of.iter().for_each(|resource| resources.pack(resource.clone()));
        resources
    }

    fn told(resource: &Resource) -> String {
        let properties: Vec<_> = resource.properties.iter().collect();
        let rest = Resource { properties: Held::default(), ..resource.clone() };
        format!("{properties:?} {rest:?}")
    }

    fn all(resources: &Resources) -> Vec<String> {
        resources.iter().map(|resource| told(&resource)).collect()
    }

    #[test]
    fn what_is_packed_is_what_it_was() {
        let sorts = sorts();
        let resources = packed(&sorts);
        assert_eq!(all(&resources), sorts.iter().map(told).collect::<Vec<_>>());
        // Half of them are usual.
        let whole = (0..sorts.len()).filter(|at| resources.kept(*at).is_some()).count();
        assert!(whole < sorts.len() / 2, "{whole}");
        for (at, one) in sorts.iter().enumerate() {
            let here = resources.whereabouts(at).unwrap();
            assert_eq!(here.resource_type, &one.resource_type);
            assert!(here.account.is_identical(&one.account) && here.region.is_identical(&one.region));
            assert_eq!(resources.origin(at), Some(one.origin));
            assert_eq!(resources.arn(at).as_deref(), one.arn.as_text());
            for name in ["id", "arn", "name", "type", "account", "region", "tags", "captured", "?"] {
                assert!(resources.header(at, name).unwrap().is_identical(&one.header(name)), "{at} {name}");
            }
            let names = one.properties.iter().map(|(name, _)| name.to_string()).chain(["Other".to_owned()]);
            for name in names {
                assert!(resources.property(at, &name).unwrap().is_identical(&one.property(&name)), "{at} {name}");
            }
        }
        assert!(resources.get(sorts.len()).is_none() && resources.property(sorts.len(), "Size").is_none());
    }

    #[test]
    fn many_are_kept_as_they_are() {
        let many: Vec<Resource> = (0..3000).map(resource).collect();
        let mut resources = Resources::from(many.clone());
        resources.append(packed(&many));
        resources.append(Resources::from(many.clone()));
        resources.get_mut(4000).unwrap().blank = None;
        let meant: Vec<String> = many.iter().chain(&many).chain(&many).map(told).collect();
        assert_eq!(all(&resources), meant);
    }

    #[test]
    fn they_are_appended_changed_and_left_out() {
        let sorts = sorts();
        let mut resources = packed(&sorts);
        resources.append(packed(&sorts[3..]));
        resources.pack(sorts[1].clone());
        resources.close();
        let mut meant: Vec<Resource> = sorts.iter().chain(&sorts[3..]).chain([&sorts[1]]).cloned().collect();
        assert_eq!(all(&resources), meant.iter().map(told).collect::<Vec<_>>());
        for at in [0, 41, meant.len() - 1] {
            resources.get_mut(at).unwrap().blank = Some(Unknown::new(Reason::Stale, "old"));
            meant[at].blank = Some(Unknown::new(Reason::Stale, "old"));
        }
        resources.retain(|at| at % 3 != 1);
        let meant: Vec<Resource> =
            meant.into_iter().enumerate().filter(|(at, _)| at % 3 != 1).map(|(_, resource)| resource).collect();
        assert_eq!(all(&resources), meant.iter().map(told).collect::<Vec<_>>());
        let vec = resources.into_vec();
        assert!(vec.iter().map(told).eq(meant.iter().map(told)));
        assert_eq!(Resources::from(vec.clone()).into_vec().len(), vec.len());
    }
}
