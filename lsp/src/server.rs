//! The handlers: each translates, asks once, translates back.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use parapet_driver::diagnostics_of;
use parapet_ide::{Completion, Encoding};
use salsa::Cancelled;
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tower_lsp::{Client, LanguageServer};

use crate::colours;
use crate::document::Document;
use crate::proto::{self, Error, ErrorCode, Result};
use crate::publish::{Changes, Publisher, lock, publish};
use crate::templates;
use crate::testing;
use crate::translate::{action_kind, completion_kind, path_of, symbol_kind, uri_of};
use crate::world::{Snapshot, World};

/// So many symbols of a workspace are shown at most.
const MOST_SYMBOLS: usize = 256;

/// So often a question is asked again that edits broke off.
const MOST_TRIES: usize = 10;

/// The command that runs tests: a document, and the title of one test or nothing.
const TEST: &str = "parapet.test";

/// The server of one editor.
pub(crate) struct Parapet {
    client: Client,
    world: Arc<Mutex<World>>,
    /// Something changed: diagnostics are due.
    wake: Arc<Notify>,
    changes: Changes,
    /// Templates are due.
    judge: Arc<Notify>,
    /// The editor asked for a shutdown.
    left: Arc<AtomicBool>,
    can: Arc<Mutex<Can>>,
    /// What works by itself, and ends with the conversation.
    tasks: Mutex<Vec<AbortHandle>>,
}

/// What the editor can do.
#[derive(Clone, Copy, Debug, Default)]
struct Can {
    /// It asks for diagnostics, and is not sent any.
    pull: bool,
    progress: bool,
    watch: bool,
    snippets: bool,
    markdown: bool,
    /// It knows the commands of lenses: `parapet.showReferences` and `parapet.runTest`.
    commands: bool,
}

impl Parapet {
    pub(crate) fn new(client: Client, library: PathBuf, left: Arc<AtomicBool>) -> Parapet {
        Parapet {
            client,
            world: Arc::new(Mutex::new(World::new(library))),
            wake: Arc::default(),
            judge: Arc::default(),
            changes: Changes::default(),
            left,
            can: Arc::default(),
            tasks: Mutex::default(),
        }
    }

    fn can(&self) -> Can {
        *self.can.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Asks a question about a document; of one that is not known there is nothing to say.
    async fn query<T: Default + Send + 'static>(
        &self,
        uri: &proto::Uri,
        ask: impl FnOnce(&Snapshot) -> T + Send + 'static,
    ) -> Result<T> {
        let snapshot = lock(&self.world).snapshot(&path_of(uri));
        match snapshot {
            Some(snapshot) => on_snapshot(snapshot, ask).await,
            None => Ok(T::default()),
        }
    }

    /// Asks a question that the next letter does not make idle: if one comes between, it is asked again of the new text.
    async fn query_again<T: Default + Send + 'static>(
        &self,
        uri: &proto::Uri,
        ask: impl Fn(&Snapshot) -> T + Clone + Send + 'static,
    ) -> Result<T> {
        for _ in 0..MOST_TRIES {
            match self.query(uri, ask.clone()).await {
                Err(error) if error.code == ErrorCode::ContentModified => {}
                answer => return answer,
            }
        }
        self.query(uri, ask).await
    }

    /// Asks a question about each project. All snapshots are on the thread of the question: one that waited here for its turn
    /// would wait for the task that an edit keeps until it is gone.
    async fn query_all<T: Send + 'static>(&self, ask: impl Fn(&Snapshot) -> Vec<T> + Send + 'static) -> Result<Vec<T>> {
        let snapshots = lock(&self.world).snapshots();
        on_thread(move || snapshots.iter().flat_map(ask).collect()).await
    }

    /// Diagnostics are due, and what could not be loaded is told.
    async fn changed(&self) {
        self.changes.note();
        self.wake.notify_one();
        self.judge.notify_one();
        let complaints = std::mem::take(&mut lock(&self.world).complaints);
        for complaint in complaints {
            self.client.show_message(proto::MessageType::WARNING, complaint).await;
        }
    }

    /// Begins to check. Nothing here waits for the editor: one that never answers is served all the same.
    async fn begin(&self) {
        let can = self.can();
        if can.watch {
            self.spawn(register(self.client.clone()));
        }
        self.spawn(templates::judge(self.client.clone(), self.world.clone(), self.judge.clone()));
        if !can.pull {
            let (settled, first) = watch::channel(false);
            self.spawn(publish(Publisher {
                client: self.client.clone(),
                world: self.world.clone(),
                changes: self.changes.clone(),
                wake: self.wake.clone(),
                settled,
            }));
            if can.progress {
                self.spawn(progress(self.client.clone(), first));
            }
        }
        self.changed().await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let handle = tokio::spawn(task).abort_handle();
        self.tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(handle);
    }
}

impl Drop for Parapet {
    fn drop(&mut self) {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        tasks.iter().for_each(AbortHandle::abort);
    }
}

/// Shows a bar until everything was checked for the first time.
async fn progress(client: Client, mut first: watch::Receiver<bool>) {
    let token = proto::NumberOrString::String("parapet/check".to_owned());
    if client.create_work_done_progress(token.clone()).await.is_err() {
        return;
    }
    let bar = client.progress(token, "Checking guardrails").begin().await;
    // The sender goes with the server.
    drop(first.wait_for(|done| *done).await);
    bar.finish().await;
}

/// Asks the editor to tell of files that change on the disk.
async fn register(client: Client) {
    let watchers = ["**/*.parapet", "**/parapet.toml"]
        .map(|glob| proto::FileSystemWatcher { glob_pattern: proto::GlobPattern::String(glob.to_owned()), kind: None });
    let options = proto::DidChangeWatchedFilesRegistrationOptions { watchers: watchers.to_vec() };
    let registration = proto::Registration {
        id: "parapet/files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    };
    // An editor that refuses tells of no changes on the disk; all else works.
    drop(client.register_capability(vec![registration]).await);
}

/// Runs a question on a thread of its own, and drops the snapshot with it.
async fn on_snapshot<T: Send + 'static>(
    snapshot: Snapshot,
    ask: impl FnOnce(&Snapshot) -> T + Send + 'static,
) -> Result<T> {
    on_thread(move || ask(&snapshot)).await
}

async fn on_thread<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let answer = tokio::task::spawn_blocking(move || Cancelled::catch(AssertUnwindSafe(ask)));
    match answer.await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) => {
            Err(Error { code: ErrorCode::ContentModified, message: "the text changed meanwhile".into(), data: None })
        }
        Err(_) => Err(Error::internal_error()),
    }
}

/// What the editor and the server agree that columns count: bytes, if it can, else what all can.
fn encoding(capabilities: &proto::ClientCapabilities) -> Encoding {
    let offered = capabilities.general.as_ref().and_then(|general| general.position_encodings.as_ref());
    match offered {
        Some(offered) if offered.contains(&proto::PositionEncodingKind::UTF8) => Encoding::Utf8,
        _ => Encoding::Utf16,
    }
}

fn can(params: &proto::InitializeParams) -> Can {
    let capabilities = &params.capabilities;
    let options = params.initialization_options.as_ref();
    let text = capabilities.text_document.as_ref();
    let workspace = capabilities.workspace.as_ref();
    let item = text.and_then(|text| text.completion.as_ref()?.completion_item.as_ref());
    let formats = text.and_then(|text| text.hover.as_ref()?.content_format.as_ref());
    let pulls = text.is_some_and(|text| text.diagnostic.is_some());
    Can {
        pull: pulls && text.is_none_or(|text| text.publish_diagnostics.is_none()),
        progress: capabilities.window.as_ref().and_then(|window| window.work_done_progress) == Some(true),
        watch: workspace.and_then(|workspace| workspace.did_change_watched_files?.dynamic_registration) == Some(true),
        snippets: item.and_then(|item| item.snippet_support) == Some(true),
        commands: options.and_then(|options| options.get("commands")?.as_bool()) == Some(true),
        markdown: formats.is_none_or(|formats| formats.contains(&proto::MarkupKind::Markdown)),
    }
}

#[expect(deprecated, reason = "older editors name their folder in no other way")]
fn folders(params: &proto::InitializeParams) -> Vec<PathBuf> {
    match &params.workspace_folders {
        Some(folders) if !folders.is_empty() => folders.iter().map(|folder| path_of(&folder.uri)).collect(),
        _ => params.root_uri.iter().map(path_of).collect(),
    }
}

fn capabilities(encoding: Encoding, can: Can) -> proto::ServerCapabilities {
    let trigger = |letters: &[&str]| Some(letters.iter().map(|letter| (*letter).to_owned()).collect());
    proto::ServerCapabilities {
        position_encoding: Some(match encoding {
            Encoding::Utf8 => proto::PositionEncodingKind::UTF8,
            Encoding::Utf16 => proto::PositionEncodingKind::UTF16,
            Encoding::Utf32 => proto::PositionEncodingKind::UTF32,
        }),
        text_document_sync: Some(proto::TextDocumentSyncCapability::Kind(proto::TextDocumentSyncKind::INCREMENTAL)),
        hover_provider: Some(proto::HoverProviderCapability::Simple(true)),
        completion_provider: Some(proto::CompletionOptions {
            resolve_provider: Some(true),
            trigger_characters: trigger(&[".", ":", "@", "\"", "(", "{"]),
            ..proto::CompletionOptions::default()
        }),
        definition_provider: Some(proto::OneOf::Left(true)),
        type_definition_provider: Some(proto::TypeDefinitionProviderCapability::Simple(true)),
        references_provider: Some(proto::OneOf::Left(true)),
        document_highlight_provider: Some(proto::OneOf::Left(true)),
        document_symbol_provider: Some(proto::OneOf::Left(true)),
        workspace_symbol_provider: Some(proto::OneOf::Left(true)),
        document_formatting_provider: Some(proto::OneOf::Left(true)),
        document_range_formatting_provider: Some(proto::OneOf::Left(true)),
        rename_provider: Some(proto::OneOf::Right(proto::RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: proto::WorkDoneProgressOptions::default(),
        })),
        signature_help_provider: Some(proto::SignatureHelpOptions {
            trigger_characters: trigger(&["(", ","]),
            ..proto::SignatureHelpOptions::default()
        }),
        semantic_tokens_provider: Some(proto::SemanticTokensServerCapabilities::SemanticTokensOptions(
            proto::SemanticTokensOptions {
                legend: colours::legend(),
                full: Some(proto::SemanticTokensFullOptions::Bool(true)),
                range: Some(true),
                ..proto::SemanticTokensOptions::default()
            },
        )),
        folding_range_provider: Some(proto::FoldingRangeProviderCapability::Simple(true)),
        selection_range_provider: Some(proto::SelectionRangeProviderCapability::Simple(true)),
        document_link_provider: Some(proto::DocumentLinkOptions {
            resolve_provider: Some(false),
            work_done_progress_options: proto::WorkDoneProgressOptions::default(),
        }),
        inlay_hint_provider: Some(proto::OneOf::Left(true)),
        code_lens_provider: can.commands.then_some(proto::CodeLensOptions { resolve_provider: Some(true) }),
        code_action_provider: Some(proto::CodeActionProviderCapability::Options(proto::CodeActionOptions {
            code_action_kinds: Some(vec![
                proto::CodeActionKind::QUICKFIX,
                proto::CodeActionKind::REFACTOR_EXTRACT,
                proto::CodeActionKind::REFACTOR_REWRITE,
                proto::CodeActionKind::SOURCE_FIX_ALL,
            ]),
            ..proto::CodeActionOptions::default()
        })),
        diagnostic_provider: can.pull.then(|| {
            proto::DiagnosticServerCapabilities::Options(proto::DiagnosticOptions {
                identifier: Some("parapet".to_owned()),
                inter_file_dependencies: true,
                workspace_diagnostics: false,
                ..proto::DiagnosticOptions::default()
            })
        }),
        execute_command_provider: Some(proto::ExecuteCommandOptions {
            commands: vec![TEST.to_owned()],
            work_done_progress_options: proto::WorkDoneProgressOptions::default(),
        }),
        workspace: Some(proto::WorkspaceServerCapabilities {
            workspace_folders: Some(proto::WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(proto::OneOf::Left(true)),
            }),
            ..proto::WorkspaceServerCapabilities::default()
        }),
        ..proto::ServerCapabilities::default()
    }
}

fn markup(can: Can, text: String) -> proto::MarkupContent {
    let kind = if can.markdown { proto::MarkupKind::Markdown } else { proto::MarkupKind::PlainText };
    proto::MarkupContent { kind, value: text }
}

/// An offer, and with it what is asked for more about it.
fn completion_item(snapshot: &Snapshot, can: Can, item: Completion, uri: &proto::Uri) -> proto::CompletionItem {
    let snippet = item.snippet && can.snippets;
    let insert = if item.snippet && !can.snippets { without_stops(&item.insert) } else { item.insert.clone() };
    let edit = proto::TextEdit { range: snapshot.range(item.replaces), new_text: insert };
    let more: Vec<proto::TextEdit> = item.more.iter().map(|edit| snapshot.text_edit(edit)).collect();
    let data = serde_json::json!({ "uri": uri.as_str(), "key": item.key });
    proto::CompletionItem {
        sort_text: Some(format!("{}{}", item.rank, item.label)),
        kind: Some(completion_kind(item.offer)),
        detail: (!item.detail.is_empty()).then_some(item.detail),
        insert_text_format: snippet.then_some(proto::InsertTextFormat::SNIPPET),
        text_edit: Some(proto::CompletionTextEdit::Edit(edit)),
        additional_text_edits: (!more.is_empty()).then_some(more),
        tags: item.deprecated.then(|| vec![proto::CompletionItemTag::DEPRECATED]),
        data: (!item.key.is_empty()).then_some(data),
        label: item.label,
        ..proto::CompletionItem::default()
    }
}

/// A snippet for an editor without snippets: its words, without the places to stop at.
fn without_stops(snippet: &str) -> String {
    let mut text = String::new();
    let mut rest = snippet;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        rest = match after.strip_prefix('{').and_then(|stop| stop.split_once('}')) {
            Some((stop, after)) => {
                let words = stop.split_once(':').map(|(_, words)| words);
                text.push_str(words.or_else(|| stop.split(['|', ',']).nth(1)).unwrap_or_default());
                after
            }
            None => after.trim_start_matches(|letter: char| letter.is_ascii_digit()),
        };
    }
    text + rest
}

/// The last day of a waiver that is written now.
fn until() -> String {
    let day = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
    day.saturating_add(jiff::Span::new().days(90)).to_string()
}

/// What the editor shows when a rename is refused.
fn refused(reason: String) -> Error {
    Error { code: ErrorCode::ServerError(-32803), message: reason.into(), data: None }
}

fn action(
    snapshot: &Snapshot,
    title: String,
    kind: proto::CodeActionKind,
    edits: &[parapet_ide::Edit],
    diagnostic: Option<&parapet_driver::Diagnostic>,
) -> Option<proto::CodeAction> {
    Some(proto::CodeAction {
        title,
        kind: Some(kind),
        diagnostics: diagnostic.map(|diagnostic| vec![snapshot.diagnostic(snapshot.file, diagnostic)]),
        edit: Some(snapshot.workspace_edit(edits)?),
        ..proto::CodeAction::default()
    })
}

/// `quickfix` of `quickfix`, and `refactor.extract` of `refactor`.
fn is_of_kind(kind: &proto::CodeActionKind, wanted: &proto::CodeActionKind) -> bool {
    let rest = kind.as_str().strip_prefix(wanted.as_str());
    rest.is_some_and(|rest| rest.is_empty() || wanted.as_str().is_empty() || rest.starts_with('.'))
}

fn folding_range(snapshot: &Snapshot, fold: parapet_ide::Fold) -> proto::FoldingRange {
    let range = snapshot.range(fold.span);
    // The line of the closing bracket stays in sight.
    let last = match fold.kind {
        parapet_ide::FoldKind::Region => range.end.line.saturating_sub(1).max(range.start.line),
        parapet_ide::FoldKind::Comment | parapet_ide::FoldKind::Imports => range.end.line,
    };
    proto::FoldingRange {
        start_line: range.start.line,
        end_line: last,
        kind: match fold.kind {
            parapet_ide::FoldKind::Comment => Some(proto::FoldingRangeKind::Comment),
            parapet_ide::FoldKind::Imports => Some(proto::FoldingRangeKind::Imports),
            parapet_ide::FoldKind::Region => None,
        },
        ..proto::FoldingRange::default()
    }
}

fn inlay_hint(snapshot: &Snapshot, hint: parapet_ide::Hint) -> proto::InlayHint {
    let at = parapet_ide::Span { start: hint.offset, end: hint.offset };
    proto::InlayHint {
        position: snapshot.range(at).start,
        label: proto::InlayHintLabel::String(hint.text),
        kind: Some(if hint.is_type { proto::InlayHintKind::TYPE } else { proto::InlayHintKind::PARAMETER }),
        padding_right: (!hint.is_type).then_some(true),
        padding_left: None,
        text_edits: None,
        tooltip: None,
        data: None,
    }
}

/// The command of the editor that shows places: `parapet.showReferences`.
fn references_command(uri: &proto::Uri, position: proto::Position, places: &[proto::Location]) -> proto::Command {
    let title = if places.len() == 1 { "1 use".to_owned() } else { format!("{} uses", places.len()) };
    proto::Command {
        title,
        command: "parapet.showReferences".to_owned(),
        arguments: Some(vec![
            serde_json::json!(uri.as_str()),
            serde_json::to_value(position).unwrap_or_default(),
            serde_json::to_value(places).unwrap_or_default(),
        ]),
    }
}

fn code_lens(snapshot: &Snapshot, uri: &proto::Uri, lens: parapet_ide::LensAt) -> Option<proto::CodeLens> {
    let range = snapshot.range(lens.place.span);
    Some(match lens.lens {
        parapet_ide::Lens::References => {
            let data = Some(serde_json::json!({ "uri": uri.as_str() }));
            proto::CodeLens { range, command: None, data }
        }
        parapet_ide::Lens::Run(title) => {
            let arguments = Some(vec![serde_json::json!(uri.as_str()), serde_json::json!(title)]);
            let command =
                proto::Command { title: "Run test".to_owned(), command: "parapet.runTest".to_owned(), arguments };
            proto::CodeLens { range, command: Some(command), data: None }
        }
    })
}

fn document_symbol(snapshot: &Snapshot, entry: parapet_ide::Entry) -> proto::DocumentSymbol {
    let children: Vec<proto::DocumentSymbol> =
        entry.children.into_iter().map(|child| document_symbol(snapshot, child)).collect();
    #[expect(deprecated, reason = "the protocol has no type without the field")]
    proto::DocumentSymbol {
        // A name must not be empty.
        name: if entry.name.is_empty() { "…".to_owned() } else { entry.name },
        detail: (!entry.detail.is_empty()).then_some(entry.detail),
        kind: symbol_kind(entry.kind),
        tags: entry.deprecated.then(|| vec![proto::SymbolTag::DEPRECATED]),
        deprecated: None,
        range: snapshot.range(entry.whole.span),
        selection_range: snapshot.range(entry.place.span),
        children: (!children.is_empty()).then_some(children),
    }
}

impl LanguageServer for Parapet {
    async fn initialize(&self, params: proto::InitializeParams) -> Result<proto::InitializeResult> {
        let encoding = encoding(&params.capabilities);
        let can = can(&params);
        {
            let mut world = lock(&self.world);
            world.encoding = encoding;
            world.set_folders(folders(&params));
        }
        *self.can.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = can;
        Ok(proto::InitializeResult {
            capabilities: capabilities(encoding, can),
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
        self.left.store(true, Ordering::SeqCst);
        Ok(())
    }

    async fn did_open(&self, params: proto::DidOpenTextDocumentParams) {
        let proto::TextDocumentItem { uri, version, text, language_id } = params.text_document;
        let path = path_of(&uri);
        let is_rules = language_id == "parapet" || path.extension().is_some_and(|extension| extension == "parapet");
        lock(&self.world).open(path, Document::new(uri, version, text, is_rules));
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

    async fn did_change_watched_files(&self, params: proto::DidChangeWatchedFilesParams) {
        {
            let mut world = lock(&self.world);
            params.changes.iter().for_each(|change| world.changed_on_disk(&path_of(&change.uri)));
        }
        self.changed().await;
    }

    async fn did_change_workspace_folders(&self, params: proto::DidChangeWorkspaceFoldersParams) {
        let paths = |folders: Vec<proto::WorkspaceFolder>| -> Vec<PathBuf> {
            folders.into_iter().map(|folder| path_of(&folder.uri)).collect()
        };
        lock(&self.world).change_folders(paths(params.event.added), &paths(params.event.removed));
        self.changed().await;
    }

    async fn hover(&self, params: proto::HoverParams) -> Result<Option<proto::Hover>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let can = self.can();
        self.query(&text_document.uri, move |snapshot| {
            let offset = snapshot.offset(position);
            let hover = parapet_ide::hover(&snapshot.db, snapshot.workspace, snapshot.file, offset)?;
            let range = snapshot.range(hover.place.span);
            Some(proto::Hover { contents: proto::HoverContents::Markup(markup(can, hover.text)), range: Some(range) })
        })
        .await
    }

    async fn completion(&self, params: proto::CompletionParams) -> Result<Option<proto::CompletionResponse>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let can = self.can();
        let uri = text_document.uri.clone();
        self.query_again(&text_document.uri, move |snapshot| {
            let offset = snapshot.offset(position);
            let found = parapet_ide::completions(&snapshot.db, snapshot.workspace, snapshot.file, offset);
            let items = found.items.into_iter().map(|item| completion_item(snapshot, can, item, &uri)).collect();
            Some(proto::CompletionResponse::List(proto::CompletionList { is_incomplete: found.incomplete, items }))
        })
        .await
    }

    async fn completion_resolve(&self, item: proto::CompletionItem) -> Result<proto::CompletionItem> {
        let word = |name: &str| Some(item.data.as_ref()?.get(name)?.as_str()?.to_owned());
        let (Some(uri), Some(key)) = (word("uri").and_then(|uri| uri.parse().ok()), word("key")) else {
            return Ok(item);
        };
        let can = self.can();
        let docs = self
            .query(&uri, move |snapshot| parapet_ide::documentation(&snapshot.db, snapshot.workspace, &key))
            .await?;
        let documentation = docs.map(|docs| proto::Documentation::MarkupContent(markup(can, docs)));
        Ok(proto::CompletionItem { documentation, ..item })
    }

    async fn goto_definition(
        &self,
        params: proto::GotoDefinitionParams,
    ) -> Result<Option<proto::GotoDefinitionResponse>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
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
        self.query(&text_document.uri, move |snapshot| {
            let offset = snapshot.offset(position);
            let found = parapet_ide::references(&snapshot.db, snapshot.workspace, snapshot.file, offset);
            let wanted = found.into_iter().filter(|found| all || !found.declares);
            Some(wanted.filter_map(|found| snapshot.location(found.place)).collect())
        })
        .await
    }

    async fn document_highlight(
        &self,
        params: proto::DocumentHighlightParams,
    ) -> Result<Option<Vec<proto::DocumentHighlight>>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
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
        self.query(&params.text_document.uri, move |snapshot| {
            let outline = parapet_ide::outline(&snapshot.db, snapshot.file);
            let symbols = outline.into_iter().map(|entry| document_symbol(snapshot, entry)).collect();
            Some(proto::DocumentSymbolResponse::Nested(symbols))
        })
        .await
    }

    async fn symbol(&self, params: proto::WorkspaceSymbolParams) -> Result<Option<proto::WorkspaceSymbolResponse>> {
        let found = self
            .query_all(move |snapshot| {
                let found = parapet_ide::search(&snapshot.db, snapshot.workspace, &params.query, MOST_SYMBOLS);
                let shown = found.into_iter().filter_map(|entry| {
                    Some(proto::WorkspaceSymbol {
                        name: entry.name,
                        kind: symbol_kind(entry.kind),
                        tags: entry.deprecated.then(|| vec![proto::SymbolTag::DEPRECATED]),
                        container_name: Some(entry.place.file.module(&snapshot.db).to_string()),
                        location: proto::OneOf::Left(snapshot.location(entry.place)?),
                        data: None,
                    })
                });
                shown.collect()
            })
            .await?;
        // The library is in each project.
        let mut seen = BTreeSet::new();
        let once = found.into_iter().filter(|found| match &found.location {
            proto::OneOf::Left(place) => {
                seen.insert((place.uri.to_string(), place.range.start.line, place.range.start.character))
            }
            proto::OneOf::Right(_) => true,
        });
        Ok(Some(proto::WorkspaceSymbolResponse::Nested(once.collect())))
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
        let only = params.context.only;
        let until = until();
        self.query(&params.text_document.uri, move |snapshot| {
            let found = diagnostics_of(&snapshot.db, snapshot.workspace, snapshot.file);
            let range = snapshot.span(params.range);
            let fixes = parapet_ide::fixes(&snapshot.db, snapshot.file, &found, range).into_iter().filter_map(|fix| {
                let action =
                    action(snapshot, fix.title, proto::CodeActionKind::QUICKFIX, &fix.edits, Some(&fix.diagnostic))?;
                Some(proto::CodeAction { is_preferred: fix.preferred.then_some(true), ..action })
            });
            let (db, file) = (&snapshot.db, snapshot.file);
            let others = parapet_ide::actions(db, snapshot.workspace, file, &found, range, &until);
            let others = others.into_iter().filter_map(|other| {
                action(snapshot, other.title, action_kind(other.kind), &other.edits, other.diagnostic.as_ref())
            });
            let wanted = |action: &proto::CodeAction| match (&only, &action.kind) {
                (Some(only), Some(kind)) => only.iter().any(|only| is_of_kind(kind, only)),
                // Mending everything is done when it is asked for, not offered at each place.
                (None, kind) => *kind != Some(proto::CodeActionKind::SOURCE_FIX_ALL),
                (Some(_), None) => false,
            };
            let all = fixes.chain(others).filter(wanted);
            Some(all.map(proto::CodeActionOrCommand::CodeAction).collect())
        })
        .await
    }

    async fn prepare_rename(
        &self,
        params: proto::TextDocumentPositionParams,
    ) -> Result<Option<proto::PrepareRenameResponse>> {
        let found = self
            .query(&params.text_document.uri, move |snapshot| {
                let offset = snapshot.offset(params.position);
                let ours = |file| snapshot.is_ours(file);
                let found = parapet_ide::prepare_rename(&snapshot.db, snapshot.workspace, snapshot.file, offset, &ours);
                Some(found.map(|found| proto::PrepareRenameResponse::RangeWithPlaceholder {
                    range: snapshot.range(found.place.span),
                    placeholder: found.name,
                }))
            })
            .await?;
        found.transpose().map_err(refused)
    }

    async fn rename(&self, params: proto::RenameParams) -> Result<Option<proto::WorkspaceEdit>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position;
        let found = self
            .query(&text_document.uri, move |snapshot| {
                let offset = snapshot.offset(position);
                let ours = |file| snapshot.is_ours(file);
                let (db, workspace) = (&snapshot.db, snapshot.workspace);
                let edits = parapet_ide::rename(db, workspace, snapshot.file, offset, &params.new_name, &ours);
                Some(edits.map(|edits| snapshot.workspace_edits(&edits)))
            })
            .await?;
        found.transpose().map_err(refused)
    }

    async fn signature_help(&self, params: proto::SignatureHelpParams) -> Result<Option<proto::SignatureHelp>> {
        let proto::TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let can = self.can();
        self.query_again(&text_document.uri, move |snapshot| {
            let offset = snapshot.offset(position);
            let call = parapet_ide::call(&snapshot.db, snapshot.workspace, snapshot.file, offset)?;
            let parameter = u32::try_from(call.parameter).ok();
            let signatures = call.ways.into_iter().map(|way| proto::SignatureInformation {
                parameters: Some(
                    way.parameters
                        .iter()
                        .map(|span| proto::ParameterInformation {
                            label: proto::ParameterLabel::Simple(span.text(&way.label).to_owned()),
                            documentation: None,
                        })
                        .collect(),
                ),
                documentation: (!way.docs.is_empty())
                    .then(|| proto::Documentation::MarkupContent(markup(can, way.docs))),
                label: way.label,
                active_parameter: parameter,
            });
            Some(proto::SignatureHelp {
                signatures: signatures.collect(),
                active_signature: Some(0),
                active_parameter: parameter,
            })
        })
        .await
    }

    async fn semantic_tokens_full(
        &self,
        params: proto::SemanticTokensParams,
    ) -> Result<Option<proto::SemanticTokensResult>> {
        self.query(&params.text_document.uri, move |snapshot| {
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
        self.query(&params.text_document.uri, move |snapshot| {
            let folds = parapet_ide::folds(&snapshot.db, snapshot.file);
            Some(folds.into_iter().map(|fold| folding_range(snapshot, fold)).collect())
        })
        .await
    }

    async fn selection_range(&self, params: proto::SelectionRangeParams) -> Result<Option<Vec<proto::SelectionRange>>> {
        self.query(&params.text_document.uri, move |snapshot| {
            let of_place = |position: proto::Position| {
                let offset = snapshot.offset(position);
                let grown = parapet_ide::selections(&snapshot.db, snapshot.workspace, snapshot.file, offset);
                let ranges = grown.into_iter().rev().map(|span| snapshot.range(span));
                let nested = ranges.fold(None, |parent: Option<proto::SelectionRange>, range| {
                    Some(proto::SelectionRange { range, parent: parent.map(Box::new) })
                });
                // Each place has an answer, in their order.
                let here = proto::Range { start: position, end: position };
                nested.unwrap_or(proto::SelectionRange { range: here, parent: None })
            };
            Some(params.positions.into_iter().map(of_place).collect())
        })
        .await
    }

    async fn document_link(&self, params: proto::DocumentLinkParams) -> Result<Option<Vec<proto::DocumentLink>>> {
        let folder = path_of(&params.text_document.uri).parent().map(PathBuf::from);
        self.query(&params.text_document.uri, move |snapshot| {
            let links = parapet_ide::links(&snapshot.db, snapshot.file).into_iter().filter_map(|link| {
                Some(proto::DocumentLink {
                    range: snapshot.range(link.place.span),
                    target: Some(uri_of(&folder.as_ref()?.join(link.path))?),
                    tooltip: None,
                    data: None,
                })
            });
            Some(links.collect())
        })
        .await
    }

    async fn inlay_hint(&self, params: proto::InlayHintParams) -> Result<Option<Vec<proto::InlayHint>>> {
        self.query(&params.text_document.uri, move |snapshot| {
            let range = snapshot.span(params.range);
            let hints = parapet_ide::hints(&snapshot.db, snapshot.workspace, snapshot.file, range);
            Some(hints.into_iter().map(|hint| inlay_hint(snapshot, hint)).collect())
        })
        .await
    }

    async fn code_lens(&self, params: proto::CodeLensParams) -> Result<Option<Vec<proto::CodeLens>>> {
        let uri = params.text_document.uri.clone();
        self.query(&params.text_document.uri, move |snapshot| {
            let lenses = parapet_ide::lenses(&snapshot.db, snapshot.file);
            Some(lenses.into_iter().filter_map(|lens| code_lens(snapshot, &uri, lens)).collect())
        })
        .await
    }

    /// Counts the uses of an item: that takes a look at all files, and is done for what is in view.
    async fn code_lens_resolve(&self, lens: proto::CodeLens) -> Result<proto::CodeLens> {
        let uri = lens.data.as_ref().and_then(|data| data.get("uri")?.as_str()?.parse::<proto::Uri>().ok());
        let Some(uri) = uri else { return Ok(lens) };
        let position = lens.range.start;
        let asked = uri.clone();
        let command = self
            .query(&uri, move |snapshot| {
                let offset = snapshot.offset(position);
                let uses = parapet_ide::uses(&snapshot.db, snapshot.workspace, snapshot.file, offset);
                let places: Vec<proto::Location> =
                    uses.into_iter().filter_map(|place| snapshot.location(place)).collect();
                Some(references_command(&asked, position, &places))
            })
            .await?;
        Ok(proto::CodeLens { command, ..lens })
    }

    async fn execute_command(&self, params: proto::ExecuteCommandParams) -> Result<Option<proto::LSPAny>> {
        let word = |at: usize| params.arguments.get(at).and_then(|argument| argument.as_str()).map(str::to_owned);
        let uri = word(0).and_then(|uri| uri.parse::<proto::Uri>().ok());
        let (TEST, Some(uri)) = (params.command.as_str(), uri) else {
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
        let items = self
            .query(&params.text_document.uri, move |snapshot| {
                let found = diagnostics_of(&snapshot.db, snapshot.workspace, snapshot.file);
                found.iter().map(|found| snapshot.diagnostic(snapshot.file, found)).collect::<Vec<_>>()
            })
            .await?;
        let report = proto::RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: proto::FullDocumentDiagnosticReport { result_id: None, items },
        };
        Ok(proto::DocumentDiagnosticReportResult::Report(proto::DocumentDiagnosticReport::Full(report)))
    }
}
