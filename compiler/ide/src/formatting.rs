//! The one style, as edits.

use parapet_base::{Edit, Span};
use parapet_semantic::{Db, SourceFile};
use parapet_syntax::line_edits;

/// The lines of a file to replace. Items that do not parse stay as they are, and so do the ends of lines: an editor has a
/// setting of its own for them.
pub fn formatted(db: &dyn Db, file: SourceFile) -> Vec<Edit> {
    let text = file.text(db);
    line_edits(text, &with_ends_of(text, parapet_syntax::format(text).text))
}

/// The same for the items that a range touches.
pub fn formatted_range(db: &dyn Db, file: SourceFile, range: Span) -> Vec<Edit> {
    let text = file.text(db);
    let edits = parapet_syntax::format_range(text, range).into_iter();
    let edits = edits.map(|edit| Edit { replacement: with_ends_of(text, edit.replacement), ..edit });
    edits.filter(|edit| edit.span.text(text) != edit.replacement).collect()
}

/// A formatted text with the ends of lines of another, which are those of its first line.
fn with_ends_of(text: &str, formatted: String) -> String {
    let is_crlf = text.split_once('\n').is_some_and(|(first, _)| first.ends_with('\r'));
    if is_crlf { formatted.replace("\r\n", "\n").replace('\n', "\r\n") } else { formatted }
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
    #[test]
    fn the_ends_of_lines_stay() {
        let fixture = Fixture::new("const A=1\r\n\r\n// B.\r\nconst B = 2$0\r\n");
        let edits = formatted(&fixture.db, fixture.file);
        assert_eq!(edits, [Edit { span: Span::new(0, 11), replacement: "const A = 1\r\n".to_owned() }]);
        let fixture = Fixture::new("guardrail a(q: AWS::SQS::Queue) {\r\n    require true$0\r\n}\r\n");
        assert_eq!(formatted(&fixture.db, fixture.file), []);
        let range = Span { start: fixture.offset, end: fixture.offset };
        assert_eq!(formatted_range(&fixture.db, fixture.file, range), []);
    }
}
