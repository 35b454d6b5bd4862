//! A random layout of tokens: spaces, line ends and comments wherever the language lets them stand.

use crate::generate::{Before, Program};
use crate::random::Random;

/// How a text is laid out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Style {
    /// No more line ends and spaces than needed, no comments.
    Tight,
    /// A bit of everything.
    Mixed,
    /// A line end and a comment wherever they may stand.
    Commented,
}

/// Words that want more.
const OPEN: [&str; 24] = [
    "and",
    "or",
    "not",
    "in",
    "is",
    "as",
    "like",
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
    "subset",
    "+",
    "|",
];
const INFIX: [&str; 12] =
    ["and", "or", "in", "is", "as", "like", "matches", "then", "else", "where", "intersects", "{"];

/// A text, and the comments in it.
pub(crate) struct Laid {
    pub(crate) text: String,
    pub(crate) comments: Vec<String>,
}

struct Layout<'r> {
    random: &'r mut Random,
    style: Style,
    line_end: &'static str,
    laid: Laid,
}

/// Lays a program out.
pub(crate) fn lay_out(program: &Program, random: &mut Random, style: Style) -> Laid {
    let line_end = if random.chance(1, 6) { "\r\n" } else { "\n" };
    let laid = Laid { text: String::new(), comments: Vec::new() };
    let mut layout = Layout { random, style, line_end, laid };
    let mut brackets: Vec<char> = Vec::new();
    let mut last = "";
    for token in &program.tokens {
        layout.before(token.before, last, &token.text, brackets.last().copied());
        layout.laid.text.push_str(&token.text);
        match token.text.as_str() {
            "(" | "[" | "{" => brackets.extend(token.text.chars().next()),
            ")" | "]" | "}" => {
                brackets.pop();
            }
            _ => {}
        }
        last = &token.text;
    }
    if layout.random.chance(2, 3) {
        layout.line_ends(false);
    }
    layout.laid
}

impl Layout<'_> {
    fn before(&mut self, before: Before, last: &str, next: &str, bracket: Option<char>) {
        match before {
            Before::Nothing => {}
            Before::Spaces => self.spaces(last, next),
            Before::Layout if self.may_break(last, next, bracket) && self.wants_break() => {
                self.line_ends(true);
                if self.random.chance(1, 2) || bracket.is_none() || next.starts_with(['/', '@']) {
                    self.laid.text.push_str(["    ", " ", "\t", "            "][self.random.below(4)]);
                } else {
                    // Column 0 is for items; only closing brackets may stand there, too.
                    self.laid.text.push_str(if matches!(next, ")" | "]" | "}") { "" } else { " " });
                }
            }
            Before::Layout => self.spaces(last, next),
            Before::Statement if last == "{" && self.style == Style::Tight => {}
            Before::Statement if last != "{" && (self.style == Style::Tight || self.random.chance(1, 6)) => {
                self.laid.text.push(';');
            }
            Before::Statement => {
                self.line_ends(true);
                self.laid.text.push_str(["    ", " ", "        "][self.random.below(3)]);
            }
            Before::Item => {
                if self.laid.text.is_empty() {
                    while self.style != Style::Tight && self.random.chance(1, 3) {
                        self.own_comment(false);
                    }
                } else {
                    self.line_ends(last != "@");
                }
                while self.style != Style::Tight && last != ")" && self.random.chance(1, 4) {
                    self.documentation();
                }
            }
        }
    }

    fn may_break(&self, last: &str, next: &str, bracket: Option<char>) -> bool {
        let operator = |text: &str| {
            let sign = text.starts_with(['=', '<', '>', '!', '?', '.', '|', '+', '*', '%', ',', ':', ')', ']', '}']);
            sign && text != "::" && !text.starts_with("::")
        };
        let open = OPEN.contains(&last)
            || matches!(last, "(" | "[" | "{" | "," | ":" | "=" | "->" | "-" | "*" | "%" | "??" | ".." | "..=")
            || matches!(last, "==" | "!=" | "<=" | "<" | ">");
        let infix = INFIX.contains(&next) || operator(next);
        let joined = last.is_empty() || matches!(next, "(" | "[") && !open;
        match bracket {
            Some('(' | '[') => !joined,
            _ => !joined && (open || infix),
        }
    }

    fn wants_break(&mut self) -> bool {
        match self.style {
            Style::Tight => false,
            Style::Mixed => self.random.chance(1, 5),
            Style::Commented => self.random.chance(9, 10),
        }
    }

    /// The spaces that the tokens need, or more.
    fn spaces(&mut self, last: &str, next: &str) {
        let wordy = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '"' || letter == '/';
        let sign = |letter: char| matches!(letter, ':' | '?' | '.' | '<' | '>' | '=' | '!' | '-' | '/');
        let (end, begin) = (last.chars().next_back(), next.chars().next());
        let need = match (end, begin) {
            (Some(end), Some(begin)) => {
                (wordy(end) && wordy(begin))
                    || (sign(end) && sign(begin))
                    || (end.is_ascii_digit() && begin == '.')
                    || (end == '.' && begin.is_ascii_digit())
                    || (end == '>' && wordy(begin))
            }
            _ => false,
        };
        let more = self.style != Style::Tight && self.random.chance(1, 2);
        if need || more {
            self.laid.text.push_str(if more { ["  ", " ", "   "][self.random.below(3)] } else { " " });
        }
    }

    /// One or more line ends, with comments before and between them.
    fn line_ends(&mut self, indented: bool) {
        let comments = match self.style {
            Style::Tight => false,
            Style::Mixed => self.random.chance(1, 3),
            Style::Commented => true,
        };
        if comments && self.random.chance(1, 2) {
            let space = if self.random.chance(1, 2) { " " } else { "" };
            let comment = self.comment("//");
            self.laid.text.push_str(&format!("{space}{comment}"));
        }
        self.laid.text.push_str(self.line_end);
        while comments && self.random.chance(1, 2) {
            while self.random.chance(1, 4) {
                self.laid.text.push_str(self.line_end);
            }
            self.own_comment(indented);
        }
        while self.style != Style::Tight && self.random.chance(1, 4) {
            self.laid.text.push_str(self.line_end);
        }
    }

    fn own_comment(&mut self, indented: bool) {
        let indent = if indented { ["    ", " ", "", "        "][self.random.below(4)] } else { "" };
        let mark = match (indent.is_empty(), self.random.below(8)) {
            (false, 0) => "///",
            (_, 1) => "//!",
            _ => "//",
        };
        let comment = self.comment(mark);
        self.laid.text.push_str(&format!("{indent}{comment}{}", self.line_end));
    }

    fn documentation(&mut self) {
        let comment = self.comment("///");
        self.laid.text.push_str(&format!("{comment}{}", self.line_end));
    }

    /// A comment that no other one is like.
    fn comment(&mut self, mark: &str) -> String {
        let words = [" c{}", " \"c{}", "c{} // {", " c{} größer )"];
        let text =
            format!("{mark}{}", words[self.random.below(4)].replace("{}", &self.laid.comments.len().to_string()));
        self.laid.comments.push(text.clone());
        text
    }
}
