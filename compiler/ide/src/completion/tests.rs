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
