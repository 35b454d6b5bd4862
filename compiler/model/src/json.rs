//! JSON documents that know where their values stand.
//!
//! [`parse`] accepts what serde_json accepts (which the tests compare it with), except that a key may not
//! occur twice in an object. Nodes carry byte spans, relative to the text they were parsed from; readers
//! move nodes around and decode text inside them, and the spans go along. Nothing here knows schemas.

mod glance;
mod pointer;
mod skim;

use std::borrow::Cow;
use std::hash::Hasher;
use std::sync::Arc;

use parapet_base::Span;

use crate::{Name, Unknown};

pub use glance::{Glance, Members, Place};
pub use pointer::pointer_to;

/// A JSON value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    pub span: Span,
    pub kind: NodeKind,
}

/// The value of a [`Node`].
#[derive(Clone, Debug)]
pub enum NodeKind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A number that neither an `Int` nor a finite `Float` holds exactly enough to be used, as written.
    Beyond(Arc<str>),
    Text(Arc<str>),
    List(Vec<Node>),
    Map(Vec<(Name, Node)>),
    /// Put in by a reader: there is a value, but nobody knows which.
    Unknown(Unknown),
}

/// The deepest nesting that [`parse`] accepts; serde_json has the same bound.
pub const MOST_DEPTH: usize = 127;

/// What is wrong with a document, and the byte where it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    pub offset: usize,
    pub message: String,
}

impl Node {
    pub fn new(span: Span, kind: NodeKind) -> Node {
        Node { span, kind }
    }

    /// A text without a place of its own.
    pub fn text(text: impl Into<Arc<str>>) -> Node {
        Node::new(Span::default(), NodeKind::Text(text.into()))
    }

    /// The member of an object, by its exact name.
    pub fn get(&self, name: &str) -> Option<&Node> {
        match &self.kind {
            NodeKind::Map(members) => members.iter().find(|(key, _)| &**key == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.kind {
            NodeKind::List(elements) => Some(elements),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.kind, NodeKind::Null)
    }

    /// Puts this node, and all below it, at one place: for what was decoded from a string.
    pub fn place_all(mut self, span: Span) -> Node {
        fn place(node: &mut Node, span: Span) {
            node.span = span;
            match &mut node.kind {
                NodeKind::List(elements) => elements.iter_mut().for_each(|element| place(element, span)),
                NodeKind::Map(members) => members.iter_mut().for_each(|(_, member)| place(member, span)),
                _ => {}
            }
        }
        place(&mut self, span);
        self
    }

    /// The JSON pointer of the innermost value at a byte offset below this node, `""` for the node itself.
    pub fn pointer_to(&self, span: Span) -> String {
        let mut pointer = String::new();
        let mut node = self;
        while node.span != span {
            let holds = |child: &Node| child.span.start <= span.start && span.end <= child.span.end;
            let next = match &node.kind {
                NodeKind::List(elements) => elements
                    .iter()
                    .enumerate()
                    .find(|(_, child)| holds(child))
                    .map(|(at, child)| (at.to_string(), child)),
                NodeKind::Map(members) => members
                    .iter()
                    .find(|(_, child)| holds(child))
                    .map(|(key, child)| (key.replace('~', "~0").replace('/', "~1"), child)),
                _ => None,
            };
            let Some((step, child)) = next else { break };
            pointer.push('/');
            pointer.push_str(&step);
            node = child;
        }
        pointer
    }
}

/// A text as JSON writes it, with its quotes.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The names of members that documents of one kind have again and again, each held once.
#[derive(Debug)]
pub struct Keys {
    /// By a hash; a name takes the place of the one before it.
    slots: Vec<Option<Name>>,
}

/// So many names are held: more than the items of a snapshot have.
const KEYS: usize = 2048;

impl Keys {
    /// For the names of many documents.
    pub fn shared() -> Keys {
        Keys { slots: vec![None; KEYS] }
    }

    /// For one document: nothing is held.
    pub fn unshared() -> Keys {
        Keys { slots: Vec::new() }
    }

    fn name(&mut self, text: &str) -> Name {
        let mut hasher = rustc_hash::FxHasher::default();
        hasher.write(text.as_bytes());
        let Some(slot) = self.slots.get_mut((hasher.finish() >> 16) as usize % KEYS) else { return text.into() };
        match slot {
            Some(name) if **name == *text => name.clone(),
            _ => slot.insert(text.into()).clone(),
        }
    }
}

/// Parses one document; white space may surround it.
pub fn parse(text: &str) -> Result<Node, JsonError> {
    parse_sharing(text, &mut Keys::unshared())
}

/// The same for one of many documents that share the names of their members.
pub fn parse_sharing(text: &str, keys: &mut Keys) -> Result<Node, JsonError> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, depth: 0, keys };
    parser.space();
    let node = parser.value()?;
    parser.space();
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.error("trailing characters after the document")),
    }
}

/// Parses the value that stands at a span of a text, its spans relative to the text.
pub fn parse_member(text: &str, span: Span, keys: &mut Keys) -> Result<Node, JsonError> {
    let text = text.get(..span.end as usize).unwrap_or(text);
    let mut parser = Parser { text, bytes: text.as_bytes(), at: span.start as usize, depth: 0, keys };
    let node = parser.value()?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.error("trailing characters after the value")),
    }
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    depth: usize,
    keys: &'t mut Keys,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn error(&self, message: impl Into<String>) -> JsonError {
        JsonError { offset: self.at, message: message.into() }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<Node, JsonError> {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => NodeKind::Text(Arc::from(&*self.string()?)),
            Some(b't') => self.word("true", NodeKind::Bool(true))?,
            Some(b'f') => self.word("false", NodeKind::Bool(false))?,
            Some(b'n') => self.word("null", NodeKind::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => return Err(self.error("expected a JSON value")),
            None => return Err(self.error("the text ends where a value should stand")),
        };
        Ok(Node { span: Span::new(start, self.at), kind })
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Result<NodeKind, JsonError>) -> Result<NodeKind, JsonError> {
        if self.depth >= MOST_DEPTH {
            return Err(self.error(format!("nested deeper than {MOST_DEPTH} levels")));
        }
        self.depth += 1;
        self.at += 1;
        let kind = inner(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn object(&mut self) -> Result<NodeKind, JsonError> {
        let mut members: Vec<(Name, Node)> = Vec::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(NodeKind::Map(members));
        }
        loop {
            self.space();
            let key_at = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.error("expected a key in double quotes"));
            }
            let key = self.string()?;
            let key = self.keys.name(&key);
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.error("expected `:` after a key"));
            }
            self.at += 1;
            self.space();
            let node = self.value()?;
            members.push((key, node));
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return self.without_repeats(members, key_at);
                }
                _ => return Err(self.error("expected `,` or `}` in an object")),
            }
        }
    }

    fn without_repeats(&self, members: Vec<(Name, Node)>, at: usize) -> Result<NodeKind, JsonError> {
        let repeated = if members.len() <= 16 {
            members.iter().enumerate().find(|(at, (key, _))| members.iter().skip(at + 1).any(|(other, _)| other == key))
        } else {
            let mut seen = rustc_hash::FxHashSet::default();
            members.iter().enumerate().find(|(_, (key, _))| !seen.insert(key.clone()))
        };
        match repeated {
            None => Ok(NodeKind::Map(members)),
            Some((_, (key, node))) => {
                let offset = if node.span.start == 0 { at } else { node.span.start as usize };
                Err(JsonError { offset, message: format!("the key {key:?} occurs twice in one object") })
            }
        }
    }

    fn array(&mut self) -> Result<NodeKind, JsonError> {
        let mut elements = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(NodeKind::List(elements));
        }
        loop {
            self.space();
            elements.push(self.value()?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(NodeKind::List(elements));
                }
                _ => return Err(self.error("expected `,` or `]` in an array")),
            }
        }
    }

    fn word(&mut self, word: &str, kind: NodeKind) -> Result<NodeKind, JsonError> {
        match self.bytes.get(self.at..self.at + word.len()) == Some(word.as_bytes()) {
            true => {
                self.at += word.len();
                Ok(kind)
            }
            false => Err(self.error("expected a JSON value")),
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        match self.at > start {
            true => Ok(()),
            false => Err(self.error("expected a digit")),
        }
    }

    fn number(&mut self) -> Result<NodeKind, JsonError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => {
                self.at += 1;
                if matches!(self.peek(), Some(b'0'..=b'9')) {
                    return Err(self.error("a number may not begin with 0"));
                }
            }
            _ => self.digits()?,
        }
        let mut whole = true;
        if self.peek() == Some(b'.') {
            whole = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        Ok(number(text, whole))
    }

    /// The letters from here to the next that ends a string, or stands for another.
    fn plain(&mut self) -> &'t str {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        self.at += plain_prefix(rest);
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn string(&mut self) -> Result<Cow<'t, str>, JsonError> {
        self.at += 1;
        let first = self.plain();
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(first));
        }
        let mut out = first.to_owned();
        loop {
            out.push_str(self.plain());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(out));
                }
                Some(b'\\') => self.escape(&mut out)?,
                Some(_) => return Err(self.error("a control character inside a string")),
                None => return Err(self.error("the text ends inside a string")),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), JsonError> {
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(out),
            _ => return Err(self.error("an escape that JSON does not have")),
        };
        out.push(plain);
        self.at += 1;
        Ok(())
    }

    fn unicode(&mut self, out: &mut String) -> Result<(), JsonError> {
        self.at += 1;
        let first = self.four_hex()?;
        let code = match first {
            0xd800..=0xdbff => {
                if self.bytes.get(self.at..self.at + 2) != Some(b"\\u") {
                    return Err(self.error("half of a surrogate pair"));
                }
                self.at += 2;
                let second = self.four_hex()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(self.error("half of a surrogate pair"));
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            other => other,
        };
        out.push(char::from_u32(code).ok_or_else(|| self.error("half of a surrogate pair"))?);
        Ok(())
    }

    fn four_hex(&mut self) -> Result<u32, JsonError> {
        let text = self.text.get(self.at..self.at + 4).filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = text.and_then(|text| u32::from_str_radix(text, 16).ok());
        let code = code.ok_or_else(|| self.error("expected four hexadecimal digits"))?;
        self.at += 4;
        Ok(code)
    }
}

fn number(text: &str, whole: bool) -> NodeKind {
    if whole {
        return match text.parse::<i64>() {
            Ok(int) => NodeKind::Int(int),
            Err(_) => NodeKind::Beyond(text.into()),
        };
    }
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => NodeKind::Float(float),
        _ => NodeKind::Beyond(text.into()),
    }
}

/// How many bytes come before the first quote, backslash or control character. Eight at a time: strings are most of an
/// inventory, and this loop is most of what reading does.
pub fn plain_prefix(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero_byte = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let mut plain = 0;
    for chunk in bytes.as_chunks::<8>().0 {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        // A borrow may mark a byte that is none of these, but only behind one that is.
        let marked = zero_byte(word ^ (ONES * 0x22)) | zero_byte(word ^ (ONES * 0x5c)) | control;
        if marked != 0 {
            return plain + (marked.trailing_zeros() / 8) as usize;
        }
        plain += 8;
    }
    let rest = bytes.get(plain..).unwrap_or_default();
    plain + rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(text: &str) -> bool {
        let ours = parse(text).is_ok();
        let theirs = serde_json::from_str::<serde_json::Value>(text);
        // serde_json refuses numbers beyond f64; this parser keeps them as unreadable.
        let beyond = theirs.as_ref().err().is_some_and(|error| error.to_string().contains("number out of range"));
        assert_eq!(ours, theirs.is_ok() || beyond, "{text}");
        ours
    }

    #[test]
    fn it_accepts_what_serde_json_accepts() {
        for text in
            ["{}", "[1, 2]", " null ", "-0", "0.5e-3", "\"a\\u00e9\\ud83d\\ude00\"", "1e999", "123456789012345678901"]
        {
            assert!(accepts(text), "{text}");
        }
        for text in [
            "",
            "{",
            "[1,]",
            "01",
            "+1",
            ".5",
            "1.",
            "\"\\x\"",
            "\"\\ud800\"",
            "nul",
            "{a: 1}",
            "1 2",
            "\"\n\"",
            "{\"a\" 1}",
        ] {
            assert!(!accepts(text), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded_like_serde_jsons() {
        let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(accepts(&nest(127)));
        assert!(!accepts(&nest(128)));
        assert!(parse(&nest(100_000)).is_err());
    }

    #[test]
    fn shared_names_are_those_that_are_written() {
        let mut keys = Keys::shared();
        let text = |from: usize| {
            let members = (from..from + 3 * KEYS).map(|at| format!("\"k{at}\": {at}"));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        };
        for from in [0, 0, KEYS] {
            let shared = format!("{:?}", parse_sharing(&text(from), &mut keys));
            assert_eq!(shared, format!("{:?}", parse(&text(from))));
        }
        let [first, again] = [0, 1].map(|_| parse_sharing("{\"name\": 1}", &mut keys).unwrap());
        let name = |node: &Node| match &node.kind {
            NodeKind::Map(members) => members.first().map(|(name, _)| name.clone()),
            _ => None,
        };
        let [first, again] = [name(&first), name(&again)].map(Option::unwrap);
        assert!(Arc::ptr_eq(&first, &again));
    }

    #[test]
    fn repeated_keys_are_errors_with_a_place() {
        let error = parse("{\"a\": 1, \"a\": 2}").unwrap_err();
        assert!(error.message.contains("\"a\" occurs twice"), "{}", error.message);
    }

    #[test]
    fn pointers_lead_to_values() {
        let text = r#"{"a": [{"b/c": 1}, 22]}"#;
        let node = parse(text).unwrap();
        let at = text.find("22").unwrap();
        assert_eq!(node.pointer_to(Span::new(at, at + 2)), "/a/1");
        let at = text.find("1}").unwrap();
        assert_eq!(node.pointer_to(Span::new(at, at + 1)), "/a/0/b~1c");
    }

    #[test]
    fn strings_are_skipped_by_any_length() {
        for length in 0..40 {
            for stop in ["\"", "\\", "\n", "\u{1f}"] {
                let text = format!("{}{stop}more text after it", "aé".repeat(length));
                assert_eq!(plain_prefix(text.as_bytes()), 3 * length, "{text:?}");
            }
        }
    }
}
