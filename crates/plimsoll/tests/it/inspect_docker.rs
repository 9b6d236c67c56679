//! `plimsoll inspect --docker` and `--format`: Docker's document and Docker's templates, without an engine.

use crate::fixture::{Packing, Registry, Sandbox, Stored, good, parsed};
use insta::assert_snapshot;
use serde_json::json;

/// An index of two platforms in a registry, whose address reads `HOST`.
fn stage() -> (Registry, Sandbox, String) {
    let registry = Registry::new();
    let mut sandbox = Sandbox::new();
    sandbox.filter(&registry.host(), "HOST");
    let child = |architecture: &str| {
        (good().on(architecture).stored(Packing::Gzip), json!({"os": "linux", "architecture": architecture}))
    };
    let (all, index) = Stored::index(vec![child("amd64"), child("arm64")]);
    registry.push_document("app", "1.4", &all, &index);
    let target = format!("{}/app:1.4", registry.host());
    (registry, sandbox, target)
}

fn format(sandbox: &Sandbox, template: &str, target: &str) -> crate::fixture::Run {
    sandbox.run_command(sandbox.command("inspect --platform linux/amd64 --format").args([template, target]))
}

#[test]
fn three_requests_and_no_layer() {
    let (registry, sandbox, target) = stage();
    registry.asked();
    let run = format(&sandbox, r#"{{index .Config.Labels "org.opencontainers.image.revision"}}"#, &target);
    assert_eq!(run.data(0), "a1b2c3d4\n");
    assert_eq!(registry.asked().len(), 3, "the index, the manifest, the config");
}

#[test]
fn names_are_those_that_a_pull_leaves() {
    let (_registry, sandbox, target) = stage();
    assert_snapshot!(format(&sandbox, "{{.RepoTags}} {{.RepoDigests}}", &target), @"
    exit: 0
    ----- stdout -----
    [HOST/app:1.4] [HOST/app@sha256:d7a477402b94c813d64500d6a86e7dedd562dcb3d694ff426bd14047ed7cee19]
    ----- stderr -----
    ");
}

#[test]
fn what_only_an_engine_knows_is_told() {
    let (_registry, sandbox, target) = stage();
    assert_snapshot!(format(&sandbox, "{{.Os}} {{.Size}}", &target), @"
    exit: 0
    ----- stdout -----
    linux <no value>
    ----- stderr -----
    `.Size`: only an engine that holds the image knows; `docker:IMAGE` asks it
    ");
}

#[test]
fn a_key_that_is_not_there_is_an_error_in_dockers_words() {
    let (_registry, sandbox, target) = stage();
    assert_snapshot!(format(&sandbox, "{{.NoSuch}}", &target), @r#"
    exit: 2
    ----- stdout -----

    ----- stderr -----
    error: template parsing error: template: :1:2: executing "" at <.NoSuch>: map has no entry for key "NoSuch"
    hint: `plimsoll inspect --docker TARGET` shows all that a template can ask for
    "#);
    assert_snapshot!(format(&sandbox, "{{.Os", &target), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: template parsing error: template: :1: unclosed action
    hint: `plimsoll inspect --docker TARGET` shows all that a template can ask for
    ");
}

#[test]
fn several_are_one_list_and_one_that_is_not_there_hides_no_other() {
    let sandbox = Sandbox::new();
    sandbox.folder("one", &good().layout(Packing::Plain));
    let run = sandbox.run("inspect --docker oci:one oci:none oci:one");
    assert_eq!(run.code, 2, "{run}");
    assert_eq!(parsed(&run.stdout).as_array().map(Vec::len), Some(2), "{run}");
    assert!(run.stderr.contains("none"), "{run}");
    assert_eq!(sandbox.run("inspect --format json oci:one").data(0), sandbox.run("inspect --docker oci:one").data(0));
}

#[test]
fn a_root_filesystem_has_no_document() {
    let sandbox = Sandbox::new();
    good().rootfs(&sandbox.path("root"));
    assert_snapshot!(sandbox.run("inspect --docker dir:root"), @"
    exit: 2
    ----- stdout -----
    []
    ----- stderr -----
    error: `dir:root` is a root filesystem: it has no config that Docker's document could be made of
    ");
}

#[test]
fn full_accounts_come_one_at_a_time() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("inspect oci:one oci:two"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: one image at a time is shown in full
    hint: name one, or add `--docker` or `--format`
    ");
}
