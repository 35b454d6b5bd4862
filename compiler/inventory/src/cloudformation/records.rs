//! Resources of a template as records.

use std::sync::Arc;

use parapet_model::{
    Attribute, Form, Name, Node, NodeKind, Origin, Record, Resource, ResourceType, Symbol, Truth, Unknown,
};
use rustc_hash::FxHashSet;

use super::elsewhere;
use super::functions::members;
use super::spelling;
use super::stack::Stack;
use super::template::{Declared, Doubt};
use crate::fresh;
use crate::names;

/// For how many types that no schema knows the one that is meant is looked for.
const MOST_STRANGE: usize = 200;

impl<'t> Stack<'t> {
    /// A resource of the template; `Err` says why there is none.
    pub(crate) fn record(&mut self, resource: &'t Declared, origin: Origin) -> Result<Record, Doubt> {
        let blank = self.template.blank.as_ref().or(resource.blank.as_ref()).cloned();
        let existence = match resource.condition.as_ref().map(|name| (name, self.condition(name))) {
            _ if blank.is_some() => blank.clone(),
            None | Some((_, Truth::True)) => None,
            Some((name, Truth::False)) => {
                let reason = format!("`{}` is not created: condition `{name}` is false", resource.id);
                return Err(Doubt::note(resource.span, reason));
            }
            Some((name, Truth::Unknown(why))) => Some(self.hanging_on(name, why)),
        };
        let Some(ty) = self.schema.resource_type(&resource.ty) else { return Err(self.unknown_type(resource)) };
        let properties = match (&resource.condition, &existence) {
            (Some(condition), Some(_)) => self.assuming(condition, true, |stack| stack.properties(resource)),
            _ => self.properties(resource),
        };
        let mut record = Record::new(ty.name.clone(), origin);
        record.properties = properties;
        if blank.is_none() {
            let fresh = fresh::facts(&ty.name, &record.properties);
            record.properties.extend(fresh.into_iter().map(|(name, node)| (name, node.place_all(resource.span))));
        }
        record.existence = existence;
        record.span = resource.span;
        record.document = Some(self.template.document.clone());
        record.pointer = format!("/Resources/{}", resource.source.replace('~', "~0").replace('/', "~1")).into();
        record.address = Some(format!("{}{}", self.nesting.prefix, resource.id).into());
        self.head(&mut record, ty, &resource.id);
        Ok(record)
    }

    /// Existence that a condition decides, which tells the condition from all others: equal words may be said of two.
    pub(crate) fn hanging_on(&self, condition: &Name, why: Unknown) -> Unknown {
        let conditions = elsewhere::conditions(self.place);
        why.standing_for(Symbol::attribute(Attribute::other(&conditions, condition.clone())))
    }

    fn properties(&mut self, resource: &'t Declared) -> Vec<(Name, Node)> {
        if let Some(unknown) = &resource.blank {
            return self.blank(resource, unknown);
        }
        match self.value(&resource.properties).kind {
            NodeKind::Map(members) => members,
            NodeKind::Unknown(unknown) => self.blank(resource, &unknown),
            _ => Vec::new(),
        }
    }

    /// Every property unknown, whether it is written or not.
    fn blank(&self, resource: &Declared, unknown: &Unknown) -> Vec<(Name, Node)> {
        let ty = self.schema.resource_type(&resource.ty);
        let names = ty.iter().flat_map(|ty| ty.properties.keys());
        names
            .map(|name| (name.clone(), Node::new(resource.properties.span, NodeKind::Unknown(unknown.clone()))))
            .collect()
    }

    /// What the record says of itself, as far as the template tells.
    fn head(&mut self, record: &mut Record, ty: &Arc<ResourceType>, id: &str) {
        record.owner = Some(self.owner(id));
        record.form = Form { planned: true, one_place: true, ..Form::default() };
        record.id = names::identifier(ty, &record.properties);
        record.arn = names::recorded_arn(ty, &record.properties);
        record.name = names::recorded_name(ty, &record.properties);
        record.account = self.values.pseudo("AWS::AccountId", record.span);
        record.region = self.values.pseudo("AWS::Region", record.span);
        if record.id.is_none()
            && let Some(arn) = self.arn_of(record).filter(|_| is_own_arn(record, ty))
        {
            record.id = Some(Node::new(record.span, NodeKind::Text(arn)));
        }
    }

    /// The ARN of a resource, where the template and the parameters say all that it is made of.
    pub(crate) fn known_arn(&mut self, resource: &'t Declared, ty: &Arc<ResourceType>) -> Option<Node> {
        // Each ARN has a partition, which the region tells.
        self.values.pseudo("AWS::Region", resource.span)?.as_text()?;
        self.once(resource, "arn", |stack| {
            let mut record = Record::new(ty.name.clone(), Origin::default());
            for (name, node) in members(&resource.properties) {
                if is_part_of_arn(ty, name) {
                    let node = stack.value(node);
                    record.properties.push((name.clone(), node));
                }
            }
            stack.head(&mut record, ty, &resource.id);
            Some(Node::new(resource.span, NodeKind::Text(stack.arn_of(&record)?)))
        })
    }

    fn unknown_type(&mut self, resource: &Declared) -> Doubt {
        let (id, ty) = (&resource.id, &resource.ty);
        if ty.starts_with("AWS::Serverless::") {
            return Doubt::hidden(resource.span, format!("`{id}`: what SAM makes of {ty} is not written out"));
        }
        if ty.ends_with("::MODULE") {
            return Doubt::hidden(resource.span, format!("`{id}`: the resources of module {ty} are not seen"));
        }
        let unknown = format!("`{id}`: resource type {ty} is not known to any schema");
        if self.meant.len() >= MOST_STRANGE && !self.meant.contains_key(ty) {
            return Doubt::hidden(resource.span, format!("{unknown}, like {MOST_STRANGE} others"));
        }
        let schema = self.schema;
        match self.meant.entry(ty.clone()).or_insert_with(|| spelling::nearest_type(schema, ty)) {
            // It is probably a resource of that type.
            Some(near) => Doubt::hidden(resource.span, format!("{unknown}; did you mean {near}?")),
            None => Doubt::note(resource.span, unknown),
        }
    }

    fn arn_of(&self, record: &Record) -> Option<Arc<str>> {
        let (resource, _) = Resource::read(self.schema, record, Some(&FxHashSet::default()));
        resource.arn.as_text().map(Arc::from)
    }
}

/// Whether the identifier of a type is its ARN.
fn is_own_arn(record: &Record, ty: &ResourceType) -> bool {
    record.owner.as_ref().is_some_and(|owner| &*parapet_model::Attribute::id(owner, ty).name == "arn")
}

/// Whether a property may be a part of the resource's ARN.
fn is_part_of_arn(ty: &ResourceType, name: &str) -> bool {
    let named = ty.arn.as_ref().is_some_and(|arn| arn.to_ascii_lowercase().contains(&name.to_ascii_lowercase()));
    named || name == "Path" || name.ends_with("Name") || ty.identifier.iter().any(|part| **part == *name)
}
