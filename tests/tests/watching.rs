//! A run that goes on while rules change, beside one that has just begun: they say the same after each change, whether more of
//! the inputs is read then, or all of them again.
#![cfg(test)]

#[path = "../../benches/src/inventory.rs"]
mod inventory;

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use parapet_driver::{Held, Host, Kind, Memory, Refusal, Request, Tally, Watch};
use parapet_model::{Name, Schema, Type};
use parapet_random::Random;

/// Files in memory, one of which is rules that change; counts how often an input is read from its beginning.
struct Changing {
    inputs: Memory,
    rules: Memory,
    reads: AtomicUsize,
}

const RULES: &str = "r.parapet";

impl Changing {
    fn of(&self, path: &Path) -> &Memory {
        if path == Path::new(RULES) { &self.rules } else { &self.inputs }
    }
}

impl Host for Changing {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        self.of(path).kind(path)
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.of(folder).entries(folder)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        if path != Path::new(RULES) {
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
        self.of(path).open(path)
    }

    fn open_anywhere(&self, path: &Path) -> Option<Box<dyn parapet_driver::Anywhere + '_>> {
        self.of(path).open_anywhere(path)
    }

    fn size(&self, path: &Path) -> Option<u64> {
        self.of(path).size(path)
    }

    fn real(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn now(&self) -> Timestamp {
        self.inputs.now()
    }
}

fn now() -> Timestamp {
    "2026-11-30T00:00:00Z".parse().unwrap()
}

/// The inventory of the example, decompressed.
fn organisation() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/organisation/inventory");
    let files = ["config/snapshot-1.json.zst", "cloud-control.ndjson"];
    let read = |name: &&str| {
        let mut file = std::fs::File::open(folder.join(name)).unwrap();
        let mut text = String::new();
        parapet_inventory::decompressed(&mut file).unwrap().read_to_string(&mut text).unwrap();
        (format!("inventory/{}", name.trim_end_matches(".zst")), text)
    };
    files.iter().map(read).collect()
}

/// Items of AWS Config of which several are of one resource, some of one time; some say different things; of some something is
/// unusual.
fn items(random: &mut Random) -> String {
    let mut lines = String::new();
    for at in 0..400 {
        let volume = random.below(120);
        let second = random.below(3);
        let (size, kms) = (random.below(2) * 8, random.below(2));
        let key = if random.chance(1, 9) { "Encrypted" } else { "encrypted" };
        let tags = ["{}", "{\"owner\":\"a\"}", "{\"owner\":\"b\"}"][random.below(3)];
        lines.push_str(&format!(
            "{{\"configuration\":{{\"volumeId\":\"vol-{volume}\",\"{key}\":{},\"size\":{size},\"kmsKeyId\":\"key-{kms}\"}},\
             \"tags\":{tags},\"configurationItemCaptureTime\":\"2026-11-20T06:00:0{second}.000Z\",\"awsAccountId\":\"1\",\
             \"resourceType\":\"AWS::EC2::Volume\",\"resourceId\":\"vol-{volume}\",\"awsRegion\":\"eu-west-1\",\
             \"ARN\":\"arn:aws:ec2:eu-west-1:1:volume/vol-{volume}\"}}\n",
            random.chance(1, 2),
        ));
        let gateway = random.below(3);
        if random.chance(1, 4) {
            lines.push_str(&format!(
                "{{\"configuration\":{{\"routeTableId\":\"rtb-{at}\",\"vpcId\":\"vpc-{gateway}\",\"routes\":[\
                 {{\"destinationCidrBlock\":\"0.0.0.0/0\",\"gatewayId\":\"igw-{gateway}\",\"state\":\"active\"}},\
                 {{\"destinationCidrBlock\":\"10.0.0.0/8\",\"gatewayId\":\"local\",\"state\":\"active\"}}]}},\
                 \"configurationItemCaptureTime\":\"2026-11-20T06:00:00.000Z\",\"awsAccountId\":\"1\",\
                 \"resourceType\":\"AWS::EC2::RouteTable\",\"resourceId\":\"rtb-{at}\",\"awsRegion\":\"eu-west-1\",\
                 \"ARN\":\"arn:aws:ec2:eu-west-1:1:route-table/rtb-{at}\"}}\n"
            ));
        }
    }
    lines
}

/// A guardrail that reads something of a type.
fn guardrail(random: &mut Random, at: usize, types: &[Name]) -> Option<String> {
    let schema = Schema::embedded();
    let ty = schema.resource_type(random.pick(types)?)?;
    let properties: Vec<_> = ty.properties.values().filter(|it| !it.required).collect();
    let property = random.pick(&properties)?;
    let many = matches!(property.ty, Type::List { .. } | Type::Set(_) | Type::Map(_)) && !property.absence_counts;
    let property = format!("{}{}", property.name, if many { ".is_empty()" } else { " is absent" });
    let condition = match random.below(8) {
        0 => "x.tags[\"owner\"] == \"a\"".to_owned(),
        1 => format!("no other in {}: other.id == x.id and other.{property}", ty.name),
        2 => format!("(count other in {} where other.account == x.account) > 3 and x.{property}", ty.name),
        _ => format!("x.{property}"),
    };
    Some(format!("guardrail g{at}(x: {}) {{\n    require {condition}\n}}\n\n", ty.name))
}

fn said(watch: &mut Watch, host: &Changing, inputs: &str) -> (Vec<Tally>, Held) {
    let names = |name: &str| vec![name.to_owned()];
    let request = Request { rules: names(RULES), inputs: names(inputs), jobs: 2, ..Request::at(now()) };
    match watch.tallies(host, &request) {
        Ok(tallies) => (tallies, watch.held()),
        Err(Refusal::Rules(_, found)) => panic!("{:?}", found.iter().map(|(_, it)| &it.message).collect::<Vec<_>>()),
        Err(Refusal::Usage(why) | Refusal::Fault(why)) => panic!("the request is refused: {why}"),
    }
}

/// Random rules, one after the other, over inputs; how often the inputs were read from their beginning by the run that went on.
fn follow(inputs: (&str, Memory), types: &[Name], steps: usize, seed: u64) -> usize {
    let mut random = Random::new(seed);
    let mut host = Changing { inputs: inputs.1, rules: Memory::new(now()), reads: AtomicUsize::new(0) };
    let mut watch = Watch::new();
    let mut reads = 0;
    let mut guardrails: Vec<String> = Vec::new();
    for step in 0..steps {
        if guardrails.len() > 3 || random.chance(1, 4) && !guardrails.is_empty() {
            guardrails.remove(random.below(guardrails.len()));
        }
        guardrails.extend(guardrail(&mut random, step, types));
        let text = guardrails.concat();
        host.rules = Memory::new(now()).with([(RULES.to_owned(), text.clone())]);
        let before = host.reads.load(Ordering::Relaxed);
        let (tallies, held) = said(&mut watch, &host, inputs.0);
        reads += host.reads.load(Ordering::Relaxed) - before;
        let (meant, fields) = said(&mut Watch::new(), &host, inputs.0);
        assert_eq!(tallies, meant, "step {step} of seed {seed}:\n{text}");
        for (field, texts) in &fields {
            assert_eq!(held.get(field), Some(texts), "{field:?} in step {step} of seed {seed}:\n{text}");
        }
    }
    reads
}

fn types(inputs: &[(String, String)]) -> Vec<Name> {
    let named = |text: &str| {
        let parts = text.split("\"AWS::").skip(1).filter_map(|part| part.split('"').next());
        parts.map(|name| Name::from(format!("AWS::{name}"))).collect::<Vec<_>>()
    };
    let types: BTreeSet<Name> = inputs.iter().flat_map(|(_, text)| named(text)).collect();
    types.into_iter().filter(|name| Schema::embedded().has_type(name)).collect()
}

#[test]
fn rules_that_read_more_say_what_reading_all_again_says() {
    let inputs = organisation();
    let types = types(&inputs);
    for seed in 1..=2 {
        let memory = Memory::new(now()).with(inputs.clone());
        // Two files, read once.
        assert_eq!(follow(("inventory", memory), &types, 10, seed), 2, "seed {seed}");
    }
}

#[test]
fn records_of_one_time_are_compared_again_by_what_is_read_now() {
    let types = ["AWS::EC2::Volume", "AWS::EC2::RouteTable", "AWS::EC2::Route"].map(Name::from);
    for seed in 1..=4 {
        let text = items(&mut Random::new(seed));
        let reads = follow(("in.ndjson", Memory::new(now()).with([("in.ndjson".to_owned(), text)])), &types, 14, seed);
        assert_eq!(reads, 1, "seed {seed}");
    }
}

#[test]
fn a_generated_inventory_is_read_once() {
    let text = inventory::ndjson(400, 1);
    let types = types(&[(String::new(), text.clone())]);
    let memory = Memory::new(now()).with([("in.ndjson".to_owned(), text)]);
    assert_eq!(follow(("in.ndjson", memory), &types, 14, 1), 1);
}
