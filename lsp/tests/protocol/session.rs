//! Long random sessions of an editor: at each pause the server says what a server says that has just begun.
//!
//! `PARAPET_SESSION_STEPS` says how many pauses there are, `PARAPET_SESSION_SEED` where the random numbers begin.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, with_capabilities};
use crate::random::{Pick, Random};
use crate::texts::{MODULES, edited, file};

/// Diagnostics are sent sooner than that.
const LONG: Duration = Duration::from_secs(10);

fn capabilities() -> Value {
    json!({
        "textDocument": { "diagnostic": {} },
        "workspace": { "diagnostics": { "refreshSupport": true }, "didChangeWatchedFiles": { "dynamicRegistration": true } },
    })
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The file of a module.
fn path(module: &str) -> String {
    format!("{}.parapet", module.replace("::", "/"))
}

/// What stands on the disk, and what the editor shows.
#[derive(Default)]
struct Editor {
    disk: BTreeMap<&'static str, String>,
    open: BTreeMap<&'static str, (i64, String)>,
    steps: Vec<String>,
    /// Whether two of the folders are packages.
    packages: bool,
}

/// The manifests of packages.
const MANIFESTS: [(&str, &str); 2] = [
    ("own/parapet.toml", "[package]\nname = \"own\"\nrules = \".\"\n"),
    ("lib/parapet.toml", "[package]\nname = \"lib\"\nrules = \".\"\n"),
];

impl Editor {
    async fn step(&mut self, random: &mut Random, client: &mut Client) {
        let module = *random.one_of(&MODULES);
        let file_of = path(module);
        let step = random.below(12);
        self.steps.push(format!("{step} {module}"));
        match (step, self.open.contains_key(module), self.disk.contains_key(module)) {
            (0..=6, true, _) => self.edit(random, client, module).await,
            (7, true, _) => {
                // Saved.
                let text = self.open[module].1.clone();
                self.write(client, module, &text).await;
            }
            (8, true, _) => {
                // Closed as it is: what is on the disk counts again.
                self.open.remove(module);
                client.tell("textDocument/didClose", client.document(&file_of)).await;
            }
            (9, _, true) => {
                let text = edited(random, module, &self.disk[module]);
                self.write(client, module, &text).await;
            }
            (10, _, true) => {
                self.disk.remove(module);
                std::fs::remove_file(client.path(&file_of)).unwrap();
                self.watched(client, module, 3).await;
            }
            (_, _, false) => {
                let text = file(random, module);
                self.write(client, module, &text).await;
            }
            (_, false, true) => {
                let text = self.disk[module].clone();
                client.open(&file_of, &text).await;
                self.open.insert(module, (1, text));
            }
            _ => {}
        }
    }

    /// One edit, as the range that changes, or letter by letter.
    async fn edit(&mut self, random: &mut Random, client: &mut Client, module: &'static str) {
        let (version, text) = self.open.get_mut(module).unwrap();
        let after = if text.is_empty() { file(random, module) } else { edited(random, module, text) };
        let (before, after_letters): (Vec<char>, Vec<char>) = (text.chars().collect(), after.chars().collect());
        let head = before.iter().zip(&after_letters).take_while(|(a, b)| a == b).count();
        let rest = before[head..].iter().rev().zip(after_letters[head..].iter().rev());
        let tail = rest.take_while(|(a, b)| a == b).count();
        let (gone, put) = (&before[head..before.len() - tail], &after_letters[head..after_letters.len() - tail]);
        let place = |letters: &[char]| {
            let line = letters.iter().filter(|letter| **letter == '\n').count();
            let column = letters.iter().rev().take_while(|letter| **letter != '\n').count();
            (line as u32, column as u32)
        };
        let (line, column) = place(&before[..head]);
        let (to, end) = place(&before[..head + gone.len()]);
        let typed: Vec<String> = match put.len() < 12 && random.chance(1, 2) {
            true => put.iter().map(char::to_string).collect(),
            false => vec![put.iter().collect()],
        };
        // The first takes the place of what goes, the others stand behind it.
        let mut known = before[..head].to_vec();
        for (number, typed) in typed.iter().enumerate().take(typed.len().max(1)) {
            *version += 1;
            let range = match number {
                0 => [line, column, to, end],
                _ => {
                    let (line, column) = place(&known);
                    [line, column, line, column]
                }
            };
            client.edit(&path(module), *version, range, typed).await;
            known.extend(typed.chars());
        }
        if typed.is_empty() {
            *version += 1;
            client.edit(&path(module), *version, [line, column, to, end], "").await;
        }
        *text = after;
    }

    async fn write(&mut self, client: &mut Client, module: &'static str, text: &str) {
        let path = client.path(&path(module));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        let kind = if self.disk.insert(module, text.to_owned()).is_some() { 2 } else { 1 };
        self.watched(client, module, kind).await;
    }

    async fn watched(&self, client: &mut Client, module: &str, kind: u32) {
        let changes = json!({ "changes": [{ "uri": client.uri(&path(module)), "type": kind }] });
        client.tell("workspace/didChangeWatchedFiles", changes).await;
    }

    /// What is on the disk: paths and texts.
    fn files(&self) -> Vec<(String, String)> {
        let manifests = MANIFESTS.iter().filter(|_| self.packages);
        let manifests = manifests.map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        self.disk.iter().map(|(module, text)| (path(module), text.clone())).chain(manifests).collect()
    }

    /// What a server says that has just begun.
    fn meant(&self) -> BTreeMap<String, Vec<String>> {
        let disk = self.files();
        let disk: Vec<(&str, &str)> = disk.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let (send, found) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let fresh = || {
                with_capabilities(&disk, capabilities(), async |mut client: Client| {
                    for (module, (_, text)) in &self.open {
                        client.open(&path(module), text).await;
                    }
                    send.send(said(&mut client).await).unwrap();
                });
            };
            scope.spawn(fresh).join().unwrap();
        });
        found.recv().unwrap()
    }
}

/// The diagnostics of all files, by their paths in the folder.
async fn said(client: &mut Client) -> BTreeMap<String, Vec<String>> {
    let reports = client.ask("workspace/diagnostic", json!({ "previousResultIds": [] })).await["items"].clone();
    let folder = client.uri("");
    let plain = |text: &str| text.replace(folder.as_str(), "");
    let of_report = |report: &Value| {
        let mut items: Vec<String> =
            report["items"].as_array().unwrap().iter().map(|item| plain(&item.to_string())).collect();
        items.sort();
        (plain(report["uri"].as_str().unwrap()), items)
    };
    let reports = reports.as_array().unwrap().iter().map(of_report);
    reports.filter(|(_, items)| !items.is_empty()).collect()
}

/// The same of an editor that is sent them: what was sent last. Waits until it is what was meant.
async fn sent(client: &mut Client, known: &mut BTreeMap<String, Vec<String>>, meant: &BTreeMap<String, Vec<String>>) {
    let folder = client.uri("");
    let plain = |text: &str| text.replace(folder.as_str(), "");
    while known != meant {
        let report = client.told("textDocument/publishDiagnostics", |_| true).await;
        let items = report["diagnostics"].as_array().unwrap().iter().map(|item| plain(&item.to_string()));
        let mut items: Vec<String> = items.collect();
        items.sort();
        let path = plain(report["uri"].as_str().unwrap());
        match items.is_empty() {
            true => drop(known.remove(&path)),
            false => drop(known.insert(path, items)),
        }
    }
}

fn session(seed: u64, pauses: u64, packages: bool, asks: bool) {
    let mut random = Random::new(seed);
    let mut editor = Editor { packages, ..Editor::default() };
    for module in MODULES.iter().take(6) {
        editor.disk.insert(module, file(&mut random, module));
    }
    let disk = editor.files();
    let disk: Vec<(&str, &str)> = disk.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let able = if asks { capabilities() } else { json!({}) };
    with_capabilities(&disk, able, async |mut client: Client| {
        let (mut told, mut known) = (0, BTreeMap::new());
        for pause in 0..pauses {
            for _ in 0..1 + random.below(8) {
                editor.step(&mut random, &mut client).await;
            }
            let meant = editor.meant();
            told += meant.values().map(Vec::len).sum::<usize>();
            match asks {
                true => {
                    assert_eq!(said(&mut client).await, meant, "seed {seed}, pause {pause}, after {:?}", editor.steps)
                }
                false => {
                    let waits = tokio::time::timeout(LONG, sent(&mut client, &mut known, &meant)).await;
                    assert!(waits.is_ok(), "{:?}", (&known, &meant, &editor.steps));
                }
            }
        }
        assert!(told as u64 > pauses * 4, "only {told} diagnostics in {pauses} pauses");
    });
}

#[test]
fn at_each_pause_all_is_said_as_from_the_beginning() {
    let (pauses, seed) = (setting("PARAPET_SESSION_STEPS", 12), setting("PARAPET_SESSION_SEED", 1));
    for (packages, asks) in [(false, true), (true, true), (false, false), (true, false)] {
        session(seed, pauses, packages, asks);
    }
}
