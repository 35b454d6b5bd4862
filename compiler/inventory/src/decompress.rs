//! Compressed inputs and text in UTF-16, known by their first bytes.

use std::io::{Cursor, Read, Result};

use flate2::read::MultiGzDecoder;

use crate::utf16::{Order, Transcoder};

/// An input after decompression, if it needs one.
pub(crate) struct Opened<'r> {
    pub(crate) reader: Box<dyn Read + 'r>,
    /// What it is compressed with.
    pub(crate) compression: Option<&'static str>,
}

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Looks at the first bytes and puts decoders around the reader, so that UTF-8 comes out.
pub(crate) fn open<'r>(reader: &'r mut dyn Read) -> Result<Opened<'r>> {
    let (head, whole) = peeked(reader, ZSTD.len())?;
    let (reader, compression): (Box<dyn Read + 'r>, _) = match (head.starts_with(GZIP), head.starts_with(ZSTD)) {
        (true, _) => (Box::new(MultiGzDecoder::new(whole)), Some("gzip")),
        (_, true) => (Box::new(zstd::Decoder::new(whole)?), Some("zstd")),
        _ => (Box::new(whole), None),
    };
    let mut mark = Marked { reader, head: Vec::new() };
    let failed = mark.look();
    let Marked { reader, head } = mark;
    // What a damaged stream gave before it failed is read, and then it fails again.
    let order = if failed.is_err() { None } else { Order::of_mark(&head) };
    let rest = match order {
        Some(_) => Cursor::new(Vec::new()).chain(reader),
        None => Cursor::new(head).chain(reader),
    };
    let reader: Box<dyn Read + 'r> = match (order, failed) {
        (Some(order), _) => Box::new(Transcoder::new(rest, order)),
        (None, Ok(())) => Box::new(rest),
        (None, Err(error)) => Box::new(rest.chain(Failing(Some(error)))),
    };
    Ok(Opened { reader, compression })
}

/// The first bytes, and a reader that gives them once more.
fn peeked<'r>(reader: &'r mut dyn Read, count: usize) -> Result<(Vec<u8>, impl Read + 'r)> {
    let mut head = Vec::new();
    Read::take(&mut *reader, count as u64).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(reader)))
}

/// A stream whose byte order mark is looked for.
struct Marked<'r> {
    reader: Box<dyn Read + 'r>,
    head: Vec<u8>,
}

impl Marked<'_> {
    fn look(&mut self) -> Result<()> {
        Read::take(&mut *self.reader, 2).read_to_end(&mut self.head).map(drop)
    }
}

/// Fails as a reader before it did.
struct Failing(Option<std::io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Whether an input that begins with these bytes (the first four, or all) is compressed, or text in UTF-16: what origins count in
/// is something else than its bytes.
pub fn is_encoded(head: &[u8]) -> bool {
    let mark = head.get(..head.len().min(2)).unwrap_or_default();
    head.starts_with(GZIP) || head.starts_with(ZSTD) || Order::of_mark(mark).is_some()
}

/// An input's bytes after decompression, if it needs one: what [`Origin`](parapet_model::Origin)s count in.
pub fn decompressed<'r>(reader: &'r mut dyn Read) -> Result<Box<dyn Read + 'r>> {
    open(reader).map(|opened| opened.reader)
}
