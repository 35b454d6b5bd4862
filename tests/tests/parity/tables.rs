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

/// What a form cannot show of what a guardrail reads.
pub(crate) struct Exception {
    pub(crate) guardrail: String,
    /// All forms where none is named: nothing but a record of Parapet's own shows the resource.
    pub(crate) form: Option<Form>,
    /// `architecture/resource`; everywhere where none is named.
    pub(crate) place: Option<String>,
    /// `unknown`, `n/a`, or `nothing` where the form has no such resource.
    pub(crate) shows: String,
}

impl Exception {
    pub(crate) fn speaks_of(&self, guardrail: &str, form: Form, place: &str) -> bool {
        self.guardrail == guardrail
            && self.form.is_none_or(|own| own == form)
            && self.place.as_deref().is_none_or(|own| own == place)
    }
}

impl std::fmt::Display for Exception {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (form, place) = (self.form.map_or("*", Form::name), self.place.as_deref().unwrap_or("*"));
        write!(out, "cannot-show.tsv: {} {form} {place} {}", self.guardrail, self.shows)
    }
}

/// `cannot-show.tsv`.
pub(crate) struct Exceptions(pub(crate) Vec<Exception>);

impl Exceptions {
    pub(crate) fn read() -> Exceptions {
        Exceptions(lines(&root().join("cannot-show.tsv"), 5).into_iter().map(exception).collect())
    }
}

fn exception(row: Vec<String>) -> Exception {
    let [guardrail, form, place, shows, reason] = <[String; 5]>::try_from(row).unwrap();
    assert!(["unknown", "n/a", "nothing"].contains(&shows.as_str()), "{guardrail}: {shows}");
    assert!(reason.len() > 20, "{guardrail}: a reason says why");
    let known = FORMS.into_iter().find(|known| known.name() == form);
    assert!(known.is_some() || form == "*", "{guardrail}: {form}");
    Exception { guardrail, form: known, place: (place != "*").then_some(place), shows }
}
