//! Where the members of an object stand, found in one pass that builds nothing.
//!
//! Everything passed over is checked as the parser checks it, but for keys that occur twice: those are only seen among the
//! members that are listed. Whoever reads a few members of many documents looks first and then parses what is wanted.

use parapet_base::Span;

use super::pointer::pointer_to;
use super::skim::{Lists, skim};

/// The members of an object, and those of some objects in it.
#[derive(Debug, Default)]
pub struct Glance {
    /// The members, in the order of the text.
    pub members: Vec<Place>,
    /// The members of the objects that were to be opened, in the order of the text.
    pub inner: Vec<Place>,
}

/// What a [`Glance`] lists.
#[derive(Clone, Copy, Debug)]
pub struct Members<'g> {
    /// See [`Glance::members`].
    pub members: &'g [Place],
    /// See [`Glance::inner`].
    pub inner: &'g [Place],
}

/// Where a member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The key without its quotes. It has no escapes.
    pub key: Span,
    pub value: Span,
    /// Of a member of an object in the object: the index of that object in [`Glance::members`].
    pub outer: u32,
}

/// The most members of one object that are listed.
const MOST_MEMBERS: usize = 256;

impl Glance {
    /// Looks at the object that a text begins with; `opened` are the members whose own members are listed too, if they are
    /// objects. Gives the offset behind the object.
    ///
    /// `None` where the text has no such object, is no JSON or ends before it does, and where the listed members would not
    /// be those of the parser: a key is written with escapes or twice, or there are more than 256.
    pub fn at(&mut self, bytes: &[u8], opened: &[&[u8]]) -> Option<usize> {
        self.members.clear();
        self.inner.clear();
        let lists = &mut Lists { members: &mut self.members, inner: &mut self.inner };
        let end = skim(bytes, opened, lists)?;
        let is_told_apart = |own: &[Place]| own.len() <= MOST_MEMBERS && distinct(bytes, own);
        let apart = self.inner.chunk_by(|one, other| one.outer == other.outer).all(is_told_apart);
        (apart && self.members.len() <= MOST_MEMBERS && distinct(bytes, &self.members)).then_some(end)
    }
}

impl Glance {
    /// All that is listed.
    pub fn listed(&self) -> Members<'_> {
        Members { members: &self.members, inner: &self.inner }
    }

    /// What [`pointer_to`] finds in the document of which this is the glance, sooner: only the member that holds the span is
    /// looked through.
    pub fn pointer_to(&self, text: &str, span: Span) -> String {
        let holds = |place: &&Place| place.value.start <= span.start && span.end <= place.value.end;
        let Some((at, outer)) = self.members.iter().enumerate().find(|(_, place)| holds(place)) else {
            return pointer_to(text, span);
        };
        let inner = self.inner.iter().filter(|place| place.outer as usize == at).find(holds);
        let mut pointer = String::new();
        for place in std::iter::once(outer).chain(inner) {
            let key = text.get(place.key.range()).unwrap_or_default();
            pointer.push('/');
            pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        }
        let value = inner.unwrap_or(outer).value;
        if value != span {
            let before = value.start as usize;
            let within = Span::new(span.start as usize - before, span.end as usize - before);
            pointer.push_str(&pointer_to(text.get(value.range()).unwrap_or_default(), within));
        }
        pointer
    }
}

/// Of more members than this the keys are sorted: comparing each with each takes longer than parsing them would.
const FEW_MEMBERS: usize = 32;

/// Whether no key occurs twice in one object.
fn distinct(bytes: &[u8], members: &[Place]) -> bool {
    let key = |place: &Place| bytes.get(place.key.range()).unwrap_or_default();
    if members.len() > FEW_MEMBERS {
        let mut keys: Vec<&[u8]> = members.iter().map(key).collect();
        keys.sort_unstable();
        return keys.is_sorted_by(|before, after| before < after);
    }
    // Keys mostly differ in their length or in how they begin and end: few are compared whole.
    let mut marks = [0; FEW_MEMBERS];
    for (at, place) in members.iter().enumerate() {
        let own = key(place);
        let end =
            |bytes: Option<&[u8; 3]>| bytes.map_or(0, |[a, b, c]| u64::from_le_bytes([*a, *b, *c, 0, 0, 0, 0, 0]));
        let mark = end(own.first_chunk()) << 40 | end(own.last_chunk()) << 16 | (own.len() as u64 & 0xffff);
        let before = marks.get(..at).unwrap_or_default();
        if before.contains(&mark) {
            let same = before.iter().zip(members).filter(|(other, _)| **other == mark);
            if same.map(|(_, other)| key(other)).any(|other| other == own) {
                return false;
            }
        }
        marks.get_mut(at).into_iter().for_each(|own| *own = mark);
    }
    true
}

#[cfg(test)]
mod tests {
    use parapet_random::Random;

    use super::super::{MOST_DEPTH, Node, NodeKind, parse, parse_member};
    use super::*;

    const OPENED: [&[u8]; 2] = [b"in", b"other"];

    /// Keys and nodes.
    type Told = Vec<(String, String)>;

    /// The members that a glance lists, parsed, and those inside.
    fn seen(text: &str) -> Option<(usize, Told, Told)> {
        let mut glance = Glance::default();
        let end = glance.at(text.as_bytes(), &OPENED)?;
        let told = |places: &[Place]| {
            let member = |place: &Place| {
                let key = text.get(place.key.range()).unwrap();
                let node = parse_member(text, place.value, &mut super::super::Keys::unshared());
                (key.to_owned(), node.map_or_else(|error| error.message, |node| format!("{node:?}")))
            };
            places.iter().map(member).collect()
        };
        Some((end, told(&glance.members), told(&glance.inner)))
    }

    /// The same by the parser alone.
    fn meant(text: &str) -> Option<(Told, Told)> {
        let Node { kind: NodeKind::Map(members), .. } = parse(text).ok()? else { return None };
        let told = |members: &[(crate::Name, Node)]| -> Vec<(String, String)> {
            members.iter().map(|(key, node)| (key.to_string(), format!("{node:?}"))).collect()
        };
        let inner = members.iter().filter(|(key, _)| OPENED.contains(&key.as_bytes()));
        let inner = inner.flat_map(|(_, node)| match &node.kind {
            NodeKind::Map(members) => told(members),
            _ => Vec::new(),
        });
        Some((told(&members), inner.collect()))
    }

    const DOCUMENT: &str = r#"{"a": "x\"\\\u00e9\ud83d\ude00\n", "in": {"k": [1, -0.5e+3, {"z": null}], "l": {}, "m": []},
        "t": [true, false, "é"], "other": "{}", "n": 0, "deep": [[[{"in": {"k": 1}}]]], "e": ""} "#;

    #[test]
    fn members_stand_where_the_parser_finds_them() {
        let (end, members, inner) = seen(DOCUMENT).unwrap();
        assert_eq!(end, DOCUMENT.trim_end().len());
        assert_eq!((members, inner), meant(DOCUMENT).unwrap());
    }

    #[test]
    fn pointers_of_a_glance_are_those_of_the_tree() {
        let text = r#"{"x~/é": {"b": [1]}, "in": {"a/": [{"k": null}, 22], "e": "x"}, "other": [{"in": 1}]}"#;
        let tree = parse(text).unwrap();
        let mut glance = Glance::default();
        assert_eq!(glance.at(text.as_bytes(), &OPENED), Some(text.len()));
        for start in 0..text.len() {
            for end in start..=text.len() {
                let span = Span::new(start, end);
                assert_eq!(glance.pointer_to(text, span), tree.pointer_to(span), "{start}..{end}");
            }
        }
    }

    #[test]
    fn keys_that_the_parser_would_read_otherwise_are_left_to_it() {
        for text in [r#"{"a": 1, "a": 2}"#, r#"{"\u0061": 1}"#, r#"{"in": {"a": 1, "a": 2}}"#, r#"{"in": {"\n": 1}}"#] {
            assert!(seen(text).is_none(), "{text}");
        }
        assert_eq!(Glance::default().at(br#"{"b": {"a": 1, "a": 2}}"#, &OPENED), Some(23));
    }

    /// Changes a few bytes.
    fn damaged(random: &mut Random, mut bytes: Vec<u8>, changes: usize) -> Option<String> {
        let letters = b"{}[]\",:\\ue0-+.19tfn \n\x01\x0cab";
        for _ in 0..changes {
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => drop(bytes.remove(at)),
                1 => bytes[at] = letters[random.below(letters.len())],
                _ => bytes.insert(at, letters[random.below(letters.len())]),
            }
        }
        // A glance begins at the object.
        String::from_utf8(bytes).ok().filter(|text| text.starts_with('{'))
    }

    /// Sees that serde and a glance refuse the same and the parser lists the same; whether it was accepted.
    fn compared(text: &str) -> bool {
        let (is_object, ends, beyond) = read_by_serde(text);
        match seen(text) {
            Some((end, members, inner)) => {
                assert!(is_object && end == ends || beyond, "{text}");
                if let Some(meant) = meant(text.get(..end).unwrap()) {
                    assert_eq!((members, inner), meant, "{text}");
                }
                true
            }
            None => {
                // Keys with escapes, and those that occur twice, are left to the parser.
                let whole = text.get(..ends).unwrap_or_default();
                let listed = is_object.then(|| meant(whole)).flatten();
                assert!(listed.is_none() || whole.contains('\\'), "{text}");
                false
            }
        }
    }

    #[test]
    fn it_passes_over_what_the_parser_accepts() {
        let mut random = Random::new(11);
        let (mut accepted, mut refused) = (0, 0);
        for _ in 0..60_000 {
            let changes = 1 + random.below(3);
            if let Some(text) = damaged(&mut random, DOCUMENT.as_bytes().to_vec(), changes) {
                *if compared(&text) { &mut accepted } else { &mut refused } += 1;
            }
        }
        assert!(accepted > 5_000 && refused > 5_000, "{accepted} accepted, {refused} refused");
    }

    /// A random value, with space or without.
    fn grown(random: &mut Random, spaced: bool, depth: usize, text: &mut String) {
        let space = |random: &mut Random, text: &mut String| {
            while spaced && random.chance(1, 2) {
                text.push(*random.pick(&[' ', ' ', '\n', '\t', '\r']).unwrap());
            }
        };
        let string = |random: &mut Random, text: &mut String| {
            let parts = [
                "a",
                "key",
                "long text of many letters ",
                "\\\"",
                "\\\\",
                "é",
                "\\u00e9",
                "\\ud83d\\ude00",
                "{",
                "]",
                ":",
                ",",
            ];
            text.push('"');
            for _ in 0..random.below(5) {
                text.push_str(random.pick(&parts).unwrap());
            }
            text.push('"');
        };
        match random.below(if depth > 5 { 2 } else { 5 }) {
            0 => string(random, text),
            1 => text
                .push_str(random.pick(&["0", "-1.5e+3", "true", "false", "null", "12345678901234567890123"]).unwrap()),
            2 | 3 => {
                text.push('{');
                for at in 0..random.below(6) {
                    text.push_str(if at > 0 { "," } else { "" });
                    space(random, text);
                    match random.chance(1, 5) {
                        true => string(random, text),
                        false => {
                            text.push_str(&format!("\"{}\"", random.pick(&["in", "other", "b", "c", "d"]).unwrap()))
                        }
                    }
                    space(random, text);
                    text.push(':');
                    space(random, text);
                    grown(random, spaced, depth + 1, text);
                    space(random, text);
                }
                space(random, text);
                text.push('}');
            }
            _ => {
                text.push('[');
                for at in 0..random.below(4) {
                    text.push_str(if at > 0 { "," } else { "" });
                    space(random, text);
                    grown(random, spaced, depth + 1, text);
                    space(random, text);
                }
                text.push(']');
            }
        }
    }

    /// Whether a text begins with an object that serde reads, where it ends, and whether it is only refused for a number that is
    /// too large.
    fn read_by_serde(text: &str) -> (bool, usize, bool) {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
        let first = values.next();
        let is_object = matches!(first, Some(Ok(serde_json::Value::Object(_))));
        let beyond = matches!(&first, Some(Err(error)) if error.to_string().contains("out of range"));
        (is_object, values.byte_offset(), beyond)
    }

    #[test]
    fn random_documents_are_taken_and_refused_as_serde_does() {
        let mut random = Random::new(17);
        let (mut accepted, mut refused) = (0, 0);
        for round in 0..30_000 {
            let mut text = String::from("{\"first\":");
            let spaced = random.chance(1, 3);
            grown(&mut random, spaced, 0, &mut text);
            text.push_str(",\"in\":");
            grown(&mut random, spaced, 0, &mut text);
            text.push_str(random.pick(&["}", "},{", "}\n{\"a\"", "} "]).unwrap());
            let changes = if round % 3 == 0 { 0 } else { 1 + random.below(2) };
            if let Some(text) = damaged(&mut random, text.into_bytes(), changes) {
                *if compared(&text) { &mut accepted } else { &mut refused } += 1;
            }
        }
        assert!(accepted > 8_000 && refused > 3_000, "{accepted} accepted, {refused} refused");
    }

    #[test]
    fn a_key_that_occurs_twice_is_seen_among_few_and_many() {
        for count in [2, FEW_MEMBERS, FEW_MEMBERS + 1, MOST_MEMBERS] {
            let text = |last: usize| {
                let members: Vec<String> = (1..count).chain([last]).map(|at| format!("\"m{at}\": 0")).collect();
                format!("{{{}}}", members.join(","))
            };
            assert!(
                seen(&text(0)).is_some() && seen(&text(1)).is_none() && seen(&text(count - 1)).is_none(),
                "{count}"
            );
            let inner = |last: usize| format!("{{\"in\": {}}}", text(last));
            assert!(seen(&inner(0)).is_some() && seen(&inner(1)).is_none(), "{count}");
        }
    }

    /// Comparing all with all would take minutes.
    #[test]
    fn an_object_with_very_many_members_is_left_to_the_parser_at_once() {
        let members: Vec<String> = (0..200_000).map(|at| format!("\"m{at}\": 0")).collect();
        let text = format!("{{{}}}", members.join(","));
        let started = std::time::Instant::now();
        assert!(seen(&text).is_none() && seen(&format!("{{\"in\": {text}}}")).is_none());
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }

    #[test]
    fn depth_is_bounded_as_the_parsers_is() {
        let nest = |depth: usize| format!("{{\"a\": {}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        for (depth, accepts) in [(MOST_DEPTH, true), (MOST_DEPTH + 1, false)] {
            assert_eq!((seen(&nest(depth)).is_some(), parse(&nest(depth)).is_ok()), (accepts, accepts), "{depth}");
        }
        let inner = |depth: usize| format!("{{\"in\": {}}}", nest(depth));
        assert!(seen(&inner(MOST_DEPTH - 1)).is_some());
        assert!(seen(&inner(MOST_DEPTH)).is_none() && parse(&inner(MOST_DEPTH)).is_err());
        assert!(seen(&nest(100_000)).is_none());
    }
}
