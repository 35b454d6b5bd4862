//! Makes a text small that shows something: lines are left out, then tokens, many at once and then fewer.

use crate::tokens::tokens;

/// More attempts than this are not made.
const MOST_ATTEMPTS: usize = 600;

/// The smallest text found for which `shows` still holds.
pub fn minimise(text: &str, mut shows: impl FnMut(&str) -> bool) -> String {
    let mut attempts = 0;
    let mut small = text.to_owned();
    let cuts: [fn(&str) -> Vec<&str>; 2] = [|text| text.split_inclusive('\n').collect(), tokens];
    for cut in cuts {
        let mut chunk = cut(&small).len().div_ceil(2);
        while chunk > 0 && attempts < MOST_ATTEMPTS {
            let mut at = 0;
            loop {
                let pieces = cut(&small);
                if at >= pieces.len() || attempts >= MOST_ATTEMPTS {
                    break;
                }
                attempts += 1;
                let kept = pieces.iter().enumerate().filter(|(index, _)| !(at..at + chunk).contains(index));
                let shorter: String = kept.map(|(_, piece)| *piece).collect();
                match shows(&shorter) {
                    true => small = shorter,
                    false => at += chunk,
                }
            }
            chunk /= 2;
        }
    }
    small
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_goes() {
        let text = "const A = 1\n\nconst BAD = [1, 2, bad, 4]\n\nconst C = 3\n";
        assert_eq!(minimise(text, |text| text.contains("bad")), "bad");
        assert_eq!(minimise("", |_| true), "");
    }
}
