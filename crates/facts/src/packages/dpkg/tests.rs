//! dpkg databases, real and broken.

use super::READER;
use crate::packages::{Claim, Found, Reading};
use crate::testing::{read, read_layers, summary};
use std::io::Read;

const BOOKWORM: &[u8] = include_bytes!("../../../../../testdata/dpkg/bookworm-nginx.tar.gz");
const QUERY: &str = include_str!("../../../../../testdata/dpkg/bookworm-nginx.tsv");
const SID: &[u8] = include_bytes!("../../../../../testdata/dpkg/sid-status");
const DISTROLESS: &[u8] = include_bytes!("../../../../../testdata/dpkg/distroless-cc.tar.gz");
pub(super) const STATUS: &str = "var/lib/dpkg/status";

/// The files of a small archive; links as the test images write them.
fn unpack(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let mut content = Vec::new();
        match entry.link_name_bytes() {
            Some(target) => content.extend([b"-> ".as_slice(), &target].concat()),
            None => _ = entry.read_to_end(&mut content).unwrap(),
        }
        if entry.header().entry_type() != tar::EntryType::Directory {
            files.push((path.trim_start_matches("./").to_owned(), content));
        }
    }
    files
}

fn borrow(files: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    files.iter().map(|(at, content)| (at.as_str(), content.as_slice())).collect()
}

fn check(status: &str, expected: &str) {
    assert_eq!(summary(&read(&READER, &[(STATUS, status.as_bytes())])), expected, "{status:?}");
}

pub(super) fn record(name: &str, more: &str) -> String {
    format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n{more}\n")
}

pub(super) fn find<'r>(reading: &'r Reading, name: &str) -> &'r Found {
    reading.found.iter().find(|f| f.package.name == name).unwrap()
}

fn licences(reading: &Reading) -> String {
    let line = |f: &Found| {
        let expression = f.package.licence.expression.clone().unwrap_or("-".into());
        let short: String = expression.chars().take(100).collect();
        format!("{}: {short} | {}", f.package.name, f.package.licence.stated.len())
    };
    let stated = reading.found.iter().filter(|f| !f.package.licence.stated.is_empty());
    stated.map(line).collect::<Vec<_>>().join("\n")
}

fn needs(reading: &Reading, name: &str) -> String {
    let found = find(reading, name);
    found.depends_on.iter().map(|&at| reading.found[at].package.name.as_str()).collect::<Vec<_>>().join(" ")
}

/// `dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n'` on the same tree.
#[test]
fn the_same_packages_as_dpkg_query() {
    let files = unpack(BOOKWORM);
    let reading = read(&READER, &borrow(&files));
    let mut lines: Vec<String> = reading
        .found
        .iter()
        .map(|f| {
            let p = &f.package;
            let source = p.source.as_ref().map_or((&p.name, &p.version), |s| (&s.name, &s.version));
            format!(
                "{}\t{}\t{}\t{}\t{}",
                p.name,
                p.version,
                p.architecture.as_deref().unwrap_or(""),
                source.0,
                source.1
            )
        })
        .collect();
    lines.sort();
    let mut expected: Vec<&str> = QUERY.lines().collect();
    expected.sort_unstable();
    assert_eq!(lines, expected);
    assert_eq!(summary(&Reading { unknowns: reading.unknowns, found: Vec::new() }), "");
}

#[test]
fn every_field_of_one_package() {
    let reading = read(&READER, &borrow(&unpack(BOOKWORM)));
    insta::assert_debug_snapshot!(find(&reading, "libgcc-s1").package, @r#"
    Package {
        purl: Purl(
            "pkg:deb/debian/libgcc-s1@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12",
        ),
        ecosystem: Dpkg,
        name: "libgcc-s1",
        version: "12.2.0-14+deb12u1",
        architecture: Some(
            "amd64",
        ),
        source: Some(
            SourcePackage {
                name: "gcc-12",
                version: "12.2.0-14+deb12u1",
            },
        ),
        supplier: Some(
            "Debian GCC Maintainers <debian-gcc@lists.debian.org>",
        ),
        licence: Licence {
            expression: None,
            stated: [
                "GPL-3+",
                "GPL-3",
                "GFDL-1.2",
                "GPL-2+",
                "GPL-2",
                "GPL",
                "Artistic",
                "LGPL",
            ],
        },
        summary: Some(
            "GCC support library",
        ),
        homepage: Some(
            "http://gcc.gnu.org/",
        ),
        evidence: [
            Evidence {
                path: /var/lib/dpkg/info/libgcc-s1:amd64.list,
                member: None,
                layer: 0,
                sha256: Some(
                    2c71e68ef07b7e8dfe35238baeedac66eed39b89800b52ee4aa450b11351dffb,
                ),
            },
            Evidence {
                path: /var/lib/dpkg/status,
                member: None,
                layer: 0,
                sha256: Some(
                    91cb6d012eb3532c653b0f62b910b880ac2a4a613d50917facf86c1462863037,
                ),
            },
        ],
        relations: [],
        overlaps: [],
        trust: Installed,
    }
    "#);
    insta::assert_debug_snapshot!(find(&reading, "libgcc-s1").owns, @"
    [
        File(
            /var/lib/dpkg/info/libgcc-s1:amd64.list,
        ),
        File(
            /lib,
        ),
        File(
            /lib/x86_64-linux-gnu,
        ),
        File(
            /lib/x86_64-linux-gnu/libgcc_s.so.1,
        ),
        File(
            /usr,
        ),
        File(
            /usr/share,
        ),
        File(
            /usr/share/doc,
        ),
        File(
            /usr/share/lintian,
        ),
        File(
            /usr/share/lintian/overrides,
        ),
        File(
            /usr/share/lintian/overrides/libgcc-s1,
        ),
        File(
            /usr/share/doc/libgcc-s1,
        ),
    ]
    ");
    insta::assert_snapshot!(needs(&reading, "nginx-light"), @"libnginx-mod-http-echo nginx");
    insta::assert_snapshot!(needs(&reading, "libc6"), @"libgcc-s1");
    insta::assert_snapshot!(needs(&reading, "perl-base"), @"dpkg libc6 libcrypt1");
}

#[test]
fn licences_of_a_real_tree() {
    insta::assert_snapshot!(licences(&read(&READER, &borrow(&unpack(BOOKWORM)))), @"
    adduser: GPL-2.0-or-later | 1
    apt: GPL-2.0-or-later AND GPL-2.0-only AND BSD-3-Clause AND MIT | 4
    base-files: GPL-2.0-or-later | 1
    base-passwd: GPL-2.0-only AND LicenseRef-public-domain | 2
    bash: GPL-3.0-or-later AND GPL-3.0-or-later WITH Bison-exception-2.2 AND GPL-2.0-or-later AND GFDL-1.3-no- | 7
    coreutils: GPL-3.0-or-later AND BSD-4-Clause-UC AND ISC AND FSFULLR AND GFDL-1.3-no-invariants-only | 5
    dash: BSD-3-Clause AND LicenseRef-public-domain AND GPL-2.0-or-later | 4
    debconf: BSD-2-Clause | 1
    debian-archive-keyring: GPL-2.0-or-later | 1
    debianutils: GPL-2.0-or-later AND LicenseRef-public-domain AND SMAIL-GPL | 3
    diffutils: GPL-3.0-or-later AND FSFULLR AND LGPL-2.1-or-later AND LicenseRef-GPL-3-or-later-with-autoconf-excep | 14
    dpkg: GPL-2.0-or-later AND GPL-2.0-only AND BSD-2-Clause AND LicenseRef-public-domain-s-s-d | 4
    e2fsprogs: GPL-2.0-only AND LGPL-2.0-only AND BSD-3-Clause AND Apache-2.0 AND ISC AND (LicenseRef-GPL OR Licens | 9
    findutils: GFDL-1.3-no-invariants-or-later AND GPL-3.0-or-later AND FSFAP AND LicenseRef-GPL-3-or-later-with-Au | 17
    gcc-12-base: - | 8
    gpgv: GPL-3.0-or-later AND LicenseRef-permissive AND LGPL-2.1-or-later AND MIT AND (GPL-3.0-or-later OR BS | 9
    grep: GPL-3.0-or-later | 1
    gzip: GPL-3.0-or-later AND LicenseRef-GFDL-1.3-no-invariant AND LicenseRef-FSF-manpages | 3
    hostname: GPL-2.0-only | 1
    init-system-helpers: BSD-3-Clause AND GPL-2.0-or-later | 2
    iproute2: GPL-2.0-only | 1
    libacl1: GPL-2.0-or-later AND LGPL-2.0-or-later | 2
    libapt-pkg6.0: GPL-2.0-or-later AND GPL-2.0-only AND BSD-3-Clause AND MIT | 4
    libattr1: GPL-2.0-or-later AND LGPL-2.0-or-later | 2
    libaudit-common: GPL-2.0-only AND LGPL-2.1-only | 2
    libaudit1: GPL-2.0-only AND LGPL-2.1-only | 2
    libbpf1: (LGPL-2.1-only OR BSD-2-Clause) AND GPL-2.0-only AND GPL-2.0-only WITH Linux-syscall-note AND GPL-2. | 4
    libbsd0: BSD-3-Clause AND LicenseRef-BSD-4-clause-Niels-Provos AND LicenseRef-BSD-3-clause-Regents AND Licens | 16
    libbz2-1.0: LicenseRef-BSD-variant AND GPL-2.0-only | 2
    libc-bin: - | 2
    libc6: - | 2
    libcap-ng0: LGPL-2.1-or-later AND GPL-2.0-or-later AND GPL-3.0-only | 3
    libcap2: (BSD-3-Clause OR GPL-2.0-only) AND (BSD-3-Clause OR GPL-2.0-or-later) | 2
    libcap2-bin: (BSD-3-Clause OR GPL-2.0-only) AND (BSD-3-Clause OR GPL-2.0-or-later) | 2
    libdb5.3: Sleepycat AND BSD-3-Clause AND MS-PL AND (LicenseRef-GPL OR Artistic-1.0-Perl) AND X11 AND LicenseRe | 12
    libdebconfclient0: BSD-2-Clause AND GPL-2.0-or-later | 2
    libelf1: GPL-3.0-or-later AND (LGPL-3.0-or-later OR GPL-2.0-or-later) AND BSD-2-Clause AND GFDL-1.3-no-invari | 6
    libffi8: MIT AND X11 AND GPL-2.0-or-later AND GPL-3.0-or-later AND (MPL-1.1 OR GPL-2.0-or-later OR LGPL-2.1-o | 7
    libfile-find-rule-perl: Artistic-1.0-Perl OR GPL-1.0-or-later | 1
    libgcc-s1: - | 8
    libgcrypt20: - | 2
    libgdbm-compat4: GPL-3.0-or-later AND GPL-2.0-or-later AND GFDL-1.3-no-invariants-or-later | 3
    libgdbm6: GPL-3.0-or-later AND GPL-2.0-or-later AND GFDL-1.3-no-invariants-or-later | 3
    libgmp10: (GPL-2.0-or-later OR LGPL-3.0-or-later) AND GPL-3.0-or-later AND GPL-3.0-or-later WITH Bison-excepti | 3
    libgnutls30: - | 6
    libgpg-error0: LGPL-2.1-or-later AND (LGPL-2.1-or-later OR BSD-3-Clause) AND LicenseRef-g10-permissive AND GPL-3.0- | 4
    libidn2-0: GPL-3.0-or-later AND (LGPL-3.0-or-later OR GPL-2.0-or-later) AND LicenseRef-Unicode | 3
    libkeyutils1: GPL-2.0-or-later AND LGPL-2.0-or-later | 2
    libkrb5-3: - | 1
    liblz4-1: BSD-2-Clause AND GPL-2.0-or-later AND (GPL-2.0-or-later OR BSD-2-Clause) | 3
    liblzma5: LicenseRef-PD AND LicenseRef-probably-PD AND GPL-2.0-or-later AND LGPL-2.1-or-later AND LicenseRef-p | 12
    libmd0: BSD-3-Clause AND LicenseRef-BSD-3-clause-Aaron-D-Gifford AND BSD-2-Clause AND LicenseRef-BSD-2-claus | 9
    libmnl0: LGPL-2.1-only AND GPL-2.0-or-later | 2
    libnettle8: (LGPL-3.0-or-later OR GPL-2.0-or-later) AND LGPL-2.0-or-later AND MIT AND GPL-3.0-or-later AND GPL-2 | 9
    libnginx-mod-http-echo: BSD-2-Clause | 1
    libnumber-compare-perl: Artistic-1.0-Perl OR GPL-1.0-or-later | 1
    libp11-kit0: BSD-3-Clause AND LicenseRef-permissive-like-automake-output AND ISC AND LicenseRef-ISC-IBM AND LGPL- | 7
    libpam0g: (BSD-3-Clause OR LicenseRef-GPL) AND GPL-2.0-only AND GPL-2.0-or-later AND GPL-3.0-only AND GPL-3.0- | 9
    libpcre2-8-0: LicenseRef-BSD-3-clause-Cambridge-with-BINARY-LIBRARY-LIKE-PACKAGES-exception AND BSD-3-Clause AND X | 5
    libseccomp2: LGPL-2.1-only | 1
    libselinux1: - | 2
    libsemanage-common: LGPL-2.1-or-later AND GPL-2.0-only | 2
    libsemanage2: LGPL-2.1-or-later AND GPL-2.0-only | 2
    libsepol2: LGPL-2.1-or-later AND Zlib AND GPL-2.0-only AND GPL-2.0-or-later | 4
    libssl3: Apache-2.0 AND (Artistic-1.0-Perl OR GPL-1.0-or-later) | 2
    libstdc++6: - | 8
    libsystemd0: LGPL-2.1-or-later AND CC0-1.0 AND GPL-2.0-only WITH Linux-syscall-note AND MIT AND LicenseRef-public | 6
    libtasn1-6: - | 4
    libtext-glob-perl: Artistic-1.0-Perl OR GPL-1.0-or-later | 1
    libtinfo6: MIT AND X11 AND BSD-3-Clause | 3
    libtirpc-common: BSD-3-Clause AND GPL-2.0-only AND LicenseRef-AUTO-PERMISSIVE AND BSD-2-Clause AND BSD-4-Clause AND L | 7
    libtirpc3: BSD-3-Clause AND GPL-2.0-only AND LicenseRef-AUTO-PERMISSIVE AND BSD-2-Clause AND BSD-4-Clause AND L | 7
    libudev1: LGPL-2.1-or-later AND CC0-1.0 AND GPL-2.0-only WITH Linux-syscall-note AND MIT AND LicenseRef-public | 6
    libunistring2: (LGPL-3.0-or-later OR GPL-2.0-or-later) AND LicenseRef-FreeSoftware AND (GPL-3.0-or-later OR GFDL-1. | 7
    libxtables12: GPL-2.0-only AND Artistic-1.0-Perl AND GPL-2.0-or-later AND LicenseRef-custom | 4
    libxxhash0: BSD-2-Clause AND GPL-2.0-only | 2
    libzstd1: (BSD-3-Clause OR GPL-2.0-only) AND Zlib AND MIT | 3
    login: BSD-3-Clause AND GPL-1.0-only AND GPL-2.0-or-later AND LicenseRef-public-domain | 4
    mawk: GPL-2.0-only AND X11 AND CC-BY-3.0 | 3
    ncurses-base: MIT AND X11 AND BSD-3-Clause | 3
    ncurses-bin: MIT AND X11 AND BSD-3-Clause | 3
    nginx-light: BSD-2-Clause AND MIT AND GPL-2.0-or-later AND LicenseRef-public-domain | 4
    passwd: BSD-3-Clause AND GPL-1.0-only AND GPL-2.0-or-later AND LicenseRef-public-domain | 4
    perl-base: (GPL-1.0-or-later OR Artistic-1.0-Perl) AND MIT AND LicenseRef-REGCOMP AND GPL-3.0-or-later WITH Bis | 24
    sed: GPL-3.0-or-later AND X11 AND GFDL-1.3-no-invariants-or-later AND ISC AND BSD-4-Clause-UC AND BSL-1.0 | 7
    sysvinit-utils: GPL-2.0-or-later AND GPL-3.0-only AND GPL-2.0-only | 3
    tar: GPL-3.0-or-later AND GPL-3.0-or-later WITH Bison-exception-2.2 AND LGPL-3.0-or-later AND GPL-2.0-or- | 4
    tzdata: LicenseRef-public-domain | 1
    usrmerge: GPL-2.0-or-later | 1
    util-linux: GPL-2.0-or-later AND GPL-2.0-only AND GPL-3.0-or-later AND LicenseRef-public-domain AND BSD-4-Clause | 12
    zlib1g: Zlib | 1
    ");
}

#[test]
fn sid_has_no_version() {
    let release = include_bytes!("../../../../../testdata/os/debian-sid");
    let reading = read(&READER, &[("etc/os-release", release), (STATUS, SID)]);
    assert_eq!(reading.found.len(), 76);
    assert_eq!(find(&reading, "zlib1g").package.purl.as_str().split_once("distro=").unwrap().1, "debian-forky");
}

#[test]
fn distroless_images() {
    let reading = read(&READER, &borrow(&unpack(DISTROLESS)));
    insta::assert_snapshot!(summary(&reading), @"
    pkg:deb/debian/base-files@12.4%2Bdeb12u15?arch=amd64&distro=debian-12 (/var/lib/dpkg/status.d/base-files)
    pkg:deb/debian/ca-certificates@20250419~deb12u2?arch=all&distro=debian-12 (/var/lib/dpkg/status.d/ca-certificates)
    pkg:deb/debian/gcc-12-base@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12 (/var/lib/dpkg/status.d/gcc-12-base)
    pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12 (/var/lib/dpkg/status.d/libc6)
    pkg:deb/debian/libgcc-s1@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12 (/var/lib/dpkg/status.d/libgcc-s1)
    pkg:deb/debian/libssl3@3.0.22-1~deb12u2?arch=amd64&distro=debian-12 (/var/lib/dpkg/status.d/libssl3)
    pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12 (/var/lib/dpkg/status.d/libstdc++6)
    pkg:deb/debian/netbase@6.4?arch=all&distro=debian-12 (/var/lib/dpkg/status.d/netbase)
    pkg:deb/debian/tzdata@2026f-0%2Bdeb12u1?arch=all&distro=debian-12 (/var/lib/dpkg/status.d/tzdata)
    pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?arch=amd64&distro=debian-12 (/var/lib/dpkg/status.d/zlib1g)
    ");
    insta::assert_snapshot!(needs(&reading, "libstdc++6"), @"gcc-12-base libc6 libgcc-s1");
    let sums: &[u8] = b"0123456789abcdef0123456789abcdef  usr/lib/a b\n";
    let text = record("a", "");
    let at = "var/lib/dpkg/status.d/";
    let reading = read(&READER, &[(&format!("{at}a"), text.as_bytes()), (&format!("{at}a.md5sums"), sums)]);
    insta::assert_debug_snapshot!(reading.found[0].owns, @"
    [
        File(
            /var/lib/dpkg/status.d/a,
        ),
        File(
            /var/lib/dpkg/status.d/a.md5sums,
        ),
        File(
            /usr/lib/a b,
        ),
    ]
    ");
}

#[test]
fn states() {
    let with = |state: &str| record("a", "").replace("install ok installed", state);
    let is = "pkg:deb/debian/a@1.0?arch=amd64 (/var/lib/dpkg/status)";
    for state in [
        "hold ok installed",
        "deinstall ok installed",
        "install ok unpacked",
        "install ok half-configured",
        "install ok triggers-pending",
        "install reinstreq triggers-awaited",
    ] {
        check(&with(state), is);
    }
    check(&with("deinstall ok config-files"), "");
    check(&with("unknown ok not-installed"), "");
    let note = |why: &str| format!("{is}\n? package-database: {why} in /var/lib/dpkg/status at byte 74");
    let other = |state: &str| record("a", "") + &with(state).replace("Package: a", "Package: b");
    check(
        &other("install reinstreq half-installed"),
        &note("the installation of `b` broke off: its state is half-installed"),
    );
    check(&other("installed"), &note("the record of `b` has no state that dpkg would take: `installed`"));
}

#[test]
fn sources_epochs_and_names() {
    let text = record("libx11-6", "Source: libx11 (2:1.8.4-2)\n").replace("1.0", "2:1.8.4-2+deb12u2");
    let reading = read(&READER, &[(STATUS, text.as_bytes())]);
    let package = &reading.found[0].package;
    assert_eq!(package.purl.as_str(), "pkg:deb/debian/libx11-6@2:1.8.4-2%2Bdeb12u2?arch=amd64");
    let source = package.source.as_ref().unwrap();
    assert_eq!((source.name.as_str(), source.version.as_str()), ("libx11", "2:1.8.4-2"));
    let ubuntu: &[u8] = b"ID=ubuntu\nVERSION_ID=\"24.04\"\n";
    let reading = read(&READER, &[("etc/os-release", ubuntu), (STATUS, record("a", "").as_bytes())]);
    assert_eq!(reading.found[0].package.purl.as_str(), "pkg:deb/ubuntu/a@1.0?arch=amd64&distro=ubuntu-24.04");
}

#[test]
fn the_layer_of_the_file_list_is_the_package_s() {
    let (one, two) = (record("a", ""), record("a", "") + &record("b", ""));
    let reading = read_layers(
        &READER,
        &[
            &[(STATUS, one.as_bytes()), ("var/lib/dpkg/info/a:amd64.list", b"/.\n/usr\n/usr/bin/a\n")],
            &[(STATUS, two.as_bytes()), ("var/lib/dpkg/info/b.list", b"/usr/bin/b\n")],
        ],
    );
    let layers: Vec<(&str, Vec<u32>)> = reading
        .found
        .iter()
        .map(|f| (f.package.name.as_str(), f.package.evidence.iter().map(|e| e.layer).collect()))
        .collect();
    assert_eq!(layers, [("a", vec![0, 1]), ("b", vec![1, 1])]);
}

#[test]
fn files_that_only_look_like_a_database() {
    for at in ["srv/root/var/lib/dpkg/status", "var/lib/dpkg/status-old", "status", "var/lib/dpkg/info/status"] {
        assert_eq!(summary(&read(&READER, &[(at, record("a", "").as_bytes())])), "", "{at}");
    }
}

#[test]
fn a_database_behind_links() {
    let found = read(
        &READER,
        &[("var/lib/dpkg", b"-> /usr/lib/sysimage/dpkg"), ("usr/lib/sysimage/dpkg/status", record("a", "").as_bytes())],
    );
    assert_eq!(summary(&found), "pkg:deb/debian/a@1.0?arch=amd64 (/usr/lib/sysimage/dpkg/status)");
}

const GOOD: &str = "pkg:deb/debian/a@1.0?arch=amd64 (/var/lib/dpkg/status)";

#[test]
fn a_second_record_hides_nothing() {
    let why = "a second record of `a`; the later one counts";
    check(&record("a", "").repeat(2), &format!("{GOOD}\n? bad-record: {why} in /var/lib/dpkg/status at byte 74"));
}

/// Each of them may be any package, so none of them may pass in silence.
#[test]
fn broken_records_block() {
    for (bad, why) in [
        ("Version: 1\n\n", "a record without a package name"),
        ("Package: b c\nStatus: install ok installed\n\n", "a record whose package name is no name: `b c`"),
        ("Package: \x1b[2J\n\n", "a record whose package name is no name: `\\x1b[2J`"),
        ("Package: b\n\n", "the record of `b` has no state that dpkg would take: ``"),
        (
            "Package: b\nStatus: install ok installed\nVersion: 1 2\n\n",
            "the record of `b` has no version that dpkg would take: `1 2`",
        ),
        (
            "Package: b\nStatus: install ok installed\nVersion: 1\nArchitecture: a b\n\n",
            "the record of `b` has no architecture that dpkg would take: `a b`",
        ),
        (
            "Package: b\nStatus: install ok installed\nVersion: 1\njunk\n\n",
            "the record of `b` has a line that is no field",
        ),
    ] {
        check(
            &(record("a", "") + bad),
            &format!("{GOOD}\n? package-database: {why} in /var/lib/dpkg/status at byte 74"),
        );
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
    let list = ("var/lib/dpkg/info/a.list", b"/usr/bin/a\n".as_slice());
    let long = record("a", "") + &record("b", &format!("Conffiles: {}\n", "x".repeat(1 << 20)));
    insta::assert_snapshot!(blocks(&[(STATUS, &garbage)]), @"? package-database: none of 1 records of the package database can be read in /var/lib/dpkg/status");
    insta::assert_snapshot!(blocks(&[(STATUS, b"\xff\xfe\n\n\xff\n")]), @"? package-database: none of 2 records of the package database can be read in /var/lib/dpkg/status");
    insta::assert_snapshot!(blocks(&[(STATUS, record("a", "Description: bro").trim_end().as_bytes())]), @"
    pkg:deb/debian/a@1.0?arch=amd64 (/var/lib/dpkg/status)
    ? package-database: the package database ends in the middle of a line in /var/lib/dpkg/status
    ");
    insta::assert_snapshot!(blocks(&[(STATUS, long.as_bytes())]), @"
    pkg:deb/debian/a@1.0?arch=amd64 (/var/lib/dpkg/status)
    ? limit: a record of 1048661 bytes; at most 1048576 are read in /var/lib/dpkg/status at byte 74
    ");
    insta::assert_snapshot!(blocks(&[("var/lib/dpkg/status/x", b"")]), @"? package-database: a directory in the place of the package database in /var/lib/dpkg/status");
    insta::assert_snapshot!(blocks(&[(STATUS, b""), list]), @"? package-database: packages have file lists, but the package database is empty in /var/lib/dpkg/status");
    insta::assert_snapshot!(blocks(&[list]), @"? package-database: packages have file lists, but the package database is gone in /var/lib/dpkg/status");
    insta::assert_snapshot!(blocks(&[(STATUS, b"")]), @"? package-database: the package database is empty in /var/lib/dpkg/status");
    let distroless = record("a", "");
    let beside = read(&READER, &[(STATUS, b""), ("var/lib/dpkg/status.d/a", distroless.as_bytes())]);
    assert_eq!(summary(&beside), "pkg:deb/debian/a@1.0?arch=amd64 (/var/lib/dpkg/status.d/a)");
}

#[test]
fn a_removed_record_leaves_its_list() {
    let found = read(
        &READER,
        &[
            (STATUS, (record("a", "") + "Package: c\nStatus: deinstall ok config-files\n\n").as_bytes()),
            ("var/lib/dpkg/info/a:amd64.list", b"/a\n"),
            ("var/lib/dpkg/info/b:amd64.list", b"/b\n"),
            ("var/lib/dpkg/info/c.list", b"/etc/c\n"),
        ],
    );
    insta::assert_snapshot!(summary(&found), @"
    pkg:deb/debian/a@1.0?arch=amd64 (/var/lib/dpkg/info/a:amd64.list)
    ? package-database: the package `b` has a file list but no record in /var/lib/dpkg/status
    ");
}

#[test]
fn a_bad_file_of_a_distroless_image() {
    let reading = read(&READER, &[("var/lib/dpkg/status.d/a", b"nonsense"), ("var/lib/dpkg/status.d/b", b"")]);
    insta::assert_snapshot!(summary(&reading), @"
    ? package-database: a record without a package name in /var/lib/dpkg/status.d/a at byte 0
    ? package-database: a record without a package name in /var/lib/dpkg/status.d/b at byte 0
    ? package-database: none of 2 records of the package database can be read in /var/lib/dpkg/status.d
    ");
}

#[test]
fn hostile_sizes() {
    let mut many = String::new();
    for n in 0..100_005 {
        many.push_str(&record(&format!("p{n}"), "Depends: all, all | x\nProvides: all\n"));
    }
    let reading = read(&READER, &[(STATUS, many.as_bytes())]);
    assert_eq!((reading.found.len(), reading.unknowns.len()), (100_000, 1));
    assert!(reading.unknowns[0].kind.blocks());
    let bad = "Package: !\n\n".repeat(10_000) + &record("a", "");
    assert_eq!(read(&READER, &[(STATUS, bad.as_bytes())]).unknowns.len(), super::BAD_RECORDS);
}

#[test]
fn hostile_counts() {
    let depends = format!("Depends: {}\n", "a|b,".repeat(130_000));
    let many: String = (0..4).map(|n| record(&format!("p{n}"), &depends)).collect();
    let files = "/x\n".repeat(2_000_001);
    let reading = read(
        &READER,
        &[(STATUS, (many + &record("z", "")).as_bytes()), ("var/lib/dpkg/info/z.list", files.as_bytes())],
    );
    assert!(find(&reading, "z").owns.is_empty());
    insta::assert_snapshot!(reading.unknowns.iter().map(|u| u.to_string()).collect::<Vec<_>>().join("\n"), @"
    limit: more than 500000 names in dependencies (names) in /var/lib/dpkg
    limit: packages claim more than 2000000 files (claims) in /var/lib/dpkg
    ");
}

#[test]
fn hostile_lists_and_diversions() {
    let reading = read(
        &READER,
        &[
            (STATUS, record("a", "").as_bytes()),
            ("var/lib/dpkg/diversions", b"\xff\n\n\n/x"),
            ("var/lib/dpkg/info/a.list", b"/../../etc/shadow\n\0\n/\xff\n\n/./usr/../b\n"),
        ],
    );
    let owns = &reading.found[0].owns;
    assert_eq!(format!("{owns:?}"), r"[File(/var/lib/dpkg/info/a.list), File(/\xff), File(/b)]");
    assert!(owns.iter().all(|claim| matches!(claim, Claim::File(_))));
}

#[test]
fn every_cut_of_a_database_is_read_or_refused() {
    for cut in (0..SID.len()).step_by(997) {
        let reading = read(&READER, &[(STATUS, &SID[..cut])]);
        assert!(reading.found.len() <= 76);
        let ends_well = cut == 0 || SID[cut - 1] == b'\n';
        assert!(ends_well || reading.unknowns.iter().any(|u| u.kind.blocks()), "cut at {cut}");
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes: Vec<u8>,
        text in "(Package|Status|Version|Depends|[ -~]|\\n| install ok installed|: |[a-z]){0,200}",
    ) {
        for content in [bytes.as_slice(), text.as_bytes()] {
            let reading = read(
                &READER,
                &[
                    (STATUS, content),
                    ("var/lib/dpkg/status.d/a", content),
                    ("var/lib/dpkg/status.d/a.md5sums", content),
                    ("var/lib/dpkg/info/a.list", content),
                    ("var/lib/dpkg/diversions", content),
                    ("usr/share/doc/a/copyright", content),
                ],
            );
            proptest::prop_assert!(reading.found.iter().all(|f| !f.package.name.is_empty()));
            let licence = crate::licence::copyright::read(content);
            proptest::prop_assert!(licence.expression.is_none_or(|e| spdx::Expression::parse(&e).is_ok()));
        }
    }
}

#[test]
fn an_empty_folder_before_it_hides_no_database() {
    let status = record("a", "");
    let files: &[(&str, &[u8])] = &[("var/lib/dpkg/lock", b""), ("usr/lib/sysimage/dpkg/status", status.as_bytes())];
    let reading = read(&READER, files);
    assert_eq!((reading.found.len(), reading.unknowns.len()), (1, 0));
    assert_eq!(find(&reading, "a").package.proof().path.to_string(), "/usr/lib/sysimage/dpkg/status");
}
