//! The result a line at a time, for programs that stream: `parapet.findings/1`.
//!
//! The first line holds what the JSON result says beside its findings, and how many of them follow, so that a reader knows
//! when the stream was cut. Every other line is a finding, as in the JSON result.

use std::borrow::Cow;
use std::io;

use parapet_model::{Finding, RunResult};
use serde::Serialize;

use crate::json::{Whole, document};
use crate::rendering::Told;

/// Writes the line of the run, then a line for each finding.
pub(crate) fn write(result: &RunResult, findings: &Told<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut first = Vec::new();
    line(&document("parapet.findings/1", result, findings.len())?, &mut first)?;
    out.write_all(&first)?;
    let lines = |_: usize, some: &[Cow<'_, Finding>]| {
        let mut lines = Vec::new();
        some.iter().try_for_each(|finding| line(&Whole(result, finding), &mut lines))?;
        Ok(lines)
    };
    findings.write(&lines, out)?;
    out.flush()
}

fn line(value: &impl Serialize, out: &mut Vec<u8>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use parapet_model::Verdict;
    use serde_json::Value;

    use super::*;
    use crate::Options;
    use crate::testing::{finding, result};

    #[test]
    fn lines_hold_what_the_json_result_holds() {
        let mut result = result();
        result.findings = vec![finding(0, Verdict::Fail, "a\nb"), finding(1, Verdict::Pass, "c")];
        result.vacuous = vec![(1, "no resource".into())];
        for all in [false, true] {
            let options = Options { all, ..Options::default() };
            let (mut lines, mut whole) = (Vec::new(), Vec::new());
            write(&result, &Told::of(&result.findings, &options), &mut lines).unwrap();
            crate::json::write(&result, &Told::of(&result.findings, &options), &mut whole).unwrap();
            let mut whole: Value = serde_json::from_slice(&whole).unwrap();
            let findings = whole["findings"].take();
            let lines = String::from_utf8(lines).unwrap();
            let mut lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            whole["schema"] = "parapet.findings/1".into();
            whole["findings"] = findings.as_array().unwrap().len().into();
            assert_eq!(lines.next().unwrap(), whole);
            assert_eq!(lines.collect::<Vec<_>>(), *findings.as_array().unwrap());
        }
    }
}
