//! A template to records: macros and loops are written out, then each resource is read.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Document, Origin, Schema};

use super::loops;
use super::macros::{Macros, called_in};
use super::nested::{Finished, Nesting};
use super::parameters::Parameters;
use super::serverless;
use super::spelling;
use super::stack::Stack;
use super::template::{Declared, Doubt, Template};
use super::values::Values;
use crate::place::Place;

/// Reads a template with these parameters.
pub(crate) fn evaluate(
    nesting: &Nesting<'_>,
    schema: &Schema,
    document: Arc<Document>,
    given: &Parameters,
) -> Finished {
    let mut doubts = Vec::new();
    let tree = loops::written_out(nesting, schema, &document, given, &mut doubts);
    let macros = Macros::of(&tree, &mut doubts);
    // What a macro takes is its own affair.
    if macros.blank.is_none() {
        doubts.extend(spelling::doubts(&tree));
    }
    // A snippet without the macro means it all the same: CloudFormation itself takes no such type.
    let (tree, made) = match macros.serverless || serverless::occurs(&tree) {
        true => serverless::written_out(tree, &mut doubts),
        false => (tree, Vec::new()),
    };
    let template = Template::of(document, &tree, made, doubts).put_through(macros);
    let values = Values::of(&template, given, &nesting.place, nesting.deployment());
    let mut stack = Stack::new(schema, &template, &values, &nesting.place, nesting);
    read(&mut stack)
}

fn read(stack: &mut Stack<'_>) -> Finished {
    let template = stack.template;
    let document = &template.document;
    let own = |doubt: Doubt| (Some(document.clone()), doubt);
    let mut finished = Finished { doubts: template.doubts.iter().cloned().map(own).collect(), ..Finished::default() };
    let mut nested = Vec::new();
    let mut walk = Walk::new(&document.text);
    for resource in &template.resources {
        let origin = walk.origin(stack.nesting.source.input, resource.span);
        match stack.record(resource, origin) {
            Ok(record) => finished.records.push(record),
            Err(doubt) if &*resource.ty == "AWS::Serverless::Application" && doubt.hides => {}
            Err(doubt) => {
                finished.doubts.push(own(doubt));
                continue;
            }
        }
        finished.doubts.extend(enclosed(resource).map(own));
        nested.extend(stack.child(resource));
    }
    let outputs = template.outputs.iter().filter(|(_, output)| called_in(output).is_none());
    for (name, output) in outputs {
        if let Some(value) = output.get("Value") {
            let value = stack.value(value);
            finished.outputs.push((name.clone(), value));
        }
    }
    finished.doubts.extend(stack.circles.doubts().into_iter().map(own));
    for child in nested {
        finished.records.extend(child.records.iter().cloned());
        let doubts =
            child.doubts.iter().map(|(place, doubt)| (place.clone().or(Some(document.clone())), doubt.clone()));
        finished.doubts.extend(doubts);
    }
    finished
}

/// Where the template of a stack set stands.
const TEMPLATES: [&str; 2] = ["TemplateBody", "TemplateURL"];

/// The template of a stack set, which is not read.
fn enclosed(resource: &Declared) -> Option<Doubt> {
    let template = TEMPLATES.iter().find_map(|name| resource.properties.get(name).filter(|node| !node.is_null()));
    let span = template.filter(|_| &*resource.ty == "AWS::CloudFormation::StackSet")?.span;
    Some(Doubt::hidden(span, format!("the resources of stack set `{}` are not seen", resource.id)))
}

/// Places of a text, found on the way from one to the next.
pub(crate) struct Walk<'t> {
    text: &'t str,
    at: Place,
}

impl<'t> Walk<'t> {
    pub(crate) fn new(text: &'t str) -> Walk<'t> {
        Walk { text, at: Place::START }
    }

    /// The place of a span. Going forward costs what lies between.
    pub(crate) fn place(&mut self, span: Span) -> Place {
        let start = u64::from(span.start);
        if start < self.at.offset {
            self.at = Place::START;
        }
        let between = self.text.as_bytes().get(self.at.offset as usize..start as usize);
        self.at = self.at.after(between.unwrap_or_default());
        self.at
    }

    /// The origin of what stands at a span.
    fn origin(&mut self, input: u32, span: Span) -> Origin {
        let place = self.place(span);
        Origin {
            input,
            offset: place.offset,
            length: u64::from(span.end.saturating_sub(span.start)),
            line: place.line,
            column: place.column,
            part: 0,
        }
    }
}
