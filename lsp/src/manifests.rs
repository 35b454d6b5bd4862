//! Questions about a manifest, which is no file of the database, and what a rename changes in manifests.

use std::path::Path;
use std::sync::Arc;

use parapet_driver::{manifest_diagnostics_of, read_manifest};
use parapet_ide::{Edit, InManifest, Lines, ManifestEntry, Move, Place, SourceFile, Span};

use crate::capabilities::Can;
use crate::document::place;
use crate::proto;
use crate::translate::{plain_diagnostic, range_of, uri_of};
use crate::world::Snapshot;
use crate::{actions, completion, renames};

/// The name of all manifests.
pub(crate) const NAME: &str = "parapet.toml";

/// A manifest and the rules that it may speak of, for one question.
pub(crate) struct Manifest {
    pub(crate) snapshot: Snapshot,
    text: Arc<str>,
    lines: Lines,
}

/// Whether a document is a manifest, by its name.
pub(crate) fn is_one(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == NAME)
}

impl Manifest {
    pub(crate) fn new(snapshot: Snapshot, text: Arc<str>) -> Manifest {
        let lines = Lines::new(&text);
        Manifest { snapshot, text, lines }
    }

    pub(crate) fn hover(&self, can: Can, position: proto::Position) -> Option<proto::Hover> {
        let (span, text) = inside(&self.snapshot, &self.text, |manifest| manifest.hover(self.offset(position)))?;
        Some(proto::Hover { contents: proto::HoverContents::Markup(can.markup(text)), range: Some(self.range(span)) })
    }

    pub(crate) fn completion(&self, can: Can, position: proto::Position) -> Option<proto::CompletionResponse> {
        let found = inside(&self.snapshot, &self.text, |manifest| manifest.completions(self.offset(position)));
        // More about an offer is asked for by a file of the rules.
        let uri = self.snapshot.uri(self.snapshot.file)?;
        let list = completion::list(&|span| self.range(span), can, found, &uri);
        Some(proto::CompletionResponse::List(list))
    }

    pub(crate) fn definition(&self, position: proto::Position) -> Option<proto::GotoDefinitionResponse> {
        let target = inside(&self.snapshot, &self.text, |manifest| manifest.definition(self.offset(position)))?;
        self.snapshot.location(target.name).map(proto::GotoDefinitionResponse::Scalar)
    }

    pub(crate) fn prepare_rename(
        &self,
        position: proto::Position,
    ) -> Option<Result<proto::PrepareRenameResponse, String>> {
        if let Some(span) = self.package_name(position) {
            let placeholder = span.text(&self.text).to_owned();
            return Some(Ok(proto::PrepareRenameResponse::RangeWithPlaceholder {
                range: self.range(span),
                placeholder,
            }));
        }
        let (span, target) = self.renaming(position)?;
        let renaming = renames::at(&self.snapshot, target.file, target.span.start);
        Some(renaming.map(|found| proto::PrepareRenameResponse::RangeWithPlaceholder {
            range: self.range(span),
            placeholder: found.name,
        }))
    }

    pub(crate) fn rename(
        &self,
        uri: &proto::Uri,
        position: proto::Position,
        name: &str,
    ) -> Option<Result<proto::WorkspaceEdit, String>> {
        if let Some(span) = self.package_name(position) {
            return Some(self.renamed_package(uri, span, name));
        }
        let (_, target) = self.renaming(position)?;
        Some(renames::rename(&self.snapshot, target.file, target.span.start, name))
    }

    fn package_name(&self, position: proto::Position) -> Option<Span> {
        inside(&self.snapshot, &self.text, |manifest| manifest.package_name(self.offset(position)))
    }

    /// The change that gives the package another name, in all paths that begin with it.
    fn renamed_package(&self, uri: &proto::Uri, span: Span, name: &str) -> Result<proto::WorkspaceEdit, String> {
        let old = span.text(&self.text);
        let (from, to) = (old.replace('-', "_"), name.replace('-', "_"));
        let mut change = proto::WorkspaceEdit::default();
        if from != to {
            inside(&self.snapshot, &self.text, |manifest| manifest.can_be_called(name))?;
            change = renames::of_module(&self.snapshot, Move { from: &from, to: &to });
        }
        let edit = proto::TextEdit { range: self.range(span), new_text: name.to_owned() };
        change.changes.get_or_insert_default().entry(uri.clone()).or_default().push(edit);
        Ok(change)
    }

    /// The name at a position, and where the parameter has it.
    fn renaming(&self, position: proto::Position) -> Option<(Span, Place)> {
        let found = inside(&self.snapshot, &self.text, |manifest| manifest.renaming(self.offset(position)))?;
        Some((found.0, found.1.name))
    }

    pub(crate) fn symbols(&self) -> Option<proto::DocumentSymbolResponse> {
        let outline = inside(&self.snapshot, &self.text, |manifest| manifest.outline());
        let all = outline.into_iter().map(|entry| self.symbol(entry, proto::SymbolKind::MODULE)).collect();
        Some(proto::DocumentSymbolResponse::Nested(all))
    }

    fn symbol(&self, entry: ManifestEntry, kind: proto::SymbolKind) -> proto::DocumentSymbol {
        let children = entry.children.into_iter().map(|child| self.symbol(child, proto::SymbolKind::PROPERTY));
        let children: Vec<proto::DocumentSymbol> = children.collect();
        #[expect(deprecated, reason = "the protocol has no type without the field")]
        proto::DocumentSymbol {
            // A name must not be empty.
            name: if entry.name.is_empty() { "…".to_owned() } else { entry.name },
            detail: (!entry.detail.is_empty()).then_some(entry.detail),
            kind,
            tags: None,
            deprecated: None,
            range: self.range(entry.whole),
            selection_range: self.range(entry.span),
            children: (!children.is_empty()).then_some(children),
        }
    }

    pub(crate) fn folds(&self) -> Option<Vec<proto::FoldingRange>> {
        let folds = inside(&self.snapshot, &self.text, |manifest| manifest.folds()).into_iter().map(|span| {
            let range = self.range(span);
            proto::FoldingRange {
                start_line: range.start.line,
                end_line: range.end.line,
                ..proto::FoldingRange::default()
            }
        });
        Some(folds.collect())
    }

    pub(crate) fn highlights(&self, position: proto::Position) -> Option<Vec<proto::DocumentHighlight>> {
        let found = inside(&self.snapshot, &self.text, |manifest| manifest.highlights(self.offset(position)));
        let kind = Some(proto::DocumentHighlightKind::TEXT);
        Some(found.into_iter().map(|span| proto::DocumentHighlight { range: self.range(span), kind }).collect())
    }

    /// The places that name the parameter of the key at a position, in rules and manifests.
    pub(crate) fn references(&self, position: proto::Position, declarations: bool) -> Option<Vec<proto::Location>> {
        let target = inside(&self.snapshot, &self.text, |manifest| manifest.definition(self.offset(position)))?.name;
        Some(references(&self.snapshot, target.file, target.span.start, declarations))
    }

    /// The quick fixes that a range has.
    pub(crate) fn actions(
        &self,
        uri: &proto::Uri,
        range: proto::Range,
        only: Option<&[proto::CodeActionKind]>,
    ) -> Vec<proto::CodeAction> {
        let Snapshot { db, workspace, file, .. } = &self.snapshot;
        let mut found = manifest_diagnostics_of(db, *workspace, &self.text);
        let error = read_manifest(&self.text).err();
        found.extend(error.map(|error| inside(&self.snapshot, &self.text, |manifest| manifest.with_meant(error))));
        let span = Span { start: self.offset(range.start), end: self.offset(range.end) };
        let fixes = parapet_ide::fixes(db, *file, &found, span).into_iter().map(|fix| {
            let edit =
                |edit: &Edit| proto::TextEdit { range: self.range(edit.span), new_text: edit.replacement.clone() };
            let changes = std::iter::once((uri.clone(), fix.edits.iter().map(edit).collect())).collect();
            proto::CodeAction {
                title: fix.title,
                kind: Some(proto::CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![plain_diagnostic(self.range(fix.diagnostic.span), &fix.diagnostic)]),
                edit: Some(proto::WorkspaceEdit { changes: Some(changes), ..proto::WorkspaceEdit::default() }),
                ..proto::CodeAction::default()
            }
        });
        fixes.filter(|action| actions::is_wanted(action, only)).collect()
    }

    fn offset(&self, position: proto::Position) -> u32 {
        self.lines.offset(&self.text, place(position), self.snapshot.encoding)
    }

    fn range(&self, span: Span) -> proto::Range {
        range_of(&self.lines, &self.text, span, self.snapshot.encoding)
    }
}

fn inside<T>(snapshot: &Snapshot, text: &str, ask: impl FnOnce(InManifest<'_>) -> T) -> T {
    let ours = |file: SourceFile| snapshot.is_ours(file);
    ask(InManifest { db: &snapshot.db, workspace: snapshot.workspace, text, ours: &ours })
}

/// The places that name what is at an offset of some rules; of a parameter the keys of manifests, too.
pub(crate) fn references(
    snapshot: &Snapshot,
    file: SourceFile,
    offset: u32,
    declarations: bool,
) -> Vec<proto::Location> {
    let found = parapet_ide::references(&snapshot.db, snapshot.workspace, file, offset);
    let wanted = found.into_iter().filter(|found| declarations || !found.declares);
    let mut all: Vec<proto::Location> = wanted.filter_map(|found| snapshot.location(found.place)).collect();
    for (path, text) in &*snapshot.manifests {
        let Some(uri) = snapshot.uris.get(path).cloned().or_else(|| uri_of(path)) else { continue };
        let lines = Lines::new(text);
        let keys = inside(snapshot, text, |manifest| manifest.keys_of(file, offset));
        let place = |span| proto::Location::new(uri.clone(), range_of(&lines, text, span, snapshot.encoding));
        all.extend(keys.into_iter().map(place));
    }
    all
}

/// Adds to a change what it makes of the manifests.
pub(crate) fn follow(
    snapshot: &Snapshot,
    change: &mut proto::WorkspaceEdit,
    edits: impl Fn(InManifest<'_>) -> Vec<Edit>,
) {
    let changes = change.changes.get_or_insert_default();
    for (path, text) in &*snapshot.manifests {
        let found = inside(snapshot, text, &edits);
        let Some(uri) = snapshot.uris.get(path).cloned().or_else(|| uri_of(path)) else { continue };
        let lines = Lines::new(text);
        let shown = found.into_iter().map(|edit| proto::TextEdit {
            range: range_of(&lines, text, edit.span, snapshot.encoding),
            new_text: edit.replacement,
        });
        let shown: Vec<proto::TextEdit> = shown.collect();
        if !shown.is_empty() {
            changes.entry(uri).or_default().extend(shown);
        }
    }
}
