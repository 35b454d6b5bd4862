//! The difference between two texts, line by line.

use parapet_base::{Edit, Span};

/// Texts with more pairs of lines than this differ in one place from the first to the last line that differ.
const MOST_PAIRS: usize = 4_000_000;

/// The lines of `before` to replace so that it becomes `after`: whole lines, in order, and as few as it takes.
pub fn line_edits(before: &str, after: &str) -> Vec<Edit> {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.iter().skip(head).rev().zip(new.iter().skip(head).rev());
    let tail = rest.take_while(|(a, b)| a == b).count();
    let middle_old = old.get(head..old.len() - tail).unwrap_or_default();
    let middle_new = new.get(head..new.len() - tail).unwrap_or_default();
    let from: usize = old.iter().take(head).map(|line| line.len()).sum();
    let mut edits = Vec::new();
    let mut at = (from, 0, 0);
    for (old_at, new_at) in common(middle_old, middle_new).into_iter().chain([(middle_old.len(), middle_new.len())]) {
        let (start, old_from, new_from) = at;
        let removed: usize = middle_old.iter().take(old_at).skip(old_from).map(|line| line.len()).sum();
        let replacement: String = middle_new.iter().take(new_at).skip(new_from).copied().collect();
        if removed > 0 || !replacement.is_empty() {
            edits.push(Edit { span: Span::new(start, start + removed), replacement });
        }
        let kept = middle_old.get(old_at).map_or(0, |line| line.len());
        at = (start + removed + kept, old_at + 1, new_at + 1);
    }
    edits
}

/// A longest sequence of lines that both have, as pairs of places.
fn common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        return Vec::new();
    }
    // Row by row, the length of the longest common sequence of what is left of both.
    let width = new.len() + 1;
    let mut lengths = vec![0u32; (old.len() + 1) * width];
    let length = |lengths: &[u32], a: usize, b: usize| lengths.get(a * width + b).copied().unwrap_or(0);
    for (a, line) in old.iter().enumerate().rev() {
        for (b, other) in new.iter().enumerate().rev() {
            let longest = if line == other {
                length(&lengths, a + 1, b + 1) + 1
            } else {
                length(&lengths, a + 1, b).max(length(&lengths, a, b + 1))
            };
            if let Some(place) = lengths.get_mut(a * width + b) {
                *place = longest;
            }
        }
    }
    let (mut a, mut b) = (0, 0);
    let mut pairs = Vec::new();
    while let (Some(line), Some(other)) = (old.get(a), new.get(b)) {
        if line == other {
            pairs.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if length(&lengths, a + 1, b) >= length(&lengths, a, b + 1) {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(before: &str, after: &str) -> usize {
        let edits = line_edits(before, after);
        let mut text = before.to_owned();
        for edit in edits.iter().rev() {
            text.replace_range(edit.span.range(), &edit.replacement);
        }
        assert_eq!(text, after);
        edits.len()
    }

    #[test]
    fn only_what_differs_is_replaced() {
        assert_eq!(applied("a\nb\nc\n", "a\nb\nc\n"), 0);
        assert_eq!(applied("a\nb\nc\nd\ne\n", "a\nx\nc\ne\nf\n"), 3);
        assert_eq!(applied("", "a\n"), 1);
        assert_eq!(applied("a\n", ""), 1);
        assert_eq!(applied("a", "a\n"), 1);
        assert_eq!(applied("a\na\na\n", "a\n"), 1);
        assert_eq!(line_edits("a\nb\nc\n", "a\nc\n")[0].span, Span::new(2, 4));
    }
}
