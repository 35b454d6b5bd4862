//! Properties that other resources set, too: rules of a group, policies of a role, settings of a bucket that are resources of
//! their own in templates or in Terraform.

use std::collections::BTreeSet;

use parapet_model::Name;

use crate::{cloudformation, terraform};

/// The properties of a type that may come from elsewhere, whatever a document says of the resource itself.
pub fn shared(resource_type: &str) -> BTreeSet<Name> {
    let lists = cloudformation::shared(resource_type).map(Name::from);
    lists.chain(terraform::shared(resource_type)).collect()
}
