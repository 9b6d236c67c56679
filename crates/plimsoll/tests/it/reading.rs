//! The house's promises about reading: how often a layer is opened, and which gaps keep a verdict from *pass*.

use crate::fixture::{Files, Image, Layer, Packing, Registry, Sandbox, Stored, dpkg, good, list, parsed};
use insta::assert_snapshot;

/// Which of an image's layers were asked for, by number, in order.
fn layers_asked(registry: &Registry, image: &Stored) -> Vec<usize> {
    let asked = registry.asked();
    let number = |digest: &str| image.layers.iter().position(|l| l["digest"] == digest);
    let mut layers: Vec<usize> = asked.iter().filter_map(|a| number(a.split("/blobs/").nth(1)?)).collect();
    layers.sort_unstable();
    layers
}

#[test]
fn a_layer_is_fetched_once_and_never_while_cached() {
    let registry = Registry::new();
    let sandbox = Sandbox::new();
    let image = good().stored(Packing::Gzip);
    registry.push("my-api", "1.4.2", image.clone());
    let target = format!("{}/my-api:1.4.2", registry.host());
    let first = sandbox.run(&format!("check --json {target}")).data(0);
    assert_eq!(layers_asked(&registry, &image), [0, 1, 2]);
    assert_eq!(sandbox.run(&format!("check --json {target}")).data(0), first);
    assert_eq!(layers_asked(&registry, &image), [0; 0]);
    sandbox.run(&format!("sbom {target} -o spdx-json -o cyclonedx-json=x")).data(0);
    sandbox.run(&format!("inspect {target}")).data(0);
    assert_eq!(layers_asked(&registry, &image), [0; 0]);
    sandbox.run(&format!("--no-cache check {target}")).data(0);
    assert_eq!(layers_asked(&registry, &image), [0, 1, 2]);
}

#[test]
fn a_base_is_read_once_for_all_images_on_it() {
    let registry = Registry::new();
    let sandbox = Sandbox::new();
    registry.push("my-api", "1.4.2", good().stored(Packing::Gzip));
    let own = Layer::new("COPY . /srv # buildkit").file("srv/other.js", "other");
    let other = good().layer(own).stored(Packing::Gzip);
    registry.push("other", "1.0.0", other.clone());
    sandbox.run(&format!("check {}/my-api:1.4.2", registry.host())).data(0);
    registry.asked();
    sandbox.run(&format!("check {}/other:1.0.0", registry.host())).data(0);
    assert_eq!(layers_asked(&registry, &other), [3]);
}

#[test]
fn a_layer_that_was_read_elsewhere_is_fetched_only_to_prove_that_it_is_the_same() {
    let registry = Registry::new();
    let sandbox = Sandbox::new();
    sandbox.archive("saved.tar", &good().stored(Packing::Plain).docker_save("my-api:1.4.2"));
    sandbox.run("check docker-archive:saved.tar").data(0);
    let check = |packing: Packing, expected: &[usize]| {
        let image = good().stored(packing);
        registry.push("my-api", "1.4.2", image.clone());
        sandbox.run(&format!("check {}/my-api:1.4.2", registry.host())).data(0);
        assert_eq!(layers_asked(&registry, &image), expected, "{packing:?}");
    };
    // A plain blob's digest is its diffID; of a packed one only reading it tells which diffID it has.
    check(Packing::Plain, &[]);
    check(Packing::Zstd, &[0, 1, 2]);
    check(Packing::Zstd, &[]);
}

#[test]
fn two_targets_in_one_run_share_their_base() {
    let registry = Registry::new();
    let sandbox = Sandbox::new();
    let image = good().stored(Packing::Gzip);
    registry.push("my-api", "1.4.2", image.clone());
    let target = format!("{}/my-api:1.4.2", registry.host());
    sandbox.run(&format!("check {target} {target}")).data(0);
    assert_eq!(layers_asked(&registry, &image), [0, 1, 2]);
}

#[test]
fn the_same_layer_twice_in_an_image_is_fetched_once() {
    let registry = Registry::new();
    let sandbox = Sandbox::new();
    let twice = good().layer(good().layers[2].clone()).stored(Packing::Gzip);
    registry.push("my-api", "1.4.2", twice.clone());
    for cache in ["", "--no-cache "] {
        sandbox.run(&format!("{cache}check {}/my-api:1.4.2", registry.host())).data(0);
        let own = twice.layers[2]["digest"].as_str().unwrap();
        let fetched = registry.asked().iter().filter(|a| a.ends_with(own)).count();
        assert!(fetched <= 1, "{cache}fetched {fetched} times");
    }
}

/// A gap that blocks: exit code 3, one blocking unknown of this kind, and no *pass*.
#[track_caller]
fn check_blocked(files: &Files, kind: &str) {
    let sandbox = Sandbox::new();
    sandbox.folder("app", files);
    for _ in 0..2 {
        let report = parsed(&sandbox.run("check oci:app --json").data(3));
        let unknowns = list(&report, "unknowns");
        assert!(unknowns.iter().any(|u| u["kind"] == kind && u["blocking"] == true), "{unknowns:?}");
        assert_eq!(report["verdict"], "inconclusive");
    }
    assert_eq!(sandbox.run("inspect oci:app").code, 3);
    let sbom = sandbox.run("sbom -q oci:app -o spdx-json");
    assert_eq!(sbom.code, 3);
    assert!(sbom.stderr.starts_with("unknown: ") && sbom.stderr.contains(kind), "{sbom}");
}

/// The good image whose dpkg database is this.
fn with_status(status: &[u8]) -> Image {
    good().layer(Layer::new("RUN odd").file("var/lib/dpkg/status", status))
}

#[test]
fn an_unreadable_package_database_blocks() {
    check_blocked(&with_status(&[0xff; 4096]).layout(Packing::Plain), "package-database");
    check_blocked(&with_status(b"<html>not found</html>\n").layout(Packing::Plain), "package-database");
    let rpm = Layer::new("RUN odd").file("var/lib/rpm/rpmdb.sqlite", "SQLite format 3\0 and nothing more");
    check_blocked(&good().layer(rpm).layout(Packing::Plain), "package-database");
}

#[test]
fn a_layer_kept_elsewhere_blocks() {
    let mut image = good().stored(Packing::Gzip);
    image.layers[1]["mediaType"] = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip".into();
    image.layers[1]["urls"] = vec!["https://example.invalid/layer"].into();
    let digest = image.layers[1]["digest"].as_str().unwrap().parse().unwrap();
    image.blobs.remove(&digest);
    check_blocked(&image.layout(), "foreign-layer");
}

#[test]
fn a_layer_packed_or_locked_in_an_unknown_way_blocks() {
    for suffix in ["tar+gzip+encrypted", "tar+xz"] {
        let mut image = good().stored(Packing::Gzip);
        image.layers[1]["mediaType"] = format!("application/vnd.oci.image.layer.v1.{suffix}").into();
        check_blocked(&image.layout(), "unreadable-layer");
    }
}

#[test]
fn a_layer_that_is_cut_off_blocks() {
    let mut image = good().stored(Packing::Gzip);
    let whole = Packing::Gzip.pack(&image.plain[1]);
    image.layers[1] = image.blob("application/vnd.oci.image.layer.v1.tar+gzip", whole[..whole.len() - 12].to_vec());
    check_blocked(&image.layout(), "damaged");
}

#[test]
fn a_layer_that_is_no_tar_blocks() {
    let mut image = good().stored(Packing::Plain);
    let garbage = vec![b'x'; 4096];
    image.config["rootfs"]["diff_ids"][1] = model::Digest::of(&garbage).to_string().into();
    image.layers[1] = image.blob("application/vnd.oci.image.layer.v1.tar", garbage);
    check_blocked(&image.layout(), "damaged");
}

#[test]
fn a_layer_that_inflates_without_end_blocks() {
    let sandbox = Sandbox::new();
    let mut image = good().stored(Packing::Zstd);
    let bomb = zstd::encode_all(std::io::Read::take(std::io::repeat(0), 520 << 20), 1).unwrap();
    image.layers[1] = image.blob("application/vnd.oci.image.layer.v1.tar+zstd", bomb);
    sandbox.folder("app", &image.layout());
    let report = parsed(&sandbox.run("check oci:app --json").data(3));
    assert_eq!(report["unknowns"][0]["kind"], "limit");
}

#[test]
fn a_failure_counts_more_than_a_gap() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &with_status(&[0xff; 4096]).env("API_TOKEN=x").layout(Packing::Plain));
    assert_eq!(sandbox.run("check oci:app").code, 1);
}

/// Whoever spoils one record of the database must not thereby take a package off the list unseen.
#[test]
fn a_record_that_cannot_be_read_is_no_pass() {
    let sandbox = Sandbox::new();
    let status = format!("{}Package: nameless version\nStatus: install ok installed\n\n", dpkg(&[("libc6", "2.40-3")]));
    sandbox.folder("app", &with_status(status.as_bytes()).layout(Packing::Plain));
    let run = sandbox.run("check oci:app");
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("package-database: a record whose package name is no name"), "{run}");
}

#[test]
fn gaps_of_coverage_block_only_where_policy_says_so() {
    let sandbox = Sandbox::new();
    let status = dpkg(&[("libc6", "2.40-3"), ("libc6", "2.40-3")]);
    sandbox.folder("app", &with_status(status.as_bytes()).layout(Packing::Plain));
    assert_snapshot!(sandbox.run("check oci:app"), @"
    exit: 0
    ----- stdout -----
    oci:app
      manifest sha256:1b8a7412e4b160de01a70bc8317559272f29d15feaa15824b000aa0b17226f62
      linux/amd64, Kali GNU/Linux Rolling, 1 package in 4 layers, 446 B of files

    1 record made no sense and was left out (-v shows it)

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    pass: no findings
    ----- stderr -----
    ");
    assert_snapshot!(sandbox.run("check oci:app -v"), @"
    exit: 0
    ----- stdout -----
    oci:app
      manifest sha256:1b8a7412e4b160de01a70bc8317559272f29d15feaa15824b000aa0b17226f62
      linux/amd64, Kali GNU/Linux Rolling, 1 package in 4 layers, 446 B of files

    made no sense and was left out:
      bad-record: a second record of `libc6`; the later one counts in /var/lib/dpkg/status at byte 140

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge (PL101, PL102, PL103, PL104, PL105, PL106, PL107, PL108)
      scanning   there is no index of advisories (`plimsoll db update` makes one) (PL401, PL402, PL403, PL404, PL405, PL406, PL407)
      rebuilds   no rule for it is built in

    pass: no findings
    ----- stderr -----
    ");
    sandbox.write("strict.toml", "coverage-blocks = true\n");
    assert_eq!(sandbox.run("check oci:app --config strict.toml").code, 3);
}
