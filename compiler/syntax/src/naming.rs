//! What an expression names by itself, apart from what its parts name.
//!
//! Who asks for names needs no list of the constructs without any: it stands here, without a catch-all, so that a new
//! construct says what it names.

use crate::tree::{Argument, ExprId, ExprKind, Ident, Path, TypeExpr};

/// What an expression names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Naming<'t> {
    /// A value, by its path.
    Value(&'t Path),
    /// A function, by its path, with the arguments that may be named.
    Call {
        callee: &'t Path,
        arguments: &'t [Argument],
    },
    /// A relation, by its path.
    Relation(&'t Path),
    /// A field of a value.
    Field {
        base: ExprId,
        name: &'t Ident,
    },
    /// A method of a value, with the arguments that may be named.
    Method {
        name: &'t Ident,
        arguments: &'t [Argument],
    },
    /// A type.
    Type(&'t TypeExpr),
    /// The fields of the record that it makes.
    Fields(&'t [(Ident, ExprId)]),
    Nothing,
}

impl<'t> Naming<'t> {
    /// The path that the expression itself is, calls or relates by.
    pub fn path(self) -> Option<&'t Path> {
        match self {
            Naming::Value(path) | Naming::Call { callee: path, .. } | Naming::Relation(path) => Some(path),
            Naming::Field { .. } | Naming::Method { .. } | Naming::Type(_) | Naming::Fields(_) | Naming::Nothing => {
                None
            }
        }
    }
}

impl ExprKind {
    /// What the expression names by itself.
    pub fn naming(&self) -> Naming<'_> {
        match self {
            ExprKind::Path(path) => Naming::Value(path),
            ExprKind::Call { callee, arguments } => Naming::Call { callee, arguments },
            ExprKind::Related { relation, .. } => Naming::Relation(relation),
            ExprKind::Field { base, name, .. } => Naming::Field { base: *base, name },
            ExprKind::Method { name, arguments, .. } => Naming::Method { name, arguments },
            ExprKind::Cast { ty, .. } | ExprKind::IsType { ty, .. } => Naming::Type(ty),
            ExprKind::Record { entries, string_keys: false } => Naming::Fields(entries),
            ExprKind::Record { string_keys: true, .. }
            | ExprKind::Error
            | ExprKind::Salvaged(_)
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Text(_)
            | ExprKind::Duration(_)
            | ExprKind::Time(_)
            | ExprKind::Ip(_)
            | ExprKind::Cidr(_)
            | ExprKind::Now
            | ExprKind::Index { .. }
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::In { .. }
            | ExprKind::Range { .. }
            | ExprKind::Matches { .. }
            | ExprKind::IsPresent { .. }
            | ExprKind::Quantified { .. }
            | ExprKind::Counted { .. }
            | ExprKind::Comprehension { .. }
            | ExprKind::If { .. }
            | ExprKind::List(_)
            | ExprKind::Block { .. } => Naming::Nothing,
        }
    }
}
