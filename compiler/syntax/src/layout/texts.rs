//! Numbers, strings, regular expressions and messages: where they end.

use parapet_base::{Diagnostic, Span, codes};

use super::{Bracket, Last, MOST_DEPTH, Scanner};
use crate::token::{self, Kind};

impl Scanner<'_> {
    /// Numbers, and the times and addresses that begin like one.
    pub(super) fn number(&mut self) {
        self.token(self.at, false, false);
        while matches!(self.peek(0), b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_') {
            self.at += 1;
        }
        self.last = Last::Operand;
    }

    pub(super) fn regex(&mut self) {
        let start = self.at;
        self.separate(false, false);
        self.at += 1;
        let mut class = false;
        loop {
            match self.peek(0) {
                b'\\' if self.peek(1) != b'\n' && self.at + 1 < self.bytes.len() => self.at += 2,
                b'/' if !class => break,
                0 | b'\n' => return self.unclosed_text(start, "this regular expression is never closed"),
                byte => {
                    class = (class || byte == b'[') && byte != b']';
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        self.tell(Kind::Regex, start, self.at);
        self.last = Last::Operand;
    }

    pub(super) fn unclosed_text(&mut self, start: usize, message: &str) {
        let line = self.bytes.get(start..self.at).unwrap_or_default().trim_ascii_end();
        // `if a == "b {`: the block begins all the same.
        if line.ends_with(b" {") {
            self.at = start + line.len() - 1;
        }
        let end = self.at;
        let titled = self.tokens.last() == Some(Kind::Test) && self.open.is_empty() && self.braces.is_empty();
        self.tell(Kind::Bad, start, end);
        self.error(
            Diagnostic::new(&codes::UNCLOSED_STRING, Span::new(start, end), message)
                .primary("begins here, and the line ends"),
        );
        self.last = Last::Operand;
        if titled && self.peek(0) != b'{' {
            self.assume_block(end.saturating_sub(1));
        }
    }

    /// `test "half a ti`: its block begins at the end of the line.
    fn assume_block(&mut self, at: usize) {
        self.braces.push((at, true));
        self.open.push(Bracket { byte: b'{', at, line: self.line });
        self.assumed = Some(at);
        self.last = Last::Open;
    }

    pub(super) fn raw_string(&mut self) {
        let start = self.at;
        self.separate(false, false);
        self.at += 2;
        while !matches!(self.peek(0), b'"' | b'\n' | 0) {
            self.at += 1;
        }
        if self.close_string(start) {
            self.tell(Kind::RawString, start, self.at);
        }
    }

    /// Passes over the quote that ends a string, if it stands here.
    pub(super) fn close_string(&mut self, start: usize) -> bool {
        if self.peek(0) != b'"' {
            self.unclosed_text(start, "this string is never closed");
            return false;
        }
        self.at += 1;
        self.last = Last::Operand;
        true
    }

    pub(super) fn string(&mut self) {
        let start = self.at;
        let template = self.last == Last::Else;
        self.separate(false, false);
        self.at += 1;
        if template {
            self.template()
        } else {
            self.plain_string()
        }
        if !self.close_string(start) {
            return;
        }
        if template && start >= self.told {
            token::template(self.bytes, start, self.at, &mut self.tokens);
            self.told = self.at;
        } else {
            self.tell(Kind::String, start, self.at);
        }
    }

    pub(super) fn plain_string(&mut self) {
        loop {
            match self.peek(0) {
                b'"' | b'\n' => break,
                0 if self.at >= self.bytes.len() => break,
                b'\\' if self.peek(1) != b'\n' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
    }

    /// Up to the closing quote of a template; quotes inside `{…}` belong to the expression there.
    pub(super) fn template(&mut self) {
        let mut depth = 0usize;
        loop {
            match (self.peek(0), depth) {
                (b'\n', _) | (b'"', 0) => break,
                (0, _) if self.at >= self.bytes.len() => break,
                (b'{', 0) if self.peek(1) == b'{' => self.at += 2,
                (b'}', 0) => self.at += 1,
                (b'{', _) => {
                    depth += 1;
                    self.at += 1;
                }
                (b'}', _) => {
                    depth -= 1;
                    self.at += 1;
                }
                (b'"', _) => {
                    self.at += 1;
                    self.plain_string();
                    self.at += usize::from(self.peek(0) == b'"');
                }
                (b'\\', 0) if self.peek(1) != b'\n' => self.at += 2,
                _ => self.at += 1,
            }
            if depth > MOST_DEPTH {
                break;
            }
        }
        self.at = self.at.min(self.bytes.len());
    }
}
