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
