//! Workspaces for tests: texts in which `$0` marks the cursor.

use parapet_base::{Edit, FileId, Span};
use parapet_semantic::{SourceFile, Workspace};
use salsa::Durability;

/// The database of the tests.
#[salsa::db]
#[derive(Clone, Default)]
pub(crate) struct Database {
    storage: salsa::Storage<Self>,
}

#[salsa::db]
impl salsa::Database for Database {}

#[salsa::db]
impl parapet_semantic::Db for Database {}

/// A workspace with a cursor.
pub(crate) struct Fixture {
    pub(crate) db: Database,
    pub(crate) workspace: Workspace,
    pub(crate) files: Vec<SourceFile>,
    pub(crate) file: SourceFile,
    pub(crate) offset: u32,
}

impl Fixture {
    /// One file, the module `main`.
    pub(crate) fn new(text: &str) -> Fixture {
        Fixture::of(&[("main", text)])
    }

    /// Modules and their texts, one of them with the cursor.
    pub(crate) fn of(texts: &[(&str, &str)]) -> Fixture {
        let db = Database::default();
        let mut cursor = (0, 0);
        let files: Vec<SourceFile> = texts
            .iter()
            .enumerate()
            .map(|(number, (module, text))| {
                if let Some(at) = text.find("$0") {
                    cursor = (number, at);
                }
                let path = format!("{}.parapet", module.replace("::", "/"));
                let package = module.split_once("::").map_or("", |(package, _)| package);
                let id = FileId(Span::new(number, 0).start);
                let text = text.replacen("$0", "", 1);
                let file = SourceFile::builder(id, path.into(), package.into(), (*module).into(), text.as_str().into());
                file.durability(Durability::MEDIUM).new(&db)
            })
            .collect();
        let workspace = Workspace::builder(files.clone()).durability(Durability::MEDIUM).new(&db);
        let file = files[cursor.0];
        Fixture { db, workspace, files, file, offset: Span::new(cursor.1, 0).start }
    }

    /// The texts of all files after these edits.
    pub(crate) fn after(&self, edits: &[(SourceFile, Vec<Edit>)]) -> Vec<String> {
        let after = |file: &SourceFile| {
            let mut text = file.text(&self.db).to_string();
            let own = edits.iter().find(|(changed, _)| changed == file).map(|(_, edits)| edits.clone());
            let mut own = own.unwrap_or_default();
            own.sort_by_key(|edit| edit.span);
            for edit in own.iter().rev() {
                text.replace_range(edit.span.range(), &edit.replacement);
            }
            text
        };
        self.files.iter().map(after).collect()
    }

    /// The text of a place, with its file and line.
    pub(crate) fn shown(&self, place: crate::Place) -> String {
        let text = place.file.text(&self.db);
        let line = text.get(..place.span.start as usize).unwrap().matches('\n').count() + 1;
        format!("{}:{line} {}", place.file.path(&self.db), place.span.text(text))
    }
}
