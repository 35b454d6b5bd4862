//! Properties, fields, indexing, `as`, `is`.

use std::sync::Arc;

use parapet_base::{Applicability, Diagnostic, Edit, Span, codes};
use parapet_model::{ARN_FIELDS, Name, Property, Type, account_fields, header_fields, policy_fields};
use parapet_syntax::{ExprId, Ident, TypeExpr};

use super::Checker;
use super::coerce::ref_types;
use super::expr::suggest;
use crate::signatures::read_type;
use crate::typed::{Typed, TypedKind};

impl Checker<'_, '_> {
    pub(super) fn field_access(&mut self, id: ExprId, base: ExprId, name: &Ident, safe: bool, span: Span) -> Typed {
        let base = self.expr(base, None);
        let optional = base.ty.is_optional();
        let value = self.field(base, name, safe, span);
        if optional && value.ty.is_collection() {
            self.empty_when_absent.insert(id);
        }
        value
    }

    /// `base.name` or `base?.name`.
    fn field(&mut self, base: Typed, name: &Ident, safe: bool, span: Span) -> Typed {
        let Type::Optional(inner) = &base.ty else { return self.present_field(base, name, span) };
        let inner = (**inner).clone();
        if inner == Type::Json {
            return self.present_field(Typed { ty: Type::Json, ..base }, name, span);
        }
        if !safe {
            let text = self.text(base.span).to_owned();
            let dot = Span { start: base.span.end, end: base.span.end };
            let diagnostic = Diagnostic::new(
                &codes::OPTIONAL_VALUE,
                base.span,
                format!("`{text}` may be absent: it is `{}`", base.ty),
            );
            let diagnostic = diagnostic.primary("say what absence means with `?.`, `??`, or test `is present` first");
            self.error(diagnostic.suggest(dot, "?", "carry the absence on with `?.`"));
            return self.present_field(Typed { ty: inner, ..base }, name, span);
        }
        self.safe(base, inner, span, |cx, base| cx.present_field(base, name, span))
    }

    /// Carries the absence of `base` over whatever `body` makes of it.
    pub(super) fn safe(
        &mut self,
        base: Typed,
        inner: Type,
        span: Span,
        body: impl FnOnce(&mut Self, Typed) -> Typed,
    ) -> Typed {
        let local = self.hidden_local(inner.clone());
        let read = self.typed(inner, base.span, TypedKind::Local(local));
        let body = body(self, read);
        let ty = if body.ty.is_collection() { body.ty.clone() } else { body.ty.clone().optional() };
        self.typed(ty, span, TypedKind::Safe { base: Box::new(base), local, body: Box::new(body) })
    }

    fn present_field(&mut self, base: Typed, name: &Ident, span: Span) -> Typed {
        let field: Name = name.text.as_str().into();
        match base.ty.clone() {
            Type::Error | Type::Never => self.error_at(span),
            Type::Json => {
                self.typed(Type::Json.optional(), span, TypedKind::Member { base: Box::new(base), name: field })
            }
            Type::Resource(types) => self.property(base, &types, name, span),
            Type::Ref(targets) => {
                let types = ref_types(&targets);
                let resource = self.follow(base, types.clone());
                self.property(resource, &types, name, span)
            }
            Type::AnyResource => self.any_resource_field(base, name, span),
            Type::Account => {
                self.listed_field(base, name, span, account_fields(), |base, name| TypedKind::Header { base, name })
            }
            Type::Policy => {
                self.listed_field(base, name, span, policy_fields(), |base, name| TypedKind::Field { base, name })
            }
            Type::Record(record) => {
                let fields = record.fields.clone();
                self.listed_field(base, name, span, fields, |base, name| TypedKind::Field { base, name })
            }
            Type::Arn => {
                let fields = ARN_FIELDS.iter().map(|field| (Name::from(*field), Type::String)).collect();
                self.listed_field(base, name, span, fields, |base, part| TypedKind::ArnPart { base, part })
            }
            Type::SchemaRecord(named) => self.record_field(base, [&named.owner, &named.record], name, span),
            other => {
                let mut diagnostic = Diagnostic::new(
                    &codes::UNKNOWN_PROPERTY,
                    name.span,
                    format!("`{other}` has no property `{field}`"),
                );
                if let Type::Map(_) = other {
                    let place = Span { start: base.span.end, end: name.span.end };
                    diagnostic = diagnostic.suggest(
                        place,
                        format!("[{:?}]", name.text),
                        "an entry of a map is read with its key in brackets",
                    );
                } else if other.element().is_some() {
                    diagnostic = diagnostic.primary("ask of its elements with `any x in …: …`, or read one with `[0]`");
                }
                self.error(diagnostic);
                self.error_at(span)
            }
        }
    }

    fn any_resource_field(&mut self, base: Typed, name: &Ident, span: Span) -> Typed {
        match header_fields().into_iter().find(|(known, _)| **known == *name.text) {
            Some((field, ty)) => self.typed(ty, span, TypedKind::Header { base: Box::new(base), name: field }),
            None => {
                let message =
                    format!("`Resource` has no property `{}`: only the header is common to all types", name.text);
                let diagnostic = Diagnostic::new(&codes::UNKNOWN_PROPERTY, name.span, message);
                self.error(diagnostic.primary("narrow it first with `is AWS::…`"));
                self.error_at(span)
            }
        }
    }

    fn listed_field(
        &mut self,
        base: Typed,
        name: &Ident,
        span: Span,
        fields: Vec<(Name, Type)>,
        kind: impl FnOnce(Box<Typed>, Name) -> TypedKind,
    ) -> Typed {
        match fields.iter().find(|(known, _)| **known == *name.text) {
            Some((field, ty)) => self.typed(ty.clone(), span, kind(Box::new(base), field.clone())),
            None => self.unknown_field(&base, name, span, fields.iter().map(|(name, _)| name.to_string()).collect()),
        }
    }

    fn unknown_field(&mut self, base: &Typed, name: &Ident, span: Span, known: Vec<String>) -> Typed {
        let nearest = parapet_base::nearest(&name.text, known.iter().map(String::as_str)).map(str::to_owned);
        let message = format!("`{}` has no property `{}`", base.ty, name.text);
        let mut diagnostic = Diagnostic::new(&codes::UNKNOWN_PROPERTY, name.span, message);
        if let TypedKind::Local(id) = &base.kind
            && let Some(local) = self.local(*id).filter(|local| !local.name.is_empty())
        {
            diagnostic = diagnostic.label(local.span, format!("`{}` is `{}`", local.name, local.ty));
        }
        self.error(suggest(diagnostic, name.span, nearest));
        self.error_at(span)
    }

    fn record_field(&mut self, base: Typed, [owner, record]: [&Name; 2], name: &Ident, span: Span) -> Typed {
        let schema = self.schema;
        let Some(properties) = schema.record(owner, record) else { return self.error_at(span) };
        match properties.get(name.text.as_str()) {
            Some(property) => {
                self.property_lints(property, name.span);
                let kind = TypedKind::Field { base: Box::new(base), name: property.name.clone() };
                self.typed(property.value_type(), span, kind)
            }
            None => self.unknown_field(&base, name, span, properties.keys().map(ToString::to_string).collect()),
        }
    }

    fn property_lints(&mut self, property: &Property, span: Span) {
        if property.deprecated {
            self.report(&codes::DEPRECATED_PROPERTY, span, format!("the schema calls `{}` deprecated", property.name));
        }
        if property.write_only {
            let message = format!(
                "only templates and plans can show `{}`: it is write-only, so that inventories leave it unknown",
                property.name
            );
            self.report(&codes::WRITE_ONLY_PROPERTY, span, message);
        }
    }

    /// A header field or a property that all the types share.
    fn property(&mut self, base: Typed, types: &Arc<[Name]>, name: &Ident, span: Span) -> Typed {
        if let Some((field, ty)) = header_fields().into_iter().find(|(known, _)| **known == *name.text) {
            return self.typed(ty, span, TypedKind::Header { base: Box::new(base), name: field });
        }
        let mut joined: Option<Type> = None;
        for resource in types.iter() {
            let schema = self.schema;
            let Some(ty) = schema.resource_type(resource) else { return self.error_at(span) };
            let Some(property) = ty.property(&name.text) else {
                let mut known: Vec<String> = ty.properties.keys().map(ToString::to_string).collect();
                known.extend(header_fields().iter().map(|(name, _)| name.to_string()));
                let lacking = Typed { ty: Type::resource(resource.clone()), ..base };
                return self.unknown_field(&lacking, name, span, known);
            };
            if joined.is_none() || types.len() == 1 {
                self.property_lints(property, name.span);
            }
            let value_type = property.value_type();
            joined = match joined {
                None => Some(value_type),
                Some(before) => match self.join(&before, &value_type) {
                    Some(joined) => Some(joined),
                    None => {
                        let message = format!(
                            "`{}` is `{before}` in one of the types and `{value_type}` in `{resource}`",
                            name.text
                        );
                        self.report(&codes::TYPE_MISMATCH, name.span, message);
                        return self.error_at(span);
                    }
                },
            };
        }
        let kind = TypedKind::Property { base: Box::new(base), name: name.text.as_str().into() };
        self.typed(joined.unwrap_or(Type::Error), span, kind)
    }

    pub(super) fn index(&mut self, base: ExprId, index: ExprId, span: Span) -> Typed {
        let base = self.expr(base, None);
        let base =
            if base.ty.required() == &Type::Json { Typed { ty: Type::Json, ..base } } else { self.present(base) };
        let (wanted, ty) = match &base.ty {
            Type::List { element, .. } => (Type::Int, (**element).clone().optional()),
            Type::Map(value) => (Type::String, (**value).clone().optional()),
            Type::Json => {
                let index = self.operand(index);
                if !matches!(index.ty, Type::Int | Type::Error) && !index.ty.is_text() {
                    self.report(
                        &codes::TYPE_MISMATCH,
                        index.span,
                        format!("a document is read by an `Int` or a `String`, not `{}`", index.ty),
                    );
                }
                let kind = TypedKind::Index { base: Box::new(base), index: Box::new(index) };
                return self.typed(Type::Json.optional(), span, kind);
            }
            Type::Error => {
                self.expr(index, None);
                return self.error_at(span);
            }
            other => {
                let message = format!("`{other}` has no elements that an index reads");
                self.report(&codes::INVALID_OPERATION, base.span, message);
                self.expr(index, None);
                return self.error_at(span);
            }
        };
        let index = self.expr_of(index, &wanted);
        self.typed(ty, span, TypedKind::Index { base: Box::new(base), index: Box::new(index) })
    }

    /// Reads a type in an expression, reporting what is wrong with it.
    pub(super) fn type_of(&mut self, ty: &TypeExpr) -> Type {
        let mut errors = Vec::new();
        let read = read_type(self.schema, ty, &mut errors);
        for error in errors {
            let diagnostic = Diagnostic::new(&codes::UNKNOWN_TYPE, error.span, error.message);
            self.error(suggest(diagnostic, error.span, error.nearest));
        }
        read
    }

    pub(super) fn cast(&mut self, base: ExprId, ty: &TypeExpr, span: Span) -> Typed {
        let value = self.expr(base, None);
        let wanted = self.type_of(ty);
        if value.ty == Type::Error || wanted == Type::Error {
            return self.error_at(span);
        }
        if value.ty.required() != &Type::Json {
            let message = format!("`as` reads documents; this is `{}`", value.ty);
            self.report(&codes::INVALID_OPERATION, value.span, message);
            return self.error_at(span);
        }
        let castable =
            super::coerce::is_json_like(&wanted) || matches!(wanted, Type::Policy | Type::Time | Type::Cidr | Type::Ip);
        if !castable {
            self.report(&codes::INVALID_OPERATION, ty.span, format!("a document is never a `{wanted}`"));
            return self.error_at(span);
        }
        self.typed(wanted.optional(), span, TypedKind::Cast(Box::new(value)))
    }

    pub(super) fn is_present(&mut self, base: ExprId, absent: bool, span: Span) -> Typed {
        // `x is present` after `require x is present` is a question again, so that narrowing does not answer it.
        let value = self.bare_expr(base, None);
        self.note(base, None, &value);
        if !value.ty.is_optional() && value.ty.is_collection() {
            let message = format!("a `{}` is never absent: an absent one reads as empty", value.ty);
            let diagnostic = Diagnostic::new(&codes::INVALID_OPERATION, value.span, message);
            let asks = Edit { span: Span { start: value.span.end, end: span.end }, replacement: ".is_empty()".into() };
            let negates = Edit { span: Span { start: span.start, end: span.start }, replacement: "not ".into() };
            let edits = if absent { vec![asks] } else { vec![negates, asks] };
            let message = "ask whether it is empty with `.is_empty()`";
            self.error(diagnostic.suggest_edits(edits, message, Applicability::Maybe));
        }
        self.typed(Type::Bool, span, TypedKind::IsPresent { value: Box::new(value), absent })
    }

    pub(super) fn is_type(&mut self, base: ExprId, ty: &TypeExpr, span: Span) -> Typed {
        let value = self.operand(base);
        let types = match self.type_of(ty) {
            Type::Resource(types) => types,
            Type::Error => return self.error_at(span),
            other => {
                self.report(
                    &codes::INVALID_OPERATION,
                    ty.span,
                    format!("`is` asks for a resource type; `{other}` is none"),
                );
                return self.error_at(span);
            }
        };
        let value = match &value.ty {
            Type::Ref(targets) => {
                let targets = ref_types(targets);
                self.follow(value, targets)
            }
            _ => value,
        };
        match &value.ty {
            Type::AnyResource | Type::Error => {}
            Type::Resource(names) if types.iter().any(|name| names.contains(name)) => {}
            other => {
                let message = format!("`{other}` is never a `{}`", types.join(" | "));
                self.report(&codes::IMPOSSIBLE_VALUE, span, message);
            }
        }
        self.typed(Type::Bool, span, TypedKind::IsType { value: Box::new(value), types })
    }
}
