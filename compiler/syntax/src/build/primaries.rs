//! What operators stand between: literals, names, calls, binders, collections.

use super::*;

impl Builder {
    pub(super) fn member(&mut self, base: ExprId, pair: Pair<'_>, safe: bool) -> Option<ExprKind> {
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

    pub(super) fn literal(&mut self, place: Span, literal: Result<ExprKind, Diagnostic>) -> ExprId {
        match literal {
            Ok(kind) => self.add(place, kind),
            Err(error) => {
                self.error(error);
                self.nothing(place)
            }
        }
    }

    pub(super) fn primary(&mut self, pair: Pair<'_>) -> ExprId {
        let place = span(&pair);
        let text = pair.as_str().trim_end();
        match pair.as_rule() {
            Rule::time => self.literal(place, literals::time(text, place)),
            Rule::duration => self.literal(place, literals::duration(text, place)),
            Rule::ipv4 | Rule::ipv6 => self.literal(place, literals::address(text, place)),
            Rule::float => self.literal(place, literals::float(text, place)),
            Rule::int => self.literal(place, literals::int(text, place)),
            Rule::truth => self.add(place, ExprKind::Bool(text == "true")),
            Rule::kw_now => self.add(place, ExprKind::Now),
            Rule::string => {
                let text = self.string(pair);
                self.add(place, ExprKind::Text(text))
            }
            Rule::raw_string => {
                let text = pair.into_inner().next().map_or(String::new(), |body| body.as_str().to_owned());
                self.add(place, ExprKind::Text(text))
            }
            Rule::counted => self.counted(pair),
            Rule::call => self.call(pair),
            Rule::path_expr => match pair.into_inner().next() {
                Some(inner) => self.add(place, ExprKind::Path(path(inner))),
                None => self.nothing(place),
            },
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

    pub(super) fn counted(&mut self, pair: Pair<'_>) -> ExprId {
        let place = span(&pair);
        let what = if pair.as_str().starts_with("count") { Counted::Count } else { Counted::First };
        match self.binding(pair.into_inner()) {
            Some((binding, _)) => self.add(place, ExprKind::Counted { what, binding }),
            None => self.nothing(place),
        }
    }

    pub(super) fn call(&mut self, pair: Pair<'_>) -> ExprId {
        let place = span(&pair);
        let mut children = Children::of(pair);
        let callee = children.find(Rule::path).map(path);
        let arguments = children.find(Rule::arguments).map(|arguments| self.arguments(arguments));
        match (callee, arguments) {
            (Some(callee), Some(arguments)) => self.add(place, ExprKind::Call { callee, arguments }),
            _ => self.nothing(place),
        }
    }

    /// `[a, b]`, or `[a for x in xs]`.
    fn list(&mut self, pair: Pair<'_>) -> ExprId {
        let place = span(&pair);
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
        let place = span(&pair);
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
