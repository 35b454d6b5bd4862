//! Every feature at many places of the standard library, whole and cut off where somebody types: it has an answer or none,
//! and its places lie in the text.

use std::path::Path;

use parapet_base::{Edit, Span};
use parapet_semantic::{Scope, SourceFile, file_diagnostics};

use crate::fixture::{Database, Fixture};
use crate::*;

/// So far apart are the places that are tried; no number that texts repeat by.
const STEP: usize = 37;

fn library() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib/aws/rules");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "parapet"))
        .map(|path| {
            let name = format!("aws::{}", path.file_stem().unwrap().to_string_lossy());
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn sound(db: &Database, place: Place) {
    let text = place.file.text(db);
    assert!(text.get(place.span.range()).is_some(), "{:?} in {}", place.span, place.file.path(db));
}

fn sound_edits(text: &str, edits: &[Edit]) {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    for edit in &edits {
        assert!(text.get(edit.span.range()).is_some(), "{edit:?}");
    }
    for pair in edits.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start, "{pair:?}");
    }
}

/// Asks about one place; how many answers there were.
fn ask(fixture: &Fixture, file: SourceFile, offset: u32) -> usize {
    let (db, workspace) = (&fixture.db, fixture.workspace);
    let text = file.text(db);
    let mut answers = 0;
    if let Some(hover) = hover(db, workspace, file, offset) {
        sound(db, hover.place);
        answers += 1;
    }
    if let Some(target) = definition(db, workspace, file, offset) {
        sound(db, target.name);
        sound(db, target.whole);
    }
    if let Some(target) = type_definition(db, workspace, file, offset) {
        sound(db, target.name);
    }
    for found in highlights(db, workspace, file, offset) {
        sound(db, found.place);
    }
    for item in completions(db, workspace, file, offset).items {
        assert!(item.replaces.end == offset && text.get(item.replaces.range()).is_some(), "{item:?}");
        sound_edits(text, &item.more);
        answers += 1;
    }
    if let Some(call) = call(db, workspace, file, offset) {
        for way in call.ways {
            assert!(way.parameters.iter().all(|span| way.label.get(span.range()).is_some()), "{way:?}");
        }
    }
    let grown = selections(db, workspace, file, offset);
    for pair in grown.windows(2) {
        assert!(pair[1].start <= pair[0].start && pair[0].end <= pair[1].end, "{pair:?}");
    }
    let range = Span { start: offset, end: (offset + 20).min(Span::new(text.len(), 0).start) };
    let found = file_diagnostics(db, workspace, file, Scope::WithTests);
    for action in actions(db, workspace, file, found, range, "2027-01-31") {
        sound_edits(text, &action.edits);
    }
    for fix in fixes(db, file, found, range) {
        sound_edits(text, &fix.edits);
    }
    drop(prepare_rename(db, workspace, file, offset, &|_| true));
    answers
}

/// Asks what is asked about whole files.
fn ask_file(fixture: &Fixture, file: SourceFile) {
    let (db, workspace) = (&fixture.db, fixture.workspace);
    let text = file.text(db);
    let whole = Span::new(0, text.len());
    let tokens = tokens(db, workspace, file, whole);
    for pair in tokens.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start, "{pair:?}");
    }
    assert!(tokens.iter().all(|token| !token.span.text(text).contains('\n')));
    for hint in hints(db, workspace, file, whole) {
        assert!(text.is_char_boundary(hint.offset as usize));
    }
    folds(db, file).into_iter().for_each(|fold| sound(db, Place { file, span: fold.span }));
    lenses(db, file).into_iter().for_each(|lens| sound(db, lens.place));
    links(db, file).into_iter().for_each(|link| sound(db, link.place));
    outline(db, file).into_iter().for_each(|entry| sound(db, entry.whole));
    sound_edits(text, &formatted(db, file));
}

#[test]
fn whole_files() {
    let files = library();
    let texts: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let fixture = Fixture::of(&texts);
    let mut answers = 0;
    for (number, file) in fixture.files.iter().enumerate() {
        let text = file.text(&fixture.db).to_string();
        if number % 3 == 0 {
            ask_file(&fixture, *file);
        }
        // Each file at other places.
        for offset in (number..text.len()).step_by(STEP * 80).filter(|offset| text.is_char_boundary(*offset)) {
            answers += ask(&fixture, *file, Span::new(offset, 0).start);
        }
    }
    assert!(answers > 1_500, "{answers}");
}

#[test]
fn files_that_end_where_somebody_types() {
    for (name, text) in library().iter().filter(|(name, _)| name.contains("network") || name.contains("workload")) {
        let mut answers = 0;
        for offset in (0..text.len()).step_by(STEP * 11).filter(|offset| text.is_char_boundary(*offset)) {
            // The rest of the line is not written yet; what comes below is.
            let (before, after) = text.split_at(offset);
            let below = after.find('\n').and_then(|at| after.get(at..)).unwrap_or("");
            let cut = format!("{before}{below}");
            let fixture = Fixture::of(&[(name, &cut)]);
            answers += ask(&fixture, fixture.file, Span::new(offset, 0).start);
            let fixture = Fixture::of(&[(name, before)]);
            answers += ask(&fixture, fixture.file, Span::new(offset, 0).start);
            ask_file(&fixture, fixture.file);
        }
        assert!(answers > 300, "{answers}");
    }
}

#[test]
fn garbage() {
    let pieces = [
        "guardrail",
        " x(",
        "a: AWS::",
        ") {",
        "\n",
        "    require ",
        "a.",
        "\"",
        "{",
        "}",
        "ö😀",
        "// ",
        "@",
        "use ",
        "::",
        "test \"t\" {",
        ")",
        ", ",
        " == ",
        "fn f",
    ];
    let mut seed: u64 = 11;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as usize % below
    };
    for _ in 0..300 {
        let text: String = (0..random(25)).map(|_| pieces[random(pieces.len())]).collect();
        let fixture = Fixture::of(&[("main", &text)]);
        ask_file(&fixture, fixture.file);
        for _ in 0..4 {
            let offset = random(text.len() + 1);
            if text.is_char_boundary(offset) {
                ask(&fixture, fixture.file, Span::new(offset, 0).start);
            }
        }
    }
}
