//! `plimsoll.decisions.toml`: what a decision does to a finding, and what is said of decisions that do nothing.

use crate::fixture::{Sandbox, list, parsed};
use crate::formats::described;
use crate::scanning::{root, update};
use insta::assert_snapshot;

/// A root filesystem whose only failing finding is CVE-2023-5363 in openssl.
fn one_hole(sandbox: &Sandbox) {
    update(sandbox);
    root(sandbox, "root", "12", &[("openssl", "3.0.11-1~deb12u1")]);
}

/// An entry about that hole, with other lines in place of some or beside them.
fn entry(vulnerability: &str, more: &str) -> String {
    format!(
        "[[decision]]\nvulnerability = \"{vulnerability}\"\nstatus = \"accepted\"\nreason = \"not reachable\"\n\
         owner = \"ann\"\ndate = 2024-01-01\n{more}\n"
    )
}

const FOREVER: &str = "until = 9000-01-01";

/// Decides about all that the index holds of the image but those.
fn all_but(sandbox: &Sandbox, but: &[&str]) -> String {
    let report = parsed(&sandbox.run("scan --json dir:root").stdout);
    let rows = list(&report["targets"][0], "vulnerabilities");
    let ids = rows.iter().map(|row| row["id"].as_str().unwrap()).filter(|id| !but.contains(id));
    ids.map(|id| entry(id, FOREVER)).collect()
}

#[test]
fn a_decision_in_force_does_not_fail_and_is_shown() {
    let sandbox = Sandbox::new();
    one_hole(&sandbox);
    assert_eq!(sandbox.run("scan dir:root").code, 1);
    let others = all_but(&sandbox, &["CVE-2023-5363"]);
    sandbox.write("plimsoll.decisions.toml", &others);
    assert_eq!(sandbox.run("scan dir:root").code, 1);
    sandbox.write("plimsoll.decisions.toml", others.clone() + &entry("dsa-5532-1", FOREVER));
    let run = sandbox.run("scan dir:root");
    assert_eq!(run.code, 0, "{run}");
    let ruling = "accepted until 9000-01-01, by ann on 2024-01-01: not reachable [plimsoll.decisions.toml:";
    assert!(run.stdout.contains("CVE-2023-5363") && run.stdout.contains(ruling), "{run}");
    assert!(run.stdout.contains("decided about"), "{run}");
    let report = parsed(&sandbox.run("scan --json dir:root").stdout);
    described("scan-v1", &report);
    assert!(list(&report, "decisions").iter().all(|d| d["state"] == "used"), "{report}");
    assert!(list(&report["targets"][0], "vulnerabilities").iter().all(|v| v["disposition"] == "accepted"));
    // `check` agrees, in every format.
    let report = parsed(&sandbox.run("check --json dir:root").stdout);
    described("report-v1", &report);
    let decided: Vec<_> = list(&report, "findings").iter().filter(|f| f["code"] == "PL402").collect();
    assert!(
        !decided.is_empty() && decided.iter().all(|f| f["disposition"] == "accepted" && f["decision"]["line"].is_u64())
    );
    let sarif = sandbox.run("check -o sarif dir:root").stdout;
    assert!(sarif.contains("accepted until 9000-01-01, by ann"), "{sarif}");
    assert!(sandbox.run("check dir:root").stdout.contains("decided: accepted until"));
}

#[test]
fn one_that_has_ended_counts_again_and_says_so() {
    let sandbox = Sandbox::new();
    one_hole(&sandbox);
    let others = all_but(&sandbox, &["CVE-2023-5363"]);
    let with = |more: &str| sandbox.write("plimsoll.decisions.toml", others.clone() + &entry("CVE-2023-5363", more));
    for (more, code, said) in [
        ("until = 2024-02-01", 1, "does not hold: it ended on 2024-02-01"),
        ("fixed-in = \"3.0.11-1~deb12u1\"", 1, "does not hold: it ended with version 3.0.11-1~deb12u1"),
        ("fixed-in = \"not a version\"", 1, "whether version not a version is reached cannot be told"),
        ("fixed-in = \"3.0.11-1~deb12u2\"", 0, "until version 3.0.11-1~deb12u2"),
        ("until = 9000-01-01\npackage = \"pkg:deb/debian/openssl\"", 0, "accepted until"),
        ("until = 9000-01-01\npackage = \"openssl\"\npath = \"var/lib/**\"\nimage = \"dir:*\"", 0, "accepted until"),
        ("until = 9000-01-01\npackage = \"pkg:deb/debian/curl\"", 1, "unused: CVE-2023-5363"),
        ("until = 9000-01-01\npath = \"usr/**\"", 1, "unused: CVE-2023-5363"),
    ] {
        with(more);
        let run = sandbox.run("scan dir:root");
        assert_eq!(run.code, code, "{more}\n{run}");
        assert!(run.stdout.contains(said), "{more}\n{run}");
    }
    with("until = 9000-01-01\nimage = \"r.example/**\"");
    let run = sandbox.run("scan dir:root");
    assert!(run.code == 1 && !run.stdout.contains("elsewhere"), "{run}");
    assert!(sandbox.run("scan -v dir:root").stdout.contains("elsewhere"));
}

#[test]
fn decisions_that_do_nothing_are_told_apart() {
    let sandbox = Sandbox::new();
    one_hole(&sandbox);
    let all = [
        entry("CVE-2023-5363", FOREVER),
        entry("CVE-2023-5363", FOREVER),
        entry("CVE-1999-1", FOREVER),
        entry("CVE-2023-5363", "until = 2024-02-01"),
        entry("CVE-2023-5363", FOREVER).replace("2024-01-01", "8000-01-01"),
    ];
    sandbox.write("plimsoll.decisions.toml", all.concat());
    let shown = sandbox.run("scan dir:root").stdout;
    let part = shown.split("4 decisions:\n").nth(1).unwrap_or_else(|| panic!("{shown}"));
    assert_snapshot!(part, @r"
    plimsoll.decisions.toml:8: shadowed: CVE-2023-5363, until 9000-01-01, by ann: earlier decisions decide all that it selects
    plimsoll.decisions.toml:15: unused: CVE-1999-1, until 9000-01-01, by ann: nothing that was found is what it selects
    plimsoll.decisions.toml:22: expired: CVE-2023-5363, until 2024-02-01, by ann: it has ended, and decides nothing any more
    plimsoll.decisions.toml:29: not_yet: CVE-2023-5363, until 9000-01-01, by ann: its date is in the future
    ");
}

#[test]
fn a_file_that_says_too_little_is_an_error_with_its_line() {
    let sandbox = Sandbox::new();
    one_hole(&sandbox);
    sandbox.write("plimsoll.decisions.toml", format!("# why\n{}", entry("CVE-2023-5363", "")));
    assert_snapshot!(sandbox.run("scan dir:root"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: plimsoll.decisions.toml:2:1: an end is missing
    hint: write when it ends: `until = 2027-02-01` or `fixed-in = "1.2.3"`
    "#);
    sandbox.write("other.toml", entry("CVE-2023-5363", FOREVER).replace("ann", ""));
    let run = sandbox.run("check --decisions other.toml dir:root");
    assert!(run.code == 2 && run.stderr.contains("other.toml:5:9: `owner` is empty"), "{run}");
    let run = sandbox.run("scan --decisions nowhere.toml dir:root");
    assert!(run.code == 2 && run.stderr.contains("cannot read `nowhere.toml`"), "{run}");
}
