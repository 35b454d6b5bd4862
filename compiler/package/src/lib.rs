//! The manifest of a package, `parapet.toml`.
//!
//! `[package]` and `[params]` are read. Sections of the language that this version does not act on are named in
//! [`Manifest::unread`], so that nobody believes that they are in force. Nothing here touches files.

mod keys;

use std::collections::BTreeMap;

use parapet_base::Span;
use serde::Deserialize;
use toml::{Spanned, Table, Value};

pub use keys::{Key, PACKAGE_KEYS, SECTIONS, keys};

/// A manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// As written; module paths write `-` as `_`.
    pub name: String,
    pub version: Option<String>,
    pub description: Option<String>,
    pub edition: Option<String>,
    /// The versions of Parapet that the package is for.
    pub parapet: Option<String>,
    /// The folder of the rules below the manifest's.
    pub rules: String,
    /// Parameters by path.
    pub params: BTreeMap<String, Value>,
    /// Sections that this version does not act on.
    pub unread: Vec<String>,
}

impl Manifest {
    /// The package's name as module paths write it.
    pub fn module_name(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// What is wrong with a manifest, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    pub span: Span,
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackageSection {
    name: Spanned<String>,
    version: Option<Spanned<String>>,
    description: Option<String>,
    edition: Option<Spanned<String>>,
    parapet: Option<String>,
    rules: Option<String>,
}

#[derive(Deserialize)]
struct File {
    package: Option<PackageSection>,
    params: Option<BTreeMap<String, Value>>,
    #[serde(flatten)]
    rest: Table,
}

/// Sections that the language has and this version does not act on.
const LATER: [&str; 5] = ["dependencies", "guardrails", "scope", "waivers", "signing"];

/// Reads a manifest's text.
pub fn parse(text: &str) -> Result<Manifest, ManifestError> {
    let file: File = toml::from_str(text).map_err(|error| ManifestError {
        span: error.span().map_or_else(Span::default, |span| Span::new(span.start, span.end)),
        message: error.message().to_owned(),
    })?;
    let whole = |message: &str| ManifestError { span: Span::new(0, 1), message: message.to_owned() };
    if let Some(section) = file.rest.keys().find(|section| !LATER.contains(&section.as_str())) {
        let known = ["package", "params"].into_iter().chain(LATER);
        let hint =
            parapet_base::nearest(section, known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        return Err(ManifestError {
            span: find(text, section),
            message: format!("a manifest has no section `{section}`{hint}"),
        });
    }
    let package = file.package.ok_or_else(|| whole("the manifest has no section `[package]`"))?;
    check(&package)?;
    Ok(Manifest {
        name: package.name.into_inner(),
        version: package.version.map(Spanned::into_inner),
        description: package.description,
        edition: package.edition.map(Spanned::into_inner),
        parapet: package.parapet,
        rules: package.rules.unwrap_or_else(|| "rules".to_owned()),
        params: file.params.unwrap_or_default(),
        unread: file.rest.keys().cloned().collect(),
    })
}

fn find(text: &str, section: &str) -> Span {
    text.find(section).map_or_else(|| Span::new(0, 1), |at| Span::new(at, at + section.len()))
}

fn check(package: &PackageSection) -> Result<(), ManifestError> {
    let at = |span: std::ops::Range<usize>, message: String| {
        Err(ManifestError { span: Span::new(span.start, span.end), message })
    };
    let name = package.name.get_ref();
    let valid = name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_'));
    if !valid {
        return at(
            package.name.span(),
            format!("`{name}` is no package name: lower-case letters, digits, `-` and `_`, beginning with a letter"),
        );
    }
    if let Some(version) = &package.version
        && !is_version(version.get_ref())
    {
        return at(version.span(), format!("`{}` is no semantic version such as `1.4.0`", version.get_ref()));
    }
    if let Some(edition) = &package.edition
        && edition.get_ref() != "2027"
    {
        return at(edition.span(), format!("there is no edition `{}`; the only one is `2027`", edition.get_ref()));
    }
    Ok(())
}

fn is_version(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<&str> = core.split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_and_params_are_read() {
        let manifest =
            parse("[package]\nname = \"acme-base\"\nversion = \"1.0.0\"\n[params]\n\"aws::identity::max\" = \"90d\"\n")
                .unwrap();
        assert_eq!(manifest.module_name(), "acme_base");
        assert_eq!(manifest.params.len(), 1);
    }

    #[test]
    fn faults_have_places() {
        for (text, part) in [
            ("[package]\nname = \"Acme\"", "Acme"),
            ("[package]\nname = \"a\"\nversion = \"1\"", "semantic version"),
            ("[pakage]\nname = \"a\"", "did you mean `package`"),
            ("[package]\nname = ", "string"),
            ("[package]\nname = \"a\"\ncolour = 1", "colour"),
            ("", "[package]"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.message.contains(part), "{text}: {}", error.message);
        }
    }

    #[test]
    fn sections_for_later_are_named() {
        assert_eq!(parse("[package]\nname = \"a\"\n[dependencies]\n").unwrap().unread, ["dependencies"]);
    }
}
