//! What answers owe to the folder that they stand in, and where their values stand.

use std::io;
use std::path::{Path, PathBuf};

use parapet_model::Schema;

use super::{Kept, attempt, kept, plain};
use crate::{Files, Limits, Source, read};

/// A folder in memory.
struct Folder(&'static [(&'static str, &'static str)]);

impl Files for Folder {
    fn read(&self, path: &Path, _: usize) -> io::Result<Vec<u8>> {
        let found = self.0.iter().find(|(name, _)| Path::new(name) == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let inside = self.0.iter().map(|(name, _)| PathBuf::from(name));
        Ok(inside.filter(|path| path.parent() == Some(folder)).collect())
    }

    fn real(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
}

fn in_folder(path: &str, text: &str, files: &Folder) -> Kept {
    let mut kept = Kept::default();
    let limits = Limits { chunk: 7, ..Limits::default() };
    let source = Source { path: Path::new(path), files, limits, ..Source::alone(Schema::embedded(), 0) };
    read(&source, &mut text.as_bytes(), &mut kept).unwrap();
    kept
}

fn account(kept: &Kept) -> Option<String> {
    kept.records[0].account.as_ref().map(plain)
}

const SUMMARY: &str = r#"{"SummaryMap": {"Users": 2}}"#;

#[test]
fn a_bare_answer_is_of_the_caller_in_its_folder() {
    let caller =
        Folder(&[("one/get-caller-identity.json", r#"{"UserId": "A", "Account": "111122223333", "Arn": "a"}"#)]);
    assert_eq!(account(&in_folder("one/summary.json", SUMMARY, &caller)).as_deref(), Some("111122223333"));
    assert_eq!(account(&in_folder("two/summary.json", SUMMARY, &caller)), None);
    let two = Folder(&[
        ("one/a-get-caller-identity.json", r#"{"Account": "111122223333"}"#),
        ("one/b-get-caller-identity.json", r#"{"Account": "444455556666"}"#),
    ]);
    assert_eq!(account(&in_folder("one/summary.json", SUMMARY, &two)), None);
}

#[test]
fn a_table_is_read_however_it_arrives() {
    let report =
        "\u{feff}user,arn,user_creation_time,mfa_active\r\nann,arn:aws:iam::111122223333:user/ann,N/A,true\r\n";
    let kept = in_folder("report.csv", report, &Folder(&[]));
    assert_eq!((kept.ids(), account(&kept).as_deref()), (vec!["ann".to_owned()], Some("111122223333")));
    assert_eq!(kept.faults(), [""; 0]);
}

#[test]
fn a_file_that_is_called_accounts_must_have_the_columns() {
    let kept = in_folder("accounts.csv", "id,owner\n1,2\n", &Folder(&[]));
    assert_eq!(kept.faults(), ["!1:4 no column is called `owner`; there are `id`, `name`, `email`, `ou`, `tags`"]);
    assert!(attempt("id,owner\n1,2\n", None).1.is_err());
}

#[test]
fn values_stand_in_the_text_of_the_answer() {
    let text = format!("\n{SUMMARY}");
    let kept = kept(&text);
    let record = &kept.records[0];
    let document = record.document.as_ref().unwrap();
    let span = record.property("Users").unwrap().span;
    assert_eq!(document.text.get(span.range()), Some("2"));
    assert_eq!(document.tree.pointer_to(span), "/SummaryMap/Users");
    assert_eq!((&*record.pointer, record.origin.line, record.origin.part), ("/SummaryMap", 2, 1));
}
