//! Sets of whole numbers: ranges with gaps between them.
//!
//! `x != 7` leaves two ranges, `x in [1, 5]` two numbers. A set that would need too many ranges is rounded up to one that
//! holds more, so that a set says what may be, and never what must.

/// More ranges than this are rounded up to one.
const MOST_RANGES: usize = 128;

/// Ranges from the least to the most, both included, in order and apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbers(Vec<(i128, i128)>);

impl Numbers {
    /// All from the least to the most; none where there are none.
    pub(super) fn between(least: i128, most: i128) -> Numbers {
        Numbers(if least <= most { vec![(least, most)] } else { Vec::new() })
    }

    pub(super) fn only(number: i128) -> Numbers {
        Numbers::between(number, number)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn least(&self) -> Option<i128> {
        self.0.first().map(|(least, _)| *least)
    }

    pub(super) fn most(&self) -> Option<i128> {
        self.0.last().map(|(_, most)| *most)
    }

    /// The one number in it.
    pub(super) fn single(&self) -> Option<i128> {
        match self.0.as_slice() {
            [(least, most)] if least == most => Some(*least),
            _ => None,
        }
    }

    pub(super) fn and(&self, other: &Numbers) -> Numbers {
        let pairs = self.0.iter().flat_map(|(a, b)| other.0.iter().map(move |(c, d)| (*a.max(c), *b.min(d))));
        Numbers::of(pairs.filter(|(least, most)| least <= most).collect())
    }

    pub(super) fn or(&self, other: &Numbers) -> Numbers {
        Numbers::of([self.0.as_slice(), other.0.as_slice()].concat())
    }

    /// Those that are not in the other set.
    pub(super) fn but(&self, other: &Numbers) -> Numbers {
        let mut left = self.0.clone();
        for (from, to) in &other.0 {
            let parts = left
                .iter()
                .flat_map(|(a, b)| [(*a, *b.min(&from.saturating_sub(1))), (*a.max(&to.saturating_add(1)), *b)]);
            left = parts.filter(|(least, most)| least <= most).collect();
        }
        Numbers::of(left)
    }

    pub(super) fn is_within(&self, other: &Numbers) -> bool {
        self.0.iter().all(|(a, b)| other.0.iter().any(|(c, d)| c <= a && b <= d))
    }

    /// Each with as much added.
    pub(super) fn shifted(&self, by: i128) -> Numbers {
        Numbers(self.0.iter().map(|(a, b)| (a.saturating_add(by), b.saturating_add(by))).collect())
    }

    pub(super) fn negated(&self) -> Numbers {
        Numbers(self.0.iter().rev().map(|(a, b)| (b.saturating_neg(), a.saturating_neg())).collect())
    }

    fn of(mut ranges: Vec<(i128, i128)>) -> Numbers {
        ranges.sort_unstable();
        let mut joined: Vec<(i128, i128)> = Vec::new();
        for (least, most) in ranges {
            match joined.last_mut() {
                Some((_, end)) if least <= end.saturating_add(1) => *end = most.max(*end),
                _ => joined.push((least, most)),
            }
        }
        match (joined.first(), joined.last()) {
            (Some((least, _)), Some((_, most))) if joined.len() > MOST_RANGES => Numbers::between(*least, *most),
            _ => Numbers(joined),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_out_leaves_a_gap() {
        let all = Numbers::between(0, 10);
        let gap = all.but(&Numbers::only(7));
        assert!(gap.and(&Numbers::only(7)).is_empty());
        assert_eq!(gap.or(&Numbers::only(7)), all);
        assert_eq!(gap.but(&Numbers::between(0, 9)).single(), Some(10));
        assert!(Numbers::between(8, 9).is_within(&gap) && !Numbers::between(6, 8).is_within(&gap));
        assert_eq!(gap.shifted(1).negated(), Numbers::between(-7, -1).or(&Numbers::between(-11, -9)));
    }

    #[test]
    fn too_many_ranges_are_one_that_holds_more() {
        let many = (0..300).fold(Numbers::between(1, 0), |all, at| all.or(&Numbers::only(at * 2)));
        assert!(Numbers::only(598).is_within(&many));
        assert!(many.0.len() <= MOST_RANGES);
    }
}
