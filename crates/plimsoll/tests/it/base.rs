//! Practice 3, from outside: what an image stands on, and whether that is still maintained.
//!
//! The program judges by today's date, so these bases are past their end on any day, or have none.

use crate::fixture::{Image, Packing, Sandbox, codes, dpkg, good, os_release, parsed};
use insta::assert_snapshot;

/// The good image on another base.
fn on(os: Option<String>) -> Image {
    let mut image = good();
    image.layers[0].entries.retain(|e| e.path != "etc/os-release");
    if let Some(os) = os {
        image.layers[0] = image.layers[0].clone().file("etc/os-release", os);
    }
    image
}

fn check(image: &Image, code: i32, expected: &[&str]) {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &image.layout(Packing::Zstd));
    let report = parsed(&sandbox.run("check oci:app --json").data(code));
    assert_eq!(codes(&report, true), expected);
}

#[test]
fn each_of_the_guides_bases_may_be_right() {
    check(&good(), 0, &[]);
    check(&on(Some(os_release("wolfi", "20230201", "Wolfi"))), 0, &[]);
}

#[test]
fn a_base_that_is_not_released_is_noted() {
    check(&on(Some("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux forky/sid\"\n".to_owned())), 0, &["PL303"]);
    check(&on(Some(os_release("alpine", "3.99.0_alpha20990101", "Alpine Linux edge"))), 0, &["PL303"]);
}

#[test]
fn a_base_past_its_end_fails() {
    let image = on(Some(os_release("debian", "8", "Debian GNU/Linux 8 (jessie)")));
    check(&image, 1, &["PL301"]);
    let sandbox = Sandbox::new();
    sandbox.folder("app", &image.layout(Packing::Plain));
    assert_snapshot!(sandbox.run("check oci:app"), @"
    exit: 1
    ----- stdout -----
    oci:app
      manifest sha256:b7d0b89605718dbaa819aebed632730e630f63784d4e6383df31c08e41d1ec2d
      linux/amd64, Debian GNU/Linux 8 (jessie), 3 packages in 3 layers, 595 B of files

    high     PL301 distribution-end-of-life
      Debian 8 is no longer supported
      proof:  /etc/os-release says ID=debian and VERSION_ID=8, brought by layer 1 of 3 (`ADD file:b0 in /`); support ended on 2018-06-17, extended support ended on 2020-06-30 (table of 2026-08-22)
      remedy: build on Debian 13, or another supported release

    not checked:
      tagging    the target is not asked for by a reference, so there is no tag to judge
      scanning   there is no index of advisories (`plimsoll db update` makes one)
      rebuilds   no rule for it is built in

    fail: 1 high; high and worse fail
    ----- stderr -----
    ");
}

#[test]
fn a_runtime_past_its_end_fails() {
    let mut image = good();
    let status = dpkg(&[("libc6", "2.40-3"), ("nodejs", "12.22.12-1nodesource1")]);
    image.layers[1] = image.layers[1].clone().file("var/lib/dpkg/status", status);
    check(&image, 1, &["PL305"]);
}

#[test]
fn a_base_without_a_pretty_name_is_named_by_its_id() {
    let sandbox = Sandbox::new();
    sandbox.folder("app", &on(Some("ID=wolfi\nVERSION_ID=20230201\n".to_owned())).layout(Packing::Plain));
    let head = sandbox.run("check oci:app").data(0);
    assert!(head.contains("  linux/amd64, wolfi 20230201, 3 packages"), "{head}");
}

#[test]
fn a_base_of_which_nothing_is_known_is_said() {
    check(&on(Some(os_release("azurelinux", "3.0", "Azure Linux"))), 0, &["PL303"]);
    check(&on(None), 0, &["PL304"]);
}
