//! Types of signatures: how the table writes them, and how arguments fit them.
//!
//! A signature may use one type variable. It is a record without fields whose name is the variable's (`T` for
//! anything, `Ordered` and `Number` for some types only), which no program can write, so that a parameter's
//! type prints as the documentation shows it. Where a signature says `List<…>`, a set fits too; where it says
//! `Folded`, any text does, if one argument at least is text that compares without regard to case.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parapet_model::{Name, RecordType, Type, language_record};

use crate::Builtin;

/// The argument that does not fit, and what its parameter wants, given the arguments before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    pub parameter: usize,
    pub wanted: Type,
}

/// Matches argument types against a builtin's parameters: the type of the result, or which one does not fit.
/// Arguments that are left out are not looked at.
pub fn apply(builtin: &Builtin, arguments: &[Type]) -> Result<Type, Mismatch> {
    let mut variable = None;
    let pairs = || builtin.parameters.iter().zip(arguments);
    for (at, (parameter, argument)) in pairs().enumerate() {
        if argument.is_optional() || !fits(&parameter.ty, argument, &mut variable) {
            return Err(Mismatch { parameter: at, wanted: substitute(&parameter.ty, variable.as_ref()) });
        }
    }
    let mut folded = pairs().filter(|(parameter, _)| is_folded(&parameter.ty)).peekable();
    if let Some((parameter, _)) = folded.peek() {
        let wanted = parameter.ty.clone();
        if !folded.any(|(_, argument)| is_folded(argument)) {
            return Err(Mismatch { parameter: 0, wanted });
        }
    }
    // A variable that no argument bound belongs to an argument in error.
    Ok(substitute(&builtin.result, variable.as_ref().or(Some(&Type::Error))))
}

/// Whether an argument may stand for a parameter. Binds the variable, or widens what it is bound to.
fn fits(wanted: &Type, given: &Type, variable: &mut Option<Type>) -> bool {
    if let Some(kind) = Variable::of(wanted) {
        return bind(kind, given, variable);
    }
    match (wanted, given) {
        (_, Type::Error | Type::Never) => true,
        (Type::String | Type::Folded, given) => given.is_text(),
        (Type::List { element: wanted, .. }, Type::List { element: given, .. } | Type::Set(given))
        | (Type::Set(wanted), Type::Set(given))
        | (Type::Map(wanted), Type::Map(given)) => fits(wanted, given, variable),
        (wanted, given) => wanted == given,
    }
}

/// Text without regard to case, or a collection of it.
fn is_folded(ty: &Type) -> bool {
    matches!(ty.element().unwrap_or(ty), Type::Folded)
}

/// What a variable may stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Variable {
    Any,
    Ordered,
    Number,
}

impl Variable {
    const ALL: [Variable; 3] = [Variable::Any, Variable::Ordered, Variable::Number];

    fn name(self) -> &'static str {
        match self {
            Variable::Any => "T",
            Variable::Ordered => "Ordered",
            Variable::Number => "Number",
        }
    }

    fn of(ty: &Type) -> Option<Variable> {
        let Type::Record(record) = ty else { return None };
        let name = record.name.as_ref().filter(|_| record.fields.is_empty())?;
        Variable::ALL.into_iter().find(|variable| variable.name() == &**name)
    }

    fn ty(self) -> Type {
        Type::Record(Arc::new(RecordType { name: Some(self.name().into()), fields: Vec::new() }))
    }

    fn admits(self, ty: &Type) -> bool {
        let number = matches!(ty, Type::Int | Type::Float | Type::Never | Type::Error);
        match self {
            Variable::Any => true,
            Variable::Ordered => number || ty.is_text() || matches!(ty, Type::Time | Type::Duration),
            Variable::Number => number,
        }
    }
}

fn bind(kind: Variable, given: &Type, variable: &mut Option<Type>) -> bool {
    let bound = match variable.as_ref() {
        None => Some(given.clone()),
        Some(before) => join(before, given),
    };
    let fits = bound.as_ref().is_some_and(|ty| kind.admits(ty));
    if fits {
        *variable = bound;
    }
    fits
}

/// The type of values that are of one type or the other; `None` where two such values could never be equal.
fn join(a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        (a, b) if a == b => Some(a.clone()),
        (Type::Error | Type::Never, other) | (other, Type::Error | Type::Never) => Some(other.clone()),
        (Type::Optional(a), b) | (b, Type::Optional(a)) => join(a, b.required()).map(Type::optional),
        (Type::Folded, text) | (text, Type::Folded) if text.is_text() => Some(Type::Folded),
        (a, b) if a.is_text() && b.is_text() => Some(Type::String),
        (Type::List { element: a, ordered }, Type::List { element: b, ordered: both }) => {
            Some(Type::List { element: Box::new(join(a, b)?), ordered: *ordered && *both })
        }
        (Type::Set(a), Type::Set(b)) => join(a, b).map(Type::set),
        (Type::Map(a), Type::Map(b)) => join(a, b).map(Type::map),
        (Type::AnyResource, Type::Resource(_)) | (Type::Resource(_), Type::AnyResource) => Some(Type::AnyResource),
        (Type::Resource(a), Type::Resource(b)) => join_resources(a, b),
        // A document may turn out to be anything that a document can hold.
        (Type::Json, Type::Bool | Type::Int | Type::Float) | (Type::Bool | Type::Int | Type::Float, Type::Json) => {
            Some(Type::Json)
        }
        (Type::Json, other) | (other, Type::Json) if other.is_text() => Some(Type::Json),
        _ => None,
    }
}

fn join_resources(a: &[Name], b: &[Name]) -> Option<Type> {
    let common = a.iter().any(|name| b.contains(name));
    let names: BTreeSet<Name> = a.iter().chain(b).cloned().collect();
    common.then(|| Type::Resource(names.into_iter().collect()))
}

/// The type with the variable replaced; as it is where nothing is bound.
fn substitute(ty: &Type, variable: Option<&Type>) -> Type {
    match (Variable::of(ty), ty) {
        (Some(_), ty) => variable.unwrap_or(ty).clone(),
        (None, Type::List { element, ordered }) => {
            Type::List { element: Box::new(substitute(element, variable)), ordered: *ordered }
        }
        (None, Type::Set(element)) => Type::set(substitute(element, variable)),
        (None, Type::Map(value)) => Type::map(substitute(value, variable)),
        (None, Type::Optional(inner)) => substitute(inner, variable).optional(),
        (None, ty) => ty.clone(),
    }
}

/// A Rust type that the table writes for a type of the language, so that a misspelt one does not compile.
pub(crate) trait Written {
    fn ty() -> Type;
}

/// The names that signatures in the table are written with.
pub(crate) mod names {
    pub(crate) type Bool = bool;
    pub(crate) type Int = i64;
    pub(crate) type Float = f64;
    pub(crate) type String = std::string::String;
    pub(crate) type Time = jiff::Timestamp;
    pub(crate) type Duration = jiff::SignedDuration;
    pub(crate) type Ip = std::net::IpAddr;
    pub(crate) type Cidr = ipnet::IpNet;
    pub(crate) type Json = parapet_model::Node;
    pub(crate) type List<T> = Vec<T>;
    pub(crate) type Set<T> = std::collections::BTreeSet<T>;
    pub(crate) type Map<T> = std::collections::BTreeMap<(), T>;
    pub(crate) enum Arn {}
    pub(crate) enum AccountId {}
    /// Text without regard to case; its overloads stand before those of `String`.
    pub(crate) enum Folded {}
    pub(crate) enum Policy {}
    pub(crate) enum Statement {}
    pub(crate) enum Principals {}
    /// Anything.
    pub(crate) enum T {}
    /// Numbers, texts, times, durations.
    pub(crate) enum Ordered {}
    /// `Int` or `Float`.
    pub(crate) enum Number {}
}

macro_rules! written {
    ($($name:ty => $ty:expr;)*) => { $(impl Written for $name { fn ty() -> Type { $ty } })* };
}

written! {
    names::Bool => Type::Bool;
    names::Int => Type::Int;
    names::Float => Type::Float;
    names::String => Type::String;
    names::Time => Type::Time;
    names::Duration => Type::Duration;
    names::Ip => Type::Ip;
    names::Cidr => Type::Cidr;
    names::Json => Type::Json;
    names::Arn => Type::Arn;
    names::AccountId => Type::AccountId;
    names::Folded => Type::Folded;
    names::Policy => Type::Policy;
    names::Statement => language_record("Statement").map_or(Type::Error, Type::Record);
    names::Principals => language_record("Principals").map_or(Type::Error, Type::Record);
    names::T => Variable::Any.ty();
    names::Ordered => Variable::Ordered.ty();
    names::Number => Variable::Number.ty();
}

impl<T: Written> Written for Vec<T> {
    fn ty() -> Type {
        Type::list(T::ty())
    }
}

impl<T: Written> Written for BTreeSet<T> {
    fn ty() -> Type {
        Type::set(T::ty())
    }
}

impl<T: Written> Written for BTreeMap<(), T> {
    fn ty() -> Type {
        Type::map(T::ty())
    }
}

#[cfg(test)]
mod tests {
    use parapet_model::EnumType;

    use super::*;
    use crate::{BuiltinId, builtin, named};

    /// The entry that a method call means, and its result's type.
    fn call(name: &str, arguments: &[Type]) -> Option<(BuiltinId, String)> {
        let entries: Vec<&Builtin> = named(name, true).collect();
        entries.into_iter().find_map(|entry| Some((entry.id, apply(entry, arguments).ok()?.to_string())))
    }

    fn result(name: &str, arguments: &[Type]) -> Option<String> {
        call(name, arguments).map(|(_, result)| result)
    }

    fn values(values: &[&str]) -> Type {
        Type::Enum(Arc::new(EnumType { values: values.iter().map(|value| (*value).into()).collect(), open: false }))
    }

    #[test]
    fn signatures_print_as_they_are_written() {
        let show = |id| {
            let entry = builtin(id);
            let parameters: Vec<String> = entry.parameters.iter().map(|p| format!("{}: {}", p.name, p.ty)).collect();
            format!("{}({}) -> {}", entry.name, parameters.join(", "), entry.result)
        };
        assert_eq!(show(BuiltinId::Flatten), "flatten(values: List<List<T>>) -> List<T>");
        assert_eq!(show(BuiltinId::Max), "max(values: List<Ordered>) -> Ordered?");
        assert_eq!(show(BuiltinId::ParseInt), "parse_int(text: String) -> Int?");
        assert_eq!(show(BuiltinId::Allows), "allows(policy: Policy) -> List<Statement>");
    }

    #[test]
    fn text_of_every_kind_is_text() {
        let kinds = [Type::String, Type::Arn, Type::AccountId, Type::Folded, values(&["a"]), Type::Ref(Arc::from([]))];
        for ty in kinds {
            assert_eq!(result("lower", std::slice::from_ref(&ty)), Some("String".to_owned()), "{ty}");
        }
        assert_eq!(result("lower", &[Type::Int]), None);
        assert_eq!(result("lower", &[Type::String.optional()]), None);
    }

    #[test]
    fn sets_stand_for_lists_but_not_the_other_way() {
        assert_eq!(result("first", &[Type::set(Type::Int)]).as_deref(), Some("Int?"));
        assert_eq!(result("union", &[Type::set(Type::Int), Type::list(Type::Int)]).as_deref(), Some("Set<Int>"));
        assert_eq!(result("union", &[Type::list(Type::Int), Type::set(Type::Int)]), None);
    }

    #[test]
    fn the_variable_widens_to_what_can_be_equal() {
        let contains = |element: Type, value: Type| result("contains", &[Type::list(element), value]).is_some();
        assert!(contains(values(&["a"]), Type::String));
        assert!(contains(values(&["a"]), values(&["b"])));
        assert!(contains(Type::Never, Type::Int));
        assert!(contains(Type::Int.optional(), Type::Int));
        assert!(!contains(Type::Int, Type::Float));
        assert!(!contains(Type::Int, Type::String));
        assert!(!contains(Type::resource("A"), Type::resource("B")));
        assert!(contains(Type::resource("A"), Type::AnyResource));
        let entry = builtin(BuiltinId::ListContains);
        let mismatch = Mismatch { parameter: 1, wanted: Type::Int };
        assert_eq!(apply(entry, &[Type::list(Type::Int), Type::Bool]), Err(mismatch));
    }

    #[test]
    fn ordered_is_what_has_an_order() {
        assert_eq!(result("min", &[Type::list(Type::Time)]).as_deref(), Some("Time?"));
        assert_eq!(result("min", &[Type::list(Type::AccountId)]).as_deref(), Some("AccountId?"));
        assert_eq!(result("min", &[Type::list(Type::Bool)]), None);
        assert_eq!(result("min", &[Type::list(Type::Int.optional())]), None);
        assert_eq!(result("abs", &[Type::Float]).as_deref(), Some("Float"));
        assert_eq!(result("abs", &[Type::Duration]), None);
        assert_eq!(result("sum", &[Type::list(Type::Duration)]).as_deref(), Some("Duration"));
        assert_eq!(result("sum", &[Type::list(Type::Never)]).as_deref(), Some("Int"));
    }

    #[test]
    fn folded_text_on_either_side_is_enough() {
        let id = |name, arguments: &[Type]| call(name, arguments).map(|(id, _)| id);
        assert_eq!(id("starts_with", &[Type::Folded, Type::String]), Some(BuiltinId::FoldedStartsWith));
        assert_eq!(id("starts_with", &[Type::String, Type::String]), Some(BuiltinId::StartsWith));
        let strings = Type::list(Type::String);
        assert_eq!(id("contains", &[strings.clone(), Type::Folded]), Some(BuiltinId::FoldedListContains));
        assert_eq!(id("contains", &[strings, Type::String]), Some(BuiltinId::ListContains));
        let folded = Type::list(Type::Folded);
        assert_eq!(id("difference", &[Type::set(Type::String), folded.clone()]), Some(BuiltinId::FoldedDifference));
        assert_eq!(result("distinct", &[folded]).as_deref(), Some("List<String>"));
    }

    #[test]
    fn what_is_in_error_fits_everywhere() {
        assert_eq!(result("contains", &[Type::Error, Type::Int]).as_deref(), Some("Bool"));
        assert_eq!(apply(builtin(BuiltinId::First), &[Type::Error]), Ok(Type::Error));
        assert_eq!(apply(builtin(BuiltinId::ListContains), &[Type::list(Type::Int), Type::Error]), Ok(Type::Bool));
    }
}
