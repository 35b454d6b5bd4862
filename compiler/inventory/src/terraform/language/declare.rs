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

/// Declares a block of a file, which overrides or not.
pub(super) fn declare(
    program: &Program<'_>,
    declarations: &mut Declarations,
    place: (usize, bool),
    kind: &str,
    node: &Node,
) {
    match kind {
        "resource" | "data" => {
            for (ty, named) in blocks(program, place.0, kind, node) {
                for (name, body) in blocks(program, place.0, ty, named) {
                    if !matches!(first(body).kind, NodeKind::Map(_)) {
                        program.note(place.0, body.span, format!("`{ty}.{name}` is no block and is not read"));
                        continue;
                    }
                    let prefix = if kind == "data" { "data." } else { "" };
                    add_resource(program, declarations, place, format!("{prefix}{ty}.{name}"), body);
                }
            }
        }
        "variable" => {
            for (name, body) in blocks(program, place.0, kind, node) {
                put(program, &mut declarations.variables, place, (format!("var.{name}"), name), first(body));
            }
        }
        "output" => {
            for (name, body) in blocks(program, place.0, kind, node) {
                put(program, &mut declarations.outputs, place, (format!("output.{name}"), name), first(body));
            }
        }
        "locals" => {
            let parts = match &node.kind {
                NodeKind::List(parts) => parts.as_slice(),
                _ => std::slice::from_ref(node),
            };
            for part in parts {
                let NodeKind::Map(members) = &part.kind else {
                    program.note(place.0, part.span, "`locals` holds no values and is not read".to_owned());
                    continue;
                };
                for (name, value) in members {
                    // A value is replaced as a whole.
                    if place.1 {
                        declarations.locals.remove(&**name);
                    }
                    put(program, &mut declarations.locals, place, (format!("local.{name}"), name), value);
                }
            }
        }
        "module" => {
            for (name, body) in blocks(program, place.0, kind, node) {
                add_call(program, declarations, place, name, first(body));
            }
        }
        "provider" => {
            for (name, body) in blocks(program, place.0, kind, node) {
                add_provider(program, declarations, place, name, first(body));
            }
        }
        // What it takes over was there before.
        "import" => program.imports.set(true),
        kind if !super::read::BLOCKS.contains(&kind) && kind != "//" => {
            program.note(place.0, node.span, format!("`{kind}` is no block of a configuration and is not read"));
        }
        _ => {}
    }
}

/// An overriding body replaces the arguments that it has.
fn add_resource(
    program: &Program<'_>,
    declarations: &mut Declarations,
    (file, is_override): (usize, bool),
    name: String,
    body: &Node,
) {
    let body = first(body).clone();
    let known = declarations.by_name.get(&name).copied();
    if let Some((_, before)) = known.and_then(|at| declarations.resources.get_mut(at)) {
        match is_override {
            true => before.body = Rc::new(overridden(&before.body, &body)),
            false => program.note(file, body.span, format!("{name} is declared twice; the first counts")),
        }
        return;
    }
    declarations.by_name.insert(name.clone(), declarations.resources.len());
    declarations.resources.push((name, Declaration { body: Rc::new(body), file }));
}

/// Declares what has a name in its module; one that overrides replaces the arguments that it has.
fn put(
    program: &Program<'_>,
    declared: &mut FxHashMap<String, Node>,
    (file, is_override): (usize, bool),
    (shown, name): (String, &Name),
    body: &Node,
) {
    match (declared.get_mut(&**name), is_override) {
        (Some(before), true) => *before = overridden(before, body),
        (Some(_), false) => program.note(file, body.span, declared_twice(&shown)),
        (None, _) => drop(declared.insert(name.to_string(), body.clone())),
    }
}

fn declared_twice(name: &str) -> String {
    format!("{name} is declared twice; the first counts")
}

fn add_call(
    program: &Program<'_>,
    declarations: &mut Declarations,
    (file, is_override): (usize, bool),
    name: &Name,
    body: &Node,
) {
    match (declarations.calls.iter_mut().find(|(known, _)| **known == **name), is_override) {
        (Some((_, before)), true) => before.body = Rc::new(overridden(&before.body, body)),
        (Some(_), false) => program.note(file, body.span, declared_twice(&format!("module.{name}"))),
        (None, _) => declarations.calls.push((name.to_string(), Declaration { body: Rc::new(body.clone()), file })),
    }
}

fn add_provider(
    program: &Program<'_>,
    declarations: &mut Declarations,
    (file, is_override): (usize, bool),
    name: &Name,
    body: &Node,
) {
    let alias = |body: &Node| body.get("alias").and_then(Node::as_text).map(str::to_owned);
    let own = alias(body);
    let known = declarations.providers.iter_mut().find(|(known, before)| **known == **name && alias(before) == own);
    match (known, is_override) {
        (Some((_, before)), true) => *before = overridden(before, body),
        (Some(_), false) => program.note(file, body.span, declared_twice(&format!("provider.{name}"))),
        (None, _) => declarations.providers.push((name.to_string(), body.clone())),
    }
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
