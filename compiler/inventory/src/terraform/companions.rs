//! Resources that say in one of their own what may also stand in blocks of another: `aws_route` beside
//! `aws_route_table`.
//!
//! A table that has one has no such blocks, also no `dynamic` ones, which leave no trace in a plan. A companion counts
//! for the resource that it names for sure, and for what it says: a rule that leaves a network ACL tells nothing of
//! those that enter it.

use parapet_model::{Name, Node, NodeKind};
use rustc_hash::FxHashSet;

use super::drafts::Draft;
use super::instance::Instance;
use super::mapping::Mapping;
use super::satellites::Split;
use super::targets::Targets;

/// Which instances have a companion, and for which of the splits of their types.
pub(super) struct Companions(FxHashSet<(usize, usize)>);

impl Companions {
    pub(super) fn of(drafts: &[Draft], instances: &[Instance], targets: &Targets) -> Companions {
        let mut found = FxHashSet::default();
        for draft in drafts.iter().filter(|draft| draft.existence.is_none()) {
            let Some(companion) = instances.get(draft.instance) else { continue };
            for (parent, at, split) in Mapping::get().splits_beside(&companion.ty) {
                let Some(entry) = Mapping::get().referred(parent).filter(|_| split.says(draft)) else { continue };
                let named =
                    keys(split, draft).into_iter().flat_map(|key| targets.named(&entry.ty.name, key, drafts).sure);
                let owners = named.filter_map(|target| drafts.get(target).map(|target| target.instance));
                let of_type = |owner: &usize| instances.get(*owner).is_some_and(|owner| owner.ty == *parent);
                found.extend(owners.filter(of_type).map(|owner| (owner, at)));
            }
        }
        Companions(found)
    }

    /// Whether the resource has a companion for the split that stands here among those of its type.
    pub(super) fn stand_beside(&self, instance: usize, split: usize) -> bool {
        self.0.contains(&(instance, split))
    }
}

/// What names the resource that a companion belongs to.
fn keys<'d>(split: &Split, draft: &'d Draft) -> Vec<&'d Node> {
    let named = |name: &Name| match draft.property(name) {
        Some(Node { kind: NodeKind::List(elements), .. }) => elements.iter().collect(),
        Some(node) => vec![node],
        None => Vec::new(),
    };
    split.parents().flat_map(named).collect()
}
