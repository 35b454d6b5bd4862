//! Terraform's documents beyond one text: what values stand for, where they stand, modules in several files.

use std::io;
use std::path::{Path, PathBuf};

use parapet_model::{NodeKind, Record, Schema, SymbolPart};

use super::memory::Memory;
use super::{Kept, attempt, kept, show};
use crate::{Files, Limits, Source, Summary, called_modules, is_in_module, read};

fn configured(files: &Memory, path: &str, within: &str, var_files: &[PathBuf]) -> (Kept, Summary) {
    let mut kept = Kept::default();
    let source = Source {
        path: Path::new(path),
        files,
        within: Path::new(within),
        var_files,
        limits: Limits::default(),
        ..Source::alone(Schema::embedded(), 0)
    };
    let text = files.files.get(Path::new(path)).unwrap();
    let summary = read(&source, &mut text.as_slice(), &mut kept).unwrap();
    (kept, summary)
}

/// The attributes that a property stands for.
fn symbol(record: &Record, property: &str) -> Vec<String> {
    let node = record.property(property).unwrap();
    let NodeKind::Unknown(unknown) = &node.kind else { panic!("{property} is known: {}", show(node)) };
    let part = |part: &SymbolPart| match part {
        SymbolPart::Literal(text) => format!("{text:?}"),
        SymbolPart::Attribute(attribute) => format!("{} {}", attribute.owner, attribute.name),
    };
    unknown.symbol().map(|symbol| symbol.parts().iter().map(part).collect()).unwrap_or_default()
}

fn plan(after_unknown: &str, expression: &str) -> Record {
    let text = format!(
        r#"{{"format_version": "1.2", "resource_changes": [
            {{"address": "aws_subnet.a", "mode": "managed", "type": "aws_subnet", "name": "a",
              "change": {{"actions": ["create"], "after": {{}}, "after_unknown": {{"id": true}}}}}},
            {{"address": "aws_route_table_association.x", "mode": "managed", "type": "aws_route_table_association", "name": "x",
              "change": {{"actions": ["create"], "after": {{}}, "after_unknown": {after_unknown}}}}}],
            "configuration": {{"root_module": {{"resources": [
              {{"address": "aws_subnet.a", "expressions": {{}}}},
              {{"address": "aws_route_table_association.x", "expressions": {{"subnet_id": {expression}}}}}]}}}}}}"#
    );
    kept(text).records.remove(1)
}

#[test]
fn a_reference_is_taken_for_what_it_alone_refers_to() {
    let flag = r#"{"subnet_id": true}"#;
    let alone = plan(flag, r#"{"references": ["aws_subnet.a.id", "aws_subnet.a"]}"#);
    assert_eq!(symbol(&alone, "SubnetId"), ["0:aws_subnet.a id"]);
    let old = plan(flag, r#"{"references": ["aws_subnet.a"]}"#);
    assert_eq!(symbol(&old, "SubnetId"), ["0:aws_subnet.a id"]);
    for other in [
        r#"{"references": ["aws_subnet.a.id", "aws_subnet.a", "var.x"]}"#,
        r#"{"references": ["aws_subnet.a.id", "aws_subnet.a", "local.x"]}"#,
        r#"{"references": ["aws_subnet.a.vpc_id", "aws_subnet.a"]}"#,
        r#"{"references": ["aws_vpc.gone.id", "aws_vpc.gone"]}"#,
        r#"{"references": ["data.aws_subnet.d.id", "data.aws_subnet.d"]}"#,
        "{}",
    ] {
        let record = plan(flag, other);
        let own = symbol(&record, "SubnetId");
        assert_eq!(own, ["0:aws_route_table_association.x SubnetId"], "{other}");
    }
}

#[test]
fn values_stand_where_the_plan_has_them() {
    let text = r#"{"format_version": "1.2", "resource_changes": [
  {"address": "aws_db_instance.d", "mode": "managed", "type": "aws_db_instance", "name": "d",
   "change": {"actions": ["create"], "after": {"publicly_accessible": true, "password": "geheim"},
              "after_unknown": {"kms_key_id": true}, "after_sensitive": {"password": true}}}]}"#;
    let kept = kept(text);
    let record = &kept.records[0];
    let document = record.document.as_ref().unwrap();
    assert_eq!(&*record.pointer, "/resource_changes/0");
    assert_eq!((record.origin.line, record.origin.column), (2, 3));
    let pointer = |name: &str| document.tree.pointer_to(record.property(name).unwrap().span);
    assert_eq!(pointer("PubliclyAccessible"), "/resource_changes/0/change/after/publicly_accessible");
    assert_eq!(pointer("KmsKeyId"), "/resource_changes/0/change/after_unknown/kms_key_id");
    assert!(!document.text.contains("geheim") && document.text.contains("\"******\""));
    assert_eq!(document.text.len(), text.len());
}

#[test]
fn what_is_known_elsewhere_helps() {
    let text = r#"{"format_version": "1.2", "resource_changes": [
        {"address": "aws_vpc.a", "mode": "managed", "type": "aws_vpc", "name": "a",
         "change": {"actions": ["no-op"], "after": {"id": "vpc-1", "arn": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"}}},
        {"address": "aws_vpc.b", "mode": "managed", "type": "aws_vpc", "name": "b",
         "change": {"actions": ["create"], "after": {}}}],
        "prior_state": {"values": {"root_module": {"resources": [
          {"address": "data.aws_caller_identity.c", "mode": "data", "type": "aws_caller_identity", "name": "c",
           "values": {"account_id": "111122223333"}}]}}},
        "variables": {"region": {"value": "eu-central-1"}},
        "configuration": {
          "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"references": ["var.region"]}}}},
          "root_module": {"resources": [{"address": "aws_vpc.b", "provider_config_key": "aws", "expressions": {}}]}}}"#;
    let kept = kept(text);
    let place = |at: usize| {
        let record = &kept.records[at];
        let text = |node: &Option<parapet_model::Node>| {
            node.as_ref().and_then(|node| node.as_text()).unwrap_or("-").to_owned()
        };
        (text(&record.account), text(&record.region))
    };
    assert_eq!(place(0), ("111122223333".to_owned(), "eu-west-1".to_owned()));
    assert_eq!(place(1), ("111122223333".to_owned(), "eu-central-1".to_owned()));
}

#[test]
fn planned_values_leave_out_what_is_not_known() {
    let text = r#"{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
        {"address": "aws_db_instance.d", "mode": "managed", "type": "aws_db_instance", "name": "d",
         "values": {"publicly_accessible": false, "kms_key_id": null}}]}}}"#;
    let kept = kept(text);
    assert_eq!(kept.property("PubliclyAccessible"), "false");
    assert_eq!(kept.property("KmsKeyId"), "nothing");
    assert_eq!(kept.property("StorageEncrypted"), "?known after apply");
}

#[test]
fn a_plan_that_is_not_complete_is_not_the_world() {
    let world = |extra: &str| {
        let text = format!(r#"{{"format_version": "1.2", "resource_changes": []{extra}}}"#);
        let (kept, summary) = attempt(text, None);
        (summary.unwrap().world, kept.faults().len())
    };
    assert_eq!(world(""), (true, 0));
    assert_eq!(world(r#", "errored": true"#), (false, 1));
    assert_eq!(world(r#", "complete": false"#), (false, 1));
    assert_eq!(world(r#", "deferred_changes": [{}]"#), (false, 1));
}

#[test]
fn a_truncated_plan_is_an_error() {
    let (_, summary) = attempt(r#"{"format_version": "1.2", "resource_changes": [{"address": "#, None);
    assert!(summary.is_ok());
    let (kept, _) = attempt(r#"{"format_version": "1.2", "resource_changes": [{"address": "#, None);
    assert!(
        kept.faults().iter().all(|fault| fault.starts_with('!')) && kept.faults().len() == 1,
        "{:?}",
        kept.faults()
    );
}

const NET: &str = r#"{"variable": {"cidr": {}}, "resource": {"aws_vpc": {"v": {"cidr_block": "${var.cidr}"}}},
    "output": {"id": {"value": "${aws_vpc.v.id}"}}}"#;

#[test]
fn modules_are_read_where_they_are_called() {
    let main = r#"{"module": {"net": {"source": "./net", "cidr": "10.0.0.0/16"}},
        "resource": {"aws_subnet": {"s": {"vpc_id": "${module.net.id}", "cidr_block": "${local.cidr}"}}}}"#;
    let files = Memory::of(&[
        ("infra/main.tf.json", main),
        ("infra/locals.tf.json", r#"{"locals": {"cidr": "10.0.1.0/24"}, "resource": {"aws_vpc": {"own": {}}}}"#),
        ("infra/net/net.tf.json", NET),
    ]);
    let (kept, summary) = configured(&files, "infra/main.tf.json", "infra", &[]);
    assert_eq!(
        kept.lines(),
        [
            "AWS::EC2::Subnet aws_subnet.s CidrBlock=\"10.0.1.0/24\" VpcId=?known after apply",
            "AWS::EC2::VPC module.net.aws_vpc.v CidrBlock=\"10.0.0.0/16\" IsDefault=false",
        ]
    );
    assert!(summary.world && kept.skips.is_empty());
    assert_eq!(symbol(&kept.records[0], "VpcId"), ["infra:module.net.aws_vpc.v id"]);
    assert_eq!(&*kept.records[1].document.as_ref().unwrap().path, "infra/net/net.tf.json");
    let (locals, _) = configured(&files, "infra/locals.tf.json", "infra", &[]);
    assert_eq!(locals.lines(), ["AWS::EC2::VPC aws_vpc.own IsDefault=false"]);
    let paths: Vec<&Path> = files.files.keys().map(PathBuf::as_path).collect();
    let called = called_modules(paths.into_iter(), &files);
    assert!(is_in_module(Path::new("infra/net/net.tf.json"), &called, &files));
    assert!(!is_in_module(Path::new("infra/main.tf.json"), &called, &files));
}

#[test]
fn modules_that_cannot_be_read_are_said() {
    let circle = r#"{"module": {"b": {"source": "../b"}}}"#;
    let mut files = Memory::of(&[
        (
            "in/a/main.tf.json",
            r#"{"module": {"b": {"source": "../b"}, "out": {"source": "../../out"}, "none": {"source": "./none"},
            "link": {"source": "../link"}}}"#,
        ),
        ("in/b/main.tf.json", circle),
        ("out/main.tf.json", NET),
        ("in/link/main.tf.json", NET),
    ]);
    files.links.insert("in/link".into(), "elsewhere".into());
    let (kept, summary) = configured(&files, "in/a/main.tf.json", "in", &[]);
    let said = kept.faults().join("\n");
    for part in
        ["in a circle", "`../../out` leaves the folder", "module.none: not there", "`../link` leaves the folder"]
    {
        assert!(said.contains(part), "{part} in\n{said}");
    }
    assert!(!summary.world && kept.records.is_empty());
    let paths = ["in/b/main.tf.json"];
    let called = called_modules(paths.iter().map(Path::new), &files);
    assert!(!is_in_module(Path::new("in/b/main.tf.json"), &called, &files));
}

#[test]
fn files_set_variables_and_override() {
    let main = r#"{"variable": {"a": {"default": "1"}, "b": {}, "c": {"default": "x", "sensitive": true}},
        "resource": {"aws_vpc": {"v": {"cidr_block": "${var.a}", "instance_tenancy": "${var.b}", "enable_dns_support": true,
            "tags": {"c": "${var.c}", "f": "${file(\"f.txt\")}", "g": "${file(\"../g.txt\")}"}}}}}"#;
    let files = Memory::of(&[
        ("m/main.tf.json", main),
        ("m/terraform.tfvars.json", r#"{"a": "2", "b": "3"}"#),
        ("m/late_override.tf.json", r#"{"resource": {"aws_vpc": {"v": {"enable_dns_support": false}}}}"#),
        ("m/f.txt", "text"),
        ("g.txt", "text"),
        ("vars.json", r#"{"b": "4"}"#),
    ]);
    let (kept, _) = configured(&files, "m/main.tf.json", "", &["vars.json".into()]);
    assert_eq!(kept.property("CidrBlock"), "\"2\"");
    assert_eq!(kept.property("InstanceTenancy"), "\"4\"");
    assert_eq!(kept.property("EnableDnsSupport"), "false");
    let tags = kept.property("Tags");
    for part in ["Value:?sensitive", "Value:\"text\"", "outside of the folder"] {
        assert!(tags.contains(part), "{part} in {tags}");
    }
}

#[test]
fn hcl_beside_leaves_the_world_open() {
    let files = Memory::of(&[
        ("m/main.tf.json", r#"{"resource": {"aws_vpc": {"v": {"cidr_block": "${var.a}"}}}}"#),
        ("m/variables.tf", "variable \"a\" {}"),
    ]);
    let (kept, summary) = configured(&files, "m/main.tf.json", "", &[]);
    assert!(!summary.world);
    assert_eq!(kept.property("CidrBlock"), "?`var.a` is not in the files that were read");
}

#[test]
fn doubling_comes_to_an_end() {
    let mut locals = vec![r#""a0": ["x", "x", "x", "x"]"#.to_owned()];
    for at in 1..60 {
        let before = at - 1;
        locals.push(format!(r#""a{at}": "${{[local.a{before}, local.a{before}, local.a{before}, local.a{before}]}}""#));
    }
    let text = format!(
        r#"{{"locals": {{{}}}, "resource": {{"aws_vpc": {{"v": {{"cidr_block": "${{local.a59}}"}}}}}}}}"#,
        locals.join(",")
    );
    let kept = kept(text);
    assert!(kept.property("CidrBlock").contains("takes too long"), "{}", kept.property("CidrBlock").len());
}

#[test]
fn long_chains_come_to_an_end() {
    let locals: Vec<String> = (0..5000).map(|at| format!(r#""a{at}": "${{local.a{}}}""#, at + 1)).collect();
    let text = format!(
        r#"{{"locals": {{{}}}, "resource": {{"aws_vpc": {{"v": {{"cidr_block": "${{local.a0}}"}}}}}}}}"#,
        locals.join(",")
    );
    assert!(kept(text).property("CidrBlock").contains("nested too deep"));
}

/// A module of its own has each of them, and what these keep is bounded together.
#[test]
fn variables_of_many_modules_come_to_an_end() {
    let many = vec!["1"; 20_000].join(",");
    let module = format!(
        r#"{{"variable": {{"given": {{}}, "own": {{"type": "list(number)", "default": [{many}]}}}},
             "resource": {{"aws_vpc": {{"v": {{"cidr_block": "${{var.own[0]}}", "instance_tenancy": "${{var.given[0]}}"}}}}}}}}"#
    );
    let main = format!(r#"{{"module": {{"m": {{"source": "./m", "count": 9999, "given": [{many}]}}}}}}"#);
    let files = Memory::of(&[("a/main.tf.json", &main), ("a/m/main.tf.json", &module)]);
    let (kept, _) = configured(&files, "a/main.tf.json", "a", &[]);
    let last = kept.records.last().unwrap();
    for property in ["CidrBlock", "InstanceTenancy"] {
        assert!(show(last.property(property).unwrap()).contains("takes too long"));
    }
    assert_eq!(kept.records.len(), 9_999);
}

/// Members are found by their names, however many there are.
#[test]
fn large_objects_take_time_by_their_size() {
    let members: Vec<String> = (0..60_000).map(|at| format!(r#""k{at}": {at}"#)).collect();
    let text = format!(
        r#"{{"locals": {{"m": {{{}}}, "n": "${{{{for k, v in local.m : k => v}}}}"}},
            "resource": {{"aws_vpc": {{"v": {{"cidr_block": "${{local.n.k59999}}", "instance_tenancy": "${{local.m == local.n}}"}}}}}}}}"#,
        members.join(",")
    );
    let kept = kept(text);
    assert_eq!((kept.property("CidrBlock").as_str(), kept.property("InstanceTenancy").as_str()), ("59999", "true"));
}

/// Files of which no folder can be listed.
struct Unlisted(Memory);

impl Files for Unlisted {
    fn read(&self, path: &Path, most: usize) -> io::Result<Vec<u8>> {
        self.0.read(path, most)
    }

    fn entries(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "not permitted"))
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.0.real(path)
    }
}

#[test]
fn a_folder_that_cannot_be_listed_is_not_empty() {
    let text = r#"{"variable": {"cidr": {"default": "10.0.0.0/8"}},
        "resource": {"aws_vpc": {"v": {"cidr_block": "${var.cidr}", "instance_tenancy": "${local.x}"}}}}"#;
    let files = Unlisted(Memory::of(&[("a/main.tf.json", text)]));
    let source = Source { path: Path::new("a/main.tf.json"), files: &files, ..Source::alone(Schema::embedded(), 0) };
    let mut kept = Kept::default();
    let summary = read(&source, &mut text.as_bytes(), &mut kept).unwrap();
    assert!(!summary.world);
    assert_eq!(kept.property("CidrBlock"), "?a cannot be listed: not permitted");
    assert_eq!(kept.property("InstanceTenancy"), "?`local.x` is not in the files that were read");
    assert_eq!(kept.faults(), ["1:1 a cannot be listed: not permitted; what else stands in it is not read"]);
}

#[test]
fn a_file_in_no_folder_has_others_beside_it() {
    let files = Memory::of(&[
        ("main.tf.json", r#"{"resource": {"aws_vpc": {"v": {"cidr_block": "${local.x}"}}}}"#),
        ("locals.tf.json", r#"{"locals": {"x": "10.0.0.0/8"}}"#),
    ]);
    let (kept, summary) = configured(&files, "main.tf.json", "", &[]);
    assert!(summary.world);
    assert_eq!(kept.property("CidrBlock"), "\"10.0.0.0/8\"");
}
