//! The nearest name to a misspelt one, for "did you mean".
//!
//! Damerau-Levenshtein distance (optimal string alignment) without regard to case; a candidate counts
//! when at most a third of the name's characters, and at least one, would have to change.

/// The candidate most like `name`; the first of equals in the order given.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    // One letter is near to everything.
    let limit = (wanted.len() / 3).max(usize::from(wanted.len() > 1));
    let exact: Vec<char> = name.chars().collect();
    let mut best: Option<((usize, usize), &str)> = None;
    for candidate in candidates {
        let other: Vec<char> = candidate.to_lowercase().chars().collect();
        if other.len().abs_diff(wanted.len()) > limit {
            continue;
        }
        let near = distance(&wanted, &other);
        if near > limit || best.is_some_and(|((least, _), _)| near > least) {
            continue;
        }
        // Of two that are as near, that in the same case: `tags` of `tag`, not `Tags`.
        let distance = (near, distance(&exact, &candidate.chars().collect::<Vec<_>>()));
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut left_of_a = None;
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        let mut left_of_b = None;
        for (j, y) in b.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut least = (cell(&row, j) + usize::from(x != y)).min(cell(&row, j + 1) + 1).min(cell(&next, j) + 1);
            if j > 0 && left_of_a == Some(y) && left_of_b == Some(x) {
                least = least.min(cell(&before, j - 1) + 1);
            }
            next.push(least);
            left_of_b = Some(y);
        }
        left_of_a = Some(x);
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        assert_eq!(nearest("PubliclyAccesible", ["PubliclyAccessible", "Port"]), Some("PubliclyAccessible"));
        assert_eq!(nearest("Optional", ["ON", "OFF", "OPTIONAL"]), Some("OPTIONAL"));
        assert_eq!(nearest("ONN", ["OFF", "ON"]), Some("ON"));
        assert_eq!(nearest("teh", ["the"]), Some("the"));
        assert_eq!(nearest("REQUIRED", ["ON", "OFF", "OPTIONAL"]), None);
    }
}
