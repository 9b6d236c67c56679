//! `plimsoll decide`: entries that scan and check obey, and ends that are looked at again.

use crate::fixture::{Sandbox, list, parsed};
use crate::formats::described;
use crate::scanning::{root, update};

const WHOLE: &str = "--status accepted --reason later --owner ann --until 9000-01-01";

#[test]
fn what_was_decided_is_what_a_scan_shows() {
    let sandbox = Sandbox::new();
    update(&sandbox);
    root(&sandbox, "root", "12", &[("openssl", "3.0.11-1~deb12u1")]);
    let done = sandbox.run(&format!("decide CVE-2023-5363 --package openssl --image dir:* {WHOLE}"));
    assert!(done.code == 0 && done.stderr.contains("wrote "), "{done}");
    let shown = sandbox.run("scan dir:root").stdout;
    assert!(shown.contains("accepted until 9000-01-01, by ann on ") && shown.contains(": later ["), "{shown}");
    let before = sandbox.read("plimsoll.decisions.toml");
    sandbox.run(&format!("decide CVE-2024-5535 GHSA-x {WHOLE}")).data(0);
    let after = sandbox.read("plimsoll.decisions.toml");
    assert!(after.starts_with(&before) && after.contains("[\"CVE-2024-5535\", \"GHSA-x\"]"), "{after}");
    assert_eq!(sandbox.run("scan dir:root").stdout.matches("accepted until").count(), 2);
}

#[test]
fn what_says_too_little_is_not_written() {
    let sandbox = Sandbox::new();
    let done = sandbox.run("decide CVE-1 --status accepted --owner ann --until 90d");
    assert!(done.code == 2 && done.stderr.contains("`reason` is missing") && done.stderr.contains("hint: "), "{done}");
    let done = sandbox.run("decide CVE-1 --status affected --reason r --owner ann --until 90d");
    assert!(done.stderr.contains("what is affected and carried all the same is `accepted`"), "{done}");
    assert!(!sandbox.path("plimsoll.decisions.toml").exists());
    // A file that cannot be read is not written over.
    sandbox.write("plimsoll.decisions.toml", "[[decision]]\nnonsense = 1\n");
    let done = sandbox.run(&format!("decide CVE-1 {WHOLE}"));
    assert!(done.code == 2 && done.stderr.contains("plimsoll.decisions.toml:2:1: unknown key `nonsense`"), "{done}");
    assert_eq!(sandbox.read("plimsoll.decisions.toml"), "[[decision]]\nnonsense = 1\n");
    assert_eq!(sandbox.run("decide").code, 2);
}

#[test]
fn ends_are_looked_at_again() {
    let sandbox = Sandbox::new();
    let none = sandbox.run("decide review");
    assert!(none.code == 2 && none.stderr.contains("plimsoll.decisions.toml"), "{none}");
    sandbox.run(&format!("decide CVE-1 {WHOLE}")).data(0);
    let calm = sandbox.run("decide review");
    assert!(calm.code == 0 && calm.stdout.contains("1 decision: 0 ended, 0 end within 30 days"), "{calm}");
    sandbox.run("decide CVE-2 --status accepted --reason later --owner ann --until 10d").data(0);
    let due = sandbox.run("decide review");
    assert!(due.code == 1 && due.stdout.contains("CVE-2, ends in 10 days"), "{due}");
    assert_eq!(sandbox.run("decide review --within 9").code, 0);
    let document = parsed(&sandbox.run("decide review --json").stdout);
    described("decide-review-v1", &document);
    let row = &list(&document, "due")[0];
    assert_eq!((&row["state"], &row["days"]), (&"ends".into(), &10.into()));
    // An old one, as time makes them.
    let old = sandbox.read("plimsoll.decisions.toml").replace("9000-01-01", "2020-01-01");
    let old = old.replacen(
        &format!("date = {}", old.split("date = ").nth(1).unwrap().split('\n').next().unwrap()),
        "date = 2019-01-01",
        1,
    );
    sandbox.write("plimsoll.decisions.toml", &old);
    let due = sandbox.run("decide review");
    assert!(due.stdout.contains("CVE-1, ended ") && due.stdout.contains("1 ended, 1 end within 30 days"), "{due}");
    let line = list(&parsed(&sandbox.run("decide review --json").stdout), "due")[0]["line"].as_u64().unwrap();
    sandbox.run(&format!("decide review --line {line} --until 8000-01-01")).data(0);
    assert_eq!(sandbox.read("plimsoll.decisions.toml"), old.replace("2020-01-01", "8000-01-01"));
    let wrong = sandbox.run("decide review --line 1 --until 8000-01-01");
    assert!(
        wrong.code == 2 && wrong.stderr.contains("no decision with a day on which it ends begins in line 1"),
        "{wrong}"
    );
}
