//! Parts that many values have, held once.
//!
//! Lists of rules and statements are mostly all different, and made of the same few elements.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::{Name, Resource, Value};

/// Records that were met as elements of lists.
#[derive(Debug, Default)]
pub struct Sharing {
    known: HashTable<(u64, Value)>,
    /// By the addresses of the names of types and properties, which all resources of a type share.
    worth: FxHashMap<[usize; 2], Worth>,
}

/// How many elements of a property were looked for, and how many of them were known.
#[derive(Clone, Copy, Debug, Default)]
struct Worth {
    asked: u32,
    found: u32,
}

/// So many elements show whether those of a property are met again.
const TRIED: u32 = 512;

/// So many are known, at most.
const MOST: usize = 1 << 16;

/// Lists of records that hold lists of records, and no deeper.
const DEPTH: u32 = 3;

impl Worth {
    fn is_tried(self) -> bool {
        self.asked < TRIED || self.found > self.asked / 4
    }
}

impl Sharing {
    /// Puts what is known in the place of records that are identical to it, in the lists of a resource that nobody else has.
    pub fn share(&mut self, resource: &mut Resource) {
        let ty = address(&resource.resource_type);
        for (name, value) in resource.properties.iter_mut() {
            let at = [ty, address(name)];
            if !matches!(value, Value::List(_) | Value::Set(_) | Value::Record(_)) {
                continue;
            }
            let mut worth = self.worth.get(&at).copied().unwrap_or_default();
            if worth.is_tried() {
                self.value(value, DEPTH, &mut worth);
                self.worth.insert(at, worth);
            }
        }
    }

    fn value(&mut self, value: &mut Value, depth: u32, worth: &mut Worth) {
        if depth == 0 {
            return;
        }
        match value {
            Value::List(elements) | Value::Set(elements) => {
                let Some(elements) = Arc::get_mut(elements) else { return };
                elements.shrink_to_fit();
                for element in elements.iter_mut().filter(|element| matches!(element, Value::Record(_))) {
                    self.value(element, depth - 1, worth);
                    self.element(element, worth);
                }
            }
            Value::Record(fields) => {
                let Some(fields) = Arc::get_mut(fields) else { return };
                let lists = fields.values_mut().filter(|value| matches!(value, Value::List(_) | Value::Set(_)));
                lists.for_each(|value| self.value(value, depth - 1, worth));
            }
            _ => {}
        }
    }

    fn element(&mut self, element: &mut Value, worth: &mut Worth) {
        let mut hasher = FxBuildHasher.build_hasher();
        element.hash_identity(&mut hasher);
        let hash = hasher.finish();
        worth.asked = worth.asked.saturating_add(1);
        let is_it = |(known, value): &(u64, Value)| *known == hash && value.is_identical(element);
        let room = self.known.len() < MOST;
        match self.known.entry(hash, is_it, |(hash, _)| *hash) {
            Entry::Occupied(known) => {
                worth.found = worth.found.saturating_add(1);
                *element = known.get().1.clone();
            }
            Entry::Vacant(new) if room => drop(new.insert((hash, element.clone()))),
            Entry::Vacant(_) => {}
        }
    }
}

fn address(name: &Name) -> usize {
    Arc::as_ptr(name).cast::<u8>().addr()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::tests::resource;
    use crate::{Fields, Held, Reason, Unknown};

    fn record(port: i64, more: Option<Value>) -> Value {
        let mut fields: Fields = [(Name::from("FromPort"), Value::Int(port))].into_iter().collect();
        fields.extend(more.map(|more| (Name::from("More"), more)));
        Value::Record(Arc::new(fields))
    }

    fn with(names: &Arc<Vec<Name>>, value: Value) -> Resource {
        Resource { properties: Held::of(names.clone(), vec![value]), ..resource(1) }
    }

    fn elements(resource: &Resource) -> Vec<usize> {
        let Some(Value::List(elements)) = resource.properties.get("Rules") else { panic!("a list") };
        let address = |element: &Value| match element {
            Value::Record(fields) => Arc::as_ptr(fields).addr(),
            _ => 0,
        };
        elements.iter().map(address).collect()
    }

    #[test]
    fn equal_elements_of_lists_are_one() {
        let names = Arc::new(vec![Name::from("Rules")]);
        let undecided = || Value::Unknown(Unknown::new(Reason::Undecided, "nobody knows"));
        let lists = [
            vec![record(22, None), record(80, None)],
            vec![record(80, None), record(443, None), Value::Int(1)],
            vec![record(22, Some(Value::Absent)), record(22, Some(Value::list(vec![record(80, None)])))],
            vec![record(22, Some(undecided())), record(22, Some(undecided()))],
        ];
        let mut sharing = Sharing::default();
        let shared: Vec<Resource> = lists
            .iter()
            .map(|list| {
                let mut resource = with(&names, Value::list(list.clone().iter().map(deep).collect()));
                sharing.share(&mut resource);
                resource
            })
            .collect();
        for (resource, list) in shared.iter().zip(&lists) {
            assert!(resource.property("Rules").is_identical(&Value::list(list.clone())));
        }
        let [one, two, three, four] = [0, 1, 2, 3].map(|at| elements(&shared[at]));
        assert_eq!((one[1], one[0] == two[0], four[0]), (two[0], false, four[1]));
        assert!(!three.contains(&one[0]) && three[0] != three[1]);
    }

    /// The same, that shares nothing with it.
    fn deep(value: &Value) -> Value {
        match value {
            Value::List(elements) => Value::list(elements.iter().map(deep).collect()),
            Value::Record(fields) => {
                let fields: Fields = fields.iter().map(|(name, value)| (name.clone(), deep(value))).collect();
                Value::Record(Arc::new(fields))
            }
            other => other.clone(),
        }
    }

    #[test]
    fn where_all_are_different_none_is_kept() {
        let names = Arc::new(vec![Name::from("Rules")]);
        let mut sharing = Sharing::default();
        let mut resource = with(&names, Value::Absent);
        for at in 0..5000 {
            resource.properties.insert(Name::from("Rules"), Value::list(vec![record(at, None)]));
            sharing.share(&mut resource);
        }
        assert_eq!(sharing.known.len(), TRIED as usize);
    }
}
