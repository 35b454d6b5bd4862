//! `parapet check`.

mod watching;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use parapet_driver::model::{FindingSource, RunResult, Tool};
use parapet_driver::{
    Diagnostic, FailOn, FileId, Host, Outcome, Refusal, Request, Rules, System, Tier, check, check_and_tell,
    parse_fail_on, status, status_of,
};
use parapet_report::{FORMATS, Format, Options, accounting, diagnostic_format_named, format_named};

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
    let (outcome, told) = match run.streamed() {
        None => (check(&host, &request), None),
        Some((destination, format)) => {
            let mut told = None;
            let tell = &mut |result: &RunResult, findings: &dyn FindingSource| {
                progress.end();
                told = Some(run.tell(result, findings, (destination, format)));
            };
            (check_and_tell(&host, &request, tell), told)
        }
    };
    progress.end();
    match outcome {
        Ok(outcome) => {
            let status = match told {
                Some(told) => told.and_then(|status| finish(&arguments, &outcome).map(|()| status)),
                None => run.report(&outcome),
            };
            // The program ends, and its memory with it.
            std::mem::forget(outcome);
            status
        }
        Err(refusal) => {
            if told.is_some() {
                take_back(&destinations)?;
            }
            run.refuse(refusal)
        }
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
    /// Where findings are written as they are explained: that takes a format that can, and only one reader.
    fn streamed(&self) -> Option<(&Destination, &'static Format)> {
        let [destination] = self.destinations else { return None };
        let format = format_named(&destination.format).filter(|format| format.streams())?;
        (self.arguments.baseline.is_none() && !self.arguments.keep_going).then_some((destination, format))
    }

    /// No report takes the place of a file that was read.
    fn keep_inputs(&self, result: &RunResult) -> Result<()> {
        keep(self.destinations, result.inputs.iter().map(|input| Path::new(&input.path)))
    }

    fn options(&self, status: u8) -> Options {
        let (all, fail_on) = (self.arguments.all, self.fail_on);
        Options { color: false, all, width: None, fail_on, status, jobs: self.jobs }
    }

    /// Writes a report whose findings are explained as they are written; the exit status.
    fn tell(
        &self,
        result: &RunResult,
        findings: &dyn FindingSource,
        (destination, format): (&Destination, &Format),
    ) -> Result<u8> {
        let status = status_of((result, findings), self.fail_on, false, self.arguments.exit_zero);
        let options = self.options(status);
        self.keep_inputs(result)?;
        put(self.arguments, destination, &options, |options, out| format.stream(result, findings, options, out))?;
        Ok(status)
    }

    /// Writes the reports of a finished run; the exit status.
    fn report(&self, outcome: &Outcome) -> Result<u8> {
        let arguments = self.arguments;
        let status = status(&outcome.result, self.fail_on, !outcome.diagnostics.is_empty(), arguments.exit_zero);
        let options = self.options(status);
        self.keep_inputs(&outcome.result)?;
        for destination in self.destinations {
            let Some(format) = format_named(&destination.format) else { continue };
            put(arguments, destination, &options, |options, out| format.write(&outcome.result, options, out))?;
        }
        finish(arguments, outcome)?;
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

/// Half of a result is none: removes files that were begun, but no device that is called like one.
fn take_back(destinations: &[Destination]) -> Result<()> {
    let files = destinations.iter().filter_map(|destination| destination.file.as_deref());
    for path in files.filter(|path| path.symlink_metadata().is_ok_and(|about| about.is_file())) {
        std::fs::remove_file(path).with_context(|| format!("`{}` cannot be removed", path.display()))?;
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

/// What standard error says of a finished run.
fn finish(arguments: &Check, outcome: &Outcome) -> Result<()> {
    if !outcome.diagnostics.is_empty() {
        tell(&diagnostics_as(TEXT, &outcome.rules, &outcome.diagnostics, stderr_colored(arguments.color)));
    }
    tell(&accounting(&outcome.result));
    if arguments.stats {
        tell(&stats(outcome));
    }
    Ok(())
}

/// Writes to a file or standard output, with the colours that it takes.
fn put(
    arguments: &Check,
    destination: &Destination,
    options: &Options,
    write: impl FnOnce(&Options, &mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    match &destination.file {
        None => {
            let options = Options { color: stdout_colored(arguments.color), ..*options };
            let mut out = BufWriter::new(std::io::stdout().lock());
            write(&options, &mut out)?;
            out.flush()?;
        }
        Some(path) => {
            let file = File::create(path).with_context(|| format!("`{}` cannot be written", path.display()))?;
            let mut out = BufWriter::new(file);
            write(options, &mut out)
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
    let ahead = match stats.ahead {
        0 => String::new(),
        ahead => format!(" ({ahead} made while inputs were read)"),
    };
    let unlowered: String =
        stats.unlowered.iter().map(|(path, why)| format!("  by the interpreter: {path}: {why}\n")).collect();
    format!(
        "stats: {} pairs of guardrail and resource\n  rules       {}\n  inputs      {}\n  evaluation  {}\n  explanation {}\n\
         engine: {} guardrails as programs over columns, {} of them compiled{}; they asked the interpreter {} times\n{unlowered}\
         slowest guardrails:\n{slowest}",
        stats.pairs,
        milliseconds(stats.rules),
        milliseconds(stats.inputs),
        milliseconds(stats.evaluation),
        milliseconds(stats.explanation),
        stats.programs,
        stats.compiled,
        ahead,
        stats.asked,
    )
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_back_and_no_link_to_a_device() {
        let folder = std::env::temp_dir().join(format!("parapet-take-back-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (file, link) = (folder.join("a.json"), folder.join("out"));
        std::fs::write(&file, "{").unwrap();
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        let destination = |path: &Path| Destination { format: "json".to_owned(), file: Some(path.to_owned()) };
        let printed = Destination { format: "json".to_owned(), file: None };
        take_back(&[destination(&file), destination(&link), destination(&folder.join("gone.json")), printed]).unwrap();
        assert!(!file.exists() && link.symlink_metadata().is_ok());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
