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

const MENDABLE: &str = "FROM debian:12@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n# lists\nRUN apt update \\\n  && apt install --no-install-recommends curl\nWORKDIR app\nCMD nginx\n";

#[test]
fn fixes_are_shown_and_made() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", MENDABLE);
    assert_snapshot!(sandbox.run("lint --diff"), @r#"
    exit: 0
    ----- stdout -----
    --- a/Dockerfile
    +++ b/Dockerfile
    @@ -1,6 +1,7 @@
     FROM debian:12@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
     # lists
    -RUN apt update \
    -  && apt install --no-install-recommends curl
    +RUN apt-get update \
    +  && apt-get install -y --no-install-recommends curl \
    +    && rm -rf /var/lib/apt/lists/*
     WORKDIR app
    -CMD nginx
    +CMD ["nginx"]
    ----- stderr -----
    "#);
    assert_eq!(sandbox.read("Dockerfile"), MENDABLE, "shown and not made");
    assert_snapshot!(sandbox.run("lint --fix"), @r"
    exit: 0
    ----- stdout -----
    Dockerfile:6:9 low PL240 relative-workdir
      this folder lies wherever the base image stands
      6 | WORKDIR app
        |         ^^^
      remedy: write the whole path

    pass: 1 low in 1 file
    ----- stderr -----
    Dockerfile: 5 findings mended (PL225, PL231, PL235 x2, PL236); 1 more with `--unsafe-fixes`
    ");
    assert_snapshot!(sandbox.read("Dockerfile"), @r#"
    FROM debian:12@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    # lists
    RUN apt-get update \
      && apt-get install -y --no-install-recommends curl \
        && rm -rf /var/lib/apt/lists/*
    WORKDIR app
    CMD ["nginx"]
    "#);
    assert_snapshot!(sandbox.run("lint --fix --unsafe-fixes"), @r"
    exit: 0
    ----- stdout -----
    pass: no findings in 1 file
    ----- stderr -----
    Dockerfile: 1 finding mended (PL240)
    ");
    assert!(sandbox.read("Dockerfile").contains("\nWORKDIR /app\n"));
    assert_eq!(sandbox.run("lint --diff").stdout, "", "nothing is left to mend");
}

#[test]
fn fixes_need_a_file_and_a_verb() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", MENDABLE);
    assert_snapshot!(sandbox.run("lint --unsafe-fixes"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `--unsafe-fixes` says which fixes, and not what to do with them
    hint: add `--diff` to see them, or `--fix` to make them
    ");
    assert_snapshot!(sandbox.run("lint - --fix"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `--fix` writes into files, and stdin is none
    hint: `--diff` shows what it would change
    ");
}

#[test]
fn a_secret_is_in_no_diff() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", "FROM a:1\nENV DB_PASSWORD=hunter2\nRUN apk add curl\n");
    let run = sandbox.run("lint --diff");
    assert!(run.stdout.is_empty() && run.stderr.contains("it holds a secret"), "{}{}", run.stdout, run.stderr);
    sandbox.run("lint --fix");
    assert!(sandbox.read("Dockerfile").ends_with("RUN apk add --no-cache curl\n"));
}

#[test]
fn build_servers_read_what_was_found() {
    let sandbox = Sandbox::new();
    sandbox.write("a,b/Dockerfile", "FROM scratch\nCMD echo '<&>' 100%\nCMD x\nADD a /a\n");
    sandbox.write("ok/Dockerfile", "FROM scratch\nCOPY a /a\n");
    assert_snapshot!(sandbox.run("lint -o checkstyle"), @r#"
    exit: 0
    ----- stdout -----
    <?xml version="1.0" encoding="utf-8"?>
    <checkstyle version="4.3">
      <file name="a,b/Dockerfile">
        <error line="2" column="1" severity="warning" message="this CMD does not count: line 3 overrides it; remove the one that does not count" source="plimsoll.PL243"/>
        <error line="2" column="5" severity="warning" message="a shell runs this CMD and keeps signals from it; write a JSON list: `CMD [&quot;program&quot;, &quot;argument&quot;]`" source="plimsoll.PL225"/>
        <error line="3" column="5" severity="warning" message="a shell runs this CMD and keeps signals from it; write a JSON list: `CMD [&quot;program&quot;, &quot;argument&quot;]`" source="plimsoll.PL225"/>
        <error line="4" column="1" severity="warning" message="only local files are copied here; write `COPY` in its place" source="plimsoll.PL229"/>
      </file>
      <file name="ok/Dockerfile">
      </file>
    </checkstyle>
    ----- stderr -----
    "#);
    assert_snapshot!(sandbox.run("lint -o junit"), @r#"
    exit: 0
    ----- stdout -----
    <?xml version="1.0" encoding="utf-8"?>
    <testsuites name="plimsoll lint">
      <testsuite name="a,b/Dockerfile" tests="4" failures="0" errors="0">
        <testcase name="PL243 overridden-instruction a,b/Dockerfile:2:1" classname="a,b/Dockerfile">
          <system-out>medium: this CMD does not count: line 3 overrides it; remove the one that does not count</system-out>
        </testcase>
        <testcase name="PL225 shell-form a,b/Dockerfile:2:5" classname="a,b/Dockerfile">
          <system-out>medium: a shell runs this CMD and keeps signals from it; write a JSON list: `CMD [&quot;program&quot;, &quot;argument&quot;]`</system-out>
        </testcase>
        <testcase name="PL225 shell-form a,b/Dockerfile:3:5" classname="a,b/Dockerfile">
          <system-out>medium: a shell runs this CMD and keeps signals from it; write a JSON list: `CMD [&quot;program&quot;, &quot;argument&quot;]`</system-out>
        </testcase>
        <testcase name="PL229 add-instead-of-copy a,b/Dockerfile:4:1" classname="a,b/Dockerfile">
          <system-out>low: only local files are copied here; write `COPY` in its place</system-out>
        </testcase>
      </testsuite>
      <testsuite name="ok/Dockerfile" tests="1" failures="0" errors="0">
        <testcase name="no findings" classname="ok/Dockerfile"/>
      </testsuite>
    </testsuites>
    ----- stderr -----
    "#);
    assert_snapshot!(sandbox.run("lint -o github"), @r#"
    exit: 0
    ----- stdout -----
    ::warning file=a%2Cb/Dockerfile,line=2,endLine=2,col=1,endColumn=20,title=PL243 overridden-instruction::this CMD does not count: line 3 overrides it; remove the one that does not count
    ::warning file=a%2Cb/Dockerfile,line=2,endLine=2,col=5,endColumn=20,title=PL225 shell-form::a shell runs this CMD and keeps signals from it; write a JSON list: `CMD ["program", "argument"]`
    ::warning file=a%2Cb/Dockerfile,line=3,endLine=3,col=5,endColumn=6,title=PL225 shell-form::a shell runs this CMD and keeps signals from it; write a JSON list: `CMD ["program", "argument"]`
    ::warning file=a%2Cb/Dockerfile,line=4,endLine=4,col=1,endColumn=4,title=PL229 add-instead-of-copy::only local files are copied here; write `COPY` in its place
    ----- stderr -----
    "#);
    assert_snapshot!(sandbox.run("lint -o tty"), @r"
    exit: 0
    ----- stdout -----
    a,b/Dockerfile:2 PL243 warning: this CMD does not count: line 3 overrides it
    a,b/Dockerfile:2 DL3025 warning: a shell runs this CMD and keeps signals from it
    a,b/Dockerfile:3 DL3025 warning: a shell runs this CMD and keeps signals from it
    a,b/Dockerfile:4 DL3020 info: only local files are copied here
    ----- stderr -----
    ");
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let sandbox = Sandbox::new();
    let issues = |text: &str| {
        sandbox.write("Dockerfile", text);
        let list = parsed(&sandbox.run("lint -o gitlab").stdout);
        let issues = list.as_array().unwrap().iter();
        issues.map(|i| (i["fingerprint"].to_string(), i["location"]["lines"]["begin"].clone())).collect::<Vec<_>>()
    };
    let before = issues("FROM scratch\nADD a /a\nADD a /a\n");
    let after = issues("FROM scratch\n\nUSER 1\nADD a /a\nADD a /a\n");
    assert_eq!(before.len(), 2);
    assert_ne!(before[0].0, before[1].0);
    assert!(before.iter().zip(&after).all(|(old, new)| old.0 == new.0 && old.1 != new.1), "{before:?} {after:?}");
}

#[test]
fn what_hadolint_was_told_holds() {
    let sandbox = Sandbox::new();
    sandbox.write("Dockerfile", "FROM scratch\nCMD x\nADD a /a\n");
    sandbox.write(".hadolint.yaml", "ignored: [DL3025]\nfailure-threshold: error\noverride:\n  error: [DL3020]\n");
    assert_snapshot!(sandbox.run("lint -o tty"), @r"
    exit: 1
    ----- stdout -----
    Dockerfile:3 DL3020 error: only local files are copied here
    ----- stderr -----
    .hadolint.yaml: `failure-threshold` is not taken over
    ");
    let checked = sandbox.run("check . --json");
    assert!(checked.stdout.contains("PL229") && !checked.stdout.contains("PL225"), "{}", checked.stdout);
    sandbox.write(".hadolint.yaml", "override:\n  worse: [DL3020]\n");
    assert_snapshot!(sandbox.run("lint -o tty"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: [DIR]/work/.hadolint.yaml:2: `worse` is none of `error`, `warning`, `info` and `style`
    ");
}
