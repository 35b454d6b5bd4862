//! Records made of answers.
//!
//! An answer holds what its call shows of a resource, mostly under the names of the resource's own schema. Of a type
//! that CloudFormation has, an answer shows some properties; of Parapet's own types it shows all, which is what they are
//! made of. So what is missing is unknown in the one case, and absent in the other.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Form, Name, Node, NodeKind, Proof, Reason, Record, ResourceType, Unknown};

use super::answer::Answer;
use super::call::refused;
use crate::delivery::Delivery;
use crate::element::{member, text_of};
use crate::names;
use crate::sink::{By, Collected, Gap, Types};

/// How the resources of a list are read.
pub(crate) struct Listed {
    pub(crate) key: &'static str,
    pub(crate) resource_type: &'static str,
    /// Members that the schema calls otherwise: the answer's name, the schema's.
    pub(crate) renamed: &'static [(&'static str, &'static str)],
    /// The member that is the header's id, where the type has no identifier.
    pub(crate) id: Option<&'static str>,
    pub(crate) asks: Asks,
}

/// What a call asks for where its arguments narrow nothing down.
#[derive(Clone, Copy)]
pub(crate) enum Asks {
    /// All resources of a type; it has to name these arguments all the same.
    All { arguments: &'static [&'static str] },
    /// Those that belong to another resource, or to one account.
    Some,
}

/// Everything, without an argument.
pub(crate) const ALL: Asks = Asks::All { arguments: &[] };

impl Listed {
    /// Delivers the elements of a list, and whether they are all that there is.
    pub(crate) fn deliver(&self, cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
        self.deliver_with(cx, answer, output, |_, _| Vec::new());
    }

    /// The same, with what the answer says of each element elsewhere.
    pub(crate) fn deliver_with(
        &self,
        cx: &mut Delivery<'_>,
        answer: &Answer<'_>,
        output: &Node,
        more: impl Fn(&Answer<'_>, &Node) -> Vec<(Name, Node)>,
    ) {
        let mut whole = false;
        if let Some(elements) = elements(cx, answer, output, self.key) {
            let one =
                |(at, element): (usize, &Node)| self.one(cx, answer, (element, at as u32 + 1), more(answer, element));
            whole = elements.iter().enumerate().map(one).filter(|delivered| !delivered).count() == 0;
        }
        match whole {
            true => extent(cx, answer, output, (self.resource_type, self.asks)),
            false => {
                let why = format!("not all of the answer to `{}` could be read", answer.operation);
                incomplete(cx, answer, (self.resource_type, Proof::Listed), why);
            }
        }
    }

    /// Delivers one element of a list, with what the answer says of it elsewhere; whether it can be read.
    fn one(
        &self,
        cx: &mut Delivery<'_>,
        answer: &Answer<'_>,
        (element, part): (&Node, u32),
        more: Vec<(Name, Node)>,
    ) -> bool {
        let NodeKind::Map(members) = &element.kind else {
            cx.fault(answer.element, element.span, &format!("an element of `{}` is not an object", self.key));
            return false;
        };
        let name = |key: &Name| {
            let renamed = self.renamed.iter().find(|(from, _)| **key == **from);
            renamed.map_or_else(|| key.clone(), |(_, to)| (*to).into())
        };
        let properties = members.iter().map(|(key, node)| (name(key), node.clone())).chain(more).collect();
        let id = self.id.and_then(|id| member(element, id)).cloned();
        deliver(cx, answer, Made { resource_type: self.resource_type, id, properties, part, span: element.span });
        true
    }
}

/// A resource that an answer shows.
pub(crate) struct Made {
    pub(crate) resource_type: &'static str,
    /// `None`: the identifier that the schema names.
    pub(crate) id: Option<Node>,
    /// By names of the answer or the schema; those that no schema knows are passed over.
    pub(crate) properties: Vec<(Name, Node)>,
    /// Which of the answer's resources it is, from 1: none of them is the one that the others were split off.
    pub(crate) part: u32,
    pub(crate) span: Span,
}

/// Delivers a resource.
pub(crate) fn deliver(cx: &mut Delivery<'_>, answer: &Answer<'_>, made: Made) {
    let Some(ty) = cx.schema.resource_type(made.resource_type).cloned() else { return };
    let record = record(cx, answer, &ty, made);
    crate::recorder::covered(cx, &record, By::AskedRecorder);
    cx.record(record);
}

/// Delivers a resource that a call asked for and got an error: it is there, and its properties are unknown, but for
/// those that the arguments tell.
pub(crate) fn blank(
    cx: &mut Delivery<'_>,
    answer: &Answer<'_>,
    code: &str,
    (resource_type, id): (&str, Option<Node>),
    known: Vec<(Name, Node)>,
) {
    if let Some(record) = blank_record(cx, answer, code, (resource_type, id), known) {
        cx.record(record);
    }
}

/// Delivers the one resource of a type that the account, or the region, has, without its properties; `may_lack`: there may
/// be none.
pub(crate) fn blank_setting(
    cx: &mut Delivery<'_>,
    answer: &Answer<'_>,
    code: &str,
    (resource_type, may_lack): (&str, bool),
) {
    let id = setting_id(answer, cx.schema.resource_type(resource_type).is_some_and(|ty| ty.global));
    if let Some(mut record) = blank_record(cx, answer, code, (resource_type, id), Vec::new()) {
        record.existence = may_lack.then(|| Unknown::new(Reason::NotObservable, refused(answer, code)));
        cx.record(record);
    }
}

/// What a setting is called: by what it is a setting of.
fn setting_id(answer: &Answer<'_>, global: bool) -> Option<Node> {
    if global { answer.account.clone() } else { answer.region.clone() }
}

/// The account, or the region, has no resource of the type: an older one is no more.
pub(crate) fn no_setting(cx: &mut Delivery<'_>, answer: &Answer<'_>, resource_type: &str) {
    let Some(ty) = cx.schema.resource_type(resource_type).cloned() else { return };
    let id = setting_id(answer, ty.global);
    let span = answer.element.span();
    let record = record(cx, answer, &ty, Made { resource_type: "", id, properties: Vec::new(), part: 1, span });
    cx.ended(record);
}

fn blank_record(
    cx: &mut Delivery<'_>,
    answer: &Answer<'_>,
    code: &str,
    (resource_type, id): (&str, Option<Node>),
    known: Vec<(Name, Node)>,
) -> Option<Record> {
    let Some(ty) = cx.schema.resource_type(resource_type).cloned() else {
        cx.unread(answer.element, format!("resource type {resource_type} is not known to any schema"));
        return None;
    };
    let span = answer.element.span();
    let unknown = || {
        let unknown = Unknown::new(Reason::NotObservable, refused(answer, code));
        Node::new(span, NodeKind::Unknown(unknown))
    };
    let rest = ty.properties.keys().filter(|name| known.iter().all(|(key, _)| key != *name));
    let properties = rest.map(|name| (name.clone(), unknown())).chain(known.clone()).collect();
    let made = Made { resource_type: "", id, properties, part: 1, span };
    let mut record = record(cx, answer, &ty, made);
    record.tags = Some(unknown());
    Some(record)
}

fn record(cx: &mut Delivery<'_>, answer: &Answer<'_>, ty: &Arc<ResourceType>, made: Made) -> Record {
    let mut record = Record::new(ty.name.clone(), answer.element.origin(made.part));
    let mut known = made.properties;
    known.retain(|(key, _)| ty.property_in_any_case(key).is_some());
    record.properties = names::canonical(ty, known);
    record.id = made.id.or_else(|| names::identifier(ty, &record.properties));
    record.arn = names::recorded_arn(ty, &record.properties);
    record.name = names::recorded_name(ty, &record.properties);
    record.account = account(answer, record.arn.as_ref()).map(|node| cx.names.share(&node));
    record.region = answer.region.as_ref().map(|node| cx.names.share(node));
    record.captured = answer.captured.clone();
    let own = ty.identifier.is_empty();
    let hidden = (!own).then(|| Arc::new(ty.properties.keys().cloned().collect()));
    record.form = Form { live: true, unobservable: hidden, ..Form::default() };
    record.pointer = format!("{}{}", answer.element.pointer, answer.document.tree.pointer_to(made.span)).into();
    record.document = Some(answer.document.clone());
    record.span = made.span;
    record
}

/// The account that the answer is said to be of; else the one in the ARN.
fn account(answer: &Answer<'_>, arn: Option<&Node>) -> Option<Node> {
    let in_arn = || {
        let arn = arn?;
        let account = arn.as_text()?.split(':').nth(4).filter(|account| !account.is_empty() && *account != "aws")?;
        Some(Node::new(arn.span, NodeKind::Text(account.into())))
    };
    answer.account.clone().or_else(in_arn)
}

/// Arguments that say how much comes at once.
const SIZES: [&str; 4] = ["MaxResults", "MaxItems", "PageSize", "Limit"];

/// Arguments that say that the list begins elsewhere.
const PLACES: [&str; 3] = ["NextToken", "Marker", "StartingToken"];

/// Says whether the list of a type is all that there is: nothing was left out, and nothing follows.
pub(crate) fn extent(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node, (ty, asks): (&str, Asks)) {
    let operation = &answer.operation;
    if !is_whole(output) {
        let why = format!("the answer to `{operation}` goes on elsewhere");
        cx.unread(answer.element, format!("{why}: what follows is not known"));
        return incomplete(cx, answer, (ty, Proof::Listed), why);
    }
    let given = answer.arguments.map(|arguments| &arguments.kind);
    let given = match given {
        Some(NodeKind::Map(members)) => members.iter().filter(|(_, node)| !node.is_null()).map(|(key, _)| &**key),
        _ => return complete_if(cx, answer, (ty, asks)),
    };
    let mut narrowing = None;
    for argument in given {
        if PLACES.contains(&argument) {
            let why = format!("the answer to `{operation}` begins elsewhere");
            return incomplete(cx, answer, (ty, Proof::Seen), why);
        }
        let harmless = match asks {
            Asks::All { arguments } => arguments.contains(&argument),
            Asks::Some => true,
        };
        if !SIZES.contains(&argument) && !harmless {
            narrowing = Some(argument.to_owned());
        }
    }
    match narrowing {
        Some(argument) => {
            let why = format!("`{operation}` asked for some of them, by `{argument}`");
            incomplete(cx, answer, (ty, Proof::Seen), why);
        }
        None => complete_if(cx, answer, (ty, asks)),
    }
}

fn complete_if(cx: &mut Delivery<'_>, answer: &Answer<'_>, (ty, asks): (&str, Asks)) {
    match asks {
        Asks::All { .. } => complete(cx, answer, ty),
        Asks::Some => {
            let why = format!("`{}` lists some of them", answer.operation);
            incomplete(cx, answer, (ty, Proof::Seen), why);
        }
    }
}

/// Nothing more follows: the command line goes through all pages, unless it is told not to.
pub(crate) fn is_whole(output: &Node) -> bool {
    let NodeKind::Map(members) = &output.kind else { return true };
    let named = |name: &str, wanted: &str| name.eq_ignore_ascii_case(wanted);
    !members.iter().any(|(name, node)| match &node.kind {
        NodeKind::Null | NodeKind::Bool(false) => false,
        _ => PLACES.iter().chain(&["IsTruncated"]).any(|wanted| named(name, wanted)),
    })
}

/// All resources of a type in the answer's account and region are told; of an account or region that is not known,
/// nothing is.
pub(crate) fn complete(cx: &mut Delivery<'_>, answer: &Answer<'_>, resource_type: &str) {
    let Some(ty) = cx.schema.resource_type(resource_type).cloned() else { return };
    let region = if ty.global { Some("global".into()) } else { text_of(answer.region.as_ref()) };
    if let (Some(account), Some(region)) = (text_of(answer.account.as_ref()), region) {
        cx.collected(Collected {
            types: Types::Listed(vec![ty.name.clone()]),
            accounts: Some(vec![account]),
            regions: Some(vec![region]),
            by: By::Listing,
            captured: text_of(answer.captured.as_ref()),
        });
    }
}

/// Resources of a type in the answer's account and region may be missing; where those are not known, in any.
pub(crate) fn incomplete(cx: &mut Delivery<'_>, answer: &Answer<'_>, (ty, beats): (&str, Proof), why: String) {
    let Some(ty) = cx.schema.resource_type(ty).cloned() else { return };
    let region = if ty.global { Some("global".into()) } else { text_of(answer.region.as_ref()) };
    cx.incomplete(Gap {
        types: Types::Listed(vec![ty.name.clone()]),
        account: text_of(answer.account.as_ref()),
        region,
        beats,
        why,
    });
}

/// The list that an answer holds under a key; its absence is an error.
pub(crate) fn elements<'n>(
    cx: &mut Delivery<'_>,
    answer: &Answer<'_>,
    output: &'n Node,
    key: &str,
) -> Option<&'n [Node]> {
    let list = member(output, key).and_then(Node::as_list);
    if list.is_none() {
        cx.fault(answer.element, output.span, &format!("the answer to `{}` has no list `{key}`", answer.operation));
    }
    list
}

/// The object that an answer holds under a key; its absence is an error.
pub(crate) fn object<'n>(
    cx: &mut Delivery<'_>,
    answer: &Answer<'_>,
    output: &'n Node,
    key: &str,
) -> Option<(&'n Node, &'n [(Name, Node)])> {
    match member(output, key).map(|node| (node, &node.kind)) {
        Some((node, NodeKind::Map(members))) => Some((node, members)),
        _ => {
            cx.fault(
                answer.element,
                output.span,
                &format!("the answer to `{}` has no object `{key}`", answer.operation),
            );
            None
        }
    }
}
