//! Bad inputs, bad rules and bad flags: a clear message with a place, the documented status, no panic, no hang.
//!
//! Each test writes files into a folder of its own and runs the binary there. [`Folder::parapet`] ends a run that
//! takes too long and refuses every sign of a fault of Parapet itself. What the messages say in full is asserted by
//! the suites of the crates; here their gist and their position count.
#![cfg(test)]

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

// Inputs.

#[test]
fn a_malformed_record_is_named() {
    bad_line(r#"{"type": "AWS::SQS::Queue", "id": }"#, "in.ndjson:2:35: expected a JSON value");
    bad_line("nonsense", "in.ndjson:2:1: expected a record");
    bad_line("{\"type\": \"AWS::SQS::Queue\" \"id\": 1}", "in.ndjson:2:");
    bad_line("[1, 2]", "in.ndjson:2:");
    bad_line("\u{0}", "in.ndjson:2:1: expected a record");
    bad_line(r#"{"type":"AWS::SQS::Queue","id":"\ud800","properties":{}}"#, "in.ndjson:2:39: half of a surrogate pair");
}

#[test]
fn a_truncated_input_is_named() {
    let input = format!("{}{}", queue("good"), r#"{"type": "AWS::SQS::Queue", "id": "x", "prop"#);
    let folder = Folder::new().with("rules.parapet", RULES).with("in.ndjson", input);
    folder.check("in.ndjson").ends(4).says("in.ndjson:2:45: the input ends inside a record").prints("1 pass, 0 fail");
}

#[test]
fn deep_json_is_refused_where_it_is_too_deep() {
    let lists = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let objects = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    for deep in [&lists, &objects] {
        let line = format!(r#"{{"type":"AWS::SQS::Queue","id":"d","properties":{{"Tags":{deep}}}}}"#);
        bad_line(line, "nested deeper than 127 levels");
    }
    bad_line(&lists, "in.ndjson:2:129: nested deeper than 127 levels");
    // What opens without end swallows all that follows.
    let input = format!("{}{}", queue("good"), "{\"a\":[".repeat(100_000));
    let folder = Folder::new().with("rules.parapet", RULES).with("in.ndjson", input);
    folder.check("in.ndjson").ends(4).says("in.ndjson:2:").prints("1 pass, 0 fail");
}

#[test]
fn bytes_that_are_no_utf8_are_named() {
    let line = [br#"{"type":"AWS::SQS::Queue","id":""#.as_slice(), b"\xff\xfe", br#"","properties":{}}"#].concat();
    bad_line(line, "in.ndjson:2:33: not UTF-8");
}

#[test]
fn a_key_twice_is_an_error_of_the_record() {
    let line = r#"{"type":"AWS::SQS::Queue","id":"a","properties":{"QueueName":"x","QueueName":"good"}}"#;
    bad_line(line, "in.ndjson:2:62: the key \"QueueName\" occurs twice in one object");
}

#[test]
fn two_spellings_of_a_property_are_an_error_of_the_record() {
    let line = r#"{"type":"AWS::SQS::Queue","id":"a","properties":{"QueueName":"x","queueName":"good"}}"#;
    bad_line(line, "in.ndjson:2:1: AWS::SQS::Queue a: two spellings of the property `QueueName`");
}

#[test]
fn numbers_beyond_64_bits_are_unknown() {
    let rules = "guardrail short(q: AWS::SQS::Queue) {\n    require (q.DelaySeconds ?? 0) < 900\n}\n";
    for number in ["123456789012345678901234567890", "1e999999999", "-9223372036854775809", "9223372036854775808"] {
        let record = format!(r#"{{"type":"AWS::SQS::Queue","id":"a","properties":{{"DelaySeconds":{number}}}}}"#);
        let folder = Folder::new().with("rules.parapet", rules).with("in.ndjson", record);
        folder.check("in.ndjson").ends(5).prints("not an Int").prints("1 unknown");
    }
}

#[test]
fn items_that_say_little_are_never_passes() {
    let folder = Folder::new().with("rules.parapet", RULES);
    let unknown_type = format!("{}{}", queue("good"), r#"{"type":"AWS::Nope::Nope","id":"a","properties":{}}"#);
    let folder = folder.with("type.ndjson", unknown_type);
    folder.check("type.ndjson").ends(0).says("type.ndjson:2:1: resource type AWS::Nope::Nope is not known");
    // Without an id a record is itself; it is judged, and its place names it.
    let folder = folder.with("id.ndjson", r#"{"type":"AWS::SQS::Queue","properties":{"QueueName":"x"}}"#);
    folder.check("id.ndjson").ends(1).prints("id.ndjson:1:");
    let folder = folder.with("untyped.ndjson", format!("{}{}", queue("good"), r#"{"id":"a","properties":{}}"#));
    folder.check("untyped.ndjson").ends(4).says("untyped.ndjson:2:1: not a record of any known format");
    for configuration in ["\"null\"", "null", "\"\""] {
        let item = format!(
            r#"{{"configurationItems":[{{"resourceType":"AWS::SQS::Queue","resourceId":"a","configuration":{configuration},"awsAccountId":"111122223333","awsRegion":"eu-west-1","configurationItemStatus":"OK"}}]}}"#
        );
        let folder = Folder::new().with("rules.parapet", RULES).with("in.json", item);
        folder.check("in.json").ends(5).prints("0 pass, 0 fail, 1 unknown");
    }
}

#[test]
fn an_empty_file_is_an_error() {
    bad_input("", "in.json: the input is empty");
    bad_input("\n\n   \n", "in.json: the input is empty");
}

#[test]
fn a_line_of_60_megabytes_is_read() {
    let long = "x".repeat(60_000_000);
    let record = format!(r#"{{"type":"AWS::SQS::Queue","id":"big","properties":{{"QueueName":"{long}"}}}}"#);
    let folder = Folder::new()
        .with("rules.parapet", RULES)
        .with("in.ndjson", format!("{}{record}\n{}", queue("good"), queue("other")));
    folder.check("in.ndjson").ends(1).prints("1 pass, 2 fail");
}

#[test]
fn a_folder_is_walked_and_unknown_files_are_listed() {
    let folder = Folder::new()
        .with("rules.parapet", RULES)
        .with("in/a.ndjson", queue("good"))
        .with("in/below/b.ndjson", queue("other"))
        .with("in/notes.txt", "hello\n")
        .with("in/all.dat", (0..=255).collect::<Vec<u8>>());
    let run = folder.check("in");
    run.ends(1).prints("1 pass, 1 fail").says("in/notes.txt: not an input that a reader knows").says("in/all.dat: not");
    // Named itself, the same file is an error.
    folder.check("in/notes.txt").ends(4).says("in/notes.txt: not an input that a reader knows");
    folder.check("nowhere").ends(4).says("nowhere: cannot be read");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = Folder::new()
        .with("rules.parapet", RULES)
        .with("in/a.ndjson", queue("good"))
        .with_link("in/gone.ndjson", "nothing-here");
    folder.check("in").ends(4).says("in/gone.ndjson: cannot be read").prints("1 pass");
    folder.check("in/gone.ndjson").ends(4).says("in/gone.ndjson: cannot be read");
    let locked = folder.path.join("in/locked.ndjson");
    std::fs::write(&locked, queue("other")).unwrap();
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o000);
    std::fs::set_permissions(&locked, permissions).unwrap();
    // Permission bits do not hold for root.
    if std::fs::File::open(&locked).is_err() {
        folder.check("in").ends(4).says("in/locked.ndjson: cannot be read").prints("1 pass, 0 fail");
    }
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_ends() {
    let folder = Folder::new()
        .with("rules.parapet", RULES)
        .with("in/below/a.ndjson", queue("good"))
        .with_link("in/below/up", "..")
        .with_link("in/self", ".");
    folder.check("in").ends(0).says("read 1 input").prints("1 pass, 0 fail");
    let folder = folder.with_link("in/endless", "endless");
    folder.check("in").ends(4).says("in/endless: cannot be read").prints("1 pass");
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_in_terraform_ends() {
    let configuration =
        r#"{"module": {"m": {"source": "./again"}}, "resource": {"aws_sqs_queue": {"q": {"name": "good"}}}}"#;
    let folder = Folder::new().with("rules.parapet", RULES).with("in/main.tf.json", configuration);
    let run = folder.with_link("in/again", "../in").with_link("in/self", "self");
    let run = run.check("in");
    run.ends(4);
    assert!(run.err.contains("error: in/self: cannot be read"), "{}", run.err);
    assert!(run.err.contains("modules call each other in a circle"), "{}", run.err);
    assert!(run.out.contains("1 pass"), "{}", run.out);
}

#[test]
fn gzip_is_read_and_its_truncation_named() {
    let whole = gzip(format!("{}{}", queue("good"), queue("other")).as_bytes());
    let folder = Folder::new().with("rules.parapet", RULES).with("in.ndjson.gz", &whole);
    folder.check("in.ndjson.gz").ends(1).prints("1 pass, 1 fail");
    // The first record is whole in what is there.
    let cut = whole.len() - 40;
    let folder = folder.with("cut.ndjson.gz", &whole[..cut]);
    let run = folder.check("cut.ndjson.gz");
    run.ends(4).says("cut.ndjson.gz:2:").says("the gzip stream is truncated or damaged").prints("1 pass, 0 fail");
    let mut damaged = whole.clone();
    let last = damaged.len() - 6;
    damaged[last] ^= 0xff;
    let folder = folder.with("damaged.gz", damaged);
    folder.check("damaged.gz").ends(4).says("damaged.gz");
}

#[test]
fn zstd_is_read_and_its_truncation_named() {
    let whole = zstd(format!("{}{}", queue("good"), queue("other")).as_bytes());
    let folder = Folder::new().with("rules.parapet", RULES).with("in.ndjson.zst", &whole);
    folder.check("in.ndjson.zst").ends(1).prints("1 pass, 1 fail");
    let folder = folder.with("cut.ndjson.zst", &whole[..whole.len() - 40]);
    folder.check("cut.ndjson.zst").ends(4).says("the zstd stream is truncated or damaged");
}

#[test]
fn standard_input_is_an_input() {
    let folder = Folder::new().with("rules.parapet", RULES);
    let arguments = ["check", "-", "--rules", "rules.parapet", "--all"];
    let input = format!("{}{{\"bad\"\n{}", queue("good"), queue("other"));
    let run = folder.parapet_reading(&arguments, input.as_bytes());
    run.ends(4).says("-:3:1:").prints("1 pass, 1 fail");
    folder.parapet_reading(&arguments, b"").ends(4).says("-: the input is empty");
    folder.parapet_reading(&arguments, b"{\"a").ends(4).says("error: -");
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_no_error() {
    let input = format!("\u{feff}{}", queue("good").replace('\n', "\r\n"));
    let folder = Folder::new().with("rules.parapet", RULES).with("in.ndjson", input);
    folder.check("in.ndjson").ends(0).prints("1 pass");
}

/// A gzip file of one stored block.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    file.extend(length.to_le_bytes());
    file.extend((!length).to_le_bytes());
    file.extend(bytes);
    file.extend(crc32(bytes).to_le_bytes());
    file.extend(u32::from(length).to_le_bytes());
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}

/// A zstd file of one raw block.
fn zstd(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    let mut file = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    file.extend(length.to_le_bytes());
    let header = (length << 3) | 1;
    file.extend(&header.to_le_bytes()[..3]);
    file.extend(bytes);
    file
}

// Rules.

/// A guardrail with this body.
fn guardrail(body: &str) -> String {
    format!("guardrail named(q: AWS::SQS::Queue) {{\n    {body}\n}}\n")
}

fn with_rules(rules: impl AsRef<[u8]>) -> Folder {
    Folder::new().with("rules.parapet", rules).with("in.ndjson", queue("good"))
}

/// Rules that do not check: nothing is evaluated, and the place is said, by `check` as by `lint`.
fn bad_rules(rules: impl AsRef<[u8]>, code: &str, place: &str) {
    let folder = with_rules(rules);
    let run = folder.check("in.ndjson");
    run.ends(3).says(&format!("error[{code}]")).says(&format!("rules.parapet:{place}"));
    assert_eq!(run.out, "", "nothing is evaluated");
    folder.parapet(&["lint", "rules.parapet"]).ends(1).prints(&format!("rules.parapet:{place}"));
}

#[test]
fn what_is_not_closed_is_named_where_it_opens() {
    bad_rules(guardrail("require q.QueueName == \"abc"), "E0002", "2:28");
    bad_rules("guardrail g(q: AWS::SQS::Queue) {\n    require true\n", "E0003", "1:33");
    bad_rules(guardrail("require (q.QueueName == \"a\""), "E0003", "2:13");
    bad_rules(guardrail("require q.QueueName in [\"a\""), "E0003", "2:28");
    bad_rules("guardrail g(q: AWS::SQS::Queue) {\n    for x in q.Tags {\n    require true\n}\n", "E0003", "");
}

#[test]
fn what_is_no_rule_is_named() {
    bad_rules("hello world\n", "E0001", "1:1");
    bad_rules(guardrail("require \u{0} true"), "E0001", "2:13");
    bad_rules(guardrail("require true true"), "E0001", "2:18");
    bad_rules(b"guardrail g(q: AWS::SQS::Queue) {\n    require q.QueueName == \"\xff\"\n}\n", "E0007", "2:29");
}

const DEEP: usize = 100_000;

#[test]
fn nested_brackets_are_refused() {
    bad_rules(guardrail(&format!("require {}true{}", "(".repeat(DEEP), ")".repeat(DEEP))), "E0004", "2:76");
    bad_rules(guardrail(&format!("require {}", "(".repeat(DEEP))), "E0004", "2:76");
    bad_rules(guardrail(&format!("require {}{}", "[".repeat(DEEP), "]".repeat(DEEP))), "E0004", "2:76");
    bad_rules(guardrail(&format!("require {}1{}", "{a: ".repeat(DEEP), "}".repeat(DEEP))), "E0004", "2:");
    bad_rules(guardrail(&format!("require {}{}", "f(".repeat(DEEP), ")".repeat(DEEP))), "E0004", "2:140");
    bad_rules(guardrail(&format!("{}{}", "for x in q.Tags {\n".repeat(DEEP), "}".repeat(DEEP))), "E0004", "65:");
    bad_rules(format!("fn f(x: Int{}) -> Int = 1\n", "?".repeat(DEEP)), "E0004", "1:");
}

#[test]
fn nested_types_are_refused() {
    let rules = format!("fn f(x: {}Int{}) -> Int = 1\n", "List<".repeat(DEEP), ">".repeat(DEEP));
    bad_rules(rules, "E0004", "1:333");
}

#[test]
fn nested_operators_are_refused() {
    for (prefix, end) in [("not ", "true"), ("-", "1 == 1"), ("- ", "1 == 1"), ("if true then true else ", "true")] {
        bad_rules(guardrail(&format!("require {}{end}", prefix.repeat(DEEP))), "E0004", "2:");
    }
    let ifs = format!("require {}true{}", "if true then ".repeat(DEEP), " else false".repeat(DEEP));
    bad_rules(guardrail(&ifs), "E0004", "2:");
}

#[test]
fn long_chains_are_refused() {
    for (operand, operator, end) in [
        ("true", " and ", ""),
        ("true", " or ", ""),
        ("1", " + ", " == 1"),
        ("1", " * ", " == 1"),
        ("1", " == ", ""),
        ("q.DelaySeconds", " ?? ", " == 1"),
    ] {
        bad_rules(guardrail(&format!("require {}{end}", vec![operand; DEEP].join(operator))), "E0004", "2:");
    }
    bad_rules(guardrail(&format!("require q{}", ".a".repeat(DEEP))), "E0004", "2:");
    bad_rules(guardrail(&format!("require q{}", "?.a".repeat(DEEP))), "E0004", "2:");
    bad_rules(guardrail(&format!("require {} == 1", vec!["1"; DEEP].join("\n + "))), "E0004", "258:");
}

#[test]
fn deep_binders_casts_indexes_and_else_ifs_are_refused() {
    for binder in ["any x in q.Tags: ", "all x in q.Tags: ", "no x in q.Tags: "] {
        bad_rules(guardrail(&format!("require {}true", binder.repeat(DEEP))), "E0004", "2:");
    }
    bad_rules(guardrail(&format!("require q.RedrivePolicy{} is absent", " as Json".repeat(DEEP))), "E0004", "2:");
    bad_rules(guardrail(&format!("require q.RedrivePolicy{} is absent", "[0]".repeat(DEEP))), "E0004", "2:");
    let branches = "if q.QueueName == \"x\" { require false } else ".repeat(DEEP);
    bad_rules(guardrail(&format!("{branches}{{ require false }}")), "E0004", "2:");
}

#[test]
fn many_items_and_statements_are_read() {
    let guardrails: String =
        (0..2_000).map(|at| guardrail("require true").replace("named", &format!("g{at}"))).collect();
    with_rules(guardrails.replace("true", "q.QueueName == \"good\"")).check("in.ndjson").ends(0).prints("2000 pass");
    let lets: Vec<String> = (1..2_000).map(|at| format!("let a{at} = a{} + 1", at - 1)).collect();
    let body = format!("let a0 = q.DelaySeconds ?? 0\n{}\nrequire a1999 > 1", lets.join("\n"));
    with_rules(guardrail(&body)).check("in.ndjson").ends(0);
}

#[test]
fn a_file_of_20_megabytes_is_refused() {
    let text = format!("// {}\n", "x".repeat(1_000)).repeat(20_000);
    bad_rules(format!("{text}{}", guardrail("require true")), "E0007", "1:1");
}

#[test]
fn what_needs_itself_is_named() {
    let needs = guardrail("require f(1) == 1");
    bad_rules(format!("fn f(x: Int) -> Int = f(x)\n{needs}"), "E0204", "1:23");
    bad_rules(format!("fn f(x: Int) -> Int = h(x)\nfn h(x: Int) -> Int = f(x)\n{needs}"), "E0204", "1:23");
    bad_rules(format!("const A = A\n{}", guardrail("require A == 1")), "E0204", "1:11");
    bad_rules(format!("const A = B\nconst B = A\n{}", guardrail("require A == 1")), "E0204", "1:11");
    bad_rules(format!("const A = f(1)\nfn f(x: Int) -> Int = x + A\n{needs}"), "E0204", "1:11");
}

#[test]
fn definitions_build_on_each_other_to_a_bounded_depth() {
    let chains = |length: usize| {
        let functions: String = (0..length).map(|at| format!("fn f{at}(x: Int) -> Int = f{}(x)\n", at + 1)).collect();
        let constants: String = (0..length).map(|at| format!("const A{at} = A{}\n", at + 1)).collect();
        let ends = format!("fn f{length}(x: Int) -> Int = x\nconst A{length} = 1\n");
        format!("{functions}{constants}{ends}{}", guardrail("require f0(A0) == 1"))
    };
    with_rules(chains(50)).check("in.ndjson").ends(0);
    bad_rules(chains(800), "E0004", "");
}

/// Forty functions that call the next one twice would run for years.
#[test]
fn calls_that_multiply_are_refused() {
    let chain: String =
        (0..40).map(|at| format!("fn f{at}(x: Int) -> Int = f{next}(x) + f{next}(x)\n", next = at + 1)).collect();
    let rules = format!("{chain}fn f40(x: Int) -> Int = x\n{}", guardrail("require f0(1) == 1"));
    bad_rules(rules, "E0004", "");
}

#[test]
fn unknown_attributes_are_named() {
    bad_rules(format!("@severty(high)\n{}", guardrail("require true")), "E0301", "1:2");
    bad_rules(format!("@severity(hig)\n{}", guardrail("require true")), "E0301", "1:1");
}

// Folders, modules, manifests.

const ONE: &str = "guardrail one(q: AWS::SQS::Queue) {\n    require name(q) == \"good\"\n}\n";

#[test]
fn modules_may_use_each_other() {
    let folder = Folder::new()
        .with("in.ndjson", queue("good"))
        .with("rules/a.parapet", format!("use b::name\n\npub const GOOD = \"good\"\n\n{ONE}"))
        .with("rules/b.parapet", "use a::GOOD\n\npub fn name(q: AWS::SQS::Queue) -> String = q.QueueName ?? GOOD\n");
    folder.parapet(&["check", "in.ndjson", "--rules", "rules", "--all"]).ends(0).prints("pass a::one");
    let folder = folder.with(
        "rules/b.parapet",
        "use a::GOOD\n\npub const BAD = GOOD\n\npub fn name(q: AWS::SQS::Queue) -> String = BAD\n",
    );
    let folder = folder.with("rules/a.parapet", format!("use b::{{name, BAD}}\n\npub const GOOD = BAD\n\n{ONE}"));
    let run = folder.parapet(&["check", "in.ndjson", "--rules", "rules"]);
    run.ends(3).says("E0204").says("rules/a.parapet:3:18").says("rules/b.parapet:3:17");
}

#[test]
fn two_modules_of_one_name_are_refused() {
    let folder = Folder::new()
        .with("in.ndjson", queue("good"))
        .with("rules/a-b.parapet", RULES)
        .with("rules/a_b.parapet", RULES);
    folder
        .parapet(&["check", "in.ndjson", "--rules", "rules"])
        .ends(3)
        .says("rules/a_b.parapet")
        .says("rules/a-b.parapet");
}

#[test]
fn folders_without_rules_are_a_matter_of_usage() {
    let folder = Folder::new().with("in.ndjson", queue("good")).with("rules/notes.txt", "").with("empty.parapet", "");
    folder.parapet(&["check", "in.ndjson", "--rules", "rules"]).ends(2).says("no `.parapet` file below `rules`");
    folder.parapet(&["check", "in.ndjson", "--rules", "empty.parapet"]).ends(2).says("hold no guardrail");
    folder.parapet(&["check", "in.ndjson", "--rules", "nowhere"]).ends(2).says("no rules at `nowhere`");
}

#[test]
fn a_broken_manifest_is_named_with_its_place() {
    for (manifest, place, part) in [
        ("[package]\nname = \"acme\n", "2:13", ""),
        ("[package]\nname = 1\n", "2:8", "string"),
        ("[package]\nname = \"acme\"\n\n[pakage]\n", "4:2", "did you mean `package`"),
        ("[package]\nname = \"acme\"\ncolour = 1\n", "3:1", "colour"),
        ("[package]\nname = \"Acme\"\n", "2:8", "is no package name"),
        ("[package]\nname = \"acme\"\nversion = \"1\"\n", "3:11", "semantic version"),
        ("", "1:1", "`[package]`"),
    ] {
        let folder = Folder::new()
            .with("in.ndjson", queue("good"))
            .with("pkg/parapet.toml", manifest)
            .with("pkg/rules/a.parapet", RULES);
        let run = folder.parapet(&["check", "in.ndjson", "--rules", "pkg"]);
        run.ends(3).says(&format!("pkg/parapet.toml:{place}")).says(part);
    }
}

#[test]
fn sections_for_later_are_said_to_be_idle() {
    let folder = Folder::new()
        .with("in.ndjson", queue("good"))
        .with("pkg/parapet.toml", "[package]\nname = \"acme\"\n\n[dependencies]\n")
        .with("pkg/rules/a.parapet", RULES);
    folder
        .parapet(&["check", "in.ndjson", "--rules", "pkg"])
        .ends(0)
        .says("`[dependencies]` of the manifest is not acted on");
}

// Parameters and flags.

const PARAMETERS: &str = "/// The name.\nparam wanted: String\n\n/// The least delay.\nparam least: Int = 0\n\n\
    guardrail named(q: AWS::SQS::Queue) {\n    require q.QueueName == wanted\n    require (q.DelaySeconds ?? 0) >= least\n}\n";

#[test]
fn parameters_are_known_set_and_well_typed() {
    let folder = with_rules(PARAMETERS).with("bad.toml", "wanted = \n").with("ill.json", r#"{"rules::least": "x"}"#);
    let check = |more: &[&str]| folder.parapet(&[&["check", "in.ndjson", "--rules", "rules.parapet"], more].concat());
    check(&["--param", "wanted=good"]).ends(0);
    check(&[]).ends(2).says("rules::wanted").says("must be set");
    check(&["--param", "wanted=good", "--param", "nonsense=1"]).ends(2).says("nonsense");
    check(&["--param", "wanted=good", "--param", "least=many"]).ends(2).says("least").says("many");
    check(&["--param", "wanted=good", "--param", "least=99999999999999999999"]).ends(2).says("least");
    check(&["--param", "wanted"]).ends(2).says("PATH=VALUE");
    check(&["--param", "wanted=good", "--param", "least=1 / 0"]).ends(2).says("least");
    check(&["--params", "bad.toml"]).ends(2).says("bad.toml");
    check(&["--param", "wanted=good", "--params", "ill.json"]).ends(2).says("ill.json");
    check(&["--params", "nowhere.toml"]).ends(2).says("nowhere.toml");
    let deep = format!("least={}1", "(".repeat(DEEP));
    check(&["--param", "wanted=good", "--param", &deep]).ends(2).says("least");
}

#[test]
fn values_of_flags_are_checked() {
    let folder = with_rules(RULES);
    let check = |more: &[&str]| folder.parapet(&[&["check", "in.ndjson", "--rules", "rules.parapet"], more].concat());
    for (flags, part) in [
        (["--fail-on", "sometimes"], "`sometimes` is not one of"),
        (["--format", "yaml"], "no output format is called `yaml`"),
        (["--format", "json=nowhere/out.json"], "nowhere/out.json"),
        (["--input-format", "yaml"], "no input format is called `yaml`"),
        (["--as-of", "yesterday"], "is no time"),
        (["--as-of", "2026-13-45"], "is no time"),
        (["--max-age", "soon"], "is no duration"),
        (["--max-age", "99999999999999999d"], "is no duration"),
        (["--max-age", "ü"], "is no duration"),
        (["--severity", "huge"], "huge"),
        (["--collected", "AWS::Nope::Nope"], "no resource type is called `AWS::Nope::Nope`"),
        (["--type", "AWS::Nope::*"], "no resource type matches"),
        (["--guardrail", "nothing::*"], "no guardrail matches"),
        (["--control", "nothing:1"], "no guardrail matches"),
        (["--engine", "steam"], "steam"),
        (["--jobs", "many"], "many"),
        (["--color", "red"], "red"),
        (["--progress", "fast"], "fast"),
        (["--no-such-flag", "x"], "--no-such-flag"),
    ] {
        check(&flags).ends(2).says(part);
    }
    check(&["--jobs", "0"]).ends(0);
    folder.parapet(&["check", "--rules", "rules.parapet"]).ends(2).says("no input is named");
    folder.parapet(&[]).ends(2);
    folder.parapet(&["judge"]).ends(2).says("judge");
    folder.parapet(&["explain", "no_such"]).ends(2).says("no_such");
    folder.parapet(&["types", "AWS::SQS::Quee"]).ends(2).says("did you mean `AWS::SQS::Queue`");
    folder.parapet(&["lint", "rules.parapet", "--format", "yaml"]).ends(2).says("yaml");
}

#[test]
fn extreme_globs_and_paths_are_harmless() {
    let folder = with_rules(RULES);
    let stars = "*a".repeat(5_000);
    folder.parapet(&["check", "in.ndjson", "--rules", "rules.parapet", "--guardrail", &stars]).ends(2);
    folder.parapet(&["check", "", "--rules", "rules.parapet"]).ends(4);
    folder.parapet(&["check", "in.ndjson", "--rules", ""]).ends(2);
    let rules = guardrail(&format!("require (q.QueueName ?? \"\") like \"{}\"", "*o".repeat(2_000)));
    with_rules(rules).with("in.ndjson", queue(&"o".repeat(3_000))).check("in.ndjson").ends(0);
    let rules = guardrail("require (q.QueueName ?? \"\") matches /((a{1000}){1000}){1000}/");
    bad_rules(rules, "E0108", "2:41");
}
