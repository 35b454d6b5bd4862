//! `parapet check`.

mod watching;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use parapet_driver::model::Tool;
use parapet_driver::{
    Diagnostic, FailOn, FileId, Host, Outcome, Refusal, Request, Rules, System, Tier, check, parse_fail_on, status,
};
use parapet_report::{FORMATS, Options, accounting, diagnostic_format_named, format_named};

use crate::arguments::{Check, Destination, EngineName, ToolName};
use crate::output::{
    TEXT, destinations, diagnostics_as, keep, printed_format, refuse, request, selection, stderr_colored,
    stdout_colored, tell,
};
use crate::progress::Progress;

pub(crate) fn run(arguments: Check) -> Result<u8> {
    let known: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    let destinations = destinations(&arguments.formats, &known)?;
    let fail_on = match parse_fail_on(&arguments.fail_on) {
        Ok(fail_on) => fail_on,
        Err(message) => bail!("`--fail-on`: {message}"),
    };
    if arguments.inputs.is_empty() {
        bail!("no input is named; give files or folders, or `-` for standard input");
    }
    let named = arguments.inputs.iter().chain(&arguments.onto).chain(&arguments.baseline);
    let named = named.chain(&arguments.selection.rules).chain(&arguments.setting.params_files);
    keep(&destinations, named.map(Path::new))?;
    let host = System::default();
    let progress = Progress::new(arguments.progress);
    let tick = |done, total| progress.bytes(done, total);
    let (rules, chosen) = (arguments.selection.rules.clone(), selection(&arguments.selection));
    let request = request(&rules, chosen, &arguments.inputs, &arguments.setting, host.now(), &tick)?;
    let jobs =
        arguments.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).clamp(1, 256);
    let request = Request {
        accounts: arguments.accounts.clone(),
        regions: arguments.regions.clone(),
        onto: arguments.onto.clone(),
        keep_going: arguments.keep_going,
        strict: arguments.strict,
        tier: match arguments.engine {
            EngineName::Auto => Tier::Auto,
            EngineName::Interpreter => Tier::Interpreter,
            EngineName::Columns => Tier::Columns,
            EngineName::Jit => Tier::Jit,
        },
        all: arguments.all || destinations.iter().any(tells_passes),
        baseline: arguments.baseline.clone(),
        honor: honored(&arguments.honor),
        jobs,
        digests: destinations.iter().any(tells_digests),
        excerpts: destinations.iter().any(shows_excerpts),
        ..request
    };
    let run = Run { arguments: &arguments, destinations: &destinations, fail_on, jobs };
    if arguments.watch {
        return watching::watch(&run, &host, &request, &progress);
    }
    let outcome = check(&host, &request);
    progress.end();
    match outcome {
        Ok(outcome) => {
            let status = run.report(&outcome);
            // The program ends, and its memory with it.
            std::mem::forget(outcome);
            status
        }
        Err(refusal) => run.refuse(refusal),
    }
}

/// What every report of a command needs.
struct Run<'r> {
    arguments: &'r Check,
    destinations: &'r [Destination],
    fail_on: FailOn,
    jobs: usize,
}

impl Run<'_> {
    /// Writes the report of a finished run; the exit status.
    fn report(&self, outcome: &Outcome) -> Result<u8> {
        let arguments = self.arguments;
        let status = status(&outcome.result, self.fail_on, !outcome.diagnostics.is_empty(), arguments.exit_zero);
        let options =
            Options { color: false, all: arguments.all, width: None, fail_on: self.fail_on, status, jobs: self.jobs };
        finish(arguments, self.destinations, &options, outcome)?;
        Ok(status)
    }

    /// Says why there is no result; the exit status.
    fn refuse(&self, refusal: Refusal) -> Result<u8> {
        if let Refusal::Rules(rules, found) = &refusal {
            refuse_to_files(self.destinations, rules, found)?;
        }
        refuse(refusal, printed_format(self.destinations), self.arguments.color)
    }
}

/// Rules that do not check give no results: a file gets the diagnostics, in a format that has them, and one of an earlier run
/// does not stay in the place of those that did not come.
fn refuse_to_files(destinations: &[Destination], rules: &Rules, found: &[(FileId, Diagnostic)]) -> Result<()> {
    for destination in destinations {
        let Some(path) = &destination.file else { continue };
        let written = match diagnostic_format_named(&destination.format) {
            Some(_) => std::fs::write(path, diagnostics_as(&destination.format, rules, found, false)),
            None if path.exists() => std::fs::remove_file(path),
            None => Ok(()),
        };
        written.with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    Ok(())
}

fn tells_digests(destination: &Destination) -> bool {
    format_named(&destination.format).is_some_and(|format| format.tells_digests)
}

fn shows_excerpts(destination: &Destination) -> bool {
    format_named(&destination.format).is_some_and(|format| format.shows_excerpts)
}

fn tells_passes(destination: &Destination) -> bool {
    format_named(&destination.format).is_some_and(|format| format.tells_passes)
}

/// The tools that are named, each once.
fn honored(names: &[ToolName]) -> Vec<Tool> {
    let tool = |name: &ToolName| match name {
        ToolName::Guard => Tool::Guard,
        ToolName::CfnNag => Tool::CfnNag,
        ToolName::Checkov => Tool::Checkov,
        ToolName::Trivy => Tool::Trivy,
    };
    let mut tools: Vec<Tool> = names.iter().map(tool).collect();
    tools.sort_unstable();
    tools.dedup();
    tools
}

fn finish(arguments: &Check, destinations: &[Destination], options: &Options, outcome: &Outcome) -> Result<()> {
    keep(destinations, outcome.result.inputs.iter().map(|input| Path::new(&input.path)))?;
    for destination in destinations {
        write(arguments, destination, options, outcome)?;
    }
    if !outcome.diagnostics.is_empty() {
        tell(&diagnostics_as(TEXT, &outcome.rules, &outcome.diagnostics, stderr_colored(arguments.color)));
    }
    tell(&accounting(&outcome.result));
    if arguments.stats {
        tell(&stats(outcome));
    }
    Ok(())
}

fn write(arguments: &Check, destination: &Destination, options: &Options, outcome: &Outcome) -> Result<()> {
    let Some(format) = format_named(&destination.format) else { return Ok(()) };
    match &destination.file {
        None => {
            let options = Options { color: stdout_colored(arguments.color), ..*options };
            let mut out = BufWriter::new(std::io::stdout().lock());
            (format.write)(&outcome.result, &options, &mut out)?;
            out.flush()?;
        }
        Some(path) => {
            let file = File::create(path).with_context(|| format!("`{}` cannot be written", path.display()))?;
            let mut out = BufWriter::new(file);
            (format.write)(&outcome.result, options, &mut out)
                .and_then(|()| out.flush())
                .with_context(|| format!("`{}` cannot be written", path.display()))?;
        }
    }
    Ok(())
}

fn stats(outcome: &Outcome) -> String {
    let stats = &outcome.stats;
    let milliseconds = |duration: std::time::Duration| format!("{:>9.1} ms", duration.as_secs_f64() * 1e3);
    let slowest: String = stats
        .slowest
        .iter()
        .map(|(path, pairs, time)| format!("  {} {path}, {pairs} pairs\n", milliseconds(*time)))
        .collect();
    let unlowered: String =
        stats.unlowered.iter().map(|(path, why)| format!("  by the interpreter: {path}: {why}\n")).collect();
    format!(
        "stats: {} pairs of guardrail and resource\n  rules       {}\n  inputs      {}\n  evaluation  {}\n  explanation {}\n\
         engine: {} guardrails as programs over columns, {} of them compiled; they asked the interpreter {} times\n{unlowered}\
         slowest guardrails:\n{slowest}",
        stats.pairs,
        milliseconds(stats.rules),
        milliseconds(stats.inputs),
        milliseconds(stats.evaluation),
        milliseconds(stats.explanation),
        stats.programs,
        stats.compiled,
        stats.asked,
    )
}
