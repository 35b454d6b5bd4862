//! The short forms of functions in YAML: `!Ref X` is `{"Ref": "X"}`.

use parapet_model::{Node, NodeKind};

/// The functions that have a short form `!Name` for `Fn::Name`.
const FUNCTIONS: [&str; 24] = [
    "And",
    "Base64",
    "Cidr",
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "RefAll",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
    "ValueOf",
    "ValueOfAll",
];

/// Writes a short form out.
pub(crate) fn long_form(tag: &str, node: Node) -> Result<Node, String> {
    let span = node.span;
    let key = match tag {
        "Ref" | "Condition" => tag.to_owned(),
        _ if FUNCTIONS.contains(&tag) => format!("Fn::{tag}"),
        _ => return Err(format!("`!{tag}` is not a function of CloudFormation")),
    };
    let argument = match &node.kind {
        NodeKind::Text(text) if tag == "GetAtt" => attribute(&node, text),
        _ => node,
    };
    Ok(Node::new(span, NodeKind::Map(vec![(key.into(), argument)])))
}

/// `Resource.Attribute` as the list of both; an attribute may have points in it, a logical id has none.
fn attribute(node: &Node, text: &str) -> Node {
    let parts: Vec<&str> = text.splitn(2, '.').collect();
    let part = |part: &&str| Node::new(node.span, NodeKind::Text((*part).into()));
    Node::new(node.span, NodeKind::List(parts.iter().map(part).collect()))
}
