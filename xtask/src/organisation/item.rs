//! Records: AWS Config items and Cloud Control descriptions, with the envelopes that those services write.
//!
//! A `Draft` collects what is particular to a resource and fills in the rest of the envelope. An `Item` keeps beside
//! the record what the rest of the generator asks for: type, place, identifier, and the file it belongs to.

use serde_json::{Map, Value, json};

use super::accounts::Account;
use super::names::Place;

/// When every ordinary item was captured.
pub(crate) const CAPTURED: &str = "2026-11-20T06:00:00.000Z";
/// When items were captured that a later one supersedes.
pub(crate) const CAPTURED_EARLIER: &str = "2026-11-13T06:00:00.000Z";
/// When most resources were made.
pub(crate) const CREATED: &str = "2026-03-02T09:00:00.000Z";
/// When credentials, roles and secrets were last used or rotated.
pub(crate) const LAST_USED: &str = "2026-11-19T17:30:00.000Z";

/// The file that a record belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shelf {
    /// A snapshot of AWS Config.
    Snapshot,
    /// Cloud Control: the organisation, Identity Center, Cognito.
    SignIn,
    /// Cloud Control: everything else that AWS Config does not record.
    Workloads,
}

/// A record, and what one needs to find it.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) shelf: Shelf,
    /// The type as the record spells it.
    pub(crate) kind: &'static str,
    /// Position of the account in the organisation.
    pub(crate) account: usize,
    pub(crate) account_id: String,
    pub(crate) region: String,
    pub(crate) id: String,
    pub(crate) arn: Option<String>,
    pub(crate) record: Value,
}

impl Item {
    /// How a finding names the resource: its ARN, or its id where it has none.
    pub(crate) fn resource(&self) -> &str {
        self.arn.as_deref().unwrap_or(&self.id)
    }

    /// The type that findings name; AWS Config calls managed policies `AWS::IAM::Policy`.
    pub(crate) fn canonical_kind(&self) -> &'static str {
        match self.kind {
            "AWS::IAM::Policy" => "AWS::IAM::ManagedPolicy",
            kind => kind,
        }
    }

    /// Sets a member of the record by its JSON pointer; what is not there stays away.
    pub(crate) fn set(&mut self, pointer: &str, value: Value) {
        if let Some(place) = self.record.pointer_mut(pointer) {
            *place = value;
        }
    }

    /// The name that AWS Config recorded, else nothing.
    pub(crate) fn name(&self) -> &str {
        self.record.get("resourceName").and_then(Value::as_str).unwrap_or_default()
    }

    /// The tag `Name`, else nothing.
    pub(crate) fn title(&self) -> &str {
        self.record.pointer("/tags/Name").and_then(Value::as_str).unwrap_or_default()
    }

    /// Adds an element to a list of the record.
    pub(crate) fn push(&mut self, pointer: &str, value: Value) {
        if let Some(list) = self.record.pointer_mut(pointer).and_then(Value::as_array_mut) {
            list.push(value);
        }
    }

    /// Adds a member to an object of the record.
    pub(crate) fn insert(&mut self, pointer: &str, member: &str, value: Value) {
        if let Some(object) = self.record.pointer_mut(pointer).and_then(Value::as_object_mut) {
            object.insert(member.to_owned(), value);
        }
    }

    /// Sets a supplementary member, or removes it with `None`.
    pub(crate) fn supplement(&mut self, name: &str, value: Option<String>) {
        let members = self.record.pointer_mut("/supplementaryConfiguration").and_then(Value::as_object_mut);
        match (members, value) {
            (Some(members), Some(text)) => drop(members.insert(name.to_owned(), Value::String(text))),
            (Some(members), None) => drop(members.shift_remove(name)),
            (None, _) => {}
        }
    }

    /// Changes the properties of a Cloud Control description, which are JSON text.
    pub(crate) fn describe(&mut self, change: impl FnOnce(&mut Map<String, Value>)) {
        let Some(place) = self.record.pointer_mut("/ResourceDescription/Properties") else { return };
        let parsed = place.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        if let Some(Value::Object(mut properties)) = parsed {
            change(&mut properties);
            *place = Value::String(Value::Object(properties).to_string());
        }
    }
}

/// One object with the members of all parts; what is no object counts for nothing.
pub(crate) fn merged(parts: impl IntoIterator<Item = Value>) -> Value {
    let members = parts.into_iter().filter_map(|part| match part {
        Value::Object(members) => Some(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    });
    Value::Object(members.flatten().collect())
}

/// A description by Cloud Control.
pub(crate) fn description(
    shelf: Shelf,
    place: &Place<'_>,
    kind: &'static str,
    identifier: &str,
    properties: Value,
) -> Item {
    let arn_member = properties.get("Arn").and_then(Value::as_str);
    Item {
        shelf,
        kind,
        account: place.account.index,
        account_id: place.account.id.clone(),
        region: place.region.name.to_owned(),
        id: identifier.to_owned(),
        arn: arn_member.map(str::to_owned),
        record: json!({
            "TypeName": kind,
            "ResourceDescription": {"Identifier": identifier, "Properties": properties.to_string()},
            "AccountId": place.account.id,
            "Region": place.region.name,
        }),
    }
}

/// An AWS Config item in the making.
pub(crate) struct Draft<'a> {
    kind: &'static str,
    account: &'a Account,
    region: &'a str,
    id: String,
    arn: Option<String>,
    name: Option<String>,
    zone: String,
    tags: Vec<(&'static str, String)>,
    relationships: Vec<Value>,
    supplement: Map<String, Value>,
}

impl<'a> Draft<'a> {
    /// An item of a regional resource.
    pub(crate) fn new(place: &Place<'a>, kind: &'static str, id: impl Into<String>) -> Draft<'a> {
        Draft::at(place.account, place.region.name, kind, id.into())
    }

    /// An item of a resource without a region.
    pub(crate) fn global(account: &'a Account, kind: &'static str, id: impl Into<String>) -> Draft<'a> {
        Draft::at(account, "global", kind, id.into())
    }

    fn at(account: &'a Account, region: &'a str, kind: &'static str, id: String) -> Draft<'a> {
        Draft {
            kind,
            account,
            region,
            id,
            arn: None,
            name: None,
            zone: "Not Applicable".to_owned(),
            tags: Vec::new(),
            relationships: Vec::new(),
            supplement: Map::new(),
        }
    }

    pub(crate) fn arn(mut self, arn: impl Into<String>) -> Draft<'a> {
        self.arn = Some(arn.into());
        self
    }

    pub(crate) fn name(mut self, name: impl Into<String>) -> Draft<'a> {
        self.name = Some(name.into());
        self
    }

    pub(crate) fn zone(mut self, zone: impl Into<String>) -> Draft<'a> {
        self.zone = zone.into();
        self
    }

    /// Adds the tags that the organisation demands.
    pub(crate) fn tagged(mut self) -> Draft<'a> {
        self.tags.push(("env", self.account.environment.to_owned()));
        self.tags.push(("owner", self.account.owner()));
        self
    }

    /// Adds the tags that the organisation demands, and a `Name`.
    pub(crate) fn titled(self, name: impl Into<String>) -> Draft<'a> {
        let mut draft = self.tagged();
        draft.tags.push(("Name", name.into()));
        draft
    }

    /// Adds a relationship to a resource with this id.
    pub(crate) fn related(mut self, kind: &str, id: &str, relation: &str) -> Draft<'a> {
        self.relationships.push(json!({"resourceType": kind, "resourceId": id, "relationshipName": relation}));
        self
    }

    /// Adds a relationship to a resource that is known by name.
    pub(crate) fn related_by_name(mut self, kind: &str, name: &str, relation: &str) -> Draft<'a> {
        self.relationships.push(json!({"resourceType": kind, "resourceName": name, "relationshipName": relation}));
        self
    }

    /// Adds a supplementary member, which is JSON text.
    pub(crate) fn supplement(mut self, name: &str, value: impl Into<String>) -> Draft<'a> {
        self.supplement.insert(name.to_owned(), Value::String(value.into()));
        self
    }

    /// The tags as a list, the way most configurations repeat them.
    pub(crate) fn tag_list(&self) -> Value {
        self.tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
    }

    /// The finished item.
    pub(crate) fn build(self, configuration: Value) -> Item {
        let tags: Map<String, Value> =
            self.tags.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect();
        let record = json!({
            "version": "1.3",
            "accountId": self.account.id,
            "configurationItemCaptureTime": CAPTURED,
            "configurationItemStatus": "OK",
            "configurationStateId": "1795154400000",
            "arn": self.arn,
            "resourceType": self.kind,
            "resourceId": self.id,
            "resourceName": self.name,
            "awsRegion": self.region,
            "availabilityZone": self.zone,
            "tags": tags,
            "relatedEvents": [],
            "relationships": self.relationships,
            "configuration": configuration,
            "supplementaryConfiguration": self.supplement,
        });
        Item {
            shelf: Shelf::Snapshot,
            kind: self.kind,
            account: self.account.index,
            account_id: self.account.id.clone(),
            region: self.region.to_owned(),
            id: self.id,
            arn: self.arn,
            record,
        }
    }
}
