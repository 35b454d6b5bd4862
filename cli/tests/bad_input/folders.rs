//! Folders, modules, manifests, flags.

use super::*;

const ONE: &str = "guardrail one(q: AWS::SQS::Queue) {\n    require name(q) == \"good\"\n}\n";

#[test]
fn modules_may_use_each_other() {
    let folder = Folder::new()
        .with("in.ndjson", queue("good"))
        .with("rules/a.parapet", format!("use b::name\n\npub const GOOD = \"good\"\n\n{ONE}"))
        .with("rules/b.parapet", "use a::GOOD\n\npub fn name(q: AWS::SQS::Queue) -> String = q.QueueName ?? GOOD\n");
    folder.parapet(&["check", "in.ndjson", "--rules", "rules", "--all"]).ends(0).prints("pass a::one");
    let folder = folder.with(
        "rules/b.parapet",
        "use a::GOOD\n\npub const BAD = GOOD\n\npub fn name(q: AWS::SQS::Queue) -> String = BAD\n",
    );
    let folder = folder.with("rules/a.parapet", format!("use b::{{name, BAD}}\n\npub const GOOD = BAD\n\n{ONE}"));
    let run = folder.parapet(&["check", "in.ndjson", "--rules", "rules"]);
    run.ends(3).says("E0204").says("rules/a.parapet:3:18").says("rules/b.parapet:3:17");
}

#[test]
fn two_modules_of_one_name_are_refused() {
    let folder = Folder::new()
        .with("in.ndjson", queue("good"))
        .with("rules/a-b.parapet", RULES)
        .with("rules/a_b.parapet", RULES);
    folder
        .parapet(&["check", "in.ndjson", "--rules", "rules"])
        .ends(3)
        .says("rules/a_b.parapet")
        .says("rules/a-b.parapet");
}

#[test]
fn folders_without_rules_are_a_matter_of_usage() {
    let folder = Folder::new().with("in.ndjson", queue("good")).with("rules/notes.txt", "").with("empty.parapet", "");
    folder.parapet(&["check", "in.ndjson", "--rules", "rules"]).ends(2).says("no `.parapet` file below `rules`");
    folder.parapet(&["check", "in.ndjson", "--rules", "empty.parapet"]).ends(2).says("hold no guardrail");
    folder.parapet(&["check", "in.ndjson", "--rules", "nowhere"]).ends(2).says("no rules at `nowhere`");
}

#[test]
fn a_manifest_whose_rules_are_nowhere_says_so() {
    let manifest = "[package]\nname = \"one\"\nrules = \"nowhere\"\n";
    let folder = Folder::new().with("one/parapet.toml", manifest);
    folder.parapet(&["lint", "one"]).ends(1).prints("there is no folder `nowhere`").prints("one/parapet.toml:3:9");
}

/// The commands that read a folder of rules, and how they name it.
const READERS: [&[&str]; 5] = [
    &["lint", "rules"],
    &["fmt", "rules", "--check"],
    &["test", "rules"],
    &["list", "--rules", "rules"],
    &["check", "in.ndjson", "--rules", "rules"],
];

#[cfg(unix)]
#[test]
fn rules_behind_a_link_that_leads_nowhere_are_named() {
    for name in ["dead.parapet", "dead", "parapet.toml"] {
        let link = format!("rules/{name}");
        let folder = Folder::new().with("in.ndjson", queue("good")).with("rules/a.parapet", RULES);
        let folder = folder.with_link(&link, "/nope");
        for command in READERS.iter().filter(|command| command.first() != Some(&"fmt") || name != "parapet.toml") {
            folder.parapet(command).ends(2).says(&format!("`{link}` cannot be read"));
        }
    }
    // An editor marks by such a link what is being edited; a link to something else leaves out no rules.
    let folder = Folder::new().with("rules/a.parapet", RULES);
    let folder = folder.with_link("rules/.#a.parapet", "somebody@host.1").with_link("rules/notes.md", "/nope");
    folder.parapet(&["lint", "rules"]).ends(0);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_among_rules_is_named() {
    let folder = Folder::new().with("in.ndjson", queue("good")).with("rules/a.parapet", RULES);
    let folder = folder.with_pipe("rules/pipe.parapet").with_pipe("rules/pipe");
    for command in READERS {
        folder.parapet(command).ends(2).says("`rules/pipe.parapet` is a named pipe");
    }
}

#[cfg(unix)]
#[test]
fn rules_that_are_named_may_be_a_pipe() {
    let folder = Folder::new().with_pipe("pipe.parapet");
    let path = folder.path.join("pipe.parapet");
    let writer = std::thread::spawn(move || std::fs::write(path, RULES));
    folder.parapet(&["list", "--rules", "pipe.parapet"]).ends(0).prints("pipe::named");
    writer.join().unwrap().unwrap();
}

#[test]
fn a_file_beside_its_folder_is_read_once() {
    let folder = Folder::new()
        .with("in.ndjson", queue("good"))
        .with("d/b.parapet", RULES)
        .with("d/below/c.parapet", RULES.replace("named", "called"))
        .with("b.parapet", RULES.replace("named", "elsewhere"));
    let folders = [["d", "d/below"], ["d/below", "d"]];
    for paths in [["d", "d/b.parapet"], ["d/b.parapet", "d"], ["d", "./d/below/c.parapet"]].into_iter().chain(folders) {
        folder.parapet(&[&["lint"][..], &paths].concat()).ends(0);
        let rules = ["--rules", paths[0], "--rules", paths[1]];
        let run = folder.parapet(&[&["list"][..], &rules].concat());
        run.ends(0).prints("b::named").prints("below::c::called").prints("2 guardrails");
        folder.parapet(&[&["check", "in.ndjson"][..], &rules].concat()).ends(0).prints("2 pass");
    }
    // Two files are two, whatever they hold.
    folder.parapet(&["lint", "d", "b.parapet"]).ends(1).prints("both the module `b`");
}

#[test]
fn a_file_whose_name_is_none_of_a_module_is_named_once() {
    for (name, bad) in [
        ("1a.parapet", "1a.parapet"),
        ("Übung.parapet", "Übung.parapet"),
        ("x.y.parapet", "x.y.parapet"),
        ("Big.parapet", "Big.parapet"),
        ("a b.parapet", "a b.parapet"),
        ("Big/a.parapet", "Big"),
    ] {
        let path = format!("rules/{name}");
        let folder = Folder::new().with("in.ndjson", queue("good")).with(&path, RULES).with("rules/Big/b.parapet", "");
        let run = folder.parapet(&["check", "in.ndjson", "--rules", "rules"]);
        run.ends(3).says("error[E0006]").says(&format!("`{bad}` is no name of a module")).says(&path);
        assert_eq!(run.err.matches("`Big` is no name").count(), 1, "{}", run.err);
        folder.parapet(&["lint", "rules"]).ends(1).prints(&format!("`{bad}` is no name of a module"));
        if !name.contains('/') {
            folder.parapet(&["lint", &path]).ends(1).prints(&format!("`{bad}` is no name of a module"));
        }
    }
    let folder = Folder::new().with("rules/a-b_2.parapet", RULES).with("rules/in/_own_test.parapet", "");
    folder.parapet(&["lint", "rules"]).ends(0);
    folder.parapet_reading(&["lint", "-"], RULES.as_bytes()).ends(0);
}

#[test]
fn a_broken_manifest_is_named_with_its_place() {
    for (manifest, place, part) in [
        ("[package]\nname = \"acme\n", "2:13", ""),
        ("[package]\nname = 1\n", "2:8", "string"),
        ("[package]\nname = \"acme\"\n\n[pakage]\n", "4:2", "did you mean `package`"),
        ("[package]\nname = \"acme\"\ncolour = 1\n", "3:1", "colour"),
        ("[package]\nname = \"Acme\"\n", "2:8", "is no package name"),
        ("[package]\nname = \"acme\"\nversion = \"1\"\n", "3:11", "semantic version"),
        ("", "1:1", "`[package]`"),
    ] {
        let folder = Folder::new()
            .with("in.ndjson", queue("good"))
            .with("pkg/parapet.toml", manifest)
            .with("pkg/rules/a.parapet", RULES);
        let run = folder.parapet(&["check", "in.ndjson", "--rules", "pkg"]);
        run.ends(3).says(&format!("pkg/parapet.toml:{place}")).says(part);
    }
}

#[test]
fn sections_for_later_are_said_to_be_idle() {
    let folder = Folder::new()
        .with("in.ndjson", queue("good"))
        .with("pkg/parapet.toml", "[package]\nname = \"acme\"\n\n[dependencies]\n")
        .with("pkg/rules/a.parapet", RULES);
    folder
        .parapet(&["check", "in.ndjson", "--rules", "pkg"])
        .ends(0)
        .says("`[dependencies]` of the manifest is not acted on");
}

// Parameters and flags.

const PARAMETERS: &str = "/// The name.\nparam wanted: String\n\n/// The least delay.\nparam least: Int = 0\n\n\
    guardrail named(q: AWS::SQS::Queue) {\n    require q.QueueName == wanted\n    require (q.DelaySeconds ?? 0) >= least\n}\n";

#[test]
fn parameters_are_known_set_and_well_typed() {
    let folder = with_rules(PARAMETERS).with("bad.toml", "wanted = \n").with("ill.json", r#"{"rules::least": "x"}"#);
    let check = |more: &[&str]| folder.parapet(&[&["check", "in.ndjson", "--rules", "rules.parapet"], more].concat());
    check(&["--param", "wanted=good"]).ends(0);
    check(&[]).ends(2).says("rules::wanted").says("must be set");
    check(&["--param", "wanted=good", "--param", "nonsense=1"]).ends(2).says("nonsense");
    check(&["--param", "wanted=good", "--param", "least=many"]).ends(2).says("least").says("many");
    check(&["--param", "wanted=good", "--param", "least=99999999999999999999"]).ends(2).says("least");
    check(&["--param", "wanted"]).ends(2).says("PATH=VALUE");
    check(&["--param", "wanted=good", "--param", "least=1 / 0"]).ends(2).says("least");
    check(&["--params", "bad.toml"]).ends(2).says("bad.toml");
    check(&["--param", "wanted=good", "--params", "ill.json"]).ends(2).says("ill.json");
    check(&["--params", "nowhere.toml"]).ends(2).says("nowhere.toml");
    let deep = format!("least={}1", "(".repeat(DEEP));
    check(&["--param", "wanted=good", "--param", &deep]).ends(2).says("least");
}

#[test]
fn values_of_flags_are_checked() {
    let folder = with_rules(RULES);
    let check = |more: &[&str]| folder.parapet(&[&["check", "in.ndjson", "--rules", "rules.parapet"], more].concat());
    for (flags, part) in [
        (["--fail-on", "sometimes"], "`sometimes` is not one of"),
        (["--format", "yaml"], "no output format is called `yaml`"),
        (["--format", "json=nowhere/out.json"], "nowhere/out.json"),
        (["--input-format", "yaml"], "no input format is called `yaml`"),
        (["--as-of", "yesterday"], "is no time"),
        (["--as-of", "2026-13-45"], "is no time"),
        (["--max-age", "soon"], "is no duration"),
        (["--max-age", "99999999999999999d"], "is no duration"),
        (["--max-age", "ü"], "is no duration"),
        (["--severity", "huge"], "huge"),
        (["--collected", "AWS::Nope::Nope"], "no resource type is called `AWS::Nope::Nope`"),
        (["--type", "AWS::Nope::*"], "no resource type matches"),
        (["--guardrail", "nothing::*"], "no guardrail matches"),
        (["--control", "nothing:1"], "no guardrail matches"),
        (["--engine", "steam"], "steam"),
        (["--jobs", "many"], "many"),
        (["--color", "red"], "red"),
        (["--progress", "fast"], "fast"),
        (["--no-such-flag", "x"], "--no-such-flag"),
    ] {
        check(&flags).ends(2).says(part);
    }
    check(&["--jobs", "0"]).ends(0);
    folder.parapet(&["check", "--rules", "rules.parapet"]).ends(2).says("no input is named");
    folder.parapet(&[]).ends(2);
    folder.parapet(&["judge"]).ends(2).says("judge");
    folder.parapet(&["explain", "no_such"]).ends(2).says("no_such");
    folder.parapet(&["types", "AWS::SQS::Quee"]).ends(2).says("did you mean `AWS::SQS::Queue`");
    folder.parapet(&["lint", "rules.parapet", "--format", "yaml"]).ends(2).says("yaml");
}

#[test]
fn extreme_globs_and_paths_are_harmless() {
    let folder = with_rules(RULES);
    let stars = "*a".repeat(5_000);
    folder.parapet(&["check", "in.ndjson", "--rules", "rules.parapet", "--guardrail", &stars]).ends(2);
    folder.parapet(&["check", "", "--rules", "rules.parapet"]).ends(4);
    folder.parapet(&["check", "in.ndjson", "--rules", ""]).ends(2);
    let rules = guardrail(&format!("require (q.QueueName ?? \"\") like \"{}\"", "*o".repeat(2_000)));
    with_rules(rules).with("in.ndjson", queue(&"o".repeat(3_000))).check("in.ndjson").ends(0);
    let rules = guardrail("require (q.QueueName ?? \"\") matches /((a{1000}){1000}){1000}/");
    bad_rules(rules, "E0108", "2:41");
}

#[test]
fn a_template_that_is_no_utf8_is_an_error_with_its_place() {
    let open = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n# caf";
    let wide: Vec<u8> = open.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes, place, part) in [
        ("latin.yaml", [open.as_bytes(), b"\xe9\n"].concat(), "4:6", "not UTF-8"),
        ("wide.yaml", wide, "1:2", "byte order mark"),
        ("cut.json", b"{\"Description\": \"abc\", \"Parameters\": {\"A\": {\"Type\": \"String\"".to_vec(), "1:", ""),
    ] {
        let folder = Folder::new()
            .with("in/good.ndjson", queue("good"))
            .with(&format!("in/{name}"), bytes)
            .with("r.parapet", RULES);
        let run = folder.parapet(&["check", "in", "--rules", "r.parapet"]);
        run.ends(4).says(&format!("in/{name}:{place}")).says(part);
    }
}

#[test]
fn an_empty_file_of_a_folder_is_no_error_unless_it_may_be_an_input() {
    let folder = Folder::new()
        .with("in/good.ndjson", queue("good"))
        .with("in/__init__.py", "")
        .with("in/.gitkeep", "\n")
        .with("r.parapet", RULES);
    let state =
        Folder::new().with("in/good.ndjson", queue("good")).with("in/terraform.tfstate", "").with("r.parapet", RULES);
    state.parapet(&["check", "in", "--rules", "r.parapet"]).ends(4).says("terraform.tfstate: the input is empty");
    folder.parapet(&["check", "in", "--rules", "r.parapet"]).ends(0).says("__init__.py: the input is empty");
    folder.parapet(&["check", "in/__init__.py", "--rules", "r.parapet"]).ends(4);
    let folder = folder.with("in/list-users.json", "");
    folder.parapet(&["check", "in", "--rules", "r.parapet"]).ends(4).says("list-users.json: the input is empty");
}

#[test]
#[cfg(unix)]
fn what_is_no_file_is_not_written() {
    let folder = Folder::new().with_pipe("pipe.parapet");
    for command in [["fmt", "pipe.parapet"].as_slice(), &["lint", "--fix", "pipe.parapet"]] {
        let path = folder.path.join("pipe.parapet");
        let text = format!("use aws::network::is_anywhere\n\n{}", RULES.replace("    ", "  "));
        let writer = std::thread::spawn(move || std::fs::write(path, text).unwrap());
        let run = folder.parapet(command);
        writer.join().unwrap();
        assert_ne!(run.status, Some(0), "{command:?}: {}{}", run.out, run.err);
        assert!(run.out.contains("it is no file") || run.err.contains("it is no file"), "{}{}", run.out, run.err);
    }
}
