//! Calls of functions, of builtins, and of methods.

use std::sync::Arc;

use parapet_base::{Diagnostic, Span, codes};
use parapet_builtins::{Builtin, BuiltinId, apply, named};
use parapet_model::Type;
use parapet_syntax::{Argument, ExprId, Ident, Path, host_bits};

use super::Checker;
use super::expr::suggest;
use crate::names::{DefinitionKind, NameError, definition_path, resolve};
use crate::signatures::{Signature, signature};
use crate::typed::{Literal, Typed, TypedKind};

impl Checker<'_, '_> {
    pub(super) fn call(&mut self, callee: &Path, arguments: &[Argument], span: Span) -> Typed {
        if let Some(local) = callee.single().and_then(|name| self.local_named(&name.text)) {
            let ty = self.local(local).map_or(Type::Error, |local| local.ty.clone());
            self.report(
                &codes::INVALID_OPERATION,
                callee.span,
                format!("`{}` is a `{ty}`, not a function", callee.text()),
            );
            return self.ignore(arguments, span);
        }
        let is_called = |imagined: &&super::Imagined| callee.single().is_some_and(|name| name.text == imagined.name);
        if let Some(imagined) = self.imagined.filter(is_called) {
            let signature = Signature::Function {
                parameters: imagined.parameters.clone(),
                result: imagined.result.clone(),
                deprecated: None,
            };
            return self.call_definition(
                callee,
                imagined.name.as_str().into(),
                &signature,
                DefinitionKind::Function,
                arguments,
                span,
            );
        }
        match resolve(self.db, self.workspace, self.file, callee) {
            Ok(definition) => {
                let path = definition_path(self.db, definition.item);
                let signature = signature(self.db, self.workspace, definition.item);
                self.call_definition(callee, path, &signature, definition.kind, arguments, span)
            }
            Err(error) => self.call_builtin_or_fail(callee, error, arguments, span),
        }
    }

    /// Offers the one item of the kind that the words of `@deprecated` name, where it is in reach under the same path.
    pub(super) fn replaced(
        &self,
        diagnostic: Diagnostic,
        callee: &Path,
        instead: &str,
        kind: DefinitionKind,
    ) -> Diagnostic {
        let parts: Vec<&str> = instead.split('`').collect();
        let ([_, name, _], Some(last)) = (parts.as_slice(), callee.segments.last()) else { return diagnostic };
        let mut other = callee.clone();
        other.segments.pop();
        other.segments.push(Ident { text: (*name).to_owned(), span: last.span });
        match resolve(self.db, self.workspace, self.file, &other) {
            Ok(definition) if definition.kind == kind => {
                diagnostic.suggest(last.span, *name, format!("use `{name}`, which may look at more"))
            }
            _ => diagnostic,
        }
    }

    pub(super) fn ignore(&mut self, arguments: &[Argument], span: Span) -> Typed {
        for argument in arguments {
            self.expr(argument.value, None);
        }
        self.error_at(span)
    }

    fn call_definition(
        &mut self,
        callee: &Path,
        path: Arc<str>,
        signature: &Signature,
        kind: DefinitionKind,
        arguments: &[Argument],
        span: Span,
    ) -> Typed {
        let Signature::Function { parameters, result, deprecated } = signature else {
            if !matches!(signature, Signature::None) {
                let message = format!("the {} `{}` is not a function", kind.word(), callee.text());
                let mut diagnostic = Diagnostic::new(&codes::INVALID_OPERATION, callee.span, message);
                if kind == DefinitionKind::Relation {
                    diagnostic =
                        diagnostic.note(format!("a relation stands between its operands: `a {} b`", callee.text()));
                }
                self.error(diagnostic);
            }
            return self.ignore(arguments, span);
        };
        if let Some(instead) = deprecated {
            let message = format!("`{}` is deprecated: {instead}", callee.text());
            let diagnostic = Diagnostic::new(&codes::DEPRECATED_ITEM, callee.span, message);
            self.error(self.replaced(diagnostic, callee, instead, kind));
        }
        let names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        let Some(placed) = self.place_arguments(&callee.text(), &names, 0, arguments, span) else {
            return self.ignore(arguments, span);
        };
        let mut values = Vec::new();
        for (argument, (_, ty)) in placed.into_iter().zip(parameters) {
            let Some(argument) = argument else { continue };
            values.push(self.argument(argument, ty));
        }
        self.typed(result.clone(), span, TypedKind::Call { function: path, arguments: values })
    }

    /// An argument; negation around a call says nothing of what happens in it.
    pub(super) fn argument(&mut self, argument: ExprId, ty: &Type) -> Typed {
        let negative = std::mem::replace(&mut self.negative, false);
        let value = self.expr_of(argument, ty);
        self.negative = negative;
        value
    }

    /// The arguments in the order of the parameters; `None` (after a report) when they do not fit.
    fn place_arguments(
        &mut self,
        callee: &str,
        names: &[&str],
        optional: usize,
        arguments: &[Argument],
        span: Span,
    ) -> Option<Vec<Option<ExprId>>> {
        let mut after_named = arguments.iter().skip_while(|argument| argument.name.is_none());
        if let Some(argument) = after_named.find(|argument| argument.name.is_none()) {
            let message = format!("`{callee}` is given an argument by place after one by name");
            self.report(&codes::WRONG_ARGUMENTS, self.span(argument.value), message);
            return None;
        }
        let mut placed: Vec<Option<ExprId>> = vec![None; names.len()];
        for (at, argument) in arguments.iter().enumerate() {
            let slot = match &argument.name {
                None => Some(at),
                Some(name) => names.iter().position(|known| *known == name.text),
            };
            match slot.and_then(|slot| placed.get_mut(slot)) {
                Some(slot) if slot.is_none() => *slot = Some(argument.value),
                Some(_) => {
                    self.report(
                        &codes::WRONG_ARGUMENTS,
                        self.span(argument.value),
                        format!("`{callee}` is given this argument twice"),
                    );
                    return None;
                }
                None => {
                    self.wrong_argument(callee, names, argument);
                    return None;
                }
            }
        }
        let missing: Vec<&str> =
            placed.iter().zip(names).filter(|(slot, _)| slot.is_none()).map(|(_, name)| *name).collect();
        if missing.len() > optional {
            let message = format!(
                "`{callee}` lacks {}",
                missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            );
            self.report(&codes::WRONG_ARGUMENTS, span, message);
            return None;
        }
        Some(placed)
    }

    fn wrong_argument(&mut self, callee: &str, names: &[&str], argument: &Argument) {
        let span = self.span(argument.value);
        match &argument.name {
            Some(name) => {
                let nearest = parapet_base::nearest(&name.text, names.iter().copied()).map(str::to_owned);
                let message = format!("`{callee}` has no parameter `{}`", name.text);
                self.error(suggest(Diagnostic::new(&codes::WRONG_ARGUMENTS, name.span, message), name.span, nearest));
            }
            None => {
                let message =
                    format!("`{callee}` takes {} argument{}", names.len(), if names.len() == 1 { "" } else { "s" });
                self.report(&codes::WRONG_ARGUMENTS, span, message);
            }
        }
    }

    fn call_builtin_or_fail(
        &mut self,
        callee: &Path,
        error: NameError<'_>,
        arguments: &[Argument],
        span: Span,
    ) -> Typed {
        let name = callee.single().map_or("", |name| &name.text);
        if named(name, false).next().is_some() {
            let values = arguments.iter().map(|argument| self.builtin_argument(argument.value)).collect();
            return self.builtin(name, false, arguments, values, span);
        }
        if named(name, true).next().is_some() {
            let message = format!("`{name}` is a method: write `x.{name}(…)`");
            self.report(&codes::UNKNOWN_NAME, callee.span, message);
        } else {
            let diagnostic = self.name_error(callee, error);
            self.name_reported(diagnostic);
        }
        self.ignore(arguments, span)
    }

    fn builtin_argument(&mut self, argument: ExprId) -> Typed {
        let negative = std::mem::replace(&mut self.negative, false);
        let value = self.operand(argument);
        self.negative = negative;
        value
    }

    pub(super) fn method_call(
        &mut self,
        base: ExprId,
        name: &Ident,
        arguments: &[Argument],
        safe: bool,
        span: Span,
    ) -> Typed {
        let receiver = self.expr(base, None);
        match (&receiver.ty, safe) {
            (Type::Optional(inner), true) => {
                let inner = (**inner).clone();
                self.safe(receiver, inner, span, |cx, receiver| cx.method(receiver, name, arguments, span))
            }
            (Type::Optional(_), false) => {
                let receiver = self.present(receiver);
                self.method(receiver, name, arguments, span)
            }
            _ => self.method(receiver, name, arguments, span),
        }
    }

    fn method(&mut self, receiver: Typed, name: &Ident, arguments: &[Argument], span: Span) -> Typed {
        if receiver.ty == Type::Error {
            return self.ignore(arguments, span);
        }
        if named(&name.text, true).next().is_none() {
            return self.no_method(&receiver, name, arguments, span);
        }
        let mut values = vec![receiver];
        values.extend(arguments.iter().map(|argument| self.builtin_argument(argument.value)));
        self.builtin(&name.text, true, arguments, values, span)
    }

    fn no_method(&mut self, receiver: &Typed, name: &Ident, arguments: &[Argument], span: Span) -> Typed {
        let message = format!("`{}` has no method `{}`", receiver.ty, name.text);
        let mut diagnostic = Diagnostic::new(&codes::UNKNOWN_NAME, name.span, message);
        let path = Path { segments: vec![name.clone()], span: name.span };
        let own = resolve(self.db, self.workspace, self.file, &path)
            .is_ok_and(|found| found.kind == DefinitionKind::Function);
        if own || named(&name.text, false).next().is_some() {
            diagnostic = diagnostic.note(format!("functions are no methods: write `{}(x)`", name.text));
        } else {
            let all = parapet_builtins::all().iter().filter(|builtin| builtin.method).map(|builtin| builtin.name);
            let nearest = parapet_base::nearest(&name.text, all).map(str::to_owned);
            diagnostic = suggest(diagnostic, name.span, nearest);
        }
        self.error(diagnostic);
        self.ignore(arguments, span)
    }

    /// Picks the overload by the types; `values` are the receiver, if there is one, and the arguments as written.
    fn builtin(&mut self, name: &str, method: bool, arguments: &[Argument], values: Vec<Typed>, span: Span) -> Typed {
        if values.iter().any(|value| value.ty == Type::Error) {
            let result = named(name, method).next().map(|builtin| builtin.result.clone());
            let plain = result
                .filter(|ty| matches!(ty, Type::Bool | Type::Int | Type::String | Type::Duration))
                .unwrap_or(Type::Error);
            return self.typed(plain, span, TypedKind::Error);
        }
        let receiver = usize::from(method);
        let overloads: Vec<&'static Builtin> = named(name, method).collect();
        let mut mismatch = None;
        for builtin in &overloads {
            let Some(ordered) = arrange(builtin, receiver, arguments, &values) else { continue };
            let types: Vec<Type> = ordered.iter().map(|value| value.ty.clone()).collect();
            match apply(builtin, &types) {
                Ok(result) => return self.builtin_call(builtin, result, ordered, span),
                Err(wrong) => {
                    mismatch = mismatch
                        .or_else(|| ordered.get(wrong.parameter).map(|value| (value.clone(), wrong.wanted, *builtin)))
                }
            }
        }
        self.no_overload(name, &overloads, mismatch, &values, receiver, span)
    }

    fn no_overload(
        &mut self,
        name: &str,
        overloads: &[&'static Builtin],
        mismatch: Option<(Typed, Type, &'static Builtin)>,
        values: &[Typed],
        receiver: usize,
        span: Span,
    ) -> Typed {
        match mismatch {
            Some((value, wanted, _)) if overloads.len() == 1 => {
                self.report(&codes::TYPE_MISMATCH, value.span, format!("expected `{wanted}`, found `{}`", value.ty));
            }
            Some(_) => {
                let types: Vec<String> = values.iter().map(|value| format!("`{}`", value.ty)).collect();
                let message = match (receiver, types.split_first()) {
                    (1, Some((first, []))) => format!("{first} has no method `{name}`"),
                    (1, Some((first, rest))) => format!("{first} has no method `{name}` for {}", rest.join(", ")),
                    _ => format!("`{name}` does not take {}", types.join(", ")),
                };
                self.report(&codes::TYPE_MISMATCH, span, message);
            }
            None => {
                let wanted = overloads
                    .first()
                    .map_or(0, |builtin| builtin.parameters.len() - receiver.min(builtin.parameters.len()));
                let message = format!("`{name}` takes {wanted} argument{}", if wanted == 1 { "" } else { "s" });
                self.report(&codes::WRONG_ARGUMENTS, span, message);
            }
        }
        self.error_at(span)
    }

    fn builtin_call(&mut self, builtin: &'static Builtin, result: Type, arguments: Vec<Typed>, span: Span) -> Typed {
        self.impossible_elements(&arguments);
        if builtin.id == BuiltinId::Age {
            self.not_in_constants(span, "an age");
        }
        if let (
            BuiltinId::ParseCidr | BuiltinId::ParseIp,
            [Typed { kind: TypedKind::Literal(Literal::Text(text)), .. }],
        ) = (builtin.id, arguments.as_slice())
        {
            let text = text.clone();
            return self.constant_address(builtin.id, &text, span);
        }
        self.typed(result, span, TypedKind::Builtin { id: builtin.id, arguments })
    }

    /// A literal beside a collection of enum values must be one of them.
    fn impossible_elements(&mut self, arguments: &[Typed]) {
        let Some((first, rest)) = arguments.split_first() else { return };
        let Some(Type::Enum(values)) = first.ty.element().map(Type::required) else { return };
        for argument in rest {
            if let TypedKind::Literal(Literal::Text(text)) = &argument.kind {
                self.check_value(&values.clone(), &text.clone(), argument.span);
            }
        }
    }

    /// `cidr("fe80::/10")` is a literal, and as strict as one.
    fn constant_address(&mut self, id: BuiltinId, text: &str, span: Span) -> Typed {
        if id == BuiltinId::ParseIp
            && let Ok(address) = text.parse()
        {
            return self.typed(Type::Ip, span, TypedKind::Literal(Literal::Ip(address)));
        }
        match text.parse::<ipnet::IpNet>() {
            Ok(block) if id == BuiltinId::ParseCidr => {
                let wrong = host_bits(block, span).map(|mut diagnostic| {
                    for edit in diagnostic.suggestions.iter_mut().flat_map(|suggestion| &mut suggestion.edits) {
                        edit.replacement = format!("cidr({:?})", edit.replacement);
                    }
                    diagnostic
                });
                self.errors.extend(wrong);
                self.typed(Type::Cidr, span, TypedKind::Literal(Literal::Cidr(block.trunc())))
            }
            _ => {
                let what = if id == BuiltinId::ParseCidr { "address block" } else { "address" };
                self.report(&codes::BAD_LITERAL, span, format!("{text:?} is not an {what}"));
                self.error_at(span)
            }
        }
    }
}

/// The values in the order of a builtin's parameters, if their number and names fit.
fn arrange(builtin: &Builtin, receiver: usize, arguments: &[Argument], values: &[Typed]) -> Option<Vec<Typed>> {
    let mut slots: Vec<Option<Typed>> = vec![None; builtin.parameters.len()];
    for (at, value) in values.iter().enumerate() {
        let name =
            at.checked_sub(receiver).and_then(|at| arguments.get(at)).and_then(|argument| argument.name.as_ref());
        let slot = match name {
            None => at,
            Some(name) => builtin.parameters.iter().position(|parameter| parameter.name == name.text)?,
        };
        let slot = slots.get_mut(slot)?;
        if slot.replace(value.clone()).is_some() {
            return None;
        }
    }
    let given = slots.iter().position(Option::is_none).unwrap_or(slots.len());
    let rest_is_optional =
        slots.iter().zip(&builtin.parameters).skip(given).all(|(slot, parameter)| slot.is_none() && parameter.optional);
    rest_is_optional.then(|| slots.into_iter().flatten().collect())
}
