//! The properties that a resource has.

use crate::{Name, Value};

/// Values by name: few of them, so that looking through all is sooner done than finding one in a table.
#[derive(Clone, Debug, Default)]
pub struct Held(Vec<(Name, Value)>);

impl Held {
    /// Room for so many.
    pub fn with_capacity(count: usize) -> Held {
        Held(Vec::with_capacity(count))
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(own, _)| **own == *name).map(|(_, value)| value)
    }

    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a value, in place of any before it.
    pub fn insert(&mut self, name: Name, value: Value) {
        match self.0.iter_mut().find(|(own, _)| *own == name) {
            Some((_, own)) => *own = value,
            None => self.0.push((name, value)),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Name, &mut Value)> {
        self.0.iter_mut().map(|(name, value)| (&*name, value))
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
    }
}
