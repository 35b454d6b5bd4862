//! Packs the facts about resource types into the compact form that the model crate embeds.
//!
//! The overlay is applied here, so that the product sees one schema. Layout of the pack, every block
//! deflated and led by its length as four little-endian bytes: the index (`chunk:row name` a line, sorted by
//! name), the header (reference targets as JSON in its first line, then an enum a line), then chunks of about sixty types,
//! one JSON object a line. The types that the standard library names stand together: whoever runs it opens few chunks.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use flate2::{Compression, write::DeflateEncoder};
use serde_json::{Map, Value, json};

/// The pack's path from the workspace's root.
pub(crate) const PACK: &str = "compiler/model/data/schema.pack";

const TYPES_A_CHUNK: usize = 60;

type Types = BTreeMap<String, Map<String, Value>>;

/// The bytes of the pack, from the facts in `facts` and the rules in `library`.
pub(crate) fn pack(facts: &Path, library: &Path) -> Result<Vec<u8>> {
    let text = std::fs::read_to_string(facts.join("cfn_types.ndjson"))?;
    let mut lines = text.lines();
    let mut header: Value = serde_json::from_str(lines.next().context("the facts are empty")?)?;
    let mut types = Types::new();
    for line in lines {
        let Value::Object(object) = serde_json::from_str(line)? else { continue };
        let name = object.get("t").and_then(Value::as_str).context("a type without a name")?.to_owned();
        types.insert(name, object);
    }
    let overlay: Value = serde_json::from_str(&std::fs::read_to_string(facts.join("type_overlay.json"))?)?;
    apply(&overlay, &mut types, &mut header)?;
    let mut named = BTreeSet::new();
    name_types(library, &mut named)?;
    write_pack(&types, &named, &header)
}

/// The names of types that the files of a folder have.
fn name_types(folder: &Path, named: &mut BTreeSet<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            name_types(&path, named)?;
        } else {
            let text = std::fs::read_to_string(&path)?;
            let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == ':'));
            named.extend(words.filter(|word| word.starts_with("AWS::")).map(str::to_owned));
        }
    }
    Ok(())
}

fn write_pack(types: &Types, named: &BTreeSet<String>, header: &Value) -> Result<Vec<u8>> {
    let (first, others): (Vec<_>, Vec<_>) = types.iter().partition(|(name, _)| named.contains(*name));
    let mut places: BTreeMap<&String, (usize, usize)> = BTreeMap::new();
    let mut chunks: Vec<String> = Vec::new();
    for (at, (name, object)) in first.into_iter().chain(others).enumerate() {
        let row = at % TYPES_A_CHUNK;
        places.insert(name, (at / TYPES_A_CHUNK, row));
        if row == 0 {
            chunks.push(String::new());
        }
        let line = serde_json::to_string(object)?;
        chunks.last_mut().context("no chunk")?.push_str(&format!("{line}\n"));
    }
    let index: String = places.iter().map(|(name, (chunk, row))| format!("{chunk}:{row} {name}\n")).collect();
    let mut pack = Vec::new();
    let header = header_lines(header)?;
    for block in [&index, &header].into_iter().chain(&chunks) {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(block.as_bytes())?;
        let bytes = encoder.finish()?;
        pack.extend_from_slice(&u32::try_from(bytes.len())?.to_le_bytes());
        pack.extend_from_slice(&bytes);
    }
    Ok(pack)
}

/// The reference targets, and each enum in a line of its own.
fn header_lines(header: &Value) -> Result<String> {
    let list = |name: &str| header.get(name).and_then(Value::as_array).context("a header without its tables");
    let mut lines = serde_json::to_string(list("refs")?)? + "\n";
    for values in list("enums")? {
        lines.push_str(&format!("{}\n", serde_json::to_string(values)?));
    }
    Ok(lines)
}

fn members<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(name).and_then(Value::as_object).into_iter().flatten()
}

fn apply(overlay: &Value, types: &mut Types, header: &mut Value) -> Result<()> {
    for (name, properties) in members(overlay, "own_types") {
        let own = json!({"t": name, "id": [], "p": properties});
        types.insert(name.clone(), own.as_object().cloned().unwrap_or_default());
    }
    for (name, properties) in members(overlay, "config_only_properties") {
        for (path, term) in properties.as_object().into_iter().flatten() {
            let term = with_reference(term.as_str().unwrap_or("s"), header)?;
            add_config_only(types.get_mut(name).with_context(|| format!("no type {name}"))?, path, &term)?;
        }
    }
    for (path, target) in members(overlay, "references") {
        let index = reference(target.as_str().unwrap_or_default(), header)?;
        change(types, path, |term| refer(term, index))?;
    }
    for (path, wanted) in members(overlay, "types") {
        let wanted = wanted.as_str().unwrap_or_default().split(' ').next().unwrap_or_default();
        change(types, path, |term| retype(term, wanted))?;
    }
    for (path, _) in members(overlay, "never_shown") {
        change(types, path, |term| flag(term, '-'))?;
    }
    for (path, _) in members(overlay, "absence_is_not_empty") {
        change(types, path, |term| flag(term, 'a'))?;
    }
    let globals = overlay.get("global_types").and_then(Value::as_array).into_iter().flatten();
    for pattern in globals.filter_map(Value::as_str) {
        let wanted = |name: &str| pattern.strip_suffix('*').map_or(name == pattern, |stem| name.starts_with(stem));
        for (_, object) in types.iter_mut().filter(|(name, _)| wanted(name)) {
            object.insert("g".into(), json!(1));
        }
    }
    Ok(())
}

/// The index of a reference target in the header's table, added if it is new.
fn reference(target: &str, header: &mut Value) -> Result<usize> {
    let refs = header.get_mut("refs").and_then(Value::as_array_mut).context("the header has no refs")?;
    if let Some(at) = refs.iter().position(|known| known.as_str() == Some(target)) {
        return Ok(at);
    }
    refs.push(json!(target));
    Ok(refs.len() - 1)
}

/// `s>AWS::EC2::Instance.InstanceId` names its target; the pack numbers it.
fn with_reference(term: &str, header: &mut Value) -> Result<String> {
    match term.split_once(">AWS::") {
        Some((base, target)) => Ok(format!("{base}>{}", reference(&format!("AWS::{target}"), header)?)),
        None => Ok(term.to_owned()),
    }
}

/// Changes the term at `TYPE.Property.Field`.
fn change(types: &mut Types, path: &str, edit: impl Fn(&str) -> String) -> Result<()> {
    let (name, path) = path.split_once('.').with_context(|| format!("{path} names no property"))?;
    let object = types.get_mut(name).with_context(|| format!("no type {name}"))?;
    let mut record = None::<String>;
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        let fields = match &record {
            None => object.get_mut("p"),
            Some(record) => object.get_mut("d").and_then(|records| records.get_mut(record)),
        };
        let term = fields.and_then(|fields| fields.get_mut(step)).with_context(|| format!("{name} has no {path}"))?;
        let text = term.as_str().context("a term is text")?.to_owned();
        if steps.peek().is_none() {
            *term = json!(edit(&text));
            return Ok(());
        }
        let after = text.split_once('#').with_context(|| format!("{name}.{step} is no record"))?.1;
        record = Some(after.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect());
    }
    Err(anyhow!("{path} is empty"))
}

fn add_config_only(object: &mut Map<String, Value>, path: &str, term: &str) -> Result<()> {
    let (property, field) = path.split_once('.').map_or((path, None), |(property, field)| (property, Some(field)));
    if let Some(field) = field {
        let records = object.entry("d").or_insert_with(|| json!({})).as_object_mut().context("records")?;
        let fields = records.entry(property).or_insert_with(|| json!({})).as_object_mut().context("fields")?;
        fields.insert(field.into(), json!(flag(term, 'c')));
    }
    let term = if field.is_some() { format!("#{property}") } else { term.to_owned() };
    let properties = object.get_mut("p").and_then(Value::as_object_mut).context("properties")?;
    properties.entry(property).or_insert_with(|| json!(flag(&term, 'c')));
    Ok(())
}

fn split(term: &str) -> (&str, &str) {
    term.split_once(' ').unwrap_or((term, ""))
}

fn flag(term: &str, letter: char) -> String {
    let (base, flags) = split(term);
    format!("{base} {letter}{flags}")
}

/// Puts `>index` behind the text inside the term.
fn refer(term: &str, index: usize) -> String {
    let (base, flags) = split(term);
    let base = match base.find('s') {
        Some(at) => {
            let (head, tail) = base.split_at(at + 1);
            match tail.strip_prefix('>').filter(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit())) {
                Some(known) => format!("{head}>{index},{known}"),
                None => format!("{head}>{index}{tail}"),
            }
        }
        None => base.to_owned(),
    };
    format!("{base} {flags}").trim_end().to_owned()
}

/// Replaces the text inside the term by another scalar.
fn retype(term: &str, wanted: &str) -> String {
    let (base, flags) = split(term);
    let base = match wanted {
        "cidr" => "c".to_owned(),
        "list<cidr>" => base.replacen('s', "c", 1),
        other => other.to_owned(),
    };
    format!("{base} {flags}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_edited_inside_their_brackets() {
        assert_eq!(refer("~[s] !", 3), "~[s>3] !");
        assert_eq!(refer("s>1 ^", 3), "s>3,1 ^");
        assert_eq!(refer("<s>", 3), "<s>3>");
        assert_eq!(retype("~[s] =", "list<cidr>"), "~[c] =");
        assert_eq!(retype("s", "i"), "i");
        assert_eq!(flag("s =", 'a'), "s a=");
    }
}
