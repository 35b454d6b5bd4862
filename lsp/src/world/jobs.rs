//! What it takes to judge and to test apart from the rules that are held here: the texts as the editor shows them, and what is
//! named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::World;
use crate::live;
use crate::templates::{self, Template};
use crate::testing::Job;

impl World {
    /// The open documents that may be templates or plans, and what it takes to judge them.
    pub(crate) fn templates(&mut self) -> templates::Job {
        self.sync();
        let may_be = self.documents.iter().filter(|(path, known)| known.may_be_template(path));
        let documents: Vec<Template> = may_be
            .map(|(path, known)| Template { path: path.clone(), uri: known.uri.clone(), version: known.version })
            .collect();
        let rules = self.named();
        let open = if documents.is_empty() { BTreeMap::new() } else { self.texts() };
        templates::Job {
            rules,
            open,
            links: self.links.clone(),
            documents,
            encoding: self.encoding,
            library: self.library.clone(),
        }
    }

    /// The version of an open document that may be a template or a plan.
    pub(crate) fn template(&self, path: &Path) -> Option<i32> {
        self.documents.get(path).filter(|known| known.may_be_template(path)).map(|known| known.version)
    }

    /// Whether any open document may be one.
    pub(crate) fn has_templates(&self) -> bool {
        self.documents.iter().any(|(path, known)| known.may_be_template(path))
    }

    fn texts(&self) -> BTreeMap<PathBuf, String> {
        self.documents.iter().map(|(path, document)| (path.clone(), document.text.clone())).collect()
    }

    /// Binds the inventories that settings name; paths are relative to the first folder.
    pub(crate) fn bind(&mut self, settings: Option<&serde_json::Value>) {
        let Some(setting) = settings.and_then(|settings| settings.get("inventories")) else { return };
        let none = Vec::new();
        let named = setting.as_array().unwrap_or(&none);
        if !(setting.is_array() || setting.is_null()) || !named.iter().all(serde_json::Value::is_string) {
            self.complaints.push(format!("the setting `inventories` is no list of paths: {setting}"));
        }
        if !setting.is_array() {
            return;
        }
        let root = self.folders.first().cloned().unwrap_or_default();
        // Standard input is the conversation with the editor.
        let paths = named.iter().filter_map(|path| path.as_str()).filter(|path| !matches!(*path, "" | "-"));
        self.inventories = paths.map(|path| root.join(path)).collect();
    }

    /// Whether any inventory is bound.
    pub(crate) fn is_bound(&self) -> bool {
        !self.inventories.is_empty()
    }

    /// What it takes to judge the inventories that are bound; `None` without any.
    pub(crate) fn live(&mut self) -> Option<live::Job> {
        if self.inventories.is_empty() {
            return None;
        }
        self.sync();
        let rules = self.named();
        Some(live::Job { rules, inventories: self.inventories.clone(), open: self.texts(), links: self.links.clone() })
    }

    /// The rules of the editor's folders; without any, the standard library.
    fn named(&self) -> Vec<String> {
        let named = self.projects.iter().filter(|project| !project.lone).flat_map(|project| project.named.clone());
        let named: Vec<String> = named.collect();
        if named.is_empty() { vec!["aws".to_owned()] } else { named }
    }

    /// What it takes to run the tests of a file.
    pub(crate) fn tests(&mut self, path: &Path, title: Option<String>) -> Option<Job> {
        self.sync();
        let (at, _) = self.locate(path)?;
        let rules = self.projects.get(at)?.named.clone();
        Some(Job { rules, open: self.texts(), links: self.links.clone(), file: path.to_owned(), title })
    }
}
