//! Resources and modules as values, whose attributes are computed one by one.

use parapet_model::{Node, NodeKind};

use super::value::{list, map, node, number};

/// A resource or module instance that a value is.
pub(super) enum Handle {
    Resource { module: usize, name: String, key: Option<String> },
    Module { index: usize },
}

const RESOURCE: &str = "\0resource";

const MODULE: &str = "\0module";

impl Handle {
    pub(super) fn of(value: &Node) -> Option<Handle> {
        let NodeKind::Map(members) = &value.kind else { return None };
        let [(mark, inner)] = members.as_slice() else { return None };
        match (&**mark, &inner.kind) {
            (MODULE, NodeKind::Int(index)) => Some(Handle::Module { index: usize::try_from(*index).ok()? }),
            (RESOURCE, NodeKind::List(parts)) => {
                let [module, name, key] = parts.as_slice() else { return None };
                let NodeKind::Int(module) = module.kind else { return None };
                Some(Handle::Resource {
                    module: usize::try_from(module).ok()?,
                    name: name.as_text()?.to_owned(),
                    key: key.as_text().map(str::to_owned),
                })
            }
            _ => None,
        }
    }

    pub(super) fn value(&self) -> Node {
        match self {
            Handle::Module { index } => map(vec![(MODULE.into(), number(*index))]),
            Handle::Resource { module, name, key } => {
                let key = key.as_ref().map_or(node(NodeKind::Null), |key| Node::text(key.as_str()));
                map(vec![(RESOURCE.into(), list([number(*module), Node::text(name.as_str()), key]))])
            }
        }
    }
}
