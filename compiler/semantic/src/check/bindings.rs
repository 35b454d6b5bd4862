//! Quantifiers, `count`, `first`, comprehensions: whatever binds a name to the elements of a collection.

use parapet_base::{Diagnostic, Span, codes};
use parapet_model::Type;
use parapet_syntax::{Binding, Counted, ExprId, Quantifier};

use super::ties::Place;
use super::{Checker, Fact};
use crate::typed::{Typed, TypedBinding, TypedKind};

impl Checker<'_, '_> {
    /// The source of a binding and the type of its elements.
    pub(super) fn source(&mut self, source: ExprId) -> (Typed, Type) {
        let negative = std::mem::replace(&mut self.negative, false);
        let value = self.expr(source, None);
        let value = self.present(value);
        self.negative = negative;
        let element = match value.ty.element() {
            Some(element) => element.clone(),
            None if value.ty == Type::Error => Type::Error,
            None => {
                let mut diagnostic =
                    Diagnostic::new(&codes::INVALID_OPERATION, value.span, format!("`{}` has no elements", value.ty));
                if let Type::Map(_) = value.ty {
                    diagnostic = diagnostic.note("go through a map by its `.keys()` or `.values()`");
                }
                self.error(diagnostic);
                Type::Error
            }
        };
        (value, element)
    }

    /// Binds the element and checks the filter; its facts hold for what follows in the scope.
    pub(super) fn bind_elements(&mut self, binding: &Binding, source: Typed, element: Type) -> TypedBinding {
        let local = self.bind(&binding.name, element);
        let guards = self.touched.clone();
        if let Some(bound) = self.locals.get_mut(local.0 as usize) {
            bound.guards = guards;
        }
        let filter = binding.filter.map(|filter| self.filter(filter));
        TypedBinding { local, source: Box::new(source), filter: filter.map(Box::new) }
    }

    fn filter(&mut self, filter: ExprId) -> Typed {
        let exempt = std::mem::replace(&mut self.exempt, true);
        let condition = self.condition(filter);
        self.exempt = exempt;
        let facts: Vec<Fact> = self.facts(filter, true);
        self.facts.extend(facts);
        condition
    }

    pub(super) fn quantified(&mut self, quantifier: Quantifier, binding: &Binding, body: ExprId, span: Span) -> Typed {
        let (source, element) = self.source(binding.source);
        let (binding, body) = self.in_scope(|cx| {
            let typed = cx.bind_elements(binding, source, element);
            if quantifier == Quantifier::No {
                cx.negative = !cx.negative;
            }
            let value = cx.condition(body);
            if quantifier == Quantifier::No {
                cx.negative = !cx.negative;
            }
            (typed, value)
        });
        self.join_lint(&binding, Some(&body), span);
        self.typed(Type::Bool, span, TypedKind::Quantified { quantifier, binding, body: Box::new(body) })
    }

    pub(super) fn counted(&mut self, what: Counted, binding: &Binding, span: Span) -> Typed {
        let (source, element) = self.source(binding.source);
        let ty = match what {
            Counted::Count => Type::Int,
            Counted::First => element.clone().optional(),
        };
        let binding = self.in_scope(|cx| cx.bind_elements(binding, source, element));
        self.join_lint(&binding, None, span);
        self.typed(ty, span, TypedKind::Counted { what, binding })
    }

    pub(super) fn comprehension(&mut self, element: ExprId, binding: &Binding, span: Span) -> Typed {
        let (source, source_element) = self.source(binding.source);
        let (binding, element) = self.in_scope(|cx| {
            let typed = cx.bind_elements(binding, source, source_element);
            (typed, cx.expr(element, None))
        });
        if element.ty.is_optional() {
            let element = self.present(element);
            return self.typed(Type::list(element.ty.clone()), span, TypedKind::Error);
        }
        self.join_lint(&binding, None, span);
        let ty = Type::list(element.ty.clone());
        self.typed(ty, span, TypedKind::Comprehension { element: Box::new(element), binding })
    }

    /// Warns of a collection of resources that nothing narrows by an equality.
    pub(super) fn join_lint(&mut self, binding: &TypedBinding, body: Option<&Typed>, span: Span) {
        if !matches!(binding.source.kind, TypedKind::Resources(_) | TypedKind::AllResources) {
            return;
        }
        let place = Place { db: self.db, workspace: self.workspace, file: self.file };
        let mut conditions = binding.filter.as_deref().into_iter().chain(body);
        if conditions.any(|condition| place.ties(condition, &[binding.local])) {
            return;
        }
        let message = "every resource of the type is looked at for each resource judged";
        let diagnostic = Diagnostic::new(&codes::JOIN_WITHOUT_EQUALITY, span, message);
        self.error(
            diagnostic.note("an equality on a property of the element, such as `x.Id == y.id`, makes it a join"),
        );
    }
}
