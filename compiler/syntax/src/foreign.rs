//! Marks of other languages: what an error says of them, with the word that the language has instead.
//!
//! The grammar knows nothing of them; the text where it stops is looked at. What is offered is for a person to apply.

use parapet_base::{Diagnostic, Span, codes};

/// A syntax error, and the word that was meant if a mark of another language stands there.
pub(crate) fn with_meant(text: &str, error: Diagnostic) -> Diagnostic {
    if error.code != &codes::SYNTAX || !error.suggestions.is_empty() {
        return error;
    }
    let start = error.span.start as usize;
    let (Some(before), Some(rest)) = (text.get(..start), text.get(start..)) else { return error };
    match meant(before, rest, &error.message) {
        Some((length, back, replacement, message)) => {
            let span = Span::new(start - back, start + length);
            error.suggest(span, replacement, message)
        }
        None => error,
    }
}

/// How much of the text behind and before the error is replaced, by what, and why.
fn meant(before: &str, rest: &str, message: &str) -> Option<(usize, usize, String, String)> {
    let assigns = message.starts_with("expected `=`");
    // Behind an operator; `<>` in a type is none.
    let operand = message.starts_with("expected an expression");
    let compared = message.starts_with("unexpected") && in_condition(before);
    let word = |length: usize, word: &str| Some((length, 0, spaced(before, rest, length, word), named(word)));
    match rest {
        _ if rest.starts_with("&&") => word(2, "and"),
        _ if rest.starts_with("||") => word(2, "or"),
        _ if rest.starts_with("==") && assigns => Some((2, 0, "=".to_owned(), "a name is given with `=`".to_owned())),
        _ if operand && rest.starts_with('=') && before.ends_with("==") => {
            Some((1, 2, "==".to_owned(), compares("==")))
        }
        _ if operand && rest.starts_with('=') && before.ends_with("!=") => {
            Some((1, 2, "!=".to_owned(), compares("!=")))
        }
        _ if compared && rest.starts_with('=') && !rest.starts_with("==") => {
            Some((1, 0, "==".to_owned(), compares("==")))
        }
        _ if operand && rest.starts_with('>') && before.ends_with('<') => Some((1, 1, "!=".to_owned(), compares("!="))),
        _ if rest.starts_with('!') && !rest.starts_with("!=") => {
            let blanks = rest.len() - rest.get(1..)?.trim_start_matches(' ').len();
            Some((blanks, 0, spaced(before, " ", 0, "not ").replace("not  ", "not "), named("not")))
        }
        _ if rest.starts_with('\'') => {
            let inner = rest.get(1..)?.split_once('\'')?.0;
            let plain = !inner.contains(['"', '\\', '\n', '{']);
            plain.then(|| (inner.len() + 2, 0, format!("\"{inner}\""), "a text stands in double quotes".to_owned()))
        }
        _ if before.trim_end().ends_with(" is") => negated(rest),
        _ => None,
    }
}

/// Whether a line is in an expression, so that a single `=` there gives no name a value: `@control(a = "b")` does.
fn in_condition(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let first = line.split_whitespace().next().unwrap_or_default();
    ["require", "skip", "if", "and", "or", "expect"].contains(&first) || line.contains(" = ")
}

/// `is not present` and `is not absent`.
fn negated(rest: &str) -> Option<(usize, usize, String, String)> {
    let state = rest.strip_prefix("not ")?.trim_start_matches(' ');
    let opposite = [("present", "absent"), ("absent", "present")];
    let (word, other) = opposite.into_iter().find(|(word, _)| state.starts_with(word))?;
    let length = rest.len() - state.len() + word.len();
    Some((length, 0, other.to_owned(), format!("the test is `is {other}`")))
}

fn named(word: &str) -> String {
    format!("the word for it is `{word}`")
}

fn compares(mark: &str) -> String {
    format!("what compares is `{mark}`")
}

/// A word in the place of a mark, with blanks where none stand.
fn spaced(before: &str, rest: &str, length: usize, word: &str) -> String {
    let open = |text: &str| {
        text.is_empty() || text.ends_with(|letter: char| letter.is_whitespace() || "([{,".contains(letter))
    };
    let left = if open(before) { "" } else { " " };
    let after = rest.get(length..).unwrap_or_default();
    let right = if after.is_empty() || after.starts_with(char::is_whitespace) { "" } else { " " };
    format!("{left}{word}{right}")
}

#[cfg(test)]
mod tests {
    use crate::{parse, split};

    /// What is offered for the errors of an item.
    fn offered(text: &str) -> Vec<String> {
        let split = split(text);
        let errors = split.items.iter().flat_map(|item| parse(item).errors);
        errors.flat_map(|error| error.suggestions).map(|offer| offer.message).collect()
    }

    #[test]
    fn marks_that_mean_something_else_are_left_alone() {
        for text in [
            "fn f(x: Int = 3) -> Int = x\n",
            "@control(fsbp = \"RDS.1\")\nguardrail x(q: AWS::SQS::Queue) {\n    require true\n}\n",
            "param x: List<> = []\n",
            "guardrail x(q: AWS::SQS::Queue) {\n    for a = [1] {\n        require true\n    }\n}\n",
        ] {
            assert_eq!(offered(text), [""; 0], "{text}");
        }
        assert_eq!(offered("fn f(x: Int) -> Bool = x = 3\n"), ["what compares is `==`"]);
    }
}
