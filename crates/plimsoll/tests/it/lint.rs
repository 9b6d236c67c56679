//! `plimsoll lint`: Dockerfiles judged where they are written.

use crate::fixture::{Sandbox, parsed};
use insta::assert_snapshot;

const DOCKERFILE: &str = "FROM debian:12\nRUN apt-get update && apt-get install curl\n# hadolint ignore=DL3025\nCMD nginx -g 'daemon off;'\nRUNN x\n";

#[test]
fn findings_stand_under_their_lines() {
    let sandbox = Sandbox::new();
    sandbox.write("web/Dockerfile", DOCKERFILE);
    sandbox.write("web/README.md", "FROM nothing\n");
    assert_snapshot!(sandbox.run("lint"), @"");
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
    assert_snapshot!(sandbox.run("lint empty"), @"");
    assert_snapshot!(sandbox.run("lint bad good"), @"");
    assert_snapshot!(sandbox.run("lint --explain DL3044"), @"");
}
