//! What leads back to itself: conditions, and names that are made of each other.
//!
//! CloudFormation refuses a template with circular dependencies ("Troubleshooting CloudFormation", validation errors). What
//! stands in a circle is unknown; here it is named, each circle once, at the place of what it was met at first.

use parapet_base::Span;
use parapet_model::Name;

use super::template::Doubt;

/// So many circles of one template are named.
const MOST_CIRCLES: usize = 20;

/// The circles of a template that were met.
#[derive(Default)]
pub(crate) struct Circles {
    met: Vec<Circle>,
    /// Where the first stands that is not named.
    more: Option<Span>,
}

struct Circle {
    /// Sorted, to tell it from others.
    members: Vec<String>,
    doubt: Doubt,
}

/// Whether a circle is there in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certainty {
    Sure,
    /// Where conditions are as they were assumed to be.
    Assumed,
}

impl Circles {
    /// Conditions that depend on each other, from the one that was met again.
    pub(crate) fn of_conditions(&mut self, names: &[Name], span: Span) {
        let reason = match names {
            [only] => format!("condition `{only}` depends on itself"),
            _ => format!("conditions {} depend on each other", listed(names.iter())),
        };
        let members = names.iter().map(|name| format!("condition {name}")).collect();
        self.meet(members, span, (reason, Certainty::Sure));
    }

    /// Attributes of resources that are made of each other, from the one that was met again.
    pub(crate) fn of_attributes(&mut self, attributes: &[(Name, Name)], span: Span, certainty: Certainty) {
        let name = |(id, attribute): &(Name, Name)| match &**attribute {
            "arn" => format!("{id}.Arn"),
            attribute => format!("{id}.{attribute}"),
        };
        let members: Vec<String> = attributes.iter().map(name).collect();
        let reason = match members.as_slice() {
            [only] => format!("`{only}` refers to itself"),
            members => format!("{} refer to each other", listed(members.iter())),
        };
        self.meet(members, span, (reason, certainty));
    }

    fn meet(&mut self, mut members: Vec<String>, span: Span, (reason, certainty): (String, Certainty)) {
        members.sort();
        let is_sure = certainty == Certainty::Sure;
        if let Some(known) = self.met.iter_mut().find(|circle| circle.members == members) {
            known.doubt.error |= is_sure;
        } else if self.met.len() < MOST_CIRCLES {
            let unknown = if members.len() == 1 { "is unknown" } else { "are unknown" };
            let doubt = Doubt { error: is_sure, ..Doubt::note(span, format!("{reason} and {unknown}")) };
            self.met.push(Circle { members, doubt });
        } else {
            self.more.get_or_insert(span);
        }
    }

    /// What is said of them.
    pub(crate) fn doubts(&mut self) -> Vec<Doubt> {
        let more = self.more.take().map(|span| {
            let reason = format!("there are more than {MOST_CIRCLES} circles: the rest is not named");
            Doubt { error: true, ..Doubt::note(span, reason) }
        });
        std::mem::take(&mut self.met).into_iter().map(|circle| circle.doubt).chain(more).collect()
    }
}

/// The most members of a circle that are named.
const MOST_MEMBERS: usize = 10;

/// `` `A`, `B` and `C` ``
fn listed<'n>(names: impl ExactSizeIterator<Item = impl std::fmt::Display + 'n>) -> String {
    let count = names.len();
    let mut shown: Vec<String> = names.take(MOST_MEMBERS).map(|name| format!("`{name}`")).collect();
    let last = match count > MOST_MEMBERS {
        true => format!("{} more", count - MOST_MEMBERS),
        false => shown.pop().unwrap_or_default(),
    };
    format!("{} and {last}", shown.join(", "))
}
