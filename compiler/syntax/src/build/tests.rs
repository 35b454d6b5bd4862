//! Tests and waivers.

use super::types::named_type;
use super::*;

impl Builder {
    pub(super) fn test(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let mut children = Children::of(pair);
        let title = children.find(Rule::string)?;
        let at = title.span();
        let title = self.string(title);
        let mut steps = Vec::new();
        while let Some(step) = children.find(Rule::step) {
            steps.extend(self.step(step.into_inner().next()?));
        }
        Some((ItemKind::Test { title, steps }, at))
    }

    pub(crate) fn step(&mut self, pair: Pair<'_>) -> Option<Step> {
        let whole = pair.span();
        let rule = pair.as_rule();
        let mut children = Children::of(pair);
        let kind = match rule {
            Rule::given_inventory => {
                let text = children.find(Rule::string)?;
                let at = text.span();
                StepKind::Inventory { path: self.string(text), span: at }
            }
            Rule::given_now => StepKind::Now(self.expr(children.find(Rule::expr)?)),
            Rule::given_param => {
                let path = path(children.find(Rule::path)?);
                StepKind::Param { path, value: self.expr(children.find(Rule::expr)?) }
            }
            Rule::given_resource => {
                let name = ident(&children.find(Rule::name)?);
                let ty = children.find(Rule::type_path)?;
                let ty_span = ty.span();
                let ty = TypeExpr { span: ty_span, kind: named_type(ty)? };
                let fields = self.given_fields(children.find(Rule::record)?);
                StepKind::Resource { name, ty, fields }
            }
            Rule::expect_verdict => self.expectation(children)?,
            _ => StepKind::Holds(self.expr(children.find(Rule::expr)?)),
        };
        Some(Step { span: whole, kind })
    }

    pub(super) fn expectation(&mut self, mut children: Children<'_>) -> Option<StepKind> {
        let guardrail = path(children.find(Rule::path)?);
        let outcome = match children.find(Rule::outcome)?.into_inner().next()?.as_rule() {
            Rule::word_passes => Outcome::Passes,
            Rule::word_fails => Outcome::Fails,
            Rule::word_skips => Outcome::Skips,
            _ => Outcome::Unknown,
        };
        let mut target = None;
        let mut with = None;
        for child in children.0 {
            match child.as_rule() {
                Rule::name => target = Some(Target::Given(ident(&child))),
                Rule::expected_count => {
                    let count = child.into_inner().next()?;
                    target = Some(Target::Count(count.as_str().parse().ok()?, count.span()));
                }
                Rule::string => with = Some(self.string(child)),
                _ => {}
            }
        }
        Some(StepKind::Verdict { guardrail, outcome, target: target?, with })
    }

    pub(super) fn given_fields(&mut self, record: Pair<'_>) -> Vec<(Ident, GivenValue)> {
        let entries: Vec<Pair<'_>> = record.into_inner().filter(|child| child.as_rule() == Rule::entry).collect();
        let mut fields = Vec::new();
        for entry in entries {
            let Some((key, _, value)) = self.entry_parts(entry) else { continue };
            let given = match value.as_str().trim() {
                "unknown" => GivenValue::Unknown(value.span()),
                _ => GivenValue::Value(self.expr(value)),
            };
            fields.push((key, given));
        }
        fields
    }

    /// Key, whether it is a string, and the value's pair.
    pub(super) fn entry_parts<'t>(&mut self, entry: Pair<'t>) -> Option<(Ident, bool, Pair<'t>)> {
        let mut children = Children::of(entry);
        let quoted = children.is_next(Rule::string);
        let key = match quoted {
            true => {
                let text = children.find(Rule::string)?;
                let at = text.span();
                Ident { text: self.string(text), span: at }
            }
            false => ident(&children.find(Rule::key)?),
        };
        Some((key, quoted, children.find(Rule::expr)?))
    }

    pub(super) fn waiver(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let mut children = Children::of(pair);
        let guardrail = path(children.find(Rule::path)?);
        let at = guardrail.span;
        let (mut coverage, mut until, mut texts) = (Vec::new(), None, Vec::new());
        while let Some(field) = children.find(Rule::waiver_field) {
            let field = field.into_inner().next()?;
            let rule = field.as_rule();
            let mut parts = Children::of(field);
            match rule {
                Rule::waive_resources => {
                    let text = parts.find(Rule::string)?;
                    let at = text.span();
                    coverage.push(Coverage::Like { pattern: self.string(text), span: at });
                }
                Rule::waive_for => {
                    let name = ident(&parts.find(Rule::name)?);
                    let ty = self.type_expr(parts.find(Rule::type_expr)?);
                    coverage.push(Coverage::Where { name, ty, condition: self.expr(parts.find(Rule::expr)?) });
                }
                Rule::waive_until => until = Some(self.expr(parts.find(Rule::expr)?)),
                _ => {
                    let key = ident(&parts.find(Rule::waive_key)?);
                    let text = self.string(parts.find(Rule::string)?);
                    texts.push((key, text));
                }
            }
        }
        Some((ItemKind::Waiver { guardrail, coverage, until, texts }, at))
    }
}
