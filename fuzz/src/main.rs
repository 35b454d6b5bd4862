//! `cargo xtask fuzz TARGET [--seconds N] [--executions N] [--seed S] [--trace]`: what it does stands in `fuzz/README.md`.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use parapet_fuzz::run::{Limit, Summary, run};
use parapet_fuzz::{seeds, targets};

const USAGE: &str = "usage: cargo xtask fuzz TARGET [--seconds N] [--executions N] [--seed S] [--trace]";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut limit = Limit { time: Duration::from_secs(600), executions: 10_000_000 };
    let mut seed = 1;
    let mut target = None;
    let mut trace = false;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut number = || rest.next().and_then(|number| number.parse::<u64>().ok()).context(USAGE);
        match argument.as_str() {
            "--seconds" => limit.time = Duration::from_secs(number()?),
            "--executions" => limit.executions = number()?,
            "--seed" => seed = number()?,
            "--trace" => trace = true,
            name if target.is_none() && !name.starts_with('-') => target = Some(name),
            _ => bail!(USAGE),
        }
    }
    let target = target.with_context(|| format!("{USAGE}; targets: {}", targets::NAMES.join(", ")))?;
    let folder = seeds::root()?.join("target/fuzz").join(target);
    std::fs::create_dir_all(&folder)?;
    let mut texts = seeds::of(target)?;
    texts.extend(seeds::corpus(target)?.into_iter().map(|(_, text)| text));
    let current = folder.join("current.parapet");
    let summary = run(target, &texts, seed, limit, trace.then_some(current.as_path()))?;
    for (at, finding) in summary.findings.iter().enumerate() {
        std::fs::write(folder.join(format!("finding-{seed}-{at}.parapet")), &finding.text)?;
    }
    tell(target, seed, &summary)
}

fn tell(target: &str, seed: u64, summary: &Summary) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for finding in &summary.findings {
        let how: String = finding.how.chars().take(2000).collect();
        writeln!(out, "{}\n{how}\n--- text\n{}\n---", finding.name, finding.text)?;
    }
    let Summary { executions, time, kept, findings, slowest } = summary;
    writeln!(
        out,
        "{target}: seed {seed}, {executions} texts in {:.0} s, {kept} kept, slowest {:.3} s, {} findings",
        time.as_secs_f64(),
        slowest.as_secs_f64(),
        findings.len()
    )?;
    match findings.is_empty() {
        true => Ok(()),
        false => bail!("{} findings; their texts are in target/fuzz/{target}", findings.len()),
    }
}
