//! The offers for what is wanted at a cursor.

mod definitions;

use std::collections::HashSet;
use std::sync::Arc;

use parapet_base::{Span, codes};
use parapet_builtins::Builtin;
use parapet_model::{Schema, Type};
use parapet_semantic::{Db, DefinitionKind, SourceFile, TYPE_NAMES, Workspace, schema};

use super::context::{Context, Wanted, word_before};
use super::controls::ids;
use super::documentation::{field_key, method_key};
use super::snippets::{ATTRIBUTES, CLAUSES, FRAMEWORKS, ITEMS, STATEMENTS, STATES, STEPS, Snippet, VALUES};
use super::{Completion, Held, Offer};
use crate::fields::{Field, fields, methods};
use crate::hover::{attribute_docs, builtin_headline, type_docs};
use crate::symbols::Query;

struct Offers<'db> {
    db: &'db dyn Db,
    workspace: Workspace,
    file: SourceFile,
    schema: &'db Schema,
    /// The word at the cursor, or the whole path of a type.
    replaces: Span,
    items: Vec<Completion>,
}

pub(super) fn offers(
    db: &dyn Db,
    workspace: Workspace,
    file: SourceFile,
    offset: u32,
    context: &Context,
    held: &Held<'_>,
) -> Vec<Completion> {
    let before = file.text(db).get(..offset as usize).unwrap_or_default();
    let word = context.typed(word_before(before));
    let replaces = Span { start: offset.saturating_sub(Span::new(word.len(), 0).start), end: offset };
    let mut offers = Offers { db, workspace, file, schema: schema(db, workspace), replaces, items: Vec::new() };
    offers.wanted(context);
    offers.held(context, held);
    offers.items
}

impl<'db> Offers<'db> {
    fn add(&mut self, offer: Offer, label: &str, detail: impl Into<String>) -> Option<&mut Completion> {
        self.items.push(Completion {
            offer,
            label: label.to_owned(),
            detail: detail.into(),
            insert: label.to_owned(),
            snippet: false,
            replaces: self.replaces,
            rank: 5,
            more: Vec::new(),
            deprecated: false,
            key: String::new(),
        });
        self.items.last_mut()
    }

    fn snippets(&mut self, offer: Offer, rank: u8, snippets: &[Snippet]) {
        for (label, detail, text) in snippets {
            if let Some(item) = self.add(offer, label, *detail) {
                (item.insert, item.snippet, item.rank) = ((*text).to_owned(), text.contains('$'), rank);
            }
        }
    }

    /// Words in the middle of a clause, in their order.
    fn words(&mut self, words: &[Snippet]) {
        for (rank, (label, detail, text)) in (0..).zip(words) {
            if let Some(item) = self.add(Offer::Keyword, label, *detail) {
                (item.insert, item.snippet, item.rank) = ((*text).to_owned(), text.contains('$'), rank);
            }
        }
    }

    fn wanted(&mut self, context: &Context) {
        self.words(&context.words);
        match &context.wanted {
            Wanted::Nothing => {}
            Wanted::Item if !context.words.is_empty() => {}
            Wanted::Item => self.snippets(Offer::Snippet, 0, &ITEMS),
            Wanted::Statement => {
                // A statement is begun more often than gone on with on the next line.
                self.items.iter_mut().for_each(|item| item.rank += 1);
                self.snippets(Offer::Snippet, 0, &STATEMENTS);
            }
            Wanted::Step => self.snippets(Offer::Snippet, 0, &STEPS),
            Wanted::Clause { given } => {
                // One may cover resources in several ways; all else is said once.
                let is_new = |(word, ..): &&Snippet| {
                    matches!(*word, "resources like" | "for") || given.iter().all(|known| known != word)
                };
                let new: Vec<Snippet> = CLAUSES.iter().filter(is_new).copied().collect();
                self.snippets(Offer::Snippet, 0, &new);
            }
            Wanted::Member(ty) => self.members(ty),
            Wanted::Value { expected, parameters } => {
                for (name, ty) in parameters {
                    if let Some(item) = self.add(Offer::Argument, &format!("{name}:"), ty.to_string()) {
                        (item.insert, item.rank) = (format!("{name}: "), 1);
                    }
                }
                self.values(&context.locals, expected.as_ref());
                // Few conditions are `true`, and most begin with a resource.
                let truths = self.items.iter_mut().filter(|item| matches!(&*item.label, "true" | "false"));
                truths.filter(|_| context.condition).for_each(|item| item.rank = 6);
            }
            Wanted::In { module, what } => self.in_module(module, *what),
            Wanted::Type => self.types(),
            Wanted::Resources { accounts } => self.populations(context.guardrail, *accounts),
            Wanted::State(ty) => self.states(ty.as_ref()),
            Wanted::Collection => self.collections(&context.locals),
            Wanted::Key { of, given } => self.keys(of, given),
            Wanted::Quoted(ty) => self.values_of(ty.as_ref(), ""),
            Wanted::Guardrail => self.definitions(&[DefinitionKind::Guardrail]),
            Wanted::Expected => {
                self.definitions(&[DefinitionKind::Guardrail]);
                // What a test is about comes before what it may compute.
                self.items.iter_mut().for_each(|item| item.rank = item.rank.saturating_sub(4));
                self.values(&context.locals, None);
            }
            Wanted::Given => self.locals(&context.locals, None),
            Wanted::Parameter => self.definitions(&[DefinitionKind::Parameter]),
            Wanted::Relation => self.definitions(&[DefinitionKind::Relation]),
            Wanted::Import { module } => self.importable(module),
            Wanted::Attribute => self.attributes(),
            Wanted::AttributeArgument(name) => self.attribute_arguments(name),
            Wanted::Control(framework) => self.controls(framework, &context.path),
        }
    }

    fn members(&mut self, ty: &Type) {
        for field in fields(self.schema, ty) {
            self.field(&field);
        }
        let methods = methods(ty);
        let mut known = Vec::new();
        for builtin in &methods {
            if !known.contains(&builtin.name) {
                known.push(builtin.name);
                self.builtin(Offer::Method, builtin, 6);
                if let Some(item) = self.items.last_mut() {
                    item.key = method_key(builtin.name, &methods);
                }
            }
        }
    }

    fn field(&mut self, field: &Field) {
        let required = field.property.as_ref().is_some_and(|property| property.required);
        let deprecated = field.property.as_ref().is_some_and(|property| property.deprecated);
        let rank = if required {
            1
        } else if field.property.is_some() {
            2
        } else {
            3
        };
        let key = field_key(field);
        if let Some(item) = self.add(Offer::Property, &field.name, field.ty.to_string()) {
            (item.rank, item.deprecated, item.key) = (rank, deprecated, key);
        }
    }

    fn builtin(&mut self, offer: Offer, builtin: &'static Builtin, rank: u8) {
        let given = usize::from(builtin.method);
        let parameters: Vec<String> = builtin
            .parameters
            .iter()
            .skip(given)
            .filter(|parameter| !parameter.optional)
            .enumerate()
            .map(|(at, parameter)| format!("${{{}:{}}}", at + 1, parameter.name))
            .collect();
        if let Some(item) = self.add(offer, builtin.name, builtin_headline(builtin)) {
            item.insert = format!("{}({})", builtin.name, parameters.join(", "));
            item.snippet = !parameters.is_empty();
            item.rank = rank;
            item.key = format!("builtin:{}:{}", builtin.name, builtin.method);
        }
    }

    fn locals(&mut self, locals: &[(String, Type)], expected: Option<&Type>) {
        for (name, ty) in locals {
            let fits = expected.is_some_and(|wanted| wanted.required() == ty.required());
            if let Some(item) = self.add(Offer::Local, name, ty.to_string()) {
                item.rank = if fits { 1 } else { 2 };
            }
        }
    }

    /// The values of an enum, or of a `Bool`; in quotes, if none stand there.
    fn values_of(&mut self, ty: Option<&Type>, quote: &str) {
        let Some(ty) = ty.map(Type::required) else { return };
        match ty.element().unwrap_or(ty) {
            Type::Enum(values) => {
                for value in &values.values {
                    if let Some(item) = self.add(Offer::Value, &format!("{quote}{value}{quote}"), "") {
                        item.rank = 0;
                    }
                }
            }
            Type::Bool if !quote.is_empty() => {
                for value in ["true", "false"] {
                    if let Some(item) = self.add(Offer::Value, value, "Bool") {
                        item.rank = 1;
                    }
                }
            }
            _ => {}
        }
    }

    /// What inventories hold comes before all else, the most frequent first.
    fn held(&mut self, context: &Context, held: &Held<'_>) {
        let mut counts: Vec<(Arc<str>, usize)> = Vec::new();
        for (text, count) in context.compared.iter().flat_map(held) {
            match counts.iter_mut().find(|(known, _)| *known == text) {
                Some((_, all)) => *all += count,
                None => counts.push((text, count)),
            }
        }
        counts.retain(|(text, _)| !text.contains(['"', '\\', '{', '\n']));
        if counts.is_empty() {
            return;
        }
        counts.sort_by(|(_, more), (_, less)| less.cmp(more));
        let quote = if matches!(context.wanted, Wanted::Quoted(_)) { "" } else { "\"" };
        let behind = u8::try_from(counts.len()).unwrap_or(u8::MAX);
        self.items.iter_mut().for_each(|item| item.rank = item.rank.saturating_add(behind));
        for (rank, (text, count)) in (0..behind).zip(counts) {
            let label = format!("{quote}{text}{quote}");
            let known = self.items.iter().position(|item| item.offer == Offer::Value && item.label == label);
            let detail = format!("{count} in the inventories");
            let item = match known.and_then(|at| self.items.get_mut(at)) {
                Some(item) => item,
                None => match self.add(Offer::Value, &label, "") {
                    Some(item) => item,
                    None => continue,
                },
            };
            item.rank = rank;
            item.detail = detail;
        }
    }

    fn values(&mut self, locals: &[(String, Type)], expected: Option<&Type>) {
        self.values_of(expected, "\"");
        self.locals(locals, expected);
        self.definitions(&[DefinitionKind::Function, DefinitionKind::Constant, DefinitionKind::Parameter]);
        self.functions();
        self.snippets(Offer::Keyword, 6, &VALUES);
        let bool_is_offered = expected.is_some_and(|ty| *ty.required() == Type::Bool);
        for word in ["true", "false"].into_iter().filter(|_| !bool_is_offered) {
            if let Some(item) = self.add(Offer::Keyword, word, "") {
                item.rank = 6;
            }
        }
        let typed = self.replaces.text(self.file.text(self.db));
        if typed.starts_with(|first: char| first.is_ascii_uppercase()) {
            self.resource_types();
            for name in ["Resource", "Account"] {
                self.add(Offer::Type, name, type_docs(name));
            }
        }
    }

    fn types(&mut self) {
        for name in TYPE_NAMES.into_iter().filter(|name| *name != "List") {
            if let Some(item) = self.add(Offer::Type, name, type_docs(name)) {
                item.rank = 3;
            }
        }
        for name in ["List", "Set", "Map", "Ref"] {
            if let Some(item) = self.add(Offer::Type, name, type_docs(name)) {
                (item.insert, item.snippet, item.rank) = (format!("{name}<$1>"), true, 3);
            }
        }
        self.resource_types();
    }

    /// What a guardrail or a resource of a test may be of: types that the file names come first.
    fn populations(&mut self, guardrail: bool, accounts: bool) {
        self.resource_types();
        let named = named_types(self.file.text(self.db), self.replaces);
        for item in self.items.iter_mut().filter(|item| named.contains(item.label.as_str())) {
            item.rank = 2;
        }
        if guardrail {
            self.add(Offer::Type, "Resource", type_docs("Resource"));
        }
        if accounts {
            self.add(Offer::Type, "Account", type_docs("Account"));
        }
    }

    /// Behind `is`: whether there is a value and, where it may be of several types, of which it is.
    fn states(&mut self, ty: Option<&Type>) {
        self.words(&STATES);
        match ty.map(Type::required) {
            None | Some(Type::AnyResource | Type::Error) => self.resource_types(),
            Some(Type::Resource(names)) if names.len() > 1 => {
                for name in names.iter() {
                    if let Some(item) = self.add(Offer::Type, name, "") {
                        (item.key, item.rank) = (format!("type:{name}"), 3);
                    }
                }
            }
            Some(_) => {}
        }
    }

    /// What may be gone through: no condition, and no number.
    fn collections(&mut self, locals: &[(String, Type)]) {
        let leads = |ty: &Type| !matches!(ty.required(), Type::Bool | Type::Int | Type::Float | Type::Duration);
        let locals: Vec<(String, Type)> = locals.iter().filter(|(_, ty)| leads(ty)).cloned().collect();
        self.locals(&locals, None);
        for item in &mut self.items {
            let ty = locals.iter().find(|(name, _)| *name == item.label).map(|(_, ty)| ty);
            item.rank = if ty.is_some_and(|ty| ty.required().element().is_some()) { 1 } else { 2 };
        }
        self.definitions(&[DefinitionKind::Function, DefinitionKind::Constant, DefinitionKind::Parameter]);
        self.functions();
    }

    fn functions(&mut self) {
        let mut known = Vec::new();
        for builtin in parapet_builtins::all().iter().filter(|builtin| !builtin.method) {
            if !known.contains(&builtin.name) {
                known.push(builtin.name);
                self.builtin(Offer::Function, builtin, 4);
            }
        }
    }

    fn resource_types(&mut self) {
        let typed = self.replaces.text(self.file.text(self.db));
        let query = Query::new(typed);
        let names = self.schema.type_names().filter(|name| query.rank(name).is_some());
        for name in names.cloned().collect::<Vec<_>>() {
            if let Some(item) = self.add(Offer::Type, &name, "") {
                item.key = format!("type:{name}");
            }
        }
    }

    fn keys(&mut self, of: &Type, given: &[String]) {
        let fields = fields(self.schema, of);
        for field in
            fields.iter().filter(|field| given.iter().all(|known| **known != *field.name) && &*field.name != "type")
        {
            self.field(field);
            if let Some(item) = self.items.last_mut() {
                item.insert = format!("{}: ", field.name);
            }
        }
    }

    fn attributes(&mut self) {
        for (name, text) in ATTRIBUTES {
            if let Some(item) = self.add(Offer::Attribute, name, attribute_docs(name).unwrap_or_default()) {
                (item.insert, item.snippet) = (text.to_owned(), text.contains('$'));
            }
        }
    }

    fn controls(&mut self, framework: &str, typed: &str) {
        // What stands at the cursor is one of them.
        let ids = ids(self.db, self.workspace, framework).into_iter();
        for (id, guardrails) in ids.filter(|(id, guardrails)| *guardrails > 1 || id != typed) {
            let word = if guardrails == 1 { "guardrail" } else { "guardrails" };
            self.add(Offer::Value, &id, format!("{guardrails} {word}"));
        }
    }

    fn attribute_arguments(&mut self, name: &str) {
        match name {
            "severity" => {
                for (at, level) in ["info", "low", "medium", "high", "critical"].into_iter().enumerate() {
                    if let Some(item) = self.add(Offer::Value, level, "") {
                        item.rank = u8::try_from(at).unwrap_or(u8::MAX);
                    }
                }
            }
            "allow" => {
                for code in codes::ALL {
                    if code.level == parapet_base::Level::Warning || code.name == "absence_passes" {
                        self.add(Offer::Lint, code.name, code.summary.trim());
                    }
                }
            }
            "control" => {
                for framework in FRAMEWORKS {
                    if let Some(item) = self.add(Offer::Value, framework, "framework") {
                        (item.insert, item.snippet) = (format!("{framework}: \"$0\""), true);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The paths in a text that may be those of types, but for what stands at the cursor.
fn named_types(text: &str, cursor: Span) -> HashSet<&str> {
    let (before, after) = (text.get(..cursor.start as usize), text.get(cursor.end as usize..));
    let parts = [before, after].into_iter().flatten();
    let words = parts.flat_map(|text| text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != ':'));
    words.map(|word| word.trim_end_matches(':')).filter(|word| word.contains("::")).collect()
}
