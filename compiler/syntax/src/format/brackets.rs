//! What stands between brackets with commas, and types.

use super::expressions::hugs;
use super::writer::Writer;
use crate::pair::Pair;
use crate::parse::Rule;

/// How brackets hold their elements.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// `[a, b]`, or one element a line.
    Tight,
    /// `{ a, b }`, or one element a line.
    Spaced,
    /// `[a, b]`, or as many elements on a line as fit.
    Filled,
}

impl<'t> Writer<'t> {
    /// Brackets around elements; `sole` is the value of the first one, which the brackets hug if there is no other.
    pub(super) fn bracketed(
        &mut self,
        [open, close]: [&'t str; 2],
        form: Form,
        elements: Vec<Pair<'t>>,
        sole: Option<&Pair<'t>>,
        mut each: impl FnMut(&mut Writer<'t>, Pair<'t>),
    ) {
        self.token(open);
        let count = elements.len();
        if count == 0 && !self.has_comments() {
            self.token(close);
            return;
        }
        if count == 1 && !self.has_comments() && sole.is_some_and(hugs) {
            elements.into_iter().for_each(|element| each(self, element));
            self.pass(",");
            self.token(close);
            return;
        }
        self.open_here();
        self.indent();
        self.edge(form);
        for (at, element) in elements.into_iter().enumerate() {
            if at > 0 {
                self.pass(",");
                self.add(",");
                if form == Form::Filled { self.ops.push(super::document::Op::Fill) } else { self.line() }
            }
            each(self, element);
        }
        self.pass(",");
        if count > 0 {
            self.ops.push(super::document::Op::Comma);
        }
        self.comments_inside();
        self.dedent();
        self.edge(form);
        self.close();
        self.token(close);
    }

    /// What stands between a bracket and an element.
    fn edge(&mut self, form: Form) {
        match form {
            Form::Tight | Form::Filled => self.soft(),
            Form::Spaced => self.line(),
        }
    }

    /// A type, or one that a cast names.
    pub(super) fn type_expr(&mut self, pair: Pair<'t>) {
        let mut members = pair.into_inner();
        let Some(first) = members.next() else { return };
        self.open();
        self.type_part(first);
        self.indent();
        for member in members {
            self.line();
            self.token("|");
            self.space();
            self.type_part(member);
        }
        self.dedent();
        self.close();
    }

    fn type_part(&mut self, pair: Pair<'t>) {
        match pair.as_rule() {
            Rule::type_optional | Rule::type_base => pair.into_inner().for_each(|part| self.type_part(part)),
            Rule::type_generic => {
                for part in pair.into_inner() {
                    if part.as_rule() == Rule::path {
                        self.leaf(&part);
                    } else {
                        self.token("<");
                        self.type_expr(part);
                        self.token(">");
                    }
                }
            }
            Rule::type_record => {
                let fields: Vec<Pair<'t>> =
                    pair.into_inner().filter(|part| part.as_rule() == Rule::record_field).collect();
                self.bracketed(["{", "}"], Form::Spaced, fields, None, Writer::typed_name);
            }
            _ => self.leaf(&pair),
        }
    }

    /// `name: TYPE`.
    pub(super) fn typed_name(&mut self, pair: Pair<'t>) {
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::type_expr => self.type_expr(part),
                Rule::colon => {
                    self.leaf(&part);
                    self.space();
                }
                _ => self.leaf(&part),
            }
        }
    }
}
