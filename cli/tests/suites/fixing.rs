//! `parapet lint --fix` on files that a text cannot lay out: read-only ones, links, other line ends.
#![cfg(unix)]

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::process::{Ended, Folder, parapet};

const UNUSED: &str = "use aws::network::opens\n\nfn f() -> Int = 1\n";
const FIXED: &str = "fn f() -> Int = 1\n";

fn fix(folder: &Folder, path: &str) -> Ended {
    let args = ["lint", path, "--fix"].map(str::to_owned);
    parapet(folder.path(), &args, "").expect("parapet starts")
}

fn read(folder: &Folder, path: &str) -> String {
    std::fs::read_to_string(folder.path().join(path)).expect("the file can be read")
}

#[test]
fn a_read_only_file_is_named_and_the_others_are_fixed() {
    let folder = Folder::new().expect("a folder");
    folder.write("r/a.parapet", UNUSED).expect("a file");
    folder.write("r/b.parapet", UNUSED).expect("a file");
    let locked = folder.path().join("r/a.parapet");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o444)).expect("permissions");
    let ended = fix(&folder, "r");
    assert_eq!(
        ended.stderr,
        "fixed: r/b.parapet: 1 fix\nerror: `r/a.parapet` cannot be fixed: the file is read-only\n"
    );
    assert_eq!((ended.status, read(&folder, "r/a.parapet").as_str()), (Some(1), UNUSED));
    assert!(ended.stdout.contains("r/a.parapet:1:19"), "{}", ended.stdout);
    assert_eq!(read(&folder, "r/b.parapet"), FIXED);
}

#[test]
fn links_are_written_through_and_permissions_kept() {
    let folder = Folder::new().expect("a folder");
    folder.write("shared/a.parapet", UNUSED).expect("a file");
    let (target, link) = (folder.path().join("shared/a.parapet"), folder.path().join("link.parapet"));
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o600)).expect("permissions");
    symlink("shared/a.parapet", &link).expect("a link");
    let ended = fix(&folder, "link.parapet");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), "fixed: link.parapet: 1 fix\n"));
    assert!(std::fs::symlink_metadata(&link).expect("the link").is_symlink());
    assert_eq!(read(&folder, "shared/a.parapet"), FIXED);
    assert_eq!(std::fs::metadata(&target).expect("the file").permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(folder.path().join("shared")).expect("the folder").count(), 1, "nothing lies beside");
}

#[test]
fn line_ends_and_other_letters_stay() {
    let folder = Folder::new().expect("a folder");
    let text = "// Größe 表 🔒\r\nuse aws::network::opens\r\n\r\nfn f(b: Cidr) -> Bool = \"表\" == \"🔒\" or b == \"::/0\"\r\n";
    folder.write("a.parapet", text).expect("a file");
    let ended = fix(&folder, "a.parapet");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), "fixed: a.parapet: 2 fixes\n"), "{}", ended.stdout);
    let fixed = "// Größe 表 🔒\r\n\r\nfn f(b: Cidr) -> Bool = \"表\" == \"🔒\" or b == ::/0\r\n";
    assert_eq!(read(&folder, "a.parapet"), fixed);
}
