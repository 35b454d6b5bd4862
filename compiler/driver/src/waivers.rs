//! Waivers that have ended, or soon will: a lint relative to a day.

use jiff::{SignedDuration, Timestamp};
use parapet_base::{Diagnostic, FileId, codes};
use parapet_semantic::{Item, item_offset, items, parsed};
use parapet_syntax::{ExprKind, ItemKind};

use crate::rules::Rules;

/// A waiver is said to end soon this long before its last day is over.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Whether a waiver still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Over,
    Soon,
    Later,
}

/// How far off the end of a last day is. The last day counts whole, in UTC.
pub(crate) fn ending(last_day: Timestamp, as_of: Timestamp) -> Ending {
    // The last day that there is has no end.
    let Ok(end) = last_day.checked_add(SignedDuration::from_hours(24)) else { return Ending::Later };
    if end <= as_of {
        Ending::Over
    } else if end.duration_since(as_of) <= SOON {
        Ending::Soon
    } else {
        Ending::Later
    }
}

/// The waivers of the selected rules that ended before a time, or end within 14 days of it.
pub fn ending_waivers(rules: &Rules, as_of: Timestamp) -> Vec<(FileId, Diagnostic)> {
    let files = rules.selected_files();
    let waivers = files.flat_map(|file| items(&rules.db, file).iter().map(move |item| (file, *item)));
    let waivers = waivers.filter(|(_, item)| item.keyword(&rules.db) == "waive");
    waivers.filter_map(|(file, item)| Some((file.id(&rules.db), of_waiver(rules, item, as_of)?))).collect()
}

fn of_waiver(rules: &Rules, item: Item<'_>, as_of: Timestamp) -> Option<Diagnostic> {
    let tree = parsed(&rules.db, item).tree.as_ref()?;
    let ItemKind::Waiver { until: Some(until), .. } = &tree.kind else { return None };
    let ExprKind::Time(last_day) = tree.expr(*until).kind else { return None };
    let day = last_day.strftime("%Y-%m-%d");
    let (code, message) = match ending(last_day, as_of) {
        Ending::Over => (&codes::EXPIRED_WAIVER, format!("this waiver ended on {day}: it waives nothing")),
        Ending::Soon => (&codes::ENDING_WAIVER, format!("this waiver ends on {day}")),
        Ending::Later => return None,
    };
    let diagnostic = Diagnostic::new(code, tree.span(*until), message).shift(item_offset(&rules.db, item));
    (!tree.allows(code.name)).then_some(diagnostic)
}
