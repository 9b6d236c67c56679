//! `plimsoll check` of folders and files that name images.

use crate::fixture::{Sandbox, codes, parsed};
use crate::formats::fits;
use insta::assert_snapshot;
use model::Digest;

#[test]
fn a_deployment_of_latest_fails_with_exactly_its_finding() {
    let sandbox = Sandbox::new();
    sandbox.write("src/compose.yaml", "# ä\nservices:\n  api:\n    image: my-api:latest  # ü\n");
    assert_snapshot!(sandbox.run("check ./src"), @r"
    exit: 1
    ----- stdout -----
    ./src
      1 reference in 1 file

    high     PL111 text-mutable-tag
      the tag `latest` is meant to move, so the file does not say which image runs
      src/compose.yaml:4:12
            image: my-api:latest  # ü
                   ^^^^^^^^^^^^^
      proof:  the compose deploys `my-api:latest`, which is `docker.io/library/my-api:latest`
      remedy: name a version, then pin it: `plimsoll pin src/compose.yaml`

    not checked:
      layers     no image was given, only texts
      base       no image was given, only texts
      scanning   no image was given, only texts
      sbom       no image was given, only texts
      rebuilds   no rule for it is built in
      provenance no image was given, only texts

    fail: 1 high; high and worse fail
    ----- stderr -----
    ");
    let report = parsed(&sandbox.run("check --json src/compose.yaml").data(1));
    assert_eq!(codes(&report, true), ["PL111"]);
    fits(include_str!("../../../../docs/formats/report-v1.schema.json"), &report);
}

#[test]
fn the_guides_good_example_passes() {
    let sandbox = Sandbox::new();
    let digest = Digest::of(b"x");
    sandbox.write("src/compose.yaml", format!("services:\n  api:\n    image: my-api:1.4.2@{digest}\n"));
    sandbox.write("src/notes.md", "image: my-api:latest\n");
    let report = parsed(&sandbox.run("check --json ./src").data(0));
    assert!(codes(&report, true).is_empty(), "{report}");
    assert_eq!(report["targets"][0]["checked"], serde_json::json!(["tagging"]));
}

#[test]
fn sarif_names_the_columns() {
    let sandbox = Sandbox::new();
    sandbox.write("src/compose.yaml", "services: {ä: {image: \"my-api:latest\"}}\n");
    let log = parsed(&sandbox.run("check -o sarif ./src").data(1));
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "src/compose.yaml");
    assert_eq!(place["region"], serde_json::json!({"startLine": 1, "startColumn": 24, "endLine": 1, "endColumn": 37}));
}

#[test]
fn a_file_that_cannot_be_read_is_inconclusive() {
    let sandbox = Sandbox::new();
    sandbox.write("src/compose.yaml", "services: [\n");
    let run = sandbox.run("check ./src");
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("src/compose.yaml: line"), "{run}");
}

#[test]
fn a_folder_that_names_nothing_is_not_passed() {
    let sandbox = Sandbox::new();
    sandbox.write("src/main.rs", "");
    assert_snapshot!(sandbox.run("check ./src"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: no file in `./src` is of a kind that names images
    hint: `plimsoll pin --help` says which files are looked for
    ");
}

#[test]
fn ones_own_images_are_not_judged() {
    let sandbox = Sandbox::new();
    sandbox.write("src/compose.yaml", "services: {a: {image: \"team/app:latest\"}}\n");
    sandbox.write("plimsoll.toml", "[pin]\nown = [\"team/*\"]\n");
    assert_eq!(sandbox.run("check ./src").code, 0);
}

#[test]
fn a_dockerfile_after_the_guide_passes() {
    let sandbox = Sandbox::new();
    let text = "FROM node:20-slim AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\nFROM node:20-slim\nCOPY --from=build /app /app\nUSER node\n";
    sandbox.write("src/Dockerfile", text);
    let report = parsed(&sandbox.run("check --json ./src").data(0));
    // A base may follow its line of releases: worth a word, and no failure.
    assert_eq!(codes(&report, true), ["PL132", "PL132", "PL222"]);
    assert_eq!(report["findings"][0]["severity"], "info");
}

#[test]
fn a_dockerfile_of_a_tree_is_linted_and_its_pins_judged_and_nothing_said_twice() {
    let sandbox = Sandbox::new();
    let text = "FROM debian:latest\n# hadolint ignore=DL3025\nCMD a\nCOPY --from=nginx:1 /a /b\nRUN cd /x\n";
    sandbox.write("src/Dockerfile", text);
    let report = parsed(&sandbox.run("check --json ./src").data(0));
    let mut found = codes(&report, true);
    found.sort_unstable();
    assert_eq!(found, ["PL112", "PL131", "PL224"], "{report}");
    assert_eq!(report["targets"][0]["ignored"], 1);
    fits(include_str!("../../../../docs/formats/report-v1.schema.json"), &report);
    let linted = parsed(&sandbox.run("lint --json src").data(0));
    assert_eq!(codes(&linted, true), ["PL131", "PL224"]);
    sandbox.write("src/Dockerfile", format!("# check=skip=all\n{text}"));
    assert_eq!(codes(&parsed(&sandbox.run("check --json ./src").data(0)), true), ["PL112"]);
}

#[test]
fn a_reference_that_is_none_is_said_once() {
    let sandbox = Sandbox::new();
    sandbox.write("src/Dockerfile", "FROM My-API:1\n");
    assert_eq!(codes(&parsed(&sandbox.run("check --json ./src").data(0)), true), ["PL115"]);
}

#[test]
fn a_secret_in_a_tree_is_printed_nowhere() {
    let sandbox = Sandbox::new();
    let text = "FROM a:1\nRUN --mount=from=b:latest,target=/b wget https://me:gl0ssy-Harbor7@example.com/a | tar x\n";
    sandbox.write("src/Dockerfile", text);
    for format in ["terminal", "json", "sarif"] {
        let said = sandbox.run(&format!("check -v ./src -o {format}")).data(1);
        assert!(said.contains("PL263") && said.contains("PL111"), "{said}");
        assert!(!said.contains("gl0ssy"), "{said}");
    }
}
