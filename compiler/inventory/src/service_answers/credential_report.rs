//! The IAM credential report: a row for each user, and one for the root user.
//!
//! A column is the property of its name (`access_key_1_active` is `AccessKey1Active`). `N/A` and `no_information` say
//! that there is no such time; `not_supported` says that the report does not tell.

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Proof, Reason, Unknown};

use super::answer::Answer;
use super::record::{self, Made, complete};
use crate::csv::{Cell, Table};
use crate::delivery::Delivery;

/// How the report calls the root user.
pub(super) const ROOT: &str = "<root_account>";

/// What every report begins with.
pub(super) const FIRST_COLUMNS: &str = "user,arn,user_creation_time,";

pub(super) const RESOURCE_TYPE: &str = "AWS::IAM::CredentialReport";

/// Why users may be missing.
pub(super) const NOT_WHOLE: &str = "the credential report was not read whole";

/// Delivers the rows; `place` is where the whole table stands, if its own places are none of the input's.
pub(super) fn deliver(cx: &mut Delivery<'_>, answer: &Answer<'_>, table: &Table, place: Option<Span>) {
    let Some((header, rows)) = table.rows.split_first() else {
        let span = place.unwrap_or(answer.element.span());
        cx.fault(answer.element, span, "the credential report is empty");
        return record::incomplete(cx, answer, (RESOURCE_TYPE, Proof::Listed), NOT_WHOLE.to_owned());
    };
    let mut whole = table.fault.is_none();
    // It always has a row for the root user.
    if rows.is_empty() {
        whole = false;
        cx.fault(answer.element, place.unwrap_or_else(|| span_of(header)), "the credential report has no rows");
    }
    for (at, row) in rows.iter().enumerate() {
        let span = place.unwrap_or_else(|| span_of(row));
        if row.len() != header.len() {
            whole = false;
            let message = format!("the row has {} cells where the report has {} columns", row.len(), header.len());
            cx.fault(answer.element, span, &message);
            continue;
        }
        let node = |cell: &Cell| value(cell, place.unwrap_or(cell.span));
        let cells = header.iter().zip(row).map(|(column, cell)| (property(&column.text), node(cell)));
        let id = row.first().map(node);
        let made = Made { resource_type: RESOURCE_TYPE, id, properties: cells.collect(), part: at as u32 + 1, span };
        record::deliver(cx, answer, made);
    }
    if let Some((at, message)) = table.fault {
        cx.fault(answer.element, place.unwrap_or(Span::new(at, at)), message);
    }
    match whole {
        true => complete(cx, answer, RESOURCE_TYPE),
        false => record::incomplete(cx, answer, (RESOURCE_TYPE, Proof::Listed), NOT_WHOLE.to_owned()),
    }
}

/// Names are compared without regard to case.
fn property(column: &str) -> Name {
    column.replace('_', "").into()
}

fn value(cell: &Cell, span: Span) -> Node {
    let silent = |why: &str| NodeKind::Unknown(Unknown::new(Reason::NotObservable, format!("not observable: {why}")));
    let kind = match cell.text.as_str() {
        "N/A" | "no_information" => NodeKind::Null,
        "not_supported" => silent("the credential report says `not_supported`"),
        "" => silent("the cell of the credential report is empty"),
        text => NodeKind::Text(text.into()),
    };
    Node::new(span, kind)
}

pub(super) fn span_of(row: &[Cell]) -> Span {
    match (row.first(), row.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span::default(),
    }
}
