//! What is offered where.

use super::*;
use crate::fixture::Fixture;

fn labels(text: &str) -> Vec<String> {
    offered(&Fixture::new(text)).into_iter().map(|item| item.label).collect()
}

fn offered(fixture: &Fixture) -> Vec<Completion> {
    completions(&fixture.db, fixture.workspace, fixture.file, fixture.offset).items
}

/// The text after the offer of a label was taken.
fn taken(fixture: &Fixture, label: &str) -> String {
    let item = offered(fixture).into_iter().find(|item| item.label == label).unwrap();
    let mut edits = item.more.clone();
    edits.push(Edit { span: item.replaces, replacement: item.insert.clone() });
    edits.sort_by_key(|edit| edit.span);
    let mut text = fixture.file.text(&fixture.db).to_string();
    for edit in edits.iter().rev() {
        text.replace_range(edit.span.range(), &edit.replacement);
    }
    text
}

#[test]
fn types_where_a_type_stands() {
    let found = labels("guardrail x(db: AWS::RDS::DBIns$0) {\n    require true\n}\n");
    assert_eq!(found[0], "AWS::RDS::DBInstance");
    assert!(labels("param x: Du$0 = 3d\n").contains(&"Duration".to_owned()));
    assert!(labels("fn f(a: $0) -> Int = 1\n").contains(&"String".to_owned()));
    let found = labels("guardrail x(db: DBInst$0) {\n    require true\n}\n");
    assert!(found.contains(&"AWS::RDS::DBInstance".to_owned()), "{found:?}");
}

#[test]
fn a_type_takes_the_place_of_its_path() {
    let fixture = Fixture::new("guardrail x(db: AWS::RDS::DBIns$0) {\n    require true\n}\n");
    let text = taken(&fixture, "AWS::RDS::DBInstance");
    assert!(text.starts_with("guardrail x(db: AWS::RDS::DBInstance) {"), "{text}");
}

#[test]
fn properties_behind_a_dot_required_ones_first() {
    let found = labels("guardrail x(k: AWS::KMS::Alias) {\n    require k.$0\n}\n");
    assert_eq!(&found[..2], ["AliasName", "TargetKeyId"]);
    assert!(found.contains(&"tags".to_owned()) && found.contains(&"id".to_owned()));
    let found = labels("guardrail x(db: AWS::RDS::DBInstance) {\n    require not db.Publicly$0\n}\n");
    assert_eq!(found[0], "PubliclyAccessible");
    let found = labels("guardrail x(db: AWS::RDS::DBInstance) {\n    require db.DBSubnetGroupName.Sub$0 == []\n}\n");
    assert!(found.contains(&"SubnetIds".to_owned()), "{found:?}");
}

#[test]
fn elements_have_their_type_in_clauses_that_are_not_finished() {
    let found =
        labels("guardrail x(g: AWS::EC2::SecurityGroup) {\n    require no r in g.SecurityGroupIngress: r.Cidr$0\n}\n");
    assert!(found.contains(&"CidrIp".to_owned()), "{found:?}");
    let found = labels("guardrail x(g: AWS::EC2::SecurityGroup) {\n    for r in g.Sec$0\n}\n");
    assert!(found.contains(&"SecurityGroupIngress".to_owned()), "{found:?}");
    let found = labels("guardrail x(g: AWS::EC2::SecurityGroup) {\n    require any r in g.Sec$0\n}\n");
    assert!(found.contains(&"SecurityGroupIngress".to_owned()), "{found:?}");
}

#[test]
fn values_of_an_enum() {
    let user_pool = |clause: &str| format!("guardrail x(p: AWS::Cognito::UserPool) {{\n    require {clause}\n}}\n");
    let found = labels(&user_pool("p.MfaConfiguration == $0"));
    assert_eq!(&found[..3], ["\"OFF\"", "\"ON\"", "\"OPTIONAL\""]);
    assert_eq!(labels(&user_pool("p.MfaConfiguration == \"O$0\"")), ["OFF", "ON", "OPTIONAL"]);
    assert_eq!(labels(&user_pool("p.MfaConfiguration in [\"ON\", \"$0\"]")), ["OFF", "ON", "OPTIONAL"]);
    assert_eq!(labels(&user_pool("p.MfaConfiguration in [\"ON\", \"$0]")), ["OFF", "ON", "OPTIONAL"]);
    let given = "test \"t\" {\n    given p = AWS::Cognito::UserPool { MfaConfiguration: \"$0\" }\n}\n";
    assert_eq!(labels(given), ["OFF", "ON", "OPTIONAL"]);
}

/// The first offers where inventories hold some texts in a field, with their details.
fn with_held(clause: &str, wanted: &super::Field, texts: &[(&str, usize)]) -> Vec<(String, String)> {
    let text = format!("guardrail x(group: AWS::EC2::SecurityGroup) {{\n    require {clause}\n}}\n");
    let fixture = Fixture::new(&text);
    let held = |field: &super::Field| match field == wanted {
        true => texts.iter().map(|(text, count)| ((*text).into(), *count)).collect(),
        false => Vec::new(),
    };
    let found = completions_with(&fixture.db, fixture.workspace, fixture.file, fixture.offset, &held);
    found.items.into_iter().take(3).map(|item| (item.label, item.detail)).collect()
}

#[test]
fn what_inventories_hold_comes_first() {
    let pair = |label: &str, detail: &str| (label.to_owned(), detail.to_owned());
    let owner: parapet_model::Name = "AWS::EC2::SecurityGroup".into();
    let name = (owner.clone(), None, "GroupName".into());
    let texts = [("web", 7), ("db", 9), ("odd \" one", 3)];
    let both = [pair("db", "9 in the inventories"), pair("web", "7 in the inventories")];
    for clause in [
        "group.GroupName == \"$0\"",
        "\"$0\" != group.GroupName",
        "(group.GroupName ?? \"\") == \"$0\"",
        "group.GroupName in [\"x\", \"$0\"]",
        "group.GroupName like \"$0",
    ] {
        assert_eq!(with_held(clause, &name, &texts), both, "{clause}");
    }
    let quoted = with_held("group.GroupName == $0", &name, &texts);
    assert_eq!(quoted[..2], [pair("\"db\"", "9 in the inventories"), pair("\"web\"", "7 in the inventories")]);
    assert_eq!(with_held("group.GroupName == \"w$0\"", &name, &texts), [both[1].clone()]);
    let protocol = (owner.clone(), Some("Ingress".into()), "IpProtocol".into());
    let found = with_held("no rule in group.SecurityGroupIngress: rule.IpProtocol == \"$0\"", &protocol, &[("tcp", 2)]);
    assert_eq!(found, [pair("tcp", "2 in the inventories")]);
    assert_eq!(with_held("group.GroupDescription == \"$0\"", &name, &texts), []);
}

#[test]
fn of_a_choice_what_inventories_hold_comes_before_the_rest() {
    let fixture =
        Fixture::new("guardrail x(p: AWS::Cognito::UserPool) {\n    require p.MfaConfiguration == \"$0\"\n}\n");
    let held = |field: &super::Field| match &*field.2 {
        "MfaConfiguration" => vec![("OPTIONAL".into(), 2), ("ON".into(), 5)],
        _ => Vec::new(),
    };
    let found = completions_with(&fixture.db, fixture.workspace, fixture.file, fixture.offset, &held);
    let labels: Vec<String> = found.items.into_iter().map(|item| item.label).collect();
    assert_eq!(labels, ["ON", "OPTIONAL", "OFF"]);
}

#[test]
fn fields_of_a_given_resource_that_are_not_there_yet() {
    let found = labels("test \"t\" {\n    given k = AWS::KMS::Alias { AliasName: \"alias/a\", $0 }\n}\n");
    assert_eq!(found[0], "TargetKeyId");
    assert!(!found.contains(&"AliasName".to_owned()));
}

#[test]
fn locals_in_reach() {
    let text = "guardrail x(g: AWS::EC2::SecurityGroup) {\n    let first = g.GroupName\n    for rule in g.SecurityGroupIngress {\n        let inner = 1\n    }\n    require $0\n    let later = 1\n}\n";
    let found = labels(text);
    assert!(found.contains(&"g".to_owned()) && found.contains(&"first".to_owned()), "{found:?}");
    assert!(["rule", "inner", "later"].iter().all(|name| !found.contains(&(*name).to_owned())), "{found:?}");
}

#[test]
fn words_of_statements_steps_and_items() {
    assert!(labels("guardrail x(db: AWS::RDS::DBInstance) {\n    re$0\n}\n").contains(&"require … else".to_owned()));
    assert!(labels("test \"t\" {\n    exp$0\n}\n").contains(&"expect".to_owned()));
    assert!(labels("waive x {\n    unt$0\n}\n").contains(&"until".to_owned()));
    assert!(labels("const A = 1\n\ngua$0\n").contains(&"guardrail".to_owned()));
    assert!(labels("$0").contains(&"guardrail".to_owned()));
}

#[test]
fn attributes_and_their_arguments() {
    let item = |attribute: &str| {
        format!("{attribute}\nguardrail x(db: AWS::RDS::DBInstance) {{\n    require db.MultiAZ\n}}\n")
    };
    assert!(labels(&item("@sev$0")).contains(&"severity".to_owned()));
    assert_eq!(labels(&item("@severity(h$0)")), ["high"]);
    assert!(labels(&item("@allow(unused$0)")).contains(&"unused_name".to_owned()));
    assert!(labels(&item("@control(fs$0)")).contains(&"fsbp".to_owned()));
}

#[test]
fn ids_of_controls_that_others_have() {
    let other = "@control(fsbp: [\"RDS.1\", \"EC2.7\"], cis: \"1.1\")\nguardrail a(q: AWS::SQS::Queue) {\n    require true\n}\n";
    let offered = |attribute: &str| {
        let text = format!("{attribute}\nguardrail x(q: AWS::SQS::Queue) {{\n    require true\n}}\n");
        let fixture = Fixture::of(&[("other", other), ("main", &text)]);
        let found = completions(&fixture.db, fixture.workspace, fixture.file, fixture.offset);
        found
            .items
            .into_iter()
            .map(|item| format!("{} {}", item.label, item.replaces.text(fixture.file.text(&fixture.db))))
            .collect::<Vec<_>>()
    };
    assert_eq!(offered("@control(fsbp: \"RDS.$0\")"), ["RDS.1 RDS."]);
    assert_eq!(offered("@control(\n    cis: [\"1.1\", \"$0"), ["1.1 "]);
    assert_eq!(offered("@control(fsbp: \"$0\")"), ["EC2.7 ", "RDS.1 "]);
    assert_eq!(offered("@control(own: \"$0\")"), [""; 0]);
}

#[test]
fn methods_functions_and_what_others_define() {
    let found = labels("guardrail x(q: AWS::SQS::Queue) {\n    require q.name.starts$0\n}\n");
    assert_eq!(found, ["starts_with"]);
    let found = labels("fn ours(a: Int) -> Bool = true\n\nguardrail x(q: AWS::SQS::Queue) {\n    require ou$0\n}\n");
    assert!(found.contains(&"ours".to_owned()));
}

#[test]
fn a_name_of_another_module_comes_with_its_import() {
    let shared = ("shared", "pub fn enough(a: Int) -> Bool = a > 1\n\npub fn alike(a: Int) -> Bool = a > 1\n");
    let main = "//! Docs.\n\nguardrail x(q: AWS::SQS::Queue) {\n    require enou$0\n}\n";
    let text = taken(&Fixture::of(&[shared, ("main", main)]), "enough");
    assert!(text.starts_with("//! Docs.\n\nuse shared::enough\n\nguardrail x"), "{text}");
    let main = "use shared::alike\n\nguardrail x(q: AWS::SQS::Queue) {\n    require enou$0\n}\n";
    let text = taken(&Fixture::of(&[shared, ("main", main)]), "enough");
    assert!(text.starts_with("use shared::{alike, enough}\n\nguardrail x"), "{text}");
}

#[test]
fn modules_and_their_members_in_imports() {
    let shared = ("acme::shared", "pub fn enough(a: Int) -> Bool = a > 1\n\nfn own() -> Int = 1\n");
    let names = |text: &str| {
        let fixture = Fixture::of(&[shared, ("acme::main", text)]);
        offered(&fixture).into_iter().map(|item| item.label).collect::<Vec<_>>()
    };
    assert!(names("use ac$0\n").contains(&"acme".to_owned()));
    assert!(names("use acme::$0\n").contains(&"shared".to_owned()));
    assert_eq!(names("use acme::shared::{$0}\n"), ["enough"]);
    assert!(
        names("guardrail x(q: AWS::SQS::Queue) {\n    require package::shared::en$0\n}\n")
            .contains(&"enough".to_owned())
    );
}

#[test]
fn guardrails_and_resources_in_tests() {
    let text = |step: &str| {
        format!(
            "guardrail named(q: AWS::SQS::Queue) {{\n    require q.QueueName is present\n}}\n\n\
             test \"t\" {{\n    given good = AWS::SQS::Queue {{}}\n    {step}\n}}\n"
        )
    };
    assert!(labels(&text("expect nam$0")).contains(&"named".to_owned()));
    assert_eq!(labels(&text("expect named passes on go$0")), ["good"]);
}

#[test]
fn nothing_in_comments_and_titles() {
    assert_eq!(labels("// gua$0\n"), [""; 0]);
    assert_eq!(labels("test \"t$0\" {\n    expect true\n}\n"), [""; 0]);
}

#[test]
fn holes_of_messages_are_expressions() {
    let text = "guardrail x(q: AWS::SQS::Queue) {\n    require q.QueueName is present\n        else \"{q.Queue$0} is bad\"\n}\n";
    assert!(labels(text).contains(&"QueueName".to_owned()));
}

#[test]
fn every_offer_with_a_key_has_more_to_say() {
    let fixture = Fixture::new("guardrail x(db: AWS::RDS::DBInstance) {\n    require db.$0\n}\n");
    for item in offered(&fixture).into_iter().filter(|item| !item.key.is_empty()) {
        assert!(documentation(&fixture.db, fixture.workspace, &item.key).is_some(), "{item:?}");
    }
}

/// What a snippet says when nobody fills anything in, with `0` where the cursor ends.
fn plain(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        rest = match after.strip_prefix('{') {
            Some(stop) => {
                let (stop, after) = stop.split_once('}').unwrap();
                let default = stop
                    .split_once(':')
                    .map_or_else(|| stop.split(['|', ',']).nth(1).unwrap_or_default(), |(_, default)| default);
                out.push_str(if default == "AWS::" { "AWS::SQS::Queue" } else { default });
                after
            }
            None => {
                out.push_str(if before.ends_with('"') || before.ends_with('`') { "text" } else { "zero" });
                after.trim_start_matches(|digit: char| digit.is_ascii_digit())
            }
        };
    }
    out + rest
}

#[test]
fn every_snippet_can_be_read() {
    let read = |text: String| {
        let errors = parapet_syntax::format(&text).errors;
        assert!(errors.is_empty(), "{text}\n{errors:?}");
    };
    for (_, _, text) in snippets::ITEMS {
        read(format!("{}\n", plain(text)));
    }
    for (_, _, text) in snippets::STATEMENTS {
        read(format!(
            "guardrail x(q: AWS::SQS::Queue) {{\n    {}\n}}\n",
            plain(text).replace("    zero\n", "    let a = 1\n")
        ));
    }
    for (_, _, text) in snippets::STEPS {
        read(format!("test \"t\" {{\n    {}\n}}\n", plain(text).replace("{ zero }", "{}")));
    }
    for (_, _, text) in snippets::CLAUSES {
        read(format!("waive x {{\n    {}\n}}\n", plain(text)));
    }
    for (_, _, text) in snippets::VALUES {
        read(format!("const A = {}\n", plain(text)));
    }
    for (_, text) in snippets::ATTRIBUTES {
        read(format!("@{}\nconst A = 1\n", plain(text)));
    }
}

/// Modules of one package, one with the cursor: the labels.
fn among(main: &str) -> Vec<String> {
    let other = "guardrail afar(q: AWS::SQS::Queue) {\n    require q.QueueName is present\n}\n\nparam far: Int = 1\n";
    offered(&Fixture::of(&[("acme::other", other), ("acme::main", main)])).into_iter().map(|item| item.label).collect()
}

fn rule(clause: &str) -> Vec<String> {
    labels(&format!("guardrail x(db: AWS::RDS::DBInstance) {{\n    {clause}\n}}\n"))
}

fn step(step: &str) -> Vec<String> {
    among(&format!(
        "guardrail private(q: AWS::SQS::Queue) {{\n    require q.QueueName is present\n}}\n\n\
         test \"t\" {{\n    given good = AWS::SQS::Queue {{}}\n    {step}\n}}\n"
    ))
}

#[test]
fn behind_the_header_of_an_item_stands_what_it_takes() {
    assert_eq!(among("use $0\n")[..2], ["acme", "package"]);
    assert_eq!(among("waive $0\n"), ["afar"]);
    assert_eq!(among("waive $0 {\n    until 2027-01-31\n}\n"), ["afar"]);
    assert!(among("param x: $0\n").contains(&"Duration".to_owned()));
    assert!(among("const X = $0\n").contains(&"true".to_owned()));
    assert!(among("fn f(x: Json) -> Bool = x.a as $0\n").contains(&"String".to_owned()));
    assert!(!among("extend $0\n").contains(&"Account".to_owned()));
    for text in [
        "extend $0\n",
        "guardrail x(b: AWS::S3::Bucket | $0\n",
        "guardrail x(b: $0\n",
        "guardrail x(b: $0) {\n    require true\n}\n",
    ] {
        let found = among(text);
        assert!(
            found.iter().all(|label| label.contains("::") || label == "Account" || label == "Resource"),
            "{found:?}"
        );
        assert!(found.len() > 100, "{text}");
    }
    assert_eq!(among("pub $0\n"), ["fn", "const", "relation"]);
    for text in ["guardrail $0\n", "const $0\n", "param $0\n", "fn f($0\n", "test $0\n", "param x: Int $0\n"] {
        assert_eq!(among(text), [""; 0], "{text}");
    }
}

#[test]
fn a_type_that_the_file_names_comes_first() {
    assert_eq!(step("given bad = $0")[0], "AWS::SQS::Queue");
}

#[test]
fn behind_is_stands_what_may_be_asked() {
    for clause in ["require db.Engine is $0", "require not (db.Engine is $0)"] {
        assert_eq!(rule(clause), ["present", "absent"]);
    }
    assert_eq!(rule("require db.Engine is p$0"), ["present"]);
    assert_eq!(rule("require db.Engine is a$0")[0], "absent");
    let of =
        |clause: &str| labels(&format!("guardrail x(r: AWS::SQS::Queue | AWS::SNS::Topic) {{\n    {clause}\n}}\n"));
    assert_eq!(of("require r is $0"), ["present", "absent", "AWS::SNS::Topic", "AWS::SQS::Queue"]);
}

#[test]
fn words_go_on_behind_a_value() {
    assert_eq!(rule("require db.Engine $0")[..4], ["is present", "is absent", "in", "not in"].map(String::from));
    assert_eq!(rule("require db.Engine == \"x\" $0"), ["and", "or", "else"]);
    assert_eq!(rule("require db.Engine == \"x\" el$0"), ["else"]);
    assert_eq!(rule("require db.Engine == \"x\" a$0"), ["and"]);
    assert_eq!(rule("require db.Engine == \"x\"\n        el$0")[0], "else");
    assert_eq!(rule("require db.Engine == \"x\"\n        an$0")[0], "and");
    assert_eq!(rule("skip if db.Engine is present $0"), ["and", "or"]);
    assert_eq!(rule("require db.Engine == \"x\" else $0"), ["\"…\""]);
    assert_eq!(rule("require db.Engine == \"x\" else \"a\" $0"), [""; 0]);
    assert_eq!(rule("skip $0"), ["if", "if definitely"]);
    assert_eq!(rule("skip i$0"), ["if", "if definitely"]);
    assert_eq!(rule("skip if $0")[0], "definitely");
    assert!(rule("let a = if db.MultiAZ ?? true $0").contains(&"then".to_owned()));
    assert_eq!(rule("if db.MultiAZ ?? true {\n        require true\n    } $0"), ["else", "else if"]);
    assert_eq!(rule("let $0"), [""; 0]);
    assert!(!rule("$0").contains(&"db".to_owned()), "a statement begins with no value");
}

#[test]
fn a_condition_begins_with_a_resource_and_not_with_a_truth() {
    for clause in ["require $0", "skip if not $0", "require true and $0"] {
        let found = rule(clause);
        let place = |word: &str| found.iter().position(|label| label == word).unwrap();
        assert!(place("db") < place("true"), "{clause} {found:?}");
    }
    assert_eq!(rule("require db.MultiAZ == $0")[..2], ["false", "true"].map(String::from));
}

#[test]
fn what_is_gone_through_does_not_know_the_name_for_it() {
    let of = |clause: &str| labels(&format!("guardrail x(g: AWS::EC2::SecurityGroup) {{\n    {clause}\n}}\n"));
    for clause in
        ["for each in $0", "require any each in $0", "require any each in $0: true", "for each in $0 {\n    }"]
    {
        let found = of(clause);
        assert_eq!(found[0], "g", "{clause} {found:?}");
        assert!(
            ["each", "true", "not", "any"].iter().all(|word| !found.iter().any(|found| found == word)),
            "{found:?}"
        );
    }
    assert!(of("require any each in g.SecurityGroupIngress: ea$0").contains(&"each".to_owned()));
    assert_eq!(of("require any each $0"), ["in"]);
    assert_eq!(of("require any each in g.SecurityGroupIngress $0"), ["where"]);
    assert_eq!(of("for $0"), [""; 0]);
}

#[test]
fn verdicts_and_what_they_are_of() {
    let verdicts = ["passes on", "fails on", "skips on", "is unknown on"];
    assert_eq!(step("expect private $0"), verdicts);
    assert_eq!(step("expect private f$0"), ["fails on"]);
    assert_eq!(step("expect acme::other::afar $0"), verdicts);
    assert_eq!(step("expect private is $0"), ["unknown on"]);
    assert_eq!(step("expect private fails $0"), ["on"]);
    assert_eq!(step("expect private fails on $0")[..2], ["1 resources", "good"].map(String::from));
    assert_eq!(step("expect private fails on good $0"), ["with"]);
    assert_eq!(step("expect private fails on good with $0"), ["\"…\""]);
    let found = step("expect $0");
    assert_eq!(found[..3], ["private", "good", "afar"].map(String::from), "{found:?}");
    assert_eq!(step("given param $0"), ["far"]);
    assert_eq!(step("given $0"), ["inventory", "now", "param"]);
    assert!(step("expect good.QueueName $0").contains(&"is present".to_owned()));
}

#[test]
fn clauses_of_waivers() {
    let of = |clause: &str| labels(&format!("waive x {{\n    {clause}\n}}\n"));
    assert_eq!(of("resources $0"), ["like"]);
    assert_eq!(of("resources l$0"), ["like"]);
    assert_eq!(of("until $0"), ["2027-01-31"]);
    assert_eq!(of("reason $0"), ["\"…\""]);
    assert_eq!(of("reason \"a\" $0"), [""; 0]);
    assert_eq!(of("for r: AWS::SQS::Queue $0"), ["where"]);
    assert!(of("for r: AWS::SQS::Q$0").contains(&"AWS::SQS::Queue".to_owned()));
    assert!(of("resources like \"a\"\n    un$0").contains(&"until".to_owned()));
    assert_eq!(of("until 2027-01-31\n    $0\n    reason \"a\""), ["for", "owner", "resources like", "ticket"]);
}

#[test]
fn a_method_is_documented_as_that_of_its_receiver() {
    let documented = |receiver: &str| {
        let text = format!("guardrail x(db: AWS::RDS::DBInstance) {{\n    require {receiver}.contain$0\n}}\n");
        let fixture = Fixture::new(&text);
        let item = offered(&fixture).into_iter().find(|item| item.label == "contains").unwrap();
        let docs = documentation(&fixture.db, fixture.workspace, &item.key).unwrap();
        let all: Vec<&str> = docs.lines().filter(|line| line.starts_with('(')).collect();
        assert!(all.contains(&item.detail.as_str()), "{docs}");
        all.iter()
            .map(|line| line.split([':', '<', ')']).nth(1).unwrap_or_default().trim().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(documented("db.tags"), ["Map"]);
    assert_eq!(documented("[1, 2]"), ["List"]);
    assert!(!documented("\"a\"").iter().any(|receiver| receiver == "Map" || receiver == "List"));
}
