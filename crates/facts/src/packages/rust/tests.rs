use super::*;
use crate::elf::tests::elf_with;
use crate::testing;
use std::io::Write;

fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(plain).unwrap();
    out.finish().unwrap()
}

fn program(section: &[u8]) -> Vec<u8> {
    elf_with(&[(".text", b"code"), (".dep-v0", section)])
}

fn check(json: &str, expected: &[&str]) {
    let found = testing::summary(&testing::read(&READER, &[("app", &program(&zlib(json.as_bytes())))]));
    assert_eq!(found, expected.join("\n"));
}

#[test]
fn linked_crates_with_their_edges() {
    let json = r#"{"packages":[
        {"name":"app","version":"0.1.0","source":"local","dependencies":[1,2,3],"root":true},
        {"name":"serde","version":"1.0.200","source":"crates.io","dependencies":[1,99]},
        {"name":"cc","version":"1.0.0","source":"crates.io","kind":"build"},
        {"name":"fork","version":"2.0.0-rc.1+meta","source":"git","kind":"some-day"}],"format":1}"#;
    check(
        json,
        &["pkg:cargo/app@0.1.0 (/app)", "pkg:cargo/fork@2.0.0-rc.1%2Bmeta (/app)", "pkg:cargo/serde@1.0.200 (/app)"],
    );
    let reading = testing::read(&READER, &[("app", &program(&zlib(json.as_bytes())))]);
    let edges: Vec<&[usize]> = reading.found.iter().map(|f| f.depends_on.as_slice()).collect();
    assert_eq!(edges, [[1, 2].as_slice(), &[], &[]]);
    let suppliers: Vec<_> = reading.found.iter().map(|f| f.package.supplier.as_deref()).collect();
    assert_eq!(suppliers, [None, Some("crates.io"), None]);
}

#[test]
fn hostile_lists() {
    check("{", &["? bad-record: the crate list: its JSON makes no sense at line 1, column 1 in /app"]);
    check(
        r#"{"packages":[{"name":"a\nb","version":"1"}]}"#,
        &[r"? bad-record: the crate list has an impossible name: `a\nb` in /app"],
    );
    check(&"[".repeat(100_000), &["? bad-record: the crate list: its JSON makes no sense at line 1, column 3 in /app"]);
    check(r#"{"packages":[]}"#, &[]);
    check(&" ".repeat(9 << 20), &["? limit: the crate list: it inflates to more than 8388608 bytes in /app"]);
    let garbage = testing::summary(&testing::read(&READER, &[("app", &program(b"not zlib"))]));
    assert!(garbage.starts_with("? bad-record: the crate list: it is no zlib stream"), "{garbage}");
    let mut long = program(b"x");
    let size_at = long.len() - 64 * 2 + 32;
    long[size_at..size_at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
    let long = testing::summary(&testing::read(&READER, &[("app", &long)]));
    assert!(long.starts_with("? limit: the crate list takes 18446744073709551615 bytes"), "{long}");
}

#[test]
fn a_program_without_the_section_says_nothing() {
    assert_eq!(testing::summary(&testing::read(&READER, &[("app", &elf_with(&[(".text", b".dep-v0")]))])), "");
}

/// `testdata/rust`: the section of a real program; the truth is `cargo tree` of its source.
#[test]
fn a_real_program() {
    let section = include_bytes!("../../../../../testdata/rust/app.dep-v0");
    let found = testing::summary(&testing::read(&READER, &[("app", &program(section))]));
    assert_eq!(found, include_str!("../../../../../testdata/rust/app.txt").trim_end());
}
