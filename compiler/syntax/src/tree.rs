//! The syntax tree of one item.
//!
//! Expressions live in an arena ([`Tree::exprs`]) so that the checker can keep what it learns in tables beside
//! them. All spans are relative to the item's text. The tree of an item in error has what could be read: see
//! [`crate::Parsed::partial`].

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use parapet_base::Span;

/// A name and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    pub text: String,
    pub span: Span,
}

/// `a::b::c`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    pub segments: Vec<Ident>,
    pub span: Span,
}

impl Path {
    /// The path as it is written.
    pub fn text(&self) -> String {
        self.segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>().join("::")
    }

    /// The name, if the path is one name only.
    pub fn single(&self) -> Option<&Ident> {
        match self.segments.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// An index into [`Tree::exprs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub u32);

/// An expression and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    Not,
    Negate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Like,
    SubsetOf,
    Intersects,
    Coalesce,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl BinaryOp {
    /// The operator as programs write it.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterEqual => ">=",
            BinaryOp::Like => "like",
            BinaryOp::SubsetOf => "subset of",
            BinaryOp::Intersects => "intersects",
            BinaryOp::Coalesce => "??",
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Remainder => "%",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    Any,
    All,
    No,
}

impl Quantifier {
    pub fn word(self) -> &'static str {
        match self {
            Quantifier::Any => "any",
            Quantifier::All => "all",
            Quantifier::No => "no",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    Count,
    First,
}

/// An argument, named or by position.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    pub name: Option<Ident>,
    pub value: ExprId,
}

/// `x in xs where filter`.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    pub name: Ident,
    pub source: ExprId,
    pub filter: Option<ExprId>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// An expression that cannot be read, or a literal without a value; already reported.
    Error,
    /// An expression in error, of which the beginning could be read.
    Salvaged(ExprId),
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Duration(SignedDuration),
    Time(Timestamp),
    Ip(IpAddr),
    Cidr(IpNet),
    Now,
    Path(Path),
    Field {
        base: ExprId,
        name: Ident,
        safe: bool,
    },
    Index {
        base: ExprId,
        index: ExprId,
    },
    Call {
        callee: Path,
        arguments: Vec<Argument>,
    },
    Method {
        base: ExprId,
        name: Ident,
        arguments: Vec<Argument>,
        safe: bool,
    },
    Cast {
        base: ExprId,
        ty: TypeExpr,
    },
    Unary {
        op: UnaryOp,
        operand: ExprId,
    },
    Binary {
        op: BinaryOp,
        op_span: Span,
        left: ExprId,
        right: ExprId,
    },
    /// `item in collection`, `item not in collection`; the collection may be a [`ExprKind::Range`].
    In {
        item: ExprId,
        collection: ExprId,
        negated: bool,
        op_span: Span,
    },
    /// `a..b`, `a..=b`: only right of `in`.
    Range {
        start: ExprId,
        end: ExprId,
        inclusive: bool,
    },
    Matches {
        text: ExprId,
        pattern: String,
        pattern_span: Span,
    },
    /// `left relation right`; with `closed`, `left relation+ right`: in one step or more.
    Related {
        relation: Path,
        closed: bool,
        left: ExprId,
        right: ExprId,
    },
    IsPresent {
        base: ExprId,
        absent: bool,
    },
    IsType {
        base: ExprId,
        ty: TypeExpr,
    },
    Quantified {
        quantifier: Quantifier,
        binding: Binding,
        body: ExprId,
    },
    Counted {
        what: Counted,
        binding: Binding,
    },
    Comprehension {
        element: ExprId,
        binding: Binding,
    },
    If {
        condition: ExprId,
        then: ExprId,
        otherwise: ExprId,
    },
    List(Vec<ExprId>),
    /// Keys that are strings make a map.
    Record {
        entries: Vec<(Ident, ExprId)>,
        string_keys: bool,
    },
    /// The body of a function written as a block.
    Block {
        lets: Vec<(Ident, ExprId)>,
        result: ExprId,
    },
}

/// A type as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeExpr {
    pub span: Span,
    pub kind: TypeKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// `Int`, `AWS::EC2::VPC`, `AWS::EC2::SecurityGroup.Ingress`.
    Named {
        path: Path,
        record: Option<Ident>,
    },
    Generic {
        name: Path,
        argument: Box<TypeExpr>,
    },
    Union(Vec<TypeExpr>),
    Optional(Box<TypeExpr>),
    Record(Vec<(Ident, TypeExpr)>),
    /// A type that cannot be read; already reported.
    Error,
}

/// A piece of a message template.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    Text(String),
    Value(ExprId),
}

/// The message of a requirement.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub span: Span,
    pub parts: Vec<TemplatePart>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub span: Span,
    pub kind: StatementKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    Let { name: Ident, value: ExprId },
    Skip { definitely: bool, condition: ExprId },
    Require { condition: ExprId, message: Option<Template> },
    For { binding: Binding, body: Vec<Statement> },
    If { condition: ExprId, then: Vec<Statement>, otherwise: Vec<Statement> },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    pub name: Ident,
    pub arguments: Vec<(Option<Ident>, ExprId)>,
    pub span: Span,
}

/// An expected verdict of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Passes,
    Fails,
    Skips,
    Unknown,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Given(Ident),
    Count(u64, Span),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub span: Span,
    pub kind: StepKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    Resource { name: Ident, ty: TypeExpr, fields: Vec<(Ident, GivenValue)> },
    Inventory { path: String, span: Span },
    Now(ExprId),
    Param { path: Path, value: ExprId },
    Verdict { guardrail: Path, outcome: Outcome, target: Target, with: Option<String> },
    Holds(ExprId),
}

/// A field's value in a `given`: an expression, or `unknown`.
#[derive(Clone, Debug, PartialEq)]
pub enum GivenValue {
    Value(ExprId),
    Unknown(Span),
}

/// What a waiver covers.
#[derive(Clone, Debug, PartialEq)]
pub enum Coverage {
    Like { pattern: String, span: Span },
    Where { name: Ident, ty: TypeExpr, condition: ExprId },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub name: Ident,
    pub alias: Option<Ident>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    Guardrail {
        name: Ident,
        resource: Ident,
        population: TypeExpr,
        body: Vec<Statement>,
    },
    Function {
        public: bool,
        name: Ident,
        parameters: Vec<(Ident, TypeExpr)>,
        result: TypeExpr,
        body: ExprId,
    },
    Constant {
        public: bool,
        name: Ident,
        value: ExprId,
    },
    Parameter {
        name: Ident,
        ty: TypeExpr,
        default: Option<ExprId>,
    },
    /// Two parameters are wanted; the checker says so where there are others.
    Relation {
        public: bool,
        name: Ident,
        parameters: Vec<(Ident, TypeExpr)>,
        body: ExprId,
    },
    /// A resource type of one's own.
    Schema {
        name: Path,
        fields: Vec<(Ident, TypeExpr)>,
    },
    /// More fields of a resource type that there is.
    Extension {
        target: Path,
        fields: Vec<(Ident, TypeExpr)>,
    },
    /// `use path::{a, b as c}`; a plain `use path::name` imports one name of the path before it.
    Use {
        path: Path,
        names: Vec<Imported>,
    },
    Test {
        title: String,
        steps: Vec<Step>,
    },
    Waiver {
        guardrail: Path,
        coverage: Vec<Coverage>,
        until: Option<ExprId>,
        /// `reason`, `ticket` and `owner` as far as given.
        texts: Vec<(Ident, String)>,
    },
}

/// One item.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    pub kind: ItemKind,
    pub attributes: Vec<Attribute>,
    /// Some attribute could not be read: it may have allowed any lint.
    pub unread_attributes: bool,
    /// The `///` lines without their marks.
    pub docs: String,
    pub exprs: Vec<Expr>,
    /// The span of the item's header name, or of its keyword.
    pub name_span: Span,
}

impl Tree {
    /// The expression of an id of this tree.
    pub fn expr(&self, id: ExprId) -> &Expr {
        static NOTHING: Expr = Expr { span: Span { start: 0, end: 0 }, kind: ExprKind::Bool(false) };
        self.exprs.get(id.0 as usize).unwrap_or(&NOTHING)
    }

    pub fn span(&self, id: ExprId) -> Span {
        self.expr(id).span
    }

    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.text == name)
    }

    /// Whether `@allow(lint)` stands on the item, or may stand there.
    pub fn allows(&self, lint: &str) -> bool {
        if self.unread_attributes {
            return true;
        }
        let names = self.attributes.iter().filter(|attribute| attribute.name.text == "allow");
        names.flat_map(|attribute| &attribute.arguments).any(|(_, value)| {
            matches!(&self.expr(*value).kind, ExprKind::Path(path) if path.single().is_some_and(|name| name.text == lint))
        })
    }
}
