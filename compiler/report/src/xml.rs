//! XML as far as reports write it: elements, attributes, text.
//!
//! Characters that XML 1.0 cannot hold, and those that hide or reorder text, are spelt out; no text ends its element or its
//! attribute.

use crate::escape::escape;

/// Writes elements, indented by their depth.
#[derive(Default)]
pub(crate) struct Xml {
    pub(crate) out: String,
    open: Vec<&'static str>,
}

impl Xml {
    /// A document that begins with the declaration.
    pub(crate) fn new() -> Xml {
        Xml { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), open: Vec::new() }
    }

    /// Begins an element; the next ones lie in it until it is closed.
    pub(crate) fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push_str(">\n");
        self.open.push(name);
    }

    /// Ends the element that was begun last.
    pub(crate) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.out.push_str(&format!("</{name}>\n"));
        }
    }

    /// An element without anything in it.
    pub(crate) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.out.push_str("/>\n");
    }

    /// An element that holds lines of text.
    pub(crate) fn text(&mut self, name: &str, attributes: &[(&str, &str)], lines: &[String]) {
        self.tag(name, attributes);
        let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
        self.out.push_str(&format!(">{}</{name}>\n", lines.join("\n")));
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        self.out.push_str(&format!("<{name}"));
        for (name, value) in attributes {
            self.out.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        }
    }

    fn indent(&mut self) {
        self.out.push_str(&"  ".repeat(self.open.len()));
    }
}

fn escaped(text: &str) -> String {
    let character = |character: char| match character {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        // The two characters of the basic plane that are none of XML.
        '\u{fffe}' | '\u{ffff}' => format!("\\u{{{:x}}}", u32::from(character)),
        ordinary => ordinary.to_string(),
    };
    escape(text).chars().map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_what_it_stands_in() {
        let mut xml = Xml::default();
        xml.open("a", &[("b", "\"><c d='&\n\u{1}")]);
        xml.text("e", &[], &["]]></e>\u{1b}[31m".to_owned(), "ö\u{ffff}".to_owned()]);
        xml.empty("f", &[]);
        xml.close();
        assert_eq!(
            xml.out,
            "<a b=\"&quot;&gt;&lt;c d='&amp;\\n\\u{1}\">\n  <e>]]&gt;&lt;/e&gt;\\u{1b}[31m\nö\\u{ffff}</e>\n  <f/>\n</a>\n"
        );
    }
}
