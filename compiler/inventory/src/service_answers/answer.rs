//! One answer: which call it answers, of which account and region, and what came.

use std::path::Path;
use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Document, Name, Node, NodeKind, json};

use super::call::Call;
use super::calls;
use crate::delivery::Delivery;
use crate::element::{Element, member_text};

/// The key of the wrapper, and nothing else.
pub(crate) const KEY: &str = "$answer";

const MEMBERS: [&str; 7] = ["operation", "account", "region", "captured", "arguments", "output", "error"];

/// See the module.
#[derive(Clone)]
pub(crate) struct Answer<'a> {
    pub(crate) element: &'a Element<'a>,
    /// As the command line has it: `iam get-account-summary`.
    pub(crate) operation: Name,
    pub(crate) account: Option<Node>,
    pub(crate) region: Option<Node>,
    pub(crate) captured: Option<Node>,
    /// The arguments of the call, by their names in the API.
    pub(crate) arguments: Option<&'a Node>,
    pub(crate) outcome: Outcome<'a>,
    /// The answer's own text, to which the spans of its nodes refer.
    pub(crate) document: Arc<Document>,
}

/// What came of a call.
#[derive(Clone, Copy)]
pub(crate) enum Outcome<'a> {
    Output(&'a Node),
    /// The code of the service's error.
    Error(&'a str),
}

/// Why an answer is not read.
pub(crate) enum Unread {
    /// It is in error.
    Fault(Span, String),
    /// Nobody reads answers of its call.
    Skip(String),
}

impl Answer<'_> {
    pub(crate) fn argument(&self, name: &str) -> Option<&Node> {
        self.arguments.and_then(|arguments| arguments.get(name)).filter(|node| !node.is_null())
    }
}

/// The answer in an element, and the call that it answers.
pub(crate) fn read<'a>(cx: &Delivery<'_>, element: &'a Element<'a>) -> Result<(Answer<'a>, &'static Call), Unread> {
    match element.node.get(KEY) {
        Some(wrapper) => wrapped(cx, element, wrapper),
        None => match calls::bare(&element.node) {
            Some(call) => Ok((bare(cx, element, call), call)),
            None => Err(Unread::Fault(element.span(), "not an answer that a reader knows".to_owned())),
        },
    }
}

fn wrapped<'a>(
    cx: &Delivery<'_>,
    element: &'a Element<'a>,
    wrapper: &'a Node,
) -> Result<(Answer<'a>, &'static Call), Unread> {
    check(&element.node, wrapper)?;
    let text = |name: &str| match wrapper.get(name) {
        None => Ok(None),
        Some(node) if node.is_null() => Ok(None),
        Some(node) if node.as_text().is_some_and(|text| !text.is_empty()) => Ok(Some(node.clone())),
        Some(node) => Err(Unread::Fault(node.span, format!("`{name}` is not a text"))),
    };
    let Some(operation) = member_text(wrapper, "operation") else {
        return Err(Unread::Fault(
            wrapper.span,
            "`$answer` has no `operation`, such as `iam get-account-summary`".to_owned(),
        ));
    };
    let outcome = match (wrapper.get("output"), wrapper.get("error").map(|node| (node, node.as_text()))) {
        (Some(output), None) => Outcome::Output(output),
        (None, Some((_, Some(code)))) => Outcome::Error(code),
        (None, Some((node, None))) => return Err(Unread::Fault(node.span, "`error` is not a text".to_owned())),
        _ => return Err(Unread::Fault(wrapper.span, "`$answer` has either `output` or `error`".to_owned())),
    };
    let arguments = wrapper.get("arguments").filter(|node| !node.is_null());
    if let Some(node) = arguments.filter(|node| !matches!(node.kind, NodeKind::Map(_))) {
        return Err(Unread::Fault(node.span, "`arguments` is not an object".to_owned()));
    }
    let captured = text("captured")?;
    if let Some(node) = captured.as_ref().filter(|node| !node.as_text().is_some_and(is_time)) {
        return Err(Unread::Fault(node.span, "`captured` is not a time in ISO 8601".to_owned()));
    }
    let answer = Answer {
        element,
        operation: operation.into(),
        account: text("account")?,
        region: text("region")?,
        captured,
        arguments,
        outcome,
        document: document(cx, element),
    };
    match calls::named(operation) {
        Some(call) => Ok((answer, call)),
        None => Err(Unread::Skip(format!("nobody reads answers to `{operation}`"))),
    }
}

fn is_time(text: &str) -> bool {
    parapet_model::parse_time(text).is_some()
}

/// Whether wrapper and element have no members but those that are known: another may be a misspelt one.
fn check(whole: &Node, wrapper: &Node) -> Result<(), Unread> {
    let (NodeKind::Map(beside), NodeKind::Map(members)) = (&whole.kind, &wrapper.kind) else {
        return Err(Unread::Fault(wrapper.span, "`$answer` is not an object".to_owned()));
    };
    if let Some((key, node)) = beside.iter().find(|(key, _)| **key != *KEY) {
        return Err(Unread::Fault(node.span, format!("`{key}` stands beside `$answer`, where nothing may stand")));
    }
    match members.iter().find(|(key, _)| !MEMBERS.contains(&&**key)) {
        Some((key, node)) => {
            let known = MEMBERS.join("`, `");
            Err(Unread::Fault(node.span, format!("`$answer` has no member `{key}`; it has `{known}`")))
        }
        None => Ok(()),
    }
}

fn bare<'a>(cx: &Delivery<'_>, element: &'a Element<'a>, call: &'static Call) -> Answer<'a> {
    Answer {
        element,
        operation: call.name.into(),
        account: caller(cx).map(|account| Node::new(element.span(), NodeKind::Text(account))),
        region: None,
        captured: None,
        arguments: None,
        outcome: Outcome::Output(&element.node),
        document: document(cx, element),
    }
}

fn document(cx: &Delivery<'_>, element: &Element<'_>) -> Arc<Document> {
    let path = cx.source.path.to_string_lossy().replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    Arc::new(Document { path: path.into(), text: element.text.into(), tree: element.node.clone() })
}

/// An answer of `get-caller-identity` is short.
const MOST_IDENTITY: usize = 64 << 10;

/// The account of a `get-caller-identity` answer in the input's folder; two different ones tell nothing.
pub(super) fn caller(cx: &Delivery<'_>) -> Option<Name> {
    let folder = cx.source.path.parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = cx.source.files.entries(folder).ok()?;
    let named = entries.iter().filter(|path| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with("get-caller-identity.json"))
    });
    let mut accounts: Vec<Name> =
        named.filter_map(|path| account_in(&cx.source.files.read(path, MOST_IDENTITY).ok()?)).collect();
    accounts.dedup();
    accounts.pop().filter(|_| accounts.is_empty())
}

fn account_in(bytes: &[u8]) -> Option<Name> {
    let tree = json::parse(std::str::from_utf8(bytes).ok()?).ok()?;
    let answer = tree.get(KEY).and_then(|wrapper| wrapper.get("output")).unwrap_or(&tree);
    member_text(answer, "Account").map(Name::from)
}
