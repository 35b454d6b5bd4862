//! The checked tree: every name resolved, every type known, every implicit step written out.
//!
//! The checker elaborates a syntax tree into this form; lowering reads nothing else. Following a reference,
//! passing over an absent record, reading a whole literal as a `Float` are nodes here, where the text has none.

use std::sync::Arc;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use parapet_base::Span;
use parapet_builtins::BuiltinId;
pub use parapet_model::{Arithmetic, Equality, Order};
use parapet_model::{Name, Severity, Type};
pub use parapet_syntax::Quantifier;
use parapet_syntax::{Counted, Outcome};

/// A name bound inside one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalId(pub u32);

/// The number of a `require` in its guardrail, in the order of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequireId(pub u32);

/// The full path of a function, constant, parameter or guardrail: `aws::network::opens`.
pub type DefinitionPath = Arc<str>;

/// An expression with its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Typed {
    pub ty: Type,
    /// Relative to the item.
    pub span: Span,
    pub kind: TypedKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    Time(Timestamp),
    Duration(SignedDuration),
    Ip(std::net::IpAddr),
    Cidr(IpNet),
}

/// `x in xs where filter`, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedBinding {
    pub local: LocalId,
    pub source: Box<Typed>,
    pub filter: Option<Box<Typed>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TypedKind {
    /// In error, or depending on what is.
    Error,
    Literal(Literal),
    /// The word `unknown` in a `given`.
    Unknown,
    Now,
    Local(LocalId),
    Constant(DefinitionPath),
    Parameter(DefinitionPath),
    /// A field of the header of a resource, or of an account.
    Header {
        base: Box<Typed>,
        name: Name,
    },
    /// A property of a resource. A collection that is absent reads as empty.
    Property {
        base: Box<Typed>,
        name: Name,
    },
    /// A field of a record.
    Field {
        base: Box<Typed>,
        name: Name,
    },
    ArnPart {
        base: Box<Typed>,
        part: Name,
    },
    /// A member of a document; a wrong shape is absent.
    Member {
        base: Box<Typed>,
        name: Name,
    },
    Index {
        base: Box<Typed>,
        index: Box<Typed>,
    },
    /// The resource that a reference points to.
    Follow {
        base: Box<Typed>,
    },
    /// `base?.…`: absent (a collection: empty) when the base is, else `body` with the base as `local`.
    Safe {
        base: Box<Typed>,
        local: LocalId,
        body: Box<Typed>,
    },
    Coalesce {
        value: Box<Typed>,
        default: Box<Typed>,
    },
    IsPresent {
        value: Box<Typed>,
        absent: bool,
    },
    IsType {
        value: Box<Typed>,
        types: Arc<[Name]>,
    },
    Not(Box<Typed>),
    Negate(Box<Typed>),
    And(Box<Typed>, Box<Typed>),
    Or(Box<Typed>, Box<Typed>),
    Equal {
        left: Box<Typed>,
        right: Box<Typed>,
        negated: bool,
        equality: Equality,
    },
    Order {
        op: Order,
        left: Box<Typed>,
        right: Box<Typed>,
    },
    /// In a list or set.
    In {
        item: Box<Typed>,
        collection: Box<Typed>,
        negated: bool,
        equality: Equality,
    },
    /// An address or block in a block.
    InBlock {
        item: Box<Typed>,
        block: Box<Typed>,
        negated: bool,
    },
    InRange {
        item: Box<Typed>,
        start: Box<Typed>,
        end: Box<Typed>,
        inclusive: bool,
        negated: bool,
    },
    Like {
        text: Box<Typed>,
        pattern: Box<Typed>,
        folded: bool,
    },
    Matches {
        text: Box<Typed>,
        pattern: Arc<str>,
        folded: bool,
    },
    Subset {
        left: Box<Typed>,
        right: Box<Typed>,
        equality: Equality,
    },
    Intersects {
        left: Box<Typed>,
        right: Box<Typed>,
        equality: Equality,
    },
    Arithmetic {
        op: Arithmetic,
        left: Box<Typed>,
        right: Box<Typed>,
    },
    Quantified {
        quantifier: Quantifier,
        binding: TypedBinding,
        body: Box<Typed>,
    },
    Counted {
        what: Counted,
        binding: TypedBinding,
    },
    Comprehension {
        element: Box<Typed>,
        binding: TypedBinding,
    },
    /// All resources of these types.
    Resources(Arc<[Name]>),
    /// All resources.
    AllResources,
    /// All accounts.
    Accounts,
    If {
        condition: Box<Typed>,
        then: Box<Typed>,
        otherwise: Box<Typed>,
    },
    List(Vec<Typed>),
    Set(Vec<Typed>),
    Map(Vec<(Name, Typed)>),
    Record(Vec<(Name, Typed)>),
    Block {
        lets: Vec<(LocalId, Typed)>,
        result: Box<Typed>,
    },
    Call {
        function: DefinitionPath,
        arguments: Vec<Typed>,
    },
    /// `left relation+ right`: in one step or more, by way of any of these.
    Closure {
        relation: DefinitionPath,
        by_way_of: Population,
        left: Box<Typed>,
        right: Box<Typed>,
    },
    Builtin {
        id: BuiltinId,
        arguments: Vec<Typed>,
    },
    /// A document as a value of the node's type; a wrong shape is absent.
    Cast(Box<Typed>),
    /// A document or text as a policy.
    ToPolicy(Box<Typed>),
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum MessagePart {
    Text(String),
    Value(Typed),
}

#[derive(Clone, Debug, PartialEq)]
pub struct TypedStatement {
    pub span: Span,
    /// Requirements that this statement stands under: when one is false it is not evaluated.
    pub guards: Vec<RequireId>,
    pub kind: TypedStatementKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TypedStatementKind {
    Let { local: LocalId, value: Typed },
    Skip { definitely: bool, condition: Typed },
    Require { id: RequireId, condition: Typed, message: Option<Vec<MessagePart>> },
    For { binding: TypedBinding, body: Vec<TypedStatement> },
    If { condition: Typed, then: Vec<TypedStatement>, otherwise: Vec<TypedStatement> },
}

/// What a guardrail ranges over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Population {
    Types(Arc<[Name]>),
    AllResources,
    Accounts,
}

/// A local's name and type, by [`LocalId`].
#[derive(Clone, Debug, PartialEq)]
pub struct LocalInfo {
    pub name: String,
    pub span: Span,
    pub ty: Type,
}

/// What attributes and docs say of a guardrail.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    pub title: String,
    pub rationale: String,
    pub fix: String,
    pub severity: Severity,
    pub controls: Vec<(String, Vec<String>)>,
    pub mandatory: bool,
    pub fail_closed: bool,
    pub deprecated: Option<String>,
    pub since: Option<String>,
    pub tags: Vec<String>,
    pub aliases: Vec<String>,
    pub effective: Option<Timestamp>,
}

/// A step of a test, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedStep {
    pub span: Span,
    pub kind: TypedStepKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TypedStepKind {
    /// A resource: `None` for a field is `unknown`.
    Resource {
        local: LocalId,
        name: String,
        resource_type: Name,
        fields: Vec<(Name, Option<Typed>)>,
    },
    Inventory {
        path: String,
        span: Span,
    },
    Now(Typed),
    Param {
        path: DefinitionPath,
        value: Typed,
    },
    Verdict {
        guardrail: DefinitionPath,
        outcome: Outcome,
        target: TypedTarget,
        with: Option<String>,
    },
    Holds(Typed),
}

#[derive(Clone, Debug, PartialEq)]
pub enum TypedTarget {
    Given(LocalId),
    Count(u64),
}

/// An accepted risk: which findings of a guardrail do not count, and until when.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedWaiver {
    pub guardrail: DefinitionPath,
    pub coverage: Vec<TypedCoverage>,
    /// The last day, as the text names it.
    pub until: Timestamp,
    pub reason: String,
    pub owner: Option<String>,
    pub ticket: Option<String>,
}

/// What a waiver covers: resources called so, or those for which a condition holds.
#[derive(Clone, Debug, PartialEq)]
pub enum TypedCoverage {
    Like(String),
    Where { local: LocalId, population: Population, condition: Typed },
}

/// A checked item.
#[derive(Clone, Debug, PartialEq)]
pub enum TypedItem {
    Guardrail {
        about: About,
        population: Population,
        resource: LocalId,
        body: Vec<TypedStatement>,
    },
    /// A function or relation.
    Function {
        parameters: Vec<LocalId>,
        body: Typed,
    },
    Constant {
        value: Typed,
    },
    Parameter {
        ty: Type,
        default: Option<Typed>,
    },
    Use,
    /// A `schema` or `extend`: what it says is in the schema of the workspace.
    Schema,
    Test {
        title: String,
        steps: Vec<TypedStep>,
    },
    Waiver(TypedWaiver),
    /// The item does not parse.
    Broken,
}
