//! Text in UTF-16, as PowerShell writes it when output is redirected, to UTF-8.

use std::io::{Error, ErrorKind, Read, Result};

/// The byte order of a text in UTF-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    /// What a byte order mark says.
    pub(crate) fn of_mark(head: &[u8]) -> Option<Order> {
        match head {
            [0xff, 0xfe, ..] => Some(Order::Little),
            [0xfe, 0xff, ..] => Some(Order::Big),
            _ => None,
        }
    }
}

/// The text of a whole file, in UTF-8 or in UTF-16 behind its mark.
pub(crate) fn text(bytes: Vec<u8>) -> Result<String> {
    let not_text = |_| Error::new(ErrorKind::InvalidData, "not UTF-8");
    let Some(order) = Order::of_mark(&bytes) else { return String::from_utf8(bytes).map_err(not_text) };
    let mut text = String::new();
    Transcoder::new(bytes.get(2..).unwrap_or_default(), order).read_to_string(&mut text)?;
    Ok(text)
}

/// Reads UTF-16 behind its mark and gives UTF-8. Half of a pair, and half a unit at the end, are errors.
pub(crate) struct Transcoder<R> {
    inner: R,
    order: Order,
    /// UTF-8 that was not handed out yet.
    ready: Vec<u8>,
    taken: usize,
    /// Bytes of a unit, or a unit of a pair, that wait for their other half.
    rest: Vec<u8>,
}

impl<R: Read> Transcoder<R> {
    pub(crate) fn new(inner: R, order: Order) -> Transcoder<R> {
        Transcoder { inner, order, ready: Vec::new(), taken: 0, rest: Vec::new() }
    }

    /// Transcodes another chunk; false at the end.
    fn fill(&mut self) -> Result<bool> {
        let mut bytes = std::mem::take(&mut self.rest);
        if Read::take(&mut self.inner, 64 << 10).read_to_end(&mut bytes)? == 0 {
            return if bytes.is_empty() { Ok(false) } else { Err(broken()) };
        }
        let unit = |pair: &[u8; 2]| match self.order {
            Order::Little => u16::from_le_bytes(*pair),
            Order::Big => u16::from_be_bytes(*pair),
        };
        let (pairs, odd) = bytes.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(unit).collect();
        let half = units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit));
        if half {
            units.pop();
            self.rest.extend(pairs.last().into_iter().flatten());
        }
        self.rest.extend(odd);
        let text: String = char::decode_utf16(units).collect::<std::result::Result<_, _>>().map_err(|_| broken())?;
        self.ready = text.into_bytes();
        self.taken = 0;
        Ok(true)
    }
}

fn broken() -> Error {
    Error::new(ErrorKind::InvalidData, "it begins as text in UTF-16 and does not go on so")
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while self.taken >= self.ready.len() {
            if !self.fill()? {
                return Ok(0);
            }
        }
        let ready = self.ready.get(self.taken..).unwrap_or_default();
        let count = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(units: impl Iterator<Item = u16>, order: Order) -> Result<String> {
        let bytes: Vec<u8> = units
            .flat_map(|unit| if order == Order::Little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect();
        let mut text = String::new();
        Transcoder::new(&*bytes, order).read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn both_orders_and_pairs() {
        let long = "aé😀".repeat(20_000);
        for order in [Order::Little, Order::Big] {
            assert_eq!(text(long.encode_utf16(), order).unwrap(), long);
        }
    }

    #[test]
    fn halves_are_errors() {
        assert!(text([0x61, 0xd800].into_iter(), Order::Little).is_err());
        assert!(text([0xdc00].into_iter(), Order::Little).is_err());
        assert!(Transcoder::new(&b"a"[..], Order::Little).read_to_string(&mut String::new()).is_err());
    }
}
