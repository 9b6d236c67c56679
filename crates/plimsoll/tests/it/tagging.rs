//! Practice 1, from outside: by which reference an image is deployed.

use crate::fixture::{Packing, Registry, Sandbox, codes, good, parsed};
use insta::assert_snapshot;

#[test]
fn by_digest_with_a_version_nothing_is_wrong() {
    let registry = Registry::new();
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "127.0.0.1:5000");
    let digest = registry.push("my-api", "1.4.2", good().stored(Packing::Plain));
    assert_snapshot!(sandbox.run(&format!("check {}/my-api:1.4.2@{digest}", registry.host())), @"
    exit: 0
    ----- stdout -----
    127.0.0.1:5000/my-api:1.4.2@sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a
      manifest sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in 3 layers, 608 B of files

    not checked:
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    pass: no findings
    ----- stderr -----
    ");
}

#[test]
fn a_version_tag_alone_is_noted() {
    let registry = Registry::new();
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "127.0.0.1:5000");
    registry.push("my-api", "1.4.2", good().stored(Packing::Plain));
    assert_snapshot!(sandbox.run(&format!("check {}/my-api:1.4.2", registry.host())), @"
    exit: 0
    ----- stdout -----
    127.0.0.1:5000/my-api:1.4.2
      manifest sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in 3 layers, 608 B of files

    info     PL104 no-digest
      the version tag `1.4.2` is not pinned to a digest
      proof:  `127.0.0.1:5000/my-api:1.4.2` asks for `127.0.0.1:5000/my-api:1.4.2`, which was manifest sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a on [TODAY]
      remedy: deploy what was checked: `127.0.0.1:5000/my-api:1.4.2@sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a`

    not checked:
      tagging    the ledger knows nothing of what the tag named before: `plimsoll tags watch` records it
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    pass: 1 info; high and worse fail
    ----- stderr -----
    ");
}

#[test]
fn what_each_reference_says_of_itself() {
    let registry = Registry::new();
    let sandbox = Sandbox::new();
    let image = good().unlabelled("version");
    let check = |tag: &str, reference: &str, expected: &[&str]| {
        let digest = registry.push("team/my-api", tag, image.stored(Packing::Gzip));
        let reference = reference.replace("DIGEST", &digest.to_string());
        let report = sandbox.run(&format!("check --json {}/team/my-api{reference}", registry.host())).data(0);
        let report = parsed(&report);
        let found: Vec<&str> = codes(&report, true).into_iter().filter(|c| c.starts_with("PL1")).collect();
        assert_eq!(found, expected, "{reference}");
        assert_eq!(report["targets"][0]["subject"]["digest"], digest.to_string(), "{reference}");
    };
    check("latest", "", &["PL101"]);
    check("latest", ":latest", &["PL102"]);
    check("main", ":main", &["PL102"]);
    check("1", ":1", &["PL103"]);
    check("1.4-slim", ":1.4-slim", &["PL103"]);
    check("1.4.2", ":1.4.2", &["PL104"]);
    check("v1.4.2-alpine", ":v1.4.2-alpine", &["PL104"]);
    check("x", "@DIGEST", &[]);
    check("latest", ":latest@DIGEST", &[]);
}

#[test]
fn with_both_the_digest_decides() {
    let registry = Registry::new();
    let sandbox = Sandbox::new();
    let first = registry.push("my-api", "1.4.2", good().stored(Packing::Plain));
    let second = registry.push("my-api", "1.4.2", good().user("other").stored(Packing::Plain));
    assert_ne!(first, second);
    let report = sandbox.run(&format!("check --json {}/my-api:1.4.2@{first}", registry.host())).data(0);
    assert_eq!(parsed(&report)["targets"][0]["subject"]["digest"], first.to_string());
}

#[test]
fn without_a_reference_there_is_no_tag_to_judge() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &good().layout(Packing::Plain));
    assert_snapshot!(sandbox.run("check oci:app"), @"
    exit: 0
    ----- stdout -----
    oci:app
      manifest sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in 3 layers, 608 B of files

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    pass: no findings
    ----- stderr -----
    ");
}
