//! What is retained of images, and what is answered from that when they are gone.

use crate::fixture::{Image, Layer, Packing, Sandbox, dpkg, list, os_release, parsed};
use insta::assert_snapshot;

const FEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/advisories");

/// An image on Debian 12 with this version of openssl's library, and urllib3 put on top of it.
fn image(openssl: &str) -> Image {
    let status = format!(
        "Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: {openssl}\n\n"
    );
    let base = Layer::new("ADD rootfs.tar / # buildkit")
        .file("etc/os-release", os_release("debian", "12", "Debian"))
        .file("var/lib/dpkg/status", format!("{}{status}", dpkg(&[("curl", "7.88.1-10+deb12u15")])));
    let metadata = "Metadata-Version: 2.1\nName: urllib3\nVersion: 2.0.5\n";
    let top = Layer::new("RUN /bin/sh -c pip install urllib3 # buildkit")
        .file("usr/local/lib/python3.11/site-packages/urllib3-2.0.5.dist-info/METADATA", metadata);
    Image::of(vec![base, top])
}

/// Two images, scanned and then gone.
fn stage() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run(&format!("db update osv={FEEDS} kev={FEEDS}/kev.json epss={FEEDS}/epss.csv")).data(0);
    for (name, openssl) in [("old", "3.0.11-1~deb12u1"), ("new", "3.0.20-1~deb12u9")] {
        sandbox.folder(name, &image(openssl).layout(Packing::Gzip));
        let run = sandbox.run(&format!("scan oci:{name}"));
        assert!(run.code == 1 || run.code == 0, "{run}");
        std::fs::remove_dir_all(sandbox.path(name)).unwrap();
    }
    sandbox
}

#[test]
fn which_images_a_vulnerability_is_in() {
    let mut sandbox = stage();
    sandbox.filter("(5 days ago)", "");
    let run = sandbox.run("affected CVE-2023-5363 --max-age 100000");
    assert_eq!(run.code, 1, "{run}");
    assert!(run.stdout.contains("oci:old\n  sha256:"), "{run}");
    assert!(run.stdout.contains("libssl3 3.0.11-1~deb12u1  CVE-2023-5363"), "{run}");
    assert!(run.stdout.contains("fixed in openssl 3.0.11-1~deb12u2"), "{run}");
    assert!(run.stdout.contains("by /var/lib/dpkg/status, layer 1, ADD rootfs.tar /"), "{run}");
    assert!(run.stdout.ends_with("affected: 1 of 2 retained images by CVE-2023-5363\n"), "{run}");
    // By another name of the same; and both have the other package.
    assert_eq!(sandbox.run("affected dsa-5532-1 --json").stdout.matches("\"target\": \"oci:old\"").count(), 1);
    let report = parsed(&sandbox.run("affected CVE-2023-43804 --json").stdout);
    let targets: Vec<_> = list(&report, "images").iter().map(|image| image["target"].clone()).collect();
    assert_eq!(targets, ["oci:new", "oci:old"]);
    assert_eq!(report["images"][0]["packages"][0]["instruction"], "RUN pip install urllib3");
    assert_eq!(report["images"][0]["packages"][0]["layer"], "2");
}

#[test]
fn which_images_a_package_is_in() {
    let sandbox = stage();
    let count = |asked: &str, code: i32| {
        let report = parsed(&sandbox.run(&format!("affected {asked} --json")).data(code));
        list(&report, "images").len()
    };
    assert_eq!(count("pkg:deb/debian/libssl3", 1), 2);
    assert_eq!(count("pkg:deb/debian/openssl@<3.0.20", 1), 1);
    assert_eq!(count("pkg:deb/openssl@>=3.0.20-1~deb12u9", 1), 1);
    assert_eq!(count("pkg:pypi/urllib3@>=2,<2.0.6", 1), 2);
    assert_eq!(count("pkg:pypi/urllib3@2.0.6", 0), 0);
    assert_eq!(count("pkg:npm/urllib3", 0), 0);
}

#[test]
fn what_is_not_known_is_not_denied() {
    let sandbox = stage();
    let run = sandbox.run("affected CVE-1999-0001 --max-age 100000");
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("the index knows no vulnerability of that name: CVE-1999-0001"), "{run}");
    assert_snapshot!(sandbox.run("affected openssl"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `openssl` is neither a vulnerability nor a package URL: it has no number
    hint: write it as CVE-2024-3094, GHSA-…, or pkg:npm/lodash@<4.17.21
    ");
    let none = Sandbox::new();
    let run = none.run("affected pkg:npm/lodash");
    assert!(run.code == 2 && run.stderr.contains("hint: `plimsoll scan IMAGE`"), "{run}");
}

#[test]
fn an_sbom_comes_back_as_it_was() {
    let sandbox = stage();
    let fetched = sandbox.run("sbom fetch oci:old --offline");
    let document = parsed(&fetched.stdout);
    assert!(fetched.stderr.contains("cyclonedx-json@1.6 of oci:old sha256:"), "{fetched}");
    sandbox.folder("old", &image("3.0.11-1~deb12u1").layout(Packing::Gzip));
    assert_eq!(parsed(&sandbox.run("sbom oci:old -o cyclonedx-json").data(0)), document);
    let digest = fetched.stderr.split("sha256:").nth(1).unwrap().get(..16).unwrap().to_owned();
    assert_eq!(parsed(&sandbox.run(&format!("sbom fetch {digest}")).stdout), document);
    assert_eq!(parsed(&sandbox.run(&format!("sbom fetch sha256:{digest}")).stdout), document);
    for unknown in ["app:9", "sha256:00", "0123456789ab"] {
        let run = sandbox.run(&format!("sbom fetch {unknown}"));
        assert!(run.code == 2 && run.stderr.contains("is retained"), "{run}");
    }
    sandbox.run("scan sbom:none.json --no-ledger");
    sandbox.run("sbom fetch oci:old --to old.json").data(0);
    assert_eq!(parsed(&sandbox.read("old.json")), document);
    // What was retained is matched like any SBOM.
    assert!(sandbox.run("scan sbom:old.json").stdout.contains("CVE-2023-5363"));
}

#[test]
fn a_term_and_no_ledger() {
    let sandbox = stage();
    sandbox.folder("other", &image("3.0.12-1").layout(Packing::Plain));
    sandbox.run("sbom oci:other -o spdx-json=x.json --no-ledger").data(0);
    assert_eq!(parsed(&sandbox.run("affected pkg:deb/libssl3 --json").stdout)["lookedAt"], 2);
    sandbox.write("plimsoll.toml", "[ledger]\nkeep-days = 0\n");
    let run = sandbox.run("sbom oci:other -o spdx-json=x.json");
    assert!(run.code == 2 && run.stderr.contains("plimsoll.toml:2:13: a number of days is expected"), "{run}");
    sandbox.write("plimsoll.toml", "[ledger]\nkeep-days = 30\n");
    sandbox.run("sbom oci:other -o spdx-json=x.json").data(0);
    assert_eq!(parsed(&sandbox.run("affected pkg:deb/libssl3 --json").stdout)["lookedAt"], 3);
    // A folder changes under its name, so nothing of it is retained.
    image("3.0.12-1").rootfs(&sandbox.path("root"));
    sandbox.run("sbom dir:root -o spdx-json=x.json").data(0);
    assert_eq!(parsed(&sandbox.run("affected pkg:deb/libssl3 --json").stdout)["lookedAt"], 3);
}
