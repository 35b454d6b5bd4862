//! The call around a cursor: what it takes, and which of that comes next.
//!
//! The text before the cursor says which bracket is open and what stands before it, so that a call that is not written to
//! its end has an answer, too.

use parapet_base::Span;
use parapet_builtins::{Builtin, named};
use parapet_model::Type;
use parapet_semantic::{Db, Item, Signature, SourceFile, Workspace, infer, resolve, signature};
use parapet_syntax::{ExprKind, Ident, ItemText, Path, parse};

use crate::completion::MARK;
use crate::fields::methods;
use crate::hover::{builtin_headline, headline};
use crate::lexical::{Look, pieces};
use crate::places::{item_at, tree};

/// One way to call something.
#[derive(Clone, Debug, PartialEq)]
pub struct Callable {
    /// `(text: String).starts_with(prefix: String) -> Bool`.
    pub label: String,
    /// Markdown.
    pub docs: String,
    /// Where the parameters stand in the label.
    pub parameters: Vec<Span>,
}

/// A call: the ways there are, and where in it the cursor is.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub ways: Vec<Callable>,
    /// The parameter that the cursor is at.
    pub parameter: usize,
}

/// The call around an offset.
pub fn call(db: &dyn Db, workspace: Workspace, file: SourceFile, offset: u32) -> Option<Call> {
    let (item, within) = item_at(db, file, offset)?;
    let before = item.text(db).get(..within as usize)?;
    let open = open_call(before)?;
    let ways = if open.method {
        method_ways(db, workspace, item, within, &open)
    } else {
        function_ways(db, workspace, file, &open)
    };
    let first = ways.first()?;
    let named = open.named.as_ref().and_then(|name| {
        let is_it = |span: &Span| span.text(&first.label).split([':', '?']).next() == Some(name.as_str());
        first.parameters.iter().position(is_it)
    });
    Some(Call { parameter: named.unwrap_or(open.commas), ways })
}

/// A call that is open at the end of a text.
struct Open {
    /// The words of its path.
    callee: Vec<String>,
    method: bool,
    commas: usize,
    /// The name before the argument.
    named: Option<String>,
}

fn open_call(before: &str) -> Option<Open> {
    let pieces = pieces(before);
    // For each open bracket: its place among the pieces, and the last comma in it.
    let mut stack: Vec<(usize, usize, usize)> = Vec::new();
    for (at, (span, look)) in pieces.iter().enumerate() {
        match look {
            Look::Open => stack.push((at, 0, at)),
            Look::Close => _ = stack.pop(),
            Look::Comma => {
                if let Some((_, commas, last)) = stack.last_mut() {
                    (*commas, *last) = (*commas + 1, at);
                }
            }
            // A message's hole opens and closes with its text.
            Look::Text if span.text(before).ends_with('{') => stack.push((at, 0, at)),
            Look::Text if span.text(before).starts_with('}') => _ = stack.pop(),
            Look::Text | Look::Comment | Look::Docs | Look::Number | Look::Word | Look::Dot => {}
        }
    }
    let in_comment = pieces
        .last()
        .is_some_and(|(span, look)| matches!(look, Look::Comment | Look::Docs) && span.end as usize == before.len());
    if in_comment {
        return None;
    }
    let calls = stack.into_iter().rev().map_while(|(at, commas, last)| {
        let (span, look) = pieces.get(at)?;
        (*look == Look::Open && span.text(before) != "{").then_some((at, commas, last))
    });
    for (at, commas, last) in calls {
        let (paren, _) = pieces.get(at)?;
        let (name, look) = pieces.get(at.checked_sub(1)?)?;
        if paren.text(before) != "(" || *look != Look::Word || name.end != paren.start {
            continue;
        }
        let callee = path_before(before, paren.start as usize);
        let method = before.get(..name.start as usize).is_some_and(|before| before.trim_end().ends_with('.'));
        let named = match pieces.get(last + 1) {
            Some((span, Look::Word))
                if before
                    .get(span.end as usize..)
                    .is_some_and(|rest| rest.trim_start().starts_with(':') && !rest.starts_with("::")) =>
            {
                Some(span.text(before).to_owned())
            }
            _ => None,
        };
        return Some(Open { callee, method, commas, named });
    }
    None
}

/// `aws::network::opens` before a bracket.
fn path_before(text: &str, end: usize) -> Vec<String> {
    let before = text.get(..end).unwrap_or_default();
    let start = before.rfind(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == ':'));
    let start =
        start.map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    before.get(start..).unwrap_or_default().split("::").map(str::to_owned).collect()
}

fn function_ways(db: &dyn Db, workspace: Workspace, file: SourceFile, open: &Open) -> Vec<Callable> {
    let segments = open.callee.iter().map(|text| Ident { text: text.clone(), span: Span::default() }).collect();
    let path = Path { segments, span: Span::default() };
    let Ok(definition) = resolve(db, workspace, file, &path) else {
        let [name] = open.callee.as_slice() else { return Vec::new() };
        return named(name, false).map(of_builtin).collect();
    };
    let signature = signature(db, workspace, definition.item);
    let Signature::Function { parameters, .. } = &*signature else { return Vec::new() };
    let label = headline(db, workspace, definition);
    let docs = tree(db, definition.item).map(|tree| tree.docs.trim().to_owned()).unwrap_or_default();
    let shown = parameters.iter().map(|(name, ty)| format!("{name}: {ty}")).collect::<Vec<_>>();
    vec![Callable { parameters: places(&label, &shown), label, docs }]
}

/// The overloads of a method that the receiver has; all of them, where nobody knows the receiver.
fn method_ways<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>, within: u32, open: &Open) -> Vec<Callable> {
    let Some(name) = open.callee.last() else { return Vec::new() };
    let all: Vec<&'static Builtin> = named(name, true).collect();
    let receiver = receiver(db, workspace, item, within, name);
    let own: Vec<&'static Builtin> = match &receiver {
        Some(ty) => methods(ty).into_iter().filter(|builtin| builtin.name == name).collect(),
        None => Vec::new(),
    };
    if own.is_empty() { all } else { own }.into_iter().map(of_builtin).collect()
}

fn receiver<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>, within: u32, name: &str) -> Option<Type> {
    let text = item.text(db);
    let (before, after) = (text.get(..within as usize)?, text.get(within as usize..)?);
    [")", "", "))", ": true)", "\")"].into_iter().find_map(|ending| {
        let text = format!("{before}{MARK}{ending}{after}");
        let read = parse(&ItemText {
            offset: 0,
            text: text.into(),
            keyword: item.keyword(db),
            name: item.name(db).clone(),
            public: item.public(db),
        });
        let tree = read.tree?;
        let inferred = infer(db, workspace, item, &tree);
        tree.exprs.iter().find_map(|expr| match &expr.kind {
            ExprKind::Method { base, name: method, .. }
                if method.text == name && expr.span.start <= within && within <= expr.span.end =>
            {
                inferred.types.get(base).cloned()
            }
            _ => None,
        })
    })
}

fn of_builtin(builtin: &'static Builtin) -> Callable {
    let label = builtin_headline(builtin);
    let skipped = usize::from(builtin.method);
    let shown: Vec<String> = builtin
        .parameters
        .iter()
        .skip(skipped)
        .map(|parameter| format!("{}{}: {}", parameter.name, if parameter.optional { "?" } else { "" }, parameter.ty))
        .collect();
    Callable { parameters: places(&label, &shown), label, docs: builtin.doc.to_owned() }
}

/// Where the parameters stand in a label, behind the bracket of the call.
fn places(label: &str, parameters: &[String]) -> Vec<Span> {
    let call = label.rfind(" -> ").and_then(|end| label.get(..end)).unwrap_or(label);
    let wanted = format!("({})", parameters.join(", "));
    let mut at = call.rfind(&wanted).map_or(0, |at| at + 1);
    parameters
        .iter()
        .map(|parameter| {
            let span = Span::new(at, at + parameter.len());
            at += parameter.len() + ", ".len();
            span
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    /// The labels, with the parameter of the cursor.
    fn shown(clause: &str) -> Vec<(String, String)> {
        let text = format!(
            "fn near(left: Int, right: Int) -> Bool = left == right\n\nguardrail x(q: AWS::SQS::Queue) {{\n    require {clause}\n}}\n"
        );
        let fixture = Fixture::new(&text);
        let call = call(&fixture.db, fixture.workspace, fixture.file, fixture.offset);
        let Some(call) = call else { return Vec::new() };
        let way = |way: Callable| {
            let parameter = way.parameters.get(call.parameter).map(|span| span.text(&way.label).to_owned());
            (way.label, parameter.unwrap_or_default())
        };
        call.ways.into_iter().map(way).collect()
    }

    fn parameter(clause: &str) -> String {
        shown(clause).into_iter().next().map(|(_, parameter)| parameter).unwrap_or_default()
    }

    #[test]
    fn functions_and_their_parameters() {
        assert_eq!(shown("near($0)"), [("fn near(left: Int, right: Int) -> Bool".to_owned(), "left: Int".to_owned())]);
        assert_eq!(parameter("near(1, $0"), "right: Int");
        assert_eq!(parameter("near(min([1, 2]), $0"), "right: Int");
        assert_eq!(parameter("near(right: $0"), "right: Int");
        assert_eq!(parameter("near(1, left: 2$0)"), "left: Int");
    }

    #[test]
    fn methods_of_the_type_of_what_stands_before() {
        let ways = shown("q.name.contains($0)");
        assert_eq!(ways[0], ("(text: String).contains(part: String) -> Bool".to_owned(), "part: String".to_owned()));
        assert_eq!(ways.len(), 1, "{ways:?}");
        assert_eq!(shown("q.tags.contains(\"a$0").len(), 1);
    }

    #[test]
    fn no_call_no_answer() {
        for clause in ["$0", "(1 + $0)", "q.name$0", "near(1, 2)$0", "near(1, 2) // near($0", "nothing($0"] {
            assert_eq!(shown(clause), [], "{clause}");
        }
        assert_eq!(parameter("near(1, 2) and near(3, [4$0"), "right: Int");
    }
}
