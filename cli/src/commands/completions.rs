//! `parapet completions`.

use anyhow::Result;
use clap::CommandFactory;

use crate::arguments::{Arguments, Completions};
use crate::output::print;

pub(crate) fn run(arguments: &Completions) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "parapet", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(0)
}
