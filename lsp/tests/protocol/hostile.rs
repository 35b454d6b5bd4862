//! What no editor should send, and what is much too much: the server stays up.

use serde_json::{Value, json};

use crate::client::{Client, codes, with, with_pipe};

const TEXT: &str = "// 😀\nconst ONE = 1\n";

/// Every question about a place.
const QUESTIONS: [&str; 12] = [
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/typeDefinition",
    "textDocument/documentHighlight",
    "textDocument/documentSymbol",
    "textDocument/signatureHelp",
    "textDocument/foldingRange",
    "textDocument/semanticTokens/full",
    "textDocument/documentLink",
    "textDocument/codeLens",
    "textDocument/prepareRename",
];

#[test]
fn files_that_are_not_known_have_no_answers() {
    with(&[("a.parapet", TEXT)], async |mut client: Client| {
        for question in QUESTIONS {
            assert_eq!(client.ask(question, client.at("none.parapet", 0, 0)).await, Value::Null, "{question}");
            let mut other = client.at("a.parapet", 0, 0);
            for uri in ["http://example.org/a", "untitled:None", "file:///", "x:"] {
                other["textDocument"]["uri"] = json!(uri);
                assert_eq!(client.ask(question, other.clone()).await, Value::Null, "{question} of {uri}");
            }
        }
        client.edit("none.parapet", 2, [0, 0, 0, 0], "x").await;
        let document = client.document("none.parapet");
        client.tell("textDocument/didClose", document).await;
        assert_eq!(client.leave().await, 0);
    });
}

#[test]
fn places_outside_of_the_text_are_moved_into_it() {
    with(&[("a.parapet", TEXT)], async |mut client: Client| {
        client.open("a.parapet", TEXT).await;
        // Half of a pair, beyond a line, beyond the file.
        for (line, column) in [(0, 4), (0, 99), (1, 99), (9, 0), (u32::MAX, u32::MAX)] {
            for question in QUESTIONS.into_iter().filter(|question| *question != "textDocument/prepareRename") {
                client.ask(question, client.at("a.parapet", line, column)).await;
            }
        }
        client.edit("a.parapet", 2, [0, 4, 0, 4], "y").await;
        client.edit("a.parapet", 3, [99, 0, 99, 9], "const TWO = 2\n").await;
        client.edit("a.parapet", 4, [1, 3, 0, 0], "").await;
        assert_eq!(client.diagnostics_of("a.parapet", 4).await, ["E0001:0"]);
        client.change("a.parapet", 5, TEXT).await;
        assert_eq!(client.diagnostics_of("a.parapet", 5).await, [""; 0]);
    });
}

#[test]
fn a_burst_of_edits_ends_with_the_last_text() {
    with(&[("a.parapet", TEXT)], async |mut client: Client| {
        client.open("a.parapet", TEXT).await;
        for version in 0..1_000 {
            client.edit("a.parapet", version + 2, [1, 12, 1, 13], if version % 2 == 0 { "x" } else { "1" }).await;
            if version % 50 == 0 {
                // What is asked about a text that is gone has an answer or a refusal, and no other end.
                let answer = client.answer("textDocument/documentSymbol", client.document("a.parapet")).await;
                let refused = answer["error"]["code"] == -32801;
                assert!(refused || answer["result"].is_array(), "{answer}");
            }
        }
        assert_eq!(client.diagnostics_of("a.parapet", 1_001).await, [""; 0]);
    });
}

#[test]
fn edits_of_other_files_refuse_no_question() {
    let used: String = (0..60).map(|at| format!("const A{at} = ONE + {at}\n\n")).collect();
    let used = format!("use f0::ONE\n\n{used}");
    let paths: Vec<String> = (1..40).map(|number| format!("f{number}.parapet")).collect();
    let mut files = vec![("f0.parapet", "pub const ONE = 1\n")];
    files.extend(paths.iter().map(|path| (path.as_str(), used.as_str())));
    with(&files, async |mut client: Client| {
        client.open("f0.parapet", files[0].1).await;
        client.open("f1.parapet", &used).await;
        for version in 0..60 {
            let mut params = client.at("f1.parapet", 0, 9);
            params["context"] = json!({ "includeDeclaration": true });
            let references = client.begin("textDocument/references", params).await;
            let symbols = client.begin("workspace/symbol", json!({ "query": "A1" })).await;
            let edited = if version % 2 == 0 { "2" } else { "1" };
            client.edit("f0.parapet", version + 2, [0, 16, 0, 17], edited).await;
            // Of a whole document, and of the one that is edited.
            let outline = client.begin("textDocument/documentSymbol", client.document("f0.parapet")).await;
            for id in [references, symbols, outline] {
                let answer = client.answer_to(id).await;
                assert!(answer["result"].is_array(), "{version}: {answer:.300}");
            }
        }
        assert_eq!(client.leave().await, 0);
    });
}

#[test]
fn a_file_of_ten_megabytes_is_checked_and_edited() {
    let mut text = String::from("const FIRST = 1\n\n");
    while text.len() < 10 << 20 {
        text.push_str(&format!("const C{} = \"{}\"\n\n", text.len(), "x".repeat(400)));
    }
    with(&[], async |mut client: Client| {
        client.open("a.parapet", &text).await;
        assert_eq!(client.diagnostics_of("a.parapet", 1).await, [""; 0]);
        client.edit("a.parapet", 2, [0, 14, 0, 15], "two").await;
        assert_eq!(client.diagnostics_of("a.parapet", 2).await, ["E0201:0"]);
        client.edit("a.parapet", 3, [0, 14, 0, 17], "2").await;
        assert_eq!(client.diagnostics_of("a.parapet", 3).await, [""; 0]);
    });
}

/// So many files, each of which uses a constant of the next.
fn circle(count: usize) -> Vec<(String, String)> {
    let file = |number: usize| {
        let next = (number + 1) % count;
        let module = format!("rules::area_{}::f{next}", next / 100);
        let text = format!("use {module}::C{next}\n\npub const C{number} = {number}\n\nconst D = C{next}\n");
        (format!("rules/area_{}/f{number}.parapet", number / 100), text)
    };
    (0..count).map(file).collect()
}

#[test]
fn five_thousand_files_are_checked_and_one_is_edited() {
    let files = circle(5_000);
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let progress = json!({ "window": { "workDoneProgress": true } });
    with_pipe(&files, progress, 1 << 20, async |mut client: Client| {
        #[cfg(unix)]
        std::os::unix::fs::symlink(client.path("rules"), client.path("rules/again")).unwrap();
        let (path, text) = files[2_500];
        client.open(path, text).await;
        assert_eq!(client.diagnostics_of(path, 1).await, [""; 0]);
        client.told("$/progress", |params| params["value"]["kind"] == "end").await;
        // The one that uses it is not open.
        client.change(path, 2, &text.replace("C2500", "E")).await;
        assert_eq!(client.diagnostics_of(path, 2).await, [""; 0]);
        assert_eq!(client.diagnostics(files[2_499].0).await, ["E0201:0", "E0201:4"]);
        client.change(path, 3, text).await;
        assert_eq!(client.diagnostics(files[2_499].0).await, [""; 0]);
        assert_eq!(client.leave().await, 0);
    });
}

#[test]
fn who_types_and_asks_while_all_is_read_is_answered() {
    let files = circle(1_000);
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    for pulls in [json!({}), json!({ "textDocument": { "diagnostic": {} } })] {
        let asks = pulls["textDocument"].is_object();
        with_pipe(&files, pulls, 1 << 20, async |mut client: Client| {
            let ((path, text), (other, _)) = (files[500], files[700]);
            client.open(path, text).await;
            client.open(other, files[700].1).await;
            for version in 2..42 {
                let reports = match asks {
                    true => Some(client.begin("workspace/diagnostic", json!({ "previousResultIds": [] })).await),
                    false => None,
                };
                let hover = client.ask("textDocument/hover", client.at(other, 2, 11)).await;
                assert!(hover.to_string().contains("C700"), "{hover}");
                client.change(path, version, &text.replace("C500", if version % 2 == 0 { "E" } else { "C500" })).await;
                if let Some(reports) = reports {
                    let answer = client.answer_to(reports).await;
                    assert!(answer["result"].is_object() || answer["error"]["code"] == -32802, "{answer:.300}");
                }
            }
            client.change(path, 42, &text.replace("C500", "E")).await;
            if asks {
                let report = client.ask("textDocument/diagnostic", client.document(files[499].0)).await;
                assert_eq!(codes(&report["items"]), ["E0201:0", "E0201:4"]);
            } else {
                assert_eq!(client.diagnostics_of(path, 42).await, [""; 0]);
                while client.diagnostics(files[499].0).await != ["E0201:0", "E0201:4"] {}
            }
            assert_eq!(client.leave().await, 0);
        });
    }
}

#[test]
fn a_file_that_is_too_large_says_so() {
    let text = format!("const A = 1\n//{}\n", "x".repeat(17 << 20));
    with(&[], async |mut client: Client| {
        client.open("a.parapet", &text).await;
        assert_eq!(client.diagnostics_of("a.parapet", 1).await, ["E0007:0"]);
        client.change("a.parapet", 2, "const A = two\n").await;
        assert_eq!(client.diagnostics_of("a.parapet", 2).await, ["E0201:0"]);
    });
}

#[test]
fn nesting_without_end_is_an_error_and_no_end() {
    let text = format!("const A = {}1{}\n", "(".repeat(50_000), ")".repeat(50_000));
    with(&[], async |mut client: Client| {
        client.open("a.parapet", &text).await;
        let found = client.diagnostics_of("a.parapet", 1).await;
        assert_eq!(found, ["E0004:0"]);
        for question in QUESTIONS {
            client.answer(question, client.at("a.parapet", 0, 40_000)).await;
        }
        assert_eq!(client.leave().await, 0);
    });
}

#[test]
fn questions_before_and_after_the_conversation_are_refused() {
    with(&[], async |mut client: Client| {
        let again = client.answer("initialize", json!({ "capabilities": {} })).await;
        assert!(again["error"]["code"].is_i64(), "{again}");
        let unknown = client.answer("textDocument/nothing", json!({})).await;
        assert_eq!(unknown["error"]["code"], -32601);
        let wrong = client.answer("textDocument/hover", json!({ "textDocument": 3 })).await;
        assert_eq!(wrong["error"]["code"], -32602);
        client.ask("shutdown", Value::Null).await;
        let late = client.answer("textDocument/hover", client.at("a.parapet", 0, 0)).await;
        assert_eq!(late["error"]["code"], -32600);
    });
}

#[test]
fn a_goodbye_counts_whether_or_not_its_answer_is_waited_for() {
    for _ in 0..50 {
        with(&[], async |client: Client| assert_eq!(client.go().await, 0));
    }
}

#[test]
fn an_editor_that_types_and_asks_before_it_reads_is_heard() {
    // Each open file has errors to tell; the pipe holds few of them.
    let text: String = (0..20).map(|at| format!("const A{at} = b\n\n")).collect();
    let paths: Vec<String> = (0..40).map(|number| format!("f{number}.parapet")).collect();
    let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), text.as_str())).collect();
    with_pipe(&files, json!({}), 8 << 10, async |mut client: Client| {
        client.diagnostics("f39.parapet").await;
        for path in &paths {
            client.open(path, &text).await;
        }
        for version in 2..12 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            client.edit("f0.parapet", version, [0, 11, 0, 12], "c").await;
            // Nobody waits for the answers yet.
            for question in ["textDocument/hover", "textDocument/documentSymbol"] {
                let params = client.at("f0.parapet", 0, 7);
                client.begin(question, params).await;
            }
            client.begin("workspace/symbol", json!({ "query": "A" })).await;
        }
        client.change("f0.parapet", 12, "const A = 1\n").await;
        assert_eq!(client.diagnostics_of("f0.parapet", 12).await, [""; 0]);
        assert_eq!(client.ask("textDocument/hover", client.at("f0.parapet", 0, 0)).await, Value::Null);
    });
}
