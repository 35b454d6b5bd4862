//! `cargo xtask bench`: how long things take, each beside its limit and a peer of the same run, as a table.
//!
//! Times are processor time of one thread, the least of several rounds whose steps are interleaved; see
//! `docs/performance.md`. Nothing is asserted: whoever changes something compares tables of one machine.

mod clock;
mod closure;
mod cold;
mod editor;
mod engine;
mod format;
mod inventory;
mod joins;
mod keystroke;
mod least;
mod live;
mod rules;
mod schema;
mod table;

use std::io::Write;

use anyhow::Result;

use crate::least::{Least, ROUNDS};

/// The allocator of the `parapet` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Files of generated rules.
const FILES: usize = 1000;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout().lock();
    if arguments.first().is_some_and(|argument| argument == schema::ARGUMENT) {
        return Ok(write!(out, "{}", schema::once())?);
    }
    if let [argument, folder, path] = arguments.as_slice()
        && argument == editor::MEMORY
    {
        return Ok(write!(out, "{}", editor::memory_once(std::path::Path::new(folder), path)?)?);
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    let files = rules::files(FILES);
    let bytes: usize = files.iter().map(|file| file.text.len()).sum();
    let memory = rules::in_memory(&files);
    let json = cold::json(bytes);
    let mut least = Least::default();
    let mut last = None;
    if wanted("cold") || wanted("format") || wanted("keystroke") {
        for _ in 0..ROUNDS {
            drop(last.take());
            last = Some(cold::round(&memory, &mut least)?);
            cold::peers(&files, &json, &mut least);
            format::round(&files, &mut least);
            schema::round(&mut least)?;
        }
        table::cold(&mut out, &least, files.len(), bytes)?;
        table::format(&mut out, &least, bytes)?;
        table::schema(&mut out, &least)?;
    }
    if let Some(rules) = last.as_mut().filter(|_| wanted("keystroke")) {
        keystroke::rounds(rules, &mut least)?;
        table::keystroke(&mut out, &least)?;
    }
    if wanted("closure") {
        closure::rounds(&mut least)?;
        table::closure(&mut out, &least)?;
    }
    if wanted("joins") {
        joins::rounds(&mut least)?;
        table::joins(&mut out, &least)?;
    }
    if wanted("engine") {
        let measured = engine::rounds(&mut least)?;
        table::engine(&mut out, &least, &measured)?;
    }
    if wanted("editor") {
        let measured = editor::SIZES.map(editor::measure);
        table::editor(&mut out, &measured.into_iter().collect::<Result<Vec<_>>>()?, &live::measure()?)?;
    }
    Ok(())
}
