//! Action and resource patterns of IAM statements, and what they stand for.
//!
//! A pattern stands for a set of actions or resources. A question is such a set, too (a plain name is a set of
//! one), and asks a list of patterns whether it lies inside of them all together, or outside of each. The answer
//! is exact; it is unknown where an unknown pattern, a policy variable or sheer size leaves it open. Source:
//! "IAM JSON policy elements" in the IAM user guide; section 3.1 of the design's page on access reasoning.

use parapet_model::{Glyph, Reason, SymbolPart, Truth, Unknown, Value};

use crate::arguments::doubt;
use crate::glob::{Class, Step, Symbol};
use crate::reach::{Wanted, reaches};

/// All texts that are names of the kind that a pattern is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Universe {
    /// `service:name`.
    Actions,
    /// ARNs of six parts, and `*`, which is what a request names that is about no resource.
    Resources,
}

/// The state after a lone `*`.
const STAR: u8 = 20;

/// What every ARN begins with.
const SCHEME: [char; 4] = ['a', 'r', 'n', ':'];

impl Universe {
    /// The characters that the states tell apart.
    pub(crate) fn symbols(self) -> &'static [char] {
        match self {
            Universe::Actions => &[':'],
            Universe::Resources => &['a', 'r', 'n', ':', '*'],
        }
    }

    /// The state after one more character; `None` when no name begins so. State 0 is the beginning.
    pub(crate) fn step(self, state: u8, symbol: Symbol) -> Option<u8> {
        let colon = symbol == Some(':');
        match (self, state) {
            (Universe::Actions, 0) => (!colon).then_some(1),
            (Universe::Actions, 1) => Some(if colon { 2 } else { 1 }),
            (Universe::Actions, _) => Some(3),
            (Universe::Resources, 0) if symbol == Some('*') => Some(STAR),
            (Universe::Resources, STAR) => None,
            (Universe::Resources, 0..4) => {
                (symbol.as_ref() == SCHEME.get(usize::from(state))).then_some(state.saturating_add(1))
            }
            (Universe::Resources, 4..8) => Some(if colon { state.saturating_add(1) } else { state }),
            (Universe::Resources, _) => Some(9),
        }
    }

    /// Whether a text is a name.
    fn accepts_all(self, mut letters: impl Iterator<Item = char>) -> bool {
        letters.try_fold(0, |state, letter| self.step(state, Some(letter))).is_some_and(|state| self.accepts(state))
    }

    pub(crate) fn accepts(self, state: u8) -> bool {
        match self {
            Universe::Actions => state == 3,
            Universe::Resources => matches!(state, 9 | STAR),
        }
    }

    fn steps(self, pattern: &str) -> Vec<Step> {
        match self {
            Universe::Actions => action(pattern),
            Universe::Resources => resource(pattern),
        }
    }
}

/// A set of actions or resources that a rule asks about.
pub(crate) struct Question {
    universe: Universe,
    steps: Vec<Step>,
}

impl Question {
    /// `Err` when the pattern stands for no action or resource at all.
    pub(crate) fn new(universe: Universe, pattern: &str) -> Result<Question, Unknown> {
        let steps = universe.steps(pattern);
        let stands_for_some = match literal(&steps) {
            Some(symbols) => universe.accepts_all(symbols),
            None => reaches(&steps, universe, &[], Wanted::Outside) == Some(true),
        };
        if stands_for_some {
            return Ok(Question { universe, steps });
        }
        let kind = match universe {
            Universe::Actions => "not an action",
            Universe::Resources => "neither an ARN nor `*`",
        };
        let excerpt: String = pattern.chars().take(60).collect();
        Err(Unknown::new(Reason::Unreadable, format!("{kind}: {excerpt:?}")))
    }

    /// Whether each of the set is matched by some pattern of a list.
    pub(crate) fn is_inside(&self, list: &[Value]) -> Truth {
        let patterns = Patterns::of(self.universe, list);
        match (self.reaches(&patterns.exact, Wanted::Outside), patterns.doubt) {
            (None, _) => Truth::Unknown(too_large()),
            (Some(false), _) => Truth::True,
            (Some(true), Some(unknown)) => Truth::Unknown(unknown),
            (Some(true), None) if patterns.variable.is_empty() => Truth::False,
            (Some(true), None) => {
                let all: Vec<Vec<Step>> = patterns.exact.into_iter().chain(patterns.variable).collect();
                match self.reaches(&all, Wanted::Outside) {
                    Some(true) => Truth::False,
                    Some(false) => Truth::Unknown(patterns.partly.unwrap_or_else(variable)),
                    None => Truth::Unknown(too_large()),
                }
            }
        }
    }

    /// Whether none of the set is matched by any pattern of a list. A variable without a value switches the
    /// whole statement off, so that a list with one never says yes.
    pub(crate) fn is_outside(&self, list: &[Value]) -> Truth {
        let patterns = Patterns::of(self.universe, list);
        match (self.reaches(&patterns.exact, Wanted::Inside), patterns.doubt) {
            (None, _) => Truth::Unknown(too_large()),
            (Some(true), _) => Truth::False,
            (Some(false), Some(unknown)) => Truth::Unknown(unknown),
            (Some(false), None) if patterns.variable.is_empty() => Truth::True,
            (Some(false), None) => Truth::Unknown(patterns.partly.unwrap_or_else(variable)),
        }
    }

    /// Most patterns have nothing to do with the question, as their first letters say; with what is left a search is short.
    fn reaches(&self, patterns: &[Vec<Step>], wanted: Wanted) -> Option<bool> {
        let near: Vec<&[Step]> =
            patterns.iter().map(Vec::as_slice).filter(|pattern| !part_ways(&self.steps, pattern)).collect();
        let begins_with_letter =
            |pattern: &&[Step]| matches!(pattern.first(), Some(Step::Char(letter)) if *letter != '*');
        match wanted {
            // The set has a name that begins with none of those letters: another service, or `*` among resources.
            Wanted::Outside if self.steps == [Step::Run(Class::Any)] && near.iter().all(begins_with_letter) => {
                Some(true)
            }
            Wanted::Outside if near.is_empty() => Some(true),
            Wanted::Inside if near.is_empty() => Some(false),
            Wanted::Outside | Wanted::Inside => reaches(&self.steps, self.universe, &near, wanted),
        }
    }
}

/// The letters of a pattern without wildcards.
fn literal(steps: &[Step]) -> Option<impl Iterator<Item = char>> {
    let letter = |step: &Step| match step {
        Step::Char(letter) => Some(*letter),
        Step::One(_) | Step::Run(_) => None,
    };
    steps.iter().map(letter).collect::<Option<Vec<char>>>().map(Vec::into_iter)
}

/// Whether two patterns have different letters before the first wildcard of either, so that no name matches both.
fn part_ways(one: &[Step], other: &[Step]) -> bool {
    let pairs = one.iter().zip(other).map_while(|pair| match pair {
        (Step::Char(a), Step::Char(b)) => Some(a != b),
        _ => None,
    });
    pairs.into_iter().any(|differ| differ)
}

fn variable() -> Unknown {
    Unknown::new(Reason::Other, "depends on a policy variable")
}

fn too_large() -> Unknown {
    Unknown::new(Reason::Other, "too many patterns to compare")
}

/// The patterns of a list.
struct Patterns {
    exact: Vec<Vec<Step>>,
    /// Those with a variable, as wide as any value makes them.
    variable: Vec<Vec<Step>>,
    /// Why others are not known.
    doubt: Option<Unknown>,
    /// Why those are not known of which some parts are.
    partly: Option<Unknown>,
}

impl Patterns {
    fn of(universe: Universe, list: &[Value]) -> Patterns {
        let is_partly = |pattern: &&Value| pattern.present_symbol().is_some();
        let partly = doubt(list.iter().filter(is_partly));
        let doubt = doubt(list.iter().filter(|pattern| !is_partly(pattern)));
        let mut patterns = Patterns { exact: Vec::new(), variable: Vec::new(), doubt, partly };
        for pattern in list {
            patterns.variable.extend(pattern.present_symbol().map(|symbol| spread(universe, symbol)));
        }
        for pattern in list.iter().filter_map(Value::as_text) {
            match universe {
                Universe::Resources if pattern.contains("${") => patterns.variable.push(widened(pattern)),
                Universe::Resources | Universe::Actions => patterns.exact.push(universe.steps(pattern)),
            }
        }
        patterns
    }
}

/// An action pattern: case means nothing.
fn action(pattern: &str) -> Vec<Step> {
    pattern.chars().map(|character| step(character.to_ascii_lowercase(), Class::Any)).collect()
}

/// A resource pattern: with six parts or more, the wildcards in the first five stop at `:`.
fn resource(pattern: &str) -> Vec<Step> {
    let parts = pattern.split(':').count();
    let mut colons = 0;
    let mut steps = Vec::with_capacity(pattern.len());
    for character in pattern.chars() {
        colons += usize::from(character == ':');
        steps.push(step(character, if parts >= 6 && colons < 5 { Class::Part } else { Class::Any }));
    }
    steps
}

/// A pattern with variables as wide as can be: each stands for any text, and wildcards for any, too. Whether
/// `${…}` is a variable or plain text depends on the version of the policy; both lie inside of this.
fn widened(pattern: &str) -> Vec<Step> {
    let mut rest = pattern;
    let mut steps = Vec::new();
    while let Some((before, after)) = rest.split_once("${") {
        steps.extend(before.chars().map(|character| step(character, Class::Any)));
        steps.push(Step::Run(Class::Any));
        // A variable that is not closed takes all that follows.
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    steps.extend(rest.chars().map(|character| step(character, Class::Any)));
    steps
}

/// A pattern of which parts are known only after deployment, as wide as can be.
fn spread(universe: Universe, symbol: &parapet_model::Symbol) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in symbol.parts() {
        match part {
            SymbolPart::Literal(text) => match universe {
                Universe::Actions => steps.extend(action(text)),
                Universe::Resources => steps.extend(widened(text)),
            },
            SymbolPart::Attribute(attribute) => steps.extend(attribute.shape.glyphs().into_iter().map(glyph)),
        }
    }
    steps
}

/// What stands for letters that are not known; only some of them may hold a colon.
fn glyph(glyph: Glyph) -> Step {
    let class = |class: parapet_model::Class| if class.admits(':') { Class::Any } else { Class::Part };
    match glyph {
        Glyph::Letter(letter) => Step::Char(letter),
        Glyph::One(letters) => Step::One(class(letters)),
        Glyph::Run(letters) => Step::Run(class(letters)),
    }
}

fn step(character: char, class: Class) -> Step {
    match character {
        '*' => Step::Run(class),
        '?' => Step::One(class),
        other => Step::Char(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(universe: Universe, question: &str, patterns: &[&str]) -> Truth {
        let list: Vec<Value> = patterns.iter().map(|pattern| Value::text(*pattern)).collect();
        Question::new(universe, question).unwrap().is_inside(&list)
    }

    fn outside(universe: Universe, question: &str, patterns: &[&str]) -> Truth {
        let list: Vec<Value> = patterns.iter().map(|pattern| Value::text(*pattern)).collect();
        Question::new(universe, question).unwrap().is_outside(&list)
    }

    #[test]
    fn what_the_first_letters_say_is_what_a_search_finds() {
        let pieces = ["*", "a:b", "a:*", "*:b", "a?:b", "b:*", "ab:c*", "a*:b", "?:?", "a:bc", ""];
        let lists: Vec<Vec<&str>> = pieces
            .iter()
            .flat_map(|one| pieces.iter().map(move |other| vec![*one, *other]))
            .chain([vec![], vec!["c:d", "d:*", "e:f"]])
            .collect();
        for question in pieces.iter().filter_map(|piece| Question::new(Universe::Actions, piece).ok()) {
            for list in &lists {
                let patterns: Vec<Vec<Step>> = list.iter().map(|pattern| Universe::Actions.steps(pattern)).collect();
                let slices: Vec<&[Step]> = patterns.iter().map(Vec::as_slice).collect();
                for wanted in [Wanted::Inside, Wanted::Outside] {
                    let searched = reaches(&question.steps, Universe::Actions, &slices, wanted);
                    assert_eq!(question.reaches(&patterns, wanted), searched, "{:?} and {list:?}", question.steps);
                }
            }
        }
    }

    #[test]
    fn actions_lie_inside_of_patterns() {
        let cases: [(&str, &[&str], bool); 16] = [
            ("s3:GetObject", &["s3:Get*"], true),
            ("S3:GETOBJECT", &["s3:getobject"], true),
            ("s3:GetObject", &["s3:Put*", "s3:List*"], false),
            ("s3:GetObject", &["s3:GetObjec?"], true),
            ("s3:GetObject", &["s3:GetObject?"], false),
            ("s3:*", &["s3:*"], true),
            ("s3:*", &["s3:Get*"], false),
            ("s3:Get*", &["*"], true),
            ("s3:Get*Acl", &["s3:G*Acl"], true),
            ("s3:G*Acl", &["s3:Get*Acl"], false),
            ("*", &["*"], true),
            ("*", &["*:*"], true),
            ("s3:*", &[], false),
            // No single pattern holds all of these, but together they do.
            ("s3:*", &["s3:?", "s3:??*"], true),
            ("s3:??", &["s3:a?", "s3:?*"], true),
            ("s3:??*", &["s3:???*", "s3:a?"], false),
        ];
        for (question, patterns, wanted) in cases {
            assert_eq!(inside(Universe::Actions, question, patterns), wanted.into(), "{question} in {patterns:?}");
        }
    }

    #[test]
    fn actions_lie_outside_of_patterns() {
        let cases: [(&str, &[&str], bool); 6] = [
            ("s3:GetObject", &["iam:*"], true),
            ("s3:GetObject", &["s3:get*"], false),
            ("s3:*", &["iam:*", "sts:*"], true),
            ("s3:*", &["s3:PutObject"], false),
            ("*", &["iam:PassRole"], false),
            ("s3:Get*", &["*Acl"], false),
        ];
        for (question, patterns, wanted) in cases {
            assert_eq!(outside(Universe::Actions, question, patterns), wanted.into(), "{question} out of {patterns:?}");
        }
    }

    #[test]
    fn resource_wildcards_stop_at_colons() {
        let cases: [(&str, &[&str], bool); 14] = [
            ("arn:aws:s3:::logs/a", &["arn:aws:s3:::logs/*"], true),
            ("arn:aws:s3:::Logs/a", &["arn:aws:s3:::logs/*"], false),
            ("arn:aws:s3:::logs", &["*"], true),
            ("arn:aws:s3:::logs", &["arn:aws:s3*"], true),
            ("arn:aws:s3:::logs", &["arn:*:s3:::logs"], true),
            ("arn:aws:sqs:eu:1:a:b", &["arn:aws:sqs:*:1:a:b"], true),
            // The star for the region does not run over the account.
            ("arn:aws:sqs:eu:1:2:b", &["arn:aws:sqs:*:2:b"], false),
            ("arn:aws:sqs:eu:1:2:b", &["arn:aws:sqs:*:1:2:b"], true),
            ("arn:aws:sqs:eu:1:a:b:c", &["arn:aws:sqs:eu:1:*c"], true),
            ("arn:aws:s3:::logs/*", &["arn:aws:s3:::logs/?*"], false),
            ("arn:aws:s3:::*", &["arn:*:*:*:*:*"], true),
            ("*", &["arn:*:*:*:*:*"], false),
            ("arn:*", &["arn:*:*:*:*:*"], true),
            ("*", &["*"], true),
        ];
        for (question, patterns, wanted) in cases {
            assert_eq!(inside(Universe::Resources, question, patterns), wanted.into(), "{question} in {patterns:?}");
        }
    }

    #[test]
    fn variables_decide_only_what_every_value_does() {
        let home = "arn:aws:s3:::home/${aws:username}/*";
        let unknown = |truth: Truth| matches!(truth, Truth::Unknown(_));
        assert!(unknown(inside(Universe::Resources, "arn:aws:s3:::home/bob/a", &[home])));
        assert_eq!(inside(Universe::Resources, "arn:aws:s3:::logs/bob/a", &[home]), Truth::False);
        assert_eq!(inside(Universe::Resources, "arn:aws:s3:::home/bob/a", &[home, "arn:aws:s3:::home/*"]), Truth::True);
        assert!(unknown(outside(Universe::Resources, "arn:aws:s3:::logs/a", &[home])));
        assert_eq!(outside(Universe::Resources, "arn:aws:s3:::logs/a", &[home, "*"]), Truth::False);
    }

    #[test]
    fn questions_must_be_about_something() {
        for text in ["", "GetObject", ":x", "s3:"] {
            assert!(Question::new(Universe::Actions, text).is_err(), "{text}");
        }
        for text in ["", "logs", "arn:aws:s3", "arn:aws:s3:::", "**b"] {
            assert_eq!(Question::new(Universe::Resources, text).is_err(), text != "**b", "{text}");
        }
    }
}
