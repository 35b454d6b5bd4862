//! What guardrails and inventories are made of: types, values, resource schemas, records, verdicts.
//!
//! Readers deliver [`Record`]s, [`Resource::read`] types them by the [`Schema`], the interpreter computes
//! with [`Value`]s, and a [`RunResult`] is what reports print. Nothing here evaluates rules or reads files.

mod coverage;
mod equality;
mod finding_source;
mod held;
mod identity;
pub mod json;
mod mutation;
mod needs;
mod operators;
pub mod policy;
mod proof;
mod reading;
mod resource;
mod resources;
mod schema;
mod shape;
mod sharing;
mod symbol;
mod types;
mod value;
mod verdict;

pub use coverage::{CoverageReport, CoveredDefinition, CoveredModule, CoveredPoint, DefinitionKind, Tally};
pub use equality::{Truth, compare_numbers, equal, equal_multisets, folded, is_dynamic};
pub use finding_source::FindingSource;
pub use held::Held;
pub use json::{Node, NodeKind, quoted};
pub use mutation::{MutantKind, MutationReport, Noticed, Survivor};
pub use needs::{Listing, NeededType, Needs, Preferred, ServiceCall, Way};
pub use operators::{Arithmetic, Equality, Order};
pub use proof::Proof;
pub use reading::{Reading, Stranger, empty, json_value, missing, parse_cidr, parse_time, set_of};
pub use resource::{Document, Findings, Form, Origin, Record, Resource};
pub use resources::{Found, Resources, Whereabouts};
pub use schema::{Properties, Property, ResourceType, Schema, is_setting};
pub use shape::{Class, Glyph, Shape, glyphs_match};
pub use sharing::Sharing;
pub use symbol::{Attribute, Symbol, SymbolPart, points_elsewhere};
pub use types::{
    ARN_FIELDS, EnumType, Name, RecordType, RefTarget, SchemaRecord, Type, account_fields, header_fields,
    language_record, policy_fields,
};
pub use value::{AccountIndex, Cause, Fields, OpenCount, Reason, ResourceId, Unknown, Value};
pub use verdict::{
    BaselineInfo, Count, Detail, Excerpt, FailOn, Finding, FoundResource, GuardrailInfo, Honored, InputInfo,
    PackageInfo, RulePlace, RunResult, SeenValue, Severity, Skipped, SourcePlace, Summary, Tool, UNKNOWN_PROPERTIES,
    UnknownPath, UnknownProperty, Verdict, Waived, WaiverInfo, WaiverState,
};
