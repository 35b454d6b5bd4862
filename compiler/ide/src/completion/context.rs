//! What is wanted at a cursor.

use parapet_base::Span;
use parapet_model::{Name, Type};
use parapet_semantic::{Db, Inferred, Item, SourceFile, Workspace, infer, read_type, schema};
use parapet_syntax::{
    BinaryOp, Coverage, ExprId, ExprKind, Ident, ItemKind, ItemText, Path, Step, StepKind, Target, Tree, TypeExpr,
    TypeKind, parse,
};

use super::Field;
use super::clauses::told;
use super::controls::framework_at;
use super::cursor::Cursor;
use super::snippets::{self, Snippet};
use crate::places::item_at;

/// The word that is put in. It is in no dictionary.
pub(crate) const MARK: &str = "zzcursor";

/// What is wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Wanted {
    /// Nothing: in a comment, in a text.
    #[default]
    Nothing,
    /// An item, between others.
    Item,
    /// A statement of a guardrail; an expression may go on here, too.
    Statement,
    /// A step of a test.
    Step,
    /// A clause of a waiver that does not have these yet.
    Clause {
        given: Vec<String>,
    },
    /// A field or method of a value of this type, behind its dot.
    Member(Type),
    /// A value; of this type, if that is known. In a call, the names of parameters that may be set.
    Value {
        expected: Option<Type>,
        parameters: Vec<(String, Type)>,
    },
    /// What is in a module, of these kinds.
    In {
        module: Vec<Ident>,
        what: What,
    },
    /// A type.
    Type,
    /// A type of resources, or of accounts.
    Resources {
        accounts: bool,
    },
    /// What is asked of a value of this type behind `is`.
    State(Option<Type>),
    /// What is gone through.
    Collection,
    /// A property of a type, that is not among these.
    Key {
        of: Type,
        given: Vec<String>,
    },
    /// A value in quotes that stand already.
    Quoted(Option<Type>),
    Guardrail,
    /// A guardrail, or a condition.
    Expected,
    /// A resource that the test gives.
    Given,
    /// A parameter of the rules.
    Parameter,
    Relation,
    /// A path that an import begins with, or goes on with.
    Import {
        module: Vec<Ident>,
    },
    Attribute,
    /// An argument of this attribute.
    AttributeArgument(String),
    /// An id of a control in this framework, in quotes that stand already.
    Control(String),
}

/// Which members of a module count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Values,
    Guardrails,
}

/// What is wanted at a cursor, and the locals in reach.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Context {
    pub(super) wanted: Wanted,
    pub(super) locals: Vec<(String, Type)>,
    /// The text that the offer takes the place of, where that is more than a word.
    pub(super) path: String,
    pub(super) guardrail: bool,
    /// The fields that the value is compared with.
    pub(super) compared: Vec<Field>,
    /// Words that may stand here, too.
    pub(super) words: Vec<Snippet>,
    /// A condition begins here.
    pub(super) condition: bool,
}

impl Context {
    /// What was typed of the offer.
    pub(super) fn typed(&self, word: &str) -> String {
        if self.path.is_empty() { word.to_owned() } else { self.path.clone() }
    }
}

/// The letters of a name right before an offset.
pub(super) fn word_before(before: &str) -> &str {
    let from = before.rfind(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
    let at = from.map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    before.get(at..).unwrap_or_default()
}

/// The letters of a path of types right before an offset: `AWS::RDS::DB`.
fn path_before(before: &str) -> &str {
    let from = before.rfind(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == ':'));
    let at = from.map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    before.get(at..).unwrap_or_default().trim_start_matches(':')
}

pub(super) fn context(db: &dyn Db, workspace: Workspace, file: SourceFile, offset: u32) -> Context {
    let text = file.text(db);
    let before = text.get(..offset as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let plain = |wanted: Wanted| Context { wanted, ..Context::default() };
    match in_line(line) {
        Within::Comment => return plain(Wanted::Nothing),
        Within::Text => {
            return match framework_at(before) {
                Some((framework, path)) => Context { path, ..plain(Wanted::Control(framework)) },
                None => quoted(db, workspace, file, offset),
            };
        }
        Within::Code => {}
    }
    if let Some(wanted) = attribute(line) {
        return plain(wanted);
    }
    let Some((item, within, around)) = cursor_at(db, file, offset) else {
        return Context { words: public(line), ..plain(Wanted::Item) };
    };
    let before_word = before.get(..before.len() - word_before(before).len()).unwrap_or_default();
    if line.chars().all(|letter| letter.is_alphanumeric() || letter == '_') && !is_inside(item.text(db), within) {
        return plain(Wanted::Item);
    }
    let item_before = around.0.get(..around.0.len() - word_before(&around.0).len()).unwrap_or_default();
    let fresh = before_word.ends_with('\n') || line.chars().all(|letter| letter.is_whitespace() || is_letter(letter));
    let cursor = Cursor { db, workspace, item, before: &around.0, after: &around.1 };
    let fresh = fresh && !line.trim_start().contains(char::is_whitespace);
    let said = told(item_before, item.keyword(db), fresh);
    let mut context = cursor.said(said, item_before, statement_start(line, before));
    context.guardrail = item.keyword(db) == "guardrail";
    context.condition = begins_condition(item_before);
    let path = path_before(before);
    let is_type = matches!(context.wanted, Wanted::Type | Wanted::Resources { .. } | Wanted::State(_))
        || path.starts_with(|first: char| first.is_ascii_uppercase());
    if is_type && path.contains(':') {
        context.path = path.to_owned();
    }
    context
}

pub(super) fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn begins_condition(before: &str) -> bool {
    let word = before.trim_end().rsplit(|letter: char| !is_letter(letter)).next().unwrap_or_default();
    ["require", "if", "definitely", "and", "or", "not", "where", "expect"].contains(&word)
}

/// What may be public, behind the word for it.
fn public(line: &str) -> Vec<Snippet> {
    let is_public = line.strip_prefix("pub ").is_some_and(|rest| rest.chars().all(is_letter));
    if is_public { snippets::PUBLIC.into() } else { Vec::new() }
}

/// The item at a cursor with its text before and behind it. An item ends with its last letter; behind blanks on the same
/// line the cursor is in it still.
fn cursor_at(db: &dyn Db, file: SourceFile, offset: u32) -> Option<(Item<'_>, u32, (String, String))> {
    if let Some((item, within)) = item_at(db, file, offset) {
        let text = item.text(db);
        let (before, after) = (text.get(..within as usize)?, text.get(within as usize..)?);
        return Some((item, within, (before.to_owned(), after.to_owned())));
    }
    let text = file.text(db).get(..offset as usize)?;
    let gap = text.len() - text.trim_end_matches([' ', '\t']).len();
    let (item, within) = item_at(db, file, offset.saturating_sub(Span::new(gap, 0).start)).filter(|_| gap > 0)?;
    let text = item.text(db);
    (within as usize == text.len()).then(|| (item, within, (format!("{text}{}", " ".repeat(gap)), String::new())))
}

/// Whether an offset of an item is in its brackets or behind its header.
fn is_inside(text: &str, within: u32) -> bool {
    let before = text.get(..within as usize).unwrap_or_default();
    let opened = before.matches(['{', '(', '[']).count();
    let closed = before.matches(['}', ')', ']']).count();
    opened > closed || before.trim_end().ends_with(['=', ',', ':'])
}

/// Whether a line has only the beginning of a word, so that a statement may begin.
fn statement_start(line: &str, before: &str) -> bool {
    let bare = line.trim_start();
    if !bare.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
        return false;
    }
    let above = before.get(..before.len() - line.len()).unwrap_or_default().trim_end();
    !above.ends_with(['(', '[', ',', '=', ':'])
        && ![" and", " or", " not", " in"].iter().any(|word| above.ends_with(word))
}

/// What a place in a line is part of.
enum Within {
    Code,
    Comment,
    Text,
}

/// Strings and comments end with their line.
fn in_line(line: &str) -> Within {
    let mut letters = line.chars().peekable();
    let mut text = false;
    // In a message `{` opens an expression.
    let mut holes: u32 = 0;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if text => _ = letters.next(),
            '"' if holes == 0 => text = !text,
            '{' if text => {
                holes += 1;
                text = false;
            }
            '}' if !text && holes > 0 => {
                holes -= 1;
                text = true;
            }
            '/' if !text && letters.peek() == Some(&'/') => return Within::Comment,
            _ => {}
        }
    }
    if text { Within::Text } else { Within::Code }
}

/// Behind an `@`, and in the brackets of an attribute that its line opens.
fn attribute(line: &str) -> Option<Wanted> {
    let after = line.trim_start().strip_prefix('@')?;
    match after.split_once('(') {
        None => after.chars().all(|letter| letter.is_alphanumeric() || letter == '_').then_some(Wanted::Attribute),
        Some((name, rest)) => (!rest.contains(')')).then(|| Wanted::AttributeArgument(name.trim().to_owned())),
    }
}

/// A value in quotes: what is wanted there is known from what stands around it.
fn quoted(db: &dyn Db, workspace: Workspace, file: SourceFile, offset: u32) -> Context {
    let mut context = Context::default();
    let Some((item, within)) = item_at(db, file, offset) else { return context };
    let text = item.text(db);
    let (Some(before), Some(after)) = (text.get(..within as usize), text.get(within as usize..)) else {
        return context;
    };
    // An editor closes the quotes; where none does, the text ends at the cursor.
    let closed = after.lines().next().unwrap_or_default().contains('"');
    for ending in if closed { ["", ": 0 }"] } else { ["\"", "\": 0 }"] } {
        let tried = parse(&item_text(db, item, format!("{before}{MARK}{ending}{after}")));
        let Some(tree) = &tried.tree else { continue };
        let inferred = infer(db, workspace, item, tree);
        for (number, expr) in tree.exprs.iter().enumerate() {
            if let ExprKind::Text(text) = &expr.kind
                && text.contains(MARK)
            {
                let id = ExprId(Span::new(number, 0).start);
                context.wanted = Wanted::Quoted(expected(tree, &inferred, id));
                context.compared = compared(tree, &inferred, id);
                return context;
            }
        }
    }
    context
}

pub(super) fn item_text(db: &dyn Db, item: Item<'_>, text: String) -> ItemText {
    ItemText {
        offset: 0,
        text: text.into(),
        keyword: item.keyword(db),
        name: item.name(db).clone(),
        public: item.public(db),
    }
}

pub(super) struct Finder<'db, 't> {
    pub(super) db: &'db dyn Db,
    pub(super) workspace: Workspace,
    pub(super) item: Item<'db>,
    pub(super) tree: &'t Tree,
    pub(super) inferred: Inferred,
}

pub(super) fn has_mark(name: &Ident) -> bool {
    name.text.contains(MARK)
}

impl Finder<'_, '_> {
    /// The fields that the value at the cursor is compared with.
    pub(super) fn compared(&self) -> Vec<Field> {
        let marked = self.tree.exprs.iter().position(|expr| match &expr.kind {
            ExprKind::Path(path) => path.segments.iter().any(has_mark),
            _ => false,
        });
        let id = marked.map(|number| ExprId(Span::new(number, 0).start));
        id.map(|id| compared(self.tree, &self.inferred, id)).unwrap_or_default()
    }

    pub(super) fn wanted(&self) -> Option<Wanted> {
        self.in_header().or_else(|| self.in_expressions())
    }

    fn in_header(&self) -> Option<Wanted> {
        match &self.tree.kind {
            ItemKind::Guardrail { population, .. } => self.in_type(population),
            ItemKind::Function { parameters, result, .. } => {
                parameters.iter().map(|(_, ty)| ty).chain([result]).find_map(|ty| self.in_type(ty))
            }
            ItemKind::Relation { parameters, .. } => parameters.iter().find_map(|(_, ty)| self.in_type(ty)),
            ItemKind::Parameter { ty, .. } => self.in_type(ty),
            ItemKind::Schema { fields, .. } => fields.iter().find_map(|(_, ty)| self.in_type(ty)),
            ItemKind::Extension { target, fields } => {
                let of_target = target.segments.iter().any(has_mark).then_some(Wanted::Type);
                of_target.or_else(|| fields.iter().find_map(|(_, ty)| self.in_type(ty)))
            }
            ItemKind::Constant { .. } => None,
            ItemKind::Use { path, names } => self.in_import(path, names),
            ItemKind::Test { steps, .. } => steps.iter().find_map(|step| self.in_step(step)),
            ItemKind::Waiver { guardrail, coverage, .. } => self.in_guardrail(guardrail).or_else(|| {
                coverage.iter().find_map(|covered| match covered {
                    Coverage::Where { ty, .. } => self.in_type(ty),
                    Coverage::Like { .. } => None,
                })
            }),
        }
    }

    fn in_import(&self, path: &Path, names: &[parapet_syntax::Imported]) -> Option<Wanted> {
        if names.iter().any(|imported| has_mark(&imported.name)) {
            return Some(Wanted::Import { module: path.segments.clone() });
        }
        let at = path.segments.iter().position(has_mark)?;
        Some(Wanted::Import { module: path.segments.iter().take(at).cloned().collect() })
    }

    fn in_step(&self, step: &Step) -> Option<Wanted> {
        match &step.kind {
            StepKind::Resource { ty, fields, .. } => self.in_type(ty).or_else(|| {
                fields.iter().any(|(name, _)| has_mark(name)).then(|| {
                    let of = read_type(schema(self.db, self.workspace), ty, &mut Vec::new());
                    Wanted::Key { of, given: other_keys(fields.iter().map(|(name, _)| name)) }
                })
            }),
            StepKind::Param { path, .. } => path.segments.iter().any(has_mark).then_some(Wanted::Parameter),
            StepKind::Verdict { guardrail, target, .. } => self.in_guardrail(guardrail).or_else(|| match target {
                Target::Given(name) => has_mark(name).then_some(Wanted::Given),
                Target::Count(..) => None,
            }),
            StepKind::Holds(condition) => match &self.tree.expr(*condition).kind {
                ExprKind::Path(path) => path.single().is_some_and(has_mark).then_some(Wanted::Expected),
                _ => None,
            },
            StepKind::Inventory { .. } | StepKind::Now(_) => None,
        }
    }

    fn in_guardrail(&self, path: &Path) -> Option<Wanted> {
        let at = path.segments.iter().position(has_mark)?;
        let module: Vec<Ident> = path.segments.iter().take(at).cloned().collect();
        Some(if module.is_empty() { Wanted::Guardrail } else { Wanted::In { module, what: What::Guardrails } })
    }

    fn in_type(&self, ty: &TypeExpr) -> Option<Wanted> {
        match &ty.kind {
            TypeKind::Named { path, record } => {
                let marked = path.segments.iter().any(has_mark) || record.as_ref().is_some_and(has_mark);
                marked.then_some(Wanted::Type)
            }
            TypeKind::Generic { name, argument } => {
                if name.segments.iter().any(has_mark) {
                    Some(Wanted::Type)
                } else {
                    self.in_type(argument)
                }
            }
            TypeKind::Union(members) => members.iter().find_map(|member| self.in_type(member)),
            TypeKind::Optional(inner) => self.in_type(inner),
            TypeKind::Record(fields) => fields.iter().find_map(|(_, ty)| self.in_type(ty)),
            TypeKind::Error => None,
        }
    }

    fn in_expressions(&self) -> Option<Wanted> {
        self.tree.exprs.iter().enumerate().find_map(|(number, expr)| {
            let id = ExprId(Span::new(number, 0).start);
            match &expr.kind {
                ExprKind::Field { base, name, .. } | ExprKind::Method { base, name, .. } if has_mark(name) => {
                    Some(Wanted::Member(self.inferred.types.get(base).cloned().unwrap_or(Type::Error)))
                }
                ExprKind::Path(path) => self.in_path(id, path),
                ExprKind::Call { callee, .. } => self.in_path(id, callee),
                ExprKind::Related { relation, .. } => {
                    relation.segments.iter().any(has_mark).then_some(Wanted::Relation)
                }
                ExprKind::Cast { ty, .. } | ExprKind::IsType { ty, .. } => self.in_type(ty),
                ExprKind::Record { entries, string_keys: false } => {
                    entries.iter().any(|(name, _)| has_mark(name)).then(|| {
                        let of =
                            expected(self.tree, &self.inferred, id).or_else(|| self.inferred.types.get(&id).cloned());
                        Wanted::Key {
                            of: of.unwrap_or(Type::Error),
                            given: other_keys(entries.iter().map(|(name, _)| name)),
                        }
                    })
                }
                _ => None,
            }
        })
    }

    fn in_path(&self, id: ExprId, path: &Path) -> Option<Wanted> {
        let at = path.segments.iter().position(has_mark)?;
        let module: Vec<Ident> = path.segments.iter().take(at).cloned().collect();
        if !module.is_empty() {
            return Some(Wanted::In { module, what: What::Values });
        }
        let parameters = self.parameters_around(id);
        Some(Wanted::Value { expected: expected(self.tree, &self.inferred, id), parameters })
    }

    /// The parameters of the function whose argument an expression is.
    fn parameters_around(&self, id: ExprId) -> Vec<(String, Type)> {
        let calls = self.tree.exprs.iter().filter_map(|expr| match &expr.kind {
            ExprKind::Call { callee, arguments } => Some((callee, arguments)),
            _ => None,
        });
        let Some((callee, arguments)) = calls
            .into_iter()
            .find(|(_, arguments)| arguments.iter().any(|argument| argument.value == id && argument.name.is_none()))
        else {
            return Vec::new();
        };
        let file = self.item.file(self.db);
        let Ok(definition) = parapet_semantic::resolve(self.db, self.workspace, file, callee) else {
            return Vec::new();
        };
        let signature = parapet_semantic::signature(self.db, self.workspace, definition.item);
        let parapet_semantic::Signature::Function { parameters, .. } = &*signature else { return Vec::new() };
        let named =
            |name: &str| arguments.iter().filter_map(|argument| argument.name.as_ref()).any(|known| known.text == name);
        parameters.iter().filter(|(name, _)| !named(name)).cloned().collect()
    }

    /// The locals in reach of a place.
    pub(super) fn locals(&self, at: Span) -> Vec<(String, Type)> {
        let reach = crate::scopes::reaches(self.tree, self.item.text(self.db).len() + 100);
        let mut found: Vec<(String, Type)> = Vec::new();
        for (name, span) in reach.into_iter().rev() {
            let local = self.inferred.locals.iter().find(|local| local.span == name);
            if span.start <= at.start
                && at.start <= span.end
                && let Some(local) = local.filter(|local| !local.name.is_empty())
                && found.iter().all(|(known, _)| *known != local.name)
            {
                found.push((local.name.clone(), local.ty.clone()));
            }
        }
        found
    }
}

fn other_keys<'t>(names: impl Iterator<Item = &'t Ident>) -> Vec<String> {
    names.filter(|name| !has_mark(name)).map(|name| name.text.clone()).collect()
}

/// The type that an expression is wanted of: what the checker wanted, or that of what it is compared with.
pub(crate) fn expected(tree: &Tree, inferred: &Inferred, id: ExprId) -> Option<Type> {
    if let Some(ty) = inferred.expected.get(&id).filter(|ty| **ty != Type::Error) {
        return Some(ty.clone());
    }
    let ty = |id: &ExprId| inferred.types.get(id).cloned();
    tree.exprs.iter().enumerate().find_map(|(number, expr)| match &expr.kind {
        ExprKind::Binary { op, left, right, .. } if is_comparison(*op) => match (*left == id, *right == id) {
            (true, _) => ty(right),
            (_, true) => ty(left),
            _ => None,
        },
        ExprKind::In { item, collection, .. } if *item == id => ty(collection)?.required().element().cloned(),
        ExprKind::List(elements) if elements.contains(&id) => {
            let list = ExprId(Span::new(number, 0).start);
            let whole = match inferred.expected.get(&list) {
                Some(wanted) => Some(wanted.clone()),
                None => item_of(tree, list).and_then(|item| ty(&item)).map(|item| Type::list(item.required().clone())),
            };
            whole?.required().element().cloned()
        }
        _ => None,
    })
}

/// The fields that an expression is compared with, or looked for in.
fn compared(tree: &Tree, inferred: &Inferred, id: ExprId) -> Vec<Field> {
    let other = tree.exprs.iter().enumerate().find_map(|(number, expr)| match &expr.kind {
        ExprKind::Binary { op, left, right, .. } if is_comparison(*op) || *op == BinaryOp::Like => {
            match (*left == id, *right == id) {
                (true, _) => Some(*right),
                (_, true) => Some(*left),
                _ => None,
            }
        }
        ExprKind::In { item, collection, .. } if *item == id => Some(*collection),
        ExprKind::List(elements) if elements.contains(&id) => item_of(tree, ExprId(Span::new(number, 0).start)),
        _ => None,
    });
    let mut other = other;
    while let Some(ExprKind::Binary { op: BinaryOp::Coalesce, left, .. }) = other.map(|id| &tree.expr(id).kind) {
        other = Some(*left);
    }
    let Some(ExprKind::Field { base, name, .. }) = other.map(|id| &tree.expr(id).kind) else { return Vec::new() };
    let name = Name::from(&*name.text);
    match inferred.types.get(base).map(Type::required) {
        Some(Type::Resource(types)) => types.iter().map(|ty| (ty.clone(), None, name.clone())).collect(),
        Some(Type::SchemaRecord(named)) => vec![(named.owner.clone(), Some(named.record.clone()), name)],
        _ => Vec::new(),
    }
}

/// What is looked for in a list.
fn item_of(tree: &Tree, list: ExprId) -> Option<ExprId> {
    tree.exprs.iter().find_map(|expr| match &expr.kind {
        ExprKind::In { item, collection, .. } if *collection == list => Some(*item),
        _ => None,
    })
}

fn is_comparison(op: BinaryOp) -> bool {
    match op {
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual
        | BinaryOp::Coalesce => true,
        BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Like
        | BinaryOp::SubsetOf
        | BinaryOp::Intersects
        | BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::Remainder => false,
    }
}
