//! The twelve guardrails written by hand in Rust, over one struct of all the fields that they read.
//!
//! Each line becomes a [`Record`], whose other members the parser skips; eleven rules judge it at once, and of it stays what
//! the twelfth joins. Of several records of a resource the latest counts, as in Parapet. Written for these guardrails and for
//! what the inventory has: a record without a place or a capture time stops the run, and deleted resources are not expected.

mod policy;

use std::borrow::Cow;
use std::collections::hash_map::Entry;

use anyhow::{Context, Result};
use jiff::Timestamp;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::Deserialize;

use crate::counts::Counts;

use policy::{Policy, decoded};

/// Bytes of a record, about.
const BYTES: usize = 2_000;

/// A parser that fills structs.
pub(crate) trait Parser {
    fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T>;
}

pub(crate) struct Sonic;

impl Parser for Sonic {
    fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T> {
        Ok(sonic_rs::from_slice(bytes)?)
    }
}

pub(crate) struct SerdeJson;

impl Parser for SerdeJson {
    fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T> {
        // Which is faster than its `from_slice`.
        Ok(serde_json::from_str(std::str::from_utf8(bytes)?)?)
    }
}

/// The verdicts of all pairs.
pub(crate) fn verdicts<P: Parser>(text: &[u8]) -> Result<Counts> {
    let expected = text.len() / BYTES;
    let mut all: Vec<Kept<'_>> = Vec::with_capacity(expected);
    let mut of: FxHashMap<Identity<'_>, usize> = FxHashMap::with_capacity_and_hasher(expected, FxBuildHasher);
    for line in lines(text) {
        let record: Record<'_> = P::read(line)?;
        match of.entry((record.kind, record.arn.clone())) {
            Entry::Vacant(first) => {
                first.insert(all.len());
                all.push(Kept::of::<P>(line, record));
            }
            Entry::Occupied(before) => {
                let before = all.get_mut(*before.get()).context("a record that was not kept")?;
                before.meet::<P>(line, record)?;
            }
        }
    }
    let groups = Groups::of(&all);
    let mut counts = Counts::default();
    for kept in &all {
        kept.said.iter().flatten().for_each(|verdict| counts.add(kept.known(*verdict).name(), 1));
        if let Part::Instance(place, references) = &kept.part {
            counts.add(kept.known(instance_is_not_open(&groups, place, references)).name(), 1);
        }
    }
    Ok(counts)
}

/// The lines that are not empty.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', text).chain([text.len()]);
    let lines = ends.filter_map(move |end| text.get(std::mem::replace(&mut start, end + 1)..end));
    lines.filter(|line| !line.is_empty())
}

/// A type and an ARN.
type Identity<'a> = (Kind, Text<'a>);

/// An account and a region.
type Place<'a> = (Text<'a>, Text<'a>);

/// A text without escapes is not copied.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Hash)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    fn is(&self, text: &str) -> bool {
        self.0 == text
    }
}

/// The types that guardrails are about.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
enum Kind {
    #[serde(rename = "AWS::EC2::Volume")]
    Volume,
    #[serde(rename = "AWS::RDS::DBInstance")]
    Database,
    #[serde(rename = "AWS::Lambda::Function")]
    Function,
    #[serde(rename = "AWS::EC2::Instance")]
    Instance,
    #[serde(rename = "AWS::EC2::SecurityGroup")]
    Group,
    #[serde(rename = "AWS::IAM::Role")]
    Role,
    #[serde(rename = "AWS::SQS::Queue")]
    Queue,
    #[serde(rename = "AWS::S3::Bucket")]
    Bucket,
    #[serde(rename = "AWS::KMS::Key")]
    Key,
    #[serde(rename = "AWS::SecretsManager::Secret")]
    Secret,
    #[serde(other)]
    Other,
}

/// What the guardrails read of an item.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(rename = "resourceType")]
    kind: Kind,
    #[serde(borrow, rename = "ARN")]
    arn: Text<'a>,
    #[serde(borrow)]
    resource_name: Option<Text<'a>>,
    #[serde(borrow)]
    aws_account_id: Text<'a>,
    #[serde(borrow)]
    aws_region: Text<'a>,
    #[serde(borrow)]
    configuration_item_capture_time: Text<'a>,
    #[serde(borrow)]
    tags: Tags<'a>,
    #[serde(borrow)]
    configuration: Configuration<'a>,
    #[serde(borrow)]
    supplementary_configuration: Supplementary<'a>,
}

#[derive(Deserialize)]
struct Tags<'a> {
    #[serde(borrow)]
    owner: Option<Text<'a>>,
}

/// The union of the types' members.
#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Configuration<'a> {
    encrypted: Option<bool>,
    #[serde(borrow)]
    engine: Option<Text<'a>>,
    storage_encrypted: Option<bool>,
    backup_retention_period: Option<i64>,
    publicly_accessible: Option<bool>,
    #[serde(borrow)]
    runtime: Option<Text<'a>>,
    timeout: Option<i64>,
    #[serde(borrow)]
    metadata_options: Option<MetadataOptions<'a>>,
    #[serde(borrow)]
    security_groups: Option<Vec<GroupReference<'a>>>,
    #[serde(borrow)]
    ip_permissions: Option<Vec<Permission<'a>>>,
    #[serde(borrow)]
    group_id: Option<Text<'a>>,
    #[serde(borrow)]
    assume_role_policy_document: Option<Text<'a>>,
    #[serde(borrow, rename = "KmsMasterKeyId")]
    kms_master_key_id: Option<Text<'a>>,
    #[serde(rename = "SqsManagedSseEnabled")]
    sqs_managed_sse_enabled: Option<bool>,
    #[serde(rename = "ReceiveMessageWaitTimeSeconds")]
    receive_message_wait_time_seconds: Option<i64>,
    #[serde(borrow)]
    key_spec: Option<Text<'a>>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct MetadataOptions<'a> {
    #[serde(borrow)]
    http_tokens: Option<Text<'a>>,
    http_put_response_hop_limit: Option<i64>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct GroupReference<'a> {
    #[serde(borrow)]
    group_id: Text<'a>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Permission<'a> {
    #[serde(borrow)]
    ip_protocol: Option<Text<'a>>,
    from_port: Option<i64>,
    to_port: Option<i64>,
    #[serde(borrow, default)]
    ipv4_ranges: Vec<Range4<'a>>,
    #[serde(borrow, default)]
    ipv6_ranges: Vec<Range6<'a>>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Range4<'a> {
    #[serde(borrow)]
    cidr_ip: Text<'a>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Range6<'a> {
    #[serde(borrow)]
    cidr_ipv6: Text<'a>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct Supplementary<'a> {
    /// JSON in a text.
    #[serde(borrow)]
    public_access_block_configuration: Option<Text<'a>>,
    key_rotation_status: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Block {
    block_public_acls: Option<bool>,
    restrict_public_buckets: Option<bool>,
}

#[derive(Clone, Copy)]
enum Verdict {
    Pass,
    Fail,
    Unknown,
    NotApplicable,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Unknown => "unknown",
            Verdict::NotApplicable => "na",
        }
    }
}

fn require(holds: bool) -> Verdict {
    if holds { Verdict::Pass } else { Verdict::Fail }
}

/// The record of a resource that counts.
struct Kept<'a> {
    line: &'a [u8],
    /// Whether another record of the same time says something else of what rules read.
    contradicted: bool,
    /// Of the rules that read nothing else.
    said: [Option<Verdict>; 2],
    part: Part<'a>,
}

/// The part in the join.
enum Part<'a> {
    None,
    Instance(Place<'a>, Vec<GroupReference<'a>>),
    Group(Place<'a>, Text<'a>, Openness),
}

/// Whether a rule of a group lets in all addresses.
#[derive(Clone, Copy)]
enum Openness {
    Open,
    Closed,
}

impl<'a> Kept<'a> {
    fn of<P: Parser>(line: &'a [u8], record: Record<'a>) -> Kept<'a> {
        let said = said::<P>(&record);
        let place = (record.aws_account_id, record.aws_region);
        let configuration = record.configuration;
        let part = match (record.kind, configuration.group_id) {
            (Kind::Instance, _) => Part::Instance(place, configuration.security_groups.unwrap_or_default()),
            (Kind::Group, Some(id)) => Part::Group(place, id, openness(configuration.ip_permissions.as_deref())),
            _ => Part::None,
        };
        Kept { line, contradicted: false, said, part }
    }

    /// Takes a later record in the place of this one. Few resources have several records, so that they are read again.
    fn meet<P: Parser>(&mut self, line: &'a [u8], record: Record<'a>) -> Result<()> {
        let before: Record<'_> = P::read(self.line)?;
        let (seen, now) = (captured(&before)?, captured(&record)?);
        if now < seen {
            return Ok(());
        }
        let differs = before.configuration != record.configuration
            || (matches!(record.kind, Kind::Secret) && before.resource_name != record.resource_name)
            || before.supplementary_configuration != record.supplementary_configuration;
        let contradicted = now == seen && (self.contradicted || differs);
        *self = Kept { contradicted, ..Kept::of::<P>(line, record) };
        Ok(())
    }

    fn known(&self, verdict: Verdict) -> Verdict {
        if self.contradicted { Verdict::Unknown } else { verdict }
    }
}

fn captured(record: &Record<'_>) -> Result<Timestamp> {
    Ok(record.configuration_item_capture_time.0.parse()?)
}

/// What the rules that read one record say.
fn said<P: Parser>(record: &Record<'_>) -> [Option<Verdict>; 2] {
    let configuration = &record.configuration;
    match record.kind {
        Kind::Volume => [Some(volume_is_encrypted(configuration)), None],
        Kind::Database => [Some(database_is_kept(configuration)), None],
        Kind::Function => [Some(runtime_is_supported(configuration)), None],
        Kind::Instance => [Some(metadata_needs_tokens(configuration)), None],
        Kind::Group => [Some(no_shell_is_open(configuration)), None],
        Kind::Role => [Some(trust_names_no_stranger::<P>(configuration)), None],
        Kind::Queue => [Some(queue_is_encrypted(configuration)), None],
        Kind::Bucket => [Some(owner_is_named(&record.tags)), Some(bucket_is_blocked::<P>(record))],
        Kind::Key => [Some(key_rotates(record)), None],
        Kind::Secret => [Some(secret_has_a_path(record)), None],
        Kind::Other => [None, None],
    }
}

fn volume_is_encrypted(volume: &Configuration<'_>) -> Verdict {
    require(volume.encrypted.unwrap_or(false))
}

fn database_is_kept(db: &Configuration<'_>) -> Verdict {
    if db.engine.as_ref().is_some_and(|engine| engine.0.starts_with("aurora")) {
        return Verdict::NotApplicable;
    }
    let is_kept = db.backup_retention_period.unwrap_or(0) >= 7;
    require(db.storage_encrypted.unwrap_or(false) && is_kept && !db.publicly_accessible.unwrap_or(false))
}

fn runtime_is_supported(function: &Configuration<'_>) -> Verdict {
    let Some(runtime) = &function.runtime else { return Verdict::NotApplicable };
    let is_supported = matches!(&*runtime.0, "python3.13" | "python3.12" | "nodejs22.x" | "java21");
    require(is_supported && (1..=300).contains(&function.timeout.unwrap_or(3)))
}

fn metadata_needs_tokens(instance: &Configuration<'_>) -> Verdict {
    let Some(options) = &instance.metadata_options else { return Verdict::Fail };
    let is_required = options.http_tokens.as_ref().is_some_and(|tokens| tokens.is("required"));
    require(is_required && options.http_put_response_hop_limit.unwrap_or(1) <= 2)
}

fn no_shell_is_open(group: &Configuration<'_>) -> Verdict {
    let is_shell = |rule: &Permission<'_>| {
        rule.ip_protocol.as_ref().is_some_and(|protocol| protocol.is("-1"))
            || (rule.from_port.unwrap_or(0) <= 22 && rule.to_port.unwrap_or(65535) >= 22)
    };
    let is_anywhere =
        |rule: &Permission<'_>| is_any_ipv4(rule) || rule.ipv6_ranges.iter().any(|range| range.cidr_ipv6.is("::/0"));
    let mut rules = group.ip_permissions.iter().flatten();
    require(!rules.any(|rule| is_anywhere(rule) && is_shell(rule)))
}

fn is_any_ipv4(rule: &Permission<'_>) -> bool {
    rule.ipv4_ranges.iter().any(|range| range.cidr_ip.is("0.0.0.0/0"))
}

fn trust_names_no_stranger<P: Parser>(role: &Configuration<'_>) -> Verdict {
    let Some(document) = role.assume_role_policy_document.as_ref().and_then(|text| decoded(&text.0)) else {
        return Verdict::Unknown;
    };
    match P::read::<Policy>(&document) {
        Ok(policy) => require(!policy.statement.names_stranger),
        Err(_) => Verdict::Unknown,
    }
}

fn queue_is_encrypted(queue: &Configuration<'_>) -> Verdict {
    let is_encrypted = queue.kms_master_key_id.is_some() || queue.sqs_managed_sse_enabled.unwrap_or(false);
    require(is_encrypted && queue.receive_message_wait_time_seconds.unwrap_or(0) > 0)
}

fn owner_is_named(tags: &Tags<'_>) -> Verdict {
    let team = tags.owner.as_ref().and_then(|owner| owner.0.strip_prefix("team-"));
    require(team.is_some_and(|team| !team.is_empty() && team.bytes().all(|letter| letter.is_ascii_lowercase())))
}

fn bucket_is_blocked<P: Parser>(bucket: &Record<'_>) -> Verdict {
    let Some(block) = &bucket.supplementary_configuration.public_access_block_configuration else {
        return Verdict::Fail;
    };
    match P::read::<Block>(block.0.as_bytes()) {
        Ok(block) => {
            require(block.block_public_acls.unwrap_or(false) && block.restrict_public_buckets.unwrap_or(false))
        }
        Err(_) => Verdict::Unknown,
    }
}

fn key_rotates(key: &Record<'_>) -> Verdict {
    if key.configuration.key_spec.as_ref().is_some_and(|spec| !spec.is("SYMMETRIC_DEFAULT")) {
        return Verdict::NotApplicable;
    }
    require(key.supplementary_configuration.key_rotation_status.unwrap_or(false))
}

fn secret_has_a_path(secret: &Record<'_>) -> Verdict {
    match &secret.resource_name {
        Some(name) => require(name.0.contains('/')),
        None => Verdict::Unknown,
    }
}

fn openness(rules: Option<&[Permission<'_>]>) -> Openness {
    if rules.into_iter().flatten().any(is_any_ipv4) { Openness::Open } else { Openness::Closed }
}

/// The security groups by account, region and identifier, whose records do not contradict each other.
struct Groups<'k>(FxHashMap<(&'k Place<'k>, &'k Text<'k>), Openness>);

impl<'k> Groups<'k> {
    fn of(all: &'k [Kept<'k>]) -> Groups<'k> {
        let mut groups = Groups(FxHashMap::default());
        for kept in all {
            let Part::Group(place, id, openness) = &kept.part else { continue };
            if !kept.contradicted {
                groups.0.insert((place, id), *openness);
            }
        }
        groups
    }
}

fn instance_is_not_open(groups: &Groups<'_>, place: &Place<'_>, references: &[GroupReference<'_>]) -> Verdict {
    let mut verdict = Verdict::Pass;
    for reference in references {
        match groups.0.get(&(place, &reference.group_id)) {
            Some(Openness::Open) => return Verdict::Fail,
            Some(Openness::Closed) => {}
            None => verdict = Verdict::Unknown,
        }
    }
    verdict
}
