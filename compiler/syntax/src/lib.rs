//! Parapet text to trees and errors.
//!
//! [`split()`] cuts a file into items, [`parse`] reads one of them: a scanner makes tokens of the text and finds where
//! statements end, pest matches the tokens against `grammar.pest`, and a builder makes the [`Tree`]; of an item that does
//! not match, the parts that do are kept. Both always return; what is wrong is in the diagnostics. Names mean nothing yet.
//! [`format()`] writes a file in the one style.

// The code that pest derives names it.
extern crate alloc;

mod build;
mod foreign;
mod format;
mod layout;
mod levels;
mod literals;
mod naming;
mod one_line;
mod pair;
mod parse;
mod recover;
mod split;
mod token;
mod tree;

pub use format::{Formatted, format, format_range, line_edits};
pub use literals::host_bits;
pub use naming::Naming;
pub use one_line::one_line;
pub use parse::{LaidOut, MOST_BYTES, Parsed, parse, parse_literal, too_large};
pub use split::{ItemText, Split, split};
pub use token::is_word_of_language;
pub use tree::{
    Argument, Attribute, BinaryOp, Binding, Counted, Coverage, Expr, ExprId, ExprKind, GivenValue, Ident, Imported,
    ItemKind, Outcome, Path, Quantifier, Statement, StatementKind, Step, StepKind, Target, Template, TemplatePart,
    Tree, TypeExpr, TypeKind, UnaryOp,
};
