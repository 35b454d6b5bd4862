//! Values as the interpreter sees them.
//!
//! A value is present, absent or unknown; an unknown one says which paths were unknown and why. Collections
//! are shared, so that cloning a value is cheap. Text stands for strings, enums, ARNs, account ids and
//! references alike: the static type tells them apart.

use std::net::IpAddr;
use std::sync::Arc;

use indexmap::IndexMap;
use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};

use crate::{Name, Symbol};

/// An index into the world's resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(pub u32);

/// A value of the language.
#[derive(Clone, Debug)]
pub enum Value {
    Absent,
    Unknown(Unknown),
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    Time(Timestamp),
    Duration(SignedDuration),
    Ip(IpAddr),
    Cidr(IpNet),
    List(Arc<Vec<Value>>),
    /// No two elements are equal; in the order of first occurrence.
    Set(Arc<Vec<Value>>),
    Map(Arc<Fields>),
    /// A record; a field that is not here is absent, or empty if it is a collection.
    Record(Arc<Fields>),
    Resource(ResourceId),
    Account(AccountIndex),
    /// A count that undecided elements leave open. Rare, so that it must not make all other values larger.
    Count(Arc<OpenCount>),
}

/// A count of at least `least` and at most `most` (`None`: unbounded).
#[derive(Clone, Debug)]
pub struct OpenCount {
    pub least: i64,
    pub most: Option<i64>,
    pub why: Unknown,
}

/// An index into the world's accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountIndex(pub u32);

/// The fields of a record, by name; the entries of a map. Inventories may have any keys, so that nobody knows what they hash to.
pub type Fields = IndexMap<Name, Value, foldhash::fast::RandomState>;

impl Value {
    pub fn count(least: i64, most: Option<i64>, why: Unknown) -> Value {
        Value::Count(Arc::new(OpenCount { least, most, why }))
    }

    pub fn text(text: impl Into<Arc<str>>) -> Value {
        Value::Text(text.into())
    }

    pub fn list(elements: Vec<Value>) -> Value {
        Value::List(Arc::new(elements))
    }

    pub fn unknown(reason: Reason, why: impl Into<Arc<str>>) -> Value {
        Value::Unknown(Unknown::new(reason, why))
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown(_))
    }

    pub fn is_absent(&self) -> bool {
        matches!(self, Value::Absent)
    }

    /// The text of a [`Value::Text`].
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The first unknown in it, at any depth.
    pub fn unknown_within(&self) -> Option<Unknown> {
        match self {
            Value::Unknown(unknown) => Some(unknown.clone()),
            Value::Count(count) => Some(count.why.clone()),
            Value::List(elements) | Value::Set(elements) => elements.iter().find_map(Value::unknown_within),
            Value::Map(entries) => entries.values().find_map(Value::unknown_within),
            Value::Record(fields) => fields.values().find_map(Value::unknown_within),
            _ => None,
        }
    }

    /// Whether a record that says nothing of it has this value.
    pub fn is_unset(&self) -> bool {
        match self {
            Value::Absent => true,
            Value::List(elements) | Value::Set(elements) => elements.is_empty(),
            Value::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }

    /// An unknown value without what is known of its text: for what is computed from it.
    pub fn opaque(self) -> Value {
        match self {
            Value::Unknown(unknown) => Value::Unknown(unknown.opaque()),
            known => known,
        }
    }

    /// What is known of a text that exists only after deployment.
    pub fn present_symbol(&self) -> Option<&Arc<Symbol>> {
        match self {
            Value::Unknown(unknown) => unknown.symbol().filter(|_| unknown.is_present()),
            _ => None,
        }
    }

    /// Why the end of a list or set is not known, where there may be more elements than are listed.
    pub fn open_end(elements: &[Value]) -> Option<&Unknown> {
        elements.iter().find_map(|element| match element {
            Value::Unknown(unknown) if unknown.is_perhaps() => Some(unknown),
            _ => None,
        })
    }

    /// The elements of a list or set.
    pub fn elements(&self) -> Option<&Arc<Vec<Value>>> {
        match self {
            Value::List(elements) | Value::Set(elements) => Some(elements),
            _ => None,
        }
    }
}

/// The sort of a cause: what may still be learnt of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Not decided yet: known after apply, a parameter without a value.
    Undecided,
    /// The input format cannot show it.
    NotObservable,
    /// A required property that the record lacks.
    NotInRecord,
    /// A value that its type cannot read.
    Unreadable,
    /// A reference whose target is not in this inventory, or is ambiguous.
    NotInInventory,
    /// A resource type that was not collected completely.
    NotCollected,
    /// Older than `--max-age`.
    Stale,
    /// Overflow, division by zero, a result that is not finite.
    Arithmetic,
    /// What a builtin could not decide.
    Other,
}

/// One cause of an unknown: which path, and why.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cause {
    /// The expression whose value was unknown, as the rule writes it; empty until it was read.
    pub path: Arc<str>,
    pub reason: Reason,
    /// The words, such as `known after apply`.
    pub why: Arc<str>,
}

/// Why a value is unknown: one cause or more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unknown {
    causes: Arc<Vec<Cause>>,
    /// What is known of the value all the same; mostly nothing.
    known: Option<Arc<Known>>,
}

/// See [`Unknown`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Known {
    /// What is known of a text that exists only after deployment.
    symbol: Option<Arc<Symbol>>,
    /// There is a value, of which no more is known than that.
    there: bool,
    /// In a list: stands for any number of elements, or none. Elsewhere: for a value, or none.
    perhaps: bool,
}

/// Causes beyond this many say nothing new.
const MOST_CAUSES: usize = 12;

impl Unknown {
    pub fn new(reason: Reason, why: impl Into<Arc<str>>) -> Unknown {
        let causes = Arc::new(vec![Cause { path: "".into(), reason, why: why.into() }]);
        Unknown { causes, known: None }
    }

    fn with(self, change: impl FnOnce(&mut Known)) -> Unknown {
        let mut known = self.known.as_deref().cloned().unwrap_or_default();
        change(&mut known);
        Unknown { known: (known != Known::default()).then(|| Arc::new(known)), ..self }
    }

    /// The last element of a list whose end is not known: whatever else there may be.
    pub fn perhaps(self) -> Unknown {
        self.with(|known| known.perhaps = true)
    }

    /// Whether it stands for any number of elements of a list, or none.
    pub fn is_perhaps(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.perhaps)
    }

    /// A text that exists only after deployment, of which so much is known.
    pub fn standing_for(self, symbol: Symbol) -> Unknown {
        self.with(|known| known.symbol = Some(Arc::new(symbol)))
    }

    /// Of a value that is there, although nothing else is known of it: `if c then "a" else "b"`.
    pub fn present(self) -> Unknown {
        self.with(|known| *known = Known { there: true, ..Known::default() })
    }

    /// Whether there is a value, although nobody knows which: a text that exists after deployment, one of several values.
    pub fn is_present(&self) -> bool {
        self.known.as_ref().is_some_and(|known| (known.there || known.symbol.is_some()) && !known.perhaps)
    }

    /// What is known of a text that exists only after deployment.
    pub fn symbol(&self) -> Option<&Arc<Symbol>> {
        self.known.as_ref()?.symbol.as_ref()
    }

    /// The same unknown of some other value.
    pub fn opaque(self) -> Unknown {
        self.with(|known| *known = Known { perhaps: known.perhaps, ..Known::default() })
    }

    /// [`Value::address`].
    pub(crate) fn address(&self) -> Option<[usize; 2]> {
        let known = self.known.as_ref().map_or(0, |known| Arc::as_ptr(known).addr());
        (Arc::strong_count(&self.causes) > 1).then(|| [Arc::as_ptr(&self.causes).addr(), known])
    }

    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// The first cause's sort.
    pub fn reason(&self) -> Reason {
        self.causes.first().map_or(Reason::Other, |cause| cause.reason)
    }

    /// The words of the first cause.
    pub fn why(&self) -> &str {
        self.causes.first().map_or("unknown", |cause| &cause.why)
    }

    /// Gives the causes that have no path yet this one.
    pub fn at(self, path: &Arc<str>) -> Unknown {
        if self.causes.iter().all(|cause| !cause.path.is_empty()) {
            return self;
        }
        let name = |cause: &Cause| match cause.path.is_empty() {
            true => Cause { path: path.clone(), ..cause.clone() },
            false => cause.clone(),
        };
        Unknown { causes: Arc::new(self.causes.iter().map(name).collect()), ..self }
    }

    /// The causes of both, without repeats, at most twelve.
    pub fn and(&self, other: &Unknown) -> Unknown {
        if Arc::ptr_eq(&self.causes, &other.causes) || self.causes.len() >= MOST_CAUSES {
            return Unknown { causes: self.causes.clone(), known: None };
        }
        let mut causes = self.causes.to_vec();
        for cause in other.causes.iter() {
            if causes.len() < MOST_CAUSES && !causes.contains(cause) {
                causes.push(cause.clone());
            }
        }
        Unknown { causes: Arc::new(causes), known: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An inventory is mostly values.
    #[test]
    fn a_value_takes_three_words() {
        assert_eq!(size_of::<Value>(), 24);
    }

    #[test]
    fn causes_join_without_repeats() {
        let later = Unknown::new(Reason::Undecided, "known after apply").at(&"db.Port".into());
        let other = Unknown::new(Reason::Stale, "stale").at(&"db.Port".into());
        assert_eq!(later.and(&later).causes().len(), 1);
        assert_eq!(later.and(&other).causes().len(), 2);
        assert_eq!(&*later.clone().at(&"x".into()).causes()[0].path, "db.Port");
    }
}
