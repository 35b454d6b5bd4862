//! A text cut into words, marks, strings, comments and blanks, so that edits keep most of a program's form.
//!
//! The pieces joined give the text. What they mean is no matter here: a string that is never closed ends with its line.

/// The pieces of a text, in order, without gaps.
pub fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (token, after) = rest.split_at(length(rest));
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// Marks of two and three characters.
const MARKS: [&str; 11] = ["..=", "::", "==", "!=", "<=", ">=", "->", "??", "?.", "..", "+ "];

/// The bytes of the first piece of a text that is not empty.
fn length(text: &str) -> usize {
    let first = text.chars().next().unwrap_or(' ');
    let line = text.find('\n').unwrap_or(text.len());
    let wordy = |letter: char| letter.is_alphanumeric() || letter == '_';
    let length = match first {
        ' ' | '\t' => text.find(|letter| !matches!(letter, ' ' | '\t')).unwrap_or(text.len()),
        '"' => {
            let inside = text.get(1..line).unwrap_or_default();
            inside.find('"').map_or(line, |end| end + 2)
        }
        '/' if text.starts_with("//") => line,
        _ if wordy(first) => text.find(|letter| !wordy(letter)).unwrap_or(text.len()),
        _ => {
            let mark = MARKS.iter().find(|mark| text.starts_with(**mark));
            mark.map_or(first.len_utf8(), |mark| mark.len())
        }
    };
    length.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_text() {
        let text = "fn é(a: Int)->Bool = a..=\"x y\" // c\n\t\"open\n\u{1f600}::";
        assert_eq!(tokens(text).concat(), text);
        assert!(tokens(text).contains(&"\"x y\"") && tokens(text).contains(&"\"open"));
    }
}
