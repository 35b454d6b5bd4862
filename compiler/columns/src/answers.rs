//! What the atoms of a program say, for each distinct value once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::atom::Atom;
use crate::column::{Column, Table};
use crate::program::Program;

/// Bits of an answer: it can be true, it can be false. None of them: not asked yet.
const TRUE: u8 = 0b10;
const FALSE: u8 = 0b01;
/// The answer of what nobody knows.
pub const UNKNOWN: u8 = TRUE | FALSE;

/// Knows what atoms mean.
pub trait Oracle: Sync {
    /// The truth of an atom of a program for the resource of a row.
    fn ask(&self, atom: &Atom, row: usize) -> u8;
}

impl Atom {
    /// The answer for a truth: `None` stands for what is not known.
    pub fn answer(truth: Option<bool>) -> u8 {
        match truth {
            Some(true) => TRUE,
            Some(false) => FALSE,
            None => UNKNOWN,
        }
    }
}

/// The answers of one atom over one table.
#[derive(Debug)]
struct Asked {
    /// `None`: every resource is asked for itself.
    column: Option<Arc<Column>>,
    /// By code.
    known: Vec<AtomicU8>,
}

/// The answers of a program over one table. Threads share them: who needs one first asks for it.
#[derive(Debug)]
pub struct Answers {
    atoms: Vec<Asked>,
}

impl Answers {
    /// Nothing asked yet; the columns that atoms need are made.
    pub fn new(program: &Program, table: &Table<'_>) -> Answers {
        let asked = |atom: &Atom| {
            let column = (!atom.open).then(|| table.column(&atom.keys));
            let codes = column.as_ref().map_or(0, |column| column.rows.len());
            Asked { column, known: std::iter::repeat_with(|| AtomicU8::new(0)).take(codes).collect() }
        };
        Answers { atoms: program.atoms.iter().map(asked).collect() }
    }

    /// Where an atom can be true and where it can be false, among the wanted rows of a word.
    pub fn word(&self, program: &Program, atom: u32, oracle: &dyn Oracle, word: usize, want: u64) -> (u64, u64) {
        let Some((atom, asked)) = program.atoms.get(atom as usize).zip(self.atoms.get(atom as usize)) else {
            return (want, want);
        };
        match &asked.column {
            Some(column) => asked.looked_up(column, atom, oracle, word, want),
            None => each(want, |at| oracle.ask(atom, word * 64 + at)),
        }
    }
}

impl Asked {
    fn looked_up(&self, column: &Column, atom: &Atom, oracle: &dyn Oracle, word: usize, want: u64) -> (u64, u64) {
        let codes = column.word(word);
        each(want, |at| {
            let code = codes.get(at).copied().unwrap_or(u32::MAX) as usize;
            let Some(known) = self.known.get(code) else { return UNKNOWN };
            match known.load(Ordering::Relaxed) {
                0 => {
                    let row = column.rows.get(code).copied().unwrap_or(0);
                    let answer = oracle.ask(atom, row as usize);
                    known.store(answer, Ordering::Relaxed);
                    answer
                }
                answer => answer,
            }
        })
    }
}

/// The masks of the answers of the wanted rows.
fn each(mut want: u64, answer: impl Fn(usize) -> u8) -> (u64, u64) {
    let (mut can_hold, mut can_fail) = (0u64, 0u64);
    while want != 0 {
        let at = want.trailing_zeros();
        want &= want - 1;
        let answer = u64::from(answer(at as usize));
        can_hold |= (answer >> 1 & 1) << at;
        can_fail |= (answer & 1) << at;
    }
    (can_hold, can_fail)
}
