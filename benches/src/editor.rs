//! What an editor waits for: the server on a pipe, spoken to by the least of an editor.
//!
//! Here time is what goes by, from the message that is sent to the one that comes: people wait for that. The least of many
//! rounds would flatter; so the median and the 95th percentile are told.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};

use crate::rules::{self, File};

/// Numbers of files: of [`rules::PER_FILE`] guardrails each.
pub(crate) const SIZES: [usize; 3] = [10, 100, 1000];

/// The argument that makes this program measure memory once, in a process of its own; behind it a folder and a file there.
pub(crate) const MEMORY: &str = "--editor-memory";

/// Edits and questions of each kind.
const ROUNDS: usize = 200;

/// What is measured, with the limits for the sizes in milliseconds; 0 is none.
pub(crate) const STEPS: [(&str, [u32; 3]); 10] = [
    (START, [50, 150, 800]),
    (ALL, [0, 0, 0]),
    (FIRST, [0, 0, 0]),
    (EDIT, [2, 3, 15]),
    (EXPORT, [2, 5, 25]),
    (COMPLETION, [2, 3, 10]),
    (WORD, [2, 3, 10]),
    (HOVER, [10, 10, 10]),
    (COLOURS, [10, 10, 10]),
    (WITHDRAWN, [5, 5, 5]),
];

/// What the server may take, in megabytes, by the number of files.
pub(crate) const MEMORY_LIMITS: [u32; 3] = [60, 80, 200];

/// When its memory is looked at.
pub(crate) const MOMENTS: [&str; 2] = ["once all files are checked", "after an edit, and a pause"];

const START: &str = "from `initialize` to the first diagnostics of the open file";
const ALL: &str = "from `initialize` until all files are checked";
const FIRST: &str = "from the first edit of a file, a second later, to its diagnostics";
const EDIT: &str = "from an edit in a body to the diagnostics of its file";
const EXPORT: &str = "from an edit of a name that others import to the diagnostics of its file and of one of those";
const COMPLETION: &str = "completion behind a dot, right after an edit";
const WORD: &str = "completion of a word that other modules have, right after an edit";
const HOVER: &str = "hover";
const COLOURS: &str = "semantic tokens of the file, right after an edit";
const WITHDRAWN: &str = "from withdrawing a question about all files, right after such an edit, to its answer";

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

/// What was measured of rules of one size.
pub(crate) struct Measured {
    /// The times of each step, in the order of [`STEPS`].
    pub(crate) times: Vec<Times>,
    /// Bytes of the server, at each of the [`MOMENTS`]; none where the system does not tell.
    pub(crate) memory: Vec<u64>,
}

/// Measures with so many files.
pub(crate) fn measure(files: usize) -> Result<Measured> {
    let folder = std::env::temp_dir().join(format!("parapet-bench-{}-{files}", std::process::id()));
    let all = rules::files(files);
    for file in &all {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().context("no folder")?)?;
        std::fs::write(path, &file.text)?;
    }
    let [opened, user] = imported(&all).context("no file is used by another")?;
    let runtime = parapet_lsp::runtime()?;
    let times = runtime.block_on(talk(&folder, opened, user));
    runtime.shutdown_background();
    let program = std::env::current_exe()?;
    let output = std::process::Command::new(program).arg(MEMORY).arg(&folder).arg(&opened.path).output()?;
    std::fs::remove_dir_all(&folder)?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let memory = String::from_utf8(output.stdout)?;
    let memory = memory.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    Ok(Measured { times: times?, memory })
}

/// A file from the middle that another one imports, and that one.
fn imported(all: &[File]) -> Option<[&File; 2]> {
    let mut files = all.iter().skip(all.len() / 3);
    files.find_map(|file| {
        let import = format!("::{}::{{", Path::new(&file.path).file_stem()?.to_str()?);
        let user = all.iter().find(|other| other.text.contains(&import))?;
        Some([file, user])
    })
}

/// Measures memory in this process, where nobody but the server and the least of an editor is; gives bytes.
pub(crate) fn memory_once(folder: &Path, path: &str) -> Result<String> {
    let text = std::fs::read_to_string(folder.join(path))?;
    let runtime = parapet_lsp::runtime()?;
    let sizes = runtime.block_on(async {
        let mut editor = Editor::start(folder, path, &text, json!({})).await?;
        editor.diagnostics(1).await?;
        editor.settled().await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let settled = resident();
        let (line, column) = place(&text)?;
        editor.edit(line, column, "not ").await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        anyhow::Ok([settled, resident()])
    })?;
    runtime.shutdown_background();
    let sizes: Vec<String> = sizes.into_iter().flatten().map(|bytes| bytes.to_string()).collect();
    Ok(sizes.join(" "))
}

/// The bytes of this process that are in memory, files that are mapped among them.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// Where edits in a body are made: a line, and the column behind `require`.
fn place(text: &str) -> Result<(usize, usize)> {
    let line = text.lines().position(|line| line.starts_with("    require ")).context("nothing to edit")?;
    Ok((line, "    require ".len()))
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

async fn talk(folder: &Path, File { path, text }: &File, user: &File) -> Result<Vec<Times>> {
    let (line, column) = place(text)?;
    let (mut starts, mut ends, mut firsts) = (Vec::new(), Vec::new(), Vec::new());
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
        tokio::time::sleep(Duration::from_secs(1)).await;
        let begin = Instant::now();
        editor.edit(line, column, " ").await?;
        firsts.push(begin.elapsed());
        last = Some(editor);
    }
    let mut editor = last.context("no editor")?;
    let mut steps = vec![Vec::new(); STEPS.len()];
    if let [start, end, first, ..] = steps.as_mut_slice() {
        (*start, *end, *first) = (starts, ends, firsts);
    }
    for round in 0..ROUNDS {
        let begin = Instant::now();
        editor.edit(line, column, if round % 2 == 0 { "not " } else { "" }).await?;
        note(&mut steps, EDIT, begin);
        let dot = text.lines().nth(line).and_then(|line| line.find('.')).context("no dot")? + 2;
        editor.change(line, column, " ").await?;
        let begin = Instant::now();
        editor.ask("textDocument/completion", line, dot).await?;
        note(&mut steps, COMPLETION, begin);
        let begin = Instant::now();
        editor.ask("textDocument/hover", line, dot).await?;
        note(&mut steps, HOVER, begin);
        editor.change(line, column, "is_l ").await?;
        let begin = Instant::now();
        editor.ask("textDocument/completion", line, column + "is_l".len()).await?;
        note(&mut steps, WORD, begin);
        editor.change(line, column, "").await?;
        let begin = Instant::now();
        editor.ask("textDocument/semanticTokens/full", line, dot).await?;
        note(&mut steps, COLOURS, begin);
        // What was told meanwhile was passed over.
        editor.edit(line, column, " ").await?;
    }
    exports(&mut editor, folder, user, &mut steps).await?;
    Ok(steps.into_iter().map(Times).collect())
}

/// Edits of a name that another open file imports, and questions about all files that are withdrawn at once.
async fn exports(editor: &mut Editor, folder: &Path, user: &File, steps: &mut [Vec<Duration>]) -> Result<()> {
    let uri = format!("file://{}", folder.join(&user.path).display());
    let document = json!({ "uri": uri, "languageId": "parapet", "version": 1, "text": user.text });
    editor.tell("textDocument/didOpen", json!({ "textDocument": document })).await?;
    let of_user = |message: &str| message.contains("publishDiagnostics") && message.contains(&uri);
    editor.receive(of_user).await?;
    let text = editor.text.clone();
    let line = text.lines().position(|line| line.starts_with("pub fn is_listed_")).context("no function")?;
    let old = text.lines().nth(line).context("no function")?;
    let new = old.replacen("(port", "_now(port", 1);
    for round in 0..ROUNDS {
        let begin = Instant::now();
        editor.write_line(line, if round % 2 == 0 { &new } else { old }).await?;
        editor.receive_all(&[&editor.publishes(editor.version), &of_user]).await?;
        note(steps, EXPORT, begin);
    }
    for round in 0..ROUNDS {
        editor.write_line(line, if round % 2 == 0 { &new } else { old }).await?;
        let id = editor.begin("workspace/diagnostic", json!({ "previousResultIds": [] })).await?;
        let begin = Instant::now();
        editor.tell("$/cancelRequest", json!({ "id": id })).await?;
        let came = editor.receive_all(&[&answers(id), &editor.publishes(editor.version), &of_user]).await?;
        if let (Some(at), Some(times)) = (came.first(), steps.last_mut()) {
            times.push(at.saturating_duration_since(begin));
        }
    }
    Ok(())
}

/// Whether a message is the answer to a question.
fn answers(id: i64) -> impl Fn(&str) -> bool {
    move |message| {
        message.starts_with("{\"jsonrpc\"")
            && message.contains(&format!("\"id\":{id}"))
            && !message.contains("\"method\":\"")
    }
}

fn note(steps: &mut [Vec<Duration>], step: &str, begin: Instant) {
    let mut all = STEPS.iter().zip(steps);
    if let Some((_, times)) = all.find(|((name, _), _)| *name == step) {
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

    /// Asks a question; its number.
    async fn begin(&mut self, method: &str, params: Value) -> Result<i64> {
        self.asked += 1;
        let id = self.asked;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await?;
        Ok(id)
    }

    async fn question(&mut self, method: &str, params: Value) -> Result<()> {
        let id = self.begin(method, params).await?;
        self.receive(answers(id)).await?;
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
        self.receive(self.publishes(version)).await
    }

    /// Whether a message has the diagnostics of a version.
    fn publishes(&self, version: i64) -> impl Fn(&str) -> bool + use<> {
        let (uri, version) = (self.uri.clone(), format!("\"version\":{version}}}"));
        move |message| message.contains("publishDiagnostics") && message.contains(&uri) && message.contains(&version)
    }

    /// Waits for a message of each kind, in any order; when they came.
    async fn receive_all(&mut self, kinds: &[&dyn Fn(&str) -> bool]) -> Result<Vec<Instant>> {
        let mut came: Vec<Option<Instant>> = vec![None; kinds.len()];
        while came.contains(&None) {
            let message = self.receive(|message| kinds.iter().any(|fits| fits(message))).await?;
            let now = Instant::now();
            let fitting = kinds.iter().zip(&mut came).filter(|(fits, _)| fits(&message));
            fitting.for_each(|(_, came)| *came = came.or(Some(now)));
        }
        Ok(came.into_iter().flatten().collect())
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
