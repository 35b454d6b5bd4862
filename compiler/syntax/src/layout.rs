//! From the text of an item to what the grammar reads: comments blank, statement ends marked.
//!
//! A line end separates statements unless it stands inside round or square brackets, follows an operator or
//! a word that wants more, or the next line goes on with an infix. The scanner replaces such a line end by
//! [`SEPARATOR`], a byte of the same length, so that every offset stays what it was. It also finds what pest
//! would explain badly: unclosed strings, brackets without partners, nesting beyond bounds.

use parapet_base::{Diagnostic, Span, codes};

use crate::split::KEYWORDS;

/// The byte that separates statements in laid-out text.
pub(crate) const SEPARATOR: u8 = 0x1e;

/// The open brace of a record, in [`Scanner::open`]: statements do not stand in it.
const RECORD: u8 = b'r';

/// Brackets nested deeper than this are an error: the parser recurses by them.
const MOST_DEPTH: usize = 64;

/// Operators and prefix words in one statement beyond this are an error: the tree nests by them.
const MOST_OPERATORS: usize = 256;

/// `else if` after `else if` beyond this, in one item, is an error: the statements nest by them.
const MOST_ELSE_IFS: usize = 200;

/// An item's text, ready for the grammar.
pub(crate) struct Layout {
    pub text: String,
    /// Where the comments stand that are blank in `text`, in order.
    pub comments: Vec<Span>,
    pub errors: Vec<Diagnostic>,
    /// The braces outside of round and square brackets, in order: where, and whether they open.
    pub braces: Vec<(usize, bool)>,
}

/// Lays out one item.
pub(crate) fn lay_out(text: &str) -> Layout {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        out: text.as_bytes().to_vec(),
        at: 0,
        open: Vec::new(),
        last: Last::Start,
        line_end: None,
        pending_then: 0,
        operators: 0,
        else_ifs: 0,
        angles: 0,
        comments: Vec::new(),
        errors: Vec::new(),
        quiet: false,
        given: false,
        head: false,
        requires: false,
        braces: Vec::new(),
        misplaced: None,
        first_end: None,
        line: 0,
        line_opens_block: false,
    };
    scanner.run();
    let text = String::from_utf8(scanner.out).unwrap_or_default();
    Layout { text, comments: scanner.comments, errors: scanner.errors, braces: scanner.braces }
}

/// The place of a text's last character.
pub(crate) fn last_letter(text: &str) -> Span {
    let length = text.chars().next_back().map_or(0, char::len_utf8);
    Span::new(text.len() - length, text.len())
}

/// What the last token was, as far as a line end after it is concerned.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    Start,
    /// A name, a literal, a closing bracket: a statement may end here.
    Operand,
    /// An operator, an opening bracket, a word that wants more.
    Open,
    /// The word `else` of a statement: a string after it is a template.
    Else,
    /// The word `matches`: a regular expression follows.
    Matches,
}

/// A bracket that is open: where it stands, and where its line begins.
#[derive(Clone, Copy)]
struct Bracket {
    byte: u8,
    at: usize,
    line: usize,
}

struct Scanner<'t> {
    bytes: &'t [u8],
    out: Vec<u8>,
    at: usize,
    open: Vec<Bracket>,
    last: Last,
    /// The first line end since the last token, where one would separate.
    line_end: Option<usize>,
    /// Words `then` whose `else` is still to come.
    pending_then: usize,
    operators: usize,
    else_ifs: usize,
    /// Angle brackets of types such as `List<T>` that are open.
    angles: usize,
    comments: Vec<Span>,
    errors: Vec<Diagnostic>,
    /// An error of this statement was reported; what follows from it is not.
    quiet: bool,
    /// In a `given`, where a brace begins a record.
    given: bool,
    /// In the head of a `for` or `if` statement, which a brace at a line's end ends.
    head: bool,
    /// In a `require`.
    requires: bool,
    braces: Vec<(usize, bool)>,
    /// The first brace that is closed at another indentation, and what closes it: where one is missing or too many, it
    /// is likely there.
    misplaced: Option<(usize, usize)>,
    /// The first statement's end: that of the header, where no block begins.
    first_end: Option<usize>,
    /// Where the current line begins.
    line: usize,
    /// The current line ends with a brace that opens.
    line_opens_block: bool,
}

/// Words after which a statement goes on.
pub(crate) const WANT_MORE: [&str; 22] = [
    "and",
    "or",
    "not",
    "in",
    "is",
    "as",
    "like",
    "matches",
    "if",
    "then",
    "else",
    "where",
    "any",
    "all",
    "no",
    "of",
    "intersects",
    "require",
    "let",
    "skip",
    "for",
    "definitely",
];
/// Words that go on with the line before.
pub(crate) const INFIX: [&str; 11] =
    ["and", "or", "in", "is", "as", "like", "matches", "then", "else", "where", "intersects"];
/// Words that always begin a statement.
pub(crate) const STATEMENT: [&str; 5] = ["require", "let", "skip", "given", "expect"];

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn run(&mut self) {
        while let Some(byte) = self.bytes.get(self.at).copied() {
            match byte {
                b'\n' => self.newline(),
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'/' if self.peek(1) == b'/' => self.comment(),
                b'"' => self.string(),
                b'r' if self.peek(1) == b'"' => self.raw_string(),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
                b'0'..=b'9' => self.number(),
                b'/' if self.last == Last::Matches => self.regex(),
                _ => self.punctuation(byte),
            }
        }
        if let Some(Bracket { byte: bracket, at, .. }) = self.open.first().copied() {
            self.quiet &= bracket != b'{' || !self.errors.is_empty();
            match self.misplaced.filter(|_| bracket == b'{') {
                Some((open, close)) => {
                    let diagnostic =
                        Diagnostic::new(&codes::UNBALANCED_BRACKET, Span::new(open, open + 1), "`{` is never closed");
                    let label = "this closes it, but stands as if it closed what is around it";
                    self.error(diagnostic.primary("opened here").label(Span::new(close, close + 1), label));
                }
                None => self.unclosed(bracket, at),
            }
            let text = std::str::from_utf8(self.bytes.trim_ascii_end()).unwrap_or_default();
            if let Some(error) = self.errors.last_mut().filter(|_| bracket == b'{') {
                error.labels.push(parapet_base::Label {
                    file: None,
                    span: last_letter(text),
                    message: "the item ends here".to_owned(),
                });
            }
        }
    }

    /// Reports the first error of a statement.
    fn error(&mut self, diagnostic: Diagnostic) {
        // What is too deep is not read at all, so that it must not be missed.
        let too_deep = diagnostic.code == &codes::TOO_DEEP;
        if !self.quiet || (too_deep && !self.errors.iter().any(|error| error.code == diagnostic.code)) {
            self.errors.push(diagnostic);
        }
        self.quiet = true;
        if too_deep {
            self.at = self.bytes.len();
            self.open.clear();
        }
    }

    /// Gives up the brackets that are open inside the innermost block, or all.
    fn give_up_brackets(&mut self, blocks_too: bool) {
        while self.open.last().is_some_and(|open| blocks_too || open.byte != b'{') {
            self.open.pop();
        }
        // A record that is given up leaves no brace behind.
        let blocks = self.open.iter().filter(|open| open.byte == b'{').count();
        while self.braces.iter().map(|(_, opens)| if *opens { 1 } else { -1 }).sum::<i64>() > blocks as i64 {
            self.braces.pop();
        }
    }

    fn unclosed(&mut self, bracket: u8, at: usize) {
        let bracket = char::from(if bracket == RECORD { b'{' } else { bracket });
        let diagnostic =
            Diagnostic::new(&codes::UNBALANCED_BRACKET, Span::new(at, at + 1), format!("`{bracket}` is never closed"));
        self.error(diagnostic.primary("opened here"));
    }

    fn newline(&mut self) {
        let inside = self.in_brackets();
        if self.line_end.is_none() && !inside && self.last != Last::Start {
            self.line_end = Some(self.at);
        }
        self.at += 1;
        self.line = self.at;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        // A comment opens nothing, whatever it ends with.
        let comment = line.windows(2).position(|two| two == b"//").unwrap_or(line.len());
        let line = line.get(..comment).unwrap_or_default();
        self.line_opens_block = line.trim_ascii_end().ends_with(b" {");
    }

    fn blank(&mut self, until: usize) {
        for byte in self.out.get_mut(self.at..until).into_iter().flatten() {
            *byte = b' ';
        }
        self.at = until;
    }

    fn comment(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        self.comments.push(Span::new(self.at, self.at + length));
        self.blank(self.at + length);
    }

    /// Called at the start of each token: decides what the line end before it means.
    fn token(&mut self, infix: bool, begins_statement: bool) {
        if let Some(at) = self.line_end.take() {
            let goes_on = infix || self.last != Last::Operand;
            if (!goes_on || begins_statement)
                && let Some(byte) = self.out.get_mut(at)
            {
                *byte = SEPARATOR;
                self.first_end = self.first_end.or(Some(at));
                self.quiet = false;
                self.given = false;
                self.head = false;
                self.requires = false;
                self.pending_then = 0;
                self.operators = 0;
            }
        }
    }

    /// The character that a byte belongs to.
    fn letter(&self, at: usize) -> Span {
        let goes_on = |at: usize| self.bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        let start = (0..=at).rev().find(|at| !goes_on(*at)).unwrap_or(0);
        let end = (at + 1..).find(|at| !goes_on(*at)).unwrap_or(at + 1);
        Span::new(start, end)
    }

    fn count_operator(&mut self, at: usize) {
        self.operators += 1;
        if self.operators == MOST_OPERATORS {
            let message = format!("more than {MOST_OPERATORS} operators in one statement");
            self.error(Diagnostic::new(&codes::TOO_DEEP, self.letter(at), message).primary("split it here"));
        }
    }

    fn word(&mut self) {
        let start = self.at;
        while matches!(self.peek(0), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_') {
            self.at += 1;
        }
        let word = std::str::from_utf8(self.bytes.get(start..self.at).unwrap_or_default()).unwrap_or_default();
        let member = self.bytes.get(..start).is_some_and(|before| before.ends_with(b".") || before.ends_with(b"::"));
        let key = self.is_key();
        if member || key {
            self.token(false, false);
            self.last = Last::Operand;
            return;
        }
        let infix = INFIX.contains(&word)
            || (word == "not" && self.next_word_is("in"))
            || (word == "subset" && self.next_word_is("of"));
        let in_brackets = self.in_brackets() || self.open.last().is_some_and(|open| open.byte == RECORD);
        // A line of its own begins a loop; in brackets, `for` goes on with a comprehension.
        let heads_block = matches!(word, "for" | "if") && self.starts_line(start) && self.line_opens_block;
        let begins = STATEMENT.contains(&word)
            || (word == "for" && !in_brackets && self.starts_line(start))
            || (in_brackets && heads_block);
        let begins_item = self.starts_item(start, word);
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
        let begins = begins || (word == "if" && self.requires && self.last == Last::Else && self.starts_line(start));
        self.token(infix, begins);
        self.given |= word == "given";
        self.requires |= word == "require";
        self.head |= matches!(word, "for" | "if") && (self.starts_line(start) || self.last == Last::Else);
        if matches!(word, "not" | "if" | "any" | "all" | "no" | "and" | "or" | "count" | "first" | "as" | "in" | "is") {
            self.count_operator(start);
        }
        if word == "else" && self.next_word_is("if") {
            self.else_ifs += 1;
            if self.else_ifs == MOST_ELSE_IFS {
                let message = format!("more than {MOST_ELSE_IFS} times `else if` in one item");
                self.error(Diagnostic::new(&codes::TOO_DEEP, Span::new(start, self.at), message));
            }
        }
        self.after_word(word);
    }

    fn after_word(&mut self, word: &str) {
        self.last = match word {
            "else" if self.pending_then == 0 => Last::Else,
            "matches" => Last::Matches,
            _ if WANT_MORE.contains(&word) => Last::Open,
            _ => Last::Operand,
        };
        match word {
            "then" => self.pending_then += 1,
            "else" => self.pending_then = self.pending_then.saturating_sub(1),
            "require" => self.pending_then = 0,
            _ => {}
        }
    }

    /// A word before a single `:` is a key; every word may be one.
    fn is_key(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let after = rest.iter().position(|byte| *byte != b' ').and_then(|at| rest.get(at..)).unwrap_or_default();
        after.first() == Some(&b':') && after.get(1) != Some(&b':')
    }

    fn next_word_is(&self, word: &str) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let rest = rest.trim_ascii_start();
        rest.starts_with(word.as_bytes())
            && !rest.get(word.len()).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    }

    fn closes_nothing(&mut self, close: char) {
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

    /// An item keyword in column 0: the attributes before it end here at the latest.
    fn starts_item(&self, start: usize, word: &str) -> bool {
        let in_column_0 = start.checked_sub(1).is_some_and(|before| self.bytes.get(before) == Some(&b'\n'));
        in_column_0 && (word == "pub" || KEYWORDS.contains(&word))
    }

    fn in_brackets(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.byte, b'(' | b'['))
    }

    /// The indentation of the line that begins here.
    fn indentation(&self, line: usize) -> usize {
        let rest = self.bytes.get(line..).unwrap_or_default();
        rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    }

    /// Whether nothing but a comment follows the byte here on its line.
    fn ends_line(&self) -> bool {
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        match rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r')).and_then(|at| rest.get(at..)) {
            None => true,
            Some(rest) => rest.starts_with(b"\n") || rest.starts_with(b"//"),
        }
    }

    fn starts_line(&self, start: usize) -> bool {
        let before = self.bytes.get(..start).unwrap_or_default();
        before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t')).is_none_or(|byte| *byte == b'\n')
    }

    /// Numbers, and the times and addresses that begin like one.
    fn number(&mut self) {
        self.token(false, false);
        while matches!(self.peek(0), b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_') {
            self.at += 1;
        }
        self.last = Last::Operand;
    }

    fn regex(&mut self) {
        let start = self.at;
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
        self.last = Last::Operand;
    }

    fn unclosed_text(&mut self, start: usize, message: &str) {
        let line = self.bytes.get(start..self.at).unwrap_or_default().trim_ascii_end();
        // `if a == "b {`: the block begins all the same.
        if line.ends_with(b" {") {
            self.at = start + line.len() - 1;
        }
        let end = self.at;
        self.error(
            Diagnostic::new(&codes::UNCLOSED_STRING, Span::new(start, end), message)
                .primary("begins here, and the line ends"),
        );
        self.last = Last::Operand;
    }

    fn raw_string(&mut self) {
        let start = self.at;
        self.token(false, false);
        self.at += 2;
        while !matches!(self.peek(0), b'"' | b'\n' | 0) {
            self.at += 1;
        }
        self.close_string(start);
    }

    fn close_string(&mut self, start: usize) {
        if self.peek(0) != b'"' {
            return self.unclosed_text(start, "this string is never closed");
        }
        self.at += 1;
        self.last = Last::Operand;
    }

    fn string(&mut self) {
        let start = self.at;
        let template = self.last == Last::Else;
        self.token(false, false);
        self.at += 1;
        if template {
            self.template()
        } else {
            self.plain_string()
        }
        self.close_string(start);
    }

    fn plain_string(&mut self) {
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
    fn template(&mut self) {
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

    fn punctuation(&mut self, byte: u8) {
        let start = self.at;
        match byte {
            b'(' | b'[' | b'{' => self.opening(byte),
            b')' | b']' | b'}' => self.closing(byte),
            b':' if self.peek(1) == b':' => {
                self.token(false, false);
                self.at += 2;
                self.last = Last::Operand;
            }
            b'@' => {
                self.token(false, false);
                self.at += 1;
                self.last = Last::Open;
            }
            b'?' if !matches!(self.peek(1), b'?' | b'.') => {
                self.token(true, false);
                self.at += 1;
                self.last = Last::Operand;
            }
            b'<' if self.follows_generic(start) => {
                self.token(true, false);
                self.angles += 1;
                if self.angles == MOST_DEPTH + 1 {
                    let message = format!("types nested deeper than {MOST_DEPTH}");
                    self.error(Diagnostic::new(&codes::TOO_DEEP, Span::new(start, start + 1), message));
                }
                self.at += 1;
                self.last = Last::Open;
            }
            b'>' if self.angles > 0 && self.peek(1) != b'=' => {
                self.token(true, false);
                self.angles -= 1;
                self.at += 1;
                self.last = Last::Operand;
            }
            b';' => {
                self.token(true, false);
                self.at += 1;
                self.last = Last::Open;
                self.operators = 0;
            }
            _ => {
                // A line that begins with `-` is new; every other operator goes on with the line before.
                self.token(byte != b'-', false);
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

    /// `<` right behind the name of a generic type.
    fn follows_generic(&self, start: usize) -> bool {
        let before = self.bytes.get(..start).unwrap_or_default();
        [&b"List"[..], b"Set", b"Map", b"Ref"].iter().any(|name| before.ends_with(name))
    }

    fn opening(&mut self, byte: u8) {
        self.token(byte == b'{', false);
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

    fn closing(&mut self, byte: u8) {
        self.requires &= byte != b'}';
        self.token(true, false);
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
                self.blank(self.at + 1);
                return;
            }
        }
        if byte == b'}' && !self.in_brackets() {
            self.braces.push((self.at, false));
        }
        self.at += 1;
        self.last = Last::Operand;
    }
}

#[cfg(test)]
mod tests;
