//! Owners of attributes that are no resources of a template.
//!
//! `#` is in no address, so that none of them is taken for that of a resource.

use std::sync::Arc;

const ANSWERS: &str = "#answers.";

/// What a custom resource, or one of a type that no schema knows, answers.
pub(crate) fn answers(place: &str, id: &str) -> Arc<str> {
    format!("{place}{ANSWERS}{id}").into()
}

/// The conditions of the template at this place.
pub(crate) fn conditions(place: &str) -> Arc<str> {
    format!("{place}#conditions").into()
}

/// What other stacks export.
pub(crate) fn exports() -> Arc<str> {
    "#exports".into()
}

/// Whether it is [`answers`] of something.
pub(crate) fn is_answer(owner: &str) -> bool {
    owner.contains(ANSWERS)
}

/// Whether it is a resource.
pub(crate) fn is_resource(owner: &str) -> bool {
    !owner.contains('#')
}
