//! What editors are told of the language: the extension for Zed says of it what the one for VS Code says.
//!
//! Zed itself is not run. The extension is a crate of its own, `editors/zed`, which is compiled and tested there.
#![cfg(test)]

use std::path::Path;

use regex::Regex;
use serde_json::Value;
use toml::Table;

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../editors").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn table(path: &str) -> Table {
    text(path).parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn json(path: &str) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn language() -> Table {
    table("zed/languages/parapet/config.toml")
}

/// The only language of the extension for VS Code.
fn declared() -> Value {
    json("vscode/package.json")["contributes"]["languages"][0].clone()
}

/// The strings of a list.
fn strings(list: &toml::Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn extensions_have_one_name_and_version() {
    let (zed, cargo, code) = (table("zed/extension.toml"), table("zed/Cargo.toml"), json("vscode/package.json"));
    assert_eq!(zed["schema_version"].as_integer(), Some(1));
    assert_eq!(zed["id"].as_str(), code["name"].as_str());
    assert_eq!(zed["name"].as_str(), code["displayName"].as_str());
    assert_eq!(zed["description"].as_str(), code["description"].as_str());
    assert_eq!(zed["version"].as_str(), code["version"].as_str());
    assert_eq!(zed["version"], cargo["package"]["version"]);
    assert_eq!(zed["repository"].as_str(), code["repository"]["url"].as_str());
    assert_eq!(strings(&cargo["lib"]["crate-type"]), ["cdylib"], "what Zed loads");
}

#[test]
fn the_server_is_that_of_the_language() {
    let (zed, language, declared) = (table("zed/extension.toml"), language(), declared());
    let name = language["name"].as_str().unwrap();
    assert_eq!(Some(name), declared["aliases"][0].as_str());
    let server = &zed["language_servers"]["parapet"];
    assert_eq!(strings(&server["languages"]), [name], "and no other starts it unasked");
    assert_eq!(server["language_ids"][name].as_str(), declared["id"].as_str());
    assert!(
        !language.contains_key("grammar") && !zed.contains_key("grammars"),
        "a grammar is named in both or in none"
    );
}

#[test]
fn files_are_told_by_the_same_suffixes() {
    let (language, declared) = (language(), declared());
    let dotted: Vec<String> = strings(&language["path_suffixes"]).iter().map(|suffix| format!(".{suffix}")).collect();
    assert_eq!(Value::from(dotted), declared["extensions"]);
    assert_eq!(language["code_fence_block_name"].as_str(), declared["id"].as_str());
}

#[test]
fn comments_begin_the_same_way() {
    let (language, code) = (language(), json("vscode/language-configuration.json"));
    let comments = strings(&language["line_comments"]);
    assert_eq!(comments[0].trim_end(), code["comments"]["lineComment"].as_str().unwrap());
    let continued: Vec<&str> = code["onEnterRules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["action"]["appendText"].as_str().unwrap())
        .collect();
    assert_eq!(comments[1..], continued, "those of documentation go on in the next line");
}

#[test]
fn brackets_are_the_same() {
    let (language, code) = (language(), json("vscode/language-configuration.json"));
    let brackets = language["brackets"].as_array().unwrap();
    let closed: Vec<Value> = brackets
        .iter()
        .map(|pair| {
            assert_eq!(pair["close"].as_bool(), Some(true));
            let mut closed = serde_json::json!({ "open": pair["start"].as_str(), "close": pair["end"].as_str() });
            if let Some(places) = pair.get("not_in") {
                closed["notIn"] = Value::from(strings(places));
            }
            closed
        })
        .collect();
    assert_eq!(Value::from(closed), code["autoClosingPairs"]);
    let around: Vec<Value> = brackets
        .iter()
        .filter(|pair| pair["newline"].as_bool() == Some(true))
        .map(|pair| Value::from(vec![pair["start"].as_str(), pair["end"].as_str()]))
        .collect();
    assert_eq!(Value::from(around), code["brackets"]);
}

#[test]
fn lines_are_indented_as_they_are_formatted() {
    let language = language();
    assert_eq!((language["tab_size"].as_integer(), language["hard_tabs"].as_bool()), (Some(4), Some(false)));
    let pattern = |name: &str| Regex::new(language[name].as_str().unwrap()).unwrap();
    let (more, less) = (pattern("increase_indent_pattern"), pattern("decrease_indent_pattern"));
    let lines = [
        ("guardrail g(db: AWS::RDS::DBInstance) {", true, false),
        ("    require db.A in [ // the list", true, false),
        ("{", true, false),
        ("    // An example {", false, false),
        ("    require any(db.Tags, |tag| tag.Key == \"a\")", false, false),
        ("    ]", false, true),
        ("}", false, true),
    ];
    for (line, increases, decreases) in lines {
        assert_eq!((more.is_match(line), less.is_match(line)), (increases, decreases), "{line}");
    }
}
