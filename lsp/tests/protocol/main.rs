//! The server over a pipe, spoken to by a small editor.
#![cfg(test)]

mod client;
mod features;
mod files;
mod hostile;
mod live;
mod manifests;
mod offered;
mod pull;
#[path = "../../../tests/tests/law/random.rs"]
mod random;
mod session;
mod templates;
#[path = "../../../tests/tests/editing/texts.rs"]
mod texts;
