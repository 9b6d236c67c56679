//! `plimsoll.toml`: where it is found, what it changes, and what is said of one that is wrong.

use crate::fixture::{Packing, Registry, Sandbox, codes, good, list, parsed};
use insta::assert_snapshot;

/// An image with one finding that is *high*: PL207, secret-in-env.
fn stage() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().env("API_TOKEN=x").layout(Packing::Plain));
    sandbox
}

#[test]
fn the_nearest_one_upward_holds() {
    let sandbox = stage();
    sandbox.write("deep/er/empty", "");
    let check = |folder: &str, code: i32| {
        let target = "../".repeat(folder.split('/').filter(|p| !p.is_empty()).count());
        let mut command = sandbox.command_in(&sandbox.path(folder), &format!("check oci:{target}app"));
        let run = sandbox.run_command(&mut command);
        assert_eq!(run.code, code, "{folder}: {run}");
    };
    check("deep/er", 1);
    sandbox.write("plimsoll.toml", "[rules]\nPL207 = \"off\"\n");
    check("", 0);
    check("deep/er", 0);
    sandbox.write("deep/plimsoll.toml", "");
    check("deep/er", 1);
    check("", 0);
}

#[test]
fn one_that_is_named_wins() {
    let sandbox = stage();
    sandbox.write("plimsoll.toml", "");
    sandbox.write("lenient.toml", "[rules]\nsecret-in-env = \"low\"\n");
    assert_eq!(sandbox.run("check oci:app").code, 1);
    assert_eq!(sandbox.run("check oci:app --config lenient.toml").code, 0);
    let mut command = sandbox.command("check oci:app");
    assert_eq!(sandbox.run_command(command.env("PLIMSOLL_CONFIG", "lenient.toml")).code, 0);
    assert_snapshot!(sandbox.run("check oci:app --config missing.toml"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read `missing.toml`: No such file or directory (os error 2)
    ");
}

#[test]
fn one_that_is_wrong_checks_nothing() {
    let sandbox = stage();
    let check = |text: &str| {
        sandbox.write("plimsoll.toml", text);
        let run = sandbox.run("check oci:app");
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run}");
        run.stderr
    };
    assert_snapshot!(check("fail-on = \"low\"\n[rule]\nPL207 = \"off\"\n"), @"
    error: [DIR]/work/plimsoll.toml:2:2: unknown key `rule`
    hint: did you mean `rules`?
    ");
    assert_snapshot!(check("[rules]\n  PL999 = \"off\"\n"), @"error: [DIR]/work/plimsoll.toml:2:3: unknown rule `PL999`");
    assert_snapshot!(check("fail-on = high\n"), @"error: [DIR]/work/plimsoll.toml:1:11: not valid TOML: string values must be quoted, expected literal string");
    sandbox.write("plimsoll.toml", [0xff, 0xfe]);
    assert_snapshot!(sandbox.run("check oci:app"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read `[DIR]/work/plimsoll.toml`: stream did not contain valid UTF-8
    ");
}

#[test]
fn levels_decide_what_fails() {
    let sandbox = stage();
    let check = |text: &str, code: i32, severity: Option<&str>| {
        sandbox.write("plimsoll.toml", text);
        let report = parsed(&sandbox.run("check oci:app --json").data(code));
        assert_eq!(list(&report, "findings").first().map(|f| f["severity"].as_str().unwrap()), severity, "{text}");
    };
    check("", 1, Some("high"));
    check("fail-on = \"critical\"", 0, Some("high"));
    check("[rules]\nPL207 = \"off\"", 0, None);
    check("[rules]\nPL207 = \"info\"", 0, Some("info"));
    check("fail-on = \"info\"\n[rules]\nPL207 = \"info\"", 1, Some("info"));
    check("[[images]]\npattern = \"oci:*\"\nrules = { PL207 = \"medium\" }", 0, Some("medium"));
    check("[[images]]\npattern = \"docker:*\"\nrules = { PL207 = \"medium\" }", 1, Some("high"));
}

#[test]
fn images_are_matched_by_their_repository() {
    let registry = Registry::new();
    let sandbox = Sandbox::new();
    registry.push("team/api", "1.4.2", good().stored(Packing::Plain));
    registry.push("lab/api", "1.4.2", good().stored(Packing::Plain));
    sandbox.write("plimsoll.toml", "[[images]]\npattern = \"127.0.0.1:*/team/**\"\nrules = { no-digest = \"high\" }\n");
    let host = registry.host();
    let report = parsed(&sandbox.run(&format!("check --json {host}/team/api:1.4.2 {host}/lab/api:1.4.2")).data(1));
    assert_eq!(codes(&report, true), ["PL104", "PL104"]);
    let verdicts: Vec<_> = list(&report, "targets").iter().map(|t| t["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["fail", "pass"]);
}

#[test]
fn what_is_required_must_have_been_checked() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layout(Packing::Plain));
    let check = |practice: &str, code: i32| {
        sandbox.write("plimsoll.toml", format!("require = [\"{practice}\"]\n"));
        assert_eq!(sandbox.run("check oci:app").code, code, "{practice}");
    };
    for checked in ["layers", "base", "sbom", "provenance"] {
        check(checked, 0);
    }
    for unchecked in ["tagging", "scanning", "rebuilds"] {
        check(unchecked, 3);
    }
    assert_snapshot!(sandbox.run("check oci:app"), @"
    exit: 3
    ----- stdout -----
    oci:app
      manifest sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in 3 layers, 608 B of files

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    inconclusive: no findings, but policy requires more than could be looked at
    ----- stderr -----
    ");
}

#[test]
fn one_that_cannot_be_read_is_not_none() {
    let sandbox = stage();
    let policy = sandbox.path("plimsoll.toml");
    let check = |why: &str| {
        let run = sandbox.run("check oci:app");
        assert!(run.code == 2 && run.stderr.contains(why), "{run}");
    };
    std::os::unix::fs::symlink("nowhere", &policy).unwrap();
    check("No such file or directory");
    std::fs::remove_file(&policy).unwrap();
    std::fs::create_dir(&policy).unwrap();
    check("it is not a regular file");
}
