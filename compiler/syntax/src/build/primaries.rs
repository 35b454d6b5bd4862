//! What operators stand between: literals, names, calls, binders, collections.

use super::*;
use crate::token::Kind;

impl Builder {
    pub(super) fn member(&mut self, base: ExprId, pair: Pair<'_>) -> Option<ExprKind> {
        let safe = pair.is(Kind::SafeDot);
        let mut children = Children::of(pair);
        let name = ident(&children.find(Rule::name_any)?);
        Some(match children.find(Rule::arguments) {
            Some(arguments) => ExprKind::Method { base, name, arguments: self.arguments(arguments), safe },
            None => ExprKind::Field { base, name, safe },
        })
    }

    pub(super) fn arguments(&mut self, pair: Pair<'_>) -> Vec<Argument> {
        let arguments = pair.into_inner().filter(|child| child.as_rule() == Rule::argument);
        let arguments: Vec<Pair<'_>> = arguments.collect();
        let mut built = Vec::new();
        for argument in arguments {
            let mut children = Children::of(argument);
            let name = children.next_if(Rule::key).map(|key| ident(&key));
            if let Some(value) = children.find(Rule::expr) {
                built.push(Argument { name, value: self.expr(value) });
            }
        }
        built
    }

    pub(super) fn primary(&mut self, pair: Pair<'_>) -> ExprId {
        let place = pair.span();
        match pair.as_rule() {
            Rule::conditional => self.conditional(pair),
            Rule::quantifier => self.quantifier(pair),
            Rule::literal => self.literal(pair),
            Rule::string => {
                let text = self.string(pair);
                self.add(place, ExprKind::Text(text))
            }
            Rule::counted => self.counted(pair),
            Rule::primary => self.named(pair),
            Rule::list => self.list(pair),
            Rule::record => self.record(pair),
            Rule::parens => match pair.into_inner().find(|child| child.as_rule() == Rule::expr) {
                Some(inner) => {
                    let inner = self.expr(inner);
                    // The parentheses belong to what stands in them, so that its text is whole.
                    if let Some(expr) = self.exprs.get_mut(inner.0 as usize) {
                        expr.span = place;
                    }
                    self.in_parens.insert(inner);
                    inner
                }
                None => self.nothing(place),
            },
            _ => self.nothing(place),
        }
    }

    fn literal(&mut self, pair: Pair<'_>) -> ExprId {
        let (place, text) = (pair.span(), pair.as_str());
        let value = if pair.is(Kind::Int) {
            literals::int(text, place)
        } else if pair.is(Kind::Truth) {
            Ok(ExprKind::Bool(text == "true"))
        } else if pair.is(Kind::Now) {
            Ok(ExprKind::Now)
        } else if pair.is(Kind::RawString) {
            let body = text.get(2..).and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
            Ok(ExprKind::Text(body.to_owned()))
        } else if pair.is(Kind::Duration) {
            literals::duration(text, place)
        } else if pair.is(Kind::Time) {
            literals::time(text, place)
        } else if pair.is(Kind::Address) {
            literals::address(text, place)
        } else {
            literals::float(text, place)
        };
        match value {
            Ok(kind) => self.add(place, kind),
            Err(error) => {
                self.error(error);
                self.nothing(place)
            }
        }
    }

    pub(super) fn counted(&mut self, pair: Pair<'_>) -> ExprId {
        let place = pair.span();
        let what = if pair.as_str().starts_with("count") { Counted::Count } else { Counted::First };
        match self.binding(pair.into_inner()) {
            Some((binding, _)) => self.add(place, ExprKind::Counted { what, binding }),
            None => self.nothing(place),
        }
    }

    /// A name, or a call of what it names.
    fn named(&mut self, pair: Pair<'_>) -> ExprId {
        let place = pair.span();
        let mut children = Children::of(pair);
        let Some(callee) = children.find(Rule::path).map(path) else { return self.nothing(place) };
        let kind = match children.find(Rule::arguments) {
            Some(arguments) => ExprKind::Call { callee, arguments: self.arguments(arguments) },
            None => ExprKind::Path(callee),
        };
        self.add(place, kind)
    }

    /// `[a, b]`, or `[a for x in xs]`.
    fn list(&mut self, pair: Pair<'_>) -> ExprId {
        let place = pair.span();
        let (mut elements, mut binding) = (Vec::new(), None);
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::expr => elements.push(self.expr(child)),
                Rule::comprehension => binding = self.binding(child.into_inner()),
                _ => {}
            }
        }
        match (binding, elements.as_slice()) {
            (Some((binding, _)), [element]) => self.add(place, ExprKind::Comprehension { element: *element, binding }),
            _ => self.add(place, ExprKind::List(elements)),
        }
    }

    pub(super) fn record(&mut self, pair: Pair<'_>) -> ExprId {
        let place = pair.span();
        let entries: Vec<Pair<'_>> = pair.into_inner().filter(|child| child.as_rule() == Rule::entry).collect();
        let mut built: Vec<(Ident, ExprId)> = Vec::new();
        let mut string_keys = false;
        for entry in entries {
            let Some((key, quoted, value)) = self.entry_parts(entry) else { continue };
            string_keys |= quoted;
            if let Some((first, _)) = built.iter().find(|(known, _)| known.text == key.text) {
                let diagnostic =
                    Diagnostic::new(&codes::DUPLICATE_NAME, key.span, format!("the key `{}` occurs twice", key.text));
                let diagnostic = diagnostic.label(first.span, "first here");
                self.error(diagnostic);
            }
            let value = self.expr(value);
            built.push((key, value));
        }
        self.add(place, ExprKind::Record { entries: built, string_keys })
    }
}
