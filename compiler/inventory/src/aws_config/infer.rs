//! The type of a resource, from its ARN.
//!
//! A query that does not select `resourceType` answers with items that do not say what they are. Where exactly
//! one schema has an ARN of that service and that form, the ARN says it.

use std::sync::OnceLock;

use parapet_model::{Name, Schema};
use rustc_hash::FxHashMap;

/// `service` to what follows the account in ARNs of each type, up to its first variable.
type Forms = FxHashMap<String, Vec<(String, Name)>>;

/// The type that an ARN belongs to, if only one does.
pub(crate) fn resource_type(arn: &str) -> Option<Name> {
    static FORMS: OnceLock<Forms> = OnceLock::new();
    let (service, resource) = parts(arn)?;
    let forms = FORMS.get_or_init(|| forms(Schema::embedded())).get(service)?;
    let length = |form: &&(String, Name)| form.0.len();
    let fitting = || forms.iter().filter(|(form, _)| resource.starts_with(form.as_str()));
    let longest = fitting().map(|form| length(&form)).max()?;
    let mut best = fitting().filter(|form| length(form) == longest);
    match (best.next(), best.next()) {
        (Some((_, name)), None) => Some(name.clone()),
        _ => None,
    }
}

/// The service, and what follows the account.
fn parts(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    if parts.next() != Some("arn") {
        return None;
    }
    Some((parts.nth(1)?, parts.nth(2)?))
}

fn forms(schema: &'static Schema) -> Forms {
    let mut forms = Forms::default();
    for name in schema.type_names() {
        let template = schema.resource_type(name).and_then(|ty| ty.arn.as_deref());
        // `${…}` has no colon in it, so that the parts of a template are those of its ARNs.
        let Some((service, resource)) = template.and_then(parts) else { continue };
        let form = resource.split("${").next().unwrap_or_default();
        if !form.is_empty() {
            forms.entry(service.to_owned()).or_default().push((form.to_owned(), name.clone()));
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_its_type_if_no_other_has_its_form() {
        let of = |arn: &str| resource_type(arn);
        assert_eq!(of("arn:aws:ecr:us-east-1:111122223333:repository/a/b").as_deref(), Some("AWS::ECR::Repository"));
        assert_eq!(of("arn:aws:iam::111122223333:role/x").as_deref(), Some("AWS::IAM::Role"));
        assert_eq!(of("arn:aws:nothing:us-east-1:111122223333:thing/x"), None);
        assert_eq!(of("repository/a"), None);
    }
}
