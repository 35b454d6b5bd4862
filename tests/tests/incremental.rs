//! What must not run again after an edit.
//!
//! A database that notes each query which salsa executes checks and lowers a small workspace, item by item; then one
//! file is edited, all is asked again, and the test names the items that were worked on anew.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use parapet_base::FileId;
use parapet_semantic::{Scope, SourceFile, Workspace, checked, file_diagnostics, items, parsed, signature};
use salsa::Setter;

/// A database that notes what runs.
#[salsa::db]
#[derive(Clone)]
struct Database {
    storage: salsa::Storage<Self>,
}

#[salsa::db]
impl salsa::Database for Database {}

#[salsa::db]
impl parapet_semantic::Db for Database {}

/// Queries that work on one item, and are costly.
const COSTLY: [&str; 4] = ["parsed", "signature", "checked", "lowered"];

const SHARED: &str = "pub const LEAST = 2

const OWN = 1

pub fn enough(number: Int) -> Bool = number > LEAST

pub fn alike(left: String, right: String) -> Bool = left == right

guardrail shared(q: AWS::SQS::Queue) {
    require enough(q.DelaySeconds ?? OWN)
}
";

const FIRST: &str = "use shared::{enough, alike}

guardrail delayed(q: AWS::SQS::Queue) {
    require enough(q.DelaySeconds ?? 0)
}

guardrail named(q: AWS::SQS::Queue) {
    require alike(q.QueueName ?? \"\", \"prod\")
}
";

const SECOND: &str = "guardrail lone(q: AWS::SQS::Queue) {
    require q.QueueName is present
}
";

/// Queries over the whole workspace.
const WHOLE: [&str; 2] = ["excesses", "schema"];

/// A workspace of three files, and what ran.
struct Bench {
    db: Database,
    workspace: Workspace,
    files: [SourceFile; 3],
    log: Arc<Mutex<Vec<String>>>,
    /// The item that a query's key stands for, once it ran.
    known: BTreeMap<String, String>,
    /// The queries over the whole workspace that the last edit made run.
    whole: BTreeSet<String>,
}

impl Bench {
    fn new() -> Bench {
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let notes = log.clone();
        let note = move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind {
                notes.lock().unwrap().push(format!("{database_key:?}"));
            }
        };
        let db = Database { storage: salsa::Storage::new(Some(Box::new(note))) };
        let texts = [("shared", SHARED), ("first", FIRST), ("second", SECOND)];
        let mut number = 0;
        let files = texts.map(|(name, text)| {
            number += 1;
            let path = format!("{name}.parapet");
            SourceFile::new(&db, FileId(number), path.into(), "".into(), name.into(), text.into())
        });
        let workspace = Workspace::new(&db, files.to_vec());
        let mut bench = Bench { db, workspace, files, log, known: BTreeMap::new(), whole: BTreeSet::new() };
        let ran = bench.run();
        assert!(ran.contains("checked named") && ran.contains("lowered lone"), "{ran:?}");
        assert_eq!(bench.run(), BTreeSet::new(), "nothing was edited");
        bench
    }

    /// Asks for everything, and says which costly queries ran on which items.
    fn run(&mut self) -> BTreeSet<String> {
        let mut ran = BTreeSet::new();
        self.whole.clear();
        // One query after the other, items in the order of use: what runs first under an item's name is its own.
        for query in COSTLY {
            for file in self.files {
                for item in items(&self.db, file) {
                    let name = item.name(&self.db).clone().unwrap_or_else(|| item.keyword(&self.db).to_owned());
                    match query {
                        "parsed" => _ = parsed(&self.db, *item),
                        "checked" => _ = checked(&self.db, self.workspace, *item),
                        "signature" => _ = signature(&self.db, self.workspace, *item),
                        _ => _ = parapet_lower::lowered(&self.db, self.workspace, *item),
                    }
                    ran.extend(costly(&self.log, &mut self.known, &mut self.whole, &name));
                }
            }
        }
        for file in self.files {
            file_diagnostics(&self.db, self.workspace, file, Scope::WithTests);
        }
        ran.extend(costly(&self.log, &mut self.known, &mut self.whole, "diagnostics"));
        ran
    }

    /// Replaces a part of a file, and runs.
    fn edit(&mut self, file: usize, from: &str, to: &str) -> BTreeSet<String> {
        let text = self.files[file].text(&self.db).replace(from, to);
        assert_ne!(text, **self.files[file].text(&self.db), "{from:?} is not there");
        self.files[file].set_text(&mut self.db).to(text.into());
        self.run()
    }
}

/// What ran since the last time; a key that is new belongs to the item asked for.
fn costly(
    log: &Mutex<Vec<String>>,
    known: &mut BTreeMap<String, String>,
    whole: &mut BTreeSet<String>,
    name: &str,
) -> Vec<String> {
    let keys: Vec<String> = log.lock().unwrap().drain(..).collect();
    let mut queries = Vec::new();
    for key in keys {
        let query = key.split('(').next().unwrap_or_default().rsplit("::").next().unwrap_or_default().to_owned();
        let item = known.entry(key).or_insert_with(|| name.to_owned());
        if COSTLY.contains(&query.as_str()) {
            queries.push(format!("{query} {item}"));
        }
        if WHOLE.contains(&query.as_str()) {
            whole.insert(query);
        }
    }
    queries
}

fn expect(ran: BTreeSet<String>, expected: &[&str]) {
    assert_eq!(ran, expected.iter().map(|text| (*text).to_owned()).collect());
}

#[test]
fn an_edit_in_a_body_works_on_that_item_alone() {
    let ran = Bench::new().edit(1, "?? 0)", "?? 1)");
    expect(ran, &["checked delayed", "lowered delayed", "parsed delayed", "signature delayed"]);
}

#[test]
fn a_comment_on_top_works_on_nothing() {
    expect(Bench::new().edit(1, "use shared", "// A comment.\n\nuse shared"), &[]);
    expect(Bench::new().edit(2, "guardrail lone", "//! A module.\n\nguardrail lone"), &[]);
}

/// Also those who use the module it stands in are left alone: each asks for a name, not for all of them.
#[test]
fn a_new_constant_is_worked_on_alone() {
    let ran = Bench::new().edit(0, "const OWN = 1\n", "const OWN = 1\n\nconst NEW = 3\n");
    expect(ran, &["checked NEW", "lowered NEW", "parsed NEW", "signature NEW"]);
}

/// What every function mentions is looked at for circles; where the text in a body moves, that is the same.
#[test]
fn an_edited_body_of_a_function_looks_for_no_circles() {
    let mut bench = Bench::new();
    bench.edit(0, "number > LEAST", "LEAST < number");
    assert_eq!(bench.whole, BTreeSet::new());
    bench.edit(0, "const OWN = 1\n", "const OWN = 1\n\nconst NEW = 3\n");
    assert_eq!(bench.whole, BTreeSet::from(["excesses".to_owned()]));
}

/// A half-typed clause is an error of its item, and of nobody else.
#[test]
fn a_broken_clause_works_on_its_item_alone() {
    let ran = Bench::new().edit(1, "require alike(q.QueueName ?? \"\", \"prod\")", "require alike(q.QueueName ??");
    expect(ran, &["checked named", "lowered named", "parsed named", "signature named"]);
}

/// A file that names nothing of the edited one is left alone in any case.
#[test]
fn a_new_constant_leaves_files_alone_that_do_not_use_its_module() {
    let ran = Bench::new().edit(2, "guardrail lone", "const NEW = 3\n\nguardrail lone");
    expect(ran, &["checked NEW", "lowered NEW", "parsed NEW", "signature NEW"]);
}

#[test]
fn an_edited_body_of_a_function_leaves_its_users_alone() {
    let ran = Bench::new().edit(0, "left == right", "right == left");
    expect(ran, &["checked alike", "lowered alike", "parsed alike", "signature alike"]);
}

#[test]
fn an_edited_signature_works_on_its_users() {
    let ran = Bench::new().edit(0, "right: String) -> Bool = left == right", "right: String?) -> Bool = left == right");
    expect(ran, &["checked alike", "checked named", "lowered alike", "parsed alike", "signature alike"]);
}

/// A constant's type is its value's, so that its users see an edit; its value is no matter of theirs.
#[test]
fn an_edited_constant_works_on_its_users_when_its_type_changes() {
    let ran = Bench::new().edit(0, "LEAST = 2", "LEAST = 3");
    expect(ran, &["checked LEAST", "lowered LEAST", "parsed LEAST", "signature LEAST"]);
    let ran = Bench::new().edit(0, "LEAST = 2", "LEAST = 2.5");
    expect(
        ran,
        &["checked LEAST", "checked enough", "lowered LEAST", "lowered enough", "parsed LEAST", "signature LEAST"],
    );
}
