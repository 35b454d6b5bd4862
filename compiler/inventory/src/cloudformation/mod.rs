//! CloudFormation templates, in JSON and in YAML with the short forms.
//!
//! A template is read as a whole: macros and loops are written out, functions are computed as far as the template and the
//! parameters tell, and each resource becomes a record. What only deployment decides is unknown, with a symbol by which
//! references inside of the template are followed. Nothing outside of the template exists, unless something in it is not
//! understood that may bring resources.

mod assembly;
mod circles;
mod conditions;
mod elsewhere;
mod evaluate;
mod fold;
mod functions;
mod identity;
mod loops;
mod macros;
mod nested;
mod owners;
mod parameters;
mod records;
mod references;
mod resolve;
mod serverless;
mod spelling;
mod stack;
mod subnets;
mod tags;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod texts;
mod values;

use std::sync::Arc;

use parapet_model::{Document, Node, NodeKind, Proof, Reason, Unknown};

#[cfg(test)]
pub(crate) use text::tree;
pub(crate) use text::{MOST_BYTES, is_named_yaml, looks_like_yaml};

use crate::delivery::Delivery;
use crate::element::Element;
use crate::place::Place;
use crate::sink::{Gap, Types};
use crate::source::Source;
use evaluate::Walk;
use nested::Nesting;
use template::Doubt;

pub use assembly::Assembly;
pub use parameters::Parameters;

/// The name of the format.
pub(crate) const NAME: &str = "cloudformation";

/// Resource types that no template can hold.
const UNSEEN: [&str; 10] = [
    "AWS::DirectoryService::Directory",
    "AWS::DirectoryService::LDAPSSettings",
    "AWS::DirectoryService::LogSubscription",
    "AWS::DirectoryService::SharedDirectory",
    "AWS::EC2::EbsEncryptionByDefault",
    "AWS::IAM::AccountPasswordPolicy",
    "AWS::IAM::AccountSummary",
    "AWS::IAM::CredentialReport",
    "AWS::RDS::DBClusterSnapshot",
    "AWS::S3::AccountPublicAccessBlock",
];

/// Templates in JSON.
pub(crate) fn recognises(element: &Element<'_>) -> bool {
    element.envelope.key.is_empty() && template::is_template(&element.node)
}

/// Delivers a template in JSON.
pub(crate) fn deliver(cx: &mut Delivery<'_>, element: Element<'_>) {
    // Positions count from the beginning of the document.
    let before = match element.place {
        Place::START => String::new(),
        place => {
            "\n".repeat(place.line.saturating_sub(1) as usize) + &" ".repeat(place.column.saturating_sub(1) as usize)
        }
    };
    let text = format!("{before}{}", element.text);
    match parapet_model::json::parse(&text) {
        Ok(tree) => document(cx, text, tree),
        Err(error) => cx.fault_in(element.text.as_bytes(), element.place, 0, &error.message),
    }
}

/// Delivers the text of a whole file.
pub(crate) fn deliver_text(cx: &mut Delivery<'_>, text: &str) {
    if text.len() > MOST_BYTES {
        return too_long(cx, text);
    }
    match text::tree(cx.source.path, text) {
        Ok(tree) => document(cx, text.to_owned(), tree),
        Err(error) => cx.fault_in(text.as_bytes(), Place::START, error.offset, &error.message),
    }
}

/// Whether the text of a whole file is a template.
pub(crate) fn is_template(path: &std::path::Path, text: &str) -> bool {
    text::tree(path, text).is_ok_and(|tree| template::is_template(&tree))
}

/// Whether a file holds a template without anything in it, by its name and its text.
pub(crate) fn is_empty(path: &std::path::Path, text: &str) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let named = [".template", ".template.json", ".yaml", ".yml"].iter().any(|end| name.ends_with(end));
    named
        && text::tree(path, text).is_ok_and(|tree| match tree.kind {
            NodeKind::Null => true,
            NodeKind::Map(members) => members.is_empty(),
            _ => false,
        })
}

/// The values of parameters: those that the CDK's manifest beside a template says, and those that were given.
fn given(source: &Source<'_>) -> Parameters {
    let mut values = Vec::new();
    let name = source.path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".template.json"));
    if let Some(name) = name {
        let manifest = source.files.read(&source.path.with_file_name("manifest.json"), assembly::MOST_BYTES);
        let text = manifest.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        values.extend(text.map(|text| assembly::deployment(&text, name)).unwrap_or_default());
    }
    values.retain(|(name, _)| source.parameters.get(name).is_none());
    values.extend(source.parameters.iter().cloned());
    Parameters::of(values)
}

fn too_long(cx: &mut Delivery<'_>, text: &str) {
    let reason = format!("a template of more than {MOST_BYTES} bytes is not read");
    cx.fault_in(text.as_bytes(), Place::START, 0, &reason);
}

fn document(cx: &mut Delivery<'_>, text: String, tree: parapet_model::Node) {
    if text.len() > MOST_BYTES {
        return too_long(cx, &text);
    }
    if !matches!(tree.kind, NodeKind::Map(_) | NodeKind::Null) {
        return cx.fault_in(text.as_bytes(), Place::START, tree.span.start as usize, "a template is a map of sections");
    }
    let path = parapet_base::shown(cx.source.path);
    let tree = text::as_written(tree, &text);
    let document = Arc::new(Document { path: path.into(), text: text.into(), tree });
    let given = given(cx.source);
    let nesting = Nesting::outermost(cx.source, given.get("AWS::AccountId").and_then(Node::as_text));
    let mut finished = evaluate::evaluate(&nesting, cx.schema, document.clone(), &given);
    let additions = fold::fold(&mut finished.records);
    let hides = finished.doubts.iter().any(|(_, doubt)| doubt.hides);
    tell(cx, &document, finished.doubts);
    match hides {
        false => cx.is_world(&UNSEEN),
        true => {
            let why = Unknown::new(Reason::Undecided, "resources may be added that the template does not show");
            fold::leave_open(&mut finished.records, &why);
            let why = "the template does not show all resources".to_owned();
            cx.incomplete(Gap { types: Types::All, account: None, region: None, beats: Proof::Listed, why });
        }
    }
    additions.into_iter().for_each(|addition| cx.added(addition));
    finished.records.into_iter().for_each(|record| cx.record(record));
}

/// Says what is not understood; of another template in words, since places are those of the input.
fn tell(cx: &mut Delivery<'_>, document: &Arc<Document>, doubts: Vec<(Option<Arc<Document>>, Doubt)>) {
    let mut walk = Walk::new(&document.text);
    for (place, doubt) in doubts {
        match place.filter(|place| !Arc::ptr_eq(place, document)) {
            None => {
                let here = walk.place(doubt.span);
                cx.tell(here, doubt.reason, doubt.error);
            }
            Some(other) => {
                let there = Walk::new(&other.text).place(doubt.span);
                let reason = format!("{}:{}:{}: {}", other.path, there.line, there.column, doubt.reason);
                cx.tell(Place::START, reason, doubt.error);
            }
        }
    }
}

/// The lists of a type that resources of their own add to.
pub(crate) fn shared(resource_type: &str) -> impl Iterator<Item = &'static str> {
    fold::lists(resource_type)
}
