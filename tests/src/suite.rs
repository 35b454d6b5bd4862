//! A folder of Markdown files, run to its end.
//!
//! Cases run in parallel, each on a stack as large as the driver wants for deep expressions. All that disagrees is
//! reported, in the order of the files.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use parapet_driver::STACK;

use crate::judge::judge;
use crate::markdown::{Case, cases};

/// The Markdown files of a folder, sorted.
pub fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries: std::io::Result<Vec<PathBuf>> = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect();
    let mut files = entries?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    Ok(files)
}

/// Runs every case of these files and says what disagrees, with file and heading; empty when all is well.
///
/// `PARAPET_CASE` in the environment runs only cases whose file or heading contains it.
pub fn run(paths: &[PathBuf]) -> std::io::Result<Vec<String>> {
    let mut all: Vec<(String, Case)> = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let found = cases(&std::fs::read_to_string(path)?);
        all.extend(found.into_iter().map(|case| (name.clone(), case)));
    }
    Ok(run_cases(all))
}

/// Runs cases, each with the name of its file, and says what disagrees.
pub(crate) fn run_cases(mut all: Vec<(String, Case)>) -> Vec<String> {
    let wanted = std::env::var("PARAPET_CASE").unwrap_or_default();
    all.retain(|(file, case)| file.contains(&wanted) || case.title.contains(&wanted));
    if all.is_empty() {
        return vec!["there is no case".to_owned()];
    }
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let work = || work(&all, &next, &failures);
            // Without a thread its share is left to the others; without any, the count below shows it.
            let _started = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        }
    });
    let mut failures = failures.into_inner().unwrap_or_default();
    failures.sort();
    let mut told: Vec<String> = failures.into_iter().map(|(_, text)| text).collect();
    if next.into_inner() < all.len() {
        told.push("not every case ran".to_owned());
    }
    told
}

fn work(all: &[(String, Case)], next: &AtomicUsize, failures: &Mutex<Vec<(usize, String)>>) {
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some((file, case)) = all.get(at) else { return };
        let judged = std::panic::catch_unwind(|| judge(case));
        let wrong = judged.unwrap_or_else(|_| vec!["it panics".to_owned()]);
        if let (false, Ok(mut failures)) = (wrong.is_empty(), failures.lock()) {
            let lines: Vec<String> =
                wrong.iter().map(|line| format!("\n    {}", line.replace('\n', "\n    "))).collect();
            failures.push((at, format!("{file}:{} {}{}", case.line, case.title, lines.concat())));
        }
    }
}
