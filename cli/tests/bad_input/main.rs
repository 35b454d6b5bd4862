//! Bad inputs, bad rules and bad flags: a clear message with a place, the documented status, no panic, no hang.
//!
//! Each test writes files into a folder of its own and runs the binary there. [`Folder::parapet`] ends a run that
//! takes too long and refuses every sign of a fault of Parapet itself. What the messages say in full is asserted by
//! the suites of the crates; here their gist and their position count.
#![cfg(test)]

mod folders;
mod inputs;
mod rules;

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const LONGEST: Duration = Duration::from_secs(60);

/// A guardrail that fails on every queue but `good`.
const RULES: &str = "/// Queues are good.\n///\n/// # Fix\n/// Rename it.\nguardrail named(q: AWS::SQS::Queue) {\n    \
                     require q.QueueName == \"good\"\n}\n";

/// A folder that ends with its test.
struct Folder {
    path: PathBuf,
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// What a run left.
struct Run {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("parapet-bad-input-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder { path }
    }

    fn with(self, name: &str, content: impl AsRef<[u8]>) -> Folder {
        let path = self.path.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    #[cfg(unix)]
    fn with_link(self, name: &str, target: &str) -> Folder {
        std::os::unix::fs::symlink(target, self.path.join(name)).unwrap();
        self
    }

    #[cfg(unix)]
    fn with_pipe(self, name: &str) -> Folder {
        let made = Command::new("mkfifo").arg(self.path.join(name)).status().unwrap();
        assert!(made.success(), "mkfifo {name}");
        self
    }

    /// Runs the binary; a run that a signal ended has no status.
    fn run(&self, arguments: &[&str], input: &[u8]) -> Run {
        let mut child = Command::new(env!("CARGO_BIN_EXE_parapet"))
            .args(arguments)
            .current_dir(&self.path)
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (out, err) = (drain(child.stdout.take().unwrap()), drain(child.stderr.take().unwrap()));
        let mut stdin = child.stdin.take().unwrap();
        // A command that reads no standard input closes it.
        let _ = stdin.write_all(input);
        drop(stdin);
        let status = wait(&mut child, arguments);
        Run { status, out: out.join().unwrap(), err: err.join().unwrap() }
    }

    /// Runs the binary, which must neither break off nor take too long.
    fn parapet(&self, arguments: &[&str]) -> Run {
        self.parapet_reading(arguments, b"")
    }

    fn parapet_reading(&self, arguments: &[&str], input: &[u8]) -> Run {
        let run = self.run(arguments, input);
        assert!(!run.err.contains("panicked"), "{arguments:?} panicked: {}", clipped(&run.err));
        assert!(!run.err.contains("fault of Parapet"), "{arguments:?}: {}", clipped(&run.err));
        assert!(run.status.is_some_and(|status| ![70, 101].contains(&status)), "{arguments:?}: {}", clipped(&run.err));
        run
    }

    fn check(&self, input: &str) -> Run {
        self.parapet(&["check", input, "--rules", "rules.parapet", "--all"])
    }
}

fn drain(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn wait(child: &mut Child, arguments: &[&str]) -> Option<i32> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if started.elapsed() > LONGEST {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{arguments:?} took longer than {LONGEST:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn clipped(text: &str) -> String {
    text.chars().take(2_000).collect()
}

impl Run {
    fn ends(&self, status: i32) -> &Run {
        let (out, err) = (clipped(&self.out), clipped(&self.err));
        assert_eq!(self.status, Some(status), "\n--- out\n{out}\n--- err\n{err}");
        self
    }

    fn says(&self, part: &str) -> &Run {
        assert!(self.err.contains(part), "{part:?} is not said:\n{}", clipped(&self.err));
        self
    }

    fn prints(&self, part: &str) -> &Run {
        assert!(self.out.contains(part), "{part:?} is not printed:\n{}", clipped(&self.out));
        self
    }
}

/// A queue's record, with the line end.
fn queue(name: &str) -> String {
    format!(
        "{{\"type\":\"AWS::SQS::Queue\",\"id\":\"{name}\",\"account\":\"111122223333\",\"region\":\"eu-west-1\",\
         \"properties\":{{\"QueueName\":\"{name}\"}}}}\n"
    )
}

/// A line between two good ones is bad: both are judged, and the bad one is named with its position.
fn bad_line(line: impl AsRef<[u8]>, message: &str) {
    let input = [queue("good").as_bytes(), line.as_ref(), b"\n", queue("other").as_bytes()].concat();
    let folder = Folder::new().with("rules.parapet", RULES).with("in.ndjson", input);
    let run = folder.check("in.ndjson");
    run.ends(4).says(message).prints("AWS::SQS::Queue good").prints("AWS::SQS::Queue other").prints("1 pass, 1 fail");
}

/// An input of which nothing can be read.
fn bad_input(content: impl AsRef<[u8]>, message: &str) {
    let folder = Folder::new().with("rules.parapet", RULES).with("in.json", content);
    folder.check("in.json").ends(4).says(message).prints("0 pass, 0 fail");
}

/// A guardrail with this body.
fn guardrail(body: &str) -> String {
    format!("guardrail named(q: AWS::SQS::Queue) {{\n    {body}\n}}\n")
}

fn with_rules(rules: impl AsRef<[u8]>) -> Folder {
    Folder::new().with("rules.parapet", rules).with("in.ndjson", queue("good"))
}

const DEEP: usize = 100_000;

/// Rules that do not check: nothing is evaluated, and the place is said, by `check` as by `lint`.
fn bad_rules(rules: impl AsRef<[u8]>, code: &str, place: &str) {
    let folder = with_rules(rules);
    let run = folder.check("in.ndjson");
    run.ends(3).says(&format!("error[{code}]")).says(&format!("rules.parapet:{place}"));
    assert_eq!(run.out, "", "nothing is evaluated");
    folder.parapet(&["lint", "rules.parapet"]).ends(1).prints(&format!("rules.parapet:{place}"));
}
