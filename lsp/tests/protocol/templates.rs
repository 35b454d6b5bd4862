//! Findings in templates and plans that are open: sent, asked for, and told on hover.

use serde_json::{Value, json};

use crate::client::{Client, shown, with, with_capabilities};

const TEMPLATE: &str = "Resources:\n  Öffentlich:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      PubliclyAccessible: true\n      DBInstanceClass: db.t3.micro\n";

const PRIVATE: &str = "/// Databases are private.\n///\n/// # Fix\n/// Set `PubliclyAccessible`.\n@severity(high)\nguardrail private(db: AWS::RDS::DBInstance) {\n    require not (db.PubliclyAccessible ?? false)\n        else \"{db.id} is public\"\n}\n";

#[test]
fn findings_stand_at_the_lines_of_templates_that_cause_them() {
    with(&[("rules.parapet", PRIVATE)], async |mut client: Client| {
        client.open("stack.yaml", TEMPLATE).await;
        let uri = client.uri("stack.yaml");
        let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
        let found = &told["diagnostics"][0];
        assert_eq!((&found["code"], &found["severity"]), (&json!("rules::private"), &json!(1)));
        assert_eq!(shown(&found["range"]), "4:26-4:30");
        assert!(found["message"].as_str().unwrap().contains("is public"));
        assert_eq!(found["relatedInformation"][0]["location"]["uri"], json!(client.uri("rules.parapet")));
        assert_eq!(shown(&found["relatedInformation"][0]["location"]["range"]), "6:4-7:32");
        client.change("stack.yaml", 2, &TEMPLATE.replace("true", "false")).await;
        let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
        assert_eq!((&told["version"], &told["diagnostics"]), (&json!(2), &json!([])));
        // Rules that change judge again, and rules that do not check judge nothing.
        client.open("rules.parapet", &PRIVATE.replace("not (", "(")).await;
        let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
        assert_eq!(shown(&told["diagnostics"][0]["range"]), "4:26-4:31");
        client.change("rules.parapet", 2, &PRIVATE.replace("Publicly", "Publically")).await;
        let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
        assert_eq!(told["diagnostics"][0]["message"], "not judged: the rules do not check");
        let document = client.document("stack.yaml");
        client.tell("textDocument/didClose", document).await;
        let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
        assert_eq!(told["diagnostics"], json!([]));
    });
}

#[test]
fn templates_without_rules_meet_the_library_and_what_cannot_be_read_says_so() {
    with(&[], async |mut client: Client| {
        client.open("stack.yaml", TEMPLATE).await;
        let uri = client.uri("stack.yaml");
        let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
        let codes: Vec<&str> =
            told["diagnostics"].as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&"aws::database::rds_instance_is_private"), "{codes:?}");
        client.change("stack.yaml", 2, "Resources:\n  A:\n    Type: AWS::SQS::Queue\n   bad: [\n").await;
        let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
        assert!(told["diagnostics"][0]["message"].as_str().unwrap().starts_with("not judged: "), "{told}");
        client.change("stack.yaml", 3, "nothing: of the kind\n").await;
        let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
        assert_eq!(told["diagnostics"], json!([]));
    });
}

#[test]
fn findings_stand_in_configuration_of_terraform_too() {
    let text = "{\"resource\": {\"aws_db_instance\": {\"orders\": {\n  \"engine\": \"postgres\",\n  \"publicly_accessible\": true\n}}}}\n";
    with(&[("rules.parapet", PRIVATE)], async |mut client: Client| {
        client.open("main.tf.json", text).await;
        let uri = client.uri("main.tf.json");
        let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
        assert_eq!(shown(&told["diagnostics"][0]["range"]), "2:25-2:29", "{told}");
        client.change("main.tf.json", 2, &text.replace("true", "false")).await;
        let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
        assert_eq!(told["diagnostics"], json!([]));
        client.change("main.tf.json", 3, &text.replace("true", "[")).await;
        let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
        assert!(told["diagnostics"][0]["message"].as_str().unwrap().starts_with("not judged: "), "{told}");
    });
}

/// What a hover says, and where.
async fn hover(client: &mut Client, file: &str, line: u32, column: u32) -> Option<(String, String)> {
    let hover = client.ask("textDocument/hover", client.at(file, line, column)).await;
    let text = hover["contents"]["value"].as_str()?;
    Some((text.to_owned(), shown(&hover["range"])))
}

/// Two guardrails that find the same value, and one that finds another.
fn three() -> String {
    let open = PRIVATE.replace("private(", "closed(").replace("is public\"", "is open\"");
    let open = open.replace("are private.", "are closed.").replace("Set `", "Close `");
    let open = open.replace("@severity(high)", "@severity(low)\n@control(fsbp: \"RDS.2\")");
    let large =
        "guardrail large(db: AWS::RDS::DBInstance) {\n    require (db.DBInstanceClass ?? \"\") != \"db.t3.micro\"\n}\n";
    format!("{PRIVATE}\n{open}\n{large}")
}

#[test]
fn a_hover_over_a_finding_tells_the_guardrail_and_what_mends_it() {
    with(&[("rules.parapet", &three())], async |mut client: Client| {
        // As soon as it is open: what is not judged yet is waited for.
        client.open("stack.yaml", TEMPLATE).await;
        let (text, range) = hover(&mut client, "stack.yaml", 4, 27).await.unwrap();
        assert_eq!(range, "4:26-4:30");
        let closed = "Öffentlich is open\n\n**Databases are closed**\n\n**Fix**\n\nClose `PubliclyAccessible`.\n\n\
                      `rules::closed`: severity low; fsbp RDS.2";
        let private = "Öffentlich is public\n\n**Databases are private**\n\n**Fix**\n\nSet `PubliclyAccessible`.\n\n\
                       `rules::private`: severity high";
        assert_eq!(text, format!("{closed}\n\n---\n\n{private}"));
        let (text, _) = hover(&mut client, "stack.yaml", 5, 27).await.unwrap();
        assert!(text.contains("`rules::large`: severity medium") && !text.contains("Databases"), "{text}");
        assert_eq!(hover(&mut client, "stack.yaml", 4, 8).await, None, "nothing is found there");
        // What is not saved counts, and what was found before is gone.
        client.change("stack.yaml", 2, &format!("# A line.\n{TEMPLATE}").replace("true", "false")).await;
        assert_eq!(hover(&mut client, "stack.yaml", 4, 27).await, None);
        let (_, range) = hover(&mut client, "stack.yaml", 6, 27).await.unwrap();
        assert_eq!(range, "6:23-6:34");
        client.change("stack.yaml", 3, "nothing: of the kind\n").await;
        assert_eq!(hover(&mut client, "stack.yaml", 0, 3).await, None);
    });
}

#[test]
fn findings_of_plans_configuration_and_states_have_hovers() {
    let plan = "{\"format_version\": \"1.2\", \"terraform_version\": \"1.9.0\", \"planned_values\": {\"root_module\": {\"resources\": [\n{\"address\": \"aws_db_instance.a\", \"mode\": \"managed\", \"type\": \"aws_db_instance\", \"name\": \"a\",\n\"provider_name\": \"registry.terraform.io/hashicorp/aws\", \"values\": {\"publicly_accessible\": true}}]}},\n\"resource_changes\": [{\"address\": \"aws_db_instance.a\", \"mode\": \"managed\", \"type\": \"aws_db_instance\", \"name\": \"a\",\n\"provider_name\": \"registry.terraform.io/hashicorp/aws\", \"change\": {\"actions\": [\"create\"], \"before\": null,\n\"after\": {\n\"publicly_accessible\": true}, \"after_unknown\": {}}}]}\n";
    let state = "{\"version\": 4, \"terraform_version\": \"1.9.0\", \"serial\": 1, \"resources\": [{\"mode\": \"managed\", \"type\": \"aws_db_instance\", \"name\": \"a\",\n\"provider\": \"provider[\\\"registry.terraform.io/hashicorp/aws\\\"]\", \"instances\": [{\"attributes\": {\"id\": \"a\",\n\"publicly_accessible\": true}}]}]}\n";
    let configuration = "{\"resource\": {\"aws_db_instance\": {\"orders\": {\n\"engine\": \"postgres\",\n\"publicly_accessible\": true\n}}}}\n";
    let json = "{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Resources\": {\"A\": {\"Type\": \"AWS::RDS::DBInstance\",\n\"Properties\": {\n\"PubliclyAccessible\": true}}}}\n";
    let texts =
        [("plan.json", plan), ("a.tfstate.json", state), ("main.tf.json", configuration), ("template.json", json)];
    with(&[("rules.parapet", PRIVATE)], async |mut client: Client| {
        for (file, text) in texts {
            client.open(file, text).await;
            let uri = client.uri(file);
            let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await;
            let place = &told["diagnostics"][0]["range"]["start"];
            let at = |name: &str| u32::try_from(place[name].as_u64().unwrap()).unwrap();
            let found = hover(&mut client, file, at("line"), at("character")).await;
            let (text, _) = found.unwrap_or_else(|| panic!("{file}: {told}"));
            assert!(text.contains("is public") && text.contains("Set `PubliclyAccessible`."), "{file}: {text}");
        }
    });
}

/// The next that is sent of a file, of the messages that came before the answer to a question.
async fn was_sent(client: &mut Client, file: &str) -> bool {
    client.ask("workspace/symbol", json!({ "query": "nothing" })).await;
    client.has_told("textDocument/publishDiagnostics", &client.uri(file))
}

/// Diagnostics of a document that are asked for: what they name and where.
async fn pulled(client: &mut Client, file: &str) -> Vec<String> {
    let report = client.ask("textDocument/diagnostic", client.document(file)).await;
    named(&report)
}

fn named(report: &Value) -> Vec<String> {
    let items = report["items"].as_array().unwrap().iter();
    items.map(|item| format!("{} {}", item["code"].as_str().unwrap_or("-"), shown(&item["range"]))).collect()
}

#[test]
fn who_asks_for_findings_is_told_and_is_sent_none() {
    let pulls = json!({
        "textDocument": { "diagnostic": {} },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    });
    with_capabilities(&[("rules.parapet", PRIVATE)], pulls, async |mut client: Client| {
        client.open("stack.yaml", TEMPLATE).await;
        assert_eq!(pulled(&mut client, "stack.yaml").await, ["rules::private 4:26-4:30"]);
        client.change("stack.yaml", 2, &format!("# A line.\n{TEMPLATE}")).await;
        let all = client.ask("workspace/diagnostic", json!({ "previousResultIds": [] })).await;
        let all = all["items"].as_array().unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!((&all[0]["uri"], &all[0]["version"]), (&json!(client.uri("stack.yaml")), &json!(2)));
        assert_eq!(named(&all[0]), ["rules::private 5:26-5:30"]);
        // What was told before is as it was, also of one file.
        let mut again = client.document("stack.yaml");
        again["previousResultId"] = all[0]["resultId"].clone();
        assert_eq!(client.ask("textDocument/diagnostic", again).await["kind"], "unchanged");
        assert!(hover(&mut client, "stack.yaml", 5, 27).await.is_some());
        // Rules that change have the editor ask again.
        client.open("rules.parapet", &PRIVATE.replace("not (", "(")).await;
        client.told("workspace/diagnostic/refresh", |_| true).await;
        assert_eq!(pulled(&mut client, "stack.yaml").await, [""; 0]);
        client.change("stack.yaml", 3, "nothing: of the kind\n").await;
        assert_eq!(pulled(&mut client, "stack.yaml").await, [""; 0]);
        assert!(!was_sent(&mut client, "stack.yaml").await);
    });
}

/// An editor that is sent findings may ask for them as well.
#[test]
fn who_is_sent_findings_may_ask_for_them() {
    let both = json!({ "textDocument": { "diagnostic": {}, "publishDiagnostics": {} } });
    with_capabilities(&[("rules.parapet", PRIVATE)], both, async |mut client: Client| {
        client.open("stack.yaml", TEMPLATE).await;
        assert_eq!(pulled(&mut client, "stack.yaml").await, ["rules::private 4:26-4:30"]);
        assert!(was_sent(&mut client, "stack.yaml").await);
    });
}
