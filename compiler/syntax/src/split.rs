//! A file into items, before any grammar sees it.
//!
//! An item begins at an item keyword (or `pub`), an attribute or a doc comment in column 0 and ends before the
//! next one; so one broken item never hides another. Text that belongs to no item is reported here.

use std::sync::Arc;

use parapet_base::{Diagnostic, Span, codes};

/// One item's text and where it begins in its file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ItemText {
    pub offset: u32,
    /// From the first doc comment or attribute to the last line that is not blank.
    pub text: Arc<str>,
    /// The item keyword: `guardrail`, `fn`, …
    pub keyword: &'static str,
    /// The name in the header, if one can be read; tests have their title.
    pub name: Option<String>,
    /// The header begins with `pub`.
    pub public: bool,
}

/// What a file consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    pub items: Vec<ItemText>,
    /// The `//!` lines on top, without their marks.
    pub module_docs: String,
    pub errors: Vec<Diagnostic>,
}

/// The words that items begin with, after `pub`.
pub(crate) const KEYWORDS: [&str; 10] =
    ["guardrail", "fn", "const", "param", "relation", "test", "waive", "schema", "extend", "use"];

/// Splits a file's text.
pub fn split(text: &str) -> Split {
    let mut split = Split::default();
    let mut open: Option<Open> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        take_line(&mut split, &mut open, text, at, line);
        at += line.len();
    }
    finish(&mut split, open, text, text.len());
    split
}

/// The item being collected; its keyword is missing while only its docs and attributes were seen.
struct Open {
    start: usize,
    keyword: Option<&'static str>,
    /// Brackets open at the last line's end, as far as a glance at the lines tells.
    depth: i64,
    name: Option<String>,
    public: bool,
    /// The last line that is not blank wants another.
    goes_on: bool,
    /// A blank line stands where the item may end.
    ended: bool,
    /// Where a body begins below attributes whose header is missing.
    headless: Option<usize>,
    /// That body ends with a `}`.
    closed: bool,
}

impl Open {
    /// Another item begins behind this one: it has its keyword, or a body without a header.
    fn is_over(&self) -> bool {
        self.keyword.is_some() || self.headless.is_some()
    }

    /// The same before an attribute or a header: what looks like a body may be the rest of an attribute with a bracket
    /// too many, `@control(fsbp: "RDS.2"),`.
    fn is_over_before_header(&self) -> bool {
        self.keyword.is_some() || (self.headless.is_some() && (self.closed || self.ended))
    }

    fn at(start: usize) -> Open {
        Open {
            start,
            keyword: None,
            depth: 0,
            name: None,
            public: false,
            goes_on: false,
            ended: false,
            headless: None,
            closed: false,
        }
    }
}

fn take_line(split: &mut Split, open: &mut Option<Open>, text: &str, at: usize, line: &str) {
    let bare = line.trim_end();
    if let Some(doc) = bare.strip_prefix("//!") {
        split.module_docs.push_str(doc.strip_prefix(' ').unwrap_or(doc));
        split.module_docs.push('\n');
        return;
    }
    let header = bare.starts_with("///") || bare.starts_with('@');
    let after = after_attributes(bare);
    let keyword = keyword(after);
    if header || keyword.is_some() {
        let doc = bare.starts_with("///");
        let is_over = if doc { Open::is_over } else { Open::is_over_before_header };
        if open.as_ref().is_none_or(is_over) {
            finish(split, open.take(), text, at);
            *open = Some(Open::at(at));
        }
        if let (Some(open), None, false) = (open.as_mut(), keyword, doc) {
            // A bracket too many closes nothing of the next attribute.
            open.depth = (open.depth + depth(bare)).max(0);
        }
        if let (Some(open), Some(keyword)) = (open.as_mut(), keyword) {
            open.keyword = Some(keyword);
            open.headless = None;
            open.name = header_name(after, keyword);
            open.public = after.starts_with("pub");
            // An attribute that is never closed does not reach into the item.
            open.depth = depth(after) + i64::from(is_half_a_title(after, keyword));
            open.goes_on = goes_on(after);
            open.ended = false;
        }
        return;
    }
    let in_column_0 = !bare.is_empty() && !line.starts_with([' ', '\t', '}', ')', ']', '/', '\r']);
    let complete = open.as_ref().is_none_or(|open| open.depth <= 0);
    // ` limit: Int = 3`: whoever deletes the keyword leaves the space behind it. What stands deeper is of a body.
    let at_margin = !line.starts_with("  ") && !line.starts_with('\t');
    let begins = in_column_0 || (at_margin && open.as_ref().is_none_or(|open| open.keyword.is_none() || open.ended));
    if begins
        && complete
        && let Some(assumed) = assumed(bare.trim_start())
    {
        if open.as_ref().is_none_or(Open::is_over) {
            finish(split, open.take(), text, at);
            *open = Some(Open::at(at));
        }
        if let Some(open) = open.as_mut() {
            (open.keyword, open.name) = (Some(assumed.keyword), assumed.name);
            open.public = bare.starts_with("pub");
            open.depth = depth(bare);
            open.ended = false;
        }
    } else if in_column_0 && complete && (open.is_none() || looks_like_header(bare)) {
        finish(split, open.take(), text, at);
        split.errors.push(stray(at, bare));
    } else if open.as_ref().is_some_and(|open| open.ended) && complete && !at_margin && is_of_body(bare) {
        finish(split, open.take(), text, at);
        stray_body(split, at, bare);
    } else if let Some(open) = open {
        if open.keyword.is_none() && complete && !bare.is_empty() && !bare.trim_start().starts_with("//") {
            open.headless = open.headless.or(Some(at));
        }
        open.closed |= bare.starts_with('}');
        open.depth += depth(bare);
        if open.keyword.is_none() {
            open.depth = open.depth.max(0);
        }
        open.goes_on = if bare.is_empty() { open.goes_on } else { goes_on(bare) };
        open.ended = bare.is_empty() && !open.goes_on;
    } else if !bare.is_empty() && !bare.trim_start().starts_with("//") {
        stray_body(split, at, bare);
    }
}

/// Reports a line of a body whose header is missing, if nothing before it told of it.
fn stray_body(split: &mut Split, at: usize, line: &str) {
    if !is_told(split) {
        let bare = line.trim_start();
        split.errors.push(no_item(stray_span(at + line.len() - bare.len(), bare)));
    }
}

/// A line that stands in the body of an item: a statement, a step, or a field with its type.
fn is_of_body(line: &str) -> bool {
    let line = line.trim_start();
    let end = line.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(end).unwrap_or((line, ""));
    let names_field = rest.starts_with(':') && !rest.starts_with("::");
    (!word.is_empty() && names_field)
        || (rest.starts_with(' ') && matches!(word, "require" | "let" | "skip" | "for" | "given" | "expect"))
}

/// `test "half a ti`, where the quote and the brace are still to come.
fn is_half_a_title(header: &str, keyword: &str) -> bool {
    let title = without_pub(header).strip_prefix(keyword).and_then(|rest| rest.trim_start().strip_prefix('"'));
    keyword == "test" && title.is_some_and(|title| !title.contains('"'))
}

/// Whether there is an error behind the last item: of a piece of text between items the first line is enough.
fn is_told(split: &Split) -> bool {
    let end = split.items.last().map_or(0, |item| item.offset as usize + item.text.len());
    split.errors.last().is_some_and(|error| error.span.start as usize >= end)
}

/// A line after which its item cannot end.
fn goes_on(line: &str) -> bool {
    let word = line.rsplit(|letter: char| letter.is_whitespace()).next().unwrap_or("");
    line.ends_with(['=', ',', '(', '[', '{', '+', '-', '*', '/', '%', '<', '>', '?', ':'])
        || matches!(
            word,
            "and" | "or" | "not" | "in" | "is" | "as" | "like" | "matches" | "then" | "else" | "where" | "if"
        )
}

/// What stands behind the attributes that a line begins with.
fn after_attributes(line: &str) -> &str {
    let mut rest = line;
    while let Some(attribute) = rest.strip_prefix('@') {
        let name = attribute.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
        let arguments = name.trim_start();
        rest = match arguments.starts_with('(') {
            true => arguments.get(closing(arguments)..).unwrap_or("").trim_start(),
            false => arguments,
        };
    }
    rest
}

/// The byte behind the bracket that closes the one a text begins with; its end where none does.
fn closing(text: &str) -> usize {
    let (mut open, mut quoted) = (0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '(' if !quoted => open += 1,
            ')' if !quoted => open -= 1,
            _ => {}
        }
        if open == 0 {
            return at + 1;
        }
    }
    text.len()
}

/// What stands behind a `pub` that a line begins with.
fn without_pub(line: &str) -> &str {
    let rest = line.strip_prefix("pub").filter(|rest| rest.starts_with([' ', '\t']));
    rest.map_or(line, str::trim_start)
}

fn keyword(line: &str) -> Option<&'static str> {
    let line = without_pub(line);
    // Most lines begin with a space.
    if !line.starts_with(|letter: char| letter.is_ascii_lowercase()) {
        return None;
    }
    KEYWORDS.into_iter().find(|keyword| {
        line.strip_prefix(keyword).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '(', '{', '"']))
    })
}

fn header_name(line: &str, keyword: &str) -> Option<String> {
    let line = without_pub(line);
    let mut rest = line.strip_prefix(keyword)?.trim_start();
    // `guardrail guardrail name(…)`: no item has the name of a keyword.
    while let Some(twice) = rest.strip_prefix(keyword).filter(|twice| twice.starts_with([' ', '\t'])) {
        rest = twice.trim_start();
    }
    let of_type = |letter: char| letter == ':' && matches!(keyword, "schema" | "extend");
    let name = match rest.strip_prefix('"') {
        Some(title) => title.split('"').next()?.to_owned(),
        None => rest
            .chars()
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_' || of_type(*letter))
            .collect(),
    };
    (!name.is_empty()).then_some(name)
}

/// What a line that begins no item was probably meant to begin.
struct Assumed {
    keyword: &'static str,
    name: Option<String>,
    /// The bytes at the line's start that stand where the keyword should.
    replaced: usize,
}

/// `guardrial name(…)`, `pub pub fn`, or a header without its keyword: `is_it(a: Int) -> Bool =`.
fn assumed(line: &str) -> Option<Assumed> {
    if keyword(line).is_some() {
        return None;
    }
    let rest = without_pub(line);
    let before = line.len() - rest.len();
    if before > 0 && rest.starts_with("pub ") {
        let inner = assumed(rest).or_else(|| {
            let keyword = keyword(rest)?;
            Some(Assumed { keyword, name: header_name(rest, keyword), replaced: 0 })
        })?;
        return Some(Assumed { replaced: inner.replaced + before, ..inner });
    }
    let word: &str = rest.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).next()?;
    let after = rest.get(word.len()..)?;
    let next = after.trim_start();
    if after.starts_with(' ') && next.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '"') {
        let near = |known: &&str| parapet_base::nearest(word, [*known]).is_some();
        // Half of a keyword is too far from it to be near.
        let half = |known: &&str| word.len() > 1 && known.starts_with(word);
        let keyword = KEYWORDS.into_iter().find(near).or_else(|| KEYWORDS.into_iter().find(half))?;
        let as_written = format!("{keyword} {next}");
        return Some(Assumed { keyword, name: header_name(&as_written, keyword), replaced: before + word.len() });
    }
    let keyword = match next.as_bytes() {
        [b'(', ..] if rest.contains("->") => "fn",
        [b'(', ..] if (rest.ends_with('=') && !rest.ends_with("==")) || rest.contains(") = ") => "relation",
        [b'(', ..] if rest.ends_with('{') => "guardrail",
        [b'"', ..] if word.is_empty() && rest.ends_with('{') => {
            return Some(Assumed { keyword: "test", name: header_name(&format!("test {next}"), "test"), replaced: 0 });
        }
        [b'{', ..] if before == 0 && rest.ends_with('{') && !word.is_empty() => "waive",
        [b':', b':', ..] if rest.ends_with('{') && word.starts_with(|letter: char| letter.is_ascii_uppercase()) => {
            return Some(Assumed {
                keyword: "schema",
                name: header_name(&format!("schema {rest}"), "schema"),
                replaced: 0,
            });
        }
        [b'=', second, ..] if *second != b'=' && word.starts_with(|letter: char| letter.is_ascii_uppercase()) => {
            "const"
        }
        [b':', second, ..] if *second != b':' => "param",
        _ => return None,
    };
    (!word.is_empty()).then(|| Assumed { keyword, name: Some(word.to_owned()), replaced: before })
}

/// The error of an item whose header does not begin with its keyword.
pub(crate) fn header_fault(item: &ItemText) -> Option<Diagnostic> {
    // Another keyword in column 0 would begin another item.
    if item.text.lines().any(|line| keyword(after_attributes(line)).is_some()) {
        return None;
    }
    let (mut at, mut open) = (0, 0);
    for line in item.text.split_inclusive('\n') {
        let bare = line.trim_end();
        let header = after_attributes(bare);
        // `@tags("a") // A comment.`
        if bare.starts_with("//") || header.is_empty() || header.starts_with("//") || open > 0 {
            open += if bare.starts_with("//") { 0 } else { depth(bare) };
            at += line.len();
            continue;
        }
        let indent = bare.len() - bare.trim_start().len();
        let (at, bare) = (at + indent, bare.trim_start());
        let assumed = assumed(bare)?;
        let span = Span::new(at, at + assumed.replaced);
        let kept = bare.get(assumed.replaced..).unwrap_or_default().trim_start();
        let first = kept.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).next().unwrap_or("");
        if KEYWORDS.contains(&first) || first == "pub" {
            let diagnostic = Diagnostic::new(&codes::SYNTAX, span, "`pub` stands twice");
            return Some(diagnostic.suggest(Span::new(at, at + bare.len() - kept.len()), "", "remove one"));
        }
        if assumed.replaced == 0 {
            let span = Span::new(at, at + first.len().max(1));
            let before = if first.is_empty() { "the title".to_owned() } else { format!("`{first}`") };
            let message = format!("expected `{}` before {before}: an item begins with its keyword", assumed.keyword);
            let diagnostic = Diagnostic::new(&codes::SYNTAX, span, message);
            let insert = Span::new(at - indent, at);
            return Some(diagnostic.suggest(
                insert,
                format!("{} ", assumed.keyword),
                format!("add `{}`", assumed.keyword),
            ));
        }
        let written = bare.get(..assumed.replaced).unwrap_or_default();
        let diagnostic = Diagnostic::new(&codes::SYNTAX, span, format!("`{written}` begins no item"));
        return Some(diagnostic.suggest(span, assumed.keyword, format!("did you mean `{}`?", assumed.keyword)));
    }
    None
}

/// Brackets that a line opens less those that it closes; strings and comments are passed over.
fn depth(line: &str) -> i64 {
    let mut depth = 0;
    let mut letters = line.bytes().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b'"' => while letters.next().is_some_and(|inside| inside != b'"') {},
            b'/' if letters.peek() == Some(&b'/') => break,
            _ => {}
        }
    }
    depth
}

/// A line in column 0 that begins with a word, as a misspelt item keyword does.
fn looks_like_header(line: &str) -> bool {
    line.starts_with(|letter: char| letter.is_ascii_lowercase())
}

fn stray(at: usize, line: &str) -> Diagnostic {
    let word: String = line.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
    let span = stray_span(at, line);
    let diagnostic = no_item(span);
    match parapet_base::nearest(&word, KEYWORDS.into_iter().chain(["pub"])) {
        Some(keyword) => diagnostic.suggest(span, keyword, format!("did you mean `{keyword}`?")),
        None => diagnostic,
    }
}

/// The first word of a line, or its first letter.
fn stray_span(at: usize, line: &str) -> Span {
    let word = line.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(line.len());
    let first = line.chars().next().map_or(1, char::len_utf8);
    Span::new(at, at + word.max(first))
}

fn no_item(span: Span) -> Diagnostic {
    let message = "expected an item: `guardrail`, `fn`, `const`, `param`, `relation`, `schema`, `extend`, `use`, `test` or `waive`";
    Diagnostic::new(&codes::SYNTAX, span, message).primary("this begins no item")
}

fn finish(split: &mut Split, open: Option<Open>, text: &str, end: usize) {
    let Some(open) = open else { return };
    let body = without_trailing_comments(text.get(open.start..end).unwrap_or_default());
    match open.keyword {
        Some(keyword) => {
            let offset = Span::new(open.start, open.start).start;
            split.items.push(ItemText { offset, text: body.into(), keyword, name: open.name, public: open.public });
        }
        None => {
            let first = Span::new(open.start, open.start + body.lines().next().map_or(1, str::len));
            split.errors.push(match open.headless {
                Some(at) => {
                    let line = text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
                    let bare = line.trim_start();
                    let span = stray_span(at + line.len() - bare.len(), bare);
                    let message = "the header of this item is missing: its keyword, its name, and `{`";
                    Diagnostic::new(&codes::SYNTAX, span, message).label(first, "the item begins here")
                }
                None => Diagnostic::new(&codes::SYNTAX, first, "a doc comment or attribute without an item after it"),
            });
        }
    }
}

/// Comments in column 0 after an item's end stand between items and are no part of it.
fn without_trailing_comments(text: &str) -> &str {
    let mut body = text.trim_end();
    while let Some((before, last)) = body.rsplit_once('\n')
        && last.starts_with("//")
        && !last.starts_with("///")
    {
        body = before.trim_end();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_begin_in_column_0() {
        let split = split(
            "//! Docs.\n\n/// One.\n@severity(low)\nguardrail a(x: T) {\n    require x\n}\n\nfn b() -> Int = 1\n",
        );
        let texts: Vec<_> =
            split.items.iter().map(|item| (item.keyword, item.name.as_deref(), item.text.lines().count())).collect();
        assert_eq!(texts, [("guardrail", Some("a"), 5), ("fn", Some("b"), 1)]);
        assert_eq!(split.module_docs, "Docs.\n");
        assert!(split.errors.is_empty());
    }

    #[test]
    fn an_empty_line_above_a_header_ends_no_item() {
        let split = split("@mandatory\n\nparam p:\n    Int=3\n");
        let names: Vec<_> = split.items.iter().map(|item| (item.keyword, item.name.as_deref())).collect();
        assert_eq!(names, [("param", Some("p"))]);
    }

    #[test]
    fn a_misspelt_keyword_is_named_and_hides_nothing() {
        let split = split("const A = 1\nguardrial b(x: T) {\n    require x\n}\nconst C = 2\n");
        let names: Vec<_> = split.items.iter().map(|item| (item.keyword, item.name.as_deref())).collect();
        assert_eq!(names, [("const", Some("A")), ("guardrail", Some("b")), ("const", Some("C"))]);
        let fault = header_fault(&split.items[1]).unwrap();
        assert!(fault.suggestions[0].message.contains("guardrail"));
    }

    #[test]
    fn a_header_without_its_keyword_still_names_its_item() {
        let text = "/// Docs.\nis_it(a: Int) -> Bool = a == 3\n\nPORTS = [1]\n\nlimit: Int = 3\n\npub pub fn f() -> Int = 1\n\nnear(a: T, b: T) =\n    a == b\n\ng(a: T) {\n}\n";
        let split = split(text);
        let names: Vec<_> = split.items.iter().map(|item| (item.keyword, item.name.as_deref().unwrap())).collect();
        let expected = [
            ("fn", "is_it"),
            ("const", "PORTS"),
            ("param", "limit"),
            ("fn", "f"),
            ("relation", "near"),
            ("guardrail", "g"),
        ];
        assert_eq!(names, expected);
        assert!(split.items.iter().all(|item| header_fault(item).is_some()));
        assert!(split.errors.is_empty());
    }

    #[test]
    fn text_between_items_is_reported_and_belongs_to_none() {
        let split = split("const A = 1\nand some more\nconst B = 2\n");
        assert_eq!(split.items.len(), 2);
        assert_eq!(split.errors.len(), 1);
    }

    /// What is no item may hold one that lost its header, so that silence would drop a guardrail.
    #[test]
    fn text_before_the_first_item_is_reported_once() {
        for text in ["}\n", "    require x\n    require y\n}\nconst B = 2\n", "\u{1f600}\n)\n"] {
            let split = split(text);
            assert_eq!(split.errors.len(), 1, "{text:?}");
            assert!(text.get(split.errors[0].span.range()).is_some(), "{text:?}");
        }
        assert!(split("// A comment.\n    // Another.\n\nconst A = 1\n").errors.is_empty());
    }

    #[test]
    fn a_comment_behind_an_attribute_is_no_header() {
        let split = split("@tags(\"a\") // A comment.\ncheck(r: T) {\n}\n");
        assert_eq!(split.items[0].keyword, "guardrail");
        assert!(header_fault(&split.items[0]).unwrap().message.contains("expected `guardrail`"));
    }

    #[test]
    fn a_missing_brace_ends_with_the_next_item() {
        let split = split("guardrail a(x: T) {\n    require x\n\nguardrail b(x: T) {\n}\n");
        assert_eq!(split.items.len(), 2);
    }
}
