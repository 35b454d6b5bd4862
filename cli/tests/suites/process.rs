//! Starting `parapet` in a folder of its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a process left.
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A folder that is removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> std::io::Result<Folder> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("suite-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Folder(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, path: &str, text: &str) -> std::io::Result<()> {
        let path = self.0.join(path);
        if let Some(above) = path.parent() {
            std::fs::create_dir_all(above)?;
        }
        std::fs::write(path, text)
    }

    /// Copies all that is in `from`.
    pub(crate) fn copy(&self, from: &Path) -> std::io::Result<()> {
        copy(from, &self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind lies in the target folder, where nothing reads it.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Runs `parapet` with these arguments.
pub(crate) fn parapet(folder: &Path, args: &[String], input: &str) -> std::io::Result<Ended> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parapet"));
    command.args(args).current_dir(folder).env("NO_COLOR", "1");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input may be gone already.
        drop(stdin.write_all(input.as_bytes()));
    }
    let output = child.wait_with_output()?;
    Ok(Ended {
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Gives a line to the shell after a command that ended with `status`; what a terminal would show, and the new status.
#[cfg(unix)]
pub(crate) fn shell(folder: &Path, line: &str, status: i32) -> std::io::Result<(String, i32)> {
    let binary = Path::new(env!("CARGO_BIN_EXE_parapet"));
    let mut paths: Vec<PathBuf> = binary.parent().map(Path::to_owned).into_iter().collect();
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let path = std::env::join_paths(paths).map_err(std::io::Error::other)?;
    use std::io::Read;

    // Both streams go into one pipe, so that their lines keep the order in which they were written.
    let (mut reader, writer) = std::io::pipe()?;
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("(exit {status}); {line}")).current_dir(folder);
    command.env("PATH", path).env("NO_COLOR", "1").env_remove("COLUMNS");
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn()?;
    // The command holds the ends for writing; the reader waits until they are closed.
    drop(command);
    let mut shown = Vec::new();
    reader.read_to_end(&mut shown)?;
    let status = child.wait()?.code().unwrap_or(-1);
    Ok((String::from_utf8_lossy(&shown).into_owned(), status))
}
