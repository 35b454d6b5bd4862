//! Input formats to records, streamed.
//!
//! [`read`] takes bytes, finds out what they are (gzip or zstd around them, one document, a list, or a record a
//! line), and pushes each resource into a [`Sink`] as a canonical [`parapet_model::Record`], or typed where it is known
//! what is wanted of it. A record that cannot be read is reported with its place and the rest is read on. Nothing here
//! touches files or decides which of two records is the newer one.

mod aws_config;
mod base64;
mod cloud_control;
mod cloudformation;
mod collected;
mod crew;
mod csv;
mod decompress;
mod delivered;
mod delivery;
mod element;
mod enclosed;
mod formats;
mod fresh;
mod names;
mod ndjson;
mod organisation;
mod place;
mod read;
mod recorder;
mod reread;
mod service_answers;
mod shared;
mod sink;
mod source;
mod splitter;
mod suppressions;
mod terraform;
#[cfg(test)]
mod tests;
mod utf16;
mod versioned;
mod whole;
mod yaml;

pub use aws_config::{NAME as AWS_CONFIG, recorded_types};
pub use cloudformation::{Assembly, Parameters};
pub use decompress::{decompressed, is_encoded};
pub use delivered::{Delivered, Taking};
pub use formats::{FORMATS, Format, is_no_input};
pub use organisation::{Described, Fact, Organisation, Told};
pub use read::{read, read_on};
pub use reread::{Given, Ground, Rereader, glance};
pub use shared::shared;
pub use sink::{Addition, By, Collected, Error, Gap, Limits, Sink, Skip, Summary, Types};
pub use source::{Files, NoFiles, Source, TAGS, Wanted};
pub use suppressions::{Suppression, Suppressions, suppressions};
pub use terraform::{called_modules, is_in_module};
pub use versioned::{Versioned, versioned};
