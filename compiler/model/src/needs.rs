//! What guardrails must see, and the ways in which it can be had.

use crate::Name;

/// What some guardrails must see.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// How many guardrails were asked about.
    pub guardrails: usize,
    /// Sorted by name.
    pub types: Vec<NeededType>,
    /// How the name, e-mail address, organizational unit or tags of accounts are had, where a guardrail reads them.
    pub accounts: Option<ServiceCall>,
    /// Some guardrail asks for resources of every type.
    pub everything: bool,
    /// The actions that every answer of Cloud Control takes.
    pub cloud_control: Vec<Name>,
    /// The actions that every answer of AWS Config takes.
    pub config: Vec<Name>,
}

/// A resource type that some guardrail reads.
#[derive(Clone, Debug)]
pub struct NeededType {
    pub name: Name,
    /// The properties that are read, sorted.
    pub properties: Vec<Name>,
    /// Some guardrail asks for all of its resources, so that it must be known to be complete.
    pub complete: bool,
    /// Its resources belong to an account and to no region.
    pub global: bool,
    /// A call of a service that shows it.
    pub answers: Option<ServiceCall>,
    /// How Cloud Control lists it, where it does.
    pub listing: Option<Listing>,
    /// The types that AWS Config records, by its own names, whose items show it.
    pub recorded: Vec<Name>,
}

/// A call that shows what neither Cloud Control nor AWS Config does.
#[derive(Clone, Debug)]
pub struct ServiceCall {
    /// As the command line has it: `iam get-account-summary`.
    pub call: Name,
    pub regional: bool,
    /// The code of an error that says that there is nothing.
    pub fine: Option<Name>,
    /// The function of the script that asks, where one call is not enough.
    pub function: Option<Name>,
    pub actions: Vec<Name>,
}

/// How Cloud Control lists the resources of a type.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The type whose resources each have a list of their own, and the property that names the one.
    pub below: Option<(Name, Name)>,
    /// What listing and reading takes of the service; `None` where it is not known.
    pub actions: Option<Vec<Name>>,
}

/// Where resources come from when both Cloud Control and AWS Config have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preferred {
    CloudControl,
    Config,
}

/// The way that is taken to a type.
#[derive(Clone, Copy, Debug)]
pub enum Way<'n> {
    Answers(&'n ServiceCall),
    Listing(&'n Listing),
    Recorded(&'n [Name]),
    /// No live inventory shows it: it stands in templates and plans.
    Nowhere,
}

impl NeededType {
    /// The way to this type.
    pub fn way(&self, preferred: Preferred) -> Way<'_> {
        let recorded = Some(self.recorded.as_slice()).filter(|recorded| !recorded.is_empty()).map(Way::Recorded);
        let listing = self.listing.as_ref().map(Way::Listing);
        let ways = match preferred {
            Preferred::CloudControl => [listing, recorded],
            Preferred::Config => [recorded, listing],
        };
        let answers = self.answers.as_ref().map(Way::Answers);
        answers.into_iter().chain(ways.into_iter().flatten()).next().unwrap_or(Way::Nowhere)
    }
}
