//! The pages of `tests/fmt`: a program `before`, and what it comes to `after`.

use std::path::Path;

use crate::{on_a_large_stack, same};

#[test]
fn programs_come_to_what_the_pages_say() {
    on_a_large_stack(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fmt");
        let mut wrong = Vec::new();
        for path in parapet_tests::files(&folder).unwrap() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            for case in parapet_tests::cases(&std::fs::read_to_string(&path).unwrap()) {
                let fence = |name: &str| {
                    let mut found = case.fences_of("parapet").filter(|fence| fence.attribute(name).is_some());
                    found.next().unwrap_or_else(|| panic!("{} has no program {name}", case.title)).text.clone()
                };
                match same::formatted(&fence("before")) {
                    Ok(text) if text == fence("after") => {}
                    Ok(text) => wrong.push(format!("{name}:{} {}\n{text}", case.line, case.title)),
                    Err(told) => wrong.push(format!("{name}:{} {}\n{told}", case.line, case.title)),
                }
            }
        }
        assert!(wrong.is_empty(), "{} cases disagree\n\n{}", wrong.len(), wrong.join("\n"));
    });
}
