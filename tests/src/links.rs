//! The links of a page, and the anchors that links may lead to.
//!
//! Links are what stands between `](` and `)` outside of fences and code. An anchor is made of a heading as mdBook and
//! GitHub make it: letters, in lower case, digits, `_` and `-` stay, blanks become `-`, all else goes; a repeated one
//! is numbered.

use std::collections::BTreeMap;

/// A link, with its line from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub line: u32,
    /// `language/types.md#records`
    pub target: String,
}

/// The lines of a page that are no code, numbered from 1.
fn prose(text: &str) -> Vec<(u32, &str)> {
    let mut prose = Vec::new();
    let mut open: Option<usize> = None;
    for (at, line) in text.lines().enumerate() {
        let ticks = line.chars().take_while(|letter| *letter == '`').count();
        match open {
            Some(needed) if ticks >= needed && line.trim_matches('`').trim().is_empty() => open = None,
            None if ticks >= 3 => open = Some(ticks),
            None => prose.push((at as u32 + 1, line)),
            Some(_) => {}
        }
    }
    prose
}

/// Every link of a page.
pub fn links(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    for (line, prose) in prose(text) {
        // Every second part stands between backticks.
        let spoken: String = prose.split('`').step_by(2).collect::<Vec<_>>().join("code");
        let targets = spoken.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        links.extend(targets.map(|target| Link { line, target: target.to_owned() }));
    }
    links
}

/// The anchors of a page's headings.
pub fn anchors(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let headings = prose(text).into_iter().filter_map(|(_, line)| {
        let title = line.trim_start_matches('#');
        title.strip_prefix(' ').filter(|_| line.starts_with('#'))
    });
    let numbered = headings.map(|title| {
        let anchor = anchor(title.trim());
        let before = seen.entry(anchor.clone()).or_insert(0);
        *before += 1;
        if *before == 1 { anchor } else { format!("{anchor}-{}", *before - 1) }
    });
    numbered.collect()
}

fn anchor(title: &str) -> String {
    let kept = title.chars().filter_map(|letter| match letter {
        letter if letter.is_alphanumeric() || letter == '_' || letter == '-' => Some(letter.to_ascii_lowercase()),
        letter if letter.is_whitespace() => Some('-'),
        _ => None,
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_code_are_none() {
        let found = links("[a](b.md) and `[c](d)` and [`e`](f.md#g)\n```text\n[h](i)\n```\n");
        let targets: Vec<&str> = found.iter().map(|link| link.target.as_str()).collect();
        assert_eq!(targets, ["b.md", "f.md#g"]);
    }

    #[test]
    fn anchors_are_made_of_headings() {
        let found = anchors("# `skip if`\n## E0002 unclosed_string\n## A\n```text\n# no\n```\n## A\n### What is it?\n");
        assert_eq!(found, ["skip-if", "e0002-unclosed_string", "a", "a-1", "what-is-it"]);
    }
}
