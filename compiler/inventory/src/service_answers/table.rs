//! Inputs that are tables: the credential report, and the accounts of an organisation.
//!
//! A table is known by its first line, which must name its columns. The tree that reports point into is a list of
//! objects, one a row: `/3/mfa_active`.

use parapet_base::Span;
use parapet_model::{Node, NodeKind};

use super::answer::{Answer, Outcome, caller, document};
use super::credential_report::{self, span_of};
use super::{NAME, accounts};
use crate::csv;
use crate::delivery::Delivery;
use crate::element::{Element, Envelope};
use crate::place::Place;

/// A kind of table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    CredentialReport,
    Accounts,
}

/// The kind of table that an input is, by its first line; a file that is called `accounts.csv` is meant to be one.
pub(crate) fn table(cx: &Delivery<'_>, first_line: &[u8]) -> Option<Table> {
    if cx.asked.is_some_and(|format| format.name != NAME) {
        return None;
    }
    let line = std::str::from_utf8(first_line).ok()?.trim_end_matches('\r');
    let name = cx.source.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if line.starts_with(credential_report::FIRST_COLUMNS) {
        return Some(Table::CredentialReport);
    }
    (accounts::is_header(line) || name == accounts::FILE).then_some(Table::Accounts)
}

impl Table {
    /// Reads a whole table.
    pub(crate) fn deliver(self, cx: &mut Delivery<'_>, bytes: &[u8], place: Place) {
        cx.recognised_as(NAME);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => return cx.fault_in(bytes, place, error.valid_up_to(), "not UTF-8"),
        };
        let table = csv::parse(text);
        let envelope = Envelope::default();
        let node = tree(&table, text);
        let element = Element { text, node, place, pointer: "".into(), envelope: &envelope, input: cx.input };
        match self {
            Table::Accounts => accounts::deliver(cx, &element, &table),
            Table::CredentialReport => credential_report::deliver(cx, &answer(cx, &element), &table, None),
        }
    }
}

fn answer<'a>(cx: &Delivery<'_>, element: &'a Element<'a>) -> Answer<'a> {
    let account = caller(cx).map(|account| Node::new(element.span(), NodeKind::Text(account)));
    Answer {
        element,
        operation: "iam get-credential-report".into(),
        account,
        region: None,
        captured: None,
        arguments: None,
        outcome: Outcome::Output(&element.node),
        document: document(cx, element),
    }
}

fn tree(table: &csv::Table, text: &str) -> Node {
    let header = table.rows.first().map(Vec::as_slice).unwrap_or_default();
    let row = |row: &Vec<csv::Cell>| {
        let cell = |(column, cell): (&csv::Cell, &csv::Cell)| {
            (column.text.as_str().into(), Node::new(cell.span, NodeKind::Text(cell.text.as_str().into())))
        };
        Node::new(span_of(row), NodeKind::Map(header.iter().zip(row).map(cell).collect()))
    };
    Node::new(Span::new(0, text.len()), NodeKind::List(table.rows.iter().skip(1).map(row).collect()))
}
