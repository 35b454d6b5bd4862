//! The pages of the commands against `--help`: each command has its page, each flag its row, and nothing else has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use parapet_tests::{cases, pages};

use crate::process::{Folder, parapet};

/// Flags that every command has; they are told once.
const EVERYWHERE: [&str; 4] = ["-h", "--help", "-V", "--version"];

/// The flags of each command, as `--help` shows them.
pub(crate) fn offered() -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let mut offered = BTreeMap::new();
    let whole = help(&["--help"])?;
    let listed = whole.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    for name in listed.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        let flags = help(&[name, "--help"])?;
        let rows = flags.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
        // The words of a row stand two blanks after its flags.
        let named = rows.flat_map(|row| flags_of(row.split("  ").next().unwrap_or(row)));
        offered.insert(name.to_owned(), named.filter(|flag| !EVERYWHERE.contains(&flag.as_str())).collect());
    }
    Ok(offered)
}

/// What disagrees between the pages in `commands` and the commands.
pub(crate) fn run(book: &Path) -> Result<Vec<String>, String> {
    let offered = offered()?;
    let mut wrong = Vec::new();
    let folder = book.join("commands");
    let overview = read(&folder.join("README.md"))?;
    for (name, flags) in &offered {
        let Ok(page) = read(&folder.join(format!("{name}.md"))) else {
            wrong.push(format!("`parapet {name}` has no page"));
            continue;
        };
        if !overview.contains(&format!("({name}.md)")) {
            wrong.push(format!("commands/README.md does not list `parapet {name}`"));
        }
        let told: BTreeSet<String> = page.lines().filter(|line| line.starts_with("| `-")).flat_map(row).collect();
        wrong.extend(flags.difference(&told).map(|flag| format!("commands/{name}.md does not tell of `{flag}`")));
        wrong.extend(
            told.difference(flags).map(|flag| format!("commands/{name}.md tells of `{flag}`, which is no flag")),
        );
    }
    for page in pages(&folder).map_err(|error| error.to_string())? {
        let name = page.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if name != "README" && !offered.contains_key(&name) {
            wrong.push(format!("commands/{name}.md is about no command"));
        }
    }
    Ok(wrong)
}

/// Flags in scripts of the book (`sh`, `yaml`) that the command does not have.
pub(crate) fn scripts(book: &Path) -> Result<Vec<String>, String> {
    let offered = offered()?;
    let mut wrong = Vec::new();
    for page in pages(book).map_err(|error| error.to_string())? {
        let cases = cases(&read(&page)?);
        let scripts =
            cases.iter().flat_map(|case| &case.fences).filter(|fence| ["sh", "yaml"].contains(&fence.kind.as_str()));
        for line in scripts.flat_map(|fence| fence.text.lines()) {
            let Some((_, call)) = line.split_once("parapet ") else { continue };
            let name = call.split_whitespace().next().unwrap_or_default();
            let Some(flags) = offered.get(name) else { continue };
            wrong.extend(
                flags_of(call)
                    .into_iter()
                    .filter(|flag| !flags.contains(flag))
                    .map(|flag| format!("{}: `parapet {name}` has no flag `{flag}`", page.display())),
            );
        }
    }
    Ok(wrong)
}

fn help(args: &[&str]) -> Result<String, String> {
    let folder = Folder::new().map_err(|error| error.to_string())?;
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    Ok(parapet(folder.path(), &args, "").map_err(|error| error.to_string())?.stdout)
}

/// The flags in the first cell of a row: ``| `-f`, `--format FORMAT[=FILE]` | …``.
fn row(line: &str) -> Vec<String> {
    flags_of(line.replace("\\|", "/").split('|').nth(1).unwrap_or_default())
}

/// The flags among the words of a text, without what they take: `--mutate` of `--mutate[=FORMAT]`.
fn flags_of(text: &str) -> Vec<String> {
    let words = text.split([' ', ',', '`']).filter(|word| word.starts_with('-') && word.len() > 1);
    let bare = |word: &str| word.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '-').collect();
    words.map(bare).collect()
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
