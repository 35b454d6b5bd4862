//! Inputs that are malformed, truncated, too deep, or something else.

use super::*;

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
fn a_named_pipe_is_read_where_it_is_named_itself() {
    let folder = Folder::new().with("rules.parapet", RULES).with("in/a.ndjson", queue("good"));
    let folder = folder.with_pipe("in/pipe.ndjson").with_pipe("in/manifest.json").with_pipe("in/pipe.tf.json");
    let folder = folder.with("in/main.tf.json", r#"{"resource": {"aws_sqs_queue": {"q": {"name": "good"}}}}"#);
    folder.check("in").ends(0).says("in/pipe.ndjson: a named pipe").says("in/manifest.json: a named pipe");
    folder.check("in/main.tf.json").says("in/pipe.tf.json is not read: a named pipe");
    let path = folder.path.join("in/pipe.ndjson");
    let writer = std::thread::spawn(move || std::fs::write(path, queue("other")));
    folder.check("in/pipe.ndjson").ends(1).prints("0 pass, 1 fail");
    writer.join().unwrap().unwrap();
    let path = folder.path.join("in/pipe.tf.json");
    let writer = std::thread::spawn(move || std::fs::write(path, "{}"));
    let run = folder.with("one/main.tf.json", "{}").parapet(&[
        "check",
        "one/main.tf.json",
        "--rules",
        "rules.parapet",
        "--var-file",
        "in/pipe.tf.json",
    ]);
    run.ends(5);
    writer.join().unwrap().unwrap();
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

#[test]
fn standard_input_is_no_file_of_that_name() {
    let folder = Folder::new().with("-", queue("good")).with("r.parapet", RULES);
    let run = folder.run(&["check", "-", "./-", "--rules", "r.parapet"], queue("bad").as_bytes());
    run.ends(1).prints("1 pass, 1 fail");
}
