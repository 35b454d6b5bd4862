//! Fitting a value into a wanted type, with the step that this takes.

use std::sync::Arc;

use parapet_base::{Applicability, Diagnostic, Edit, Span, codes};
use parapet_model::{EnumType, Name, RecordType, RefTarget, Type, policy};

use super::Checker;
use crate::typed::{Literal, Typed, TypedBinding, TypedKind};

/// The resource types that a reference may point to.
pub(super) fn ref_types(targets: &[RefTarget]) -> Arc<[Name]> {
    let mut names: Vec<Name> = targets.iter().map(|target| target.resource.clone()).collect();
    names.sort();
    names.dedup();
    names.into()
}

impl Checker<'_, '_> {
    /// The value as a `wanted`, or an error at its span.
    pub(super) fn coerce(&mut self, value: Typed, wanted: &Type) -> Typed {
        let span = value.span;
        match self.try_coerce(value, wanted) {
            Ok(value) => value,
            Err(value) => {
                if let Type::Optional(inner) = &value.ty
                    && !wanted.is_optional()
                    && self.fits(inner, wanted)
                {
                    self.optional_value(&value, wanted);
                } else {
                    let message = format!("expected `{wanted}`, found `{}`", value.ty);
                    let mut diagnostic = Diagnostic::new(&codes::TYPE_MISMATCH, span, message);
                    if let (Type::Set(_), Type::List { .. }) = (wanted, &value.ty) {
                        diagnostic = self.as_set(diagnostic, span);
                    }
                    self.error(diagnostic);
                }
                self.error_at(span)
            }
        }
    }

    /// Offers the set of a list, which is what a set can be made of.
    fn as_set(&self, diagnostic: Diagnostic, span: Span) -> Diagnostic {
        let edit = |at: u32, text: &str| Edit { span: Span { start: at, end: at }, replacement: text.to_owned() };
        let text = self.text(span);
        let plain = |letter: char| letter.is_alphanumeric() || "_.:?()[]\"".contains(letter);
        let operand = text.chars().all(plain) && !text.contains("??");
        let edits = if operand {
            vec![edit(span.end, ".to_set()")]
        } else {
            vec![edit(span.start, "("), edit(span.end, ").to_set()")]
        };
        diagnostic.suggest_edits(edits, "make a set of it", Applicability::Machine)
    }

    /// Whether a value of a type fits where another is wanted.
    pub(super) fn fits(&mut self, ty: &Type, wanted: &Type) -> bool {
        let probe = Typed { ty: ty.clone(), span: Span::default(), kind: TypedKind::Error };
        let errors = self.errors.len();
        let fits = self.try_coerce(probe, wanted).is_ok();
        self.errors.truncate(errors);
        fits
    }

    fn try_coerce(&mut self, value: Typed, wanted: &Type) -> Result<Typed, Typed> {
        if value.ty == *wanted {
            return Ok(value);
        }
        let retype = |value: Typed| Ok(Typed { ty: wanted.clone(), ..value });
        match (&value.ty, wanted) {
            (Type::Error | Type::Never, _) | (_, Type::Error) => Ok(value),
            (Type::Optional(inner), Type::Optional(wanted_inner)) => match self.fits_as_is(inner, wanted_inner) {
                true => retype(value),
                false => Err(value),
            },
            (Type::Optional(_), Type::Json) => Err(value),
            (_, Type::Optional(inner)) => self.try_coerce(value, inner),
            (Type::Int, Type::Float) => whole_as_float(value),
            (_, Type::Json) if is_json_like(&value.ty) => retype(value),
            (_, Type::Policy) if matches!(value.ty, Type::Json | Type::String | Type::Map(_) | Type::Record(_)) => {
                let span = value.span;
                Ok(self.typed(Type::Policy, span, TypedKind::ToPolicy(Box::new(value))))
            }
            (ty, wanted) if ty.is_text() && wanted.is_text() => self.coerce_text(value, wanted),
            // A resource given before stands for its id.
            (Type::Resource(_), Type::Ref(_)) if self.given => {
                let span = value.span;
                Ok(self.typed(wanted.clone(), span, TypedKind::Header { base: Box::new(value), name: "id".into() }))
            }
            (Type::Ref(targets), Type::Resource(names)) => {
                let targets = ref_types(targets);
                match targets.iter().all(|target| names.contains(target)) {
                    true => Ok(self.follow(value, targets)),
                    false => Err(value),
                }
            }
            (Type::Ref(targets), Type::AnyResource) => {
                let targets = ref_types(targets);
                Ok(self.follow(value, targets))
            }
            (Type::Resource(_), Type::AnyResource) => retype(value),
            (Type::Resource(names), Type::Resource(wanted_names)) => {
                match names.iter().all(|name| wanted_names.contains(name)) {
                    true => retype(value),
                    false => Err(value),
                }
            }
            (Type::List { element, .. }, Type::List { element: wanted_element, .. })
            | (Type::Set(element), Type::Set(wanted_element)) => {
                if self.fits_as_is(element, wanted_element) {
                    return retype(value);
                }
                let (element, wanted_element) = ((**element).clone(), (**wanted_element).clone());
                self.coerce_elements(value, element, wanted_element, wanted)
            }
            (Type::Map(inner), Type::Map(wanted_inner)) => match self.fits_as_is(inner, wanted_inner) {
                true => retype(value),
                false => Err(value),
            },
            (Type::Record(record), Type::Record(wanted_record)) => match self.record_fits(record, wanted_record) {
                true => retype(value),
                false => Err(value),
            },
            _ => Err(value),
        }
    }

    /// Whether values of a type are values of the other without any step.
    fn fits_as_is(&self, ty: &Type, wanted: &Type) -> bool {
        match (ty, wanted) {
            _ if ty == wanted => true,
            (Type::Error | Type::Never, _) | (_, Type::Error) => true,
            (Type::Optional(a), Type::Optional(b)) => self.fits_as_is(a, b),
            (a, Type::Optional(b)) => self.fits_as_is(a, b),
            (Type::Resource(a), Type::Resource(b)) => a.iter().all(|name| b.contains(name)),
            (Type::Resource(_), Type::AnyResource) => true,
            (Type::List { element: a, .. }, Type::List { element: b, .. }) => self.fits_as_is(a, b),
            (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => self.fits_as_is(a, b),
            (a, b) if a.is_text() && b.is_text() => !matches!(b, Type::Enum(_)),
            (a, Type::Json) => is_json_like(a),
            _ => false,
        }
    }

    fn record_fits(&self, record: &RecordType, wanted: &RecordType) -> bool {
        let find = |name: &Name| record.fields.iter().find(|(known, _)| known == name).map(|(_, ty)| ty);
        wanted.fields.iter().all(|(name, wanted)| match find(name) {
            Some(ty) => self.fits_as_is(ty, wanted),
            None => wanted.is_optional() || wanted.is_collection(),
        })
    }

    /// Elements that need a step each: the list of their images.
    fn coerce_elements(
        &mut self,
        value: Typed,
        element: Type,
        wanted_element: Type,
        wanted: &Type,
    ) -> Result<Typed, Typed> {
        if matches!(wanted, Type::Set(_)) || !self.fits(&element, &wanted_element) {
            return Err(value);
        }
        let span = value.span;
        let local = self.hidden_local(element.clone());
        let read = Typed { ty: element, span, kind: TypedKind::Local(local) };
        let element = match self.try_coerce(read, &wanted_element) {
            Ok(element) => Box::new(element),
            Err(_) => return Err(value),
        };
        let binding = TypedBinding { local, source: Box::new(value), filter: None };
        Ok(self.typed(wanted.clone(), span, TypedKind::Comprehension { element, binding }))
    }

    pub(super) fn follow(&mut self, value: Typed, targets: Arc<[Name]>) -> Typed {
        let span = value.span;
        self.typed(Type::Resource(targets), span, TypedKind::Follow { base: Box::new(value) })
    }

    /// Text kinds are one another's, but a literal must be a value that the wanted kind can have.
    fn coerce_text(&mut self, value: Typed, wanted: &Type) -> Result<Typed, Typed> {
        if let TypedKind::Literal(Literal::Text(text)) = &value.kind {
            match wanted {
                Type::Enum(values) => self.check_value(values, text, value.span),
                Type::AccountId if !policy::is_account_id(text) => {
                    let message = format!("{text:?} is not an account id, which has twelve digits");
                    self.report(&codes::TYPE_MISMATCH, value.span, message);
                }
                Type::Arn if !text.starts_with("arn:") || text.split(':').count() < 6 => {
                    self.report(&codes::TYPE_MISMATCH, value.span, format!("{text:?} is not an ARN"));
                }
                _ => {}
            }
        } else if let (Type::String | Type::Folded, Type::Enum(values)) = (&value.ty, wanted)
            && !values.open
        {
            return Ok(value);
        }
        Ok(Typed { ty: wanted.clone(), ..value })
    }

    /// Complains about a text that an enum does not have.
    pub(super) fn check_value(&mut self, values: &EnumType, text: &str, span: Span) {
        if values.open || values.values.iter().any(|value| &**value == text) {
            return;
        }
        let message = format!("{text:?} cannot occur here; {}", possible(values));
        let diagnostic = Diagnostic::new(&codes::IMPOSSIBLE_VALUE, span, message);
        let nearest = parapet_base::nearest(text, values.values.iter().map(|value| &**value));
        self.error(match nearest {
            Some(near) => diagnostic.suggest(span, format!("{near:?}"), format!("did you mean {near:?}?")),
            None => diagnostic,
        });
    }

    /// The error of an optional value used as if it were present.
    pub(super) fn optional_value(&mut self, value: &Typed, wanted: &Type) {
        let text = self.text(value.span).to_owned();
        let message = format!("`{text}` may be absent: it is `{}`", value.ty);
        let diagnostic = Diagnostic::new(&codes::OPTIONAL_VALUE, value.span, message);
        let default = default_text(&value.ty).unwrap_or("…");
        let diagnostic = diagnostic.primary(format!(
            "a `{wanted}` is wanted: say what absence means with `?? {default}`, or test `is present` first"
        ));
        let end = Span { start: value.span.end, end: value.span.end };
        self.error(match default {
            "…" => diagnostic,
            default => diagnostic.suggest(end, format!(" ?? {default}"), format!("use a default with `?? {default}`")),
        });
    }

    /// The value without optionality; an optional one is an error.
    pub(super) fn present(&mut self, value: Typed) -> Typed {
        match &value.ty {
            Type::Optional(inner) => {
                let inner = (**inner).clone();
                self.optional_value(&value, &inner);
                Typed { ty: inner, ..value }
            }
            _ => value,
        }
    }

    /// The least type that both fit, for branches and list elements.
    pub(super) fn join(&mut self, a: &Type, b: &Type) -> Option<Type> {
        Some(match (a, b) {
            _ if a == b => a.clone(),
            (Type::Never | Type::Error, other) | (other, Type::Never | Type::Error) => other.clone(),
            (Type::Optional(a), b) | (b, Type::Optional(a)) => self.join(a, b.required())?.optional(),
            (Type::Resource(a), Type::Resource(b)) => {
                let mut names: Vec<Name> = a.iter().chain(b.iter()).cloned().collect();
                names.sort();
                names.dedup();
                Type::Resource(names.into())
            }
            (Type::AnyResource, Type::Resource(_)) | (Type::Resource(_), Type::AnyResource) => Type::AnyResource,
            (Type::List { element: a, ordered: x }, Type::List { element: b, ordered: y }) => {
                Type::List { element: Box::new(self.join(a, b)?), ordered: *x && *y }
            }
            (Type::Set(a), Type::Set(b)) => Type::set(self.join(a, b)?),
            (Type::Map(a), Type::Map(b)) => Type::map(self.join(a, b)?),
            (Type::SchemaRecord(_) | Type::Record(_), Type::SchemaRecord(_) | Type::Record(_)) => {
                self.join_records(a, b)?
            }
            (a, b) if a.is_text() && b.is_text() => Type::String,
            (Type::Json, other) | (other, Type::Json) if is_json_like(other) => Type::Json,
            _ => return None,
        })
    }

    /// The fields that two records share.
    fn join_records(&mut self, a: &Type, b: &Type) -> Option<Type> {
        let (a, b) = (self.fields_of(a)?, self.fields_of(b)?);
        let mut fields = Vec::new();
        for (name, ty) in &a {
            let Some((_, other)) = b.iter().find(|(known, _)| known == name) else { continue };
            // Records may hold themselves, so that a field of records joins only with its like.
            let nested = |ty: &Type| {
                matches!(ty.required(), Type::SchemaRecord(_)) || matches!(ty.element(), Some(Type::SchemaRecord(_)))
            };
            let joined =
                if nested(ty) || nested(other) { (ty == other).then(|| ty.clone()) } else { self.join(ty, other) };
            fields.extend(joined.map(|ty| (name.clone(), ty)));
        }
        Some(Type::Record(Arc::new(RecordType { name: None, fields })))
    }

    /// The fields of a record type, with their types as programs see them.
    pub(super) fn fields_of(&self, ty: &Type) -> Option<Vec<(Name, Type)>> {
        match ty {
            Type::Record(record) => Some(record.fields.clone()),
            Type::SchemaRecord(named) => {
                let properties = self.schema.record(&named.owner, &named.record)?;
                Some(properties.values().map(|property| (property.name.clone(), property.value_type())).collect())
            }
            _ => None,
        }
    }
}

fn possible(values: &EnumType) -> String {
    let some: Vec<String> = values.values.iter().take(8).map(|value| format!("{value:?}")).collect();
    let more = values.values.len().saturating_sub(some.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("the values are {}{rest}", some.join(", "))
}

/// A default that a suggestion may offer for a type.
pub(super) fn default_text(ty: &Type) -> Option<&'static str> {
    match ty.required() {
        Type::Bool => Some("false"),
        Type::Int => Some("0"),
        Type::Float => Some("0.0"),
        ty if ty.is_text() => Some("\"\""),
        _ => None,
    }
}

/// Types whose values a document can hold.
pub(super) fn is_json_like(ty: &Type) -> bool {
    match ty {
        Type::Bool | Type::Int | Type::Float | Type::Json => true,
        Type::List { element, .. } => is_json_like(element.required()) || **element == Type::Never,
        Type::Map(value) => is_json_like(value.required()) || **value == Type::Never,
        Type::Record(record) => record.fields.iter().all(|(_, ty)| is_json_like(ty.required())),
        Type::Never | Type::Error => true,
        ty => ty.is_text(),
    }
}

/// Whole literals fit `Float`, negated ones too.
fn whole_as_float(value: Typed) -> Result<Typed, Typed> {
    let float = match &value.kind {
        TypedKind::Literal(Literal::Int(int)) => *int as f64,
        TypedKind::Negate(inner) => match &inner.kind {
            TypedKind::Literal(Literal::Int(int)) => -(*int as f64),
            _ => return Err(value),
        },
        _ => return Err(value),
    };
    Ok(Typed { ty: Type::Float, span: value.span, kind: TypedKind::Literal(Literal::Float(float)) })
}
