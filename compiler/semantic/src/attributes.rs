//! What the attributes and doc comments of an item say.

use parapet_base::{Diagnostic, Span, codes};
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
        match read(tree, attribute, &mut about) {
            Ok(()) if attribute.name.text == "allow" => errors.extend(unknown_lints(tree, attribute)),
            Ok(()) => {}
            Err(error) => errors.push(*error),
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
            about.severity = level.ok_or_else(|| {
                let error = *wrong(attribute, "one of `info`, `low`, `medium`, `high`, `critical`");
                Box::new(meant_severity(tree, only, error))
            })?;
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
            let named = |(key, value): &(Option<_>, ExprId)| key.is_none() && word(tree, *value).is_some();
            if attribute.arguments.is_empty() || !attribute.arguments.iter().all(named) {
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

/// Offers the level that is nearest to a word.
fn meant_severity(tree: &Tree, value: Option<ExprId>, error: Diagnostic) -> Diagnostic {
    let written = value.and_then(|value| {
        Some((tree.span(value), word(tree, value).map(str::to_owned).or_else(|| text(tree, value))?))
    });
    let levels = ["info", "low", "medium", "high", "critical"];
    match written.and_then(|(span, word)| Some((span, parapet_base::nearest(&word.to_lowercase(), levels)?))) {
        Some((span, near)) => error.suggest(span, near, format!("did you mean `{near}`?")),
        None => error,
    }
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

/// Names in an `@allow` that are no lints, or none that may be allowed.
fn unknown_lints(tree: &Tree, attribute: &Attribute) -> Vec<Diagnostic> {
    let names = attribute.arguments.iter().filter_map(|(_, value)| Some((tree.span(*value), word(tree, *value)?)));
    names.filter_map(|(span, name)| unknown_lint(span, name)).collect()
}

fn unknown_lint(span: Span, name: &str) -> Option<Diagnostic> {
    let wrong = |message: String| Diagnostic::new(&codes::BAD_ATTRIBUTE, span, message);
    let lints = || codes::ALL.iter().filter(|code| code.may_be_allowed()).map(|code| code.name);
    match parapet_base::code_named(name) {
        Some(code) if !code.may_be_allowed() => Some(
            wrong(format!("`{name}` is an error, which nothing allows"))
                .note("lints can be allowed, and `absence_passes`"),
        ),
        Some(code) if code.name == name => None,
        Some(code) => {
            let diagnostic = wrong(format!("`@allow` takes the names of lints, and `{name}` is `{}`", code.name));
            Some(diagnostic.fix(span, code.name, format!("call it `{}`", code.name)))
        }
        None => {
            let diagnostic = wrong(format!("there is no lint `{name}`"));
            Some(match parapet_base::nearest(name, lints()) {
                Some(near) => diagnostic.suggest(span, near, format!("did you mean `{near}`?")),
                None => diagnostic,
            })
        }
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
