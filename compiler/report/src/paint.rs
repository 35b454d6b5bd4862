//! Colours, as plain ANSI escapes.
//!
//! [`Paint`] colours a text or leaves it alone; which of the two is decided once, by the caller's option.
//! It does not look at the terminal.

use parapet_model::Severity;

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Bold,
    Good,
    Bad,
    Help,
    /// Gutters, arrows and what else only guides the eye.
    Frame,
    Severity(Severity),
}

/// Applies styles, or does not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    pub(crate) color: bool,
}

impl Paint {
    /// The text in a style; the caller has escaped it.
    pub(crate) fn text(self, style: Style, text: &str) -> String {
        if self.color { format!("\x1b[{}m{text}\x1b[0m", code(style)) } else { text.to_owned() }
    }
}

fn code(style: Style) -> &'static str {
    match style {
        Style::Bold => "1",
        Style::Good => "32",
        Style::Bad => "1;31",
        Style::Help => "1;36",
        Style::Frame => "34",
        Style::Severity(Severity::Critical) => "1;31",
        Style::Severity(Severity::High) => "31",
        Style::Severity(Severity::Medium) => "33",
        Style::Severity(Severity::Low) => "36",
        Style::Severity(Severity::Info) => "34",
    }
}
