//! Expressions: dispatch, conditions, names and the connectives.

use parapet_base::{Diagnostic, codes};
use parapet_model::Type;
use parapet_syntax::{BinaryOp, ExprId, ExprKind, Path, UnaryOp};

use super::Checker;
use crate::db::SourceFile;
use crate::names::{DefinitionKind, NameError, definition_path, nearest_module, nearest_name, resolve};
use crate::signatures::{Signature, nearest_type, signature};
use crate::typed::{Literal, LocalId, Typed, TypedKind};

impl Checker<'_, '_> {
    /// Checks an expression; `expected` types literals and is no promise.
    pub(super) fn expr(&mut self, id: ExprId, expected: Option<&Type>) -> Typed {
        let value = self.bare_expr(id, expected);
        if !matches!(self.tree.expr(id).kind, ExprKind::Path(_) | ExprKind::Field { .. } | ExprKind::Index { .. }) {
            self.note(id, expected, &value);
            return value;
        }
        let ty = self.narrowed(id, value.ty.clone());
        let value = Typed { ty, ..value };
        self.note(id, expected, &value);
        value
    }

    /// An expression that may be absent where it stands: left of `??`, beside `==`.
    pub(super) fn maybe_absent(&mut self, id: ExprId, expected: Option<&Type>) -> Typed {
        let before = self.may_be_absent.replace(id);
        let value = self.expr(id, expected);
        self.may_be_absent = before;
        value
    }

    /// An expression whose value must be a `wanted`.
    pub(super) fn expr_of(&mut self, id: ExprId, wanted: &Type) -> Typed {
        let value = self.expr(id, Some(wanted));
        self.coerce(value, wanted)
    }

    /// A `Bool` that is present.
    pub(super) fn condition(&mut self, id: ExprId) -> Typed {
        self.expr_of(id, &Type::Bool)
    }

    /// A value that may not be absent.
    pub(super) fn operand(&mut self, id: ExprId) -> Typed {
        let value = self.expr(id, None);
        self.present(value)
    }

    /// An expression before narrowing.
    pub(super) fn bare_expr(&mut self, id: ExprId, expected: Option<&Type>) -> Typed {
        let tree = self.tree;
        let expr = tree.expr(id);
        let span = expr.span;
        let literal = |ty: Type, literal: Literal| Typed { ty, span, kind: TypedKind::Literal(literal) };
        match &expr.kind {
            ExprKind::Error => self.error_at(span),
            ExprKind::Bool(value) => literal(Type::Bool, Literal::Bool(*value)),
            ExprKind::Int(value) => literal(Type::Int, Literal::Int(*value)),
            ExprKind::Float(value) => literal(Type::Float, Literal::Float(*value)),
            ExprKind::Text(text) => literal(Type::String, Literal::Text(text.as_str().into())),
            ExprKind::Duration(value) => literal(Type::Duration, Literal::Duration(*value)),
            ExprKind::Time(value) => literal(Type::Time, Literal::Time(*value)),
            ExprKind::Ip(value) => literal(Type::Ip, Literal::Ip(*value)),
            ExprKind::Cidr(value) => literal(Type::Cidr, Literal::Cidr(*value)),
            ExprKind::Now => {
                self.not_in_constants(span, "`now`");
                self.typed(Type::Time, span, TypedKind::Now)
            }
            ExprKind::Salvaged(start) => {
                self.expr(*start, None);
                self.error_at(span)
            }
            ExprKind::Path(path) => self.path(path),
            ExprKind::Field { base, name, safe } => self.field_access(id, *base, name, *safe, span),
            ExprKind::Index { base, index } => self.index(*base, *index, span),
            ExprKind::Call { callee, arguments } => self.call(callee, arguments, span),
            ExprKind::Method { base, name, arguments, safe } => self.method_call(*base, name, arguments, *safe, span),
            ExprKind::Cast { base, ty } => self.cast(*base, ty, span),
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.not(*operand, span),
            ExprKind::Unary { op: UnaryOp::Negate, operand } => self.negate(*operand, span),
            ExprKind::Binary { op: BinaryOp::And, left, right, .. } => self.connective(*left, *right, true, span),
            ExprKind::Binary { op: BinaryOp::Or, left, right, .. } => self.connective(*left, *right, false, span),
            ExprKind::Binary { op: BinaryOp::Coalesce, left, right, .. } => {
                self.coalesce(*left, *right, expected, span)
            }
            ExprKind::Binary { op, op_span, left, right } => self.binary(*op, *op_span, *left, *right, span),
            ExprKind::In { item, collection, negated, op_span } => {
                self.membership(*item, *collection, *negated, *op_span, span)
            }
            ExprKind::Range { start, .. } => {
                self.report(&codes::SYNTAX, span, "a range stands only right of `in` and `not in`");
                self.expr(*start, None);
                self.error_at(span)
            }
            ExprKind::Matches { text, pattern, pattern_span } => self.matches(*text, pattern, *pattern_span, span),
            ExprKind::Related { relation, closed, left, right } => {
                self.related(relation, *closed, [*left, *right], span)
            }
            ExprKind::IsPresent { base, absent } => self.is_present(*base, *absent, span),
            ExprKind::IsType { base, ty } => self.is_type(*base, ty, span),
            ExprKind::Quantified { quantifier, binding, body } => self.quantified(*quantifier, binding, *body, span),
            ExprKind::Counted { what, binding } => self.counted(*what, binding, span),
            ExprKind::Comprehension { element, binding } => self.comprehension(*element, binding, span),
            ExprKind::If { condition, then, otherwise } => {
                self.if_expr([*condition, *then, *otherwise], expected, span)
            }
            ExprKind::List(elements) => self.list(elements, expected, span),
            ExprKind::Record { entries, string_keys } => self.record(entries, *string_keys, expected, span),
            ExprKind::Block { lets, result } => self.block_expr(lets, *result, expected, span),
        }
    }

    pub(super) fn not_in_constants(&mut self, span: parapet_base::Span, what: &str) {
        if self.constant {
            self.report(
                &codes::NOT_CONSTANT,
                span,
                format!("{what} is not known before the run, so no constant may read it"),
            );
        }
    }

    fn path(&mut self, path: &Path) -> Typed {
        if let Some(name) = path.single()
            && let Some(local) = self.local_named(&name.text)
        {
            return self.read_local(local, path.span);
        }
        let text = path.text();
        if self.given && text == "unknown" {
            return self.typed(Type::Never, path.span, TypedKind::Unknown);
        }
        if let Some(ty) = self.schema.resource_type(&text) {
            self.not_in_constants(path.span, "a collection of resources");
            let names: std::sync::Arc<[parapet_model::Name]> = vec![ty.name.clone()].into();
            let element = Type::Resource(names.clone());
            return self.typed(Type::list(element), path.span, TypedKind::Resources(names));
        }
        match text.as_str() {
            "Resource" => return self.typed(Type::list(Type::AnyResource), path.span, TypedKind::AllResources),
            "Account" => return self.typed(Type::list(Type::Account), path.span, TypedKind::Accounts),
            _ => {}
        }
        match resolve(self.db, self.workspace, self.file, path) {
            Ok(definition) => self.definition(definition, path),
            Err(error) => self.unresolved(path, error),
        }
    }

    fn definition(&mut self, definition: crate::names::Definition<'_>, path: &Path) -> Typed
    where
        Self: Sized,
    {
        let full = definition_path(self.db, definition.item);
        let signature = signature(self.db, self.workspace, definition.item);
        match (&*signature, definition.kind) {
            (Signature::Constant(ty), _) => {
                // The definition comes from this database, so that its item lives as long as the checker's.
                if let Ok(found) = resolve(self.db, self.workspace, self.file, path) {
                    self.constants.insert(full.clone(), found.item);
                }
                self.typed(ty.clone(), path.span, TypedKind::Constant(full))
            }
            (Signature::Parameter(ty), _) => {
                self.not_in_constants(path.span, "a parameter");
                self.typed(ty.clone(), path.span, TypedKind::Parameter(full))
            }
            (Signature::None, _) => self.error_at(path.span),
            (
                _,
                kind @ (DefinitionKind::Function
                | DefinitionKind::Relation
                | DefinitionKind::Guardrail
                | DefinitionKind::Constant
                | DefinitionKind::Parameter),
            ) => {
                let message = format!("the {} `{}` is not a value", kind.word(), path.text());
                self.report(&codes::TYPE_MISMATCH, path.span, message);
                self.error_at(path.span)
            }
        }
    }

    /// Reports a path that means nothing.
    pub(super) fn unresolved(&mut self, path: &Path, error: NameError<'_>) -> Typed {
        let diagnostic = self.name_error(path, error);
        self.name_reported(diagnostic);
        self.error_at(path.span)
    }

    /// Reports a name that means nothing; of a broken import once an item, since its `use` has an error, too.
    pub(super) fn name_reported(&mut self, diagnostic: Diagnostic) {
        let again = |known: &Diagnostic| known.code == diagnostic.code && known.message == diagnostic.message;
        if !diagnostic.message.ends_with(BROKEN_IMPORT) || !self.errors.iter().any(again) {
            self.error(diagnostic);
        }
    }

    /// Whether one more wrong name of this item is worth a search through all names for one that is near.
    fn may_search(&self) -> bool {
        self.errors.len() < MOST_SEARCHED
    }

    /// What is called nearly so: a local before what the module has, and that before the truths and a built-in function.
    fn nearest_of_all(&self, path: &Path, within: Option<SourceFile>) -> Option<String> {
        let name = path.segments.last().map_or("", |name| &name.text);
        let alone = path.segments.len() == 1;
        let mut locals: Vec<(LocalId, &str)> =
            self.scopes.iter().flatten().filter(|_| alone).map(|(name, id)| (*id, name.as_str())).collect();
        locals.sort_unstable();
        parapet_base::nearest(name, locals.into_iter().map(|(_, name)| name))
            .map(str::to_owned)
            .or_else(|| nearest_name(self.db, self.file, within, name))
            .or_else(|| parapet_base::nearest(name, ["true", "false"]).filter(|_| alone).map(str::to_owned))
            .or_else(|| near_function(name))
    }

    /// `== null` and `!= null`: where the comparison stands, and the test that the language has.
    fn tested_for_absence(&self, path: &Path) -> Option<(parapet_base::Span, &'static str)> {
        let name = path.single().filter(|name| ["null", "nil", "none", "None", "undefined"].contains(&&*name.text))?;
        let before = self.source.get(..name.span.start as usize)?.trim_end();
        let test = match before {
            _ if before.ends_with("==") => "is absent",
            _ if before.ends_with("!=") => "is present",
            _ => return None,
        };
        Some((parapet_base::Span::new(before.len() - 2, name.span.end as usize), test))
    }

    pub(super) fn name_error(&self, path: &Path, error: NameError<'_>) -> Diagnostic {
        let text = path.text();
        let last = path.segments.last().map_or(path.span, |name| name.span);
        match error {
            NameError::Unknown { .. } | NameError::UnknownModule { .. } if looks_like_type(&text) => {
                let diagnostic =
                    Diagnostic::new(&codes::UNKNOWN_TYPE, path.span, format!("there is no resource type `{text}`"));
                suggest(diagnostic, path.span, self.may_search().then(|| nearest_type(self.schema, &text)).flatten())
            }
            NameError::Unknown { within } => {
                let nearest = self.may_search().then(|| self.nearest_of_all(path, within)).flatten();
                let message = format!("nothing here is called `{text}`");
                if let Some((span, test)) = self.tested_for_absence(path) {
                    let diagnostic = Diagnostic::new(&codes::UNKNOWN_NAME, last, message);
                    return diagnostic.suggest(span, test, format!("the test is `{test}`"));
                }
                suggest(Diagnostic::new(&codes::UNKNOWN_NAME, last, message), last, nearest)
            }
            NameError::UnknownModule { module } => {
                let nearest = nearest_module(self.db, self.workspace, &module);
                let at =
                    path.segments.iter().rev().nth(1).map_or(path.span, |end| {
                        path.segments.first().map_or(path.span, |first| first.span.to(end.span))
                    });
                suggest(
                    Diagnostic::new(&codes::UNKNOWN_MODULE, at, format!("there is no module `{module}`")),
                    at,
                    nearest,
                )
            }
            NameError::Import => {
                let first = path.segments.first().map_or(path.span, |name| name.span);
                let name = path.segments.first().map_or("", |name| &name.text);
                Diagnostic::new(&codes::UNKNOWN_NAME, first, format!("`{name}`{BROKEN_IMPORT}"))
                    .note("the error of its `use` says why")
            }
            NameError::Private(definition) => {
                let message = format!("the {} `{text}` is private to its module", definition.kind.word());
                let item = definition.item;
                let place = crate::db::parsed(self.db, item)
                    .tree
                    .as_ref()
                    .map_or_else(parapet_base::Span::default, |tree| tree.name_span);
                let place = place.shift(crate::db::item_offset(self.db, item));
                let diagnostic = Diagnostic::new(&codes::PRIVATE_NAME, last, message);
                diagnostic.label_in(item.file(self.db).id(self.db), place, "declared here without `pub`")
            }
        }
    }

    fn connective(&mut self, left: ExprId, right: ExprId, and: bool, span: parapet_base::Span) -> Typed {
        let left_value = self.condition(left);
        let facts = self.facts(left, and);
        let right_value = self.with_facts(facts, |cx| cx.condition(right));
        let (left, right) = (Box::new(left_value), Box::new(right_value));
        let kind = if and { TypedKind::And(left, right) } else { TypedKind::Or(left, right) };
        self.typed(Type::Bool, span, kind)
    }

    fn not(&mut self, operand: ExprId, span: parapet_base::Span) -> Typed {
        let value = self.negating(true, |cx| cx.condition(operand));
        self.typed(Type::Bool, span, TypedKind::Not(Box::new(value)))
    }

    /// Checks what stands under a negation, where there is one.
    pub(super) fn negating<T>(&mut self, negates: bool, check: impl FnOnce(&mut Self) -> T) -> T {
        self.negative ^= negates;
        let value = check(self);
        self.negative ^= negates;
        value
    }

    /// Whether an expression is the literal `true` or `false`.
    pub(super) fn is_bool(&self, expr: ExprId, value: bool) -> bool {
        matches!(self.tree.expr(expr).kind, ExprKind::Bool(literal) if literal == value)
    }

    fn if_expr(
        &mut self,
        [condition, then, otherwise]: [ExprId; 3],
        expected: Option<&Type>,
        span: parapet_base::Span,
    ) -> Typed {
        let negates = self.is_bool(then, false);
        let condition_value = self.negating(negates, |cx| cx.condition(condition));
        let facts = self.facts(condition, true);
        let then = self.with_facts(facts, |cx| cx.expr(then, expected));
        let facts = self.facts(condition, false);
        let otherwise = self.with_facts(facts, |cx| cx.expr(otherwise, expected));
        let Some(ty) = self.joined_type(&then, &otherwise) else {
            let message = format!("the branches differ: `{}` and `{}`", then.ty, otherwise.ty);
            let diagnostic = Diagnostic::new(&codes::TYPE_MISMATCH, otherwise.span, message);
            self.error(diagnostic.label(then.span, format!("this is `{}`", then.ty)));
            return self.error_at(span);
        };
        let (then, otherwise) = (self.coerce(then, &ty), self.coerce(otherwise, &ty));
        let kind = TypedKind::If {
            condition: Box::new(condition_value),
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        };
        self.typed(ty, span, kind)
    }

    /// The type that two values share, whole literals counting as `Float` where the other is one.
    pub(super) fn joined_type(&mut self, a: &Typed, b: &Typed) -> Option<Type> {
        let whole =
            |value: &Typed| value.ty == Type::Int && matches!(value.kind, TypedKind::Literal(_) | TypedKind::Negate(_));
        match (&a.ty, &b.ty) {
            (Type::Float, Type::Int) if whole(b) => Some(Type::Float),
            (Type::Int, Type::Float) if whole(a) => Some(Type::Float),
            (Type::Ref(_), Type::Resource(_)) if self.fits(&a.ty, &b.ty) => Some(b.ty.clone()),
            (Type::Resource(_), Type::Ref(_)) if self.fits(&b.ty, &a.ty) => Some(a.ty.clone()),
            (a, b) => self.join(a, b),
        }
    }

    fn block_expr(
        &mut self,
        lets: &[(parapet_syntax::Ident, ExprId)],
        result: ExprId,
        expected: Option<&Type>,
        span: parapet_base::Span,
    ) -> Typed {
        self.in_scope(|cx| {
            let lets = lets.iter().map(|(name, value)| cx.let_value(name, *value)).collect();
            let result = cx.expr(result, expected);
            cx.typed(result.ty.clone(), span, TypedKind::Block { lets, result: Box::new(result) })
        })
    }

    /// Checks and binds a `let`.
    pub(super) fn let_value(&mut self, name: &parapet_syntax::Ident, value: ExprId) -> (crate::typed::LocalId, Typed) {
        let touched = self.touched.clone();
        let negative = std::mem::replace(&mut self.negative, false);
        let tests = self.optional_tests.len();
        let typed = self.expr(value, None);
        let optional_test = self.optional_tests.get(tests).copied();
        self.optional_tests.truncate(tests);
        self.negative = negative;
        let alias = self.place(value);
        let facts = if typed.ty == Type::Bool {
            [self.facts(value, true), self.facts(value, false)]
        } else {
            Default::default()
        };
        let guards = self.touched.clone();
        let id = self.bind(name, typed.ty.clone());
        if let Some(local) = self.locals.get_mut(id.0 as usize) {
            local.alias = alias;
            local.facts = facts;
            local.optional_test = optional_test.filter(|_| typed.ty == Type::Bool);
            local.guards = guards;
        }
        self.touched.extend(touched);
        (id, typed)
    }
}

/// What is said where a broken import is used.
/// After so many errors of one item no name is searched for that is near to a wrong one.
const MOST_SEARCHED: usize = 100;

const BROKEN_IMPORT: &str = " means nothing here: its import leads nowhere";

/// Whether a path has the form of a resource type, `A::B::C` or `A::B` with capitals.
pub(super) fn looks_like_type(text: &str) -> bool {
    let segments: Vec<&str> = text.split("::").collect();
    segments.len() >= 2
        && segments.iter().all(|segment| segment.starts_with(|letter: char| letter.is_ascii_uppercase()))
}

fn near_function(name: &str) -> Option<String> {
    let names = parapet_builtins::all().iter().filter(|builtin| !builtin.method).map(|builtin| builtin.name);
    parapet_base::nearest(name, names).map(str::to_owned)
}

/// Adds "did you mean".
pub(super) fn suggest(diagnostic: Diagnostic, span: parapet_base::Span, nearest: Option<String>) -> Diagnostic {
    match nearest {
        Some(near) => diagnostic.suggest(span, &near, format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}
