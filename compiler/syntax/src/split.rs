//! A file into items, before any grammar sees it.
//!
//! An item begins at an item keyword (or `pub`), an attribute or a doc comment in column 0 and ends before the
//! next one; so one broken item never hides another. Text that belongs to no item is reported here.

use parapet_base::{Diagnostic, Span, codes};

/// One item's text and where it begins in its file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ItemText {
    pub offset: u32,
    /// From the first doc comment or attribute to the last line that is not blank.
    pub text: String,
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

const KEYWORDS: [&str; 10] =
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
        if open.as_ref().is_none_or(|open| open.keyword.is_some()) {
            finish(split, open.take(), text, at);
            *open = Some(Open { start: at, keyword: None, depth: 0, name: None, public: false });
        }
        if let (Some(open), Some(keyword)) = (open.as_mut(), keyword) {
            open.keyword = Some(keyword);
            open.name = header_name(after, keyword);
            open.public = after.starts_with("pub");
            open.depth += depth(after);
        }
        return;
    }
    let in_column_0 = !bare.is_empty() && !line.starts_with([' ', '\t', '}', ')', ']', '/', '\r']);
    let complete = open.as_ref().is_none_or(|open| open.keyword.is_some() && open.depth <= 0);
    if in_column_0 && complete && (open.is_none() || looks_like_header(bare)) {
        finish(split, open.take(), text, at);
        split.errors.push(stray(at, bare));
    } else if let Some(open) = open {
        open.depth += depth(bare);
    }
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

fn keyword(line: &str) -> Option<&'static str> {
    let line = line.strip_prefix("pub ").map_or(line, str::trim_start);
    KEYWORDS.into_iter().find(|keyword| {
        line.strip_prefix(keyword).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '(', '{', '"']))
    })
}

fn header_name(line: &str, keyword: &str) -> Option<String> {
    let line = line.strip_prefix("pub ").map_or(line, str::trim_start);
    let rest = line.strip_prefix(keyword)?.trim_start();
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

/// Brackets that a line opens less those that it closes; strings and comments are passed over.
fn depth(line: &str) -> i64 {
    let mut depth = 0;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '"' => while letters.next().is_some_and(|inside| inside != '"') {},
            '/' if letters.peek() == Some(&'/') => break,
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
    let span = Span::new(at, at + word.len().max(1));
    let message = "expected an item: `guardrail`, `fn`, `const`, `param`, `relation`, `schema`, `extend`, `use`, `test` or `waive`";
    let diagnostic = Diagnostic::new(&codes::SYNTAX, span, message).primary("this begins no item");
    match parapet_base::nearest(&word, KEYWORDS.into_iter().chain(["pub"])) {
        Some(keyword) => diagnostic.suggest(span, keyword, format!("did you mean `{keyword}`?")),
        None => diagnostic,
    }
}

fn finish(split: &mut Split, open: Option<Open>, text: &str, end: usize) {
    let Some(open) = open else { return };
    let body = without_trailing_comments(text.get(open.start..end).unwrap_or_default());
    match open.keyword {
        Some(keyword) => {
            let offset = Span::new(open.start, open.start).start;
            split.items.push(ItemText { offset, text: body.to_owned(), keyword, name: open.name, public: open.public });
        }
        None => {
            let span = Span::new(open.start, open.start + body.lines().next().map_or(1, str::len));
            let message = "a doc comment or attribute without an item after it";
            split.errors.push(Diagnostic::new(&codes::SYNTAX, span, message));
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
    fn a_misspelt_keyword_is_named_and_hides_nothing() {
        let split = split("const A = 1\nguardrial b(x: T) {\n    require x\n}\nconst C = 2\n");
        assert_eq!(split.items.len(), 2);
        assert_eq!(split.errors.len(), 1);
        assert!(split.errors[0].suggestions[0].message.contains("guardrail"));
    }

    #[test]
    fn a_missing_brace_ends_with_the_next_item() {
        let split = split("guardrail a(x: T) {\n    require x\n\nguardrail b(x: T) {\n}\n");
        assert_eq!(split.items.len(), 2);
    }
}
