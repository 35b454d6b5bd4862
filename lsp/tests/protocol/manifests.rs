//! The manifest of a package: what it says, what may stand in it, and how it follows the rules.

use serde_json::{Value, json};

use crate::client::{Client, edited, shown, with};

const MANIFEST: &str = "[package]\nname = \"acme\"\nversion = \"1.0.0\"\n\n[params]\n\"acme::net::days\" = 3\n";
const NET: &str = "/// How long.\nparam days: Int = 7\n\npub fn few(number: Int) -> Bool = number < days\n";
const MAIN: &str = "use acme::net::few\n\n/// A.\n///\n/// # Fix\n/// B.\nguardrail delayed(q: AWS::SQS::Queue) {\n    require few(q.DelaySeconds ?? 0)\n}\n";

const FILES: [(&str, &str); 3] = [("parapet.toml", MANIFEST), ("rules/net.parapet", NET), ("rules/main.parapet", MAIN)];

fn labels(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect()
}

#[test]
fn keys_say_what_they_are_and_lead_there() {
    with(&FILES, async |mut client: Client| {
        client.open("parapet.toml", MANIFEST).await;
        let hover = client.ask("textDocument/hover", client.at("parapet.toml", 5, 14)).await;
        let text = hover["contents"]["value"].as_str().unwrap();
        assert!(text.contains("param days: Int = 7") && text.contains("How long."), "{text}");
        assert_eq!(shown(&hover["range"]), "5:0-5:17");
        let hover = client.ask("textDocument/hover", client.at("parapet.toml", 1, 2)).await;
        assert!(hover["contents"]["value"].as_str().unwrap().starts_with("`name`"), "{hover}");
        let target = client.ask("textDocument/definition", client.at("parapet.toml", 5, 14)).await;
        assert_eq!(target["uri"], json!(client.uri("rules/net.parapet")));
        assert_eq!(shown(&target["range"]), "1:6-1:10");
        assert_eq!(client.ask("textDocument/hover", client.at("parapet.toml", 3, 0)).await, Value::Null);
    });
}

#[test]
fn sections_keys_and_parameters_are_offered() {
    with(&FILES, async |mut client: Client| {
        let text = "[package]\nname = \"acme\"\nver\n\n[params]\n\"acme::\"\n[p";
        client.open("parapet.toml", MANIFEST).await;
        client.ask("textDocument/hover", client.at("parapet.toml", 0, 0)).await;
        client.change("parapet.toml", 2, text).await;
        let offers = client.ask("textDocument/completion", client.at("parapet.toml", 2, 3)).await;
        assert_eq!(labels(&offers), ["version"]);
        let offers = client.ask("textDocument/completion", client.at("parapet.toml", 6, 2)).await;
        assert_eq!(labels(&offers), ["package", "params"]);
        let offers = client.ask("textDocument/completion", client.at("parapet.toml", 5, 7)).await;
        assert_eq!(labels(&offers), ["acme::net::days"]);
        let offer = &offers["items"][0];
        assert_eq!(offer["textEdit"]["newText"], "\"acme::net::days\" = ");
        assert_eq!(shown(&offer["textEdit"]["range"]), "5:0-5:8");
        let more = client.ask("completionItem/resolve", offer.clone()).await;
        assert!(more["documentation"]["value"].as_str().unwrap().contains("How long."), "{more}");
    });
}

#[test]
fn a_manifest_has_an_outline_folds_and_references() {
    with(&FILES, async |mut client: Client| {
        client.open("parapet.toml", MANIFEST).await;
        let document = client.document("parapet.toml");
        let outline = client.ask("textDocument/documentSymbol", document.clone()).await;
        let names: Vec<&Value> = outline.as_array().unwrap().iter().map(|section| &section["name"]).collect();
        assert_eq!(names, ["package", "params"]);
        assert_eq!(outline[1]["children"][0]["name"], "acme::net::days");
        let folds = client.ask("textDocument/foldingRange", document).await;
        assert_eq!(folds.as_array().unwrap().len(), 2);
        let key = client.at("parapet.toml", 5, 12);
        let highlights = client.ask("textDocument/documentHighlight", key.clone()).await;
        assert_eq!(highlights.as_array().unwrap().len(), 1);
        for mut place in [key, client.at("rules/net.parapet", 1, 7)] {
            place["context"] = json!({ "includeDeclaration": true });
            let found = client.ask("textDocument/references", place).await;
            let files: Vec<&str> =
                found.as_array().unwrap().iter().map(|found| found["uri"].as_str().unwrap()).collect();
            let of = |file: &str| files.iter().filter(|uri| **uri == client.uri(file)).count();
            assert!(of("parapet.toml") == 1 && of("rules/net.parapet") > 0, "{found}");
        }
        let misspelt = MANIFEST.replace("name =", "nme =");
        client.change("parapet.toml", 2, &misspelt).await;
        let at = json!({ "line": 1, "character": 1 });
        let params = json!({
            "textDocument": { "uri": client.uri("parapet.toml") },
            "range": { "start": at, "end": at },
            "context": { "diagnostics": [] },
        });
        let actions = client.ask("textDocument/codeAction", params).await;
        assert_eq!(edited(&misspelt, &actions[0]["edit"]["changes"][&client.uri("parapet.toml")]), MANIFEST);
        assert_eq!(client.leave().await, 0);
    });
}

#[test]
fn a_rename_reaches_the_manifest_and_begins_there() {
    with(&FILES, async |mut client: Client| {
        let mut params = client.at("rules/net.parapet", 1, 7);
        params["newName"] = json!("hours");
        let edit = client.ask("textDocument/rename", params).await;
        let expect = |edit: &Value, client: &Client| {
            let of = |file: &str, text: &str| edited(text, &edit["changes"][&client.uri(file)]);
            assert_eq!(of("parapet.toml", MANIFEST), MANIFEST.replace("days", "hours"));
            assert_eq!(of("rules/net.parapet", NET), NET.replace("days", "hours"));
        };
        expect(&edit, &client);
        // The manifest as the editor shows it.
        let moved = format!("# Ours\n{MANIFEST}");
        client.open("parapet.toml", &moved).await;
        let at = client.at("parapet.toml", 6, 12);
        let prepared = client.ask("textDocument/prepareRename", at.clone()).await;
        assert_eq!((&prepared["placeholder"], shown(&prepared["range"])), (&json!("days"), "6:12-6:16".to_owned()));
        let mut params = at;
        params["newName"] = json!("hours");
        let edit = client.ask("textDocument/rename", params.clone()).await;
        assert_eq!(edited(&moved, &edit["changes"][&client.uri("parapet.toml")]), moved.replace("days", "hours"));
        params["newName"] = json!("two words");
        let refused = client.answer("textDocument/rename", params).await;
        assert!(refused["error"]["message"].as_str().unwrap().contains("is no name here"), "{refused}");
    });
}

#[test]
fn a_file_that_is_renamed_takes_its_paths_along() {
    with(&FILES, async |mut client: Client| {
        let filters = &client.capabilities["workspace"]["fileOperations"]["willRename"]["filters"];
        assert_eq!(filters[0]["pattern"]["glob"], "**/*.parapet");
        let rename = |client: &Client, from: &str, to: &str| json!({ "files": [{ "oldUri": client.uri(from), "newUri": client.uri(to) }] });
        let params = rename(&client, "rules/net.parapet", "rules/wide-net.parapet");
        let edit = client.ask("workspace/willRenameFiles", params).await;
        let of = |file: &str, text: &str| edited(text, &edit["changes"][&client.uri(file)]);
        assert_eq!(of("parapet.toml", MANIFEST), MANIFEST.replace("::net::", "::wide_net::"));
        assert_eq!(of("rules/main.parapet", MAIN), MAIN.replace("::net::", "::wide_net::"));
        // What moves elsewhere, is no module, or holds no rules changes nothing.
        for (from, to) in [
            ("rules/net.parapet", "net.parapet"),
            ("rules/net.parapet", "rules/net.txt"),
            ("rules", "sources"),
            ("none", "some"),
        ] {
            let params = rename(&client, from, to);
            assert_eq!(client.ask("workspace/willRenameFiles", params).await, Value::Null, "{from}");
        }
    });
}

#[test]
fn what_moves_to_another_folder_takes_its_paths_along() {
    let main =
        format!("{MAIN}\nconst A = package::net::few(1)\n\ntest \"t\" {{\n    given inventory \"in/a.ndjson\"\n}}\n");
    let two = "[package]\nname = \"two\"\nversion = \"1.0.0\"\n\n[params]\n\"acme::net::days\" = 4\n";
    let other = "use acme::net\n\nconst B = net::few(1)\n";
    let files = [
        ("one/parapet.toml", MANIFEST),
        ("one/rules/net.parapet", NET),
        ("one/rules/area/main.parapet", &main),
        ("two/parapet.toml", two),
        ("two/rules/other.parapet", other),
    ];
    with(&files, async |mut client: Client| {
        let rename = |client: &Client, from: &str, to: &str| json!({ "files": [{ "oldUri": client.uri(from), "newUri": client.uri(to) }] });
        let of = |client: &Client, edit: &Value, file: usize| {
            let (path, text) = files[file];
            edited(text, edit["changes"].get(client.uri(path)).unwrap_or(&json!([])))
        };
        // Within its package.
        let params = rename(&client, "one/rules/net.parapet", "one/rules/deep/er/wide-net.parapet");
        let edit = client.ask("workspace/willRenameFiles", params).await;
        assert_eq!(of(&client, &edit, 0), MANIFEST.replace("::net::", "::deep::er::wide_net::"));
        assert_eq!(of(&client, &edit, 2), main.replace("::net::", "::deep::er::wide_net::"));
        assert_eq!(of(&client, &edit, 3), two.replace("::net::", "::deep::er::wide_net::"));
        let expected = "use acme::deep::er::wide_net\n\nconst B = wide_net::few(1)\n";
        assert_eq!(of(&client, &edit, 4), expected);
        // To another package.
        let params = rename(&client, "one/rules/net.parapet", "two/rules/net.parapet");
        let edit = client.ask("workspace/willRenameFiles", params).await;
        assert_eq!(of(&client, &edit, 0), MANIFEST.replace("acme::net::", "two::net::"));
        assert_eq!(of(&client, &edit, 2), main.replace("acme::net", "two::net").replace("package::net", "two::net"));
        assert_eq!(of(&client, &edit, 4), other.replace("acme", "two"));
        // A folder, whose tests name files that stay, or go along.
        let params = rename(&client, "one/rules/area", "one/rules/all/area");
        let edit = client.ask("workspace/willRenameFiles", params).await;
        assert_eq!(edit, Value::Null, "nothing names it, and its files go along");
        let params = rename(&client, "one/rules/area/main.parapet", "one/rules/main.parapet");
        let edit = client.ask("workspace/willRenameFiles", params).await;
        assert_eq!(of(&client, &edit, 2), main.replace("in/a.ndjson", "area/in/a.ndjson"));
        assert_eq!(client.leave().await, 0);
    });
}

#[test]
fn a_package_that_is_renamed_takes_all_paths_along() {
    with(&FILES, async |mut client: Client| {
        let mut params = client.at("parapet.toml", 1, 9);
        let prepared = client.ask("textDocument/prepareRename", params.clone()).await;
        assert_eq!((&prepared["placeholder"], shown(&prepared["range"])), (&json!("acme"), "1:8-1:12".to_owned()));
        params["newName"] = json!("base-rules");
        let edit = client.ask("textDocument/rename", params.clone()).await;
        let of = |file: &str, text: &str| edited(text, &edit["changes"][&client.uri(file)]);
        let expected = MANIFEST.replace("\"acme\"", "\"base-rules\"").replace("acme::", "base_rules::");
        assert_eq!(of("parapet.toml", MANIFEST), expected);
        assert_eq!(of("rules/main.parapet", MAIN), MAIN.replace("acme::", "base_rules::"));
        for (name, why) in [("aws", "is a package already"), ("No", "is no package name")] {
            params["newName"] = json!(name);
            let refused = client.answer("textDocument/rename", params.clone()).await;
            assert!(refused["error"]["message"].as_str().unwrap().contains(why), "{refused}");
        }
    });
}

#[test]
fn an_open_manifest_counts_as_the_editor_shows_it() {
    with(&FILES, async |mut client: Client| {
        client.open("parapet.toml", MANIFEST).await;
        client.open("rules/main.parapet", MAIN).await;
        assert_eq!(client.diagnostics_of("rules/main.parapet", 1).await, [""; 0]);
        // While it is wrong, what it said before holds.
        client.change("parapet.toml", 2, &MANIFEST.replace("version", "vesion")).await;
        assert_eq!(client.diagnostics_of("parapet.toml", 2).await, ["E0401:2"]);
        let hover = client.ask("textDocument/hover", client.at("rules/main.parapet", 7, 13)).await;
        assert!(hover["contents"]["value"].as_str().unwrap().contains("acme::net"), "{hover}");
        client.change("parapet.toml", 3, MANIFEST).await;
        assert_eq!(client.diagnostics("parapet.toml").await, [""; 0]);
        // Another name is another root of all paths.
        client.change("parapet.toml", 4, &MANIFEST.replace("\"acme\"", "\"other\"")).await;
        assert_eq!(client.diagnostics("rules/main.parapet").await, ["E0206:0", "E0201:7"]);
        client.change("parapet.toml", 5, MANIFEST).await;
        assert_eq!(client.diagnostics("rules/main.parapet").await, [""; 0]);
        // What is closed unsaved is what the disk has; what was saved wrong is wrong.
        client.change("parapet.toml", 6, &MANIFEST.replace("\"acme\"", "\"other\"")).await;
        assert_eq!(client.diagnostics("rules/main.parapet").await, ["E0206:0", "E0201:7"]);
        let document = client.document("parapet.toml");
        client.tell("textDocument/didClose", document).await;
        assert_eq!(client.diagnostics("rules/main.parapet").await, [""; 0]);
        assert_eq!(client.leave().await, 0);
    });
}

#[test]
fn wrong_values_are_told_at_their_keys_and_mended() {
    let wrong = MANIFEST.replace("days", "dayz");
    let files = [("parapet.toml", wrong.as_str()), FILES[1], FILES[2]];
    with(&files, async |mut client: Client| {
        assert_eq!(client.diagnostics("parapet.toml").await, ["E0401:5"], "before it is opened");
        client.open("parapet.toml", &wrong).await;
        assert_eq!(client.diagnostics_of("parapet.toml", 1).await, ["E0401:5"]);
        let at = json!({ "line": 5, "character": 3 });
        let params = json!({
            "textDocument": { "uri": client.uri("parapet.toml") },
            "range": { "start": at, "end": at },
            "context": { "diagnostics": [] },
        });
        let actions = client.ask("textDocument/codeAction", params).await;
        assert_eq!(actions[0]["title"], "Did you mean `acme::net::days`?");
        assert_eq!(edited(&wrong, &actions[0]["edit"]["changes"][&client.uri("parapet.toml")]), MANIFEST);
        client.change("parapet.toml", 2, MANIFEST).await;
        assert_eq!(client.diagnostics_of("parapet.toml", 2).await, [""; 0]);
        client.change("parapet.toml", 3, &MANIFEST.replace("= 3", "= \"three\"")).await;
        assert_eq!(client.diagnostics_of("parapet.toml", 3).await, ["E0401:5"]);
        // The rules come to the manifest.
        client.open("rules/net.parapet", NET).await;
        client.change("rules/net.parapet", 2, &NET.replace(": Int = 7", ": String = \"\"")).await;
        assert_eq!(client.diagnostics("parapet.toml").await, [""; 0]);
        client.change("rules/net.parapet", 3, &NET.replace("days", "hours")).await;
        assert_eq!(client.diagnostics("parapet.toml").await, ["E0401:5"]);
        assert_eq!(client.leave().await, 0);
    });
}

#[test]
fn manifests_without_rules_are_no_harm() {
    with(&[("parapet.toml", "[package\nname = 3"), ("rules/a.parapet", NET)], async |mut client: Client| {
        assert_eq!(client.diagnostics("parapet.toml").await.len(), 1);
        client.open("parapet.toml", "[package]\nname = \"acme\"\n\n[params]\n").await;
        let offers = client.ask("textDocument/completion", client.at("parapet.toml", 4, 0)).await;
        assert!(labels(&offers).contains(&"acme::a::days"), "the package is known once it can be read: {offers}");
        client.change("parapet.toml", 2, "").await;
        for question in ["textDocument/hover", "textDocument/definition", "textDocument/prepareRename"] {
            assert_eq!(client.ask(question, client.at("parapet.toml", 9, 9)).await, Value::Null, "{question}");
        }
        // One that belongs to nothing.
        client.open("elsewhere/parapet.toml", "[params]\n").await;
        for question in ["textDocument/hover", "textDocument/completion"] {
            client.ask(question, client.at("elsewhere/parapet.toml", 0, 3)).await;
        }
        assert_eq!(client.leave().await, 0);
    });
}
