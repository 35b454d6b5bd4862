//! Files that come, go and change, in folders and outside of them.

use serde_json::json;

use crate::client::{Client, uri, with, with_capabilities};

const GOOD: &str = "const ONE = 1\n";
const BAD: &str = "const ONE = two\n";

async fn changed(client: &mut Client, file: &str) {
    let changes = json!({ "changes": [{ "uri": client.uri(file), "type": 2 }] });
    client.tell("workspace/didChangeWatchedFiles", changes).await;
}

#[test]
fn changes_on_the_disk_count_where_no_document_is_open() {
    let watch = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    with_capabilities(&[("a.parapet", BAD)], watch, async |mut client: Client| {
        let asked = client.told("client/registerCapability", |_| true).await;
        assert_eq!(asked["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
        assert_eq!(client.diagnostics("a.parapet").await, ["E0201:0"]);
        std::fs::write(client.path("a.parapet"), GOOD).unwrap();
        changed(&mut client, "a.parapet").await;
        assert_eq!(client.diagnostics("a.parapet").await, [""; 0]);
        client.open("a.parapet", GOOD).await;
        assert_eq!(client.diagnostics_of("a.parapet", 1).await, [""; 0]);
        std::fs::write(client.path("a.parapet"), BAD).unwrap();
        changed(&mut client, "a.parapet").await;
        client.change("a.parapet", 2, GOOD).await;
        assert_eq!(client.diagnostics_of("a.parapet", 2).await, [""; 0]);
        let document = client.document("a.parapet");
        client.tell("textDocument/didClose", document).await;
        assert_eq!(client.diagnostics("a.parapet").await, ["E0201:0"], "the disk counts again");
    });
}

#[test]
fn files_come_and_go() {
    with(&[("a.parapet", "use b::TWO\n\nconst ONE = TWO\n")], async |mut client: Client| {
        assert_eq!(client.diagnostics("a.parapet").await, ["E0206:0", "E0201:2"]);
        std::fs::write(client.path("b.parapet"), "pub const TWO = 2\n").unwrap();
        changed(&mut client, "b.parapet").await;
        assert_eq!(client.diagnostics("a.parapet").await, [""; 0]);
        std::fs::remove_file(client.path("b.parapet")).unwrap();
        changed(&mut client, "b.parapet").await;
        assert_eq!(client.diagnostics("a.parapet").await, ["E0206:0", "E0201:2"]);
        // What is not saved yet counts, too.
        client.open("b.parapet", "pub const TWO = 2\n").await;
        assert_eq!(client.diagnostics("a.parapet").await, [""; 0]);
    });
}

#[test]
fn folders_come_and_go() {
    with(&[("a.parapet", BAD)], async |mut client: Client| {
        assert_eq!(client.diagnostics("a.parapet").await, ["E0201:0"]);
        let other = tempfile::tempdir().unwrap();
        std::fs::write(other.path().join("b.parapet"), BAD).unwrap();
        let there = uri(&other.path().join("b.parapet"));
        let folder = json!({ "uri": uri(other.path()), "name": "other" });
        let change = |added: serde_json::Value, removed: serde_json::Value| json!({ "event": { "added": added, "removed": removed } });
        client.tell("workspace/didChangeWorkspaceFolders", change(json!([folder]), json!([]))).await;
        let of_other = |params: &serde_json::Value| params["uri"] == there.as_str();
        let told = client.told("textDocument/publishDiagnostics", of_other).await;
        assert_eq!(told["diagnostics"][0]["code"], "E0201");
        client.tell("workspace/didChangeWorkspaceFolders", change(json!([]), json!([folder]))).await;
        assert_eq!(client.told("textDocument/publishDiagnostics", of_other).await["diagnostics"], json!([]));
    });
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_and_links_to_nothing_are_no_harm() {
    with(&[("rules/a.parapet", BAD)], async |mut client: Client| {
        assert_eq!(client.diagnostics("rules/a.parapet").await, ["E0201:0"]);
        std::os::unix::fs::symlink(client.path("rules"), client.path("rules/again")).unwrap();
        std::os::unix::fs::symlink(client.path(""), client.path("rules/up")).unwrap();
        std::os::unix::fs::symlink(client.path("none"), client.path(".#b.parapet")).unwrap();
        std::fs::write(client.path("rules/c.parapet"), BAD).unwrap();
        changed(&mut client, "rules/c.parapet").await;
        assert_eq!(client.diagnostics("rules/c.parapet").await, ["E0201:0"]);
        assert_eq!(client.leave().await, 0);
    });
}

/// A link that leads nowhere or to itself, and a pipe, are told of and hide nothing else; when they go, or lead somewhere, that counts.
#[cfg(unix)]
#[test]
fn what_cannot_be_read_among_rules_is_passed_over() {
    let files = [
        ("parapet.toml", "[package]\nname = \"nine\"\n"),
        ("rules/a.parapet", "pub fn yes() -> Bool = true\n"),
        ("rules/b.parapet", "const B = two\n"),
        ("elsewhere/d.parapet", "pub const D = 1\n"),
    ];
    with(&files, async |mut client: Client| {
        let link = std::os::unix::fs::symlink::<&str, std::path::PathBuf>;
        link("loopb", client.path("rules/loopb")).unwrap();
        link("nowhere", client.path("rules/x.parapet")).unwrap();
        link("../there", client.path("rules/c")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(client.path("rules/pipe.parapet")).status().unwrap();
        assert!(pipe.success());
        changed(&mut client, "parapet.toml").await;
        let text = "use nine::a::yes\nuse nine::c::d::D\n\nconst B = yes() and D == 1\n";
        client.open("rules/b.parapet", text).await;
        for name in ["loopb", "x.parapet", "pipe.parapet", "rules/c`"] {
            let named = |params: &serde_json::Value| params["message"].as_str().unwrap().contains(name);
            let told = client.told("window/showMessage", named).await;
            assert!(told["message"].as_str().unwrap().contains("is passed over: "), "{told}");
        }
        assert_eq!(client.diagnostics_of("rules/b.parapet", 1).await, ["E0206:1", "E0201:3"], "`a` is read");
        // Nobody tells of it: the link leads somewhere.
        std::fs::rename(client.path("elsewhere"), client.path("there")).unwrap();
        client.change("rules/b.parapet", 2, &format!("{text}// More.\n")).await;
        assert_eq!(client.diagnostics_of("rules/b.parapet", 2).await, [""; 0]);
        std::fs::remove_file(client.path("rules/x.parapet")).unwrap();
        std::fs::write(client.path("rules/x.parapet"), BAD).unwrap();
        changed(&mut client, "rules/x.parapet").await;
        assert_eq!(client.diagnostics("rules/x.parapet").await, ["E0201:0"]);
    });
}

#[test]
fn files_outside_of_all_folders_stand_for_themselves() {
    with(&[("a.parapet", GOOD)], async |mut client: Client| {
        let other = tempfile::tempdir().unwrap();
        let path = uri(&other.path().join("lone.parapet"));
        for name in [path.as_str(), "untitled:Untitled-1"] {
            client.open_as(name, BAD).await;
            let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == name).await;
            assert_eq!(told["diagnostics"][0]["code"], "E0201");
            client.tell("textDocument/didClose", json!({ "textDocument": { "uri": name } })).await;
            let told = client.told("textDocument/publishDiagnostics", |params| params["uri"] == name).await;
            assert_eq!(told["diagnostics"], json!([]));
        }
    });
}

#[test]
fn packages_of_a_folder_know_each_other_and_loose_files_do_not() {
    let one = "[package]\nname = \"one\"\nversion = \"1.0.0\"\n";
    let two = "[package]\nname = \"two\"\nversion = \"1.0.0\"\n";
    let files = [
        ("one/parapet.toml", one),
        ("one/rules/shared.parapet", "pub const ONE = 1\n"),
        ("two/parapet.toml", two),
        ("two/rules/main.parapet", "use one::shared::ONE\n\nconst TWO = ONE\n\nconst BAD = three\n"),
        ("x/main.parapet", BAD),
        ("y/main.parapet", BAD),
    ];
    with(&files, async |mut client: Client| {
        assert_eq!(client.diagnostics("two/rules/main.parapet").await, ["E0201:4"]);
        // Both are `main`, in different worlds.
        assert_eq!(client.diagnostics("x/main.parapet").await, ["E0201:0"]);
        assert_eq!(client.diagnostics("y/main.parapet").await, ["E0201:0"]);
    });
}

/// A file that cannot be read is told of, and costs its own package, no other.
#[cfg(unix)]
#[test]
fn a_package_that_cannot_be_read_leaves_others_alone() {
    let one = "[package]\nname = \"one\"\nversion = \"1.0.0\"\n";
    let two = "[package]\nname = \"two\"\nversion = \"1.0.0\"\n";
    let files = [
        ("one/parapet.toml", one),
        ("one/rules/main.parapet", BAD),
        ("two/parapet.toml", two),
        ("two/rules/main.parapet", BAD),
    ];
    with(&files, async |mut client: Client| {
        assert_eq!(client.diagnostics("two/rules/main.parapet").await, ["E0201:0"]);
        std::os::unix::fs::symlink(client.path("none"), client.path("one/rules/other.parapet")).unwrap();
        changed(&mut client, "one/parapet.toml").await;
        client.told("window/showMessage", |params| params["message"].as_str().unwrap().contains("other.parapet")).await;
        let hover = client.ask("textDocument/hover", client.at("two/rules/main.parapet", 0, 7)).await;
        assert!(hover["contents"]["value"].as_str().unwrap().contains("in `two::main`"), "{hover}");
    });
}

#[test]
fn a_wrong_manifest_is_shown_in_it() {
    with(&[("parapet.toml", "[package]\nnam = \"one\"\n"), ("rules/a.parapet", GOOD)], async |mut client: Client| {
        let found = client.diagnostics("parapet.toml").await;
        assert_eq!(found.len(), 1, "{found:?}");
        let manifest = "[package]\nname = \"one\"\nversion = \"1.0.0\"\n";
        std::fs::write(client.path("parapet.toml"), manifest).unwrap();
        changed(&mut client, "parapet.toml").await;
        assert_eq!(client.diagnostics("parapet.toml").await, [""; 0]);
    });
}

#[test]
fn a_wrong_manifest_that_goes_has_nothing_to_say() {
    let files = [("one/parapet.toml", "[package\n"), ("two/parapet.toml", "[package\n"), ("two/rules/a.parapet", GOOD)];
    with(&files, async |mut client: Client| {
        assert_eq!(client.diagnostics("one/parapet.toml").await, ["E0401:0"]);
        assert_eq!(client.diagnostics("two/parapet.toml").await, ["E0401:0"]);
        std::fs::remove_file(client.path("two/parapet.toml")).unwrap();
        changed(&mut client, "two/parapet.toml").await;
        assert_eq!(client.diagnostics("two/parapet.toml").await, [""; 0]);
        // With its folder.
        std::fs::remove_dir_all(client.path("one")).unwrap();
        changed(&mut client, "one").await;
        assert_eq!(client.diagnostics("one/parapet.toml").await, [""; 0]);
    });
}

#[test]
fn a_manifest_whose_rules_are_nowhere_says_so() {
    let manifest = "[package]\nname = \"one\"\nrules = \"nowhere\"\n";
    with(&[("parapet.toml", manifest)], async |mut client: Client| {
        assert_eq!(client.diagnostics("parapet.toml").await, ["E0401:2"]);
        client.open("parapet.toml", manifest).await;
        assert_eq!(client.diagnostics_of("parapet.toml", 1).await, ["E0401:2"]);
        client.change("parapet.toml", 2, &format!("# A.\n{manifest}")).await;
        assert_eq!(client.diagnostics_of("parapet.toml", 2).await, ["E0401:3"]);
        client.change("parapet.toml", 3, &manifest.replace("nowhere", "here")).await;
        client.told("textDocument/publishDiagnostics", |told| told.to_string().contains("no folder `here`")).await;
        std::fs::create_dir(client.path("here")).unwrap();
        std::fs::write(client.path("here/a.parapet"), GOOD).unwrap();
        changed(&mut client, "here/a.parapet").await;
        assert_eq!(client.diagnostics("parapet.toml").await, [""; 0]);
    });
}
