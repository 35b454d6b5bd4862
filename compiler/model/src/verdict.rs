//! Verdicts, findings and the result of a run: plain data for reports.

use std::sync::Arc;

use crate::Name;

/// How bad it is when a guardrail fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Severity; 5] =
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    pub fn named(name: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

/// What a guardrail says of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    Pass,
    Fail,
    Unknown,
    NotApplicable,
    /// A failure or an unknown that a waiver covers; no guardrail says it by itself.
    Waived,
}

impl Verdict {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Unknown => "unknown",
            Verdict::NotApplicable => "na",
            Verdict::Waived => "waived",
        }
    }
}

/// What `--fail-on` lists: which verdicts count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailOn {
    /// Failures from this severity up count; `None`: no failure does.
    pub severity: Option<Severity>,
    pub unknown: bool,
    pub vacuous: bool,
}

impl Default for FailOn {
    fn default() -> FailOn {
        FailOn { severity: Some(Severity::Info), unknown: false, vacuous: false }
    }
}

impl FailOn {
    /// Whether a verdict of a guardrail is a failure that counts: of the severity asked and not pending, or an unknown of a
    /// `@fail_closed` guardrail.
    pub fn counts_as_failure(&self, guardrail: &GuardrailInfo, verdict: Verdict) -> bool {
        let fails = verdict == Verdict::Fail || (verdict == Verdict::Unknown && guardrail.fail_closed);
        let severe = self.severity.is_some_and(|least| guardrail.severity >= least);
        fails && severe && guardrail.pending.is_none()
    }

    /// Whether a verdict counts at all; none of a guardrail that is not in force yet does.
    pub fn counts(&self, guardrail: &GuardrailInfo, verdict: Verdict) -> bool {
        let undecided = self.unknown && verdict == Verdict::Unknown && guardrail.pending.is_none();
        self.counts_as_failure(guardrail, verdict) || undecided
    }
}

/// A place in an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePlace {
    pub path: Arc<str>,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// Where it ends: the line, and the column after its last character.
    pub end: (u32, u32),
    /// JSON pointer in the document.
    pub pointer: String,
    /// The input's line, cut around the place, for a report to show; `None` where it could not be read again, or no report
    /// shows it.
    pub excerpt: Option<Excerpt>,
}

impl SourcePlace {
    /// Whether it stands in a file that a viewer could open: not in standard input, nor in what a shell calls `/dev/fd/63`.
    pub fn is_in_file(&self) -> bool {
        &*self.path != "-" && !self.path.starts_with("/dev/")
    }
}

/// A piece of an input's line and the characters of it that matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    pub text: String,
    /// Characters of `text` before the value.
    pub before: usize,
    /// Characters of the value, at least one.
    pub length: usize,
}

/// A place in a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePlace {
    pub path: Arc<str>,
    pub line: u32,
    pub column: u32,
    /// Where it ends: the line, and the column after its last character.
    pub end: (u32, u32),
    /// The line of the rule, for a report to show, with the part that matters.
    pub excerpt: Excerpt,
}

/// A value that took part in a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenValue {
    /// The expression, as the rule writes it.
    pub expression: Arc<str>,
    /// JSON of the value; `None` when absent.
    pub value: Option<serde_json::Value>,
    /// Why the value is not known, if it is not.
    pub unknown: Option<String>,
    pub source: Option<SourcePlace>,
}

/// One requirement that does not hold, or is not known to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    pub message: String,
    pub rule: Arc<RulePlace>,
    pub values: Vec<SeenValue>,
    /// How many elements of a quantifier speak against the requirement, of which the message names the first;
    /// 0 without a quantifier.
    pub counterexamples: usize,
}

/// Why something is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnknownPath {
    pub path: String,
    pub reason: String,
}

/// The resource of a finding, with unknown header fields as `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundResource {
    pub resource_type: Name,
    pub id: Arc<str>,
    pub name: Option<Arc<str>>,
    pub arn: Option<Arc<str>>,
    pub account: Option<Arc<str>>,
    pub region: Option<Arc<str>>,
    pub address: Option<Arc<str>>,
    /// `None` for accounts, which have no record of their own.
    pub source: Option<SourcePlace>,
}

impl FoundResource {
    /// What tells the resource from all others, whatever stands before it in its input: type and ARN; without an ARN type,
    /// account, region, id and address. Where the account is not known either, as in templates, two inputs may use one
    /// address, so that the input belongs to it.
    pub fn identity(&self) -> String {
        let text = |part: &Option<Arc<str>>| part.as_deref().unwrap_or_default().to_owned();
        let parts = match (&self.arn, &self.account) {
            (Some(arn), _) => vec![self.resource_type.to_string(), arn.to_string()],
            (None, account) => {
                let path = self.source.as_ref().filter(|_| account.is_none()).map(|place| place.path.to_string());
                let header = [text(account), text(&self.region), self.id.to_string(), text(&self.address)];
                std::iter::once(self.resource_type.to_string()).chain(header).chain(path).collect()
            }
        };
        parts.join("\u{1f}")
    }
}

/// A verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Index into [`RunResult::guardrails`].
    pub guardrail: usize,
    pub verdict: Verdict,
    pub resource: FoundResource,
    pub details: Vec<Detail>,
    pub unknown: Vec<UnknownPath>,
    /// Set exactly where the verdict is [`Verdict::Waived`].
    pub waived: Option<Waived>,
}

/// What a finding would be, and the waiver that covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waived {
    pub verdict: Verdict,
    /// Index into [`RunResult::waivers`].
    pub waiver: usize,
}

/// Another tool whose marks can be honoured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tool {
    Guard,
    CfnNag,
    Checkov,
    Trivy,
}

impl Tool {
    pub const ALL: [Tool; 4] = [Tool::Guard, Tool::CfnNag, Tool::Checkov, Tool::Trivy];

    /// The name in results, on the command line, and as a framework of `@control`.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Guard => "guard",
            Tool::CfnNag => "cfn_nag",
            Tool::Checkov => "checkov",
            Tool::Trivy => "trivy",
        }
    }

    /// Whether two ids are of one rule of the tool.
    pub fn is_same_rule(self, one: &str, other: &str) -> bool {
        match self {
            // `AVD-AWS-0086` is the longer name of `AWS-0086`.
            Tool::Trivy => short(one).eq_ignore_ascii_case(short(other)),
            Tool::Guard | Tool::CfnNag | Tool::Checkov => one.eq_ignore_ascii_case(other),
        }
    }
}

fn short(id: &str) -> &str {
    match id.split_at_checked("AVD-".len()) {
        Some((head, rest)) if head.eq_ignore_ascii_case("AVD-") => rest,
        _ => id,
    }
}

/// Whose mark a waiver is, where it stands in an input and not in rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Honored {
    pub tool: Tool,
    /// The tool's rule.
    pub id: String,
}

/// A waiver of the rules, or a mark of another tool in an input that the run honours; and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverInfo {
    /// The path of the guardrail that it waives.
    pub guardrail: String,
    /// The tool that it is a mark of.
    pub honored: Option<Honored>,
    /// The file that it stands in.
    pub path: Arc<str>,
    pub line: u32,
    pub column: u32,
    /// The last day on which it counts: `2027-01-31`. A waiver of rules has one; the marks of most tools have none.
    pub until: Option<String>,
    /// A waiver of rules has one.
    pub reason: Option<String>,
    pub owner: Option<String>,
    pub ticket: Option<String>,
    pub state: WaiverState,
    /// It counts today, and will not within a fortnight.
    pub ends_soon: bool,
    /// The findings that it covers.
    pub waived: usize,
    /// The failures and unknowns of which it is not known whether it covers them, and why of the first; they are not waived.
    pub undecided: Option<(usize, String)>,
}

/// What became of a waiver in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaiverState {
    Used,
    /// No resource that was judged is covered.
    CoversNothing,
    /// What it covers neither fails nor is unknown.
    NotNeeded,
    /// Its last day is over.
    Expired,
    /// The run did not ask for its guardrail, or not for all resources.
    Idle,
}

impl WaiverState {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            WaiverState::Used => "used",
            WaiverState::CoversNothing | WaiverState::NotNeeded => "unused",
            WaiverState::Expired => "expired",
            WaiverState::Idle => "idle",
        }
    }
}

/// A guardrail, as reports and lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardrailInfo {
    pub path: String,
    pub package: String,
    pub title: String,
    pub rationale: String,
    pub fix: String,
    pub severity: Severity,
    /// The types it ranges over; `Resource` and `Account` by these names.
    pub types: Vec<String>,
    /// Framework to ids, in the order written.
    pub controls: Vec<(String, Vec<String>)>,
    /// The parameters it reads, by path.
    pub params: Vec<String>,
    pub tags: Vec<String>,
    pub since: Option<String>,
    pub deprecated: Option<String>,
    pub fail_closed: bool,
    pub mandatory: bool,
    /// A failure warns and does not count: its `@effective` date is still to come.
    pub pending: Option<String>,
}

/// A package whose rules ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageInfo {
    pub name: String,
    pub version: Option<String>,
    pub sha256: String,
}

/// An input that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputInfo {
    pub path: String,
    /// The formats met in it, joined by `+`.
    pub format: String,
    pub resources: usize,
    /// In hexadecimal; empty where nobody asked for it.
    pub sha256: String,
    /// It belongs to the inventory that the others are a change of.
    pub onto: bool,
}

/// Something in the inputs that was passed over, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub path: String,
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub reason: String,
    /// It is an error of the input (status 4), not merely something that nobody reads.
    pub error: bool,
}

/// What [`UnknownProperty`] tells of, as a count.
pub const UNKNOWN_PROPERTIES: &str = "properties that no schema knows";

/// A property that no schema knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownProperty {
    pub resource_type: Name,
    /// The way to it in the resource: `Ingress.Cidr`.
    pub property: String,
    pub count: usize,
    /// Where the first of them stands.
    pub path: String,
    pub line: u32,
    pub column: u32,
}

/// How many pairs of guardrail and resource got each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub resources: usize,
    pub guardrails: usize,
    pub pass: usize,
    pub fail: usize,
    pub unknown: usize,
    pub not_applicable: usize,
    pub waived: usize,
}

/// What an earlier result had already, and this one therefore leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineInfo {
    /// The earlier result.
    pub path: String,
    pub sha256: String,
    /// Failures left out.
    pub fail: usize,
    /// Unknowns left out.
    pub unknown: usize,
    /// Those of both that have other messages than then.
    pub changed: usize,
}

/// A count with a name, for the accounting at the end of a run.
pub type Count = (String, usize);

/// All that a run of `check` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunResult {
    pub as_of: String,
    pub rules: Vec<PackageInfo>,
    /// The parameters that were set, with their JSON values.
    pub params: Vec<(String, serde_json::Value)>,
    /// What else was asked that bears on verdicts, by the names of the flags; files with their digests.
    pub request: Vec<(String, serde_json::Value)>,
    pub inputs: Vec<InputInfo>,
    /// Without what the baseline has.
    pub summary: Summary,
    pub baseline: Option<BaselineInfo>,
    pub guardrails: Vec<GuardrailInfo>,
    pub findings: Vec<Finding>,
    /// Guardrails that met no resource, or only `n/a`: index and reason.
    pub vacuous: Vec<(usize, String)>,
    /// The waivers of the rules, in the order of their text; then the marks that were honoured.
    pub waivers: Vec<WaiverInfo>,
    pub skipped: Vec<Skipped>,
    /// Resources by type, with how many of them no guardrail looked at.
    pub types: Vec<(String, usize, bool)>,
    /// In the order of the inputs; of very many the first.
    pub unknown_properties: Vec<UnknownProperty>,
    /// Other counts worth saying: deleted items, older duplicates, unknown properties.
    pub counts: Vec<Count>,
    /// The oldest and the newest capture time.
    pub captured: Option<(String, String)>,
    /// Remarks for standard error: deprecated guardrails, parts of manifests that nothing acts on.
    pub notices: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_tools_have_longer_names() {
        assert!(Tool::Trivy.is_same_rule("avd-aws-0086", "AWS-0086"));
        assert!(!Tool::Trivy.is_same_rule("AVD-AWS-0086", "AWS-0087"));
        assert!(!Tool::Checkov.is_same_rule("AVD-CKV_AWS_1", "CKV_AWS_1"));
        assert!(Tool::Guard.is_same_rule("s3_a", "S3_A"));
    }
}
