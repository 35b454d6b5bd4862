//! What every crate of the toolchain shares: files, spans, diagnostics and the table of their codes.
//!
//! A diagnostic is a value that a query returns; nothing here prints. Spans are byte offsets into one
//! file, or into one item of a file until the item's place is known ([`Span::shift`]).

pub mod codes;
mod diagnostic;
mod nearest;
mod source;

pub use codes::{Code, code_named};
pub use diagnostic::{Applicability, Diagnostic, Edit, Label, Level, Suggestion};
pub use nearest::nearest;
pub use source::{FileId, LineIndex, Position, Span, shown};
