//! Rules as people write them, as many as one wants: guardrails in modules that use each other's functions, constants
//! and parameters, with messages and tests. One guardrail in ten has something to lint. A seed gives the same bytes.

use std::fmt::Write;

use parapet_driver::Memory;

use parapet_random::Random;

/// The folder that holds all files; modules are named from there on.
pub(crate) const FOLDER: &str = "rules";

/// Guardrails in a file.
pub(crate) const PER_FILE: usize = 10;

/// The sequence of all tables.
const SEED: u64 = 27;

/// A file: its path and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// So many files.
pub(crate) fn files(count: usize) -> Vec<File> {
    let mut random = Random::new(SEED);
    (0..count).map(|number| File { path: path(number), text: text(&mut random, number, count) }).collect()
}

/// A host that holds them, so that no disk is measured.
pub(crate) fn in_memory(files: &[File]) -> Memory {
    let files = files.iter().map(|file| (file.path.clone(), file.text.clone()));
    Memory::new(jiff::Timestamp::UNIX_EPOCH).with(files)
}

fn path(number: usize) -> String {
    format!("{FOLDER}/area_{:02}/topic_{number}.parapet", number / 50)
}

fn text(random: &mut Random, number: usize, count: usize) -> String {
    let mut out = String::new();
    // Most modules use one that others use, too.
    let other = random.below(count);
    let other = if other == number { (number + 1) % count.max(1) } else { other };
    let _ = writeln!(out, "//! What holds for topic {number}.\n");
    if other != number {
        let _ = writeln!(out, "use area_{:02}::topic_{other}::{{LEAST_{other}, is_listed_{other}}}\n", other / 50);
    }
    let uses = if other == number { number } else { other };
    let least = 1 + random.below(30);
    let _ = write!(
        out,
        "/// How long something may stay as it is.\nparam most_days_{number}: Int = {least}\n\n\
         /// What is kept at least.\npub const LEAST_{number} = {least}\n\n\
         /// Ports that only administrators need.\nconst PORTS_{number} = [22, 3389, {}]\n\n\
         /// Whether a port is one of those.\npub fn is_listed_{number}(port: Int) -> Bool = port in PORTS_{number}\n",
        1024 + random.below(60_000)
    );
    for rule in 0..PER_FILE {
        let name = number * PER_FILE + rule;
        let kind = random.below(KINDS.len());
        let lint = random.below(10) == 0;
        guardrail(&mut out, random, Place { name, number, uses, kind, lint });
    }
    let first = number * PER_FILE;
    let _ = write!(
        out,
        "\ntest \"the list of topic {number} holds\" {{\n    given queue = AWS::SQS::Queue {{ DelaySeconds: {} }}\n    \
         expect is_listed_{number}(22)\n    expect queue.DelaySeconds is present\n}}\n\n// Rules {first} to {}.\n",
        random.below(900),
        first + PER_FILE - 1
    );
    out
}

/// What a guardrail is made of.
struct Place {
    name: usize,
    number: usize,
    /// The file whose exports it may use.
    uses: usize,
    kind: usize,
    lint: bool,
}

/// Name, title, fix, parameter, body. In them `@N` is the file, `@U` the file that is used, `@K` the guardrail.
type Kind = (&'static str, &'static str, &'static str, &'static str, &'static str);

const KINDS: [Kind; 8] = [
    (
        "database_is_private",
        "Databases are private and kept",
        "Set `PubliclyAccessible` to `false`, and a longer retention.",
        "db: AWS::RDS::DBInstance",
        "    skip if definitely db.DBInstanceStatus == \"deleting\"
    require not (db.PubliclyAccessible ?? false)
        else \"{db.name} has a public endpoint\"
    require (db.BackupRetentionPeriod ?? 0) >= LEAST_@U
        else \"{db.name} keeps backups for {db.BackupRetentionPeriod} days\"
",
    ),
    (
        "no_admin_port",
        "No administration port is open",
        "Remove the rule, or name a narrower source.",
        "group: AWS::EC2::SecurityGroup",
        "    for rule in group.SecurityGroupIngress where rule.IpProtocol == \"tcp\" {
        let from = rule.FromPort ?? 0
        require not (is_listed_@N(from) and (rule.CidrIp ?? 10.0.0.0/8) == 0.0.0.0/0)
            else \"port {from} is open to {rule.CidrIp}\"
    }
    require no rule in group.SecurityGroupIngress: is_listed_@U(rule.FromPort ?? 0)
        else \"{group.id} opens {rule.FromPort}\"
",
    ),
    (
        "bucket_is_versioned",
        "Buckets keep versions and block the public",
        "Switch on versioning and all four settings of the block.",
        "bucket: AWS::S3::Bucket",
        "    let block = bucket.PublicAccessBlockConfiguration
    require block is present
        else \"{bucket.name} has no public access block\"
    require block.BlockPublicAcls ?? false
        else \"{bucket.name} accepts public ACLs\"
    require (bucket.VersioningConfiguration?.Status ?? \"Suspended\") == \"Enabled\"
        else \"{bucket.name} keeps no versions\"
",
    ),
    (
        "function_is_current",
        "Functions run on a current runtime",
        "Choose a runtime that is supported.",
        "function: AWS::Lambda::Function",
        "    skip if function.Runtime is absent
    require function.Runtime not in [\"python3.6\", \"nodejs12.x\", \"dotnetcore3.1\"]
        else \"{function.name} runs on {function.Runtime}\"
    require (function.Timeout ?? 3) <= 900 and (function.MemorySize ?? 128) >= 64 + LEAST_@U
    if function.VpcConfig is present {
        require no subnet in function.VpcConfig.SubnetIds: subnet.MapPublicIpOnLaunch ?? false
            else \"{function.name} stands in the public subnet {subnet.id}\"
    }
",
    ),
    (
        "queue_is_encrypted",
        "Queues are encrypted and patient",
        "Name a key, and a longer retention.",
        "queue: AWS::SQS::Queue",
        "    let days = (queue.MessageRetentionPeriod ?? 345600) / 86400
    require queue.KmsMasterKeyId is present or (queue.SqsManagedSseEnabled ?? true)
        else \"{queue.name} is not encrypted\"
    require days <= most_days_@N + LEAST_@U or queue.name.starts_with(\"archive-\")
        else \"{queue.name} keeps messages for {days} days\"
",
    ),
    (
        "stage_has_firewall",
        "Stages have a firewall and logs",
        "Associate a web ACL.",
        "stage: AWS::ApiGateway::Stage",
        "    require any acl in AWS::WAFv2::WebACLAssociation: acl.ResourceArn == stage.arn
        else \"{stage.name} has no firewall\"
    require stage.TracingEnabled ?? false
    require (count method in stage.MethodSettings where method.LoggingLevel == \"OFF\") <= LEAST_@U
        else \"{stage.name} logs too little\"
",
    ),
    (
        "key_rotates",
        "Keys rotate",
        "Set `EnableKeyRotation`.",
        "key: AWS::KMS::Key",
        "    skip if (key.KeySpec ?? \"SYMMETRIC_DEFAULT\") != \"SYMMETRIC_DEFAULT\"
    let team = key.tags[\"team\"] ?? \"nobody\"
    require key.EnableKeyRotation ?? false
        else \"the key {key.id} of {team} does not rotate\"
    require team matches /^[a-z][a-z0-9-]*$/ and team.len() < 20 + LEAST_@U
        else \"{team} is no name of a team\"
",
    ),
    (
        "table_is_protected",
        "Tables are protected",
        "Switch on deletion protection and recovery.",
        "table: AWS::DynamoDB::Table",
        "    require table.DeletionProtectionEnabled ?? false
        else \"{table.name} may be deleted\"
    let recovery = table.PointInTimeRecoverySpecification
    require recovery is present
    require recovery.PointInTimeRecoveryEnabled ?? false
        else \"{table.name} cannot be recovered\"
    require all index in table.GlobalSecondaryIndexes: index.IndexName != \"old-@K\" and LEAST_@U > 0
",
    ),
];

fn guardrail(out: &mut String, random: &mut Random, place: Place) {
    let Some((name, title, fix, parameter, body)) = KINDS.get(place.kind) else { return };
    let severity = ["low", "medium", "high", "critical"].get(random.below(4)).copied().unwrap_or("low");
    let _ = writeln!(
        out,
        "\n/// {title}, as rule {} says.\n///\n/// What is left open is found by those who look for it.",
        place.name
    );
    if !place.lint {
        let _ = writeln!(out, "///\n/// # Fix\n/// {fix}");
    }
    let _ = writeln!(out, "@severity({severity})\n@control(own: \"RULE.{}\")", place.name);
    let _ = writeln!(out, "guardrail {name}_{}({parameter}) {{", place.name);
    let body = body.replace("@N", &place.number.to_string()).replace("@U", &place.uses.to_string());
    out.push_str(&body.replace("@K", &place.name.to_string()));
    out.push_str("}\n");
}

#[cfg(test)]
mod tests {
    use parapet_base::Level;
    use parapet_driver::{Scope, diagnostics, load, select};

    use super::*;

    /// A table about rules that do not check would measure something else.
    #[test]
    fn generated_rules_check_and_some_have_lints() {
        assert_eq!(files(3), files(3));
        let rules = load(&in_memory(&files(60)), &[FOLDER.to_owned()]).unwrap();
        let found = diagnostics(&rules, Scope::WithTests);
        let errors: Vec<_> = found.iter().filter(|(_, found)| found.level() == Level::Error).collect();
        assert!(errors.is_empty(), "{:?}", errors.iter().map(|(_, error)| &error.message).take(5).collect::<Vec<_>>());
        let lints = found.len();
        assert!((30..=120).contains(&lints), "{lints} lints in 600 rules");
        let selected = select(&rules, &Default::default(), jiff::Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(selected.program.guardrails.len(), 600);
        assert!(parapet_ir::verify(&selected.program).is_empty());
    }
}
