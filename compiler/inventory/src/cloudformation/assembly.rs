//! Folders that `cdk synth` writes: which files of one are templates, and where these are deployed to.
//!
//! `manifest.json` names the templates of the stacks, and the folders of other assemblies inside of this one. Whatever else
//! lies there is an asset, also where it looks like an input. Templates of nested stacks are assets, too: the stacks that
//! they belong to name them.

use parapet_model::{Name, Node, NodeKind, json};

use super::functions::members;

/// The longest manifest.
pub(crate) const MOST_BYTES: usize = 16 << 20;

/// What the manifest of a folder says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Assembly {
    /// The file names of templates.
    pub templates: Vec<String>,
    /// The names of folders that are assemblies themselves.
    pub folders: Vec<String>,
}

impl Assembly {
    /// Reads a manifest; `None` where the text is none.
    pub fn read(text: &str) -> Option<Assembly> {
        let mut assembly = Assembly::default();
        for (kind, properties) in artifacts(&json::parse(text).ok()?)? {
            let (list, name) = match kind {
                STACK => (&mut assembly.templates, "templateFile"),
                INNER => (&mut assembly.folders, "directoryName"),
                _ => continue,
            };
            // Names of this folder alone.
            let name = properties
                .get(name)
                .and_then(Node::as_text)
                .filter(|name| !name.contains(['/', '\\']) && *name != "..");
            list.extend(name.map(str::to_owned).filter(|name| !list.contains(name)));
        }
        Some(assembly)
    }
}

const STACK: &str = "aws:cloudformation:stack";
const INNER: &str = "cdk:cloud-assembly";

/// The artifacts of a manifest: what each is, and its properties.
fn artifacts(manifest: &Node) -> Option<Vec<(&'static str, Node)>> {
    manifest.get("version").and_then(Node::as_text)?;
    let artifacts = manifest.get("artifacts").filter(|node| matches!(node.kind, NodeKind::Map(_)))?;
    let artifact = |(_, node): &'_ (Name, Node)| -> Option<(String, Node)> {
        let kind = node.get("type").and_then(Node::as_text)?;
        let mut properties =
            node.get("properties").cloned().unwrap_or_else(|| Node::new(node.span, NodeKind::Map(Vec::new())));
        if let (NodeKind::Map(members), Some(environment)) = (&mut properties.kind, node.get("environment")) {
            members.push(("environment".into(), environment.clone()));
        }
        Some((kind.to_owned(), properties))
    };
    let kinds = [STACK, INNER];
    let known = members(artifacts).iter().filter_map(artifact);
    Some(known.filter_map(|(kind, node)| Some((kinds.into_iter().find(|known| *known == kind)?, node))).collect())
}

/// What a manifest says of a template's deployment, as values of parameters: account, region, the name of the stack.
pub(crate) fn deployment(manifest: &str, template: &str) -> Vec<(Name, Node)> {
    let mut values = Vec::new();
    let manifest = json::parse(manifest).ok();
    let artifacts = manifest.as_ref().and_then(artifacts).unwrap_or_default();
    let named = |properties: &Node| properties.get("templateFile").and_then(Node::as_text) == Some(template);
    let Some((_, properties)) = artifacts.into_iter().find(|(kind, properties)| *kind == STACK && named(properties))
    else {
        return values;
    };
    let environment =
        properties.get("environment").and_then(Node::as_text).and_then(|text| text.strip_prefix("aws://"));
    if let Some((account, region)) = environment.and_then(|text| text.split_once('/')) {
        let known = |text: &str| !text.starts_with("unknown-");
        values.extend(known(account).then(|| ("AWS::AccountId".into(), Node::text(account))));
        values.extend(known(region).then(|| ("AWS::Region".into(), Node::text(region))));
    }
    let name = properties.get("stackName").and_then(Node::as_text);
    values.extend(name.map(|name| ("AWS::StackName".into(), Node::text(name))));
    let given = properties.get("parameters").map(members).unwrap_or_default();
    values.extend(given.iter().filter(|(_, node)| node.as_text().is_some()).cloned());
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"{"version": "48.0.0", "artifacts": {
        "App.assets": {"type": "cdk:asset-manifest", "properties": {"file": "App.assets.json"}},
        "App": {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/eu-west-1",
                "properties": {"templateFile": "App.template.json", "stackName": "app", "parameters": {"Env": "prod"}}},
        "Other": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region",
                  "properties": {"templateFile": "Other.template.json"}},
        "Out": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "../x.json"}},
        "Stage": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Stage"}},
        "Tree": {"type": "cdk:tree"}}}"#;

    #[test]
    fn templates_and_inner_assemblies_are_named() {
        let assembly = Assembly::read(MANIFEST).unwrap();
        assert_eq!(assembly.templates, ["App.template.json", "Other.template.json"]);
        assert_eq!(assembly.folders, ["assembly-Stage"]);
        for text in ["{}", "[]", "x", r#"{"version": 1, "artifacts": []}"#, r#"{"name": "web", "version": "1"}"#] {
            assert_eq!(Assembly::read(text), None, "{text}");
        }
    }

    #[test]
    fn the_deployment_of_a_template_is_known() {
        let shown = |template: &str| {
            let values = deployment(MANIFEST, template);
            values
                .iter()
                .map(|(name, node)| format!("{name}={}", node.as_text().unwrap()))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            shown("App.template.json"),
            "AWS::AccountId=111122223333 AWS::Region=eu-west-1 AWS::StackName=app Env=prod"
        );
        assert_eq!(shown("Other.template.json"), "");
        assert_eq!(shown("App.assets.json"), "");
    }
}
