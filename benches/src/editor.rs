//! What an editor waits for: the server on a pipe, spoken to by the least of an editor.
//!
//! Here time is what goes by, from the message that is sent to the one that comes: people wait for that. The least of many
//! rounds would flatter; so the median and the 95th percentile are told.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};

use crate::rules;

/// Numbers of files: of [`rules::PER_FILE`] guardrails each.
pub(crate) const SIZES: [usize; 2] = [10, 1000];

/// Edits and questions of each kind.
const ROUNDS: usize = 200;

/// What is measured, with the limits for both sizes in milliseconds; 0 is none.
pub(crate) const STEPS: [(&str, [u32; 2]); 7] = [
    (START, [50, 800]),
    (ALL, [0, 0]),
    (EDIT, [2, 15]),
    (COMPLETION, [10, 10]),
    (WORD, [10, 10]),
    (HOVER, [10, 10]),
    (COLOURS, [10, 10]),
];

const START: &str = "from `initialize` to the first diagnostics of the open file";
const ALL: &str = "from `initialize` until all files are checked";
const EDIT: &str = "from an edit in a body to the diagnostics of its file";
const COMPLETION: &str = "completion behind a dot, right after an edit";
const WORD: &str = "completion of a word that other modules have, right after an edit";
const HOVER: &str = "hover";
const COLOURS: &str = "semantic tokens of the file, right after an edit";

/// What the server asks.
const ASKED: [&str; 2] = ["\"method\":\"window/workDoneProgress/create\"", "\"method\":\"workspace/codeLens/refresh\""];

/// The times of a step.
pub(crate) struct Times(pub(crate) Vec<Duration>);

impl Times {
    /// The time that this share of all was done in.
    pub(crate) fn share(&self, percent: usize) -> Duration {
        let mut times = self.0.clone();
        times.sort();
        let at = (times.len() * percent).div_ceil(100).saturating_sub(1);
        times.get(at).copied().unwrap_or_default()
    }
}

/// The times of each step, in the order of [`STEPS`].
pub(crate) fn measure(files: usize) -> Result<Vec<Times>> {
    let folder = std::env::temp_dir().join(format!("parapet-bench-{}-{files}", std::process::id()));
    let all = rules::files(files);
    for file in &all {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().context("no folder")?)?;
        std::fs::write(path, &file.text)?;
    }
    let opened = all.get(files / 3).context("no file")?;
    let runtime = parapet_lsp::runtime()?;
    let times = runtime.block_on(talk(&folder, &opened.path, &opened.text));
    runtime.shutdown_background();
    std::fs::remove_dir_all(&folder)?;
    times
}

/// The least of an editor.
pub(crate) struct Editor {
    write: WriteHalf<DuplexStream>,
    read: BufReader<ReadHalf<DuplexStream>>,
    uri: String,
    text: String,
    version: i64,
    asked: i64,
}

async fn talk(folder: &Path, path: &str, text: &str) -> Result<Vec<Times>> {
    let (mut starts, mut ends) = (Vec::new(), Vec::new());
    let mut last = None;
    for _ in 0..5 {
        drop(last.take());
        let begin = Instant::now();
        let mut editor = Editor::start(folder, path, text, json!({})).await?;
        let first = editor.diagnostics(1).await?;
        starts.push(begin.elapsed());
        // Rules that do not check cost something else.
        anyhow::ensure!(!first.contains("\"severity\":1"), "the rules have errors: {first}");
        editor.settled().await?;
        ends.push(begin.elapsed());
        last = Some(editor);
    }
    let mut editor = last.context("no editor")?;
    let line = text.lines().position(|line| line.starts_with("    require ")).context("nothing to edit")?;
    let column = "    require ".len();
    // The first edit looks through everything once; it is part of opening a file.
    editor.edit(line, column, " ").await?;
    let mut steps = vec![starts, ends, Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        let begin = Instant::now();
        editor.edit(line, column, if round % 2 == 0 { "not " } else { "" }).await?;
        note(&mut steps, 2, begin);
        let dot = text.lines().nth(line).and_then(|line| line.find('.')).context("no dot")? + 2;
        editor.change(line, column, " ").await?;
        let begin = Instant::now();
        editor.ask("textDocument/completion", line, dot).await?;
        note(&mut steps, 3, begin);
        let begin = Instant::now();
        editor.ask("textDocument/hover", line, dot).await?;
        note(&mut steps, 5, begin);
        editor.change(line, column, "is_l ").await?;
        let begin = Instant::now();
        editor.ask("textDocument/completion", line, column + "is_l".len()).await?;
        note(&mut steps, 4, begin);
        editor.change(line, column, "").await?;
        let begin = Instant::now();
        editor.ask("textDocument/semanticTokens/full", line, dot).await?;
        note(&mut steps, 6, begin);
        // What was told meanwhile was passed over.
        editor.edit(line, column, " ").await?;
    }
    Ok(steps.into_iter().map(Times).collect())
}

fn note(steps: &mut [Vec<Duration>], at: usize, begin: Instant) {
    if let Some(times) = steps.get_mut(at) {
        times.push(begin.elapsed());
    }
}

impl Editor {
    /// Opens a file of the rules in a folder.
    pub(crate) async fn start(folder: &Path, path: &str, text: &str, options: Value) -> Result<Editor> {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (input, output) = tokio::io::split(theirs);
        tokio::spawn(parapet_lsp::serve(input, output, folder.join(".library")));
        let (read, write) = tokio::io::split(ours);
        let uri = format!("file://{}", folder.join(path).display());
        let text = text.to_owned();
        let mut editor = Editor { write, read: BufReader::new(read), uri, text, version: 1, asked: 0 };
        // The modules are named from here on.
        let root = format!("file://{}", folder.join(rules::FOLDER).display());
        let capabilities = json!({
            "window": { "workDoneProgress": true },
            "workspace": { "codeLens": { "refreshSupport": true } },
        });
        let params = json!({
            "capabilities": capabilities,
            "initializationOptions": options,
            "workspaceFolders": [{ "uri": root, "name": "w" }],
        });
        editor.question("initialize", params).await?;
        editor.tell("initialized", json!({})).await?;
        let document = json!({ "uri": editor.uri, "languageId": "parapet", "version": 1, "text": editor.text });
        editor.tell("textDocument/didOpen", json!({ "textDocument": document })).await?;
        Ok(editor)
    }

    async fn send(&mut self, message: Value) -> Result<()> {
        let body = message.to_string();
        self.write.write_all(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await?;
        Ok(())
    }

    async fn tell(&mut self, method: &str, params: Value) -> Result<()> {
        self.send(json!({ "jsonrpc": "2.0", "method": method, "params": params })).await
    }

    async fn question(&mut self, method: &str, params: Value) -> Result<()> {
        self.asked += 1;
        let id = self.asked;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await?;
        self.receive(|message| {
            message.starts_with("{\"jsonrpc\"")
                && message.contains(&format!("\"id\":{id}"))
                && !message.contains("\"method\":\"")
        })
        .await?;
        Ok(())
    }

    async fn ask(&mut self, method: &str, line: usize, column: usize) -> Result<()> {
        let position = json!({ "line": line, "character": column });
        self.question(method, json!({ "textDocument": { "uri": self.uri }, "position": position })).await
    }

    /// Replaces what stands between a column and the rest of its line, which stays.
    async fn change(&mut self, line: usize, column: usize, with: &str) -> Result<()> {
        let old = self.text.lines().nth(line).unwrap_or_default().to_owned();
        let rest = old.get(column..).unwrap_or_default().trim_start();
        let original = rest.trim_start_matches("not ").trim_start_matches("is_l ");
        let new = format!("{}{with}{original}", old.get(..column).unwrap_or_default());
        self.write_line(line, &new).await
    }

    /// Puts a line in the place of another.
    pub(crate) async fn write_line(&mut self, line: usize, new: &str) -> Result<()> {
        let old = self.text.lines().nth(line).unwrap_or_default().to_owned();
        self.text = self.text.replacen(&old, new, 1);
        self.version += 1;
        let range =
            json!({ "start": { "line": line, "character": 0 }, "end": { "line": line, "character": old.len() } });
        let document = json!({ "uri": self.uri, "version": self.version });
        let changes = json!([{ "range": range, "text": new }]);
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes })).await
    }

    async fn edit(&mut self, line: usize, column: usize, with: &str) -> Result<()> {
        self.change(line, column, with).await?;
        self.diagnostics(self.version).await?;
        Ok(())
    }

    /// The diagnostics of a version, as they come.
    async fn diagnostics(&mut self, version: i64) -> Result<String> {
        let (uri, version) = (self.uri.clone(), format!("\"version\":{version}}}"));
        self.receive(|message| {
            message.contains("publishDiagnostics") && message.contains(&uri) && message.contains(&version)
        })
        .await
    }

    /// Waits until all files were checked once.
    async fn settled(&mut self) -> Result<()> {
        self.receive(|message| message.contains("$/progress") && message.contains("\"kind\":\"end\"")).await?;
        Ok(())
    }

    /// The next message that fits; what the server asks on the way is answered.
    pub(crate) async fn receive(&mut self, fits: impl Fn(&str) -> bool) -> Result<String> {
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                anyhow::ensure!(self.read.read_line(&mut line).await? > 0, "the server went away");
                match line.trim().strip_prefix("Content-Length: ") {
                    Some(value) => length = value.parse()?,
                    None if line.trim().is_empty() => break,
                    None => {}
                }
            }
            let mut body = vec![0; length];
            self.read.read_exact(&mut body).await?;
            let message = String::from_utf8(body)?;
            if ASKED.iter().any(|asked| message.contains(asked)) {
                let asked: Value = serde_json::from_str(&message)?;
                self.send(json!({ "jsonrpc": "2.0", "id": asked.get("id"), "result": null })).await?;
            }
            if fits(&message) {
                return Ok(message);
            }
        }
    }
}
