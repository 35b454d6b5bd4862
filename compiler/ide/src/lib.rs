//! What editors ask of rules: plain data out, no types of a protocol.
//!
//! Each feature is a function over the database, a file and an offset in bytes; it asks the queries of
//! `parapet-semantic` and keeps nothing. Long loops stop when the text changes: salsa unwinds them.

mod actions;
mod completion;
mod fields;
#[cfg(test)]
mod fixture;
mod formatting;
mod hints;
mod hover;
mod lenses;
mod lexical;
mod lints;
mod manifests;
mod moves;
mod names;
mod navigation;
mod places;
mod positions;
mod ranges;
mod rename;
mod scopes;
mod signatures;
mod symbols;
#[cfg(test)]
mod tests;
mod tokens;

pub use actions::{Action, ActionKind, actions};
pub use completion::{Completion, Completions, Field, Held, Offer, completions, completions_with, documentation};
pub use formatting::{formatted, formatted_range};
pub use hints::{Hint, hints};
pub use hover::{Hover, hover};
pub use lenses::{Lens, LensAt, Link, lenses, links, uses};
pub use lints::{Fix, file_of, fixes, label_places};
pub use manifests::{InManifest, ManifestEntry};
pub use moves::{Move, move_links, move_module};
pub use navigation::{Reference, Target, definition, highlights, references, type_definition};
pub use parapet_base::{Diagnostic, Edit, Level, Span, codes};
pub use parapet_semantic::{Db, SourceFile, Workspace};
pub use parapet_syntax::{MOST_BYTES, too_large};
pub use places::Place;
pub use positions::{Encoding, LineColumn, Lines, lines};
pub use ranges::{Fold, FoldKind, folds, selections};
pub use rename::{Renaming, prepare_rename, rename};
pub use signatures::{Call, Callable, call};
pub use symbols::{Entry, Kind, outline, search};
pub use tokens::{Token, TokenKind, tokens};
