//! The outcome of `parapet test`, in the manner of `cargo test`.
//!
//! One line a test, then the failures in full, then a line that counts. Coverage is printed elsewhere.

use crate::escape::escape;
use crate::paint::{Paint, Style};

/// What became of one `test` item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestOutcome {
    /// The module that the test is in.
    pub module: String,
    /// The file, as reports show it.
    pub path: String,
    pub title: String,
    pub line: u32,
    /// What did not hold; `None` when the test passed.
    pub failure: Option<String>,
}

/// One line a test in the order given, failures with their detail below, and the counts.
pub fn tests_text(outcomes: &[TestOutcome], color: bool) -> String {
    let paint = Paint { color };
    let mut text = String::new();
    for outcome in outcomes {
        let word = if outcome.failure.is_some() { (Style::Bad, "FAILED") } else { (Style::Good, "ok") };
        text.push_str(&format!("test {} ... {}\n", name(outcome), paint.text(word.0, word.1)));
    }
    for outcome in outcomes {
        if let Some(failure) = &outcome.failure {
            text.push_str(&detail(paint, outcome, failure));
        }
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    text.push_str(if outcomes.is_empty() { "" } else { "\n" });
    text.push_str(&closing(paint, outcomes.len() - failed, failed));
    text
}

fn name(outcome: &TestOutcome) -> String {
    format!("{} \"{}\"", escape(&outcome.module), escape(&outcome.title))
}

fn detail(paint: Paint, outcome: &TestOutcome, failure: &str) -> String {
    let header = format!("{} ({}:{})", name(outcome), escape(&outcome.path), outcome.line);
    let mut text = format!("\n{}\n", paint.text(Style::Bold, &header));
    for line in failure.lines() {
        let line = format!("    {}", escape(line));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn closing(paint: Paint, passed: usize, failed: usize) -> String {
    let style = if failed > 0 { Style::Bad } else { Style::Good };
    paint.text(style, &format!("{passed} passed, {failed} failed")) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(title: &str, failure: Option<&str>) -> TestOutcome {
        let failure = failure.map(str::to_owned);
        let (module, path) = ("aws::network_test".into(), "rules/network_test.parapet".into());
        TestOutcome { module, path, title: title.into(), line: 12, failure }
    }

    #[test]
    fn failures_follow_the_list() {
        let outcomes = [outcome("open", None), outcome("clo\nsed", Some("expected fail\n\n  got pass\u{1b}"))];
        assert_eq!(
            tests_text(&outcomes, false),
            r#"test aws::network_test "open" ... ok
test aws::network_test "clo\nsed" ... FAILED

aws::network_test "clo\nsed" (rules/network_test.parapet:12)
    expected fail

      got pass\u{1b}

1 passed, 1 failed
"#
        );
    }

    #[test]
    fn no_tests_are_counted_as_none() {
        assert_eq!(tests_text(&[], false), "0 passed, 0 failed\n");
        assert_eq!(tests_text(&[], true), "\x1b[32m0 passed, 0 failed\x1b[0m\n");
    }
}
