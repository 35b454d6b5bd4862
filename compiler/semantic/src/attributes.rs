//! What the attributes and doc comments of an item say.

use parapet_base::{Diagnostic, codes};
use parapet_model::Severity;
use parapet_syntax::{Attribute, ExprId, ExprKind, ItemKind, Tree};

use crate::typed::About;

const NAMES: [&str; 10] =
    ["severity", "control", "mandatory", "fail_closed", "deprecated", "allow", "tags", "since", "aliases", "effective"];

/// Reads a guardrail's attributes and docs; complains about attributes of any item.
pub(crate) fn about(tree: &Tree, name: &str, errors: &mut Vec<Diagnostic>) -> About {
    let (title, rationale, fix) = sections(&tree.docs);
    let mut about = About {
        title: if title.is_empty() { name.replace('_', " ") } else { title },
        rationale,
        fix,
        severity: Severity::Medium,
        controls: Vec::new(),
        mandatory: false,
        fail_closed: false,
        deprecated: deprecated(tree),
        since: None,
        tags: Vec::new(),
        aliases: Vec::new(),
        effective: None,
    };
    for attribute in &tree.attributes {
        if let Err(error) = read(tree, attribute, &mut about) {
            errors.push(*error);
        }
    }
    repeated(tree, errors);
    about
}

/// Title, rationale and the section `# Fix` of a doc comment.
fn sections(docs: &str) -> (String, String, String) {
    let (text, fix) = match docs.split_once("# Fix") {
        Some((text, fix)) => (text, fix.split("\n# ").next().unwrap_or(fix)),
        None => (docs, ""),
    };
    let (title, rationale) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
    (title.trim().trim_end_matches('.').to_owned(), rationale.trim().to_owned(), fix.trim().to_owned())
}

/// The words of `@deprecated("…")`.
pub(crate) fn deprecated(tree: &Tree) -> Option<String> {
    let attribute = tree.attribute("deprecated")?;
    let (_, value) = attribute.arguments.first()?;
    text(tree, *value)
}

fn text(tree: &Tree, value: ExprId) -> Option<String> {
    match &tree.expr(value).kind {
        ExprKind::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn word(tree: &Tree, value: ExprId) -> Option<&str> {
    match &tree.expr(value).kind {
        ExprKind::Path(path) => path.single().map(|name| name.text.as_str()),
        _ => None,
    }
}

type Outcome = Result<(), Box<Diagnostic>>;

fn wrong(attribute: &Attribute, wanted: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(
        &codes::BAD_ATTRIBUTE,
        attribute.span,
        format!("`@{}` takes {wanted}", attribute.name.text),
    ))
}

fn read(tree: &Tree, attribute: &Attribute, about: &mut About) -> Outcome {
    let guardrail = matches!(tree.kind, ItemKind::Guardrail { .. });
    let name = attribute.name.text.as_str();
    if !NAMES.contains(&name) {
        return Err(Box::new(unknown(attribute)));
    }
    if !guardrail && !matches!(name, "allow" | "deprecated" | "since") {
        let message = format!("`@{name}` stands on guardrails only");
        return Err(Box::new(Diagnostic::new(&codes::BAD_ATTRIBUTE, attribute.span, message)));
    }
    let only = match attribute.arguments.as_slice() {
        [(None, only)] => Some(*only),
        _ => None,
    };
    match name {
        "severity" => {
            let level = only.and_then(|value| word(tree, value)).and_then(Severity::named);
            about.severity =
                level.ok_or_else(|| wrong(attribute, "one of `info`, `low`, `medium`, `high`, `critical`"))?;
        }
        "control" => return controls(tree, attribute, about),
        "mandatory" => about.mandatory = flag(attribute)?,
        "fail_closed" => about.fail_closed = flag(attribute)?,
        "deprecated" => {
            only.and_then(|value| text(tree, value))
                .ok_or_else(|| wrong(attribute, "a string that says what to use"))?;
        }
        "since" => {
            let version = only.and_then(|value| text(tree, value));
            about.since = Some(version.ok_or_else(|| wrong(attribute, "a version in quotes"))?);
        }
        "allow" => {
            let named = |word: &str| parapet_base::code_named(word).filter(|code| code.name == word);
            let lints = attribute.arguments.iter().map(|(_, value)| word(tree, *value).and_then(named));
            if attribute.arguments.is_empty() || lints.into_iter().any(|lint| lint.is_none()) {
                return Err(wrong(attribute, "names of lints, such as `absence_passes`"));
            }
        }
        "tags" => about.tags = texts(tree, attribute)?,
        "aliases" => about.aliases = texts(tree, attribute)?,
        _ => match only.map(|value| &tree.expr(value).kind) {
            Some(ExprKind::Time(time)) => about.effective = Some(*time),
            _ => return Err(wrong(attribute, "a date, such as `2027-04-01`")),
        },
    }
    Ok(())
}

fn unknown(attribute: &Attribute) -> Diagnostic {
    let name = &attribute.name;
    let diagnostic =
        Diagnostic::new(&codes::BAD_ATTRIBUTE, name.span, format!("there is no attribute `@{}`", name.text));
    match parapet_base::nearest(&name.text, NAMES) {
        Some(near) => diagnostic.suggest(name.span, near, format!("did you mean `@{near}`?")),
        None => diagnostic,
    }
}

fn flag(attribute: &Attribute) -> Result<bool, Box<Diagnostic>> {
    match attribute.arguments.is_empty() {
        true => Ok(true),
        false => Err(wrong(attribute, "no arguments")),
    }
}

fn texts(tree: &Tree, attribute: &Attribute) -> Result<Vec<String>, Box<Diagnostic>> {
    let texts: Option<Vec<String>> = attribute.arguments.iter().map(|(_, value)| text(tree, *value)).collect();
    texts.filter(|texts| !texts.is_empty()).ok_or_else(|| wrong(attribute, "strings"))
}

fn controls(tree: &Tree, attribute: &Attribute, about: &mut About) -> Outcome {
    let form = "frameworks with their ids, such as `fsbp: \"RDS.2\"` or `fsbp: [\"RDS.2\", \"RDS.46\"]`";
    if attribute.arguments.is_empty() {
        return Err(wrong(attribute, form));
    }
    for (framework, value) in &attribute.arguments {
        let framework = framework.as_ref().ok_or_else(|| wrong(attribute, form))?;
        let ids = match &tree.expr(*value).kind {
            ExprKind::List(elements) => {
                elements.iter().map(|element| text(tree, *element)).collect::<Option<Vec<String>>>()
            }
            _ => text(tree, *value).map(|id| vec![id]),
        };
        let ids = ids.ok_or_else(|| wrong(attribute, form))?;
        let at = match about.controls.iter().position(|(known, _)| *known == framework.text) {
            Some(at) => at,
            None => {
                about.controls.push((framework.text.clone(), Vec::new()));
                about.controls.len() - 1
            }
        };
        let Some((_, known)) = about.controls.get_mut(at) else { continue };
        for id in ids {
            if known.contains(&id) {
                let message = format!("the control `{}: {id:?}` is mapped twice", framework.text);
                return Err(Box::new(Diagnostic::new(&codes::DUPLICATE_CONTROL, tree.span(*value), message)));
            }
            known.push(id);
        }
    }
    Ok(())
}

/// Attributes that may stand once stand once.
fn repeated(tree: &Tree, errors: &mut Vec<Diagnostic>) {
    for (at, attribute) in tree.attributes.iter().enumerate() {
        let name = &attribute.name.text;
        let first = tree.attributes.iter().take(at).find(|other| other.name.text == *name);
        if let Some(first) = first.filter(|_| !matches!(name.as_str(), "control" | "allow" | "tags" | "aliases")) {
            let diagnostic = Diagnostic::new(&codes::BAD_ATTRIBUTE, attribute.span, format!("`@{name}` stands twice"));
            errors.push(diagnostic.label(first.span, "first here"));
        }
    }
}
