//! What the server says it can do, and that it does.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::{Client, with, with_capabilities};

const SHARED: &str = "pub fn enough(number: Int) -> Bool = number > 2\n";
const MAIN: &str = "use shared::enough\n\nschema Acme::Thing {\n    size: Int\n}\n\n/// A.\n///\n/// # Fix\n/// B.\nguardrail large(t: Acme::Thing) {\n    let least = 3\n    require enough(t.size + least)\n}\n\ntest \"t\" {\n    given inventory \"data/a.ndjson\"\n    expect enough(3)\n}\n";

/// Each offer with the question behind it.
const OFFERED: [(&str, &str); 21] = [
    ("codeActionProvider", "textDocument/codeAction"),
    ("codeLensProvider", "textDocument/codeLens"),
    ("completionProvider", "textDocument/completion"),
    ("definitionProvider", "textDocument/definition"),
    ("documentFormattingProvider", "textDocument/formatting"),
    ("documentHighlightProvider", "textDocument/documentHighlight"),
    ("documentLinkProvider", "textDocument/documentLink"),
    ("documentRangeFormattingProvider", "textDocument/rangeFormatting"),
    ("documentSymbolProvider", "textDocument/documentSymbol"),
    ("executeCommandProvider", "workspace/executeCommand"),
    ("foldingRangeProvider", "textDocument/foldingRange"),
    ("hoverProvider", "textDocument/hover"),
    ("inlayHintProvider", "textDocument/inlayHint"),
    ("referencesProvider", "textDocument/references"),
    ("renameProvider", "textDocument/rename"),
    ("renameProvider", "textDocument/prepareRename"),
    ("selectionRangeProvider", "textDocument/selectionRange"),
    ("semanticTokensProvider", "textDocument/semanticTokens/full"),
    ("semanticTokensProvider", "textDocument/semanticTokens/range"),
    ("signatureHelpProvider", "textDocument/signatureHelp"),
    ("workspaceSymbolProvider", "workspace/symbol"),
];

/// What is no question about a document: each has a test of its own.
const OTHERS: [&str; 4] = ["positionEncoding", "textDocumentSync", "typeDefinitionProvider", "workspace"];

/// The parameters of all questions at once, about the name `enough` where it is called.
fn asked(client: &Client, question: &str) -> Value {
    let mut params = client.at("main.parapet", 12, if question.ends_with("signatureHelp") { 19 } else { 14 });
    let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 19, "character": 0 } });
    params["range"] = whole;
    params["context"] =
        json!({ "diagnostics": [], "includeDeclaration": true, "triggerKind": 1, "isRetrigger": false });
    params["options"] = json!({ "tabSize": 4, "insertSpaces": true });
    params["positions"] = json!([params["position"]]);
    params["newName"] = json!("plenty");
    params["query"] = json!("enough");
    params["command"] = json!("parapet.test");
    params["arguments"] = json!([client.uri("main.parapet")]);
    params
}

#[test]
fn each_offer_is_kept() {
    with(&[("shared.parapet", SHARED), ("main.parapet", MAIN)], async |mut client: Client| {
        let offered: BTreeSet<&str> = OFFERED.iter().map(|(offer, _)| *offer).chain(OTHERS).collect();
        let said = client.capabilities.as_object().unwrap().clone();
        assert_eq!(said.keys().map(String::as_str).collect::<BTreeSet<_>>(), offered);
        client.open("main.parapet", MAIN).await;
        for (_, question) in OFFERED {
            let params = asked(&client, question);
            let answer = client.ask(question, params).await;
            assert!(!answer.is_null(), "{question}");
            let is_empty = answer.as_array().is_some_and(Vec::is_empty);
            // The text is formatted already, and has nothing to mend.
            assert!(
                !is_empty || question.to_lowercase().contains("formatting") || question.contains("codeAction"),
                "{question}"
            );
        }
        assert_eq!(client.leave().await, 0);
    });
}

/// Letters after which an editor asks by itself lead to offers.
#[test]
fn each_letter_that_asks_has_offers() {
    with(&[("shared.parapet", SHARED)], async |mut client: Client| {
        let letters = client.capabilities["completionProvider"]["triggerCharacters"].as_array().unwrap().clone();
        let text = |letter: &str| match letter {
            "." => "guardrail x(q: AWS::SQS::Queue) {\n    require q.",
            ":" => "const A = shared::",
            "@" => "@",
            "\"" => "guardrail x(q: AWS::S3::Bucket) {\n    require q.VersioningConfiguration?.Status == \"",
            "(" => "@severity(",
            "{" => "use shared::{",
            other => panic!("{other} has no example"),
        };
        for (version, letter) in letters.iter().enumerate() {
            let letter = letter.as_str().unwrap();
            let text = text(letter);
            let file = format!("a{version}.parapet");
            client.open(&file, text).await;
            let (line, column) = (text.matches('\n').count() as u32, text.lines().last().unwrap().len() as u32);
            let list = client.ask("textDocument/completion", client.at(&file, line, column)).await;
            assert!(!list["items"].as_array().unwrap().is_empty(), "{letter}");
        }
    });
}

/// What an editor cannot use is not offered.
#[test]
fn offers_are_for_who_can_use_them() {
    with_capabilities(&[], json!({ "textDocument": { "diagnostic": {} } }), async |client: Client| {
        assert!(client.capabilities["diagnosticProvider"].is_object());
    });
    let both = json!({ "textDocument": { "diagnostic": {}, "publishDiagnostics": {} } });
    with_capabilities(&[], both, async |client: Client| {
        assert!(client.capabilities["diagnosticProvider"].is_null(), "what is sent need not be asked for");
    });
}
