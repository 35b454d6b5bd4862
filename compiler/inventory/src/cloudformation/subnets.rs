//! `Fn::Cidr`: a block cut into smaller ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The most blocks that the function gives.
const MOST_BLOCKS: u128 = 256;

/// The first `count` blocks with `bits` host bits each. `None` where there are not so many.
pub(crate) fn cut(block: &str, count: u128, bits: u32) -> Option<Vec<String>> {
    let (address, prefix) = block.trim().split_once('/')?;
    let (address, prefix): (IpAddr, u32) = (address.parse().ok()?, prefix.parse().ok()?);
    let (start, width) = match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32_u32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let host = width.checked_sub(prefix)?;
    let most = 1_u128.checked_shl(host.checked_sub(bits)?).unwrap_or(u128::MAX);
    if count == 0 || count > most || count > MOST_BLOCKS {
        return None;
    }
    // The host bits of the block itself do not count.
    let start = if host == 128 { 0 } else { start >> host << host };
    let block = |at: u128| {
        let address = start.checked_add(at.checked_mul(1_u128.checked_shl(bits)?)?)?;
        let address = match width {
            32 => IpAddr::V4(Ipv4Addr::from(u32::try_from(address).ok()?)),
            _ => IpAddr::V6(Ipv6Addr::from(address)),
        };
        Some(format!("{address}/{}", width - bits))
    };
    (0..count).map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn blocks_are_cut() {
        assert_eq!(cut("10.0.0.0/16", 3, 8).unwrap(), ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]);
        assert_eq!(cut("10.0.3.7/22", 2, 9).unwrap(), ["10.0.0.0/23", "10.0.2.0/23"]);
        assert_eq!(cut("2001:db8::/56", 2, 64).unwrap(), ["2001:db8::/64", "2001:db8:0:1::/64"]);
    }

    #[test]
    fn what_does_not_fit_is_none() {
        for (block, count, bits) in
            [("10.0.0.0/24", 2, 8), ("10.0.0.0/24", 0, 4), ("10.0.0.0/24", 1, 9), ("x", 1, 1), ("10.0.0.0/0", 257, 2)]
        {
            assert_eq!(cut(block, count, bits), None, "{block} {count} {bits}");
        }
    }
}
