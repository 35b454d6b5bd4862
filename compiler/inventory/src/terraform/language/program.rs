//! A configuration: modules with their files, and what their names stand for.
//!
//! Modules, locals, variables and resources are evaluated when they are asked for, once; what leads back to itself
//! is unknown. A resource that an expression speaks of is a [`Handle`], so that its attributes are computed one by
//! one, and those that only the deployment gives are symbols.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Document, Node, NodeKind, Reason, Symbol, Unknown};
use rustc_hash::FxHashMap;

use super::blocks::{Place, first};
use super::eval::{Budget, Scope, TOO_LONG};
use super::functions;
use super::handle::Handle;
use super::instances::Instances;
use super::load;
use super::value::{list, map, node, size, text_of, truth, unknown};
use crate::source::Source;
use crate::terraform::address::{Part, key_text, module_address};
use crate::terraform::mapping::Mapping;
use crate::terraform::policies;

/// A file of a module.
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) document: Arc<Document>,
}

/// What is declared in a module's files.
#[derive(Default)]
pub(super) struct Declarations {
    /// `type.name` and `data.type.name`, in the order of the files.
    pub(super) resources: Vec<(String, Declaration)>,
    pub(super) by_name: FxHashMap<String, usize>,
    pub(super) variables: FxHashMap<String, Node>,
    pub(super) locals: FxHashMap<String, Node>,
    pub(super) outputs: FxHashMap<String, Node>,
    pub(super) calls: Vec<(String, Declaration)>,
    pub(super) providers: Vec<(String, Node)>,
    pub(super) folder: PathBuf,
    /// Not all of the module could be read.
    pub(super) partial: bool,
}

/// A block with a body.
#[derive(Clone)]
pub(super) struct Declaration {
    pub(super) body: Rc<Node>,
    pub(super) file: usize,
}

/// A module as it is called.
pub(super) struct Module {
    pub(super) steps: Vec<Part>,
    pub(super) declarations: Rc<Declarations>,
    /// The scope and the body of the call; the root has none.
    pub(super) call: Option<(Scope, Declaration)>,
    /// The file of the root module in which the first of the calls stands.
    pub(super) home: Option<usize>,
    pub(super) existence: Option<Unknown>,
    /// The folders of the modules that call it, its own last, links resolved.
    pub(super) chain: Vec<PathBuf>,
}

/// What was evaluated, or is being evaluated.
pub(super) enum State<T> {
    Busy,
    Done(T),
}

/// See the module.
pub(super) struct Program<'p> {
    pub(super) source: &'p Source<'p>,
    pub(super) budget: Budget,
    /// What is being evaluated leads to what is not there for sure.
    pub(super) is_missing: Cell<bool>,
    /// Tells this configuration from all others.
    pub(super) scope: String,
    pub(super) files: RefCell<Vec<Rc<File>>>,
    pub(super) modules: RefCell<Vec<Rc<Module>>>,
    pub(super) folders: RefCell<FxHashMap<PathBuf, Rc<Declarations>>>,
    /// Values of variables that files of the command line, or of the folder, set.
    pub(super) given: FxHashMap<String, Node>,
    /// Why a variable of the root that is not among these may have any value, and not its default.
    pub(super) unread: Option<Arc<str>>,
    /// What is to be said, with the file that it is about.
    pub(super) notes: RefCell<Vec<(usize, Span, String)>>,
    pub(super) partial: Cell<bool>,
    /// Some resources were there before.
    pub(super) imports: Cell<bool>,
    values: RefCell<FxHashMap<String, State<Node>>>,
    pub(super) instances: RefCell<FxHashMap<String, State<Instances>>>,
    pub(super) called: RefCell<FxHashMap<String, State<Node>>>,
}

impl<'p> Program<'p> {
    pub(super) fn new(source: &'p Source<'p>, scope: String) -> Program<'p> {
        Program {
            source,
            scope,
            budget: Budget::default(),
            is_missing: Cell::new(false),
            files: RefCell::default(),
            modules: RefCell::default(),
            folders: RefCell::default(),
            given: FxHashMap::default(),
            unread: None,
            notes: RefCell::default(),
            partial: Cell::new(false),
            imports: Cell::new(false),
            values: RefCell::default(),
            instances: RefCell::default(),
            called: RefCell::default(),
        }
    }

    pub(super) fn module(&self, index: usize) -> Option<Rc<Module>> {
        self.modules.borrow().get(index).cloned()
    }

    pub(super) fn note(&self, file: usize, span: Span, what: String) {
        self.partial.set(true);
        let mut notes = self.notes.borrow_mut();
        if !notes.iter().any(|(other, place, text)| (*other, *place, text) == (file, span, &what)) {
            notes.push((file, span, what));
        }
    }

    /// A value that is evaluated once; what asks for itself is unknown.
    fn once(&self, key: String, what: &str, value: impl FnOnce() -> Node) -> Node {
        match self.values.borrow().get(&key) {
            Some(State::Done(value)) => return value.clone(),
            Some(State::Busy) => return unknown(format!("{what} refers to itself")),
            None => {}
        }
        self.values.borrow_mut().insert(key.clone(), State::Busy);
        // What is wrong with a declaration is an error of the configuration that nothing passes over.
        let (value, _) = self.apart(value);
        self.values.borrow_mut().insert(key, State::Done(value.clone()));
        value
    }

    /// `ROOT.NAME` where no variable of a loop is called so.
    pub(super) fn rooted(&self, root: &str, name: &str, scope: &Scope) -> Node {
        match (root, name) {
            ("var", _) => self.variable(scope.module, name),
            ("local", _) => self.local(scope.module, name),
            ("each", "key") => scope.each.as_ref().map_or_else(|| unknown("no `each` here"), |(key, _)| key.clone()),
            ("each", _) => scope.each.as_ref().map_or_else(|| unknown("no `each` here"), |(_, value)| value.clone()),
            ("count", _) => scope.index.clone().unwrap_or_else(|| unknown("no `count` here")),
            ("path", "module") => self.folder_of(scope.module),
            ("path", "root") => self.folder_of(0),
            ("module", _) => self.called(scope.module, name),
            ("path" | "terraform" | "self", _) => {
                unknown(format!("`{root}.{name}` is not known before Terraform runs"))
            }
            _ => self.resource(scope.module, &format!("{root}.{name}")),
        }
    }

    fn folder_of(&self, module: usize) -> Node {
        match self.module(module) {
            Some(module) => Node::text(module.declarations.folder.display().to_string()),
            None => unknown("no such module"),
        }
    }

    fn local(&self, module: usize, name: &str) -> Node {
        let Some(found) = self.module(module) else { return unknown("no such module") };
        match found.declarations.locals.get(name) {
            Some(part) => {
                let what = format!("`local.{name}`");
                self.once(format!("{module}|local.{name}"), &what, || self.value(part, &Scope::of(module)))
            }
            None => self.undeclared(&found, &format!("local.{name}")),
        }
    }

    pub(super) fn undeclared(&self, module: &Module, name: &str) -> Node {
        match module.declarations.partial {
            true => unknown(format!("`{name}` is not in the files that were read")),
            false => unknown(format!("`{name}` is not declared")),
        }
    }

    fn variable(&self, module: usize, name: &str) -> Node {
        let key = format!("{module}|typed var.{name}");
        self.once(key, &format!("`var.{name}`"), || self.variable_value(module, name))
    }

    fn variable_value(&self, module: usize, name: &str) -> Node {
        let Some(found) = self.module(module) else { return unknown("no such module") };
        let declared = found.declarations.variables.get(name);
        let sensitive = declared
            .and_then(|body| body.get("sensitive"))
            .is_some_and(|node| matches!(node.kind, NodeKind::Bool(true)));
        if sensitive {
            return unknown("sensitive: the variable is not to be shown");
        }
        let given = match &found.call {
            // Each module keeps its own.
            Some((scope, call)) => call.body.get(name).map(|part| match self.budget.spend(size(part)) {
                true => {
                    let what = format!("`var.{name}`");
                    self.once(format!("{module}|var.{name}"), &what, || self.value(part, scope))
                }
                false => unknown(TOO_LONG),
            }),
            None => self.given.get(name).cloned(),
        };
        let nullable = declared.and_then(|body| body.get("nullable")).is_none_or(|node| truth(node) != Some(false));
        let default = declared.and_then(|body| body.get("default"));
        let value = match (given, default) {
            // `null` is a value, unless the variable says otherwise.
            (Some(value), _) if nullable || !value.is_null() => value,
            (None, _) if found.call.is_none() && self.unread.is_some() => {
                return unknown(self.unread.clone().unwrap_or_default());
            }
            (_, Some(default)) if !self.budget.spend(size(default)) => return unknown(TOO_LONG),
            // A default is a value, and no expression.
            (_, Some(default)) => default.clone(),
            (_, None) if declared.is_some() => return unknown(format!("the variable `{name}` has no value")),
            (_, None) => return self.undeclared(&found, &format!("var.{name}")),
        };
        let value = value.place_all(Span::default());
        match declared.and_then(|body| body.get("type")) {
            Some(ty) => self.typed(value, ty),
            None => value,
        }
    }

    /// A resource: its instance, or the list or map of them.
    pub(super) fn resource(&self, module: usize, name: &str) -> Node {
        let Some(found) = self.module(module) else { return unknown("no such module") };
        let Some(declaration) =
            found.declarations.by_name.get(name).and_then(|at| found.declarations.resources.get(*at))
        else {
            return self.undeclared(&found, name);
        };
        let handle = |key: Option<String>| Handle::Resource { module, name: name.to_owned(), key }.value();
        match self.instances(module, name, &declaration.1, &Scope::of(module)) {
            Instances::One => handle(None),
            Instances::Count(count) => list((0..count).map(|at| handle(Some(at.to_string())))),
            Instances::Each(each) => {
                map(each.into_iter().map(|(key, _)| (key.clone(), handle(Some(key.to_string())))).collect())
            }
            Instances::Unknown(found) => node(NodeKind::Unknown(found.opaque())),
        }
    }

    /// An attribute of a resource or an output of a module.
    pub(super) fn of_handle(&self, handle: &Handle, attribute: &str) -> Node {
        match handle {
            Handle::Module { index } => self.output(*index, attribute),
            Handle::Resource { module, name, key } => self.of_resource(*module, name, key.as_deref(), attribute),
        }
    }

    fn output(&self, index: usize, name: &str) -> Node {
        let Some(module) = self.module(index) else { return unknown("no such module") };
        match module.declarations.outputs.get(name).and_then(|body| body.get("value")) {
            Some(part) => {
                let what = format!("the output `{name}`");
                self.once(format!("{index}|output.{name}"), &what, || self.value(part, &Scope::of(index)))
            }
            None => self.undeclared(&module, &format!("output.{name}")),
        }
    }

    fn of_resource(&self, module: usize, name: &str, key: Option<&str>, attribute: &str) -> Node {
        let Some(found) = self.module(module) else { return unknown("no such module") };
        let Some((_, declaration)) =
            found.declarations.by_name.get(name).and_then(|at| found.declarations.resources.get(*at))
        else {
            return self.undeclared(&found, name);
        };
        if let Some(rest) = name.strip_prefix("data.") {
            return self.of_data(module, rest, declaration, key, attribute);
        }
        if let Some(part) = declaration.body.get(attribute).filter(|_| !super::read::META.contains(&attribute)) {
            let instances = self.instances(module, name, declaration, &Scope::of(module));
            let scope = self.scope_of(module, &instances, key);
            let what = format!("`{name}.{attribute}`");
            let place = format!("{module}|{name}|{}|{attribute}", key.unwrap_or("\0"));
            let value = self.once(place, &what, || self.value(part, &scope)).place_all(Span::default());
            if !matches!(value.kind, NodeKind::Null) {
                return value;
            }
        }
        self.computed(module, name, key, attribute)
    }

    /// An attribute that the configuration does not set: known only once the resource is there.
    fn computed(&self, module: usize, name: &str, key: Option<&str>, attribute: &str) -> Node {
        let ty = name.split('.').next().unwrap_or_default();
        let Some(entry) = Mapping::get().referred(ty) else { return unknown("known after apply") };
        if attribute == "id" {
            let identifier = entry.identifier_attribute().filter(|own| own != "id");
            let value = identifier.map(|own| self.of_resource(module, name, key, &own));
            if let Some(value) = value.filter(|value| value.as_text().is_some()) {
                return value;
            }
        }
        let owner: Arc<str> = self.owner(module, name, key).into();
        let symbol = Symbol::attribute(entry.attribute(&owner, Some(attribute)));
        node(NodeKind::Unknown(Unknown::new(Reason::Undecided, "known after apply").standing_for(symbol)))
    }

    /// The address of an instance.
    pub(super) fn address(&self, module: usize, name: &str, key: Option<&str>) -> String {
        let steps = self.module(module).map(|module| module_address(&module.steps)).unwrap_or_default();
        let dot = if steps.is_empty() { "" } else { "." };
        format!("{steps}{dot}{name}{}", key.map(key_text).unwrap_or_default())
    }

    pub(super) fn owner(&self, module: usize, name: &str, key: Option<&str>) -> String {
        format!("{}{}", self.scope, self.address(module, name, key))
    }

    fn of_data(
        &self,
        module: usize,
        name: &str,
        declaration: &Declaration,
        key: Option<&str>,
        attribute: &str,
    ) -> Node {
        let is_policy = name.starts_with("aws_iam_policy_document.");
        if !is_policy || !matches!(attribute, "json" | "minified_json") {
            return unknown(format!("known after apply: the data source {name}"));
        }
        let instances = self.instances(module, &format!("data.{name}"), declaration, &Scope::of(module));
        let scope = self.scope_of(module, &instances, key);
        let place = format!("{module}|data.{name}|{}|json", key.unwrap_or("\0"));
        self.once(place, &format!("`data.{name}`"), || {
            let body = self.body(declaration, &scope);
            match policies::document(&body) {
                Some(document) if functions::unknown_within(&document).is_none() => match document.as_text() {
                    Some(_) => document,
                    None => Node::text(functions::encoded(&document)),
                },
                Some(document) => document,
                None => unknown("not a policy document"),
            }
        })
    }

    /// A file beside the configuration.
    pub(super) fn file(&self, path: &Node, scope: &Scope) -> Node {
        let Some(name) = text_of(path) else {
            return functions::unknown_within(path)
                .map_or_else(|| unknown("file: not a path"), |found| node(NodeKind::Unknown(found)));
        };
        let Some(module) = self.module(scope.module) else { return unknown("no such module") };
        load::text(self, &module, &name).map_or_else(|why| unknown(format!("file: {why}")), Node::text)
    }

    /// The body of an instance.
    pub(super) fn body(&self, declaration: &Declaration, scope: &Scope) -> Node {
        let body = first(&declaration.body);
        let NodeKind::Map(members) = &body.kind else { return map(Vec::new()) };
        let kept = members.iter().filter(|(name, _)| !super::read::META.contains(&&**name));
        let values = self.arguments(kept.map(|(name, part)| (name, part)), Place::Body, scope);
        Node::new(body.span, NodeKind::Map(values))
    }
}
