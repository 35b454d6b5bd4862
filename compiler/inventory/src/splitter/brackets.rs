//! Follows the strings and brackets of one JSON value, over as many chunks as it takes.
//!
//! Only what says where the value ends is looked at; whether it is JSON is for the parser. What can already be
//! seen to be wrong stops the scan at once (a line end inside a string, an object where none may stand), so
//! that a record which lacks its end swallows at most the beginning of the next.

use parapet_model::json::{MOST_DEPTH, plain_prefix};

/// Where scanning of one value stands.
#[derive(Debug, Default)]
pub(crate) struct Brackets {
    /// The open brackets.
    pub(crate) open: Vec<u8>,
    /// The last byte outside strings that is no white space; `"` for a string.
    last: u8,
    in_string: bool,
    escaped: bool,
    /// The offset of the string that is being read, or was read last.
    string_at: usize,
    /// The keys read last, of the outermost object and of those in it: offsets of their text.
    keys: [(usize, usize); 2],
    /// The value is a number or a word.
    bare: bool,
    /// The last byte outside strings ended a line.
    fresh_line: bool,
}

/// What the scan of a chunk met.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Scan {
    /// The bytes end before the value does.
    More,
    /// The value ends before this offset.
    Done(usize),
    /// A list begins at this offset: the value of the last key of an outer object.
    List(usize),
    /// This cannot be JSON, as the byte at this offset shows.
    Fault(usize, &'static str),
}

/// The deepest object whose lists may be lists of records: `{"data": {"Results": […]}}`.
const OUTER: usize = 2;

impl Brackets {
    /// Goes on after an outer list, whose `[` was the last byte seen.
    pub(crate) fn inside(mut open: Vec<u8>) -> Brackets {
        open.push(b'[');
        Brackets { open, last: b'[', ..Brackets::default() }
    }

    /// The keys that lead to where the scan stands: one, or two inside an inner object.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (usize, usize)> {
        let objects = self.open.iter().take_while(|bracket| **bracket == b'{').count();
        self.keys.into_iter().take(objects)
    }

    /// Scans `bytes` from offset `at`; offsets are those of the value's first byte.
    pub(crate) fn scan(&mut self, bytes: &[u8], at: &mut usize) -> Scan {
        while let Some(byte) = bytes.get(*at) {
            if self.in_string {
                match self.string(bytes, at) {
                    Some(scan) => return scan,
                    None => continue,
                }
            }
            if let Some(scan) = self.outside(*byte, *at) {
                if !matches!(scan, Scan::Fault(..)) {
                    *at = match scan {
                        Scan::Done(end) => end,
                        _ => *at + 1,
                    };
                }
                return scan;
            }
            *at += 1;
        }
        Scan::More
    }

    /// Inside a string: to its end, or to the end of the bytes.
    fn string(&mut self, bytes: &[u8], at: &mut usize) -> Option<Scan> {
        if std::mem::take(&mut self.escaped) {
            *at += 1;
            return None;
        }
        let rest = bytes.get(*at..).unwrap_or_default();
        *at += plain_prefix(rest);
        match bytes.get(*at)? {
            b'\\' => self.escaped = true,
            b'"' => {
                self.in_string = false;
                if self.open.is_empty() {
                    *at += 1;
                    return Some(Scan::Done(*at));
                }
                self.end_of_string(*at);
            }
            _ => return Some(Scan::Fault(*at, "a control character inside a string")),
        }
        *at += 1;
        None
    }

    /// Remembers a key of an outer object.
    fn end_of_string(&mut self, end: usize) {
        let depth = self.open.len();
        if depth <= OUTER
            && matches!(self.last, b'{' | b',')
            && self.open.iter().all(|bracket| *bracket == b'{')
            && let Some(key) = self.keys.get_mut(depth - 1)
        {
            *key = (self.string_at + 1, end);
        }
        self.last = b'"';
    }

    fn outside(&mut self, byte: u8, at: usize) -> Option<Scan> {
        let fresh_line = std::mem::replace(&mut self.fresh_line, byte == b'\n');
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => return self.bare.then_some(Scan::Done(at)),
            b'"' => {
                self.in_string = true;
                self.string_at = at;
                return None;
            }
            // Records that all lack their end nest into each other, and each is scanned again: with this bound
            // a line is scanned at most so often.
            b'{' if fresh_line && self.open.len() >= MOST_DEPTH => {
                return Some(Scan::Fault(at, "nested deeper than 127 levels"));
            }
            b'{' | b'[' => return self.opening(byte, at),
            b'}' | b']' => return self.closing(byte, at),
            b',' | b':' if self.bare => return Some(Scan::Done(at)),
            b',' | b':' => self.last = byte,
            _ => {
                self.bare = self.open.is_empty();
                self.last = b'0';
            }
        }
        None
    }

    fn opening(&mut self, byte: u8, at: usize) -> Option<Scan> {
        let allowed = match self.open.last() {
            None => self.last == 0,
            Some(b'{') => self.last == b':',
            Some(_) => matches!(self.last, b'[' | b','),
        };
        if !allowed {
            return Some(Scan::Fault(at, "a value where none may stand: a comma or a bracket is missing before it"));
        }
        let outer =
            byte == b'[' && (1..=OUTER).contains(&self.open.len()) && self.open.iter().all(|bracket| *bracket == b'{');
        self.open.push(byte);
        self.last = byte;
        outer.then_some(Scan::List(at))
    }

    fn closing(&mut self, byte: u8, at: usize) -> Option<Scan> {
        match (self.open.pop(), byte) {
            (Some(b'{'), b'}') | (Some(b'['), b']') => {
                self.last = byte;
                self.open.is_empty().then_some(Scan::Done(at + 1))
            }
            (None, _) if self.bare => Some(Scan::Done(at)),
            _ => Some(Scan::Fault(at, "a closing bracket that nothing opened")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Scan {
        Brackets::default().scan(text.as_bytes(), &mut 0)
    }

    #[test]
    fn values_end_where_their_brackets_do() {
        assert_eq!(scan("{\"a\": \"}\\\"\"} {"), Scan::Done(12));
        assert_eq!(scan("[1, {\"b\": [2]}]"), Scan::Done(15));
        assert_eq!(scan("\"a\\\\\" x"), Scan::Done(5));
        assert_eq!(scan("12 3"), Scan::Done(2));
        assert_eq!(scan("{\"a\": "), Scan::More);
    }

    #[test]
    fn outer_lists_are_announced_with_their_keys() {
        let text = "{\"data\": {\"x\": 1, \"Results\": [";
        let mut brackets = Brackets::default();
        assert_eq!(brackets.scan(text.as_bytes(), &mut 0), Scan::List(29));
        let keys: Vec<&str> = brackets.keys().map(|(start, end)| text.get(start..end).unwrap()).collect();
        assert_eq!(keys, ["data", "Results"]);
        let text = "{\"x\": {}, \"Results\": [";
        let mut brackets = Brackets::default();
        assert_eq!(brackets.scan(text.as_bytes(), &mut 0), Scan::List(21));
        let keys: Vec<&str> = brackets.keys().map(|(start, end)| text.get(start..end).unwrap()).collect();
        assert_eq!(keys, ["Results"]);
    }

    #[test]
    fn what_cannot_be_json_stops_the_scan() {
        assert!(matches!(scan("{\"a\": {\"b\": 1}\n{\"c\""), Scan::Fault(15, _)));
        assert!(matches!(scan("{\"a\": 1,\n{"), Scan::Fault(9, _)));
        assert!(matches!(scan(&"{\"a\":\n".repeat(130)), Scan::Fault(762, _)));
        assert!(matches!(scan("{\"a\": \"x\n{"), Scan::Fault(8, _)));
        assert!(matches!(scan("[[1}"), Scan::Fault(3, _)));
    }
}
