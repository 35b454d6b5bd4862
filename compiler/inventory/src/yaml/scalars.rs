//! What a scalar of YAML is.

use parapet_model::NodeKind;

/// A scalar without quotes: `null`, a truth, a number as JSON writes it, else text.
///
/// YAML 1.1 also takes `yes` and `on` for a truth, `0755` and `0x1F` for numbers, `1:30` for one to the base 60 and
/// `2012-10-17` for a date. Templates mean none of these: account ids begin with 0, ports are mapped as `80:8080`,
/// and `2012-10-17` is the version of a policy. They stay text, which whoever wants a truth or a number still reads.
pub(crate) fn plain(text: &str) -> NodeKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => NodeKind::Null,
        "true" | "True" | "TRUE" => NodeKind::Bool(true),
        "false" | "False" | "FALSE" => NodeKind::Bool(false),
        _ => number(text).unwrap_or_else(|| NodeKind::Text(text.into())),
    }
}

/// A number as JSON writes it. Twelve digits stay text: they are an account.
fn number(text: &str) -> Option<NodeKind> {
    let account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if account || !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return None;
    }
    match parapet_model::json::parse(text).ok()?.kind {
        // What no number holds is still known as text.
        NodeKind::Int(value) => Some(NodeKind::Int(value)),
        NodeKind::Float(value) => Some(NodeKind::Float(value)),
        _ => None,
    }
}

/// A scalar with a tag of the core schema, such as `!!str 5`.
pub(crate) fn tagged(suffix: &str, text: &str) -> Result<NodeKind, String> {
    let found = plain(text);
    let fits = match suffix {
        "str" => return Ok(NodeKind::Text(text.into())),
        "int" => matches!(found, NodeKind::Int(_)),
        "float" => matches!(found, NodeKind::Int(_) | NodeKind::Float(_)),
        "bool" => matches!(found, NodeKind::Bool(_)),
        "null" => matches!(found, NodeKind::Null),
        _ => return Err(format!("the tag `!!{suffix}` is not one of a template")),
    };
    if fits { Ok(found) } else { Err(format!("{text:?} is not what its tag `!!{suffix}` says")) }
}
