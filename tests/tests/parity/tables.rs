//! Tables of the suite: texts with tabulators, one line a row; the first line names the columns.

use std::path::Path;

use crate::fixtures::{FORMS, Form, root};

/// The rows of a table, each with `columns` texts.
pub(crate) fn lines(path: &Path, columns: usize) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let row = |(number, line): (usize, &str)| {
        let row: Vec<String> = line.split('\t').map(str::to_owned).collect();
        assert_eq!(row.len(), columns, "{}:{}: {line}", path.display(), number + 1);
        row
    };
    let rows: Vec<Vec<String>> = text.lines().enumerate().map(row).skip(1).collect();
    let mut keys: Vec<String> = rows.iter().map(|row| row[..columns.min(2)].join(" ")).collect();
    keys.sort();
    let twice = keys.windows(2).find(|pair| columns == 4 && pair[0] == pair[1]);
    assert!(twice.is_none(), "{}: twice {twice:?}", path.display());
    rows
}

/// A verdict of a form that is not what must come out: what the form cannot show, or what is known to be wrong.
pub(crate) struct Exception {
    pub(crate) file: &'static str,
    pub(crate) guardrail: String,
    pub(crate) form: Form,
    /// `architecture/resource`, `architecture/variant/resource`; everywhere where none is named.
    pub(crate) place: Option<String>,
    /// A verdict, or `nothing` where the form has no such resource.
    pub(crate) shows: String,
}

impl Exception {
    /// Whether it is about a guardrail and a form, in one of the places.
    pub(crate) fn speaks_of(&self, guardrail: &str, form: Form, places: &[String]) -> bool {
        self.guardrail == guardrail && self.form == form && self.place.as_ref().is_none_or(|own| places.contains(own))
    }
}

impl std::fmt::Display for Exception {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (form, place) = (self.form.name(), self.place.as_deref().unwrap_or("*"));
        write!(out, "{}: {} {form} {place} {}", self.file, self.guardrail, self.shows)
    }
}

/// `cannot-show.tsv` and `known-wrong.tsv`.
pub(crate) struct Exceptions(pub(crate) Vec<Exception>);

/// What a form cannot show is never a reason to pass.
const CANNOT_SHOW: (&str, &[&str]) = ("cannot-show.tsv", &["unknown", "n/a", "nothing", "fail"]);

const KNOWN_WRONG: (&str, &[&str]) = ("known-wrong.tsv", &["unknown", "n/a", "nothing", "fail", "pass"]);

impl Exceptions {
    pub(crate) fn read() -> Exceptions {
        let mut exceptions = Vec::new();
        for (file, verdicts) in [CANNOT_SHOW, KNOWN_WRONG] {
            let rows = lines(&root().join(file), 5).into_iter();
            exceptions.extend(rows.map(|row| exception(file, verdicts, row)));
        }
        Exceptions(exceptions)
    }
}

fn exception(file: &'static str, verdicts: &[&str], row: Vec<String>) -> Exception {
    let [guardrail, form, place, shows, reason] = <[String; 5]>::try_from(row).unwrap();
    assert!(verdicts.contains(&shows.as_str()), "{file}: {guardrail}: {shows}");
    assert!(reason.len() > 20, "{file}: {guardrail}: a reason says why");
    let form = FORMS.into_iter().find(|known| known.name() == form);
    let form = form.unwrap_or_else(|| panic!("{file}: {guardrail}: each form has a reason of its own"));
    Exception { file, guardrail, form, place: (place != "*").then_some(place), shows }
}
