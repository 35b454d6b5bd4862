//! What the words before a cursor say of the next one, where the tree cannot: `is`, `skip`, `expect x passes`, and words
//! that go on behind a whole value.
//!
//! The item is cut into words up to the cursor; the clause is what begins with the last word that begins one. What is
//! open afterwards says the tree.

use crate::lexical::{Look, pieces};

use super::snippets::{self, Snippet};

/// What the words say.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    /// Nothing: the tree says it.
    Open,
    /// What the tree says, and these words.
    Beside(Vec<Snippet>),
    /// Nothing of what there is: a new name, or a mark.
    Nothing,
    /// These words and no others.
    Words(Vec<Snippet>),
    /// A clause of its own, or one of these words, which go on with the one before.
    Start(Vec<Snippet>),
    /// What is asked of the value that ends at this byte, behind `is`; `expected` in the clause `expect x is`.
    State { end: usize, expected: bool },
    /// What goes on behind a value: an operator, if it is compared with nothing yet, or one of these words.
    Behind { compared: bool, words: Vec<Snippet> },
    /// The verdict that is expected of what may be a guardrail.
    Verdict,
    /// What is gone through.
    Collection,
    /// A type of resources.
    Resources,
}

#[derive(Clone, Copy, Debug)]
struct Token<'t> {
    text: &'t str,
    look: Option<Look>,
    start: usize,
    /// It is the first of its line.
    first: bool,
}

impl Token<'_> {
    fn is_word(&self) -> bool {
        self.look == Some(Look::Word)
    }
}

const BINDERS: [&str; 6] = ["any", "all", "no", "count", "first", "for"];
const COMPARES: [&str; 7] = ["in", "like", "matches", "is", "subset", "intersects", "as"];
/// Words behind which a value or a name is wanted.
const UNFINISHED: [&str; 24] = [
    "and",
    "or",
    "not",
    "in",
    "like",
    "matches",
    "is",
    "subset",
    "of",
    "intersects",
    "as",
    "if",
    "then",
    "else",
    "where",
    "definitely",
    "require",
    "let",
    "skip",
    "given",
    "expect",
    "on",
    "with",
    "until",
];

/// What the text of an item up to the word at the cursor says; `fresh` on a line that has nothing else.
pub(super) fn told(before: &str, keyword: &str, fresh: bool) -> Told {
    let tokens = tokens(before);
    let tokens = behind_attributes(&tokens, keyword);
    let spaced = before.is_empty() || before.ends_with(char::is_whitespace);
    if let Some(at) = hole(tokens) {
        return value(tokens.get(at..).unwrap_or_default(), "", spaced);
    }
    let Some(clause) = clause(tokens, keyword) else { return header(tokens, keyword, spaced) };
    let Some(head) = clause.first().map(|token| token.text) else { return Told::Open };
    if fresh && keyword == "guardrail" && is_over(clause) {
        return match (value(clause, head, true), clause.last().map(|token| token.text)) {
            (Told::Behind { words, .. }, last) if last != Some("}") => {
                Told::Start(snippets::JOINED.into_iter().chain(words).collect())
            }
            _ => Told::Start(Vec::new()),
        };
    }
    // A step or a clause of its own begins.
    if fresh && is_over(clause) && keyword != "fn" {
        return Told::Open;
    }
    match (keyword, head) {
        ("test", "given") => given(clause, spaced),
        ("test", "expect") => expect(clause, spaced),
        ("waive", _) => waiver(clause, head, spaced),
        _ => value(clause, head, spaced),
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    for (span, look) in pieces(text) {
        marks(text, at, span.start as usize, &mut found);
        at = span.end as usize;
        if !matches!(look, Look::Comment | Look::Docs) {
            push(text, span.start as usize, at, Some(look), &mut found);
        }
    }
    marks(text, at, text.len(), &mut found);
    found
}

/// The marks between two pieces, each run of them one.
fn marks<'t>(text: &'t str, from: usize, to: usize, found: &mut Vec<Token<'t>>) {
    let gap = text.get(from..to).unwrap_or_default();
    let mut at = from;
    for run in gap.split_inclusive(char::is_whitespace) {
        let end = at + run.trim_end().len();
        if end > at {
            push(text, at, end, None, found);
        }
        at += run.len();
    }
}

fn push<'t>(text: &'t str, start: usize, end: usize, look: Option<Look>, found: &mut Vec<Token<'t>>) {
    let line = text.get(..start).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    let first = line.chars().all(char::is_whitespace);
    found.push(Token { text: text.get(start..end).unwrap_or_default(), look, start, first });
}

/// From the item's keyword, or the `pub` before it.
fn behind_attributes<'a, 't>(tokens: &'a [Token<'t>], keyword: &str) -> &'a [Token<'t>] {
    let at = tokens.iter().position(|token| token.first && (token.text == keyword || token.text == "pub"));
    at.and_then(|at| tokens.get(at..)).unwrap_or_default()
}

/// Where the expression in a message begins, if the cursor is in one.
fn hole(tokens: &[Token<'_>]) -> Option<usize> {
    let at = tokens.iter().rposition(|token| token.look == Some(Look::Text))?;
    tokens.get(at)?.text.ends_with('{').then_some(at + 1)
}

/// The words of the clause that the cursor is in.
fn clause<'a, 't>(tokens: &'a [Token<'t>], keyword: &str) -> Option<&'a [Token<'t>]> {
    let heads: &[&str] = match keyword {
        "guardrail" => &["require", "let", "skip", "for", "if"],
        "test" => &["given", "expect"],
        "waive" => &["resources", "for", "until", "reason", "owner", "ticket"],
        "fn" | "relation" => &["let"],
        _ => &[],
    };
    let mut depth: i32 = 0;
    for (at, token) in tokens.iter().enumerate().rev() {
        match token.look {
            Some(Look::Close) => depth += 1,
            Some(Look::Open) => depth -= 1,
            _ => {}
        }
        let begins = token.first || tokens.get(at.checked_sub(1)?).is_some_and(|before| before.text == "{");
        if depth <= 0 && begins && heads.contains(&token.text) {
            return tokens.get(at..);
        }
    }
    None
}

/// Whether another clause may begin behind this one.
fn is_over(clause: &[Token<'_>]) -> bool {
    let depth: i32 = clause.iter().map(open).sum();
    match clause.last() {
        Some(last) if last.text == "{" => true,
        Some(last) => is_value_end(clause, last) && (depth <= 0 || clause.iter().any(|token| token.text == "{")),
        None => true,
    }
}

fn open(token: &Token<'_>) -> i32 {
    match token.look {
        Some(Look::Open) => 1,
        Some(Look::Close) => -1,
        _ => 0,
    }
}

/// Whether a value may end with this word.
fn is_value_end(tokens: &[Token<'_>], last: &Token<'_>) -> bool {
    match last.look {
        Some(Look::Word) => {
            let member = tokens.iter().rev().nth(1).is_some_and(|before| before.text.ends_with(['.', ':']));
            let is_member = member && tokens.iter().rev().nth(1).is_some_and(|before| before.text != ":");
            is_member || !(UNFINISHED.contains(&last.text) || BINDERS.contains(&last.text))
        }
        Some(Look::Number | Look::Close) => true,
        Some(Look::Text) => last.text.len() > 1 && last.text.ends_with('"'),
        Some(Look::Comment | Look::Docs | Look::Open | Look::Comma | Look::Dot) | None => false,
    }
}

/// What stands before the value or the body of an item.
fn header(tokens: &[Token<'_>], keyword: &str, spaced: bool) -> Told {
    let Some(last) = tokens.last().filter(|_| spaced || tokens.last().is_some_and(|last| !last.is_word())) else {
        return Told::Open;
    };
    let depth: i32 = tokens.iter().map(open).sum();
    if let Some(at) = tokens.iter().position(|token| token.text == "=")
        && let Some(behind) = tokens.get(at + 1..)
        && !behind.is_empty()
    {
        return value(behind, "", spaced);
    }
    if last.text == "pub" {
        return Told::Words(snippets::PUBLIC.into());
    }
    let named = last.text == keyword;
    match keyword {
        "use" if is_value_end(tokens, last) && !named && last.text != "}" => Told::Words(snippets::AS.into()),
        "waive" if named => Told::Open,
        "extend" if named => Told::Resources,
        "guardrail" | "relation" if matches!(last.text, ":" | "|") => Told::Resources,
        "guardrail" | "fn" | "relation" | "const" | "param" | "schema" | "test" if named => Told::Nothing,
        "guardrail" | "fn" | "relation" if depth > 0 && matches!(last.text, "(" | ",") => Told::Nothing,
        "guardrail" if last.text == "{" => Told::Start(Vec::new()),
        "fn" if last.text == "{" => Told::Open,
        "schema" | "extend" if matches!(last.text, "{" | ",") => Told::Nothing,
        "waive" | "guardrail" | "param" | "const" | "relation" | "schema" | "extend" | "test"
            if is_value_end(tokens, last) =>
        {
            Told::Nothing
        }
        "fn" if is_value_end(tokens, last) && !tokens.iter().any(|token| token.text == "{") => Told::Nothing,
        _ => Told::Open,
    }
}

fn name<'t>(words: &[&'t str]) -> &'t str {
    words.get(1).copied().unwrap_or_default()
}

fn given(clause: &[Token<'_>], spaced: bool) -> Told {
    let words: Vec<&str> = clause.iter().map(|token| token.text).collect();
    match words.as_slice() {
        ["given"] => Told::Words(snippets::GIVENS.into()),
        ["given", "inventory"] => Told::Words(snippets::QUOTES.into()),
        ["given", "param"] | ["given", "now" | "param", .., "="] => Told::Open,
        ["given", name, "="] if *name != "param" => Told::Resources,
        ["given", "param", ..] if spaced && !words.contains(&"=") => Told::Nothing,
        ["given", _] => Told::Nothing,
        ["given", _, "=", rest @ ..]
            if spaced && !words.contains(&"{") && !rest.is_empty() && name(&words) != "now" =>
        {
            Told::Nothing
        }
        _ => value(clause, "given", spaced),
    }
}

fn expect(clause: &[Token<'_>], spaced: bool) -> Told {
    let path = 1 + clause.iter().skip(1).take_while(|token| token.is_word() || token.text == "::").count();
    let words: Vec<&str> = clause.iter().map(|token| token.text).collect();
    // A path goes on only behind its `::`.
    let end = (2..path).find(|at| clause.get(*at).is_some_and(Token::is_word) && words.get(at - 1) != Some(&"::"));
    let end = end.unwrap_or(path);
    match words.get(end..).unwrap_or_default() {
        [] if words.len() == 1 || words.last() == Some(&"::") => Told::Open,
        [] if spaced => Told::Verdict,
        ["passes" | "fails" | "skips"] | ["is", "unknown"] => Told::Words(snippets::ON.into()),
        ["is"] => Told::State { end: clause.last().map_or(0, |token| token.start), expected: true },
        ["passes" | "fails" | "skips", "on"] | ["is", "unknown", "on"] => Told::Beside(snippets::COUNTED.into()),
        [.., "on", number] if number.starts_with(|first: char| first.is_ascii_digit()) => {
            Told::Words(snippets::RESOURCES.into())
        }
        [.., "with"] => Told::Words(snippets::QUOTES.into()),
        [.., "with", _] => Told::Nothing,
        ["passes" | "fails" | "skips", "on", ..] | ["is", "unknown", "on", ..] => Told::Words(snippets::WITH.into()),
        _ => value(clause, "expect", spaced),
    }
}

fn waiver(clause: &[Token<'_>], head: &str, spaced: bool) -> Told {
    let words: Vec<&str> = clause.iter().map(|token| token.text).collect();
    match words.as_slice() {
        ["resources"] => Told::Words(snippets::LIKE.into()),
        ["resources", "like"] | ["reason" | "owner" | "ticket"] => Told::Words(snippets::QUOTES.into()),
        ["until"] => Told::Words(snippets::DAY.into()),
        ["for"] | ["for", _] => Told::Nothing,
        ["for", _, .., ":" | "::" | "|"] if !words.contains(&"where") => Told::Resources,
        ["for", _, ":", ..] if spaced && !words.contains(&"where") => Told::Words(snippets::WHERE.into()),
        ["for", ..] => value(clause, head, spaced),
        _ if spaced => Told::Nothing,
        _ => Told::Open,
    }
}

/// What goes on in an expression, and in the clause around it.
fn value(clause: &[Token<'_>], head: &str, spaced: bool) -> Told {
    let words: Vec<&str> = clause.iter().map(|token| token.text).collect();
    let count = words.len();
    let word = |back: usize| count.checked_sub(back).and_then(|at| words.get(at).copied()).unwrap_or_default();
    if !spaced || clause.last().is_some_and(|last| last.look == Some(Look::Dot)) {
        return Told::Open;
    }
    match (word(3), word(2), word(1)) {
        (_, _, "is") => Told::State { end: clause.last().map_or(0, |token| token.start), expected: false },
        (_, _, "skip") => Told::Words(snippets::SKIP.into()),
        (_, "skip", "if") => Told::Beside(snippets::DEFINITELY.into()),
        (binder, _, "in") if BINDERS.contains(&binder) => Told::Collection,
        (_, before, "not")
            if count > 1
                && !UNFINISHED.contains(&before)
                && before != "="
                && !before.ends_with(['(', ',', ':', '=']) =>
        {
            Told::Words(snippets::IN.into())
        }
        (_, _, "subset") => Told::Words(snippets::OF.into()),
        (_, _, "else") if head == "require" && !is_choice(&words) => Told::Words(snippets::QUOTES.into()),
        (_, _, "let") => Told::Nothing,
        (_, _, binder) if BINDERS.contains(&binder) => Told::Nothing,
        (_, "let", _) => Told::Nothing,
        (_, binder, name) if BINDERS.contains(&binder) && name != "=" => Told::Words(snippets::IN.into()),
        (_, _, "}") if head == "if" => Told::Words(snippets::ELSE_BLOCK.into()),
        (_, _, "}") if head == "for" || head == "given" => Told::Nothing,
        _ => match clause.last() {
            // Of a message nothing goes on.
            Some(last) if last.look == Some(Look::Text) && word(2) == "else" && head == "require" => Told::Nothing,
            Some(last) if is_value_end(clause, last) => behind(clause, head),
            _ => Told::Open,
        },
    }
}

/// Whether the last `else` belongs to an `if … then`.
fn is_choice(words: &[&str]) -> bool {
    let count = |wanted: &str| words.iter().filter(|word| **word == wanted).count();
    count("then") >= count("else")
}

/// What goes on behind a whole value.
fn behind(clause: &[Token<'_>], head: &str) -> Told {
    let (compared, binds, start) = compared(clause);
    let count = |wanted: &str| clause.iter().skip(1).filter(|token| token.text == wanted).count();
    let choices = count("if") - usize::from(head == "skip" && count("if") > 0);
    let mut words: Vec<Snippet> = Vec::new();
    if binds {
        return Told::Words(snippets::WHERE.into());
    }
    if choices > count("then") {
        words.extend(snippets::THEN);
    } else if count("then") > count("else") {
        words.extend(snippets::ELSE);
    } else if head == "require" && count("else") == count("then") && start <= 0 {
        words.extend(snippets::MESSAGE);
    }
    Told::Behind { compared, words }
}

/// Whether the value at the end is compared already, whether it is what a name goes through, and how many brackets are
/// open around it.
fn compared(clause: &[Token<'_>]) -> (bool, bool, i32) {
    let mut depth: i32 = 0;
    let around: i32 = clause.iter().map(open).sum();
    for (at, token) in clause.iter().enumerate().rev() {
        match token.look {
            Some(Look::Close) => depth += 1,
            Some(Look::Open) => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            break;
        }
        if depth > 0 {
            continue;
        }
        let member =
            at.checked_sub(1).and_then(|at| clause.get(at)).is_some_and(|before| before.look == Some(Look::Dot));
        let binder = at.checked_sub(2).and_then(|at| clause.get(at)).map(|token| token.text);
        match token.text {
            _ if member => {}
            "in" if binder.is_some_and(|word| BINDERS.contains(&word)) => return (false, true, around),
            "==" | "!=" | "<" | "<=" | ">" | ">=" => return (true, false, around),
            word if token.is_word() && COMPARES.contains(&word) => return (true, false, around),
            "and" | "or" | "if" | "then" | "else" | "where" | "definitely" | "require" | "=" | ":" | "," => break,
            _ => {}
        }
    }
    (false, false, around)
}
