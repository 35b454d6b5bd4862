//! What is tried on a text, stage by stage.
//!
//! A target keeps what is costly to make (a database with the standard library) from one text to the next, as an editor
//! does, so that it also tries that nothing of an earlier text is left over.

mod check;
mod fix;
mod format;
mod parse;
mod places;
mod records;
mod split;

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

pub use check::Check;
pub use fix::Fix;
pub use format::Format;
pub use parse::ParseItems;
pub use records::Records;
pub use split::SplitFile;

/// What a run did, as hashes: texts that do something new are worth changing further.
#[derive(Clone, Debug, Default)]
pub struct Behaviour(pub Vec<u64>);

impl Behaviour {
    /// Notes something that was seen.
    pub fn saw(&mut self, what: impl Hash) {
        let mut hasher = FxHasher::default();
        what.hash(&mut hasher);
        self.0.push(hasher.finish());
    }
}

/// A promise that a stage broke: which, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub promise: &'static str,
    pub how: String,
}

/// What came of a text.
pub type Tried = Result<Behaviour, Broken>;

/// A stage that texts are tried on.
pub trait Target {
    /// Runs the stage.
    fn try_text(&mut self, text: &str) -> Tried;
}

/// The names of the targets.
pub const NAMES: [&str; 6] = ["split", "parse", "format", "check", "fix", "records"];

/// The target of a name.
pub fn named(name: &str) -> Option<Box<dyn Target>> {
    match name {
        "split" => Some(Box::new(SplitFile)),
        "parse" => Some(Box::new(ParseItems)),
        "format" => Some(Box::new(Format)),
        "check" => Some(Box::new(Check::default())),
        "fix" => Some(Box::new(Fix::default())),
        "records" => Some(Box::new(Records)),
        _ => None,
    }
}

/// A promise as a condition.
fn hold(condition: bool, promise: &'static str, how: impl FnOnce() -> String) -> Result<(), Broken> {
    if condition { Ok(()) } else { Err(Broken { promise, how: how() }) }
}
