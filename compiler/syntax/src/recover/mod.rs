//! An item that does not match the grammar as a whole, part by part.
//!
//! The layout says where blocks and statements begin and end, even where brackets are missing. Each attribute, header
//! and statement is parsed alone: what matches is kept, what does not gets its message, and as much of its beginning
//! as can be read stands in its place ([`ExprKind::Salvaged`]). So one bad clause leaves the others their types, and a
//! bad body leaves the header to those who use it. The result is for diagnostics and editors; nobody evaluates it.

mod items;
mod statements;

use parapet_base::{Diagnostic, Span, codes};

use crate::build::{Builder, ident};
use crate::layout::{Layout, SEPARATOR};
use crate::pair::Pairs;
use crate::parse::{Rule, matched};
use crate::split::ItemText;
use crate::tree::*;

/// Parsing parts alone reads this many bytes at most; then the rest of the item is left out.
const MOST_BYTES_READ: usize = 64 << 20;

/// A range of bytes.
type Range = std::ops::Range<usize>;

/// Reads what can be read of an item; the errors are in the builder.
pub(crate) fn recover(builder: &mut Builder, item: &ItemText, layout: &Layout, docs: String) -> Option<Tree> {
    let text = layout.laid_out(&item.text);
    let mut recovery = Recovery { builder, layout, text, read: 0 };
    let reported = recovery.layout.errors.len();
    recovery.builder.errors.extend(recovery.layout.errors.iter().cloned());
    let Some(header) = recovery.header_start(item.keyword) else {
        recovery.complain(Rule::item, 0..item.text.len());
        if recovery.builder.errors.is_empty() {
            let span = Span::new(0, recovery.text.lines().next().map_or(0, str::len));
            recovery.builder.errors.push(Diagnostic::new(&codes::SYNTAX, span, "no item begins here"));
        }
        return None;
    };
    let (attributes, unread_attributes) = recovery.attributes(0..header);
    let built = recovery.item(item.keyword, header..item.text.len());
    if recovery.builder.errors.len() == reported && reported == 0 {
        // Every part matches alone, but not the whole: something stands between the parts.
        recovery.complain(Rule::item, 0..item.text.len());
    }
    let (kind, name_span) = built?;
    Some(Tree { kind, attributes, unread_attributes, docs, exprs: std::mem::take(&mut builder.exprs), name_span })
}

struct Recovery<'b, 'l> {
    builder: &'b mut Builder,
    layout: &'l Layout,
    /// The item's text with blank comments.
    text: String,
    read: usize,
}

impl Recovery<'_, '_> {
    fn text(&self, range: &Range) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Where the header begins: at the item keyword in column 0, or behind an attribute on its line.
    fn header_start(&self, keyword: &str) -> Option<usize> {
        let words = self.text.match_indices(keyword).map(|(at, _)| at);
        let mut starts = words.filter(|at| {
            let line = self.text(&(0..*at)).rfind(['\n', char::from(SEPARATOR)]).map_or(0, |end| end + 1);
            let before = self.text(&(line..*at));
            before.is_empty() || before.trim_end() == "pub" || before.starts_with('@')
        });
        let at = starts.next()?;
        let line = self.text(&(0..at)).rfind(['\n', char::from(SEPARATOR)]).map_or(0, |end| end + 1);
        let public =
            self.text(&(line..at)).rfind("pub").filter(|before| self.text(&(line + before + 3..at)).trim().is_empty());
        Some(public.map_or(at, |before| line + before))
    }

    /// Parses a part alone.
    fn alone<T>(
        &mut self,
        rule: Rule,
        range: &Range,
        build: impl FnOnce(&mut Builder, Pairs<'_>) -> Option<T>,
    ) -> Result<Option<T>, Diagnostic> {
        self.read += range.len();
        if self.read > MOST_BYTES_READ {
            return Ok(None);
        }
        let forest = matched(rule, &self.text, &self.layout.tokens, range)?;
        Ok(build(self.builder, forest.roots().flat_map_inner()))
    }

    /// Reports why a part does not match, unless the layout said what is wrong with it.
    fn complain(&mut self, rule: Rule, range: Range) {
        if let Err(diagnostic) = self.alone(rule, &range, |_, _| Some(())) {
            self.report(diagnostic, &range);
        }
    }

    fn report(&mut self, diagnostic: Diagnostic, range: &Range) {
        let inside = |error: &Diagnostic| range.contains(&(error.span.start as usize));
        if !self.layout.errors.iter().any(inside) {
            self.builder.errors.push(diagnostic);
        }
    }

    // Where parts begin and end.

    /// The first brace of a range, and the one that closes it: the range's end where none does.
    fn block(&self, range: &Range) -> Option<(usize, usize)> {
        let braces = self.layout.braces.iter().filter(|(at, _)| range.contains(at));
        let mut depth = 0usize;
        let mut first = None;
        for (at, opens) in braces {
            match (opens, first) {
                (true, None) => first = Some(*at),
                (true, Some(_)) => depth += 1,
                (false, Some(first)) if depth == 0 => return Some((first, *at)),
                (false, Some(_)) => depth -= 1,
                (false, None) => {}
            }
        }
        first.map(|first| (first, range.end))
    }

    /// The parts of a range between separators that stand in no block of it.
    fn chunks(&self, range: Range) -> Vec<Range> {
        let mut braces = self.layout.braces.iter().filter(|(at, _)| range.contains(at)).peekable();
        let (mut chunks, mut start, mut depth) = (Vec::new(), range.start, 0usize);
        for (at, byte) in self.text(&range).bytes().enumerate().map(|(at, byte)| (range.start + at, byte)) {
            if let Some((_, opens)) = braces.next_if(|(brace, _)| *brace == at) {
                depth = if *opens { depth + 1 } else { depth.saturating_sub(1) };
            }
            if depth == 0 && (byte == SEPARATOR || byte == b';') {
                chunks.push(start..at);
                start = at + 1;
            }
        }
        chunks.push(start..range.end);
        chunks.retain(|chunk| !self.text(chunk).trim().is_empty());
        chunks
    }

    /// The attributes that can be read, and whether there are others.
    fn attributes(&mut self, range: Range) -> (Vec<Attribute>, bool) {
        let mut attributes = Vec::new();
        let mut unread = false;
        for chunk in self.chunks(range) {
            match self.alone(Rule::lone_attribute, &chunk, |builder, mut pairs| {
                pairs.find(|pair| pair.as_rule() == Rule::attribute).and_then(|pair| builder.attribute(pair))
            }) {
                Ok(attribute) => attributes.extend(attribute),
                Err(diagnostic) => {
                    unread = true;
                    self.report(diagnostic, &chunk);
                }
            }
        }
        (attributes, unread)
    }
}

/// The first name and expression of a part: a constant, a `let`, a `for`.
fn name_and_value(builder: &mut Builder, pairs: Pairs<'_>) -> Option<(Ident, Option<ExprId>)> {
    let (mut name, mut value) = (None, None);
    for pair in pairs {
        match pair.as_rule() {
            Rule::name => name = Some(ident(&pair)),
            Rule::expr => value = Some(builder.expr(pair)),
            _ => {}
        }
    }
    Some((name?, value))
}

/// The words of a text, with where they begin.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut at = 0;
    for part in text.split_inclusive(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')) {
        let word = part.trim_end_matches(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
        if !word.is_empty() {
            words.push((at, word));
        }
        at += part.len();
    }
    words
}

/// The parts of the one rule that was parsed.
trait Inner<'t> {
    fn flat_map_inner(self) -> Pairs<'t>;
}

impl<'t> Inner<'t> for Pairs<'t> {
    fn flat_map_inner(mut self) -> Pairs<'t> {
        match self.next() {
            Some(pair) => pair.into_inner(),
            None => self,
        }
    }
}
