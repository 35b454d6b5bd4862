//! The language server as editors start it: the binary, over standard input and output.
#![cfg(test)]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start() -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parapet"));
        command.args(["lsp", "--stdio"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Server { child, input, output }
    }

    fn write(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        self.write(&framed(message));
    }

    /// The next message with these words.
    fn receive(&mut self, words: &str) -> String {
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                assert!(self.output.read_line(&mut line).unwrap() > 0, "the server went away");
                match line.trim().strip_prefix("Content-Length: ") {
                    Some(value) => length = value.parse().unwrap(),
                    None if line.trim().is_empty() => break,
                    None => {}
                }
            }
            let mut body = vec![0; length];
            self.output.read_exact(&mut body).unwrap();
            let body = String::from_utf8(body).unwrap();
            if body.contains(words) {
                return body;
            }
        }
    }

    fn begin(&mut self) {
        self.begin_in(&json!({}), &[]);
    }

    /// Begins for an editor that can do this, with these folders.
    fn begin_in(&mut self, capabilities: &Value, folders: &[&Path]) {
        let folders: Vec<Value> = folders.iter().map(|folder| json!({ "uri": uri(folder), "name": "w" })).collect();
        let params = json!({ "capabilities": capabilities, "workspaceFolders": folders });
        self.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }));
        assert!(self.receive("\"id\":1").contains("\"name\":\"parapet\""));
        self.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    }

    fn ask(&mut self, id: i64, method: &str, params: &Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        self.answer(id)
    }

    /// The answer to a question that was asked.
    fn answer(&mut self, id: i64) -> Value {
        serde_json::from_str(&self.receive(&format!("\"id\":{id}}}"))).unwrap()
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Says goodbye, and sees that the server is well.
    fn leave(mut self) {
        self.ask(99_999, "shutdown", &Value::Null);
        self.tell("exit", &Value::Null);
        assert_eq!(self.status(), Some(0));
    }

    /// The exit status, which comes soon.
    fn status(mut self) -> Option<i32> {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.child.kill().unwrap();
        panic!("the server does not end");
    }
}

fn framed(message: &Value) -> String {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn opened(text: &str) -> Value {
    opened_as("untitled:a", text)
}

fn opened_as(uri: &str, text: &str) -> Value {
    let document = json!({ "uri": uri, "languageId": "parapet", "version": 1, "text": text });
    json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } })
}

#[test]
fn a_conversation_from_begin_to_end() {
    let mut server = Server::start();
    server.begin();
    server.send(&opened("const ONE = two\n"));
    assert!(server.receive("publishDiagnostics").contains("E0201"));
    server.send(&json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" }));
    server.receive("\"id\":2");
    server.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
    // Standard input stays open: an editor that hangs keeps no server.
    assert_eq!(server.status(), Some(0));
}

#[test]
fn messages_come_in_pieces_and_together() {
    let mut server = Server::start();
    server.begin();
    let text = framed(&opened("const ONE = two // ö\n"));
    for piece in text.as_bytes().chunks(7) {
        server.input.as_mut().unwrap().write_all(piece).unwrap();
        server.input.as_mut().unwrap().flush().unwrap();
    }
    assert!(server.receive("publishDiagnostics").contains("E0201"));
    let two: Vec<Value> = (2..4).map(|id| json!({ "jsonrpc": "2.0", "id": id, "method": "shutdown" })).collect();
    server.write(&(framed(&two[0]) + &framed(&two[1])));
    server.receive("\"id\":2");
    server.receive("\"id\":3");
}

#[test]
fn who_goes_without_goodbye_leaves_status_1() {
    let mut server = Server::start();
    server.begin();
    drop(server.input.take());
    assert_eq!(server.status(), Some(1));
    let mut server = Server::start();
    server.begin();
    server.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
    assert_eq!(server.status(), Some(1));
}

#[test]
fn garbage_is_refused_and_the_next_message_is_heard() {
    let mut server = Server::start();
    server.begin();
    server.write("Content-Length: 9\r\n\r\nnot json!");
    server.write("Content-Length: 2\r\n\r\n[]");
    server.write("Content-Type: nonsense\r\nContent-Length: many\r\n\r\n");
    server.write("nobody knows what this is\r\n\r\n");
    server.send(&opened("const ONE = two\n"));
    assert!(server.receive("publishDiagnostics").contains("E0201"));
}

/// The diagnostics of all files, for an editor that asks for them: whole, then unchanged, and not at all once withdrawn.
#[test]
fn all_files_are_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = (0..100).map(|at| format!("const A{at} = b{at}\n\n")).collect();
    for number in 0..60 {
        std::fs::write(folder.path().join(format!("f{number}.parapet")), &text).unwrap();
    }
    let mut server = Server::start();
    server.begin_in(&json!({ "textDocument": { "diagnostic": {} } }), &[folder.path()]);
    let asked = json!({ "previousResultIds": [] });
    server.send(&json!({ "jsonrpc": "2.0", "id": 2, "method": "workspace/diagnostic", "params": asked }));
    server.tell("$/cancelRequest", &json!({ "id": 2 }));
    assert_eq!(server.answer(2)["error"]["code"], -32800);
    let reports = server.ask(3, "workspace/diagnostic", &asked)["result"]["items"].clone();
    let reports = reports.as_array().unwrap();
    assert_eq!((reports.len(), reports[0]["items"].as_array().unwrap().len()), (60, 100));
    let known: Vec<Value> =
        reports.iter().map(|report| json!({ "uri": report["uri"], "value": report["resultId"] })).collect();
    let again = server.ask(4, "workspace/diagnostic", &json!({ "previousResultIds": known }));
    let again = again["result"]["items"].as_array().unwrap().clone();
    assert!(again.len() == 60 && again.iter().all(|report| report["kind"] == "unchanged"));
    server.leave();
}

#[test]
fn ten_megabytes_and_a_thousand_edits_are_checked() {
    let mut text = String::from("const FIRST = 1 // 😀\n\n");
    while text.len() < 10 << 20 {
        text.push_str(&format!("const C{} = \"{}\"\n\n", text.len(), "x".repeat(4000)));
    }
    let mut server = Server::start();
    server.begin();
    server.send(&opened(&text));
    server.receive("\"version\":1}");
    for version in 2..1002 {
        let letter = if version % 2 == 0 { "x" } else { "1" };
        // Every tenth edit is nowhere, or in the middle of a character.
        let (line, from, to) = if version % 10 == 0 { (u32::MAX, 7, 9) } else { (0, 14, 15) };
        let range = json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } });
        let letter = if version % 10 == 0 { "" } else { letter };
        server.tell(
            "textDocument/didChange",
            &json!({
                "textDocument": { "uri": "untitled:a", "version": version },
                "contentChanges": [{ "range": range, "text": letter }],
            }),
        );
    }
    let last = server.receive("\"version\":1001}");
    assert!(last.contains("\"diagnostics\":[]"), "{last:.300}");
    server.leave();
}

/// Places that are none, halves of a pair, files that nobody knows: each question has an answer.
#[test]
fn questions_about_nothing_are_answered() {
    let mut server = Server::start();
    server.begin();
    server.send(&opened("// 😀\nconst ONE = 1\n"));
    let mut id = 2;
    for uri in ["untitled:a", "untitled:none", "file:///none.parapet", "http://example.org/x"] {
        for (line, character) in [(0, 4), (0, 99), (9, 0), (u32::MAX, u32::MAX)] {
            let at = json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } });
            for question in ["hover", "completion", "definition", "documentHighlight", "signatureHelp"] {
                let answer = server.ask(id, &format!("textDocument/{question}"), &at);
                assert!(answer.get("error").is_none(), "{question} of {uri}: {answer}");
                id += 1;
            }
        }
    }
    server.leave();
}

/// A manifest that is none, links in a circle, a file that is no text: what is right beside them is checked.
#[test]
fn a_folder_with_everything_wrong_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let write = |path: &str, text: &[u8]| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("broken/parapet.toml", b"[package\nname = \xff");
    write("broken/rules/a.parapet", b"const ONE = two\n");
    write("good/parapet.toml", b"[package]\nname = \"good\"\n");
    write("good/rules/a.parapet", b"const ONE = two\n");
    write("good/rules/bytes.parapet", b"const \xff\xfe = 1\n");
    write("good/rules/empty.parapet", b"");
    #[cfg(unix)]
    for (to, link) in [("", "good/rules/up"), ("good", "again"), ("loop", "loop"), ("none", "good/rules/none.parapet")]
    {
        std::os::unix::fs::symlink(root.join(to), root.join(link)).unwrap();
    }
    let mut server = Server::start();
    server.begin_in(&json!({}), &[&root]);
    let path = uri(&root.join("good/rules/a.parapet"));
    server.send(&opened_as(&path, "const ONE = two\n"));
    let told = server.receive("\"version\":1}");
    assert!(told.contains(&path) && told.contains("E0201"), "{told}");
    server.leave();
}
