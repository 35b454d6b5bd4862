//! The lines of a YAML text by the resource that they belong to.
//!
//! A resource begins with the line of its logical id and ends before the next one's, as far as lines are indented deeper
//! than the id: comments behind its last value are its own.

use parapet_base::Span;
use parapet_model::Node;

/// Which resource each line belongs to.
pub(super) struct Regions<'t> {
    lines: Vec<Line<'t>>,
    resources: Vec<Region>,
}

struct Line<'t> {
    start: usize,
    text: &'t str,
}

/// A resource: its lines, first and last, and what it is in the text.
struct Region {
    first: usize,
    last: usize,
    span: Span,
}

impl Line<'_> {
    fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    fn is_comment(&self) -> bool {
        self.text.trim_start().starts_with('#')
    }

    /// It says something beside comments.
    fn is_content(&self) -> bool {
        !self.text.trim().is_empty() && !self.is_comment()
    }
}

impl<'t> Regions<'t> {
    pub(super) fn of(text: &'t str, resources: &[&Node]) -> Regions<'t> {
        let mut start = 0;
        let mut lines = Vec::new();
        for text in text.split_inclusive('\n') {
            lines.push(Line { start, text });
            start += text.len();
        }
        let mut regions = Regions { lines, resources: Vec::new() };
        regions.resources = resources.iter().filter_map(|resource| regions.region(resource.span)).collect();
        regions
    }

    /// The resource that an offset lies in, or else the one in whose lines.
    pub(super) fn inside(&self, offset: usize) -> Option<Span> {
        let within = |region: &&Region| region.span.range().contains(&offset);
        if let Some(region) = self.resources.iter().find(within) {
            return Some(region.span);
        }
        let line = self.line(offset)?;
        self.only(|region| (region.first..=region.last).contains(&line))
    }

    /// The resource that begins right below the comments around an offset.
    pub(super) fn below(&self, offset: usize) -> Option<Span> {
        let line = self.line(offset)?;
        let rest = self.lines.iter().enumerate().skip(line);
        let (next, _) = rest.into_iter().find(|(_, line)| !line.is_comment())?;
        self.only(|region| region.first == next && next > line)
    }

    /// The resource of which this holds. Of several on one line nobody knows which is meant.
    fn only(&self, holds: impl Fn(&Region) -> bool) -> Option<Span> {
        let mut found = self.resources.iter().filter(|region| holds(region));
        let first = found.next()?;
        found.next().is_none().then_some(first.span)
    }

    fn line(&self, offset: usize) -> Option<usize> {
        self.lines.partition_point(|line| line.start <= offset).checked_sub(1)
    }

    fn region(&self, span: Span) -> Option<Region> {
        let value = self.line(span.start as usize)?;
        let before = self.lines.get(value).and_then(|line| line.text.get(..span.start as usize - line.start));
        // `Bucket: {…}` has the id before the value; else it stands on a line above, maybe with comments between.
        let first = match before.is_some_and(|before| before.trim().is_empty()) {
            true => (0..value).rev().find(|at| self.lines.get(*at).is_some_and(Line::is_content))?,
            false => value,
        };
        let indent = self.lines.get(first)?.indent();
        let end = self.line((span.end as usize).saturating_sub(1).max(span.start as usize))?;
        let behind = self.lines.iter().enumerate().skip(end + 1);
        let own = behind.take_while(|(_, line)| !line.is_content());
        let last = own.filter(|(_, line)| line.is_comment() && line.indent() > indent).last().map_or(end, |(at, _)| at);
        Some(Region { first, last, span })
    }
}
