//! Parapet's own records, one a line:
//! `{"type": "AWS::S3::Bucket", "id": "logs", "account": "…", "region": "…", "tags": {}, "properties": {…}}`.
//!
//! `{"$unknown": "REASON"}` stands wherever a value may; `{"$$unknown": …}` is an ordinary map with the key
//! `$unknown`, and so on by one `$`. A member that is not known is an error: it may be a misspelt one.

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Reason, Record, Unknown};

use crate::collected;
use crate::delivery::Delivery;
use crate::element::{Element, member_text};
use crate::names;
use crate::recorder;
use crate::sink::By;

const MEMBERS: [&str; 10] =
    ["type", "id", "arn", "name", "account", "region", "tags", "captured", "address", "properties"];

const UNKNOWN: &str = "$unknown";

/// Records whose `type` looks like one, and `$inventory` lines.
pub(crate) fn recognises(element: &Element<'_>) -> bool {
    let named = member_text(&element.node, "type").is_some_and(|name| name.contains("::"));
    named || element.node.get(collected::KEY).is_some()
}

/// Delivers one record or `$inventory` line.
pub(crate) fn deliver(cx: &mut Delivery<'_>, mut element: Element<'_>) {
    if element.node.get(collected::KEY).is_some() {
        return collected::deliver(cx, &element);
    }
    let nothing = Node::new(element.span(), NodeKind::Null);
    let node = std::mem::replace(&mut element.node, nothing);
    match record(cx, &element, node) {
        Ok(record) if cx.schema.has_type(&record.resource_type) => {
            recorder::covered(cx, &record, By::Recorder);
            cx.record(record);
        }
        Ok(record) => cx.unread(&element, format!("resource type {} is not known to any schema", record.resource_type)),
        Err((span, message)) => cx.fault(&element, span, &message),
    }
}

fn record(cx: &mut Delivery<'_>, element: &Element<'_>, node: Node) -> Result<Record, (Span, String)> {
    let span = node.span;
    let Some(name) = member_text(&node, "type").map(Name::from) else {
        return Err((span, "the record has no `type`".to_owned()));
    };
    let NodeKind::Map(members) = node.kind else { return Err((span, "a record is an object".to_owned())) };
    let ty = cx.schema.resource_type(&name);
    let mut record = Record::new(ty.map_or(name, |ty| ty.name.clone()), element.origin(0));
    record.pointer = element.pointer.clone();
    for (key, member) in members {
        let span = member.span;
        let member = marked(member)?;
        put(cx, &mut record, &key, member).map_err(|message| (span, message))?;
    }
    if let Some(ty) = ty {
        record.properties = names::canonical(ty, record.properties);
    }
    Ok(record)
}

fn put(cx: &mut Delivery<'_>, record: &mut Record, key: &str, member: Node) -> Result<(), String> {
    if !MEMBERS.contains(&key) {
        return Err(format!("a record has no member `{key}`; it has `{}`", MEMBERS.join("`, `")));
    }
    if member.is_null() {
        return Ok(());
    }
    match key {
        "id" => record.id = Some(member),
        "arn" => record.arn = Some(member),
        "name" => record.name = Some(member),
        "account" => record.account = Some(cx.names.share(&member)),
        "region" => record.region = Some(cx.names.share(&member)),
        "tags" => record.tags = Some(member),
        "captured" => record.captured = Some(member),
        "address" => record.address = Some(member.as_text().ok_or("`address` is not a text")?.into()),
        "properties" => match member.kind {
            NodeKind::Map(members) => record.properties = members,
            _ => return Err("`properties` is not an object".to_owned()),
        },
        _ => {}
    }
    Ok(())
}

/// The node with its `$unknown`s in place.
fn marked(node: Node) -> Result<Node, (Span, String)> {
    let span = node.span;
    let kind = match node.kind {
        NodeKind::List(elements) => NodeKind::List(elements.into_iter().map(marked).collect::<Result<_, _>>()?),
        NodeKind::Map(members) if members.iter().any(|(key, _)| &**key == UNKNOWN) => unknown(span, &members)?,
        NodeKind::Map(members) => {
            let marked = |(key, node): (Name, Node)| Ok((plain(key), marked(node)?));
            NodeKind::Map(members.into_iter().map(marked).collect::<Result<_, _>>()?)
        }
        other => other,
    };
    Ok(Node::new(span, kind))
}

fn unknown(span: Span, members: &[(Name, Node)]) -> Result<NodeKind, (Span, String)> {
    match members {
        [(_, Node { kind: NodeKind::Text(why), .. })] => {
            Ok(NodeKind::Unknown(Unknown::new(Reason::Undecided, why.clone())))
        }
        _ => Err((span, "`$unknown` stands alone in its object, with a text that says why".to_owned())),
    }
}

/// `$$unknown` is the key `$unknown`, and so on by one `$`.
fn plain(key: Name) -> Name {
    let stripped =
        key.strip_prefix('$').filter(|rest| rest.starts_with('$') && rest.trim_start_matches('$') == "unknown");
    match stripped {
        Some(stripped) => stripped.into(),
        None => key,
    }
}
