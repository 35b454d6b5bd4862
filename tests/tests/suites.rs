//! One test a suite folder; each runs every case and tells all that disagree.

use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// `Err` with everything that disagrees.
fn suite(name: &str) -> Result<(), String> {
    let files = parapet_tests::files(&folder(name)).map_err(|error| format!("{name}: {error:?}"))?;
    let wrong = parapet_tests::run(&files).map_err(|error| format!("{name}: {error:?}"))?;
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("{} cases disagree\n\n{}\n", wrong.len(), wrong.join("\n\n"))),
    }
}

#[test]
fn language() -> Result<(), String> {
    suite("language")
}

#[test]
fn verdicts() -> Result<(), String> {
    suite("verdicts")
}

#[test]
fn reports() -> Result<(), String> {
    suite("reports")
}

#[test]
fn ir() -> Result<(), String> {
    suite("ir")
}

/// The pages of the diagnostics: each example gives what its page says, and is mended by what the page says.
#[test]
fn pages() -> Result<(), String> {
    suite("../compiler/base/src/codes")
}

/// The page of a code shows an example of that very code, and what it looks like mended.
#[test]
fn pages_show_their_code() -> Result<(), String> {
    /// No single program shows these, or no check of one: `W0301` is about its tests.
    const WITHOUT: [&str; 5] = ["E0007", "E0207", "E0308", "E0401", "W0301"];
    for code in parapet_base::codes::ALL.iter().filter(|code| !WITHOUT.contains(&code.code)) {
        let cases = parapet_tests::cases(code.page);
        let programs = |part: &str| -> Vec<String> {
            let cases = cases.iter().filter(|case| case.title.contains(part));
            cases.flat_map(|case| case.fences_of("parapet").map(|fence| fence.text.clone())).collect()
        };
        let (examples, mended) = (programs(" > Example"), programs(" > Mended"));
        let announced = format!("[{}]", code.code);
        if examples.is_empty() || !examples.iter().all(|example| example.contains(&announced)) {
            return Err(format!("{} has an example that does not announce it", code.code));
        }
        if mended.is_empty() || mended.iter().any(|mended| mended.contains(&announced)) {
            return Err(format!("{} does not show its example mended", code.code));
        }
    }
    Ok(())
}

/// An example that no longer gives its code makes the suite fail: here each announces a code that nothing gives.
#[test]
fn pages_fail_where_an_example_does_not_give_its_code() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("altered-pages");
    std::fs::create_dir_all(&folder)?;
    let mut altered = Vec::new();
    for code in parapet_base::codes::ALL {
        let announced = format!("[{}]", code.code);
        if code.page.contains(&announced) {
            let path = folder.join(format!("{}.md", code.code));
            std::fs::write(&path, code.page.replace(&announced, "[E9999]"))?;
            altered.push(path);
        }
    }
    assert!(altered.len() > 30, "{altered:?}");
    let wrong = parapet_tests::run(&altered)?;
    for path in altered {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assert!(wrong.iter().any(|told| told.starts_with(&format!("{name}:"))), "{name} passes whatever happens");
    }
    Ok(())
}

/// Where `parapet lint --fix` mends an example, the page shows what it makes of it.
#[test]
fn pages_show_their_fixes() {
    for code in parapet_base::codes::ALL {
        for case in parapet_tests::cases(code.page) {
            let shown = case.fences_of("fixed").next().is_some();
            assert_eq!(shown, parapet_tests::can_be_fixed(&case), "{}: {}", code.code, case.title);
        }
    }
}

/// Every case there is as the contract wants it and comes out otherwise; one that comes out right moves to its chapter.
#[test]
fn known_wrong() {
    let path = folder("known-wrong.md");
    let text = std::fs::read_to_string(&path).expect("the file can be read");
    let wrong = parapet_tests::run(&[path]).expect("the suite can be read");
    for case in parapet_tests::cases(&text) {
        let place = format!("known-wrong.md:{} ", case.line);
        assert!(
            wrong.iter().any(|told| told.starts_with(&place)),
            "{} is right now: move it to its chapter",
            case.title
        );
    }
}
