//! Which rules a folder of an editor holds.
//!
//! Packages are found by their manifests. All packages of different names are one world, so that they can use each other.
//! A folder without a manifest above or below its rules is a world of its own, as it is for `parapet lint FOLDER`.

use std::path::{Path, PathBuf};

use parapet_driver::{Host, Kind};

/// Folders deeper than this are not looked into.
const DEEPEST: usize = 24;

/// So many entries of folders are looked at; a home folder is no workspace.
const MOST: usize = 200_000;

/// What is found below a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Folders with a manifest.
    pub(crate) packages: Vec<PathBuf>,
    /// Folders with rules, that are in no package and have none below.
    pub(crate) loose: Vec<PathBuf>,
    /// Files of rules beside packages.
    pub(crate) files: Vec<PathBuf>,
}

/// What one folder holds, itself and below.
enum Holding {
    Nothing,
    Rules,
    Packages,
}

/// Looks through a folder.
pub(crate) fn discover(host: &dyn Host, folder: &Path) -> Found {
    let mut walk = Walk { host, left: MOST, way: Vec::new(), found: Found::default() };
    if let Holding::Rules = walk.folder(folder, DEEPEST) {
        walk.found.loose.push(folder.to_owned());
    }
    walk.found
}

struct Walk<'h> {
    host: &'h dyn Host,
    /// So many entries may still be looked at.
    left: usize,
    /// The folders on the way down, links resolved: links may lead in a circle.
    way: Vec<PathBuf>,
    found: Found,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> Holding {
        let real = self.host.real(folder);
        if self.way.contains(&real) {
            return Holding::Nothing;
        }
        self.way.push(real);
        let holding = self.within(folder, depth);
        self.way.pop();
        holding
    }

    fn within(&mut self, folder: &Path, depth: usize) -> Holding {
        if self.host.kind(&folder.join("parapet.toml")).is_ok_and(|kind| kind == Kind::File) {
            self.found.packages.push(folder.to_owned());
            return Holding::Packages;
        }
        let Ok(entries) = self.host.entries(folder) else { return Holding::Nothing };
        let (mut files, mut loose, mut packages) = (Vec::new(), Vec::new(), false);
        for path in entries {
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                break;
            }
            if is_passed_over(&path) {
                continue;
            }
            match self.host.kind(&path) {
                Ok(Kind::Folder) if depth > 0 => match self.folder(&path, depth - 1) {
                    Holding::Nothing => {}
                    Holding::Rules => loose.push(path),
                    Holding::Packages => packages = true,
                },
                Ok(Kind::File) if path.extension().is_some_and(|extension| extension == "parapet") => files.push(path),
                Ok(Kind::File | Kind::Folder | Kind::Stream) | Err(_) => {}
            }
        }
        match (packages, files.is_empty() && loose.is_empty()) {
            (true, _) => {
                self.found.loose.extend(loose);
                self.found.files.extend(files);
                Holding::Packages
            }
            (false, true) => Holding::Nothing,
            (false, false) => Holding::Rules,
        }
    }
}

/// Hidden folders, and those that hold what others made.
fn is_passed_over(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || ["node_modules", "target", "cdk.out"].contains(&&*name)
}

#[cfg(test)]
mod tests {
    use parapet_driver::Memory;

    use super::*;

    fn found(files: &[&str]) -> Found {
        let files = files.iter().map(|path| (format!("/w/{path}"), String::new()));
        discover(&Memory::new(jiff::Timestamp::UNIX_EPOCH).with(files), Path::new("/w"))
    }

    fn paths(paths: &[&str]) -> Vec<PathBuf> {
        paths.iter().map(|path| Path::new("/w").join(path)).collect()
    }

    #[test]
    fn a_folder_of_rules_is_one_world() {
        let all = found(&["a.parapet", "sub/b.parapet", "node_modules/c.parapet"]);
        assert_eq!(all, Found { loose: paths(&[""]), ..Found::default() });
    }

    #[test]
    fn packages_are_found_where_they_are() {
        let all = found(&[
            "one/parapet.toml",
            "one/rules/a.parapet",
            "deep/two/parapet.toml",
            "deep/loose/b.parapet",
            "c.parapet",
        ]);
        assert_eq!(all.packages, paths(&["deep/two", "one"]));
        assert_eq!(all.loose, paths(&["deep/loose"]));
        assert_eq!(all.files, paths(&["c.parapet"]));
    }

    #[test]
    fn a_folder_without_rules_holds_nothing() {
        assert_eq!(found(&["README.md"]), Found::default());
    }
}
