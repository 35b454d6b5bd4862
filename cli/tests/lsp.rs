//! The language server as editors start it: the binary, over standard input and output.
#![cfg(test)]

use std::io::{BufRead, BufReader, Read, Write};
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
        self.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "capabilities": {} } }));
        assert!(self.receive("\"id\":1").contains("\"name\":\"parapet\""));
        self.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
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

fn opened(text: &str) -> Value {
    let document = json!({ "uri": "untitled:a", "languageId": "parapet", "version": 1, "text": text });
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
