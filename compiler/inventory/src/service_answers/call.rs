//! A call, and what is done with its answers.

use parapet_model::{Name, Node};

use super::answer::{Answer, Outcome};
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
    /// The answer is missing.
    Unanswered,
    /// With this code there is no resource of the type; with any other the answer is missing.
    NothingOn { code: &'static str, resource_type: &'static str },
    /// The call asks for one resource, of which then nothing is known.
    Blank(fn(&mut Delivery<'_>, &Answer<'_>, &str)),
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
            Failing::NothingOn { code: nothing, resource_type } if *nothing == code => {
                super::record::complete(cx, answer, resource_type);
            }
            Failing::Blank(blank) => blank(cx, answer, code),
            Failing::Unanswered | Failing::NothingOn { .. } => cx.unread(answer.element, refused(answer, code)),
        }
    }
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
