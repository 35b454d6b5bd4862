//! Lenses, and the commands of the editor behind them.

use std::sync::Mutex;

use parapet_ide::{Lens, LensAt};

use crate::live::{Line, Shown};
use crate::proto;
use crate::world::{Snapshot, lock};

/// A lens as the editor takes it; above a guardrail there may be several, of which the counts come first. Where no inventory is bound and the editor `evaluates`, a guardrail has one that asks for one.
pub(crate) fn code_lens(
    snapshot: &Snapshot,
    uri: &proto::Uri,
    lens: LensAt,
    (shown, evaluates): (&Mutex<Shown>, bool),
) -> Vec<proto::CodeLens> {
    let range = snapshot.range(lens.place.span);
    let lens_of = |command| proto::CodeLens { range, command: Some(command), data: None };
    vec![match lens.lens {
        Lens::Verdicts(guardrail) => match lock(shown).line(&guardrail) {
            Some(line) => return of_line(line, (uri, range.start)).into_iter().map(lens_of).collect(),
            None if evaluates => {
                let (title, command) = ("Evaluate…".to_owned(), "parapet.bind".to_owned());
                lens_of(proto::Command { title, command, arguments: None })
            }
            None => return Vec::new(),
        },
        Lens::References => {
            let data = Some(serde_json::json!({ "uri": uri.as_str() }));
            proto::CodeLens { range, command: None, data }
        }
        Lens::Run(title) => {
            let arguments = Some(vec![serde_json::json!(uri.as_str()), serde_json::json!(title)]);
            let command =
                proto::Command { title: "Run test".to_owned(), command: "parapet.runTest".to_owned(), arguments };
            lens_of(command)
        }
    }]
}

/// What stands above a guardrail: the counts, and what edits that are not saved change.
fn of_line(line: Line, at: (&proto::Uri, proto::Position)) -> Vec<proto::Command> {
    let counts = shown_command("parapet.showVerdicts", line.title, at, &line.places);
    let changes =
        line.changes.into_iter().map(|change| shown_command(change.command, change.title, at, &change.places));
    std::iter::once(counts).chain(changes).collect()
}

/// The document that a lens stands in.
pub(crate) fn document(lens: &proto::CodeLens) -> Option<proto::Uri> {
    lens.data.as_ref()?.get("uri")?.as_str()?.parse().ok()
}

/// How often the item of a lens is used, as a command that shows where.
pub(crate) fn uses(snapshot: &Snapshot, uri: &proto::Uri, position: proto::Position) -> proto::Command {
    let offset = snapshot.offset(position);
    let uses = parapet_ide::uses(&snapshot.db, snapshot.workspace, snapshot.file, offset);
    let places: Vec<proto::Location> = uses.into_iter().filter_map(|place| snapshot.location(place)).collect();
    let title = if places.len() == 1 { "1 use".to_owned() } else { format!("{} uses", places.len()) };
    shown_command("parapet.showReferences", title, (uri, position), &places)
}

/// A command of the editor that shows places.
fn shown_command(
    command: &str,
    title: String,
    (uri, position): (&proto::Uri, proto::Position),
    places: &[proto::Location],
) -> proto::Command {
    proto::Command {
        title,
        command: command.to_owned(),
        arguments: Some(vec![
            serde_json::json!(uri.as_str()),
            serde_json::to_value(position).unwrap_or_default(),
            serde_json::to_value(places).unwrap_or_default(),
        ]),
    }
}
