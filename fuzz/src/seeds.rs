//! The programs of this repository: rules, examples, and the fences of the suites and pages.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Where programs stand, from the root of the repository.
const FOLDERS: [&str; 5] = ["stdlib", "examples", "tests", "compiler/base/src/codes", "docs"];

/// The root of the repository.
pub fn root() -> Result<PathBuf> {
    Ok(Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("this crate has no parent folder")?.to_owned())
}

/// The texts that those of a target are made of, but for its corpus: inventories for the reader of these, else programs.
pub fn of(target: &str) -> Result<Vec<String>> {
    if target == "records" { inventories() } else { programs() }
}

/// The inventories of the suites.
fn inventories() -> Result<Vec<String>> {
    let mut inventories = Vec::new();
    for path in files(&root()?.join("tests"))? {
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            inventories.extend(["```json", "```ndjson"].into_iter().flat_map(|opening| fences(&text, opening)));
        }
    }
    Ok(inventories)
}

/// All programs, in the order of their paths.
pub fn programs() -> Result<Vec<String>> {
    let mut programs = Vec::new();
    for folder in FOLDERS {
        for path in files(&root()?.join(folder))? {
            let extension = path.extension().and_then(|extension| extension.to_str());
            if !matches!(extension, Some("parapet" | "md")) {
                continue;
            }
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            match extension {
                Some("md") => programs.extend(fences(&text, "```parapet")),
                _ => programs.push(text),
            }
        }
    }
    Ok(programs)
}

/// The cases that are kept for a target: `fuzz/corpus/<target>`, by name.
pub fn corpus(target: &str) -> Result<Vec<(PathBuf, String)>> {
    let folder = root()?.join("fuzz/corpus").join(target);
    let mut cases = Vec::new();
    for path in files(&folder)? {
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        cases.push((path, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(cases)
}

/// All files below a folder, by path; none where it is not there.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    for path in paths {
        match path.is_dir() {
            true => files.extend(self::files(&path)?),
            false => files.push(path),
        }
    }
    Ok(files)
}

/// The fences of a page that are opened so.
fn fences(page: &str, opening: &str) -> Vec<String> {
    let mut fences = Vec::new();
    let mut open: Option<String> = None;
    for line in page.split_inclusive('\n') {
        match &mut open {
            Some(_) if line.trim_end() == "```" => fences.extend(open.take()),
            Some(text) => text.push_str(line),
            None if line.starts_with(opening) => open = Some(String::new()),
            None => {}
        }
    }
    fences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_has_many_programs() {
        let programs = programs().unwrap();
        assert!(programs.len() > 200, "{}", programs.len());
        let page = "a\n```parapet file=x\nconst A = 1\n```\n```toml\n```\n";
        assert_eq!(fences(page, "```parapet"), ["const A = 1\n"]);
        assert!(of("records").unwrap().len() > 50);
    }
}
