//! Where references lead: the resource that a text names, or that one not known yet stands for.

use std::sync::Arc;

use parapet_ir::JoinKey;
use parapet_model::{
    Attribute, Name, Reason, RefTarget, Resource, ResourceId, Schema, Symbol, SymbolPart, Unknown, Value, Whereabouts,
};

use super::World;
use crate::index::{References, cached};

impl World {
    fn is_planned(&self, id: ResourceId) -> bool {
        self.kept(id).is_some_and(|resource| resource.owner.is_some())
    }

    fn reference_index(&self, name: &Name, tier: &Tier) -> Arc<References> {
        cached(&self.references, (name.clone(), tier.clone()), || {
            let mut index = References::default();
            for id in self.of_type(name) {
                let value = match tier {
                    Tier::Property(property) => self.property(*id, property),
                    Tier::Id => self.header(*id, "id"),
                    Tier::Arn => self.header(*id, "arn"),
                };
                if let Some((value, here)) = value.filter(|value| !is_silent(value)).zip(self.whereabouts(*id)) {
                    index.add(*id, &value, here.account);
                }
            }
            index
        })
    }

    /// The resource that a reference in `from` points to, or why that is not known: by the property that the schema
    /// names, else by `id`, else by `arn`.
    pub fn follow(
        &self,
        from: Option<Whereabouts<'_>>,
        targets: &[RefTarget],
        text: &Arc<str>,
    ) -> Result<ResourceId, Unknown> {
        for tier in 0..3 {
            let (mut found, mut perhaps): (Vec<ResourceId>, Vec<ResourceId>) = (Vec::new(), Vec::new());
            for target in targets {
                let Some(tier) = Tier::of(target, tier) else { continue };
                let index = self.reference_index(&target.resource, &tier);
                let mut meet = |id: ResourceId| match self.in_scope(from, id, text) {
                    Some(true) if !found.contains(&id) => found.push(id),
                    None if !perhaps.contains(&id) => perhaps.push(id),
                    _ => {}
                };
                let account = from.and_then(|from| from.account.as_text()).filter(|_| !text.starts_with("arn:"));
                index.of(account).flat_map(|index| index.get(text)).copied().for_each(&mut meet);
                let undecided = index.of(account).flat_map(|index| &index.undecided);
                let undecided = undecided.filter(|id| self.in_scope(from, **id, text) != Some(false));
                // What is yet to be created gets an identifier that no other resource has.
                let taken = !found.is_empty();
                perhaps.extend(undecided.filter(|id| !taken || !self.is_planned(**id)));
            }
            match (found.as_slice(), perhaps.is_empty()) {
                ([], true) => {}
                ([only], true) => return Ok(*only),
                _ => {
                    let why = format!("`{text}` is ambiguous: more than one resource in this inventory may be meant");
                    return Err(Unknown::new(Reason::NotInInventory, why));
                }
            }
        }
        Err(Unknown::new(Reason::NotInInventory, format!("`{text}` is not in this inventory")))
    }

    /// The resource of a template or plan that an attribute belongs to.
    pub(crate) fn owned(&self, owner: &Arc<str>) -> Option<&Resource> {
        self.kept(self.by_owner.get(owner).copied()?)
    }

    /// Whether a text names a resource, and one not known yet names another of the same type and document: what is yet to
    /// be created gets an identifier that no other resource has. Of two that never exist at once, both may have one name.
    pub(crate) fn names_another(&self, text: &str, symbol: &Symbol) -> bool {
        let Some((attribute, (ty, _, input))) = symbol.alone().and_then(|alone| Some((alone, alone.family()?))) else {
            return false;
        };
        let own = self.owned(&attribute.owner).map(|resource| &resource.id);
        if !matches!(own, Some(Value::Unknown(id)) if id.symbol().is_some_and(|id| **id == *symbol)) {
            return false;
        }
        let is_other = |resource: &Resource| {
            let owner = resource.owner.as_ref().filter(|_| resource.existence.is_none());
            owner.is_some_and(|owner| *owner != attribute.owner && Attribute::input_of(owner) == input)
        };
        let named = self.join_index(ty, &JoinKey::Header("id".into()));
        named.get(text).iter().any(|id| self.kept(*id).is_some_and(is_other))
    }

    /// The resources of types whose header or property may be a text that is not known yet; `None` for any.
    pub(crate) fn that_may_have(&self, types: &[Name], key: &JoinKey, symbol: &Symbol) -> Option<Vec<ResourceId>> {
        let found = types.iter().map(|name| self.join_index(name, key).that_may_be(symbol));
        Some(found.collect::<Option<Vec<_>>>()?.concat())
    }

    /// The resource of one of these types that a text not known yet names: the text is one of its attributes, an ARN
    /// made with one, or put together as its identifier is.
    pub(crate) fn named_by(&self, symbol: &Symbol, targets: &[RefTarget]) -> Option<ResourceId> {
        self.mentioned_by(symbol, targets).or_else(|| self.composed_as(symbol, targets))
    }

    /// The only resource of these types and of the same document whose identifier is put together so.
    fn composed_as(&self, symbol: &Symbol, targets: &[RefTarget]) -> Option<ResourceId> {
        let text = symbol.written_out();
        let is_meant = |resource: &Resource| {
            let input = resource.owner.as_ref().and_then(|owner| Attribute::input_of(owner));
            targets.iter().any(|target| target.resource == resource.resource_type)
                && text.attributes().all(|attribute| Attribute::input_of(&attribute.owner) == input)
        };
        let named = self.composed.get(&text)?.iter().copied();
        let mut found = named.filter(|id| self.kept(*id).is_some_and(is_meant));
        found.next().filter(|_| found.next().is_none())
    }

    fn mentioned_by(&self, symbol: &Symbol, targets: &[RefTarget]) -> Option<ResourceId> {
        let is_arn =
            |parts: &[SymbolPart]| matches!(parts.first(), Some(SymbolPart::Literal(text)) if text.starts_with("arn:"));
        if symbol.alone().is_none() && !is_arn(symbol.parts()) {
            return None;
        }
        let mut found = None;
        for attribute in symbol.attributes() {
            let Some(id) = self.by_owner.get(&attribute.owner).copied() else { continue };
            let ty = self.type_of(id)?;
            if targets.iter().any(|target| target.resource == *ty) && found.replace(id).is_some_and(|other| other != id)
            {
                return None;
            }
        }
        found
    }

    /// Whether a resource lies where the reference looks: anywhere for an ARN, else in the same account and region.
    fn in_scope(&self, from: Option<Whereabouts<'_>>, id: ResourceId, text: &str) -> Option<bool> {
        let (Some(from), false) = (from, text.starts_with("arn:")) else { return Some(true) };
        let target = self.whereabouts(id)?;
        let account = same(from.account, target.account);
        let region = match (from.region.as_text(), target.region.as_text()) {
            (Some("global"), _) | (_, Some("global")) => Some(true),
            _ => same(from.region, target.region),
        };
        match (account, region) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}

/// Two header texts; two that nobody names are those of one unnamed account.
fn same(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Some(a == b),
        (Value::Unknown(a), Value::Unknown(b))
            if a.reason() == Reason::NotInRecord && b.reason() == Reason::NotInRecord =>
        {
            Some(true)
        }
        // That of one deployment, whichever.
        (Value::Unknown(a), Value::Unknown(b)) => a.symbol().zip(b.symbol()).and_then(|(a, b)| a.equals(b)),
        _ => None,
    }
}

/// What a reference's text is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Tier {
    Property(Name),
    Id,
    Arn,
}

impl Tier {
    /// The tiers of a target in the order they are tried; the first only where the type has the property.
    fn of(target: &RefTarget, tier: usize) -> Option<Tier> {
        match tier {
            0 => {
                let ty = Schema::embedded().resource_type(&target.resource)?;
                let property = target.property.as_ref().filter(|property| ty.property(property).is_some())?;
                Some(Tier::Property(property.clone()))
            }
            1 => Some(Tier::Id),
            _ => Some(Tier::Arn),
        }
    }
}

/// Whether the input just does not tell a value: what the format cannot show, or the record lacks, is no candidate for every
/// text, and the next tier stands in. What is undecided is one.
fn is_silent(value: &Value) -> bool {
    match value {
        Value::Unknown(unknown) => matches!(unknown.reason(), Reason::NotObservable | Reason::NotInRecord),
        _ => false,
    }
}
