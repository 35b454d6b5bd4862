//! What an evaluation read, for explanations.

use std::sync::Arc;

use parapet_model::{Name, ResourceId, Value};
use rustc_hash::FxHashSet;

/// A step from a resource to a value in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    Property(Name),
    Index(usize),
    /// A field of the header, which stands in the record's envelope.
    Header(Name),
}

/// Where a value stands in the world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub resource: ResourceId,
    pub path: Vec<Step>,
}

/// A value that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The expression, as the rule writes it.
    pub text: Arc<str>,
    pub value: Value,
    pub place: Option<Place>,
}

/// The reads so far; those that turn out not to matter are cut off again.
#[derive(Debug, Default)]
pub(crate) struct Tracer {
    pub(crate) reads: Vec<Read>,
}

/// More reads than this explain nothing.
const MOST_READS: usize = 4096;

impl Tracer {
    pub(crate) fn mark(&self) -> usize {
        self.reads.len()
    }

    /// Forgets the reads of a range: they did not decide.
    pub(crate) fn forget(&mut self, from: usize, to: usize) {
        let to = to.min(self.reads.len());
        if from < to {
            self.reads.drain(from..to);
        }
    }

    /// Puts the reads of a range behind those that follow: they say less of why.
    pub(crate) fn put_last(&mut self, from: usize, to: usize) {
        if let Some(reads) = self.reads.get_mut(from..)
            && from < to
            && to - from <= reads.len()
        {
            reads.rotate_left(to - from);
        }
    }

    pub(crate) fn read(&mut self, read: Read) {
        if self.reads.len() < MOST_READS {
            self.reads.push(read);
        }
    }

    /// The reads since a mark, each place and text once.
    pub(crate) fn since(&self, mark: usize) -> Vec<Read> {
        let mut known: FxHashSet<(&str, Option<&Place>)> = FxHashSet::default();
        let reads = self.reads.iter().skip(mark);
        reads.filter(|read| known.insert((&*read.text, read.place.as_ref()))).cloned().collect()
    }
}
