//! Files in chunks.
//!
//! A question about all files is put to chunks of them, and the answers are put together. After an edit salsa then asks
//! the one chunk that holds the file, file by file, and of the others only whether anything in them changed.

use crate::db::SourceFile;

/// Files of one chunk. Near the square root of a thousand, so that chunks and the files of one are about as many.
const FILES: usize = 32;

/// The numbers of the chunks of so many files.
pub(crate) fn numbers(files: &[SourceFile]) -> std::ops::Range<usize> {
    0..files.len().div_ceil(FILES)
}

/// The files of a chunk.
pub(crate) fn chunk(files: &[SourceFile], number: usize) -> &[SourceFile] {
    files.chunks(FILES).nth(number).unwrap_or_default()
}
