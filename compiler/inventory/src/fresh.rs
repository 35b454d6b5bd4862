//! What holds of a resource the moment it is made, of properties that no template or plan sets.
//!
//! AWS Config records them, and the schema of CloudFormation lacks them. A VPC that a template makes is not the default one,
//! a role that is yet to be made was never used, and a new snapshot is shared with nobody. Sources: the EC2, KMS, IAM, RDS and
//! Secrets Manager API references.

use parapet_model::{Name, Node, NodeKind, Property, ResourceType};

/// A value that each new resource has.
enum Fresh {
    No,
    Text(&'static str),
    /// There is none yet.
    Nothing,
    /// An empty collection.
    Empty,
}

const FACTS: [(&str, &str, Fresh); 10] = [
    ("AWS::EC2::VPC", "IsDefault", Fresh::No),
    ("AWS::EC2::NetworkAcl", "IsDefault", Fresh::No),
    ("AWS::KMS::Key", "KeyManager", Fresh::Text("CUSTOMER")),
    ("AWS::KMS::Key", "KeyState", Fresh::Nothing),
    ("AWS::IAM::Role", "CreateDate", Fresh::Nothing),
    ("AWS::IAM::Role", "RoleLastUsed", Fresh::Nothing),
    ("AWS::IAM::User", "CreateDate", Fresh::Nothing),
    ("AWS::SecretsManager::Secret", "LastAccessedDate", Fresh::Nothing),
    ("AWS::SecretsManager::Secret", "LastRotatedDate", Fresh::Nothing),
    ("AWS::RDS::DBSnapshot", "SharedWith", Fresh::Empty),
];

/// The properties that a new resource of a type has; `null` for one that it does not have yet.
pub(crate) fn facts(resource_type: &str) -> impl Iterator<Item = (Name, Node)> {
    let own = FACTS.iter().filter(move |(ty, ..)| *ty == resource_type);
    own.map(|(_, property, fresh)| {
        let kind = match fresh {
            Fresh::No => NodeKind::Bool(false),
            Fresh::Text(text) => NodeKind::Text((*text).into()),
            Fresh::Nothing => NodeKind::Null,
            Fresh::Empty => NodeKind::List(Vec::new()),
        };
        (Name::from(*property), Node::new(Default::default(), kind))
    })
}

/// Properties that no template, plan or configuration shows. Read-only ones are not among them: what deployment decides is
/// followed from reference to reference, so that a rule may well have an answer.
pub(crate) fn hides(ty: &ResourceType, property: &Property) -> bool {
    let is_fact = FACTS.iter().any(|(of, name, _)| *of == &*ty.name && *name == &*property.name);
    (property.config_only || property.extended) && !is_fact
}

#[cfg(test)]
mod tests {
    use parapet_model::Schema;

    use super::*;

    #[test]
    fn the_facts_are_of_properties_that_templates_lack() {
        for (ty, property, _) in FACTS {
            let found = Schema::embedded().resource_type(ty).unwrap().property(property).cloned();
            assert!(found.is_some_and(|found| found.config_only || found.read_only), "{ty}.{property}");
        }
    }
}
