//! What editors ask of rules: plain data out, no types of a protocol.
//!
//! Each feature is a function over the database, a file and an offset in bytes; it asks the queries of
//! `parapet-semantic` and keeps nothing. Long loops stop when the text changes: salsa unwinds them.

mod completion;
mod fields;
#[cfg(test)]
mod fixture;
mod formatting;
mod hover;
mod lints;
mod names;
mod navigation;
mod places;
mod positions;
mod scopes;
mod symbols;

pub use completion::{Completion, Completions, Offer, completions, documentation};
pub use formatting::{formatted, formatted_range};
pub use hover::{Hover, hover};
pub use lints::{Fix, file_of, fixes, label_places};
pub use navigation::{Reference, Target, definition, highlights, references, type_definition};
pub use parapet_base::{Diagnostic, Edit, Level, Span, codes};
pub use parapet_semantic::{Db, SourceFile, Workspace};
pub use parapet_syntax::{MOST_BYTES, too_large};
pub use places::Place;
pub use positions::{Encoding, LineColumn, Lines, lines};
pub use symbols::{Entry, Kind, outline, search};
