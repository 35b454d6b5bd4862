//! Functions that make texts.

use parapet_model::{Name, Node, NodeKind};

use super::super::value::{list, node, text_of};
use super::collections::{bounded, elements};
use super::{MOST_MADE, Made, encoded};

pub(super) fn texts(arguments: &[Node]) -> Result<Vec<Name>, String> {
    arguments.iter().map(|node| text_of(node).map(Name::from).ok_or_else(|| "not a text".to_owned())).collect()
}

pub(super) fn text(text: impl Into<Name>) -> Made {
    let text = text.into();
    match text.len() <= MOST_MADE {
        true => Ok(node(NodeKind::Text(text))),
        false => Err("a text that is too long".to_owned()),
    }
}

/// Functions of texts alone.
pub(super) fn of_texts(name: &str, arguments: &[Name]) -> Made {
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

pub(super) fn joined(separator: &Node, lists: &[Node]) -> Made {
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
pub(super) fn format(pattern: &str, arguments: &[Node]) -> Result<String, String> {
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

pub(super) fn format_list(pattern: &Node, arguments: &[Node]) -> Made {
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
