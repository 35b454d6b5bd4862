//! `check --watch`, as somebody uses it who edits rules and inputs.
#![cfg(test)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const RULES: &str = "guardrail volume_is_encrypted(volume: AWS::EC2::Volume) {
    require volume.Encrypted ?? false
}

guardrail volume_is_small(volume: AWS::EC2::Volume) {
    require (volume.Size ?? 0) < 100
}
";

/// A folder that is removed in the end, and a program that is ended.
struct Watching {
    folder: PathBuf,
    child: Child,
    lines: Receiver<String>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn volume(id: &str, encrypted: bool) -> String {
    format!(
        "{{\"type\": \"AWS::EC2::Volume\", \"id\": \"{id}\", \"account\": \"1\", \"region\": \"eu-west-1\", \
         \"properties\": {{\"Encrypted\": {encrypted}, \"Size\": 8}}}}\n"
    )
}

impl Watching {
    fn start(name: &str, inventory: &str) -> Watching {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("watch-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("rules.parapet"), RULES).unwrap();
        fs::write(folder.join("in.ndjson"), inventory).unwrap();
        let arguments = ["check", "in.ndjson", "-r", "rules.parapet", "--watch", "--format", "json=out.json"];
        let mut child = Command::new(env!("CARGO_BIN_EXE_parapet"))
            .current_dir(&folder)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, lines) = channel();
        let told = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || told.lines().map_while(Result::ok).for_each(|line| drop(send.send(line))));
        Watching { folder, child, lines }
    }

    /// What is said until the program waits.
    fn run(&self) -> String {
        let mut told = String::new();
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(120)).expect("it should wait for changes by now");
            if line.starts_with("watching for changes") {
                return told;
            }
            told.push_str(&line);
            told.push('\n');
        }
    }

    fn write(&self, name: &str, text: &str) {
        // Beside the file first: nobody is to see half of it.
        let beside = self.folder.join(format!("{name}.new"));
        fs::write(&beside, text).unwrap();
        fs::rename(beside, self.folder.join(name)).unwrap();
    }

    fn summary(&self) -> serde_json::Value {
        let text = fs::read_to_string(self.folder.join("out.json")).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["summary"].clone()
    }
}

#[test]
fn what_changed_is_judged_again() {
    let watching = Watching::start("rules", &(volume("a", true) + &volume("b", false)));
    let first = watching.run();
    assert!(first.contains("judged 2 of 2 guardrails"), "{first}");
    assert_eq!((watching.summary()["pass"].as_u64(), watching.summary()["fail"].as_u64()), (Some(3), Some(1)));

    watching.write("rules.parapet", &RULES.replace("< 100", "< 5"));
    let edited = watching.run();
    assert!(edited.contains("changed: rules.parapet"), "{edited}");
    assert!(edited.contains("2 new, 0 no more") && edited.contains("judged 1 of 2 guardrails"), "{edited}");
    assert_eq!((watching.summary()["pass"].as_u64(), watching.summary()["fail"].as_u64()), (Some(1), Some(3)));

    watching.write("in.ndjson", &(volume("a", true) + &volume("b", true)));
    let changed = watching.run();
    assert!(changed.contains("changed: in.ndjson") && changed.contains("0 new, 1 no more"), "{changed}");
    assert!(
        changed.contains("no more fail: rules::volume_is_encrypted, AWS::EC2::Volume b (1, eu-west-1)"),
        "{changed}"
    );
    assert!(changed.contains("judged 2 of 2 guardrails"), "{changed}");

    // Another property is read, of the records of that type; the other guardrail says what it said.
    watching.write("rules.parapet", &RULES.replace("(volume.Size ?? 0) < 100", "volume.KmsKeyId is absent"));
    let more = watching.run();
    assert!(more.contains("0 new, 2 no more") && more.contains("judged 1 of 2 guardrails"), "{more}");
}

#[test]
fn a_constant_behind_a_default_is_noticed() {
    let watching = Watching::start("default", &volume("a", true));
    watching.run();
    let rules = |limit: usize| {
        format!("const LIMIT = {limit}\n\nparam limit: Int = LIMIT\n\n{}", RULES.replace("< 100", "< limit"))
    };
    watching.write("rules.parapet", &rules(100));
    watching.run();
    assert_eq!(watching.summary()["pass"].as_u64(), Some(2));
    watching.write("rules.parapet", &rules(5));
    let edited = watching.run();
    assert!(edited.contains("1 new, 0 no more") && edited.contains("judged 1 of 2 guardrails"), "{edited}");
    assert_eq!(watching.summary()["fail"].as_u64(), Some(1));
}

/// A resource with an error in what is read is none, as long as that is read.
#[test]
fn what_is_not_read_any_more_has_no_error() {
    let bucket = "{\"type\": \"AWS::S3::Bucket\", \"id\": \"b\", \"account\": \"1\", \"region\": \"eu-west-1\", \"properties\": \
                  {\"BucketName\": \"b\", \"VersioningConfiguration\": {\"Status\": \"Enabled\", \"status\": \"Suspended\"}}}\n";
    let watching = Watching::start("spelled", &(volume("a", true) + bucket));
    watching.run();
    let named = "guardrail bucket_is_named(b: AWS::S3::Bucket) {\n    require (b.BucketName ?? \"\") like \"x*\"\n}\n";
    let versioned =
        "guardrail has_versions(b: AWS::S3::Bucket) {\n    require b.VersioningConfiguration is present\n}\n";
    watching.write("rules.parapet", &format!("{named}\n{versioned}"));
    let both = watching.run();
    assert!(both.contains("two spellings of `Status`"), "{both}");
    assert_eq!(watching.summary()["fail"].as_u64(), Some(0));
    watching.write("rules.parapet", named);
    let edited = watching.run();
    assert!(!edited.contains("two spellings"), "{edited}");
    assert_eq!(watching.summary()["fail"].as_u64(), Some(1));
}

#[test]
fn what_is_broken_is_said_and_mended() {
    let watching = Watching::start("broken", &volume("a", false));
    watching.run();
    watching.write("rules.parapet", &RULES.replace("volume.Encrypted", "volume.Encripted"));
    let broken = watching.run();
    assert!(broken.contains("Encripted"), "{broken}");
    watching.write("rules.parapet", RULES);
    let mended = watching.run();
    assert!(mended.contains("0 new, 0 no more"), "{mended}");
    fs::remove_file(watching.folder.join("in.ndjson")).unwrap();
    let gone = watching.run();
    assert!(gone.contains("changed: in.ndjson") && gone.contains("0 new, 1 no more"), "{gone}");
    watching.write("in.ndjson", &volume("a", false));
    let back = watching.run();
    assert!(back.contains("1 new, 0 no more"), "{back}");
}

#[test]
fn standard_input_cannot_be_watched() {
    let arguments = ["check", "-", "--watch"];
    let refused = Command::new(env!("CARGO_BIN_EXE_parapet")).args(arguments).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("standard input cannot be read again"));
}
