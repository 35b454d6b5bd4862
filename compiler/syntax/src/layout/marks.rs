//! Brackets and operators.

use parapet_base::{Diagnostic, Span, codes};

use super::{Bracket, Last, MOST_DEPTH, RECORD, Scanner, last_letter};
use crate::token::Kind;

impl Scanner<'_> {
    pub(super) fn punctuation(&mut self, byte: u8) {
        let start = self.at;
        match byte {
            b'(' | b'[' | b'{' => self.opening(byte),
            b')' | b']' | b'}' => self.closing(byte),
            b':' if self.peek(1) == b':' => {
                self.token(start, false, false);
                self.at += 2;
                self.last = Last::Operand;
            }
            b'@' => {
                self.end_attribute(start);
                self.token(start, false, false);
                self.at += 1;
                self.last = Last::Open;
            }
            b'?' if !matches!(self.peek(1), b'?' | b'.') => {
                self.token(start, true, false);
                self.at += 1;
                self.last = Last::Operand;
            }
            b'?' if self.peek(1) == b'?' => {
                self.token(start, true, false);
                self.count_operator(start);
                self.at += 2;
                self.last = Last::Open;
            }
            b'<' if self.follows_generic(start) => {
                self.token(start, true, false);
                self.angles += 1;
                if self.angles == MOST_DEPTH + 1 {
                    let message = format!("types nested deeper than {MOST_DEPTH}");
                    self.error(Diagnostic::new(&codes::TOO_DEEP, Span::new(start, start + 1), message));
                }
                self.at += 1;
                self.last = Last::Open;
            }
            b'>' if self.angles > 0 && self.peek(1) != b'=' => {
                self.token(start, true, false);
                self.angles -= 1;
                self.at += 1;
                self.last = Last::Operand;
            }
            b';' => {
                self.token(start, true, false);
                self.at += 1;
                self.last = Last::Open;
                self.operators = 0;
            }
            _ => {
                // A line that begins with `-` is new; every other operator goes on with the line before.
                self.before_assign(byte, start);
                self.token(start, byte != b'-', false);
                if byte == b',' {
                    self.operators = 0;
                } else {
                    self.count_operator(start);
                }
                self.at += 1;
                self.last = if byte.is_ascii() { Last::Open } else { Last::Operand };
            }
        }
    }

    /// In column 0 an attribute begins: one before it ends here at the latest.
    fn end_attribute(&mut self, start: usize) {
        if let Some(Bracket { byte, at, .. }) = self.open.last().copied()
            && start.checked_sub(1).is_some_and(|before| self.bytes.get(before) == Some(&b'\n'))
        {
            self.unclosed(byte, at);
            self.give_up_brackets(true);
            self.line_end = self.line_end.or(self.line.checked_sub(1));
            self.last = Last::Operand;
        }
    }

    /// A `>` where a type may end, and a `=` that touches it: the grammar tells whether both are one operator.
    pub(super) fn before_assign(&mut self, byte: u8, start: usize) {
        let alone = self.angles > 0 && byte == b'>' && self.peek(2) != b'=';
        if alone && start >= self.told {
            self.separate(true, false);
            self.tell(Kind::GreaterBeforeAssign, start, start + 1);
        }
    }

    /// `<` right behind the name of a generic type.
    pub(super) fn follows_generic(&self, start: usize) -> bool {
        let before = self.bytes.get(..start).unwrap_or_default();
        [&b"List"[..], b"Set", b"Map", b"Ref"].iter().any(|name| before.ends_with(name))
    }

    pub(super) fn opening(&mut self, byte: u8) {
        self.token(self.at, byte == b'{', false);
        if byte == b'{' && !self.in_brackets() {
            self.braces.push((self.at, true));
        }
        let ends_head = self.head && self.ends_line();
        let record = byte == b'{' && (self.given || self.last == Last::Open) && !ends_head;
        self.head &= byte != b'{' || record;
        self.open.push(Bracket { byte: if record { RECORD } else { byte }, at: self.at, line: self.line });
        if self.open.len() == MOST_DEPTH + 1 {
            let message = format!("brackets nested deeper than {MOST_DEPTH}");
            self.error(Diagnostic::new(&codes::TOO_DEEP, Span::new(self.at, self.at + 1), message));
        }
        self.count_operator(self.at);
        self.at += 1;
        self.last = Last::Open;
    }

    pub(super) fn closing(&mut self, byte: u8) {
        self.requires &= byte != b'}';
        self.separate(true, false);
        let wanted = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        let close = char::from(byte);
        let wanted = match self.open.last() {
            Some(Bracket { byte: RECORD, .. }) if wanted == b'{' => RECORD,
            _ => wanted,
        };
        let known = self.open.iter().rev().any(|open| open.byte == wanted);
        match self.open.last().copied() {
            Some(Bracket { byte: open, at, line }) if open == wanted => {
                self.open.pop();
                let same_line = line == self.line;
                let at_line_start = self.starts_line(self.at);
                let aligned = self.indentation(line) == self.indentation(self.line);
                let misplaced = open == b'{' && !same_line && !(at_line_start && aligned);
                self.misplaced = self.misplaced.or(misplaced.then_some((at, self.at)));
            }
            Some(Bracket { byte: open, at, .. }) if known => {
                let opening = char::from(if open == RECORD { b'{' } else { open });
                let message = format!("`{opening}` is closed by `{close}`");
                let diagnostic = Diagnostic::new(&codes::UNBALANCED_BRACKET, Span::new(at, at + 1), message);
                let here = Span::new(self.at, self.at + 1);
                self.error(diagnostic.primary("opened here").label(here, "this does not close it"));
                while self.open.pop().is_some_and(|open| open.byte != wanted) {}
            }
            Some(_) | None => {
                self.closes_nothing(close);
                self.blanks.push(Span::new(self.at, self.at + 1));
                self.at += 1;
                return;
            }
        }
        self.token(self.at, true, false);
        if byte == b'}' && !self.in_brackets() {
            self.braces.push((self.at, false));
        }
        self.at += 1;
        self.last = Last::Operand;
    }

    pub(super) fn closes_nothing(&mut self, close: char) {
        let here = Span::new(self.at, self.at + 1);
        let message = format!("`{close}` closes nothing");
        let diagnostic = Diagnostic::new(&codes::UNBALANCED_BRACKET, here, message);
        let block = close == '}' && self.open.is_empty();
        self.error(match (self.misplaced.filter(|_| block), self.first_end.filter(|_| block)) {
            (Some((_, close)), _) => {
                diagnostic.label(Span::new(close, close + 1), "this one may be too many: it stands where nothing ends")
            }
            (None, Some(end)) if self.braces.is_empty() => {
                let header = self.bytes.get(..end).unwrap_or_default().trim_ascii_end();
                let missing = last_letter(std::str::from_utf8(header).unwrap_or_default());
                Diagnostic::new(&codes::UNBALANCED_BRACKET, missing, "expected `{` at the end of the header")
                    .label(here, "this closes nothing")
            }
            _ => diagnostic,
        });
    }

    /// The indentation of the line that begins here.
    pub(super) fn indentation(&self, line: usize) -> usize {
        let rest = self.bytes.get(line..).unwrap_or_default();
        rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    }

    /// Whether nothing but a comment follows the byte here on its line.
    pub(super) fn ends_line(&self) -> bool {
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        match rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r')).and_then(|at| rest.get(at..)) {
            None => true,
            Some(rest) => rest.starts_with(b"\n") || rest.starts_with(b"//"),
        }
    }
}
