//! The properties that a resource has.

use std::sync::Arc;

use crate::{Name, Value};

/// Values by name: few of them, so that looking through all is sooner done than finding one in a table. Resources that have
/// the same properties share the names.
#[derive(Clone, Debug, Default)]
pub struct Held {
    names: Option<Arc<Vec<Name>>>,
    /// In the order of the names.
    values: Vec<Value>,
}

impl Held {
    /// Room for so many.
    pub fn with_capacity(count: usize) -> Held {
        Held { names: Some(Arc::new(Vec::with_capacity(count))), values: Vec::with_capacity(count) }
    }

    /// One value for each of these names, which must differ.
    pub fn of(names: Arc<Vec<Name>>, values: Vec<Value>) -> Held {
        debug_assert_eq!(names.len(), values.len());
        Held { names: Some(names), values }
    }

    pub(crate) fn shared_names(&self) -> Arc<Vec<Name>> {
        self.names.clone().unwrap_or_default()
    }

    fn names(&self) -> &[Name] {
        self.names.as_ref().map_or(&[], |names| names.as_slice())
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(self.names().iter().position(|own| **own == *name)?)
    }

    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a value, in place of any before it.
    pub fn insert(&mut self, name: Name, value: Value) {
        let at = self.names().iter().position(|own| *own == name);
        match at.and_then(|at| self.values.get_mut(at)) {
            Some(own) => *own = value,
            None => {
                Arc::make_mut(self.names.get_or_insert_default()).push(name);
                self.values.push(value);
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.names().iter().zip(&self.values)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Name, &mut Value)> {
        let names = self.names.as_ref().map_or(&[][..], |names| names.as_slice());
        names.iter().zip(&mut self.values)
    }
}

impl FromIterator<(Name, Value)> for Held {
    fn from_iter<I: IntoIterator<Item = (Name, Value)>>(values: I) -> Held {
        let values = values.into_iter();
        let mut held = Held::with_capacity(values.size_hint().0);
        values.for_each(|(name, value)| held.insert(name, value));
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_name_stays() {
        let mut held: Held =
            [("A", 1), ("B", 2), ("A", 3)].map(|(name, int)| (name.into(), Value::Int(int))).into_iter().collect();
        assert!(matches!(held.get("A"), Some(Value::Int(3))));
        held.insert("B".into(), Value::Absent);
        assert!(held.get("B").is_some_and(Value::is_absent) && !held.contains("C"));
        assert_eq!(held.iter().count(), 2);
        // What shares its names with others keeps them to itself when it gets one more.
        let names = Arc::new(vec!["A".into(), "B".into()]);
        let shared = || Held::of(names.clone(), vec![Value::Int(1), Value::Int(2)]);
        let (one, mut other) = (shared(), shared());
        other.insert("C".into(), Value::Absent);
        assert!(other.contains("C") && !one.contains("C") && one.iter().count() == 2);
    }
}
