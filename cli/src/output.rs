//! Standard output, standard error, colours, and what commands share in refusing.

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp};
use parapet_driver::model::Severity;
use parapet_driver::{Diagnostic, FileId};
use parapet_driver::{Documents, Refusal, Request, Rules, Selection};
use parapet_report::{Diagnosed, diagnostic_format_named, diagnostics_text};

use crate::arguments::{self, Destination, Extent, Setting, When};

/// Writes to standard output.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes to standard error; nobody is left to tell when that fails.
pub(crate) fn tell(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// The format for people.
pub(crate) const TEXT: &str = "text";

/// A message of the command itself.
pub(crate) fn complain(message: &str) {
    tell(&format!("error: {message}\n"));
}

pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Whether to colour what goes to a terminal.
pub(crate) fn colored(when: When, terminal: bool) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

pub(crate) fn stdout_colored(when: When) -> bool {
    colored(when, std::io::stdout().is_terminal())
}

pub(crate) fn stderr_colored(when: When) -> bool {
    colored(when, std::io::stderr().is_terminal())
}

/// Diagnostics in one of the formats for them; as text, if none is called so.
pub(crate) fn diagnostics_as(format: &str, rules: &Rules, found: &[(FileId, Diagnostic)], color: bool) -> String {
    let files = |file| rules.source(file);
    let owners = |file, span| rules.owner(file, span);
    let diagnosed = Diagnosed { found, files: &files, owners: &owners };
    match diagnostic_format_named(format) {
        Some(format) => (format.print)(&diagnosed, color),
        None => diagnostics_text(found, &files, color),
    }
}

/// Tells why a pipeline ended without a result; its status. A format for programs that diagnostics have, too, goes to
/// standard output.
pub(crate) fn refuse(refusal: Refusal, format: &str, color: When) -> Result<u8> {
    match refusal {
        Refusal::Usage(message) => {
            complain(&message);
            Ok(2)
        }
        Refusal::Rules(rules, found) => {
            if format != TEXT && diagnostic_format_named(format).is_some() {
                print(&diagnostics_as(format, &rules, &found, false))?;
            } else {
                tell(&diagnostics_as(TEXT, &rules, &found, stderr_colored(color)));
            }
            Ok(3)
        }
        Refusal::Fault(message) => {
            complain(&message);
            complain(&format!(
                "this is a fault of Parapet {}: please report it with the rules and the input",
                env!("CARGO_PKG_VERSION")
            ));
            Ok(70)
        }
    }
}

/// The destinations that `--format FORMAT[=FILE]` names, of formats that are known; text without any.
pub(crate) fn destinations(formats: &[String], known: &[&str]) -> Result<Vec<Destination>> {
    let mut destinations: Vec<Destination> = formats.iter().map(|text| Destination::parse(text)).collect();
    if destinations.is_empty() {
        destinations.push(Destination { format: TEXT.to_owned(), file: None });
    }
    for destination in &destinations {
        if !known.contains(&destination.format.as_str()) {
            bail!("no output format is called `{}`; there are {}", destination.format, known.join(", "));
        }
    }
    if destinations.iter().filter(|destination| destination.file.is_none()).count() > 1 {
        bail!("only one format goes to standard output; give the others a file: `--format json=results.json`");
    }
    for (at, file) in destinations.iter().enumerate().filter_map(|(at, one)| Some((at, one.file.as_deref()?))) {
        let others = destinations.iter().skip(at + 1).filter_map(|other| other.file.as_deref());
        if others.into_iter().any(|other| is_one_file(file, other)) {
            bail!("two formats go to `{}`", file.display());
        }
    }
    Ok(destinations)
}

/// Refuses to write over a file that the run reads.
pub(crate) fn keep<'p>(destinations: &[Destination], read: impl IntoIterator<Item = &'p Path>) -> Result<()> {
    let files: Vec<&Path> = destinations.iter().filter_map(|destination| destination.file.as_deref()).collect();
    if files.is_empty() {
        return Ok(());
    }
    match read.into_iter().find(|path| files.iter().any(|file| is_one_file(file, path))) {
        Some(path) => bail!("a report would be written over `{}`, which this run reads", path.display()),
        None => Ok(()),
    }
}

/// Whether two paths lead to one file, which may not be there yet.
fn is_one_file(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| match std::fs::canonicalize(path) {
        Ok(real) => real,
        Err(_) => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
            path.file_name().map_or_else(|| folder.clone(), |name| folder.join(name))
        }
    };
    a == b || real(a) == real(b)
}

/// The format of what goes to standard output.
pub(crate) fn printed_format(destinations: &[Destination]) -> &str {
    let printed = destinations.iter().find(|destination| destination.file.is_none());
    printed.map_or(TEXT, |destination| destination.format.as_str())
}

/// The selection that the flags make.
pub(crate) fn selection(flags: &arguments::Selection) -> Selection {
    Selection {
        guardrails: flags.guardrails.clone(),
        controls: flags.controls.clone(),
        severity: Severity::named(&flags.severity).filter(|severity| *severity != Severity::Info),
        types: flags.types.clone(),
    }
}

/// A request with what all commands that evaluate share.
pub(crate) fn request<'r>(
    rules: &[String],
    selection: Selection,
    inputs: &[String],
    setting: &Setting,
    now: Timestamp,
    progress: &'r (dyn Fn(u64, u64) + Sync),
) -> Result<Request<'r>> {
    let as_of = as_of(setting.as_of.as_deref(), now)?;
    let max_age = match &setting.max_age {
        None => None,
        Some(text) => {
            Some(duration(text).with_context(|| format!("`--max-age {text}` is no duration such as 7d or 12h"))?)
        }
    };
    let params = setting.params.iter().map(|param| match param.split_once('=') {
        Some((path, value)) if !path.is_empty() => Ok((path.trim().to_owned(), value.trim().to_owned())),
        _ => bail!("`--param {param}` is not of the form PATH=VALUE"),
    });
    Ok(Request {
        rules: rules.to_vec(),
        selection,
        inputs: inputs.to_vec(),
        input_format: Some(setting.input_format.clone()),
        params: params.collect::<Result<_>>()?,
        params_files: setting.params_files.clone(),
        collected: setting
            .collected
            .iter()
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect(),
        max_age,
        documents: Documents {
            parameters: setting.parameters.clone(),
            var_files: setting.var_files.clone(),
            open_world: setting.world == Extent::Open,
        },
        progress,
        ..Request::at(as_of)
    })
}

/// The time that `--as-of` names, else `now`.
pub(crate) fn as_of(text: Option<&str>, now: Timestamp) -> Result<Timestamp> {
    match text {
        None => Ok(now),
        Some(text) => time(text).with_context(|| format!("`--as-of {text}` is no time such as 2027-01-31T08:00:00Z")),
    }
}

fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

/// `90d`, `12h`, `30m`, `15s`.
fn duration(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.trim().split_at_checked(text.trim().len().checked_sub(1)?)?;
    let seconds = match unit {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        "s" => 1,
        _ => return None,
    };
    Some(SignedDuration::from_secs(number.parse::<i64>().ok()?.checked_mul(seconds)?))
}
