//! The way to a value of a document by its place in the text, without a tree.

use parapet_base::Span;

use super::{MOST_DEPTH, plain_prefix};

/// Passes over values. `None`: no JSON, or not all of it.
struct Pass<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Pass<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Behind an opening bracket: whether there is a member.
    fn first_key(&mut self) -> Option<bool> {
        self.space();
        match self.peek()? {
            b'}' => {
                self.at += 1;
                Some(false)
            }
            _ => Some(true),
        }
    }

    fn colon(&mut self) -> Option<()> {
        self.space();
        self.take(b':')?;
        self.space();
        Some(())
    }

    /// Behind a member: whether there is another, whose key comes next.
    fn next_member(&mut self) -> Option<bool> {
        self.space();
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b',' => {
                self.space();
                Some(true)
            }
            b'}' => Some(false),
            _ => None,
        }
    }

    /// A value inside so many brackets.
    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.string(),
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        if depth >= MOST_DEPTH {
            return None;
        }
        self.at += 1;
        let mut more = self.first_key()?;
        while more {
            if self.peek()? != b'"' {
                return None;
            }
            self.string()?;
            self.colon()?;
            self.value(depth + 1)?;
            more = self.next_member()?;
        }
        Some(())
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        if depth >= MOST_DEPTH {
            return None;
        }
        self.at += 1;
        self.space();
        if self.peek()? == b']' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.space();
            self.value(depth + 1)?;
            self.space();
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.bytes.get(self.at..)?.starts_with(word).then(|| self.at += word.len())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let zero = self.peek() == Some(b'0');
        let start = self.at;
        self.digits()?;
        if zero && self.at > start + 1 {
            return None;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at += plain_prefix(self.bytes.get(self.at..)?);
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        let escaped = *self.bytes.get(self.at + 1)?;
        self.at += 2;
        match escaped {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => match self.four_hex()? {
                0xd800..=0xdbff => {
                    self.take(b'\\')?;
                    self.take(b'u')?;
                    matches!(self.four_hex()?, 0xdc00..=0xdfff).then_some(())
                }
                0xdc00..=0xdfff => None,
                _ => Some(()),
            },
            _ => None,
        }
    }

    fn four_hex(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))
    }
}

/// The JSON pointer of the innermost value of a document that holds a span, `""` for the document itself.
pub fn pointer_to(text: &str, span: Span) -> String {
    let mut pass = Pass { bytes: text.as_bytes(), at: 0 };
    pass.space();
    let mut way = Vec::new();
    if pass.seek(span.start as usize, &mut way, 0) == Some(true)
        && pass.value(0).is_some()
        && pass.at == span.end as usize
    {
        return way.iter().filter_map(|step| pass.told(step)).collect();
    }
    // It is no value of its own: the innermost around it is looked for.
    pass.at = 0;
    let mut pointer = String::new();
    pass.space();
    // Where the text is no JSON, the way leads as far as it is.
    let _ = pass.lead(span, &mut pointer);
    pointer
}

/// A step of a pointer.
enum Way {
    /// The key, with its quotes.
    Key(Span),
    Index(usize),
}

impl Pass<'_> {
    /// Reads on to the value that begins at an offset, which the one that begins here is or holds, and notes the way; `false`
    /// behind a value that does not.
    fn seek(&mut self, wanted: usize, way: &mut Vec<Way>, depth: usize) -> Option<bool> {
        if self.at >= wanted {
            return (self.at == wanted).then_some(true);
        }
        match self.peek()? {
            b'{' if depth < MOST_DEPTH => {
                self.at += 1;
                let mut more = self.first_key()?;
                while more {
                    let from = self.at;
                    self.string()?;
                    way.push(Way::Key(Span::new(from, self.at)));
                    self.colon()?;
                    if self.seek(wanted, way, depth + 1)? {
                        return Some(true);
                    }
                    way.pop();
                    more = self.next_member()?;
                }
            }
            b'[' if depth < MOST_DEPTH => {
                self.at += 1;
                self.space();
                for at in 0.. {
                    if at == 0 && self.peek()? == b']' {
                        self.at += 1;
                        break;
                    }
                    self.space();
                    way.push(Way::Index(at));
                    if self.seek(wanted, way, depth + 1)? {
                        return Some(true);
                    }
                    way.pop();
                    self.space();
                    let byte = self.peek()?;
                    self.at += 1;
                    match byte {
                        b',' => {}
                        b']' => break,
                        _ => return None,
                    }
                }
            }
            _ => self.value(depth)?,
        }
        Some(false)
    }

    fn told(&self, step: &Way) -> Option<String> {
        match step {
            Way::Index(at) => Some(format!("/{at}")),
            Way::Key(key) => self.step_of(*key),
        }
    }

    /// A key as a step of a pointer.
    fn step_of(&self, key: Span) -> Option<String> {
        let text = std::str::from_utf8(self.bytes.get(key.range())?).ok()?;
        let key = serde_json::from_str::<String>(text).ok()?;
        Some(format!("/{}", key.replace('~', "~0").replace('/', "~1")))
    }

    /// Goes into the value that begins here, as far as a member holds the span.
    fn lead(&mut self, wanted: Span, pointer: &mut String) -> Option<()> {
        let start = self.at;
        self.value(0)?;
        let mut whole = Span::new(start, self.at);
        while whole != wanted {
            self.at = whole.start as usize + 1;
            whole = match self.bytes.get(whole.start as usize)? {
                b'{' => self.lead_to_member(wanted, pointer)?,
                b'[' => self.lead_to_element(wanted, pointer)?,
                _ => return None,
            };
        }
        Some(())
    }

    /// Behind an opening brace: the value of the member that holds the span.
    fn lead_to_member(&mut self, wanted: Span, pointer: &mut String) -> Option<Span> {
        let mut more = self.first_key()?;
        while more {
            let from = self.at;
            self.string()?;
            let key = Span::new(from, self.at);
            self.colon()?;
            if let Some(whole) = self.holding(wanted)? {
                pointer.push_str(&self.step_of(key)?);
                return Some(whole);
            }
            more = self.next_member()?;
        }
        None
    }

    /// Behind an opening bracket: the element that holds the span.
    fn lead_to_element(&mut self, wanted: Span, pointer: &mut String) -> Option<Span> {
        for at in 0.. {
            self.space();
            if let Some(whole) = self.holding(wanted)? {
                pointer.push('/');
                pointer.push_str(&at.to_string());
                return Some(whole);
            }
            self.space();
            self.take(b',')?;
        }
        None
    }

    /// Passes over the value that begins here: where it stands, if it holds the span.
    fn holding(&mut self, wanted: Span) -> Option<Option<Span>> {
        let start = self.at;
        self.value(0)?;
        let whole = Span::new(start, self.at);
        Some((whole.start <= wanted.start && wanted.end <= whole.end).then_some(whole))
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn pointers_are_those_of_the_tree() {
        let text = r#" {"a": [{"b/c": 1, "é~": "x"}, 22, []], "\u0061b": {"": [[{"k": null}]]}} "#;
        let tree = parse(text).unwrap();
        for start in 0..text.len() {
            for end in start..=text.len() {
                let span = Span::new(start, end);
                assert_eq!(pointer_to(text, span), tree.pointer_to(span), "{start}..{end}");
            }
        }
    }
}
