//! What holds of a resource the moment it is made, of properties that no template or plan sets.
//!
//! AWS Config records them, and the schema of CloudFormation lacks them. A VPC that a template makes is not the default one,
//! a role that is yet to be made was never used, and a new snapshot is shared with nobody. What only AWS sets may be declined:
//! an instance whose first interface takes no public address has none. Sources: the EC2, KMS, IAM, RDS and Secrets Manager
//! API references.

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

/// A property that a new resource gets no value for, if an element of one of its lists says so.
struct Declined {
    ty: &'static str,
    property: &'static str,
    list: &'static str,
    /// Which element of the list it is: its member, and the value of that.
    element: (&'static str, &'static str),
    /// The member that is `false` in that element.
    member: &'static str,
}

const DECLINED: [Declined; 1] = [Declined {
    ty: "AWS::EC2::Instance",
    property: "PublicIp",
    list: "NetworkInterfaces",
    element: ("DeviceIndex", "0"),
    member: "AssociatePublicIpAddress",
}];

impl Declined {
    fn holds(&self, properties: &[(Name, Node)]) -> bool {
        let list = properties.iter().find(|(name, _)| &**name == self.list).and_then(|(_, node)| node.as_list());
        let (key, value) = self.element;
        list.is_some_and(|elements| {
            elements.iter().any(|element| says(element.get(key), value) && says(element.get(self.member), "false"))
        })
    }
}

/// Whether the node is this text, or what it stands for.
fn says(node: Option<&Node>, text: &str) -> bool {
    match node.map(|node| &node.kind) {
        Some(NodeKind::Text(said)) => said.eq_ignore_ascii_case(text),
        Some(NodeKind::Bool(said)) => text == said.to_string(),
        Some(NodeKind::Int(said)) => text == said.to_string(),
        _ => false,
    }
}

/// What a new resource with these properties has besides; `null` for what it does not have yet, or never gets.
pub(crate) fn facts(resource_type: &str, properties: &[(Name, Node)]) -> Vec<(Name, Node)> {
    let declined = DECLINED.iter().filter(|declined| declined.ty == resource_type && declined.holds(properties));
    let nothing =
        declined.map(|declined| (Name::from(declined.property), Node::new(Default::default(), NodeKind::Null)));
    always(resource_type).chain(nothing).collect()
}

fn always(resource_type: &str) -> impl Iterator<Item = (Name, Node)> {
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

    #[test]
    fn what_is_declined_is_what_only_the_service_sets() {
        for declined in DECLINED {
            let ty = Schema::embedded().resource_type(declined.ty).unwrap();
            assert!(ty.property(declined.property).unwrap().read_only);
            assert!(ty.property(declined.list).is_some());
        }
    }
}
