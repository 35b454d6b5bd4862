//! The typed intermediate representation of rules.
//!
//! Names are resolved, implicit steps are nodes, locals are slots of a frame, joins are planned. It names
//! properties, not offsets; every back end starts here. Definitions refer to each other by their full path.

use std::sync::Arc;

use jiff::Timestamp;
use parapet_base::Span;
use parapet_builtins::BuiltinId;
use parapet_builtins::glob::Glob;
use parapet_model::{Arithmetic, Equality, Name, Order, RefTarget, Severity, Type, Value};
use rustc_hash::FxHashMap;

/// The full path of a definition.
pub type DefinitionPath = Arc<str>;

/// A place in the frame of a guardrail or function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

/// The number of a requirement in its guardrail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequireId(pub u32);

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    pub ty: Type,
    /// Relative to the item it stands in.
    pub span: Span,
    pub kind: ExprKind,
}

/// A read that explanations name: its text in the rule.
pub type ReadText = Arc<str>;

/// What an absent collection reads as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Empty {
    Absent,
    List,
    Set,
    Map,
}

/// What a binding ranges over.
#[derive(Clone, Debug)]
pub enum Source {
    /// The elements of a list or set.
    Elements(Box<Expr>),
    Resources(Resources),
    Accounts,
}

/// Resources as a collection.
#[derive(Clone, Debug)]
pub struct Resources {
    /// `None`: of every type.
    pub types: Option<Arc<[Name]>>,
    /// An equality that every counted element satisfies: a hash join.
    pub join: Option<Join>,
    /// Values that the element's account and region are known to equal.
    pub account: Option<Box<Expr>>,
    pub region: Option<Box<Expr>>,
    /// Whether a condition reads the element's account or region at all.
    pub reads_place: bool,
}

/// `element.key == value`, where `value` does not depend on the element.
#[derive(Clone, Debug)]
pub struct Join {
    pub key: JoinKey,
    pub value: Box<Expr>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JoinKey {
    Header(Name),
    Property(Name),
    /// The tag of this key.
    Tag(Name),
}

/// `x in xs where filter`.
#[derive(Clone, Debug)]
pub struct Binding {
    pub slot: Slot,
    pub name: Arc<str>,
    pub source: Source,
    pub filter: Option<Box<Expr>>,
}

/// The pattern of a `like`.
#[derive(Clone, Debug)]
pub enum Pattern {
    Constant(Arc<str>, Arc<Glob>),
    Dynamic(Box<Expr>),
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    Value(Value),
    Now,
    /// A local, and its name: empty for one that no name reaches.
    Slot(Slot, ReadText),
    Constant(DefinitionPath),
    Parameter(DefinitionPath),
    Header {
        base: Box<Expr>,
        name: Name,
        text: ReadText,
    },
    Property {
        base: Box<Expr>,
        name: Name,
        empty: Empty,
        text: ReadText,
    },
    /// `opaque`: the record is computed (a policy), so that its fields have no place of their own in the input.
    Field {
        base: Box<Expr>,
        name: Name,
        empty: Empty,
        opaque: bool,
        text: ReadText,
    },
    ArnPart {
        base: Box<Expr>,
        part: Name,
    },
    Member {
        base: Box<Expr>,
        name: Name,
        text: ReadText,
    },
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
        text: ReadText,
    },
    Follow {
        base: Box<Expr>,
        targets: Arc<[RefTarget]>,
        text: ReadText,
    },
    Safe {
        base: Box<Expr>,
        slot: Slot,
        body: Box<Expr>,
        empty: Empty,
    },
    Coalesce {
        value: Box<Expr>,
        default: Box<Expr>,
    },
    IsPresent {
        value: Box<Expr>,
        absent: bool,
    },
    IsType {
        value: Box<Expr>,
        types: Arc<[Name]>,
    },
    Not(Box<Expr>),
    Negate(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Equal {
        left: Box<Expr>,
        right: Box<Expr>,
        negated: bool,
        equality: Equality,
    },
    Order {
        op: Order,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    In {
        item: Box<Expr>,
        collection: Box<Expr>,
        negated: bool,
        equality: Equality,
    },
    InBlock {
        item: Box<Expr>,
        block: Box<Expr>,
        negated: bool,
    },
    InRange {
        item: Box<Expr>,
        start: Box<Expr>,
        end: Box<Expr>,
        inclusive: bool,
        negated: bool,
    },
    Like {
        text: Box<Expr>,
        pattern: Pattern,
        folded: bool,
    },
    Matches {
        text: Box<Expr>,
        pattern: regex::Regex,
    },
    Subset {
        left: Box<Expr>,
        right: Box<Expr>,
        equality: Equality,
    },
    Intersects {
        left: Box<Expr>,
        right: Box<Expr>,
        equality: Equality,
    },
    Arithmetic {
        op: Arithmetic,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `any`, and with `all` the dual.
    Quantified {
        all: bool,
        binding: Box<Binding>,
        body: Box<Expr>,
    },
    Count(Box<Binding>),
    First(Box<Binding>),
    Comprehension {
        element: Box<Expr>,
        binding: Box<Binding>,
    },
    /// A collection of resources as a value.
    Resources(Box<Resources>),
    Accounts,
    If {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    List(Vec<Expr>),
    Set(Vec<Expr>),
    Map(Vec<(Name, Expr)>),
    Record(Vec<(Name, Expr)>),
    Block {
        lets: Vec<(Slot, Expr)>,
        result: Box<Expr>,
    },
    Call {
        function: DefinitionPath,
        arguments: Vec<Expr>,
    },
    /// `left relation+ right`: in one step or more, by way of any of these. `text` is the rule's.
    Closure {
        relation: DefinitionPath,
        by_way_of: Population,
        left: Box<Expr>,
        right: Box<Expr>,
        text: ReadText,
    },
    Builtin {
        id: BuiltinId,
        arguments: Vec<Expr>,
    },
    Cast(Box<Expr>),
    ToPolicy(Box<Expr>),
}

/// A piece of a message.
#[derive(Clone, Debug)]
pub enum MessagePart {
    Text(Arc<str>),
    Value(Expr),
}

/// A statement, and the requirements that it stands under: when one is false it is not evaluated.
#[derive(Clone, Debug)]
pub struct Statement {
    pub span: Span,
    pub guards: Vec<RequireId>,
    pub kind: StatementKind,
}

#[derive(Clone, Debug)]
pub enum StatementKind {
    Let { slot: Slot, name: Arc<str>, value: Expr },
    Skip { definitely: bool, condition: Expr },
    Require { id: RequireId, condition: Expr, message: Option<Vec<MessagePart>>, text: Arc<str> },
    For { binding: Binding, body: Vec<Statement> },
    If { condition: Expr, then: Vec<Statement>, otherwise: Vec<Statement> },
}

/// What a guardrail ranges over, and a closed relation goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Population {
    Types(Arc<[Name]>),
    AllResources,
    Accounts,
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

/// A guardrail.
#[derive(Clone, Debug)]
pub struct Guardrail {
    pub path: DefinitionPath,
    pub about: About,
    pub population: Population,
    /// The slot of the resource judged.
    pub resource: Slot,
    pub resource_name: Arc<str>,
    pub slots: u32,
    pub body: Vec<Statement>,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    pub path: DefinitionPath,
    pub parameters: Vec<Slot>,
    pub slots: u32,
    pub body: Expr,
}

/// A constant or the default of a parameter.
#[derive(Clone, Debug)]
pub struct Constant {
    pub path: DefinitionPath,
    pub slots: u32,
    pub value: Expr,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    pub path: DefinitionPath,
    pub ty: Type,
    pub default: Option<Constant>,
}

/// A step of a test.
#[derive(Clone, Debug)]
pub struct Step {
    pub span: Span,
    pub kind: StepKind,
}

/// The verdict that a test expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Passes,
    Fails,
    Skips,
    Unknown,
}

#[derive(Clone, Debug)]
pub enum StepKind {
    /// A field without an expression is unknown.
    Resource {
        slot: Slot,
        name: Arc<str>,
        resource_type: Name,
        fields: Vec<(Name, Option<Expr>)>,
    },
    Inventory {
        path: String,
    },
    Now(Expr),
    Param {
        path: DefinitionPath,
        value: Expr,
    },
    Verdict {
        guardrail: DefinitionPath,
        outcome: Outcome,
        target: Target,
        with: Option<String>,
    },
    Holds {
        condition: Expr,
        text: Arc<str>,
    },
}

#[derive(Clone, Debug)]
pub enum Target {
    Given(Slot),
    Count(u64),
}

/// A test.
#[derive(Clone, Debug)]
pub struct Test {
    pub title: String,
    pub slots: u32,
    pub steps: Vec<Step>,
}

/// An accepted risk: which findings of a guardrail do not count, and until when.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The guardrail that is waived.
    pub guardrail: DefinitionPath,
    pub slots: u32,
    /// One of them is enough.
    pub coverage: Vec<Coverage>,
    /// The last day on which it counts, as its midnight in UTC.
    pub until: Timestamp,
    pub reason: String,
    pub owner: Option<String>,
    pub ticket: Option<String>,
}

/// What a waiver covers.
#[derive(Clone, Debug)]
pub enum Coverage {
    /// Resources whose ARN, id or address matches.
    Like(Glob),
    /// Resources for which a condition is true.
    Where { slot: Slot, population: Population, condition: Expr },
}

/// One lowered item.
#[derive(Clone, Debug)]
pub enum Item {
    Guardrail(Arc<Guardrail>),
    Function(Arc<Function>),
    Constant(Arc<Constant>),
    Parameter(Arc<Parameter>),
    Test(Arc<Test>),
    Waiver(Arc<Waiver>),
}

/// Everything that a run evaluates, by path.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub guardrails: Vec<Arc<Guardrail>>,
    pub functions: FxHashMap<DefinitionPath, Arc<Function>>,
    pub constants: FxHashMap<DefinitionPath, Arc<Constant>>,
    pub parameters: FxHashMap<DefinitionPath, Arc<Parameter>>,
    /// What is read to know which findings are waived; a verdict never depends on it.
    pub waivers: Vec<Arc<Waiver>>,
}
