//! Measurements as Markdown tables: each figure with its limit, and as a multiple of its peer.

use std::io::{Result, Write};
use std::time::Duration;

use crate::editor::{Measured, Times};
use crate::least::Least;
use crate::rules::PER_FILE;
use crate::{closure, cold, editor, engine, format, joins, keystroke, live, schema};

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
pub(crate) fn editor(out: &mut impl Write, sizes: &[Measured], live: &[Times]) -> Result<()> {
    writeln!(out, "## What an editor waits for\n")?;
    writeln!(out, "| step | rules | median | 95 % | of its limit |\n| --- | --- | --- | --- | --- |")?;
    for (at, (name, limits)) in editor::STEPS.iter().enumerate() {
        for ((files, measured), limit) in editor::SIZES.iter().zip(sizes).zip(limits) {
            let Some(times) = measured.times.get(at) else { continue };
            waited(out, (name, files * PER_FILE), times, *limit)?;
        }
    }
    for ((name, limit), times) in live::STEPS.iter().zip(live) {
        waited(out, (name, live::GUARDRAILS), times, *limit)?;
    }
    writeln!(out)?;
    memory(out, sizes)
}

/// A row of what is waited for; a limit of 0 is none.
fn waited(out: &mut impl Write, (name, rules): (&str, usize), times: &Times, limit: u32) -> Result<()> {
    let limit = Duration::from_millis(u64::from(limit));
    let (median, most) = (times.share(50), times.share(95));
    let of_limit =
        if limit.is_zero() { String::new() } else { format!("{} of {} ms", of(most, limit), limit.as_millis()) };
    writeln!(out, "| {name} | {rules} | {} | {} | {of_limit} |", milliseconds(median), milliseconds(most))
}

/// What the server of an editor takes.
fn memory(out: &mut impl Write, sizes: &[Measured]) -> Result<()> {
    writeln!(out, "| memory of the server | rules | size | of its limit |\n| --- | --- | --- | --- |")?;
    for (at, moment) in editor::MOMENTS.iter().enumerate() {
        for ((files, measured), limit) in editor::SIZES.iter().zip(sizes).zip(editor::MEMORY_LIMITS) {
            let Some(bytes) = measured.memory.get(at) else { continue };
            let (rules, megabytes) = (files * PER_FILE, *bytes as f64 / 1e6);
            let of_limit = megabytes / f64::from(limit);
            writeln!(out, "| {moment} | {rules} | {megabytes:.0} MB | {of_limit:.2} of {limit} MB |")?;
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
    curves(out, least, ("shape", "edges"), &closure::SIZES, shapes)?;
    writeln!(out, "## Asked of every node of a chain, time for each edge\n")?;
    let questions = closure::QUESTIONS.map(|(name, _, _)| (name, move |edges| closure::asked(name, edges)));
    curves(out, least, ("question", "edges"), &closure::CHAINS, questions)
}

/// Joins by references, as a curve.
pub(crate) fn joins(out: &mut impl Write, least: &Least) -> Result<()> {
    writeln!(out, "## Buckets that policies name, time for each bucket\n")?;
    let documents = joins::DOCUMENTS.map(|(document, _)| (document, move |buckets| joins::name(document, buckets)));
    curves(out, least, ("document", "buckets"), &joins::SIZES, documents)
}

/// A row for each measurement: its time for each thing, by the number of them.
fn curves<'n>(
    out: &mut impl Write,
    least: &Least,
    (title, things): (&str, &str),
    sizes: &[usize],
    rows: impl IntoIterator<Item = (&'n str, impl Fn(usize) -> String)>,
) -> Result<()> {
    let titles: Vec<String> = sizes.iter().map(|count| format!("{count} {things}")).collect();
    writeln!(
        out,
        "| {title} | {} | last to first |\n| --- |{} --- |",
        titles.join(" | "),
        " --- |".repeat(sizes.len())
    )?;
    for (name, measured) in rows {
        let each: Vec<f64> =
            sizes.iter().map(|count| least.of(&measured(*count)).as_secs_f64() * 1e9 / *count as f64).collect();
        let shown: Vec<String> = each.iter().map(|time| format!("{time:.0} ns")).collect();
        let ratio = each.last().zip(each.first()).map_or(0.0, |(last, first)| last / first);
        writeln!(out, "| {name} | {} | {ratio:.2} |", shown.join(" | "))?;
    }
    writeln!(out)
}

/// Inventories to verdicts.
pub(crate) fn engine(out: &mut impl Write, least: &Least, measured: &[engine::Measured]) -> Result<()> {
    writeln!(out, "## Twelve guardrails over a generated inventory\n")?;
    writeln!(
        out,
        "| resources | MB | pairs | verdicts | reading, MB/s | of a tree of `serde_json` |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    for at in measured {
        let (reading, tree) =
            (least.of(&engine::name("reading", at.resources)), least.of(&engine::name(engine::PEER, at.resources)));
        let verdicts: Vec<String> = at.verdicts.iter().map(|(name, count)| format!("{count} {name}")).collect();
        writeln!(
            out,
            "| {} | {:.1} | {} | {} | {:.0} | {} |",
            at.resources,
            at.bytes as f64 / 1e6,
            at.pairs,
            verdicts.join(", "),
            per_second(at.bytes, reading),
            of(reading, tree)
        )?;
    }
    writeln!(
        out,
        "\n| resources | engine | evaluation | for each pair | of the interpreter | asked the interpreter |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    for at in measured {
        let [(interpreter, _), ..] = engine::ENGINES;
        let peer = least.of(&engine::name(interpreter, at.resources));
        for (engine, _) in engine::ENGINES {
            let time = least.of(&engine::name(engine, at.resources));
            let asked = if engine == interpreter { String::new() } else { format!("{} times", at.asked) };
            let each = engine::each(time, at.pairs);
            writeln!(
                out,
                "| {} | {engine} | {} | {each:.0} ns | {} | {asked} |",
                at.resources,
                milliseconds(time),
                of(time, peer)
            )?;
        }
    }
    writeln!(out)
}
