//! Real databases against the listing of a tool that is not ours, and the details of one package we built.

use super::RPM;
use crate::packages::{Claim, Reading};
use crate::testing::{read, read_layers, summary};
use std::collections::BTreeSet;

fn plain(packed: &[u8]) -> Vec<u8> {
    zstd::decode_all(packed).expect("test data")
}

macro_rules! data {
    ($path:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/rpm/", $path))
    };
}

/// `name epoch version-release arch source`, in the columns of `packages.tsv`.
fn listing(reading: &Reading) -> BTreeSet<String> {
    reading.found.iter().map(|f| line(&f.package)).collect()
}

fn line(package: &model::Package) -> String {
    let (epoch, version) = package.version.split_once(':').unwrap_or(("0", &package.version));
    let source = qualifier(package.purl.as_str(), "upstream");
    let arch = package.architecture.as_deref().unwrap_or("(none)");
    format!("{}\t{epoch}\t{version}\t{arch}\t{source}", package.name).replace("%2B", "+")
}

fn qualifier<'a>(purl: &'a str, key: &str) -> &'a str {
    let pairs = purl.split(['?', '&']).filter_map(|pair| pair.split_once('='));
    pairs.filter(|(k, _)| *k == key).map(|(_, v)| v).next().unwrap_or("(none)")
}

/// Every package that the other tool lists is read, and no other; trusted keys are no packages.
fn check_truth(at: &str, packed: &[u8], os_release: &[u8], truth: &str, count: usize) -> Reading {
    let reading = read(&RPM, &[("etc/os-release", os_release), (at, &plain(packed))]);
    assert!(reading.unknowns.is_empty(), "{}", summary(&reading));
    let truth: BTreeSet<String> = truth.lines().filter(|l| !l.starts_with("gpg-pubkey\t")).map(str::to_owned).collect();
    let ours = listing(&reading);
    let differing: Vec<&String> = ours.symmetric_difference(&truth).collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert_eq!((ours.len(), reading.found.len()), (count, count));
    reading
}

#[test]
fn reads_amazon_linux_as_rpm_does() {
    let reading = check_truth(
        "var/lib/rpm/rpmdb.sqlite",
        data!("amazonlinux-2023/rpmdb.sqlite.zst"),
        data!("amazonlinux-2023/os-release"),
        include_str!("../../../../../testdata/rpm/amazonlinux-2023/packages.tsv"),
        102,
    );
    let bash = reading.found.iter().find(|f| f.package.name == "bash").unwrap();
    insta::assert_snapshot!(bash.package.purl, @"pkg:rpm/amzn/bash@5.2.15-1.amzn2023.0.2?arch=x86_64&distro=amzn-2023&upstream=bash-5.2.15-1.amzn2023.0.2.src.rpm");
    assert!(bash.owns.contains(&Claim::File(model::TreePath::clean(b"usr/bin/bash").unwrap())));
    let needed: BTreeSet<&str> = bash.depends_on.iter().map(|&i| reading.found[i].package.name.as_str()).collect();
    insta::assert_snapshot!(needed.into_iter().collect::<Vec<_>>().join(" "), @"filesystem glibc ncurses-libs");
}

/// Every requirement that rpm resolves (`rpm -q --whatprovides`), and every file that it lists.
#[test]
fn draws_the_edges_and_lists_the_files_that_rpm_does() {
    let database = plain(data!("amazonlinux-2023/rpmdb.sqlite.zst"));
    let reading = read(&RPM, &[("var/lib/rpm/rpmdb.sqlite", &database)]);
    let name = |index: usize| reading.found[index].package.name.as_str();
    let edge = |(from, to): (usize, &usize)| format!("{}\t{}", name(from), name(*to));
    let ours = reading.found.iter().enumerate().flat_map(|(i, f)| f.depends_on.iter().map(move |to| (i, to)));
    let ours: BTreeSet<String> = ours.map(edge).collect();
    let truth = include_str!("../../../../../testdata/rpm/amazonlinux-2023/edges.tsv").lines().map(str::to_owned);
    assert_eq!(ours, truth.collect());
    assert_eq!(reading.found.iter().map(|f| f.owns.len()).sum::<usize>(), 6763);
}

#[test]
fn reads_mariner_as_rpm_does() {
    check_truth(
        "usr/lib/sysimage/rpm/rpmdb.sqlite",
        data!("cbl-mariner-2.0/rpmdb.sqlite.zst"),
        data!("cbl-mariner-2.0/os-release"),
        include_str!("../../../../../testdata/rpm/cbl-mariner-2.0/packages.tsv"),
        129,
    );
}

#[test]
fn reads_suse_as_syft_does() {
    let reading = check_truth(
        "usr/lib/sysimage/rpm/Packages.db",
        data!("sle15-bci/Packages.db.zst"),
        data!("sle15-bci/os-release"),
        include_str!("../../../../../testdata/rpm/sle15-bci/packages.tsv"),
        36,
    );
    insta::assert_snapshot!(reading.found[0].package.purl, @"pkg:rpm/suse/system-user-root@20190513-3.3.1?arch=noarch&distro=sles-15.3&upstream=system-user-root-20190513-3.3.1.src.rpm");
}

#[test]
fn reads_red_hat_as_syft_does() {
    let reading = check_truth(
        "var/lib/rpm/Packages",
        data!("el8-libuuid-only/Packages.zst"),
        data!("el8-libuuid-only/os-release"),
        include_str!("../../../../../testdata/rpm/el8-libuuid-only/packages.tsv"),
        1,
    );
    insta::assert_debug_snapshot!(reading.found[0].package, @r#"
        Package {
            purl: Purl(
                "pkg:rpm/redhat/libuuid@2.32.1-42.el8_8?arch=x86_64&distro=rhel-8.8&upstream=util-linux-2.32.1-42.el8_8.src.rpm",
            ),
            ecosystem: Rpm,
            name: "libuuid",
            version: "2.32.1-42.el8_8",
            architecture: Some(
                "x86_64",
            ),
            source: Some(
                SourcePackage {
                    name: "util-linux",
                    version: "2.32.1-42.el8_8",
                },
            ),
            supplier: Some(
                "Red Hat, Inc.",
            ),
            licence: Licence {
                expression: None,
                stated: [
                    "BSD",
                ],
            },
            summary: Some(
                "Universally unique ID library",
            ),
            homepage: Some(
                "http://en.wikipedia.org/wiki/Util-linux",
            ),
            evidence: [
                Evidence {
                    path: /var/lib/rpm/Packages,
                    member: None,
                    layer: 0,
                    sha256: Some(
                        15bdf607cc34db1800420a6302ae2d43e40e4ed9f3d6f4153a5b726e83a8fec5,
                    ),
                },
            ],
            relations: [],
            overlaps: [],
            trust: Installed,
        }
    "#);
}

/// Everything our reader says of a package, one fact a line.
fn describe(reading: &Reading, name: &str) -> String {
    let found = reading.found.iter().find(|f| f.package.name == name).expect("the package");
    let p = &found.package;
    let source = p.source.as_ref().map(|s| format!("{} {}", s.name, s.version)).unwrap_or_default();
    let owns: Vec<String> = found.owns.iter().map(|c| format!("{c:?}")).collect();
    let needs: Vec<&str> = found.depends_on.iter().map(|&i| reading.found[i].package.name.as_str()).collect();
    format!(
        "{}\nversion {}\nsource {source:?}\nsupplier {:?}\nlicence {:?} {:?}\nsummary {:?}\nhomepage {:?}\nowns {}\nneeds {}",
        p.purl,
        p.version,
        p.supplier.as_deref().unwrap_or_default(),
        p.licence.expression.as_deref().unwrap_or_default(),
        p.licence.stated,
        p.summary.as_deref().unwrap_or_default(),
        p.homepage.as_deref().unwrap_or_default(),
        owns.join(" "),
        needs.join(" "),
    )
}

/// The database that rpm 4.18 wrote when it installed `hull` and `keel`; `hull-doc` is in the log alone.
fn hull(with_log: bool) -> Reading {
    let database = plain(data!("hull/rpmdb.sqlite.zst"));
    let log = if with_log { plain(data!("hull/rpmdb.sqlite-wal.zst")) } else { Vec::new() };
    read(&RPM, &[("var/lib/rpm/rpmdb.sqlite", &database), ("var/lib/rpm/rpmdb.sqlite-wal", &log)])
}

#[test]
fn reads_every_detail_of_a_package() {
    insta::assert_snapshot!(describe(&hull(true), "hull"), @r#"
        pkg:rpm/hull@1.4-3.test?arch=x86_64&epoch=2&rpmmod=hull:1.4:20260101:abcd&upstream=hull-1.4-3.test.src.rpm
        version 2:1.4-3.test
        source ""
        supplier "Example Yard"
        licence "GPL-2.0-or-later AND (Apache-2.0 OR MPL-2.0)" ["GPLv2+ and (ASL 2.0 or MPLv2.0)"]
        summary "A hull to test with"
        homepage "https://hull.example/"
        owns File(/etc/hull/hull.conf) File(/usr/bin/hull) File(/usr/share/hull/link) File(/var/log/hull.log)
        needs keel
    "#);
    insta::assert_snapshot!(describe(&hull(true), "hull-doc"), @r#"
        pkg:rpm/hull-doc@1.4-3.test?arch=noarch&epoch=2&rpmmod=hull:1.4:20260101:abcd&upstream=hull-1.4-3.test.src.rpm
        version 2:1.4-3.test
        source "hull 1.4-3.test"
        supplier "Example Yard"
        licence "CC-BY-SA-4.0" ["CC-BY-SA-4.0"]
        summary "Docs"
        homepage "https://hull.example/"
        owns File(/usr/share/doc/hull/README)
        needs hull
    "#);
}

#[test]
fn reads_what_only_the_write_ahead_log_holds() {
    insta::assert_snapshot!(summary(&hull(true)), @r#"
        pkg:rpm/hull-doc@1.4-3.test?arch=noarch&epoch=2&rpmmod=hull:1.4:20260101:abcd&upstream=hull-1.4-3.test.src.rpm (/var/lib/rpm/rpmdb.sqlite)
        pkg:rpm/hull@1.4-3.test?arch=x86_64&epoch=2&rpmmod=hull:1.4:20260101:abcd&upstream=hull-1.4-3.test.src.rpm (/var/lib/rpm/rpmdb.sqlite)
        pkg:rpm/keel@0.9-1?arch=x86_64&epoch=1&rpmmod=hull:1.4:20260101:abcd&upstream=hull-1.4-3.test.src.rpm (/var/lib/rpm/rpmdb.sqlite)
    "#);
    insta::assert_snapshot!(summary(&hull(false)), @r#"
        pkg:rpm/hull@1.4-3.test?arch=x86_64&epoch=2&rpmmod=hull:1.4:20260101:abcd&upstream=hull-1.4-3.test.src.rpm (/var/lib/rpm/rpmdb.sqlite)
        pkg:rpm/keel@0.9-1?arch=x86_64&epoch=1&rpmmod=hull:1.4:20260101:abcd&upstream=hull-1.4-3.test.src.rpm (/var/lib/rpm/rpmdb.sqlite)
    "#);
}

/// As SQLite does: a frame that does not check out ends the log, and what is not committed does not count.
#[test]
fn ignores_what_the_log_does_not_prove() {
    let database = plain(data!("hull/rpmdb.sqlite.zst"));
    let log = plain(data!("hull/rpmdb.sqlite-wal.zst"));
    let names = |log: &[u8]| {
        let reading = read(&RPM, &[("var/lib/rpm/rpmdb.sqlite", &database), ("var/lib/rpm/rpmdb.sqlite-wal", log)]);
        assert!(reading.unknowns.is_empty(), "{}", summary(&reading));
        reading.found.iter().map(|f| f.package.name.clone()).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(names(&log), 3);
    assert_eq!(names(&log[..log.len() - 1]), 2, "the commit is cut off");
    for at in [0, 5, 17, 30, 60, 5000] {
        let mut log = log.clone();
        log[at] ^= 1;
        assert_eq!(names(&log), 2, "byte {at} flipped");
    }
}

#[test]
fn follows_links_to_the_database_and_proves_a_package_once_per_file() {
    let database = plain(data!("hull/rpmdb.sqlite.zst"));
    let reading =
        read(&RPM, &[("usr/lib/sysimage/rpm/rpmdb.sqlite", &database), ("usr/share/rpm/rpmdb.sqlite", &database)]);
    assert_eq!(reading.found.len(), 2);
    assert!(reading.found.iter().all(|f| f.package.evidence.len() == 2));
    let linked = read(
        &RPM,
        &[("usr/lib/sysimage/rpm/rpmdb.sqlite", &database), ("var/lib/rpm", b"-> ../../usr/lib/sysimage/rpm")],
    );
    assert!(linked.found.len() == 2 && linked.found.iter().all(|f| f.package.evidence.len() == 1));
}

#[test]
fn reads_a_root_within_the_image_with_its_own_release() {
    let database = plain(data!("hull/rpmdb.sqlite.zst"));
    let reading = read(
        &RPM,
        &[
            ("etc/os-release", b"ID=fedora\nVERSION_ID=41\n"),
            ("srv/box/etc/os-release", b"ID=rocky\nVERSION_ID=9.4\n"),
            ("srv/box/var/lib/rpm/rpmdb.sqlite", &database),
        ],
    );
    insta::assert_snapshot!(summary(&reading), @r#"
        pkg:rpm/rocky/hull@1.4-3.test?arch=x86_64&distro=rocky-9.4&epoch=2&rpmmod=hull:1.4:20260101:abcd&upstream=hull-1.4-3.test.src.rpm (/srv/box/var/lib/rpm/rpmdb.sqlite)
        pkg:rpm/rocky/keel@0.9-1?arch=x86_64&distro=rocky-9.4&epoch=1&rpmmod=hull:1.4:20260101:abcd&upstream=hull-1.4-3.test.src.rpm (/srv/box/var/lib/rpm/rpmdb.sqlite)
    "#);
    let keel = reading.found.iter().find(|f| f.package.name == "keel").unwrap();
    insta::assert_debug_snapshot!(keel.owns, @r#"
        [
            File(
                /srv/box/usr/bin/keel-tool,
            ),
        ]
    "#);
}

#[test]
fn a_later_layer_replaces_the_database() {
    let old = plain(data!("hull/rpmdb.sqlite.zst"));
    let new = plain(data!("amazonlinux-2023/rpmdb.sqlite.zst"));
    let at = "var/lib/rpm/rpmdb.sqlite";
    let reading = read_layers(&RPM, &[&[(at, &old)], &[(at, &new)]]);
    assert_eq!(reading.found.len(), 102);
    assert!(reading.found.iter().all(|f| f.package.proof().layer == 1));
}

#[test]
fn reads_the_manifest_of_a_distroless_image() {
    let manifest = "glibc\t2.35-7.cm2\t1711000000\t1710000000\tMicrosoft Corporation\t(none)\t100\tx86_64\t0\tglibc-2.35-7.cm2.src.rpm\n\
        shadow-utils\t4.9-13.cm2\t1711000000\t1710000000\tMicrosoft Corporation\t2\t100\tx86_64\t2\tshadow-utils-4.9-13.cm2.src.rpm\r\n\
        \n\
        too few fields\n\
        noversion\t1\t1\t1\tv\t(none)\t1\tnoarch\t0\ts\n";
    let reading = read(
        &RPM,
        &[
            ("etc/os-release", b"ID=mariner\nVERSION_ID=\"2.0\"\n"),
            ("var/lib/rpmmanifest/container-manifest-2", manifest.as_bytes()),
        ],
    );
    insta::assert_snapshot!(summary(&reading), @r#"
        pkg:rpm/mariner/glibc@2.35-7.cm2?arch=x86_64&distro=mariner-2.0&upstream=glibc-2.35-7.cm2.src.rpm (/var/lib/rpmmanifest/container-manifest-2)
        pkg:rpm/mariner/shadow-utils@4.9-13.cm2?arch=x86_64&distro=mariner-2.0&epoch=2&upstream=shadow-utils-4.9-13.cm2.src.rpm (/var/lib/rpmmanifest/container-manifest-2)
        ? package-database: a package's record cannot be read: a line does not have ten fields in /var/lib/rpmmanifest/container-manifest-2 at byte 223
        ? package-database: a package's record cannot be read: a version has no release in /var/lib/rpmmanifest/container-manifest-2 at byte 238
    "#);
    assert_eq!(reading.found[1].package.version, "2:4.9-13.cm2");
    assert_eq!(reading.found[1].package.supplier.as_deref(), Some("Microsoft Corporation"));
}

#[test]
fn looks_at_nothing_that_only_resembles_a_database() {
    let database = plain(data!("hull/rpmdb.sqlite.zst"));
    let files: &[(&str, &[u8])] = &[
        ("srv/mirror/dists/stable/Packages", b"Package: bash\nVersion: 5\n"),
        ("var/lib/rpm/Name", b"index"),
        ("var/lib/rpm/__db.001", b"environment"),
        ("opt/rpm/rpmdb.sqlite", &database),
        ("xvar/lib/rpm/rpmdb.sqlite", &database),
        ("var/lib/rpmmanifest/container-manifest-1", b"bash-5"),
    ];
    assert_eq!(summary(&read(&RPM, files)), "");
}
