//! Words: which of them begin, end or go on with a statement.

use parapet_base::{Diagnostic, Span, codes};

use super::{Bracket, Last, MOST_ELSE_IFS, RECORD, Scanner};
use crate::split::KEYWORDS;
use crate::token::{self, Kind};

impl Scanner<'_> {
    pub(super) fn word(&mut self) {
        let start = self.at;
        let (kind, length) = token::word(self.bytes.get(start..).unwrap_or_default());
        self.at += length;
        let member = self.bytes.get(..start).is_some_and(|before| before.ends_with(b".") || before.ends_with(b"::"));
        if member || self.is_key() {
            self.tell_word(kind, start, false, false);
            self.last = Last::Operand;
            return;
        }
        let infix = kind.is_infix()
            || (kind == Kind::Not && self.next_word_is("in"))
            || (kind == Kind::Subset && self.next_word_is("of"));
        let in_brackets = self.in_brackets() || self.open.last().is_some_and(|open| open.byte == RECORD);
        // A line of its own begins a loop; in brackets, `for` goes on with a comprehension.
        let heads_block = matches!(kind, Kind::For | Kind::If) && self.starts_line(start) && self.line_opens_block();
        let begins = kind.begins_statement()
            || (kind == Kind::For && !in_brackets && self.starts_line(start))
            || (in_brackets && heads_block);
        let begins_item = self.starts_item(start);
        if (begins || begins_item)
            && let Some(Bracket { byte: bracket, at, .. }) = self.open.last().copied()
            && (begins_item || in_brackets)
            && self.starts_line(start)
        {
            self.unclosed(bracket, at);
            self.give_up_brackets(begins_item);
            self.line_end = self.line_end.or(self.line.checked_sub(1));
        }
        // `require a else` without its message, and an `if` on the next line.
        let begins =
            begins || (kind == Kind::If && self.requires && self.last == Last::Else && self.starts_line(start));
        self.tell_word(kind, start, infix, begins);
        self.header |= kind.is_reserved() && self.open.is_empty() && self.is_item_word(start);
        self.given |= kind == Kind::Given;
        self.requires |= kind == Kind::Require;
        self.head |= matches!(kind, Kind::For | Kind::If) && (self.starts_line(start) || self.last == Last::Else);
        if kind.nests() {
            self.count_operator(start);
        }
        if kind == Kind::Else && self.next_word_is("if") {
            self.else_ifs += 1;
            if self.else_ifs == MOST_ELSE_IFS {
                let message = format!("more than {MOST_ELSE_IFS} times `else if` in one item");
                self.error(Diagnostic::new(&codes::TOO_DEEP, Span::new(start, self.at), message));
            }
        }
        self.after_word(kind);
    }

    pub(super) fn after_word(&mut self, kind: Kind) {
        self.last = match kind {
            Kind::Else if self.pending_then == 0 => Last::Else,
            Kind::Matches => Last::Matches,
            Kind::Subset if self.next_word_is("of") => Last::Open,
            kind if kind.wants_more() => Last::Open,
            _ => Last::Operand,
        };
        if kind == Kind::Then {
            self.pending_then += 1;
        } else if kind == Kind::Else {
            self.pending_then = self.pending_then.saturating_sub(1);
        } else if kind == Kind::Require {
            self.pending_then = 0;
        }
    }

    /// A word before a single `:` is a key; every word may be one. In brackets a line may end between them.
    pub(super) fn is_key(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let in_brackets = self.open.last().is_some_and(|open| open.byte != b'{');
        let after = match in_brackets {
            true => token::behind_blanks(rest),
            false => rest.iter().position(|byte| *byte != b' ').and_then(|at| rest.get(at..)).unwrap_or_default(),
        };
        after.first() == Some(&b':') && after.get(1) != Some(&b':')
    }

    pub(super) fn next_word_is(&self, word: &str) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let rest = rest.trim_ascii_start();
        rest.starts_with(word.as_bytes())
            && !rest.get(word.len()).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    }

    /// An item keyword in column 0: the attributes before it end here at the latest.
    pub(super) fn starts_item(&self, start: usize) -> bool {
        let in_column_0 = start.checked_sub(1).is_some_and(|before| self.bytes.get(before) == Some(&b'\n'));
        in_column_0 && self.is_item_word(start)
    }

    /// Whether the word that ends here may begin an item.
    fn is_item_word(&self, start: usize) -> bool {
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        KEYWORDS.iter().chain(&["pub"]).any(|keyword| keyword.as_bytes() == word)
    }
}
