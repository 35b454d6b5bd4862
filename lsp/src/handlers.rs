//! What the editor tells and asks: each handler translates, asks once, translates back.
//!
//! In the order of a conversation: its begin and end, what is told and written down before the handler first waits, and
//! what is asked. Answers with a shape of their own are translated beside: [`completion`], [`actions`], [`symbols`] and
//! so on.

use std::path::PathBuf;

use tower_lsp::LanguageServer;

use crate::capabilities::{self, Can};
use crate::document::{Document, Sort};
use crate::manifests::Manifest;
use crate::proto::{self, Error, ErrorCode, Result};
use crate::server::Parapet;
use crate::translate::path_of;
use crate::world::{Snapshot, World, lock};
use crate::{
    actions, colours, completion, findings, lenses, manifests, ranges, renames, reports, signatures, symbols, testing,
};

/// The command that runs tests: a document, and the title of one test or nothing.
pub(crate) const TEST: &str = "parapet.test";

impl LanguageServer for Parapet {
    async fn initialize(&self, params: proto::InitializeParams) -> Result<proto::InitializeResult> {
        let encoding = capabilities::encoding(&params.capabilities);
        let can = Can::of(&params);
        {
            let mut world = lock(&self.world);
            world.encoding = encoding;
            world.set_folders(capabilities::folders(&params));
            world.bind(params.initialization_options.as_ref());
        }
        self.learn(can);
        Ok(proto::InitializeResult {
            capabilities: capabilities::offered(encoding, can),
            server_info: Some(proto::ServerInfo {
                name: "parapet".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            ..proto::InitializeResult::default()
        })
    }

    async fn initialized(&self, _: proto::InitializedParams) {
        self.begin().await;
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: proto::DidOpenTextDocumentParams) {
        let proto::TextDocumentItem { uri, version, text, language_id } = params.text_document;
        let path = path_of(&uri);
        let sort = Sort::of(&path, &language_id);
        lock(&self.world).open(path, Document::new(uri, version, text, sort));
        self.changed().await;
    }

    async fn did_change(&self, params: proto::DidChangeTextDocumentParams) {
        let document = params.text_document;
        lock(&self.world).change(&path_of(&document.uri), document.version, params.content_changes);
        self.changed().await;
    }

    async fn did_close(&self, params: proto::DidCloseTextDocumentParams) {
        lock(&self.world).close(&path_of(&params.text_document.uri));
        self.changed().await;
    }

    async fn did_change_configuration(&self, params: proto::DidChangeConfigurationParams) {
        let settings = params.settings.get("parapet").unwrap_or(&params.settings);
        lock(&self.world).bind(Some(settings));
        self.changed().await;
    }

    async fn did_change_watched_files(&self, params: proto::DidChangeWatchedFilesParams) {
        {
            let mut world = lock(&self.world);
            params.changes.iter().for_each(|change| world.changed_on_disk(&path_of(&change.uri)));
        }
        self.changed().await;
        self.refresh();
    }

    async fn did_change_workspace_folders(&self, params: proto::DidChangeWorkspaceFoldersParams) {
        let paths = |folders: Vec<proto::WorkspaceFolder>| -> Vec<PathBuf> {
            folders.into_iter().map(|folder| path_of(&folder.uri)).collect()
        };
        lock(&self.world).change_folders(paths(params.event.added), &paths(params.event.removed));
        self.changed().await;
        self.refresh();
    }

    async fn hover(&self, params: proto::HoverParams) -> Result<Option<proto::Hover>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let can = self.can();
        let path = path_of(&text_document.uri);
        if manifests::is_one(&path) {
            return self.query_manifest(&path, move |manifest| manifest.hover(can, position)).await;
        }
        if let Some(told) = self.judged.shown(&self.world, &path).await {
            return Ok(findings::hover(&told, position).map(|(text, range)| proto::Hover {
                contents: proto::HoverContents::Markup(can.markup(text)),
                range: Some(range),
            }));
        }
        self.query(&text_document.uri, move |snapshot| {
            let offset = snapshot.offset(position);
            let hover = parapet_ide::hover(&snapshot.db, snapshot.workspace, snapshot.file, offset)?;
            let range = snapshot.range(hover.place.span);
            Some(proto::Hover { contents: proto::HoverContents::Markup(can.markup(hover.text)), range: Some(range) })
        })
        .await
    }

    async fn completion(&self, params: proto::CompletionParams) -> Result<Option<proto::CompletionResponse>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let can = self.can();
        let path = path_of(&text_document.uri);
        if manifests::is_one(&path) {
            return self.query_manifest(&path, move |manifest| manifest.completion(can, position)).await;
        }
        let uri = text_document.uri.clone();
        let held = lock(&self.held).clone();
        self.query_again(&text_document.uri, move |snapshot| {
            let offset = snapshot.offset(position);
            let held = |field: &parapet_ide::Field| held.get(field).cloned().unwrap_or_default();
            let (db, workspace, file) = (&snapshot.db, snapshot.workspace, snapshot.file);
            let found = parapet_ide::completions_with(db, workspace, file, offset, &held);
            Some(proto::CompletionResponse::List(completion::list(&|span| snapshot.range(span), can, found, &uri)))
        })
        .await
    }

    async fn completion_resolve(&self, item: proto::CompletionItem) -> Result<proto::CompletionItem> {
        let Some((uri, key)) = completion::asked(&item) else { return Ok(item) };
        let can = self.can();
        let docs = self
            .query(&uri, move |snapshot| parapet_ide::documentation(&snapshot.db, snapshot.workspace, &key))
            .await?;
        let documentation = docs.map(|docs| proto::Documentation::MarkupContent(can.markup(docs)));
        Ok(proto::CompletionItem { documentation, ..item })
    }

    async fn goto_definition(
        &self,
        params: proto::GotoDefinitionParams,
    ) -> Result<Option<proto::GotoDefinitionResponse>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let path = path_of(&text_document.uri);
        if manifests::is_one(&path) {
            return self.query_manifest(&path, move |manifest| manifest.definition(position)).await;
        }
        self.query(&text_document.uri, move |snapshot| {
            let offset = snapshot.offset(position);
            let target = parapet_ide::definition(&snapshot.db, snapshot.workspace, snapshot.file, offset)?;
            snapshot.location(target.name).map(proto::GotoDefinitionResponse::Scalar)
        })
        .await
    }

    async fn goto_type_definition(
        &self,
        params: proto::request::GotoTypeDefinitionParams,
    ) -> Result<Option<proto::request::GotoTypeDefinitionResponse>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        self.query(&text_document.uri, move |snapshot| {
            let offset = snapshot.offset(position);
            let target = parapet_ide::type_definition(&snapshot.db, snapshot.workspace, snapshot.file, offset)?;
            snapshot.location(target.name).map(proto::GotoDefinitionResponse::Scalar)
        })
        .await
    }

    async fn references(&self, params: proto::ReferenceParams) -> Result<Option<Vec<proto::Location>>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let all = params.context.include_declaration;
        let path = path_of(&text_document.uri);
        if manifests::is_one(&path) {
            return self.query_manifest(&path, move |manifest| manifest.references(position, all)).await;
        }
        self.query(&text_document.uri, move |snapshot| {
            Some(manifests::references(snapshot, snapshot.file, snapshot.offset(position), all))
        })
        .await
    }

    async fn document_highlight(
        &self,
        params: proto::DocumentHighlightParams,
    ) -> Result<Option<Vec<proto::DocumentHighlight>>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let path = path_of(&text_document.uri);
        if manifests::is_one(&path) {
            return self.query_manifest(&path, move |manifest| manifest.highlights(position)).await;
        }
        self.query(&text_document.uri, move |snapshot| {
            let offset = snapshot.offset(position);
            let found = parapet_ide::highlights(&snapshot.db, snapshot.workspace, snapshot.file, offset);
            let shown = found.into_iter().map(|found| proto::DocumentHighlight {
                range: snapshot.range(found.place.span),
                kind: Some(match found.declares {
                    true => proto::DocumentHighlightKind::WRITE,
                    false => proto::DocumentHighlightKind::READ,
                }),
            });
            Some(shown.collect())
        })
        .await
    }

    async fn document_symbol(
        &self,
        params: proto::DocumentSymbolParams,
    ) -> Result<Option<proto::DocumentSymbolResponse>> {
        let path = path_of(&params.text_document.uri);
        if manifests::is_one(&path) {
            return self.query_manifest(&path, Manifest::symbols).await;
        }
        self.query_again(&params.text_document.uri, move |snapshot| {
            let outline = parapet_ide::outline(&snapshot.db, snapshot.file);
            let all = outline.into_iter().map(|entry| symbols::of_document(snapshot, entry)).collect();
            Some(proto::DocumentSymbolResponse::Nested(all))
        })
        .await
    }

    async fn symbol(&self, params: proto::WorkspaceSymbolParams) -> Result<Option<proto::WorkspaceSymbolResponse>> {
        let found = self.query_all(move |snapshot| symbols::of_project(snapshot, &params.query)).await?;
        Ok(Some(proto::WorkspaceSymbolResponse::Nested(symbols::once(found))))
    }

    async fn formatting(&self, params: proto::DocumentFormattingParams) -> Result<Option<Vec<proto::TextEdit>>> {
        self.query(&params.text_document.uri, move |snapshot| {
            let edits = parapet_ide::formatted(&snapshot.db, snapshot.file);
            Some(edits.iter().map(|edit| snapshot.text_edit(edit)).collect())
        })
        .await
    }

    async fn range_formatting(
        &self,
        params: proto::DocumentRangeFormattingParams,
    ) -> Result<Option<Vec<proto::TextEdit>>> {
        self.query(&params.text_document.uri, move |snapshot| {
            let edits = parapet_ide::formatted_range(&snapshot.db, snapshot.file, snapshot.span(params.range));
            Some(edits.iter().map(|edit| snapshot.text_edit(edit)).collect())
        })
        .await
    }

    async fn code_action(&self, params: proto::CodeActionParams) -> Result<Option<proto::CodeActionResponse>> {
        let (uri, range, only) = (params.text_document.uri, params.range, params.context.only);
        let path = path_of(&uri);
        let found = if manifests::is_one(&path) {
            self.query_manifest(&path, move |manifest| manifest.actions(&uri, range, only.as_deref())).await?
        } else {
            let ask = move |snapshot: &Snapshot| {
                let found = actions::at(snapshot, range, only.as_deref());
                (found, actions::FixAll::asked(snapshot, only.as_deref()))
            };
            let (mut found, all) = self.query(&uri, ask).await?;
            if let Some(all) = all {
                let all = tokio::task::spawn_blocking(move || all.action()).await;
                found.extend(all.map_err(|_| Error::internal_error())?);
            }
            found
        };
        Ok(Some(found.into_iter().map(proto::CodeActionOrCommand::CodeAction).collect()))
    }

    async fn prepare_rename(
        &self,
        params: proto::TextDocumentPositionParams,
    ) -> Result<Option<proto::PrepareRenameResponse>> {
        let (uri, position) = (params.text_document.uri, params.position);
        let path = path_of(&uri);
        let found = if manifests::is_one(&path) {
            self.query_manifest(&path, move |manifest| manifest.prepare_rename(position)).await?
        } else {
            self.query(&uri, move |snapshot| Some(renames::prepare(snapshot, position))).await?
        };
        found.transpose().map_err(refused)
    }

    async fn rename(&self, params: proto::RenameParams) -> Result<Option<proto::WorkspaceEdit>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let name = params.new_name;
        let path = path_of(&text_document.uri);
        let found = if manifests::is_one(&path) {
            let uri = text_document.uri;
            self.query_manifest(&path, move |manifest| manifest.rename(&uri, position, &name)).await?
        } else {
            let ask = move |snapshot: &Snapshot| {
                Some(renames::rename(snapshot, snapshot.file, snapshot.offset(position), &name))
            };
            self.query(&text_document.uri, ask).await?
        };
        found.transpose().map_err(refused)
    }

    async fn will_rename_files(&self, params: proto::RenameFilesParams) -> Result<Option<proto::WorkspaceEdit>> {
        let mut all = proto::WorkspaceEdit::default();
        for (from, to) in params.files.iter().filter_map(renames::paths) {
            let old = from.clone();
            let change = self.query_below(&from, move |snapshot| renames::of_file(snapshot, &old, &to)).await?;
            for (uri, edits) in change.and_then(|change| change.changes).into_iter().flatten() {
                all.changes.get_or_insert_default().entry(uri).or_default().extend(edits);
            }
        }
        Ok(all.changes.is_some().then_some(all))
    }

    async fn signature_help(&self, params: proto::SignatureHelpParams) -> Result<Option<proto::SignatureHelp>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let can = self.can();
        self.query_again(&text_document.uri, move |snapshot| {
            let offset = snapshot.offset(position);
            let call = parapet_ide::call(&snapshot.db, snapshot.workspace, snapshot.file, offset)?;
            Some(signatures::help(can, call))
        })
        .await
    }

    async fn semantic_tokens_full(
        &self,
        params: proto::SemanticTokensParams,
    ) -> Result<Option<proto::SemanticTokensResult>> {
        self.query_again(&params.text_document.uri, move |snapshot| {
            Some(proto::SemanticTokensResult::Tokens(colours::tokens(snapshot, None)))
        })
        .await
    }

    async fn semantic_tokens_range(
        &self,
        params: proto::SemanticTokensRangeParams,
    ) -> Result<Option<proto::SemanticTokensRangeResult>> {
        self.query(&params.text_document.uri, move |snapshot| {
            Some(proto::SemanticTokensRangeResult::Tokens(colours::tokens(snapshot, Some(params.range))))
        })
        .await
    }

    async fn folding_range(&self, params: proto::FoldingRangeParams) -> Result<Option<Vec<proto::FoldingRange>>> {
        let path = path_of(&params.text_document.uri);
        if manifests::is_one(&path) {
            return self.query_manifest(&path, Manifest::folds).await;
        }
        self.query_again(&params.text_document.uri, move |snapshot| {
            let folds = parapet_ide::folds(&snapshot.db, snapshot.file);
            Some(folds.into_iter().map(|fold| ranges::folding_range(snapshot, fold)).collect())
        })
        .await
    }

    async fn selection_range(&self, params: proto::SelectionRangeParams) -> Result<Option<Vec<proto::SelectionRange>>> {
        self.query(&params.text_document.uri, move |snapshot| {
            Some(params.positions.iter().map(|position| ranges::selection(snapshot, *position)).collect())
        })
        .await
    }

    async fn document_link(&self, params: proto::DocumentLinkParams) -> Result<Option<Vec<proto::DocumentLink>>> {
        let path = path_of(&params.text_document.uri);
        self.query_again(&params.text_document.uri, move |snapshot| {
            let folder = path.parent()?;
            let links = parapet_ide::links(&snapshot.db, snapshot.file);
            Some(links.iter().filter_map(|link| ranges::link(snapshot, folder, link)).collect())
        })
        .await
    }

    async fn inlay_hint(&self, params: proto::InlayHintParams) -> Result<Option<Vec<proto::InlayHint>>> {
        self.query(&params.text_document.uri, move |snapshot| {
            let range = snapshot.span(params.range);
            let hints = parapet_ide::hints(&snapshot.db, snapshot.workspace, snapshot.file, range);
            Some(hints.into_iter().map(|hint| ranges::inlay_hint(snapshot, hint)).collect())
        })
        .await
    }

    async fn code_lens(&self, params: proto::CodeLensParams) -> Result<Option<Vec<proto::CodeLens>>> {
        let uri = params.text_document.uri.clone();
        let shown = self.shown.clone();
        let evaluates = self.can().binds && !lock(&self.world).is_bound();
        self.query_again(&params.text_document.uri, move |snapshot| {
            let lenses = parapet_ide::lenses(&snapshot.db, snapshot.file);
            let shown = |lens| lenses::code_lens(snapshot, &uri, lens, (&shown, evaluates));
            Some(lenses.into_iter().flat_map(shown).collect())
        })
        .await
    }

    /// Counts the uses of an item: that takes a look at all files, and is done for what is in view.
    async fn code_lens_resolve(&self, lens: proto::CodeLens) -> Result<proto::CodeLens> {
        let Some(uri) = lenses::document(&lens) else { return Ok(lens) };
        let position = lens.range.start;
        let asked = uri.clone();
        let command = self.query(&uri, move |snapshot| Some(lenses::uses(snapshot, &asked, position))).await?;
        Ok(proto::CodeLens { command, ..lens })
    }

    async fn execute_command(&self, params: proto::ExecuteCommandParams) -> Result<Option<proto::LSPAny>> {
        let word = |at: usize| params.arguments.get(at).and_then(|argument| argument.as_str()).map(str::to_owned);
        let uri = word(0).and_then(|uri| uri.parse::<proto::Uri>().ok());
        if params.command != TEST {
            return Err(Error::invalid_params(format!("there is no command `{}`; there is `{TEST}`", params.command)));
        }
        let Some(uri) = uri else {
            return Err(Error::invalid_params(format!("`{TEST}` takes a document and a title")));
        };
        let job = lock(&self.world).tests(&path_of(&uri), word(1));
        let Some(job) = job else { return Ok(Some(serde_json::json!({ "error": "these rules are not known" }))) };
        let run = tokio::task::spawn_blocking(move || testing::run(&job));
        run.await.map(Some).map_err(|_| Error::internal_error())
    }

    async fn diagnostic(
        &self,
        params: proto::DocumentDiagnosticParams,
    ) -> Result<proto::DocumentDiagnosticReportResult> {
        let path = path_of(&params.text_document.uri);
        let changes = self.changes.count();
        let found = if lock(&self.world).template(&path).is_some() {
            self.judged.after(changes, |known| known == path).await
        } else {
            reports::found(&self.world, &self.reading, |world| world.work_on(&path)).await?
        };
        Ok(reports::of_document(&path, found, params.previous_result_id.as_deref()))
    }

    async fn workspace_diagnostic(
        &self,
        params: proto::WorkspaceDiagnosticParams,
    ) -> Result<proto::WorkspaceDiagnosticReportResult> {
        let changes = self.changes.count();
        let mut found = reports::found(&self.world, &self.reading, World::work).await?;
        let judges = lock(&self.world).has_templates();
        if judges {
            found.extend(self.judged.after(changes, |_| true).await);
        }
        Ok(reports::of_workspace(found, params.previous_result_ids))
    }
}

/// What the editor shows when a rename is refused.
fn refused(reason: String) -> Error {
    Error { code: ErrorCode::ServerError(-32803), message: reason.into(), data: None }
}
