//! The functions of Terraform's language that need nothing but their arguments.
//!
//! What a function cannot do with its arguments gives an unknown value that says so; so does a function that is not
//! here. What it makes is bounded in size. An unknown argument makes the result unknown, unless the result does not
//! depend on it: the length of a list with an unknown element is known.

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Reason, Unknown, json};

use super::cidr;
use super::program::Handle;
use super::value::{list, map, node, number, same, text_of, unknown};

/// The most elements or bytes that a function makes.
const MOST_MADE: usize = 1 << 20;

type Made = Result<Node, String>;

/// The value of a call.
pub(super) fn call(name: &str, arguments: &[Node]) -> Node {
    if let Some(made) = tolerant(name, arguments) {
        return made.unwrap_or_else(|why| unknown(format!("{name}: {why}")));
    }
    if let Some(found) = arguments.iter().find_map(unknown_within) {
        return Node::new(Span::default(), NodeKind::Unknown(found));
    }
    strict(name, arguments).unwrap_or_else(|why| unknown(format!("{name}: {why}")))
}

/// Why a value, or a part of it, is not known.
pub(super) fn unknown_within(value: &Node) -> Option<Unknown> {
    match &value.kind {
        NodeKind::Unknown(unknown) => Some(unknown.clone().opaque()),
        NodeKind::List(elements) => elements.iter().find_map(unknown_within),
        NodeKind::Map(_) if Handle::of(value).is_some() => {
            Some(Unknown::new(Reason::Undecided, "a resource as a whole"))
        }
        NodeKind::Map(members) => members.iter().find_map(|(_, value)| unknown_within(value)),
        _ => None,
    }
}

fn is_unknown(value: &Node) -> bool {
    matches!(value.kind, NodeKind::Unknown(_))
}

fn is_perhaps(value: &Node) -> bool {
    matches!(&value.kind, NodeKind::Unknown(unknown) if unknown.is_perhaps())
}

/// Functions that do not need to know everything of their arguments.
fn tolerant(name: &str, arguments: &[Node]) -> Option<Made> {
    let first_unknown = arguments.first().is_some_and(is_unknown);
    Some(match (name, arguments) {
        ("tolist" | "tomap" | "sensitive" | "nonsensitive" | "ephemeralasnull", [one]) => Ok(one.clone()),
        // The order and the repeats of a set are of no matter to what is read of it.
        ("toset", [one]) if unknown_within(one).is_some() => Ok(one.clone()),
        ("concat", _) => concat(arguments),
        ("flatten", [one]) if !first_unknown => flattened(one),
        ("length", [one]) if !first_unknown => length(one),
        ("keys", [one]) if !first_unknown => members_of(one)
            .map(|members| list(sorted(members.iter().map(|(key, _)| key.clone()).collect()).into_iter().map(node))),
        ("values", [one]) if !first_unknown => members_of(one).map(|members| {
            let mut members = members.to_vec();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            list(members.into_iter().map(|(_, value)| value))
        }),
        ("merge", _) if !arguments.iter().any(is_unknown) => merge(arguments),
        ("lookup", [one, key, ..]) if !first_unknown && !is_unknown(key) => lookup(one, key, arguments.get(2)),
        ("element", [one, at]) if !first_unknown && !is_unknown(at) => element(one, at),
        ("one", [one]) if !first_unknown => match elements_of(one)?.as_slice() {
            [] => Ok(node(NodeKind::Null)),
            [only] if !is_perhaps(only) => Ok(only.clone()),
            _ => Err("more than one element".to_owned()),
        },
        ("slice", [one, from, to]) if !first_unknown => slice(one, from, to),
        ("reverse", [one]) if !first_unknown && !has_perhaps(one) => {
            elements(one).map(|elements| list(elements.iter().rev().cloned()))
        }
        ("zipmap", [names, values]) if unknown_within(names).is_none() && !is_unknown(values) => zipmap(names, values),
        ("jsonencode", [one]) if !first_unknown && unknown_within(one).is_some() => match one.kind {
            // A document of which parts are not known.
            NodeKind::Map(_) | NodeKind::List(_) => Ok(one.clone()),
            _ => Err("not known".to_owned()),
        },
        ("jsondecode", [one]) if matches!(one.kind, NodeKind::Map(_) | NodeKind::List(_)) => Ok(one.clone()),
        ("contains", [one, wanted]) if !first_unknown && !is_unknown(wanted) => contains(one, wanted),
        ("coalesce", _) => coalesce(arguments),
        ("coalescelist", _) => coalesce_list(arguments),
        _ => return None,
    })
}

fn elements_of(value: &Node) -> Option<Vec<Node>> {
    elements(value).ok().map(<[Node]>::to_vec)
}

fn has_perhaps(value: &Node) -> bool {
    elements(value).is_ok_and(|elements| elements.iter().any(is_perhaps))
}

fn elements(value: &Node) -> Result<&[Node], String> {
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

fn sorted(mut names: Vec<Name>) -> Vec<NodeKind> {
    names.sort();
    names.into_iter().map(NodeKind::Text).collect()
}

fn bounded(elements: Vec<Node>) -> Made {
    match elements.len() <= MOST_MADE {
        true => Ok(list(elements)),
        false => Err("a list that is too long".to_owned()),
    }
}

/// A list that is not known may have any elements.
fn concat(lists: &[Node]) -> Made {
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

fn flattened(value: &Node) -> Made {
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

fn length(value: &Node) -> Made {
    match &value.kind {
        NodeKind::List(elements) if !elements.iter().any(is_perhaps) => Ok(number(elements.len())),
        NodeKind::Map(_) => members_of(value).map(|members| number(members.len())),
        NodeKind::Text(text) => Ok(number(text.chars().count())),
        _ => Err("not known".to_owned()),
    }
}

fn merge(maps: &[Node]) -> Made {
    let mut merged: Vec<(Name, Node)> = Vec::new();
    for one in maps.iter().filter(|one| !one.is_null()) {
        for (key, value) in members_of(one)? {
            match merged.iter_mut().find(|(name, _)| name == key) {
                Some((_, before)) => *before = value.clone(),
                None => merged.push((key.clone(), value.clone())),
            }
        }
        if merged.len() > 10_000 {
            return Err("a map that is too large".to_owned());
        }
    }
    Ok(map(merged))
}

fn lookup(value: &Node, key: &Node, default: Option<&Node>) -> Made {
    let key = text_of(key).ok_or("not a key")?;
    let found = members_of(value)?.iter().find(|(name, _)| **name == *key).map(|(_, value)| value);
    found.or(default).cloned().ok_or_else(|| format!("no member `{key}`"))
}

fn element(value: &Node, at: &Node) -> Made {
    let elements = elements(value)?;
    let NodeKind::Int(at) = at.kind else { return Err("not an index".to_owned()) };
    if elements.iter().any(is_perhaps) {
        return Err("a list whose length is not known".to_owned());
    }
    let at = usize::try_from(at).ok().and_then(|at| at.checked_rem(elements.len()));
    at.and_then(|at| elements.get(at)).cloned().ok_or_else(|| "an empty list".to_owned())
}

fn slice(value: &Node, from: &Node, to: &Node) -> Made {
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

fn zipmap(names: &Node, values: &Node) -> Made {
    let (names, values) = (elements(names)?, elements(values)?);
    if names.len() != values.len() {
        return Err("lists of different lengths".to_owned());
    }
    let pair = |(name, value): (&Node, &Node)| Some((text_of(name)?.into(), value.clone()));
    let members: Option<Vec<(Name, Node)>> = names.iter().zip(values).map(pair).collect();
    members.map(map).ok_or_else(|| "keys that are no texts".to_owned())
}

fn contains(value: &Node, wanted: &Node) -> Made {
    let elements = elements(value)?;
    if elements.iter().any(|element| same(element, wanted) == Some(true)) {
        return Ok(node(NodeKind::Bool(true)));
    }
    match elements.iter().find_map(unknown_within).or_else(|| unknown_within(wanted)) {
        Some(unknown) => Ok(node(NodeKind::Unknown(unknown))),
        None => Ok(node(NodeKind::Bool(false))),
    }
}

fn coalesce(values: &[Node]) -> Made {
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

fn coalesce_list(lists: &[Node]) -> Made {
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

fn texts(arguments: &[Node]) -> Result<Vec<Name>, String> {
    arguments.iter().map(|node| text_of(node).map(Name::from).ok_or_else(|| "not a text".to_owned())).collect()
}

fn text(text: impl Into<Name>) -> Made {
    let text = text.into();
    match text.len() <= MOST_MADE {
        true => Ok(node(NodeKind::Text(text))),
        false => Err("a text that is too long".to_owned()),
    }
}

/// Functions whose arguments are known.
fn strict(name: &str, arguments: &[Node]) -> Made {
    match (name, arguments) {
        ("jsonencode", [one]) => text(encoded(one)),
        ("jsondecode", [one]) => {
            let source = text_of(one).ok_or("not a text")?;
            json::parse(&source).map(|node| node.place_all(Span::default())).map_err(|error| error.message)
        }
        ("format", [first, rest @ ..]) => text(format(&text_of(first).ok_or("not a text")?, rest)?),
        ("formatlist", [first, rest @ ..]) => format_list(first, rest),
        ("join", [separator, lists @ ..]) => joined(separator, lists),
        ("toset" | "distinct", [one]) => bounded(distinct(elements(one)?)),
        ("sort", [one]) => {
            let mut names = texts(elements(one)?)?;
            names.sort();
            Ok(list(names.into_iter().map(|name| node(NodeKind::Text(name)))))
        }
        ("compact", [one]) => {
            let kept = elements(one)?.iter().filter(|node| !node.is_null() && node.as_text() != Some(""));
            Ok(list(kept.cloned()))
        }
        ("chunklist", [one, size]) => chunks(one, size),
        ("range", _) => range(arguments),
        ("setunion", sets) => {
            let mut all = Vec::new();
            for set in sets {
                all.extend(elements(set)?.iter().cloned());
            }
            bounded(distinct(&all))
        }
        ("setintersection", [first, rest @ ..]) => sets(first, rest, true),
        ("setsubtract", [first, second]) => sets(first, std::slice::from_ref(second), false),
        ("tostring", [one]) if one.is_null() => Ok(one.clone()),
        ("tostring", [one]) => text(text_of(one).ok_or("not a text")?),
        ("tonumber", [one]) => match &one.kind {
            NodeKind::Text(text) => json::parse(text).ok().filter(is_number).ok_or_else(|| "not a number".to_owned()),
            NodeKind::Int(_) | NodeKind::Float(_) | NodeKind::Null => Ok(one.clone()),
            _ => Err("not a number".to_owned()),
        },
        ("tobool", [one]) => match &one.kind {
            NodeKind::Text(text) if matches!(&**text, "true" | "false") => Ok(node(NodeKind::Bool(&**text == "true"))),
            NodeKind::Bool(_) | NodeKind::Null => Ok(one.clone()),
            _ => Err("not a truth".to_owned()),
        },
        ("alltrue" | "anytrue", [one]) => {
            let is_true = |node: &Node| text_of(node).as_deref() == Some("true");
            let elements = elements(one)?;
            let holds = if name == "alltrue" { elements.iter().all(is_true) } else { elements.iter().any(is_true) };
            Ok(node(NodeKind::Bool(holds)))
        }
        ("max" | "min", numbers) => extreme(name, numbers),
        ("sum", [one]) => sum(elements(one)?),
        ("base64encode", [one]) => text(base64(text_of(one).ok_or("not a text")?.as_bytes())),
        ("cidrsubnet", [block, bits, net]) => cidr::subnet(block, bits, net),
        ("cidrhost", [block, host]) => cidr::host(block, host),
        ("cidrnetmask", [block]) => cidr::netmask(block),
        ("cidrsubnets", [block, bits @ ..]) => cidr::subnets(block, bits),
        _ => of_texts(name, &texts(arguments).map_err(|_| "not evaluated".to_owned())?),
    }
}

fn is_number(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Int(_) | NodeKind::Float(_))
}

/// Functions of texts alone.
fn of_texts(name: &str, arguments: &[Name]) -> Made {
    let parts: Vec<&str> = arguments.iter().map(|text| &**text).collect();
    match (name, parts.as_slice()) {
        ("lower", [one]) => text(one.to_lowercase()),
        ("upper", [one]) => text(one.to_uppercase()),
        ("title", [one]) => text(titled(one)),
        ("trimspace", [one]) => text(one.trim()),
        ("chomp", [one]) => text(one.trim_end_matches(['\n', '\r'])),
        ("trim", [one, set]) => text(one.trim_matches(|letter| set.contains(letter))),
        ("trimprefix", [one, prefix]) => text(one.strip_prefix(prefix).unwrap_or(one)),
        ("trimsuffix", [one, suffix]) => text(one.strip_suffix(suffix).unwrap_or(one)),
        ("startswith", [one, prefix]) => Ok(node(NodeKind::Bool(one.starts_with(prefix)))),
        ("endswith", [one, suffix]) => Ok(node(NodeKind::Bool(one.ends_with(suffix)))),
        ("strcontains", [one, part]) => Ok(node(NodeKind::Bool(one.contains(part)))),
        ("strrev", [one]) => text(one.chars().rev().collect::<String>()),
        ("split", ["", one]) => Ok(list(one.chars().map(|letter| Node::text(letter.to_string())))),
        ("split", [separator, one]) => bounded(one.split(separator).map(Node::text).collect()),
        ("replace", [one, from, to]) => replaced(one, from, to),
        ("substr", [one, from, count]) => substring(one, from, count),
        ("indent", [count, one]) => {
            let space = " ".repeat(count.parse::<usize>().unwrap_or(0).min(1000));
            text(one.replace('\n', &format!("\n{space}")))
        }
        _ => Err("not evaluated".to_owned()),
    }
}

fn titled(one: &str) -> String {
    let mut titled = String::new();
    let mut starts = true;
    for letter in one.chars() {
        if starts {
            titled.extend(letter.to_uppercase())
        } else {
            titled.push(letter)
        }
        starts = letter.is_whitespace();
    }
    titled
}

/// `/…/` is a pattern.
fn replaced(one: &str, from: &str, to: &str) -> Made {
    let pattern = from.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|_| from.len() > 1);
    if one.len().saturating_mul(to.len().max(1)) > MOST_MADE {
        return Err("a text that is too long".to_owned());
    }
    match pattern {
        Some(pattern) => {
            let pattern = regex::RegexBuilder::new(pattern).size_limit(1 << 20).build();
            pattern.map_err(|_| "not a pattern".to_owned()).and_then(|found| text(found.replace_all(one, to)))
        }
        None if from.is_empty() => Err("not evaluated".to_owned()),
        None => text(one.replace(from, to)),
    }
}

fn substring(one: &str, from: &str, count: &str) -> Made {
    let (from, count) = from.parse::<i64>().ok().zip(count.parse::<i64>().ok()).ok_or("not a number")?;
    let letters: Vec<char> = one.chars().collect();
    let from = if from < 0 { from.saturating_add(letters.len() as i64) } else { from };
    let from = usize::try_from(from).map_err(|_| "beyond the text".to_owned())?;
    let rest = letters.iter().skip(from);
    match usize::try_from(count) {
        Ok(count) => text(rest.take(count).collect::<String>()),
        Err(_) => text(rest.collect::<String>()),
    }
}

fn distinct(elements: &[Node]) -> Vec<Node> {
    let mut seen = rustc_hash::FxHashSet::default();
    elements.iter().filter(|element| seen.insert(encoded(element))).cloned().collect()
}

fn sets(first: &Node, others: &[Node], wanted: bool) -> Made {
    let mut kept = distinct(elements(first)?);
    for other in others {
        let known: rustc_hash::FxHashSet<String> = elements(other)?.iter().map(encoded).collect();
        kept.retain(|element| known.contains(&encoded(element)) == wanted);
    }
    Ok(list(kept))
}

fn chunks(value: &Node, size: &Node) -> Made {
    let NodeKind::Int(size) = size.kind else { return Err("not a number".to_owned()) };
    let size = usize::try_from(size).ok().filter(|size| *size > 0).ok_or("not a size")?;
    Ok(list(elements(value)?.chunks(size).map(|chunk| list(chunk.iter().cloned()))))
}

fn range(arguments: &[Node]) -> Made {
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

fn float_of(node: &Node) -> Result<f64, String> {
    text_of(node).and_then(|text| text.parse().ok()).ok_or_else(|| "not a number".to_owned())
}

fn extreme(name: &str, numbers: &[Node]) -> Made {
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

fn sum(elements: &[Node]) -> Made {
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

fn joined(separator: &Node, lists: &[Node]) -> Made {
    let separator = text_of(separator).ok_or("not a text")?;
    let mut parts: Vec<Name> = Vec::new();
    for one in lists {
        parts.extend(texts(elements(one)?)?);
    }
    let bytes: usize = parts.iter().map(|part| part.len() + separator.len()).sum();
    if bytes > MOST_MADE {
        return Err("a text that is too long".to_owned());
    }
    text(parts.join(&*separator))
}

/// `%s`, `%d`, `%v`, `%q`, with widths and zeros; other verbs are not evaluated.
fn format(pattern: &str, arguments: &[Node]) -> Result<String, String> {
    let mut made = String::new();
    let mut arguments = arguments.iter();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            made.push(letter);
            continue;
        }
        let mut flags = String::new();
        while let Some(flag) = letters.next_if(|letter| letter.is_ascii_digit() || matches!(letter, '-' | '.')) {
            flags.push(flag);
        }
        let verb = letters.next().ok_or("a `%` without a verb")?;
        if verb == '%' {
            made.push('%');
            continue;
        }
        let argument = arguments.next().ok_or("too few arguments")?;
        let shown = match (verb, text_of(argument)) {
            ('s' | 'v', Some(text)) => text,
            ('v', None) => encoded(argument),
            ('d', Some(text)) if text.parse::<i64>().is_ok() => text,
            ('q', Some(text)) => encoded(&Node::text(&*text)),
            _ => return Err("not evaluated".to_owned()),
        };
        made.push_str(&padded(&shown, &flags)?);
        if made.len() > MOST_MADE {
            return Err("a text that is too long".to_owned());
        }
    }
    Ok(made)
}

fn padded(shown: &str, flags: &str) -> Result<String, String> {
    if flags.is_empty() {
        return Ok(shown.to_owned());
    }
    let (left, zero) = (flags.starts_with('-'), flags.starts_with('0'));
    let width: usize = flags.trim_start_matches('-').parse().map_err(|_| "not evaluated".to_owned())?;
    let missing = width.min(1000).saturating_sub(shown.chars().count());
    Ok(match (left, zero) {
        (true, _) => format!("{shown}{}", " ".repeat(missing)),
        (false, true) => format!("{}{shown}", "0".repeat(missing)),
        (false, false) => format!("{}{shown}", " ".repeat(missing)),
    })
}

fn format_list(pattern: &Node, arguments: &[Node]) -> Made {
    let pattern = text_of(pattern).ok_or("not a text")?;
    let length = arguments.iter().find_map(|node| elements(node).ok()).map_or(1, <[Node]>::len);
    let mut made = Vec::new();
    for at in 0..length {
        let one = |node: &Node| match elements(node) {
            Ok(elements) => elements.get(at).cloned().ok_or("lists of different lengths"),
            Err(_) => Ok(node.clone()),
        };
        let row: Result<Vec<Node>, &str> = arguments.iter().map(one).collect();
        made.push(Node::text(format(&pattern, &row?)?));
    }
    bounded(made)
}

/// JSON as Terraform writes it: compact, keys in order.
pub(super) fn encoded(value: &Node) -> String {
    let quoted = |text: &str| {
        let mut quoted = String::from("\"");
        for letter in text.chars() {
            match letter {
                '"' => quoted.push_str("\\\""),
                '\\' => quoted.push_str("\\\\"),
                '\n' => quoted.push_str("\\n"),
                '\r' => quoted.push_str("\\r"),
                '\t' => quoted.push_str("\\t"),
                '<' | '>' | '&' => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
                letter if u32::from(letter) < 0x20 => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
                letter => quoted.push(letter),
            }
        }
        quoted.push('"');
        quoted
    };
    match &value.kind {
        NodeKind::Null | NodeKind::Unknown(_) => "null".to_owned(),
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Int(value) => value.to_string(),
        NodeKind::Float(value) => value.to_string(),
        NodeKind::Beyond(text) => text.to_string(),
        NodeKind::Text(text) => quoted(text),
        NodeKind::List(elements) => format!("[{}]", elements.iter().map(encoded).collect::<Vec<_>>().join(",")),
        NodeKind::Map(members) => {
            let mut members: Vec<&(Name, Node)> = members.iter().collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            let shown: Vec<String> =
                members.into_iter().map(|(key, value)| format!("{}:{}", quoted(key), encoded(value))).collect();
            format!("{{{}}}", shown.join(","))
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut made = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for at in 0..4 {
            let digit = DIGITS.get((bits >> (18 - 6 * at)) as usize & 63).copied().unwrap_or(b'=');
            made.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    made
}

/// An unknown value of a function's result.
#[cfg(test)]
pub(super) fn later() -> Node {
    node(NodeKind::Unknown(Unknown::new(Reason::Undecided, "later")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::show;

    fn calls(name: &str, arguments: &str) -> String {
        let arguments = json::parse(&format!("[{arguments}]")).unwrap();
        let mut arguments = arguments.as_list().unwrap().to_vec();
        fn mark(node: &mut Node) {
            match &mut node.kind {
                NodeKind::Text(text) if &**text == "?" => *node = later(),
                NodeKind::List(list) => list.iter_mut().for_each(mark),
                NodeKind::Map(members) => members.iter_mut().for_each(|(_, node)| mark(node)),
                _ => {}
            }
        }
        arguments.iter_mut().for_each(mark);
        show(&call(name, &arguments))
    }

    #[test]
    fn of_known_arguments() {
        for (name, arguments, value) in [
            ("jsonencode", r#"{"b": [1, true, null], "a": "<\n"}"#, r#""{\"a\":\"\\u003c\\n\",\"b\":[1,true,null]}""#),
            ("jsondecode", r#""{\"a\": 1}""#, "{a:1}"),
            ("format", r#""%s-%03d-%%", "x", 7"#, "\"x-007-%\""),
            ("formatlist", r#""%s/%s", ["a", "b"], "c""#, r#"["a/c","b/c"]"#),
            ("join", r#"",", ["a", 1, true]"#, "\"a,1,true\""),
            ("split", r#"",", "a,b""#, r#"["a","b"]"#),
            ("concat", r#"[1], [], [2]"#, "[1,2]"),
            ("merge", r#"{"a": 1, "b": 1}, null, {"b": 2}"#, "{a:1,b:2}"),
            ("lookup", r#"{"a": 1}, "b", 3"#, "3"),
            ("element", r#"["a", "b"], 3"#, "\"b\""),
            ("length", r#""aé""#, "2"),
            ("toset", r#"["b", "a", "b"]"#, r#"["b","a"]"#),
            ("lower", r#""Ab""#, "\"ab\""),
            ("replace", r#""a.b.c", ".", "-""#, "\"a-b-c\""),
            ("replace", r#""a1b22", "/[0-9]+/", "_""#, "\"a_b_\""),
            ("coalesce", r#"null, "", "x""#, "\"x\""),
            ("contains", r#"["a"], "a""#, "true"),
            ("keys", r#"{"b": 1, "a": 2}"#, r#"["a","b"]"#),
            ("values", r#"{"b": 1, "a": 2}"#, "[2,1]"),
            ("flatten", "[[1, [2]], [], 3]", "[1,2,3]"),
            ("distinct", "[1, 1, 2]", "[1,2]"),
            ("compact", r#"["a", "", null]"#, "[\"a\"]"),
            ("range", "1, 7, 2", "[1,3,5]"),
            ("zipmap", r#"["a"], [1]"#, "{a:1}"),
            ("setunion", r#"["a"], ["a", "b"]"#, r#"["a","b"]"#),
            ("setsubtract", r#"["a", "b"], ["a"]"#, "[\"b\"]"),
            ("tonumber", "\"12\"", "12"),
            ("tostring", "12", "\"12\""),
            ("base64encode", "\"hello\"", "\"aGVsbG8=\""),
            ("substr", r#""hello", 1, 3"#, "\"ell\""),
            ("one", r#"["a"]"#, "\"a\""),
            ("max", "1, 5, 3", "5"),
            ("sum", "[1, 2]", "3"),
            ("cidrsubnet", r#""10.0.0.0/16", 8, 2"#, "\"10.0.2.0/24\""),
        ] {
            assert_eq!(calls(name, arguments), value, "{name}({arguments})");
        }
    }

    #[test]
    fn of_arguments_that_are_not_known() {
        for (name, arguments, value) in [
            ("length", r#"["?", 1]"#, "2"),
            ("concat", r#"[1], "?""#, "[1,?later]"),
            ("contains", r#"["?", "a"], "a""#, "true"),
            ("contains", r#"["?", "a"], "b""#, "?later"),
            ("merge", r#"{"a": "?"}, {"b": 1}"#, "{a:?later,b:1}"),
            ("merge", r#"{"a": 1}, "?""#, "?later"),
            ("join", r#"",", ["?"]"#, "?later"),
            ("coalesce", r#""?", "a""#, "?later"),
            ("keys", r#"{"a": "?"}"#, "[\"a\"]"),
            ("jsonencode", r#"{"a": "?"}"#, "{a:?later}"),
            ("format", r#""%s", "?""#, "?later"),
        ] {
            assert_eq!(calls(name, arguments), value, "{name}({arguments})");
        }
    }

    #[test]
    fn what_cannot_be_done_is_unknown_and_bounded() {
        assert_eq!(calls("nosuch", "1"), "?nosuch: not evaluated");
        assert_eq!(calls("format", r#""%s""#), "?format: too few arguments");
        assert_eq!(calls("range", "100000000"), "?range: more than 1024 numbers");
        assert_eq!(calls("tonumber", "\"x\""), "?tonumber: not a number");
        assert_eq!(calls("cidrsubnet", r#""10.0.0.0/16", 20, 2"#), "?cidrsubnet: not a block");
        let long = "a".repeat(3000);
        assert_eq!(calls("replace", &format!("\"{long}\", \"a\", \"{long}\"")), "?replace: a text that is too long");
    }
}
