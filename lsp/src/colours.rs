//! Tokens as numbers: each says how far it is from the one before, and what it is by its place in a legend.

use parapet_ide::{Token, TokenKind};

use crate::proto;
use crate::world::Snapshot;

/// The kinds of the legend, in the order of [`number`].
fn kinds() -> Vec<proto::SemanticTokenType> {
    vec![
        proto::SemanticTokenType::COMMENT,
        proto::SemanticTokenType::STRING,
        proto::SemanticTokenType::NUMBER,
        proto::SemanticTokenType::KEYWORD,
        proto::SemanticTokenType::NAMESPACE,
        proto::SemanticTokenType::TYPE,
        proto::SemanticTokenType::FUNCTION,
        proto::SemanticTokenType::METHOD,
        proto::SemanticTokenType::PROPERTY,
        proto::SemanticTokenType::VARIABLE,
        proto::SemanticTokenType::PARAMETER,
        proto::SemanticTokenType::DECORATOR,
        proto::SemanticTokenType::ENUM_MEMBER,
        proto::SemanticTokenType::OPERATOR,
    ]
}

/// What an editor must know to read the numbers.
pub(crate) fn legend() -> proto::SemanticTokensLegend {
    proto::SemanticTokensLegend {
        token_types: kinds(),
        token_modifiers: vec![
            proto::SemanticTokenModifier::DECLARATION,
            proto::SemanticTokenModifier::DEFAULT_LIBRARY,
            proto::SemanticTokenModifier::READONLY,
            proto::SemanticTokenModifier::DOCUMENTATION,
        ],
    }
}

fn number(kind: TokenKind) -> u32 {
    match kind {
        TokenKind::Comment => 0,
        TokenKind::Text => 1,
        TokenKind::Number => 2,
        TokenKind::Keyword => 3,
        TokenKind::Namespace => 4,
        TokenKind::Type => 5,
        TokenKind::Guardrail | TokenKind::Function => 6,
        TokenKind::Method => 7,
        TokenKind::Property => 8,
        TokenKind::Constant | TokenKind::Setting | TokenKind::Local => 9,
        TokenKind::Parameter => 10,
        TokenKind::Attribute => 11,
        TokenKind::Word => 12,
        TokenKind::Relation => 13,
    }
}

fn modifiers(token: &Token) -> u32 {
    let readonly = matches!(token.kind, TokenKind::Constant | TokenKind::Setting);
    [token.declares, token.built_in, readonly, token.documentation]
        .into_iter()
        .enumerate()
        .filter(|(_, holds)| *holds)
        .map(|(at, _)| 1 << at)
        .sum()
}

/// The tokens of a file, or of a range of it.
pub(crate) fn tokens(snapshot: &Snapshot, range: Option<proto::Range>) -> proto::SemanticTokens {
    let whole = parapet_ide::Span::new(0, snapshot.file.text(&snapshot.db).len());
    let wanted = range.map_or(whole, |range| snapshot.span(range));
    let mut data = Vec::new();
    let mut before = proto::Position::default();
    for token in parapet_ide::tokens(&snapshot.db, snapshot.workspace, snapshot.file, wanted) {
        let range = snapshot.range(token.span);
        let delta_line = range.start.line.saturating_sub(before.line);
        let from = if delta_line == 0 { before.character } else { 0 };
        data.push(proto::SemanticToken {
            delta_line,
            delta_start: range.start.character.saturating_sub(from),
            length: range.end.character.saturating_sub(range.start.character),
            token_type: number(token.kind),
            token_modifiers_bitset: modifiers(&token),
        });
        before = range.start;
    }
    proto::SemanticTokens { result_id: None, data }
}
