//! What is wanted at a cursor in an item: by the words before it, and where they leave it open, by the tree.

use parapet_base::Span;
use parapet_model::Type;
use parapet_semantic::{Db, DefinitionKind, Item, Workspace, infer};
use parapet_syntax::{BinaryOp, ExprKind, Ident, Parsed, Path, parse};

use super::clauses::Told;
use super::context::{Context, Finder, MARK, Wanted, has_mark, is_letter, item_text};
use super::snippets::{self, Snippet};

/// What may follow the word, so that the clause can be read.
const ENDINGS: [&str; 10] =
    ["", ": 0", " == 0", " = 0", " in []: true", ": true", " {}", ")", " passes on x", "(a: Int) -> Int = 0"];

/// A cursor in an item.
pub(super) struct Cursor<'db, 'c> {
    pub(super) db: &'db dyn Db,
    pub(super) workspace: Workspace,
    pub(super) item: Item<'db>,
    pub(super) before: &'c str,
    pub(super) after: &'c str,
}

impl Cursor<'_, '_> {
    /// What is wanted by what the words before the cursor say, and where they leave it open, by the tree.
    pub(super) fn said(&self, said: Told, before: &str, starts: bool) -> Context {
        let plain = |wanted: Wanted| Context { wanted, ..Context::default() };
        match said {
            Told::Nothing => Context::default(),
            Told::Words(words) => Context { words, ..Context::default() },
            Told::Start(words) => Context { words, ..plain(Wanted::Statement) },
            Told::Resources => plain(Wanted::Resources { accounts: self.item.keyword(self.db) != "extend" }),
            Told::Open => self.by_tree(starts),
            Told::Beside(words) => Context { words, ..self.by_tree(starts) },
            Told::Collection => Context { wanted: Wanted::Collection, ..self.by_tree(false) },
            Told::State { end, expected } => self.state(end, expected),
            Told::Verdict => self.verdict(before),
            Told::Behind { compared, words } => self.behind(before, compared, words),
        }
    }

    fn by_tree(&self, starts: bool) -> Context {
        let mut context = self.marked().unwrap_or_default();
        let wanted = match self.item.keyword(self.db) {
            "guardrail" => Some(Wanted::Statement),
            "test" => Some(Wanted::Step),
            "waive" => Some(Wanted::Clause { given: self.clauses() }),
            _ => None,
        };
        let undecided = matches!(context.wanted, Wanted::Nothing | Wanted::Value { .. });
        if let Some(wanted) = wanted.filter(|_| starts && undecided) {
            context.wanted = wanted;
        }
        context
    }

    /// The words that the clauses of the item begin with.
    fn clauses(&self) -> Vec<String> {
        let lines = self.before.lines().chain(self.after.lines().skip(1));
        lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
    }

    /// Behind `is`: the type of the value before it decides which types may stand there.
    fn state(&self, end: usize, expected: bool) -> Context {
        let before = self.before.get(..end).unwrap_or_default();
        let path = before.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
        if expected && self.is_guardrail(path) {
            return Context { words: snippets::UNKNOWN.into(), ..Context::default() };
        }
        Context { wanted: Wanted::State(self.type_before(before)), ..Context::default() }
    }

    /// Behind `expect name`: a verdict, where the name is a guardrail's, or else what goes on behind a value.
    fn verdict(&self, before: &str) -> Context {
        let path = before.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
        if self.is_guardrail(path) {
            return Context { words: snippets::VERDICTS.into(), ..Context::default() };
        }
        match self.type_before(before).filter(|ty| *ty != Type::Error) {
            Some(_) => self.behind(before, false, Vec::new()),
            None => Context { words: snippets::VERDICTS.into(), ..Context::default() },
        }
    }

    fn is_guardrail(&self, path: &str) -> bool {
        let segments = path.split("::").map(|text| Ident { text: text.to_owned(), span: Span::default() }).collect();
        let path = Path { segments, span: Span::default() };
        let found = parapet_semantic::resolve(self.db, self.workspace, self.item.file(self.db), &path);
        found.is_ok_and(|definition| definition.kind == DefinitionKind::Guardrail)
    }

    /// What may follow a value.
    fn behind(&self, before: &str, compared: bool, more: Vec<Snippet>) -> Context {
        let mut words: Vec<Snippet> = Vec::new();
        let mut context = Context::default();
        let ty = if compared { Some(Type::Bool) } else { self.type_before(before) };
        match ty.as_ref().map(Type::required) {
            None | Some(Type::Error) => {
                words.extend(snippets::IS_STATES);
                words.extend(snippets::JOINED);
            }
            Some(Type::Bool) => words.extend(snippets::JOINED),
            Some(Type::List { .. } | Type::Set(_)) => words.extend(snippets::OF_MANY),
            Some(Type::String | Type::Enum(_) | Type::Folded) => {
                words.extend(snippets::OF_ONE);
                words.extend(snippets::OF_TEXT);
            }
            Some(Type::Resource(names)) => {
                context.wanted = Wanted::Relation;
                words.extend(snippets::IS_TYPE.into_iter().filter(|_| names.len() > 1));
            }
            Some(Type::AnyResource) => words.extend(snippets::IS_TYPE),
            Some(Type::Map(_) | Type::Record(_) | Type::SchemaRecord(_) | Type::Never) => {}
            Some(_) => words.extend(snippets::OF_ONE),
        }
        if matches!(ty, Some(Type::Optional(_))) {
            words.splice(0..0, snippets::IS_STATES);
        }
        // A message, or the rest of a choice, follows a condition only.
        let is_condition = ty.as_ref().is_none_or(|ty| matches!(ty.required(), Type::Bool | Type::Error));
        let follows = |word: &Snippet| is_condition || *word != snippets::MESSAGE[0];
        words.extend(more.into_iter().filter(follows));
        Context { words, ..context }
    }

    /// The type of the value that a text of the item ends with.
    fn type_before(&self, before: &str) -> Option<Type> {
        let rest = self.after.trim_start_matches(is_letter);
        [rest, ""].into_iter().find_map(|rest| {
            let text = format!("{} == {MARK}{rest}", before.trim_end());
            let tree = parse(&item_text(self.db, self.item, text)).tree?;
            let left = tree.exprs.iter().find_map(|expr| match &expr.kind {
                ExprKind::Binary { op: BinaryOp::Equal, left, right, .. } => match &tree.expr(*right).kind {
                    ExprKind::Path(path) => path.single().is_some_and(has_mark).then_some(*left),
                    _ => None,
                },
                _ => None,
            })?;
            infer(self.db, self.workspace, self.item, &tree).types.get(&left).cloned()
        })
    }

    /// What the item's tree says of the place where the word was put in.
    fn marked(&self) -> Option<Context> {
        let (db, workspace, item) = (self.db, self.workspace, self.item);
        let within = self.before.len();
        // In the middle of a name the rest of it goes.
        let rest = self.after.trim_start_matches(is_letter);
        for ending in ENDINGS {
            db.unwind_if_revision_cancelled();
            let text = format!("{}{MARK}{ending}{rest}", self.before);
            let Parsed { tree: Some(tree), .. } = parse(&item_text(db, item, text)) else { continue };
            let finder = Finder { db, workspace, item, tree: &tree, inferred: infer(db, workspace, item, &tree) };
            if let Some(wanted) = finder.wanted() {
                let locals = finder.locals(Span::new(within, within + MARK.len()));
                return Some(Context { wanted, locals, compared: finder.compared(), ..Context::default() });
            }
        }
        None
    }
}
