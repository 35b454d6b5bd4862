//! Types.

use super::*;

impl Builder {
    pub(crate) fn type_expr(&mut self, pair: Pair<'_>) -> TypeExpr {
        let whole = pair.span();
        let mut members: Vec<TypeExpr> = pair.into_inner().filter_map(|member| self.type_optional(member)).collect();
        match members.len() {
            1 => members.remove(0),
            _ => TypeExpr { span: whole, kind: TypeKind::Union(members) },
        }
    }

    pub(super) fn type_optional(&mut self, pair: Pair<'_>) -> Option<TypeExpr> {
        let whole = pair.span();
        let mut children = Children::of(pair);
        let base = children.find(Rule::type_base)?;
        let base = self.type_base(base)?;
        match children.find(Rule::question) {
            Some(_) => Some(TypeExpr { span: whole, kind: TypeKind::Optional(Box::new(base)) }),
            None => Some(base),
        }
    }

    pub(super) fn type_base(&mut self, pair: Pair<'_>) -> Option<TypeExpr> {
        let whole = pair.span();
        let inner = pair.into_inner().next()?;
        self.type_of_rule(inner, whole)
    }

    pub(super) fn type_of_rule(&mut self, inner: Pair<'_>, whole: Span) -> Option<TypeExpr> {
        let kind = match inner.as_rule() {
            Rule::type_generic => {
                let mut children = Children::of(inner);
                let name = path(children.find(Rule::path)?);
                let argument = Box::new(self.type_expr(children.find(Rule::type_expr)?));
                TypeKind::Generic { name, argument }
            }
            Rule::type_record => {
                let fields = inner.into_inner().filter(|child| child.as_rule() == Rule::record_field);
                let fields = fields.filter_map(|field| {
                    let mut children = Children::of(field);
                    let key = ident(&children.find(Rule::key)?);
                    Some((key, self.type_expr(children.find(Rule::type_expr)?)))
                });
                TypeKind::Record(fields.collect())
            }
            _ => named_type(inner)?,
        };
        Some(TypeExpr { span: whole, kind })
    }
}

pub(super) fn named_type(pair: Pair<'_>) -> Option<TypeKind> {
    let mut children = Children::of(pair);
    let path = path(children.find(Rule::path)?);
    Some(TypeKind::Named { path, record: children.find(Rule::name_any).map(|record| ident(&record)) })
}
