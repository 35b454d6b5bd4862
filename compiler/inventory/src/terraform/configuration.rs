//! The configuration inside a plan: what the arguments of resources refer to.
//!
//! A plan has `references` for every expression, not the expression. They are followed through the variables of
//! modules and their outputs as long as nothing else takes part: what also refers to a local value, to a data
//! source or to the turn of a loop is not followed, but for the keys of a `for_each`: `each.value` of a resource that is
//! made for each instance of another is the instance with its own key.

use std::sync::Arc;

use parapet_model::{Attribute, Name, Node, NodeKind};
use rustc_hash::FxHashMap;

use super::address::{Part, longest, module_address, module_steps, parts};
use super::mapping::Mapping;
use super::policies;
use super::source::unknown_at;

/// How far references are followed through modules.
const MOST_HOPS: usize = 32;

/// An instance of a resource or data source, as others refer to it.
#[derive(Debug)]
pub(super) struct Referred {
    pub(super) owner: Arc<str>,
    pub(super) key: Option<String>,
}

/// What an expression refers to.
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// An attribute of a resource of the plan.
    Attribute(Attribute),
    /// The text of a policy document, or the document.
    Policy(Node),
}

/// See the module.
#[derive(Default)]
pub(super) struct Configuration<'d> {
    root: Option<&'d Node>,
    providers: Option<&'d Node>,
    variables: Option<&'d Node>,
    /// Resources and data sources by where their module begins, and by their address in it.
    resources: FxHashMap<(u32, &'d str), &'d Node>,
    /// Instances by module address and `type.name`.
    instances: FxHashMap<(String, String), Vec<Referred>>,
    /// Attributes of data sources by module address, `type.name` and key.
    data: FxHashMap<(String, String, Option<String>), Node>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Here<'h> {
    pub(super) module: &'h [Part],
    /// The key of the resource instance.
    pub(super) key: Option<&'h str>,
    /// What the resource is made for each of.
    pub(super) each: Option<&'h Node>,
}

impl<'d> Configuration<'d> {
    pub(super) fn of(plan: &'d Node) -> Configuration<'d> {
        let configuration = plan.get("configuration");
        let root = configuration.and_then(|node| node.get("root_module"));
        let mut resources = FxHashMap::default();
        root.into_iter().for_each(|root| index(root, &mut resources));
        Configuration {
            root,
            resources,
            providers: configuration.and_then(|node| node.get("provider_config")),
            variables: plan.get("variables"),
            ..Configuration::default()
        }
    }

    pub(super) fn add_instance(&mut self, module: &str, name: String, referred: Referred) {
        self.instances.entry((module.to_owned(), name)).or_default().push(referred);
    }

    pub(super) fn add_data(&mut self, module: &str, name: String, key: Option<String>, values: Node) {
        self.data.entry((module.to_owned(), name, key)).or_insert(values);
    }

    fn module(&self, steps: &[Part]) -> Option<&'d Node> {
        steps.iter().try_fold(self.root?, |module, step| module.get("module_calls")?.get(&step.name)?.get("module"))
    }

    fn call(&self, steps: &[Part]) -> Option<&'d Node> {
        let (last, parent) = steps.split_last()?;
        self.module(parent)?.get("module_calls")?.get(&last.name)
    }

    /// A resource or data source by its address in its module.
    pub(super) fn resource(&self, module: &[Part], address: &str) -> Option<&'d Node> {
        self.resources.get(&(self.module(module)?.span.start, address)).copied()
    }

    /// The region that the provider of a resource is set to.
    pub(super) fn region(&self, resource: Option<&Node>) -> Option<Node> {
        let key = resource.and_then(|node| node.get("provider_config_key")).and_then(Node::as_text)?;
        let provider = self.providers?.get(key)?;
        let region = provider.get("expressions")?.get("region")?;
        // Providers are mostly configured at the root, whatever module they serve.
        let module = module_steps(provider.get("module_address").and_then(Node::as_text).unwrap_or_default())?;
        self.constant(&module, region, MOST_HOPS)
    }

    /// The text of an expression that is constant, or a variable whose value is known.
    fn constant(&self, module: &[Part], expression: &Node, hops: usize) -> Option<Node> {
        let is_text = |node: &&Node| node.as_text().is_some();
        if let Some(constant) = expression.get("constant_value") {
            return Some(constant).filter(is_text).cloned();
        }
        let references = references(expression);
        let [only] = longest(&references)[..] else { return None };
        let name = only.strip_prefix("var.")?;
        let Some((_, parent)) = module.split_last() else {
            return self.variables?.get(name)?.get("value").filter(is_text).cloned();
        };
        let call = self.call(module)?;
        match call.get("expressions").and_then(|expressions| expressions.get(name)) {
            Some(given) => self.constant(parent, given, hops.checked_sub(1)?),
            None => call.get("module")?.get("variables")?.get(name)?.get("default").filter(is_text).cloned(),
        }
    }

    /// Whether some provider adds tags to all of its resources.
    pub(super) fn has_default_tags(&self) -> bool {
        let Some(Node { kind: NodeKind::Map(providers), .. }) = self.providers else { return false };
        providers.iter().any(|(_, node)| node.get("expressions").is_some_and(|node| node.get("default_tags").is_some()))
    }

    /// Everything that an expression refers to; `None` if something of it cannot be followed.
    pub(super) fn targets(&self, here: Here<'_>, expression: &Node) -> Option<Vec<Target>> {
        let references = references(expression);
        if references.is_empty() {
            return None;
        }
        self.follow(here, &references, MOST_HOPS)
    }

    fn follow(&self, here: Here<'_>, references: &[&str], hops: usize) -> Option<Vec<Target>> {
        let references = longest(references);
        let same_key = references.contains(&"each.key");
        let mut targets = Vec::new();
        for reference in references.iter().filter(|reference| **reference != "each.key") {
            targets.extend(self.one(here, &parts(reference)?, same_key, hops.checked_sub(1)?)?);
        }
        (targets.len() <= policies::MOST_TARGETS).then_some(targets)
    }

    fn one(&self, here: Here<'_>, parts: &[Part], same_key: bool, hops: usize) -> Option<Vec<Target>> {
        let (first, rest) = parts.split_first()?;
        match (first.name.as_str(), rest) {
            ("var", [variable]) if variable.key.is_none() => {
                let (last, parent) = here.module.split_last()?;
                let call = self.call(here.module)?;
                let expression = call.get("expressions")?.get(&variable.name)?;
                let each = call.get("for_each_expression");
                self.follow(Here { module: parent, key: last.key.as_deref(), each }, &references(expression), hops)
            }
            ("module", [call, output]) => self.output(here, call, output, hops),
            ("each", [value, attribute @ ..]) if value.name == "value" && value.key.is_none() => {
                self.element(here, attribute, hops)
            }
            ("data", [ty, name, attribute @ ..]) => self.document(here, ty, name, attribute).map(|node| vec![node]),
            ("var" | "module" | "data" | "local" | "path" | "terraform" | "self" | "each" | "count", _) => None,
            (ty, [name, attribute @ ..]) => self.attributes(here, ty, name, attribute, same_key),
            _ => None,
        }
    }

    fn output(&self, here: Here<'_>, call: &Part, output: &Part, hops: usize) -> Option<Vec<Target>> {
        let steps: Vec<Part> = here.module.iter().cloned().chain([call.clone()]).collect();
        let node = self.call(&steps)?;
        let many = node.get("count_expression").is_some() || node.get("for_each_expression").is_some();
        if output.key.is_some() || (many && call.key.is_none()) {
            return None;
        }
        let expression = node.get("module")?.get("outputs")?.get(&output.name)?.get("expression")?;
        self.follow(Here { module: &steps, key: None, each: None }, &references(expression), hops)
    }

    /// What a resource is made for, of all the instances of another: the one with the same key.
    fn element(&self, here: Here<'_>, attribute: &[Part], hops: usize) -> Option<Vec<Target>> {
        let references = references(here.each?);
        let [only] = longest(&references)[..] else { return None };
        let whole = parts(only)?;
        let [ty, name] = whole.as_slice() else { return None };
        here.key.filter(|_| hops > 0 && !attribute.is_empty() && name.key.is_none())?;
        self.attributes(here, &ty.name, name, attribute, true)
    }

    fn attributes(
        &self,
        here: Here<'_>,
        ty: &str,
        name: &Part,
        attribute: &[Part],
        same_key: bool,
    ) -> Option<Vec<Target>> {
        let entry = Mapping::get().referred(ty)?;
        let attribute = match attribute {
            [] => None,
            [only] if only.key.is_none() => Some(only.name.as_str()),
            _ => return None,
        };
        let found = self.instances.get(&(module_address(here.module), format!("{ty}.{}", name.name)))?;
        let wanted = name.key.as_deref().or(here.key.filter(|_| same_key));
        let chosen = found.iter().filter(|referred| wanted.is_none() || referred.key.as_deref() == wanted);
        let targets: Vec<Target> =
            chosen.map(|referred| Target::Attribute(entry.attribute(&referred.owner, attribute))).collect();
        (!targets.is_empty()).then_some(targets)
    }

    /// The document of an `aws_iam_policy_document`.
    fn document(&self, here: Here<'_>, ty: &Part, name: &Part, attribute: &[Part]) -> Option<Target> {
        let wanted = ty.name == "aws_iam_policy_document"
            && match attribute {
                [] => true,
                [only] => matches!(only.name.as_str(), "json" | "minified_json"),
                _ => false,
            };
        if !wanted {
            return None;
        }
        let address = format!("{}.{}", ty.name, name.name);
        let place = (module_address(here.module), address.clone(), name.key.clone());
        if let Some(values) = self.data.get(&place) {
            return policies::open_document(values).map(Target::Policy);
        }
        let resource = self.resource(here.module, &format!("data.{address}"))?;
        if resource.get("count_expression").is_some() || resource.get("for_each_expression").is_some() {
            return None;
        }
        policies::open_document(&constants(resource.get("expressions")?)).map(Target::Policy)
    }
}

/// The resources of a module and of those that it calls; of two with one address the first.
fn index<'d>(module: &'d Node, resources: &mut FxHashMap<(u32, &'d str), &'d Node>) {
    for resource in module.get("resources").and_then(Node::as_list).unwrap_or_default() {
        if let Some(address) = resource.get("address").and_then(Node::as_text) {
            resources.entry((module.span.start, address)).or_insert(resource);
        }
    }
    let Some(Node { kind: NodeKind::Map(calls), .. }) = module.get("module_calls") else { return };
    calls.iter().filter_map(|(_, call)| call.get("module")).for_each(|module| index(module, resources));
}

/// The references of an expression.
pub(super) fn references(expression: &Node) -> Vec<&str> {
    let list = expression.get("references").and_then(Node::as_list).unwrap_or_default();
    list.iter().filter_map(Node::as_text).collect()
}

/// The arguments of blocks as far as they are constant; the rest is unknown.
pub(super) fn constants(expression: &Node) -> Node {
    let span = expression.span;
    if let Some(constant) = expression.get("constant_value") {
        return constant.clone();
    }
    if expression.get("references").is_some() {
        return unknown_at(span, "known after apply");
    }
    match &expression.kind {
        NodeKind::Map(members) if members.is_empty() => unknown_at(span, "known after apply"),
        NodeKind::Map(members) => {
            let members: Vec<(Name, Node)> =
                members.iter().map(|(name, node)| (name.clone(), constants(node))).collect();
            Node::new(span, NodeKind::Map(members))
        }
        NodeKind::List(blocks) => Node::new(span, NodeKind::List(blocks.iter().map(constants).collect())),
        _ => unknown_at(span, "known after apply"),
    }
}
