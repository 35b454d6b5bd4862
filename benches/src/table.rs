//! Measurements as Markdown tables: each figure with its limit, and as a multiple of its peer.

use std::io::{Result, Write};
use std::time::Duration;

use crate::editor::Times;
use crate::least::Least;
use crate::rules::PER_FILE;
use crate::{closure, cold, editor, format, keystroke, schema};

/// The limit of a cold check.
const COLD: Duration = Duration::from_millis(600);

/// The limit of a keystroke for the diagnostics of its file, and for all.
const KEYSTROKE: [Duration; 2] = [Duration::from_millis(3), Duration::from_millis(10)];

/// The limit of the first type.
const SCHEMA: Duration = Duration::from_millis(5);

/// The least megabytes a second of the formatter.
const FORMAT: f64 = 1.0;

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

fn of(time: Duration, limit: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() / limit.as_secs_f64())
}

fn per_second(bytes: usize, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

/// What an editor waits for, for each size.
pub(crate) fn editor(out: &mut impl Write, sizes: Vec<Vec<Times>>) -> Result<()> {
    writeln!(out, "## What an editor waits for\n")?;
    writeln!(out, "| step | rules | median | 95 % | of its limit |\n| --- | --- | --- | --- | --- |")?;
    for (at, (name, limits)) in editor::STEPS.iter().enumerate() {
        for ((files, times), limit) in editor::SIZES.iter().zip(&sizes).zip(limits) {
            let Some(times) = times.get(at) else { continue };
            let limit = Duration::from_millis(u64::from(*limit));
            let (median, most) = (times.share(50), times.share(95));
            let of_limit = format!("{} of {} ms", of(most, limit), limit.as_millis());
            let rules = files * PER_FILE;
            writeln!(out, "| {name} | {rules} | {} | {} | {of_limit} |", milliseconds(median), milliseconds(most))?;
        }
    }
    writeln!(out)
}

/// The stages of a cold check.
pub(crate) fn cold(out: &mut impl Write, least: &Least, files: usize, bytes: usize) -> Result<()> {
    let rules = files * PER_FILE;
    let megabytes = bytes as f64 / 1e6;
    writeln!(out, "## A cold check of {rules} rules in {files} files ({megabytes:.1} MB)\n")?;
    let [grammar, _] = cold::PEERS;
    writeln!(out, "| step | time | of its limit | of the grammar alone |\n| --- | --- | --- | --- |")?;
    let peer = least.of(grammar);
    for stage in cold::STAGES {
        writeln!(out, "| {stage} | {} | | {} |", milliseconds(least.of(stage)), of(least.of(stage), peer))?;
    }
    for name in [cold::LINT, cold::CHECK] {
        let time = least.of(name);
        let of_limit = format!("{} of {}", of(time, COLD), milliseconds(COLD));
        writeln!(out, "| **{name}** | {} | {of_limit} | {} |", milliseconds(time), of(time, peer))?;
    }
    for name in cold::PEERS {
        writeln!(out, "| peer: {name} | {} | | {} |", milliseconds(least.of(name)), of(least.of(name), peer))?;
    }
    writeln!(out)
}

/// The formatter.
pub(crate) fn format(out: &mut impl Write, least: &Least, bytes: usize) -> Result<()> {
    let [grammar, _] = cold::PEERS;
    writeln!(
        out,
        "## Formatting the same rules\n\n| step | time | MB/s | least | of the grammar alone |\n| --- | --- | --- | --- | --- |"
    )?;
    for (name, limit) in [(format::NAME, format!("{FORMAT} MB/s")), (grammar, String::new())] {
        let time = least.of(name);
        let (speed, ratio) = (per_second(bytes, time), of(time, least.of(grammar)));
        writeln!(out, "| {name} | {} | {speed:.1} | {limit} | {ratio} |", milliseconds(time))?;
    }
    writeln!(out)
}

/// The start of the schemas.
pub(crate) fn schema(out: &mut impl Write, least: &Least) -> Result<()> {
    writeln!(out, "## Opening the schemas\n\n| step | time | of its limit |\n| --- | --- | --- |")?;
    for step in schema::STEPS {
        writeln!(
            out,
            "| {step} | {} | {} of {} |",
            milliseconds(least.of(step)),
            of(least.of(step), SCHEMA),
            milliseconds(SCHEMA)
        )?;
    }
    writeln!(out)
}

/// Keystrokes.
pub(crate) fn keystroke(out: &mut impl Write, least: &Least) -> Result<()> {
    let [of_file, of_all] = KEYSTROKE;
    writeln!(out, "## One keystroke in one of those files\n")?;
    writeln!(out, "| edit | its file | of {} | all files | of {} |", milliseconds(of_file), milliseconds(of_all))?;
    writeln!(out, "| --- | --- | --- | --- | --- |")?;
    for edit in &keystroke::EDITS {
        for name in [edit.name.to_owned(), format!("{}, taken back", edit.name)] {
            let (file, all) = (least.of(&keystroke::of_file(&name)), least.of(&keystroke::of_all(&name)));
            writeln!(
                out,
                "| {name} | {} | {} | {} | {} |",
                milliseconds(file),
                of(file, of_file),
                milliseconds(all),
                of(all, of_all)
            )?;
        }
    }
    writeln!(out)
}

/// The closure of relations, as a curve.
pub(crate) fn closure(out: &mut impl Write, least: &Least) -> Result<()> {
    writeln!(out, "## The closure of a relation, time for each edge\n")?;
    let shapes = closure::Shape::ALL.map(|shape| (shape.name(), move |edges| closure::name(shape, edges)));
    curves(out, least, "shape", &closure::SIZES, shapes)?;
    writeln!(out, "## Asked of every node of a chain, time for each edge\n")?;
    let questions = closure::QUESTIONS.map(|(name, _, _)| (name, move |edges| closure::asked(name, edges)));
    curves(out, least, "question", &closure::CHAINS, questions)
}

/// A row for each measurement: its time for each edge, by the number of edges.
fn curves<'n>(
    out: &mut impl Write,
    least: &Least,
    title: &str,
    sizes: &[usize],
    rows: impl IntoIterator<Item = (&'n str, impl Fn(usize) -> String)>,
) -> Result<()> {
    let titles: Vec<String> = sizes.iter().map(|edges| format!("{edges} edges")).collect();
    writeln!(
        out,
        "| {title} | {} | last to first |\n| --- |{} --- |",
        titles.join(" | "),
        " --- |".repeat(sizes.len())
    )?;
    for (name, measured) in rows {
        let each: Vec<f64> =
            sizes.iter().map(|edges| least.of(&measured(*edges)).as_secs_f64() * 1e9 / *edges as f64).collect();
        let shown: Vec<String> = each.iter().map(|time| format!("{time:.0} ns")).collect();
        let ratio = each.last().zip(each.first()).map_or(0.0, |(last, first)| last / first);
        writeln!(out, "| {name} | {} | {ratio:.2} |", shown.join(" | "))?;
    }
    writeln!(out)
}
