//! Broken programs, as an editor always shows them: one token of a good file is deleted, doubled or half typed.
//!
//! Whatever the edit, the items that it did not touch are checked as before, some message points at the place, and in
//! a guardrail the clauses around the broken one keep their meaning.
#![cfg(test)]

use parapet_base::{Diagnostic, FileId, Level, LineIndex};
use parapet_semantic::typed::{TypedItem, TypedStatement, TypedStatementKind};
use parapet_semantic::{Item, Scope, SourceFile, Workspace, checked, file_diagnostics, item_offset, items};

#[salsa::db]
#[derive(Clone, Default)]
struct Database {
    storage: salsa::Storage<Self>,
}

#[salsa::db]
impl salsa::Database for Database {}

#[salsa::db]
impl parapet_semantic::Db for Database {}

const GOOD: &str = r#"//! What a file of rules has.

use other::{enough, PORTS}

/// How long is too long.
param longest: Duration = 90d

/// Engines that nobody supports.
const OLD = ["mysql5", "postgres9"]

schema Acme::Service {
    team: String
    ports: List<Int>
}

/// Whether one group lets the other in.
relation admits(group: AWS::EC2::SecurityGroup, source: AWS::EC2::SecurityGroup) =
    any rule in group.SecurityGroupIngress: rule.SourceSecurityGroupId == source.id

/// Whether an engine is old.
fn is_old(engine: String) -> Bool = engine in OLD or engine like "oracle*"

fn limit(of: Int, twice: Bool) -> Int {
    let double = of * 2
    if twice then double else of
}

/// Databases are kept well.
///
/// # Fix
/// See the runbook.
@severity(high)
@control(fsbp: "RDS.2", pillar: ["SEC05-BP01", "SEC06-BP02"])
guardrail database_is_kept_well(db: AWS::RDS::DBInstance) {
    skip if definitely db.DBInstanceStatus == "deleting"
    let engine = db.Engine ?? "none"
    require not is_old(engine)
        else "{db.name} runs {engine}"
    require not (db.PubliclyAccessible ?? false)
        else "{db.name} is public"
    for log in db.EnableCloudwatchLogsExports where log != "audit" {
        let length = log.len()
        require length < limit(of: 10, twice: true)
            else "{log} is long"
        if length > 3 {
            require log.starts_with("e") or log in ["general", "slowquery"]
        } else if length == 1 {
            require false
        } else {
            require log != "x"
        }
    }
    require db.DBSubnetGroupName is present
    require no subnet in db.DBSubnetGroupName.SubnetIds: subnet.MapPublicIpOnLaunch ?? false
        else "{subnet.id} gives out addresses"
    require (db.BackupRetentionPeriod ?? 0) >= 7 and (db.MultiAZ ?? false)
    require db.InstanceCreateTime is absent or age(db.InstanceCreateTime) < longest
}

/// Groups are in no circle.
///
/// # Fix
/// Break it.
@severity(low)
@control(
    fsbp: "EC2.18",
    pillar: ["SEC05-BP01", "SEC05-BP02"],
)
@tags("network")
guardrail group_is_in_no_circle(group: AWS::EC2::SecurityGroup) {
    require not (group admits+ group)
    require all port in PORTS: enough(port)
    require group.tags["team"] ?? "none" matches /^[a-z]+$/
}

test "an old engine fails" {
    given now = 2026-01-01
    given db = AWS::RDS::DBInstance { Engine: "mysql5", MultiAZ: true }
    expect database_is_kept_well fails on db with "runs mysql5"
    expect is_old("mysql5")
}

waive database_is_kept_well {
    resources like "arn:aws:rds:*:*:db:legacy-*"
    until 2027-01-31
    reason "moves in March, {longest}"
}
"#;

const OTHER: &str = "pub const PORTS = [22, 443]\n\npub fn enough(port: Int) -> Bool = port > 0\n";

/// A file that was checked.
struct Workbench {
    db: Database,
    workspace: Workspace,
    file: SourceFile,
    text: String,
}

impl Workbench {
    fn new(text: &str) -> Workbench {
        let db = Database::default();
        let file = |id, module: &str, text: &str| {
            SourceFile::new(&db, FileId(id), format!("{module}.parapet").into(), "".into(), module.into(), text.into())
        };
        let main = file(0, "main", text);
        let other = file(1, "other", OTHER);
        let workspace = Workspace::new(&db, vec![main, other]);
        Workbench { db, workspace, file: main, text: text.to_owned() }
    }

    fn diagnostics(&self) -> Vec<Diagnostic> {
        file_diagnostics(&self.db, self.workspace, self.file, Scope::WithTests).clone()
    }

    fn items(&self) -> Vec<Item<'_>> {
        items(&self.db, self.file).clone()
    }

    fn line(&self, at: u32) -> u32 {
        LineIndex::new(&self.text).position(&self.text, at).line
    }
}

fn from(text: &str, at: usize) -> &str {
    text.get(at..).unwrap()
}

fn before(at: usize) -> &'static str {
    GOOD.get(..at).unwrap()
}

/// The words and marks of a text, comments apart.
fn tokens(text: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        let wordy = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        match bytes[at] {
            b'/' if from(text, at).starts_with("//") => at += from(text, at).find('\n').unwrap_or(text.len() - at),
            byte if byte.is_ascii_whitespace() => at += 1,
            b'"' => {
                at += 1 + from(text, at + 1).find('"').unwrap() + 1;
                tokens.push(start..at);
            }
            byte if wordy(byte) => {
                while at < bytes.len() && wordy(bytes[at]) {
                    at += 1;
                }
                tokens.push(start..at);
            }
            _ => {
                let two = ["::", "==", "!=", ">=", "->", "??"].iter().any(|mark| from(text, at).starts_with(mark));
                at += if two { 2 } else { 1 };
                tokens.push(start..at);
            }
        }
    }
    tokens
}

/// The text with one token deleted, doubled, or cut in half.
fn edited(token: &std::ops::Range<usize>, how: usize) -> Option<String> {
    let (start, end) = (before(token.start), from(GOOD, token.end));
    let text = GOOD.get(token.clone()).unwrap();
    match how {
        0 => Some(format!("{start}{end}")),
        1 => Some(format!("{start}{text} {text}{end}")),
        _ if text.len() > 2 => Some(format!("{start}{}{end}", text.get(..text.len() / 2).unwrap())),
        _ => None,
    }
}

/// How many statements a body has, those inside others included.
fn statements(body: &[TypedStatement]) -> usize {
    body.iter().map(|statement| 1 + statements_below(&statement.kind)).sum()
}

fn statements_below(kind: &TypedStatementKind) -> usize {
    match kind {
        TypedStatementKind::For { body, .. } => statements(body),
        TypedStatementKind::If { then, otherwise, .. } => statements(then) + statements(otherwise),
        TypedStatementKind::Let { .. } | TypedStatementKind::Skip { .. } | TypedStatementKind::Require { .. } => 0,
    }
}

#[derive(Default)]
struct Tally {
    broken: usize,
    near: usize,
    clauses: usize,
    kept: usize,
    wrong: Vec<String>,
    far: Vec<String>,
    lost: Vec<String>,
}

fn try_edit(good: &Workbench, token: &std::ops::Range<usize>, how: usize, tally: &mut Tally) {
    let Some(text) = edited(token, how) else { return };
    let bench = Workbench::new(&text);
    let errors: Vec<Diagnostic> =
        bench.diagnostics().into_iter().filter(|diagnostic| diagnostic.level() == Level::Error).collect();
    if errors.is_empty() {
        return;
    }
    tally.broken += 1;
    let word = ["without", "twice", "half of"][how];
    let name = format!("line {}: {word} `{}`", good.line(token.start as u32), GOOD.get(token.clone()).unwrap());
    let touched = touched_item(good, token.start);
    let line = good.line(token.start as u32);
    let places = errors.iter().flat_map(|error| {
        std::iter::once(error.span)
            .chain(error.labels.iter().filter(|label| label.file.is_none()).map(|label| label.span))
    });
    let nearest = places.map(|span| bench.line(span.start).abs_diff(line)).min().unwrap_or(u32::MAX);
    match nearest <= 1 {
        true => tally.near += 1,
        false => tally.far.push(format!("{name}: {nearest} lines away: {}", errors[0].message)),
    }
    let on_header = touched.is_some_and(|item| {
        let text = item.text(&good.db);
        let header = text.lines().find(|line| line.starts_with(item.keyword(&good.db))).unwrap_or("pub ");
        before(token.start).rfind('\n').is_some_and(|start| from(GOOD, start + 1).starts_with(header))
    });
    // A definition whose name, type or visibility is what was edited is rightly missed by those who use it. Of a
    // guardrail others see nothing but the name, which goes on where the bracket behind it is missing.
    let defined = touched.filter(|_| on_header).is_some_and(|item| {
        let name = item.name(&good.db).as_deref().unwrap_or("");
        let of_name =
            GOOD.get(token.clone()) == Some(name) || before(token.start).ends_with(&format!("guardrail {name}"));
        item.keyword(&good.db) != "guardrail" || of_name
    });
    for item in good.items() {
        if touched == Some(item) {
            continue;
        }
        let same = bench.items().into_iter().find(|other| {
            other.keyword(&bench.db) == item.keyword(&good.db) && other.text(&bench.db) == item.text(&good.db)
        });
        let Some(same) = same else {
            tally.wrong.push(format!("{name}: `{:?}` is no item any more", item.name(&good.db)));
            continue;
        };
        let (before, after) = (checked(&good.db, good.workspace, item), checked(&bench.db, bench.workspace, same));
        let new: Vec<&Diagnostic> =
            after.diagnostics.iter().filter(|diagnostic| diagnostic.level() == Level::Error).collect();
        if (before.item != after.item || !new.is_empty()) && !defined {
            let messages: Vec<&str> = new.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
            tally.wrong.push(format!("{name}: `{:?}` is checked otherwise: {messages:?}", item.name(&good.db)));
        }
    }
    if let Some(item) = touched
        && let TypedItem::Guardrail { body, .. } = &checked(&good.db, good.workspace, item).item
        && !on_header
    {
        let before = statements(body);
        let after = bench.items().into_iter().find(|other| other.name(&bench.db) == item.name(&good.db)).map(|other| {
            match &checked(&bench.db, bench.workspace, other).item {
                TypedItem::Guardrail { body, .. } => statements(body),
                _ => 0,
            }
        });
        tally.clauses += 1;
        match after.unwrap_or(0) + 1 >= before {
            true => tally.kept += 1,
            false => tally.lost.push(format!("{name}: {} of {before} clauses", after.unwrap_or(0))),
        }
    }
}

fn touched_item(good: &Workbench, at: usize) -> Option<Item<'_>> {
    good.items().into_iter().find(|item| {
        let start = item_offset(&good.db, *item) as usize;
        (start..start + item.text(&good.db).len()).contains(&at)
    })
}

#[test]
fn one_broken_token_leaves_the_rest_of_the_file_as_it_was() {
    let good = Workbench::new(GOOD);
    let found: Vec<String> = good.diagnostics().iter().map(|diagnostic| diagnostic.message.clone()).collect();
    assert!(found.is_empty(), "{found:?}");
    let mut tally = Tally::default();
    for token in tokens(GOOD) {
        for how in 0..3 {
            try_edit(&good, &token, how, &mut tally);
        }
    }
    let Tally { broken, near, clauses, kept, wrong, far, lost } = tally;
    assert!(broken > 500, "{broken}");
    assert!(wrong.is_empty(), "{} of {broken}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(near * 100 >= broken * 98, "{near} of {broken}:\n{}", far.join("\n"));
    assert!(kept * 100 >= clauses * 97, "{kept} of {clauses}:\n{}", lost.join("\n"));
}
