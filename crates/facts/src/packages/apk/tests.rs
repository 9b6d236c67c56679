//! Alpine databases, real and broken.

use super::READER;
use crate::packages::{Claim, Reading};
use crate::testing::{read, read_layers, summary};
use crate::view::View;

const INSTALLED: &[u8] = include_bytes!("../../../../../testdata/apk/alpine-3.20-installed");
const RELEASE: &[u8] = include_bytes!("../../../../../testdata/os/alpine-3.20");
const OLD: &[u8] = include_bytes!("../../../../../testdata/apk/alpine-3.6-installed");
const DB: &str = "lib/apk/db/installed";

fn check(database: &str, expected: &str) {
    assert_eq!(summary(&read(&READER, &[(DB, database.as_bytes())])), expected, "{database:?}");
}

fn edges(reading: &Reading) -> String {
    let name = |index: usize| reading.found[index].package.name.clone();
    let lines = reading.found.iter().map(|found| {
        let needs: Vec<String> = found.depends_on.iter().map(|&index| name(index)).collect();
        format!("{} -> {}", found.package.name, needs.join(" "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_real_database() {
    let reading = read(&READER, &[("etc/os-release", RELEASE), (DB, INSTALLED)]);
    insta::assert_snapshot!(summary(&reading), @"");
    insta::assert_snapshot!(edges(&reading), @"");
    let licence = |f: &crate::packages::Found| {
        format!("{}: {} | {}", f.package.name, f.package.licence.expression.as_deref().unwrap_or("-"), f.package.licence.stated.join("; "))
    };
    insta::assert_snapshot!(reading.found.iter().map(licence).collect::<Vec<_>>().join("\n"), @"");
}

#[test]
fn every_field_of_one_package() {
    let reading = read(&READER, &[("etc/os-release", RELEASE), (DB, INSTALLED)]);
    let found = reading.found.iter().find(|f| f.package.name == "ssl_client").unwrap();
    insta::assert_debug_snapshot!(found.package, @"");
    insta::assert_debug_snapshot!(found.owns, @"");
}

#[test]
fn an_old_database_with_old_licence_words() {
    let reading = read(&READER, &[(DB, OLD)]);
    let stated = reading.found.iter().map(|f| {
        let licence = &f.package.licence;
        format!("{} {}: {} | {}", f.package.name, f.package.version, licence.expression.as_deref().unwrap_or("-"), licence.stated.join("; "))
    });
    insta::assert_snapshot!(stated.collect::<Vec<_>>().join("\n"), @"");
    assert!(reading.unknowns.is_empty());
}

#[test]
fn the_namespace_is_the_distribution() {
    let wolfi: &[u8] = b"ID=wolfi\nVERSION_ID=\"20230201\"\n";
    let database: &[u8] = b"P:glibc\nV:2.39-r5\nA:x86_64\n\n";
    let at = "usr/lib/apk/db/installed";
    let found = read(&READER, &[("etc/os-release", wolfi), (at, database), ("lib", b"-> usr/lib")]);
    assert_eq!(
        summary(&found),
        "pkg:apk/wolfi/glibc@2.39-r5?arch=x86_64&distro=wolfi-20230201 (/usr/lib/apk/db/installed)"
    );
    check("P:a\nV:1\n", "pkg:apk/alpine/a@1 (/lib/apk/db/installed)");
}

#[test]
fn the_layer_that_installed_a_package() {
    let base: &[u8] = b"P:musl\nV:1\n\nP:curl\nV:8\n\nP:gone\nV:1\n\n";
    let middle: &[u8] = b"P:musl\nV:1\n\nP:curl\nV:9\n\n";
    let top: &[u8] = b"P:musl\nV:1\n\nP:curl\nV:9\n\nP:jq\nV:1\n\nP:gone\nV:1\n\n";
    let reading = read_layers(&READER, &[&[(DB, base)], &[("app", b"x")], &[(DB, middle)], &[(DB, top)]]);
    let layers: Vec<String> =
        reading.found.iter().map(|f| format!("{} {}", f.package.name, f.package.proof().layer)).collect();
    assert_eq!(layers, ["musl 0", "curl 2", "jq 3", "gone 3"]);
    assert_eq!(reading.found[0].package.evidence[1].layer, 3);
}

#[test]
fn dependencies_on_what_is_provided() {
    let reading = read(
        &READER,
        &[(DB, b"P:a\nV:1\nD:so:libz.so.1 cmd:sh>1 !b missing a /bin/sh\n\nP:b\nV:1\np:so:libz.so.1=1.3\n\nP:c\nV:1\np:cmd:sh=1 /bin/sh\n\n")],
    );
    assert_eq!(edges(&reading), "a -> b c\nb -> \nc -> ");
}

#[test]
fn files_that_only_look_like_a_database() {
    for at in ["srv/lib/apk/db/installed", "lib/apk/db/installed.bak", "installed"] {
        assert_eq!(summary(&read(&READER, &[(at, INSTALLED)])), "", "{at}");
    }
    let gone = read_layers(&READER, &[&[(DB, INSTALLED)], &[]]);
    assert_eq!(gone.found.len(), 14);
}

#[test]
fn broken_records() {
    let good = "pkg:apk/alpine/a@1 (/lib/apk/db/installed)\n? ";
    for (bad, why) in [
        ("V:2\nT:x\n\n", "a record without a package name"),
        ("P:b\n\n", "the record of `b` has no version"),
        ("P:b\nV:1\njunk\n\n", "the record of `b` has a line that is no field"),
        ("P:b c\nV:1\n\n", "a record without a package name"),
        ("P:b\x1b[2J\nV:1\n\n", "a record without a package name"),
        ("P:b\nV:\u{202e}1\n\n", "the record of `b` has no version"),
    ] {
        let expected = format!("{good}bad-record: {why} in /lib/apk/db/installed at byte 9");
        check(&format!("P:a\nV:1\n\n{bad}"), &expected);
    }
}

#[test]
fn a_database_that_cannot_be_read_blocks() {
    let blocks = |files: &[(&str, &[u8])]| {
        let reading = read(&READER, files);
        assert!(reading.unknowns.iter().any(|u| u.kind.blocks()), "{}", summary(&reading));
        summary(&reading)
    };
    let garbage: Vec<u8> = (0..=255).rev().cycle().take(5000).collect();
    insta::assert_snapshot!(blocks(&[(DB, &garbage)]), @"");
    insta::assert_snapshot!(blocks(&[(DB, b"P:a\nV:1\n\nP:b\nV:2.")]), @"");
    insta::assert_snapshot!(blocks(&[("lib/apk/db/installed/x", b"")]), @"");
    insta::assert_snapshot!(blocks(&[("lib/apk/db/scripts.tar", b"x")]), @"");
    insta::assert_snapshot!(blocks(&[(DB, b""), ("etc/apk/world", b"curl\n")]), @"");
    assert_eq!(summary(&read(&READER, &[(DB, b""), ("etc/apk/world", b"\n")])), "");
}

#[test]
fn hostile_sizes() {
    let mut many = String::new();
    for n in 0..100_005 {
        many.push_str(&format!("P:p{n}\nV:1\nD:all\np:all\n\n"));
    }
    let reading = read(&READER, &[(DB, many.as_bytes())]);
    assert_eq!(reading.found.len(), 100_000);
    assert_eq!(reading.unknowns.len(), 1);
    assert!(reading.unknowns[0].kind.blocks());
    let long = format!("P:a\nV:1\nT:{}\nD:{}\nF:x\nR:../../../../e\nR:y\n\n", "t".repeat(1 << 20), "d ".repeat(1 << 20));
    let reading = read(&READER, &[(DB, long.as_bytes())]);
    assert_eq!(reading.found[0].package.summary, None);
    assert!(matches!(&reading.found[0].owns[..], [Claim::File(path)] if path.as_bytes() == b"x/y"));
}

#[test]
fn every_cut_of_a_database_is_read_or_refused() {
    for cut in (0..INSTALLED.len()).step_by(97) {
        let reading = read(&READER, &[(DB, &INSTALLED[..cut])]);
        assert!(reading.found.len() <= 14);
        let ends_well = cut == 0 || INSTALLED[cut - 1] == b'\n';
        assert!(ends_well || reading.unknowns.iter().any(|u| u.kind.blocks()), "cut at {cut}");
    }
}

/// What reads a view must not depend on a database being there.
#[test]
fn an_image_without_apk_has_nothing_to_say() {
    fn silent(view: &View<'_>) -> bool {
        let mut reading = Reading::default();
        super::read(view, &mut reading);
        reading.found.is_empty() && reading.unknowns.is_empty()
    }
    let limits = crate::Limits::default();
    let tree = crate::Tree::squash(&[], &limits);
    assert!(silent(&View::new(&[], &tree)));
}
