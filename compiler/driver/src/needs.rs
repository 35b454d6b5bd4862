//! What the selected guardrails must see, for `parapet needs`.
//!
//! The program says which types and properties it reads; the facts say which calls show a type, and which IAM actions
//! they take. A type that no fact speaks of is taken to be one that Cloud Control lists, with actions that are not
//! known.

use std::sync::OnceLock;

use parapet_inventory::recorded_types;
use parapet_ir::Projection;
use parapet_model::{Listing, Name, NeededType, Needs, Node, NodeKind, ResourceType, Schema, ServiceCall, json};

use crate::selection::Selected;

/// A copy of `facts/collection.json`, which `cargo xtask generate` writes.
static FACTS: &str = include_str!("../data/collection.json");

/// What the selected guardrails must see.
pub fn needs(selected: &Selected, schema: &Schema) -> Needs {
    let projection = Projection::of(&selected.program);
    let facts = facts();
    let mut names: Vec<&Name> = projection.properties.keys().collect();
    names.sort();
    let needed = |name: &&Name| schema.resource_type(name).map(|ty| needed_type(ty, &projection, facts));
    let actions = |key: &str| facts.get(key).map(texts).unwrap_or_default();
    let accounts = facts.get("accounts").filter(|_| projection.accounts).and_then(service_call);
    Needs {
        guardrails: selected.infos.len(),
        types: names.iter().filter_map(needed).collect(),
        accounts,
        everything: projection.everything,
        cloud_control: actions("cloud_control"),
        config: actions("config"),
    }
}

fn facts() -> &'static Node {
    static PARSED: OnceLock<Node> = OnceLock::new();
    PARSED.get_or_init(|| json::parse(FACTS).unwrap_or_else(|_| Node::text("")))
}

fn needed_type(ty: &ResourceType, projection: &Projection, facts: &Node) -> NeededType {
    let mut properties: Vec<Name> = projection
        .properties
        .get(&ty.name)
        .into_iter()
        .flatten()
        .filter(|name| ty.property(name).is_some())
        .cloned()
        .collect();
    properties.sort();
    let fact = |kind: &str| facts.get(kind).and_then(|facts| facts.get(&ty.name));
    NeededType {
        name: ty.name.clone(),
        properties,
        complete: projection.collections.contains(&ty.name),
        global: ty.global,
        answers: fact("answers").and_then(service_call),
        listing: listing(ty, fact("types")),
        recorded: recorded_types(&ty.name),
    }
}

/// Types of the program's own, and those that CloudFormation does not have, are none of Cloud Control's.
fn listing(ty: &ResourceType, fact: Option<&Node>) -> Option<Listing> {
    let unlisted = fact.is_some_and(|fact| fact.get("unlisted").is_some());
    if unlisted || ty.identifier.is_empty() || !Schema::embedded().has_type(&ty.name) {
        return None;
    }
    let text = |name: &str| fact.and_then(|fact| fact.get(name)).and_then(Node::as_text).map(Name::from);
    let actions = fact.and_then(|fact| fact.get("actions")).map(texts);
    Some(Listing { below: text("below").zip(text("model")), actions })
}

fn service_call(fact: &Node) -> Option<ServiceCall> {
    let text = |name: &str| fact.get(name).and_then(Node::as_text).map(Name::from);
    Some(ServiceCall {
        call: text("call")?,
        regional: &*text("place")? == "region",
        fine: text("fine"),
        function: text("function"),
        actions: fact.get("actions").map(texts).unwrap_or_default(),
    })
}

fn texts(node: &Node) -> Vec<Name> {
    let NodeKind::List(list) = &node.kind else { return Vec::new() };
    list.iter().filter_map(Node::as_text).map(Name::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every action that any need can print is one that IAM has, and only reads.
    #[test]
    fn every_action_is_known_and_reads() {
        let known = json::parse(include_str!("../../../facts/iam_actions.json")).unwrap();
        let level = |action: &str| {
            let (service, name) = action.split_once(':')?;
            known.get(service)?.get(name)?.as_text().map(str::to_owned)
        };
        let lists = ["cloud_control", "config"].map(|key| facts().get(key).unwrap());
        let entries = ["answers", "types"].map(|key| facts().get(key).unwrap());
        let NodeKind::Map(accounts) = &facts().kind else { panic!("the facts are an object") };
        let mut actions: Vec<Name> = lists.into_iter().flat_map(texts).collect();
        let single = accounts.iter().filter_map(|(_, node)| node.get("actions"));
        actions.extend(single.flat_map(texts));
        for entry in entries {
            let NodeKind::Map(members) = &entry.kind else { panic!("an object") };
            for (name, fact) in members {
                assert!(Schema::embedded().has_type(name), "{name}");
                actions.extend(fact.get("actions").into_iter().flat_map(texts));
            }
        }
        assert!(actions.len() > 100, "{}", actions.len());
        for action in actions {
            assert!(matches!(level(&action).as_deref(), Some("Read" | "List")), "{action}: {:?}", level(&action));
        }
    }

    /// What reads data instead of configuration is in no policy.
    #[test]
    fn no_action_reads_secrets_or_objects() {
        for action in ["secretsmanager:GetSecretValue", "s3:GetObject", "kms:Decrypt", "dynamodb:GetItem"] {
            assert!(!FACTS.contains(action), "{action}");
        }
    }

    #[test]
    fn types_below_others_name_a_type_that_is_listed() {
        let NodeKind::Map(types) = &facts().get("types").unwrap().kind else { panic!("an object") };
        for (name, fact) in types {
            let Some((parent, model)) =
                listing(Schema::embedded().resource_type(name).unwrap(), Some(fact)).and_then(|listing| listing.below)
            else {
                continue;
            };
            let ty = Schema::embedded().resource_type(name).unwrap();
            assert!(ty.property(&model).is_some(), "{name} has no {model}");
            assert!(Schema::embedded().has_type(&parent), "{parent}");
        }
    }
}
