//! `plimsoll lint`: Dockerfiles judged where they are written.

use crate::fixture::{Sandbox, parsed};
use insta::assert_snapshot;

const DOCKERFILE: &str = "FROM debian:12\nRUN apt-get update && apt-get install curl\n# hadolint ignore=DL3025\nCMD nginx -g 'daemon off;'\nRUNN x\n";

#[test]
fn findings_stand_under_their_lines() {
    let sandbox = Sandbox::new();
    sandbox.write("web/Dockerfile", DOCKERFILE);
    sandbox.write("web/README.md", "FROM nothing\n");
    assert_snapshot!(sandbox.run("lint"), @"
    exit: 1
    ----- stdout -----
    web/Dockerfile:1:6 info PL132 base-without-digest
      `debian:12` is named without its digest
      1 | FROM debian:12
        |      ^^^^^^^^^
      remedy: run `plimsoll pin`

    web/Dockerfile:2:5 low PL231 apt-lists-kept
      the lists that apt fetched stay in this layer
      2 | RUN apt-get update && apt-get install curl
        |     ^^^^^^^^^^^^^^
      remedy: end the same RUN with `rm -rf /var/lib/apt/lists/*`

    web/Dockerfile:2:23 medium PL236 asks-questions
      apt-get waits for a yes that nobody gives
      2 | RUN apt-get update && apt-get install curl
        |                       ^^^^^^^^^^^^^^^^^^^^
      remedy: add `-y`

    web/Dockerfile:2:23 info PL237 recommended-packages
      packages that are only recommended are installed, too
      2 | RUN apt-get update && apt-get install curl
        |                       ^^^^^^^^^^^^^^^^^^^^
      remedy: add `--no-install-recommends`, and name what is really needed

    web/Dockerfile:5:1 high PL220 does-not-build
      unknown instruction `RUNN`
      5 | RUNN x
        | ^^^^
      remedy: did you mean `RUN`?

    fail: 1 high, 1 medium, 1 low, 2 info in 1 file; 1 turned off by comments
    ----- stderr -----
    ");
}

#[test]
fn json_and_sarif_name_the_same_places() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", "\u{feff}FROM debian:12\r\nCMD [\"ä\", 'x']\r\n");
    let run = sandbox.run("lint Dockerfile --json -o sarif=out.sarif");
    let report = parsed(&run.data(1));
    let finding = report["findings"].as_array().unwrap().iter().find(|f| f["code"] == "PL226").unwrap();
    assert_eq!((&finding["where"]["line"], &finding["where"]["column"]), (&2.into(), &11.into()));
    assert_eq!(report["targets"][0]["verdict"], "fail");
    let sarif = parsed(&sandbox.read("out.sarif"));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let result = results.iter().find(|r| r["ruleId"] == "PL226").unwrap();
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startLine"], &region["startColumn"], &region["endColumn"]),
        (&2.into(), &11.into(), &12.into())
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let sandbox = Sandbox::new();
    sandbox.write("empty/x.txt", "");
    sandbox.write("bad/Dockerfile", b"FROM a\nRUN \xff\n");
    sandbox.write("good/Dockerfile", "FROM scratch\nCOPY a /a\n");
    assert_snapshot!(sandbox.run("lint empty"), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: no Dockerfile is in `empty`
    hint: name the file itself: any name will do then
    ");
    assert_snapshot!(sandbox.run("lint bad good"), @"
    exit: 2
    ----- stdout -----
    pass: no findings in 1 file
    ----- stderr -----
    error: `bad/Dockerfile`: line 2 is not UTF-8 (byte 11 of the file)
    ");
}

#[test]
fn a_rule_is_explained_by_what_peers_call_it() {
    let sandbox = Sandbox::new();
    let explained = sandbox.run("lint --explain DL3044").data(0);
    assert!(explained.starts_with("PL249 env-uses-itself (layers, medium)"), "{explained}");
    assert!(explained.ends_with("Known elsewhere as: DL3044\n"), "{explained}");
}

#[test]
fn a_secret_is_printed_nowhere() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "Dockerfile",
        "FROM a:1\nRUN wget https://me:gl0ssy-Harbor7@example.com/a | tar x\nENV DB_PASSWORD hunter2\n",
    );
    for format in ["terminal", "json", "sarif"] {
        let said = sandbox.run(&format!("lint -o {format}")).data(1);
        assert!(said.contains("PL263") && said.contains("PL242"), "{said}");
        assert!(!said.contains("gl0ssy") && !said.contains("hunter2"), "{said}");
    }
}

/// A variable that two FROMs share takes no digest; that made `latest` pass.
#[test]
fn a_moving_tag_in_a_variable_that_is_shared_is_found() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", "ARG V=latest\nFROM nginx:${V} AS a\nFROM debian:${V}\n");
    let text = sandbox.run("lint Dockerfile").data(0);
    assert_eq!(text.matches("PL131 base-latest").count(), 2, "{text}");
    assert!(
        text.contains("in the FROM itself: `plimsoll pin` leaves it, since a digest would change something else"),
        "{text}"
    );
    let text = sandbox.run("check ./Dockerfile").data(0);
    assert_eq!(text.matches("PL131 base-latest").count(), 2, "{text}");
}

#[test]
fn the_dockerignore_of_a_build_is_part_of_what_is_judged() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", "FROM scratch\nCOPY target/app /app\n");
    sandbox.write(".dockerignore", "target\n");
    sandbox.write("web/app.Dockerfile", "FROM scratch\nCOPY dist /app\n");
    sandbox.write("web/app.Dockerfile.dockerignore", "# its own\ndist\n");
    sandbox.write("web/.dockerignore", "nothing\n");
    for command in ["lint .", "check ."] {
        let text = sandbox.run(command).stdout;
        assert_eq!(text.matches("PL268").count(), 2, "{command}: {text}");
        assert!(text.contains("leaves this out in its line 2"), "{text}");
    }
}

#[test]
fn rules_that_are_off_run_when_they_are_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", "FROM scratch\nRUN apk add --no-cache git\n");
    assert_eq!(sandbox.run("lint").data(0), "pass: no findings in 1 file\n");
    let codes = |args: &str| {
        let report = parsed(&sandbox.run(args).stdout);
        let findings = report["findings"].as_array().unwrap().iter();
        findings.map(|f| f["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(codes("lint --json --all-rules"), "PL265 PL144");
    sandbox.write("plimsoll.toml", "[rules]\nPL265 = \"off\"\n");
    assert_eq!(codes("lint --json --all-rules"), "PL144");
}
