//! `plimsoll check`: formats, several targets, explanations, and each exit code.

use crate::fixture::{Layer, Packing, Sandbox, good, list, parsed};
use insta::assert_snapshot;

/// A good image, one that fails, and one of which a layer is damaged.
fn stage() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.folder("good", &good().layout(Packing::Plain));
    sandbox.folder("bad", &good().env("API_TOKEN=hunter2").layout(Packing::Plain));
    let own = Layer::new("COPY . /srv # buildkit").file("srv/other.js", "other");
    let mut damaged = good().layer(own).stored(Packing::Gzip);
    let layer = damaged.layers[3]["digest"].as_str().unwrap().parse().unwrap();
    damaged.blobs.get_mut(&layer).unwrap()[40] ^= 1;
    sandbox.folder("damaged", &damaged.layout());
    sandbox
}

#[test]
fn each_exit_code() {
    let sandbox = stage();
    let check = |args: &str, code: i32, verdict: &str| {
        let run = sandbox.run(&format!("check {args}"));
        assert_eq!(run.code, code, "{args}: {run}");
        assert_eq!(run.stdout.lines().last().unwrap_or_default(), verdict, "{args}");
    };
    check("oci:good", 0, "pass: no findings");
    check("oci:bad", 1, "fail: 1 high; high and worse fail");
    check("oci:damaged", 3, "inconclusive: no findings");
    check("oci:missing", 2, "");
    check("", 2, "");
    check("oci:good --colour", 2, "");
}

#[test]
fn of_several_targets_the_worst_counts() {
    let sandbox = stage();
    let check = |targets: &str, code: i32, verdict: &str| {
        let report = parsed(&sandbox.run(&format!("check --json {targets}")).data(code));
        assert_eq!(report["verdict"], verdict);
        let names: Vec<_> = list(&report, "targets").iter().map(|t| t["target"].as_str().unwrap()).collect();
        assert_eq!(names.join(" "), targets);
    };
    check("oci:good oci:good", 0, "pass");
    check("oci:good oci:damaged", 3, "inconclusive");
    check("oci:damaged oci:bad oci:good", 1, "fail");
    assert_snapshot!(sandbox.run("check oci:good oci:bad"), @"
    exit: 1
    ----- stdout -----
    oci:good
      manifest sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in 3 layers, 608 B of files

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    pass: no findings

    oci:bad
      manifest sha256:6cc6ba4668cd07ddf70db39dd614455ef65f3e2b1f801698168feaa70a6acfce
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in 3 layers, 608 B of files

    high     PL207 secret-in-env
      the environment variable `API_TOKEN` looks like a secret
      proof:  the image config sets `API_TOKEN` to a value, which is not shown here
      remedy: rotate it, remove the `ENV`, and pass it when the container runs or mount it as a file

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    fail: 1 high; high and worse fail
    ----- stderr -----
    ");
    assert_snapshot!(sandbox.run("check oci:good oci:missing"), @"
    exit: 2
    ----- stdout -----
    oci:good
      manifest sha256:b55405ad004898a4fc0caf12239fe99a2e873c78fe38487981fd7e2880f5e30a
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in 3 layers, 608 B of files

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    pass: no findings
    ----- stderr -----
    error: cannot read `missing`: No such file or directory (os error 2)
    hint: look at the path; it is read from the current folder
    ");
}

#[test]
fn what_could_not_be_read_is_said() {
    assert_snapshot!(stage().run("check oci:damaged"), @"
    exit: 3
    ----- stdout -----
    oci:damaged
      manifest sha256:9cb97d373f13fa795ae7397088bdf0ad8d5ce9577ac947577130c55eb330b86e
      linux/amd64, Kali GNU/Linux Rolling, 3 packages in what was read of 4 layers (1 could not be)

    could not be read, so nothing can be said of it:
      damaged: the stored layer cannot be read to its end: corrupt deflate stream of layer sha256:ab58dd182c7fbf308618ec5467667d530e432062219ee2ebefb5ef203cb1fd3a

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    inconclusive: no findings
    ----- stderr -----
    ");
}

#[test]
fn json() {
    assert_snapshot!(stage().run("check oci:bad --json"), @r#"
    exit: 1
    ----- stdout -----
    {
      "schema": "plimsoll.report/1",
      "tool": {
        "name": "plimsoll",
        "version": "0.1.0"
      },
      "targets": [
        {
          "target": "oci:bad",
          "subject": {
            "kind": "manifest",
            "digest": "sha256:6cc6ba4668cd07ddf70db39dd614455ef65f3e2b1f801698168feaa70a6acfce"
          },
          "platform": "linux/amd64",
          "verdict": "fail",
          "packages": 3,
          "layers": 3,
          "checked": [
            "layers",
            "base",
            "sbom",
            "provenance"
          ],
          "notChecked": [
            {
              "practice": "tagging",
              "codes": [
                "PL101",
                "PL102",
                "PL103",
                "PL104",
                "PL105",
                "PL106",
                "PL107",
                "PL108"
              ],
              "reason": "the target is not asked for by a reference, so there is no tag to judge"
            },
            {
              "practice": "scanning",
              "codes": [
                "PL401",
                "PL402",
                "PL403",
                "PL404",
                "PL405",
                "PL406",
                "PL407"
              ],
              "reason": "there is no index of advisories (`plimsoll db update` makes one)"
            },
            {
              "practice": "rebuilds",
              "reason": "no rule for it is built in"
            }
          ]
        }
      ],
      "verdict": "fail",
      "failOn": "high",
      "findings": [
        {
          "code": "PL207",
          "name": "secret-in-env",
          "aliases": [
            "DL3064",
            "SecretsUsedInArgOrEnv",
            "CIS-DI-0010",
            "DS-0031"
          ],
          "severity": "high",
          "message": "the environment variable `API_TOKEN` looks like a secret",
          "remedy": "rotate it, remove the `ENV`, and pass it when the container runs or mount it as a file",
          "disposition": "open",
          "proof": "the image config sets `API_TOKEN` to a value, which is not shown here",
          "target": "oci:bad",
          "where": {
            "digest": "sha256:6cc6ba4668cd07ddf70db39dd614455ef65f3e2b1f801698168feaa70a6acfce"
          }
        }
      ],
      "unknowns": [],
      "decisions": []
    }
    ----- stderr -----
    "#);
}

#[test]
fn sarif() {
    let sandbox = stage();
    let run = sandbox.run("check oci:good oci:bad oci:damaged -o sarif");
    let log = parsed(&run.data(1));
    assert_eq!(log["version"], "2.1.0");
    let runs = list(&log, "runs");
    let results = |at: usize| list(&runs[at], "results");
    assert_eq!((runs.len(), results(0).len(), results(1).len()), (3, 0, 1));
    assert_eq!(results(1)[0]["ruleId"], "PL207");
    assert_eq!(results(1)[0]["level"], "error");
    assert!(list(&runs[0]["invocations"][0], "toolExecutionNotifications").is_empty());
    let notes = list(&runs[2]["invocations"][0], "toolExecutionNotifications");
    let said = notes[0]["message"]["text"].as_str().unwrap();
    assert!(said.contains("cannot be read to its end"), "{said}");
}

#[test]
fn several_outputs_at_once() {
    let sandbox = stage();
    let run = sandbox.run("check oci:bad -o terminal -o json=out.json -o sarif=out.sarif");
    assert_eq!(run.code, 1, "{run}");
    assert_eq!(run.stderr, "wrote out.json\nwrote out.sarif\n");
    assert_eq!(run.stdout, sandbox.run("check oci:bad").stdout);
    assert_eq!(sandbox.read("out.json"), sandbox.run("check oci:bad --json").stdout);
    assert_eq!(sandbox.read("out.sarif"), sandbox.run("check oci:bad -o sarif").stdout);
    assert_snapshot!(sandbox.run("check oci:bad -o html"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'html' for '--output <FORMAT[=FILE]>': `html` is not `terminal`, `json` or `sarif`

    For more information, try '--help'.
    ");
}

#[test]
fn a_rule_explains_itself() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run("check --explain PL202"), @r"
    exit: 0
    ----- stdout -----
    PL202 late-cleanup (layers, medium)

    Leftovers are removed in a later layer, which saves nothing.

    Why: A layer is permanent once it is written. A later instruction that deletes its files hides them from the running container, and every pull still carries them. It looks like a cleanup and is not one. Less than 1 MB is low.

    What to do: Move the cleanup into the instruction that made the files.

    Example:
      RUN apt-get update && apt-get install -y curl
      RUN rm -rf /var/lib/apt/lists/*                  # breaks the rule

      RUN apt-get update && \
          apt-get install -y curl && \
          rm -rf /var/lib/apt/lists/*                  # does not

    Known elsewhere as: DL3009, DKL-DI-0005
    ----- stderr -----
    ");
    let by_code = sandbox.run("check --explain PL202").data(0);
    assert_eq!(sandbox.run("check --explain late-cleanup").data(0), by_code);
    assert_snapshot!(sandbox.run("check --explain PL999"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no rule `PL999`
    hint: `plimsoll check --explain list` lists all of them
    ");
}

#[test]
fn every_rule_is_listed_and_explained() {
    let sandbox = Sandbox::new();
    let all = sandbox.run("check --explain list").data(0);
    assert!(all.lines().count() > 30);
    for line in all.lines() {
        let code = &line[..5];
        let text = sandbox.run(&format!("check --explain {code}")).data(0);
        assert!(text.starts_with(code) && text.lines().count() > 5, "{text}");
    }
}

#[test]
fn the_same_twice_with_and_without_cache() {
    let sandbox = stage();
    for format in ["terminal", "json", "sarif"] {
        let fresh = sandbox.run(&format!("check oci:good oci:bad oci:damaged -v -o {format} --no-cache")).data(1);
        for _ in 0..2 {
            assert_eq!(sandbox.run(&format!("check oci:good oci:bad oci:damaged -v -o {format}")).data(1), fresh);
        }
    }
}
