//! Properties that other resources set, too: rules of a group, policies of a role, settings of a bucket that are resources of
//! their own in templates or in Terraform.

use std::collections::BTreeMap;

use parapet_model::Name;

use crate::{cloudformation, terraform};

/// The properties of a type that may come from elsewhere, whatever a document says of the resource itself; whether what comes
/// is one element more of them.
pub fn shared(resource_type: &str) -> BTreeMap<Name, bool> {
    let lists = cloudformation::shared(resource_type).map(|list| (list.into(), true));
    terraform::shared(resource_type).chain(lists).collect()
}
