//! What a scan is written as, and what its table is put together by.

use crate::fixture::{Sandbox, list, parsed};
use crate::formats::described;
use crate::scanning::{root, update};
use serde_json::Value;

/// A root filesystem with openssl of Debian and urllib3 of PyPI, both with vulnerabilities that have fixes.
fn stage() -> Sandbox {
    let sandbox = Sandbox::new();
    update(&sandbox);
    root(&sandbox, "root", "12", &[("openssl", "3.0.11-1~deb12u1")]);
    sandbox
}

/// Decides that openssl's hole does not apply.
fn decide(sandbox: &Sandbox) {
    let entry = "[[decision]]\nvulnerability = \"CVE-2023-5363\"\nstatus = \"not_affected\"\n\
                 justification = \"vulnerable_code_not_in_execute_path\"\nreason = \"fixed | keys\"\nowner = \"ann\"\n\
                 date = 2024-01-01\nuntil = 9000-01-01\n";
    sandbox.write("plimsoll.decisions.toml", entry);
}

#[test]
fn several_at_once() {
    let sandbox = stage();
    let run =
        sandbox.run("scan dir:root -o csv=a.csv -o markdown=a.md -o junit=a.xml -o gitlab=a.json -o openvex=a.vex");
    assert_eq!(run.code, 1, "{run}");
    for file in ["a.csv", "a.md", "a.xml", "a.json", "a.vex"] {
        assert!(sandbox.read(file).contains("CVE-2023-5363"), "{file}");
    }
    let wrong = sandbox.run("scan dir:root -o yaml");
    assert!(wrong.code == 2 && wrong.stderr.contains("`yaml` is not `table`, `json`, `sarif`"), "{wrong}");
}

#[test]
fn a_line_a_vulnerability_in_csv() {
    let sandbox = stage();
    decide(&sandbox);
    let text = sandbox.run("scan dir:root -o csv").stdout;
    assert!(text.starts_with("target,digest,vulnerability,"), "{text}");
    let line = text.lines().find(|line| line.contains("CVE-2023-5363")).unwrap();
    assert!(line.contains(",openssl,3.0.11-1~deb12u1,3.0.11-1~deb12u2,not_affected,"), "{line}");
    assert!(
        line.contains("pkg:deb/debian/openssl@3.0.11-1~deb12u1") && line.contains("/var/lib/dpkg/status"),
        "{line}"
    );
    // As many lines as JSON has rows, and the heading.
    let rows = list(&parsed(&sandbox.run("scan --json dir:root").stdout)["targets"][0], "vulnerabilities").len();
    assert_eq!(text.lines().count(), rows + 1);
}

#[test]
fn tables_of_open_and_decided_in_markdown() {
    let sandbox = stage();
    decide(&sandbox);
    let text = sandbox.run("scan dir:root -o markdown").stdout;
    assert!(text.starts_with("### dir:root\n\n**fail**: "), "{text}");
    assert!(text.contains("| high | CVE-2023-43804 | urllib3 | 2.0.5 | 2.0.6 |"), "{text}");
    let decided = text.lines().find(|line| line.contains("CVE-2023-5363")).unwrap();
    assert!(decided.contains("not\\_affected") && decided.contains("fixed \\| keys"), "{decided}");
}

#[test]
fn what_fails_fails_in_junit_and_sarif() {
    let sandbox = stage();
    decide(&sandbox);
    let text = sandbox.run("scan dir:root -o junit").stdout;
    let case = |id: &str| text.split("<testcase").find(|case| case.contains(id)).unwrap().to_owned();
    assert!(case("CVE-2023-43804").contains("<failure type=\"high\""), "{text}");
    assert!(case("CVE-2023-5363").contains("<system-out>") && !case("CVE-2023-5363").contains("<failure"), "{text}");
    let log = parsed(&sandbox.run("scan dir:root -o sarif").stdout);
    let results = list(&log["runs"][0], "results");
    assert!(results.iter().any(|r| r["message"]["text"].as_str().unwrap().contains("CVE-2023-43804")), "{log}");
    // An index without the release: nothing can be said of it, and no suite is green.
    root(&sandbox, "other", "99", &[("openssl", "3.0.11-1~deb12u1")]);
    let text = sandbox.run("scan dir:other -o junit").stdout;
    assert!(text.contains("<error type=\"no-advisories\"") && text.contains("errors=\"1\""), "{text}");
}

#[test]
fn gitlabs_report_has_what_its_schema_asks_for() {
    let sandbox = stage();
    decide(&sandbox);
    let report = parsed(&sandbox.run("scan dir:root -o gitlab").stdout);
    assert_eq!(report["scan"]["type"], "container_scanning");
    let all = list(&report, "vulnerabilities");
    let one = all.iter().find(|v| v["identifiers"][0]["value"] == "CVE-2023-5363").unwrap();
    assert_eq!(one["location"]["dependency"]["package"]["name"], "openssl");
    assert_eq!(one["location"]["operating_system"], "debian-12");
    assert_eq!(one["solution"], "Update openssl to 3.0.11-1~deb12u2 or later.");
    assert!(one["details"]["decision"]["value"].as_str().unwrap().starts_with("not_affected"), "{one}");
    assert!(all.iter().all(|v| v["id"].as_str().is_some_and(|id| id.len() == 64)));
}

#[test]
fn openvex_states_what_was_decided_and_no_more() {
    let sandbox = stage();
    decide(&sandbox);
    let text = sandbox.run("scan dir:root -o openvex").stdout;
    let vex = parsed(&text);
    assert_eq!((&vex["@context"], &vex["author"]), (&"https://openvex.dev/ns/v0.2.0".into(), &"ann".into()));
    let statement = |id: &str| -> Value {
        let all = list(&vex, "statements");
        all.iter().find(|s| s["vulnerability"]["name"] == id).cloned().unwrap()
    };
    let decided = statement("CVE-2023-5363");
    assert_eq!(decided["justification"], "vulnerable_code_not_in_execute_path");
    assert_eq!(decided["timestamp"], "2024-01-01T00:00:00Z");
    assert!(decided["impact_statement"].as_str().unwrap().starts_with("fixed | keys"));
    assert!(decided["products"][0]["@id"].as_str().unwrap().starts_with("urn:plimsoll:tree:sha256:"));
    assert_eq!(statement("CVE-2023-43804")["status"], "under_investigation");
    // The same day and decisions give the same bytes.
    assert_eq!(sandbox.run("scan dir:root -o openvex").stdout, text);
}

#[test]
fn cyclonedx_has_the_bill_and_what_is_known_of_it() {
    let sandbox = stage();
    decide(&sandbox);
    let bom = parsed(&sandbox.run("scan dir:root -o cyclonedx-json").stdout);
    assert_eq!((&bom["bomFormat"], &bom["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
    let all = list(&bom, "vulnerabilities");
    let one = |id: &str| all.iter().find(|v| v["id"] == id).unwrap();
    let decided = &one("CVE-2023-5363")["analysis"];
    assert_eq!((&decided["state"], &decided["justification"]), (&"not_affected".into(), &"code_not_reachable".into()));
    let open = one("CVE-2023-43804");
    assert_eq!(open["recommendation"], "update urllib3 to 2.0.6 or later");
    assert_eq!(open["ratings"][0]["severity"], "high");
    assert!(open.get("analysis").is_none());
    // What is affected is a component of the same document.
    let components = list(&bom, "components");
    let name = |reference: &Value| components.iter().find(|c| c["bom-ref"] == *reference).unwrap()["name"].clone();
    assert_eq!(name(&open["affects"][0]["ref"]), "urllib3");
    // Another document than the plain bill, and a scan of it finds the same.
    let plain = parsed(&sandbox.run("sbom dir:root -o cyclonedx-json").data(0));
    assert!(plain["serialNumber"] != bom["serialNumber"] && plain.get("vulnerabilities").is_none());
    sandbox.run("scan dir:root -o cyclonedx-json=app.cdx.json");
    let again = parsed(&sandbox.run("scan sbom:app.cdx.json --json").stdout);
    assert_eq!(list(&again["targets"][0], "vulnerabilities").len(), all.len());
    let wrong = sandbox.run("scan sbom:app.cdx.json -o cyclonedx-json");
    assert!(wrong.code == 2 && wrong.stderr.contains("its components are not listed anew"), "{wrong}");
}

#[test]
fn what_a_baseline_has_does_not_fail() {
    let sandbox = stage();
    root(&sandbox, "before", "12", &[("openssl", "3.0.11-1~deb12u1")]);
    assert_eq!(sandbox.run("scan dir:root").code, 1);
    // By an image, by an SBOM and by a report of an earlier scan.
    sandbox.run("sbom dir:before -o cyclonedx-json=before.cdx.json").data(0);
    assert_eq!(sandbox.run("scan dir:before -o json=before.json").code, 1);
    for baseline in ["dir:before", "sbom:before.cdx.json", "before.json"] {
        let run = sandbox.run(&format!("scan dir:root --baseline {baseline}"));
        assert!(run.code == 0 && run.stdout.contains("known before") && run.stdout.contains("CVE-2023-5363"), "{run}");
    }
    // Something more is new, and fails; the rest stays known.
    sandbox.write("plimsoll.toml", "fail-on = \"medium\"\n");
    assert_eq!(sandbox.run("scan dir:root --baseline before.json").code, 0);
    root(&sandbox, "root", "12", &[("openssl", "3.0.11-1~deb12u1"), ("curl", "7.88.1-10+deb12u1")]);
    let run = sandbox.run("scan dir:root --baseline before.json -o table -o json=now.json -o sarif=now.sarif");
    assert_eq!(run.code, 1, "{run}");
    let report = parsed(&sandbox.read("now.json"));
    described("scan-v1", &report);
    let rows = list(&report["targets"][0], "vulnerabilities");
    let known = |name: &str| rows.iter().filter(|r| r["name"] == name).all(|r| r["knownBefore"] == true);
    assert!(known("openssl") && known("urllib3") && !known("curl"), "{report}");
    let log = parsed(&sandbox.read("now.sarif"));
    let states: Vec<_> = list(&log["runs"][0], "results").iter().map(|r| r["baselineState"].clone()).collect();
    assert!(states.contains(&"new".into()) && states.contains(&"unchanged".into()), "{states:?}");
    let wrong = sandbox.run("scan dir:root --baseline nowhere/at/all.json");
    assert_eq!(wrong.code, 2, "{wrong}");
    sandbox.write("broken.json", "{\"schema\": \"plimsoll.scan/1\", \"targets\": 3}");
    let wrong = sandbox.run("scan dir:root --baseline broken.json");
    assert!(wrong.code == 2 && wrong.stderr.contains("cannot read `broken.json`"), "{wrong}");
}

#[test]
fn by_action_package_and_layer() {
    let sandbox = stage();
    let text = sandbox.run("scan dir:root --by action").stdout;
    assert!(text.contains("update urllib3 2.0.5 to 2."), "{text}");
    assert!(text.contains("update openssl 3.0.11-1~deb12u1 to 3.0."), "{text}");
    assert!(text.contains("  layer 1 of 1") && text.contains(" open go with 2 updates"), "{text}");
    let report = parsed(&sandbox.run("scan --json dir:root").stdout);
    described("scan-v1", &report);
    let actions = list(&report["targets"][0], "actions");
    let openssl = actions.iter().find(|action| action["name"] == "openssl").unwrap();
    assert!(list(openssl, "removes").iter().any(|id| id == "CVE-2023-5363"), "{openssl}");
    // Each open one is in exactly one action.
    let named: usize = actions.iter().map(|a| list(a, "removes").len() + list(a, "leaves").len()).sum();
    assert_eq!(named, list(&report["targets"][0], "vulnerabilities").len());
    // What was decided needs no action.
    decide(&sandbox);
    let report = parsed(&sandbox.run("scan --json dir:root").stdout);
    let after: usize =
        list(&report["targets"][0], "actions").iter().map(|a| list(a, "removes").len() + list(a, "leaves").len()).sum();
    assert_eq!(after, named - 1);
    let text = sandbox.run("scan dir:root --by package").stdout;
    let (heading, rows) = (text.find("\nurllib3 2.0.5\n").unwrap(), text.find("CVE-2023-43804").unwrap());
    assert!(heading < rows, "{text}");
    assert!(sandbox.run("scan dir:root --by layer").stdout.contains("\nlayer 1 of 1\n"));
    assert_eq!(sandbox.run("scan dir:root --by colour").code, 2);
}
