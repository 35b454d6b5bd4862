//! Identifiers that the provider makes up.
//!
//! Where a type has `bucket` and `bucket_prefix`, and the configuration gives no `bucket`, the provider makes up a name that
//! nothing else has. Two references to names of two such resources are then known to be different texts, and what names them
//! is found without looking at all. A name that the configuration gives is its author's: two accounts may have the same. Where all
//! resources go to one place, no two of a type have one name there, either.

use std::sync::Arc;

use parapet_model::{Attribute, Node, NodeKind, ResourceType, Symbol, SymbolPart};
use rustc_hash::FxHashMap;

use super::drafts::Draft;
use super::instance::Instance;
use super::mapping::Mapping;
use super::records::{Places, Symbols};

/// The resources of a document whose identifier the provider makes up, by their owners.
#[derive(Default)]
pub(super) struct Generated(FxHashMap<Arc<str>, Arc<ResourceType>>);

impl Generated {
    pub(super) fn of(drafts: &[Draft], instances: &[Instance], known: (Symbols, Places)) -> Generated {
        let is_generated = |draft: &&Draft| {
            let instance = instances.get(draft.instance).filter(|_| draft.part == 0);
            instance.is_some_and(|instance| makes_up(instance, known))
        };
        Generated(drafts.iter().filter(is_generated).map(|draft| (draft.owner.clone(), draft.ty.clone())).collect())
    }

    pub(super) fn has(&self, owner: &str) -> bool {
        self.0.contains_key(owner)
    }

    /// Marks the identifiers in a value.
    pub(super) fn mark(&self, node: &mut Node) {
        match &mut node.kind {
            NodeKind::List(elements) => elements.iter_mut().for_each(|node| self.mark(node)),
            NodeKind::Map(members) => members.iter_mut().for_each(|(_, node)| self.mark(node)),
            NodeKind::Unknown(unknown) => {
                if let Some(marked) = unknown.symbol().and_then(|symbol| self.marked(symbol)) {
                    *unknown = unknown.clone().standing_for(marked);
                }
            }
            _ => {}
        }
    }

    fn marked(&self, symbol: &Symbol) -> Option<Symbol> {
        let ty = |attribute: &Attribute| self.0.get(&attribute.owner).filter(|_| &*attribute.name == "id");
        symbol.attributes().any(|attribute| ty(attribute).is_some()).then(|| {
            Symbol::of(symbol.parts().iter().map(|part| match part {
                SymbolPart::Attribute(attribute) => SymbolPart::Attribute(match ty(attribute) {
                    Some(ty) => attribute.clone().distinct(ty),
                    None => attribute.clone(),
                }),
                literal => literal.clone(),
            }))
        })
    }
}

/// Whether nothing else of the type has the identifier, although nobody knows it: the configuration could give it and does not, or
/// all goes to one place.
fn makes_up(instance: &Instance, (symbols, places): (Symbols, Places)) -> bool {
    let attribute = Mapping::get().entry(&instance.ty, &instance.values).and_then(|entry| entry.identifier_attribute());
    let is_open = |attribute: &String| match symbols {
        Symbols::Derived => instance.unset.contains(attribute.as_str()),
        Symbols::Exact => instance.value(attribute).is_none(),
    };
    let is_given = |attribute: &String| {
        let value = instance.value(attribute);
        places == Places::One && value.is_some_and(|node| matches!(node.kind, NodeKind::Unknown(_)))
    };
    let has_prefix = |attribute: &String| {
        let prefix = format!("{attribute}_prefix");
        Mapping::get().attributes(&instance.ty).iter().any(|name| **name == *prefix)
    };
    attribute
        .filter(|_| instance.planned)
        .is_some_and(|attribute| (is_open(&attribute) || is_given(&attribute)) && has_prefix(&attribute))
}

#[cfg(test)]
mod tests {
    use parapet_base::Span;

    use super::*;

    fn made_up(ty: &str, unset: &[&str]) -> bool {
        let mut instance = Instance::new("x".into(), ty.into(), "0:");
        instance.planned = true;
        instance.unset = unset.iter().map(|name| (*name).into()).collect();
        makes_up(&instance, (Symbols::Derived, Places::Several))
    }

    #[test]
    fn a_name_that_nobody_gives_is_made_up() {
        assert!(made_up("aws_s3_bucket", &["bucket"]) && made_up("aws_iam_role", &["name"]));
        assert!(!made_up("aws_s3_bucket", &["bucket_prefix"]));
        // All buckets of an account have its settings, and one identifier: the account.
        assert!(!made_up("aws_s3_account_public_access_block", &["account_id"]));
    }

    #[test]
    fn in_one_place_no_two_have_one_name() {
        let mut instance = Instance::new("x".into(), "aws_s3_bucket".into(), "0:");
        instance.planned = true;
        let later = super::super::source::unknown_at(Span::default(), "later");
        instance.values = Node::new(Span::default(), NodeKind::Map(vec![("bucket".into(), later)]));
        assert!(makes_up(&instance, (Symbols::Derived, Places::One)));
        assert!(!makes_up(&instance, (Symbols::Derived, Places::Several)));
    }

    #[test]
    fn only_the_identifier_is_marked() {
        let ty = parapet_model::Schema::embedded().resource_type("AWS::S3::Bucket").cloned();
        let generated =
            Generated(["0:a", "0:b"].map(|owner| (owner.into(), ty.clone().unwrap())).into_iter().collect());
        let symbol = |owner: &str, property: &str| {
            let attribute = Attribute::of(&owner.into(), ty.as_ref().unwrap(), property);
            let unknown = super::super::source::unknown_at(Span::default(), "later");
            let NodeKind::Unknown(unknown) = unknown.kind else { panic!("known") };
            let kind = NodeKind::Unknown(unknown.standing_for(Symbol::attribute(attribute)));
            let mut node = Node::new(Span::default(), NodeKind::List(vec![Node::new(Span::default(), kind)]));
            generated.mark(&mut node);
            match &node.as_list().unwrap()[0].kind {
                NodeKind::Unknown(unknown) => unknown.symbol().unwrap().clone(),
                other => panic!("{other:?}"),
            }
        };
        let equals = |a: (&str, &str), b: (&str, &str)| symbol(a.0, a.1).equals(&symbol(b.0, b.1));
        assert_eq!(equals(("0:a", "BucketName"), ("0:b", "BucketName")), Some(false));
        assert_eq!(equals(("0:a", "BucketName"), ("0:a", "BucketName")), Some(true));
        assert_eq!(equals(("0:a", "BucketName"), ("0:c", "BucketName")), None);
        assert_eq!(equals(("0:a", "DomainName"), ("0:b", "DomainName")), None);
    }
}
