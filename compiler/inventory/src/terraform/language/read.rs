//! A file of configuration: the resources that it declares, evaluated in its module.
//!
//! Each file of a folder gives its own resources, and those of the modules that it calls; the others of the folder
//! are read for what they declare. So a folder can be read file by file, and nothing comes twice.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Document, Node, NodeKind, Unknown};

use super::handle::Handle;
use super::instances::Instances;
use super::load;
use super::program::{Module, Program};
use super::value::map;
use crate::delivery::Delivery;
use crate::element::Element;
use crate::terraform::instance::Instance;
use crate::terraform::mapping::Mapping;
use crate::terraform::{plan, records};

/// Arguments of a block that are Terraform's own.
pub(super) const META: [&str; 9] =
    ["count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection", "timeouts", "//"];

/// The blocks of a configuration.
pub(super) const BLOCKS: [&str; 13] = [
    "resource",
    "data",
    "module",
    "variable",
    "output",
    "locals",
    "provider",
    "terraform",
    "moved",
    "import",
    "removed",
    "check",
    "ephemeral",
];

/// The most resources of one configuration.
const MOST_RESOURCES: usize = 100_000;

/// Objects that have blocks of a configuration and nothing else.
pub(in crate::terraform) fn recognises(node: &Node) -> bool {
    let NodeKind::Map(members) = &node.kind else { return false };
    let blocks = || members.iter().filter(|(key, _)| &**key != "//");
    let typed = |node: &Node| {
        let bodies = super::blocks::labelled(node);
        let named = bodies.iter().all(|(_, named)| {
            let inner = super::blocks::labelled(named);
            !inner.is_empty()
                && inner.iter().all(|(_, body)| matches!(super::blocks::first(body).kind, NodeKind::Map(_)))
        });
        !bodies.is_empty() && named
    };
    let fits = |(key, node): &(parapet_model::Name, Node)| match &**key {
        "resource" | "data" => typed(node) || is_empty(node),
        key => BLOCKS.contains(&key) && matches!(node.kind, NodeKind::Map(_) | NodeKind::List(_)),
    };
    let telling = ["resource", "module", "variable", "output", "locals", "provider", "terraform"];
    let tells = blocks().any(|(key, node)| telling.contains(&&**key) || (&**key == "data" && typed(node)));
    tells && blocks().all(fits)
}

fn is_empty(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Map(members) => members.is_empty(),
        NodeKind::List(parts) => parts.is_empty(),
        _ => false,
    }
}

/// Delivers the resources of a file.
pub(in crate::terraform) fn deliver(cx: &mut Delivery<'_>, element: &Element<'_>, tree: Node) {
    let source = cx.source;
    let path = parapet_base::shown(source.path);
    let own = Arc::new(Document { path: path.into(), text: element.text.into(), tree });
    let folder = source.files.real(source.path.parent().unwrap_or(Path::new("")));
    let scope = match source.path.as_os_str().is_empty() {
        true => format!("{}:", cx.input),
        false => format!("{}:", folder.display()),
    };
    let mut program = Program::new(source, scope);
    let (declarations, own_file) = load::root(&mut program, own);
    let chain = vec![source.files.real(&declarations.folder)];
    program.modules.borrow_mut().push(Rc::new(Module {
        steps: Vec::new(),
        declarations,
        call: None,
        home: None,
        existence: None,
        chain,
    }));
    let instances = Reading { program: &program, own: own_file }.instances();
    let notes = program.notes.take();
    for (file, span, what) in notes {
        match file == own_file {
            true => cx.passed(element, span, what),
            false => {
                let path = program.files.borrow().get(file).map(|file| parapet_base::shown(&file.path));
                cx.passed(element, Span::default(), format!("{}: {what}", path.unwrap_or_default()));
            }
        }
    }
    let extent = if program.partial.get() { records::Extent::Part } else { records::Extent::Whole };
    if extent == records::Extent::Whole {
        cx.is_world(&super::super::UNSEEN);
    }
    records::deliver(cx, element, instances, (records::Symbols::Exact, extent, records::Places::Several));
}

struct Reading<'r, 'p> {
    program: &'r Program<'p>,
    own: usize,
}

impl Reading<'_, '_> {
    /// The instances of all modules, called ones after those that call them.
    fn instances(&self) -> Vec<Instance> {
        let mut instances = Vec::new();
        let mut at = 0;
        while let Some(module) = self.program.module(at) {
            for (name, _) in &module.declarations.calls {
                self.program.called(at, name);
            }
            self.of_module(at, &module, &mut instances);
            at += 1;
        }
        instances
    }

    fn of_module(&self, at: usize, module: &Module, instances: &mut Vec<Instance>) {
        for (name, declaration) in &module.declarations.resources {
            if name.starts_with("data.") {
                continue;
            }
            let scope = super::eval::Scope::of(at);
            let found = self.program.instances(at, name, declaration, &scope);
            let keys: Vec<Option<String>> = match &found {
                Instances::One => vec![None],
                Instances::Count(count) => (0..*count).map(|at| Some(at.to_string())).collect(),
                Instances::Each(each) => each.iter().map(|(key, _)| Some(key.to_string())).collect(),
                Instances::Unknown(_) => vec![Some("?".to_owned())],
            };
            for key in keys {
                if instances.len() >= MOST_RESOURCES {
                    let what = format!("{name}: more than {MOST_RESOURCES} resources; the rest is not read");
                    return self.program.note(declaration.file, declaration.body.span, what);
                }
                instances.push(self.instance(at, module, name, &found, key.as_deref()));
            }
        }
    }

    fn instance(&self, at: usize, module: &Module, name: &str, found: &Instances, key: Option<&str>) -> Instance {
        let declaration = module.declarations.by_name.get(name).and_then(|at| module.declarations.resources.get(*at));
        let file = declaration.map_or(0, |(_, declaration)| declaration.file);
        let scope = self.program.scope_of(at, found, key);
        let mut values = declaration.map_or_else(|| map(Vec::new()), |(_, own)| self.program.body(own, &scope));
        let (region, tags) = self.provider(declaration.and_then(|(_, own)| own.body.get("provider")), at);
        without_handles(&mut values);
        self.complete(&mut values, at, name, key, tags);
        let ty = name.split('.').next().unwrap_or_default();
        if !self.program.imports.get() {
            give_defaults(ty, &mut values);
        }
        let address = self.program.address(at, name, key);
        let existence: Option<Unknown> = match found {
            Instances::Unknown(unknown) => Some(unknown.clone().opaque()),
            _ => module.existence.clone(),
        };
        Instance {
            values,
            region,
            existence,
            planned: true,
            fresh: !plan::takes_over(ty) && !self.program.imports.get(),
            elsewhere: module.home.unwrap_or(file) != self.own,
            document: self.program.files.borrow().get(file).map(|file| file.document.clone()),
            span: declaration.map_or(Span::default(), |(_, own)| own.body.span),
            ..Instance::new(address.into(), ty.into(), &self.program.scope)
        }
    }

    /// The attributes that others refer to, and the tags that the provider adds.
    fn complete(&self, values: &mut Node, at: usize, name: &str, key: Option<&str>, tags: Option<Node>) {
        let span = values.span;
        let handle = Handle::Resource { module: at, name: name.to_owned(), key: key.map(str::to_owned) };
        let computed: Vec<_> = ["id", "arn"]
            .into_iter()
            .filter(|attribute| values.get(attribute).is_none())
            .map(|attribute| (attribute.into(), self.program.of_handle(&handle, attribute).place_all(Span::default())))
            .collect();
        let all = tags.map(|tags| match values.get("tags") {
            Some(own) => super::functions::call("merge", &[tags, own.clone()]).place_all(own.span),
            None => tags.place_all(span),
        });
        if let NodeKind::Map(members) = &mut values.kind {
            members.extend(computed);
            members.extend(all.map(|all| ("tags_all".into(), all)));
        }
    }

    /// The region and the tags that the provider of a resource gives it.
    fn provider(&self, named: Option<&Node>, module: usize) -> (Option<Node>, Option<Node>) {
        let named = named.and_then(Node::as_text).map_or("aws", expression_in);
        let Some((module, body)) = self.program.provider(module, named) else { return (None, None) };
        let scope = super::eval::Scope::of(module);
        let region = body.get("region").map(|part| self.program.value(part, &scope).place_all(Span::default()));
        let tags = body.get("default_tags").map(super::blocks::first).and_then(|block| block.get("tags"));
        (
            region.filter(|region| region.as_text().is_some()),
            tags.map(|part| self.program.value(part, &scope).place_all(Span::default())),
        )
    }
}

/// `aws.eu` of `${aws.eu}`.
pub(super) fn expression_in(text: &str) -> &str {
    text.strip_prefix("${").and_then(|text| text.strip_suffix('}')).unwrap_or(text)
}

/// What the provider sends for arguments that nobody gives; `null` is one.
fn give_defaults(ty: &str, values: &mut Node) {
    let Some(entry) = Mapping::get().entry(ty, values) else { return };
    let NodeKind::Map(members) = &mut values.kind else { return };
    for (name, default) in entry.defaults() {
        match members.iter_mut().find(|(key, _)| key == name) {
            Some((_, node)) if node.is_null() => node.kind = default.kind.clone(),
            Some(_) => {}
            None => members.push((name.clone(), default.clone())),
        }
    }
}

/// A resource as a whole is no value that an argument can have.
fn without_handles(value: &mut Node) {
    if Handle::of(value).is_some() {
        *value = super::value::unknown("a resource as a whole").place_all(value.span);
    }
    match &mut value.kind {
        NodeKind::List(elements) => elements.iter_mut().for_each(without_handles),
        NodeKind::Map(members) => members.iter_mut().for_each(|(_, value)| without_handles(value)),
        _ => {}
    }
}
