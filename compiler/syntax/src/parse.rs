//! One item through pest, and pest's complaints in Parapet's words.

use parapet_base::{Diagnostic, Span, codes};
use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};
use pest_derive::Parser;

use crate::build::Builder;
use crate::foreign::with_meant;
use crate::layout::{Layout, SEPARATOR, last_letter, lay_out};
use crate::pair::Forest;
use crate::recover::recover;
use crate::split::{ItemText, header_fault};
use crate::token::{Kind, Tokens};
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
    let mut parsed = parse_as_written(item);
    parsed.errors = parsed.errors.into_iter().map(|error| with_meant(&item.text, error)).collect();
    parsed
}

fn parse_as_written(item: &ItemText) -> Parsed {
    if let Some(fault) = header_fault(item) {
        return Parsed { tree: None, errors: vec![fault], partial: true };
    }
    let layout = lay_out(&item.text);
    let mut builder = Builder::new();
    if layout.errors.is_empty()
        && let Some(forest) = forest(&item.text, &layout)
    {
        let tree = builder.item(forest.roots(), docs(&item.text));
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

/// An item's layout, if the item begins and ends as an item does.
pub(crate) fn laid_out(item: &ItemText) -> Option<Layout> {
    let layout = lay_out(&item.text);
    (header_fault(item).is_none() && layout.errors.is_empty()).then_some(layout)
}

/// What the grammar makes of an item that matches as a whole.
pub(crate) fn forest<'t>(text: &'t str, layout: &'t Layout) -> Option<Forest<'t>> {
    let pairs = Grammar::parse(Rule::item, layout.tokens.codes()).ok()?;
    Some(Forest::of(pairs, 0, text, &layout.tokens))
}

/// What a rule matches in a range of bytes, or what is wrong there.
pub(crate) fn matched<'t>(
    rule: Rule,
    text: &'t str,
    tokens: &'t Tokens,
    range: &std::ops::Range<usize>,
) -> Result<Forest<'t>, Diagnostic> {
    let (codes, first) = tokens.within(range);
    match Grammar::parse(rule, codes) {
        Ok(pairs) => Ok(Forest::of(pairs, first, text, tokens)),
        Err(error) => {
            let at = match error.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
            };
            let place = if at < codes.len() { tokens.place(first + at) } else { None };
            let at = place.map_or(range.end, |place| place.start as usize);
            Err(explain(&error.variant, text, at))
        }
    }
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
        Grammar::parse(Rule::item, self.0.tokens.codes()).is_ok()
    }
}

/// Parses a value as the command line and manifests give them: any constant expression.
pub fn parse_literal(text: &str) -> Parsed {
    let item = ItemText {
        offset: 0,
        text: format!("const VALUE = {text}").into(),
        keyword: "const",
        name: Some("VALUE".into()),
        public: false,
    };
    parse(&item)
}

fn docs(text: &str) -> String {
    let mut docs = String::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("///")) {
        docs.push_str(line.strip_prefix(' ').unwrap_or(line));
        docs.push('\n');
    }
    docs
}

/// What pest says is missing at a byte of a text.
fn explain(variant: &ErrorVariant<Rule>, text: &str, at: usize) -> Diagnostic {
    let (span, found) = token_at(text, at);
    if let (ErrorVariant::ParsingError { positives, .. }, word) = (variant, span.text(text))
        && positives.contains(&Rule::name)
        && Kind::of_word(word.as_bytes()).is_reserved()
        && !positives.iter().any(|rule| matches!(rule, Rule::primary | Rule::operand | Rule::expr))
    {
        let message = format!("`{word}` is a word of the language, and cannot be a name");
        return Diagnostic::new(&codes::BAD_NAME, span, message);
    }
    let mut expected: Vec<String> = match variant {
        ErrorVariant::ParsingError { positives, .. } => {
            let said = |rule: &&Rule| !goes_without_saying(**rule, positives);
            let mut expected: Vec<String> = positives.iter().filter(said).flat_map(|rule| describe(*rule)).collect();
            if positives.contains(&Rule::joint) && !is_name(span.text(text)) {
                // That of a relation.
                expected.push("a name".to_owned());
            }
            expected
        }
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

/// Whether a rule that is missing is not worth a word beside the others: an expression may begin so.
fn goes_without_saying(rule: Rule, others: &[Rule]) -> bool {
    matches!(rule, Rule::kw_if | Rule::not_op)
        && others.iter().any(|other| matches!(other, Rule::primary | Rule::operand))
}

/// Whether a token may be a name.
fn is_name(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && !Kind::of_word(token.as_bytes()).is_reserved()
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

/// What a rule of the grammar is called in messages; nothing for those that say too little to a reader.
fn describe(rule: Rule) -> Vec<String> {
    let text = format!("{rule:?}");
    if let Some(word) = text.strip_prefix("kw_").or_else(|| text.strip_prefix("word_")) {
        return vec![format!("`{word}`")];
    }
    let described: &[&str] = match rule {
        Rule::open_paren | Rule::arguments => &["`(`"],
        Rule::close_paren => &["`)`"],
        Rule::close_bracket => &["`]`"],
        Rule::open_brace => &["`{`"],
        Rule::close_brace => &["`}`"],
        Rule::comma => &["`,`"],
        Rule::colon => &["`:`"],
        Rule::assign => &["`=`"],
        Rule::arrow => &["`->`"],
        Rule::not_op => &["`not`"],
        // What goes on with an operand, beside the marks between operands; and with what is compared.
        Rule::arithmetic => &["`[`", "`as`"],
        Rule::joint => &["`and`", "`or`", "`is`", "`matches`"],
        Rule::name | Rule::path | Rule::name_any | Rule::nothing => &["a name"],
        Rule::string => &["a string"],
        Rule::regex => &["a regular expression `/…/`"],
        Rule::statement | Rule::let_statement => &["a statement"],
        Rule::step => &["`given` or `expect`"],
        Rule::waiver_field => &["`resources like`, `for`, `until` or `reason`"],
        Rule::type_expr | Rule::type_base | Rule::type_optional | Rule::type_path => &["a type"],
        Rule::template => &["a message in quotes"],
        Rule::outcome => &["`passes`, `fails`, `skips` or `is unknown`"],
        Rule::expr | Rule::operand | Rule::primary => &["an expression"],
        _ => &[],
    };
    described.iter().map(|text| (*text).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The grammar and the kinds of tokens agree on their codes.
    #[test]
    fn every_word_of_the_grammar_has_its_code() {
        let matches = |rule: Rule, text: &str| Grammar::parse(rule, lay_out(text).tokens.codes()).is_ok();
        let mut words = 0;
        for rule in Rule::all_rules() {
            let name = format!("{rule:?}");
            if let Some(word) = name.strip_prefix("kw_").or_else(|| name.strip_prefix("word_")) {
                assert!(matches(*rule, word), "{name}");
                assert_eq!(matches(Rule::name, word), name.starts_with("word_"), "{name}");
                words += 1;
            }
        }
        assert!(words > 30, "{words}");
        let marks = [
            (Rule::open_paren, "("),
            (Rule::comma, ","),
            (Rule::assign, "="),
            (Rule::arrow, "->"),
            (Rule::question, "?"),
            (Rule::string, "\"a\""),
            (Rule::literal, "r\"a\""),
            (Rule::literal, "2027-01-31"),
            (Rule::is_state, "absent"),
            (Rule::waive_key, "ticket"),
        ];
        for (rule, text) in marks {
            assert!(matches(rule, text), "{rule:?}");
        }
        for operator in ["==", "!=", "<=", ">=", "<", ">", "in", "not in", "like", "subset of", "intersects"] {
            assert!(matches(Rule::comparator, operator), "{operator}");
        }
        for operator in ["??", "..", "..=", "+", "-", "*", "/", "%"] {
            assert!(matches(Rule::arithmetic, operator), "{operator}");
        }
    }

    /// Each level of nesting is read once: a list that were read again for every bracket around it would take forever.
    #[test]
    fn nested_lists_are_read_once() {
        let nested = format!("{}1{}", "[".repeat(60), "]".repeat(60));
        assert!(parse_literal(&nested).tree.is_some());
        assert!(parse_literal(&nested.replace('1', "1 for x in [2]")).tree.is_some());
    }
}
