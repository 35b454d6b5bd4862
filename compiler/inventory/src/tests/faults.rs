//! Inputs that are not as they should be: each fault is told, with its place, and the rest is read.

use super::{attempt, kept};
use crate::{Error, Limits, Source, read};

fn vpc(id: &str) -> String {
    format!("{{\"type\": \"AWS::EC2::VPC\", \"id\": \"{id}\"}}")
}

#[test]
fn nothing_at_all() {
    for text in ["", " \n\t\n"] {
        assert!(matches!(attempt(text, None).1, Err(Error::Empty)), "{text:?}");
    }
}

#[test]
fn what_no_reader_knows() {
    let resources = "{\"Resources\": {\"b\": {\"type\": \"bucket\"}}}";
    let binary: Vec<u8> = (0..200_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let package = "{\"name\": \"x\", \"type\": \"module\"}";
    for bytes in [
        b"just text\nin lines\n".as_slice(),
        b"[]",
        b"{}",
        b"42",
        b"[1, 2]",
        resources.as_bytes(),
        &binary,
        package.as_bytes(),
    ] {
        let (kept, summary) = attempt(bytes, None);
        assert!(matches!(summary, Err(Error::Unrecognised)), "{summary:?}");
        assert!(kept.skips.is_empty());
    }
}

#[test]
fn other_encodings() {
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(vpc("a").bytes().flat_map(|byte| [byte, 0])).collect();
    assert_eq!(kept(&utf16).ids(), ["a"]);
    let broken: Vec<u8> = utf16.iter().copied().chain([0x00, 0xd8]).collect();
    assert!(matches!(attempt(broken, None).1, Err(Error::Io(_))));
    let marked = kept(format!("\u{feff}{}", vpc("a")));
    assert_eq!(marked.ids(), ["a"]);
    assert_eq!(marked.records[0].origin.offset, 3);
}

#[test]
fn formats_that_do_not_exist() {
    assert!(matches!(attempt(vpc("a"), Some("yaml")).1, Err(Error::UnknownFormat(name)) if name == "yaml"));
    assert!(attempt(vpc("a"), Some("auto")).1.is_ok());
}

#[test]
fn a_broken_line_hides_no_other() {
    for (broken, fault) in [
        ("{\"type\": \"AWS::EC2::VPC\", \"id\": }", "!2:33 expected a JSON value"),
        ("{\"type\": \"AWS::EC2::VPC\", \"id\": \"x\"", "!3:1 a value where none may stand"),
        ("{\"type\": \"AWS::EC2::VPC\", \"id\": \"x", "!2:35 a control character inside a string"),
        (
            "{\"type\": \"AWS::EC2::VPC\", \"properties\": {\"a\": [1, 2}}",
            "!2:52 a closing bracket that nothing opened",
        ),
        ("{\"type\": \"AWS::EC2::VPC\", \"properties\": {\"a\": [1,", "!4:1 a value where none may stand"),
        ("{\"type\": \"AWS::EC2::VPC\", \"id\":", "!4:1 a value where none may stand"),
        ("{\"type\": \"AWS::EC2::VPC\", \"id\": \"x\"}}", "!2:37 expected a record, which begins with `{`"),
        ("oops", "!2:1 expected a record"),
        ("{\"type\": \"AWS::EC2::VPC\", \"id\": 1, \"id\": 2}", "!2:33 the key \"id\" occurs twice"),
        ("{\"type\": \"AWS::EC2::VPC\", \"é\": \"\\ud800\"}", "!2:39 half of a surrogate pair"),
    ] {
        let kept = kept(format!("{}\n{broken}\n{}\n{}\n", vpc("a"), vpc("b"), vpc("c")));
        let ids: Vec<String> = kept.ids().into_iter().filter(|id| id != "x").collect();
        assert_eq!(ids, ["a", "b", "c"], "{broken}");
        assert!(kept.faults().len() == 1 && kept.faults()[0].starts_with(fault), "{broken}: {:?}", kept.faults());
        assert_eq!(kept.skips[0].origin.line, 2, "{broken}");
    }
}

#[test]
fn bytes_that_are_not_utf_8() {
    let bytes = [vpc("a").as_bytes(), b"\n", b"{\"type\": \"AWS::EC2::VPC\", \"id\": \"\xff\"}\n", vpc("b").as_bytes()]
        .concat();
    let kept = kept(bytes);
    assert_eq!(kept.ids(), ["a", "b"]);
    assert_eq!(kept.faults(), ["!2:34 not UTF-8"]);
}

#[test]
fn nesting_without_end() {
    let deep = |depth: usize| {
        format!(
            "{{\"type\": \"AWS::EC2::VPC\", \"properties\": {{\"a\": {}{}}}}}",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    assert_eq!(kept(deep(125)).records.len(), 1);
    let kept = kept(format!("{}\n{}\n{}", deep(126), deep(300_000), vpc("b")));
    assert_eq!(kept.ids(), ["b"]);
    assert!(kept.faults().iter().all(|fault| fault.contains("nested deeper than 127 levels")), "{:?}", kept.faults());
}

#[test]
fn brackets_that_never_close_cost_no_more_than_their_bytes() {
    let kept = kept(format!("{}\n{}{}", vpc("a"), "{\"a\":\n".repeat(20_000), vpc("b")));
    assert_eq!(kept.ids(), ["a", "b"]);
    assert!(kept.skips.iter().all(|skip| skip.error) && !kept.skips.is_empty());
}

#[test]
fn numbers_beyond_64_bits_are_kept_as_written() {
    let kept =
        kept("{\"type\": \"AWS::EC2::VPC\", \"properties\": {\"n\": 123456789012345678901234567890, \"m\": 1e999}}");
    assert_eq!(kept.property("n"), "123456789012345678901234567890");
    assert_eq!(kept.property("m"), "1e999");
}

#[test]
fn an_input_that_ends_too_early() {
    let whole = format!("{}\n{}", vpc("a"), vpc("b"));
    let cut = kept(&whole.as_bytes()[..whole.len() - 5]);
    assert_eq!(cut.ids(), ["a"]);
    assert_eq!(cut.faults(), ["!2:32 the input ends inside a record"]);
    let list = format!("[{},\n{}]", vpc("a"), vpc("b"));
    for length in [list.len() - 1, list.len() - 2, vpc("a").len() + 2] {
        let cut = kept(&list.as_bytes()[..length]);
        assert!(cut.ids().contains(&"a".to_owned()), "{length}");
        assert!(cut.faults().len() == 1 && cut.faults()[0].contains("the input ends inside a "), "{:?}", cut.faults());
    }
}

#[test]
fn a_truncated_inventory_alone_is_no_other_kind_of_file() {
    let kept = kept("{\"resourceType\": \"AWS::EC2::VPC\", \"configuration\": {\"vpcId\"");
    assert!(kept.records.is_empty());
    assert_eq!(kept.faults(), ["!1:60 the input ends inside a record"]);
}

#[test]
fn a_broken_element_hides_no_other_element() {
    let text = format!("[{}, {{\"type\": nope}}, {}]", vpc("a"), vpc("b"));
    let one_line = kept(&text);
    assert_eq!(one_line.ids(), ["a", "b"]);
    assert_eq!(&*one_line.records[1].pointer, "/2");
    let text = format!(
        "[\n  {},\n  {{\"type\": \"x\", \"properties\": {{\"a\": 1}},\n  {},\n  {}\n]",
        vpc("a"),
        vpc("b"),
        vpc("c")
    );
    let lines = kept(&text);
    assert_eq!(lines.ids(), ["a", "b", "c"]);
    assert!(lines.faults()[0].starts_with("!4:3 a value where none may stand"), "{:?}", lines.faults());
}

#[test]
fn commas_too_many_or_too_few() {
    let few = kept(format!("[{} {}]", vpc("a"), vpc("b")));
    assert_eq!(
        (few.ids().len(), few.faults()),
        (2, vec![format!("!1:{} a comma is missing before this record", vpc("a").len() + 3)])
    );
    let many = kept(format!("[{},]", vpc("a")));
    assert_eq!((many.ids().len(), many.faults().len()), (1, 1));
}

#[test]
fn an_envelope_that_breaks_after_its_list() {
    let text = format!(
        "{{\"configurationItems\": [{{\"resourceType\": \"AWS::EC2::VPC\", \"resourceId\": \"v\"}}], \"x\": ]}}\n{}\n",
        vpc("b")
    );
    let kept = kept(&text);
    assert_eq!(kept.ids(), ["v", "b"]);
    assert_eq!(kept.faults().len(), 1);
}

#[test]
fn a_record_with_a_list_that_only_envelopes_have() {
    let kept = kept(format!("{{\"type\": \"AWS::EC2::VPC\", \"id\": \"x\", \"Results\": []}}\n{}", vpc("b")));
    assert_eq!(kept.ids(), ["b"]);
    assert!(kept.faults()[0].starts_with("!1:") && kept.faults()[0].ends_with("a record cannot have a list `Results`"));
}

#[test]
fn a_record_beyond_the_limit_is_passed_over() {
    let long = format!(
        "{{\"type\": \"AWS::EC2::VPC\", \"id\": \"x\", \"properties\": {{\"a\": \"{}\"}}}}",
        "y".repeat(100_000)
    );
    let text = format!("{}\n{long}\n{}\n", vpc("a"), vpc("b"));
    let mut sink = super::Kept::default();
    let limits = Limits { record: 10_000, chunk: 1_000 };
    let source = Source { limits, ..Source::alone(parapet_model::Schema::embedded(), 0) };
    read(&source, &mut text.as_bytes(), &mut sink).unwrap();
    assert_eq!(sink.ids(), ["a", "b"]);
    assert_eq!(sink.faults(), ["!2:1 a record of more than 10000 bytes"]);
    assert_eq!(sink.skips[0].origin.length, long.len() as u64);
    assert_eq!(sink.records[1].origin.line, 3);
}

#[test]
fn a_reader_that_fails_is_an_error_after_what_it_gave() {
    struct Failing(Vec<u8>);
    impl std::io::Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Err(std::io::Error::other("gone"));
            }
            let length = buffer.len().min(self.0.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0.drain(..length);
            Ok(length)
        }
    }
    let mut sink = super::Kept::default();
    let bytes = format!("{}\n{}\n", vpc("a"), vpc("b")).into_bytes();
    let result = read(&Source::alone(parapet_model::Schema::embedded(), 0), &mut Failing(bytes), &mut sink);
    assert!(matches!(result, Err(Error::Io(_))));
    assert_eq!(sink.ids(), ["a", "b"]);
}
