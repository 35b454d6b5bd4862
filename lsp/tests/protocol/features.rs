//! Each feature once through the server.

use serde_json::{Value, json};

use crate::client::{Client, codes, edited, shown, with, with_capabilities};

const RULES: &str =
    "/// A.\n///\n/// # Fix\n/// B.\nguardrail zones(db: AWS::RDS::DBInstance) {\n    require db.MultiAz ?? false\n}\n";
const MENDED: &str =
    "/// A.\n///\n/// # Fix\n/// B.\nguardrail zones(db: AWS::RDS::DBInstance) {\n    require db.MultiAZ ?? false\n}\n";
const SHARED: &str = "pub fn enough(number: Int) -> Bool = number > 2\n";
const MAIN: &str = "use shared::enough\n\n/// A.\n///\n/// # Fix\n/// B.\nguardrail delayed(q: AWS::SQS::Queue) {\n    require enough(q.DelaySeconds ?? 0)\n}\n";

#[test]
fn columns_count_bytes_where_the_editor_can() {
    let general = json!({ "general": { "positionEncodings": ["utf-16", "utf-8"] } });
    with_capabilities(&[], general, async |client: Client| {
        assert_eq!(client.capabilities["positionEncoding"], "utf-8");
        assert_eq!(client.leave().await, 0);
    });
    with(&[], async |client: Client| {
        assert_eq!(client.capabilities["positionEncoding"], "utf-16");
        assert_eq!(client.leave().await, 0);
    });
}

#[test]
fn diagnostics_follow_edits_and_quick_fixes_mend_them() {
    with(&[("a.parapet", RULES)], async |mut client: Client| {
        assert_eq!(client.diagnostics("a.parapet").await, ["E0101:5"], "before it is opened");
        client.open("a.parapet", RULES).await;
        assert_eq!(client.diagnostics_of("a.parapet", 1).await, ["E0101:5"]);
        let range = json!({ "start": { "line": 5, "character": 16 }, "end": { "line": 5, "character": 16 } });
        let params = json!({
            "textDocument": { "uri": client.uri("a.parapet") }, "range": range, "context": { "diagnostics": [] },
        });
        let actions = client.ask("textDocument/codeAction", params).await;
        assert_eq!(actions[0]["title"], "Did you mean `MultiAZ`?");
        assert_eq!(actions[0]["kind"], "quickfix");
        assert_eq!(codes(&actions[0]["diagnostics"]), ["E0101:5"]);
        let edits = &actions[0]["edit"]["changes"][&client.uri("a.parapet")];
        assert_eq!(edited(RULES, edits), MENDED);
        client.change("a.parapet", 2, MENDED).await;
        assert_eq!(client.diagnostics_of("a.parapet", 2).await, [""; 0]);
        // One letter, as an editor sends it.
        client.edit("a.parapet", 3, [5, 20, 5, 21], "z").await;
        assert_eq!(client.diagnostics_of("a.parapet", 3).await, ["E0101:5"]);
        assert_eq!(client.leave().await, 0);
    });
}

#[test]
fn an_edit_of_one_file_reaches_another() {
    with(&[("shared.parapet", SHARED), ("main.parapet", MAIN)], async |mut client: Client| {
        client.open("shared.parapet", SHARED).await;
        client.diagnostics_of("shared.parapet", 1).await;
        client.change("shared.parapet", 2, &SHARED.replace("enough", "plenty")).await;
        assert_eq!(client.diagnostics("main.parapet").await, ["E0201:0", "E0201:7"], "which is not open");
        client.change("shared.parapet", 3, SHARED).await;
        assert_eq!(client.diagnostics("main.parapet").await, [""; 0]);
    });
}

/// What is said first of an open file need not be all: a lint that rests on the whole package follows.
#[test]
fn lints_of_the_whole_package_follow() {
    let files = [("a.parapet", "param days: Int = 3\n"), ("b.parapet", "const ONE = 1\n")];
    with(&files, async |mut client: Client| {
        client.open("a.parapet", files[0].1).await;
        let mut found = client.diagnostics_of("a.parapet", 1).await;
        while found.is_empty() {
            found = client.diagnostics_of("a.parapet", 1).await;
        }
        assert_eq!(found.len(), 1, "nothing reads the parameter");
        let text = "use a::days\n\nguardrail x(q: AWS::SQS::Queue) {\n    require (q.DelaySeconds ?? 0) < days\n}\n";
        client.change("a.parapet", 2, "param days: Int = 4\n").await;
        assert_eq!(client.diagnostics_of("a.parapet", 2).await.len(), 1);
        client.open("b.parapet", text).await;
        assert_eq!(client.diagnostics("a.parapet").await, [""; 0], "another file reads it");
    });
}

#[test]
fn labels_are_related_places_and_tags_change_the_look() {
    let text = "const A = 1\n\nconst A = 2\n\nuse aws::network::opens\n";
    with(&[("a.parapet", text)], async |mut client: Client| {
        let uri = client.uri("a.parapet");
        let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
        let twice = &told["diagnostics"][0];
        assert_eq!(twice["relatedInformation"][0]["message"], "first defined here");
        assert_eq!(shown(&twice["relatedInformation"][0]["location"]["range"]), "0:6-0:7");
        let unused = told["diagnostics"].as_array().unwrap().iter().find(|found| found["severity"] == 2).unwrap();
        assert_eq!(unused["tags"], json!([1]));
    });
}

#[test]
fn hover_shows_type_and_facts() {
    with(&[("a.parapet", MENDED)], async |mut client: Client| {
        let hover = client.ask("textDocument/hover", client.at("a.parapet", 5, 17)).await;
        assert!(hover["contents"]["value"].as_str().unwrap().contains("MultiAZ: Bool?"), "{hover}");
        assert_eq!(shown(&hover["range"]), "5:15-5:22");
        assert_eq!(client.ask("textDocument/hover", client.at("a.parapet", 5, 0)).await, Value::Null);
    });
}

#[test]
fn completion_with_more_when_it_is_asked_for() {
    let snippets = json!({ "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } } });
    with_capabilities(&[("a.parapet", MENDED)], snippets, async |mut client: Client| {
        client.open("a.parapet", MENDED).await;
        let list = client.ask("textDocument/completion", client.at("a.parapet", 5, 19)).await;
        let item = list["items"].as_array().unwrap().iter().find(|item| item["label"] == "MultiAZ").unwrap().clone();
        assert_eq!(shown(&item["textEdit"]["range"]), "5:15-5:19");
        assert_eq!(item["detail"], "Bool?");
        let resolved = client.ask("completionItem/resolve", item).await;
        assert!(resolved["documentation"]["value"].as_str().unwrap().contains("of `AWS::RDS::DBInstance`"));
        client.change("a.parapet", 2, "gua").await;
        let list = client.ask("textDocument/completion", client.at("a.parapet", 0, 3)).await;
        assert_eq!(
            (&list["items"][0]["label"], &list["items"][0]["insertTextFormat"]),
            (&json!("guardrail"), &json!(2))
        );
    });
    with(&[("a.parapet", "gua")], async |mut client: Client| {
        let list = client.ask("textDocument/completion", client.at("a.parapet", 0, 3)).await;
        let text = list["items"][0]["textEdit"]["newText"].as_str().unwrap();
        assert!(
            text.contains("@severity(medium)\nguardrail name(resource: AWS::) {"),
            "an editor without snippets: {text}"
        );
    });
}

#[test]
fn from_a_name_to_its_definition_and_back() {
    with(&[("shared.parapet", SHARED), ("main.parapet", MAIN)], async |mut client: Client| {
        let target = client.ask("textDocument/definition", client.at("main.parapet", 7, 14)).await;
        assert_eq!(
            (&target["uri"], shown(&target["range"])),
            (&json!(client.uri("shared.parapet")), "0:7-0:13".to_owned())
        );
        let mut params = client.at("shared.parapet", 0, 8);
        params["context"] = json!({ "includeDeclaration": false });
        let found = client.ask("textDocument/references", params).await;
        let ranges: Vec<String> = found.as_array().unwrap().iter().map(|found| shown(&found["range"])).collect();
        assert_eq!(ranges, ["0:12-0:18", "7:12-7:18"]);
        let marked = client.ask("textDocument/documentHighlight", client.at("main.parapet", 7, 19)).await;
        let marked: Vec<String> = marked.as_array().unwrap().iter().map(|found| shown(&found["range"])).collect();
        assert_eq!(marked, ["6:18-6:19", "7:19-7:20"]);
    });
}

#[test]
fn the_standard_library_opens_as_a_file() {
    let text = "use aws::network::is_public_subnet\n\n/// A.\n///\n/// # Fix\n/// B.\nguardrail x(s: AWS::EC2::Subnet) {\n    require not is_public_subnet(s)\n}\n";
    with(&[("a.parapet", text)], async |mut client: Client| {
        let target = client.ask("textDocument/definition", client.at("a.parapet", 7, 20)).await;
        let uri = target["uri"].as_str().unwrap().to_owned();
        assert!(uri.ends_with("/.library/aws/rules/network.parapet"), "{uri}");
        let library = std::fs::read_to_string(uri.strip_prefix("file://").unwrap()).unwrap();
        client.open_as(&uri, &library).await;
        let line = target["range"]["start"]["line"].as_u64().unwrap();
        let at = json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": 9 } });
        let hover = client.ask("textDocument/hover", at).await;
        assert!(hover["contents"]["value"].as_str().unwrap().contains("is_public_subnet"), "{hover}");
    });
}

#[test]
fn type_definitions_of_ones_own_types() {
    let text = "schema Acme::Thing {\n    size: Int\n}\n\n/// A.\n///\n/// # Fix\n/// B.\nguardrail x(t: Acme::Thing) {\n    require t.size > 3\n}\n";
    with(&[("a.parapet", text)], async |mut client: Client| {
        let target = client.ask("textDocument/typeDefinition", client.at("a.parapet", 9, 12)).await;
        assert_eq!(shown(&target["range"]), "0:7-0:18");
    });
}

#[test]
fn outline_and_search() {
    with(&[("shared.parapet", SHARED), ("main.parapet", MAIN)], async |mut client: Client| {
        let outline = client.ask("textDocument/documentSymbol", client.document("main.parapet")).await;
        assert_eq!((&outline[0]["name"], &outline[0]["detail"]), (&json!("delayed"), &json!("AWS::SQS::Queue")));
        assert_eq!(shown(&outline[0]["selectionRange"]), "6:10-6:17");
        let found = client.ask("workspace/symbol", json!({ "query": "enou" })).await;
        let own = found.as_array().unwrap().iter().find(|found| found["name"] == "enough").unwrap();
        assert_eq!(own["containerName"], "shared");
    });
}

#[test]
fn formatting_of_a_file_and_of_a_range() {
    let text = "const A=1\n\nconst B=2\n";
    with(&[("a.parapet", text)], async |mut client: Client| {
        let mut params = client.document("a.parapet");
        params["options"] = json!({ "tabSize": 4, "insertSpaces": true });
        let edits = client.ask("textDocument/formatting", params.clone()).await;
        assert_eq!(edited(text, &edits), "const A = 1\n\nconst B = 2\n");
        params["range"] = json!({ "start": { "line": 2, "character": 0 }, "end": { "line": 2, "character": 3 } });
        let edits = client.ask("textDocument/rangeFormatting", params).await;
        assert_eq!(edited(text, &edits), "const A=1\n\nconst B = 2\n");
    });
}

#[test]
fn the_first_check_shows_progress() {
    let capabilities = json!({ "window": { "workDoneProgress": true } });
    with_capabilities(&[("a.parapet", RULES)], capabilities, async |mut client: Client| {
        let begun = client.told("$/progress", |_| true).await;
        assert_eq!(
            (&begun["value"]["kind"], &begun["value"]["title"]),
            (&json!("begin"), &json!("Checking guardrails"))
        );
        let ended = client.told("$/progress", |_| true).await;
        assert_eq!(ended["value"]["kind"], "end");
    });
}

#[test]
fn rename_across_files_and_what_is_refused() {
    with(&[("shared.parapet", SHARED), ("main.parapet", MAIN)], async |mut client: Client| {
        let prepared = client.ask("textDocument/prepareRename", client.at("main.parapet", 7, 14)).await;
        assert_eq!((&prepared["placeholder"], shown(&prepared["range"])), (&json!("enough"), "7:12-7:18".to_owned()));
        let mut params = client.at("main.parapet", 7, 14);
        params["newName"] = json!("plenty");
        let edit = client.ask("textDocument/rename", params.clone()).await;
        assert_eq!(edited(SHARED, &edit["changes"][&client.uri("shared.parapet")]), SHARED.replace("enough", "plenty"));
        assert_eq!(edited(MAIN, &edit["changes"][&client.uri("main.parapet")]), MAIN.replace("enough", "plenty"));
        params["newName"] = json!("two words");
        let refused = client.answer("textDocument/rename", params).await;
        assert!(refused["error"]["message"].as_str().unwrap().contains("is no name here"), "{refused}");
        let refused = client.answer("textDocument/prepareRename", client.at("main.parapet", 7, 21)).await;
        assert_eq!(refused["error"]["message"], "this is a property: inventories have it under this name");
    });
}

#[test]
fn a_call_shows_what_it_takes() {
    with(&[("shared.parapet", SHARED), ("main.parapet", MAIN)], async |mut client: Client| {
        let help = client.ask("textDocument/signatureHelp", client.at("main.parapet", 7, 19)).await;
        assert_eq!(help["signatures"][0]["label"], "pub fn enough(number: Int) -> Bool");
        assert_eq!(help["signatures"][0]["parameters"][0]["label"], "number: Int");
        assert_eq!(help["activeParameter"], 0);
    });
}

#[test]
fn colours_of_a_file_and_of_a_range() {
    with(&[("a.parapet", "const A = 1\n\nconst B = A\n")], async |mut client: Client| {
        let legend = &client.capabilities["semanticTokensProvider"]["legend"]["tokenTypes"];
        assert_eq!((&legend[3], &legend[9]), (&json!("keyword"), &json!("variable")));
        let all = client.ask("textDocument/semanticTokens/full", client.document("a.parapet")).await;
        // Line, column, length, kind, modifiers: `const`, `A` declared, `1`, …
        let expected =
            json!([0, 0, 5, 3, 0, 0, 6, 1, 9, 5, 0, 4, 1, 2, 0, 2, 0, 5, 3, 0, 0, 6, 1, 9, 5, 0, 4, 1, 9, 4]);
        assert_eq!(all["data"], expected);
        let mut params = client.document("a.parapet");
        params["range"] = json!({ "start": { "line": 2, "character": 0 }, "end": { "line": 3, "character": 0 } });
        let some = client.ask("textDocument/semanticTokens/range", params).await;
        assert_eq!(some["data"].as_array().unwrap().len(), 15);
    });
}

#[test]
fn folds_selections_and_hints() {
    with(&[("shared.parapet", SHARED), ("main.parapet", MAIN)], async |mut client: Client| {
        let folds = client.ask("textDocument/foldingRange", client.document("main.parapet")).await;
        assert_eq!(
            folds,
            json!([
                { "startLine": 2, "endLine": 5, "kind": "comment" },
                { "startLine": 6, "endLine": 7 },
            ])
        );
        let mut params = client.document("main.parapet");
        params["positions"] = json!([{ "line": 7, "character": 22 }]);
        let grown = client.ask("textDocument/selectionRange", params).await;
        assert_eq!(shown(&grown[0]["range"]), "7:21-7:33");
        assert_eq!(shown(&grown[0]["parent"]["range"]), "7:19-7:33");
        let text = "const A = 1\n\n/// A.\n///\n/// # Fix\n/// B.\nguardrail x(q: AWS::SQS::Queue) {\n    let wait = 1\n    require wait > A\n}\n";
        client.open("c.parapet", text).await;
        let mut params = client.document("c.parapet");
        params["range"] = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
        let hints = client.ask("textDocument/inlayHint", params).await;
        assert_eq!((&hints[0]["label"], &hints[0]["position"]["character"]), (&json!(": Int"), &json!(12)));
    });
}

#[test]
fn lenses_and_links() {
    let test = "use shared::enough\n\ntest \"t\" {\n    given inventory \"data/a.ndjson\"\n    expect enough(3)\n}\n";
    with(&[("shared.parapet", SHARED), ("a_test.parapet", test)], async |mut client: Client| {
        let lenses = client.ask("textDocument/codeLens", client.document("shared.parapet")).await;
        let lens = client.ask("codeLens/resolve", lenses[0].clone()).await;
        assert_eq!(
            (&lens["command"]["title"], &lens["command"]["command"]),
            (&json!("1 use"), &json!("parapet.showReferences"))
        );
        assert_eq!(lens["command"]["arguments"][2][0]["uri"], json!(client.uri("a_test.parapet")));
        let lenses = client.ask("textDocument/codeLens", client.document("a_test.parapet")).await;
        assert_eq!(lenses[0]["command"]["title"], "Run test");
        assert_eq!(lenses[0]["command"]["arguments"], json!([client.uri("a_test.parapet"), "t"]));
        let links = client.ask("textDocument/documentLink", client.document("a_test.parapet")).await;
        assert_eq!(
            (&links[0]["target"], shown(&links[0]["range"])),
            (&json!(client.uri("data/a.ndjson")), "3:21-3:34".to_owned())
        );
    });
}

#[test]
fn actions_that_write_something_new() {
    with(&[("a.parapet", MENDED)], async |mut client: Client| {
        client.open("a.parapet", MENDED).await;
        let at = json!({ "line": 4, "character": 12 });
        let mut params = json!({
            "textDocument": { "uri": client.uri("a.parapet") },
            "range": { "start": at, "end": at },
            "context": { "diagnostics": [], "only": ["refactor"] },
        });
        let actions = client.ask("textDocument/codeAction", params.clone()).await;
        let titles: Vec<&str> =
            actions.as_array().unwrap().iter().map(|action| action["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["Write a test of `zones`", "Waive `zones` for a resource"]);
        let edits = &actions[0]["edit"]["changes"][&client.uri("a.parapet")];
        assert!(edited(MENDED, edits).contains("expect zones passes on good"));
        params["context"]["only"] = json!(["source.fixAll"]);
        assert_eq!(client.ask("textDocument/codeAction", params.clone()).await, json!([]));
        let unused = format!("use aws::network::{{is_anywhere, opens}}\n\n{MENDED}");
        client.change("a.parapet", 2, &unused).await;
        let actions = client.ask("textDocument/codeAction", params).await;
        assert_eq!(actions[0]["kind"], "source.fixAll");
        assert_eq!(edited(&unused, &actions[0]["edit"]["changes"][&client.uri("a.parapet")]), MENDED);
    });
}

#[test]
fn what_is_selected_is_extracted_and_absence_is_handled() {
    let text = "/// A.\n///\n/// # Fix\n/// B.\nguardrail kept(db: AWS::RDS::DBInstance) {\n    require db.BackupRetentionPeriod >= 7\n}\n";
    let shared = "pub fn enough(days: Int) -> Bool = days > 2\n";
    with(&[("a.parapet", text), ("shared.parapet", shared)], async |mut client: Client| {
        client.open("a.parapet", text).await;
        let asks = async |client: &mut Client, text: &str, words: &str, only: &str| {
            let (line, row) = text.lines().enumerate().find(|(_, row)| row.contains(words)).unwrap();
            let column = row.find(words).unwrap();
            let params = json!({
                "textDocument": { "uri": client.uri("a.parapet") },
                "range": {
                    "start": { "line": line, "character": column },
                    "end": { "line": line, "character": column + words.len() },
                },
                "context": { "diagnostics": [], "only": [only] },
            });
            let actions = client.ask("textDocument/codeAction", params).await;
            let uri = client.uri("a.parapet");
            let done = |action: &Value| {
                (action["title"].as_str().unwrap().to_owned(), edited(text, &action["edit"]["changes"][&uri]))
            };
            actions.as_array().unwrap().iter().map(done).collect::<Vec<_>>()
        };
        let present = asks(&mut client, text, "db.BackupRetentionPeriod", "quickfix").await;
        assert!(
            present.iter().any(|(_, text)| text.contains("    require db.BackupRetentionPeriod is present\n")),
            "{present:?}"
        );
        assert!(present.iter().any(|(_, text)| text.contains("db.BackupRetentionPeriod ?? 0 >= 7")), "{present:?}");
        let text = text.replace("db.BackupRetentionPeriod >=", "(db.BackupRetentionPeriod ?? 0) >=");
        client.change("a.parapet", 2, &text).await;
        let extracted = asks(&mut client, &text, "(db.BackupRetentionPeriod ?? 0) >= 7", "refactor.extract").await;
        assert!(extracted.iter().any(|(_, text)| text.contains("\nfn extracted(")), "{extracted:?}");
        assert!(extracted.iter().any(|(_, text)| text.contains("    let ")), "{extracted:?}");
        let text = text.replace("(db.BackupRetentionPeriod ?? 0) >= 7", "enough(db.BackupRetentionPeriod ?? 0)");
        client.change("a.parapet", 3, &text).await;
        let imported = asks(&mut client, &text, "enough", "quickfix").await;
        assert!(imported.iter().any(|(_, text)| text.starts_with("use shared::enough\n")), "{imported:?}");
    });
}

#[test]
fn tests_run_as_the_editor_shows_them() {
    let test = "test \"small\" {\n    expect 1 < 2\n}\n\ntest \"large\" {\n    expect 2 < 1\n}\n";
    with(&[("a_test.parapet", test)], async |mut client: Client| {
        let uri = client.uri("a_test.parapet");
        let ask = |arguments: Value| json!({ "command": "parapet.test", "arguments": arguments });
        let run = client.ask("workspace/executeCommand", ask(json!([uri]))).await;
        assert_eq!((&run["tests"][0]["title"], &run["tests"][0]["passed"]), (&json!("small"), &json!(true)));
        assert_eq!((&run["tests"][1]["line"], &run["tests"][1]["passed"]), (&json!(4), &json!(false)));
        assert!(run["tests"][1]["message"].is_string() && run["tests"][1]["uri"] == uri.as_str());
        client.open("a_test.parapet", &test.replace("2 < 1", "2 < 3")).await;
        let run = client.ask("workspace/executeCommand", ask(json!([uri, "large"]))).await;
        assert_eq!(run["tests"].as_array().unwrap().len(), 1);
        assert_eq!(run["tests"][0]["passed"], true, "what is not saved counts");
        client.change("a_test.parapet", 2, "const A = b\n").await;
        let run = client.ask("workspace/executeCommand", ask(json!([uri]))).await;
        assert!(run["error"].as_str().unwrap().starts_with("the rules do not check: "), "{run}");
        let wrong = client.answer("workspace/executeCommand", json!({ "command": "rm", "arguments": [uri] })).await;
        assert_eq!(wrong["error"]["code"], -32602);
        assert_eq!(wrong["error"]["message"], "there is no command `rm`; there is `parapet.test`");
    });
}
