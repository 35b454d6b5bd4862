//! Text patterns: the operator `like`, and the steps that policy patterns are made of, too.
//!
//! `*` stands for any run of characters, `?` for one. Matching remembers only the last `*`, because going back
//! to an earlier one cannot help; so it takes at most length times length, whatever the pattern. How wildcards
//! of policies stop at colons is the business of `patterns.rs`.

use std::str::Chars;

/// A character as far as patterns tell it from others; `None` stands for all that occur in no pattern.
pub(crate) type Symbol = Option<char>;

/// The characters that a wildcard stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Any,
    /// All but `:`.
    Part,
}

impl Class {
    pub(crate) fn admits(self, symbol: Symbol) -> bool {
        match self {
            Class::Any => true,
            Class::Part => symbol != Some(':'),
        }
    }
}

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// That character.
    Char(char),
    /// Any one of the class.
    One(Class),
    /// Any number of them.
    Run(Class),
}

/// A pattern of `like`, read once for many texts.
#[derive(Clone, Debug)]
pub struct Glob {
    steps: Vec<Step>,
}

impl Glob {
    /// Reads a pattern: `\*`, `\?` and `\\` are the characters, every other one but `*` and `?` is itself.
    pub fn new(pattern: &str) -> Glob {
        let mut steps = Vec::with_capacity(pattern.len());
        let mut rest = pattern.chars().peekable();
        while let Some(character) = rest.next() {
            steps.push(match character {
                '*' => Step::Run(Class::Any),
                '?' => Step::One(Class::Any),
                '\\' => Step::Char(rest.next_if(|next| matches!(next, '*' | '?' | '\\')).unwrap_or('\\')),
                other => Step::Char(other),
            });
        }
        steps.dedup_by(|step, before| *step == Step::Run(Class::Any) && step == before);
        Glob { steps }
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether the pattern matches all of the text.
    pub fn is_match(&self, text: &str) -> bool {
        let (mut at, mut rest) = (0, text.chars());
        let mut back: Option<(usize, Chars)> = None;
        loop {
            let mut ahead = rest.clone();
            match (self.steps.get(at), ahead.next()) {
                (None, None) => return true,
                (Some(Step::Run(_)), _) => {
                    at += 1;
                    back = Some((at, rest.clone()));
                    continue;
                }
                (Some(Step::Char(wanted)), Some(found)) if *wanted == found => {}
                (Some(Step::One(_)), Some(_)) => {}
                (None | Some(Step::Char(_) | Step::One(_)), _) => match give_one_more(&mut back) {
                    Some(retry) => {
                        (at, rest) = retry;
                        continue;
                    }
                    None => return false,
                },
            }
            (at, rest) = (at + 1, ahead);
        }
    }
}

/// Lets the last `*` take one character more; `None` without such a `*` or at the end of the text.
fn give_one_more<'t>(back: &mut Option<(usize, Chars<'t>)>) -> Option<(usize, Chars<'t>)> {
    let (at, rest) = back.as_mut()?;
    rest.next()?;
    Some((*at, rest.clone()))
}

/// Whether a glob matches all of a text. Case matters.
pub fn like(text: &str, pattern: &str) -> bool {
    Glob::new(pattern).is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_matches_all_of_a_text() {
        let matching = [
            ("", ""),
            ("", "*"),
            ("", "**"),
            ("abc", "abc"),
            ("abc", "a*"),
            ("abc", "*c"),
            ("abc", "a?c"),
            ("arn:aws:rds:eu:1:db:legacy/x", "arn:aws:rds:*:db:legacy*"),
            ("aXbXb", "a*b"),
            ("é", "?"),
            ("a*b", r"a\*b"),
            (r"a\b", r"a\\b"),
            (r"a\b", r"a\b"),
            ("a?", r"a\?"),
            ("[a]", "[a]"),
            (r"a\", r"a\"),
            ("abcabd", "*ab?"),
        ];
        for (text, pattern) in matching {
            assert!(like(text, pattern), "{text} like {pattern}");
        }
        let failing = [
            ("", "?"),
            ("abc", "ab"),
            ("abc", "bc"),
            ("abc", "ABC"),
            ("axb", r"a\*b"),
            ("a", "[a]"),
            ("abc", "*b"),
            ("a", "a?"),
        ];
        for (text, pattern) in failing {
            assert!(!like(text, pattern), "{text} like {pattern}");
        }
    }

    #[test]
    fn hostile_patterns_end() {
        let text = "a".repeat(20_000);
        assert!(!like(&text, &format!("{}b", "a*".repeat(500))));
        assert!(!like(&text, &"*a?".repeat(12_000)));
    }

    /// All texts and patterns of up to four characters, against the definition.
    #[test]
    fn it_agrees_with_the_definition() {
        fn defined(text: &[char], pattern: &[char]) -> bool {
            match (pattern.split_first(), text.split_first()) {
                (None, rest) => rest.is_none(),
                (Some(('*', after)), rest) => {
                    defined(text, after) || rest.is_some_and(|(_, rest)| defined(rest, pattern))
                }
                (Some((step, after)), Some((first, rest))) => (*step == '?' || step == first) && defined(rest, after),
                (Some(_), None) => false,
            }
        }
        for text in words(&['a', 'b'], 5) {
            for pattern in words(&['a', 'b', '?', '*'], 4) {
                let chars = |text: &str| text.chars().collect::<Vec<char>>();
                assert_eq!(like(&text, &pattern), defined(&chars(&text), &chars(&pattern)), "{text} like {pattern}");
            }
        }
    }

    fn words(letters: &[char], longest: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..longest {
            last = last.iter().flat_map(|word| letters.iter().map(move |letter| format!("{word}{letter}"))).collect();
            all.extend(last.clone());
        }
        all
    }
}
