//! Mutation testing as `parapet.mutation/1`.

use parapet_model::{MutationReport, Noticed, Survivor};
use serde_json::{Value, json};

pub(super) fn write(report: &MutationReport, _color: bool) -> String {
    let document = json!({
        "schema": "parapet.mutation/1",
        "score": report.tally().percent(),
        "rules": family(report.rules),
        "fixtures": family(report.fixtures),
        "survivors": report.survivors.iter().map(survivor).collect::<Vec<Value>>(),
    });
    format!("{document:#}\n")
}

fn family(noticed: Noticed) -> Value {
    json!({
        "score": noticed.tally().percent(),
        "killed": noticed.killed,
        "survived": noticed.survived,
        "accepted": noticed.accepted,
    })
}

fn survivor(survivor: &Survivor) -> Value {
    json!({
        "kind": survivor.kind.name(),
        "definition": survivor.definition,
        "path": survivor.path,
        "line": survivor.line,
        "column": survivor.column,
        "text": survivor.text,
        "change": survivor.change,
        "accepted": survivor.accepted,
        "tests": survivor.tests,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_and_all_survivors_are_told() {
        let document: Value = serde_json::from_str(&write(&super::super::tests::report(), false)).unwrap();
        assert_eq!(document.pointer("/schema"), Some(&json!("parapet.mutation/1")));
        assert_eq!(document.pointer("/score"), Some(&json!(63.6)));
        assert_eq!(
            document.pointer("/rules"),
            Some(&json!({"score": 62.5, "killed": 5, "survived": 3, "accepted": 1}))
        );
        assert_eq!(document.pointer("/survivors/4/kind"), Some(&json!("fixture")));
        assert_eq!(document.pointer("/survivors/0/change"), Some(&json!("`>=` became `>`")));
    }
}
