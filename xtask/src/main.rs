//! Development tasks: `cargo xtask generate` and the rest of what `cargo xtask` lists.

mod book;
mod collection;
#[cfg(test)]
mod layers;
mod mapping;
mod organisation;
mod samples;
mod schema;
mod terraform;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let root = root()?;
    match std::env::args().nth(1).as_deref() {
        Some("generate") => generate(&root),
        Some("book") => book::generate(&root),
        Some("organisation") => {
            let summary = organisation::generate(&root.join("examples/organisation"), organisation::SEED)?;
            writeln!(std::io::stdout(), "{summary}").context("standard output is closed")
        }
        Some("samples") => {
            let folder = std::env::args().nth(2).context("usage: cargo xtask samples FOLDER")?;
            samples::check(&root, Path::new(&folder))
        }
        // Programs of their own, so that other tasks need not build them.
        Some("bench") => run_release("parapet-benches"),
        Some("fuzz") => run_release("parapet-fuzz"),
        Some("conformance") => run_release("parapet-conformance"),
        _ => bail!(
            "usage: cargo xtask generate | book | organisation | samples FOLDER | bench [TABLE…] | fuzz TARGET | \
             conformance FOLDER"
        ),
    }
}

/// The workspace's root, seen from this crate.
fn root() -> Result<PathBuf> {
    Ok(Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")?.to_owned())
}

/// Builds a program of the workspace optimised, and runs it with the arguments behind the task's name.
fn run_release(package: &str) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = ["run", "--quiet", "--release", "--package", package, "--"];
    let status = std::process::Command::new(cargo).args(build).args(std::env::args().skip(2)).status()?;
    if status.success() { Ok(()) } else { bail!("`{package}` ended with {status}") }
}

/// Writes the packs that the crates embed. The pages of the book are made of the crates in turn, and so by a task of
/// their own.
fn generate(root: &Path) -> Result<()> {
    std::fs::write(root.join(schema::PACK), schema::pack(&root.join("facts"))?)?;
    std::fs::write(root.join(mapping::PACK), mapping::pack(&root.join("facts"))?)?;
    std::fs::write(root.join(terraform::PACK), terraform::pack(&root.join("facts"))?)?;
    std::fs::write(root.join(collection::PACK), collection::pack(&root.join("facts"))?)?;
    Ok(())
}
