//! `plimsoll db`, `plimsoll scan`, and what `check` says of vulnerabilities.

use crate::fixture::{Sandbox, list, parsed};
use crate::formats::fits;
use insta::assert_snapshot;

const FEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/advisories");

/// A root filesystem of a Debian release with these source packages and versions, and urllib3 beside them.
pub(crate) fn root(sandbox: &Sandbox, name: &str, release: &str, packages: &[(&str, &str)]) {
    let record = |(package, version): &(&str, &str)| {
        format!("Package: {package}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n")
    };
    let status: String = packages.iter().map(record).collect();
    sandbox.write(&format!("{name}/etc/os-release"), format!("ID=debian\nVERSION_ID=\"{release}\"\n"));
    sandbox.write(&format!("{name}/var/lib/dpkg/status"), status);
    let python = format!("{name}/usr/local/lib/python3.11/site-packages/urllib3-2.0.5.dist-info/METADATA");
    sandbox.write(&python, "Metadata-Version: 2.1\nName: urllib3\nVersion: 2.0.5\n");
}

pub(crate) fn update(sandbox: &Sandbox) {
    let run = sandbox.run(&format!("db update osv={FEEDS} kev={FEEDS}/kev.json epss={FEEDS}/epss.csv"));
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stderr.contains("statements about"), "{run}");
}

/// A folder of OSV's layout with one broken archive.
fn broken(sandbox: &Sandbox) {
    sandbox.write("broken/Debian/all.zip", "PK\u{3}\u{4} and then nothing");
}

#[test]
fn without_an_index_nothing_is_scanned() {
    let sandbox = Sandbox::new();
    root(&sandbox, "root", "12", &[("openssl", "3.0.11-1~deb12u1")]);
    assert_snapshot!(sandbox.run("scan dir:root"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no index of advisories in `[DIR]/home/advisories`
    hint: `plimsoll db update` makes one from what is published
    ");
    assert_eq!(sandbox.run("db status").code, 2);
}

#[test]
fn what_is_known_of_an_image() {
    let sandbox = Sandbox::new();
    update(&sandbox);
    // DSA-5532-1 of 2023-10-24 says that 3.0.11-1~deb12u2 mends CVE-2023-5363; curl is as new as any advisory asks.
    root(&sandbox, "root", "12", &[("curl", "7.88.1-10+deb12u15"), ("openssl", "3.0.11-1~deb12u1")]);
    let shown = sandbox.run("scan dir:root").stdout;
    let line = |id: &str| shown.lines().find(|l| l.contains(id)).unwrap_or_else(|| panic!("{id} is not in\n{shown}"));
    assert!(line("CVE-2023-5363").contains("openssl 3.0.11-1~deb12u1  fixed in 3.0.11-1~deb12u2"), "{shown}");
    assert!(
        line("CVE-2023-43804").starts_with("high       CVE-2023-43804    urllib3 2.0.5  fixed in 2.0.6"),
        "{shown}"
    );
    assert!(!shown.contains(" curl "), "{shown}");
    let told = sandbox.run("scan -v dir:root").stdout;
    assert!(told.contains("DSA-5532-1 (osv) of Debian:12: < 3.0.11-1~deb12u2"), "{told}");
    assert!(told.contains("openssl by /var/lib/dpkg/status, layer 1 of 1"), "{told}");
    assert!(told.contains("PYSEC-2023-192 (osv) of PyPI: >= 2.0.0, < 2.0.6"), "{told}");
}

#[test]
fn the_same_in_check_and_by_policy() {
    let sandbox = Sandbox::new();
    root(&sandbox, "root", "12", &[("openssl", "3.0.11-1~deb12u1")]);
    let codes = |args: &str| {
        let report = parsed(&sandbox.run(args).stdout);
        let all = list(&report, "findings");
        all.iter().filter_map(|f| f["code"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert!(!codes("check --json dir:root").contains(&"PL402".to_owned()));
    update(&sandbox);
    let found = codes("check --json dir:root");
    assert!(found.contains(&"PL402".to_owned()) && found.contains(&"PL404".to_owned()), "{found:?}");
    assert_eq!(sandbox.run("scan dir:root").code, 1);
    sandbox.write("plimsoll.toml", "[rules]\nPL402 = \"low\"\n");
    assert_eq!(sandbox.run("scan dir:root").code, 0);
    sandbox.write("plimsoll.toml", "[rules]\nPL402 = \"low\"\nPL404 = \"high\"\n");
    assert_eq!(sandbox.run("scan dir:root").code, 1);
}

#[test]
fn limits_and_probabilities_of_a_policy() {
    let sandbox = Sandbox::new();
    update(&sandbox);
    root(&sandbox, "root", "12", &[("openssl", "3.0.11-1~deb12u1")]);
    let levels = "[rules]\nPL402 = \"low\"\n";
    sandbox.write("plimsoll.toml", levels);
    assert_eq!(sandbox.run("scan dir:root").code, 0);
    // DSA-5532-1 announced openssl's fix on 2023-10-24.
    sandbox.write("plimsoll.toml", format!("{levels}[scanning]\nlimits = {{ high = 30 }}\n"));
    let run = sandbox.run("scan dir:root -o table -o junit=a.xml");
    assert_eq!(run.code, 1, "{run}");
    let text = sandbox.read("a.xml");
    assert!(
        text.contains("PL406 overdue-fix CVE-2023-5363 in openssl 3.0.11-1~deb12u1: its fix has been out for "),
        "{text}"
    );
    sandbox.write("plimsoll.toml", format!("{levels}[scanning]\nlimits = {{ high = 36500 }}\nepss = 0.9\n"));
    assert_eq!(sandbox.run("scan dir:root").code, 0);
    sandbox.write("plimsoll.toml", format!("{levels}[scanning]\nepss = 0.01\n"));
    let run = sandbox.run("scan dir:root -o table -o junit=a.xml");
    assert!(run.code == 1 && sandbox.read("a.xml").contains("PL407 likely-exploited CVE-2023-5363"), "{run}");
}

#[test]
fn what_the_index_does_not_know_is_said() {
    let sandbox = Sandbox::new();
    update(&sandbox);
    root(&sandbox, "root", "99", &[("openssl", "3.0.11-1~deb12u1")]);
    sandbox.write("plimsoll.toml", "[rules]\nPL402 = \"low\"\n");
    let run = sandbox.run("scan dir:root");
    assert_eq!(run.code, 3, "{run}");
    let why = "no-advisories: the index has no advisories for Debian:99, so 1 package could not be judged";
    assert!(run.stdout.contains(why), "{run}");
}

#[test]
fn an_old_index_is_no_pass() {
    let sandbox = Sandbox::new();
    update(&sandbox);
    root(&sandbox, "root", "12", &[("curl", "7.88.1-10+deb12u15")]);
    sandbox.write("plimsoll.toml", "[rules]\nPL402 = \"low\"\n");
    assert_eq!(sandbox.run("scan dir:root").code, 0);
    let manifest = "../home/advisories/manifest";
    let lines = sandbox.read(manifest);
    let old: Vec<String> = lines
        .lines()
        .map(|line| {
            let mut cells: Vec<&str> = line.split('\t').collect();
            if cells[0] == "source" {
                cells[2] = "2020-01-01T00:00:00Z";
            }
            cells.join("\t")
        })
        .collect();
    sandbox.write(manifest, old.join("\n"));
    let run = sandbox.run("scan dir:root");
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("the index's source `osv/Debian` was last updated"), "{run}");
    assert_eq!(sandbox.run("scan --max-age 100000 dir:root").code, 0);
}

#[test]
fn an_update_that_fails_leaves_the_old_index() {
    let sandbox = Sandbox::new();
    update(&sandbox);
    let before = sandbox.read("../home/advisories/manifest");
    broken(&sandbox);
    for (arguments, said) in [
        ("osv=broken", "it is no readable zip archive"),
        ("osv=nowhere", "cannot read"),
        ("debian-tracker=broken/Debian/all.zip", "it is not in its form"),
        ("kev=broken", "cannot read"),
    ] {
        let run = sandbox.run(&format!("db update {arguments}"));
        assert_eq!(run.code, 2, "{run}");
        assert!(run.stderr.contains(said), "{run}");
    }
    assert_eq!(sandbox.read("../home/advisories/manifest"), before);
}

#[test]
fn a_source_given_again_takes_the_place_of_what_it_said() {
    let sandbox = Sandbox::new();
    update(&sandbox);
    root(&sandbox, "root", "12", &[("openssl", "3.0.11-1~deb12u1")]);
    // The tracker says that one is open for now, and that another never was in it.
    let release = |text: &str| format!(r#"{{"releases":{{"bookworm":{{{text},"urgency":"low"}}}}}}"#);
    let tracker = format!(
        r#"{{"openssl":{{"CVE-2023-5363":{},"CVE-2024-6119":{}}}}}"#,
        release(r#""status":"open","nodsa_reason":"postponed""#),
        release(r#""status":"resolved","fixed_version":"0""#)
    );
    sandbox.write("tracker.json", tracker);
    assert!(sandbox.run("scan dir:root").stdout.contains("CVE-2024-6119"));
    assert_eq!(sandbox.run("db update debian-tracker=tracker.json").code, 0);
    let shown = sandbox.run("scan dir:root").stdout;
    assert!(!shown.contains("CVE-2024-6119"), "{shown}");
    let line = shown.lines().find(|l| l.contains("CVE-2023-5363")).unwrap();
    assert!(line.starts_with("low ") && line.contains("no fix, postponed"), "{line}");
    assert!(shown.contains("CVE-2023-43804"), "{shown}");
    let status = sandbox.run("db status").stdout;
    assert!(status.contains("debian-tracker") && status.contains("osv/PyPI") && status.contains("kev"), "{status}");
}

#[test]
fn a_damaged_index_is_an_error_with_a_way_out() {
    let sandbox = Sandbox::new();
    update(&sandbox);
    root(&sandbox, "root", "12", &[("openssl", "3.0.11-1~deb12u1")]);
    let manifest = sandbox.read("../home/advisories/manifest");
    let segment = manifest.lines().find_map(|l| l.strip_prefix("segment\t")?.split('\t').next()).unwrap();
    let path = sandbox.path(&format!("../home/advisories/{segment}"));
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    let run = sandbox.run("scan dir:root");
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("has another length") && run.stderr.contains("hint: remove the folder"), "{run}");
    let mut turned = whole.clone();
    turned[whole.len() - 100..].iter_mut().for_each(|b| *b = 0xff);
    std::fs::write(&path, turned).unwrap();
    assert_eq!(sandbox.run("scan dir:root").code, 2);
}

#[test]
fn a_target_that_cannot_be_opened_keeps_no_other_from_being_scanned() {
    let sandbox = Sandbox::new();
    update(&sandbox);
    root(&sandbox, "root", "12", &[("openssl", "3.0.11-1~deb12u1")]);
    let run = sandbox.run("scan dir:none dir:root --json");
    assert_eq!(run.code, 2, "{run}");
    let document = parsed(&run.stdout);
    assert_eq!(document["targets"].as_array().unwrap().len(), 1, "{run}");
    assert_eq!(document["notOpened"][0]["target"], "dir:none");
    fits(include_str!("../../../../docs/formats/scan-v1.schema.json"), &document);
    assert_eq!(sandbox.run("scan dir:none").code, 2);
}

/// What is left of a table without its first lines, which say where it is from.
fn rows(shown: &str) -> Vec<String> {
    let kept = |line: &&str| line.starts_with(char::is_alphabetic) && line.contains("CVE-");
    shown.lines().filter(kept).map(str::to_owned).collect()
}

#[test]
fn an_sbom_is_judged_as_the_image_that_it_is_about() {
    let sandbox = Sandbox::new();
    update(&sandbox);
    root(&sandbox, "root", "12", &[("curl", "7.88.1-10+deb12u15"), ("openssl", "3.0.11-1~deb12u1")]);
    let image = sandbox.run("scan dir:root");
    assert!(rows(&image.stdout).len() > 3, "{image}");
    sandbox.run("sbom dir:root -o cyclonedx-json=app.cdx.json -o spdx-json=app.spdx.json").data(0);
    for (document, form) in [("app.cdx.json", "CycloneDX 1.6"), ("app.spdx.json", "SPDX-2.3")] {
        let run = sandbox.run(&format!("scan sbom:{document}"));
        assert_eq!(rows(&run.stdout), rows(&image.stdout), "{run}");
        assert_eq!(run.code, image.code);
        assert!(run.stdout.contains(&format!("as {form} claims, made by")), "{run}");
        let report = parsed(&sandbox.run(&format!("scan sbom:{document} --json")).stdout);
        assert_eq!(report["targets"][0]["claimed"]["form"], form);
        assert!(report["targets"][0].get("platform").is_none());
    }
    let told = sandbox.run("scan -v sbom:app.cdx.json").stdout;
    assert!(told.contains("openssl by /var/lib/dpkg/status, layer 1"), "{told}");
    sandbox.write("empty.json", r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#);
    let run = sandbox.run("scan sbom:empty.json");
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("names no package that could be judged"), "{run}");
    sandbox.write("bad.json", "{\n]");
    let run = sandbox.run("scan sbom:bad.json");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("bad.json") && run.stderr.contains("at line 2"), "{run}");
}
