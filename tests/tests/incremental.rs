//! What must not run again after an edit.
//!
//! A database that notes each query which salsa executes checks and lowers a small workspace, item by item; then one
//! file is edited, all is asked again, and the test names the items that were worked on anew.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use parapet_base::FileId;
use parapet_semantic::{
    Item, Scope, SourceFile, Workspace, checked, file_diagnostics, inferred, items, lone_diagnostics, parsed,
    read_through, read_together, signature,
};
use salsa::Durability;
use salsa::plumbing::AsId;

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
const COSTLY: [&str; 4] = ["parsed", "signature", "checked", "translated"];

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
const WHOLE: [&str; 2] = ["excesses", "declared_schema"];

/// A workspace of three files, and what ran.
struct Bench {
    db: Database,
    workspace: Workspace,
    files: [SourceFile; 3],
    log: Arc<Mutex<Vec<String>>>,
    /// What was not run again, but looked through or taken as it was.
    kept: Arc<Mutex<Vec<String>>>,
    /// The item that a query's key stands for, once it ran.
    known: BTreeMap<String, String>,
    /// The queries over the whole workspace that the last edit made run.
    whole: BTreeSet<String>,
}

impl Bench {
    fn new() -> Bench {
        let mut bench = Bench::of([SHARED, FIRST, SECOND]);
        let ran = bench.run();
        assert!(ran.contains("checked named") && ran.contains("translated lone"), "{ran:?}");
        assert_eq!(bench.run(), BTreeSet::new(), "nothing was edited");
        bench
    }

    fn of([shared, first, second]: [&str; 3]) -> Bench {
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept: Arc<Mutex<Vec<String>>> = Arc::default();
        let notes = [log.clone(), kept.clone()];
        let note = move |event: salsa::Event| {
            let [log, kept] = &notes;
            match event.kind {
                salsa::EventKind::WillExecute { database_key } => {
                    log.lock().unwrap().push(format!("{database_key:?}"));
                }
                salsa::EventKind::DidValidateMemoizedValue { database_key } => {
                    kept.lock().unwrap().push(format!("{database_key:?}"));
                }
                _ => {}
            }
        };
        let db = Database { storage: salsa::Storage::new(Some(Box::new(note))) };
        let texts = [("shared", shared), ("first", first), ("second", second)];
        let mut number = 0;
        let files = texts.map(|(name, text)| {
            number += 1;
            let path = format!("{name}.parapet");
            let file = SourceFile::builder(FileId(number), path.into(), "".into(), name.into(), text.into());
            file.durability(Durability::MEDIUM).new(&db)
        });
        let workspace = Workspace::builder(files.to_vec()).durability(Durability::MEDIUM).new(&db);
        Bench { db, workspace, files, log, kept, known: BTreeMap::new(), whole: BTreeSet::new() }
    }

    /// Asks for everything, and says which costly queries ran on which items.
    fn run(&mut self) -> BTreeSet<String> {
        let mut ran = BTreeSet::new();
        self.whole.clear();
        self.know_parsed();
        // One query after the other, items in the order of use: what runs first under an item's name is its own.
        for query in COSTLY {
            for file in self.files {
                for item in items(&self.db, file) {
                    let name = name_of(&self.db, *item);
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
        self.diagnostics();
        ran.extend(costly(&self.log, &mut self.known, &mut self.whole, "diagnostics"));
        ran
    }

    /// Learns which items the edit itself parsed: the key of `parsed` is the item.
    fn know_parsed(&mut self) {
        for key in self.log.lock().unwrap().iter().filter(|key| query_of(key) == "parsed") {
            for item in self.files.into_iter().flat_map(|file| items(&self.db, file)) {
                if key.ends_with(&format!("({:?})", item.as_id())) {
                    self.known.insert(key.clone(), name_of(&self.db, *item));
                }
            }
        }
    }

    /// Opens a file, replaces a part of it, and runs.
    fn edit(&mut self, file: usize, from: &str, to: &str) -> BTreeSet<String> {
        self.open(file);
        let text = self.files[file].text(&self.db).replace(from, to);
        assert_ne!(text, **self.files[file].text(&self.db), "{from:?} is not there");
        self.workspace.edit(&mut self.db, [(self.files[file], text.into())]);
        self.run()
    }

    /// Opens a file, as an editor does. The first time its items are taken for others, of a file that changes often.
    fn open(&mut self, file: usize) {
        let text = self.files[file].text(&self.db).clone();
        self.workspace.edit(&mut self.db, [(self.files[file], text)]);
        self.run();
    }

    fn diagnostics(&self) {
        for file in self.files {
            file_diagnostics(&self.db, self.workspace, file, Scope::WithTests);
        }
    }

    /// Replaces a part of a file, asks for the diagnostics of all files, and says which items that were checked before were
    /// looked at for it, be it that they were checked anew or not.
    fn looked_at(&mut self, file: usize, from: &str, to: &str) -> BTreeSet<String> {
        self.log.lock().unwrap().clear();
        self.kept.lock().unwrap().clear();
        let text = self.files[file].text(&self.db).replace(from, to);
        assert_ne!(text, **self.files[file].text(&self.db), "{from:?} is not there");
        self.workspace.edit(&mut self.db, [(self.files[file], text.into())]);
        self.diagnostics();
        let keys = [self.log.lock().unwrap().clone(), self.kept.lock().unwrap().clone()].concat();
        let checked = keys.iter().filter(|key| query_of(key) == "checked");
        checked.filter_map(|key| self.known.get(key).cloned()).collect()
    }
}

/// The name of an item; its keyword where it has none.
fn name_of(db: &Database, item: Item<'_>) -> String {
    item.name(db).clone().unwrap_or_else(|| item.keyword(db).to_owned())
}

/// The name of the query in a key.
fn query_of(key: &str) -> &str {
    key.split('(').next().unwrap_or_default().rsplit("::").next().unwrap_or_default()
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
        let query = query_of(&key).to_owned();
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

/// The first file that an editor shows waits for those that it names, and for no others.
#[test]
fn a_file_is_checked_before_others_are_read() {
    let read = |bench: &Bench| {
        let log = bench.log.lock().unwrap();
        let count = |query: &str| log.iter().filter(|key| query_of(key) == query).count();
        (count("split_file"), count("parsed"))
    };
    let bench = Bench::of([SHARED, FIRST, SECOND]);
    file_diagnostics(&bench.db, bench.workspace, bench.files[2], Scope::WithTests);
    assert_eq!(read(&bench), (1, 1));
    // A parameter that is read where it stands asks nobody.
    let own =
        "param days: Int = 3\n\nguardrail old(q: AWS::SQS::Queue) {\n    require (q.DelaySeconds ?? 0) < days\n}\n";
    let bench = Bench::of([SHARED, FIRST, own]);
    file_diagnostics(&bench.db, bench.workspace, bench.files[2], Scope::WithTests);
    assert_eq!(read(&bench), (1, 2));
    // Whether another file reads it is known when all are read; all else is known before.
    let bench = Bench::of([SHARED, FIRST, "param days: Int = 3\n\nconst ONE = two\n"]);
    let lone = lone_diagnostics(&bench.db, bench.workspace, bench.files[2], Scope::WithTests);
    assert_eq!((lone.len(), read(&bench)), (1, (1, 2)));
    assert_eq!(file_diagnostics(&bench.db, bench.workspace, bench.files[2], Scope::WithTests).len(), 2);
    assert_eq!(read(&bench).0, 3);
}

/// What an item reaches is looked at alone, or with all others where that is much: both find the same.
#[test]
fn a_search_nearby_finds_what_a_search_through_all_finds() {
    let chain = |length: usize| -> String {
        let link = |at: usize| format!("pub const C{at} = C{}\n\n", at + 1);
        (0..length).map(link).chain([format!("pub const C{length} = 1\n")]).collect()
    };
    let circle = "fn a(n: Int) -> Int = b(n)\n\nfn b(n: Int) -> Int = c(n) + a(n)\n\nfn c(n: Int) -> Int = b(n)\n\nfn d(n: Int) -> Int = a(n)\n";
    let costly: String =
        (0..20).map(|at| format!("fn f{at}(n: Int) -> Int = f{next}(n) + f{next}(n)\n\n", next = at + 1)).collect();
    let costly = costly + "fn f20(n: Int) -> Int = n\n";
    for text in [chain(140), chain(300), circle.to_owned(), costly] {
        let bench = Bench::of([&text, "", ""]);
        let alone = file_diagnostics(&bench.db, bench.workspace, bench.files[0], Scope::WithTests).clone();
        let mut bench = Bench::of([&text, "", ""]);
        // After an edit all are looked at.
        bench.workspace.edit(&mut bench.db, [(bench.files[1], "const NEW = 1\n".into())]);
        let among_all = file_diagnostics(&bench.db, bench.workspace, bench.files[0], Scope::WithTests);
        assert_eq!(alone, *among_all);
        assert!(!alone.is_empty());
    }
}

/// Trees that are not kept are made again when somebody asks for them, and for nobody else.
#[test]
fn trees_that_are_not_kept_are_made_again() {
    let mut bench = Bench::of([SHARED, FIRST, SECOND]);
    bench.workspace.keep(&mut bench.db, 1);
    bench.run();
    bench.log.lock().unwrap().clear();
    let text = SECOND.replace("is present", "is absent");
    bench.workspace.edit(&mut bench.db, [(bench.files[2], text.into())]);
    bench.diagnostics();
    let ran =
        |bench: &Bench, query: &str| bench.log.lock().unwrap().iter().filter(|key| query_of(key) == query).count();
    assert_eq!((ran(&bench, "parsed"), ran(&bench, "checked")), (1, 1), "the edited item");
    let first = items(&bench.db, bench.files[1])[1];
    assert!(parsed(&bench.db, first).tree.is_some() && ran(&bench, "parsed") == 2);
    assert!(checked(&bench.db, bench.workspace, first).diagnostics.len() == 1 && ran(&bench, "checked") == 2);
}

/// What was read file by file is found again without its trees, also by questions about all files at once.
#[test]
fn what_was_read_through_needs_no_tree() {
    let own = "param days: Int = 3\n\nguardrail old(q: AWS::SQS::Queue) {\n    require q.DelaySeconds is present\n}\n";
    let parses = |through: bool| {
        let mut bench = Bench::of([SHARED, FIRST, own]);
        bench.workspace.keep(&mut bench.db, 1);
        for file in bench.files {
            match through {
                true => read_through(&bench.db, bench.workspace, file, Scope::WithTests),
                false => _ = lone_diagnostics(&bench.db, bench.workspace, file, Scope::WithTests),
            }
            salsa::Database::trigger_lru_eviction(&mut bench.db);
        }
        bench.log.lock().unwrap().clear();
        bench.diagnostics();
        read_together(&bench.db, bench.workspace);
        let log = bench.log.lock().unwrap();
        log.iter().filter(|key| query_of(key) == "parsed").count()
    };
    assert_eq!(parses(true), 1, "the parameter that nothing reads, for its lint");
    assert!(parses(false) > 5, "{}", parses(false));
}

#[test]
fn an_edit_in_a_body_works_on_that_item_alone() {
    let ran = Bench::new().edit(1, "?? 0)", "?? 1)");
    expect(ran, &["checked delayed", "translated delayed", "parsed delayed", "signature delayed"]);
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
    expect(ran, &["checked NEW", "translated NEW", "parsed NEW", "signature NEW"]);
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
    expect(ran, &["checked named", "translated named", "parsed named", "signature named"]);
}

/// A file that names nothing of the edited one is left alone in any case.
#[test]
fn a_new_constant_leaves_files_alone_that_do_not_use_its_module() {
    let ran = Bench::new().edit(2, "guardrail lone", "const NEW = 3\n\nguardrail lone");
    expect(ran, &["checked NEW", "translated NEW", "parsed NEW", "signature NEW"]);
}

#[test]
fn an_edited_body_of_a_function_leaves_its_users_alone() {
    let ran = Bench::new().edit(0, "left == right", "right == left");
    expect(ran, &["checked alike", "translated alike", "parsed alike", "signature alike"]);
}

#[test]
fn an_edited_signature_works_on_its_users() {
    let ran = Bench::new().edit(0, "right: String) -> Bool = left == right", "right: String?) -> Bool = left == right");
    expect(ran, &["checked alike", "checked named", "translated alike", "parsed alike", "signature alike"]);
}

/// A constant's type is its value's, so that its users see an edit; its value is no matter of theirs.
#[test]
fn an_edited_constant_works_on_its_users_when_its_type_changes() {
    let ran = Bench::new().edit(0, "LEAST = 2", "LEAST = 3");
    expect(ran, &["checked LEAST", "translated LEAST", "parsed LEAST", "signature LEAST"]);
    let ran = Bench::new().edit(0, "LEAST = 2", "LEAST = 2.5");
    expect(
        ran,
        &[
            "checked LEAST",
            "checked enough",
            "translated LEAST",
            "translated enough",
            "parsed LEAST",
            "signature LEAST",
        ],
    );
}

/// What rests on files that nobody edits is not even asked whether it changed.
#[test]
fn an_edit_looks_at_the_items_that_may_see_it() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let mut bench = Bench::new();
    bench.open(2);
    assert_eq!(bench.looked_at(2, "is present", "is absent"), names(&["lone"]));
    assert_eq!(bench.looked_at(2, "guardrail lone", "param more: Int = 3\n\nguardrail lone"), names(&["lone"]));
    assert_eq!(bench.looked_at(2, "is absent", "is absent and"), names(&["lone"]));
    let mut bench = Bench::new();
    bench.open(0);
    let looked = bench.looked_at(0, "left == right", "right == left");
    assert!(looked.contains("alike") && looked.contains("named"), "{looked:?}");
    assert!(!looked.contains("lone"), "{looked:?}");
}

/// A circle in the edited file is a matter of those who use what is in it; a type may be everybody's.
#[test]
fn an_edit_that_declares_a_type_is_seen_everywhere_and_a_circle_where_it_is() {
    let mut bench = Bench::new();
    bench.open(2);
    let looked = bench.looked_at(2, "guardrail lone", "fn round() -> Int = round()\n\nguardrail lone");
    assert_eq!(looked, BTreeSet::from(["lone".to_owned()]));
    let looked = bench.looked_at(2, "guardrail lone", "extend AWS::SQS::Queue { team: String? }\n\nguardrail lone");
    assert!(looked.contains("named") && looked.contains("alike"), "{looked:?}");
}

/// A circle through a file that was never edited is seen there.
#[test]
fn a_circle_that_an_edit_closes_is_seen_in_other_files() {
    let mut bench = Bench::of(["pub fn up() -> Int = second::down()\n", "", "pub fn down() -> Int = 1\n"]);
    bench.open(2);
    let circular = |bench: &Bench| {
        let of_file = |file| file_diagnostics(&bench.db, bench.workspace, file, Scope::WithTests);
        bench.files.map(|file| of_file(file).iter().any(|found| found.code.code == "E0204"))
    };
    assert_eq!(circular(&bench), [false, false, false]);
    bench.looked_at(2, "= 1", "= shared::up()");
    assert_eq!(circular(&bench), [true, false, true]);
    bench.looked_at(2, "= shared::up()", "= 1");
    assert_eq!(circular(&bench), [false, false, false]);
}

/// What editors want to know of expressions is found out for them alone, item by item.
#[test]
fn what_editors_ask_is_no_part_of_checking_and_asked_again_of_the_edited_item_alone() {
    let mut bench = Bench::of([SHARED, FIRST, SECOND]);
    bench.diagnostics();
    let asked = |bench: &Bench| bench.log.lock().unwrap().iter().filter(|key| query_of(key) == "inferred").count();
    assert_eq!(asked(&bench), 0);
    let ask = |bench: &Bench| {
        for item in bench.files.into_iter().flat_map(|file| items(&bench.db, file)) {
            inferred(&bench.db, bench.workspace, *item);
        }
    };
    bench.open(1);
    ask(&bench);
    assert_eq!(asked(&bench), 9);
    bench.log.lock().unwrap().clear();
    let text = bench.files[1].text(&bench.db).replace("\"prod\"", "\"test\"");
    bench.workspace.edit(&mut bench.db, [(bench.files[1], text.into())]);
    ask(&bench);
    assert_eq!(asked(&bench), 1);
}
