//! What a manifest consists of: its sections and their keys, as outline, folds and highlights.

use parapet_base::Span;
use parapet_package::{SECTIONS, keys};
use parapet_semantic::SourceFile;

use super::InManifest;
use crate::places::touches;

/// A section of a manifest, or a key of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    pub name: String,
    /// The value of a key, where it stands on one line.
    pub detail: String,
    pub span: Span,
    pub whole: Span,
    pub children: Vec<ManifestEntry>,
}

/// A section: its name where the text has it, and its lines up to the last that is not blank.
pub(super) struct Section {
    pub(super) name: Span,
    whole: Span,
}

/// The sections of a text, in order.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let name = line.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name);
        let end = at + line.trim_end().len();
        match (name.filter(|name| name.starts_with(|first: char| first.is_ascii_alphabetic())), found.last_mut()) {
            (Some(name), _) => {
                found.push(Section { name: Span::new(at + 1, at + 1 + name.len()), whole: Span::new(at, end) });
            }
            (None, Some(last)) if !line.trim().is_empty() => last.whole.end = Span::new(end, end).end,
            (None, _) => {}
        }
        at += line.len();
    }
    found
}

impl InManifest<'_> {
    /// The sections with their keys.
    pub fn outline(self) -> Vec<ManifestEntry> {
        let keys = keys(self.text);
        let of_section = |section: Section| {
            let name = section.name.text(self.text);
            let own = keys.iter().filter(|key| key.section == name && touches(section.whole, key.span.start));
            let children = own.map(|key| {
                let value = key.value.text(self.text);
                let detail = if value.contains('\n') { String::new() } else { value.to_owned() };
                let whole = key.span.to(key.value);
                ManifestEntry { name: key.name.clone(), detail, span: key.span, whole, children: Vec::new() }
            });
            let children = children.collect();
            ManifestEntry {
                name: name.to_owned(),
                detail: String::new(),
                span: section.name,
                whole: section.whole,
                children,
            }
        };
        sections(self.text).into_iter().map(of_section).collect()
    }

    /// What can be folded: sections and values of more than one line.
    pub fn folds(self) -> Vec<Span> {
        let values = keys(self.text).into_iter().map(|key| key.span.to(key.value));
        let all = sections(self.text).into_iter().map(|section| section.whole).chain(values);
        let mut folds: Vec<Span> = all.filter(|span| span.text(self.text).contains('\n')).collect();
        folds.sort();
        folds
    }

    /// What a section is for whose name is at an offset: its place, and Markdown.
    pub(super) fn hover_section(self, offset: u32) -> Option<(Span, String)> {
        let section = sections(self.text).into_iter().find(|section| touches(section.name, offset))?;
        let name = section.name.text(self.text);
        let (name, docs) = SECTIONS.into_iter().find(|(known, _)| *known == name)?;
        Some((section.name, format!("`[{name}]`\n\n{docs}")))
    }

    /// The keys that mean the parameter that is named at an offset of some rules.
    pub fn keys_of(self, file: SourceFile, offset: u32) -> Vec<Span> {
        let Some(definition) = self.parameter_at(file, offset) else { return Vec::new() };
        let keys = self.parameter_keys().into_iter();
        let own = keys.filter(|key| self.parameter(&key.name).is_some_and(|found| found.item == definition.item));
        own.map(|key| key.span).collect()
    }

    /// The keys that mean what the key at an offset means.
    pub fn highlights(self, offset: u32) -> Vec<Span> {
        let Some(key) = self.key_at(offset) else { return Vec::new() };
        match self.definition(offset) {
            Some(target) => self.keys_of(target.name.file, target.name.span.start),
            None => vec![key.span],
        }
    }
}
