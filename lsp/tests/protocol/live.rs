//! What guardrails say of inventories while they are written.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, with_capabilities};

const RULES: &str = "guardrail volume_is_encrypted(volume: AWS::EC2::Volume) {
    require volume.Encrypted ?? false
}

guardrail volume_is_small(volume: AWS::EC2::Volume) {
    require (volume.Size ?? 0) < 100
}
";

fn volume(id: &str, encrypted: &str, size: u32) -> String {
    format!(
        "{{\"type\": \"AWS::EC2::Volume\", \"id\": \"{id}\", \"account\": \"1\", \"region\": \"eu-west-1\", \
         \"properties\": {{\"Encrypted\": {encrypted}, \"Size\": {size}}}}}\n"
    )
}

fn inventory() -> String {
    volume("a", "true", 8) + &volume("b", "false", 200) + &volume("c", "{\"$unknown\": \"who knows\"}", 8)
}

fn lenses() -> Value {
    json!({ "workspace": { "codeLens": { "refreshSupport": true } } })
}

async fn bind(client: &mut Client, inventories: &[&str]) {
    let settings = json!({ "settings": { "parapet": { "inventories": inventories } } });
    client.tell("workspace/didChangeConfiguration", settings).await;
}

/// The lenses of live verdicts of a file: line and title, and how many places each shows.
async fn seen(client: &mut Client, file: &str) -> Vec<(String, Vec<u64>)> {
    of_command(client, file, "parapet.showVerdicts").await
}

async fn of_command(client: &mut Client, file: &str, command: &str) -> Vec<(String, Vec<u64>)> {
    let lenses = client.ask("textDocument/codeLens", client.document(file)).await;
    let shows = |lens: &&Value| lens["command"]["command"] == command;
    let told = |lens: &Value| {
        let places = lens["command"]["arguments"][2].as_array().unwrap();
        let lines = places.iter().map(|place| place["range"]["start"]["line"].as_u64().unwrap()).collect();
        (format!("{} {}", lens["range"]["start"]["line"], lens["command"]["title"].as_str().unwrap()), lines)
    };
    lenses.as_array().unwrap().iter().filter(shows).map(told).collect()
}

/// Waits until the lenses say something: each time they may say something else the editor is told to ask again.
async fn wait(client: &mut Client, file: &str, wanted: &[(&str, &[u64])]) {
    let wanted: Vec<(String, Vec<u64>)> =
        wanted.iter().map(|(title, lines)| ((*title).to_owned(), lines.to_vec())).collect();
    loop {
        let seen = seen(client, file).await;
        if seen == wanted {
            return;
        }
        client.told("workspace/codeLens/refresh", |_| true).await;
    }
}

#[test]
fn verdicts_stand_above_guardrails_and_follow_the_text() {
    let files = [("rules.parapet", RULES), ("in/all.ndjson", &inventory())];
    with_capabilities(&files, lenses(), async |mut client: Client| {
        client.open("rules.parapet", RULES).await;
        assert_eq!(seen(&mut client, "rules.parapet").await, [], "no inventory is bound");
        bind(&mut client, &["in"]).await;
        let first: [(&str, &[u64]); 2] = [("0 1 fail, 1 unknown, 1 pass", &[1]), ("4 1 fail, 2 pass", &[1])];
        wait(&mut client, "rules.parapet", &first).await;
        // What is not saved yet is told apart.
        client.change("rules.parapet", 2, &RULES.replace("< 100", "< 5")).await;
        let edited: [(&str, &[u64]); 2] = [first[0], ("4 3 fail (2 new)", &[0, 1, 2])];
        wait(&mut client, "rules.parapet", &edited).await;
        client.change("rules.parapet", 3, &RULES.replace("< 100", "> 100")).await;
        let other: [(&str, &[u64]); 2] = [first[0], ("4 2 fail (2 new, 1 no more), 1 pass", &[0, 2])];
        wait(&mut client, "rules.parapet", &other).await;
        // A guardrail that is half written hides no other.
        client.change("rules.parapet", 4, &RULES.replace("< 100", "<")).await;
        wait(&mut client, "rules.parapet", &first[..1]).await;
        // Another property is read: the inventory is read again.
        client
            .change("rules.parapet", 5, &RULES.replace("(volume.Size ?? 0) < 100", "volume.KmsKeyId is absent"))
            .await;
        let more: [(&str, &[u64]); 2] = [first[0], ("4 0 fail (1 no more), 3 pass", &[])];
        wait(&mut client, "rules.parapet", &more).await;
        bind(&mut client, &[]).await;
        wait(&mut client, "rules.parapet", &[]).await;
    });
}

#[test]
fn what_an_edit_makes_fail_or_not_has_places_of_its_own() {
    let files = [("rules.parapet", RULES), ("in/all.ndjson", &inventory())];
    with_capabilities(&files, lenses(), async |mut client: Client| {
        client.open("rules.parapet", RULES).await;
        bind(&mut client, &["in"]).await;
        let first: [(&str, &[u64]); 2] = [("0 1 fail, 1 unknown, 1 pass", &[1]), ("4 1 fail, 2 pass", &[1])];
        wait(&mut client, "rules.parapet", &first).await;
        let (new, gone) = ("parapet.showNew", "parapet.showNoMore");
        for command in [new, gone] {
            assert_eq!(of_command(&mut client, "rules.parapet", command).await, []);
        }
        client.change("rules.parapet", 2, &RULES.replace("< 100", "> 100")).await;
        let edited: [(&str, &[u64]); 2] = [first[0], ("4 2 fail (2 new, 1 no more), 1 pass", &[0, 2])];
        wait(&mut client, "rules.parapet", &edited).await;
        let starts = of_command(&mut client, "rules.parapet", new).await;
        assert_eq!(starts, [("4 2 start failing".to_owned(), vec![0, 2])]);
        let stops = of_command(&mut client, "rules.parapet", gone).await;
        assert_eq!(stops, [("4 1 stops failing".to_owned(), vec![1])]);
        // One that failed before is none of those that begin to.
        client.change("rules.parapet", 3, &RULES.replace("< 100", "< 5")).await;
        wait(&mut client, "rules.parapet", &[first[0], ("4 3 fail (2 new)", &[0, 1, 2])]).await;
        let starts = of_command(&mut client, "rules.parapet", new).await;
        assert_eq!(starts, [("4 2 start failing".to_owned(), vec![0, 2])]);
        assert_eq!(of_command(&mut client, "rules.parapet", gone).await, []);
    });
}

#[test]
fn settings_may_stand_for_themselves() {
    let files = [("rules.parapet", RULES), ("in/all.ndjson", &inventory())];
    with_capabilities(&files, lenses(), async |mut client: Client| {
        client.open("rules.parapet", RULES).await;
        // Zed sends what stands below `lsp.parapet.settings`, and an empty object where nothing does.
        let first: [(&str, &[u64]); 2] = [("0 1 fail, 1 unknown, 1 pass", &[1]), ("4 1 fail, 2 pass", &[1])];
        for settings in [json!({}), json!({ "inventories": ["in"] }), json!({})] {
            client.tell("workspace/didChangeConfiguration", json!({ "settings": settings })).await;
        }
        wait(&mut client, "rules.parapet", &first).await;
    });
}

#[test]
fn an_inventory_that_changes_or_goes_is_noticed() {
    let files = [("rules.parapet", RULES), ("all.ndjson", &volume("a", "true", 8))];
    with_capabilities(&files, lenses(), async |mut client: Client| {
        client.open("rules.parapet", RULES).await;
        bind(&mut client, &["all.ndjson"]).await;
        let first: [(&str, &[u64]); 2] = [("0 1 pass", &[]), ("4 1 pass", &[])];
        wait(&mut client, "rules.parapet", &first).await;
        std::fs::write(client.path("all.ndjson"), volume("a", "false", 8) + "{\"type\": \"AWS::EC2::Volume\", \n")
            .unwrap();
        let broken = client.told("window/showMessage", |_| true).await;
        assert!(
            broken["message"].as_str().unwrap().contains("all.ndjson:3: the input ends inside a record"),
            "{broken}"
        );
        wait(&mut client, "rules.parapet", &[("0 1 fail, in part", &[0]), ("4 1 pass, in part", &[])]).await;
        std::fs::remove_file(client.path("all.ndjson")).unwrap();
        let gone = client.told("window/showMessage", |_| true).await["message"].as_str().unwrap().to_owned();
        let why = gone.strip_prefix("an inventory is not read as a whole: ").unwrap();
        let none = ["0", "4"].map(|line| format!("{line} not judged: {why}"));
        wait(&mut client, "rules.parapet", &[(&none[0], &[]), (&none[1], &[])]).await;
        std::fs::write(client.path("all.ndjson"), volume("a", "true", 8)).unwrap();
        wait(&mut client, "rules.parapet", &first).await;
    });
}

/// The message that an inventory was not read as a whole.
async fn trouble(client: &mut Client) -> String {
    client.told("window/showMessage", |_| true).await["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_folder_of_many_files_loses_one_while_it_is_bound() {
    let paths: Vec<String> = (0..300).map(|number| format!("in/part_{number}.ndjson")).collect();
    let texts: Vec<String> = (0..300).map(|number| volume(&format!("v{number}"), "true", 8)).collect();
    let mut files: Vec<(&str, &str)> = paths.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    files.push(("rules.parapet", RULES));
    with_capabilities(&files, lenses(), async |mut client: Client| {
        client.open("rules.parapet", RULES).await;
        bind(&mut client, &["in"]).await;
        wait(&mut client, "rules.parapet", &[("0 300 pass", &[]), ("4 300 pass", &[])]).await;
        std::fs::remove_file(client.path("in/part_150.ndjson")).unwrap();
        wait(&mut client, "rules.parapet", &[("0 299 pass", &[]), ("4 299 pass", &[])]).await;
        std::fs::remove_dir_all(client.path("in")).unwrap();
        let message = trouble(&mut client).await;
        assert!(message.contains("in: cannot be read"), "{message}");
        let seen = seen(&mut client, "rules.parapet").await;
        assert!(
            seen.iter().all(|(title, _)| title.contains(" not judged: ") && title.contains("in: cannot be read")),
            "{seen:?}"
        );
    });
}

#[test]
fn what_is_no_inventory_is_told() {
    let files = [
        ("rules.parapet", RULES),
        ("in/all.ndjson", &volume("a", "true", 8)),
        ("in/bad.json", "{\"what\": \"is this\"}\n"),
    ];
    with_capabilities(&files, lenses(), async |mut client: Client| {
        client.open("rules.parapet", RULES).await;
        std::fs::create_dir(client.path("empty")).unwrap();
        bind(&mut client, &["in", "empty"]).await;
        let message = trouble(&mut client).await;
        assert!(
            message.starts_with("passed over among the inventories: ") && message.contains("bad.json: "),
            "{message}"
        );
        assert!(message.ends_with(", and 1 more"), "{message}");
        wait(&mut client, "rules.parapet", &[("0 1 pass", &[]), ("4 1 pass", &[])]).await;
        bind(&mut client, &["empty"]).await;
        let message = trouble(&mut client).await;
        assert!(message.ends_with("empty: nothing in it is an input"), "{message}");
        wait(&mut client, "rules.parapet", &[("0 no resource", &[]), ("4 no resource", &[])]).await;
        for wrong in [json!("oops"), json!([3])] {
            client.tell("workspace/didChangeConfiguration", json!({ "settings": { "inventories": wrong } })).await;
            let message = trouble(&mut client).await;
            assert!(message.starts_with("the setting `inventories` is no list of paths: "), "{message}");
        }
    });
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_are_told_and_hide_nothing() {
    let files = [("rules.parapet", RULES), ("in/all.ndjson", &volume("a", "true", 8))];
    with_capabilities(&files, lenses(), async |mut client: Client| {
        std::os::unix::fs::symlink("loop.ndjson", client.path("loop.ndjson")).unwrap();
        std::os::unix::fs::symlink("../in", client.path("in/again")).unwrap();
        client.open("rules.parapet", RULES).await;
        bind(&mut client, &["loop.ndjson", "in"]).await;
        let message = trouble(&mut client).await;
        assert!(message.contains("loop.ndjson: cannot be read") && !message.contains("more"), "{message}");
        wait(&mut client, "rules.parapet", &[("0 1 pass, in part", &[]), ("4 1 pass, in part", &[])]).await;
    });
}

#[cfg(unix)]
#[test]
fn what_never_ends_is_not_read() {
    let files = [("rules.parapet", RULES), ("all.ndjson", &volume("a", "true", 8))];
    with_capabilities(&files, lenses(), async |mut client: Client| {
        let made = std::process::Command::new("mkfifo").arg(client.path("pipe.ndjson")).status().unwrap();
        assert!(made.success());
        client.open("rules.parapet", RULES).await;
        bind(&mut client, &["-", "pipe.ndjson", "/dev/zero", "all.ndjson"]).await;
        let message = trouble(&mut client).await;
        assert!(message.contains("pipe.ndjson: a named pipe") && message.ends_with(", and 1 more"), "{message}");
        wait(&mut client, "rules.parapet", &[("0 1 pass, in part", &[]), ("4 1 pass, in part", &[])]).await;
    });
}

#[test]
fn a_lens_says_why_nothing_was_judged() {
    let rules = RULES.replace("guardrail volume_is_small", "param most: Int\n\nguardrail volume_is_small");
    let rules = rules.replace("< 100", "< most");
    let files = [("rules.parapet", rules.as_str()), ("all.ndjson", &volume("a", "true", 8))];
    with_capabilities(&files, lenses(), async |mut client: Client| {
        client.open("rules.parapet", &rules).await;
        bind(&mut client, &["all.ndjson"]).await;
        let why = "not judged: these parameters have no default and must be set: rules::most";
        wait(&mut client, "rules.parapet", &[(&format!("0 {why}"), &[]), (&format!("6 {why}"), &[])]).await;
        client.change("rules.parapet", 2, &rules.replace("most: Int", "most: Int = 9")).await;
        wait(&mut client, "rules.parapet", &[("0 1 pass", &[]), ("6 1 pass", &[])]).await;
    });
}

/// More than is judged while a test types.
fn large() -> String {
    (0..60_000).map(|number| volume(&format!("v{number}"), "true", 8)).collect()
}

#[test]
fn questions_do_not_wait_for_a_run() {
    let files = [("rules.parapet", RULES), ("all.ndjson", &large())];
    with_capabilities(&files, lenses(), async |mut client: Client| {
        client.open("rules.parapet", RULES).await;
        bind(&mut client, &["all.ndjson"]).await;
        // The run has begun.
        tokio::time::sleep(Duration::from_millis(200)).await;
        for version in 2..=201 {
            let size = if version % 2 == 0 { "< 5" } else { "< 100" };
            client.change("rules.parapet", version, &RULES.replace("< 100", size)).await;
            let begin = Instant::now();
            let hover = client.ask("textDocument/hover", client.at("rules.parapet", 5, 22)).await;
            assert!(hover.to_string().contains("Size"), "{hover}");
            assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
        }
        wait(&mut client, "rules.parapet", &[("0 60000 pass", &[]), ("4 60000 pass", &[])]).await;
    });
}

#[test]
fn goodbye_does_not_wait_for_a_run() {
    let files = [("rules.parapet", RULES), ("all.ndjson", &large())];
    with_capabilities(&files, lenses(), async |mut client: Client| {
        client.open("rules.parapet", RULES).await;
        bind(&mut client, &["all.ndjson"]).await;
        // The run has begun.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let begin = Instant::now();
        assert_eq!(client.leave().await, 0);
        assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    });
}

#[test]
fn without_an_inventory_a_lens_asks_for_one() {
    let files = [("rules.parapet", RULES), ("in.ndjson", &inventory())];
    with_capabilities(&files, lenses(), async |mut client: Client| {
        client.open("rules.parapet", RULES).await;
        let asks = async |client: &mut Client| {
            let lenses = client.ask("textDocument/codeLens", client.document("rules.parapet")).await;
            let asks = lenses.as_array().unwrap().iter().filter(|lens| lens["command"]["command"] == "parapet.bind");
            asks.map(|lens| format!("{} {}", lens["range"]["start"]["line"], lens["command"]["title"]))
                .collect::<Vec<_>>()
        };
        let both = ["0 \"Evaluate…\"", "4 \"Evaluate…\""];
        assert_eq!(asks(&mut client).await, both);
        bind(&mut client, &["in.ndjson"]).await;
        wait(&mut client, "rules.parapet", &[("0 1 fail, 1 unknown, 1 pass", &[1]), ("4 1 fail, 2 pass", &[1])]).await;
        assert_eq!(asks(&mut client).await, Vec::<String>::new());
        bind(&mut client, &[]).await;
        wait(&mut client, "rules.parapet", &[]).await;
        assert_eq!(asks(&mut client).await, both);
    });
}

/// What is offered at a place of the rules.
async fn offered(client: &mut Client, line: u32, character: u32) -> Vec<String> {
    let mut params = client.document("rules.parapet");
    params["position"] = json!({ "line": line, "character": character });
    let list = client.ask("textDocument/completion", params).await;
    let mut items: Vec<Value> = list["items"].as_array().unwrap().clone();
    items.sort_by_key(|item| item["sortText"].as_str().unwrap().to_owned());
    items.iter().map(|item| format!("{} {}", item["label"], item["detail"]).replace('"', "")).collect()
}

#[test]
fn what_the_inventories_hold_is_offered_first() {
    let volume = |at: usize, ty: &str| {
        format!("{{\"type\": \"AWS::EC2::Volume\", \"id\": \"v{at}\", \"properties\": {{\"VolumeType\": \"{ty}\"}}}}\n")
    };
    let inventory: String = ["gp2", "gp3", "gp3", "io2"].iter().enumerate().map(|(at, ty)| volume(at, ty)).collect();
    let rules = "guardrail modern(volume: AWS::EC2::Volume) {\n    require volume.VolumeType == \"\"\n}\n";
    let files = [("rules.parapet", rules), ("in.ndjson", &inventory)];
    with_capabilities(&files, lenses(), async |mut client: Client| {
        client.open("rules.parapet", rules).await;
        assert_eq!(offered(&mut client, 1, 34).await, Vec::<String>::new());
        bind(&mut client, &["in.ndjson"]).await;
        wait(&mut client, "rules.parapet", &[("0 4 fail", &[0, 1, 2, 3])]).await;
        let held = ["gp3 2 in the inventories", "gp2 1 in the inventories", "io2 1 in the inventories"];
        assert_eq!(offered(&mut client, 1, 34).await, held);
        bind(&mut client, &[]).await;
        wait(&mut client, "rules.parapet", &[]).await;
        assert_eq!(offered(&mut client, 1, 34).await, Vec::<String>::new());
    });
}
