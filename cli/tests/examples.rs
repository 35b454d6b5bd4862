//! The examples, used as their pages say.
#![cfg(test)]

use std::path::Path;
use std::process::{Command, Output};

fn parapet(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    Command::new(env!("CARGO_BIN_EXE_parapet")).current_dir(root).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_rules_of_the_platform_check_without_a_warning_and_their_tests_hold() {
    let linted = parapet(&["lint", "examples/platform", "--deny-warnings"]);
    assert_eq!(linted.status.code(), Some(0), "{}", text(&linted.stdout));
    let tested = parapet(&["test", "examples/platform"]);
    assert_eq!(tested.status.code(), Some(0), "{}", text(&tested.stdout));
    assert!(text(&tested.stdout).contains("6 passed, 0 failed"), "{}", text(&tested.stdout));
}

#[test]
fn the_platform_has_six_faults_and_one_thing_that_nobody_recorded() {
    let inventory = "examples/platform/inventory.ndjson";
    let arguments = ["check", inventory, "-r", "examples/platform", "--as-of", "2026-11-23", "--format", "json"];
    let checked = parapet(&arguments);
    assert_eq!(checked.status.code(), Some(1));
    let result: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    let findings = result["findings"].as_array().unwrap().iter().map(|finding| {
        let field =
            |pointer: &str| finding.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or("").to_owned();
        let guardrail = field("/guardrail").replace("platform::access::", "");
        format!("{} {guardrail} {}: {}", field("/verdict"), field("/resource/id"), field("/details/0/message"))
    });
    let expected = "\
fail group_is_not_in_itself payments-team: payments-team is a member of itself
fail group_is_not_in_itself payments-oncall: payments-oncall is a member of itself
fail person_who_left_is_in_no_group ben: ben@acme.example left at 2026-09-30T00:00:00Z and is in orders-readers
unknown person_has_mfa cleo: `person.mfa` is not known to hold
fail person_has_mfa dan: dan@acme.example signs in with a password alone
fail first_tier_uses_no_test_database checkout: checkout depends on a test database, by way of tax
fail database_is_closed_to_open_groups orders: everyone in everyone reads orders, by way of orders-readers";
    assert_eq!(findings.collect::<Vec<_>>().join("\n"), expected);
}

#[test]
fn a_finding_by_way_of_others_shows_the_way() {
    let inventory = "examples/platform/inventory.ndjson";
    let checked = parapet(&["check", inventory, "-r", "examples/platform", "--as-of", "2026-11-23"]);
    let shown = text(&checked.stdout);
    assert!(shown.contains("\"everyone → wiki-readers → reporting → orders-readers\""), "{shown}");
}

#[test]
fn types_of_ones_own_are_listed_with_those_of_aws() {
    let described = text(&parapet(&["types", "Acme::Database", "-r", "examples/platform"]).stdout);
    assert!(described.contains("Set<Ref<Acme::Group>>"), "{described}");
    let all = text(&parapet(&["types", "-r", "examples/platform"]).stdout);
    assert!(all.contains("Acme::Group\n") && all.contains("AWS::EC2::VPC\n"));
}

/// Files are read at the same time; which record of a resource counts rests on their order, and never on who was first.
#[test]
fn a_folder_of_inputs_gives_the_same_bytes_with_any_number_of_threads() {
    let folder = std::env::temp_dir().join(format!("parapet-threads-{}", std::process::id()));
    let inventory = folder.join("inventory");
    std::fs::create_dir_all(&inventory).unwrap();
    for file in 0..12 {
        let record = |number: usize| {
            let day = 1 + (number * 5 + file * 7) % 28;
            format!(
                r#"{{"type": "AWS::EC2::VPC", "id": "vpc-{}", "account": "111122223333", "region": "eu-west-1", "captured": "2026-10-{day:02}T00:00:00Z", "properties": {{"CidrBlock": "10.{file}.{number}.0/24"}}}}"#,
                (number + file) % 50
            )
        };
        let mut lines: Vec<String> = (0..40 + file).map(record).collect();
        lines.insert(file * 3, "{\"type\": 5}".to_owned());
        std::fs::write(inventory.join(format!("{file:02}.ndjson")), lines.join("\n")).unwrap();
    }
    std::fs::write(
        folder.join("rules.parapet"),
        "guardrail none(vpc: AWS::EC2::VPC) {\n    require vpc.CidrBlock is absent else \"{vpc.CidrBlock}\"\n}\n",
    )
    .unwrap();
    let inputs = inventory.to_string_lossy().into_owned();
    let rules = folder.join("rules.parapet").to_string_lossy().into_owned();
    let run = |jobs: &str| {
        let arguments = ["check", &inputs, "-r", &rules, "--as-of", "2026-11-23", "--format", "json", "--jobs", jobs];
        text(&parapet(&arguments).stdout)
    };
    let once = run("1");
    let result: serde_json::Value = serde_json::from_str(&once).unwrap();
    assert_eq!(result.pointer("/summary/resources").and_then(serde_json::Value::as_u64), Some(50));
    assert_eq!(result["skipped"].as_array().unwrap().len(), 12);
    for jobs in ["2", "7", "16"] {
        assert_eq!(once, run(jobs), "{jobs} threads");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// A large file is read, cut into records and typed by threads of their own, which hand on in order.
#[test]
fn one_large_file_gives_the_same_bytes_with_any_number_of_threads() {
    let folder = std::env::temp_dir().join(format!("parapet-large-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let record = |number: usize| match number % 2500 {
        17 => "{\"type\": 5}".to_owned(),
        18 => "{\"type\": \"AWS::EC2::VPC\", \"id\": ".to_owned(),
        _ => format!(
            r#"{{"type": "AWS::EC2::VPC", "id": "vpc-{}", "account": "111122223333", "region": "eu-west-1", "captured": "2026-10-{:02}T00:00:00Z", "properties": {{"CidrBlock": "10.{}.0.0/16", "Note": "{}"}}}}"#,
            number % 7000,
            1 + number % 28,
            number % 250,
            "x".repeat(number % 90)
        ),
    };
    let lines: Vec<String> = (0..9000).map(record).collect();
    let bytes = lines.join("\n");
    assert!(bytes.len() > 1 << 20);
    std::fs::write(folder.join("in.ndjson"), &bytes).unwrap();
    let rules = "guardrail small(vpc: AWS::EC2::VPC) {\n    require (vpc.CidrBlock ?? 10.0.0.0/8) != 10.7.0.0/16 else \"{vpc.name}\"\n}\n";
    std::fs::write(folder.join("rules.parapet"), rules).unwrap();
    let input = folder.join("in.ndjson").to_string_lossy().into_owned();
    let rules = folder.join("rules.parapet").to_string_lossy().into_owned();
    let run = |jobs: &str| {
        let arguments = ["check", &input, "-r", &rules, "--as-of", "2026-11-23", "--format", "json", "--jobs", jobs];
        text(&parapet(&arguments).stdout)
    };
    let once = run("1");
    let result: serde_json::Value = serde_json::from_str(&once).unwrap();
    assert!(result.pointer("/summary/fail").and_then(serde_json::Value::as_u64) > Some(10));
    assert!(result["skipped"].as_array().unwrap().len() > 4);
    for jobs in ["2", "3", "8"] {
        assert_eq!(once, run(jobs), "{jobs} threads");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// A process opens only so many files at once: places are found one after the other.
#[cfg(unix)]
#[test]
fn findings_of_more_files_than_may_be_open_have_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.parapet");
    let rule = "guardrail small(volume: AWS::EC2::Volume) {\n    require (volume.Size ?? 0) < 100\n}\n";
    std::fs::write(&rules, rule).unwrap();
    let inventory = folder.path().join("inventory");
    std::fs::create_dir(&inventory).unwrap();
    for at in 0..200 {
        let record =
            format!("{{\"type\": \"AWS::EC2::Volume\", \"id\": \"v{at}\", \"properties\": {{\"Size\": 200}}}}\n");
        std::fs::write(inventory.join(format!("{at}.ndjson")), record).unwrap();
    }
    let command = "ulimit -n 64; exec \"$0\" check \"$1\" --rules \"$2\" --format json --jobs 2";
    let shell =
        Command::new("sh").args(["-c", command, env!("CARGO_BIN_EXE_parapet")]).arg(&inventory).arg(&rules).output();
    let result: serde_json::Value = serde_json::from_slice(&shell.unwrap().stdout).unwrap();
    let findings = result["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 200);
    for finding in findings {
        let value = &finding["details"][0]["values"][0]["source"];
        assert_eq!(
            (value["line"].as_u64(), value["pointer"].as_str()),
            (Some(1), Some("/properties/Size")),
            "{finding}"
        );
    }
}
