//! What is read of which only some properties are wanted is what is read whole.

use std::sync::Mutex;

use parapet_model::{Name, Record, Resource, Schema};
use parapet_random::Random;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Kept;
use crate::{Source, read};

/// Whether a property is among those of a third, or of all.
fn chosen(part: Option<usize>, property: &str) -> bool {
    part.is_none_or(|part| property.bytes().map(usize::from).sum::<usize>() % 3 == part)
}

fn wanted(part: Option<usize>, ty: &str) -> FxHashSet<Name> {
    let ty = Schema::embedded().resource_type(ty);
    let names = ty.iter().flat_map(|ty| ty.properties.keys());
    names.filter(|name| chosen(part, name)).cloned().collect()
}

/// The resource as rules see it, and what is wrong with its record.
fn typed(record: &Record, wanted: &FxHashSet<Name>) -> String {
    let (resource, findings) = Resource::read(Schema::embedded(), record, Some(wanted));
    let mut properties: Vec<_> = resource.properties.iter().map(|(name, value)| format!("{name} {value:?}")).collect();
    properties.sort_unstable();
    let header = ["id", "arn", "name", "account", "region", "tags", "captured"].map(|name| resource.header(name));
    format!("{:?} {header:?} {:?} {properties:?} {findings:?}", record.origin, record.form)
}

/// Compares what was read whole with what is read by the properties that are wanted, whichever these are.
pub(super) fn agrees(source: &Source<'_>, input: &[u8], whole: &Kept) {
    // Inputs of hundreds of thousands are about something else.
    if whole.records.len() > 2000 {
        return;
    }
    for part in [None, Some(0), Some(1), Some(2)] {
        let known = Mutex::new(FxHashMap::default());
        let wanted = |ty: &str| known.lock().unwrap().entry(ty.to_owned()).or_insert_with(|| wanted(part, ty)).clone();
        let mut kept = Kept::default();
        let _ = read(&Source { wanted: Some(&wanted), ..*source }, &mut &*input, &mut kept);
        let told = |kept: &Kept| {
            let records = kept.records.iter().map(|record| typed(record, &wanted(&record.resource_type)));
            let others = format!("{:?} {:?} {:?} {:?}", kept.collected, kept.gaps, kept.skips, kept.deleted);
            records.chain([others]).collect::<Vec<_>>()
        };
        for (ours, meant) in told(&kept).iter().zip(&told(whole)) {
            assert_eq!(ours, meant, "{part:?}");
        }
        assert_eq!(kept.records.len(), whole.records.len(), "{part:?}");
    }
}

/// Items that say the same again, and nearly the same.
#[test]
fn what_was_read_before_is_not_taken_for_something_else() {
    let mut random = Random::new(7);
    let mut pick = |of: &[&str]| random.pick(of).copied().unwrap_or_default().to_owned();
    let mut input = String::new();
    for at in 0..400 {
        let flag = pick(&["true", "false", "null", "\"true\"", "\"x\"", "[]", "{\"value\": true}"]);
        let key = pick(&["encrypted", "Encrypted", "ENCRYPTED", "kmsKeyId", "\\u0065ncrypted", "value"]);
        let more = pick(&[
            "",
            ", \"encrypted\": false",
            ", \"unknown\": {\"encrypted\": true}",
            ", \"tags\": [{\"key\": \"a\", \"value\": \"b\"}]",
        ]);
        let beside = pick(&["", "\"supplementaryConfiguration\": {}, ", "\"supplementaryConfiguration\": null, "]);
        let policy = pick(&["\"{\\\"Statement\\\": []}\"", "{\"Statement\": []}", "\"%7B%7D\"", "null", "\"nothing\""]);
        let account = pick(&["1", "2"]);
        let (ty, configuration) = match at % 3 {
            0 => ("AWS::EC2::Volume", format!("{{\"size\": 1, \"{key}\": {flag}{more}}}")),
            1 => ("AWS::IAM::Role", format!("{{\"path\": \"/\", \"assumeRolePolicyDocument\": {policy}{more}}}")),
            _ => (
                "AWS::SQS::Queue",
                format!("{{\"QueueUrl\": \"q{at}\", \"Policy\": {policy}, \"{key}\": {flag}{more}}}"),
            ),
        };
        input.push_str(&format!(
            "{{\"relationships\": [], \"configuration\": {configuration}, {beside}\"resourceType\": \"{ty}\", \
             \"resourceId\": \"r{at}\", \"awsAccountId\": \"{account}\", \"awsRegion\": \"eu-west-1\"}}\n"
        ));
    }
    let whole = super::kept(input);
    assert!(whole.records.len() > 200, "{}", whole.records.len());
}
