//! Answers of `aws … describe-*`, `list-*` and `get-*` calls, for what neither AWS Config nor Cloud Control shows: the
//! password policy, the credential report, directories, Identity Center, the accounts of the organisation.
//!
//! An answer does not say which call it answers, of which account and region, and when. The wrapper that `parapet
//! needs` writes does:
//!
//! ```json
//! {"$answer": {"operation": "iam get-account-summary", "account": "111122223333", "region": "us-east-1",
//!  "captured": "2026-11-22T08:00:00Z", "arguments": {}, "output": {"SummaryMap": {}}}}
//! ```
//!
//! with `error` in place of `output` where the call failed. Bare answers are known by their keys, where no other call
//! answers so; their account is the one in their ARNs, else that of a `get-caller-identity` answer in the same folder,
//! else unknown. The reports and lists that come as tables are known by their first line.

mod accounts;
mod answer;
mod call;
mod calls;
mod credential_report;
mod directories;
mod identity;
mod organisations;
mod others;
mod record;
mod table;
mod workforce;

use parapet_model::{Property, ResourceType};

use crate::delivery::Delivery;
use crate::element::Element;

pub(crate) use table::{Table, table};

/// The format's name.
pub(crate) const NAME: &str = "service-answers";

/// Wrapped answers, and bare ones of calls that no other call answers alike.
pub(crate) fn recognises(element: &Element<'_>) -> bool {
    element.node.get(answer::KEY).is_some() || calls::bare(&element.node).is_some()
}

/// Delivers one answer.
pub(crate) fn deliver(cx: &mut Delivery<'_>, element: Element<'_>) {
    match answer::read(cx, &element) {
        Ok((answer, call)) => call.deliver(cx, &answer),
        Err(answer::Unread::Fault(span, message)) => cx.fault(&element, span, &message),
        Err(answer::Unread::Skip(message)) => cx.unread(&element, message),
    }
}

/// Properties that no answer shows.
pub(crate) fn hides(_: &ResourceType, property: &Property) -> bool {
    property.write_only || property.config_only || property.extended
}
