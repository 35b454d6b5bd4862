//! The files that a case's document is handed over as.

use serde_json::Value;

use crate::case::Case;

/// Files in memory, the first of which is the input.
pub(crate) struct Document {
    pub(crate) files: Vec<(String, String)>,
    /// The format to read it as; `None` to detect it.
    pub(crate) format: Option<&'static str>,
}

/// The document of a case; `None` for a pair of policies, which no inventory holds.
pub(crate) fn of(case: &Case) -> Option<Document> {
    let lone = |name: &str, format| Document { files: vec![(name.to_owned(), case.input.to_string())], format };
    Some(match case.format.as_str() {
        "cloudformation" => lone("template.json", Some("cloudformation")),
        "terraform-plan" => lone("plan.json", None),
        "terraform-hcl" => lone("main.tf.json", None),
        "aws-config" => lone("item.json", None),
        "aws-api" => Document { files: vec![("answers.ndjson".to_owned(), answers(&case.input))], format: None },
        _ => return None,
    })
}

/// Each answer of a service on a line of its own, with the configuration item that may stand beside them.
fn answers(input: &Value) -> String {
    let mut lines = Vec::new();
    let answers = input.get("answers").and_then(Value::as_object);
    for answer in answers.into_iter().flat_map(|answers| answers.values()) {
        match answer.get("successive").and_then(Value::as_array) {
            Some(successive) => lines.extend(successive.iter().map(Value::to_string)),
            None => lines.push(answer.to_string()),
        }
    }
    for item in ["configurationItem", "configuration_item", "item"].iter().filter_map(|key| input.get(*key)) {
        if !item.is_null() {
            lines.push(item.to_string());
        }
    }
    lines.join("\n")
}
