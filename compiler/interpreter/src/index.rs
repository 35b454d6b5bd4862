//! Resources by a text of theirs, for joins and references.

use std::sync::{Arc, RwLock};

use parapet_model::{Name, ResourceId, Symbol, Value, is_dynamic};
use rustc_hash::FxHashMap;

/// Indexes by what they are for, built when they are first asked for.
pub(crate) type Cache<K, V = Index> = RwLock<FxHashMap<K, Arc<V>>>;

/// The index of a key.
pub(crate) fn cached<K: std::hash::Hash + Eq, V>(cache: &Cache<K, V>, key: K, build: impl FnOnce() -> V) -> Arc<V> {
    if let Some(index) = cache.read().ok().and_then(|cache| cache.get(&key).cloned()) {
        return index;
    }
    let index = Arc::new(build());
    if let Ok(mut cache) = cache.write() {
        cache.insert(key, index.clone());
    }
    index
}

/// Resources by a text; those whose text is not known may have any.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_text: FxHashMap<Arc<str>, Vec<ResourceId>>,
    /// Those whose text may be any.
    pub(crate) undecided: Vec<ResourceId>,
    /// Of the undecided, those whose text is one of a family: by that, and by whose it is.
    families: FxHashMap<Family, FxHashMap<Arc<str>, Vec<ResourceId>>>,
    /// Of the undecided, all others.
    strangers: Vec<ResourceId>,
}

/// [`parapet_model::Attribute::family`].
type Family = (Name, Name, Option<String>);

fn family_of(symbol: &Symbol) -> Option<(Family, &Arc<str>)> {
    let attribute = symbol.alone()?;
    let (ty, name, input) = attribute.family()?;
    Some(((ty.clone(), name.clone(), input.map(str::to_owned)), &attribute.owner))
}

impl Index {
    /// The resources with exactly this text.
    pub(crate) fn get(&self, text: &str) -> &[ResourceId] {
        self.by_text.get(text).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn add(&mut self, id: ResourceId, value: &Value) {
        match value {
            Value::Text(text) => {
                self.by_text.entry(text.clone()).or_default().push(id);
                if is_dynamic(text) {
                    self.undecided.push(id);
                    self.strangers.push(id);
                }
            }
            Value::Int(int) => self.by_text.entry(int.to_string().into()).or_default().push(id),
            Value::Absent => {}
            _ => {
                self.undecided.push(id);
                let symbol = match value {
                    Value::Unknown(unknown) => unknown.symbol(),
                    _ => None,
                };
                match symbol.and_then(|symbol| family_of(symbol)) {
                    Some((family, owner)) => {
                        self.families.entry(family).or_default().entry(owner.clone()).or_default().push(id);
                    }
                    None => self.strangers.push(id),
                }
            }
        }
    }

    /// The resources whose text may be one that is not known yet, in no order; `None` for all that have any.
    pub(crate) fn that_may_be(&self, symbol: &Symbol) -> Option<Vec<ResourceId>> {
        let (family, owner) = family_of(symbol)?;
        let mut ids = self.strangers.clone();
        ids.extend(self.by_text.iter().filter(|(text, _)| symbol.may_be(text)).flat_map(|(_, ids)| ids));
        let others = self.families.iter().filter(|(other, _)| **other != family);
        ids.extend(others.flat_map(|(_, owners)| owners.values().flatten()));
        ids.extend(self.families.get(&family).and_then(|owners| owners.get(owner)).into_iter().flatten());
        Some(ids)
    }
}

/// Resources by a text that references name them by. A name is often one of many accounts, and a reference is mostly to the
/// own one.
#[derive(Debug, Default)]
pub(crate) struct References {
    all: Index,
    by_account: FxHashMap<Arc<str>, Index>,
    /// Those whose account is not known.
    placeless: Index,
}

impl References {
    pub(crate) fn add(&mut self, id: ResourceId, value: &Value, account: &Value) {
        self.all.add(id, value);
        match account {
            Value::Text(account) => self.by_account.entry(account.clone()).or_default().add(id, value),
            _ => self.placeless.add(id, value),
        }
    }

    /// The indexes that have all resources which may lie in an account; without one, all resources.
    pub(crate) fn of(&self, account: Option<&str>) -> impl Iterator<Item = &Index> + Clone {
        let (first, second) = match account {
            Some(account) => (self.by_account.get(account), Some(&self.placeless)),
            None => (Some(&self.all), None),
        };
        first.into_iter().chain(second)
    }
}
