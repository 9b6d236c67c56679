//! Practice 7, from outside: what an image says of where it comes from.

use crate::fixture::{Image, Packing, Registry, Sandbox, Stored, codes, good, parsed};
use insta::assert_snapshot;

fn check(image: &Image, expected: &[&str]) {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &image.layout(Packing::Plain));
    assert_eq!(codes(&parsed(&sandbox.run("check oci:app --json").data(0)), true), expected);
}

#[test]
fn what_is_missing() {
    check(&good(), &[]);
    check(&good().unlabelled("revision"), &["PL701"]);
    check(&good().unlabelled("created"), &["PL702"]);
    check(&good().unlabelled("version"), &["PL703"]);
    check(&good().unlabelled("source"), &["PL704"]);
}

#[test]
fn what_is_wrong() {
    check(&good().label("title", ""), &["PL705"]);
    check(&good().label("created", "yesterday"), &["PL706"]);
    check(&good().label("revision", "HEAD"), &["PL707"]);
    check(&good().label("url", "my-api"), &["PL708"]);
    check(&good().label("licenses", "Apache 2 or so"), &["PL709"]);
    check(&good().label("created", "2024-01-01T00:00:00Z"), &["PL711"]);
}

#[test]
fn a_build_in_the_future() {
    let mut image = good();
    image.created = "2999-06-01T12:00:00Z".to_owned();
    check(&image, &["PL710", "PL711"]);
    // Two statements, two findings.
    check(&image.label("created", "2999-06-01T12:00:00Z"), &["PL710", "PL710"]);
}

#[test]
fn a_version_that_is_not_the_tags() {
    let registry = Registry::new();
    let sandbox = Sandbox::new();
    registry.push("my-api", "1.5.0", good().stored(Packing::Plain));
    let report = sandbox.run(&format!("check --json {}/my-api:1.5.0", registry.host())).data(0);
    assert_eq!(codes(&parsed(&report), false), ["PL712"]);
}

#[test]
fn a_platform_that_is_not_the_index_s() {
    let sandbox = Sandbox::new();
    let offered = serde_json::json!({"os": "linux", "architecture": "arm64"});
    let (stored, index) = Stored::index(vec![(good().stored(Packing::Gzip), offered)]);
    sandbox.folder("app", &stored.layout_of(&[index]));
    let report = sandbox.run("check oci:app --platform linux/arm64 --json").data(0);
    assert_eq!(codes(&parsed(&report), true), ["PL713"]);
}

#[test]
fn an_image_that_says_nothing_of_itself() {
    let sandbox = Sandbox::new();
    let mut image = good();
    image.labels.clear();
    sandbox.folder("app", &image.layout(Packing::Plain));
    assert_snapshot!(sandbox.run("check oci:app"), @"
    exit: 0
    ----- stdout -----
    oci:app
      manifest sha256:831b1c96de5c193f3137fb279f3edf19781caf68eda8ea2a3f8a6df1a9b20ad8
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in 3 layers, 608 B of files

    low      PL701 no-revision
      the image does not state from which source revision it was built
      proof:  neither a label nor an annotation has the key org.opencontainers.image.revision
      remedy: add `--label org.opencontainers.image.revision=$(git rev-parse HEAD)` to the build

    low      PL702 no-created
      the image does not state when it was built
      proof:  neither a label nor an annotation has the key org.opencontainers.image.created
      remedy: add `--label org.opencontainers.image.created=$(date -u +%Y-%m-%dT%H:%M:%SZ)` to the build

    low      PL703 no-version
      the image does not state its version
      proof:  neither a label nor an annotation has the key org.opencontainers.image.version
      remedy: add `--label org.opencontainers.image.version=1.4.2` to the build

    info     PL704 no-source
      the image does not state where its source is
      proof:  neither a label nor an annotation has the key org.opencontainers.image.source
      remedy: add `--label org.opencontainers.image.source=https://…` to the build

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    pass: 3 low, 1 info; high and worse fail
    ----- stderr -----
    ");
}
