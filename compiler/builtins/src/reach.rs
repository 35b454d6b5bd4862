//! The search behind inclusion and overlap of patterns.
//!
//! The question is walked step by step, and beside it the set of places that the patterns can be in after the
//! same characters: the question reaches outside when a name ends where no pattern does, and inside when one
//! ends where some pattern does. Characters that no pattern names are one symbol, so the walk is finite. A
//! place at a `*` for anything makes earlier places of its pattern needless, which keeps the sets small; what
//! still grows beyond a bound is given up.

use indexmap::IndexSet;
use rustc_hash::FxHashSet;

use crate::glob::{Class, Step, Symbol};
use crate::patterns::Universe;

/// Where a name of the question is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// In no pattern.
    Outside,
    /// In some pattern.
    Inside,
}

/// Steps of patterns that a search may look at; some tenths of a second.
const MOST_WORK: usize = 4_000_000;

/// A place: a pattern, and how many of its steps are done.
type Place = (usize, usize);

/// Whether some name of the question lies where it is wanted; `None` when that takes too long to find out.
pub(crate) fn reaches(question: &[Step], universe: Universe, patterns: &[&[Step]], wanted: Wanted) -> Option<bool> {
    let start = settled(patterns, (0..patterns.len()).map(|pattern| (pattern, 0)));
    let mut search = Search {
        question,
        universe,
        patterns,
        wanted,
        sets: IndexSet::new(),
        seen: FxHashSet::default(),
        open: Vec::new(),
        work: 0,
    };
    search.visit(0, 0, start);
    while let Some(node) = search.open.pop() {
        if search.ends_as_wanted(node) {
            return Some(true);
        }
        search.follow(node);
        if search.work > MOST_WORK {
            return None;
        }
    }
    Some(false)
}

/// How far the question is done, the state of the universe, and which set of places.
type Node = (usize, u8, usize);

struct Search<'p> {
    question: &'p [Step],
    universe: Universe,
    patterns: &'p [&'p [Step]],
    wanted: Wanted,
    /// Every set of places met, each once and sorted.
    sets: IndexSet<Vec<Place>>,
    seen: FxHashSet<Node>,
    open: Vec<Node>,
    work: usize,
}

impl Search<'_> {
    fn visit(&mut self, at: usize, state: u8, places: Vec<Place>) {
        let needless = match self.wanted {
            Wanted::Outside => places.iter().any(|place| self.takes_the_rest(*place)),
            Wanted::Inside => places.is_empty(),
        };
        self.work += places.len() + 1;
        if needless {
            return;
        }
        let (set, _) = self.sets.insert_full(places);
        if self.seen.insert((at, state, set)) {
            self.open.push((at, state, set));
        }
    }

    /// At a last `*`: whatever follows, the pattern matches.
    fn takes_the_rest(&self, (pattern, at): Place) -> bool {
        let steps = self.patterns.get(pattern).copied().unwrap_or_default();
        at + 1 == steps.len() && steps.get(at) == Some(&Step::Run(Class::Any))
    }

    fn ends_as_wanted(&self, (at, state, set): Node) -> bool {
        let ends = |(pattern, at): &Place| self.patterns.get(*pattern).is_some_and(|steps| steps.len() == *at);
        let inside = self.sets.get_index(set).is_some_and(|places| places.iter().any(ends));
        at == self.question.len() && self.universe.accepts(state) && inside == (self.wanted == Wanted::Inside)
    }

    fn follow(&mut self, (at, state, set): Node) {
        let Some(places) = self.sets.get_index(set).cloned() else { return };
        match self.question.get(at) {
            None => {}
            Some(Step::Char(character)) => self.go(at + 1, state, &places, Some(*character)),
            Some(Step::One(class)) => {
                for symbol in self.symbols(*class, &places) {
                    self.go(at + 1, state, &places, symbol);
                }
            }
            Some(Step::Run(class)) => {
                for symbol in self.symbols(*class, &places) {
                    self.go(at, state, &places, symbol);
                }
                self.visit(at + 1, state, places);
            }
        }
    }

    /// The symbols of a class that lead to different nodes.
    fn symbols(&mut self, class: Class, places: &[Place]) -> Vec<Symbol> {
        self.work += places.len();
        let named = places.iter().filter_map(|(pattern, at)| match self.patterns.get(*pattern)?.get(*at)? {
            Step::Char(character) => Some(Some(*character)),
            Step::One(_) | Step::Run(_) => None,
        });
        let states = self.universe.symbols().iter().map(|character| Some(*character));
        let mut symbols: Vec<Symbol> =
            named.chain(states).chain([None]).filter(|symbol| class.admits(*symbol)).collect();
        symbols.sort_unstable();
        symbols.dedup();
        symbols
    }

    fn go(&mut self, at: usize, state: u8, places: &[Place], symbol: Symbol) {
        self.work += places.len();
        let Some(state) = self.universe.step(state, symbol) else { return };
        let next = places.iter().filter_map(|(pattern, at)| match self.patterns.get(*pattern)?.get(*at)? {
            Step::Char(character) => (Some(*character) == symbol).then_some((*pattern, *at + 1)),
            Step::One(class) => class.admits(symbol).then_some((*pattern, *at + 1)),
            Step::Run(class) => class.admits(symbol).then_some((*pattern, *at)),
        });
        let next = settled(self.patterns, next);
        self.visit(at, state, next);
    }
}

/// The places with those behind a `*` added, which may stand for nothing, and needless ones taken out.
fn settled(patterns: &[&[Step]], places: impl Iterator<Item = Place>) -> Vec<Place> {
    let mut all = Vec::new();
    for (pattern, mut at) in places {
        all.push((pattern, at));
        while let Some(Step::Run(_)) = patterns.get(pattern).and_then(|steps| steps.get(at)) {
            at += 1;
            all.push((pattern, at));
        }
    }
    all.sort_unstable();
    all.dedup();
    let mut behind: Option<Place> = None;
    let mut kept: Vec<Place> = Vec::with_capacity(all.len());
    for (pattern, at) in all.into_iter().rev() {
        if behind.is_some_and(|(same, star)| same == pattern && at < star) {
            continue;
        }
        if patterns.get(pattern).and_then(|steps| steps.get(at)) == Some(&Step::Run(Class::Any)) {
            behind = Some((pattern, at));
        }
        kept.push((pattern, at));
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glob::Glob;

    fn steps(pattern: &str) -> Vec<Step> {
        let step = |character| match character {
            '*' => Step::Run(Class::Any),
            '?' => Step::One(Class::Any),
            other => Step::Char(other),
        };
        format!("s:{pattern}").chars().map(step).collect()
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

    /// All pairs of patterns of up to three characters, against all names that could tell them apart.
    #[test]
    fn it_agrees_with_trying_every_name() {
        let patterns = words(&['a', '?', '*'], 3);
        let names: Vec<String> = words(&['a', 'x'], 6).into_iter().filter(|name| !name.is_empty()).collect();
        let matched = |pattern: &str| {
            let glob = Glob::new(pattern);
            names.iter().map(|name| glob.is_match(name)).collect::<Vec<bool>>()
        };
        let tables: Vec<Vec<bool>> = patterns.iter().map(|pattern| matched(pattern)).collect();
        for (question, asked) in patterns.iter().zip(&tables) {
            for (pattern, held) in patterns.iter().zip(&tables) {
                let outside = asked.iter().zip(held).any(|(asked, held)| *asked && !held);
                let inside = asked.iter().zip(held).any(|(asked, held)| *asked && *held);
                let lists = [steps(pattern)];
                let found =
                    |wanted| reaches(&steps(question), Universe::Actions, &lists.each_ref().map(Vec::as_slice), wanted);
                assert_eq!(found(Wanted::Outside), Some(outside), "{question} outside of {pattern}");
                assert_eq!(found(Wanted::Inside), Some(inside), "{question} inside of {pattern}");
            }
        }
    }

    #[test]
    fn hostile_patterns_are_given_up() {
        let hard: Vec<Vec<Step>> = (0..40).map(|length| steps(&format!("*a{}", "?".repeat(length)))).collect();
        let hard: Vec<&[Step]> = hard.iter().map(Vec::as_slice).collect();
        assert_eq!(reaches(&steps("*b*"), Universe::Actions, &hard, Wanted::Outside), Some(true));
        let _ = reaches(&steps(&"*a?".repeat(200)), Universe::Actions, &hard, Wanted::Outside);
    }
}
