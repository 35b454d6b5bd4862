//! `lint --fix` on files in memory, of which some change, refuse to be written, or are links.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::*;
use crate::host::Kind;
use crate::rules::{load, load_text};

/// Files by path, what they turn into once they were read, links, and files that refuse to be written.
#[derive(Default)]
struct Disk {
    files: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
    turns_into: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
    links: BTreeMap<PathBuf, PathBuf>,
    refuses: Vec<PathBuf>,
    written: Mutex<Vec<PathBuf>>,
}

impl Disk {
    fn with(files: &[(&str, &str)]) -> Disk {
        let files = files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec()));
        Disk { files: Mutex::new(files.collect()), ..Disk::default() }
    }

    fn text(&self, path: &str) -> String {
        String::from_utf8(self.files.lock().unwrap()[Path::new(path)].clone()).unwrap()
    }

    fn fix(&self, named: &[&str]) -> (Rules, Fixes) {
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        let mut rules = load(self, &named).unwrap();
        let fixes = fix(self, &mut rules);
        (rules, fixes)
    }
}

impl Host for Disk {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        let files = self.files.lock().unwrap();
        match path {
            path if files.contains_key(&self.real(path)) => Ok(Kind::File),
            path if files.keys().any(|file| file.starts_with(path)) => Ok(Kind::Folder),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let files = self.files.lock().unwrap();
        let all = files.keys().chain(self.links.keys());
        let mut entries: Vec<PathBuf> = all.filter(|file| file.parent() == Some(folder)).cloned().collect();
        entries.sort();
        Ok(entries)
    }

    /// What a file turns into, it turns into right after it was opened.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        let real = self.real(path);
        let mut files = self.files.lock().unwrap();
        let bytes = files.get(&real).cloned().ok_or(io::ErrorKind::NotFound)?;
        if let Some(next) = self.turns_into.lock().unwrap().remove(&real) {
            files.insert(real, next);
        }
        Ok(Box::new(Cursor::new(bytes)))
    }

    fn size(&self, _: &Path) -> Option<u64> {
        None
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.links.get(path).cloned().unwrap_or_else(|| path.to_owned())
    }

    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }

    fn replace(&self, path: &Path, expected: &[u8], bytes: &[u8]) -> io::Result<Replaced> {
        let real = self.real(path);
        if self.refuses.contains(&real) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
        }
        let mut files = self.files.lock().unwrap();
        if files[&real] != expected {
            return Ok(Replaced::ChangedMeanwhile);
        }
        files.insert(real.clone(), bytes.to_vec());
        self.written.lock().unwrap().push(real);
        Ok(Replaced::Done)
    }
}

const UNUSED: &str = "use aws::network::{is_anywhere, opens}\n\nfn f() -> Int = 1\n";
const FIXED: &str = "fn f() -> Int = 1\n";

#[test]
fn what_is_fixed_is_written_and_counted() {
    let disk = Disk::with(&[("r/a.parapet", UNUSED), ("r/b.parapet", FIXED)]);
    let (rules, fixes) = disk.fix(&["r"]);
    assert_eq!(fixes, Fixes { fixed: vec![Fixed { path: "r/a.parapet".into(), fixes: 2 }], problems: Vec::new() });
    assert_eq!(disk.text("r/a.parapet"), FIXED);
    assert_eq!(*disk.written.lock().unwrap(), [Path::new("r/a.parapet")], "only what changed is written");
    assert_eq!(rules.texts.iter().filter(|(_, text)| **text == *FIXED).count(), 2, "the rules are what the disk holds");
    assert_eq!(disk.fix(&["r"]).1, Fixes::default(), "a second time there is nothing to do");
}

/// Two imports of one list touch the same comma: the second waits for the next round.
#[test]
fn what_overlaps_waits_for_the_next_round() {
    let mut rules = load_text("a.parapet", UNUSED);
    let mut groups = groups(&rules, &|path| PathBuf::from(path));
    let found = diagnostics(&rules, Scope::WithTests);
    assert_eq!(found.iter().filter(|(_, found)| machine(found).is_some()).count(), 2);
    round(&mut rules, &mut groups, &found);
    assert_eq!(&*rules.texts[0].1, "use aws::network::{opens}\n\nfn f() -> Int = 1\n");
    fix_in_memory(&mut rules);
    assert_eq!(&*rules.texts[0].1, FIXED);
}

#[test]
fn a_file_that_changed_meanwhile_is_left_alone() {
    let mut disk = Disk::with(&[("r/a.parapet", UNUSED), ("r/b.parapet", UNUSED)]);
    disk.turns_into.get_mut().unwrap().insert("r/a.parapet".into(), b"// Mine.\n".to_vec());
    let (rules, fixes) = disk.fix(&["r"]);
    assert_eq!(fixes.problems, ["`r/a.parapet` changed while it was looked at, and was left alone"]);
    assert_eq!(disk.text("r/a.parapet"), "// Mine.\n");
    assert_eq!(disk.text("r/b.parapet"), FIXED, "the others are fixed");
    assert!(!diagnostics(&rules, Scope::WithTests).is_empty(), "what was not fixed is still reported");
}

#[test]
fn a_file_that_changes_before_it_is_written_is_left_alone() {
    let disk = Disk::with(&[("r/a.parapet", UNUSED)]);
    let mut rules = load(&disk, &["r".to_owned()]).unwrap();
    disk.turns_into.lock().unwrap().insert("r/a.parapet".into(), b"// Mine.\n".to_vec());
    assert_eq!(fix(&disk, &mut rules).problems.len(), 1);
    assert_eq!(disk.text("r/a.parapet"), "// Mine.\n");
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let disk =
        Disk { refuses: vec!["r/a.parapet".into()], ..Disk::with(&[("r/a.parapet", UNUSED), ("r/b.parapet", UNUSED)]) };
    let (_, fixes) = disk.fix(&["r"]);
    assert_eq!(fixes.problems, ["`r/a.parapet` cannot be fixed: the file is read-only"]);
    assert_eq!(disk.text("r/a.parapet"), UNUSED);
    assert_eq!(disk.text("r/b.parapet"), FIXED);
}

#[test]
fn a_file_under_two_names_is_fixed_once() {
    let links = BTreeMap::from([(PathBuf::from("r/link.parapet"), PathBuf::from("r/a.parapet"))]);
    let disk = Disk { links, ..Disk::with(&[("r/a.parapet", UNUSED)]) };
    let (_, fixes) = disk.fix(&["r"]);
    assert_eq!((fixes.fixed.len(), fixes.problems), (1, Vec::new()));
    assert_eq!(disk.text("r/a.parapet"), FIXED);
    assert_eq!(disk.written.lock().unwrap().len(), 1);
}

#[test]
fn line_ends_byte_order_marks_and_other_letters_stay() {
    let text = "\u{feff}// Größe: 表\r\nuse aws::network::{\r\n    is_anywhere,\r\n    opens,\r\n}\r\n\r\n\
                fn f(r: AWS::EC2::SecurityGroup.Ingress) -> Bool = opens(r, 22)\r\n";
    let disk = Disk::with(&[("r/a.parapet", text)]);
    let (_, fixes) = disk.fix(&["r"]);
    assert_eq!((fixes.fixed[0].fixes, fixes.problems), (1, Vec::new()));
    assert_eq!(disk.text("r/a.parapet"), text.replace("    is_anywhere,\r\n", ""));
}

/// What does not parse may use whatever it mentions, and everything else is fixed around it.
#[test]
fn a_file_with_syntax_errors_is_fixed_in_its_good_items() {
    let broken = "guardrail b(g: AWS::EC2::SecurityGroup) {\n    require all rule in g opens(rule)\n";
    let stray = "guardrial c(g: T) {\n    require is_public_subnet(g)\n}\n";
    let text = format!("use aws::network::{{is_anywhere, is_public_subnet, opens}}\n\n{broken}\n{stray}");
    let disk = Disk::with(&[("r/a.parapet", &text)]);
    disk.fix(&["r"]);
    assert_eq!(disk.text("r/a.parapet"), text.replace("is_anywhere, ", ""));
}

#[test]
fn neither_the_library_nor_other_packages_are_touched() {
    let disk = Disk::with(&[("aws/rules/network.parapet", UNUSED), ("r/a.parapet", UNUSED)]);
    disk.fix(&["r"]);
    assert_eq!(disk.text("aws/rules/network.parapet"), UNUSED);
    let none = Disk::default();
    assert_eq!(none.fix(&["aws"]).1, Fixes::default());
}

/// A fix that leads to an error is taken back, and its file left alone. No suggestion does that by itself.
#[test]
fn fixes_that_break_something_are_undone() {
    let text = "fn f(x: Cidr) -> Bool = x == \"10.0.0.0/8\"\n";
    let mut rules = load_text("a.parapet", text);
    let mut groups = groups(&rules, &|path| PathBuf::from(path));
    let mut fixes = Fixes::default();
    let before: Arc<str> = text.into();
    let changed = vec![Changed { group: 0, ids: vec![FileId(0)], text: before.clone(), fixes: 0, errors: 0 }];
    set_text(&mut rules, &groups[0], &"fn f(x: Cidr) -> Bool = y\n".into());
    groups[0].fixes = 1;
    let found = undo_what_breaks(&mut rules, &mut groups, &[], changed, &mut fixes);
    assert_eq!(*rules.texts[0].1, *before);
    assert_eq!((groups[0].fixes, groups[0].frozen), (0, true));
    assert_eq!(found.len(), 1, "the error from before");
    assert!(fixes.problems[0].contains("`a.parapet`: fixes were undone"), "{:?}", fixes.problems);
    assert!(round(&mut rules, &mut groups, &found).is_empty(), "it is left alone from then on");
}

/// An error may hide another one. What comes to light when it is mended is no reason to undo that.
#[test]
fn errors_that_come_to_light_undo_nothing() {
    let text = "use aws::network::opens\n\n\
                fn f(r: AWS::EC2::SecurityGroup.Ingress) -> Bool = not (r.CidrIp == \"0.0.0.0/0\")\n";
    let mut rules = load_text("a.parapet", text);
    let fixes = fix_in_memory(&mut rules);
    assert_eq!((fixes.fixed[0].fixes, fixes.problems), (2, Vec::new()));
    let found = diagnostics(&rules, Scope::WithTests);
    assert_eq!(found.iter().map(|(_, found)| found.code.name).collect::<Vec<_>>(), ["absence_passes"]);
}

/// Where the error stands in a file that was not fixed, all fixes of the round are undone.
#[test]
fn fixes_that_break_another_file_are_undone() {
    let disk =
        Disk::with(&[("r/a.parapet", "pub fn a() -> Int = 1\n"), ("r/b.parapet", "use a::a\n\nfn b() -> Int = a()\n")]);
    let mut rules = load(&disk, &["r".to_owned()]).unwrap();
    let mut groups = groups(&rules, &|path| PathBuf::from(path));
    let before = groups[0].original.clone();
    let ids = vec![groups[0].files[0].id(&rules.db)];
    let changed = vec![Changed { group: 0, ids, text: before.clone(), fixes: 0, errors: 3 }];
    set_text(&mut rules, &groups[0], &"pub fn c() -> Int = 1\n".into());
    let mut fixes = Fixes::default();
    let found = undo_what_breaks(&mut rules, &mut groups, &[], changed, &mut fixes);
    assert_eq!((found.len(), fixes.problems.len()), (0, 1));
    assert_eq!(rules.source(groups[0].files[0].id(&rules.db)).unwrap().text, before);
}

/// An editor mends one file as `lint --fix` does, in as many rounds.
#[test]
fn one_file_is_fixed_as_all_are() {
    let texts = [
        UNUSED,
        "use aws::network::{is_anywhere, is_public_subnet, opens}\n\nfn f(x: Cidr) -> Bool = opens(x)\n",
        "use aws::network::opens\n\nfn f(r: AWS::EC2::SecurityGroup.Ingress) -> Bool = not (r.CidrIp == \"0.0.0.0/0\")\n",
        "// é\nuse aws::network::{opens, is_public_subnet}\n\nfn f() -> Int = 1\n",
        FIXED,
    ];
    for text in texts {
        let mut rules = load_text("a.parapet", text);
        let file = rules.selected_files().next().unwrap();
        let edit = Fixing::of(&rules.db, rules.workspace, file).unwrap().fixed();
        let mut one = text.to_owned();
        if let Some(edit) = &edit {
            one.replace_range(edit.span.range(), &edit.replacement);
        }
        fix_in_memory(&mut rules);
        assert_eq!(*one, *rules.texts[0].1);
        assert_eq!(edit.is_none(), text == FIXED);
    }
}
