//! Which texts the resources of a run hold, and how often: what one writes in a rule is mostly one of them.

use std::sync::Arc;

use parapet_interpreter::World;
use parapet_model::{Name, Schema, Type, Value};
use rustc_hash::FxHashMap;

/// A field of a resource type, or of a record of the type.
pub type Field = (Name, Option<Name>, Name);

/// The texts of fields, each with how often it occurs: the most frequent first, and as many as one would look through.
pub type Held = FxHashMap<Field, Vec<(Arc<str>, usize)>>;

/// So many texts of one field are counted.
const MOST_COUNTED: usize = 2000;

/// So many texts of one field are told.
const MOST_TOLD: usize = 20;

/// Texts beyond this are documents.
const LONGEST: usize = 80;

/// What the real resources of a world hold, as far as it was read.
pub(crate) fn held(world: &World, schema: &Schema) -> Held {
    let mut counts = Counts { schema, fields: FxHashMap::default() };
    for (_, resource) in world.resources() {
        let Some(ty) = schema.resource_type(&resource.resource_type) else { continue };
        for (name, value) in resource.properties.iter() {
            if let Some(property) = ty.property(name) {
                counts.add(&(ty.name.clone(), None, name.clone()), &property.ty, value);
            }
        }
    }
    counts.fields.into_iter().filter_map(|(field, texts)| Some((field, told(texts)?))).collect()
}

/// The most frequent texts; none of a field that names things, where hardly two are the same.
fn told(texts: FxHashMap<Arc<str>, usize>) -> Option<Vec<(Arc<str>, usize)>> {
    let all: usize = texts.values().sum();
    if texts.len() > MOST_TOLD && texts.len() * 4 > all * 3 {
        return None;
    }
    let mut texts: Vec<(Arc<str>, usize)> = texts.into_iter().collect();
    texts.sort_unstable_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    texts.truncate(MOST_TOLD);
    Some(texts)
}

struct Counts<'s> {
    schema: &'s Schema,
    fields: FxHashMap<Field, FxHashMap<Arc<str>, usize>>,
}

impl Counts<'_> {
    fn add(&mut self, field: &Field, ty: &Type, value: &Value) {
        match (ty, value) {
            (Type::Optional(inner), _) => self.add(field, inner, value),
            (Type::List { element, .. } | Type::Set(element), Value::List(elements) | Value::Set(elements)) => {
                elements.iter().for_each(|value| self.add(field, element, value));
            }
            (Type::SchemaRecord(named), Value::Record(fields)) => {
                let Some(properties) = self.schema.record(&named.owner, &named.record) else { return };
                for (name, value) in fields.iter() {
                    if let Some(property) = properties.get(name) {
                        let field = (named.owner.clone(), Some(named.record.clone()), name.clone());
                        self.add(&field, &property.ty, value);
                    }
                }
            }
            (ty, Value::Text(text)) if ty.is_text() && text.len() <= LONGEST => self.count(field, text),
            _ => {}
        }
    }

    fn count(&mut self, field: &Field, text: &Arc<str>) {
        let texts = match self.fields.get_mut(field) {
            Some(texts) => texts,
            None => self.fields.entry(field.clone()).or_default(),
        };
        if let Some(count) = texts.get_mut(text) {
            *count += 1;
        } else if texts.len() < MOST_COUNTED {
            texts.insert(text.clone(), 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use crate::{Memory, Request, Watch};

    #[test]
    fn texts_are_counted_by_the_field_that_holds_them() {
        let rule = "guardrail g(group: AWS::EC2::SecurityGroup) {\n    require group.GroupName == \"\"\n    \
                    require no rule in group.SecurityGroupIngress: rule.IpProtocol == \"tcp\"\n}\n";
        let group = |at: usize| {
            let protocol = if at.is_multiple_of(3) { "udp" } else { "tcp" };
            format!(
                "{{\"type\": \"AWS::EC2::SecurityGroup\", \"id\": \"g{at}\", \"properties\": {{\"GroupName\": \"n{at}\", \
                 \"SecurityGroupIngress\": [{{\"IpProtocol\": \"{protocol}\"}}, {{\"IpProtocol\": \"tcp\"}}]}}}}\n"
            )
        };
        let groups: String = (0..30).map(group).collect();
        let files = [("r.parapet".to_owned(), rule.to_owned()), ("in.ndjson".to_owned(), groups)];
        let host = Memory::new(Timestamp::UNIX_EPOCH).with(files);
        let names = |name: &str| vec![name.to_owned()];
        let request =
            Request { rules: names("r.parapet"), inputs: names("in.ndjson"), ..Request::at(Timestamp::UNIX_EPOCH) };
        let mut watch = Watch::new();
        assert!(watch.held().is_empty());
        assert!(watch.tallies(&host, &request).is_ok());
        let held = watch.held();
        let told: Vec<String> = held.iter().map(|(field, texts)| format!("{field:?} {texts:?}")).collect();
        // Hardly two groups have one name.
        let owner = "AWS::EC2::SecurityGroup";
        assert_eq!(told, [format!("({owner:?}, Some(\"Ingress\"), \"IpProtocol\") [(\"tcp\", 50), (\"udp\", 10)]")]);
    }
}
