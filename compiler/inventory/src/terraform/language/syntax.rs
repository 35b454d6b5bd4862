//! The tree of an expression of Terraform's language.

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A number that there is no room for, as it is written.
    Beyond(String),
    /// Text with parts that are computed; plain text is one literal.
    Template(Vec<Part>),
    Name(String),
    Attribute(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    /// `x[*].a.b`: the steps behind the star are taken for each element.
    Splat(Box<Expr>, Vec<Step>),
    Call {
        name: String,
        arguments: Vec<Expr>,
        expands: bool,
    },
    Unary(Unary, Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    Tuple(Vec<Expr>),
    Object(Vec<(Expr, Expr)>),
    For(Box<For>),
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Literal(String),
    Computed(Expr),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Attribute(String),
    Index(Expr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Not,
    Minus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// `[for k, v in xs : v if c]`, `{for k, v in xs : k => v... if c}`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct For {
    pub(super) key: Option<String>,
    pub(super) value: String,
    pub(super) source: Expr,
    /// The key of an object.
    pub(super) result_key: Option<Expr>,
    pub(super) result: Expr,
    pub(super) groups: bool,
    pub(super) condition: Option<Expr>,
}
