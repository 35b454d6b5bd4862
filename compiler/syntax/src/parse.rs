//! One item through pest, and pest's complaints in Parapet's words.

use parapet_base::{Diagnostic, Span, codes};
use pest::Parser as _;
use pest::error::{Error, ErrorVariant, InputLocation};
use pest::iterators::Pairs;
use pest_derive::Parser;

use crate::build::Builder;
use crate::layout::{Layout, SEPARATOR, last_letter, lay_out};
use crate::recover::recover;
use crate::split::{ItemText, header_fault};
use crate::tree::Tree;

#[derive(Parser)]
#[grammar = "grammar.pest"]
pub(crate) struct Grammar;

/// A file larger than this is refused: no person wrote it.
pub const MOST_BYTES: usize = 16 << 20;

/// The error of a file beyond [`MOST_BYTES`].
pub fn too_large(bytes: usize) -> Diagnostic {
    let message = format!("the file has {bytes} bytes or more; rules of more than {MOST_BYTES} are not read");
    Diagnostic::new(&codes::BAD_FILE, Span::new(0, 1), message)
}

/// What parsing an item gives: a tree unless not even its header can be read. Errors beside a tree are about parts of
/// it that the rest does without.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    pub tree: Option<Tree>,
    pub errors: Vec<Diagnostic>,
    /// Some of the text is not in the tree: it may use any name.
    pub partial: bool,
}

impl Parsed {
    /// The tree of an item of which every word was understood.
    pub fn whole(&self) -> Option<&Tree> {
        self.tree.as_ref().filter(|_| !self.partial)
    }
}

/// Parses one item; spans are relative to its text.
pub fn parse(item: &ItemText) -> Parsed {
    if let Some(fault) = header_fault(item) {
        return Parsed { tree: None, errors: vec![fault], partial: true };
    }
    let layout = lay_out(&without_docs(&item.text));
    let mut builder = Builder::new();
    if layout.errors.is_empty()
        && let Ok(pairs) = Grammar::parse(Rule::item, &layout.text)
    {
        let tree = builder.item(pairs, docs(&item.text));
        return Parsed { tree, errors: builder.into_errors(), partial: false };
    }
    let tree = match layout.errors.iter().any(|error| error.code == &codes::TOO_DEEP) {
        true => {
            builder.errors = layout.errors;
            None
        }
        false => recover(&mut builder, item, &layout, docs(&item.text)),
    };
    Parsed { tree, errors: builder.into_errors(), partial: true }
}

/// An item's text as the grammar reads it, if the item begins and ends as an item does.
pub(crate) fn laid_out(item: &ItemText) -> Option<Layout> {
    let layout = lay_out(&without_docs(&item.text));
    (header_fault(item).is_none() && layout.errors.is_empty()).then_some(layout)
}

/// What the grammar makes of a laid-out text that matches as a whole.
pub(crate) fn pairs(laid_out: &str) -> Option<Pairs<'_, Rule>> {
    Grammar::parse(Rule::item, laid_out).ok()
}

/// An item as the grammar reads it, to tell what the grammar alone takes.
pub struct LaidOut(Layout);

impl LaidOut {
    /// The item's text laid out; `None` for one that does not begin and end as an item does.
    pub fn of(item: &ItemText) -> Option<LaidOut> {
        laid_out(item).map(LaidOut)
    }

    /// Whether the grammar matches it as a whole; nothing is built.
    pub fn matches(&self) -> bool {
        pairs(&self.0.text).is_some()
    }
}

/// Parses a value as the command line and manifests give them: any constant expression.
pub fn parse_literal(text: &str) -> Parsed {
    let item = ItemText {
        offset: 0,
        text: format!("const VALUE = {text}"),
        keyword: "const",
        name: Some("VALUE".into()),
        public: false,
    };
    parse(&item)
}

/// Doc comments are blank for the grammar.
fn without_docs(text: &str) -> String {
    let lines = text.split_inclusive('\n');
    let blank = |line: &str| {
        line.chars()
            .map(|letter| if letter == '\n' { "\n".to_owned() } else { " ".repeat(letter.len_utf8()) })
            .collect()
    };
    lines.map(|line| if line.starts_with("///") { blank(line) } else { line.to_owned() }).collect()
}

fn docs(text: &str) -> String {
    let lines = text.lines().filter_map(|line| line.strip_prefix("///"));
    lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
}

pub(crate) fn explain(error: &Error<Rule>, text: &str) -> Diagnostic {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let (span, found) = token_at(text, at);
    if let (ErrorVariant::ParsingError { positives, .. }, word) = (&error.variant, span.text(text))
        && positives.contains(&Rule::name)
        && Grammar::parse(Rule::reserved, word).is_ok()
        && !positives.iter().any(|rule| matches!(rule, Rule::primary | Rule::expr))
    {
        let message = format!("`{word}` is a word of the language, and cannot be a name");
        return Diagnostic::new(&codes::BAD_NAME, span, message);
    }
    let mut expected: Vec<String> = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.iter().filter_map(|rule| describe(*rule)).collect(),
        ErrorVariant::CustomError { message } => vec![message.clone()],
    };
    expected.sort();
    expected.dedup();
    let message = match expected.split_last() {
        None => format!("unexpected {found}"),
        Some((only, [])) => format!("expected {only}, found {found}"),
        Some((last, others)) if others.len() < 6 => format!("expected {} or {last}, found {found}", others.join(", ")),
        Some(_) => format!("unexpected {found}"),
    };
    Diagnostic::new(&codes::SYNTAX, span, message)
}

/// The token at a byte, for a message; at a statement's end, the last byte before it.
fn token_at(text: &str, at: usize) -> (Span, String) {
    let rest = text.get(at..).unwrap_or_default();
    let skipped = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    let rest = rest.get(skipped..).unwrap_or_default();
    let at = at + skipped;
    let Some(first) = rest.chars().next() else {
        return (last_letter(text.trim_end()), "the end of the item".to_owned());
    };
    if first as u32 == u32::from(SEPARATOR) {
        let line = text.get(..at).unwrap_or_default().trim_end();
        return (last_letter(line), "the end of the line".to_owned());
    }
    let wordy = |letter: char| letter.is_alphanumeric() || letter == '_';
    let length = if wordy(first) { rest.find(|letter| !wordy(letter)).unwrap_or(rest.len()) } else { first.len_utf8() };
    let token = rest.get(..length).unwrap_or_default();
    (Span::new(at, at + length), format!("`{token}`"))
}

/// What a rule of the grammar is called in messages; `None` for those that say too little to a reader.
fn describe(rule: Rule) -> Option<String> {
    let text = format!("{rule:?}");
    if let Some(word) = text.strip_prefix("kw_").or_else(|| text.strip_prefix("word_")) {
        return Some(format!("`{word}`"));
    }
    let described = match rule {
        Rule::open_paren => "`(`",
        Rule::close_paren => "`)`",
        Rule::open_bracket => "`[`",
        Rule::close_bracket => "`]`",
        Rule::open_brace => "`{`",
        Rule::close_brace => "`}`",
        Rule::comma => "`,`",
        Rule::colon => "`:`",
        Rule::assign => "`=`",
        Rule::arrow => "`->`",
        Rule::name | Rule::path | Rule::path_segment | Rule::name_any => "a name",
        Rule::string => "a string",
        Rule::regex => "a regular expression `/…/`",
        Rule::statement | Rule::let_statement => "a statement",
        Rule::step => "`given` or `expect`",
        Rule::waiver_field => "`resources like`, `for`, `until` or `reason`",
        Rule::type_expr | Rule::type_base | Rule::type_optional | Rule::type_path => "a type",
        Rule::template => "a message in quotes",
        Rule::outcome => "`passes`, `fails`, `skips` or `is unknown`",
        Rule::expr
        | Rule::or_expr
        | Rule::and_expr
        | Rule::not_expr
        | Rule::comparison
        | Rule::coalesce
        | Rule::range => "an expression",
        Rule::additive | Rule::multiplicative | Rule::unary | Rule::postfix | Rule::primary => "an expression",
        _ => return None,
    };
    Some(described.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each level of nesting is read once: a list that were read again for every bracket around it would take forever.
    #[test]
    fn nested_lists_are_read_once() {
        let nested = format!("{}1{}", "[".repeat(60), "]".repeat(60));
        assert!(parse_literal(&nested).tree.is_some());
        assert!(parse_literal(&nested.replace('1', "1 for x in [2]")).tree.is_some());
    }
}
