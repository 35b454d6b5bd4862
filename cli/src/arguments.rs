//! The command line.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Guardrails for secure application access in AWS, checked everywhere.
#[derive(Parser)]
#[command(name = "parapet", version, about, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Evaluates guardrails over inventories
    Check(Box<Check>),
    /// Runs the tests of rules
    Test(Test),
    /// Checks rules without an input
    Lint(Lint),
    /// Formats rules: one style, comments kept
    Fmt(Fmt),
    /// Lists the guardrails in reach
    List(List),
    /// Tells what guardrails must see, and how to collect it
    Needs(Needs),
    /// Shows resource types and their properties
    Types(Types),
    /// Explains a diagnostic code, a guardrail, or its verdict on a resource
    Explain(Box<Explain>),
    /// Serves an editor: the Language Server Protocol on standard input and output
    Lsp(Lsp),
    /// Prints a completion script
    Completions(Completions),
}

/// Whether something is done: by itself, in any case, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

/// How much of the world a document shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Extent {
    /// What is not in it does not exist
    Closed,
    /// There may be more
    Open,
}

/// The engine that evaluates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineName {
    /// The fastest there is
    Auto,
    /// The reference interpreter, one resource at a time
    Interpreter,
    /// Programs over columns of values, 64 resources at a time
    Columns,
    /// The same as machine code
    Jit,
}

/// Another tool whose marks can be honoured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ToolName {
    /// `guard.SuppressedRules` in the metadata of a template's resource
    Guard,
    /// `cfn_nag.rules_to_suppress`, there too
    #[value(name = "cfn_nag")]
    CfnNag,
    /// `checkov.skip`, there too, and comments `checkov:skip=ID:reason`
    Checkov,
    /// Comments `trivy:ignore:ID`
    Trivy,
}

/// Which rules, and which of their guardrails.
#[derive(Args)]
pub(crate) struct Selection {
    /// Rules: a file, a folder, a package, or `aws` [default: the package of the current folder, else `aws`]
    #[arg(short, long = "rules", value_name = "PATH|PACKAGE")]
    pub(crate) rules: Vec<String>,
    /// Only guardrails whose path matches
    #[arg(short, long = "guardrail", value_name = "GLOB")]
    pub(crate) guardrails: Vec<String>,
    /// Only guardrails mapped to a control, such as `fsbp:RDS.2` or `pillar`
    #[arg(long = "control", value_name = "FRAMEWORK[:ID]")]
    pub(crate) controls: Vec<String>,
    /// Only guardrails from this severity up
    #[arg(long, value_name = "MIN", default_value = "info", value_parser = ["info", "low", "medium", "high", "critical"])]
    pub(crate) severity: String,
    /// Only resources of these types
    #[arg(long = "type", value_name = "GLOB")]
    pub(crate) types: Vec<String>,
}

/// What the evaluation depends on beside rules and inputs.
#[derive(Args)]
pub(crate) struct Setting {
    /// Takes every input for this format
    #[arg(long, value_name = "NAME", default_value = "auto")]
    pub(crate) input_format: String,
    /// The time of evaluation, `now` in rules [default: the clock]
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// Sets a parameter
    #[arg(long = "param", value_name = "PATH=VALUE")]
    pub(crate) params: Vec<String>,
    /// Sets the parameters of a TOML or JSON file
    #[arg(long = "params", value_name = "FILE")]
    pub(crate) params_files: Vec<String>,
    /// These types were collected completely in the inputs (comma list)
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    pub(crate) collected: Vec<String>,
    /// Records captured earlier than this before `--as-of` are unknown
    #[arg(long, value_name = "DURATION")]
    pub(crate) max_age: Option<String>,
    /// Sets parameters of CloudFormation templates from a JSON or YAML file
    #[arg(long, value_name = "FILE")]
    pub(crate) parameters: Vec<String>,
    /// Whether a template or plan says all that there is
    #[arg(long, value_enum, default_value_t = Extent::Closed)]
    pub(crate) world: Extent,
    /// Sets variables of Terraform configuration from a JSON file
    #[arg(long = "var-file", value_name = "FILE")]
    pub(crate) var_files: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Check {
    /// Inventories: files, folders, or `-` for standard input
    #[arg(value_name = "INPUT")]
    pub(crate) inputs: Vec<String>,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Only resources of these accounts
    #[arg(long = "account", value_name = "ID")]
    pub(crate) accounts: Vec<String>,
    /// Only resources of these regions
    #[arg(long = "region", value_name = "GLOB")]
    pub(crate) regions: Vec<String>,
    /// How to print the result, and where: `text`, `json`, `ndjson`, `sarif`, `junit`, `github`, `markdown`, `csv`
    #[arg(short, long = "format", value_name = "FORMAT[=FILE]")]
    pub(crate) formats: Vec<String>,
    /// An inventory that the inputs are a change of: only what the change brings is reported
    #[arg(long, value_name = "INVENTORY")]
    pub(crate) onto: Vec<String>,
    #[command(flatten)]
    pub(crate) setting: Setting,
    /// Leaves out the findings that this earlier JSON result has
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<String>,
    /// Also honours marks of other tools: what they suppress in templates is waived (comma list)
    #[arg(long, value_enum, value_name = "LIST", value_delimiter = ',')]
    pub(crate) honor: Vec<ToolName>,
    /// What counts as a failure: a lowest severity, `unknown`, `vacuous`, `never` (comma list)
    #[arg(long, value_name = "LIST", default_value = "info")]
    pub(crate) fail_on: String,
    /// Exits with 0 instead of 1 or 5
    #[arg(long)]
    pub(crate) exit_zero: bool,
    /// Evaluates the guardrails that check although others do not
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Also reports passes, `n/a` and what is waived
    #[arg(long)]
    pub(crate) all: bool,
    /// Checks inputs exactly, parts that no rule reads included: keys that occur twice in one object
    #[arg(long)]
    pub(crate) strict: bool,
    /// The engine
    #[arg(long, value_enum, default_value_t = EngineName::Auto)]
    pub(crate) engine: EngineName,
    /// Threads [default: the cores]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Checks again whenever rules or inputs change, until it is interrupted
    #[arg(long)]
    pub(crate) watch: bool,
    /// Prints times and counts of each stage on standard error
    #[arg(long)]
    pub(crate) stats: bool,
    /// Shows a progress line on standard error
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub(crate) progress: When,
    /// Colours; `NO_COLOR` counts too
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,
}

#[derive(Args)]
pub(crate) struct Test {
    /// Rules: files, folders, packages [default: the package of the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// Only tests whose title or module contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Tells which requirements, skips and branches were seen true and false, and where to: `text`, `json`, `lcov`
    #[arg(long = "coverage", value_name = "FORMAT[=FILE]")]
    pub(crate) coverage: Vec<String>,
    /// Fails when less than this percentage of the outcomes was seen
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) min_coverage: Option<u8>,
    /// Changes the rules and the passing fixtures in one place at a time, and lists what no test notices: `text`, `json`
    #[arg(long, value_name = "FORMAT[=FILE]", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    pub(crate) mutate: Vec<String>,
    /// Fails when the tests notice less than this percentage of the changes
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) min_score: Option<u8>,
    /// Threads [default: the cores]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Colours; `NO_COLOR` counts too
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,
}

#[derive(Args)]
pub(crate) struct Lint {
    /// Rules: files, folders, packages [default: the package of the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// How to print diagnostics, and where: `text`, `json`, `sarif`, `github`
    #[arg(short, long = "format", value_name = "FORMAT[=FILE]")]
    pub(crate) formats: Vec<String>,
    /// Applies the suggestions that need no person, then lints
    ///
    /// These are the ones where the text can mean nothing else: imports and `@allow`s that nothing needs, a second import
    /// of one thing, addresses in quotes, lists where sets are wanted, lints named by their code. Nearest names, defaults
    /// for what may be absent and `definitely` decide something, and are left to you. Files are replaced at once; one that
    /// changed meanwhile or may not be written is named and left alone (status 1).
    #[arg(long)]
    pub(crate) fix: bool,
    /// The day that waivers are looked at, such as `2027-01-31` [default: today]
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// Also names the properties that records of these input formats do not show, a comma list
    ///
    /// The formats are `aws-config`, `cloud-control`, `cloudformation`, `service-answers`, `ndjson`, `terraform-plan`,
    /// `terraform-state` and `terraform`.
    #[arg(long, value_name = "FORMATS", value_delimiter = ',')]
    pub(crate) inputs: Vec<String>,
    /// Warnings fail too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// Colours; `NO_COLOR` counts too
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,
}

#[derive(Args)]
pub(crate) struct Fmt {
    /// Rules: files, folders, or `-` for standard input [default: the package of the current folder]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// Writes nothing; exits with 1 if a file is not formatted, and shows what would change
    #[arg(long)]
    pub(crate) check: bool,
    /// Colours; `NO_COLOR` counts too
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// How to print the list
    #[arg(short, long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
}

/// What `needs` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Print {
    /// The resource types, and where each comes from
    Types,
    /// The smallest read-only IAM policy that the script takes
    Policy,
    /// The query for AWS Config, of an account or an aggregator
    Query,
    /// A shell script of `aws` calls that fills one folder
    Script,
}

/// Where resources come from that more than one source has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Source {
    /// Cloud Control, which asks the services themselves
    CloudControl,
    /// AWS Config, which answers with what it recorded
    Config,
}

#[derive(Args)]
pub(crate) struct Needs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// What to print
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Print::Types)]
    pub(crate) print: Print,
    /// Where resources come from that both have
    #[arg(long, value_enum, value_name = "SOURCE", default_value_t = Source::CloudControl)]
    pub(crate) from: Source,
    /// How to print the types
    #[arg(short, long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
}

#[derive(Args)]
pub(crate) struct Types {
    /// A type, or a part of its name
    #[arg(value_name = "TYPE")]
    pub(crate) name: Option<String>,
    /// Rules whose own types and fields count as well: a file, a folder, or a package [default: the package of the
    /// current folder]
    #[arg(short, long, value_name = "PATH|PACKAGE")]
    pub(crate) rules: Vec<String>,
    /// How to print
    #[arg(short, long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
}

#[derive(Args)]
pub(crate) struct Explain {
    /// A diagnostic code or name, or the path of a guardrail
    #[arg(value_name = "CODE|GUARDRAIL")]
    pub(crate) what: String,
    /// The id, name, ARN or address of a resource in the input
    #[arg(value_name = "RESOURCE", requires = "inputs")]
    pub(crate) resource: Option<String>,
    /// The inventory that holds the resource
    #[arg(long = "input", value_name = "FILE")]
    pub(crate) inputs: Vec<String>,
    /// Rules: a file, a folder, a package, or `aws` [default: the package of the current folder, else `aws`]
    #[arg(short, long = "rules", value_name = "PATH|PACKAGE")]
    pub(crate) rules: Vec<String>,
    #[command(flatten)]
    pub(crate) setting: Setting,
    /// Colours; `NO_COLOR` counts too
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,
}

#[derive(Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// Where a format's output goes.
pub(crate) struct Destination {
    pub(crate) format: String,
    /// `None`: standard output.
    pub(crate) file: Option<PathBuf>,
}

impl Destination {
    /// Reads `FORMAT` or `FORMAT=FILE`.
    pub(crate) fn parse(text: &str) -> Destination {
        match text.split_once('=') {
            Some((format, file)) => Destination { format: format.to_owned(), file: Some(PathBuf::from(file)) },
            None => Destination { format: text.to_owned(), file: None },
        }
    }

    /// Reads the values of `flag`, whose formats are `known`; at most one goes to standard output.
    pub(crate) fn parse_all(flag: &str, texts: &[String], known: &[&str]) -> Result<Vec<Destination>> {
        let destinations: Vec<Destination> = texts.iter().map(|text| Destination::parse(text)).collect();
        for destination in &destinations {
            if !known.contains(&destination.format.as_str()) {
                bail!("`{flag}`: no format is called `{}`; there are {}", destination.format, known.join(", "));
            }
        }
        if destinations.iter().filter(|destination| destination.file.is_none()).count() > 1 {
            bail!("`{flag}`: only one format goes to standard output; give the others a file: `{flag} json=FILE`");
        }
        Ok(destinations)
    }
}

#[derive(Args)]
pub(crate) struct Lsp {
    /// Standard input and output, which is the only way; editors say so
    #[arg(long)]
    pub(crate) stdio: bool,
}
