//! Coverage as `parapet.coverage/1`: every point with how often each of its outcomes was seen.

use parapet_model::{CoverageReport, CoveredDefinition, CoveredModule, CoveredPoint, Tally};
use serde_json::{Map, Value, json};

pub(super) fn write(report: &CoverageReport, _color: bool) -> String {
    let mut document = Map::new();
    document.insert("schema".to_owned(), json!("parapet.coverage/1"));
    document.insert("tests".to_owned(), json!(report.tests));
    tally(&mut document, report.tally());
    document.insert("modules".to_owned(), report.modules.iter().map(module).collect());
    format!("{:#}\n", Value::Object(document))
}

fn tally(object: &mut Map<String, Value>, tally: Tally) {
    object.insert("seen".to_owned(), json!(tally.seen));
    object.insert("outcomes".to_owned(), json!(tally.all));
    object.insert("percent".to_owned(), json!(tally.percent()));
}

fn module(module: &CoveredModule) -> Value {
    let mut object = Map::new();
    object.insert("module".to_owned(), json!(module.module));
    object.insert("path".to_owned(), json!(module.path));
    tally(&mut object, module.tally());
    object.insert("definitions".to_owned(), module.definitions.iter().map(definition).collect());
    Value::Object(object)
}

fn definition(definition: &CoveredDefinition) -> Value {
    let mut object = Map::new();
    object.insert("path".to_owned(), json!(definition.path));
    object.insert("kind".to_owned(), json!(definition.kind.name()));
    object.insert("line".to_owned(), json!(definition.line));
    tally(&mut object, definition.tally());
    object.insert("points".to_owned(), definition.points.iter().map(point).collect());
    Value::Object(object)
}

fn point(point: &CoveredPoint) -> Value {
    let outcomes: Map<String, Value> =
        point.outcomes.iter().map(|(name, count)| ((*name).to_owned(), json!(count))).collect();
    json!({"kind": point.kind, "line": point.line, "column": point.column, "text": point.text, "outcomes": outcomes})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_tells_its_counts() {
        let text = write(&super::super::tests::report(), false);
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document.pointer("/schema"), Some(&json!("parapet.coverage/1")));
        assert_eq!(document.pointer("/percent"), Some(&json!(44.4)));
        assert_eq!(
            document.pointer("/modules/0/definitions/0/points/1"),
            Some(&json!({"kind": "require", "line": 5, "column": 13, "text": "not public(db)",
                         "outcomes": {"true": 4, "false": 0}}))
        );
    }

    #[test]
    fn the_percentage_of_nothing_is_null() {
        let document: Value = serde_json::from_str(&write(&CoverageReport::default(), false)).unwrap();
        assert_eq!(document.pointer("/percent"), Some(&Value::Null));
    }
}
