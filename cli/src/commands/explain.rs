//! `parapet explain`.

use anyhow::Result;
use parapet_driver::code_named;
use parapet_driver::model::{GuardrailInfo, SeenValue, Verdict};
use parapet_driver::{
    ExplainedStep, Explanation, Explanations, Host, Refusal, RulesError, Selection, System, explain, load, select,
};

use crate::arguments::Explain;
use crate::output::{TEXT, complain, print, refuse, request, tell};

pub(crate) fn run(arguments: Explain) -> Result<u8> {
    if let (Some(code), None) = (code_named(&arguments.what), &arguments.resource) {
        print(code.page)?;
        return Ok(0);
    }
    let host = System::default();
    let exact = Selection {
        guardrails: vec![arguments.what.clone(), format!("*::{}", arguments.what)],
        ..Selection::default()
    };
    let Some(resource) = &arguments.resource else { return about(&host, &arguments, &exact) };
    let progress = |_, _| {};
    let request = request(&arguments.rules, exact, &arguments.inputs, &arguments.setting, host.now(), &progress)?;
    match explain(&host, &request, resource) {
        Ok(explained) => told(&explained, resource),
        Err(refusal) => refuse(refusal, TEXT, arguments.color),
    }
}

/// Tells the explanations, and what of the input could not be read; the status.
fn told(explained: &Explanations, resource: &str) -> Result<u8> {
    let text: Vec<String> = explained.explanations.iter().map(explanation).collect();
    print(&text.join("\n"))?;
    let is_found = !explained.explanations.is_empty();
    if !is_found {
        complain(&format!("no resource that the guardrail ranges over is called `{resource}` in the input"));
    }
    for line in parapet_report::skipped(&explained.broken) {
        tell(&format!("{line}\n"));
    }
    Ok(match (explained.broken.is_empty(), is_found) {
        (false, _) => 4,
        (true, false) => 2,
        (true, true) => 0,
    })
}

/// What a guardrail says of itself.
fn about(host: &System, arguments: &Explain, selection: &Selection) -> Result<u8> {
    let rules = match load(host, &arguments.rules) {
        Ok(rules) => rules,
        Err(RulesError::Missing(message)) => return refuse(Refusal::Usage(message), TEXT, arguments.color),
    };
    match select(&rules, selection, host.now()) {
        Ok(selected) => {
            let text: Vec<String> = selected.infos.iter().map(guardrail).collect();
            print(&text.join("\n"))?;
            Ok(0)
        }
        Err(_) => {
            let message = format!("`{}` is neither a diagnostic code nor a guardrail in reach", arguments.what);
            refuse(Refusal::Usage(message), TEXT, arguments.color)
        }
    }
}

fn guardrail(info: &GuardrailInfo) -> String {
    let mut text = format!("{}\n{}\n\n", info.path, "=".repeat(info.path.chars().count()));
    text.push_str(&format!(
        "{}.\n\nseverity  {}\nranges over  {}\n",
        info.title,
        info.severity.name(),
        info.types.join(", ")
    ));
    for (framework, ids) in &info.controls {
        text.push_str(&format!("{framework}  {}\n", ids.join(", ")));
    }
    for param in &info.params {
        text.push_str(&format!("parameter  {param}\n"));
    }
    for (title, part) in [("", &info.rationale), ("\nFix\n---\n", &info.fix)] {
        if !part.is_empty() {
            text.push_str(&format!("{title}\n{part}\n"));
        }
    }
    text
}

fn explanation(explained: &Explanation) -> String {
    let verdict = match explained.verdict {
        Verdict::Pass => "passes",
        Verdict::Fail => "fails",
        Verdict::Unknown => "is unknown",
        Verdict::NotApplicable => "does not apply (n/a)",
        Verdict::Waived => "is waived",
    };
    let mut text =
        format!("{} {verdict} on {} {}\n\n", explained.guardrail, explained.resource_type, explained.resource);
    for step in &explained.steps {
        text.push_str(&one_step(step));
    }
    if !explained.messages.is_empty() {
        text.push('\n');
    }
    for message in &explained.messages {
        text.push_str(&format!("says: {}\n", parapet_report::escape(message)));
    }
    for unknown in &explained.unknown {
        text.push_str(&format!("unknown: {}: {}\n", unknown.path, parapet_report::escape(&unknown.reason)));
    }
    if let Some(waiver) = &explained.waiver {
        let terms = parapet_report::waiver_terms(waiver);
        text.push_str(&format!("waived:{terms}  [{}:{}]\n", waiver.path, waiver.line));
    }
    text
}

fn one_step(step: &ExplainedStep) -> String {
    let indent = "  ".repeat(step.depth + 1);
    let place = format!("{}:{}:{}", step.rule.path, step.rule.line, step.rule.column);
    let mut text = format!(
        "{indent}{} → {}\n{indent}  {}  [{place}]\n",
        step.what,
        parapet_report::escape(&step.outcome),
        step.rule.excerpt.text
    );
    for value in &step.values {
        text.push_str(&format!("{indent}    {}\n", one_value(value)));
    }
    text
}

fn one_value(value: &SeenValue) -> String {
    let shown = match (&value.value, &value.unknown) {
        (Some(json), _) => json.to_string(),
        (None, Some(why)) => format!("unknown ({why})"),
        (None, None) => "absent".to_owned(),
    };
    let shown: String = shown.chars().take(100).collect();
    let place = value.source.as_ref().map_or(String::new(), |source| {
        format!("  [{}:{}:{} {}]", source.path, source.line, source.column, source.pointer)
    });
    format!("{} = {}{place}", value.expression, parapet_report::escape(&shown))
}
