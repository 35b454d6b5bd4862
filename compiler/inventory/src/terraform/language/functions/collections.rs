//! Functions of lists, sets and maps, and of numbers.

use parapet_model::{Name, Node, NodeKind};

use super::super::blocks::Members;
use super::super::value::{list, map, node, number, same, text_of};
use super::{MOST_MADE, Made, encoded, is_perhaps, unknown_within};

/// How often elements of a set that are not known are compared with others.
const MOST_COMPARED: usize = 1 << 16;

pub(super) fn elements_of(value: &Node) -> Option<Vec<Node>> {
    elements(value).ok().map(<[Node]>::to_vec)
}

pub(in crate::terraform::language) fn has_perhaps(value: &Node) -> bool {
    elements(value).is_ok_and(|elements| elements.iter().any(is_perhaps))
}

pub(super) fn elements(value: &Node) -> Result<&[Node], String> {
    match &value.kind {
        NodeKind::List(elements) => Ok(elements),
        _ => Err("not a list".to_owned()),
    }
}

fn members_of(value: &Node) -> Result<&[(Name, Node)], String> {
    match &value.kind {
        NodeKind::Map(members) if !members.iter().any(|(key, _)| key.starts_with('\0')) => Ok(members),
        _ => Err("not a map".to_owned()),
    }
}

pub(super) fn sorted(mut names: Vec<Name>) -> Vec<NodeKind> {
    names.sort();
    names.into_iter().map(NodeKind::Text).collect()
}

pub(super) fn keys(value: &Node) -> Made {
    let names = members_of(value)?.iter().map(|(key, _)| key.clone()).collect();
    Ok(list(sorted(names).into_iter().map(node)))
}

/// In the order of the keys.
pub(super) fn values(value: &Node) -> Made {
    let mut members = members_of(value)?.to_vec();
    members.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(list(members.into_iter().map(|(_, value)| value)))
}

pub(super) fn compact(value: &Node) -> Made {
    let kept = elements(value)?.iter().filter(|node| !node.is_null() && node.as_text() != Some(""));
    Ok(list(kept.cloned()))
}

pub(super) fn union(sets: &[Node]) -> Made {
    let mut all = Vec::new();
    for set in sets {
        all.extend(elements(set)?.iter().cloned());
    }
    bounded(distinct(&all))
}

pub(super) fn bounded(elements: Vec<Node>) -> Made {
    match elements.len() <= MOST_MADE {
        true => Ok(list(elements)),
        false => Err("a list that is too long".to_owned()),
    }
}

/// A list that is not known may have any elements.
pub(super) fn concat(lists: &[Node]) -> Made {
    let mut all = Vec::new();
    for one in lists {
        match &one.kind {
            NodeKind::Unknown(unknown) => {
                all.push(node(NodeKind::Unknown(unknown.clone().opaque().perhaps())));
            }
            _ => all.extend(elements(one)?.iter().cloned()),
        }
    }
    bounded(all)
}

pub(super) fn flattened(value: &Node) -> Made {
    let mut all = Vec::new();
    fn add(value: &Node, all: &mut Vec<Node>) {
        match &value.kind {
            NodeKind::List(elements) => elements.iter().for_each(|element| add(element, all)),
            // It may be a list of any length.
            NodeKind::Unknown(unknown) if unknown.symbol().is_none() => {
                all.push(node(NodeKind::Unknown(unknown.clone().perhaps())));
            }
            _ => all.push(value.clone()),
        }
    }
    elements(value)?.iter().for_each(|element| add(element, &mut all));
    bounded(all)
}

pub(super) fn length(value: &Node) -> Made {
    match &value.kind {
        NodeKind::List(elements) if !elements.iter().any(is_perhaps) => Ok(number(elements.len())),
        NodeKind::Map(_) => members_of(value).map(|members| number(members.len())),
        NodeKind::Text(text) => Ok(number(text.chars().count())),
        _ => Err("not known".to_owned()),
    }
}

pub(super) fn merge(maps: &[Node]) -> Made {
    let mut merged = Members::default();
    for one in maps.iter().filter(|one| !one.is_null()) {
        for (key, value) in members_of(one)? {
            match merged.get_mut(key) {
                Some(before) => *before = value.clone(),
                None => merged.push(key.clone(), value.clone()),
            }
        }
        if merged.values.len() > 10_000 {
            return Err("a map that is too large".to_owned());
        }
    }
    Ok(map(merged.values))
}

pub(super) fn lookup(value: &Node, key: &Node, default: Option<&Node>) -> Made {
    let key = text_of(key).ok_or("not a key")?;
    let found = members_of(value)?.iter().find(|(name, _)| **name == *key).map(|(_, value)| value);
    found.or(default).cloned().ok_or_else(|| format!("no member `{key}`"))
}

pub(super) fn element(value: &Node, at: &Node) -> Made {
    let elements = elements(value)?;
    let NodeKind::Int(at) = at.kind else { return Err("not an index".to_owned()) };
    if elements.iter().any(is_perhaps) {
        return Err("a list whose length is not known".to_owned());
    }
    let at = usize::try_from(at).ok().and_then(|at| at.checked_rem(elements.len()));
    at.and_then(|at| elements.get(at)).cloned().ok_or_else(|| "an empty list".to_owned())
}

pub(super) fn slice(value: &Node, from: &Node, to: &Node) -> Made {
    let elements = elements(value)?;
    let index = |node: &Node| match node.kind {
        NodeKind::Int(at) => usize::try_from(at).ok(),
        _ => None,
    };
    let (from, to) = index(from).zip(index(to)).ok_or("not an index")?;
    if elements.iter().take(to).any(is_perhaps) {
        return Err("a list whose length is not known".to_owned());
    }
    elements.get(from..to).map(|part| list(part.iter().cloned())).ok_or_else(|| "beyond the list".to_owned())
}

pub(super) fn zipmap(names: &Node, values: &Node) -> Made {
    if has_perhaps(values) {
        return Err("a list whose length is not known".to_owned());
    }
    let (names, values) = (elements(names)?, elements(values)?);
    if names.len() != values.len() {
        return Err("lists of different lengths".to_owned());
    }
    let pair = |(name, value): (&Node, &Node)| Some((text_of(name)?.into(), value.clone()));
    let members: Option<Vec<(Name, Node)>> = names.iter().zip(values).map(pair).collect();
    members.map(map).ok_or_else(|| "keys that are no texts".to_owned())
}

pub(super) fn contains(value: &Node, wanted: &Node) -> Made {
    let elements = elements(value)?;
    if elements.iter().any(|element| same(element, wanted) == Some(true)) {
        return Ok(node(NodeKind::Bool(true)));
    }
    match elements.iter().find_map(unknown_within).or_else(|| unknown_within(wanted)) {
        Some(unknown) => Ok(node(NodeKind::Unknown(unknown))),
        None if elements.iter().any(|element| same(element, wanted).is_none()) => {
            Err("values of other types".to_owned())
        }
        None => Ok(node(NodeKind::Bool(false))),
    }
}

pub(super) fn coalesce(values: &[Node]) -> Made {
    for value in values {
        match &value.kind {
            NodeKind::Null => {}
            NodeKind::Text(text) if text.is_empty() => {}
            // An identifier is never empty.
            NodeKind::Unknown(unknown) if unknown.symbol().is_some() => return Ok(value.clone()),
            NodeKind::Unknown(unknown) => return Ok(node(NodeKind::Unknown(unknown.clone().opaque()))),
            _ => return Ok(value.clone()),
        }
    }
    Err("no value".to_owned())
}

pub(super) fn coalesce_list(lists: &[Node]) -> Made {
    for value in lists {
        match &value.kind {
            NodeKind::List(elements) if elements.is_empty() => {}
            NodeKind::List(elements) if elements.iter().all(is_perhaps) => return Err("not known".to_owned()),
            NodeKind::Null => {}
            _ => return Ok(value.clone()),
        }
    }
    Err("no list with an element".to_owned())
}

pub(super) fn distinct(elements: &[Node]) -> Vec<Node> {
    let mut seen = rustc_hash::FxHashSet::default();
    elements.iter().filter(|element| seen.insert(encoded(element))).cloned().collect()
}

/// The elements of a set. Of those that may turn out to be one nobody knows how many there are: one of them is there, and the
/// others perhaps.
pub(in crate::terraform::language) fn set_of(elements: &[Node]) -> Vec<Node> {
    let mut seen = rustc_hash::FxHashSet::default();
    let mut sure: Vec<&Node> = elements.iter().filter(|element| unknown_within(element).is_none()).collect();
    let mut compared = 0_usize;
    let mut kept = Vec::new();
    for element in elements {
        let Some(unknown) = unknown_within(element) else {
            kept.extend(seen.insert(encoded(element)).then(|| element.clone()));
            continue;
        };
        compared = compared.saturating_add(sure.len());
        let is_apart = compared <= MOST_COMPARED && sure.iter().all(|other| same(element, other) == Some(false));
        match is_apart && !is_perhaps(element) {
            true => {
                sure.push(element);
                kept.push(element.clone());
            }
            // The same text, although nobody knows which, is there already.
            false if sure.iter().take(MOST_COMPARED).any(|other| same(element, other) == Some(true)) => {}
            false => kept.push(node(NodeKind::Unknown(unknown.perhaps()))),
        }
    }
    kept
}

pub(super) fn sets(first: &Node, others: &[Node], wanted: bool) -> Made {
    let mut kept = distinct(elements(first)?);
    for other in others {
        let known: rustc_hash::FxHashSet<String> = elements(other)?.iter().map(encoded).collect();
        kept.retain(|element| known.contains(&encoded(element)) == wanted);
    }
    Ok(list(kept))
}

pub(super) fn chunks(value: &Node, size: &Node) -> Made {
    let NodeKind::Int(size) = size.kind else { return Err("not a number".to_owned()) };
    let size = usize::try_from(size).ok().filter(|size| *size > 0).ok_or("not a size")?;
    Ok(list(elements(value)?.chunks(size).map(|chunk| list(chunk.iter().cloned()))))
}

pub(super) fn range(arguments: &[Node]) -> Made {
    let int = |node: &Node| match node.kind {
        NodeKind::Int(value) => Ok(value),
        _ => Err("not a number".to_owned()),
    };
    let (from, to, step) = match arguments {
        [to] => (0, int(to)?, if int(to)? < 0 { -1 } else { 1 }),
        [from, to] => (int(from)?, int(to)?, if int(to)? < int(from)? { -1 } else { 1 }),
        [from, to, step] => (int(from)?, int(to)?, int(step)?),
        _ => return Err("one to three numbers".to_owned()),
    };
    let mut made = Vec::new();
    let mut at = from;
    while (step > 0 && at < to) || (step < 0 && at > to) {
        made.push(node(NodeKind::Int(at)));
        // As Terraform itself bounds it.
        if made.len() > 1024 {
            return Err("more than 1024 numbers".to_owned());
        }
        at = at.checked_add(step).ok_or("too large")?;
    }
    Ok(list(made))
}

pub(super) fn extreme(name: &str, numbers: &[Node]) -> Made {
    let mut best: Option<(f64, &Node)> = None;
    for node in numbers {
        let value = float_of(node)?;
        let better = best.is_none_or(|(before, _)| if name == "max" { value > before } else { value < before });
        if better {
            best = Some((value, node));
        }
    }
    best.map(|(_, node)| node.clone()).ok_or_else(|| "no number".to_owned())
}

pub(super) fn sum(elements: &[Node]) -> Made {
    let ints: Option<Vec<i64>> =
        elements.iter().map(|node| if let NodeKind::Int(value) = node.kind { Some(value) } else { None }).collect();
    if let Some(total) = ints.and_then(|ints| ints.into_iter().try_fold(0i64, i64::checked_add)) {
        return Ok(node(NodeKind::Int(total)));
    }
    let mut total = 0.0;
    for node in elements {
        total += float_of(node)?;
    }
    Ok(node(NodeKind::Float(total)))
}

fn float_of(node: &Node) -> Result<f64, String> {
    text_of(node).and_then(|text| text.parse().ok()).ok_or_else(|| "not a number".to_owned())
}
