//! What a reader delivers, kept to be delivered later.

use parapet_model::{Record, Resource};

use crate::organisation::Fact;
use crate::sink::{Addition, Collected, Gap, Sink, Skip};

/// Something that a reader delivers.
pub enum Delivered {
    Record(Box<Record>),
    Typed(Box<Resource>),
    Collected(Collected),
    Incomplete(Gap),
    Deleted(Box<Record>),
    Ended(Box<Record>),
    Added(Addition),
    Skipped(Skip),
    Told(Fact),
}

impl Delivered {
    pub fn into(self, sink: &mut dyn Sink) {
        match self {
            Delivered::Record(record) => sink.record(*record),
            Delivered::Typed(typed) => sink.typed(typed),
            Delivered::Collected(collected) => sink.collected(collected),
            Delivered::Incomplete(gap) => sink.incomplete(gap),
            Delivered::Deleted(record) => sink.deleted(*record),
            Delivered::Ended(record) => sink.ended(*record),
            Delivered::Added(addition) => sink.added(addition),
            Delivered::Skipped(skip) => sink.skipped(skip),
            Delivered::Told(fact) => sink.told(fact),
        }
    }
}

/// A sink of everything that is delivered, one after the other.
pub struct Taking<F: FnMut(Delivered)>(pub F);

impl<F: FnMut(Delivered)> Sink for Taking<F> {
    fn record(&mut self, record: Record) {
        (self.0)(Delivered::Record(Box::new(record)));
    }

    fn typed(&mut self, typed: Box<Resource>) {
        (self.0)(Delivered::Typed(typed));
    }

    fn collected(&mut self, collected: Collected) {
        (self.0)(Delivered::Collected(collected));
    }

    fn incomplete(&mut self, gap: Gap) {
        (self.0)(Delivered::Incomplete(gap));
    }

    fn deleted(&mut self, record: Record) {
        (self.0)(Delivered::Deleted(Box::new(record)));
    }

    fn ended(&mut self, record: Record) {
        (self.0)(Delivered::Ended(Box::new(record)));
    }

    fn added(&mut self, addition: Addition) {
        (self.0)(Delivered::Added(addition));
    }

    fn skipped(&mut self, skip: Skip) {
        (self.0)(Delivered::Skipped(skip));
    }

    fn told(&mut self, fact: Fact) {
        (self.0)(Delivered::Told(fact));
    }
}
