//! `accounts.csv`: the accounts of an organisation, for whoever may not ask AWS Organizations.
//!
//! The first line names the columns, in any order: `id`, and any of `name`, `email`, `ou` (a path that begins at the
//! root: `/workloads/prod`) and `tags` (`team=payments;stage=prod`). An empty cell tells nothing, but for tags, of which
//! there are none then. A line in error is named with its place and left out.

use std::collections::{BTreeMap, BTreeSet};

use parapet_base::Span;
use parapet_model::Name;

use super::credential_report::span_of;
use crate::csv::{Cell, Table};
use crate::delivery::Delivery;
use crate::element::Element;
use crate::organisation::Fact;

/// The name that such a file has; others are known by their columns.
pub(super) const FILE: &str = "accounts.csv";

const COLUMNS: [&str; 5] = ["id", "name", "email", "ou", "tags"];

/// Whether a line names columns of ours: `id` and another one, and nothing else.
pub(super) fn is_header(line: &str) -> bool {
    let mut names = line.split(',').map(|name| name.trim_matches('"'));
    let count = line.split(',').count();
    count > 1 && line.split(',').any(|name| name.trim_matches('"') == "id") && names.all(|name| COLUMNS.contains(&name))
}

/// Delivers what the lines tell.
pub(super) fn deliver(cx: &mut Delivery<'_>, element: &Element<'_>, table: &Table) {
    let Some((header, rows)) = table.rows.split_first() else {
        return cx.fault(element, element.span(), "the first line names the columns: `id,name,email,ou,tags`");
    };
    if let Some((span, message)) = wrong_header(header) {
        return cx.fault(element, span, &message);
    }
    let mut seen = BTreeSet::new();
    for row in rows {
        match facts(header, row, &mut seen) {
            Ok(facts) => facts.into_iter().for_each(|fact| cx.told(fact)),
            Err((span, message)) => cx.fault(element, span, &message),
        }
    }
    if let Some((at, message)) = table.fault {
        cx.fault(element, Span::new(at, at), message);
    }
}

fn wrong_header(header: &[Cell]) -> Option<(Span, String)> {
    if let Some(cell) = header.iter().find(|cell| !COLUMNS.contains(&cell.text.as_str())) {
        return Some((cell.span, format!("no column is called `{}`; there are `{}`", cell.text, COLUMNS.join("`, `"))));
    }
    let twice = |(at, cell): (usize, &Cell)| header.iter().take(at).any(|before| before.text == cell.text);
    if let Some(cell) = header.iter().enumerate().find(|pair| twice(*pair)).map(|(_, cell)| cell) {
        return Some((cell.span, format!("the column `{}` stands twice", cell.text)));
    }
    let has_id = header.iter().any(|cell| cell.text == "id");
    (!has_id).then(|| (span_of(header), "the first line names no column `id`".to_owned()))
}

fn facts(header: &[Cell], row: &[Cell], seen: &mut BTreeSet<Name>) -> Result<Vec<Fact>, (Span, String)> {
    if row.len() != header.len() {
        return Err((
            span_of(row),
            format!("the line has {} cells where there are {} columns", row.len(), header.len()),
        ));
    }
    let column = |name: &str| header.iter().zip(row).find(|(column, _)| column.text == name).map(|(_, cell)| cell);
    let told = |name: &str| column(name).filter(|cell| !cell.text.is_empty());
    let text = |name: &str| told(name).map(|cell| Name::from(cell.text.as_str()));
    let account = match column("id") {
        Some(cell) if is_id(&cell.text) => Name::from(cell.text.as_str()),
        Some(cell) => return Err((cell.span, format!("`{}` is no account id, which has twelve digits", cell.text))),
        None => return Err((span_of(row), "the line names no account".to_owned())),
    };
    if !seen.insert(account.clone()) {
        return Err((span_of(row), format!("account {account} stands in an earlier line, too")));
    }
    let mut facts = vec![Fact::Account { account: account.clone(), name: text("name"), email: text("email") }];
    match told("ou") {
        Some(cell) if !is_path(&cell.text) => {
            return Err((cell.span, format!("`{}` is no path of units such as `/workloads/prod`, or `/`", cell.text)));
        }
        Some(cell) => facts.push(Fact::Path { account: account.clone(), path: cell.text.as_str().into() }),
        None => {}
    }
    if let Some(cell) = column("tags") {
        facts.push(Fact::Tags { account, tags: tags(cell)? });
    }
    Ok(facts)
}

fn is_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `/`, or names between slashes, none of them empty.
fn is_path(text: &str) -> bool {
    text == "/" || text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(|name| !name.is_empty()))
}

fn tags(cell: &Cell) -> Result<BTreeMap<Name, Name>, (Span, String)> {
    let mut tags = BTreeMap::new();
    for pair in cell.text.split(';').map(str::trim).filter(|pair| !pair.is_empty()) {
        let Some((key, value)) = pair.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err((cell.span, format!("`{pair}` is no tag such as `team=payments`")));
        };
        if tags.insert(Name::from(key), Name::from(value)).is_some() {
            return Err((cell.span, format!("the tag `{key}` stands twice")));
        }
    }
    Ok(tags)
}
