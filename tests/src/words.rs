//! Lines of expectations as words: bare ones, and quoted ones with `\"`, `\\`, `\n` and `\t`.

/// A word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    Bare(String),
    Quoted(String),
}

impl Word {
    /// The text, quoted or not.
    pub fn text(&self) -> &str {
        match self {
            Word::Bare(text) | Word::Quoted(text) => text,
        }
    }
}

/// The words of a line; a quote that nothing closes ends with the line.
pub fn words(line: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => words.push(Word::Quoted(quoted(&mut letters))),
            letter if letter.is_whitespace() => {}
            letter => {
                let mut bare = String::from(letter);
                while let Some(letter) = letters.next_if(|letter| !letter.is_whitespace()) {
                    bare.push(letter);
                }
                words.push(Word::Bare(bare));
            }
        }
    }
    words
}

fn quoted(letters: &mut impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => text.extend(letters.next().map(escaped)),
            letter => text.push(letter),
        }
    }
    text
}

/// What a letter after `\` stands for.
fn escaped(letter: char) -> char {
    match letter {
        'n' => '\n',
        't' => '\t',
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_blanks_and_escaped_quotes() {
        let found = words(r#"open  "a \"b\" c" fail"#);
        assert_eq!(found, [Word::Bare("open".into()), Word::Quoted("a \"b\" c".into()), Word::Bare("fail".into())]);
    }
}
