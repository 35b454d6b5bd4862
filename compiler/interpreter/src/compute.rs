//! The operators on values.
//!
//! All of them are strict in unknowns but for Kleene's exceptions; a value of a shape that the checker rules out
//! gives an unknown, never a verdict.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use jiff::SignedDuration;
use parapet_model::{
    Arithmetic, Node, NodeKind, OpenCount, Order, Reason, Truth, Type, Unknown, Value, compare_numbers, equal,
    equal_multisets, folded,
};

/// The unknown of two operands of which at least one is unknown.
pub(crate) fn unknown_of(a: &Value, b: &Value) -> Option<Unknown> {
    match (a, b) {
        (Value::Unknown(a), Value::Unknown(b)) => Some(a.and(b)),
        (Value::Unknown(unknown), _) | (_, Value::Unknown(unknown)) => Some(unknown.clone()),
        _ => None,
    }
}

fn odd(what: &str) -> Unknown {
    Unknown::new(Reason::Other, format!("an absent value where {what} was expected"))
}

/// Equality by the types of both sides: order-free lists compare as multisets and folded text without regard to
/// case, at any depth. Resources are compared by the caller, who knows stand-ins.
pub(crate) fn equal_typed(a: &Value, b: &Value, left: &Type, right: &Type) -> Truth {
    match (a, b) {
        (Value::Text(_) | Value::Unknown(_), Value::Text(_) | Value::Unknown(_))
            if *left.required() == Type::Folded || *right.required() == Type::Folded =>
        {
            equal(&folded(a), &folded(b))
        }
        (Value::List(x), Value::List(y)) => equal_lists(x, y, left, right),
        (Value::Set(x), Value::Set(y)) => {
            if let Some(more) = Value::open_end(x).or_else(|| Value::open_end(y)) {
                return Truth::Unknown(more.clone());
            }
            let (left, right) = (inner(left), inner(right));
            subset(x, y, &left, &right).and(subset(y, x, &right, &left))
        }
        (Value::Map(x), Value::Map(y)) | (Value::Record(x), Value::Record(y)) => equal_members(x, y, left, right),
        _ => equal(a, b),
    }
}

fn inner(ty: &Type) -> Type {
    match ty.required() {
        Type::List { element, .. } | Type::Set(element) | Type::Map(element) => (**element).clone(),
        other => other.clone(),
    }
}

fn equal_lists(a: &[Value], b: &[Value], left: &Type, right: &Type) -> Truth {
    let free = |ty: &Type| matches!(ty.required(), Type::List { ordered: false, .. });
    let (left_element, right_element) = (inner(left), inner(right));
    let pair = |a: &Value, b: &Value| equal_typed(a, b, &left_element, &right_element);
    if free(left) || free(right) {
        return equal_multisets(a, b, &pair);
    }
    if let Some(more) = Value::open_end(a).or_else(|| Value::open_end(b)) {
        return Truth::Unknown(more.clone());
    }
    if a.len() != b.len() {
        return Truth::False;
    }
    a.iter().zip(b).fold(Truth::True, |truth, (a, b)| truth.and(pair(a, b)))
}

fn subset(a: &[Value], b: &[Value], left: &Type, right: &Type) -> Truth {
    a.iter().fold(Truth::True, |truth, element| {
        truth.and(b.iter().fold(Truth::False, |found, other| found.or(equal_typed(element, other, left, right))))
    })
}

fn equal_members(a: &parapet_model::Fields, b: &parapet_model::Fields, left: &Type, right: &Type) -> Truth {
    let mut names: Vec<&parapet_model::Name> = a.keys().collect();
    names.extend(b.keys().filter(|name| !a.contains_key(*name)));
    names.into_iter().fold(Truth::True, |truth, name| {
        let pair = match (a.get(name).unwrap_or(&Value::Absent), b.get(name).unwrap_or(&Value::Absent)) {
            (Value::Absent, Value::Absent) => Truth::True,
            // An absent collection is an empty one.
            (Value::Absent, Value::List(elements) | Value::Set(elements))
            | (Value::List(elements) | Value::Set(elements), Value::Absent) => match elements.first() {
                Some(Value::Unknown(unknown)) if unknown.is_perhaps() => Truth::Unknown(unknown.clone()),
                first => first.is_none().into(),
            },
            (Value::Absent, Value::Map(entries)) | (Value::Map(entries), Value::Absent) => entries.is_empty().into(),
            (Value::Absent, Value::Unknown(unknown)) | (Value::Unknown(unknown), Value::Absent) => {
                Truth::Unknown(unknown.clone())
            }
            (x, y) => equal_typed(x, y, &field(left, name), &field(right, name)),
        };
        truth.and(pair)
    })
}

/// The type of a field or entry; text where nothing is known, which compares as values are.
fn field(ty: &Type, name: &str) -> Type {
    match ty.required() {
        Type::Map(value) => (**value).clone(),
        Type::SchemaRecord(named) => {
            let property = parapet_model::Schema::embedded()
                .record(&named.owner, &named.record)
                .and_then(|fields| fields.get(name));
            property.map_or(Type::Json, |property| property.ty.clone())
        }
        Type::Record(record) => {
            record.fields.iter().find(|(known, _)| **known == *name).map_or(Type::Json, |(_, ty)| ty.clone())
        }
        _ => Type::Json,
    }
}

/// An order comparison.
pub(crate) fn order(op: Order, a: &Value, b: &Value) -> Truth {
    if let Some(unknown) = unknown_of(a, b) {
        return Truth::Unknown(unknown);
    }
    if let (Some(a), Some(b)) = (interval(a), interval(b))
        && (a.2.is_some() || b.2.is_some())
    {
        return order_intervals(op, a, b);
    }
    match (a, b) {
        (Value::Count(count), Value::Float(_)) => return order_count(op, count, b, false),
        (Value::Float(_), Value::Count(count)) => return order_count(op, count, a, true),
        _ => {}
    }
    let ordering = match (a, b) {
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Count(count), _) | (_, Value::Count(count)) => return Truth::Unknown(count.why.clone()),
        _ => compare_numbers(a, b),
    };
    ordering.map_or_else(|| Truth::Unknown(odd("an ordered value")), |ordering| op.holds(ordering).into())
}

/// A count against a `Float`: decided when both of its ends agree.
fn order_count(op: Order, OpenCount { least, most, why }: &OpenCount, float: &Value, mirrored: bool) -> Truth {
    let end = |end: Option<i64>| {
        let ordering = end.map_or(Some(Ordering::Greater), |end| compare_numbers(&Value::Int(end), float));
        ordering.map(|ordering| op.holds(if mirrored { ordering.reverse() } else { ordering }))
    };
    match (end(Some(*least)), end(*most)) {
        (Some(low), Some(high)) if low == high => low.into(),
        _ => Truth::Unknown(why.clone()),
    }
}

type Interval = (i64, Option<i64>, Option<Unknown>);

fn interval(value: &Value) -> Option<Interval> {
    match value {
        Value::Int(value) => Some((*value, Some(*value), None)),
        Value::Count(count) => Some((count.least, count.most, Some(count.why.clone()))),
        _ => None,
    }
}

/// Decided when all pairs of the two intervals agree.
fn order_intervals(op: Order, a: Interval, b: Interval) -> Truth {
    let why = a.2.or(b.2).unwrap_or_else(|| odd("a count"));
    let above = |most: Option<i64>, least: i64| match most {
        Some(most) => most.cmp(&least),
        None => Ordering::Greater,
    };
    // The least and the greatest that `a` compared with `b` can come out.
    let lowest = above(b.1, a.0).reverse();
    let highest = above(a.1, b.0);
    match (op.holds(lowest), op.holds(highest)) {
        (true, true) => Truth::True,
        (false, false) => Truth::False,
        _ => Truth::Unknown(why),
    }
}

/// Whether a count lies among listed numbers: decided when every number it may be agrees.
pub(crate) fn count_in(OpenCount { least, most, why }: &OpenCount, elements: &[Value]) -> Truth {
    let ints: Option<Vec<i64>> =
        elements.iter().map(|element| if let Value::Int(int) = element { Some(*int) } else { None }).collect();
    let Some(ints) = ints else { return Truth::Unknown(why.clone()) };
    let inside = ints
        .iter()
        .filter(|int| *int >= least && most.is_none_or(|most| **int <= most))
        .collect::<std::collections::BTreeSet<_>>();
    let all = most.and_then(|most| most.checked_sub(*least)).is_some_and(|width| inside.len() as i64 == width + 1);
    match (inside.is_empty(), all) {
        (true, _) => Truth::False,
        (false, true) => Truth::True,
        (false, false) => Truth::Unknown(why.clone()),
    }
}

/// Whether an address or block lies in a block; the two families never contain each other.
pub(crate) fn in_block(item: &Value, block: &Value) -> Truth {
    match (item, block) {
        (Value::Absent, _) => Truth::False,
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => unknown_of(item, block).map_or(Truth::False, Truth::Unknown),
        (Value::Ip(address), Value::Cidr(block)) => contains_address(block, address).into(),
        (Value::Cidr(inner), Value::Cidr(block)) => contains_block(block, inner).into(),
        _ => Truth::Unknown(odd("an address")),
    }
}

fn contains_address(block: &IpNet, address: &IpAddr) -> bool {
    match (block, address) {
        (IpNet::V4(block), IpAddr::V4(address)) => block.contains(address),
        (IpNet::V6(block), IpAddr::V6(address)) => block.contains(address),
        _ => false,
    }
}

fn contains_block(block: &IpNet, inner: &IpNet) -> bool {
    match (block, inner) {
        (IpNet::V4(block), IpNet::V4(inner)) => block.contains(inner),
        (IpNet::V6(block), IpNet::V6(inner)) => block.contains(inner),
        _ => false,
    }
}

fn arithmetic_error(what: &str) -> Value {
    Value::unknown(Reason::Arithmetic, what)
}

/// Arithmetic; overflow, division by zero and results that are not finite are unknown.
pub(crate) fn arithmetic(op: Arithmetic, a: &Value, b: &Value) -> Value {
    if let Some(unknown) = unknown_of(a, b) {
        return Value::Unknown(unknown);
    }
    match (a, b) {
        (Value::Count(count), _) | (_, Value::Count(count)) => Value::Unknown(count.why.clone()),
        (Value::Int(a), Value::Int(b)) => int_arithmetic(op, *a, *b),
        (Value::Float(a), Value::Float(b)) => float_arithmetic(op, *a, *b),
        (Value::Time(a), Value::Time(b)) if op == Arithmetic::Subtract => Value::Duration(a.duration_since(*b)),
        (Value::Time(time), Value::Duration(by)) | (Value::Duration(by), Value::Time(time)) => {
            let moved = if op == Arithmetic::Subtract { time.checked_sub(*by) } else { time.checked_add(*by) };
            moved.map_or_else(|_| arithmetic_error("a time beyond what a `Time` holds"), Value::Time)
        }
        (Value::Duration(a), Value::Duration(b)) => {
            let sum = if op == Arithmetic::Subtract { a.checked_sub(*b) } else { a.checked_add(*b) };
            sum.map_or_else(|| arithmetic_error("overflow of a `Duration`"), Value::Duration)
        }
        (Value::Duration(duration), Value::Int(by)) | (Value::Int(by), Value::Duration(duration)) => {
            scale(op, *duration, *by)
        }
        (Value::Text(a), Value::Text(b)) => Value::text(format!("{a}{b}")),
        (Value::List(a), Value::List(b)) => Value::list(a.iter().chain(b.iter()).cloned().collect()),
        _ => Value::Unknown(odd("a number")),
    }
}

fn int_arithmetic(op: Arithmetic, a: i64, b: i64) -> Value {
    if b == 0 && matches!(op, Arithmetic::Divide | Arithmetic::Remainder) {
        return arithmetic_error("division by zero");
    }
    let result = match op {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        // The least integer has remainder 0 by -1, although the division overflows.
        Arithmetic::Remainder => Some(a.wrapping_rem(b)),
    };
    result.map_or_else(|| arithmetic_error("overflow of an `Int`"), Value::Int)
}

fn float_arithmetic(op: Arithmetic, a: f64, b: f64) -> Value {
    let result = match op {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => a % b,
    };
    if result.is_finite() { Value::Float(result) } else { arithmetic_error("a result that is not finite") }
}

fn scale(op: Arithmetic, duration: SignedDuration, by: i64) -> Value {
    let nanos = duration.as_nanos();
    let result = match op {
        Arithmetic::Divide if by == 0 => return arithmetic_error("division by zero"),
        Arithmetic::Divide => nanos.checked_div(i128::from(by)),
        _ => nanos.checked_mul(i128::from(by)),
    };
    let parts = result.and_then(|nanos| {
        let seconds = i64::try_from(nanos / 1_000_000_000).ok()?;
        Some(SignedDuration::new(seconds, (nanos % 1_000_000_000) as i32))
    });
    parts.map_or_else(|| arithmetic_error("overflow of a `Duration`"), Value::Duration)
}

/// The negative of a number or duration.
pub(crate) fn negate(value: &Value) -> Value {
    match value {
        Value::Unknown(_) => value.clone(),
        Value::Count(count) => Value::Unknown(count.why.clone()),
        Value::Int(int) => int.checked_neg().map_or_else(|| arithmetic_error("overflow of an `Int`"), Value::Int),
        Value::Float(float) => Value::Float(-float),
        Value::Duration(duration) => {
            duration.checked_neg().map_or_else(|| arithmetic_error("overflow of a `Duration`"), Value::Duration)
        }
        _ => Value::Unknown(odd("a number")),
    }
}

/// A document's value as a value of a type; a wrong shape is absent.
pub(crate) fn cast(value: &Value, ty: &Type) -> Value {
    match (ty.required(), value) {
        (_, Value::Absent) => value.clone(),
        (Type::Json, Value::Unknown(_)) => value.clone(),
        (ty, Value::Unknown(unknown)) if ty.is_text() && unknown.symbol().is_some_and(|symbol| symbol.is_text()) => {
            value.clone()
        }
        (_, Value::Unknown(unknown)) => Value::Unknown(unknown.clone().opaque()),
        (Type::Json, _)
        | (Type::Bool, Value::Bool(_))
        | (Type::Int, Value::Int(_))
        | (Type::Float, Value::Float(_)) => value.clone(),
        (Type::Int, Value::Float(float)) if float.fract() == 0.0 && float.abs() < 9e15 => Value::Int(*float as i64),
        (Type::Float, Value::Int(int)) => Value::Float(*int as f64),
        (Type::List { element, .. }, Value::List(elements)) => {
            let members: Vec<Value> = elements.iter().map(|member| cast(member, element)).collect();
            shaped(&members, element).unwrap_or_else(|| Value::list(members.clone()))
        }
        (Type::Map(inner), Value::Map(entries)) => {
            let entries: parapet_model::Fields =
                entries.iter().map(|(key, value)| (key.clone(), cast(value, inner))).collect();
            let members: Vec<Value> = entries.values().cloned().collect();
            shaped(&members, inner).unwrap_or_else(|| Value::Map(Arc::new(entries)))
        }
        (Type::Record(record), Value::Map(entries)) => cast_record(entries, &record.fields),
        (Type::Policy, _) => to_policy(value),
        (Type::Time, Value::Text(text)) => parapet_model::parse_time(text).map_or(Value::Absent, Value::Time),
        (Type::Cidr, Value::Text(text)) => parapet_model::parse_cidr(text).map_or(Value::Absent, Value::Cidr),
        (Type::Ip, Value::Text(text)) => text.parse().map_or(Value::Absent, Value::Ip),
        (ty, Value::Text(_)) if ty.is_text() => value.clone(),
        _ => Value::Absent,
    }
}

/// What members decide of the cast of their collection: one of a wrong shape makes it absent, an unknown one that
/// may be of a wrong shape makes it unknown. Every member, also `null`, is a document.
fn shaped(members: &[Value], ty: &Type) -> Option<Value> {
    if ty.required() == &Type::Json {
        return None;
    }
    if members.iter().any(Value::is_absent) {
        return Some(Value::Absent);
    }
    members.iter().find(|member| member.is_unknown()).cloned()
}

fn cast_record(entries: &parapet_model::Fields, fields: &[(parapet_model::Name, Type)]) -> Value {
    let mut read = parapet_model::Fields::default();
    let mut undecided = None;
    for (name, ty) in fields {
        let value = cast(entries.get(name).unwrap_or(&Value::Absent), ty);
        let may_lack = ty.is_optional() || ty.is_collection();
        match &value {
            Value::Absent if may_lack && !entries.contains_key(name) => {}
            Value::Absent => return Value::Absent,
            Value::Unknown(_) if ty.required() != &Type::Json => undecided = undecided.or(Some(value)),
            _ => drop(read.insert(name.clone(), value)),
        }
    }
    undecided.unwrap_or_else(|| Value::Record(Arc::new(read)))
}

/// A document or text as a policy.
pub(crate) fn to_policy(value: &Value) -> Value {
    match value {
        Value::Absent | Value::Unknown(_) => value.clone(),
        Value::Record(fields) if fields.contains_key("statements") => value.clone(),
        other => parapet_model::policy::from_node(&to_node(other)),
    }
}

fn to_node(value: &Value) -> Node {
    let kind = match value {
        Value::Absent => NodeKind::Null,
        Value::Unknown(unknown) => NodeKind::Unknown(unknown.clone()),
        Value::Bool(value) => NodeKind::Bool(*value),
        Value::Int(value) => NodeKind::Int(*value),
        Value::Float(value) => NodeKind::Float(*value),
        Value::Text(text) => NodeKind::Text(text.clone()),
        Value::List(elements) | Value::Set(elements) => NodeKind::List(elements.iter().map(to_node).collect()),
        Value::Map(entries) | Value::Record(entries) => {
            NodeKind::Map(entries.iter().map(|(key, value)| (key.clone(), to_node(value))).collect())
        }
        Value::Count(count) => NodeKind::Unknown(count.why.clone()),
        Value::Time(time) => NodeKind::Text(time.to_string().into()),
        Value::Cidr(block) => NodeKind::Text(block.to_string().into()),
        Value::Ip(address) => NodeKind::Text(address.to_string().into()),
        Value::Duration(_) | Value::Resource(_) | Value::Account(_) => NodeKind::Null,
    };
    Node::new(parapet_base::Span::default(), kind)
}
