//! A call, and what is done with its answers.

use parapet_model::{Name, Node, Proof};

use super::answer::{Answer, Outcome};
use super::record;
use crate::delivery::Delivery;

/// A call of the command line.
pub(crate) struct Call {
    pub(crate) name: &'static str,
    /// Whether a bare answer is one of this call and of no other.
    pub(crate) bare: fn(&Node) -> bool,
    pub(crate) output: fn(&mut Delivery<'_>, &Answer<'_>, &Node),
    pub(crate) error: Failing,
}

/// What an error of a call means.
pub(crate) enum Failing {
    /// The answer is missing, of which no resource is made.
    Unanswered,
    /// The list of this type is missing.
    Unlisted(&'static str),
    /// The call asks for the one resource of its account or region, of which then nothing is known; `nothing` is the code
    /// that says that there is none.
    Setting { resource_type: &'static str, nothing: Option<&'static str> },
    /// Something else, by its code.
    Other(fn(&mut Delivery<'_>, &Answer<'_>, &str)),
}

impl Call {
    pub(crate) fn deliver(&self, cx: &mut Delivery<'_>, answer: &Answer<'_>) {
        match &answer.outcome {
            Outcome::Output(output) => (self.output)(cx, answer, output),
            Outcome::Error(code) => self.failed(cx, answer, code),
        }
    }

    fn failed(&self, cx: &mut Delivery<'_>, answer: &Answer<'_>, code: &str) {
        match &self.error {
            Failing::Unanswered => cx.unread(answer.element, refused(answer, code)),
            Failing::Unlisted(resource_type) => unlisted(cx, answer, code, resource_type),
            Failing::Setting { resource_type, nothing } if *nothing == Some(code) => {
                record::no_setting(cx, answer, resource_type);
                record::complete(cx, answer, resource_type);
            }
            Failing::Setting { resource_type, nothing } => {
                cx.unread(answer.element, refused(answer, code));
                record::blank_setting(cx, answer, code, (resource_type, nothing.is_some()));
            }
            Failing::Other(failed) => failed(cx, answer, code),
        }
    }
}

/// The list of a type was asked for, and did not come.
pub(super) fn unlisted(cx: &mut Delivery<'_>, answer: &Answer<'_>, code: &str, resource_type: &str) {
    let why = refused(answer, code);
    cx.unread(answer.element, why.clone());
    record::incomplete(cx, answer, (resource_type, Proof::Listed), why);
}

/// Words for a call that was not answered.
pub(crate) fn refused(answer: &Answer<'_>, code: &str) -> String {
    let account = answer.account.as_ref().and_then(Node::as_text).map(|account| format!(" in account {account}"));
    let region = answer.region.as_ref().and_then(Node::as_text).map(|region| format!(", region {region}"));
    let place: String = account.into_iter().chain(region).collect();
    format!("`{}`{place} was answered with `{code}`", answer.operation)
}

/// A text that an answer's member holds.
pub(crate) fn text(node: &Node, name: &str) -> Option<Name> {
    crate::element::member_text(node, name).map(Name::from)
}
