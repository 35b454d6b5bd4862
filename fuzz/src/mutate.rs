//! New texts out of old ones: tokens and lines deleted, doubled, moved, replaced and taken over from other programs, and
//! now and then bytes that no editor would write.

use crate::tokens::tokens;
use parapet_random::Random;

/// Texts that are passed on are at most this long; a rare one is repeated up to [`MOST_REPEATED`].
pub const MOST_BYTES: usize = 8 << 10;

/// The longest text, for what grows faster than the text.
const MOST_REPEATED: usize = 96 << 10;

/// Pieces that no program of the repository may hold, and that are easily read wrongly.
const STRANGE: [&str; 44] = [
    "\r",
    "\r\n",
    "\u{feff}",
    "\u{1}",
    "\u{0}",
    "é",
    "\u{1f600}",
    "\u{301}",
    "\u{2028}",
    "\"",
    "\\",
    "\\u{110000}",
    "{{",
    "}}",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\n",
    "\n\n",
    ";",
    ",",
    "//",
    "///",
    "//!",
    "@",
    "@allow(",
    "r\"",
    "/",
    "+",
    "-",
    "9223372036854775808",
    "1e999",
    "0.0.0.0/0",
    "10.0.0.1/33",
    "::/0",
    "2027-02-30",
    "99999999999d",
    "else",
    "is",
    "not in",
    "pub pub ",
];

/// A change of a text; `others` are the programs to take pieces from.
pub fn mutate(random: &mut Random, text: &str, others: &[String]) -> String {
    let mut changed = text.to_owned();
    for _ in 0..=random.below(4) {
        changed = match random.below(12) {
            0..=5 => tokens_changed(random, &changed),
            6..=7 => taken_over(random, &changed, others),
            8..=9 => lines_changed(random, &changed),
            10 => bytes_changed(random, &changed),
            _ => repeated(random, &changed),
        };
    }
    let most = if random.chance(1, 400) { MOST_REPEATED } else { MOST_BYTES };
    changed.truncate(changed.floor_char_boundary(most));
    changed
}

/// One edit of a few neighbouring tokens.
fn tokens_changed(random: &mut Random, text: &str) -> String {
    let mut pieces = tokens(text);
    let range = random.range(pieces.len());
    let cut: Vec<&str> = pieces.get(range.clone()).unwrap_or_default().to_vec();
    match random.below(7) {
        0 => drop(pieces.splice(range, [])),
        1 => drop(pieces.splice(range.start..range.start, cut)),
        2 => {
            pieces.splice(range, []);
            let to = random.below(pieces.len() + 1);
            pieces.splice(to..to, cut);
        }
        3 => {
            let other = random.range(pieces.len());
            let copy: Vec<&str> = pieces.get(other).unwrap_or_default().to_vec();
            pieces.splice(range, copy);
        }
        4 => {
            let strange = random.pick(&STRANGE).copied();
            pieces.splice(range.start..range.start, strange);
        }
        5 => {
            let strange = random.pick(&STRANGE).copied();
            pieces.splice(range, strange);
        }
        _ => {
            // The half of a word, as it stands while it is typed.
            if let Some(piece) = pieces.get_mut(range.start) {
                let half = piece.floor_char_boundary(piece.len() / 2);
                *piece = piece.get(..half).unwrap_or_default();
            }
        }
    }
    pieces.concat()
}

/// Tokens or lines of another program in the place of some.
fn taken_over(random: &mut Random, text: &str, others: &[String]) -> String {
    let Some(other) = random.pick(others) else { return text.to_owned() };
    let (mut own, theirs): (Vec<&str>, Vec<&str>) = match random.chance(1, 2) {
        true => (text.split_inclusive('\n').collect(), other.split_inclusive('\n').collect()),
        false => (tokens(text), tokens(other)),
    };
    let range = random.range(own.len());
    let taken: Vec<&str> = theirs.get(random.range(theirs.len())).unwrap_or_default().to_vec();
    let range = if random.chance(1, 2) { range } else { range.start..range.start };
    own.splice(range, taken);
    own.concat()
}

/// Lines deleted, doubled, moved, joined or indented.
fn lines_changed(random: &mut Random, text: &str) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let range = random.range(lines.len());
    let cut: Vec<String> = lines.get(range.clone()).unwrap_or_default().to_vec();
    match random.below(6) {
        0 => drop(lines.splice(range, [])),
        1 => drop(lines.splice(range.start..range.start, cut)),
        2 => {
            lines.splice(range, []);
            let to = random.below(lines.len() + 1);
            lines.splice(to..to, cut);
        }
        3 => drop(lines.splice(range, cut.iter().map(|line| line.trim_end().to_owned()))),
        4 => drop(lines.splice(range, cut.iter().map(|line| format!("    {line}")))),
        _ => drop(lines.splice(range, cut.iter().map(|line| line.trim_start().to_owned()))),
    }
    lines.concat()
}

/// Bytes put in, taken out or replaced; what is no UTF-8 then is marked as such, as files are read.
fn bytes_changed(random: &mut Random, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() + 1);
        let byte = if random.chance(3, 4) { 32 + random.below(95) } else { random.below(256) } as u8;
        match random.below(3) {
            0 => bytes.insert(at, byte),
            1 if at < bytes.len() => drop(bytes.remove(at)),
            _ => {
                if let Some(place) = bytes.get_mut(at) {
                    *place = byte;
                }
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A few tokens many times over: long lists, deep nesting.
fn repeated(random: &mut Random, text: &str) -> String {
    let mut pieces = tokens(text);
    let range = random.range(pieces.len());
    let times = match random.below(4) {
        0 => 1 << random.below(12),
        _ => random.below(12),
    };
    let (start, end) = (range.start, range.end);
    if random.chance(1, 3) {
        let (open, close) =
            random.pick(&[("(", ")"), ("[", "]"), ("{", "}"), ("not ", ""), ("-", "")]).copied().unwrap_or_default();
        pieces.splice(end..end, std::iter::repeat_n(close, times));
        pieces.splice(start..start, std::iter::repeat_n(open, times));
    } else {
        let cut = pieces.get(range).unwrap_or_default().concat();
        let times = times.min(MOST_REPEATED / cut.len().max(1));
        return [
            pieces.get(..end).unwrap_or_default().concat(),
            cut.repeat(times),
            pieces.get(end..).unwrap_or_default().concat(),
        ]
        .concat();
    }
    pieces.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_texts_and_each_is_short() {
        let others = vec!["const A = 1\n".to_owned(), "fn f(é: Int) -> Int = é\n".to_owned()];
        let texts = |seed| {
            let mut random = Random::new(seed);
            let mut text = others[1].clone();
            (0..500)
                .map(|_| {
                    text = mutate(&mut random, &text, &others);
                    text.clone()
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(7), texts(7));
        assert_ne!(texts(7), texts(8));
        assert!(texts(7).iter().all(|text| text.len() <= MOST_REPEATED));
        assert!(mutate(&mut Random::new(1), "", &[]).len() <= MOST_REPEATED);
    }
}
