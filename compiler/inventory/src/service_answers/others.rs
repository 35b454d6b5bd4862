//! Answers about one setting of an account or region, and answers of Cloud Control in the wrapper, which says the
//! account and region that they lack.

use parapet_model::{Name, Node, NodeKind, Proof};

use super::answer::Answer;
use super::call::{refused, unlisted};
use super::identity::of_account;
use super::record::{ALL, Asks, Listed, Made, blank, elements, extent, object};
use crate::cloud_control;
use crate::delivery::Delivery;
use crate::element::{Element, Envelope, member_text, text_of};
use crate::sink::{Gap, Types};

/// `ec2 get-ebs-encryption-by-default`: of a region, by which it goes.
pub(super) fn ebs_encryption(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let NodeKind::Map(members) = &output.kind else {
        return cx.fault(answer.element, output.span, "the answer is not an object");
    };
    let (id, properties) = (answer.region.clone(), members.clone());
    let resource_type = "AWS::EC2::EbsEncryptionByDefault";
    super::record::deliver(cx, answer, Made { resource_type, id, properties, part: 1, span: output.span });
}

/// `s3control get-public-access-block`: of the account.
pub(super) fn public_access_block(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let Some((node, members)) = object(cx, answer, output, "PublicAccessBlockConfiguration") else { return };
    of_account(cx, answer, "AWS::S3::AccountPublicAccessBlock", node, members.to_vec());
}

/// `dms describe-replication-instances`, which Cloud Control does not list.
pub(super) fn replication_instances(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let listed = Listed {
        key: "ReplicationInstances",
        resource_type: "AWS::DMS::ReplicationInstance",
        renamed: &[],
        id: Some("ReplicationInstanceIdentifier"),
        asks: ALL,
    };
    listed.deliver(cx, answer, output);
}

/// `configservice describe-configuration-recorders`: what a recorder covers is complete.
pub(super) fn recorders(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let Some(recorders) = elements(cx, answer, output, "ConfigurationRecorders") else { return };
    let resource_type = "AWS::Config::ConfigurationRecorder";
    for (at, recorder) in recorders.iter().enumerate() {
        let NodeKind::Map(members) = &recorder.kind else {
            cx.fault(answer.element, recorder.span, "an element of `ConfigurationRecorders` is not an object");
            continue;
        };
        let properties = members.clone();
        let made = Made { resource_type, id: None, properties, part: at as u32 + 1, span: recorder.span };
        super::record::deliver(cx, answer, made);
    }
}

/// `cloudcontrol get-resource`.
pub(super) fn described(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    within(cx, answer, "", output, output);
}

/// A resource that `get-resource` was not answered for, of which nothing but its identifier is known.
pub(super) fn not_described(cx: &mut Delivery<'_>, answer: &Answer<'_>, code: &str) {
    let text = |name: &str| answer.arguments.and_then(|arguments| member_text(arguments, name));
    let (Some(name), Some(_)) = (text("TypeName"), text("Identifier")) else {
        return cx.fault(answer.element, answer.element.span(), "the arguments name no `TypeName` and `Identifier`");
    };
    // It was deleted after it was listed.
    if code == "ResourceNotFoundException" {
        return cx.unread(answer.element, refused(answer, code));
    }
    blank(cx, answer, code, (name, answer.argument("Identifier").cloned()), Vec::new());
}

/// `cloudcontrol list-resources`.
pub(super) fn listed(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let Some(descriptions) = elements(cx, answer, output, "ResourceDescriptions") else {
        let why = format!("not all of the answer to `{}` could be read", answer.operation);
        let name = type_name(answer, output).unwrap_or_default();
        return super::record::incomplete(cx, answer, (name, Proof::Listed), why);
    };
    for description in descriptions {
        within(cx, answer, "ResourceDescriptions", description, output);
    }
    // A model narrows the list down to what belongs to one resource.
    match type_name(answer, output) {
        Some(name) => extent(cx, answer, output, (name, Asks::All { arguments: &["TypeName"] })),
        None => cx.fault(answer.element, output.span, "neither the answer nor its arguments name a `TypeName`"),
    }
}

/// The type that a call asked for.
fn type_name<'n>(answer: &'n Answer<'_>, output: &'n Node) -> Option<&'n str> {
    let asked = || member_text(answer.arguments?, "TypeName");
    member_text(output, "TypeName").or_else(asked)
}

/// `list-resources` that was not answered: the type stands in the arguments.
pub(super) fn not_listed(cx: &mut Delivery<'_>, answer: &Answer<'_>, code: &str) {
    match answer.arguments.and_then(|arguments| member_text(arguments, "TypeName")) {
        Some(name) => unlisted(cx, answer, code, name),
        None => cx.fault(answer.element, answer.element.span(), "the arguments name no `TypeName`"),
    }
}

/// A query of AWS Config in a wrapper.
pub(super) fn selected(cx: &mut Delivery<'_>, answer: &Answer<'_>, _: &Node) {
    cx.unread(answer.element, format!("an answer to `{}` is read as it comes, without a wrapper", answer.operation));
    let why = format!("the answer to `{}` was not read", answer.operation);
    unasked(cx, (text_of(answer.account.as_ref()), text_of(answer.region.as_ref())), why);
}

/// A query of AWS Config that was not answered.
pub(super) fn not_selected(cx: &mut Delivery<'_>, answer: &Answer<'_>, code: &str) {
    cx.unread(answer.element, refused(answer, code));
    unasked(cx, (text_of(answer.account.as_ref()), text_of(answer.region.as_ref())), refused(answer, code));
}

/// The same of an aggregator: it might have told of any account.
pub(super) fn not_selected_anywhere(cx: &mut Delivery<'_>, answer: &Answer<'_>, code: &str) {
    cx.unread(answer.element, refused(answer, code));
    unasked(cx, (None, None), refused(answer, code));
}

/// What AWS Config recorded is not known, of whatever type.
fn unasked(cx: &mut Delivery<'_>, (account, region): (Option<Name>, Option<Name>), why: String) {
    for region in region.map_or(vec![None], |region| vec![Some(region), Some("global".into())]) {
        let (account, why) = (account.clone(), why.clone());
        cx.incomplete(Gap { types: Types::All, account, region, beats: Proof::Recorder, why });
    }
}

/// Hands a part of the answer on to the reader of Cloud Control.
fn within(cx: &mut Delivery<'_>, answer: &Answer<'_>, key: &'static str, part: &Node, output: &Node) {
    let envelope = Envelope {
        key,
        resource_type: type_name(answer, output).map(Name::from),
        account: text_of(answer.account.as_ref()),
        region: text_of(answer.region.as_ref()),
        partial: false,
    };
    let element = Element {
        text: answer.element.text,
        node: part.clone(),
        place: answer.element.place,
        pointer: answer.element.pointer.clone(),
        envelope: &envelope,
        input: answer.element.input,
    };
    cloud_control::deliver(cx, element);
}
