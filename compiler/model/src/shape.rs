//! How texts look that nobody knows yet.
//!
//! The identifier of an internet gateway begins with `igw-`, an account is twelve digits, and no generated identifier holds a
//! wildcard. What is known so of an attribute decides questions about it before there is one. Sources: the patterns of
//! the identifiers in the EC2, KMS, IAM, Secrets Manager and Cognito API references, "Resource IDs" in the EC2 user guide,
//! "Bucket naming rules" in the S3 user guide, the API references of SNS and SQS (`CreateTopic`, `CreateQueue`).

/// A text as far as it is known: letters, and in braces what stands for others. `{hex}`, `{digits}`, `{label}`, `{bucket}`,
/// `{path}`, `{plain}` and `{word}` are one letter or more, `{any}` is any text, `{label*}` and the like may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape(&'static str);

/// The letters that may stand in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    Any,
    /// `0` to `9`, `a` to `f`.
    Hex,
    Digits,
    /// Letters, digits, `-` and `_`.
    Label,
    /// What names of buckets are made of: letters, digits, and `.-_`.
    Bucket,
    /// What paths and names of managed policies are made of: letters, digits, and `/.,+@=_-`.
    Path,
    /// All letters but braces.
    Plain,
    /// All letters but braces and colons.
    Word,
}

/// A piece of a text of which not all is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Glyph {
    Letter(char),
    /// One of these.
    One(Class),
    /// Any number of these.
    Run(Class),
}

impl Class {
    pub fn admits(self, letter: char) -> bool {
        match self {
            Class::Any => true,
            Class::Hex => matches!(letter, '0'..='9' | 'a'..='f'),
            Class::Digits => letter.is_ascii_digit(),
            Class::Label => letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'),
            Class::Bucket => Class::Label.admits(letter) || letter == '.',
            Class::Path => Class::Label.admits(letter) || matches!(letter, '/' | '.' | ',' | '+' | '@' | '='),
            Class::Plain => !matches!(letter, '{' | '}'),
            Class::Word => !matches!(letter, '{' | '}' | ':'),
        }
    }

    fn named(name: &str) -> Class {
        match name {
            "hex" => Class::Hex,
            "digits" => Class::Digits,
            "label" => Class::Label,
            "bucket" => Class::Bucket,
            "path" => Class::Path,
            "plain" => Class::Plain,
            "word" => Class::Word,
            _ => Class::Any,
        }
    }
}

impl Shape {
    /// Any text.
    pub const ANY: Shape = Shape("{any}");

    /// A text without braces, and so one that refers to nothing.
    pub const PLAIN: Shape = Shape("{plain*}");

    /// A text of one letter or more, none of them a brace or a colon: neither empty, nor an ARN, nor a reference.
    pub const WORD: Shape = Shape("{word}");

    /// An ARN.
    pub const ARN: Shape = Shape("arn:aws{label*}:{any}");

    /// The shape of an attribute of a resource type: `id`, `arn`, or a property.
    pub fn of(resource_type: &str, attribute: &str) -> Shape {
        let listed = SHAPES.iter().find(|(ty, name, _)| *ty == resource_type && *name == attribute);
        match listed {
            Some((.., shape)) => Shape(shape),
            None if attribute == "arn" => Shape::ARN,
            None => Shape::ANY,
        }
    }

    /// The shape of what all resources of one deployment share.
    pub(crate) fn of_deployment(name: &str) -> Shape {
        match name {
            "AWS::AccountId" => Shape("{digits}"),
            "AWS::Region" => Shape("{label}"),
            "AWS::Partition" => Shape("aws{label*}"),
            _ => Shape::ANY,
        }
    }

    /// The shapes of what stands between colons, and before and behind them; `None` where a part that is not known may hold one.
    pub(crate) fn between_colons(self) -> Option<Vec<Shape>> {
        let is_apart = |glyph: &Glyph| match glyph {
            Glyph::Letter(_) => true,
            Glyph::One(class) | Glyph::Run(class) => !class.admits(':'),
        };
        self.glyphs().iter().all(is_apart).then(|| self.0.split(':').map(Shape).collect())
    }

    /// The text, if all of it is known.
    pub(crate) fn text(self) -> Option<&'static str> {
        (!self.0.contains('{')).then_some(self.0)
    }

    /// Its pieces.
    pub fn glyphs(self) -> Vec<Glyph> {
        let mut glyphs = Vec::new();
        let mut rest = self.0;
        while let Some((before, after)) = rest.split_once('{') {
            glyphs.extend(before.chars().map(Glyph::Letter));
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            let class = Class::named(name.trim_end_matches('*'));
            if class != Class::Any && !name.ends_with('*') {
                glyphs.push(Glyph::One(class));
            }
            glyphs.push(Glyph::Run(class));
            rest = behind;
        }
        glyphs.extend(rest.chars().map(Glyph::Letter));
        glyphs
    }
}

const SHAPES: [(&str, &str, &str); 51] = [
    ("AWS::Cognito::IdentityPool", "id", "{label}:{label}"),
    ("AWS::Cognito::UserPool", "id", "{label}"),
    ("AWS::Cognito::UserPoolClient", "ClientId", "{label}"),
    ("AWS::EC2::CarrierGateway", "id", "cagw-{hex}"),
    ("AWS::EC2::CustomerGateway", "id", "cgw-{hex}"),
    ("AWS::EC2::DHCPOptions", "id", "dopt-{hex}"),
    ("AWS::EC2::EIP", "AllocationId", "eipalloc-{hex}"),
    ("AWS::EC2::EgressOnlyInternetGateway", "id", "eigw-{hex}"),
    ("AWS::EC2::FlowLog", "id", "fl-{hex}"),
    ("AWS::EC2::Instance", "id", "i-{hex}"),
    ("AWS::EC2::InternetGateway", "id", "igw-{hex}"),
    ("AWS::EC2::LaunchTemplate", "id", "lt-{hex}"),
    ("AWS::EC2::NatGateway", "id", "nat-{hex}"),
    ("AWS::EC2::NetworkAcl", "id", "acl-{hex}"),
    ("AWS::EC2::NetworkInterface", "id", "eni-{hex}"),
    ("AWS::EC2::PrefixList", "id", "pl-{hex}"),
    ("AWS::EC2::RouteTable", "id", "rtb-{hex}"),
    ("AWS::EC2::SecurityGroup", "id", "sg-{hex}"),
    ("AWS::EC2::Subnet", "id", "subnet-{hex}"),
    ("AWS::EC2::SubnetRouteTableAssociation", "id", "rtbassoc-{hex}"),
    ("AWS::EC2::TransitGateway", "id", "tgw-{hex}"),
    ("AWS::EC2::TransitGatewayAttachment", "id", "tgw-attach-{hex}"),
    ("AWS::EC2::TransitGatewayRouteTable", "id", "tgw-rtb-{hex}"),
    ("AWS::EC2::TransitGatewayVpcAttachment", "id", "tgw-attach-{hex}"),
    ("AWS::EC2::VPC", "id", "vpc-{hex}"),
    ("AWS::EC2::VPC", "DefaultNetworkAcl", "acl-{hex}"),
    ("AWS::EC2::VPC", "DefaultSecurityGroup", "sg-{hex}"),
    ("AWS::EC2::VPCEndpoint", "id", "vpce-{hex}"),
    ("AWS::EC2::VPCEndpointService", "id", "vpce-svc-{hex}"),
    ("AWS::EC2::VPCPeeringConnection", "id", "pcx-{hex}"),
    ("AWS::EC2::VPNConnection", "id", "vpn-{hex}"),
    ("AWS::EC2::VPNGateway", "id", "vgw-{hex}"),
    ("AWS::EC2::Volume", "id", "vol-{hex}"),
    ("AWS::EFS::AccessPoint", "id", "fsap-{hex}"),
    ("AWS::EFS::FileSystem", "id", "fs-{hex}"),
    ("AWS::IAM::Group", "arn", "arn:aws{label*}:iam::{digits}:group/{any}"),
    ("AWS::IAM::InstanceProfile", "arn", "arn:aws{label*}:iam::{digits}:instance-profile/{any}"),
    ("AWS::IAM::ManagedPolicy", "arn", "arn:aws{label*}:iam::{digits}:policy/{path}"),
    ("AWS::IAM::OIDCProvider", "arn", "arn:aws{label*}:iam::{digits}:oidc-provider/{any}"),
    ("AWS::IAM::Role", "arn", "arn:aws{label*}:iam::{digits}:role/{any}"),
    ("AWS::IAM::SAMLProvider", "arn", "arn:aws{label*}:iam::{digits}:saml-provider/{any}"),
    ("AWS::IAM::User", "arn", "arn:aws{label*}:iam::{digits}:user/{any}"),
    ("AWS::KMS::Key", "arn", "arn:aws{label*}:kms:{label}:{digits}:key/{label}"),
    ("AWS::KMS::Key", "id", "{label}"),
    ("AWS::Lambda::Function", "arn", "arn:aws{label*}:lambda:{label}:{digits}:function:{label}"),
    ("AWS::S3::Bucket", "id", "{bucket}"),
    ("AWS::S3::Bucket", "arn", "arn:aws{label*}:s3:::{bucket}"),
    ("AWS::SNS::Topic", "arn", "arn:aws{label*}:sns:{label}:{digits}:{bucket}"),
    ("AWS::SQS::Queue", "arn", "arn:aws{label*}:sqs:{label}:{digits}:{bucket}"),
    ("AWS::SecretsManager::Secret", "id", "arn:aws{label*}:secretsmanager:{label}:{digits}:secret:{path}"),
    ("AWS::SecretsManager::Secret", "arn", "arn:aws{label*}:secretsmanager:{label}:{digits}:secret:{path}"),
];

/// Whether all texts of these pieces match a pattern, or none does; `None` where some may, or where there is too much to
/// look at.
pub fn glyphs_match(text: &[Glyph], pattern: &[Glyph]) -> Option<bool> {
    if text.len().saturating_mul(pattern.len()) > 1 << 20 {
        return None;
    }
    match (all_match(text, pattern), some_match(text, pattern)) {
        (true, _) => Some(true),
        (false, false) => Some(false),
        (false, true) => None,
    }
}

/// Whether some text of these pieces matches: there is a way through both, letter by letter. `here` are the places of the
/// pattern that what was read leads to.
fn some_match(text: &[Glyph], pattern: &[Glyph]) -> bool {
    let is_run = |glyph: Option<&Glyph>| matches!(glyph, Some(Glyph::Run(_)));
    let mut here = vec![false; pattern.len() + 1];
    set(&mut here, 0);
    for glyph in text.iter().map(Some) {
        let mut next = vec![false; pattern.len() + 1];
        for place in 0..=pattern.len() {
            if here.get(place) != Some(&true) {
                continue;
            }
            let wanted = pattern.get(place);
            // A run may give no more letters, and take none.
            if is_run(glyph) {
                set(&mut next, place);
            }
            if is_run(wanted) {
                set(&mut here, place + 1);
            }
            match (agree(glyph, wanted), is_run(glyph), is_run(wanted)) {
                (true, true, false) => set(&mut here, place + 1),
                (true, false, true) => set(&mut next, place),
                (true, false, false) => set(&mut next, place + 1),
                (true, true, true) | (false, ..) => {}
            }
        }
        here = next;
    }
    pass_runs(pattern, &mut here);
    here.last() == Some(&true)
}

/// Whether every text of these pieces matches, as far as can be told: what is not known needs a wildcard in the pattern.
fn all_match(text: &[Glyph], pattern: &[Glyph]) -> bool {
    let mut here = vec![false; pattern.len() + 1];
    set(&mut here, 0);
    pass_runs(pattern, &mut here);
    for glyph in text {
        let mut next = vec![false; pattern.len() + 1];
        for (place, wanted) in pattern.iter().enumerate() {
            if here.get(place) != Some(&true) {
                continue;
            }
            match (glyph, wanted) {
                (_, Glyph::Run(Class::Any)) => set(&mut next, place),
                (Glyph::Letter(_) | Glyph::One(_), Glyph::One(Class::Any)) => set(&mut next, place + 1),
                (Glyph::Letter(letter), Glyph::Letter(wanted)) if letter == wanted => set(&mut next, place + 1),
                _ => {}
            }
        }
        pass_runs(pattern, &mut next);
        here = next;
    }
    here.last() == Some(&true)
}

/// Whether two pieces may be the same letter.
fn agree(a: Option<&Glyph>, b: Option<&Glyph>) -> bool {
    match (a, b) {
        (Some(Glyph::Letter(a)), Some(Glyph::Letter(b))) => a == b,
        (Some(Glyph::Letter(letter)), Some(Glyph::One(class) | Glyph::Run(class)))
        | (Some(Glyph::One(class) | Glyph::Run(class)), Some(Glyph::Letter(letter))) => class.admits(*letter),
        // All classes have letters in common.
        (Some(_), Some(_)) => true,
        (None, _) | (_, None) => false,
    }
}

fn set(places: &mut [bool], at: usize) {
    if let Some(place) = places.get_mut(at) {
        *place = true;
    }
}

/// A run may stand for nothing.
fn pass_runs(pattern: &[Glyph], places: &mut [bool]) {
    for (at, wanted) in pattern.iter().enumerate() {
        if places.get(at) == Some(&true) && matches!(wanted, Glyph::Run(_)) {
            set(places, at + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Schema;

    fn answer(shape: &'static str, pattern: &'static str) -> Option<bool> {
        glyphs_match(&Shape(shape).glyphs(), &Shape(pattern).glyphs())
    }

    #[test]
    fn shapes_are_of_attributes_that_there_are() {
        for (ty, name, _) in SHAPES {
            let ty = Schema::embedded().resource_type(ty).unwrap_or_else(|| panic!("{ty}"));
            assert!(["id", "arn"].contains(&name) || ty.property(name).is_some(), "{} has no {name}", ty.name);
        }
    }

    #[test]
    fn what_is_known_decides() {
        for (shape, pattern, wanted) in [
            ("igw-{hex}", "igw-{any}", Some(true)),
            ("igw-{hex}", "eigw-{any}", Some(false)),
            ("igw-{hex}", "igw-0{any}", None),
            ("igw-{hex}", "igw-", Some(false)),
            ("igw-{hex}", "{any}x{any}", Some(false)),
            ("igw-{hex}", "{any}w-{any}", Some(true)),
            ("igw-{hex}", "{any}*{any}", Some(false)),
            ("{digits}", "aws", Some(false)),
            ("s3:::{bucket}/*", "{any}/{any}", Some(true)),
            ("s3:::{bucket}/*", "{any}/{any}/{any}", Some(false)),
            ("s3:::{bucket}", "s3:::logs.acme", None),
            ("{digits}", "111122223333", None),
            ("aws{label*}", "aws", None),
            ("aws{label*}", "aws-cn", None),
            ("aws{label*}", "a", Some(false)),
            ("{any}", "", None),
            ("{any}", "{any}", Some(true)),
            ("{any}b", "a{any}", None),
            ("{any}b", "{any}c", Some(false)),
            ("a{any}b", "ab", None),
            (
                "arn:aws{label*}:iam::{digits}:policy/{path}",
                "arn:{any}:iam::aws:policy/AdministratorAccess",
                Some(false),
            ),
            ("arn:aws{label*}:iam::{digits}:policy/{path}", "arn:{any}:iam::{any}:policy/x", None),
            ("{digits}{hex*}", "12ab", None),
            ("{digits}{hex*}", "ab12", Some(false)),
        ] {
            assert_eq!(answer(shape, pattern), wanted, "{shape} like {pattern}");
        }
    }
}
