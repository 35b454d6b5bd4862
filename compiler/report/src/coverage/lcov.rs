//! Coverage as an lcov tracefile: a line is hit as often as the point on it that decided most often, each point is
//! a block of branches, each outcome a branch, and `-` says that the point was not reached at all.

use std::collections::BTreeMap;

use parapet_model::{CoverageReport, CoveredModule, CoveredPoint};

pub(super) fn write(report: &CoverageReport, _color: bool) -> String {
    report.modules.iter().map(record).collect()
}

fn record(module: &CoveredModule) -> String {
    let points: Vec<&CoveredPoint> = module.definitions.iter().flat_map(|definition| &definition.points).collect();
    let mut text = format!("TN:\nSF:{}\n", module.path.replace(['\n', '\r'], " "));
    let mut lines: BTreeMap<u32, u64> = BTreeMap::new();
    for (block, point) in points.iter().enumerate() {
        let hits = lines.entry(point.line).or_default();
        *hits = (*hits).max(point.hits());
        for (branch, (_, count)) in point.outcomes.iter().enumerate() {
            let taken = if point.hits() == 0 { "-".to_owned() } else { count.to_string() };
            text.push_str(&format!("BRDA:{},{block},{branch},{taken}\n", point.line));
        }
    }
    let tally = module.tally();
    text.push_str(&format!("BRF:{}\nBRH:{}\n", tally.all, tally.seen));
    for (line, hits) in &lines {
        text.push_str(&format!("DA:{line},{hits}\n"));
    }
    let hit = lines.values().filter(|hits| **hits > 0).count();
    text.push_str(&format!("LF:{}\nLH:{hit}\nend_of_record\n", lines.len()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_as_the_format_wants_it() {
        assert_eq!(
            write(&super::super::tests::report(), false),
            "TN:\nSF:rules/database.parapet\n\
             BRDA:3,0,0,1\nBRDA:3,0,1,4\nBRDA:5,1,0,4\nBRDA:5,1,1,0\nBRDA:12,2,0,-\n\
             BRDA:20,3,0,2\nBRDA:20,3,1,0\nBRDA:20,4,0,-\nBRDA:20,4,1,-\n\
             BRF:9\nBRH:4\nDA:3,5\nDA:5,4\nDA:12,0\nDA:20,2\nLF:4\nLH:3\nend_of_record\n"
        );
    }

    /// Reads a tracefile as `lcov` does; `Err` names the line that it would refuse, or the sum that is wrong.
    fn read(text: &str) -> Result<usize, String> {
        let (mut records, mut open) = (0, false);
        let (mut lines, mut branches): (Vec<u64>, Vec<Option<u64>>) = (Vec::new(), Vec::new());
        for line in text.lines() {
            let (key, value) = line.split_once(':').unwrap_or((line, ""));
            let numbers: Vec<&str> = value.split(',').collect();
            let number = |text: &str| text.parse::<u64>().map_err(|_| line.to_owned());
            let sum = |found: usize| if number(value)? == found as u64 { Ok(()) } else { Err(line.to_owned()) };
            match (key, numbers.as_slice()) {
                ("TN", _) if !open => {}
                ("SF", [path]) if !path.is_empty() => open = true,
                ("DA", [at, hits]) if number(at)? > 0 => lines.push(number(hits)?),
                ("BRDA", [at, block, branch, taken]) if number(at)? > 0 => {
                    number(block)?;
                    number(branch)?;
                    branches.push(if *taken == "-" { None } else { Some(number(taken)?) });
                }
                ("LF", _) => sum(lines.len())?,
                ("LH", _) => sum(lines.iter().filter(|hits| **hits > 0).count())?,
                ("BRF", _) => sum(branches.len())?,
                ("BRH", _) => sum(branches.iter().filter(|taken| taken.is_some_and(|taken| taken > 0)).count())?,
                ("end_of_record", _) if open => {
                    (records, open) = (records + 1, false);
                    lines.clear();
                    branches.clear();
                }
                _ => return Err(line.to_owned()),
            }
        }
        if open { Err("the last record has no end".to_owned()) } else { Ok(records) }
    }

    #[test]
    fn a_reader_of_the_format_agrees() {
        let mut report = super::super::tests::report();
        assert_eq!(read(&write(&report, false)), Ok(1));
        report.modules.extend(report.modules.clone());
        assert_eq!(read(&write(&report, false)), Ok(2));
        assert_eq!(read(&write(&CoverageReport::default(), false)), Ok(0));
        assert!(read("SF:a\nDA:1,1\nLF:2\nend_of_record\n").is_err());
    }
}
