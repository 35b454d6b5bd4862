//! What inputs tell of the accounts of an organisation, put together.
//!
//! Answers tell it piece by piece: a list of accounts names them, the parent of each and the names of the units on the
//! way to the root make the path. `accounts.csv` tells all of it in a line. What two inputs tell differently is not
//! known: neither is taken for the truth.

use std::collections::{BTreeMap, BTreeSet};

use parapet_model::Name;

/// One piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Account {
        account: Name,
        name: Option<Name>,
        email: Option<Name>,
    },
    /// A whole path, as `accounts.csv` has it.
    Path {
        account: Name,
        path: Name,
    },
    Tags {
        account: Name,
        tags: BTreeMap<Name, Name>,
    },
    /// The root or unit that an account or unit is in.
    Parent {
        child: Name,
        parent: Name,
    },
    Unit {
        unit: Name,
        name: Name,
    },
}

/// Something that is told once, or differently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Told<T> {
    #[default]
    Never,
    Once(T),
    /// Two inputs disagree.
    Differently,
}

impl<T: PartialEq> Told<T> {
    fn tell(&mut self, value: T) {
        *self = match std::mem::take(self) {
            Told::Never => Told::Once(value),
            Told::Once(before) if before == value => Told::Once(before),
            Told::Once(_) | Told::Differently => Told::Differently,
        };
    }
}

/// An account as it is described.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Described {
    pub name: Told<Name>,
    pub email: Told<Name>,
    /// The names of the units below the root: `/workloads/prod`; `/` is the root. Otherwise why it is not known.
    pub path: Option<Result<Name, String>>,
    pub tags: Told<BTreeMap<Name, Name>>,
}

/// All pieces; see the module.
#[derive(Clone, Debug, Default)]
pub struct Organisation {
    accounts: BTreeMap<Name, Described>,
    paths: BTreeMap<Name, Told<Name>>,
    parents: BTreeMap<Name, Told<Name>>,
    units: BTreeMap<Name, Told<Name>>,
}

/// AWS nests five levels of units; a longer way is a circle.
const MOST_UNITS: usize = 64;

impl Organisation {
    pub fn tell(&mut self, fact: Fact) {
        match fact {
            Fact::Account { account, name, email } => {
                let described = self.accounts.entry(account).or_default();
                name.into_iter().for_each(|name| described.name.tell(name));
                email.into_iter().for_each(|email| described.email.tell(email));
            }
            Fact::Path { account, path } => {
                self.accounts.entry(account.clone()).or_default();
                self.paths.entry(account).or_default().tell(path);
            }
            Fact::Tags { account, tags } => self.accounts.entry(account).or_default().tags.tell(tags),
            Fact::Parent { child, parent } => self.parents.entry(child).or_default().tell(parent),
            Fact::Unit { unit, name } => self.units.entry(unit).or_default().tell(name),
        }
    }

    /// The accounts that were told of.
    pub fn accounts(&self) -> BTreeSet<&Name> {
        let children = self.parents.keys().filter(|child| is_account(child));
        self.accounts.keys().chain(children).collect()
    }

    /// What is told of an account; `None` when nothing is.
    pub fn account(&self, account: &str) -> Option<Described> {
        let own = self.accounts.get(account);
        let path = self.path(account);
        if own.is_none() && path.is_none() {
            return None;
        }
        Some(Described { path, ..own.cloned().unwrap_or_default() })
    }

    fn path(&self, account: &str) -> Option<Result<Name, String>> {
        let walked = self.parents.contains_key(account).then(|| self.walk(account));
        let written = self.paths.get(account).map(|told| match told {
            Told::Once(path) => Ok(path.clone()),
            Told::Never | Told::Differently => Err("inputs disagree about it".to_owned()),
        });
        match (walked, written) {
            (Some(Ok(walked)), Some(Ok(written))) if walked != written => {
                Err("inputs disagree about it".to_owned()).into()
            }
            (Some(Err(_)), Some(written)) => Some(written),
            (walked, written) => walked.or(written),
        }
    }

    /// From an account up to the root.
    fn walk(&self, account: &str) -> Result<Name, String> {
        let mut names: Vec<&str> = Vec::new();
        let mut at: Name = account.into();
        for _ in 0..MOST_UNITS {
            let parent = match self.parents.get(&at) {
                Some(Told::Once(parent)) => parent,
                Some(Told::Differently) => return Err(format!("inputs disagree about the parent of {at}")),
                Some(Told::Never) | None => return Err(format!("no input tells the parent of {at}")),
            };
            if parent.starts_with("r-") {
                names.reverse();
                return Ok(format!("/{}", names.join("/")).into());
            }
            match self.units.get(parent) {
                Some(Told::Once(name)) if name.contains('/') => {
                    return Err(format!("the name of {parent} holds a `/`"));
                }
                Some(Told::Once(name)) => names.push(name),
                Some(Told::Differently) => return Err(format!("inputs disagree about the name of {parent}")),
                Some(Told::Never) | None => return Err(format!("no input tells the name of {parent}")),
            }
            at = parent.clone();
        }
        Err(format!("the parents of {account} go round in a circle"))
    }
}

/// An account id, as opposed to that of a unit.
fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organisation(facts: &[Fact]) -> Organisation {
        let mut organisation = Organisation::default();
        facts.iter().cloned().for_each(|fact| organisation.tell(fact));
        organisation
    }

    fn parent(child: &str, parent: &str) -> Fact {
        Fact::Parent { child: child.into(), parent: parent.into() }
    }

    fn unit(unit: &str, name: &str) -> Fact {
        Fact::Unit { unit: unit.into(), name: name.into() }
    }

    fn path(facts: &[Fact]) -> Result<String, String> {
        let described = organisation(facts).account("111122223333").unwrap();
        described.path.unwrap().map(|path| path.to_string())
    }

    #[test]
    fn a_path_goes_down_from_the_root() {
        let facts = [
            parent("111122223333", "ou-2"),
            parent("ou-2", "ou-1"),
            parent("ou-1", "r-x"),
            unit("ou-1", "a"),
            unit("ou-2", "b"),
        ];
        assert_eq!(path(&facts), Ok("/a/b".to_owned()));
        assert_eq!(path(&[parent("111122223333", "r-x")]), Ok("/".to_owned()));
    }

    #[test]
    fn a_gap_makes_the_path_unknown() {
        let account = "111122223333";
        assert_eq!(
            path(&[parent(account, "ou-1"), parent("ou-1", "r-x")]),
            Err("no input tells the name of ou-1".to_owned())
        );
        assert_eq!(
            path(&[parent(account, "ou-1"), unit("ou-1", "a")]),
            Err("no input tells the parent of ou-1".to_owned())
        );
        assert_eq!(
            path(&[parent(account, "ou-1"), unit("ou-1", "a/b")]),
            Err("the name of ou-1 holds a `/`".to_owned())
        );
        assert!(path(&[parent(account, "ou-1"), parent("ou-1", "ou-1"), unit("ou-1", "a")]).is_err());
    }

    #[test]
    fn what_is_told_differently_is_not_known() {
        let named = |name: &str| Fact::Account { account: "1".into(), name: Some(name.into()), email: None };
        assert_eq!(organisation(&[named("a"), named("a")]).account("1").unwrap().name, Told::Once("a".into()));
        assert_eq!(organisation(&[named("a"), named("b")]).account("1").unwrap().name, Told::Differently);
        let written = Fact::Path { account: "111122223333".into(), path: "/a".into() };
        assert!(path(&[written.clone(), parent("111122223333", "r-x")]).is_err());
        assert_eq!(path(&[written, parent("111122223333", "ou-1")]), Ok("/a".to_owned()));
        assert_eq!(organisation(&[]).account("1"), None);
    }
}
