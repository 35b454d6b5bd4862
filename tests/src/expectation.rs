//! What a case expects: diagnostics on the lines of a program, verdicts, outcomes of tests.

use crate::markdown::Fence;
use crate::words::{Word, words};

/// `// error: [E0102] "may be absent"` at the end of a line; `//^ error: …` speaks of the line above.
#[derive(Debug)]
pub(crate) struct ExpectedDiagnostic {
    /// The line of the program, from 1.
    pub(crate) line: u32,
    pub(crate) level: &'static str,
    pub(crate) code: Option<String>,
    pub(crate) parts: Vec<String>,
}

/// The diagnostics that the comments of a program announce.
pub(crate) fn expected_diagnostics(text: &str) -> Vec<ExpectedDiagnostic> {
    let mut expected = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let mut comments = line.split("//");
        // What stands before the first `//` is program.
        comments.next();
        expected.extend(comments.filter_map(|comment| expected_diagnostic(at as u32 + 1, comment)));
    }
    expected
}

/// The program without the comments that announce diagnostics.
pub(crate) fn unannounced(text: &str) -> String {
    let announces = |comment: &str| expected_diagnostic(1, comment.trim_start_matches('^')).is_some();
    let mut bare = String::new();
    for line in text.split_inclusive('\n') {
        let starts = line.match_indices("//").map(|(at, _)| at);
        let first = starts.into_iter().find(|at| line.get(at + 2..).is_some_and(announces));
        match first.and_then(|at| line.get(..at)) {
            Some(kept) if kept.trim().is_empty() => {}
            Some(kept) => {
                bare.push_str(kept.trim_end());
                bare.push('\n');
            }
            None => bare.push_str(line),
        }
    }
    bare
}

fn expected_diagnostic(line: u32, comment: &str) -> Option<ExpectedDiagnostic> {
    let (line, comment) = match comment.strip_prefix('^') {
        Some(rest) => (line - 1, rest),
        None => (line, comment),
    };
    let levels = [("error", "error:"), ("warning", "warning:")];
    let (level, rest) =
        levels.iter().find_map(|(level, word)| Some((*level, comment.trim_start().strip_prefix(word)?)))?;
    let mut expected = ExpectedDiagnostic { line, level, code: None, parts: Vec::new() };
    for word in words(rest) {
        match word {
            Word::Bare(code) => expected.code = Some(code.trim_matches(['[', ']']).to_owned()),
            Word::Quoted(part) => expected.parts.push(part),
        }
    }
    Some(expected)
}

/// A line of a `verdicts` fence: `guardrail id verdict "part of a detail" details=2`.
#[derive(Debug)]
pub(crate) struct ExpectedVerdict {
    pub(crate) guardrail: String,
    pub(crate) resource: String,
    /// As JSON results write it: `pass`, `fail`, `unknown`, `na`, `waived`.
    pub(crate) verdict: String,
    pub(crate) parts: Vec<String>,
    pub(crate) details: Option<usize>,
    /// The line in the Markdown file.
    pub(crate) line: u32,
}

/// The verdicts of a fence.
pub(crate) fn expected_verdicts(fence: &Fence) -> Result<Vec<ExpectedVerdict>, String> {
    let lines = fence.text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|(at, line)| expected_verdict(fence.line + at as u32, line)).collect()
}

fn expected_verdict(line: u32, text: &str) -> Result<ExpectedVerdict, String> {
    let mut words = words(text).into_iter();
    let mut next = || words.next().map(|word| word.text().to_owned());
    let (Some(guardrail), Some(resource), Some(verdict)) = (next(), next(), next()) else {
        return Err(format!("line {line} is no `guardrail id verdict`"));
    };
    let verdict = if verdict == "n/a" { "na".to_owned() } else { verdict };
    if !["pass", "fail", "unknown", "na", "waived"].contains(&verdict.as_str()) {
        return Err(format!("line {line}: `{verdict}` is no verdict"));
    }
    let mut expected = ExpectedVerdict { guardrail, resource, verdict, parts: Vec::new(), details: None, line };
    for word in words {
        match word {
            Word::Quoted(part) => expected.parts.push(part),
            Word::Bare(word) => {
                let count = word.strip_prefix("details=").and_then(|count| count.parse().ok());
                expected.details = Some(count.ok_or(format!("line {line}: `{word}` is no `details=N`"))?);
            }
        }
    }
    Ok(expected)
}

/// A line of a `tests` fence: `"title" pass`, or `"title" fail "part of what disagreed"`.
#[derive(Debug)]
pub(crate) struct ExpectedTest {
    pub(crate) title: String,
    pub(crate) passes: bool,
    pub(crate) parts: Vec<String>,
}

/// The outcomes of a `tests` fence.
pub(crate) fn expected_tests(fence: &Fence) -> Result<Vec<ExpectedTest>, String> {
    fence.text.lines().filter(|line| !line.trim().is_empty()).map(expected_test).collect()
}

fn expected_test(line: &str) -> Result<ExpectedTest, String> {
    let mut words = words(line).into_iter();
    match (words.next(), words.next()) {
        (Some(Word::Quoted(title)), Some(Word::Bare(outcome))) if outcome == "pass" || outcome == "fail" => {
            let parts = words.map(|word| word.text().to_owned()).collect();
            Ok(ExpectedTest { title, passes: outcome == "pass", parts })
        }
        _ => Err(format!("`{line}` is no `\"title\" pass|fail`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_announce_diagnostics() {
        let found = expected_diagnostics("let a = 1 // error: [E0103] \"Int\" // error: \"b\"\n//^ warning: [W0202]\n");
        assert_eq!(found.len(), 3);
        assert_eq!((found[0].line, found[0].code.as_deref()), (1, Some("E0103")));
        assert_eq!((found[1].level, found[1].parts.as_slice()), ("error", &["b".to_owned()][..]));
        assert_eq!((found[2].line, found[2].level), (1, "warning"));
    }

    #[test]
    fn announcements_can_be_taken_out() {
        let text = "let a = 1  // error: [E0103]\n//^ warning: [W0202]\nlet b = \"//\" // why\n";
        assert_eq!(unannounced(text), "let a = 1\nlet b = \"//\" // why\n");
    }
}
