//! Blocks of addresses: `cidrsubnet` and its kin.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use parapet_model::{Node, NodeKind};

use super::value::{list, text_of};

type Made = Result<Node, String>;

/// An address as a number, with how many bits it has and how many are the network's.
#[derive(Clone, Copy)]
struct Block {
    bits: u128,
    width: u32,
    length: u32,
}

impl Block {
    fn read(node: &Node) -> Result<Block, String> {
        let text = text_of(node).ok_or("not a block")?;
        let (address, length) = text.split_once('/').ok_or("not a block")?;
        let length: u32 = length.parse().map_err(|_| "not a block".to_owned())?;
        let (bits, width) = match address.parse::<IpAddr>().map_err(|_| "not a block".to_owned())? {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        if length > width {
            return Err("not a block".to_owned());
        }
        Ok(Block { bits: bits & mask(width, length), width, length })
    }

    fn address(self, bits: u128) -> String {
        match self.width {
            32 => Ipv4Addr::from(u32::try_from(bits).unwrap_or_default()).to_string(),
            _ => Ipv6Addr::from(bits).to_string(),
        }
    }

    /// The `number`-th of its parts with so many bits more.
    fn part(self, more: u32, number: u128) -> Result<Block, String> {
        let length = self.length.checked_add(more).filter(|length| *length <= self.width).ok_or("not a block")?;
        if more < 128 && number >> more != 0 {
            return Err("not a block".to_owned());
        }
        let shifted = number.checked_shl(self.width - length).unwrap_or(0);
        Ok(Block { bits: self.bits | shifted, length, ..self })
    }

    fn text(self) -> Node {
        Node::text(format!("{}/{}", self.address(self.bits), self.length))
    }
}

/// The bits of a network.
fn mask(width: u32, length: u32) -> u128 {
    let all = if width == 128 { u128::MAX } else { (1 << width) - 1 };
    all & !(all.checked_shr(length).unwrap_or(0))
}

fn whole(node: &Node) -> Result<u128, String> {
    match &node.kind {
        NodeKind::Int(value) => u128::try_from(*value).map_err(|_| "not evaluated".to_owned()),
        _ => Err("not a number".to_owned()),
    }
}

pub(super) fn subnet(block: &Node, bits: &Node, number: &Node) -> Made {
    let more = u32::try_from(whole(bits)?).map_err(|_| "not a block".to_owned())?;
    Block::read(block)?.part(more, whole(number)?).map(Block::text)
}

pub(super) fn subnets(block: &Node, bits: &[Node]) -> Made {
    let block = Block::read(block)?;
    let mut next = block.bits;
    let mut made = Vec::new();
    for node in bits {
        let more = u32::try_from(whole(node)?).map_err(|_| "not a block".to_owned())?;
        let length = block.length.checked_add(more).filter(|length| *length <= block.width).ok_or("not a block")?;
        let size = 1u128.checked_shl(block.width - length).ok_or("not a block")?;
        // The next place that a block of this size may begin at.
        let start = next.checked_add(size - 1).ok_or("not a block")? & mask(block.width, length);
        if start & mask(block.width, block.length) != block.bits {
            return Err("not a block".to_owned());
        }
        made.push(Block { bits: start, length, ..block }.text());
        next = start.checked_add(size).ok_or("not a block")?;
    }
    Ok(list(made))
}

pub(super) fn host(block: &Node, number: &Node) -> Made {
    let block = Block::read(block)?;
    let room = block.width - block.length;
    let NodeKind::Int(number) = number.kind else { return Err("not a number".to_owned()) };
    let size = 1u128.checked_shl(room).ok_or("not evaluated")?;
    let offset = match u128::try_from(number) {
        Ok(offset) => Some(offset),
        Err(_) => size.checked_sub(u128::from(number.unsigned_abs())),
    };
    let offset = offset.filter(|offset| *offset < size).ok_or("beyond the block")?;
    Ok(Node::text(block.address(block.bits | offset)))
}

pub(super) fn netmask(block: &Node) -> Made {
    let block = Block::read(block)?;
    Ok(Node::text(block.address(mask(block.width, block.length))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(value: i64) -> Node {
        Node::new(Default::default(), NodeKind::Int(value))
    }

    fn text(made: Made) -> String {
        match made {
            Ok(node) => crate::tests::show(&node),
            Err(why) => why,
        }
    }

    #[test]
    fn as_terraform_counts() {
        let block = Node::text("10.0.0.0/16");
        assert_eq!(text(subnet(&block, &int(4), &int(15))), "\"10.0.240.0/20\"");
        assert_eq!(text(subnet(&block, &int(4), &int(16))), "not a block");
        assert_eq!(text(subnet(&Node::text("fd00::/8"), &int(8), &int(2))), "\"fd02::/16\"");
        assert_eq!(text(host(&block, &int(5))), "\"10.0.0.5\"");
        assert_eq!(text(host(&block, &int(-1))), "\"10.0.255.255\"");
        assert_eq!(text(netmask(&Node::text("10.0.0.0/12"))), "\"255.240.0.0\"");
        assert_eq!(
            text(subnets(&block, &[int(8), int(4), int(8)])),
            r#"["10.0.0.0/24","10.0.16.0/20","10.0.32.0/24"]"#
        );
        assert_eq!(text(subnet(&Node::text("x"), &int(4), &int(1))), "not a block");
    }
}
