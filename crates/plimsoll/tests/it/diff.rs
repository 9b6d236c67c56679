//! `plimsoll diff`: what one image or SBOM has and another has not.

use crate::fixture::{Image, Layer, Packing, Sandbox, dpkg, good, list, parsed};
use crate::formats::described;
use crate::scanning::{root, update};

fn image(files: &[(&str, &str)], version: &str) -> Image {
    let layer = files.iter().fold(Layer::new("COPY a /"), |layer, (path, text)| layer.file(path, *text));
    Image::of(vec![layer]).label("version", version)
}

#[test]
fn packages_settings_and_files() {
    let sandbox = Sandbox::new();
    let [old, new] = [
        [("curl", "7.9"), ("openssl", "3.0.11"), ("gone", "1")],
        [("curl", "7.10"), ("openssl", "3.0.11~rc1"), ("new", "2")],
    ]
    .map(|packages| dpkg(&packages));
    sandbox.folder(
        "old",
        &image(&[("var/lib/dpkg/status", &old), ("etc/a", "a"), ("etc/b", "b")], "1").layout(Packing::Gzip),
    );
    sandbox.folder(
        "new",
        &image(&[("var/lib/dpkg/status", &new), ("etc/a", "a"), ("etc/c", "cc")], "2").layout(Packing::Gzip),
    );
    let shown = sandbox.run("diff oci:old oci:new").data(0);
    for line in [
        "packages: 1 added, 1 removed, 1 upgraded, 1 downgraded",
        "  ^ dpkg curl 7.9 -> 7.10",
        "  v dpkg openssl 3.0.11 -> 3.0.11~rc1",
        "  - dpkg gone 1",
        "  + dpkg new 2",
        "  ~ label org.opencontainers.image.version: 1 -> 2",
        "vulnerabilities: not compared: there is no index (`plimsoll db update`)",
    ] {
        assert!(shown.lines().any(|found| found == line), "{line}\n{shown}");
    }
    assert!(shown.contains("files: 1 added (2 B), 1 removed (1 B), 1 changed"), "{shown}");
    let document = parsed(&sandbox.run("diff oci:old oci:new --json").data(0));
    described("diff-v1", &document);
    assert_eq!(list(&document, "packages").len(), 4);
    assert!(document.get("vulnerabilities").is_none());
    let same = sandbox.run("diff oci:old oci:old").data(0);
    assert!(same.contains("packages: the same\n") && same.contains("the same files are seen"), "{same}");
}

#[test]
fn vulnerabilities_that_went_and_came() {
    let sandbox = Sandbox::new();
    update(&sandbox);
    root(&sandbox, "old", "12", &[("openssl", "3.0.11-1~deb12u1")]);
    root(&sandbox, "new", "12", &[("openssl", "3.0.11-1~deb12u2")]);
    let shown = sandbox.run("diff dir:old dir:new").data(0);
    assert!(shown.contains("vulnerabilities: 1 gone, 0 new, "), "{shown}");
    assert!(shown.lines().any(|line| line.contains("- high") && line.contains("CVE-2023-5363")), "{shown}");
    let back = parsed(&sandbox.run("diff dir:new dir:old --json").data(0));
    described("diff-v1", &back);
    assert_eq!(back["vulnerabilities"]["new"][0]["id"], "CVE-2023-5363");
}

#[test]
fn an_sbom_has_packages_and_no_files() {
    let sandbox = Sandbox::new();
    root(&sandbox, "old", "12", &[("openssl", "3.0.11-1~deb12u1")]);
    root(&sandbox, "new", "12", &[("openssl", "3.0.11-1~deb12u2")]);
    sandbox.run("sbom dir:old -o cyclonedx-json=old.json").data(0);
    let document = parsed(&sandbox.run("diff sbom:old.json dir:new --json").data(0));
    described("diff-v1", &document);
    assert_eq!((&document["before"]["claimed"], document.get("files")), (&true.into(), None));
    let packages = list(&document, "packages");
    assert_eq!((packages.len(), &packages[0]["how"]), (1, &"upgraded".into()), "{packages:?}");
}

#[test]
fn what_could_not_be_read_is_said() {
    let sandbox = Sandbox::new();
    sandbox.folder("good", &good().layout(Packing::Gzip));
    let mut image = good().stored(Packing::Gzip);
    image.layers[1]["mediaType"] = "application/vnd.oci.image.layer.v1.tar+xz".into();
    sandbox.folder("bad", &image.layout());
    let run = sandbox.run("diff oci:good oci:bad");
    assert!(run.code == 3 && run.stdout.contains("unknown: unreadable-layer"), "{run}");
    let run = sandbox.run("diff oci:good oci:nowhere");
    assert!(run.code == 2 && run.stderr.contains("cannot read `nowhere`") && run.stdout.is_empty(), "{run}");
}
