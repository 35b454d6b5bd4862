//! Small needs, whole outputs.

use super::*;
use parapet_model::{Listing, ServiceCall};

fn names(texts: &[&str]) -> Vec<Name> {
    texts.iter().map(|text| Name::from(*text)).collect()
}

fn needed(name: &str) -> NeededType {
    NeededType {
        name: name.into(),
        properties: names(&["A", "B"]),
        complete: false,
        global: false,
        answers: None,
        listing: None,
        recorded: Vec::new(),
    }
}

fn call(call: &str, actions: &[&str]) -> ServiceCall {
    ServiceCall {
        call: call.into(),
        regional: false,
        fine: Some("NoSuchEntity".into()),
        function: None,
        actions: names(actions),
    }
}

fn needs() -> Needs {
    let listing = |actions| Some(Listing { below: None, actions });
    Needs {
        guardrails: 3,
        types: vec![
            NeededType {
                answers: Some(call("iam get-account-password-policy", &["iam:GetAccountPasswordPolicy"])),
                ..needed("A::A::Answered")
            },
            NeededType {
                listing: listing(Some(names(&["b:ListB"]))),
                recorded: names(&["A::A::Both"]),
                complete: true,
                ..needed("A::A::Both")
            },
            NeededType { listing: listing(None), global: true, ..needed("A::A::Listed") },
            needed("A::A::Nowhere"),
            NeededType { recorded: names(&["A::A::Parent"]), ..needed("A::A::Split") },
        ],
        accounts: None,
        everything: false,
        cloud_control: names(&["cloudformation:GetResource"]),
        config: names(&["config:SelectResourceConfig"]),
    }
}

#[test]
fn people_see_where_each_type_comes_from() {
    assert_eq!(
        needs_text(&needs(), Preferred::CloudControl),
        "\
A::A::Answered  service-answers  iam get-account-password-policy
A::A::Both    * cloud-control
A::A::Listed    cloud-control
A::A::Nowhere   none             no call shows it
A::A::Split     aws-config       with A::A::Parent
3 guardrails read 5 resource types, 1 of them as a whole (*)
--print policy: 4 IAM actions; --print query: 1 query for AWS Config; --print script: what fills a folder for `parapet check`
the actions that reading these takes are not known, and so not in the policy (`aws cloudformation describe-type` tells): A::A::Listed
"
    );
}

#[test]
fn the_policy_follows_the_ways() {
    let actions =
        |preferred| policy::actions(&needs(), preferred).iter().map(|name| name.to_string()).collect::<Vec<_>>();
    assert_eq!(
        actions(Preferred::CloudControl),
        ["b:ListB", "cloudformation:GetResource", "config:SelectResourceConfig", "iam:GetAccountPasswordPolicy"]
    );
    assert_eq!(
        actions(Preferred::Config),
        ["cloudformation:GetResource", "config:SelectResourceConfig", "iam:GetAccountPasswordPolicy"]
    );
    assert!(needs_policy(&needs(), Preferred::Config).contains("\"Effect\": \"Allow\""));
}

#[test]
fn queries_stay_below_the_limit() {
    let many = (0..200).map(|at| Name::from(format!("AWS::Service{at:03}::Resource"))).collect::<BTreeSet<_>>();
    let queries = query::of_types(many.clone());
    assert!(queries.len() > 1 && queries.iter().all(|query| query.len() <= 4096), "{queries:?}");
    let whole = queries.join("\n");
    assert!(many.iter().all(|name| whole.contains(&format!("'{name}'"))));
    assert_eq!(query::of_types(BTreeSet::new()), [""; 0]);
}

#[test]
fn the_script_holds_the_parts_that_it_calls() {
    let script = needs_script(&needs(), Preferred::CloudControl);
    let calls = script.split_once("# Once for the account.\n").unwrap().1;
    assert!(calls.starts_with(
        "answer global - sts get-caller-identity\nanswer global NoSuchEntity iam get-account-password-policy\n"
    ));
    assert!(
        calls.contains("describe A::A::Listed global\n") && calls.contains("    describe A::A::Both \"$region\"\n"),
        "{calls}"
    );
    assert!(calls.contains("'A::A::Parent'") && !calls.contains("'A::A::Both'"), "{calls}");
    assert!(script.contains("\nrecorder() {") && !script.contains("\nassignments() {"));
    assert!(script.contains("# No call shows A::A::Nowhere"));
}

#[test]
fn programs_see_the_same() {
    let json: serde_json::Value = serde_json::from_str(&needs_json(&needs(), Preferred::CloudControl)).unwrap();
    assert_eq!(json["schema"], "parapet.needs/1");
    let sources: Vec<&str> = json["types"].as_array().unwrap().iter().filter_map(|ty| ty["source"].as_str()).collect();
    assert_eq!(sources, ["service-answers", "cloud-control", "cloud-control", "none", "aws-config"]);
}
