//! Numbers, texts and values as bytes: a number takes one byte for each seven bits that it has.

use crate::Value;

/// Bytes that are written, or read from where the last reading ended.
#[derive(Debug, Default)]
pub(crate) struct Bytes<B = Vec<u8>> {
    bytes: B,
}

/// What the lowest bits of the first number of a value say: what the other bits are.
const KIND_BITS: u32 = 2;
/// The number of a value that stands elsewhere.
const CODE: u64 = 0;
/// The length of a text that follows.
const INLINE: u64 = 1;
/// A whole number, so that small ones are more often found.
const INT: u64 = 2;
/// One of few.
const SMALL: u64 = 3;

const ABSENT: u64 = 0;
const FALSE: u64 = 1;
const TRUE: u64 = 2;

/// A signed number as one without a sign: near zero it is small.
pub(crate) fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}

fn back(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

impl Bytes {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn put(&mut self, mut number: u64) {
        while number > 0x7f {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    pub(crate) fn put_text(&mut self, text: &str) {
        self.put(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A mark and a text; a mark that is not set and an empty text are one byte of zero.
    pub(crate) fn put_pair(&mut self, mark: bool, text: &str) {
        self.put((text.len() as u64) << 1 | u64::from(mark));
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn put_inline(&mut self, text: &str) {
        self.put((text.len() as u64) << KIND_BITS | INLINE);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn put_code(&mut self, code: u32) {
        self.put(u64::from(code) << KIND_BITS | CODE);
    }

    /// Writes a value that takes no room elsewhere; whether it is one.
    pub(crate) fn put_small(&mut self, value: &Value) -> bool {
        let number = match value {
            Value::Absent => ABSENT << KIND_BITS | SMALL,
            Value::Bool(is_so) => (if *is_so { TRUE } else { FALSE }) << KIND_BITS | SMALL,
            Value::Int(number) => match zigzag(*number) {
                large if large.leading_zeros() < KIND_BITS => return false,
                number => number << KIND_BITS | INT,
            },
            _ => return false,
        };
        self.put(number);
        true
    }

    pub(crate) fn reader(bytes: &[u8]) -> Bytes<&[u8]> {
        Bytes { bytes }
    }
}

impl<'b> Bytes<&'b [u8]> {
    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for (at, byte) in self.bytes.iter().enumerate().take(10) {
            number |= u64::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                self.bytes = self.bytes.get(at + 1..)?;
                return Some(number);
            }
        }
        None
    }

    pub(crate) fn number_32(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    pub(crate) fn signed(&mut self) -> Option<i64> {
        self.number().map(back)
    }

    fn taken(&mut self, length: u64) -> Option<&'b [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(usize::try_from(length).ok()?)?;
        self.bytes = rest;
        Some(taken)
    }

    pub(crate) fn text(&mut self) -> Option<&'b str> {
        let length = self.number()?;
        std::str::from_utf8(self.taken(length)?).ok()
    }

    pub(crate) fn pair(&mut self) -> Option<(bool, &'b str)> {
        let number = self.number()?;
        Some((number & 1 == 1, std::str::from_utf8(self.taken(number >> 1)?).ok()?))
    }

    /// The text of a pair; `None` where there is but a zero.
    pub(crate) fn optional_text(&mut self) -> Option<Option<&'b str>> {
        self.pair().map(|(is_there, text)| is_there.then_some(text))
    }

    pub(crate) fn skip_value(&mut self) -> Option<()> {
        let number = self.number()?;
        match number & ((1 << KIND_BITS) - 1) {
            INLINE => self.taken(number >> KIND_BITS).map(drop),
            _ => Some(()),
        }
    }

    /// A value; `of` knows those that stand elsewhere.
    pub(crate) fn value(&mut self, of: impl FnOnce(u64) -> Option<Value>) -> Option<Value> {
        let number = self.number()?;
        let rest = number >> KIND_BITS;
        match number & ((1 << KIND_BITS) - 1) {
            CODE => of(rest),
            INLINE => Some(Value::text(std::str::from_utf8(self.taken(rest)?).ok()?)),
            INT => Some(Value::Int(back(rest))),
            _ => match rest {
                ABSENT => Some(Value::Absent),
                FALSE => Some(Value::Bool(false)),
                TRUE => Some(Value::Bool(true)),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_they_were() {
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        let signed = [0, 1, -1, 63, -64, i64::MAX, i64::MIN];
        let mut bytes = Bytes::default();
        numbers.iter().for_each(|number| bytes.put(*number));
        signed.iter().for_each(|number| bytes.put(zigzag(*number)));
        let mut reader = Bytes::reader(bytes.bytes());
        assert!(numbers.iter().all(|number| reader.number() == Some(*number)));
        assert!(signed.iter().all(|number| reader.signed() == Some(*number)));
        assert_eq!(reader.number(), None);
    }

    #[test]
    fn values_are_what_they_were() {
        let extreme = i64::MAX >> 2;
        let values = [Value::Absent, Value::Bool(true), Value::Bool(false), Value::Int(7), Value::Int(-extreme)];
        let mut bytes = Bytes::default();
        for value in &values {
            assert!(bytes.put_small(value));
        }
        assert!(!bytes.put_small(&Value::Int(i64::MIN)) && !bytes.put_small(&Value::Int(i64::MAX)));
        bytes.put_inline("a text");
        bytes.put_code(41);
        let mut reader = Bytes::reader(bytes.bytes());
        for value in values {
            assert!(reader.value(|_| None).is_some_and(|read| read.is_identical(&value)));
        }
        assert!(reader.value(|_| None).is_some_and(|read| read.as_text() == Some("a text")));
        assert!(
            reader.value(|code| Some(Value::Int(code as i64))).is_some_and(|read| read.is_identical(&Value::Int(41)))
        );
        let mut again = Bytes::reader(bytes.bytes());
        assert!((0..7).all(|_| again.skip_value().is_some()) && again.number().is_none());
    }
}
