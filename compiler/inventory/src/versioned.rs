//! Resources that keep their versions: what a document holds of one is its newest, and a change makes a newer one.

/// What is known of a resource with versions.
pub struct Versioned {
    /// The name that no other resource of the account and region has, beside the identifier that the service makes up.
    pub name: &'static str,
    pub identifier: &'static str,
    /// What each version has for itself.
    pub content: &'static str,
    /// The number of the newest version.
    pub newest: &'static str,
}

impl Versioned {
    /// What says which version of which resource a record is of.
    pub fn properties(&self) -> [&'static str; 4] {
        [self.name, self.identifier, self.content, self.newest]
    }
}

/// What is known of a type whose resources keep their versions.
pub fn versioned(resource_type: &str) -> Option<&'static Versioned> {
    const TEMPLATE: Versioned = Versioned {
        name: "LaunchTemplateName",
        identifier: "LaunchTemplateId",
        content: "LaunchTemplateData",
        newest: "LatestVersionNumber",
    };
    (resource_type == "AWS::EC2::LaunchTemplate").then_some(&TEMPLATE)
}
