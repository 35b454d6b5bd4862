//! A small editor: it speaks the protocol over a pipe, answers what the server asks, and keeps what it is told.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};

/// Nothing takes longer, on a machine that is busy with others.
const LONG: Duration = Duration::from_secs(60);

/// An editor with a folder.
pub(crate) struct Client {
    write: WriteHalf<DuplexStream>,
    read: BufReader<ReadHalf<DuplexStream>>,
    next: i64,
    told: VecDeque<Value>,
    pub(crate) folder: tempfile::TempDir,
    server: tokio::task::JoinHandle<u8>,
    pub(crate) capabilities: Value,
}

/// Runs a conversation.
pub(crate) fn with<F: Future<Output = ()>>(files: &[(&str, &str)], talk: impl FnOnce(Client) -> F) {
    with_capabilities(files, json!({}), talk);
}

/// The same for an editor that can do more.
pub(crate) fn with_capabilities<F: Future<Output = ()>>(
    files: &[(&str, &str)],
    capabilities: Value,
    talk: impl FnOnce(Client) -> F,
) {
    with_pipe(files, capabilities, 1 << 20, talk);
}

/// The same over a pipe that holds so many bytes.
pub(crate) fn with_pipe<F: Future<Output = ()>>(
    files: &[(&str, &str)],
    capabilities: Value,
    pipe: usize,
    talk: impl FnOnce(Client) -> F,
) {
    let runtime = parapet_lsp::runtime().unwrap();
    runtime.block_on(async {
        let client = Client::start(files, capabilities, pipe).await;
        talk(client).await;
    });
    runtime.shutdown_background();
}

impl Client {
    async fn start(files: &[(&str, &str)], capabilities: Value, pipe: usize) -> Client {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let (ours, theirs) = tokio::io::duplex(pipe);
        let (input, output) = tokio::io::split(theirs);
        let library = folder.path().join(".library");
        let server = tokio::spawn(parapet_lsp::serve(input, output, library));
        let (read, write) = tokio::io::split(ours);
        let mut client = Client {
            write,
            read: BufReader::new(read),
            next: 0,
            told: VecDeque::new(),
            folder,
            server,
            capabilities: Value::Null,
        };
        let root = client.uri("");
        let params = json!({
            "processId": null,
            "capabilities": capabilities,
            "initializationOptions": { "commands": true, "bind": true },
            "workspaceFolders": [{ "uri": root.trim_end_matches('/'), "name": "w" }],
        });
        client.capabilities = client.ask("initialize", params).await["capabilities"].clone();
        client.tell("initialized", json!({})).await;
        client
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn uri(&self, file: &str) -> String {
        uri(&self.path(file))
    }

    async fn send(&mut self, message: Value) {
        let body = message.to_string();
        let text = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        tokio::time::timeout(LONG, self.write.write_all(text.as_bytes())).await.unwrap().unwrap();
    }

    pub(crate) async fn tell(&mut self, method: &str, params: Value) {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params })).await;
    }

    /// Asks a question; its number.
    pub(crate) async fn begin(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        self.send(json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params })).await;
        self.next
    }

    /// The answer to a question, whole: with `result` or `error`.
    pub(crate) async fn answer(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params).await;
        self.answer_to(id).await
    }

    /// The answer to a question that was begun.
    pub(crate) async fn answer_to(&mut self, id: i64) -> Value {
        let is_it = |message: &Value| message["id"] == id && message.get("method").is_none();
        if let Some(at) = self.told.iter().position(is_it) {
            return self.told.remove(at).unwrap();
        }
        loop {
            let message = self.receive().await;
            if is_it(&message) {
                return message;
            }
            self.told.push_back(message);
        }
    }

    /// The result of a question.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The next message; questions of the server are answered on the way.
    async fn receive(&mut self) -> Value {
        let message = tokio::time::timeout(LONG, self.read_one()).await.unwrap();
        if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
            let answer = json!({ "jsonrpc": "2.0", "id": id, "result": null });
            self.send(answer).await;
        }
        message
    }

    async fn read_one(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.read.read_line(&mut line).await.unwrap() > 0, "the server went away");
            match line.trim() {
                "" => break,
                header => {
                    if let Some(value) = header.strip_prefix("Content-Length: ") {
                        length = value.parse().unwrap();
                    }
                }
            }
        }
        let mut body = vec![0; length];
        self.read.read_exact(&mut body).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// The next message of a method.
    pub(crate) async fn told(&mut self, method: &str, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(at) = self.told.iter().position(|told| told["method"] == method && fits(&told["params"])) {
                return self.told.remove(at).unwrap()["params"].clone();
            }
            let message = self.receive().await;
            self.told.push_back(message);
        }
    }

    /// Whether something came of a file that nobody waited for.
    pub(crate) fn has_told(&self, method: &str, uri: &str) -> bool {
        self.told.iter().any(|told| told["method"] == method && told["params"]["uri"] == uri)
    }

    /// The diagnostics of a file, as codes with lines: `E0101:2`. The next that are sent.
    pub(crate) async fn diagnostics(&mut self, file: &str) -> Vec<String> {
        let uri = self.uri(file);
        codes(
            &self.told("textDocument/publishDiagnostics", |params| params["uri"] == uri.as_str()).await["diagnostics"],
        )
    }

    /// The diagnostics of a version of a file.
    pub(crate) async fn diagnostics_of(&mut self, file: &str, version: i64) -> Vec<String> {
        let uri = self.uri(file);
        let fits = |params: &Value| params["uri"] == uri.as_str() && params["version"] == version;
        codes(&self.told("textDocument/publishDiagnostics", fits).await["diagnostics"])
    }

    pub(crate) async fn open(&mut self, file: &str, text: &str) {
        let uri = self.uri(file);
        self.open_as(&uri, text).await;
    }

    pub(crate) async fn open_as(&mut self, uri: &str, text: &str) {
        let language = match uri.rsplit_once('.') {
            Some((_, "yaml")) => "yaml",
            Some((_, "json")) => "json",
            _ => "parapet",
        };
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document })).await;
    }

    /// Replaces the whole text.
    pub(crate) async fn change(&mut self, file: &str, version: i64, text: &str) {
        let document = json!({ "uri": self.uri(file), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.tell("textDocument/didChange", params).await;
    }

    /// Replaces a range: line, column, line, column.
    pub(crate) async fn edit(&mut self, file: &str, version: i64, [line, column, to, end]: [u32; 4], text: &str) {
        let range = json!({ "start": position(line, column), "end": position(to, end) });
        let document = json!({ "uri": self.uri(file), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "range": range, "text": text }] });
        self.tell("textDocument/didChange", params).await;
    }

    /// What a question about a place needs.
    pub(crate) fn at(&self, file: &str, line: u32, column: u32) -> Value {
        json!({ "textDocument": { "uri": self.uri(file) }, "position": position(line, column) })
    }

    pub(crate) fn document(&self, file: &str) -> Value {
        json!({ "textDocument": { "uri": self.uri(file) } })
    }

    /// Says goodbye; the exit status.
    pub(crate) async fn leave(mut self) -> u8 {
        self.ask("shutdown", Value::Null).await;
        self.exit().await
    }

    /// Says goodbye, and waits for no answer; the exit status.
    pub(crate) async fn go(mut self) -> u8 {
        self.begin("shutdown", Value::Null).await;
        self.exit().await
    }

    async fn exit(mut self) -> u8 {
        self.tell("exit", Value::Null).await;
        tokio::time::timeout(LONG, self.server).await.unwrap().unwrap()
    }
}

fn position(line: u32, column: u32) -> Value {
    json!({ "line": line, "character": column })
}

pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// Codes of diagnostics with their lines, from 0.
pub(crate) fn codes(diagnostics: &Value) -> Vec<String> {
    let code = |found: &Value| format!("{}:{}", found["code"].as_str().unwrap(), found["range"]["start"]["line"]);
    diagnostics.as_array().unwrap().iter().map(code).collect()
}

/// `line:column-line:column` of a range.
pub(crate) fn shown(range: &Value) -> String {
    let at = |end: &str| format!("{}:{}", range[end]["line"], range[end]["character"]);
    format!("{}-{}", at("start"), at("end"))
}

/// A text after edits of the protocol, for texts of ASCII.
pub(crate) fn edited(text: &str, edits: &Value) -> String {
    let offset = |at: &Value| {
        let line = at["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + at["character"].as_u64().unwrap() as usize
    };
    let mut all: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| (offset(&edit["range"]["start"]), offset(&edit["range"]["end"]), edit["newText"].as_str().unwrap()))
        .collect();
    all.sort();
    let mut text = text.to_owned();
    for (start, end, with) in all.into_iter().rev() {
        text.replace_range(start..end, with);
    }
    text
}
