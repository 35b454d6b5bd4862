//! The files that a case's document is handed over as.

use serde_json::{Value, json};

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
        "aws-api" => {
            Document { files: vec![("answers.ndjson".to_owned(), answers(&case.input, account(case)))], format: None }
        }
        _ => return None,
    })
}

/// The account that answers are of: the one that the verdict is about, if it is about an account.
fn account(case: &Case) -> &str {
    let named =
        case.resource.as_deref().filter(|name| name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()));
    named.unwrap_or("123456789012")
}

/// Each answer of a service on a line of its own, with the configuration item that may stand beside them.
fn answers(input: &Value, account: &str) -> String {
    let mut lines = Vec::new();
    let answers = input.get("answers").and_then(Value::as_object);
    for (name, answer) in answers.into_iter().flatten() {
        match answer.get("successive").and_then(Value::as_array) {
            Some(successive) => lines.extend(successive.iter().map(|answer| wrapped(name, answer, account))),
            None => lines.push(wrapped(name, answer, account)),
        }
    }
    for item in ["configurationItem", "configuration_item", "item"].iter().filter_map(|key| input.get(*key)) {
        if !item.is_null() {
            lines.push(item.to_string());
        }
    }
    lines.join("\n")
}

/// An answer in the wrapper that says which call it answers. The names are those of the API, `iam.GetAccountSummary_1`, or
/// of Python's client, `iam.get_account_summary`.
fn wrapped(name: &str, answer: &Value, account: &str) -> String {
    let mut parts = name.rsplit('.');
    let call = parts.next().unwrap_or_default();
    let call = call.rsplit_once('_').filter(|(_, end)| end.parse::<u32>().is_ok()).map_or(call, |(call, _)| call);
    let service = match parts.next().unwrap_or_default() {
        "s3-control" => "s3control",
        // Its answers are those that the command line has under this name.
        "config" => "configservice",
        service => service,
    };
    let region = "us-east-1";
    let operation = format!("{service} {}", dashed(call));
    let wrapper = match answer.pointer("/Error/Code").and_then(Value::as_str) {
        Some(code) => json!({"operation": operation, "account": account, "region": region, "error": code}),
        None => json!({"operation": operation, "account": account, "region": region, "output": answer}),
    };
    json!({"$answer": wrapper}).to_string()
}

/// `GetAccountSummary` and `get_account_summary` as `get-account-summary`; `DBSnapshots` is `db-snapshots`.
fn dashed(call: &str) -> String {
    let letters: Vec<char> = call.chars().collect();
    let mut text = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let begins = before.is_some_and(|before| before.is_lowercase())
            || (before.is_some() && letters.get(at + 1).is_some_and(|next| next.is_lowercase()));
        if letter.is_uppercase() && begins {
            text.push('-');
        }
        text.push(if *letter == '_' { '-' } else { letter.to_ascii_lowercase() });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_go_by_the_names_of_the_command_line() {
        let wrapper = |name: &str| wrapped(name, &json!({"A": 1}), "1");
        let of = |operation: &str| {
            format!(
                r#"{{"$answer":{{"operation":"{operation}","account":"1","region":"us-east-1","output":{{"A":1}}}}}}"#
            )
        };
        assert_eq!(wrapper("iam.GetAccountSummary_1"), of("iam get-account-summary"));
        assert_eq!(wrapper("api.ecr.get_repository_policy"), of("ecr get-repository-policy"));
        assert_eq!(wrapper("rds.DescribeDBSnapshotAttributes_12"), of("rds describe-db-snapshot-attributes"));
        assert_eq!(wrapper("s3-control.GetPublicAccessBlock_1"), of("s3control get-public-access-block"));
        let error = wrapped("iam.GetAccountPasswordPolicy_1", &json!({"Error": {"Code": "NoSuchEntity"}}), "1");
        assert!(error.contains(r#""error":"NoSuchEntity""#) && !error.contains("output"), "{error}");
    }
}
