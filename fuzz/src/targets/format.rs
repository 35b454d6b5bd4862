//! The formatter: twice is once, comments stay, and what is formatted says what it said.

use parapet_syntax::{format, parse, split};

use super::places::lie_in;
use super::{Behaviour, Target, Tried, hold};

/// See the module.
#[derive(Default)]
pub struct Format;

impl Target for Format {
    fn try_text(&mut self, text: &str) -> Tried {
        let mut behaviour = Behaviour::default();
        let once = format(text);
        let told = || format!("{text}\n--- formatted\n{}", once.text);
        hold(once.faults.is_empty(), "the formatter leaves no item for a fault of its own", || {
            format!("{:?}", once.faults)
        })?;
        once.errors.iter().try_for_each(|error| lie_in(text, error, &|_| None))?;
        let twice = format(&once.text);
        hold(twice.text == once.text, "formatting twice is formatting once", || {
            format!("{}\n--- twice\n{}", told(), twice.text)
        })?;
        hold(letters(text) == letters(&once.text), "words and comments stay", told)?;
        hold(shapes(text) == shapes(&once.text), "the tree stays", told)?;
        hold(once.errors.len() == twice.errors.len(), "formatting makes and hides no error", told)?;
        for shape in shapes(&once.text) {
            behaviour.saw((shape.0, shape.1, once.errors.is_empty()));
            behaviour.saw(shape.2.get(..shape.2.len().min(4)));
        }
        behaviour.saw(text.matches("//").count().min(6));
        behaviour.saw(once.text == text);
        Ok(behaviour)
    }
}

/// The letters of a text, sorted: blanks, commas and round brackets may come and go, and lines may change places.
fn letters(text: &str) -> Vec<char> {
    let counts = |letter: &char| !letter.is_whitespace() && !matches!(letter, ',' | '(' | ')' | ';' | '\u{feff}');
    let mut letters: Vec<char> = text.chars().filter(counts).collect();
    letters.sort_unstable();
    letters
}

/// What an item is: its keyword, whether it is understood, and the kinds of its expressions in order.
type Shape = (&'static str, bool, Vec<std::mem::Discriminant<parapet_syntax::ExprKind>>);

fn shapes(text: &str) -> Vec<Shape> {
    let shape = |item| {
        let parsed = parse(&item);
        let whole = parsed.whole().is_some();
        let exprs = parsed.tree.map(|tree| tree.exprs).unwrap_or_default();
        (item.keyword, whole, exprs.iter().map(|expr| std::mem::discriminant(&expr.kind)).collect())
    };
    split(text).items.into_iter().map(shape).collect()
}
