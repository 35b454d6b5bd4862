//! `parapet fmt` over generated rules, beside the grammar alone over the same bytes.

use std::hint::black_box;

use crate::clock::timed;
use crate::least::Least;
use crate::rules::File;

/// The name of the measurement.
pub(crate) const NAME: &str = "format";

/// Formats all files once.
pub(crate) fn round(files: &[File], least: &mut Least) {
    let format = || files.iter().map(|file| parapet_syntax::format(&file.text).text.len()).sum::<usize>();
    least.note(NAME, timed(|| black_box(format())).0);
}
