//! What is wrong with a matrix.

use std::collections::BTreeSet;

use crate::fixtures::{Architecture, FORMS, Form, VARIANTS, Variant};
use crate::matrix::{Matrix, Place, Said};
use crate::tables::{Exception, Exceptions};

/// A line of the table that the test fails with.
pub(crate) enum Problem {
    /// A form that says something else than what must come out.
    Differs { place: Place, form: Form, expected: String, said: Option<Said>, others: String },
    /// A sentence about a table, a file or a guardrail.
    Other(String),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Problem::Differs { place, form, expected, said, others } => {
                let Place { guardrail, architecture, variant, resource } = place;
                let (verdict, causes) = match said {
                    Some(said) => (said.verdict, said.causes.join("; ")),
                    None => ("nothing", String::new()),
                };
                write!(
                    out,
                    "{:<14} {guardrail:<52} {architecture}/{}/{resource}: {verdict}, not {expected} [{others}] {causes}",
                    form.name(),
                    variant.name(),
                )
            }
            Problem::Other(text) => out.write_str(text),
        }
    }
}

/// Guardrails that never give a verdict here, with the reason.
const NEVER: [(&str, &str, &str); 4] = [
    (
        "database::rds_cluster_takes_roles",
        "pass",
        "a template may not say it of a cluster over several zones, as is here",
    ),
    ("identity::inline_policy_is_given_to_no_user", "pass", "an inline policy of a user always names one"),
    ("identity::account_has_a_password_policy", "pass", "none of the four forms shows the setting"),
    ("identity::account_has_a_password_policy", "fail", "none of the four forms shows the setting"),
];

pub(crate) struct Judge<'j> {
    architectures: &'j [Architecture],
    matrix: &'j Matrix,
    exceptions: &'j Exceptions,
    /// The exceptions that some cell needed, by their index.
    used: BTreeSet<usize>,
    pub(crate) problems: Vec<Problem>,
}

impl<'j> Judge<'j> {
    pub(crate) fn new(architectures: &'j [Architecture], matrix: &'j Matrix, exceptions: &'j Exceptions) -> Self {
        let problems = matrix.strays.iter().cloned().map(Problem::Other).collect();
        Judge { architectures, matrix, exceptions, used: BTreeSet::new(), problems }
    }

    fn complain(&mut self, text: String) {
        self.problems.push(Problem::Other(text));
    }

    /// Each cell is as the tables say, and each cell is in a table.
    pub(crate) fn verdicts(&mut self) {
        for architecture in self.architectures {
            for ((guardrail, resource), verdicts) in &architecture.expected {
                for (variant, expected) in VARIANTS.into_iter().zip(verdicts) {
                    let Some(named) = architecture.resources.get(resource) else {
                        self.complain(format!("{}/resources.tsv: {resource} is missing", architecture.name));
                        continue;
                    };
                    let place = place(architecture, guardrail, variant, resource);
                    match expected {
                        Some(expected) => FORMS
                            .into_iter()
                            .filter(|form| named.is_in(*form))
                            .for_each(|form| self.cell(&place, form, expected)),
                        None if self.matrix.cells.contains_key(&place) => {
                            self.complain(format!("verdicts.tsv: {place:?} has a verdict"));
                        }
                        None => {}
                    }
                }
            }
        }
        self.unforeseen();
    }

    fn cell(&mut self, place: &Place, form: Form, expected: &str) {
        let cells = self.matrix.cells.get(place);
        let said = cells.and_then(|cells| cells[form as usize].clone());
        let verdict = said.as_ref().map_or("nothing", |said| said.verdict);
        if verdict == expected || self.is_excused(place, form, verdict) {
            return;
        }
        let others = cells.map(|cells| cells.each_ref().map(|said| said.as_ref().map_or("-", |said| said.verdict)));
        let others = others.unwrap_or(["-"; 4]).join(" ");
        self.problems.push(Problem::Differs {
            place: place.clone(),
            form,
            expected: expected.to_owned(),
            said,
            others,
        });
    }

    fn is_excused(&mut self, place: &Place, form: Form, verdict: &str) -> bool {
        let Place { guardrail, architecture, variant, resource } = place;
        let places = [format!("{architecture}/{resource}"), format!("{architecture}/{}/{resource}", variant.name())];
        let found = self
            .exceptions
            .0
            .iter()
            .position(|exception| exception.shows == verdict && exception.speaks_of(guardrail, form, &places));
        found.map(|at| self.used.insert(at)).is_some()
    }

    fn unforeseen(&mut self) {
        let matrix = self.matrix;
        for place in matrix.cells.keys() {
            let architecture = self.architectures.iter().find(|known| known.name == place.architecture).unwrap();
            let key = (place.guardrail.clone(), place.resource.clone());
            if !architecture.expected.contains_key(&key) {
                self.complain(format!(
                    "{}/verdicts.tsv: {} {} is missing",
                    place.architecture, place.guardrail, place.resource
                ));
            }
        }
    }

    /// Each guardrail passes somewhere and fails somewhere, and is met in each form that can show what it reads.
    pub(crate) fn library(&mut self) {
        let matrix = self.matrix;
        for guardrail in &matrix.guardrails {
            let cells = || matrix.cells.iter().filter(|(place, _)| place.guardrail == *guardrail);
            let mut met = false;
            for form in FORMS {
                if cells().any(|(_, cells)| cells[form as usize].is_some()) {
                    met = true;
                } else if !self.is_never_shown(guardrail, form) {
                    self.complain(format!(
                        "{guardrail}: {} never meets it, and cannot-show.tsv does not say why",
                        form.name()
                    ));
                }
            }
            for wanted in ["pass", "fail"] {
                let is = |said: &Option<Said>| said.as_ref().is_some_and(|said| said.verdict == wanted);
                let never = NEVER.iter().any(|(name, verdict, _)| name == guardrail && *verdict == wanted);
                if met && !never && !cells().any(|(_, cells)| cells.iter().any(is)) {
                    self.complain(format!("{guardrail}: no {wanted} anywhere"));
                }
            }
        }
    }

    fn is_never_shown(&mut self, guardrail: &str, form: Form) -> bool {
        let found = self.exceptions.0.iter().position(|exception| {
            exception.shows == "nothing" && exception.place.is_none() && exception.speaks_of(guardrail, form, &[])
        });
        found.map(|at| self.used.insert(at)).is_some()
    }

    /// Per guardrail and form at most a tenth is unknown, apart from what the table gives a reason for.
    pub(crate) fn shares(&mut self) {
        let matrix = self.matrix;
        for guardrail in &matrix.guardrails {
            for form in FORMS {
                let cells = matrix.cells.iter().filter(|(place, _)| place.guardrail == *guardrail);
                let said: Vec<(&Place, &Said)> =
                    cells.filter_map(|(place, cells)| Some((place, cells[form as usize].as_ref()?))).collect();
                let unknown = said
                    .iter()
                    .filter(|(place, said)| said.verdict == "unknown" && !self.is_excused(place, form, "unknown"));
                let unknown = unknown.count();
                if unknown * 10 > said.len() {
                    self.complain(format!("{guardrail}: {unknown} of {} unknown in {}", said.len(), form.name()));
                }
            }
        }
    }

    /// Each exception is needed, and what it says everywhere is so everywhere.
    pub(crate) fn exceptions(&mut self) {
        let exceptions = self.exceptions;
        for (at, exception) in exceptions.0.iter().enumerate() {
            if !self.used.contains(&at) {
                self.complain(format!("{exception}: nothing needs this"));
            }
            if let Some(place) = self.against(exception) {
                self.complain(format!(
                    "{exception}: shown in {}/{}/{}",
                    place.architecture,
                    place.variant.name(),
                    place.resource
                ));
            }
        }
    }

    /// A cell that shows what the exception says cannot be shown anywhere.
    fn against(&self, exception: &Exception) -> Option<&'j Place> {
        let decided = |said: &Said| {
            let other = said.verdict != exception.shows && matches!(said.verdict, "pass" | "fail");
            other || exception.shows == "nothing"
        };
        let shown = |form: Form, cells: &[Option<Said>; 4]| cells[form as usize].as_ref().is_some_and(decided);
        let of = |place: &Place, form: Form| exception.speaks_of(&place.guardrail, form, &[]);
        let against = |(place, cells): &(&'j Place, &'j [Option<Said>; 4])| {
            exception.place.is_none() && FORMS.into_iter().any(|form| of(place, form) && shown(form, cells))
        };
        self.matrix.cells.iter().find(against).map(|(place, _)| place)
    }
}

fn place(architecture: &Architecture, guardrail: &str, variant: Variant, resource: &str) -> Place {
    let (guardrail, resource) = (guardrail.to_owned(), resource.to_owned());
    Place { guardrail, architecture: architecture.name.clone(), variant, resource }
}
