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
    insta::assert_snapshot!(summary(&reading), @"
    pkg:apk/alpine/alpine-baselayout-data@3.6.5-r0?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/alpine-baselayout@3.6.5-r0?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/alpine-keys@2.4-r1?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/apk-tools@2.14.4-r0?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/busybox-binsh@1.36.1-r29?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/busybox@1.36.1-r29?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/ca-certificates-bundle@20240705-r0?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/libcrypto3@3.3.2-r0?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/libssl3@3.3.2-r0?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/musl-utils@1.2.5-r0?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/scanelf@1.3.7-r2?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/ssl_client@1.36.1-r29?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    pkg:apk/alpine/zlib@1.3.1-r1?arch=x86_64&distro=alpine-3.20.3 (/lib/apk/db/installed)
    ");
    insta::assert_snapshot!(edges(&reading), @"
    alpine-baselayout -> alpine-baselayout-data busybox-binsh
    alpine-baselayout-data -> 
    alpine-keys -> 
    apk-tools -> ca-certificates-bundle libcrypto3 libssl3 musl zlib
    busybox -> musl
    busybox-binsh -> busybox
    ca-certificates-bundle -> 
    libcrypto3 -> musl
    libssl3 -> libcrypto3 musl
    musl -> 
    musl-utils -> musl scanelf
    scanelf -> musl
    ssl_client -> libcrypto3 libssl3 musl
    zlib -> musl
    ");
    let licence = |f: &crate::packages::Found| {
        format!(
            "{}: {} | {}",
            f.package.name,
            f.package.licence.expression.as_deref().unwrap_or("-"),
            f.package.licence.stated.join("; ")
        )
    };
    insta::assert_snapshot!(reading.found.iter().map(licence).collect::<Vec<_>>().join("\n"), @"
    alpine-baselayout: GPL-2.0-only | GPL-2.0-only
    alpine-baselayout-data: GPL-2.0-only | GPL-2.0-only
    alpine-keys: MIT | MIT
    apk-tools: GPL-2.0-only | GPL-2.0-only
    busybox: GPL-2.0-only | GPL-2.0-only
    busybox-binsh: GPL-2.0-only | GPL-2.0-only
    ca-certificates-bundle: MPL-2.0 AND MIT | MPL-2.0 AND MIT
    libcrypto3: Apache-2.0 | Apache-2.0
    libssl3: Apache-2.0 | Apache-2.0
    musl: MIT | MIT
    musl-utils: MIT AND BSD-2-Clause AND GPL-2.0-or-later | MIT AND BSD-2-Clause AND GPL-2.0-or-later
    scanelf: GPL-2.0-only | GPL-2.0-only
    ssl_client: GPL-2.0-only | GPL-2.0-only
    zlib: Zlib | Zlib
    ");
}

#[test]
fn every_field_of_one_package() {
    let reading = read(&READER, &[("etc/os-release", RELEASE), (DB, INSTALLED)]);
    let found = reading.found.iter().find(|f| f.package.name == "ssl_client").unwrap();
    insta::assert_debug_snapshot!(found.package, @r#"
    Package {
        purl: Purl(
            "pkg:apk/alpine/ssl_client@1.36.1-r29?arch=x86_64&distro=alpine-3.20.3",
        ),
        ecosystem: Apk,
        name: "ssl_client",
        version: "1.36.1-r29",
        architecture: Some(
            "x86_64",
        ),
        source: Some(
            SourcePackage {
                name: "busybox",
                version: "1.36.1-r29",
            },
        ),
        supplier: Some(
            "Sören Tempel <soeren+alpine@soeren-tempel.net>",
        ),
        licence: Licence {
            expression: Some(
                "GPL-2.0-only",
            ),
            stated: [
                "GPL-2.0-only",
            ],
        },
        summary: Some(
            "EXternal ssl_client for busybox wget",
        ),
        homepage: Some(
            "https://busybox.net/",
        ),
        evidence: [
            Evidence {
                path: /lib/apk/db/installed,
                member: None,
                layer: 0,
                sha256: Some(
                    652c608ae78b0ff57a2f2ba14881c951393e701af8368010617efa865bb0f5d1,
                ),
            },
        ],
        relations: [],
        overlaps: [],
        trust: Installed,
    }
    "#);
    insta::assert_debug_snapshot!(found.owns, @"
    [
        File(
            /usr/bin/ssl_client,
        ),
    ]
    ");
}

#[test]
fn an_old_database_with_old_licence_words() {
    let reading = read(&READER, &[(DB, OLD)]);
    let stated = reading.found.iter().map(|f| {
        let licence = &f.package.licence;
        format!(
            "{} {}: {} | {}",
            f.package.name,
            f.package.version,
            licence.expression.as_deref().unwrap_or("-"),
            licence.stated.join("; ")
        )
    });
    insta::assert_snapshot!(stated.collect::<Vec<_>>().join("\n"), @"
    musl 1.1.16-r15: MIT | MIT
    busybox 1.26.2-r11: GPL-2.0-only | GPL2
    alpine-baselayout 3.0.4-r0: GPL-2.0-only | GPL2
    alpine-keys 2.1-r1: MIT | MIT
    libressl2.5-libcrypto 2.5.5-r2: - | custom
    libressl2.5-libssl 2.5.5-r2: - | custom
    libressl2.5-libtls 2.5.5-r2: - | custom
    ssl_client 1.26.2-r11: GPL-2.0-only | GPL2
    zlib 1.2.11-r0: Zlib | zlib
    apk-tools 2.7.6-r0: GPL-2.0-only | GPL2
    scanelf 1.2.2-r0: GPL-2.0-only | GPL2
    musl-utils 1.1.16-r15: - | MIT BSD GPL2+
    libc-utils 0.7.1-r0: - | BSD
    ");
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
fn broken_records_block() {
    let good = "pkg:apk/alpine/a@1 (/lib/apk/db/installed)\n? ";
    for (bad, why) in [
        ("V:2\nT:x\n\n", "a record without a package name"),
        ("P:b\n\n", "the record of `b` has no version"),
        ("P:b\nV:1\njunk\n\n", "the record of `b` has a line that is no field"),
        ("P:b c\nV:1\n\n", "a record without a package name"),
        ("P:b\x1b[2J\nV:1\n\n", "a record without a package name"),
        ("P:b\nV:\u{202e}1\n\n", "the record of `b` has no version"),
    ] {
        let expected = format!("{good}package-database: {why} in /lib/apk/db/installed at byte 9");
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
    insta::assert_snapshot!(blocks(&[(DB, &garbage)]), @"? package-database: none of 1 records of the package database can be read in /lib/apk/db/installed");
    insta::assert_snapshot!(blocks(&[(DB, b"P:a\nV:1\n\nP:b\nV:2.")]), @"
    pkg:apk/alpine/a@1 (/lib/apk/db/installed)
    pkg:apk/alpine/b@2. (/lib/apk/db/installed)
    ? package-database: the package database ends in the middle of a line in /lib/apk/db/installed
    ");
    insta::assert_snapshot!(blocks(&[("lib/apk/db/installed/x", b"")]), @"? package-database: a directory in the place of the package database in /lib/apk/db/installed");
    insta::assert_snapshot!(blocks(&[("lib/apk/db/scripts.tar", b"x")]), @"? package-database: /lib/apk/db/scripts.tar is there, but the package database is gone in /lib/apk/db/installed");
    insta::assert_snapshot!(blocks(&[(DB, b""), ("etc/apk/world", b"curl\n")]), @"? package-database: /etc/apk/world asks for packages, but the package database is empty in /lib/apk/db/installed");
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
    let long =
        format!("P:a\nV:1\nT:{}\nD:{}\nF:x\nR:../../../../e\nR:y\n\n", "t".repeat(1 << 20), "d ".repeat(1 << 20));
    let reading = read(&READER, &[(DB, long.as_bytes())]);
    assert_eq!(reading.found[0].package.summary, None);
    assert!(matches!(&reading.found[0].owns[..], [Claim::File(path)] if path.as_bytes() == b"x/y"));
}

#[test]
fn hostile_lists() {
    let limits = |database: String| {
        let reading = read(&READER, &[(DB, database.as_bytes())]);
        let owned: usize = reading.found.iter().map(|f| f.owns.len()).sum();
        (owned, reading.unknowns.iter().map(|u| u.why.clone()).collect::<Vec<_>>().join("; "))
    };
    let long = format!("P:a\nV:1\nF:{}\n{}", "f".repeat(4000), "R:x\n".repeat(40_000));
    let (owned, why) = limits(long);
    assert!(owned < 40_000);
    assert_eq!(why, "more than 134217728 bytes of file names in packages (claims)");
    let too_long = format!("P:a\nV:1\nF:{}\n{}", "f".repeat(5000), "R:x\n".repeat(40_000));
    assert_eq!(limits(too_long), (0, String::new()));
    let names = format!("P:a\nV:1\nD:{}\n", "a ".repeat(500_001));
    assert_eq!(limits(names).1, "more than 500000 names in dependencies (names)");
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

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, text in "([PVADpFRC]:|[ -~]|\\n){0,200}") {
        for content in [bytes.as_slice(), text.as_bytes()] {
            let reading = read(&READER, &[(DB, content)]);
            proptest::prop_assert!(reading.found.iter().all(|f| !f.package.version.is_empty()));
        }
    }
}

#[test]
fn an_empty_folder_before_it_hides_no_database() {
    let files: &[(&str, &[u8])] =
        &[("lib/apk/db/lock", b""), ("usr/lib/apk/db/installed", b"P:musl\nV:1.2.5-r0\nA:x86_64\n\n")];
    assert_eq!(summary(&read(&READER, files)), "pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64 (/usr/lib/apk/db/installed)");
}
