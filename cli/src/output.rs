//! Standard output, standard error, colours, and what commands share in refusing.

use std::io::{IsTerminal, Write};

use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp};
use parapet_driver::model::Severity;
use parapet_driver::{Diagnostic, FileId};
use parapet_driver::{Refusal, Request, Rules, Selection};
use parapet_report::{SourceText, diagnostics_json, diagnostics_text};

use crate::arguments::{self, Setting, When};

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

/// Diagnostics as text.
pub(crate) fn diagnostics_as_text(rules: &Rules, found: &[(FileId, Diagnostic)], color: bool) -> String {
    diagnostics_text(found, &|file| source(rules, file), color)
}

/// Diagnostics as `parapet.diagnostics/1`.
pub(crate) fn diagnostics_as_json(rules: &Rules, found: &[(FileId, Diagnostic)]) -> String {
    diagnostics_json(found, &|file| source(rules, file))
}

fn source(rules: &Rules, file: FileId) -> Option<SourceText> {
    let (path, text) = rules.texts.get(file.0 as usize)?;
    Some(SourceText { path: path.clone(), text: text.clone() })
}

/// Tells why a pipeline ended without a result; its status.
pub(crate) fn refuse(refusal: Refusal, json: bool, color: When) -> Result<u8> {
    match refusal {
        Refusal::Usage(message) => {
            complain(&message);
            Ok(2)
        }
        Refusal::Rules(rules, found) => {
            if json {
                print(&diagnostics_as_json(&rules, &found))?;
            } else {
                tell(&diagnostics_as_text(&rules, &found, stderr_colored(color)));
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
    let as_of = match &setting.as_of {
        None => now,
        Some(text) => {
            time(text).with_context(|| format!("`--as-of {text}` is no time such as 2027-01-31T08:00:00Z"))?
        }
    };
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
        accounts: Vec::new(),
        regions: Vec::new(),
        inputs: inputs.to_vec(),
        input_format: Some(setting.input_format.clone()),
        as_of,
        params: params.collect::<Result<_>>()?,
        params_files: setting.params_files.clone(),
        keep_going: false,
        all: false,
        collected: setting
            .collected
            .iter()
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect(),
        max_age,
        jobs: 1,
        progress,
    })
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
