//! What a name is: its type, where it comes from, what its author or a schema says of it.

use parapet_builtins::builtin;
use parapet_model::{Property, ResourceType, Schema, Type, language_record};
use parapet_semantic::{
    Db, Definition, DefinitionKind, Item, Signature, SourceFile, Workspace, inferred, modules, schema, signature,
    split_file,
};
use parapet_syntax::ItemKind;

use crate::fields::{Field, Owner};
use crate::names::{Symbol, name_at};
use crate::places::{Place, item_at, place_in, tree};

/// What to show at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Hover {
    pub place: Place,
    /// Markdown.
    pub text: String,
}

/// What the name at an offset is.
pub fn hover(db: &dyn Db, workspace: Workspace, file: SourceFile, offset: u32) -> Option<Hover> {
    let (item, within) = item_at(db, file, offset)?;
    let name = name_at(db, workspace, item, within)?;
    let text = describe(db, workspace, &name.symbol, name.ty.as_ref())?;
    Some(Hover { place: place_in(db, item, name.span), text })
}

/// Markdown about what a name means; `ty` is the type of the value where it stands.
pub(crate) fn describe(db: &dyn Db, workspace: Workspace, symbol: &Symbol<'_>, ty: Option<&Type>) -> Option<String> {
    match symbol {
        Symbol::Local { item, local } => {
            let local = inferred(db, workspace, *item).local(*local)?;
            Some(code(&format!("{}: {}", local.name, ty.unwrap_or(&local.ty))))
        }
        Symbol::Definition(definition) => Some(describe_definition(db, workspace, *definition)),
        Symbol::Module(path) => Some(describe_module(db, workspace, path)),
        Symbol::Type(name) => Some(describe_type(schema(db, workspace), name)),
        Symbol::Field(field) => Some(describe_field(field, ty)),
        Symbol::Builtin(ids) => {
            let parts: Vec<String> = ids.iter().map(|id| describe_builtin(builtin(*id))).collect();
            (!parts.is_empty()).then(|| parts.join("\n\n---\n\n"))
        }
        Symbol::Attribute(name) => attribute_docs(name).map(|docs| format!("{}\n\n{docs}", code(&format!("@{name}")))),
        Symbol::Lint(lint) => Some(format!("**{}** `{}`\n\n{}", lint.code, lint.name, lint.summary.trim())),
        Symbol::Severity(severity) => Some(format!("Severity **{}**", severity.name())),
    }
}

/// A fence of the language.
pub(crate) fn code(text: &str) -> String {
    format!("```parapet\n{text}\n```")
}

fn describe_definition(db: &dyn Db, workspace: Workspace, definition: Definition<'_>) -> String {
    let item = definition.item;
    let mut text = code(&headline(db, workspace, definition));
    let module = item.file(db).module(db);
    if !module.is_empty() {
        text.push_str(&format!("\n\nin `{module}`"));
    }
    if let Some(docs) = tree(db, item).map(|tree| tree.docs.trim()).filter(|docs| !docs.is_empty()) {
        text.push_str(&format!("\n\n{}", as_sections(docs)));
    }
    text
}

/// Headings of a doc comment, smaller than those of an editor.
fn as_sections(docs: &str) -> String {
    let line = |line: &str| match line.strip_prefix("# ") {
        Some(heading) => format!("**{heading}**\n"),
        None => line.to_owned(),
    };
    docs.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The header of a definition, with the types that it has.
pub(crate) fn headline(db: &dyn Db, workspace: Workspace, definition: Definition<'_>) -> String {
    let item = definition.item;
    let name = item.name(db).as_deref().unwrap_or("");
    let public = if definition.public && is_private_by_default(definition.kind) { "pub " } else { "" };
    match &*signature(db, workspace, item) {
        Signature::Guardrail(_) => format!("guardrail {name}({})", guardrail_parameter(db, item)),
        Signature::Function { parameters, result, .. } => {
            let parameters: Vec<String> = parameters.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
            format!("{public}fn {name}({}) -> {result}", parameters.join(", "))
        }
        Signature::Relation { sides, .. } => {
            let sides = sides.as_ref().map_or_else(String::new, |[left, right]| format!("({left}, {right})"));
            format!("{public}relation {name}{sides}")
        }
        Signature::Constant(ty) => format!("{public}const {name}: {ty}{}", value_text(db, item)),
        Signature::Parameter(ty) => format!("param {name}: {ty}{}", value_text(db, item)),
        Signature::None => format!("{} {name}", definition.kind.word()),
    }
}

fn is_private_by_default(kind: DefinitionKind) -> bool {
    match kind {
        DefinitionKind::Function | DefinitionKind::Relation | DefinitionKind::Constant => true,
        DefinitionKind::Guardrail | DefinitionKind::Parameter => false,
    }
}

fn guardrail_parameter<'db>(db: &'db dyn Db, item: Item<'db>) -> String {
    match tree(db, item).map(|tree| &tree.kind) {
        Some(ItemKind::Guardrail { resource, population, .. }) => {
            format!("{}: {}", resource.text, population.span.text(item.text(db)))
        }
        _ => String::new(),
    }
}

/// The value of a constant or the default of a parameter, as its author wrote it, where it is short.
fn value_text<'db>(db: &'db dyn Db, item: Item<'db>) -> String {
    let Some(tree) = tree(db, item) else { return String::new() };
    let value = match &tree.kind {
        ItemKind::Constant { value, .. } => Some(*value),
        ItemKind::Parameter { default, .. } => *default,
        ItemKind::Guardrail { .. }
        | ItemKind::Function { .. }
        | ItemKind::Relation { .. }
        | ItemKind::Schema { .. }
        | ItemKind::Extension { .. }
        | ItemKind::Use { .. }
        | ItemKind::Test { .. }
        | ItemKind::Waiver { .. } => None,
    };
    let text = value.map(|value| tree.span(value).text(item.text(db))).unwrap_or_default();
    if text.is_empty() || text.len() > 400 { String::new() } else { format!(" = {text}") }
}

fn describe_module(db: &dyn Db, workspace: Workspace, path: &str) -> String {
    let mut text = code(&format!("module {path}"));
    if let Some(file) = modules(db, workspace).get(path) {
        let docs = split_file(db, *file).module_docs.trim();
        if !docs.is_empty() {
            text.push_str(&format!("\n\n{docs}"));
        }
    }
    text
}

pub(crate) fn describe_builtin(builtin: &parapet_builtins::Builtin) -> String {
    format!("{}\n\n{}\n\nSince {}", code(&builtin_headline(builtin)), builtin.doc, builtin.since)
}

/// The signature of a built-in: methods with their receiver in front.
pub(crate) fn builtin_headline(builtin: &parapet_builtins::Builtin) -> String {
    let shown = |parameter: &parapet_builtins::Parameter| {
        format!("{}{}: {}", parameter.name, if parameter.optional { "?" } else { "" }, parameter.ty)
    };
    let skipped = usize::from(builtin.method);
    let receiver = match builtin.parameters.first().filter(|_| builtin.method) {
        Some(first) => format!("({}: {}).", first.name, first.ty),
        None => String::new(),
    };
    let rest: Vec<String> = builtin.parameters.iter().skip(skipped).map(shown).collect();
    format!("{receiver}{}({}) -> {}", builtin.name, rest.join(", "), builtin.result)
}

/// What a type is, by its name.
pub(crate) fn describe_type(schema: &Schema, name: &str) -> String {
    if let Some(ty) = schema.resource_type(name) {
        return describe_resource(ty);
    }
    if let Some(record) = language_record(name) {
        let fields: Vec<String> = record.fields.iter().map(|(name, ty)| format!("    {name}: {ty}")).collect();
        return code(&format!("{name} {{\n{}\n}}", fields.join("\n")));
    }
    let docs = type_docs(name);
    if docs.is_empty() { code(name) } else { format!("{}\n\n{docs}", code(name)) }
}

fn describe_resource(ty: &ResourceType) -> String {
    let mut text = code(&ty.name);
    let required: Vec<String> = ty
        .properties
        .values()
        .filter(|property| property.required)
        .map(|property| format!("`{}`", property.name))
        .collect();
    text.push_str(&format!("\n\n{} properties", ty.properties.len()));
    if !required.is_empty() {
        text.push_str(&format!("; required: {}", required.join(", ")));
    }
    if !ty.identifier.is_empty() {
        let names: Vec<String> = ty.identifier.iter().map(|name| format!("`{name}`")).collect();
        text.push_str(&format!("\n\nIdentified by {}", names.join(", ")));
    }
    if let Some(arn) = &ty.arn {
        text.push_str(&format!("\n\n`{arn}`"));
    }
    text
}

/// What the schema says of a field.
pub(crate) fn describe_field(field: &Field, ty: Option<&Type>) -> String {
    let owner = match &field.owner {
        Owner::Resource(name) => name.to_string(),
        Owner::Record { owner, record } => format!("{owner}.{record}"),
        Owner::Header => "Resource".to_owned(),
        Owner::Language(name) => name.clone(),
    };
    let shown = ty.filter(|ty| **ty != Type::Error).unwrap_or(&field.ty);
    let mut parts = vec![code(&format!("{}: {shown}", field.name)), format!("of `{owner}`")];
    if shown != &field.ty {
        parts.push(format!("Declared as `{}`", field.ty));
    }
    parts.extend(values_of(&field.ty));
    parts.extend(field.property.as_ref().map(facts).filter(|facts| !facts.is_empty()));
    parts.join("\n\n")
}

/// All values of an enum: the type shows the first of them.
fn values_of(ty: &Type) -> Option<String> {
    let inner = ty.required();
    match inner.element().unwrap_or(inner) {
        Type::Enum(values) => {
            let listed: Vec<String> = values.values.iter().map(|value| format!("`{value:?}`")).collect();
            let open = if values.open { ", and others" } else { "" };
            Some(format!("Values: {}{open}", listed.join(", ")))
        }
        _ => None,
    }
}

fn facts(property: &Property) -> String {
    let mut facts: Vec<String> = [
        (property.required, "required"),
        (property.read_only, "read-only: templates and plans leave it unknown"),
        (property.write_only, "write-only: inventories leave it unknown"),
        (property.create_only, "a change replaces the resource"),
        (property.deprecated, "deprecated by the schema"),
        (property.config_only, "only in inventories of AWS Config"),
        (property.extended, "added by an `extend`"),
        (property.absence_counts, "an absent collection is no empty one"),
    ]
    .into_iter()
    .filter(|(holds, _)| *holds)
    .map(|(_, fact)| format!("- {fact}"))
    .collect();
    facts.extend(property.default.as_ref().map(|default| format!("- default `{default}`")));
    facts.join("\n")
}

/// What a type of the language holds.
pub(crate) fn type_docs(name: &str) -> &'static str {
    match name {
        "Bool" => "`true` or `false`",
        "Int" => "A whole number of 64 bits",
        "Float" => "A number with a fraction",
        "String" => "Text",
        "Time" => "An instant, such as `2026-01-31T12:00:00Z`",
        "Duration" => "A length of time, such as `90d`",
        "Ip" => "An address, such as `10.0.0.1`",
        "Cidr" => "A block of addresses, such as `10.0.0.0/8`",
        "Arn" => "The ARN of a resource, with its parts as fields",
        "AccountId" => "The number of an account",
        "Policy" => "An IAM policy document, with its statements",
        "Json" => "A document without a type; `as` reads it as one",
        "Resource" => "A resource of any type: it has the header that all have",
        "Account" => "An account of the organisation",
        "List" => "Values in order: `List<Int>`",
        "Set" => "Values without order: `Set<String>`",
        "Map" => "Values by keys that are text: `Map<String>`",
        "Ref" => "Text that names a resource: `Ref<AWS::EC2::Subnet>`",
        _ => "",
    }
}

/// What an attribute is for.
pub(crate) fn attribute_docs(name: &str) -> Option<&'static str> {
    Some(match name {
        "severity" => "How bad a finding is: `info`, `low`, `medium`, `high` or `critical`",
        "control" => "The controls of frameworks that the guardrail answers: `@control(fsbp: \"RDS.2\")`",
        "mandatory" => "Other packages cannot waive the guardrail",
        "fail_closed" => "An `unknown` verdict counts as a failure for the exit status",
        "deprecated" => "Says what to use instead: `@deprecated(\"use `other`\")`",
        "allow" => "Leaves out a lint of this item: `@allow(absence_passes)`",
        "tags" => "Words to find the guardrail by",
        "since" => "The version of the package that brought it",
        "aliases" => "Former names",
        "effective" => "Before that date a failure is reported and does not count for the exit status",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn shown(text: &str) -> String {
        let fixture = Fixture::new(text);
        hover(&fixture.db, fixture.workspace, fixture.file, fixture.offset).map(|hover| hover.text).unwrap_or_default()
    }

    #[test]
    fn a_property_shows_what_the_schema_says() {
        let text = shown("guardrail x(db: AWS::RDS::DBInstance) {\n    require db.Publicly$0Accessible ?? false\n}\n");
        assert!(text.contains("PubliclyAccessible: Bool?") && text.contains("of `AWS::RDS::DBInstance`"), "{text}");
        let text = shown("guardrail x(p: AWS::Cognito::UserPool) {\n    require p.$0MfaConfiguration == \"ON\"\n}\n");
        assert!(text.contains("Values: `\"OFF\"`, `\"ON\"`, `\"OPTIONAL\"`"), "{text}");
    }

    #[test]
    fn a_value_shows_the_type_that_it_has_there() {
        let narrowed = "guardrail x(q: AWS::SQS::Queue) {\n    require q.QueueName is present\n    require q.Queue$0Name != \"\"\n}\n";
        assert!(shown(narrowed).starts_with("```parapet\nQueueName: String\n```"), "{}", shown(narrowed));
        let local =
            "guardrail x(q: AWS::SQS::Queue) {\n    let wait = q.DelaySeconds ?? 0\n    require wa$0it > 1\n}\n";
        assert_eq!(shown(local), "```parapet\nwait: Int\n```");
    }

    #[test]
    fn definitions_show_header_and_docs() {
        let text = shown(
            "/// The least.\nconst LEAST = 2\n\nguardrail x(q: AWS::SQS::Queue) {\n    require (q.DelaySeconds ?? 0) > LE$0AST\n}\n",
        );
        assert_eq!(text, "```parapet\nconst LEAST: Int = 2\n```\n\nin `main`\n\nThe least.");
        let text = shown(
            "/// Enough.\npub fn enough(n: Int) -> Bool = n > 1\n\nguardrail x(q: AWS::SQS::Queue) {\n    require en$0ough(1)\n}\n",
        );
        assert!(text.starts_with("```parapet\npub fn enough(n: Int) -> Bool\n```"), "{text}");
    }

    #[test]
    fn builtins_types_attributes_and_lints() {
        let text = shown("guardrail x(q: AWS::SQS::Queue) {\n    require q.name.starts$0_with(\"a\")\n}\n");
        assert!(text.starts_with("```parapet\n(text: String).starts_with(prefix: String) -> Bool\n```"), "{text}");
        assert_eq!(text.matches("```parapet").count(), 1, "the overload that is meant");
        let text = shown("guardrail x(q: AWS::SQS::Que$0ue) {\n    require true\n}\n");
        assert!(text.contains("properties") && text.contains("Identified by `QueueUrl`"), "{text}");
        let text = shown("@sev$0erity(high)\nguardrail x(q: AWS::SQS::Queue) {\n    require true\n}\n");
        assert!(text.contains("How bad a finding is"), "{text}");
        let text = shown("@allow(missing$0_fix)\nguardrail x(q: AWS::SQS::Queue) {\n    require true\n}\n");
        assert!(text.contains("`missing_fix`"), "{text}");
    }

    #[test]
    fn modules_show_their_docs() {
        let fixture = Fixture::of(&[
            ("acme::shared", "//! What all share.\n\npub const ONE = 1\n"),
            ("acme::main", "use acme::sha$0red::ONE\n"),
        ]);
        let hover = hover(&fixture.db, fixture.workspace, fixture.file, fixture.offset).unwrap();
        assert_eq!(hover.text, "```parapet\nmodule acme::shared\n```\n\nWhat all share.");
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        assert_eq!(shown("$0"), "");
        assert_eq!(shown("guardrail x(q: AWS::SQS::Queue) {\n    require q.Nothing$0Like\n}\n"), "");
        assert_eq!(shown("const A = $0\n"), "");
    }
}
