//! Markdown files as cases: headings name them, fenced blocks are their parts.
//!
//! A heading starts a new case and ends the one before; prose is kept with the fence that follows it. Only what suites use is understood: `#`
//! headings, and fences of three or more backticks that begin a line. Other Markdown passes as prose.

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The first word after the backticks.
    pub kind: String,
    /// The words `key=value` after it; a word without `=` has an empty value.
    pub attributes: Vec<(String, String)>,
    pub text: String,
    /// The line in the Markdown file of the first line of `text`, from 1.
    pub line: u32,
    /// The prose between the fence before, or the beginning of the file, and this one.
    pub before: String,
}

/// What stands below a heading, up to the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The heading, after those that it is below: `Absent properties > With a default`.
    pub title: String,
    pub line: u32,
    pub fences: Vec<Fence>,
}

impl Fence {
    /// The value of the first attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes_named(name).next()
    }

    /// The values of all attributes of this name.
    pub fn attributes_named(&self, name: &str) -> impl Iterator<Item = &str> {
        self.attributes.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Case {
    /// The fences of one kind.
    pub fn fences_of(&self, kind: &str) -> impl Iterator<Item = &Fence> {
        self.fences.iter().filter(move |fence| fence.kind == kind)
    }
}

/// The cases of a text that have a fence.
pub fn cases(text: &str) -> Vec<Case> {
    let mut reader = Reader::default();
    for (at, line) in text.lines().enumerate() {
        reader.line(at as u32 + 1, line);
    }
    reader.cases.retain(|case| !case.fences.is_empty());
    reader.cases
}

#[derive(Default)]
struct Reader {
    cases: Vec<Case>,
    /// The headings that the next line is below, with their levels.
    headings: Vec<(usize, String)>,
    /// The open fence, and how many backticks close it.
    open: Option<(Fence, usize)>,
    /// The prose since the last fence.
    prose: String,
}

impl Reader {
    fn line(&mut self, number: u32, line: &str) {
        match &mut self.open {
            Some((_, ticks)) if backticks(line) >= *ticks && line.trim_matches('`').trim().is_empty() => self.close(),
            Some((fence, _)) => {
                fence.text.push_str(line);
                fence.text.push('\n');
            }
            None if backticks(line) >= 3 => {
                let before = std::mem::take(&mut self.prose);
                self.open = Some((fence(number + 1, line, before), backticks(line)));
            }
            None => {
                self.prose.push_str(line);
                self.prose.push('\n');
                self.heading(number, line);
            }
        }
    }

    fn close(&mut self) {
        let Some((fence, _)) = self.open.take() else { return };
        if self.cases.is_empty() {
            self.cases.push(Case { title: "(before the first heading)".to_owned(), line: 1, fences: Vec::new() });
        }
        if let Some(case) = self.cases.last_mut() {
            case.fences.push(fence);
        }
    }

    fn heading(&mut self, number: u32, line: &str) {
        let level = line.chars().take_while(|letter| *letter == '#').count();
        let Some(title) = line.trim_start_matches('#').strip_prefix(' ').filter(|_| level > 0) else { return };
        self.headings.retain(|(above, _)| *above < level);
        self.headings.push((level, title.trim().to_owned()));
        let titles: Vec<&str> = self.headings.iter().map(|(_, title)| title.as_str()).collect();
        self.cases.push(Case { title: titles.join(" > "), line: number, fences: Vec::new() });
    }
}

fn backticks(line: &str) -> usize {
    line.chars().take_while(|letter| *letter == '`').count()
}

fn fence(line: u32, opening: &str, before: String) -> Fence {
    let mut words = opening.trim_start_matches('`').split_whitespace();
    let kind = words.next().unwrap_or_default().to_owned();
    let attribute = |word: &str| {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        (name.to_owned(), value.to_owned())
    };
    Fence { kind, attributes: words.map(attribute).collect(), text: String::new(), line, before }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_nest_and_fences_belong_to_the_nearest() {
        let found = cases("# A\n\nprose\n\n## B\n\n```ndjson file=x.ndjson param=a=1\n{}\n```\n# C\n");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].title.as_str(), found[0].line), ("A > B", 5));
        assert_eq!(found[0].fences[0].text, "{}\n");
        assert_eq!(found[0].fences[0].attribute("param"), Some("a=1"));
        assert_eq!(found[0].fences[0].line, 8);
        assert_eq!(found[0].fences[0].before, "# A\n\nprose\n\n## B\n\n");
    }

    #[test]
    fn a_longer_fence_holds_a_shorter_one() {
        let found = cases("# A\n````markdown\n```x\n```\n````\n");
        assert_eq!(found[0].fences[0].text, "```x\n```\n");
    }
}
