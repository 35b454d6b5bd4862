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
        Some("fuzz-engines") => fuzz_engines(std::env::args().nth(2), std::env::args().nth(3)),
        Some("sanitize") => sanitize(&root),
        Some("conformance") => run_release("parapet-conformance"),
        _ => bail!(
            "usage: cargo xtask generate | book | organisation | samples FOLDER | bench [TABLE…] | fuzz TARGET | \
             fuzz-engines [PROGRAMS [SEED]] | sanitize | conformance FOLDER"
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

/// Random programs over random crowds of resources, by every engine: the test of that name, optimised and longer.
fn fuzz_engines(programs: Option<String>, seed: Option<String>) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let test =
        ["test", "--quiet", "--release", "--package", "parapet-tests", "--test", "law", "--", "engines", "--nocapture"];
    let mut command = std::process::Command::new(cargo);
    command.args(test).env("PARAPET_ENGINES_PROGRAMS", programs.unwrap_or_else(|| "2000".to_owned()));
    command.env("PARAPET_ENGINES_SEED", seed.unwrap_or_else(|| "1".to_owned()));
    let status = command.status()?;
    if status.success() { Ok(()) } else { bail!("the engines differ, or the test ended with {status}") }
}

/// The unsafe parts, which are those of machine code, under AddressSanitizer: the tests of their crate, and those that
/// compare engines. `RUSTC_BOOTSTRAP` lets a stable compiler make such code.
fn sanitize(root: &Path) -> Result<()> {
    let version = std::process::Command::new("rustc").arg("-vV").output().context("rustc cannot be run")?;
    let version = String::from_utf8(version.stdout)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for tests in
        [&["--package", "parapet-jit", "--lib"][..], &["--package", "parapet-tests", "--test", "law", "engines"]]
    {
        let mut command = std::process::Command::new(&cargo);
        command.args(["test", "--quiet", "--target", host]).args(tests);
        command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address");
        command.env("CARGO_TARGET_DIR", root.join("target/sanitize"));
        let status = command.status()?;
        if !status.success() {
            bail!("the tests ended with {status}");
        }
    }
    Ok(())
}

/// Writes the packs that the crates embed. The pages of the book are made of the crates in turn, and so by a task of
/// their own.
fn generate(root: &Path) -> Result<()> {
    std::fs::write(root.join(schema::PACK), schema::pack(&root.join("facts"), &root.join("stdlib"))?)?;
    std::fs::write(root.join(mapping::PACK), mapping::pack(&root.join("facts"))?)?;
    std::fs::write(root.join(terraform::PACK), terraform::pack(&root.join("facts"))?)?;
    std::fs::write(root.join(collection::PACK), collection::pack(&root.join("facts"))?)?;
    Ok(())
}
