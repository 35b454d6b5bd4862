//! What `schema` and `extend` items say wrongly.

use parapet_base::{Diagnostic, Span, codes};
use parapet_model::Type;
use parapet_syntax::{Ident, ItemKind, Path, TypeExpr, TypeKind};

use super::Checker;
use super::expr::suggest;
use crate::db::{Item, item_offset, parsed};
use crate::schemas::{all_declarations, is_header, is_recorded, may_be_declared};
use crate::signatures::nearest_type;
use crate::typed::TypedItem;

impl<'db> Checker<'db, '_> {
    pub(super) fn own_schema(&mut self, name: &Path, fields: &[(Ident, TypeExpr)]) -> TypedItem {
        self.attributes("");
        let text = name.text();
        if !may_be_declared(&text) {
            let message = match text.starts_with("AWS::") {
                true => format!("`{text}` would be a type of AWS; `extend` adds fields to those"),
                false => {
                    format!("`{text}` names no resource type: it takes two segments or more, such as `Acme::Service`")
                }
            };
            self.report(&codes::BAD_SCHEMA, name.span, message);
        }
        let first = all_declarations(self.db, self.workspace).iter().copied().find(
            |item| matches!(self.kind_of(*item), Some(ItemKind::Schema { name: other, .. }) if other.text() == text),
        );
        if let Some(first) = first.filter(|first| *first != self.item) {
            let message = format!("the resource type `{text}` is declared twice");
            let diagnostic = Diagnostic::new(&codes::DUPLICATE_NAME, name.span, message);
            let diagnostic = self.label_declaration(diagnostic, first, "first declared here");
            self.error(diagnostic);
        }
        self.fields(fields);
        TypedItem::Schema
    }

    pub(super) fn extension(&mut self, target: &Path, fields: &[(Ident, TypeExpr)]) -> TypedItem {
        self.attributes("");
        let text = target.text();
        if !self.schema.has_type(&text) {
            let diagnostic =
                Diagnostic::new(&codes::UNKNOWN_TYPE, target.span, format!("there is no resource type `{text}`"));
            self.error(suggest(diagnostic, target.span, nearest_type(self.schema, &text)));
        }
        self.fields(fields);
        for (name, _) in fields {
            if let Some((owner, known)) = self.known_before(&text, &name.text) {
                let message = format!("`{text}` has the property `{known}` already");
                let mut diagnostic = Diagnostic::new(&codes::BAD_SCHEMA, name.span, message);
                if let Some((owner, span)) = owner {
                    let place = span.shift(item_offset(self.db, owner));
                    diagnostic = diagnostic.label_in(owner.file(self.db).id(self.db), place, "added here");
                }
                self.error(diagnostic);
            }
        }
        TypedItem::Schema
    }

    fn kind_of(&self, item: Item<'db>) -> Option<&'db ItemKind> {
        parsed(self.db, item).tree.as_ref().map(|tree| &tree.kind)
    }

    fn label_declaration(&self, diagnostic: Diagnostic, item: Item<'db>, message: &str) -> Diagnostic {
        let Some(tree) = &parsed(self.db, item).tree else { return diagnostic };
        let place = tree.name_span.shift(item_offset(self.db, item));
        diagnostic.label_in(item.file(self.db).id(self.db), place, message)
    }

    /// Where a type got a field of this name before this item, and how it is spelt there; `None` for the place when
    /// the type came with it.
    fn known_before(&self, target: &str, field: &str) -> Option<(Option<(Item<'db>, Span)>, String)> {
        let embedded = parapet_model::Schema::embedded().resource_type(target);
        if let Some(property) = embedded.and_then(|ty| ty.property_in_any_case(field)) {
            return Some((None, property.name.to_string()));
        }
        let declarations = all_declarations(self.db, self.workspace).iter().copied();
        // The type's own fields come before all extensions, wherever they stand.
        let (own, extending): (Vec<Item<'db>>, Vec<Item<'db>>) =
            declarations.partition(|item| matches!(self.kind_of(*item), Some(ItemKind::Schema { .. })));
        own.into_iter().chain(extending).take_while(|item| *item != self.item).find_map(|item| {
            let (name, fields) = match self.kind_of(item)? {
                ItemKind::Schema { name, fields } | ItemKind::Extension { target: name, fields } => (name, fields),
                _ => return None,
            };
            let (known, _) = fields.iter().find(|(known, _)| known.text.eq_ignore_ascii_case(field))?;
            (name.text() == target).then(|| (Some((item, known.span)), known.text.clone()))
        })
    }

    /// The fields of a record within a field: they have no header, but must be told apart as well.
    fn fields_of_record(&mut self, fields: &[(Ident, TypeExpr)]) {
        for (at, (name, ty)) in fields.iter().enumerate() {
            self.told_apart(name, fields.get(..at).unwrap_or_default());
            if let TypeKind::Record(inner) = innermost(ty) {
                self.fields_of_record(inner);
            }
        }
    }

    /// Reports a field whose name one before it has, in any case.
    fn told_apart(&mut self, name: &Ident, before: &[(Ident, TypeExpr)]) {
        let Some((first, _)) = before.iter().find(|(other, _)| other.text.eq_ignore_ascii_case(&name.text)) else {
            return;
        };
        let message = match first.text == name.text {
            true => format!("the field `{}` is declared twice", name.text),
            false => format!("`{}` and `{}` differ in case only", first.text, name.text),
        };
        let diagnostic = Diagnostic::new(&codes::BAD_SCHEMA, name.span, message);
        self.error(diagnostic.label(first.span, "first declared here"));
    }

    fn fields(&mut self, fields: &[(Ident, TypeExpr)]) {
        for (at, (name, ty)) in fields.iter().enumerate() {
            if is_header(&name.text) {
                let message = format!("every resource has `{}` in its header", name.text);
                self.report(&codes::BAD_SCHEMA, name.span, message);
            }
            self.told_apart(name, fields.get(..at).unwrap_or_default());
            if let TypeKind::Record(inner) = innermost(ty) {
                self.fields_of_record(inner);
            }
            let span = ty.span;
            let ty = self.type_of(ty);
            if !is_recorded(&ty) {
                let mut diagnostic =
                    Diagnostic::new(&codes::BAD_SCHEMA, span, format!("no record holds a value of type `{ty}`"));
                if let Type::Resource(_) = ty.required() {
                    diagnostic = diagnostic.note("text that refers to a resource is a `Ref<TYPE>`");
                }
                self.error(diagnostic);
            }
        }
    }
}

/// The type inside optionals, lists, sets and maps.
fn innermost(ty: &TypeExpr) -> &TypeKind {
    match &ty.kind {
        TypeKind::Optional(inner) | TypeKind::Generic { argument: inner, .. } => innermost(inner),
        other => other,
    }
}
