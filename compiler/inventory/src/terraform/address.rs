//! Addresses and references as Terraform writes them: `module.net["a.b"].aws_subnet.private[0].id`.

/// A part of an address: a name, and the key or index behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    /// As it is written: `0`, `"a.b"` without its quotes.
    pub(super) key: Option<String>,
}

/// The parts of an address; nothing if it is none.
pub(super) fn parts(text: &str) -> Option<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end)?;
        if name.is_empty() {
            return None;
        }
        let (key, after) = match after.strip_prefix('[') {
            Some(inside) => {
                let (key, after) = bracket(inside)?;
                (Some(key), after)
            }
            None => (None, after),
        };
        parts.push(Part { name: name.to_owned(), key });
        rest = match (after.is_empty(), after.strip_prefix('.')) {
            (true, _) => return Some(parts),
            (false, Some(rest)) => rest,
            (false, None) => return None,
        };
    }
}

/// The key in brackets, and what follows them.
fn bracket(inside: &str) -> Option<(String, &str)> {
    let Some(quoted) = inside.strip_prefix('"') else {
        let (key, after) = inside.split_once(']')?;
        return Some((key.to_owned(), after));
    };
    let mut key = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => key.push(letters.next()?.1),
            '"' => return Some((key, quoted.get(at + 1..)?.strip_prefix(']')?)),
            letter => key.push(letter),
        }
    }
    None
}

/// The steps of a module's address: the name and key of each call.
pub(super) fn module_steps(text: &str) -> Option<Vec<Part>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let parts = parts(text)?;
    let (words, names): (Vec<_>, Vec<_>) = parts.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let calls = words.len() == names.len() && words.iter().all(|(_, part)| part.name == "module" && part.key.is_none());
    calls.then(|| names.into_iter().map(|(_, part)| part).collect())
}

/// The address of a module with these steps.
pub(super) fn module_address(steps: &[Part]) -> String {
    let step = |part: &Part| match &part.key {
        Some(key) => format!("module.{}{}", part.name, key_text(key)),
        None => format!("module.{}", part.name),
    };
    steps.iter().map(step).collect::<Vec<_>>().join(".")
}

/// A key in brackets, in quotes unless it is an index.
pub(super) fn key_text(key: &str) -> String {
    match key.parse::<u64>() {
        Ok(_) => format!("[{key}]"),
        Err(_) => format!("[\"{}\"]", key.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// References without those that are the beginning of another: Terraform lists `a.b.c` and also `a.b`.
pub(super) fn longest<'r>(references: &[&'r str]) -> Vec<&'r str> {
    let begins = |short: &str, long: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with(['.', '[']));
    let mut kept: Vec<&str> = Vec::new();
    for reference in references {
        if !kept.contains(reference) && !references.iter().any(|other| begins(reference, other)) {
            kept.push(reference);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_may_hold_anything() {
        let parts = parts(r#"module.m["a.\"b]"].aws_subnet.x[0].id"#).unwrap();
        let text: Vec<(&str, Option<&str>)> =
            parts.iter().map(|part| (part.name.as_str(), part.key.as_deref())).collect();
        assert_eq!(
            text,
            [("module", None), ("m", Some("a.\"b]")), ("aws_subnet", None), ("x", Some("0")), ("id", None)]
        );
        assert!(super::parts("a[").is_none() && super::parts("a..b").is_none() && super::parts("a[0]b").is_none());
    }

    #[test]
    fn module_addresses_go_both_ways() {
        let text = r#"module.a[0].module.b["k"].module.c"#;
        assert_eq!(module_address(&module_steps(text).unwrap()), text);
        assert!(module_steps("module.a.b.c").is_none());
    }

    #[test]
    fn beginnings_of_others_are_left_out() {
        let references = ["aws_x.a[0].id", "aws_x.a[0]", "aws_x.a", "aws_x.ab", "aws_x.ab"];
        assert_eq!(longest(&references), ["aws_x.a[0].id", "aws_x.ab"]);
    }
}
