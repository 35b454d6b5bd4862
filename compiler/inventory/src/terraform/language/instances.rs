//! `count` and `for_each`: how many instances a block has, and where each stands.

use parapet_model::{Name, Node, NodeKind, Reason, Unknown};
use rustc_hash::FxHashSet;

use super::eval::{Scope, TOO_LONG};
use super::program::{Declaration, Program, State};
use super::value::{node, size, text_of};

/// The most instances of one resource or module.
const MOST_INSTANCES: usize = 10_000;

/// How many instances there are.
#[derive(Clone)]
pub(super) enum Instances {
    One,
    Count(usize),
    Each(Vec<(Name, Node)>),
    Unknown(Unknown),
}

impl Program<'_> {
    /// How many instances a block has.
    pub(super) fn instances(&self, module: usize, name: &str, declaration: &Declaration, scope: &Scope) -> Instances {
        let key = format!("{module}|{name}");
        match self.instances.borrow().get(&key) {
            Some(State::Done(found)) => return found.clone(),
            Some(State::Busy) => {
                return Instances::Unknown(Unknown::new(Reason::Undecided, format!("`{name}` refers to itself")));
            }
            None => {}
        }
        self.instances.borrow_mut().insert(key.clone(), State::Busy);
        let value = |part: &Node| self.apart(|| self.value(part, scope)).0;
        let found = match (declaration.body.get("count"), declaration.body.get("for_each")) {
            (Some(count), _) => counted(&value(count)),
            (None, Some(each)) => match each_of(value(each)) {
                // They are kept, once for each module.
                Instances::Each(each) if !self.budget.spend(each.iter().map(|(_, value)| size(value)).sum()) => {
                    Instances::Unknown(Unknown::new(Reason::Undecided, TOO_LONG))
                }
                found => found,
            },
            (None, None) => Instances::One,
        };
        self.instances.borrow_mut().insert(key, State::Done(found.clone()));
        found
    }

    /// The scope of an instance with this key.
    pub(super) fn scope_of(&self, module: usize, instances: &Instances, key: Option<&str>) -> Scope {
        let scope = Scope::of(module);
        match (instances, key) {
            (Instances::Count(_), Some(key)) => {
                let index = key.parse().map_or(NodeKind::Null, NodeKind::Int);
                Scope { index: Some(node(index)), ..scope }
            }
            (Instances::Each(each), Some(key)) => {
                let found = each.iter().find(|(name, _)| **name == *key);
                Scope { each: found.map(|(name, value)| (Node::text(name.clone()), value.clone())), ..scope }
            }
            (Instances::Unknown(found), _) => {
                let value = || node(NodeKind::Unknown(found.clone().opaque()));
                Scope { each: Some((value(), value())), index: Some(value()), ..scope }
            }
            _ => scope,
        }
    }
}

fn counted(value: &Node) -> Instances {
    let undecided = |why: String| Instances::Unknown(Unknown::new(Reason::Undecided, why));
    match (&value.kind, text_of(value).and_then(|text| text.parse::<f64>().ok())) {
        (NodeKind::Unknown(found), _) => Instances::Unknown(found.clone()),
        (_, Some(count)) if count >= 0.0 && count <= MOST_INSTANCES as f64 && count.fract() == 0.0 => {
            Instances::Count(count as usize)
        }
        (_, Some(count)) if count > MOST_INSTANCES as f64 => {
            undecided(format!("`count` is beyond {MOST_INSTANCES} instances"))
        }
        _ => undecided("`count` is not a number".to_owned()),
    }
}

fn each_of(value: Node) -> Instances {
    let undecided = |why: String| Instances::Unknown(Unknown::new(Reason::Undecided, why));
    let each: Vec<(Name, Node)> = match value.kind {
        NodeKind::Unknown(found) => return Instances::Unknown(found),
        NodeKind::Map(members) if !members.iter().any(|(key, _)| key.starts_with('\0')) => members,
        NodeKind::List(elements) => {
            let mut each: Vec<(Name, Node)> = Vec::new();
            let mut seen: FxHashSet<Name> = FxHashSet::default();
            for element in elements {
                match (&element.kind, text_of(&element)) {
                    (NodeKind::Unknown(found), _) => return Instances::Unknown(found.clone().opaque()),
                    (_, Some(key)) => {
                        let key = Name::from(key);
                        each.extend(seen.insert(key.clone()).then_some((key, element)));
                    }
                    (_, None) => return undecided("`for_each` is not a set of texts".to_owned()),
                }
                if each.len() > MOST_INSTANCES {
                    break;
                }
            }
            each
        }
        _ => return undecided("`for_each` is neither a map nor a set".to_owned()),
    };
    match each.len() <= MOST_INSTANCES {
        true => Instances::Each(each),
        false => undecided(format!("`for_each` is beyond {MOST_INSTANCES} instances")),
    }
}
