//! Columns of codes: what a property of all resources of a type is, each distinct value once.

use std::hash::Hasher;
use std::sync::{Arc, Mutex, PoisonError};

use parapet_model::Value;
use rustc_hash::{FxHashMap, FxHasher};

use crate::dependence::Key;

/// Codes by row; equal codes stand for values that no rule can tell apart.
#[derive(Debug, Default)]
pub struct Column {
    /// Padded with zeros to whole words of 64 rows.
    pub codes: Vec<u32>,
    /// A row that has each code, by code.
    pub rows: Vec<u32>,
}

/// So many rows show whether a column has equal values.
const TRIED: usize = 512;

impl Column {
    /// A column of `count` rows.
    pub fn of(count: usize, value: impl Fn(usize) -> Value) -> Column {
        let mut column = Column { codes: Vec::with_capacity(padded(count)), rows: Vec::new() };
        let mut values: Vec<Value> = Vec::new();
        let mut known: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
        let mut differ = false;
        for row in 0..count {
            // Names and policies are mostly different: to look for equal ones would take longer than to judge each.
            differ |= row == TRIED && values.len() * 8 > TRIED * 7;
            if differ {
                column.codes.push(column.rows.len() as u32);
                column.rows.push(row as u32);
                continue;
            }
            let value = value(row);
            let mut hasher = FxHasher::default();
            value.hash_identity(&mut hasher);
            let same = known.entry(hasher.finish()).or_default();
            let is_it = |code: &&u32| values.get(**code as usize).is_some_and(|known| known.is_identical(&value));
            let code = same.iter().find(is_it).copied().unwrap_or_else(|| {
                let code = values.len() as u32;
                same.push(code);
                column.rows.push(row as u32);
                values.push(value.clone());
                code
            });
            column.codes.push(code);
        }
        column.codes.resize(padded(count), 0);
        column
    }

    /// A column whose codes stand for pairs of codes.
    pub fn joined(one: &Column, other: &Column, count: usize) -> Column {
        let mut column = Column { codes: Vec::with_capacity(padded(count)), rows: Vec::new() };
        let mut known: FxHashMap<u64, u32> = FxHashMap::default();
        for (row, (a, b)) in one.codes.iter().zip(&other.codes).take(count).enumerate() {
            let code = *known.entry(u64::from(*a) << 32 | u64::from(*b)).or_insert_with(|| {
                column.rows.push(row as u32);
                column.rows.len() as u32 - 1
            });
            column.codes.push(code);
        }
        column.codes.resize(padded(count), 0);
        column
    }

    /// The codes of a word of 64 rows.
    pub fn word(&self, word: usize) -> &[u32] {
        let start = word * 64;
        self.codes.get(start..start + 64).unwrap_or_default()
    }
}

/// The number of rows in whole words.
fn padded(count: usize) -> usize {
    count.next_multiple_of(64)
}

/// What a row has.
type Held<'v> = dyn Fn(usize, &Key) -> Value + Sync + 'v;

/// A column under construction or made.
type Cell = Arc<std::sync::OnceLock<Arc<Column>>>;

/// The resources of one type, with their columns, which are made when they are first asked for.
pub struct Table<'v> {
    count: usize,
    value: Box<Held<'v>>,
    columns: Mutex<FxHashMap<Vec<Key>, Cell>>,
}

impl<'v> Table<'v> {
    /// A table of so many rows; `value` says what a row has.
    pub fn new(count: usize, value: impl Fn(usize, &Key) -> Value + Sync + 'v) -> Table<'v> {
        Table { count, value: Box::new(value), columns: Mutex::default() }
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The number of words of 64 rows.
    pub fn words(&self) -> usize {
        self.count.div_ceil(64)
    }

    /// The column of some keys together; without any all rows are alike.
    pub fn column(&self, keys: &[Key]) -> Arc<Column> {
        let cell = {
            let mut columns = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
            columns.entry(keys.to_vec()).or_default().clone()
        };
        cell.get_or_init(|| Arc::new(self.made(keys))).clone()
    }

    fn made(&self, keys: &[Key]) -> Column {
        match keys.split_last() {
            None => Column::of(self.count, |_| Value::Absent),
            Some((key, [])) => Column::of(self.count, |row| (self.value)(row, key)),
            Some((key, others)) => {
                let last = self.column(std::slice::from_ref(key));
                Column::joined(&self.column(others), &last, self.count)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_equal_codes_and_a_row() {
        let values = ["a", "b", "a", "c", "b"];
        let column = Column::of(values.len(), |row| Value::text(values[row]));
        assert_eq!(column.codes.len(), 64);
        assert_eq!(column.codes[..5], [0, 1, 0, 2, 1]);
        assert_eq!(column.rows, [0, 1, 3]);
    }

    #[test]
    fn where_nearly_all_differ_each_row_has_a_code_of_its_own() {
        let column = Column::of(2000, |row| Value::Int(if row < 600 { row as i64 } else { 7 }));
        assert_eq!(column.rows.len(), 2000);
        let column = Column::of(9000, |row| Value::Int((row * row % 7001 % 900) as i64));
        assert!(column.rows.len() <= 900);
    }

    #[test]
    fn several_keys_are_told_apart_together() {
        let value = |row: usize, key: &Key| match key {
            Key::Property(_) => Value::Int((row % 2) as i64),
            Key::Header(_) => Value::Int((row % 3) as i64),
        };
        let table = Table::new(12, value);
        let column = table.column(&[Key::Property("A".into()), Key::Header("region".into())]);
        assert_eq!(column.rows.len(), 6);
        assert_eq!(column.codes[0], column.codes[6]);
        assert_ne!(column.codes[0], column.codes[3]);
        assert_eq!(table.column(&[]).rows, [0]);
    }
}
