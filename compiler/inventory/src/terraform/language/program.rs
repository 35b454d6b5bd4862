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
use parapet_model::{Document, Name, Node, NodeKind, Reason, Symbol, Unknown};
use rustc_hash::FxHashMap;

use super::blocks::{Place, first};
use super::eval::{Budget, Scope, TOO_LONG};
use super::functions;
use super::load;
use super::value::{list, map, node, number, size, text_of, truth, unknown};
use crate::source::Source;
use crate::terraform::address::{Part, key_text, module_address};
use crate::terraform::mapping::Mapping;
use crate::terraform::policies;

/// The most instances of one resource or module.
const MOST_INSTANCES: usize = 10_000;

/// The most modules that are called.
const MOST_MODULES: usize = 10_000;

/// How deep modules may call each other.
const MOST_CALLS: usize = 32;

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

/// How many instances there are.
#[derive(Clone)]
pub(super) enum Instances {
    One,
    Count(usize),
    Each(Vec<(Name, Node)>),
    Unknown(Unknown),
}

/// A resource or module instance that a value is.
pub(super) enum Handle {
    Resource { module: usize, name: String, key: Option<String> },
    Module { index: usize },
}

const RESOURCE: &str = "\0resource";
const MODULE: &str = "\0module";

impl Handle {
    pub(super) fn of(value: &Node) -> Option<Handle> {
        let NodeKind::Map(members) = &value.kind else { return None };
        let [(mark, inner)] = members.as_slice() else { return None };
        match (&**mark, &inner.kind) {
            (MODULE, NodeKind::Int(index)) => Some(Handle::Module { index: usize::try_from(*index).ok()? }),
            (RESOURCE, NodeKind::List(parts)) => {
                let [module, name, key] = parts.as_slice() else { return None };
                let NodeKind::Int(module) = module.kind else { return None };
                Some(Handle::Resource {
                    module: usize::try_from(module).ok()?,
                    name: name.as_text()?.to_owned(),
                    key: key.as_text().map(str::to_owned),
                })
            }
            _ => None,
        }
    }

    fn value(&self) -> Node {
        match self {
            Handle::Module { index } => map(vec![(MODULE.into(), number(*index))]),
            Handle::Resource { module, name, key } => {
                let key = key.as_ref().map_or(node(NodeKind::Null), |key| Node::text(key.as_str()));
                map(vec![(RESOURCE.into(), list([number(*module), Node::text(name.as_str()), key]))])
            }
        }
    }
}

/// What was evaluated, or is being evaluated.
enum State<T> {
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
    instances: RefCell<FxHashMap<String, State<Instances>>>,
    called: RefCell<FxHashMap<String, State<Node>>>,
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

    fn undeclared(&self, module: &Module, name: &str) -> Node {
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
            for element in elements {
                match (&element.kind, text_of(&element)) {
                    (NodeKind::Unknown(found), _) => return Instances::Unknown(found.clone().opaque()),
                    (_, Some(key)) if !each.iter().any(|(known, _)| **known == *key) => {
                        each.push((key.into(), element))
                    }
                    (_, Some(_)) => {}
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
