use super::*;
use crate::elf::tests::elf_with;
use crate::testing;
use std::collections::BTreeSet;

/// An ELF file with these bytes as data.
fn elf(data: &[u8]) -> Vec<u8> {
    elf_with(&[(".rodata", &[data, &[0; 64]].concat())])
}

fn check(path: &str, content: &[u8], expected: &str) {
    assert_eq!(testing::summary(&testing::read(&READER, &[(path, content)])), expected);
}

/// `\xNN` as the byte.
fn unescape(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut out = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        out.push(u8::from_str_radix(&part[..2], 16).unwrap());
        out.extend_from_slice(&part.as_bytes()[2..]);
    }
    out
}

const PROOFS: &str = include_str!("../../../../../testdata/program/proofs.tsv");

#[test]
fn every_line_is_proved_on_real_programs() {
    let mut seen = BTreeSet::new();
    for row in PROOFS.lines() {
        let [id, name, purl, _, bytes] = row.split('\t').collect::<Vec<_>>().try_into().unwrap();
        check(&format!("opt/{name}"), &elf(&unescape(bytes)), &format!("{purl} (/opt/{name})"));
        assert!(seen.insert(id), "{id} is there twice");
    }
    let claimed: BTreeSet<&str> = SIGNATURES.iter().flat_map(|s| s.proved_on.iter().copied()).collect();
    assert_eq!(claimed, seen);
    let unproved: Vec<&str> = SIGNATURES.iter().filter(|s| s.proved_on.is_empty()).map(|s| s.product).collect();
    assert_eq!(unproved, [""; 0]);
}

#[test]
fn every_pattern_compiles_and_has_a_cpe() {
    assert!(PATTERNS.iter().all(Option::is_some));
    for signature in SIGNATURES {
        let name = cpe(signature.product, "1.0").unwrap();
        assert_eq!(name.split(':').count(), 13, "{name}");
    }
    assert_eq!(cpe("node", "18.1.0").unwrap(), "cpe:2.3:a:nodejs:node.js:18.1.0:*:*:*:*:*:*:*");
    assert_eq!(cpe("openjdk", "17.0.15+6").unwrap(), "cpe:2.3:a:oracle:openjdk:17.0.15\\+6:*:*:*:*:*:*:*");
    assert_eq!(cpe("something", "1"), None);
}

#[test]
fn what_only_looks_like_a_program() {
    // A text, a script and an ELF file of another name.
    check("usr/bin/node", b"node.js/v18.1.0\0", "");
    check("usr/bin/node", b"#!/bin/sh\nexec node.js/v18.1.0", "");
    check("usr/bin/mode", &elf(b"node.js/v18.1.0\0"), "");
    // OpenSSL within Node is a part of Node; a library that quotes nginx is no nginx.
    check(
        "usr/bin/node",
        &elf(b"\0OpenSSL 3.0.13 30 Jan 2024\0node.js/v20.1.0\0"),
        "pkg:generic/node@20.1.0 (/usr/bin/node)",
    );
    check("usr/lib/ngx.so", &elf(b"\0nginx version: nginx/1.2.3\0"), "");
    check("usr/bin/nginx", &elf(b"\0OpenSSL 3.0.13 30 Jan 2024\0"), "");
    // MariaDB calls its server mysqld too.
    check(
        "usr/sbin/mysqld",
        &elf(b"\x0010.2.11-MariaDB\0/mysql-5.5.9/sql/x.cc"),
        "pkg:generic/mariadb@10.2.11 (/usr/sbin/mysqld)",
    );
}

#[test]
fn a_version_must_make_sense() {
    check("bin/python3.11", &elf(b"\x003.2.0\0\x003.11.2\0"), "pkg:generic/python@3.11.2 (/bin/python3.11)");
    check("bin/python3.1", &elf(b"\x003.11.2\0"), "");
    check("bin/python3", &elf(b"\x003.12.0rc1\0"), "pkg:generic/python@3.12.0rc1 (/bin/python3)");
    check("bin/busybox", &elf(b"BusyBox v0.0.0 BusyBox v1.36.1"), "pkg:generic/busybox@1.36.1 (/bin/busybox)");
    check("bin/busybox", &elf(&[b"BusyBox v1.1.".as_slice(), &[b'9'; 500]].concat()), "");
    check("bin/busybox", b"\x7fELF", "");
}

#[test]
fn one_installation_is_one_package() {
    let python = elf(b"\x003.11.7\0");
    let reading = testing::read(
        &READER,
        &[
            ("usr/local/bin/python3.11", &python),
            ("usr/local/lib/libpython3.11.so.1.0", &python),
            ("opt/other/bin/python3.11", &python),
        ],
    );
    let evidence: Vec<usize> = reading.found.iter().map(|f| f.package.evidence.len()).collect();
    assert_eq!(evidence, [1, 2]);
    assert_eq!(reading.found[1].owns.len(), 2);
}

#[test]
fn a_version_at_the_edge_of_a_window_is_seen_whole() {
    use std::io::Write;
    let regex = PATTERNS[SIGNATURES.iter().position(|s| s.product == "nginx").unwrap()].as_ref().unwrap();
    let text = b"nginx version: nginx/1.22.19";
    let mut file = tempfile::tempfile().unwrap();
    let end = (1 << 20) + 2 * MAX_MATCH;
    for cut in 0..=text.len() {
        // `cut` bytes of the text are in the first window.
        let mut bytes = vec![0; end - cut];
        bytes.extend_from_slice(text);
        bytes.extend([0; 1000]);
        file.set_len(0).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        file.write_all(&bytes).unwrap();
        let content = Content::Spooled(&file, bytes.len() as u64);
        assert_eq!(search(b"nginx", &content, regex).unwrap().as_deref(), Some("1.22.19"), "{cut}");
    }
}

#[test]
fn programs_with_a_text() {
    let go = b"go1.26.8\ntime 2026-08-28T16:20:06Z\n";
    let reading = testing::read(&READER, &[("usr/local/go/VERSION", go), ("usr/local/go/bin/go", b"\x7fELF")]);
    assert_eq!(testing::summary(&reading), "pkg:generic/go@1.26.8 (/usr/local/go/VERSION)");
    assert!(reading.found[0].owns.iter().any(|c| matches!(c, Claim::Folder(p) if p.as_bytes() == b"usr/local/go")));
    check("srv/VERSION", go, "");
    check(
        "usr/lib/erlang/releases/25/OTP_VERSION",
        b"25.2.3\n",
        "pkg:generic/erlang@25.2.3 (/usr/lib/erlang/releases/25/OTP_VERSION)",
    );
    check("usr/lib/erlang/releases/25/OTP_VERSION", b"2\x1b[2J\n", "");
}

#[test]
fn java_runtimes() {
    let read = |text: &[u8]| {
        let reading = testing::read(&READER, &[("opt/jdk/release", text), ("opt/jdk/bin/java", b"\x7fELF")]);
        let supplier = reading.found.first().and_then(|f| f.package.supplier.clone());
        (testing::summary(&reading), supplier.unwrap_or_default(), reading.found.first().map_or(0, |f| f.owns.len()))
    };
    let case = |purl: &str, supplier: &str| (format!("{purl} (/opt/jdk/release)"), supplier.to_owned(), 2);
    let temurin = include_bytes!("../../../../../testdata/program/jdk/temurin-25.release");
    assert_eq!(read(temurin), case("pkg:generic/openjdk@25.0.3", "Eclipse Adoptium"));
    let debian = include_bytes!("../../../../../testdata/program/jdk/debian-17.release");
    assert_eq!(read(debian), case("pkg:generic/openjdk@17.0.15", "Debian"));
    assert_eq!(read(b"JAVA_VERSION=\"1.8.0_402\"\nOS_NAME=\"Linux\"\n"), case("pkg:generic/openjdk@1.8.0_402", ""));
    let oracle = b"BUILD_TYPE=\"commercial\"\nIMPLEMENTOR=\"Oracle Corporation\"\nJAVA_VERSION=\"21.0.2\"\n";
    assert_eq!(read(oracle), case("pkg:generic/oracle-jdk@21.0.2", "Oracle Corporation"));
    assert_eq!(read(b"DISTRIB=\"x\"\n").0, "");
    assert_eq!(read(b"JAVA_VERSION=\"\x1b[1m\"\n").0, "? bad-record: JAVA_VERSION is no version in /opt/jdk/release");
    assert_eq!(
        read(b"JAVA_VERSION=\"\xff\"\n").0,
        "? bad-record: a version text that is not UTF-8 in /opt/jdk/release"
    );
}

#[test]
fn names_and_globs() {
    for (pattern, name, fits) in [
        ("libpython*.so*", "libpython3.11.so.1.0", true),
        ("libpython*.so*", "libpython3.11.a", false),
        ("ruby[0-9]*", "ruby3.1", true),
        ("ruby[0-9]*", "rubygems", false),
        ("node", "node", true),
        ("node", "nodes", false),
    ] {
        assert_eq!(glob(pattern.as_bytes(), name.as_bytes()), fits, "{pattern} {name}");
    }
}
