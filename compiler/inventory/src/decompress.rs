//! Compressed inputs, known by their first bytes.

use std::io::{Cursor, Read, Result};

use flate2::read::MultiGzDecoder;

/// An input after decompression, if it needs one.
pub(crate) struct Opened<'r> {
    pub(crate) reader: Box<dyn Read + 'r>,
    /// What it is compressed with.
    pub(crate) compression: Option<&'static str>,
}

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Looks at the first bytes and puts a decoder around the reader.
pub(crate) fn open<'r>(reader: &'r mut dyn Read) -> Result<Opened<'r>> {
    let mut head = Vec::new();
    Read::take(&mut *reader, ZSTD.len() as u64).read_to_end(&mut head)?;
    let (gzip, zstd) = (head.starts_with(GZIP), head.starts_with(ZSTD));
    let whole = Cursor::new(head).chain(reader);
    Ok(match (gzip, zstd) {
        (true, _) => Opened { reader: Box::new(MultiGzDecoder::new(whole)), compression: Some("gzip") },
        (_, true) => Opened { reader: Box::new(zstd::Decoder::new(whole)?), compression: Some("zstd") },
        _ => Opened { reader: Box::new(whole), compression: None },
    })
}

/// An input's bytes after decompression, if it needs one: what [`Origin`](parapet_model::Origin)s count in.
pub fn decompressed<'r>(reader: &'r mut dyn Read) -> Result<Box<dyn Read + 'r>> {
    open(reader).map(|opened| opened.reader)
}
