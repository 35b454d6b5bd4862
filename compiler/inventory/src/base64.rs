//! Text in base64.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// As services write it, padded or not.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The text in standard or URL-safe base64, which may be broken into lines.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let letters: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    let bytes = ENGINE.decode(letters.replace('-', "+").replace('_', "/")).ok()?;
    String::from_utf8(bytes).ok()
}

/// A text in standard base64, padded.
pub(crate) fn encoded(text: &str) -> String {
    ENGINE.encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        for (text, written) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("\u{fc}?>", "w7w/Pg==")] {
            assert_eq!(encoded(text), written);
            assert_eq!(decoded(written).as_deref(), Some(text));
        }
    }

    #[test]
    fn other_writings_are_read_and_what_is_none_is_not() {
        assert_eq!(decoded("w7w_Pg").as_deref(), Some("\u{fc}?>"));
        assert_eq!(decoded("YW\r\nJj\n").as_deref(), Some("abc"));
        assert_eq!(decoded("YW*j"), None);
        assert_eq!(decoded("/w=="), None, "not UTF-8");
    }
}
