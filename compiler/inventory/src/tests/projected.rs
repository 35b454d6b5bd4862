//! What is read of which only some properties are wanted is what is read whole.

use std::sync::Mutex;

use parapet_model::{Findings, Name, Node, Record, Resource, Schema};
use parapet_random::Random;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Kept;
use crate::aws_config::tests::{Maker, facts};
use crate::{Source, TAGS, read, read_on};

/// Whether a property is among those of a third, or of all.
fn chosen(part: Option<usize>, property: &str) -> bool {
    part.is_none_or(|part| property.bytes().map(usize::from).sum::<usize>() % 3 == part)
}

fn wanted(part: Option<usize>, ty: &str) -> FxHashSet<Name> {
    let ty = Schema::embedded().resource_type(ty);
    let names = ty.iter().flat_map(|ty| ty.properties.keys()).filter(|name| chosen(part, name));
    let tags = part.is_none_or(|part| part == 0).then(|| TAGS.into());
    names.cloned().chain(tags).collect()
}

/// The resource as rules see it, and what is wrong with its record.
fn typed(record: &Record, wanted: &FxHashSet<Name>) -> String {
    let (resource, findings) = Resource::read(Schema::embedded(), record, Some(wanted));
    shown(&resource, &findings, wanted)
}

fn shown(resource: &Resource, findings: &Findings, wanted: &FxHashSet<Name>) -> String {
    let mut properties: Vec<_> = resource.properties.iter().map(|(name, value)| format!("{name} {value:?}")).collect();
    properties.sort_unstable();
    let header = ["id", "arn", "name", "account", "region", "captured"].map(|name| resource.header(name));
    let tags = wanted.contains(TAGS).then_some(&resource.tags);
    let Resource { origin, form, pointer, .. } = resource;
    format!("{origin:?} {header:?} {tags:?} {form:?} {pointer} {properties:?} {findings:?}")
}

/// Compares what was read whole with what is read by the properties that are wanted, whichever these are.
pub(super) fn agrees(source: &Source<'_>, input: &[u8], whole: &Kept) {
    // Inputs of hundreds of thousands are about something else.
    if whole.records.len() > 2000 {
        return;
    }
    for part in [None, Some(0), Some(1), Some(2)] {
        agrees_of(source, input, whole, &|ty| wanted(part, ty));
    }
    for threads in [1, 3] {
        let mut kept = Kept::default();
        let _ = read_on(threads, source, &mut &*input, &mut kept).unwrap();
        assert_eq!(everything(&kept), everything(whole), "on {threads} threads");
    }
}

/// All that was delivered; of several threads each tells for itself what was collected.
fn everything(kept: &Kept) -> String {
    let Kept { records, gaps, additions, ended, deleted, skips, organisation, .. } = kept;
    let mut collected: Vec<String> = Vec::new();
    for one in kept.collected.iter().map(|one| format!("{one:?}")) {
        if !collected.contains(&one) {
            collected.push(one);
        }
    }
    format!("{records:?} {gaps:?} {additions:?} {ended:?} {deleted:?} {skips:?} {organisation:?} {collected:?}")
}

/// The same for some properties of each type; how many resources were made without a record.
fn agrees_of(
    source: &Source<'_>,
    input: &[u8],
    whole: &Kept,
    wanted: &(dyn Fn(&str) -> FxHashSet<Name> + Sync),
) -> usize {
    let known = Mutex::new(FxHashMap::default());
    let wanted = |ty: &str| known.lock().unwrap().entry(ty.to_owned()).or_insert_with(|| wanted(ty)).clone();
    let mut kept = Kept::default();
    let _ = read(&Source { wanted: Some(&wanted), ..*source }, &mut &*input, &mut kept);
    for (ours, meant) in told(&kept, &wanted).iter().zip(&told(whole, &wanted)) {
        assert_eq!(ours, meant, "{:?}", known.lock().unwrap());
    }
    assert_eq!(kept.records.len(), whole.records.len(), "{:?}", known.lock().unwrap());
    let typed = kept.typed.len();
    let mut kept = Kept::default();
    let _ = read(&Source { wanted: Some(&wanted), placed: true, ..*source }, &mut &*input, &mut kept);
    for (ours, meant) in kept.records.iter().zip(&whole.records) {
        let wanted = wanted(&meant.resource_type);
        assert_eq!(placed(ours, &wanted), placed(meant, &wanted));
    }
    typed
}

/// The values of the properties that are wanted, each with its place.
fn bare_of(record: &Record, wanted: &FxHashSet<Name>) -> String {
    let mut properties: Vec<_> = record.properties.iter().filter(|(name, _)| wanted.contains(name)).collect();
    properties.sort_by_key(|(name, _)| name.clone());
    format!("{} {properties:?}", record.pointer)
}

/// The same, and what the header is made of.
fn placed(record: &Record, wanted: &FxHashSet<Name>) -> String {
    let properties = bare_of(record, wanted);
    let Record { id, arn, name, account, region, tags, captured, pointer, .. } = record;
    format!("{id:?} {arn:?} {name:?} {account:?} {region:?} {tags:?} {captured:?} {pointer} {properties:?}")
}

/// Items of every type that AWS Config records, read for each property alone and for some.
#[test]
fn items_of_every_type_say_the_same() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let rounds: usize = number("PARAPET_ITEMS_ROUNDS").unwrap_or(1);
    let seed: usize = number("PARAPET_ITEMS_SEED").unwrap_or(1);
    let only = std::env::var("PARAPET_ITEMS_TYPE").ok();
    let source = Source::alone(Schema::embedded(), 0);
    let (mut records, mut typed) = (0, 0);
    for (name, facts) in facts().iter().filter(|(name, _)| only.as_ref().is_none_or(|only| **name == **only)) {
        for round in 0..rounds {
            let mut random = Random::of((seed + round) as u64, &[name]);
            let Some(mut maker) = Maker::new(&mut random, name, facts) else { continue };
            let items: Vec<String> = (0..16).map(|at| maker.item(at)).collect();
            let input = items.join("\n");
            let mut whole = Kept::default();
            let _ = read(&source, &mut input.as_bytes(), &mut whole);
            records += whole.records.len();
            let alone = random.number() as usize;
            let some = random.number() as usize;
            let all = |ty: &str| wanted(None, ty);
            let one = |ty: &str| {
                all(ty)
                    .into_iter()
                    .enumerate()
                    .filter(|(at, _)| *at == alone % all(ty).len().max(1))
                    .map(|(_, name)| name)
                    .collect()
            };
            let few = |ty: &str| {
                all(ty)
                    .into_iter()
                    .enumerate()
                    .filter(|(at, _)| some >> (at % 60) & 1 == 1)
                    .map(|(_, name)| name)
                    .collect()
            };
            typed += agrees_of(&source, input.as_bytes(), &whole, &all);
            typed += agrees_of(&source, input.as_bytes(), &whole, &one);
            typed += agrees_of(&source, input.as_bytes(), &whole, &few);
        }
    }
    assert!(only.is_some() || (records > 3000 && typed > 3000), "{records} {typed}");
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

/// `{"value": x}` stands for `x`, also for the second payload.
#[test]
fn a_wrapped_payload_is_opened() {
    let item = |supplementary: &str| {
        format!(
            "{{\"resourceType\": \"AWS::S3::Bucket\", \"resourceId\": \"b\", \"configuration\": {{\"name\": \"b\", \"x\": 1}}, \
             \"supplementaryConfiguration\": {supplementary}}}"
        )
    };
    let logged = "{\"BucketVersioningConfiguration\": {\"status\": \"Enabled\"}}";
    let kept = super::kept([item(&format!("{{\"value\": {logged}}}")), item(logged)].join("\n"));
    for record in &kept.records {
        assert_eq!(
            record.property("VersioningConfiguration").map(super::show).as_deref(),
            Some("{Status:\"Enabled\"}")
        );
    }
}

/// What holds items, as far as inputs do.
fn inputs(items: &[String]) -> Vec<String> {
    let lines = items.join("\n");
    let list = items.join(",");
    let spread = items.join(",\n  ");
    let texts: Vec<String> = items.iter().map(|item| format!("{item:?}")).collect();
    let some = items.iter().take(3).cloned().collect::<Vec<_>>().join(",");
    let events: Vec<String> = items
        .iter()
        .map(|item| {
            let event = format!("{{\"configurationItem\":{item},\"messageType\":\"X\"}}");
            format!("{{\"invokingEvent\":{event:?},\"version\":\"1.0\"}}")
        })
        .collect();
    let messages: Vec<String> = items.iter().map(|item| format!("{{\"configurationItem\":{item}}}")).collect();
    vec![
        lines,
        format!("{{\"fileVersion\":\"1.0\",\"configurationItems\":[{list}],\"configSnapshotId\":\"x\"}}"),
        format!("{{\n  \"configurationItems\": [\n  {spread}\n  ]\n}}\n"),
        format!("[{list}]"),
        format!("[\n  {spread}\n]"),
        format!("{{\"Results\":[{}],\"QueryInfo\":{{\"SelectFields\":[{{\"Name\":\"*\"}}]}}}}", texts.join(",")),
        format!("{{\"QueryInfo\":{{\"SelectFields\":[{{\"Name\":\"configuration\"}}]}},\"Results\":[{list}]}}"),
        format!("{{\"Results\":[{list}]}}"),
        format!("{{\"data\":{{\"baseConfigurationItems\":[{list}]}}}}"),
        format!("[{{\"configurationItems\":[{some}]}},{{\"a\":{{\"configurationItems\":[{some}]}}}},{some}]"),
        format!("{{\"configurationItems\":[{some}]}}\n{{\"configurationItems\":[{some}]}}\n{}", items.join("\n")),
        format!("{{\"configurationItems\":[{some}],\"BaseConfigurationItems\":[{some}]}}"),
        events.join("\n"),
        messages.join("\n"),
        format!("{{\"ResourceDescriptions\":[{list}],\"TypeName\":\"AWS::EC2::Volume\"}}"),
    ]
}

/// The records as rules see them, and all else that was delivered.
fn told(kept: &Kept, wanted: &dyn Fn(&str) -> FxHashSet<Name>) -> Vec<String> {
    let records = kept.records.iter().enumerate().map(|(at, record)| {
        let wanted = wanted(&record.resource_type);
        match kept.typed.get(&at) {
            Some(resource) => shown(resource, &Findings::default(), &wanted),
            None => typed(record, &wanted),
        }
    });
    let others = format!("{:?} {:?} {:?} {:?}", kept.collected, kept.gaps, kept.skips, kept.deleted);
    records.chain([others]).collect::<Vec<_>>()
}

/// Some items of any type, more often of those with much to them.
fn some_items(random: &mut Random, facts: &[(Name, Node)]) -> Vec<String> {
    let kinds =
        ["AWS::EC2::Volume", "AWS::IAM::Role", "AWS::S3::Bucket", "AWS::EC2::SecurityGroup", "AWS::EC2::RouteTable"];
    let mut items = Vec::new();
    for at in 0..6 {
        let any = random.pick(facts).unwrap().0.clone();
        let name = if random.chance(1, 2) { *random.pick(&kinds).unwrap() } else { &*any };
        let facts = facts.iter().find(|(known, _)| **known == *name).map(|(_, facts)| facts).unwrap();
        items.extend(Maker::new(random, name, facts).map(|mut maker| maker.item(at)));
    }
    items
}

/// Whoever waits for records learns that the thread which makes them broke off.
#[test]
fn a_fault_of_one_thread_ends_the_reading() {
    let wanted = |ty: &str| match ty {
        "AWS::EC2::Volume" => panic!("a fault on purpose"),
        _ => FxHashSet::default(),
    };
    let source = Source { wanted: Some(&wanted), ..Source::alone(Schema::embedded(), 0) };
    let item = |ty: &str, at: usize| {
        format!(
            "{{\"resourceType\": \"{ty}\", \"resourceId\": \"r{at}\", \"arn\": \"arn:aws:x:::{at}\", \"awsRegion\": \
             \"eu-west-1\", \"accountId\": \"1\", \"configuration\": {{\"a\": 1, \"b\": 2}}}}\n"
        )
    };
    let of_queues: String = (0..200).map(|at| item("AWS::SQS::Queue", at)).collect();
    let run = |input: String| {
        let mut kept = Kept::default();
        let read = || read_on(2, &source, &mut input.as_bytes(), &mut kept).map(|outcome| outcome.is_ok());
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
        (done.is_ok(), kept.records.len())
    };
    assert_eq!(run(of_queues.clone()), (true, 200));
    assert!(!run(of_queues.clone() + &item("AWS::EC2::Volume", 0) + &of_queues).0);
}

/// Each record is made again of its own bytes, whole or by parts, with its values in the same places.
#[test]
fn records_are_made_again_as_they_were() {
    let facts = facts();
    let mut random = Random::new(5);
    let (mut made, mut bares) = (0, 0);
    for round in 0..20 {
        let wanted = |ty: &str| wanted(Some(round % 3), ty);
        for text in inputs(&some_items(&mut random, &facts)) {
            let mut whole = Kept::default();
            let _ = read(&Source::alone(Schema::embedded(), 0), &mut text.as_bytes(), &mut whole);
            let mut parts = crate::Rereader::new(Schema::embedded(), Some(&wanted));
            let mut all = crate::Rereader::new(Schema::embedded(), None);
            for record in &whole.records {
                let start = record.origin.offset as usize;
                let bytes = text.as_bytes().get(start..start + record.origin.length as usize).unwrap();
                let given = crate::Given::of(record);
                let wanted = wanted(&record.resource_type);
                let ty = Schema::embedded().resource_type(&record.resource_type).unwrap();
                let known = wanted.iter().filter(|name| ty.property(name).is_some());
                let some: Vec<Name> = known.filter(|_| random.chance(1, 2)).cloned().collect();
                if record.origin.part == 0
                    && let Some(glance) = crate::glance(bytes)
                    && let Some(bare) = parts.bare((bytes, &glance), record.origin, &given, &some)
                {
                    let some = some.into_iter().collect();
                    assert_eq!(bare_of(&bare, &some), bare_of(record, &some), "{text}");
                    bares += 1;
                }
                for rereader in [&mut parts, &mut all] {
                    let again = rereader.read(bytes, record.origin, &given).unwrap();
                    assert_eq!(placed(&again, &wanted), placed(record, &wanted), "{text}");
                    assert_eq!(typed(&again, &wanted), typed(record, &wanted), "{text}");
                    made += 1;
                }
            }
        }
    }
    assert!(made > 2000 && bares > 500, "{made} {bares}");
}

/// Inputs of all forms with a few bytes changed, read whole and by parts, at once and in chunks of any size.
#[test]
fn broken_inputs_say_the_same() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let rounds: usize = number("PARAPET_BROKEN_ROUNDS").unwrap_or(20);
    let seed: u64 = number("PARAPET_BROKEN_SEED").unwrap_or(1) as u64;
    let facts = facts();
    let letters = b"{}[]\",:\\ue0-+.19tfn \n\x01ab\xff\xc3";
    let (mut records, mut faults) = (0, 0);
    for round in 0..rounds {
        let mut random = Random::of(seed, &[&round.to_string()]);
        let items = some_items(&mut random, &facts);
        for text in inputs(&items) {
            let mut bytes = text.into_bytes();
            for _ in 0..random.below(4) {
                if bytes.is_empty() {
                    break;
                }
                let at = random.below(bytes.len());
                let letter = letters[random.below(letters.len())];
                match random.below(4) {
                    0 => drop(bytes.remove(at)),
                    1 => bytes[at] = letter,
                    2 => bytes.insert(at, letter),
                    _ if random.chance(1, 6) => bytes.truncate(at),
                    _ => {}
                }
            }
            let source = Source::alone(Schema::embedded(), 0);
            let part = Some(random.below(3));
            let wanted = |ty: &str| wanted(part, ty);
            let mut whole = Kept::default();
            let meant = read(&source, &mut &*bytes, &mut whole);
            records += whole.records.len();
            faults += whole.skips.len();
            // A key that occurs twice is seen only where it is read.
            let twice = whole.skips.iter().any(|skip| skip.reason.contains("twice"));
            for (chunk, by_parts) in
                [(1, false), (1 + random.below(700), false), (1 << 20, true), (1 + random.below(700), true)]
            {
                if by_parts && twice {
                    continue;
                }
                let limits = crate::Limits { chunk, ..crate::Limits::default() };
                let source = Source { limits, wanted: by_parts.then_some(&wanted), ..source };
                let mut kept = Kept::default();
                let outcome = read(&source, &mut &*bytes, &mut kept);
                let input = String::from_utf8_lossy(&bytes).into_owned();
                assert_eq!(format!("{outcome:?}"), format!("{meant:?}"), "{chunk} {by_parts} {part:?} {input}");
                for (ours, meant) in told(&kept, &wanted).iter().zip(&told(&whole, &wanted)) {
                    assert_eq!(ours, meant, "{chunk} {by_parts} {part:?} {input}");
                }
                assert_eq!(kept.records.len(), whole.records.len(), "{chunk} {by_parts} {part:?} {input}");
            }
        }
    }
    assert!(records > 20 * rounds && faults > 5 * rounds, "{records} records, {faults} faults");
}
