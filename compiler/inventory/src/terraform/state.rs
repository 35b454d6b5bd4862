//! States: `terraform show -json`, and the state file itself (version 4).
//!
//! A state holds what Terraform manages as it was last seen. It is a live inventory of that, and everything in it is
//! known but what is not to be shown.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind};

use super::address::key_text;
use super::document;
use super::instance::Instance;
use super::records;
use super::secrets::marked_name;
use super::values::{Merging, Planned};
use crate::delivery::Delivery;
use crate::element::{Element, member_text};

/// The version of state files since Terraform 0.12.
const FILE_VERSION: i64 = 4;

/// Objects with a `format_version` that are no plan, and state files.
pub(super) fn recognises(node: &Node) -> bool {
    let shown = node.get("format_version").is_some()
        && (node.get("values").is_some() || node.get("terraform_version").is_some())
        && !super::plan::recognises(node);
    shown || is_file(node)
}

fn is_file(node: &Node) -> bool {
    let version = matches!(node.get("version").map(|node| &node.kind), Some(NodeKind::Int(_)));
    version
        && node.get("terraform_version").is_some()
        && (node.get("lineage").is_some() || node.get("serial").is_some())
}

/// A resource of a state before its document is done with.
struct Found<'s> {
    address: String,
    ty: &'s str,
    values: &'s Node,
    sensitive: Option<Node>,
    span: Span,
}

/// Delivers the resources of a state.
pub(super) fn deliver(cx: &mut Delivery<'_>, element: &Element<'_>, tree: Node) {
    let mut faults = Vec::new();
    let found = match is_file(&tree) {
        true => of_file(&tree, &mut faults),
        false => match super::version(&tree, "state") {
            Ok(()) => {
                let mut found = Vec::new();
                let values = super::object(&tree, "values", &mut faults);
                let root = values.and_then(|values| super::object(values, "root_module", &mut faults));
                root.into_iter().for_each(|module| of_module(module, &mut found, &mut faults));
                found
            }
            Err(fault) => {
                faults.push(fault);
                Vec::new()
            }
        },
    };
    // What cannot be read may be any resource.
    let extent = if faults.is_empty() { records::Extent::Whole } else { records::Extent::Part };
    let failed = found.is_empty() && extent == records::Extent::Part;
    let mut instances: Vec<Instance> = found.iter().map(|found| found.instance(cx.input)).collect();
    for (span, message) in faults {
        cx.fault(element, span, &message);
    }
    if failed {
        return;
    }
    drop(found);
    let document = document::kept(cx, element, tree);
    instances.iter_mut().for_each(|instance| instance.document = Some(document.clone()));
    if extent == records::Extent::Whole {
        cx.is_world(&super::UNSEEN);
    }
    records::deliver(cx, element, instances, (records::Symbols::Derived, extent, records::Places::Several));
}

impl Found<'_> {
    /// The resource as the state of this input has it.
    fn instance(&self, input: u32) -> Instance {
        let planned =
            Planned { after: self.values, unknown: None, sensitive: self.sensitive.as_ref(), expressions: None };
        let ty = Name::from(self.ty);
        let values = Merging::new(None, format!("{input}:{}", self.address)).merged(&ty, &planned);
        Instance { values, span: self.span, ..Instance::new(Arc::from(self.address.as_str()), ty, "") }
    }
}

type Fault = (Span, String);

fn of_module<'s>(module: &'s Node, found: &mut Vec<Found<'s>>, faults: &mut Vec<Fault>) {
    if !matches!(module.kind, NodeKind::Map(_)) {
        return faults.push((module.span, "a module that is not an object".to_owned()));
    }
    for node in super::listed(module, "resources", faults) {
        let told = faults.len();
        let values = super::object(node, "values", faults);
        let named = member_text(node, "address").zip(member_text(node, "type")).zip(values);
        match named {
            Some(_) if member_text(node, "mode") == Some("data") => {}
            Some(((address, ty), values)) => found.push(Found {
                address: format!("{address}{}", deposed(node, "deposed_key")),
                ty,
                values,
                sensitive: node.get("sensitive_values").cloned(),
                span: node.span,
            }),
            None if faults.len() > told => {}
            None => faults.push((node.span, "a resource without `address`, `type` or `values`".to_owned())),
        }
    }
    for child in super::listed(module, "child_modules", faults) {
        of_module(child, found, faults);
    }
}

fn of_file<'s>(tree: &'s Node, faults: &mut Vec<Fault>) -> Vec<Found<'s>> {
    let mut found = Vec::new();
    if !matches!(tree.get("version").map(|node| &node.kind), Some(NodeKind::Int(FILE_VERSION))) {
        let span = tree.get("version").map_or(tree.span, |node| node.span);
        faults.push((span, format!("a state file of a version other than {FILE_VERSION} is not read")));
        return found;
    }
    for node in super::listed(tree, "resources", faults) {
        let Some((ty, name)) = member_text(node, "type").zip(member_text(node, "name")) else {
            faults.push((node.span, "a resource without `type` or `name`".to_owned()));
            continue;
        };
        if member_text(node, "mode") == Some("data") {
            continue;
        }
        let module = member_text(node, "module").map(|module| format!("{module}.")).unwrap_or_default();
        for instance in super::listed(node, "instances", faults) {
            let key = match instance.get("index_key").map(|key| &key.kind) {
                Some(NodeKind::Int(index)) => format!("[{index}]"),
                Some(NodeKind::Text(key)) => key_text(key),
                _ => String::new(),
            };
            let told = faults.len();
            match super::object(instance, "attributes", faults) {
                Some(values) => found.push(Found {
                    address: format!("{module}{ty}.{name}{key}{}", deposed(instance, "deposed")),
                    ty,
                    values,
                    sensitive: marks(instance.get("sensitive_attributes")),
                    span: instance.span,
                }),
                None if faults.len() > told => {}
                None => faults.push((instance.span, "an instance without `attributes`".to_owned())),
            }
        }
    }
    found
}

/// The rest of a replacement that failed is there until it is destroyed, beside what replaces it.
pub(super) fn deposed(node: &Node, name: &str) -> String {
    member_text(node, name).map(|key| format!(" (deposed object {key})")).unwrap_or_default()
}

/// Paths of attributes that are not to be shown; each hides the whole attribute.
fn marks(paths: Option<&Node>) -> Option<Node> {
    let paths = paths?.as_list()?;
    let hidden = |name: &str| (name.into(), Node::new(Span::default(), NodeKind::Bool(true)));
    let members: Vec<(Name, Node)> = paths.iter().filter_map(marked_name).map(hidden).collect();
    (!members.is_empty()).then(|| Node::new(Span::default(), NodeKind::Map(members)))
}
