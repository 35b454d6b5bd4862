//! Diagnostics that the editor asks for.

use serde_json::{Value, json};

use crate::client::{Client, codes, with_capabilities};

const GOOD: &str = "const ONE = 1\n";
const BAD: &str = "const ONE = two\n";

fn pulls() -> Value {
    json!({
        "textDocument": { "diagnostic": {} },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    })
}

/// Asks for the diagnostics of all files, with what is known of them.
async fn all(client: &mut Client, known: &[(&str, &Value)]) -> Value {
    let known: Vec<Value> = known.iter().map(|(file, id)| json!({ "uri": client.uri(file), "value": id })).collect();
    client.ask("workspace/diagnostic", json!({ "previousResultIds": known })).await["items"].clone()
}

/// The report of a file.
fn of<'r>(client: &Client, reports: &'r Value, file: &str) -> &'r Value {
    let uri = client.uri(file);
    let found = reports.as_array().unwrap().iter().find(|report| report["uri"] == uri.as_str());
    found.unwrap_or_else(|| panic!("no report of {file}: {reports}"))
}

#[test]
fn of_one_document_with_what_is_unchanged() {
    with_capabilities(&[("a.parapet", BAD)], pulls(), async |mut client: Client| {
        let offered = client.capabilities["diagnosticProvider"].clone();
        assert_eq!((&offered["interFileDependencies"], &offered["workspaceDiagnostics"]), (&json!(true), &json!(true)));
        client.open("a.parapet", BAD).await;
        let report = client.ask("textDocument/diagnostic", client.document("a.parapet")).await;
        assert_eq!((&report["kind"], codes(&report["items"])), (&json!("full"), vec!["E0201:0".to_owned()]));
        let mut again = client.document("a.parapet");
        again["previousResultId"] = report["resultId"].clone();
        let unchanged = client.ask("textDocument/diagnostic", again.clone()).await;
        assert_eq!(unchanged, json!({ "kind": "unchanged", "resultId": report["resultId"] }));
        client.change("a.parapet", 2, GOOD).await;
        let mended = client.ask("textDocument/diagnostic", again).await;
        assert_eq!((&mended["kind"], &mended["items"]), (&json!("full"), &json!([])));
        let unknown = client.ask("textDocument/diagnostic", client.document("none.parapet")).await;
        assert_eq!((&unknown["kind"], &unknown["items"]), (&json!("full"), &json!([])));
    });
}

#[test]
fn of_all_files_open_or_not() {
    let files = [("a.parapet", BAD), ("b.parapet", GOOD), ("c.parapet", "const TWO = three\n")];
    with_capabilities(&files, pulls(), async |mut client: Client| {
        client.open("a.parapet", BAD).await;
        let reports = all(&mut client, &[]).await;
        assert_eq!(reports.as_array().unwrap().len(), 2, "of a file without diagnostics there is nothing to say");
        let (a, c) = (of(&client, &reports, "a.parapet").clone(), of(&client, &reports, "c.parapet").clone());
        assert_eq!((&a["version"], codes(&a["items"])), (&json!(1), vec!["E0201:0".to_owned()]));
        assert_eq!((&c["version"], codes(&c["items"])), (&Value::Null, vec!["E0201:0".to_owned()]));
        let known = [("a.parapet", &a["resultId"]), ("c.parapet", &c["resultId"])];
        let again = all(&mut client, &known).await;
        assert_eq!(of(&client, &again, "a.parapet")["kind"], "unchanged");
        assert_eq!(of(&client, &again, "c.parapet")["kind"], "unchanged");
        // What is mended, and what is gone, is told of once more.
        client.change("a.parapet", 2, GOOD).await;
        std::fs::remove_file(client.path("c.parapet")).unwrap();
        let changes = json!({ "changes": [{ "uri": client.uri("c.parapet"), "type": 3 }] });
        client.tell("workspace/didChangeWatchedFiles", changes).await;
        client.told("workspace/diagnostic/refresh", |_| true).await;
        let mended = all(&mut client, &known).await;
        for file in ["a.parapet", "c.parapet"] {
            let report = of(&client, &mended, file);
            assert_eq!((&report["kind"], &report["items"]), (&json!("full"), &json!([])), "{file}");
        }
        let id = of(&client, &mended, "a.parapet")["resultId"].clone();
        let last = all(&mut client, &[("a.parapet", &id)]).await;
        assert_eq!(of(&client, &last, "a.parapet")["kind"], "unchanged");
    });
}

#[test]
fn of_manifests_and_of_files_that_are_too_large() {
    let manifest = "[package]\nnam = \"one\"\n";
    with_capabilities(&[("parapet.toml", manifest)], pulls(), async |mut client: Client| {
        let reports = all(&mut client, &[]).await;
        assert_eq!(of(&client, &reports, "parapet.toml")["items"].as_array().unwrap().len(), 1);
        let report = client.ask("textDocument/diagnostic", client.document("parapet.toml")).await;
        assert_eq!(report["items"].as_array().unwrap().len(), 1);
        client.open("untitled.parapet", &format!("const A = 1\n//{}\n", "x".repeat(17 << 20))).await;
        let report = client.ask("textDocument/diagnostic", client.document("untitled.parapet")).await;
        assert_eq!(codes(&report["items"]), ["E0007:0"]);
    });
}

#[test]
fn a_question_that_is_withdrawn_or_overtaken_has_an_end() {
    let text: String = (0..100).map(|at| format!("const A{at} = b{at}\n\n")).collect();
    let paths: Vec<String> = (0..40).map(|number| format!("f{number}.parapet")).collect();
    let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), text.as_str())).collect();
    with_capabilities(&files, pulls(), async |mut client: Client| {
        client.open("f0.parapet", &text).await;
        let asked = json!({ "previousResultIds": [] });
        let id = client.begin("workspace/diagnostic", asked.clone()).await;
        client.tell("$/cancelRequest", json!({ "id": id })).await;
        assert_eq!(client.answer_to(id).await["error"]["code"], -32800);
        let id = client.begin("workspace/diagnostic", asked.clone()).await;
        client.change("f0.parapet", 2, GOOD).await;
        // The next question has the edit applied, which the one before is in the way of.
        client.ask("textDocument/diagnostic", client.document("f0.parapet")).await;
        let overtaken = client.answer_to(id).await;
        let refused = &overtaken["error"];
        assert!(
            refused["code"] == -32802 && refused["data"]["retriggerRequest"] == true,
            "{:.200}",
            overtaken.to_string()
        );
        let reports = client.ask("workspace/diagnostic", asked).await;
        assert_eq!(reports["items"].as_array().unwrap().len(), 39);
        assert_eq!(client.leave().await, 0);
    });
}
