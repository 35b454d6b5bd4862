//! List, set, map and record literals, shaped by what is expected of them.

use parapet_base::{Diagnostic, Span, codes};
use parapet_model::{Name, Property, Type};
use parapet_syntax::{ExprId, Ident};
use std::sync::Arc;

use super::Checker;
use super::expr::suggest;
use crate::typed::{Typed, TypedKind};

impl Checker<'_, '_> {
    pub(super) fn list(&mut self, elements: &[ExprId], expected: Option<&Type>, span: Span) -> Typed {
        let expected = expected.map(Type::required);
        let wanted = expected.and_then(Type::element).cloned();
        let values: Vec<Typed> = elements.iter().map(|element| self.expr(*element, wanted.as_ref())).collect();
        let element = match (&wanted, expected) {
            (Some(wanted), Some(Type::List { .. } | Type::Set(_)))
                if values.iter().all(|value| self.fits(&value.ty, wanted) || literal_float(value, wanted)) =>
            {
                wanted.clone()
            }
            (_, Some(Type::Json | Type::Policy)) => Type::Json,
            _ => match self.element_type(&values) {
                Some(ty) => ty,
                None => return self.error_at(span),
            },
        };
        let values = values.into_iter().map(|value| self.coerce(value, &element)).collect();
        match expected {
            Some(Type::Set(_)) => self.typed(Type::set(element), span, TypedKind::Set(values)),
            Some(Type::List { ordered, .. }) => {
                let ty = Type::List { element: Box::new(element), ordered: *ordered };
                self.typed(ty, span, TypedKind::List(values))
            }
            _ => self.typed(Type::list(element), span, TypedKind::List(values)),
        }
    }

    /// The type that all elements share.
    fn element_type(&mut self, values: &[Typed]) -> Option<Type> {
        let mut joined: Option<Typed> = None;
        for value in values {
            joined = Some(match joined {
                None => value.clone(),
                Some(before) => match self.joined_type(&before, value) {
                    Some(ty) => Typed { ty, ..value.clone() },
                    None => {
                        let message = format!("the elements of a list are of one type; this is `{}`", value.ty);
                        let diagnostic = Diagnostic::new(&codes::TYPE_MISMATCH, value.span, message);
                        self.error(diagnostic.label(before.span, format!("and this is `{}`", before.ty)));
                        return None;
                    }
                },
            });
        }
        Some(joined.map_or(Type::Never, |value| value.ty))
    }

    pub(super) fn record(
        &mut self,
        entries: &[(Ident, ExprId)],
        string_keys: bool,
        expected: Option<&Type>,
        span: Span,
    ) -> Typed {
        match expected.map(Type::required) {
            Some(Type::Map(value)) => self.map(entries, Some(value), span),
            Some(Type::SchemaRecord(named)) if !string_keys => {
                let schema = self.schema;
                match schema.record(&named.owner, &named.record) {
                    Some(properties) => {
                        let fields = properties.values().collect::<Vec<_>>();
                        let ty = Type::SchemaRecord(named.clone());
                        self.schema_record(entries, &fields, ty, span)
                    }
                    None => self.error_at(span),
                }
            }
            Some(Type::Json | Type::Policy) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| (Name::from(key.text.as_str()), self.expr_json(*value)))
                    .collect();
                self.typed(Type::Json, span, TypedKind::Map(entries))
            }
            Some(Type::Record(record)) if !string_keys && self.given => {
                let fields = record.fields.clone();
                self.given_record(entries, &fields, span)
            }
            Some(Type::Record(record)) if !string_keys => self.plain_record(entries, Some(record.fields.clone()), span),
            _ if string_keys => self.map(entries, None, span),
            _ => self.plain_record(entries, None, span),
        }
    }

    fn expr_json(&mut self, value: ExprId) -> Typed {
        let value = self.expr(value, Some(&Type::Json));
        self.coerce(value, &Type::Json)
    }

    fn map(&mut self, entries: &[(Ident, ExprId)], wanted: Option<&Type>, span: Span) -> Typed {
        let values: Vec<Typed> = entries.iter().map(|(_, value)| self.expr(*value, wanted)).collect();
        let ty = match wanted {
            Some(wanted) => wanted.clone(),
            None => match self.element_type(&values) {
                Some(ty) => ty,
                None => return self.error_at(span),
            },
        };
        let values = values.into_iter().map(|value| self.coerce(value, &ty)).collect::<Vec<_>>();
        let entries = entries.iter().map(|(key, _)| Name::from(key.text.as_str())).zip(values).collect();
        self.typed(Type::map(ty), span, TypedKind::Map(entries))
    }

    fn plain_record(&mut self, entries: &[(Ident, ExprId)], wanted: Option<Vec<(Name, Type)>>, span: Span) -> Typed {
        let mut fields = Vec::new();
        for (key, value) in entries {
            let expected = wanted
                .as_ref()
                .and_then(|wanted| wanted.iter().find(|(name, _)| **name == *key.text))
                .map(|(_, ty)| ty.clone());
            let value = match expected {
                Some(expected) => self.expr_of(*value, &expected),
                None => self.expr(*value, None),
            };
            fields.push((Name::from(key.text.as_str()), value));
        }
        let ty = fields.iter().map(|(name, value)| (name.clone(), value.ty.clone())).collect();
        let ty = Type::Record(Arc::new(parapet_model::RecordType { name: None, fields: ty }));
        self.typed(ty, span, TypedKind::Record(fields))
    }

    /// A record in a `given`: what it does not mention and is required is unknown.
    fn given_record(&mut self, entries: &[(Ident, ExprId)], wanted: &[(Name, Type)], span: Span) -> Typed {
        for (key, _) in entries.iter().filter(|(key, _)| !wanted.iter().any(|(name, _)| **name == *key.text)) {
            let nearest = parapet_base::nearest(&key.text, wanted.iter().map(|(name, _)| &**name)).map(str::to_owned);
            let message = format!("the record has no field `{}`", key.text);
            self.error(suggest(Diagnostic::new(&codes::UNKNOWN_PROPERTY, key.span, message), key.span, nearest));
        }
        let mut record = self.plain_record(entries, Some(wanted.to_vec()), span);
        if let TypedKind::Record(fields) = &mut record.kind {
            for (name, ty) in wanted.iter().filter(|(_, ty)| !ty.is_optional() && !ty.is_collection()) {
                if !fields.iter().any(|(known, _)| known == name) {
                    fields.push((name.clone(), Typed { ty: ty.clone(), span, kind: TypedKind::Unknown }));
                }
            }
            fields.retain(|(name, _)| wanted.iter().any(|(known, _)| known == name));
        }
        let ty = Type::Record(Arc::new(parapet_model::RecordType { name: None, fields: wanted.to_vec() }));
        Typed { ty, ..record }
    }

    /// A literal of a record of a schema; what it does not mention and is required is unknown.
    fn schema_record(&mut self, entries: &[(Ident, ExprId)], properties: &[&Property], ty: Type, span: Span) -> Typed {
        let mut fields = Vec::new();
        for (key, value) in entries {
            match properties.iter().find(|property| *property.name == *key.text) {
                Some(property) => {
                    let value = self.expr_of(*value, &property.ty.clone().optional());
                    fields.push((property.name.clone(), value));
                }
                None => {
                    let message = format!("`{ty}` has no property `{}`", key.text);
                    let nearest = parapet_base::nearest(&key.text, properties.iter().map(|property| &*property.name))
                        .map(str::to_owned);
                    self.error(suggest(
                        Diagnostic::new(&codes::UNKNOWN_PROPERTY, key.span, message),
                        key.span,
                        nearest,
                    ));
                    self.expr(*value, None);
                }
            }
        }
        self.typed(ty, span, TypedKind::Record(fields))
    }
}

fn literal_float(value: &Typed, wanted: &Type) -> bool {
    *wanted == Type::Float
        && value.ty == Type::Int
        && matches!(value.kind, TypedKind::Literal(_) | TypedKind::Negate(_))
}
