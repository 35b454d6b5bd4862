//! What `parapet fmt` does with files that are unlike others: nothing is lost, and what cannot be done is said.

use std::path::Path;

use crate::process::{Ended, Folder, parapet};

fn fmt(folder: &Folder, args: &[&str], input: &str) -> Ended {
    let args: Vec<String> = [&["fmt"], args].concat().into_iter().map(str::to_owned).collect();
    parapet(folder.path(), &args, input).expect("the binary runs")
}

fn folder(files: &[(&str, &[u8])]) -> Folder {
    let folder = Folder::new().expect("a folder is made");
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).expect("a file is written");
    }
    folder
}

fn bytes(folder: &Folder, name: &str) -> Vec<u8> {
    std::fs::read(folder.path().join(name)).expect("the file is there")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn bytes_that_are_no_utf8_stay() {
    let folder = folder(&[("a.parapet", b"const   A=\"\xff\"\n"), ("b.parapet", b"const   B=1")]);
    let ended = fmt(&folder, &["."], "");
    assert_eq!(ended.status, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("E0007") && ended.stderr.contains("a.parapet"), "{}", ended.stderr);
    assert_eq!(bytes(&folder, "a.parapet"), b"const   A=\"\xff\"\n");
    assert_eq!(bytes(&folder, "b.parapet"), b"const B = 1\n");
}

#[test]
fn a_byte_order_mark_goes_and_line_ends_become_one_kind() {
    let folder = folder(&[("a.parapet", b"\xef\xbb\xbf// a\r\nconst A = 1\r\n")]);
    assert_eq!(fmt(&folder, &["--check", "a.parapet"], "").status, Some(1));
    assert_eq!(fmt(&folder, &["a.parapet"], "").status, Some(0));
    assert_eq!(bytes(&folder, "a.parapet"), b"// a\nconst A = 1\n");
}

#[test]
fn a_file_that_is_too_large_stays() {
    let large = " ".repeat((16 << 20) + 1);
    let folder = folder(&[("a.parapet", large.as_bytes())]);
    let ended = fmt(&folder, &["a.parapet"], "");
    assert_eq!(ended.status, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("E0007"), "{}", ended.stderr);
    assert_eq!(bytes(&folder, "a.parapet").len(), large.len());
}

#[test]
fn a_read_only_file_stays_and_keeps_no_other_back() {
    let folder = folder(&[("a.parapet", b"const   A=1\n"), ("b.parapet", b"const   B=1\n")]);
    let path = folder.path().join("a.parapet");
    let mut permissions = std::fs::metadata(&path).expect("the file is there").permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).expect("permissions can be set");
    let ended = fmt(&folder, &["."], "");
    assert_eq!(ended.status, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("`a.parapet` cannot be written: the file is read-only"), "{}", ended.stderr);
    assert_eq!(bytes(&folder, "a.parapet"), b"const   A=1\n");
    assert_eq!(bytes(&folder, "b.parapet"), b"const B = 1\n");
    assert_eq!(names(folder.path()), ["a.parapet", "b.parapet"]);
}

#[test]
fn a_file_that_is_formatted_is_not_touched() {
    let folder = folder(&[("a.parapet", b"const A = 1\n")]);
    let touched =
        || std::fs::metadata(folder.path().join("a.parapet")).and_then(|data| data.modified()).expect("a time");
    let before = touched();
    assert_eq!(fmt(&folder, &["a.parapet", "."], "").status, Some(0));
    assert_eq!(touched(), before);
}

#[test]
fn standard_input_that_is_broken_comes_out_as_it_is() {
    let folder = folder(&[]);
    let ended = fmt(&folder, &["-"], "const   A=\n");
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(3), "const   A=\n"));
    let ended = fmt(&folder, &["-"], "");
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(0), ""));
}
