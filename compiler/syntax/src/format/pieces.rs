//! A file as items, the comments between them, and text that is neither.
//!
//! One empty line stands between items, but that `use`, `const` and `param` of one line each may follow one another as
//! their author has them. Comments stay with what they stand above. What is no comment stays as it is.

use super::document::margin_of;

/// What stands in a file from column 0 on.
struct Piece {
    text: String,
    kind: Kind,
    /// An empty line stood above it.
    gap: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Item,
    /// A `use`, `const` or `param` of one line.
    Short,
    Comment,
    /// `//!`.
    ModuleDocs,
    /// What belongs to no item, or does not parse.
    Other,
}

/// The pieces of a file, in order.
#[derive(Default)]
pub(super) struct Pieces {
    pieces: Vec<Piece>,
    /// Line ends since the last piece.
    line_ends: usize,
}

impl Pieces {
    /// Takes a formatted item.
    pub(super) fn item(&mut self, text: String, keyword: &str) {
        let short = matches!(keyword, "use" | "const" | "param") && !text.contains('\n');
        self.push(text, if short { Kind::Short } else { Kind::Item });
    }

    /// Takes an item as it is.
    pub(super) fn broken(&mut self, text: String) {
        self.push(text, Kind::Item);
    }

    /// Takes the text between two items, or before the first, or after the last.
    pub(super) fn between(&mut self, text: &str) {
        let lines: Vec<&str> = text.split('\n').collect();
        let is_stray = |line: &&str| !line.trim().is_empty() && !is_comment(line);
        let first = lines.iter().position(is_stray).unwrap_or(lines.len());
        let behind = lines.iter().rposition(is_stray).map_or(first, |last| last + 1);
        self.lines(lines.get(..first).unwrap_or_default());
        if let Some(stray) = lines.get(first..behind).filter(|stray| !stray.is_empty()) {
            self.push(stray.join("\n"), Kind::Other);
            self.line_ends += usize::from(behind < lines.len());
        }
        self.lines(lines.get(behind..).unwrap_or_default());
        // The last line ends with the text, not with a line end.
        self.line_ends = self.line_ends.saturating_sub(1);
    }

    fn lines(&mut self, lines: &[&str]) {
        for line in lines {
            let comment = line.trim();
            if comment.starts_with("//") {
                let docs = line.starts_with("//!");
                let columns = if docs { 0 } else { margin_of(comment, 0) };
                let text = format!("{}{comment}", " ".repeat(columns));
                self.push(text, if docs { Kind::ModuleDocs } else { Kind::Comment });
            }
            self.line_ends += 1;
        }
    }

    fn push(&mut self, text: String, kind: Kind) {
        self.pieces.push(Piece { text, kind, gap: self.line_ends > 1 });
        self.line_ends = 0;
    }

    /// The file.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut above: Option<Kind> = None;
        let mut item_above: Option<Kind> = None;
        for (at, piece) in self.pieces.iter().enumerate() {
            if above.is_some_and(|above| self.is_apart(above, item_above, at, piece)) {
                text.push('\n');
            }
            text.push_str(&piece.text);
            text.push('\n');
            above = Some(piece.kind);
            if matches!(piece.kind, Kind::Item | Kind::Short) {
                item_above = above;
            }
        }
        text
    }

    /// Whether an empty line stands above a piece.
    fn is_apart(&self, above: Kind, item_above: Option<Kind>, at: usize, piece: &Piece) -> bool {
        if piece.gap {
            return true;
        }
        match (above, piece.kind) {
            (Kind::ModuleDocs, kind) => kind != Kind::ModuleDocs,
            (Kind::Item, Kind::Item | Kind::Short) | (Kind::Short, Kind::Item) => true,
            (Kind::Item | Kind::Short, Kind::Comment) => {
                let below = self.pieces.get(at..).unwrap_or_default();
                let next = below.iter().map(|piece| piece.kind).find(|kind| *kind != Kind::Comment);
                next.is_some_and(|next| !(item_above == Some(Kind::Short) && next == Kind::Short))
            }
            (Kind::Short, Kind::Short) | (Kind::Comment | Kind::Other, _) => false,
            (Kind::Item | Kind::Short, Kind::ModuleDocs | Kind::Other) => false,
        }
    }
}

/// A line that the splitter takes for a comment: in column 0 `///` begins an item, and what is no blank of the language, such
/// as a line separator of Unicode, is stray.
fn is_comment(line: &str) -> bool {
    line.trim_start_matches([' ', '\t', '\r']).starts_with("//") && !line.starts_with("///")
}
