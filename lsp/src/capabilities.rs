//! What the editor says it can do, and what the server offers it in turn.
//!
//! Both are said once, when the conversation begins. Nothing is offered that the editor could not use: diagnostics on
//! demand stand for those that are sent, and lenses for the commands behind them.

use std::path::PathBuf;

use parapet_ide::Encoding;

use crate::colours;
use crate::handlers::TEST;
use crate::proto;
use crate::translate::path_of;

/// What the editor can do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Can {
    /// It asks for diagnostics, and is not sent any.
    pub(crate) pull: bool,
    /// It asks for them again when it is told to.
    pub(crate) refresh: bool,
    pub(crate) progress: bool,
    pub(crate) watch: bool,
    pub(crate) snippets: bool,
    markdown: bool,
    /// It knows the commands of lenses: `parapet.showReferences`, `parapet.showVerdicts` and `parapet.runTest`.
    pub(crate) commands: bool,
    /// It knows `parapet.bind`, which asks for an inventory.
    pub(crate) binds: bool,
    /// It asks for lenses again when it is told to.
    pub(crate) lenses: bool,
}

impl Can {
    pub(crate) fn of(params: &proto::InitializeParams) -> Can {
        let capabilities = &params.capabilities;
        let options = params.initialization_options.as_ref();
        let text = capabilities.text_document.as_ref();
        let workspace = capabilities.workspace.as_ref();
        let item = text.and_then(|text| text.completion.as_ref()?.completion_item.as_ref());
        let formats = text.and_then(|text| text.hover.as_ref()?.content_format.as_ref());
        let pulls = text.is_some_and(|text| text.diagnostic.is_some());
        let watched = workspace.and_then(|workspace| workspace.did_change_watched_files);
        Can {
            refresh: workspace.and_then(|workspace| workspace.diagnostics.as_ref()?.refresh_support) == Some(true),
            pull: pulls && text.is_none_or(|text| text.publish_diagnostics.is_none()),
            progress: capabilities.window.as_ref().and_then(|window| window.work_done_progress) == Some(true),
            watch: watched.and_then(|watched| watched.dynamic_registration) == Some(true),
            snippets: item.and_then(|item| item.snippet_support) == Some(true),
            commands: options.and_then(|options| options.get("commands")?.as_bool()) == Some(true),
            binds: options.and_then(|options| options.get("bind")?.as_bool()) == Some(true),
            lenses: workspace.and_then(|workspace| workspace.code_lens.as_ref()?.refresh_support) == Some(true),
            markdown: formats.is_none_or(|formats| formats.contains(&proto::MarkupKind::Markdown)),
        }
    }

    /// A text for people.
    pub(crate) fn markup(self, text: String) -> proto::MarkupContent {
        let kind = if self.markdown { proto::MarkupKind::Markdown } else { proto::MarkupKind::PlainText };
        proto::MarkupContent { kind, value: text }
    }
}

/// What the editor and the server agree that columns count: bytes, if it can, else what all can.
pub(crate) fn encoding(capabilities: &proto::ClientCapabilities) -> Encoding {
    let offered = capabilities.general.as_ref().and_then(|general| general.position_encodings.as_ref());
    match offered {
        Some(offered) if offered.contains(&proto::PositionEncodingKind::UTF8) => Encoding::Utf8,
        _ => Encoding::Utf16,
    }
}

/// The folders that the editor has open.
#[expect(deprecated, reason = "older editors name their folder in no other way")]
pub(crate) fn folders(params: &proto::InitializeParams) -> Vec<PathBuf> {
    match &params.workspace_folders {
        Some(folders) if !folders.is_empty() => folders.iter().map(|folder| path_of(&folder.uri)).collect(),
        _ => params.root_uri.iter().map(path_of).collect(),
    }
}

/// What the server offers. Longer than a step, as each line is an offer of its own.
pub(crate) fn offered(encoding: Encoding, can: Can) -> proto::ServerCapabilities {
    proto::ServerCapabilities {
        position_encoding: Some(kind_of(encoding)),
        text_document_sync: Some(proto::TextDocumentSyncCapability::Kind(proto::TextDocumentSyncKind::INCREMENTAL)),
        hover_provider: Some(proto::HoverProviderCapability::Simple(true)),
        completion_provider: Some(completion()),
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
            trigger_characters: letters(&["(", ","]),
            ..proto::SignatureHelpOptions::default()
        }),
        semantic_tokens_provider: Some(tokens()),
        folding_range_provider: Some(proto::FoldingRangeProviderCapability::Simple(true)),
        selection_range_provider: Some(proto::SelectionRangeProviderCapability::Simple(true)),
        document_link_provider: Some(proto::DocumentLinkOptions {
            resolve_provider: Some(false),
            work_done_progress_options: proto::WorkDoneProgressOptions::default(),
        }),
        inlay_hint_provider: Some(proto::OneOf::Left(true)),
        code_lens_provider: can.commands.then_some(proto::CodeLensOptions { resolve_provider: Some(true) }),
        code_action_provider: Some(actions()),
        diagnostic_provider: can.pull.then(diagnostics),
        execute_command_provider: Some(proto::ExecuteCommandOptions {
            commands: vec![TEST.to_owned()],
            work_done_progress_options: proto::WorkDoneProgressOptions::default(),
        }),
        workspace: Some(workspace()),
        ..proto::ServerCapabilities::default()
    }
}

fn kind_of(encoding: Encoding) -> proto::PositionEncodingKind {
    match encoding {
        Encoding::Utf8 => proto::PositionEncodingKind::UTF8,
        Encoding::Utf16 => proto::PositionEncodingKind::UTF16,
        Encoding::Utf32 => proto::PositionEncodingKind::UTF32,
    }
}

/// Letters after which an editor asks by itself.
fn letters(letters: &[&str]) -> Option<Vec<String>> {
    Some(letters.iter().map(|letter| (*letter).to_owned()).collect())
}

fn completion() -> proto::CompletionOptions {
    proto::CompletionOptions {
        resolve_provider: Some(true),
        trigger_characters: letters(&[".", ":", "@", "\"", "(", "{"]),
        ..proto::CompletionOptions::default()
    }
}

fn tokens() -> proto::SemanticTokensServerCapabilities {
    proto::SemanticTokensServerCapabilities::SemanticTokensOptions(proto::SemanticTokensOptions {
        legend: colours::legend(),
        full: Some(proto::SemanticTokensFullOptions::Bool(true)),
        range: Some(true),
        ..proto::SemanticTokensOptions::default()
    })
}

fn actions() -> proto::CodeActionProviderCapability {
    proto::CodeActionProviderCapability::Options(proto::CodeActionOptions {
        code_action_kinds: Some(vec![
            proto::CodeActionKind::QUICKFIX,
            proto::CodeActionKind::REFACTOR_EXTRACT,
            proto::CodeActionKind::REFACTOR_REWRITE,
            proto::CodeActionKind::SOURCE_FIX_ALL,
        ]),
        ..proto::CodeActionOptions::default()
    })
}

fn diagnostics() -> proto::DiagnosticServerCapabilities {
    proto::DiagnosticServerCapabilities::Options(proto::DiagnosticOptions {
        identifier: Some("parapet".to_owned()),
        inter_file_dependencies: true,
        workspace_diagnostics: true,
        ..proto::DiagnosticOptions::default()
    })
}

fn workspace() -> proto::WorkspaceServerCapabilities {
    proto::WorkspaceServerCapabilities {
        workspace_folders: Some(proto::WorkspaceFoldersServerCapabilities {
            supported: Some(true),
            change_notifications: Some(proto::OneOf::Left(true)),
        }),
        file_operations: Some(proto::WorkspaceFileOperationsServerCapabilities {
            will_rename: Some(proto::FileOperationRegistrationOptions { filters: modules() }),
            ..proto::WorkspaceFileOperationsServerCapabilities::default()
        }),
    }
}

/// Files and folders that are modules.
fn modules() -> Vec<proto::FileOperationFilter> {
    let filter = |glob: &str, matches| proto::FileOperationFilter {
        scheme: Some("file".to_owned()),
        pattern: proto::FileOperationPattern { glob: glob.to_owned(), matches: Some(matches), options: None },
    };
    vec![
        filter("**/*.parapet", proto::FileOperationPatternKind::File),
        filter("**", proto::FileOperationPatternKind::Folder),
    ]
}
