//! From a parsed item to a document: a cursor over its text, and the comments that wait to be written.
//!
//! Every token is written through [`Writer::token`], which finds it at the cursor, so that none is left out or written
//! twice. Comments that stand before a token are written before it where a line begins there; elsewhere they wait for the
//! next such place. A comment behind a token on its line stays behind it. What each construct looks like is said in the
//! files beside this one.

use super::document::Op;
use crate::pair::Pair;

/// A comment of an item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Comment<'t> {
    pub(super) start: usize,
    pub(super) text: &'t str,
    /// It documents an item or a module, by standing in column 0.
    pub(super) margin: bool,
}

pub(super) struct Writer<'t> {
    /// The item's text with blank comments.
    text: &'t str,
    comments: &'t [Comment<'t>],
    /// The byte behind the last token.
    at: usize,
    /// The op behind the last token.
    behind: usize,
    /// A comment was written on a line of its own since the last token: those that come after it cannot stand before it.
    commented: bool,
    /// Where the open groups begin in `ops`.
    open: Vec<usize>,
    pub(super) ops: Vec<Op<'t>>,
    /// A token was not where the grammar says that it is.
    lost: bool,
}

/// Bytes between tokens: white space and what separates statements.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';' | crate::layout::SEPARATOR)
}

impl<'t> Writer<'t> {
    pub(super) fn new(text: &'t str, comments: &'t [Comment<'t>]) -> Writer<'t> {
        Writer { text, comments, at: 0, behind: 0, commented: false, open: Vec::new(), ops: Vec::new(), lost: false }
    }

    /// The document, if every token and every comment of the text is in it.
    pub(super) fn finish(self) -> Option<Vec<Op<'t>>> {
        let complete = !self.lost && self.next() == self.text.len() && self.comments.is_empty();
        complete.then_some(self.ops)
    }

    /// The byte at which the next token begins.
    pub(super) fn next(&self) -> usize {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at + rest.iter().position(|byte| !is_blank(*byte)).unwrap_or(rest.len())
    }

    /// What is left of the text, from the next token on.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.next()..).unwrap_or_default()
    }

    /// The text up to the end of the last token.
    pub(super) fn written(&self) -> &'t str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// Writes the next token, which is `text`.
    pub(super) fn token(&mut self, text: &'t str) {
        let at = self.next();
        if !self.rest().starts_with(text) {
            self.lost = true;
            return;
        }
        self.comments_before(at);
        self.ops.push(Op::Text(text));
        self.at = at + text.len();
        self.behind = self.ops.len();
        self.commented = false;
    }

    /// Writes a token that is a pair of the grammar.
    pub(super) fn leaf(&mut self, pair: &Pair<'t>) {
        self.token(pair.as_str());
    }

    /// Writes a `:`, with a space before it where an address would take it for its own: `::1 :`.
    pub(super) fn colon(&mut self, pair: &Pair<'t>) {
        let of_address = |letter: char| letter.is_ascii_hexdigit() || letter == ':';
        let before = self.written().trim_end_matches(of_address);
        let last = self.written().get(before.len()..).unwrap_or_default();
        let begins = last.starts_with("::") || last.starts_with(|letter: char| letter.is_ascii_digit());
        let apart = before.ends_with(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        if begins && apart && last.contains(':') {
            self.space();
        }
        self.leaf(pair);
    }

    /// A space, then the token.
    pub(super) fn spaced(&mut self, pair: &Pair<'t>) {
        self.space();
        self.leaf(pair);
    }

    /// Passes over the next token if it is `text`: the style has it elsewhere, or not at all.
    pub(super) fn pass(&mut self, text: &str) {
        let at = self.next();
        if self.rest().starts_with(text) {
            self.comments_before(at);
            self.at = at + text.len();
        }
    }

    /// Writes a text that need not be in the input.
    pub(super) fn add(&mut self, text: &'t str) {
        self.ops.push(Op::Text(text));
    }

    pub(super) fn space(&mut self) {
        self.ops.push(Op::Space);
    }

    pub(super) fn line(&mut self) {
        self.ops.push(Op::Line);
    }

    pub(super) fn soft(&mut self) {
        self.ops.push(Op::Soft);
    }

    pub(super) fn hard(&mut self) {
        self.ops.push(Op::Hard { blank: false });
    }

    pub(super) fn indent(&mut self) {
        self.ops.push(Op::Indent);
    }

    pub(super) fn dedent(&mut self) {
        self.ops.push(Op::Dedent);
    }

    /// Begins a group; comments that may be written are written before it, for they would break it.
    pub(super) fn open(&mut self) {
        self.comments_before(self.next());
        self.open_here();
    }

    /// Begins a group here.
    pub(super) fn open_here(&mut self) {
        self.open.push(self.ops.len());
        self.ops.push(Op::Open { forced: false });
    }

    pub(super) fn close(&mut self) {
        self.open.pop();
        self.ops.push(Op::Close);
    }

    /// Writes the comments that stand before a byte, as far as they can be written here: one behind the last token, and
    /// the others if a line begins here.
    pub(super) fn comments_before(&mut self, limit: usize) {
        while let Some((comment, rest)) = self.first_before(limit) {
            if self.is_behind_last(comment.start) {
                self.trailing(comment.text);
            } else if self.at_line_start() {
                self.own_line(comment);
            } else {
                return;
            }
            self.comments = rest;
        }
    }

    /// Writes the comments that stand before the next token, each on a line of its own if it is not behind a token.
    pub(super) fn comments_inside(&mut self) {
        let limit = self.next();
        while let Some((comment, rest)) = self.first_before(limit) {
            if self.is_behind_last(comment.start) {
                self.trailing(comment.text);
            } else {
                self.own_line(comment);
            }
            self.comments = rest;
        }
    }

    /// Begins the next line of a block, after the comments before it; empty lines of the text are kept, one of several,
    /// but not above the `first` line. `until` is where the statement's own first expression begins: comments up to there
    /// are written above the statement.
    pub(super) fn next_line(&mut self, first: bool, until: usize) {
        let (first, from) = self.comment_lines(first, until);
        let blank = !first && self.is_gap(from, self.next());
        self.ops.push(Op::Hard { blank });
    }

    /// Writes the comments before the end of a block, `first` if nothing stands in it.
    pub(super) fn comments_at_end(&mut self, first: bool) {
        self.comment_lines(first, self.next());
    }

    /// Writes the comments up to a byte in lines of their own; whether the next line is the first one still, and where
    /// what was written ends.
    fn comment_lines(&mut self, mut first: bool, limit: usize) -> (bool, usize) {
        let mut from = self.at;
        while let Some((comment, rest)) = self.first_before(limit) {
            if self.is_behind_last(comment.start) {
                self.trailing(comment.text);
            } else {
                let blank = !first && self.is_gap(from, comment.start);
                self.ops.push(Op::Hard { blank });
                self.own_line(comment);
                first = false;
            }
            from = comment.start + comment.text.len();
            self.comments = rest;
        }
        (first, from)
    }

    /// Whether the next token is `text`.
    pub(super) fn is_next(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    /// Where the token behind the next one, which is `word`, begins.
    pub(super) fn next_after(&self, word: &str) -> usize {
        let from = self.next() + word.len();
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        from + rest.iter().position(|byte| !is_blank(*byte)).unwrap_or(rest.len())
    }

    /// Whether comments stand before the next token.
    pub(super) fn has_comments(&self) -> bool {
        self.first_before(self.next()).is_some()
    }

    fn first_before(&self, limit: usize) -> Option<(&'t Comment<'t>, &'t [Comment<'t>])> {
        let (first, rest) = self.comments.split_first()?;
        (first.start < limit).then_some((first, rest))
    }

    /// Whether nothing but spaces stands between the last token and a byte, and there is a last token.
    fn is_behind_last(&self, byte: usize) -> bool {
        let between = self.text.as_bytes().get(self.at..byte);
        self.behind > 0
            && !self.commented
            && between.is_some_and(|between| between.iter().all(|byte| is_blank(*byte) && !is_line_end(*byte)))
    }

    /// Whether an empty line stands between two bytes.
    fn is_gap(&self, from: usize, to: usize) -> bool {
        let between = self.text.as_bytes().get(from..to).unwrap_or_default();
        between.iter().filter(|byte| is_line_end(**byte)).count() > 1
    }

    /// Writes a comment behind the last token. Groups that go on after it are broken, so that it stays there.
    fn trailing(&mut self, text: &'t str) {
        let at = self.behind;
        for begin in &mut self.open {
            if *begin >= at {
                *begin += 1;
            } else if let Some(Op::Open { forced }) = self.ops.get_mut(*begin) {
                *forced = true;
            }
        }
        self.ops.insert(at, Op::Trailing(text));
        self.behind = at + 1;
    }

    fn own_line(&mut self, comment: &Comment<'t>) {
        for begin in &self.open {
            if let Some(Op::Open { forced }) = self.ops.get_mut(*begin) {
                *forced = true;
            }
        }
        self.ops.push(Op::Comment { text: comment.text, margin: comment.margin });
        self.commented = true;
    }

    /// Whether a line begins here if the open groups are broken.
    pub(super) fn at_line_start(&self) -> bool {
        for op in self.ops.iter().rev() {
            match op {
                Op::Open { .. } | Op::Indent | Op::Dedent | Op::Trailing(_) => {}
                Op::Line | Op::Soft | Op::Fill | Op::Hard { .. } | Op::Comment { .. } => return true,
                Op::Text(_) | Op::Space | Op::Comma | Op::Close => return false,
            }
        }
        true
    }
}

fn is_line_end(byte: u8) -> bool {
    byte == b'\n' || byte == crate::layout::SEPARATOR
}

/// Where a pair begins.
pub(super) fn start(pair: &Pair<'_>) -> usize {
    pair.start()
}
