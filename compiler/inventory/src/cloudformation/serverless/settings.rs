//! The settings of SAM that are written out.
//!
//! What else a resource says may bring resources and rights, so that the template does not say all that there is.

use parapet_model::Node;

use super::super::functions::members;
use super::super::template::Doubt;
use super::Made;

// Beside those that are taken over as they are.

pub(super) const FUNCTION: [&str; 16] = [
    "AssumeRolePolicyDocument",
    "AutoPublishAlias",
    "CodeUri",
    "DeadLetterQueue",
    "Events",
    "FunctionUrlConfig",
    "ImageUri",
    "InlineCode",
    "PermissionsBoundary",
    "Policies",
    "ProvisionedConcurrencyConfig",
    "Role",
    "RolePath",
    "Tags",
    "Tracing",
    "VersionDescription",
];

pub(super) const API: [&str; 12] = [
    "Auth",
    "Cors",
    "DefinitionBody",
    "DefinitionUri",
    "Domain",
    "EndpointConfiguration",
    "GatewayResponses",
    "MergeDefinitions",
    "Models",
    "OpenApiVersion",
    "StageName",
    "Tags",
];

pub(super) const HTTP_API: [&str; 7] =
    ["Auth", "CorsConfiguration", "DefinitionBody", "DefinitionUri", "Domain", "StageName", "Tags"];

pub(super) const TABLE: [&str; 3] = ["PrimaryKey", "ProvisionedThroughput", "Tags"];

/// Settings that bring neither resources nor rights.
const HARMLESS: [&str; 6] = [
    "AlwaysDeploy",
    "AutoPublishAliasAllProperties",
    "AutoPublishCodeSha256",
    "PropagateTags",
    "PublishToLatestPublished",
    "VersionDeletionPolicy",
];

/// Names what a resource says that is not written out.
pub(super) fn unwritten(made: &mut Made<'_>, written: &[&[&str]]) {
    let source = made.source;
    for (name, node) in others(&source.properties, written) {
        let reason = format!("`{}`: what SAM makes of `{name}` is not written out", source.id);
        made.doubts.push(match HARMLESS.contains(&name) {
            true => Doubt::note(node.span, reason),
            false => Doubt::hidden(node.span, reason),
        });
    }
}

/// The members with other names.
pub(super) fn others<'n>(node: &'n Node, known: &[&[&str]]) -> Vec<(&'n str, &'n Node)> {
    let strange = |name: &str| !known.iter().any(|names| names.contains(&name));
    let there = members(node).iter().filter(|(name, node)| strange(name) && !node.is_null());
    there.map(|(name, node)| (&**name, node)).collect()
}

#[cfg(test)]
mod tests {
    use parapet_model::json;

    use super::super::super::template::declared;
    use super::super::{KINDS, Made, made_of};

    fn shown(made: &Made<'_>) -> String {
        let resources = made.resources.iter().map(|made| format!("{} {:?}\n", made.id, made.properties));
        format!("{}{:?}", resources.collect::<String>(), made.doubts)
    }

    /// A body and an alias stand beside each, on which other settings lean.
    #[test]
    fn what_counts_as_written_out_is_written_somewhere_or_named() {
        let mut idle: Vec<&str> = Vec::new();
        for kind in &KINDS {
            let of = |setting: Option<&str>| {
                let said = |name: &str| format!("\"{name}\": {{\"Marker\": \"x\"}}");
                let around = ["DefinitionBody", "AutoPublishAlias"].into_iter().filter(|name| Some(*name) != setting);
                let around = around.filter(|name| kind.written.iter().any(|names| names.contains(name)));
                let open = setting.map(|name| format!("\"{name}\": {{\"Fn::If\": [\"C\", \"a\", \"b\"]}}"));
                let members: Vec<String> = around.map(said).chain(open).collect();
                let text = format!("{{\"Type\": \"x\", \"Properties\": {{{}}}}}", members.join(", "));
                let source = declared(&"R".into(), &json::parse(&text).unwrap()).unwrap();
                let made = made_of(&source, kind);
                // Where things stand is of no interest.
                let shown = shown(&made);
                shown.split("Span").map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect::<String>()
            };
            let bare = of(None);
            idle.extend(kind.written.iter().copied().flatten().filter(|name| of(Some(name)) == bare));
        }
        assert!(idle.is_empty(), "{idle:?}");
    }
}
