//! The one style, as edits.

use parapet_base::{Edit, Span};
use parapet_semantic::{Db, SourceFile};
use parapet_syntax::line_edits;

/// The lines of a file to replace. Items that do not parse stay as they are.
pub fn formatted(db: &dyn Db, file: SourceFile) -> Vec<Edit> {
    let text = file.text(db);
    line_edits(text, &parapet_syntax::format(text).text)
}

/// The same for the items that a range touches.
pub fn formatted_range(db: &dyn Db, file: SourceFile, range: Span) -> Vec<Edit> {
    parapet_syntax::format_range(file.text(db), range)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn a_file_and_a_range_of_it() {
        let fixture = Fixture::new("const A=1\nconst B=2$0\n");
        assert_eq!(formatted(&fixture.db, fixture.file).len(), 1);
        let range = Span { start: fixture.offset, end: fixture.offset };
        let edits = formatted_range(&fixture.db, fixture.file, range);
        assert_eq!(edits, [Edit { span: Span::new(10, 19), replacement: "const B = 2".to_owned() }]);
    }
}
