//! One image, every transport: the same packages, and exactly those that dpkg itself lists.

use crate::parts;
use crate::program::{Plimsoll, text};

/// What `dpkg-query -W` says inside the image.
fn dpkg() -> Vec<String> {
    let listed = std::fs::read_to_string(parts::image().join("packages.tsv")).expect("packages.tsv");
    let mut lines: Vec<String> = listed.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

fn layout() -> String {
    format!("oci:{}:latest", parts::image().join("layout").display())
}

/// A cold reading of `target` finds what dpkg lists.
fn check(test: &str, target: &str) {
    let found = Plimsoll::cold(&parts::folder(test)).packages(target);
    assert_eq!(found, dpkg(), "{target}");
}

#[test]
fn an_oci_layout_with_gzip_layers() {
    check("gzip", &layout());
}

#[test]
fn an_oci_layout_with_zstd_layers() {
    let to = format!("oci:{}:latest", parts::folder("zstd-layout").join("layout").display());
    parts::skopeo(&["copy", "--quiet", "--dest-compress-format=zstd", &layout(), &to]);
    check("zstd", &to);
}

#[test]
fn an_oci_archive() {
    let file = parts::folder("oci-archive-file").join("image.tar");
    let to = format!("oci-archive:{}", file.display());
    parts::skopeo(&["copy", "--quiet", &layout(), &format!("{to}:latest")]);
    check("oci-archive", &to);
}

#[test]
fn an_archive_of_docker_save_by_skopeo_and_by_docker() {
    let folder = parts::folder("docker-archive-file");
    let (first, second) = (folder.join("first.tar"), folder.join("second.tar"));
    let (first, second) = (first.display().to_string(), second.display().to_string());
    parts::skopeo(&["copy", "--quiet", &layout(), &format!("docker-archive:{first}:e2e/saved:1")]);
    check("docker-archive", &format!("docker-archive:{first}"));
    parts::docker(&["load", "--quiet", "--input", &first]);
    parts::docker(&["save", "--output", &second, "e2e/saved:1"]);
    check("docker-archive", &format!("docker-archive:{second}:e2e/saved:1"));
}

#[test]
fn an_image_in_docker_engine() {
    parts::skopeo(&["copy", "--quiet", "--dest-daemon-host", &parts::engine(), &layout(), "docker-daemon:e2e/kept:1"]);
    check("docker", "docker:e2e/kept:1");
}

#[test]
fn an_image_in_a_registry_by_tag_and_by_digest() {
    let repository = format!("{}/e2e/pushed", parts::registry());
    let to = format!("docker://{repository}:1");
    parts::skopeo(&["copy", "--quiet", "--dest-tls-verify=false", &layout(), &to]);
    check("registry", &format!("{repository}:1"));
    let inspected = parts::skopeo(&["inspect", "--tls-verify=false", "--format={{.Digest}}", &to]);
    let digest = String::from_utf8_lossy(&inspected.stdout).trim().to_owned();
    check("registry", &format!("{repository}@{digest}"));

    let report = Plimsoll::cold(&parts::folder("registry")).ask(&["check", &format!("{repository}:1"), "-o", "json"]);
    let report = crate::program::parse(&report.out);
    assert_eq!(text(&report["schema"]), "plimsoll.report/1");
    let targets = report["targets"].to_string();
    assert!(targets.contains(&digest), "the report names the digest that skopeo names: {targets}");
}

#[test]
fn a_root_filesystem() {
    let root = parts::folder("root").join("filesystem");
    std::fs::create_dir(&root).expect("a folder");
    let (tar, to) = (parts::image().join("rootfs.tar").display().to_string(), root.display().to_string());
    parts::tool("tar", "tar", &["--exclude=./dev/*", "-xf", &tar, "-C", &to]);
    check("dir", &format!("dir:{to}"));
}

#[test]
fn a_layer_is_one_entry_of_the_cache_however_it_is_stored() {
    let folder = parts::folder("one-entry");
    let plimsoll = Plimsoll::cold(&folder);
    let zstd = format!("oci:{}:latest", folder.join("layout").display());
    parts::skopeo(&["copy", "--quiet", "--dest-compress-format=zstd", &layout(), &zstd]);
    assert_eq!(plimsoll.packages(&layout()), dpkg());
    let first = plimsoll.document(&["cache"]);
    assert_eq!(plimsoll.packages(&zstd), dpkg());
    assert_eq!(count(&plimsoll.document(&["cache"])), count(&first), "layers in the cache");
}

/// The first number that `plimsoll cache` tells: how many layers are kept.
fn count(told: &[u8]) -> u64 {
    let told = String::from_utf8_lossy(told).into_owned();
    let number = told.split_whitespace().find_map(|word| word.parse().ok());
    number.unwrap_or_else(|| panic!("no number in: {told}"))
}
