//! A formatted text before its lines are broken, and the breaking of lines.
//!
//! A document is a list of [`Op`]s: texts, places where a line may end, groups and indentation. A group stays on one line
//! if it fits there with what follows it up to the next place where a line may end; else all lines of the group itself
//! end, and the groups inside it are asked in their turn. Comments are ops too: a trailing one waits for the end of its
//! line, one on a line of its own makes that line. What a document says, and where it may break, is decided by its writer.

/// The columns that a line should not go beyond.
pub(super) const WIDTH: usize = 100;

/// The spaces of one step of indentation.
const STEP: usize = 4;

/// A piece of a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Op<'t> {
    Text(&'t str),
    /// A space, unless a line ends or begins here.
    Space,
    /// A space, or a line end if the group is broken.
    Line,
    /// Nothing, or a line end if the group is broken.
    Soft,
    /// A space, or in a broken group a line end if what comes up to the next place does not fit.
    Fill,
    /// A line end, with an empty line after it if `blank`.
    Hard {
        blank: bool,
    },
    /// A comma if the group is broken.
    Comma,
    /// Begins a group; `forced` ones are broken in any case.
    Open {
        forced: bool,
    },
    Close,
    Indent,
    Dedent,
    /// A comment that goes to the end of the line.
    Trailing(&'t str),
    /// A comment on a line of its own; with `margin` it stays in column 0.
    Comment {
        text: &'t str,
        margin: bool,
    },
}

/// The text of a document.
pub(super) fn print(ops: &[Op<'_>]) -> String {
    let mut printer = Printer::default();
    for (at, op) in ops.iter().enumerate() {
        printer.op(*op, ops.get(at + 1..).unwrap_or_default());
    }
    printer.end_line();
    printer.out
}

#[derive(Default)]
struct Printer<'t> {
    out: String,
    column: usize,
    indent: usize,
    /// The columns before the text of the line, by the indentation where the line began.
    margin: usize,
    /// Whether each open group is broken.
    broken: Vec<bool>,
    /// Comments that wait for the end of the line.
    trailing: Vec<&'t str>,
    /// The line has no text yet; its indentation is still to be written.
    fresh: Fresh,
    space: bool,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Fresh {
    /// Nothing stands on the line.
    #[default]
    Yes,
    /// Text stands on the line.
    No,
    /// A comment stands on the line and ends it.
    Ended,
}

impl<'t> Printer<'t> {
    fn op(&mut self, op: Op<'t>, rest: &[Op<'t>]) {
        match op {
            Op::Text(text) => self.text(text),
            Op::Space => self.space = true,
            Op::Line if self.is_broken() => self.end_line(),
            Op::Line => self.space = true,
            Op::Soft if self.is_broken() => self.end_line(),
            Op::Soft => {}
            Op::Fill if self.is_broken() => self.fill(rest),
            Op::Fill => self.space = true,
            Op::Hard { blank } => {
                self.end_line();
                if blank {
                    self.out.push('\n');
                }
            }
            Op::Comma if self.is_broken() => self.text(","),
            Op::Comma => {}
            Op::Open { forced } => {
                let broken = self.is_broken() && (forced || !self.fits(rest));
                self.broken.push(broken);
            }
            Op::Close => {
                self.broken.pop();
            }
            Op::Indent => self.indent += 1,
            Op::Dedent => self.indent = self.indent.saturating_sub(1),
            Op::Trailing(text) => self.trailing.push(text),
            Op::Comment { text, margin } => self.comment(text, margin),
        }
    }

    fn is_broken(&self) -> bool {
        self.broken.last().copied().unwrap_or(true)
    }

    fn text(&mut self, text: &str) {
        self.go_on_below();
        if self.fresh == Fresh::Yes {
            self.column = self.margin;
            self.out.extend(std::iter::repeat_n(' ', self.margin));
        } else if self.space {
            self.out.push(' ');
            self.column += 1;
        }
        self.space = false;
        self.fresh = Fresh::No;
        self.out.push_str(text);
        self.column += width(text);
    }

    /// Below a comment, what follows it stands where the comment stands.
    fn go_on_below(&mut self) {
        if self.fresh == Fresh::Ended {
            let margin = self.margin;
            self.end_line();
            self.margin = margin;
        }
    }

    /// Ends the line if anything stands on it, after the comments that wait for that.
    fn end_line(&mut self) {
        self.space = false;
        self.margin = self.indent * STEP;
        self.column = self.margin;
        if self.fresh == Fresh::Yes {
            return;
        }
        let mut first = self.fresh == Fresh::No;
        for text in std::mem::take(&mut self.trailing) {
            if first {
                self.out.push(' ');
                self.out.push_str(text);
            } else {
                self.out.push('\n');
                self.own_line(text);
            }
            first = false;
        }
        self.out.push('\n');
        self.fresh = Fresh::Yes;
    }

    fn comment(&mut self, text: &str, margin: bool) {
        self.go_on_below();
        if self.fresh == Fresh::No {
            self.end_line();
        }
        if margin {
            self.out.push_str(text);
        } else {
            self.own_line(text);
        }
        self.fresh = Fresh::Ended;
    }

    fn own_line(&mut self, text: &str) {
        let columns = margin_of(text, self.margin);
        self.out.extend(std::iter::repeat_n(' ', columns));
        self.out.push_str(text);
    }

    fn fill(&mut self, rest: &[Op<'_>]) {
        let mut width_needed = 1;
        let mut depth = 0usize;
        for op in rest {
            match op {
                Op::Text(text) => width_needed += width(text),
                Op::Space => width_needed += 1,
                Op::Comma => width_needed += 1,
                Op::Open { .. } => depth += 1,
                Op::Close if depth == 0 => break,
                Op::Close => depth -= 1,
                Op::Line | Op::Soft | Op::Fill | Op::Hard { .. } if depth == 0 => break,
                Op::Line | Op::Fill => width_needed += 1,
                Op::Comment { .. } => break,
                Op::Soft | Op::Hard { .. } | Op::Indent | Op::Dedent | Op::Trailing(_) => {}
            }
        }
        if self.trailing.is_empty() && self.column + width_needed <= WIDTH {
            self.space = true;
        } else {
            self.end_line();
        }
    }

    /// Whether a group, from behind its beginning, fits the line with what follows up to where a line may end.
    fn fits(&self, rest: &[Op<'_>]) -> bool {
        let mut left = WIDTH.saturating_sub(self.column + usize::from(self.space));
        let mut depth = 1usize;
        for op in rest {
            let taken = match op {
                Op::Text(text) => width(text),
                Op::Space => 1,
                Op::Line | Op::Fill | Op::Soft | Op::Hard { .. } | Op::Comment { .. } if depth == 0 => return true,
                Op::Line | Op::Fill => 1,
                Op::Open { .. } if depth > 0 => {
                    depth += 1;
                    0
                }
                Op::Close => {
                    depth = depth.saturating_sub(1);
                    0
                }
                // A comma behind the group belongs to one that is broken.
                Op::Comma if depth == 0 => 1,
                Op::Soft | Op::Hard { .. } | Op::Comma | Op::Open { .. } => 0,
                Op::Indent | Op::Dedent | Op::Trailing(_) | Op::Comment { .. } => 0,
            };
            match left.checked_sub(taken) {
                Some(still) => left = still,
                None => return false,
            }
        }
        true
    }
}

fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// The column of a comment on a line of its own. In column 0, `///` and `//!` would document an item.
pub(super) fn margin_of(comment: &str, columns: usize) -> usize {
    let documents = comment.starts_with("///") || comment.starts_with("//!");
    if documents && columns == 0 { STEP } else { columns }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list<'t>(elements: &[&'t str], forced: bool) -> Vec<Op<'t>> {
        let mut ops = vec![Op::Text("["), Op::Open { forced }, Op::Indent, Op::Soft];
        for (at, element) in elements.iter().enumerate() {
            if at > 0 {
                ops.extend([Op::Text(","), Op::Line]);
            }
            ops.push(Op::Text(element));
        }
        ops.extend([Op::Comma, Op::Dedent, Op::Soft, Op::Close, Op::Text("]")]);
        ops
    }

    #[test]
    fn a_group_that_fits_stays_on_its_line() {
        assert_eq!(print(&list(&["a", "b"], false)), "[a, b]\n");
        assert_eq!(print(&list(&["a", "b"], true)), "[\n    a,\n    b,\n]\n");
    }

    #[test]
    fn what_follows_a_group_counts() {
        let long = "a".repeat(WIDTH - 8);
        let mut ops = list(&[&long, "b"], false);
        assert_eq!(print(&ops).lines().count(), 1);
        ops.push(Op::Text(" == c"));
        assert_eq!(print(&ops).lines().count(), 4);
    }

    #[test]
    fn comments_end_their_lines() {
        let ops = [
            Op::Text("a"),
            Op::Trailing("// one"),
            Op::Text("b"),
            Op::Trailing("// two"),
            Op::Hard { blank: false },
            Op::Comment { text: "// three", margin: false },
            Op::Text("c"),
        ];
        assert_eq!(print(&ops), "ab // one\n// two\n// three\nc\n");
    }

    #[test]
    fn filled_lines_take_what_fits() {
        let words: Vec<String> = (0..60).map(|number| format!("w{number:02}")).collect();
        let mut ops = vec![Op::Open { forced: true }, Op::Text("x")];
        for word in &words {
            ops.extend([Op::Fill, Op::Text(word)]);
        }
        ops.push(Op::Close);
        let text = print(&ops);
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().all(|line| line.len() <= WIDTH));
    }
}
