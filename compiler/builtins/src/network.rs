//! Addresses and blocks of addresses.
//!
//! IPv4 and IPv6 have nothing in common: an IPv4 address that is written in IPv6 (`::ffff:10.0.0.1`) is an IPv6
//! address. What is special about a block is taken from the two special-purpose address registries of the
//! IANA (RFC 6890), the multicast registries, and the one IPv6 block that unicast addresses are given out of.

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;
use parapet_model::Value;

use crate::Context;
use crate::arguments::{present, undecided};

/// For use inside of networks.
const PRIVATE: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "fc00::/7",
    "::1/128",
    "fe80::/10",
];

/// Not routed on the internet, beside what is private.
const RESERVED: [&str; 19] = [
    "0.0.0.0/8",       // this network
    "192.0.0.0/24",    // protocol assignments
    "192.0.2.0/24",    // documentation
    "192.88.99.0/24",  // 6to4 relays, deprecated
    "198.18.0.0/15",   // benchmarking
    "198.51.100.0/24", // documentation
    "203.0.113.0/24",  // documentation
    "224.0.0.0/4",     // multicast
    "240.0.0.0/4",     // future use, and broadcast
    "::/128",          // unspecified
    "::ffff:0:0/96",   // IPv4 addresses
    "64:ff9b:1::/48",  // local translation
    "100::/64",        // discard
    "2001::/23",       // protocol assignments
    "2001:db8::/32",   // documentation
    "2002::/16",       // 6to4
    "3fff::/20",       // documentation
    "5f00::/16",       // segment routing
    "ff00::/8",        // multicast
];

/// Where routed addresses are: all of IPv4, and the block of IPv6 that unicast addresses are given out of.
const ROUTED: [&str; 2] = ["0.0.0.0/0", "2000::/3"];

static PRIVATE_BLOCKS: LazyLock<Vec<IpNet>> = LazyLock::new(|| blocks(&PRIVATE));
static RESERVED_BLOCKS: LazyLock<Vec<IpNet>> = LazyLock::new(|| blocks(&RESERVED));
static ROUTED_BLOCKS: LazyLock<Vec<IpNet>> = LazyLock::new(|| blocks(&ROUTED));

/// The tests hold that every text is a block.
fn blocks(texts: &[&str]) -> Vec<IpNet> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

pub(crate) fn ip(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text)] => present(text.trim().parse::<IpAddr>().ok().map(Value::Ip)),
        _ => undecided(arguments),
    }
}

pub(crate) fn cidr(_: &Context, arguments: &[Value]) -> Value {
    let [Value::Text(text)] = arguments else { return undecided(arguments) };
    let block = text.trim().split_once('/').and_then(|(address, length)| parse_block(address, length));
    present(block.filter(|block| block.addr() == block.network()).map(Value::Cidr))
}

/// `ipnet` reads `010.0.0.0`, too, which some take for octal; the standard library refuses it.
fn parse_block(address: &str, length: &str) -> Option<IpNet> {
    let digits = length.bytes().all(|byte| byte.is_ascii_digit());
    let length = length.parse().ok().filter(|_| digits)?;
    IpNet::new(address.parse().ok()?, length).ok()
}

pub(crate) fn contains(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Cidr(block), Value::Ip(address)] => Value::Bool(block.contains(address)),
        [Value::Cidr(block), Value::Cidr(other)] => Value::Bool(block.contains(other)),
        _ => undecided(arguments),
    }
}

pub(crate) fn overlaps(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Cidr(block), Value::Cidr(other)] => Value::Bool(overlap(block, other)),
        _ => undecided(arguments),
    }
}

/// Of two blocks that share an address, one holds the other.
fn overlap(a: &IpNet, b: &IpNet) -> bool {
    a.contains(b) || b.contains(a)
}

pub(crate) fn prefix_length(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Cidr(block)] => Value::Int(i64::from(block.prefix_len())),
        _ => undecided(arguments),
    }
}

pub(crate) fn is_private(_: &Context, arguments: &[Value]) -> Value {
    match as_block(arguments) {
        Some(block) => Value::Bool(PRIVATE_BLOCKS.iter().any(|private| private.contains(&block))),
        None => undecided(arguments),
    }
}

pub(crate) fn is_public(_: &Context, arguments: &[Value]) -> Value {
    let Some(block) = as_block(arguments) else { return undecided(arguments) };
    let routed = ROUTED_BLOCKS.iter().any(|routed| routed.contains(&block));
    let special = PRIVATE_BLOCKS.iter().chain(RESERVED_BLOCKS.iter()).any(|special| overlap(special, &block));
    Value::Bool(routed && !special)
}

pub(crate) fn is_ipv4(_: &Context, arguments: &[Value]) -> Value {
    as_block(arguments).map_or_else(|| undecided(arguments), |block| Value::Bool(matches!(block, IpNet::V4(_))))
}

pub(crate) fn is_ipv6(_: &Context, arguments: &[Value]) -> Value {
    as_block(arguments).map_or_else(|| undecided(arguments), |block| Value::Bool(matches!(block, IpNet::V6(_))))
}

/// A block, or an address as the block of it alone.
fn as_block(arguments: &[Value]) -> Option<IpNet> {
    match arguments {
        [Value::Cidr(block)] => Some(*block),
        [Value::Ip(address)] => Some(IpNet::from(*address)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const CX: Context = Context { now: Timestamp::UNIX_EPOCH };

    fn block(text: &str) -> Value {
        Value::Cidr(text.parse().unwrap())
    }

    fn holds(meaning: fn(&Context, &[Value]) -> Value, arguments: &[Value]) -> bool {
        match meaning(&CX, arguments) {
            Value::Bool(value) => value,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_tables_hold_blocks() {
        assert_eq!(PRIVATE_BLOCKS.len(), PRIVATE.len());
        assert_eq!(RESERVED_BLOCKS.len(), RESERVED.len());
        assert_eq!(ROUTED_BLOCKS.len(), ROUTED.len());
        let all = PRIVATE_BLOCKS.iter().chain(RESERVED_BLOCKS.iter()).chain(ROUTED_BLOCKS.iter());
        assert!(all.clone().all(|block| block.addr() == block.network()));
    }

    #[test]
    fn host_bits_and_bare_addresses_are_no_blocks() {
        for text in ["10.0.0.0/8", "::/0", "fe80::/10", "10.1.2.3/32"] {
            assert!(matches!(cidr(&CX, &[Value::text(text)]), Value::Cidr(_)), "{text}");
        }
        for text in [
            "",
            "10.0.0.1/8",
            "10.0.0.1",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0/8",
            "010.0.0.0/8",
            "fe80::1/10",
            "10.0.0.0/+8",
            "10.0.0.0/",
        ] {
            assert!(cidr(&CX, &[Value::text(text)]).is_absent(), "{text}");
        }
        for text in ["10.0.0.1", "::1", "::ffff:10.0.0.1", "0:0:0:0:0:0:0:1"] {
            assert!(matches!(ip(&CX, &[Value::text(text)]), Value::Ip(_)), "{text}");
        }
        for text in ["", "10.0.0.256", "10.0.0", "010.0.0.1", "fe80::1%eth0", "10.0.0.0/8"] {
            assert!(ip(&CX, &[Value::text(text)]).is_absent(), "{text}");
        }
    }

    #[test]
    fn families_have_nothing_in_common() {
        assert!(holds(contains, &[block("10.0.0.0/8"), block("10.1.0.0/16")]));
        assert!(!holds(contains, &[block("10.1.0.0/16"), block("10.0.0.0/8")]));
        assert!(holds(overlaps, &[block("10.1.0.0/16"), block("10.0.0.0/8")]));
        assert!(!holds(overlaps, &[block("10.1.0.0/16"), block("10.2.0.0/16")]));
        assert!(!holds(contains, &[block("::/0"), Value::Ip("10.0.0.1".parse().unwrap())]));
        assert!(!holds(contains, &[block("0.0.0.0/0"), block("::ffff:10.0.0.0/104")]));
        assert!(!holds(overlaps, &[block("::/0"), block("0.0.0.0/0")]));
    }

    #[test]
    fn private_is_wholly_inside_and_public_is_wholly_outside() {
        let cases = [
            ("10.0.0.0/8", true, false),
            ("10.0.0.0/7", false, false),
            ("172.31.255.255/32", true, false),
            ("172.32.0.0/16", false, true),
            ("100.127.0.0/16", true, false),
            ("0.0.0.0/0", false, false),
            ("0.0.0.0/1", false, false),
            ("8.8.8.8/32", false, true),
            ("192.0.2.0/24", false, false),
            ("224.0.0.1/32", false, false),
            ("::/0", false, false),
            ("::1/128", true, false),
            ("fd12::/16", true, false),
            ("fe80::/10", true, false),
            ("2600::/12", false, true),
            ("2001:db8::/48", false, false),
            ("4000::/3", false, false),
            ("::ffff:8.8.8.8/128", false, false),
        ];
        for (text, private, public) in cases {
            assert_eq!(holds(is_private, &[block(text)]), private, "{text}");
            assert_eq!(holds(is_public, &[block(text)]), public, "{text}");
        }
        assert!(holds(is_private, &[Value::Ip("169.254.169.254".parse().unwrap())]));
        assert!(holds(is_public, &[Value::Ip("2600::1".parse().unwrap())]));
        assert!(holds(is_ipv4, &[block("10.0.0.0/8")]) && holds(is_ipv6, &[Value::Ip("::1".parse().unwrap())]));
    }
}
