//! The page of the diagnostics: an index by code, then the page of each code, one level deeper.

use parapet_base::{Level, codes::ALL, codes::Code};

use super::{cell, mark};

/// What stands above the index.
const PREFACE: &str = "\
# Diagnostics

Every error and warning of rules has a code, which never changes its meaning, and a name, which `@allow` takes.
`parapet explain E0101` prints what stands here. Of the examples, the first gives exactly the code, and the last is right.
";

/// The page.
pub(super) fn page() -> String {
    let mut page = mark("compiler/base/src/codes");
    page.push_str(PREFACE);
    for (title, level) in [("Errors", Level::Error), ("Warnings", Level::Warning)] {
        page.push_str(&format!("\n## {title}\n\n| code | name | says | since |\n| --- | --- | --- | --- |\n"));
        page.extend(ALL.iter().filter(|code| code.level == level).map(|code| row(code)));
    }
    for code in ALL {
        page.push('\n');
        page.push_str(&deeper(code.page));
    }
    page
}

fn row(code: &Code) -> String {
    let Code { code, name, since, summary, .. } = code;
    format!("| [{code}](#{}-{name}) | `{name}` | {} | {since} |\n", code.to_lowercase(), cell(summary.trim()))
}

/// The page of a code with each heading one level deeper; lines of examples stay as they are.
fn deeper(page: &str) -> String {
    let mut text = String::new();
    let mut fenced = false;
    for line in page.lines() {
        fenced ^= line.starts_with("```");
        let heading = !fenced && line.starts_with('#');
        text.push_str(if heading { "#" } else { "" });
        text.push_str(line);
        text.push('\n');
    }
    text
}
