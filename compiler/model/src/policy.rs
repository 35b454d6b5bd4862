//! IAM policy documents, normalised.
//!
//! The several spellings of one thing become one: a statement or a list of them, a string or a list, an
//! account id or its root ARN, percent-encoded text or an object. A document that does not say what a policy
//! must say is unknown as a whole; a part that cannot be read is unknown by itself. What a policy *means* is
//! asked elsewhere. Source: the IAM user guide's "Grammar of the IAM JSON policy language".

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::{Fields, Name, Node, NodeKind, Reason, Symbol, Unknown, Value, folded};

/// The policy in a node: an object, or text that holds one, percent-encoded or not.
pub fn from_node(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Unknown(unknown) => Value::Unknown(unknown.clone()),
        NodeKind::Text(text) => from_text(text),
        NodeKind::Map(members) => document(members),
        _ => no_policy("not an object"),
    }
}

/// The policy in a text.
pub fn from_text(text: &str) -> Value {
    let trimmed = text.trim();
    let decoded = if trimmed.starts_with('%') { percent_decode(trimmed) } else { trimmed.to_owned() };
    match crate::json::parse(&decoded) {
        Ok(node) if !matches!(node.kind, NodeKind::Text(_)) => from_node(&node),
        Ok(_) => no_policy("text"),
        Err(error) => no_policy(&error.message),
    }
}

fn no_policy(why: &str) -> Value {
    Value::unknown(Reason::Unreadable, format!("not a policy: {why}"))
}

/// Decodes `%7B` and the like; what is no escape stays. Bytes that make no UTF-8 are replaced.
pub fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = (*first == b'%').then(|| after.get(..2)).flatten();
        let code = code.and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or(&[]);
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn document(members: &[(Name, Node)]) -> Value {
    let mut fields = Fields::default();
    let mut statements = None;
    for (key, node) in members {
        match &**key {
            "Version" => insert(&mut fields, "version", text(node)),
            "Id" => insert(&mut fields, "id", text(node)),
            "Statement" => statements = Some(node),
            _ => {}
        }
    }
    let Some(statements) = statements.filter(|node| !node.is_null()) else { return no_policy("it has no `Statement`") };
    let statements = match &statements.kind {
        NodeKind::List(list) => Value::list(list.iter().map(statement).collect()),
        NodeKind::Map(_) => Value::list(vec![statement(statements)]),
        NodeKind::Unknown(unknown) => Value::Unknown(unknown.clone()),
        _ => return no_policy("its `Statement` is neither an object nor a list"),
    };
    insert(&mut fields, "statements", statements);
    Value::Record(Arc::new(fields))
}

fn insert(fields: &mut Fields, name: &'static str, value: Value) {
    fields.insert(held(name), value);
}

/// The fields of policies, statements, principals and conditions.
const FIELDS: [&str; 20] = [
    "version",
    "id",
    "statements",
    "sid",
    "effect",
    "actions",
    "not_actions",
    "resources",
    "not_resources",
    "principals",
    "not_principals",
    "conditions",
    "anyone",
    "aws",
    "services",
    "federated",
    "canonical",
    "operator",
    "key",
    "values",
];

/// The name of a field: an inventory has hundreds of thousands of statements, whose names are held once.
fn held(name: &'static str) -> Name {
    static NAMES: OnceLock<FxHashMap<&'static str, Name>> = OnceLock::new();
    let names = NAMES.get_or_init(|| FIELDS.into_iter().map(|name| (name, name.into())).collect());
    names.get(name).cloned().unwrap_or_else(|| name.into())
}

/// The list of nothing, held once: most statements have six of them.
fn nothing() -> Value {
    static NOTHING: OnceLock<Value> = OnceLock::new();
    NOTHING.get_or_init(|| Value::list(Vec::new())).clone()
}

/// The principals of an element that a statement lacks, held once.
fn nobody() -> Value {
    static NOBODY: OnceLock<Value> = OnceLock::new();
    NOBODY.get_or_init(|| principals_of(&[])).clone()
}

fn text(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Text(text) => Value::Text(text.clone()),
        NodeKind::Unknown(unknown) => Value::Unknown(unknown.clone()),
        NodeKind::Null => Value::Absent,
        NodeKind::Bool(value) => Value::text(value.to_string()),
        NodeKind::Int(value) => Value::text(value.to_string()),
        NodeKind::Float(value) => Value::text(value.to_string()),
        NodeKind::Beyond(text) => Value::Text(text.clone()),
        NodeKind::List(_) | NodeKind::Map(_) => unreadable("text"),
    }
}

fn unreadable(wanted: &str) -> Value {
    Value::unknown(Reason::Unreadable, format!("not a policy: {wanted} expected"))
}

/// One statement. Elements it lacks are empty lists, an absent `Sid`, or nobody.
fn statement(node: &Node) -> Value {
    let members = match &node.kind {
        NodeKind::Map(members) => members,
        NodeKind::Unknown(unknown) => return Value::Unknown(unknown.clone()),
        _ => return unreadable("a statement"),
    };
    let find = |name: &str| members.iter().find(|(key, _)| &**key == name).map(|(_, node)| node);
    let lower = |value: Value| folded(&value);
    let mut fields = Fields::with_capacity_and_hasher(9, Default::default());
    if let Some(sid) = find("Sid") {
        insert(&mut fields, "sid", text(sid));
    }
    insert(&mut fields, "effect", effect(find("Effect")));
    insert(&mut fields, "actions", strings(find("Action"), lower));
    insert(&mut fields, "not_actions", strings(find("NotAction"), lower));
    insert(&mut fields, "resources", strings(find("Resource"), |value| value));
    insert(&mut fields, "not_resources", strings(find("NotResource"), |value| value));
    insert(&mut fields, "principals", principals(find("Principal")));
    insert(&mut fields, "not_principals", principals(find("NotPrincipal")));
    insert(&mut fields, "conditions", conditions(find("Condition")));
    Value::Record(Arc::new(fields))
}

fn effect(node: Option<&Node>) -> Value {
    match node.map(text) {
        Some(Value::Text(text)) if matches!(&*text, "Allow" | "Deny") => Value::Text(text),
        Some(Value::Unknown(unknown)) => Value::Unknown(unknown),
        _ => unreadable("`Effect` with `Allow` or `Deny`"),
    }
}

/// A string or a list of strings.
fn strings(node: Option<&Node>, each: impl Fn(Value) -> Value) -> Value {
    match node.map(|node| &node.kind) {
        None | Some(NodeKind::Null) => nothing(),
        Some(NodeKind::List(list)) if list.is_empty() => nothing(),
        // A text that exists only after deployment is one string, whichever; anything else may be a list.
        Some(NodeKind::Unknown(unknown)) if unknown.symbol().is_none() => Value::Unknown(unknown.clone()),
        Some(NodeKind::List(list)) => Value::list(list.iter().map(|node| each(text(node))).collect()),
        Some(_) => Value::list(node.into_iter().map(|node| each(text(node))).collect()),
    }
}

const KINDS: [(&str, &str); 4] =
    [("AWS", "aws"), ("Service", "services"), ("Federated", "federated"), ("CanonicalUser", "canonical")];

fn principals(node: Option<&Node>) -> Value {
    match node.map(|node| &node.kind) {
        None | Some(NodeKind::Null) => nobody(),
        Some(NodeKind::Unknown(unknown)) => Value::Unknown(unknown.clone()),
        Some(NodeKind::Text(text)) if &**text == "*" => principals_record(Fields::default(), Value::Bool(true)),
        Some(NodeKind::Map(members)) => principals_of(members),
        Some(_) => unreadable("a principal"),
    }
}

/// The principals that an object lists by kind.
fn principals_of(members: &[(Name, Node)]) -> Value {
    let mut listed = Fields::default();
    let mut anyone = Value::Bool(false);
    for (key, node) in members {
        let Some((_, field)) = KINDS.iter().find(|(kind, _)| **kind == **key) else {
            return unreadable("a known kind of principal");
        };
        let list = strings(Some(node), root_arn);
        if *field == "aws" {
            anyone = any_star(&list);
        }
        insert(&mut listed, field, list);
    }
    principals_record(listed, anyone)
}

/// All kinds of principals, those that are not listed without any.
fn principals_record(mut listed: Fields, anyone: Value) -> Value {
    let mut fields = Fields::with_capacity_and_hasher(KINDS.len() + 1, Default::default());
    for (_, field) in KINDS {
        insert(&mut fields, field, listed.swap_remove(field).unwrap_or_else(nothing));
    }
    insert(&mut fields, "anyone", anyone);
    Value::Record(Arc::new(fields))
}

fn any_star(list: &Value) -> Value {
    let elements = match list {
        Value::List(elements) => elements,
        other => return other.clone(),
    };
    let star = elements.iter().any(|element| element.as_text() == Some("*"));
    let unknown: Option<&Unknown> = elements.iter().find_map(|element| match element {
        Value::Unknown(unknown) if may_be_star(unknown) => Some(unknown),
        _ => None,
    });
    match unknown {
        Some(unknown) if !star => Value::Unknown(unknown.clone()),
        _ => Value::Bool(star),
    }
}

/// Whether an unknown text may turn out to be `*`: not where some other part of it is known, nor where it is made up for a
/// resource.
fn may_be_star(unknown: &Unknown) -> bool {
    let made_up = |symbol: &Symbol| symbol.attributes().any(|attribute| attribute.unique);
    unknown.symbol().is_none_or(|symbol| symbol.may_be("*") && !made_up(symbol))
}

/// An account id stands for the account's root ARN.
fn root_arn(value: Value) -> Value {
    match value.as_text() {
        Some(text) if is_account_id(text) => Value::text(format!("arn:aws:iam::{text}:root")),
        _ => value,
    }
}

/// Twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn conditions(node: Option<&Node>) -> Value {
    let operators = match node.map(|node| &node.kind) {
        None | Some(NodeKind::Null) => return nothing(),
        Some(NodeKind::Unknown(unknown)) => return Value::Unknown(unknown.clone()),
        Some(NodeKind::Map(operators)) => operators,
        Some(_) => return unreadable("a condition block"),
    };
    let mut all = Vec::new();
    for (operator, block) in operators {
        let keys = match &block.kind {
            NodeKind::Map(keys) => keys,
            // It may hold any number of keys.
            NodeKind::Unknown(unknown) => return Value::Unknown(unknown.clone()),
            _ => return unreadable("a condition block"),
        };
        for (key, values) in keys {
            let mut fields = Fields::with_capacity_and_hasher(3, Default::default());
            insert(&mut fields, "operator", Value::Text(operator.clone()));
            insert(&mut fields, "key", Value::Text(key.clone()));
            insert(&mut fields, "values", strings(Some(values), |value| value));
            all.push(Value::Record(Arc::new(fields)));
        }
    }
    Value::list(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
        path.iter().fold(value, |value, step| match value {
            Value::Record(fields) => &fields[*step],
            Value::List(elements) => &elements[step.parse::<usize>().unwrap()],
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn spellings_are_one() {
        let object = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"S3:Get*","Resource":"*"}}"#;
        let listed = object
            .replace("\"S3:Get*\"", "[\"s3:get*\"]")
            .replace("\"111122223333\"", "[\"arn:aws:iam::111122223333:root\"]");
        let encoded: String = object.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let policies = [from_text(object), from_text(&listed), from_text(&encoded)];
        for policy in &policies {
            assert_eq!(field(policy, &["statements", "0", "actions", "0"]).as_text(), Some("s3:get*"));
            assert_eq!(crate::equal(policy, &policies[0]), crate::Truth::True);
        }
    }

    #[test]
    fn anyone_is_a_star_in_either_place() {
        for principal in ["\"*\"", "{\"AWS\": \"*\"}", "{\"AWS\": [\"x\", \"*\"]}"] {
            let policy =
                from_text(&format!(r#"{{"Statement":[{{"Effect":"Deny","Principal":{principal},"Action":"*"}}]}}"#));
            assert!(
                matches!(field(&policy, &["statements", "0", "principals", "anyone"]), Value::Bool(true)),
                "{principal}"
            );
        }
    }

    #[test]
    fn one_unknown_text_leaves_the_rest_known() {
        let later = |parts: Vec<crate::SymbolPart>| {
            let unknown = Unknown::new(Reason::Undecided, "later").standing_for(crate::Symbol::of(parts));
            Node::new(Default::default(), NodeKind::Unknown(unknown))
        };
        let attribute = |name: &str| crate::SymbolPart::Attribute(crate::Attribute::other(&"0:#stack".into(), name));
        let attribute_of_deployment =
            || crate::SymbolPart::Attribute(crate::Attribute::of_deployment("0", "AWS::AccountId"));
        let literal = |text: &str| crate::SymbolPart::Literal(text.into());
        let map = |members: Vec<(&str, Node)>| {
            let members = members.into_iter().map(|(name, node)| (name.into(), node)).collect();
            Node::new(Default::default(), NodeKind::Map(members))
        };
        let policy = |principal: Node, resource: Node| {
            let members = vec![
                ("Effect", Node::text("Allow")),
                ("Principal", map(vec![("AWS", principal)])),
                ("Action", Node::text("s3:GetObject")),
                ("Resource", resource),
            ];
            from_node(&map(vec![("Statement", map(members))]))
        };
        let root = || later(vec![literal("arn:aws:iam::"), attribute("AWS::AccountId"), literal(":root")]);
        let found = policy(root(), later(vec![attribute("Bucket")]));
        let at = |path: &[&str]| field(&found, &[&["statements", "0"], path].concat()).clone();
        assert!(matches!(at(&["principals", "anyone"]), Value::Bool(false)));
        assert!(at(&["principals", "aws", "0"]).is_unknown() && at(&["resources", "0"]).is_unknown());
        assert_eq!(at(&["actions", "0"]).as_text(), Some("s3:getobject"));
        let account = policy(later(vec![attribute_of_deployment()]), Node::text("*"));
        assert!(matches!(field(&account, &["statements", "0", "principals", "anyone"]), Value::Bool(false)));
        // A parameter may be given as `*`.
        let open = policy(later(vec![attribute("Principal")]), Node::text("*"));
        assert!(field(&open, &["statements", "0", "principals", "anyone"]).is_unknown());
    }

    #[test]
    fn text_that_is_no_policy_is_unknown() {
        for text in ["", "{}", "[]", "hello", "{\"Statement\": 3}", "%zz"] {
            assert!(from_text(text).is_unknown(), "{text}");
        }
    }
}
