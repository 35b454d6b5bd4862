//! Whether the places that diagnostics name are there.

use parapet_base::{Diagnostic, FileId, Span};

use super::{Broken, hold};

/// The texts of other files that labels may point into.
pub(super) type Texts<'t> = &'t dyn Fn(FileId) -> Option<std::sync::Arc<str>>;

/// Every span of a diagnostic lies in its text, at the borders of characters.
pub(super) fn lie_in(text: &str, diagnostic: &Diagnostic, texts: Texts<'_>) -> Result<(), Broken> {
    let inside = |text: &str, span: Span| text.get(span.range()).is_some();
    // What is said of a whole file that is empty has one byte.
    let inside_or_end =
        |span: Span| inside(text, span) || (span.start as usize >= text.len() && span.end <= span.start + 1);
    let told = || format!("{diagnostic:?}");
    hold(inside_or_end(diagnostic.span), "a diagnostic stands in its text", told)?;
    for label in &diagnostic.labels {
        let lies = match label.file {
            None => inside_or_end(label.span),
            Some(file) => texts(file).is_some_and(|text| inside(&text, label.span)),
        };
        hold(lies, "a label stands in its text", told)?;
    }
    for edit in diagnostic.suggestions.iter().flat_map(|suggestion| &suggestion.edits) {
        hold(inside(text, edit.span), "an edit stands in its text", told)?;
    }
    Ok(())
}
