//! How the inputs of a request are read: what it says of formats, collections, parameters and variables.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use parapet_ir::Projection;
use parapet_model::{Name, Node, NodeKind, Schema};

use crate::check::{Refusal, Request};
use crate::host::Host;
use crate::inputs::{self, Early, Inputs, Reading};
use crate::parallel::no_thread;
use crate::rules::Rules;

/// Reads inputs, some at once, as the request says.
pub(crate) fn read_inputs(
    host: &dyn Host,
    rules: &Rules,
    request: &Request<'_>,
    paths: &[String],
    place: (Option<Name>, Option<Name>),
    projection: &Projection,
) -> Result<Inputs, Refusal> {
    let reading = reading(host, rules.schema(), request, place, projection)?;
    inputs::read(host, paths, &reading).map_err(|error| Refusal::Fault(no_thread(&error)))
}

/// How the inputs of a request are read.
pub(crate) fn reading<'r>(
    host: &dyn Host,
    schema: Arc<Schema>,
    request: &Request<'r>,
    place: (Option<Name>, Option<Name>),
    projection: &'r Projection,
) -> Result<Reading<'r>, Refusal> {
    let mut collected: Vec<Name> = Vec::new();
    for name in &request.collected {
        match schema.resource_type(name) {
            Some(ty) => collected.push(ty.name.clone()),
            None => return Err(Refusal::Usage(format!("`--collected`: no resource type is called `{name}`"))),
        }
    }
    if let Some(name) = &request.input_format
        && name != "auto"
        && !parapet_inventory::FORMATS.iter().any(|format| format.name == name)
    {
        let known: Vec<&str> = parapet_inventory::FORMATS.iter().map(|format| format.name).collect();
        return Err(Refusal::Usage(format!("no input format is called `{name}`; there are {}", known.join(", "))));
    }
    Ok(Reading {
        projection,
        schema,
        format: request.input_format.clone(),
        collected,
        as_of: request.as_of,
        max_age: request.max_age,
        place,
        parameters: template_parameters(host, &request.documents.parameters)?,
        open_world: request.documents.open_world,
        var_files: var_files(host, &request.documents.var_files)?,
        strict: request.strict,
        early: Mutex::default(),
        jobs: request.jobs,
        digests: request.digests,
        progress: request.progress,
    })
}

/// Reads the inputs of a request while its rules are checked, if they are small. What is wrong with the request is said later.
pub(crate) fn early(host: &dyn Host, schema: Arc<Schema>, request: &Request<'_>) -> Early {
    let projection = Projection::default();
    match reading(host, schema, request, (None, None), &projection) {
        Ok(reading) => inputs::early::read(host, &request.inputs, &Reading { strict: true, ..reading }),
        Err(_) => Early::default(),
    }
}

/// The values that files give to parameters of templates.
fn template_parameters(host: &dyn Host, files: &[String]) -> Result<parapet_inventory::Parameters, Refusal> {
    let mut parameters = parapet_inventory::Parameters::default();
    for file in files {
        let refuse = |why: String| Refusal::Usage(format!("`--parameters {file}`: {why}"));
        let bytes = read_whole(host, file).map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|_| refuse("not UTF-8".to_owned()))?;
        parameters.add(&text).map_err(refuse)?;
    }
    Ok(parameters)
}

fn read_whole(host: &dyn Host, file: &str) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    host.open(Path::new(file))?.take(MOST_PARAMETERS).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// More of a file of parameters is not read; what is longer is refused.
const MOST_PARAMETERS: u64 = 4 << 20;

/// The files that set variables, each of which must be there and hold an object.
fn var_files(host: &dyn Host, files: &[String]) -> Result<Vec<PathBuf>, Refusal> {
    let checked = |file: &String| {
        let refuse = |why: String| Refusal::Usage(format!("`--var-file {file}`: {why}"));
        let mut text = String::new();
        let read = host.open(Path::new(file)).and_then(|reader| reader.take(MOST_VARIABLES).read_to_string(&mut text));
        read.map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        match parapet_model::json::parse(text) {
            Ok(Node { kind: NodeKind::Map(_), .. }) => Ok(PathBuf::from(file)),
            Ok(_) => Err(refuse("not an object".to_owned())),
            Err(error) => Err(refuse(format!("{} (at byte {}); only JSON is read", error.message, error.offset))),
        }
    };
    files.iter().map(checked).collect()
}

/// More of a file of variables is not read; what is longer does not parse.
const MOST_VARIABLES: u64 = 16 << 20;
