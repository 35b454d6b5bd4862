//! What machine code is called with, and what it calls.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use parapet_columns::{Answers, Oracle, Program};

/// Masks of a word: where a `skip if` holds, where nobody knows, where a requirement is false, where it is unknown.
pub(crate) type Out = [u64; 4];

/// Asks an atom of the wanted resources of a word; writes where it can be true and where it can be false.
type Ask = unsafe extern "C" fn(context: *const Context<'_>, atom: u64, word: u64, want: u64, answer: *mut [u64; 2]);

/// Judges a word.
pub(crate) type Entry =
    unsafe extern "C" fn(context: *const Context<'_>, word: u64, live: u64, unsure: u64, out: *mut Out);

/// Everything that machine code needs to know of the run. The pointer comes first: code reads it from there.
#[repr(C)]
pub(crate) struct Context<'c> {
    ask: Ask,
    program: &'c Program,
    answers: &'c Answers,
    oracle: &'c dyn Oracle,
    /// An atom could not be asked.
    broken: Cell<bool>,
}

impl<'c> Context<'c> {
    pub(crate) fn new(program: &'c Program, answers: &'c Answers, oracle: &'c dyn Oracle) -> Context<'c> {
        Context { ask, program, answers, oracle, broken: Cell::new(false) }
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken.get()
    }
}

/// See [`Ask`]. A panic must not pass through machine code: it is noted, and the word is judged anew by whoever called.
///
/// # Safety
/// `context` and `answer` point to what [`crate::Compiled::judge`] made for the call, for as long as it lasts.
unsafe extern "C" fn ask(context: *const Context<'_>, atom: u64, word: u64, want: u64, answer: *mut [u64; 2]) {
    // SAFETY: machine code hands on the pointer that `judge` called it with, which is valid and only read.
    let context = unsafe { &*context };
    let asked = catch_unwind(AssertUnwindSafe(|| {
        context.answers.word(context.program, atom as u32, context.oracle, word as usize, want)
    }));
    let (can_hold, can_fail) = asked.unwrap_or_else(|_| {
        context.broken.set(true);
        (want, want)
    });
    // SAFETY: machine code hands on the address of its own stack slot of sixteen bytes, which nothing else refers to.
    unsafe { *answer = [can_hold, can_fail] };
}
