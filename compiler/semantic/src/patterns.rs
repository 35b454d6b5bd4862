//! Regular expressions, compiled once for all that write the same.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use crate::db::Db;

/// The pattern compiled; `folded` ignores case. What is wrong with it otherwise, in the words of `regex`.
#[salsa::tracked(returns(ref), no_eq)]
pub fn compiled_pattern(db: &dyn Db, pattern: Arc<str>, folded: bool) -> Result<Regex, String> {
    let _ = db;
    RegexBuilder::new(&pattern).case_insensitive(folded).build().map_err(|error| error.to_string())
}
