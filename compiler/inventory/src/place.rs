//! Places in an input: byte offset, line and column.

/// A place; line and column count from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) offset: u64,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Place {
    pub(crate) const START: Place = Place { offset: 0, line: 1, column: 1 };

    /// The place after these bytes, which stand here.
    pub(crate) fn after(self, bytes: &[u8]) -> Place {
        let (line, column, tail) = match memchr::memrchr(b'\n', bytes) {
            Some(last) => {
                let breaks = memchr::memchr_iter(b'\n', bytes).count();
                (self.line.saturating_add(clamp(breaks)), 1, bytes.get(last + 1..).unwrap_or_default())
            }
            None => (self.line, self.column, bytes),
        };
        // Every byte begins a character but those of the form 10xxxxxx.
        let characters = match tail.is_ascii() {
            true => tail.len(),
            false => tail.iter().filter(|byte| **byte & 0xc0 != 0x80).count(),
        };
        Place { offset: self.offset + bytes.len() as u64, line, column: column.saturating_add(clamp(characters)) }
    }
}

fn clamp(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_of_the_last_line() {
        let place = Place::START.after("aé\nüb".as_bytes());
        assert_eq!(place, Place { offset: 7, line: 2, column: 3 });
        assert_eq!(place.after(b"c"), Place { offset: 8, line: 2, column: 4 });
    }
}
