//! Values as Terraform's JSON.

use parapet_model::{Name, Node, NodeKind, quoted};

/// JSON as Terraform writes it: compact, keys in order.
pub(in crate::terraform) fn encoded(value: &Node) -> String {
    match &value.kind {
        NodeKind::Null | NodeKind::Unknown(_) => "null".to_owned(),
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Int(value) => value.to_string(),
        NodeKind::Float(value) => value.to_string(),
        NodeKind::Beyond(text) => text.to_string(),
        NodeKind::Text(text) => quoted_for_html(text),
        NodeKind::List(elements) => format!("[{}]", elements.iter().map(encoded).collect::<Vec<_>>().join(",")),
        NodeKind::Map(members) => {
            let mut members: Vec<&(Name, Node)> = members.iter().collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            let shown: Vec<String> = members
                .into_iter()
                .map(|(key, value)| format!("{}:{}", quoted_for_html(key), encoded(value)))
                .collect();
            format!("{{{}}}", shown.join(","))
        }
    }
}

/// As `jsonencode` does, which keeps texts harmless in HTML.
fn quoted_for_html(text: &str) -> String {
    let mut written = quoted(text);
    for (letter, code) in [("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")] {
        if written.contains(letter) {
            written = written.replace(letter, code);
        }
    }
    written
}
