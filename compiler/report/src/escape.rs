//! Text from inputs and rules, made safe and short enough to print.
//!
//! An input must not forge output: a name with a line break, an ANSI escape or an invisible character is
//! shown with that character spelt out (`\n`, `\u{1b}`). Lengths are counted in terminal columns.
//! Backslashes stay as they are, so an escaped text is for reading and not for parsing.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text with control, bidirectional and invisible characters spelt out.
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_strange) { Cow::Owned(text.chars().map(spelt).collect()) } else { Cow::Borrowed(text) }
}

/// The escaped text, cut to `columns` with an ellipsis.
pub(crate) fn shorten(text: &str, columns: usize) -> String {
    let mut shown = String::new();
    let mut used = 0;
    for character in text.chars() {
        let cell = if is_strange(character) { spelt(character) } else { Cow::Owned(character.to_string()) };
        used += width(&cell);
        if used > columns {
            return cut(&shown, columns);
        }
        shown.push_str(&cell);
    }
    shown
}

/// The columns that a text takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    // Most texts are of letters that take one column each.
    let is_plain = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if is_plain { text.len() } else { UnicodeWidthStr::width(text) }
}

/// Whether a character could move the cursor, reorder the line or hide.
pub(crate) fn is_strange(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// One character as it is printed.
pub(crate) fn spelt(character: char) -> Cow<'static, str> {
    match character {
        '\n' => Cow::Borrowed("\\n"),
        '\r' => Cow::Borrowed("\\r"),
        '\t' => Cow::Borrowed("\\t"),
        strange if is_strange(strange) => Cow::Owned(format!("\\u{{{:x}}}", u32::from(strange))),
        ordinary => Cow::Owned(ordinary.to_string()),
    }
}

/// Makes room for the ellipsis: `shown` may already fill every column.
fn cut(shown: &str, columns: usize) -> String {
    let mut kept = String::new();
    let mut used = 1;
    for character in shown.chars() {
        used += character.width().unwrap_or(0);
        if used > columns {
            break;
        }
        kept.push(character);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strange_characters_are_spelt_out() {
        assert_eq!(escape("plain ö 表"), "plain ö 表");
        assert_eq!(escape("a\nb\r\tc"), "a\\nb\\r\\tc");
        assert_eq!(escape("\u{1b}[31mred\u{9b}0m"), "\\u{1b}[31mred\\u{9b}0m");
        assert_eq!(escape("\u{202e}evil\u{200b}"), "\\u{202e}evil\\u{200b}");
    }

    #[test]
    fn long_texts_are_cut_to_columns() {
        assert_eq!(shorten("abcdef", 6), "abcdef");
        assert_eq!(shorten("abcdefg", 6), "abcde…");
        assert_eq!(shorten("表表表表", 6), "表表…");
        assert_eq!(shorten("ab\n\n\n\n", 6), "ab\\n\\…");
    }
}
