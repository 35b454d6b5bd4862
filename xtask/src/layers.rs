//! Holds the layers and the tidiness of the workspace: who may depend on whom, which crate is home to which
//! third-party crate, who touches the outside world, and that files open with their purpose and stay small.
//!
//! It reads manifests and sources as text. An edge that stands although it should not is listed in [`TOLERATED`]
//! with what is right; the tests fail on any other, and on one that is listed and gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::{collection, mapping, root, schema, terraform};

/// Crates of the compiler from the bottom up, with what each may depend on; what those see it sees, too, where the
/// list says `+`.
const LAYERS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("syntax", &["base"]),
    ("model", &["base"]),
    ("package", &["base"]),
    ("access", &["base", "model"]),
    ("inventory", &["base", "model"]),
    ("report", &["base", "model"]),
    ("builtins", &["base", "model", "access"]),
    ("semantic", &["base", "syntax", "model", "builtins"]),
    ("ir", &["base", "model", "builtins"]),
    ("lower", &["+semantic", "+ir"]),
    ("interpreter", &["+ir"]),
    ("columns", &["+ir"]),
    ("jit", &["+columns"]),
    ("ide", &["+semantic", "package"]),
    (
        "driver",
        &[
            "base",
            "syntax",
            "model",
            "package",
            "access",
            "inventory",
            "report",
            "builtins",
            "semantic",
            "ir",
            "lower",
            "interpreter",
            "columns",
            "jit",
        ],
    ),
    ("lsp", &["driver", "ide", "report"]),
    ("cli", &["driver", "report", "lsp"]),
];

/// Edges that are too many; each comes with a sentence of what is right.
const TOLERATED: &[(&str, &str)] = &[];

/// Third-party crates that have a home.
const HOMES: &[(&str, &[&str])] = &[
    ("pest", &["syntax"]),
    ("salsa", &["semantic", "lower", "driver", "ide", "lsp"]),
    ("cranelift", &["jit"]),
    ("tower-lsp", &["lsp"]),
    ("clap", &["cli"]),
    ("anyhow", &["cli", "lsp", "xtask"]),
];

/// Crates that may depend on anything.
const FREE: [&str; 4] = ["tests", "benches", "fuzz", "xtask"];

/// What the outside world is reached by.
const OUTSIDE: [&str; 6] = ["std::fs", "std::env", "std::net::Tcp", "std::net::Udp", "std::process", "SystemTime"];

/// A crate of the workspace: its short name, folder, and what it depends on outside of its tests.
struct Member {
    name: String,
    folder: PathBuf,
    dependencies: BTreeSet<String>,
}

fn members() -> Vec<Member> {
    let root = root().unwrap();
    let compiler = std::fs::read_dir(root.join("compiler")).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> =
        compiler.chain(["cli", "lsp", "tests", "xtask"].map(|name| root.join(name))).collect();
    folders.sort();
    let crates = folders.into_iter().filter(|folder| folder.join("Cargo.toml").is_file());
    let member = |folder: PathBuf| Member {
        name: folder.file_name().unwrap().to_string_lossy().into_owned(),
        dependencies: dependencies(&std::fs::read_to_string(folder.join("Cargo.toml")).unwrap()),
        folder,
    };
    crates.map(member).collect()
}

/// The names below `[dependencies]` and `[build-dependencies]`, those for one platform included.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut counts = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            let (before, last) = section.rsplit_once('.').unwrap_or(("", section));
            counts = ["dependencies", "build-dependencies"].contains(&last);
            if ["dependencies", "build-dependencies"].contains(&before) {
                names.insert(last.to_owned());
            }
        } else if counts && let Some((name, _)) = line.split_once(['.', '=', ' ']).filter(|_| !line.starts_with('#')) {
            names.insert(name.trim_matches('"').to_owned());
        }
    }
    names
}

/// A crate of ours, by its short name.
fn ours(dependency: &str) -> Option<&str> {
    dependency.strip_prefix("parapet-")
}

/// What a crate may depend on, with what the `+` entries see.
fn allowed(name: &str) -> BTreeSet<&'static str> {
    let (_, list) = LAYERS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no layer for `{name}`"));
    let mut allowed = BTreeSet::new();
    for entry in *list {
        let plain = entry.trim_start_matches('+');
        allowed.insert(plain);
        if entry.starts_with('+') {
            allowed.extend(self::allowed(plain));
        }
    }
    allowed
}

#[test]
fn crates_depend_on_what_is_below_them() {
    let mut wrong = BTreeSet::new();
    for member in members().iter().filter(|member| !FREE.contains(&member.name.as_str())) {
        let allowed = allowed(&member.name);
        let edges = member.dependencies.iter().filter_map(|dependency| ours(dependency));
        wrong.extend(edges.filter(|edge| !allowed.contains(edge)).map(|edge| (member.name.clone(), edge.to_owned())));
    }
    let tolerated = TOLERATED.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    assert_eq!(wrong, tolerated, "left: edges against the layers; right: those that are known");
}

#[test]
fn third_party_crates_stay_at_home() {
    for member in members() {
        for dependency in &member.dependencies {
            let prefix = |name: &str| {
                dependency == name || dependency.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', '_']))
            };
            if let Some((home, crates)) = HOMES.iter().find(|(name, _)| prefix(name)) {
                assert!(
                    crates.contains(&member.name.as_str()),
                    "`{home}` is at home in {crates:?}, not in {}",
                    member.name
                );
            }
        }
    }
}

#[test]
fn the_outside_world_is_touched_at_its_edge_only() {
    let mut wrong = Vec::new();
    for member in members().iter().filter(|member| !["cli", "lsp", "tests", "xtask"].contains(&member.name.as_str())) {
        for file in files(&member.folder).into_iter().filter(|file| is_rust(file) && !is_test(file)) {
            let host = member.folder.join("src/host");
            let edge = file.ends_with("build.rs") || file.ends_with("driver/src/host.rs") || file.starts_with(host);
            let text = std::fs::read_to_string(&file).unwrap();
            // Unit tests stand at the end of a file.
            let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            let touched = OUTSIDE.iter().filter(|name| !edge && product.contains(**name));
            wrong.extend(touched.map(|name| format!("{} names {name}", file.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_rust(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "rs")
}

/// A file of tests, by its name or the folder that it stands in.
fn is_test(file: &Path) -> bool {
    let root = root().unwrap();
    let below = file.strip_prefix(root).unwrap_or(file);
    below
        .components()
        .any(|part| ["tests", "tests.rs", "law.rs", "testing.rs"].iter().any(|name| part.as_os_str() == *name))
}

/// All files below a folder but hidden ones and those that builds leave.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // In a further work tree `.git` is a file.
        if ["target", ".git", "node_modules", "out", "dist"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.is_file() {
            files.push(path);
        }
    }
    files
}

#[test]
fn every_module_opens_with_its_purpose() {
    let bare = files(&root().unwrap()).into_iter().filter(|file| is_rust(file)).filter(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        !text.starts_with("//! ")
    });
    let bare: Vec<String> = bare.map(|file| file.display().to_string()).collect();
    assert!(bare.is_empty(), "these open without `//! `:\n{}", bare.join("\n"));
}

#[test]
fn files_are_at_most_a_thousand_lines_long() {
    let tables = ["compiler/builtins/src/table.rs"].map(|table| root().unwrap().join(table));
    let long =
        files(&root().unwrap()).into_iter().filter(|file| is_rust(file) && !is_test(file) && !tables.contains(file));
    let long: Vec<(PathBuf, usize)> = long
        .map(|file| (file.clone(), std::fs::read_to_string(file).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > 1000)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn generated_files_are_current() {
    let root = root().unwrap();
    let facts = root.join("facts");
    let packs = [
        (schema::PACK, schema::pack(&facts, &root.join("stdlib"))),
        (mapping::PACK, mapping::pack(&facts)),
        (terraform::PACK, terraform::pack(&facts)),
        (collection::PACK, collection::pack(&facts)),
    ];
    for (path, pack) in packs {
        let committed = std::fs::read(root.join(path)).unwrap();
        assert!(committed == pack.unwrap(), "{path} is not what `cargo xtask generate` writes");
    }
}

#[test]
fn no_file_names_a_machine() {
    // In pieces, so that this file does not.
    let machine = [
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["index.crates", ".io"],
        ["static.crates", ".io"],
        ["registry.npm", "js.org"],
        ["files.python", "hosted.org"],
        ["proxy.gol", "ang.org"],
    ]
    .map(|pieces| pieces.concat());
    let mut wrong = Vec::new();
    for file in files(&root().unwrap()) {
        // What is no text names nothing that a reader sees.
        let Ok(text) = String::from_utf8(std::fs::read(&file).unwrap()) else { continue };
        let named = machine.iter().filter(|name| text.contains(name.as_str()));
        wrong.extend(named.map(|name| format!("{} names {name}", file.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn manifests_are_read() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\n# clap\nparapet-base.workspace = true\nregex = \"1\"\n\
                    [dev-dependencies]\nclap = \"4\"\n[target.'cfg(unix)'.dependencies]\nlibc = \"1\"\n[dependencies.salsa]\nversion = \"1\"\n";
    assert_eq!(dependencies(manifest), ["libc", "parapet-base", "regex", "salsa"].map(str::to_owned).into());
    let seen: BTreeMap<&str, usize> = LAYERS.iter().map(|(name, _)| (*name, allowed(name).len())).collect();
    assert_eq!((seen["base"], seen["lower"], seen["interpreter"]), (0, 6, 4));
}
