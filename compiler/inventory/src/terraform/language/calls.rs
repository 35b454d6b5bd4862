//! Modules that are called: each instance is one of its own.

use std::rc::Rc;

use parapet_model::{Node, NodeKind};

use super::eval::Scope;
use super::handle::Handle;
use super::instances::Instances;
use super::load;
use super::program::{Declaration, Declarations, Module, Program, State};
use super::value::{list, map, node, unknown};
use crate::terraform::address::Part;

/// The most modules that are called.
const MOST_MODULES: usize = 10_000;

/// How deep modules may call each other.
const MOST_CALLS: usize = 32;

impl Program<'_> {
    /// What `module.NAME` is: a module, or the list or map of its instances.
    pub(super) fn called(&self, parent: usize, name: &str) -> Node {
        let key = format!("{parent}|{name}");
        match self.called.borrow().get(&key) {
            Some(State::Done(value)) => return value.clone(),
            Some(State::Busy) => return unknown(format!("`module.{name}` refers to itself")),
            None => {}
        }
        self.called.borrow_mut().insert(key.clone(), State::Busy);
        let value = self.call_of(parent, name);
        self.called.borrow_mut().insert(key, State::Done(value.clone()));
        value
    }

    fn call_of(&self, parent: usize, name: &str) -> Node {
        let Some(module) = self.module(parent) else { return unknown("no such module") };
        let Some((_, call)) = module.declarations.calls.iter().find(|(known, _)| known == name) else {
            return self.undeclared(&module, &format!("module.{name}"));
        };
        if module.steps.len() >= MOST_CALLS {
            let why = format!("module.{name}: modules call each other more than {MOST_CALLS} deep");
            self.note(call.file, call.body.span, why.clone());
            return unknown(why);
        }
        let declarations = match load::called(self, &module, call) {
            Ok(declarations) => declarations,
            Err(why) => {
                self.note(call.file, call.body.span, format!("module.{name}: {why}; its resources are not read"));
                return unknown(why);
            }
        };
        // The lists of modules that are not made would be many.
        if self.modules.borrow().len() >= MOST_MODULES {
            let why = format!("module.{name}: more than {MOST_MODULES} modules");
            self.note(call.file, call.body.span, why.clone());
            return unknown(why);
        }
        let instances = self.instances(parent, &format!("module.{name}"), call, &Scope::of(parent));
        let make = |key: Option<String>| self.make(parent, name, call, &declarations, &instances, key);
        match &instances {
            Instances::One => make(None),
            Instances::Count(count) => list((0..*count).map(|at| make(Some(at.to_string())))),
            Instances::Each(each) => {
                map(each.iter().map(|(key, _)| (key.clone(), make(Some(key.to_string())))).collect())
            }
            Instances::Unknown(found) => {
                make(Some("?".to_owned()));
                node(NodeKind::Unknown(found.clone().opaque()))
            }
        }
    }

    fn make(
        &self,
        parent: usize,
        name: &str,
        call: &Declaration,
        declarations: &Rc<Declarations>,
        instances: &Instances,
        key: Option<String>,
    ) -> Node {
        let Some(caller) = self.module(parent) else { return unknown("no such module") };
        let index = self.modules.borrow().len();
        if index >= MOST_MODULES {
            let why = format!("module.{name}: more than {MOST_MODULES} modules");
            self.note(call.file, call.body.span, why.clone());
            return unknown(why);
        }
        let existence = match instances {
            Instances::Unknown(found) => Some(found.clone().opaque()),
            _ => caller.existence.clone(),
        };
        let scope = self.scope_of(parent, instances, key.as_deref());
        let steps = caller.steps.iter().cloned().chain([Part { name: name.to_owned(), key }]).collect();
        self.modules.borrow_mut().push(Rc::new(Module {
            steps,
            declarations: declarations.clone(),
            call: Some((scope, call.clone())),
            home: caller.home.or(Some(call.file)),
            existence,
            chain: caller.chain.iter().cloned().chain([self.source.files.real(&declarations.folder)]).collect(),
        }));
        Handle::Module { index }.value()
    }
}
