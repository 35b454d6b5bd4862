//! Whether a regular expression matches a text of which not all is known.
//!
//! The automaton of the expression reads the text, and at a place that is not known every letter that may stand there: it
//! is then in one of several states. Where all of them come to the same answer, that is the answer.

use std::collections::BTreeSet;

use parapet_model::{Class, Glyph};
use regex_automata::Input;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_syntax::utf8::Utf8Sequences;

/// An expression that comes to be in more states at once is not followed.
const MOST_STATES: usize = 1_000;
const MOST_GLYPHS: usize = 10_000;

/// The answer for every text that these stand for; `None` where it is not the same for all.
pub(crate) fn matches(pattern: &str, text: &[Glyph]) -> Option<bool> {
    if text.len() > MOST_GLYPHS {
        return None;
    }
    // States are kept: the cache must not be cleared.
    let lasting = DFA::config().minimum_cache_clear_count(Some(0));
    let dfa = DFA::builder().configure(lasting).build(pattern).ok()?;
    let mut cache = dfa.create_cache();
    let start = dfa.start_state_forward(&mut cache, &Input::new("")).ok()?;
    let mut reading = Reading { dfa: &dfa, cache, states: BTreeSet::from([start]), matched: false };
    for glyph in text {
        match glyph {
            Glyph::Letter(letter) => reading.states = reading.after(&[(*letter, *letter)], &reading.states.clone())?,
            Glyph::One(class) => reading.states = reading.after(&ranges(*class), &reading.states.clone())?,
            Glyph::Run(class) => reading.run(&ranges(*class))?,
        }
    }
    reading.answer()
}

/// The letters of a class.
fn ranges(class: Class) -> Vec<(char, char)> {
    let ascii = ('\0'..='\x7f').filter(|letter| class.admits(*letter)).map(|letter| (letter, letter));
    let others = class.admits('\u{80}').then_some(('\u{80}', char::MAX));
    ascii.chain(others).collect()
}

struct Reading<'d> {
    dfa: &'d DFA,
    cache: Cache,
    /// Where it may be, apart from texts that match whatever follows.
    states: BTreeSet<LazyStateID>,
    /// Some text has matched already.
    matched: bool,
}

impl Reading<'_> {
    /// The states after one letter.
    fn after(&mut self, letters: &[(char, char)], from: &BTreeSet<LazyStateID>) -> Option<BTreeSet<LazyStateID>> {
        let mut after = BTreeSet::new();
        for (first, last) in letters {
            for sequence in Utf8Sequences::new(*first, *last) {
                let mut states = from.clone();
                for range in sequence.as_slice() {
                    states = self.after_byte(range.start..=range.end, &states)?;
                }
                after.extend(states);
            }
        }
        (after.len() <= MOST_STATES).then_some(after)
    }

    fn after_byte(
        &mut self,
        bytes: std::ops::RangeInclusive<u8>,
        from: &BTreeSet<LazyStateID>,
    ) -> Option<BTreeSet<LazyStateID>> {
        let mut after = BTreeSet::new();
        for state in from {
            for byte in bytes.clone() {
                let next = self.dfa.next_state(&mut self.cache, *state, byte).ok()?;
                if next.is_quit() || next.is_unknown() {
                    return None;
                }
                match next.is_match() {
                    true => self.matched = true,
                    false => drop(after.insert(next)),
                }
            }
        }
        Some(after)
    }

    /// Any number of letters.
    fn run(&mut self, letters: &[(char, char)]) -> Option<()> {
        let mut new = self.states.clone();
        while !new.is_empty() {
            let after = self.after(letters, &new)?;
            new = after.difference(&self.states).copied().collect();
            self.states.extend(new.iter().copied());
            if self.states.len() > MOST_STATES {
                return None;
            }
        }
        Some(())
    }

    fn answer(mut self) -> Option<bool> {
        let mut refused = false;
        for state in &self.states {
            match self.dfa.next_eoi_state(&mut self.cache, *state).ok()? {
                end if end.is_quit() => return None,
                end if end.is_match() => self.matched = true,
                _ => refused = true,
            }
        }
        (self.matched != refused).then_some(self.matched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_may_stand_there_must_agree() {
        let letters = |text: &str| text.chars().map(Glyph::Letter).collect::<Vec<_>>();
        let text = |before: &str, glyph, after: &str| [letters(before), vec![glyph], letters(after)].concat();
        let reference = r"^\{\{resolve:secretsmanager:([^{}]|\{[^{}]*\})+\}\}$";
        for (class, wanted) in [(Class::Path, Some(true)), (Class::Plain, Some(true)), (Class::Any, None)] {
            let given = text("{{resolve:secretsmanager:arn:", Glyph::Run(class), ":SecretString:p::}}");
            assert_eq!(matches(reference, &given), wanted, "{class:?}");
        }
        let empty = text("{{resolve:secretsmanager:", Glyph::Run(Class::Plain), "}}");
        assert_eq!(matches(reference, &empty), None);
        let more = text("{{resolve:secretsmanager:", Glyph::Run(Class::Plain), "}}2");
        assert_eq!(matches(reference, &more), Some(false));
        assert_eq!(matches("b", &text("b", Glyph::Run(Class::Any), "")), Some(true));
        assert_eq!(matches("^.$", &[Glyph::One(Class::Plain)]), None);
        assert_eq!(matches("^(?s:.)$", &[Glyph::One(Class::Plain)]), Some(true));
        assert_eq!(matches("^[0-9]{2}$", &[Glyph::One(Class::Digits), Glyph::One(Class::Digits)]), Some(true));
        assert_eq!(matches("^[0-9]+$", &[Glyph::Run(Class::Digits)]), None);
        assert_eq!(matches("^ä$", &letters("ä")), Some(true));
    }
}
