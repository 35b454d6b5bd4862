//! Plans: `terraform show -json PLANFILE`.
//!
//! What a plan makes and what it leaves as it is counts, by `resource_changes`; what they do not tell of is taken from
//! `planned_values`. What it destroys is not there. Drift is what was, and says nothing about what will be. Data
//! sources are no resources; their values help to know others.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind};
use rustc_hash::{FxHashMap, FxHashSet};

use super::address::{Part, module_address, module_steps};
use super::configuration::{Configuration, Here, Referred};
use super::document;
use super::instance::Instance;
use super::mapping::Mapping;
use super::records;
use super::removed::Removed;
use super::source::{Step, unknown_at};
use super::values::{LATER, Merging, Planned};
use crate::delivery::Delivery;
use crate::element::{Element, member_text};

/// A resource of a plan.
#[derive(Clone)]
struct Change<'p> {
    address: Arc<str>,
    module: Vec<Part>,
    ty: Name,
    name: String,
    key: Option<String>,
    is_data: bool,
    after: &'p Node,
    unknown: Option<&'p Node>,
    sensitive: Option<&'p Node>,
    /// It is made, or made anew.
    created: bool,
    /// It is left as it is.
    unchanged: bool,
    /// Only `planned_values` tell of it, which leave out what is not known.
    bare: bool,
    span: Span,
}

/// Objects with a `format_version` and what a plan has.
pub(super) fn recognises(node: &Node) -> bool {
    node.get("format_version").is_some()
        && ["planned_values", "resource_changes", "configuration", "output_changes", "applyable"]
            .iter()
            .any(|name| node.get(name).is_some())
}

/// Delivers the resources of a plan.
pub(super) fn deliver(cx: &mut Delivery<'_>, element: &Element<'_>, tree: Node) {
    if let Err((span, message)) = super::version(&tree, "plan") {
        return cx.fault(element, span, &message);
    }
    let mut faults = Vec::new();
    let mut deleted = Vec::new();
    let changes = changes(&tree, &mut faults, &mut deleted);
    let is_faulty = !faults.is_empty();
    for (span, message) in faults {
        cx.fault(element, span, &message);
    }
    let partial = is_partial(&tree);
    if let Some((span, message)) = &partial {
        cx.passed(element, *span, message.clone());
    }
    let mut instances = merged(&tree, &changes, &format!("{}:", cx.input));
    let removed: Vec<(Instance, bool)> = deleted.iter().map(|removed| (removed.instance(), removed.anew)).collect();
    drop(deleted);
    let places = places(&tree, &instances);
    let document = document::kept(cx, element, tree);
    instances.iter_mut().for_each(|instance| instance.document = Some(document.clone()));
    records::remove(cx, element, &removed);
    // What cannot be read may be any resource.
    let extent = if is_faulty || partial.is_some() { records::Extent::Part } else { records::Extent::Whole };
    if extent == records::Extent::Whole {
        cx.is_world(&super::UNSEEN);
    }
    records::deliver(cx, element, instances, (records::Symbols::Derived, extent, places));
}

/// Whether one provider of AWS makes all, in the region that it is set to.
fn places(tree: &Node, instances: &[Instance]) -> records::Places {
    let providers = tree.get("configuration").and_then(|node| node.get("provider_config")).map(|node| &node.kind);
    let Some(NodeKind::Map(providers)) = providers else { return records::Places::Several };
    let is_aws = |node: &Node| matches!(member_text(node, "name"), Some("aws" | "awscc"));
    let one_provider = providers.iter().filter(|(_, node)| is_aws(node)).count() == 1;
    // A resource may name a region of its own.
    let region = |instance: &Instance| instance.value("region").map(|node| node.as_text().map(Name::from));
    let mut regions = instances.iter().map(region);
    let first = regions.next();
    match one_provider && regions.all(|region| Some(&region) == first.as_ref()) {
        true => records::Places::One,
        false => records::Places::Several,
    }
}

/// Why a plan does not tell everything that will be.
fn is_partial(tree: &Node) -> Option<(Span, String)> {
    let said = |name: &str, wanted: bool| {
        tree.get(name).filter(|node| matches!(node.kind, NodeKind::Bool(value) if value == wanted))
    };
    let deferred = tree.get("deferred_changes").filter(|node| node.as_list().is_some_and(|list| !list.is_empty()));
    if let Some(node) = said("errored", true) {
        return Some((node.span, "the plan ended with an error: what it would have made besides is not in it".into()));
    }
    if let Some(node) = deferred {
        return Some((node.span, "the plan defers changes: what they will make is not in it".into()));
    }
    said("complete", false).map(|node| (node.span, "the plan is not complete".into()))
}

type Fault = (Span, String);

fn changes<'p>(tree: &'p Node, faults: &mut Vec<Fault>, deleted: &mut Vec<Removed<'p>>) -> Vec<Change<'p>> {
    let listed = tree.get("resource_changes").filter(|node| !node.is_null());
    match (listed, listed.and_then(Node::as_list)) {
        (_, Some(list)) => {
            let planned = planned(tree, faults);
            let values: FxHashMap<&str, &Node> =
                planned.iter().map(|change| (&*change.address, change.after)).collect();
            let mut changes: Vec<Change<'_>> =
                list.iter().filter_map(|node| change(node, &values, faults, deleted)).collect();
            // What an earlier replacement left has the address of what there is.
            let current = list.iter().filter(|node| member_text(node, "deposed").is_none());
            let told: FxHashSet<&str> = current.filter_map(|node| member_text(node, "address")).collect();
            // It is left as it is.
            let rest = planned.into_iter().filter(|change| !told.contains(&*change.address));
            changes.extend(rest.map(|change| Change { created: false, unchanged: true, ..change }));
            changes
        }
        (Some(other), None) => {
            faults.push((other.span, "`resource_changes` is not a list".to_owned()));
            Vec::new()
        }
        (None, None) => planned(tree, faults),
    }
}

/// The resources that there will be, as `planned_values` have them.
fn planned<'p>(tree: &'p Node, faults: &mut Vec<Fault>) -> Vec<Change<'p>> {
    let mut planned = Vec::new();
    let values = super::object(tree, "planned_values", faults);
    let root = values.and_then(|node| super::object(node, "root_module", faults));
    root.into_iter().for_each(|module| of_module(module, faults, &mut planned));
    planned
}

/// A change of the list; one that does not tell what there will be is as `planned_values` have it.
fn change<'p>(
    node: &'p Node,
    planned: &FxHashMap<&str, &'p Node>,
    faults: &mut Vec<Fault>,
    deleted: &mut Vec<Removed<'p>>,
) -> Option<Change<'p>> {
    let change = node.get("change");
    let actions: Vec<&str> = change
        .and_then(|change| change.get("actions"))
        .and_then(Node::as_list)
        .unwrap_or_default()
        .iter()
        .filter_map(Node::as_text)
        .collect();
    match Removed::of(node, &actions) {
        Ok(removed) => deleted.extend(removed),
        Err(fault) => faults.push(fault),
    }
    // What is destroyed, forgotten, or the rest of an earlier replacement.
    if matches!(actions.as_slice(), ["delete"] | ["forget"]) || member_text(node, "deposed").is_some() {
        return None;
    }
    let found = change.and_then(|change| named(node, change.get("after")?));
    let Some(mut found) = found else {
        faults.push((node.span, "a resource change without `address`, `type`, `name` or `change.after`".to_owned()));
        return None;
    };
    found.unknown = change.and_then(|change| change.get("after_unknown"));
    found.sensitive = change.and_then(|change| change.get("after_sensitive"));
    found.created = actions.contains(&"create");
    found.unchanged = actions == ["no-op"];
    if let (true, Some(values)) = (found.after.is_null(), planned.get(&*found.address)) {
        (found.after, found.bare) = (values, true);
    }
    let fault = misshapen(&found);
    let is_whole = fault.is_none();
    faults.extend(fault);
    is_whole.then_some(found)
}

/// What of a change has another shape than attributes have; a flag stands for all of them.
fn misshapen(change: &Change<'_>) -> Option<Fault> {
    let marks = [("after_unknown", change.unknown), ("after_sensitive", change.sensitive)];
    let marks = marks.into_iter().filter_map(|(name, node)| Some((name, node.filter(|node| !node.is_null())?)));
    let is_mark = |node: &Node| matches!(node.kind, NodeKind::Map(_) | NodeKind::Bool(_));
    let mut wrong = marks.filter(|(_, node)| !is_mark(node));
    let later = matches!(change.unknown.map(|node| &node.kind), Some(NodeKind::Bool(true)));
    match &change.after.kind {
        NodeKind::Map(_) => {
            wrong.next().map(|(name, node)| (node.span, format!("`{name}` is neither an object nor a flag")))
        }
        NodeKind::Null if later => None,
        _ => Some((change.after.span, "`after` is not an object".to_owned())),
    }
}

/// A resource of `planned_values` or of a state.
fn of_module<'p>(module: &'p Node, faults: &mut Vec<Fault>, changes: &mut Vec<Change<'p>>) {
    if !matches!(module.kind, NodeKind::Map(_)) {
        return faults.push((module.span, "a module that is not an object".to_owned()));
    }
    for node in super::listed(module, "resources", faults) {
        let told = faults.len();
        match super::object(node, "values", faults).and_then(|values| named(node, values)) {
            Some(change) => {
                changes.push(Change { bare: true, created: true, sensitive: node.get("sensitive_values"), ..change });
            }
            None if faults.len() > told => {}
            None => faults.push((node.span, "a resource without `address`, `type`, `name` or `values`".to_owned())),
        }
    }
    for child in super::listed(module, "child_modules", faults) {
        of_module(child, faults, changes);
    }
}

fn named<'p>(node: &'p Node, after: &'p Node) -> Option<Change<'p>> {
    let address = member_text(node, "address")?;
    let key = node.get("index").and_then(|index| match &index.kind {
        NodeKind::Int(index) => Some(index.to_string()),
        NodeKind::Text(key) => Some(key.to_string()),
        _ => None,
    });
    let module = match member_text(node, "module_address") {
        Some(module) => module_steps(module)?,
        None => super::module_of(address)?,
    };
    Some(Change {
        address: address.into(),
        module,
        ty: member_text(node, "type")?.into(),
        name: member_text(node, "name")?.to_owned(),
        key,
        is_data: member_text(node, "mode") == Some("data"),
        after,
        unknown: None,
        sensitive: None,
        created: false,
        unchanged: false,
        bare: false,
        span: node.span,
    })
}

/// The managed resources with all that is known of them.
fn merged(tree: &Node, changes: &[Change<'_>], owner: &str) -> Vec<Instance> {
    let mut configuration = Configuration::of(tree);
    for change in changes.iter().filter(|change| !change.is_data) {
        let referred = Referred { owner: format!("{owner}{}", change.address).into(), key: change.key.clone() };
        let place = format!("{}.{}", change.ty, change.name);
        configuration.add_instance(&module_address(&change.module), place, referred);
    }
    let account = add_data(tree, changes, &mut configuration, owner);
    let known_tags = tree.get("configuration").is_some() && !configuration.has_default_tags();
    let instance = |change: &Change<'_>| {
        let account = account.clone();
        Instance { account, ..instance(change, &configuration, known_tags, owner) }
    };
    changes.iter().filter(|change| !change.is_data).map(instance).collect()
}

/// A resource with all that is known of it.
fn instance(change: &Change<'_>, configuration: &Configuration<'_>, known_tags: bool, owner: &str) -> Instance {
    let resource = configuration.resource(&change.module, &format!("{}.{}", change.ty, change.name));
    let each = resource.and_then(|node| node.get("for_each_expression"));
    let here = Here { module: &change.module, key: change.key.as_deref(), each };
    let merging = Merging::new(Some((configuration, here)), format!("{owner}{}", change.address));
    let expressions = resource.and_then(|node| node.get("expressions"));
    let planned = Planned { after: change.after, unknown: change.unknown, sensitive: change.sensitive, expressions };
    let mut values = merging.merged(&change.ty, &planned);
    if change.bare {
        add_missing(change, expressions, &merging, &mut values);
    }
    settle_tags(&mut values, known_tags);
    if change.created {
        settle_absent(&change.ty, &mut values, expressions);
    }
    let unset = if change.created { unset(&values, expressions) } else { FxHashSet::default() };
    Instance {
        values,
        unset,
        region: configuration.region(resource),
        planned: true,
        unchanged: change.unchanged,
        fresh: change.created && !change.bare && !takes_over(&change.ty),
        span: change.span,
        ..Instance::new(change.address.clone(), change.ty.clone(), owner)
    }
}

/// Whether making a resource of this type takes over one that is there: the default network of an account.
pub(super) fn takes_over(ty: &str) -> bool {
    ty.starts_with("aws_default_")
}

/// The data sources of the plan and of the state before it; the account, where one of them says it.
fn add_data(tree: &Node, changes: &[Change<'_>], configuration: &mut Configuration<'_>, owner: &str) -> Option<Node> {
    let mut all: Vec<Change<'_>> = changes.iter().filter(|change| change.is_data).cloned().collect();
    let prior = tree.get("prior_state").and_then(|state| state.get("values"));
    prior
        .and_then(|values| values.get("root_module"))
        .into_iter()
        .for_each(|module| of_module(module, &mut Vec::new(), &mut all));
    let mut accounts: Vec<Node> = Vec::new();
    for data in all.iter().filter(|change| change.is_data) {
        let planned =
            Planned { after: data.after, unknown: data.unknown, sensitive: data.sensitive, expressions: None };
        let merging = Merging::new(None, format!("{owner}{}", data.address));
        let values = merging.merged(&data.ty, &planned);
        if &*data.ty == "aws_caller_identity" {
            accounts.extend(values.get("account_id").filter(|node| node.as_text().is_some()).cloned());
        }
        let place = format!("{}.{}", data.ty, data.name);
        configuration.add_data(&module_address(&data.module), place, data.key.clone(), values);
    }
    let one = accounts.windows(2).all(|pair| matches!(pair, [a, b] if a.as_text() == b.as_text()));
    let providers = tree.get("configuration").and_then(|node| node.get("provider_config")).map(|node| &node.kind);
    let aws = match providers {
        Some(NodeKind::Map(providers)) => {
            providers.iter().filter(|(_, node)| member_text(node, "name") == Some("aws")).count()
        }
        _ => 0,
    };
    accounts.into_iter().next().filter(|_| one && aws <= 1)
}

/// `planned_values` leave out what is not known: the attributes that the type has, and that are not there.
fn add_missing(change: &Change<'_>, expressions: Option<&Node>, merging: &Merging<'_>, values: &mut Node) {
    let after = change.after.span;
    let missing: Vec<&Name> =
        Mapping::get().attributes(&change.ty).iter().filter(|name| values.get(name).is_none()).collect();
    let flag = Node::new(Span::new(after.start as usize, after.start as usize), NodeKind::Bool(true));
    let flags = missing.into_iter().map(|name| (name.clone(), flag.clone())).collect();
    let unknown = Node::new(after, NodeKind::Map(flags));
    let nothing = Node::new(after, NodeKind::Map(Vec::new()));
    let planned = Planned { after: &nothing, unknown: Some(&unknown), sensitive: change.sensitive, expressions };
    let (NodeKind::Map(members), NodeKind::Map(added)) = (&mut values.kind, merging.merged(&change.ty, &planned).kind)
    else {
        return;
    };
    members.extend(added);
}

/// The provider tells all tags only afterwards; where it adds none of its own they are those of the resource.
fn settle_tags(values: &mut Node, known: bool) {
    let NodeKind::Map(members) = &mut values.kind else { return };
    let of = |name: &str, members: &[(Name, Node)]| members.iter().position(|(key, _)| &**key == name);
    let Some(all) = of("tags_all", members) else { return };
    let own = of("tags", members).and_then(|at| members.get(at)).map(|(_, node)| node.clone());
    let unknown = members.get(all).is_some_and(|(_, node)| matches!(node.kind, NodeKind::Unknown(_)));
    if let (true, true, Some((_, node))) = (unknown, known, members.get_mut(all)) {
        *node = own.unwrap_or_else(|| unknown_at(node.span, LATER));
    }
}

/// Attributes that nobody gives and that the service has a default for, as documented, are absent: what a canonical resource
/// without the property stands for; those that the provider sends a value for have it. Of blocks a plan does not tell whether one is made of what is not known yet.
fn settle_absent(ty: &Name, values: &mut Node, expressions: Option<&Node>) {
    let Some((entry, expressions)) = Mapping::get().entry(ty, values).zip(expressions) else { return };
    let paths: Vec<Vec<Step>> = entry.absent(values).map(<[Step]>::to_vec).collect();
    for path in paths {
        if let Some(found) = unset_at(values, expressions, &path) {
            found.kind = NodeKind::Null;
        }
    }
    for (name, default) in entry.defaults() {
        if let Some(found) = unset_at(values, expressions, &[Step::Member(name.clone())]) {
            found.kind = default.kind.clone();
        }
    }
}

/// The unknown value at a path, if the configuration has what it stands in and does not give it.
fn unset_at<'v>(values: &'v mut Node, expressions: &Node, path: &[Step]) -> Option<&'v mut Node> {
    let (Step::Member(name), rest) = path.split_first()? else { return None };
    let NodeKind::Map(members) = &mut values.kind else { return None };
    let (_, value) = members.iter_mut().find(|(key, _)| key == name)?;
    let expression = expressions.get(name);
    match rest {
        [] => (matches!(value.kind, NodeKind::Unknown(_)) && expression.is_none()).then_some(value),
        [Step::At(0), rest @ ..] => {
            let [block] = expression?.as_list()? else { return None };
            let NodeKind::List(elements) = &mut value.kind else { return None };
            let [element] = elements.as_mut_slice() else { return None };
            unset_at(element, block, rest)
        }
        _ => None,
    }
}

/// Attributes that are not known and that the configuration does not set.
fn unset(values: &Node, expressions: Option<&Node>) -> FxHashSet<Name> {
    let (Some(expressions), NodeKind::Map(members)) = (expressions, &values.kind) else { return FxHashSet::default() };
    let open = members
        .iter()
        .filter(|(name, node)| matches!(node.kind, NodeKind::Unknown(_)) && expressions.get(name).is_none_or(is_empty));
    open.map(|(name, _)| name.clone()).collect()
}

fn is_empty(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::List(list) if list.is_empty())
}
