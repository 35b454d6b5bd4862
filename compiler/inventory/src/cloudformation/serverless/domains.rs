//! The `Domain` of an API: the domain name, what maps it to the API, and its records of Route 53.
//!
//! The certificate of a regional domain name (the default) stands in `RegionalCertificateArn`, that of another one in
//! `CertificateArn`. A private one is another type of resource, which is not written out.

use parapet_model::{Node, NodeKind};

use super::Made;
use super::apis::unseen;
use super::make::{At, is_open, member, same_named};
use super::settings::others;

/// What is written out of a domain.
const WRITTEN: [&str; 9] = [
    "BasePath",
    "CertificateArn",
    "DomainName",
    "EndpointConfiguration",
    "MutualTlsAuthentication",
    "NormalizeBasePath",
    "OwnershipVerificationCertificateArn",
    "Route53",
    "SecurityPolicy",
];

/// The kind of API that a domain leads to.
pub(super) struct Leads {
    /// The type of the domain name.
    domain: &'static str,
    /// The type of what maps it to the API, and the end of its name.
    mapping: (&'static str, &'static str),
    /// How the mapping names the path.
    path: &'static str,
    /// How the mapping names the API.
    api: &'static str,
    /// The properties of the domain name, of the kind that is given.
    properties: fn(At, &Node, &str) -> Node,
}

pub(super) const REST: Leads = Leads {
    domain: "AWS::ApiGateway::DomainName",
    mapping: ("AWS::ApiGateway::BasePathMapping", "BasePathMapping"),
    path: "BasePath",
    api: "RestApiId",
    properties: of_rest,
};

pub(super) const HTTP: Leads = Leads {
    domain: "AWS::ApiGatewayV2::DomainName",
    mapping: ("AWS::ApiGatewayV2::ApiMapping", "ApiMapping"),
    path: "ApiMappingKey",
    api: "ApiId",
    properties: of_http,
};

/// What SAM makes of the domain of an API.
pub(super) fn domain(made: &mut Made<'_>, leads: &Leads, stage: &Node) {
    let source = made.source;
    let Some(domain) = member(&source.properties, "Domain") else { return };
    let kind = member(&domain, "EndpointConfiguration");
    match kind.as_ref().map_or(Some("REGIONAL"), Node::as_text) {
        Some("PRIVATE") => {
            let reason = format!("`{}`: the private domain name that SAM makes is not written out", source.id);
            made.doubt(domain.span, reason);
        }
        Some(kind) if !is_open(&domain) => written(made, leads, &domain, kind, stage),
        Some(_) | None => {
            let why = "a function decides which domain name SAM makes";
            made.add_open(&name(made), leads.domain, why);
            made.doubt(domain.span, format!("`{}`: {why}", source.id));
        }
    }
}

/// The name of the domain name; the one that SAM gives has a digest of what it is.
fn name(made: &Made<'_>) -> String {
    format!("{}DomainName", made.source.id)
}

fn written(made: &mut Made<'_>, leads: &Leads, domain: &Node, kind: &str, stage: &Node) {
    let id = made.source.id.clone();
    for (setting, node) in others(domain, &[&WRITTEN]) {
        made.doubt(node.span, format!("`{id}`: what SAM makes of `Domain.{setting}` is not written out"));
    }
    made.add(&name(made), leads.domain, (leads.properties)(At(domain.span), domain, kind));
    mappings(made, leads, domain, stage);
    if member(domain, "Route53").is_some() {
        let why = "SAM makes one group of records for all APIs of a hosted zone";
        made.add_open(&format!("{id}RecordSetGroup"), "AWS::Route53::RecordSetGroup", why);
    }
}

/// The properties of the domain name of a REST API.
fn of_rest(at: At, domain: &Node, kind: &str) -> Node {
    let certificate = if kind == "REGIONAL" { "RegionalCertificateArn" } else { "CertificateArn" };
    let mut members = vec![
        (certificate, member(domain, "CertificateArn")),
        ("EndpointConfiguration", Some(at.map([("Types", Some(at.list([at.text(kind)])))]))),
        ("Tags", Some(unseen(at, "the tags of the domain name"))),
    ];
    let same = ["DomainName", "MutualTlsAuthentication", "OwnershipVerificationCertificateArn", "SecurityPolicy"];
    members.extend(same_named(domain, &same));
    at.map(members)
}

/// The properties of the domain name of an HTTP API.
fn of_http(at: At, domain: &Node, kind: &str) -> Node {
    let mut configuration = vec![("EndpointType", Some(at.text(kind)))];
    let same = ["CertificateArn", "OwnershipVerificationCertificateArn", "SecurityPolicy"];
    configuration.extend(same_named(domain, &same));
    let mut members = vec![
        ("DomainNameConfigurations", Some(at.list([at.map(configuration)]))),
        ("Tags", Some(unseen(at, "the tags of the domain name"))),
    ];
    members.extend(same_named(domain, &["DomainName", "MutualTlsAuthentication"]));
    at.map(members)
}

/// A mapping for each path, or one for all paths.
fn mappings(made: &mut Made<'_>, leads: &Leads, domain: &Node, stage: &Node) {
    let at = At(domain.span);
    let paths = member(domain, "BasePath");
    match paths.as_ref().map(|paths| (paths, &paths.kind)) {
        None => mapping(made, leads, stage, "", None),
        Some((_, NodeKind::List(paths))) if paths.iter().all(|path| path.as_text().is_some()) => {
            for path in paths {
                let text = path.as_text().unwrap_or_default();
                let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
                // SAM takes other characters out, or leaves them, as another setting says.
                let known = if *plain == *text { path.clone() } else { unseen(at, "the path") };
                mapping(made, leads, stage, &plain, Some(known));
            }
        }
        Some((paths, _)) => {
            let (ty, end) = leads.mapping;
            let id = made.source.id.clone();
            made.add_open(&format!("{id}{end}"), ty, "a function decides which paths there are");
            made.doubt(paths.span, format!("`{id}`: a function decides what SAM makes of `Domain.BasePath`"));
        }
    }
}

fn mapping(made: &mut Made<'_>, leads: &Leads, stage: &Node, path: &str, known: Option<Node>) {
    let (at, id, (ty, end)) = (made.at(), made.source.id.clone(), leads.mapping);
    let members = [
        ("DomainName", Some(at.reference(&name(made)))),
        (leads.api, Some(at.reference(&id))),
        ("Stage", Some(stage.clone())),
        (leads.path, known),
    ];
    made.add(&format!("{id}{path}{end}"), ty, at.map(members));
}
