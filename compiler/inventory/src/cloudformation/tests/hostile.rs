//! Templates that are wrong, or made to do harm: each ends, and says what is the matter.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::alone;
use crate::tests::attempt;

/// Work that ends the process where it would never end itself. No time is measured: what hangs must not hang the tests.
struct Watched {
    _ends: Sender<()>,
}

/// Nobody waits longer.
const LONGEST: Duration = Duration::from_secs(600);

impl Watched {
    fn begin() -> Watched {
        let (ends, watch) = channel::<()>();
        std::thread::spawn(move || {
            if watch.recv_timeout(LONGEST) == Err(RecvTimeoutError::Timeout) {
                std::process::abort();
            }
        });
        Watched { _ends: ends }
    }
}

#[track_caller]
fn faults(text: &str, wanted: &str) {
    let _watched = Watched::begin();
    let (kept, _) = attempt(text, Some("cloudformation"));
    assert!(kept.faults().iter().any(|fault| fault.contains(wanted)), "{:?}", kept.faults());
}

#[test]
fn the_fault_is_said_with_its_place() {
    faults("Resources:\n\tA: 1\n", "!2:");
    faults("Resources:\n  A: {Type: x}\n  A: {Type: y}\n", "!3:3 the key \"A\" occurs twice in one map");
    faults("Resources:\n  A: !Foo x\n", "!2:6 `!Foo` is not a function of CloudFormation");
    faults("Resources:\n  A: !!binary x\n", "!2:6 the tag `!!binary` is not one of a template");
    faults("Resources: []\n", "!1:12 `Resources` is not a map");
    faults("Resources:\n  A: 1\n  B: {}\n", "!2:6 resource `A` is not a map");
    faults("Resources:\n  A: 1\n  B: {}\n", "!3:6 resource `B` has no `Type`");
    faults("Resources: {A: {Type: 'AWS::S3::Bucket', Properties: 3}}", "`Properties` of resource `A` is not a map");
    faults("[]", "a template is a map of sections");
}

#[test]
fn empty_templates_hold_nothing() {
    for text in ["{}", "null", "# nothing\n", "{\"Resources\": {}}", "{\"Resources\": null}"] {
        let (kept, summary) = attempt(text, Some("cloudformation"));
        let summary = summary.unwrap();
        assert_eq!((summary.formats.as_slice(), summary.world), (&["cloudformation"][..], true), "{text}");
        assert!(kept.records.is_empty(), "{text}");
        let faults = kept.faults();
        let [fault] = faults.as_slice() else { panic!("{faults:?}") };
        assert!(fault.ends_with("the template declares no resources") && !fault.starts_with('!'), "{text}: {fault}");
    }
}

#[test]
fn circles_of_names_end() {
    let text = "Resources:\n  A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Ref B}}\n  B: {Type: \
                'AWS::S3::Bucket', Properties: {BucketName: !Sub 'x${A}'}}\n  C: {Type: 'AWS::S3::Bucket', Properties: \
                {BucketName: !GetAtt C.BucketName}}\n";
    let come = alone(text);
    assert_eq!(come.addresses(), ["A", "B", "C"]);
    assert!(come.property("A", "BucketName").contains("id>"), "{}", come.property("A", "BucketName"));
}

#[test]
fn not_more_circles_are_named_than_somebody_reads() {
    let bucket = |at: usize| format!("  B{at}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: !Ref B{at}}}}}\n");
    let text = format!("Resources:\n{}", (0..50).map(bucket).collect::<String>());
    let come = alone(&text);
    let faults = come.kept.faults();
    assert_eq!(faults.len(), 21, "{faults:?}");
    assert!(faults.iter().any(|fault| fault.ends_with("there are more than 20 circles: the rest is not named")));
    // A long one is not written out.
    let link = |at: usize| {
        let next = (at + 1) % 30;
        format!("  B{at}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: !Ref B{next}}}}}\n")
    };
    let come = alone(&format!("Resources:\n{}", (0..30).map(link).collect::<String>()));
    let faults = come.kept.faults();
    assert!(
        matches!(&*faults, [one] if one.contains("`B10.BucketName` and 20 more refer to each other")),
        "{faults:?}"
    );
}

#[test]
fn texts_that_double_are_cut() {
    let mut text = "Resources:\n  N0: {Type: 'AWS::S3::Bucket', Properties: {BucketName: xxxxxxxxxx}}\n".to_owned();
    for at in 1..60 {
        let before = at - 1;
        text += &format!(
            "  N{at}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: !Sub '${{N{before}}}${{N{before}}}'}}}}\n"
        );
    }
    let _watched = Watched::begin();
    let come = alone(&text);
    assert_eq!(come.kept.records.len(), 60);
    let mut text = "Conditions:\n  C0: !Equals [!Ref 'AWS::Region', x]\n".to_owned();
    for at in 1..60 {
        text += &format!("  C{at}: !And [!Condition C{0}, !Condition C{0}]\n", at - 1);
    }
    text += "Resources:\n  A: {Type: 'AWS::S3::Bucket', Condition: C59, Properties: {BucketName: !If [C59, a, !If [C58, b, c]]}}\n";
    let _watched = Watched::begin();
    assert_eq!(alone(&text).property("A", "BucketName"), "\"a\"");
}

/// Conditions of which each leans on the next.
fn chain(length: usize, link: impl Fn(&str) -> String) -> String {
    let links = (0..length).map(|at| format!("  C{at}: {}\n", link(&format!("!Condition C{}", at + 1))));
    format!("Conditions:\n{}  C{length}: !Equals [a, a]\nResources:\n", links.collect::<String>())
}

#[test]
fn long_chains_of_conditions_are_not_followed() {
    let bucket = "  B: {Type: 'AWS::S3::Bucket', Condition: C0, Properties: {BucketName: !If [C0, a, b]}}\n";
    let short = alone(&(chain(90, str::to_owned) + bucket));
    assert!(short.record("B").existence.is_none());
    let _watched = Watched::begin();
    let long = alone(&(chain(100_000, str::to_owned) + bucket));
    let why = long.record("B").existence.as_ref().unwrap().why();
    assert_eq!(why, "condition `C0` is not decided: more than 100 conditions lean on one another");
    assert_eq!(long.property("B", "BucketName"), "\"a\"");
}

#[test]
fn what_follows_from_conditions_is_bounded() {
    let open = |next: &str| format!("!And [!Equals [!Ref 'AWS::Region', x], {next}]");
    // Where a condition holds, the 100 hold that it leans on.
    let choice = |at: usize| format!("P{at}: !If [C{at}, !If [C{}, a, b], a]", at + 50);
    let choices: Vec<String> = (0..50).map(choice).collect();
    let bucket = |at: usize| format!("  B{at}: {{Type: 'AWS::S3::Bucket', Properties: {{{}}}}}\n", choices.join(", "));
    let buckets: String = (0..300).map(bucket).collect();
    let _watched = Watched::begin();
    let come = alone(&(chain(5_000, open) + &buckets));
    assert_eq!(come.property("B0", "P0"), "\"a\"");
    // Beyond the bound nothing more follows, and both branches are looked at.
    assert_eq!(come.property("B299", "P49"), "?condition `C49` is not decided: the region is known at deployment");
}

#[test]
fn many_that_may_belong_to_many_are_not_all_compared() {
    let pair = |at: usize, name: &str| {
        format!(
            "  R{at}: {{Type: 'AWS::IAM::Role', Properties: {{RoleName: r{at}}}}}\n  P{at}: {{Type: \
             'AWS::IAM::RolePolicy', Properties: {{PolicyName: p{at}, RoleName: {name}}}}}\n"
        )
    };
    let text = |count: usize, name: &dyn Fn(usize) -> String| {
        let pairs: String = (0..count).map(|at| pair(at, &name(at))).collect();
        format!("Parameters: {{Name: {{Type: String}}}}\nResources:\n{pairs}")
    };
    // Doubts of one cause are one doubt.
    let few = alone(&text(100, &|_| "!Ref Name".to_owned()));
    assert_eq!(few.property("R99", "Policies"), "[?parameter `Name` has no value]");
    let many = alone(&text(900, &|at| format!("r{at}")));
    assert_eq!(many.property("R899", "Policies"), "[{PolicyName: \"p899\"}]");
    let _watched = Watched::begin();
    let known = alone(&text(3_000, &|at| format!("r{at}")));
    assert_eq!(known.property("R2999", "Policies"), "[{PolicyName: \"p2999\"}]");
    let most = alone(&text(3_000, &|at| if at < 2_000 { "!Ref Name".to_owned() } else { format!("r{at}") }));
    let open = "?so many resources belong to others that not all of them are looked at";
    assert_eq!(most.property("R2999", "Policies"), format!("[?parameter `Name` has no value, {open}]"));
    // A name that is not looked at may be that of a role outside.
    assert!(most.kept.additions().contains(&"AWS::IAM::Role any: Policies+ by P2999".to_owned()));
}

#[test]
fn what_is_given_to_many_is_bounded() {
    let role = "  R: {Type: 'AWS::IAM::Role', Properties: {RoleName: r}}\n";
    let given = |times: usize| {
        let (values, names) = (vec!["a"; 600].join(", "), vec!["r"; times].join(", "));
        let policy = format!("{{Type: 'AWS::IAM::Policy', Properties: {{PolicyName: [{values}], Roles: [{names}]}}}}");
        let come = alone(&format!("Resources:\n{role}  P: {policy}\n"));
        come.property("R", "Policies").contains("so many resources belong to others")
    };
    assert_eq!([given(1_000), given(2_000)], [false, true]);
}

#[test]
fn names_of_nobody_are_looked_up() {
    let list = |name: &dyn Fn(usize) -> String| (0..100_000).map(name).collect::<Vec<_>>().join(", ");
    let each = |one: &dyn Fn(usize) -> String| (0..5_000).map(one).collect::<String>();
    let policy =
        |at| format!("  P{at}: {{Type: 'AWS::IAM::ManagedPolicy', Properties: {{ManagedPolicyName: p{at}}}}}\n");
    let arns = list(&|at| format!("arn:aws:iam::1:policy/x{at}"));
    let given = format!(
        "  R: {{Type: 'AWS::IAM::Role', Properties: {{ManagedPolicyArns: [{arns}, 'arn:aws:iam::1:policy/p7']}}}}\n"
    );
    let _watched = Watched::begin();
    let come = alone(&format!("Resources:\n{}{given}", each(&policy)));
    assert_eq!(come.property("P7", "Roles"), "[?P7 may be given to it]");
    assert_eq!((come.property("P8", "Roles"), come.kept.additions().len()), ("nothing".to_owned(), 100_001));
    let role = |at| format!("  R{at}: {{Type: 'AWS::IAM::Role', Properties: {{RoleName: r{at}}}}}\n");
    let names = list(&|at| format!("n{at}"));
    let given = format!("  P: {{Type: 'AWS::IAM::Policy', Properties: {{PolicyName: p, Roles: [{names}, r7]}}}}\n");
    let come = alone(&format!("Resources:\n{}{given}", each(&role)));
    assert_eq!(come.property("R7", "Policies"), "[{PolicyName: \"p\"}]");
    assert_eq!((come.property("R8", "Policies"), come.kept.additions().len()), ("nothing".to_owned(), 100_000));
}

#[test]
fn loops_that_multiply_are_cut() {
    let mut inner = "{Type: 'AWS::SQS::Queue'}".to_owned();
    let list = (0..100).map(|at| at.to_string()).collect::<Vec<_>>().join(",");
    for name in ["E", "D", "C", "B"] {
        inner = format!("{{'Fn::ForEach::{name}': [{name}, [{list}], {{'${{{name}}}': {inner}}}]}}");
    }
    faults(&format!("Resources:\n  Fn::ForEach::A: [A, [{list}], {{'Q${{A}}': {inner}}}]\n"), "is not written out");
    let deep = (0..7).fold("{Q: {Type: 'AWS::SQS::Queue'}}".to_owned(), |inner, at| {
        format!("{{'Fn::ForEach::L{at}': [V{at}, [a], {inner}]}}")
    });
    faults(&format!("Resources: {deep}\n"), "loops nest deeper than five");
}

#[test]
fn many_types_that_no_schema_knows_end_soon() {
    let one = |at: usize| format!("  Q{at}: {{Type: 'AWS::EC2::Instanse{at}', Properties: {{}}}}\n");
    let text = format!("Resources:\n{}", (0..10_000).map(one).collect::<String>());
    let _watched = Watched::begin();
    let come = alone(&text);
    let faults = come.kept.faults();
    assert_eq!(faults.len(), 10_000);
    assert!(faults[0].ends_with("did you mean AWS::EC2::Instance?"), "{}", faults[0]);
    assert!(faults[9_999].ends_with("not known to any schema, like 200 others") && !come.summary.world);
}

/// A template with bytes put in, taken out and changed, by a fixed walk.
fn damaged(text: &str, seed: u64) -> Vec<u8> {
    const PIECES: [&[u8]; 14] =
        [b"\t", b"\n", b"- ", b": ", b"{", b"]", b"&a ", b"*a", b"!Sub ", b"<<: ", b"\"", b"| ", b"\xc3", b"? "];
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=next(3) {
        let at = next(bytes.len());
        match next(4) {
            0 => drop(bytes.drain(at..(at + 1 + next(8)).min(bytes.len()))),
            1 => drop(bytes.splice(at..at, PIECES[next(PIECES.len())].iter().copied())),
            2 => bytes[at] = next(256) as u8,
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}

#[test]
fn damage_is_no_fault_of_ours() {
    let text = super::functions::AROUND
        .replace("VALUE", "!If [Open, !Select [0, !Ref List], !FindInMap [Sizes, !Ref Env, size]]");
    let nested = "Resources:\n  S: {Type: 'AWS::Serverless::Function', Properties: {Events: {A: {Type: Api}}, Policies: [X, \
                  {Statement: []}]}}\n  Fn::ForEach::L: [V, [a, b], {'Q${V}': {Type: 'AWS::SQS::Queue'}}]\n";
    for (text, seeds) in [(text.as_str(), 1_500), (nested, 1_500)] {
        for seed in 0..seeds {
            let (kept, summary) = attempt(damaged(text, seed), Some("cloudformation"));
            // Whatever is left of it is read, or said.
            assert!(!kept.records.is_empty() || !kept.faults().is_empty() || summary.is_err(), "seed {seed}");
            let (again, _) = attempt(damaged(text, seed), Some("cloudformation"));
            assert_eq!(kept.faults(), again.faults(), "seed {seed}");
        }
    }
}

#[test]
fn long_lines_take_no_longer() {
    let element = "ü, ";
    let text = format!("Resources: {{A: {{Type: 'AWS::SQS::Queue', Metadata: [{}]}}}}\n", element.repeat(300_000));
    let _watched = Watched::begin();
    assert_eq!(alone(&text).addresses(), ["A"]);
    let queues: String = (0..5_000).map(|at| format!("Q{at}: {{Type: 'AWS::SQS::Queue'}}, ")).collect();
    let _watched = Watched::begin();
    assert_eq!(alone(&format!("Resources: {{{queues}}}\n")).addresses().len(), 5_000);
}

#[test]
fn size_and_number_are_bounded() {
    faults(&format!("Resources: {{}}\n#{}", "x".repeat(5 << 20)), "a template of more than 4194304 bytes");
    let many: String = (0..10_001).map(|at| format!("  Q{at}: {{Type: 'AWS::SQS::Queue'}}\n")).collect();
    faults(&format!("Resources:\n{many}"), "more than 10000 resources");
}
