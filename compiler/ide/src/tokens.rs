//! The colours of a text: words as they look, names as what they mean.

use parapet_base::Span;
use parapet_semantic::{Db, DefinitionKind, Item, SourceFile, Workspace, item_offset, items};
use parapet_syntax::{ItemKind, is_word_of_language};

use crate::fields::Owner;
use crate::lexical::{Look, pieces};
use crate::names::{Symbol, names};
use crate::places::tree;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Comment,
    Text,
    Number,
    Keyword,
    Namespace,
    Type,
    Guardrail,
    Function,
    Relation,
    Method,
    Property,
    Constant,
    Setting,
    Parameter,
    Local,
    Attribute,
    Word,
}

/// A piece of a text that has a colour. It does not go beyond its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub span: Span,
    pub kind: TokenKind,
    /// A name that is given its meaning here.
    pub declares: bool,
    /// It belongs to the language, its library or AWS.
    pub built_in: bool,
    pub documentation: bool,
}

/// The tokens of a file that touch a range, in order.
pub fn tokens(db: &dyn Db, workspace: Workspace, file: SourceFile, range: Span) -> Vec<Token> {
    let text = file.text(db);
    let mut named = Vec::new();
    for item in items(db, file) {
        db.unwind_if_revision_cancelled();
        let offset = item_offset(db, *item);
        let whole = Span::new(0, item.text(db).len()).shift(offset);
        if whole.start <= range.end && range.start <= whole.end {
            named.extend(named_tokens(db, workspace, *item, offset));
        }
    }
    named.sort_by_key(|token: &Token| (token.span.start, std::cmp::Reverse(token.span.end)));
    let mut all: Vec<Token> = Vec::new();
    let mut names = named.into_iter().peekable();
    let mut dot = false;
    for (span, look) in pieces(text) {
        while names.peek().is_some_and(|name| name.span.end <= span.start) {
            all.extend(names.next());
        }
        let hidden = names.peek().is_some_and(|name| name.span.start < span.end);
        let kind = kind_of(look, span.text(text), dot).filter(|_| !hidden || look == Look::Text);
        dot = look == Look::Dot;
        if let Some(kind) = kind
            && span.start <= range.end
            && range.start <= span.end
        {
            let documentation = look == Look::Docs;
            all.push(Token { span, kind, declares: false, built_in: false, documentation });
        }
    }
    all.extend(names);
    all.sort_by_key(|token| token.span);
    // Of two that overlap the first counts.
    let mut end = 0;
    all.retain(|token| {
        let apart = token.span.start >= end && token.span.end > token.span.start;
        end = if apart { token.span.end } else { end };
        apart
    });
    all
}

fn kind_of(look: Look, text: &str, behind_dot: bool) -> Option<TokenKind> {
    match look {
        Look::Comment | Look::Docs => Some(TokenKind::Comment),
        Look::Text => Some(TokenKind::Text),
        Look::Number => Some(TokenKind::Number),
        Look::Word if !behind_dot && is_word_of_language(text) => Some(TokenKind::Keyword),
        Look::Word | Look::Open | Look::Close | Look::Comma | Look::Dot => None,
    }
}

fn named_tokens<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>, offset: u32) -> Vec<Token> {
    let parameters: Vec<Span> = match tree(db, item).map(|tree| &tree.kind) {
        Some(ItemKind::Guardrail { resource, .. }) => vec![resource.span],
        Some(ItemKind::Function { parameters, .. } | ItemKind::Relation { parameters, .. }) => {
            parameters.iter().map(|(name, _)| name.span).collect()
        }
        _ => Vec::new(),
    };
    let locals = &parapet_semantic::inferred(db, workspace, item).locals;
    let token = |name: crate::names::Occurrence<'db>| {
        let (kind, built_in) = match &name.symbol {
            Symbol::Local { item: other, local } => {
                let place = locals.get(local.0 as usize).map(|local| local.span);
                let outer = *other != item || place.is_some_and(|place| parameters.contains(&place));
                (if outer { TokenKind::Parameter } else { TokenKind::Local }, false)
            }
            Symbol::Definition(definition) => (definition_kind(definition.kind), is_library(db, definition.item)),
            Symbol::Module(path) => (TokenKind::Namespace, path == "aws" || path.starts_with("aws::")),
            Symbol::Type(name) => (TokenKind::Type, !name.contains("::") || name.starts_with("AWS::")),
            Symbol::Field(field) => (TokenKind::Property, matches!(field.owner, Owner::Header | Owner::Language(_))),
            Symbol::Builtin(ids) => {
                let method = ids.first().is_some_and(|id| parapet_builtins::builtin(*id).method);
                (if method { TokenKind::Method } else { TokenKind::Function }, true)
            }
            Symbol::Attribute(_) => (TokenKind::Attribute, true),
            Symbol::Lint(_) | Symbol::Severity(_) => (TokenKind::Word, true),
        };
        Token { span: name.span.shift(offset), kind, declares: name.declares, built_in, documentation: false }
    };
    names(db, workspace, item).into_iter().map(token).collect()
}

fn is_library<'db>(db: &'db dyn Db, item: Item<'db>) -> bool {
    &**item.file(db).package(db) == "aws"
}

fn definition_kind(kind: DefinitionKind) -> TokenKind {
    match kind {
        DefinitionKind::Guardrail => TokenKind::Guardrail,
        DefinitionKind::Function => TokenKind::Function,
        DefinitionKind::Relation => TokenKind::Relation,
        DefinitionKind::Constant => TokenKind::Constant,
        DefinitionKind::Parameter => TokenKind::Setting,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn every_word_has_its_colour() {
        let text = "/// A.\n@severity(high)\nguardrail x(q: AWS::SQS::Queue) {\n    let wait = q.DelaySeconds ?? 0 // b\n    require wait > LEAST or q.QueueName.starts_with(\"a\")\n        else \"{q.name} waits\"\n}\n\nconst LEAST = 2\n";
        let fixture = Fixture::new(text);
        let all = tokens(&fixture.db, fixture.workspace, fixture.file, Span::new(0, text.len()));
        let shown: Vec<String> = all
            .iter()
            .map(|token| format!("{:?}{} {}", token.kind, if token.declares { "*" } else { "" }, token.span.text(text)))
            .collect();
        let expected = [
            "Comment /// A.",
            "Attribute severity",
            "Word high",
            "Keyword guardrail",
            "Guardrail* x",
            "Parameter* q",
            "Type AWS::SQS::Queue",
            "Keyword let",
            "Local* wait",
            "Parameter q",
            "Property DelaySeconds",
            "Number 0",
            "Comment // b",
            "Keyword require",
            "Local wait",
            "Constant LEAST",
            "Keyword or",
            "Parameter q",
            "Property QueueName",
            "Method starts_with",
            "Text \"a\"",
            "Keyword else",
            "Text \"{",
            "Parameter q",
            "Property name",
            "Text } waits\"",
            "Keyword const",
            "Constant* LEAST",
            "Number 2",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn words_that_are_names_elsewhere_are_coloured_too() {
        let text = "test \"t\" {\n    expect x fails on a\n}\n\nconst lonely = 1\n";
        let fixture = Fixture::new(text);
        let all = tokens(&fixture.db, fixture.workspace, fixture.file, Span::new(0, text.len()));
        let words = all.iter().filter(|token| token.kind == TokenKind::Keyword);
        let words: Vec<&str> = words.map(|token| token.span.text(text)).collect();
        assert_eq!(words, ["test", "expect", "fails", "on", "const"]);
    }

    #[test]
    fn a_range_has_its_own() {
        let text = "const A = 1\n\nconst B = 2\n";
        let fixture = Fixture::new(text);
        let all = tokens(&fixture.db, fixture.workspace, fixture.file, Span::new(13, 18));
        assert_eq!(all.first().map(|token| token.span.text(text)), Some("const"));
        assert!(all.iter().all(|token| token.span.start >= 13));
    }
}
