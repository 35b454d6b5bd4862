//! A small organisation with planted weaknesses: the standard library finds each on the right resource.

use std::path::{Path, PathBuf};

use parapet_driver::{Outcome, Refusal, Request, System, check};
use parapet_model::{Finding, Verdict};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

/// The lines of a sample, each two texts with a tabulator between.
fn table(name: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(sample(name)).unwrap_or_default();
    text.lines().filter_map(|line| line.split_once('\t')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

fn check_sample() -> Result<Outcome, Refusal> {
    let request = Request {
        rules: vec!["aws".to_owned()],
        inputs: vec![sample("moto-inventory.ndjson").to_string_lossy().into_owned()],
        jobs: 2,
        ..Request::at(jiff::Timestamp::UNIX_EPOCH)
    };
    check(&System::default(), &request)
}

fn is_called(finding: &Finding, name: &str) -> bool {
    let resource = &finding.resource;
    *resource.id == *name || [&resource.name, &resource.arn].iter().any(|known| known.as_deref() == Some(name))
}

#[test]
fn every_planted_weakness_is_found() {
    let Ok(outcome) = check_sample() else { panic!("the sample is not checked") };
    let result = outcome.result;
    assert!(result.skipped.is_empty(), "no record is skipped: {:?}", result.skipped);
    let expected = table("moto-inventory.expected.tsv");
    assert_eq!(expected.len(), 17);
    let guardrails = table("moto-inventory.guardrails.tsv");
    for (weakness, resource) in expected {
        let named = guardrails.iter().find(|(known, _)| *known == weakness).expect("each weakness has its guardrails");
        for guardrail in named.1.split(' ') {
            let path = format!("aws::{guardrail}");
            let found = result.findings.iter().any(|finding| {
                finding.verdict == Verdict::Fail
                    && result.guardrails[finding.guardrail].path == path
                    && is_called(finding, &resource)
            });
            assert!(found, "{weakness}: {path} does not fail on {resource}");
        }
    }
}
