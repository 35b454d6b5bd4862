//! From the text of an item to what the grammar reads: comments blank, statement ends marked.
//!
//! A line end separates statements unless it stands inside round or square brackets, follows an operator or
//! a word that wants more, or the next line goes on with an infix. The scanner replaces such a line end by
//! [`SEPARATOR`], a byte of the same length, so that every offset stays what it was. It also finds what pest
//! would explain badly: unclosed strings, brackets without partners, nesting beyond bounds.

mod marks;
mod texts;
mod words;

use parapet_base::{Diagnostic, Span, codes};

use crate::token::{self, Kind, Tokens};

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
    pub tokens: Tokens,
    /// Where the comments stand, in order; documentation is none of them.
    pub comments: Vec<Span>,
    pub errors: Vec<Diagnostic>,
    /// The braces outside of round and square brackets, in order: where, and whether they open.
    pub braces: Vec<(usize, bool)>,
    /// The line ends that separate statements.
    line_ends: Vec<usize>,
    /// Brackets that close nothing, and documentation.
    blanks: Vec<Span>,
}

impl Layout {
    /// The text with blank comments and documentation, and with [`SEPARATOR`]s.
    pub(crate) fn laid_out(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        for place in self.comments.iter().chain(&self.blanks) {
            for byte in bytes.get_mut(place.range()).into_iter().flatten() {
                *byte = b' ';
            }
        }
        for at in &self.line_ends {
            if let Some(byte) = bytes.get_mut(*at) {
                *byte = SEPARATOR;
            }
        }
        String::from_utf8(bytes).unwrap_or_default()
    }
}

/// Lays out one item.
pub(crate) fn lay_out(text: &str) -> Layout {
    let mut scanner = Scanner::new(text);
    scanner.run();
    let Scanner { tokens, comments, errors, braces, line_ends, blanks, .. } = scanner;
    Layout { tokens, comments, errors, braces, line_ends, blanks }
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
    at: usize,
    tokens: Tokens,
    /// The byte behind the last token that the grammar is told: what stands before it belongs to that one.
    told: usize,
    line_ends: Vec<usize>,
    blanks: Vec<Span>,
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
    /// The word that the item begins with was met, behind its attributes.
    header: bool,
    /// The end of the header's line, where no block begins.
    first_end: Option<usize>,
    /// Where a brace is taken to open that nobody wrote.
    assumed: Option<usize>,
    /// Where the current line begins.
    line: usize,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Scanner<'t> {
        Scanner {
            bytes: text.as_bytes(),
            at: 0,
            // Most tokens have more than four letters, with the space behind them.
            tokens: Tokens::with_capacity(text.len() / 4),
            told: 0,
            line_ends: Vec::new(),
            blanks: Vec::new(),
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
            header: false,
            first_end: None,
            assumed: None,
            line: 0,
        }
    }
}

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
            self.quiet |= self.assumed == Some(at);
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
    }

    /// The current line ends with a brace that opens.
    fn line_opens_block(&self) -> bool {
        let rest = self.bytes.get(self.line..).unwrap_or_default();
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        // A comment opens nothing, whatever it ends with.
        let comment = line.windows(2).position(|two| two == b"//").unwrap_or(line.len());
        let line = line.get(..comment).unwrap_or_default();
        self.line > 0 && line.trim_ascii_end().ends_with(b" {")
    }

    fn comment(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let place = Span::new(self.at, self.at + length);
        let documents = self.at == self.line && rest.starts_with(b"///");
        if documents {
            self.blanks.push(place)
        } else {
            self.comments.push(place)
        }
        self.at += length;
    }

    /// Called at the start of each token: decides what the line end before it means, and tells the grammar the token.
    fn token(&mut self, start: usize, infix: bool, begins_statement: bool) {
        self.separate(infix, begins_statement);
        if start >= self.told {
            let (kind, length) = token::next(self.bytes, start, &self.tokens);
            self.tell(kind, start, start + length);
        }
    }

    /// The same for the word that ends here.
    fn tell_word(&mut self, kind: Kind, start: usize, infix: bool, begins_statement: bool) {
        self.separate(infix, begins_statement);
        let kind = token::word_in_place(kind, self.bytes.get(self.at..).unwrap_or_default());
        self.tell(kind, start, self.at);
    }

    /// Tells the grammar a token, unless what was told before reaches as far.
    fn tell(&mut self, kind: Kind, start: usize, end: usize) {
        if start >= self.told {
            self.tokens.push(kind, start, end);
            self.told = end;
        }
    }

    /// Decides what the line end before a token means.
    fn separate(&mut self, infix: bool, begins_statement: bool) {
        if let Some(at) = self.line_end.take() {
            let goes_on = infix || self.last != Last::Operand;
            if !goes_on || begins_statement {
                self.tell_line_end(at);
                self.first_end = self.first_end.or(Some(at).filter(|_| self.header));
                self.quiet = false;
                self.given = false;
                self.head = false;
                self.requires = false;
                self.pending_then = 0;
                self.operators = 0;
            }
        }
    }

    fn tell_line_end(&mut self, at: usize) {
        let between = self.bytes.get(self.told..at).unwrap_or_default();
        match self.tokens.last() {
            // At the end of a line, it is a variable.
            Some(Kind::Definitely) if !between.iter().any(|byte| matches!(byte, b'\t' | b'\r')) => {
                self.tokens.rename_last(Kind::Name);
            }
            Some(Kind::CountedHead) => self.tokens.rename_last(Kind::Counted),
            // What separates is no white space.
            Some(last) if between.is_empty() && last != last.touching() => self.tokens.rename_last(last.touching()),
            _ => {}
        }
        self.tokens.push(Kind::LineEnd, at, at + 1);
        self.line_ends.push(at);
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

    fn in_brackets(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.byte, b'(' | b'['))
    }

    fn starts_line(&self, start: usize) -> bool {
        let before = self.bytes.get(..start).unwrap_or_default();
        before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t')).is_none_or(|byte| *byte == b'\n')
    }
}

#[cfg(test)]
mod tests;
