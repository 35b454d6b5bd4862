//! Text of a program on one line, for messages: without comments, whatever its layout.

/// The text without comments and with one space for each run of white space, strings left as they are.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut gap = false;
    while let Some(letter) = letters.next() {
        match letter {
            '/' if letters.peek() == Some(&'/') && !out.ends_with("matches") => {
                while letters.next_if(|letter| *letter != '\n').is_some() {}
                gap = true;
            }
            letter if letter.is_whitespace() => gap = true,
            letter => {
                let tight = out.ends_with(['(', '[', '.']) || matches!(letter, ')' | ']' | '.' | ',');
                if std::mem::take(&mut gap) && !out.is_empty() && !tight {
                    out.push(' ');
                }
                out.push(letter);
                if letter == '"' {
                    rest_of_string(&mut letters, &mut out);
                }
            }
        }
    }
    out
}

fn rest_of_string(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let mut escaped = false;
    for letter in letters.by_ref() {
        out.push(letter);
        match letter {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return,
            _ => escaped = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn comments_and_line_ends_go_and_strings_stay() {
        assert_eq!(one_line("a // b\n  == \"q  //\" and (\n  c)"), "a == \"q  //\" and (c)");
        assert_eq!(one_line("f(\n a,\n b\n)"), "f(a, b)");
        assert_eq!(one_line("x\n  .y"), "x.y");
    }
}
