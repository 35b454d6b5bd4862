//! Beginnings that a person fills in.

/// A label, what it is for, and the text with its stops.
pub(super) type Snippet = (&'static str, &'static str, &'static str);

pub(super) const ITEMS: [Snippet; 11] = [
    (
        "guardrail",
        "what must hold for each resource of a type",
        "/// ${1:Databases are private}.\n///\n/// ${2:Why it matters.}\n///\n/// # Fix\n/// ${3:What to do.}\n@severity(${4|medium,info,low,high,critical|})\nguardrail ${5:name}(${6:resource}: ${7:AWS::}) {\n    require $0\n}",
    ),
    ("fn", "a function", "fn ${1:name}(${2:value}: ${3:String}) -> ${4:Bool} = $0"),
    ("pub fn", "a function that other modules may use", "pub fn ${1:name}(${2:value}: ${3:String}) -> ${4:Bool} = $0"),
    ("const", "a constant", "const ${1:NAME} = $0"),
    ("param", "a parameter of the rules", "param ${1:name}: ${2:Int} = $0"),
    ("relation", "a relation between resources", "relation ${1:name}(${2:a}: ${3:AWS::}, ${4:b}: ${5:AWS::}) = $0"),
    (
        "test",
        "resources, and what must come of them",
        "test \"${1:title}\" {\n    given ${2:good} = ${3:AWS::} {}\n    expect ${4:name} passes on ${2:good}\n}",
    ),
    (
        "waive",
        "an exception with an end and a reason",
        "waive ${1:name} {\n    resources like \"${2:id}\"\n    until ${3:2027-01-31}\n    reason \"${4:why}\"\n}",
    ),
    ("schema", "a resource type of your own", "schema ${1:Acme::Thing} {\n    ${2:field}: ${3:String}\n}"),
    ("extend", "more fields of a resource type", "extend ${1:AWS::} {\n    ${2:field}: ${3:String}\n}"),
    ("use", "an import", "use ${1:aws::network}::{$0}"),
];

pub(super) const STATEMENTS: [Snippet; 7] = [
    ("require", "what must hold", "require $0"),
    ("require … else", "what must hold, with the message of a finding", "require ${1:condition}\n    else \"$0\""),
    ("let", "a name for a value", "let ${1:name} = $0"),
    ("skip if", "which resources the guardrail is not about", "skip if $0"),
    ("skip if definitely", "the same, where it is known", "skip if definitely $0"),
    ("for", "statements for each element", "for ${1:x} in ${2:xs} {\n    $0\n}"),
    ("if", "statements under a condition", "if ${1:condition} {\n    $0\n}"),
];

pub(super) const STEPS: [Snippet; 7] = [
    ("given", "a resource", "given ${1:name} = ${2:AWS::} { $0 }"),
    ("given inventory", "the resources of a file", "given inventory \"$0\""),
    ("given now", "the time of evaluation", "given now = $0"),
    ("given param", "the value of a parameter", "given param ${1:name} = $0"),
    ("expect … passes on", "the verdict on one resource", "expect ${1:name} passes on ${2:resource_name}"),
    (
        "expect … fails on",
        "the verdict on one resource, and its message",
        "expect ${1:name} fails on ${2:resource_name} with \"$0\"",
    ),
    ("expect", "a condition that is true", "expect $0"),
];

pub(super) const CLAUSES: [Snippet; 6] = [
    ("resources like", "the resources called so", "resources like \"$0\""),
    ("for", "the resources for which a condition holds", "for ${1:r}: ${2:AWS::} where $0"),
    ("until", "the last day on which it counts", "until ${1:2027-01-31}"),
    ("reason", "why", "reason \"$0\""),
    ("owner", "who answers for it", "owner \"$0\""),
    ("ticket", "where it is followed up", "ticket \"$0\""),
];

pub(super) const VALUES: [Snippet; 8] = [
    ("any", "whether one element at least is so", "any ${1:x} in ${2:xs}: $0"),
    ("all", "whether all elements are so", "all ${1:x} in ${2:xs}: $0"),
    ("no", "whether no element is so", "no ${1:x} in ${2:xs}: $0"),
    ("count", "how many elements are so", "count ${1:x} in ${2:xs} where $0"),
    ("first", "the first element that is so", "first ${1:x} in ${2:xs} where $0"),
    ("if", "one of two values", "if ${1:condition} then ${2:a} else $0"),
    ("not", "the opposite", "not $0"),
    ("now", "the time of evaluation", "now"),
];

// Words in the middle of a clause.

pub(super) const PUBLIC: [Snippet; 3] =
    [("fn", "a function", "fn $0"), ("const", "a constant", "const $0"), ("relation", "a relation", "relation $0")];
pub(super) const AS: [Snippet; 1] = [("as", "another name for it", "as $0")];
pub(super) const GIVENS: [Snippet; 3] = [
    ("inventory", "the resources of a file", "inventory \"$0\""),
    ("now", "the time of evaluation", "now = $0"),
    ("param", "the value of a parameter", "param $0"),
];
pub(super) const QUOTES: [Snippet; 1] = [("\"…\"", "a text", "\"$0\"")];
pub(super) const VERDICTS: [Snippet; 4] = [
    ("passes on", "it passes on a resource", "passes on $0"),
    ("fails on", "it fails on a resource", "fails on $0"),
    ("skips on", "it is not about a resource", "skips on $0"),
    ("is unknown on", "nobody can tell of a resource", "is unknown on $0"),
];
pub(super) const UNKNOWN: [Snippet; 1] = [("unknown on", "nobody can tell of a resource", "unknown on $0")];
pub(super) const ON: [Snippet; 1] = [("on", "the resource", "on $0")];
pub(super) const COUNTED: [Snippet; 1] = [("1 resources", "so many of all resources", "${1:1} resources")];
pub(super) const RESOURCES: [Snippet; 1] = [("resources", "so many of all resources", "resources")];
pub(super) const WITH: [Snippet; 1] = [("with", "words of the message", "with \"$0\"")];
pub(super) const LIKE: [Snippet; 1] = [("like", "those called so", "like \"$0\"")];
pub(super) const DAY: [Snippet; 1] = [("2027-01-31", "the last day", "${1:2027-01-31}")];
pub(super) const WHERE: [Snippet; 1] = [("where", "those for which a condition holds", "where $0")];
pub(super) const SKIP: [Snippet; 2] = [
    ("if", "which resources the guardrail is not about", "if $0"),
    ("if definitely", "the same, where it is known", "if definitely $0"),
];
pub(super) const DEFINITELY: [Snippet; 1] = [("definitely", "where it is known", "definitely $0")];
pub(super) const IN: [Snippet; 1] = [("in", "a list", "in $0")];
pub(super) const OF: [Snippet; 1] = [("of", "a list", "of $0")];
pub(super) const THEN: [Snippet; 1] = [("then", "the value where it holds", "then $0")];
pub(super) const ELSE: [Snippet; 1] = [("else", "the value where it does not hold", "else $0")];
pub(super) const MESSAGE: [Snippet; 1] = [("else", "the message of a finding", "else \"$0\"")];
pub(super) const ELSE_BLOCK: [Snippet; 2] = [
    ("else", "statements where it does not hold", "else {\n    $0\n}"),
    ("else if", "statements under another condition", "else if ${1:condition} {\n    $0\n}"),
];
pub(super) const STATES: [Snippet; 2] =
    [("present", "there is a value", "present"), ("absent", "there is no value", "absent")];
pub(super) const IS_STATES: [Snippet; 2] =
    [("is present", "there is a value", "is present"), ("is absent", "there is no value", "is absent")];
pub(super) const IS_TYPE: [Snippet; 1] = [("is", "whether it is of a type", "is $0")];
pub(super) const JOINED: [Snippet; 2] = [("and", "both hold", "and $0"), ("or", "one of both holds", "or $0")];
pub(super) const OF_ONE: [Snippet; 2] = [("in", "one of a list", "in $0"), ("not in", "none of a list", "not in $0")];
pub(super) const OF_TEXT: [Snippet; 2] =
    [("like", "a pattern with `*` and `?`", "like \"$0\""), ("matches", "a regular expression", "matches /$0/")];
pub(super) const OF_MANY: [Snippet; 2] = [
    ("subset of", "no element is outside of a list", "subset of $0"),
    ("intersects", "an element is in a list", "intersects $0"),
];

/// The frameworks that controls are named by; the library's.
pub(super) const FRAMEWORKS: [&str; 10] =
    ["practice", "concept", "guard", "checkov", "trivy", "cfn_nag", "pillar", "fsbp", "cis_aws", "config"];

pub(super) const ATTRIBUTES: [(&str, &str); 10] = [
    ("severity", "severity(${1|medium,info,low,high,critical|})"),
    ("control", "control(${1:fsbp}: \"$0\")"),
    ("allow", "allow($0)"),
    ("mandatory", "mandatory"),
    ("fail_closed", "fail_closed"),
    ("deprecated", "deprecated(\"use `$0`\")"),
    ("since", "since(\"$0\")"),
    ("tags", "tags(\"$0\")"),
    ("aliases", "aliases(\"$0\")"),
    ("effective", "effective(${1:2027-01-31})"),
];
