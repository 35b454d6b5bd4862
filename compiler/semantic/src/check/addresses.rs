//! Addresses that stand in quotes where an address is wanted.

use parapet_base::{Applicability, Diagnostic, Edit, Span};
use parapet_model::Type;

use crate::typed::{Literal, Typed, TypedKind};

/// Takes addresses out of their quotes where they are wanted, if all of them are some; they can mean nothing else.
pub(super) fn unquoted(diagnostic: Diagnostic, values: &[&Typed], wanted: &Type) -> Diagnostic {
    let written = |value: &&Typed| match &value.kind {
        TypedKind::Literal(Literal::Text(text)) => address(text, wanted).map(|address| (value.span, address)),
        _ => None,
    };
    let addresses: Option<Vec<(Span, Address)>> = values.iter().map(written).collect();
    let Some(addresses) = addresses.filter(|addresses| !addresses.is_empty()) else { return diagnostic };
    let message = match addresses.as_slice() {
        [(_, Address::Literal(_))] => "write the address without quotes".to_owned(),
        [(_, Address::Call(name, _))] => format!("read the address with `{name}`"),
        _ => "write the addresses without quotes".to_owned(),
    };
    let edit = |(span, address)| match address {
        Address::Literal(replacement) | Address::Call(_, replacement) => Edit { span, replacement },
    };
    diagnostic.suggest_edits(addresses.into_iter().map(edit).collect(), message, Applicability::Machine)
}

/// How an address is written.
enum Address {
    Literal(String),
    /// By the function of this name.
    Call(&'static str, String),
}

/// A text as the address that it writes.
fn address(text: &str, wanted: &Type) -> Option<Address> {
    let is_block = || text.parse::<ipnet::IpNet>().is_ok_and(|block| block == block.trunc());
    let call = match wanted {
        Type::Cidr if is_block() => "cidr",
        Type::Ip if text.parse::<std::net::IpAddr>().is_ok() => "ip",
        _ => return None,
    };
    // A literal begins with a digit or `::`; other addresses are folded from a call.
    let literal = text.starts_with(|letter: char| letter.is_ascii_digit()) || text.starts_with("::");
    Some(if literal { Address::Literal(text.to_owned()) } else { Address::Call(call, format!("{call}({text:?})")) })
}
