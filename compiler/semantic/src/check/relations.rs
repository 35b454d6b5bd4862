//! Relations: their declarations, and their uses between operands.
//!
//! A relation is a function of two resources that gives a `Bool`; `a name b` calls it. `a name+ b` goes from resource
//! to resource, so that both sides must be of one type.

use parapet_base::{Diagnostic, Span, codes};
use parapet_model::Type;
use parapet_syntax::{ExprId, Ident, Path, TypeExpr};

use super::Checker;
use crate::names::{DefinitionKind, definition_path, resolve};
use crate::signatures::{Signature, population_of, signature};
use crate::typed::{Typed, TypedItem, TypedKind};

impl Checker<'_, '_> {
    pub(super) fn relation(&mut self, name: &Ident, parameters: &[(Ident, TypeExpr)], body: ExprId) -> TypedItem {
        self.attributes("");
        self.circularity();
        if parameters.len() != 2 {
            let (count, ending) = (parameters.len(), if parameters.len() == 1 { "" } else { "s" });
            let message = format!("the relation `{}` has {count} parameter{ending}, not two", name.text);
            self.report(&codes::BAD_RELATION, name.span, message);
        }
        let mut locals = Vec::new();
        for (parameter, ty) in parameters {
            let span = ty.span;
            let ty = self.type_of(ty);
            if population_of(&ty).is_none() && ty != Type::Error {
                let message = format!("a relation stands between resources or accounts; `{ty}` is neither");
                self.report(&codes::BAD_RELATION, span, message);
            }
            let local = self.bind(parameter, ty);
            locals.push(local);
        }
        let body = self.condition(body);
        self.unused();
        TypedItem::Function { parameters: locals, body }
    }

    /// `left relation right`, or with `closed` `left relation+ right`.
    pub(super) fn related(&mut self, relation: &Path, closed: bool, sides: [ExprId; 2], span: Span) -> Typed {
        let definition = match resolve(self.db, self.workspace, self.file, relation) {
            Ok(definition) => definition,
            Err(error) => {
                let diagnostic = self.name_error(relation, error);
                self.name_reported(
                    diagnostic.note("a name between two operands is a relation; is an operator missing?"),
                );
                return self.unrelated(sides, span);
            }
        };
        let signature = signature(self.db, self.workspace, definition.item);
        match (&*signature, definition.kind) {
            (Signature::Relation { sides: Some(types), deprecated }, _) => {
                if let Some(instead) = deprecated {
                    let message = format!("`{}` is deprecated: {instead}", relation.text());
                    let diagnostic = Diagnostic::new(&codes::DEPRECATED_ITEM, relation.span, message);
                    self.error(self.replaced(diagnostic, relation, instead, definition.kind));
                }
                self.not_in_constants(relation.span, "a relation");
                let path = definition_path(self.db, definition.item);
                let [left, right] =
                    [(sides[0], &types[0]), (sides[1], &types[1])].map(|(side, ty)| self.argument(side, ty));
                if !closed {
                    return self.typed(
                        Type::Bool,
                        span,
                        TypedKind::Call { function: path, arguments: vec![left, right] },
                    );
                }
                match population_of(&types[0]).filter(|_| types[0] == types[1]) {
                    Some(by_way_of) => {
                        let (left, right) = (Box::new(left), Box::new(right));
                        self.typed(Type::Bool, span, TypedKind::Closure { relation: path, by_way_of, left, right })
                    }
                    None => {
                        self.not_closed(relation, types);
                        self.typed(Type::Bool, span, TypedKind::Error)
                    }
                }
            }
            (Signature::Relation { sides: None, .. } | Signature::None, _) => self.unrelated(sides, span),
            (_, kind) => {
                let message = format!("the {} `{}` is not a relation", kind.word(), relation.text());
                let mut diagnostic = Diagnostic::new(&codes::INVALID_OPERATION, relation.span, message);
                if kind == DefinitionKind::Function {
                    diagnostic = diagnostic.note(format!("functions are called: `{}(a, b)`", relation.text()));
                }
                self.error(diagnostic);
                self.unrelated(sides, span)
            }
        }
    }

    fn not_closed(&mut self, relation: &Path, [left, right]: &[Type; 2]) {
        if *left != Type::Error && *right != Type::Error {
            let name = relation.text();
            let message =
                format!("`{name}+` goes from one resource to the next, but `{name}` leads from `{left}` to `{right}`");
            self.report(&codes::BAD_RELATION, relation.span, message);
        }
    }

    /// Checks the operands of what is no relation.
    fn unrelated(&mut self, sides: [ExprId; 2], span: Span) -> Typed {
        for side in sides {
            self.expr(side, None);
        }
        self.typed(Type::Bool, span, TypedKind::Error)
    }
}
