//! One guardrail gives one verdict, whatever form the same architecture is shown in.
//!
//! Each folder of `tests/parity` is a small architecture, once as it should be and once with weaknesses, each written as
//! a CloudFormation template, a Terraform plan, AWS Config items and Cloud Control answers. The whole library judges
//! all of them. What must come out stands in `verdicts.tsv`, written from the meaning of the guardrails; what a form
//! cannot show stands in `cannot-show.tsv` with the reason. Every other difference is a defect of a reader, a mapping
//! or a rule, and shows here as a line of a table. `PARAPET_PARITY=all` prints the whole matrix.
#![cfg(test)]

#[path = "parity/fixtures.rs"]
mod fixtures;
#[path = "parity/judge.rs"]
mod judge;
#[path = "parity/matrix.rs"]
mod matrix;
#[path = "parity/tables.rs"]
mod tables;

use std::io::Write;

use std::collections::BTreeSet;

use crate::fixtures::architectures;
use crate::judge::Judge;
use crate::matrix::Matrix;
use crate::tables::Exceptions;

#[test]
fn every_form_gives_the_same_verdict() {
    let architectures = architectures();
    assert!(architectures.len() >= 12, "{}", architectures.len());
    let matrix = Matrix::of(&architectures);
    let exceptions = Exceptions::read();
    let mut judge = Judge::new(&architectures, &matrix, &exceptions);
    judge.verdicts();
    judge.library();
    judge.shares();
    judge.exceptions();
    if std::env::var("PARAPET_PARITY").is_ok_and(|wanted| wanted == "all") {
        let _ = std::io::stderr().write_all(matrix.to_string().as_bytes());
    }
    let problems: BTreeSet<String> = judge.problems.iter().map(|problem| one_line(&problem.to_string())).collect();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("parity/open.txt");
    if std::env::var("PARAPET_PARITY").is_ok_and(|wanted| wanted == "record") {
        let lines: Vec<&str> = problems.iter().map(String::as_str).collect();
        std::fs::write(&path, format!("{OPEN}{}\n", lines.join("\n"))).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let open: BTreeSet<String> =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    let new: Vec<&String> = problems.difference(&open).collect();
    assert!(new.is_empty(), "{} problems\n{new:#?}", new.len());
    let mended: Vec<&String> = open.difference(&problems).collect();
    assert!(mended.is_empty(), "{} problems of `open.txt` are no more; take them out\n{mended:#?}", mended.len());
}

/// The head of the list of what is known to be wrong.
const OPEN: &str = "# What is known to differ from `verdicts.tsv`, which says what is right. A line that is not here fails the suite, and so\n\
# does one that is here and no longer true. `PARAPET_PARITY=record` writes the list again.\n";

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
