//! Functions of templates: a value as it is written, and what it comes to.
//!
//! The files of nested stacks stand in memory.

mod functions;
mod hostile;
mod nested;
mod positions;
mod stacks;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use parapet_model::{Node, Record, Schema};

use super::Parameters;
use crate::tests::{Kept, show};
use crate::{Files, Source, Summary, read};

/// Files by path; a link stands for the path it leads to.
#[derive(Default)]
struct Memory {
    files: BTreeMap<PathBuf, String>,
    links: BTreeMap<PathBuf, PathBuf>,
}

impl Files for Memory {
    fn read(&self, path: &Path, most: usize) -> io::Result<Vec<u8>> {
        match self.files.get(path) {
            Some(text) if text.len() <= most => Ok(text.clone().into_bytes()),
            Some(_) => Err(io::Error::other("too long")),
            None => Err(io::Error::new(io::ErrorKind::NotFound, "there is no such file")),
        }
    }

    fn entries(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(Vec::new())
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.links.get(path).cloned().unwrap_or_else(|| path.to_owned())
    }
}

/// What a template came to.
struct Come {
    kept: Kept,
    summary: Summary,
}

fn come(text: &str, parameters: &str, files: &Memory) -> Come {
    let mut values = Parameters::default();
    values.add(parameters).unwrap();
    read_at("/app/template.yaml", text, &values, files)
}

/// What a template at another path came to.
fn come_from(path: &str, text: &str, files: &Memory) -> Come {
    read_at(path, text, Parameters::none(), files)
}

fn read_at(path: &str, text: &str, parameters: &Parameters, files: &Memory) -> Come {
    let source = Source {
        path: Path::new(path),
        files,
        parameters,
        format: Some("cloudformation"),
        ..Source::alone(Schema::embedded(), 0)
    };
    let mut kept = Kept::default();
    let summary = read(&source, &mut text.as_bytes(), &mut kept).unwrap();
    Come { kept, summary }
}

fn alone(text: &str) -> Come {
    come(text, "", &Memory::default())
}

impl Come {
    #[track_caller]
    fn record(&self, address: &str) -> &Record {
        let found = self.kept.records.iter().find(|record| record.address.as_deref() == Some(address));
        found.unwrap_or_else(|| panic!("no `{address}`; {:?}", self.kept.faults()))
    }

    #[track_caller]
    fn property(&self, address: &str, name: &str) -> String {
        self.record(address).property(name).map_or("nothing".to_owned(), shown)
    }

    fn addresses(&self) -> Vec<&str> {
        self.kept.records.iter().filter_map(|record| record.address.as_deref()).collect()
    }
}

/// A node, a symbol by its parts.
fn shown(node: &Node) -> String {
    use parapet_model::{NodeKind, SymbolPart};
    match &node.kind {
        NodeKind::Unknown(unknown) => match unknown.symbol() {
            None => format!("?{}", unknown.why()),
            Some(symbol) => {
                let parts = symbol.parts().iter().map(|part| match part {
                    SymbolPart::Literal(text) => text.to_string(),
                    SymbolPart::Attribute(attribute) => format!("<{}.{}>", attribute.owner, attribute.name),
                });
                parts.collect()
            }
        },
        NodeKind::List(elements) => format!("[{}]", elements.iter().map(shown).collect::<Vec<_>>().join(", ")),
        NodeKind::Map(members) => {
            let members: Vec<String> = members.iter().map(|(key, node)| format!("{key}: {}", shown(node))).collect();
            format!("{{{}}}", members.join(", "))
        }
        _ => show(node),
    }
}
