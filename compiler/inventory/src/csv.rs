//! Tables of comma-separated values (RFC 4180), whose cells know where they stand.
//!
//! Nothing is guessed: a quote that never closes, or that stands inside a bare cell, is an error at its place, and
//! reading ends there. Blank lines are passed over.

use parapet_base::Span;

/// A cell: what it says, and where it stands, quotes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// What a text holds, up to the first fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Vec<Cell>>,
    pub(crate) fault: Option<(usize, &'static str)>,
}

/// Reads a whole table.
pub(crate) fn parse(text: &str) -> Table {
    let mut reader = Reader { text, at: 0 };
    let mut table = Table::default();
    while reader.at < text.len() {
        if reader.line_end() {
            continue;
        }
        match reader.row() {
            Ok(row) => table.rows.push(row),
            Err(fault) => {
                table.fault = Some(fault);
                break;
            }
        }
    }
    table
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes over the end of a line, if it is here.
    fn line_end(&mut self) -> bool {
        let end = ["\r\n", "\n"].into_iter().find(|end| self.rest().starts_with(end));
        self.at += end.map_or(0, str::len);
        end.is_some()
    }

    fn row(&mut self) -> Result<Vec<Cell>, (usize, &'static str)> {
        let mut cells = vec![self.cell()?];
        while self.rest().starts_with(',') {
            self.at += 1;
            cells.push(self.cell()?);
        }
        if self.at == self.text.len() || self.line_end() {
            return Ok(cells);
        }
        Err((self.at, "expected `,` or the end of the line after a cell"))
    }

    fn cell(&mut self) -> Result<Cell, (usize, &'static str)> {
        let start = self.at;
        if self.rest().starts_with('"') {
            let text = self.quoted()?;
            return Ok(Cell { text, span: Span::new(start, self.at) });
        }
        let ends = |letter| matches!(letter, ',' | '"' | '\n');
        let length = self.rest().find(ends).unwrap_or(self.rest().len());
        let bare = self.rest().get(..length).unwrap_or_default();
        let text = bare.strip_suffix('\r').unwrap_or(bare).to_owned();
        self.at += text.len();
        match self.rest().starts_with('"') {
            true => Err((self.at, "a quote stands inside a cell that does not begin with one")),
            false => Ok(Cell { text, span: Span::new(start, self.at) }),
        }
    }

    /// A cell in quotes; a quote in it is written twice.
    fn quoted(&mut self) -> Result<String, (usize, &'static str)> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(length) = self.rest().find('"') else {
                return Err((start, "the quotes of this cell never close"));
            };
            text.push_str(self.rest().get(..length).unwrap_or_default());
            self.at += length + 1;
            if !self.rest().starts_with('"') {
                return Ok(text);
            }
            text.push('"');
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<Vec<String>> {
        parse(text).rows.into_iter().map(|row| row.into_iter().map(|cell| cell.text).collect()).collect()
    }

    #[test]
    fn cells_are_told_apart() {
        assert_eq!(texts("a,b\r\nc,\n\n"), [["a", "b"], ["c", ""]]);
        assert_eq!(texts("\"a,\"\"b\"\"\nc\",d"), [["a,\"b\"\nc", "d"]]);
        assert_eq!(texts(""), Vec::<Vec<String>>::new());
    }

    #[test]
    fn cells_know_their_place() {
        let table = parse("a,\"é\"\nc");
        let spans: Vec<Span> = table.rows.iter().flatten().map(|cell| cell.span).collect();
        assert_eq!(spans, [Span::new(0, 1), Span::new(2, 6), Span::new(7, 8)]);
    }

    #[test]
    fn a_fault_ends_reading_at_its_place() {
        let table = parse("a\nb,\"c");
        assert_eq!((table.rows.len(), table.fault.map(|(at, _)| at)), (1, Some(4)));
        assert_eq!(parse("a\"b").fault.map(|(at, _)| at), Some(1));
        assert_eq!(parse("\"a\"b").fault.map(|(at, _)| at), Some(3));
    }
}
