//! Lines that say what was collected:
//! `{"$inventory": {"types": ["AWS::EC2::VPC"], "accounts": ["111122223333"], "regions": ["eu-west-1"]}}`, with a `captured`
//! for when that was so.

use parapet_model::{Name, Node, NodeKind};

use crate::delivery::Delivery;
use crate::element::Element;
use crate::sink::{By, Collected, Types};

/// The key that such a line has, and nothing else.
pub(crate) const KEY: &str = "$inventory";

/// Delivers an `$inventory` line.
pub(crate) fn deliver(cx: &mut Delivery<'_>, element: &Element<'_>) {
    match read(&element.node) {
        Ok(collected) => match unknown_type(cx, &collected) {
            None => cx.collected(collected),
            Some(name) => {
                cx.fault(element, element.span(), &format!("`$inventory` names `{name}`, which no schema knows"))
            }
        },
        Err((node, message)) => cx.fault(element, node.span, &message),
    }
}

fn read(node: &Node) -> Result<Collected, (&Node, String)> {
    let NodeKind::Map(members) = &node.kind else { return Err((node, "`$inventory` is not in an object".to_owned())) };
    if let Some((key, member)) = members.iter().find(|(key, _)| **key != *KEY) {
        return Err((member, format!("`{key}` stands beside `$inventory`, where nothing may stand")));
    }
    let mut collected = Collected { types: Types::All, accounts: None, regions: None, by: By::Listing, captured: None };
    let inventory = node.get(KEY).unwrap_or(node);
    let NodeKind::Map(members) = &inventory.kind else {
        return Err((inventory, "`$inventory` is not an object".to_owned()));
    };
    for (key, member) in members.iter().filter(|(_, member)| !member.is_null()) {
        match &**key {
            "types" => collected.types = Types::Listed(texts(member)?),
            "accounts" => collected.accounts = Some(texts(member)?),
            "regions" => collected.regions = Some(texts(member)?),
            "captured" => collected.captured = Some(time(member)?),
            _ => {
                return Err((
                    member,
                    format!("`$inventory` has no member `{key}`: it has `types`, `accounts`, `regions` and `captured`"),
                ));
            }
        }
    }
    Ok(collected)
}

fn time(node: &Node) -> Result<Name, (&Node, String)> {
    let time = node.as_text().filter(|text| parapet_model::parse_time(text).is_some());
    time.map(Name::from).ok_or_else(|| (node, "a time in ISO 8601 is expected".to_owned()))
}

fn texts(node: &Node) -> Result<Vec<Name>, (&Node, String)> {
    let elements = node.as_list().ok_or_else(|| (node, "a list of texts is expected".to_owned()))?;
    let text = |element: &Node| match &element.kind {
        NodeKind::Text(text) => Some(text.clone()),
        _ => None,
    };
    elements
        .iter()
        .map(|element| text(element).ok_or_else(|| (node, "a list of texts is expected".to_owned())))
        .collect()
}

fn unknown_type(cx: &Delivery<'_>, collected: &Collected) -> Option<Name> {
    match &collected.types {
        Types::All => None,
        Types::Listed(names) => names.iter().find(|name| !cx.schema.has_type(name)).cloned(),
    }
}
