//! What must hold of a formatted text.

use parapet_syntax::{Tree, format, parse, split};

/// Whether every item of a text parses.
pub(crate) fn parses(text: &str) -> bool {
    let split = split(text);
    split.errors.is_empty() && split.items.iter().all(|item| parse(item).whole().is_some())
}

/// The formatted text, or what is wrong with it.
pub(crate) fn formatted(text: &str) -> Result<String, String> {
    let told = |what: &str, after: &str| format!("{what}\n--- before\n{text}\n--- after\n{after}");
    let once = format(text);
    if !once.faults.is_empty() {
        return Err(told(&format!("faults {:?}", once.faults), &once.text));
    }
    let twice = format(&once.text);
    if twice.text != once.text {
        return Err(told("formatting again changes the text", &format!("{}\n--- again\n{}", once.text, twice.text)));
    }
    if tree_texts(text) != tree_texts(&once.text) {
        return Err(told("the trees differ", &once.text));
    }
    if module_docs(text) != module_docs(&once.text) {
        return Err(told("the module is documented otherwise", &once.text));
    }
    let stray = once.text.lines().any(|line| line.ends_with([' ', '\t', '\r']) && !line.ends_with("  "));
    if stray || (!once.text.is_empty() && !once.text.ends_with('\n')) {
        return Err(told("spaces at a line's end, or no line end", &once.text));
    }
    Ok(once.text)
}

fn module_docs(text: &str) -> Vec<String> {
    split(text).module_docs.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// The trees of a text's items without their places; the errors of those that have none.
pub(crate) fn tree_texts(text: &str) -> Vec<String> {
    let tree = |item| match parse(item).whole().cloned() {
        Some(tree) => without_spans(&format!("{:?}", Tree { docs: plain(&tree.docs), ..tree })),
        None => "no tree".to_owned(),
    };
    split(text).items.iter().map(tree).collect()
}

/// Documentation without what stands at the ends of its lines.
fn plain(docs: &str) -> String {
    docs.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn without_spans(debug: &str) -> String {
    let mut out = String::with_capacity(debug.len());
    let mut rest = debug;
    while let Some((before, after)) = rest.split_once("Span {") {
        out.push_str(before);
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    out
}

/// Whether a text holds comments, each once and in this order.
pub(crate) fn holds_in_order(text: &str, comments: &[String]) -> Result<(), String> {
    let mut rest = text;
    for comment in comments {
        let line = format!("{comment}\n");
        match rest.split_once(&line) {
            Some((_, behind)) => rest = behind,
            None => return Err(format!("the comment {comment:?} is lost or out of order")),
        }
    }
    Ok(())
}
