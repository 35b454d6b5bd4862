//! Blocks of a file to declarations.
//!
//! What is declared twice is said, and the first counts; a file that overrides replaces arguments of what is there.
//! What Terraform does not have is said, too: it may be a resource that is misspelt.

use std::rc::Rc;

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind};
use rustc_hash::FxHashMap;

use super::blocks::{first, labelled};
use super::program::{Declaration, Declarations, Program};

/// The labelled blocks of resources; what cannot hold any is noted.
fn blocks<'n>(program: &Program<'_>, file: usize, what: &str, node: &'n Node) -> Vec<(&'n Name, &'n Node)> {
    if !matches!(node.kind, NodeKind::Map(_) | NodeKind::List(_)) {
        program.note(file, node.span, format!("`{what}` holds no blocks and is not read"));
    }
    labelled(node)
}

/// Where a block stands.
pub(super) struct Place {
    pub(super) file: usize,
    /// The file overrides others.
    pub(super) overrides: bool,
}

/// Declares a block of a file.
pub(super) fn declare(program: &Program<'_>, declarations: &mut Declarations, place: &Place, kind: &str, node: &Node) {
    let named = |what: &'static str| blocks(program, place.file, what, node).into_iter();
    match kind {
        "resource" | "data" => add_resources(program, declarations, place, kind, node),
        "locals" => add_locals(program, declarations, place, node),
        "variable" => named("variable").for_each(|(name, body)| {
            put(program, &mut declarations.variables, place, (format!("var.{name}"), name), first(body));
        }),
        "output" => named("output").for_each(|(name, body)| {
            put(program, &mut declarations.outputs, place, (format!("output.{name}"), name), first(body));
        }),
        "module" => named("module").for_each(|(name, body)| add_call(program, declarations, place, name, first(body))),
        "provider" => {
            named("provider").for_each(|(name, body)| add_provider(program, declarations, place, name, first(body)));
        }
        // What it takes over was there before.
        "import" => program.imports.set(true),
        kind if !super::read::BLOCKS.contains(&kind) && kind != "//" => {
            program.note(place.file, node.span, format!("`{kind}` is no block of a configuration and is not read"));
        }
        _ => {}
    }
}

fn add_resources(program: &Program<'_>, declarations: &mut Declarations, place: &Place, kind: &str, node: &Node) {
    let prefix = if kind == "data" { "data." } else { "" };
    for (ty, named) in blocks(program, place.file, kind, node) {
        for (name, body) in blocks(program, place.file, ty, named) {
            if !matches!(first(body).kind, NodeKind::Map(_)) {
                program.note(place.file, body.span, format!("`{ty}.{name}` is no block and is not read"));
                continue;
            }
            add_resource(program, declarations, place, format!("{prefix}{ty}.{name}"), first(body));
        }
    }
}

fn add_locals(program: &Program<'_>, declarations: &mut Declarations, place: &Place, node: &Node) {
    let parts = match &node.kind {
        NodeKind::List(parts) => parts.as_slice(),
        _ => std::slice::from_ref(node),
    };
    for part in parts {
        let NodeKind::Map(members) = &part.kind else {
            program.note(place.file, part.span, "`locals` holds no values and is not read".to_owned());
            continue;
        };
        for (name, value) in members {
            // A value is replaced as a whole.
            if place.overrides {
                declarations.locals.remove(&**name);
            }
            put(program, &mut declarations.locals, place, (format!("local.{name}"), name), value);
        }
    }
}

/// Whether something is declared already: then a body that overrides replaces the arguments that it has, and any other is
/// noted.
fn is_again(program: &Program<'_>, place: &Place, before: Option<&mut Node>, shown: &str, body: &Node) -> bool {
    let Some(before) = before else { return false };
    match place.overrides {
        true => *before = overridden(before, body),
        false => program.note(place.file, body.span, format!("{shown} is declared twice; the first counts")),
    }
    true
}

fn add_resource(program: &Program<'_>, declarations: &mut Declarations, place: &Place, name: String, body: &Node) {
    let known = declarations.by_name.get(&name).copied();
    let before =
        known.and_then(|at| declarations.resources.get_mut(at)).map(|(_, before)| Rc::make_mut(&mut before.body));
    if !is_again(program, place, before, &name, body) {
        declarations.by_name.insert(name.clone(), declarations.resources.len());
        declarations.resources.push((name, declared(place, body)));
    }
}

/// Declares what has a name in its module.
fn put(
    program: &Program<'_>,
    known: &mut FxHashMap<String, Node>,
    place: &Place,
    (shown, name): (String, &Name),
    body: &Node,
) {
    if !is_again(program, place, known.get_mut(&**name), &shown, body) {
        known.insert(name.to_string(), body.clone());
    }
}

fn add_call(program: &Program<'_>, declarations: &mut Declarations, place: &Place, name: &Name, body: &Node) {
    let before = declarations.calls.iter_mut().find(|(known, _)| **known == **name);
    let before = before.map(|(_, before)| Rc::make_mut(&mut before.body));
    if !is_again(program, place, before, &format!("module.{name}"), body) {
        declarations.calls.push((name.to_string(), declared(place, body)));
    }
}

fn add_provider(program: &Program<'_>, declarations: &mut Declarations, place: &Place, name: &Name, body: &Node) {
    let alias = |body: &Node| body.get("alias").and_then(Node::as_text).map(str::to_owned);
    let own = alias(body);
    let before = declarations.providers.iter_mut().find(|(known, before)| **known == **name && alias(before) == own);
    if !is_again(program, place, before.map(|(_, before)| before), &format!("provider.{name}"), body) {
        declarations.providers.push((name.to_string(), body.clone()));
    }
}

fn declared(place: &Place, body: &Node) -> Declaration {
    Declaration { body: Rc::new(body.clone()), file: place.file }
}

/// The arguments of a body with those of another in their place; blocks of a name replace all of that name, also those
/// that `dynamic` makes. Places in another file are none in this one.
fn overridden(before: &Node, body: &Node) -> Node {
    let (NodeKind::Map(old), NodeKind::Map(new)) = (&before.kind, &body.kind) else { return body.clone() };
    let made = |members: &[(Name, Node)]| -> Vec<Name> {
        let dynamic = members.iter().filter(|(name, _)| &**name == "dynamic");
        dynamic.flat_map(|(_, part)| labelled(part)).map(|(label, _)| label.clone()).collect()
    };
    let replaced: Vec<Name> = new.iter().map(|(name, _)| name.clone()).chain(made(new)).collect();
    let mut dynamic: Vec<Node> = Vec::new();
    let mut members: Vec<(Name, Node)> = Vec::new();
    for (name, node) in old {
        match &**name == "dynamic" {
            true => dynamic.extend(
                labelled(node)
                    .into_iter()
                    .filter(|(label, _)| !replaced.contains(label))
                    .map(|(label, body)| Node::new(node.span, NodeKind::Map(vec![(label.clone(), body.clone())]))),
            ),
            false if replaced.contains(name) => {}
            false => members.push((name.clone(), node.clone())),
        }
    }
    for (name, node) in new {
        let node = node.clone().place_all(Span::default());
        match &**name == "dynamic" {
            true => dynamic.push(node),
            false => members.push((name.clone(), node)),
        }
    }
    if !dynamic.is_empty() {
        members.push(("dynamic".into(), Node::new(before.span, NodeKind::List(dynamic))));
    }
    Node::new(before.span, NodeKind::Map(members))
}
