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

use crate::fixtures::architectures;
use crate::judge::{Judge, Problem};
use crate::matrix::Matrix;
use crate::tables::Exceptions;

#[test]
fn every_form_gives_the_same_verdict() {
    let architectures = architectures();
    assert!(architectures.len() >= 15, "{}", architectures.len());
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
    let problems: Vec<String> = judge.problems.iter().map(Problem::to_string).collect();
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}
