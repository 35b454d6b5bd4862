//! Conditions in three values.
//!
//! What is inside of a branch is read as if its condition had the truth that leads there, with all that follows from
//! it: where `Fn::And` is true, each of its conditions is.

use parapet_model::{Name, Node, NodeKind, Truth, is_dynamic};
use rustc_hash::FxHashMap;

use super::resolve::{dynamic_unknown, open_end, undecided};
use super::stack::{Outcome, Stack};
use super::texts::scalar;

/// How many conditions may lean on one another, each on the next.
const MOST_CONDITIONS: usize = 100;

/// How many truths may be concluded from others in one template. Beyond, nothing but the condition itself is assumed.
pub(crate) const MOST_IMPLIED: usize = 1_000_000;

impl<'t> Stack<'t> {
    /// The truth of a condition, by its name.
    pub(crate) fn condition(&mut self, name: &Name) -> Truth {
        if let Some(assumed) = self.assumed.iter().rev().find_map(|level| level.get(name)) {
            return Truth::from(*assumed);
        }
        if let Some(truth) = self.truths.get(name) {
            return truth.clone();
        }
        if let Some(why) = &self.template.open_conditions {
            return Truth::Unknown(undecided(format!("condition `{name}` is not decided: {}", why.why())));
        }
        let Some(definition) = self.template.conditions.get(name) else {
            return Truth::Unknown(undecided(format!("the template has no condition `{name}`")));
        };
        if let Some(circle) =
            self.deciding.iter().position(|other| other == name).and_then(|at| self.deciding.get(at..))
        {
            self.circles.of_conditions(circle, definition.span);
            return Truth::Unknown(undecided(format!("condition `{name}` depends on itself")));
        }
        if self.deciding.len() >= MOST_CONDITIONS {
            return Truth::Unknown(undecided(format!("more than {MOST_CONDITIONS} conditions lean on one another")));
        }
        self.deciding.push(name.clone());
        let before = std::mem::replace(&mut self.confidential, true);
        let truth = self.truth(definition);
        self.confidential = before;
        self.deciding.pop();
        // What is said of a condition says its name: the cause of the cause is in the template.
        let truth = match truth {
            Truth::Unknown(cause) => {
                Truth::Unknown(undecided(format!("condition `{name}` is not decided: {}", innermost(cause.why()))))
            }
            decided => decided,
        };
        self.truths.insert(name.clone(), truth.clone());
        truth
    }

    fn truth(&mut self, node: &'t Node) -> Truth {
        if !self.may_work(1) {
            return Truth::Unknown(undecided("the template takes too much work to read"));
        }
        let members = match &node.kind {
            NodeKind::Map(members) => members,
            NodeKind::Bool(value) => return Truth::from(*value),
            NodeKind::Text(text) if &**text == "true" => return Truth::True,
            NodeKind::Text(text) if &**text == "false" => return Truth::False,
            _ => return unreadable("no function"),
        };
        let [(name, argument)] = members.as_slice() else { return unreadable("not one function") };
        let arguments = argument.as_list().unwrap_or_default();
        match (&**name, arguments) {
            ("Condition", _) => match argument.as_text() {
                Some(name) => self.condition(&name.into()),
                None => unreadable("`Condition` names none"),
            },
            ("Fn::Not", [inner]) => self.truth(inner).not(),
            ("Fn::And", _) if !arguments.is_empty() => {
                arguments.iter().fold(Truth::True, |truth, argument| truth.and(self.truth(argument)))
            }
            ("Fn::Or", _) if !arguments.is_empty() => {
                arguments.iter().fold(Truth::False, |truth, argument| truth.or(self.truth(argument)))
            }
            ("Fn::Equals", [a, b]) => {
                let (a, b) = (self.value(a), self.value(b));
                equal(&a, &b)
            }
            _ => self.called(name, node),
        }
    }

    /// The truth that a function gives which is none of conditions alone.
    fn called(&mut self, name: &str, node: &'t Node) -> Truth {
        let value = match self.resolve(node) {
            Outcome::Value(Node { kind: NodeKind::Unknown(unknown), .. }) => return Truth::Unknown(unknown),
            Outcome::Value(node) => scalar(&node.kind),
            Outcome::Nothing | Outcome::Perhaps(_) => None,
        };
        match value.as_deref() {
            Some("true") => Truth::True,
            Some("false") => Truth::False,
            _ => unreadable(&format!("`{name}`")),
        }
    }

    /// Reads something as if a condition had this truth.
    pub(crate) fn assuming<T>(&mut self, name: &Name, truth: bool, read: impl FnOnce(&mut Self) -> T) -> T {
        let mut level = FxHashMap::default();
        // What a macro may change implies nothing.
        let definition = self.template.conditions.get(name).filter(|_| self.template.open_conditions.is_none());
        if let Some(definition) = definition {
            let (conditions, may_imply) = (&self.template.conditions, &mut self.may_imply);
            implied(definition, truth, MOST_CONDITIONS, &mut |name, definition_truth| {
                *may_imply = may_imply.checked_sub(1)?;
                let fresh = level.insert(name.clone(), definition_truth).is_none();
                fresh.then(|| conditions.get(name)).flatten()
            });
        }
        level.insert(name.clone(), truth);
        self.assumed.push(level);
        let truths = std::mem::take(&mut self.truths);
        let known = std::mem::take(&mut self.known);
        let read = read(self);
        self.assumed.pop();
        (self.truths, self.known) = (truths, known);
        read
    }
}

fn unreadable(what: &str) -> Truth {
    Truth::Unknown(undecided(format!("not a condition: {what}")))
}

/// What follows from the truth of a condition for those that it is made of. `note` takes what follows and gives the
/// definition to go on with.
fn implied<'t>(
    definition: &'t Node,
    truth: bool,
    depth: usize,
    note: &mut impl FnMut(&Name, bool) -> Option<&'t Node>,
) {
    let NodeKind::Map(members) = &definition.kind else { return };
    let [(name, argument)] = members.as_slice() else { return };
    if depth == 0 {
        return;
    }
    match (&**name, truth) {
        ("Condition", _) => {
            if let Some(definition) = argument.as_text().and_then(|name| note(&name.into(), truth)) {
                implied(definition, truth, depth - 1, note);
            }
        }
        ("Fn::Not", _) => {
            for inner in argument.as_list().unwrap_or_default() {
                implied(inner, !truth, depth, note);
            }
        }
        ("Fn::And", true) | ("Fn::Or", false) => {
            for inner in argument.as_list().unwrap_or_default() {
                implied(inner, truth, depth, note);
            }
        }
        _ => {}
    }
}

/// Whether two values are the same text.
fn equal(a: &Node, b: &Node) -> Truth {
    match (&a.kind, &b.kind) {
        (NodeKind::Unknown(a), NodeKind::Unknown(b)) => match a.symbol().zip(b.symbol()).and_then(|(a, b)| a.equals(b))
        {
            Some(truth) => Truth::from(truth),
            None => Truth::Unknown(a.and(b)),
        },
        (NodeKind::Unknown(unknown), _) | (_, NodeKind::Unknown(unknown)) => Truth::Unknown(unknown.clone().opaque()),
        (NodeKind::List(a), NodeKind::List(b)) if open_end(a).or(open_end(b)).is_some() => {
            Truth::Unknown(undecided("how long a list is is not decided"))
        }
        (NodeKind::List(a), NodeKind::List(b)) => match a.len() == b.len() {
            true => a.iter().zip(b).fold(Truth::True, |truth, (a, b)| truth.and(equal(a, b))),
            false => Truth::False,
        },
        (a, b) => match (scalar(a), scalar(b)) {
            (Some(a), Some(b)) if a != b && (is_dynamic(&a) || is_dynamic(&b)) => Truth::Unknown(dynamic_unknown()),
            (Some(a), Some(b)) => Truth::from(a == b),
            _ => Truth::Unknown(undecided("values that are not compared")),
        },
    }
}

/// The last of the reasons that were put before each other.
fn innermost(why: &str) -> &str {
    why.rsplit("is not decided: ").next().unwrap_or(why)
}
