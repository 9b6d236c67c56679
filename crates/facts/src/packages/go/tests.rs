use super::*;
use crate::elf::tests::elf_with;
use crate::testing;

/// The section as Go 1.18 and later write it.
fn inline(version: &str, modules: &str) -> Vec<u8> {
    let mut out = b"\xff Go buildinf:\x08\x02".to_vec();
    out.resize(32, 0);
    for text in [version.to_owned(), format!("0123456789abcdef{modules}fedcba9876543210")] {
        let mut length = text.len();
        while length >= 0x80 {
            out.push(length as u8 | 0x80);
            length >>= 7;
        }
        out.push(length as u8);
        out.extend(text.bytes());
    }
    out
}

/// As Go 1.13 to 1.17: the section at 0x10000 points to string headers at 0x20000.
fn pointed(version: &str, modules: &str) -> Vec<u8> {
    let modules = format!("0123456789abcdef{modules}fedcba9876543210");
    let mut info = b"\xff Go buildinf:\x08\x00".to_vec();
    info.extend([0x20000_u64, 0x20010].iter().flat_map(|v| v.to_le_bytes()));
    let texts_at = 0x20020_u64;
    let headers = [texts_at, version.len() as u64, texts_at + version.len() as u64, modules.len() as u64];
    let mut data: Vec<u8> = headers.iter().flat_map(|v| v.to_le_bytes()).collect();
    data.extend(version.bytes().chain(modules.bytes()));
    elf_with(&[(".go.buildinfo", &info), (".data", &data), (".pad", &[0; 4096])])
}

fn program(info: &[u8]) -> Vec<u8> {
    elf_with(&[(".text", &[0; 4096]), (".go.buildinfo", info)])
}

fn check(file: &[u8], expected: &[&str]) {
    let found = testing::summary(&testing::read(&READER, &[("app", file)]));
    assert_eq!(found, expected.join("\n"));
}

const STDLIB: &str = "pkg:golang/stdlib@1.22.1 (/app)";

#[test]
fn both_forms_say_the_same() {
    let lines = "path\texample.com/app\nmod\texample.com/app\tv1.0.0\th1:x=\ndep\tgithub.com/a/b\tv2.0.0\th1:y=\n";
    let expected = ["pkg:golang/example.com/app@v1.0.0 (/app)", "pkg:golang/github.com/a/b@v2.0.0 (/app)", STDLIB];
    check(&program(&inline("go1.22.1", lines)), &expected);
    check(&pointed("go1.22.1", lines), &expected);
}

#[test]
fn the_main_version_is_stated_or_absent() {
    let main = |build: &str| format!("mod\texample.com/app\t(devel)\t\n{build}");
    let cases = [
        ("", "pkg:golang/example.com/app (/app)"),
        ("build\t-ldflags=\"-s -w -X main.version=v2.3.4\"\n", "pkg:golang/example.com/app@v2.3.4 (/app)"),
        ("build\t-ldflags=-X=main.Version=2.0.1\n", "pkg:golang/example.com/app@2.0.1 (/app)"),
        ("build\t-ldflags=\"-X 'example.com/app/v.Version=1.2'\"\n", "pkg:golang/example.com/app@1.2 (/app)"),
        ("build\t-ldflags=\"-X a.version=1.2 -X b.version=3.4\"\n", "pkg:golang/example.com/app (/app)"),
        ("build\t-ldflags=\"-X main.version=dirty\"\n", "pkg:golang/example.com/app (/app)"),
        (
            "build\tvcs.revision=0123456789abcdef0123456789abcdef01234567\n",
            "pkg:golang/example.com/app@0123456789abcdef0123456789abcdef01234567 (/app)",
        ),
        ("build\tvcs.revision=main\n", "pkg:golang/example.com/app (/app)"),
    ];
    for (build, expected) in cases {
        check(&program(&inline("go1.22.1", &main(build))), &[expected, STDLIB]);
    }
}

#[test]
fn replacements_are_what_was_linked() {
    let lines = "mod\ta.b/c\tv1.0.0\t\ndep\tgithub.com/x/y\tv1.6.0\n=>\tgithub.com/Fork/y\tv1.5.0\th1:z=\n\
                 dep\tgolang.org/x/text\tv0.14.0\n=>\t./text\t(devel)\t\n";
    check(
        &program(&inline("go1.22.1", lines)),
        &[
            "pkg:golang/a.b/c@v1.0.0 (/app)",
            "pkg:golang/github.com/fork/y@v1.5.0 (/app)",
            "pkg:golang/golang.org/x/text (/app)",
            STDLIB,
        ],
    );
    let reading = testing::read(&READER, &[("app", &program(&inline("go1.22.1", lines)))]);
    let names: Vec<&str> = reading.found.iter().map(|f| f.package.name.as_str()).collect();
    assert_eq!(names, ["a.b/c", "stdlib", "github.com/Fork/y", "golang.org/x/text"]);
    assert_eq!(reading.found[0].depends_on, [1, 2, 3]);
}

#[test]
fn toolchains() {
    let cases = [
        ("go1.22.1", "1.22.1"),
        ("go1.20.12 (Red Hat 1.20.12-1.el9)", "1.20.12"),
        ("go1.22rc1 X:loopvar", "1.22rc1"),
        ("devel go1.23-0123abc Mon", "devel go1.23-0123abc Mon"),
    ];
    for (toolchain, expected) in cases {
        assert_eq!(module::toolchain_version(toolchain).as_deref(), Some(expected));
    }
    check(&program(&inline("go1.22.1", "path\tcmd/go\n")), &[STDLIB]);
}

#[test]
fn no_go_program_no_word() {
    check(&elf_with(&[(".text", &[0; 8192])]), &[]);
    check(b"#!/bin/sh\n\xff Go buildinf:\x08\x02", &[]);
    // The magic in another section is a Go tool's own constant.
    check(&elf_with(&[(".rodata", &[inline("go1.1", "").as_slice(), &[0; 4096]].concat())]), &[]);
}

#[test]
fn a_program_without_sections_is_still_found() {
    let mut bare =
        elf_with(&[(".data", &[&[0; 160], inline("go1.22.1", "mod\ta.b/c\tv1\t\n").as_slice(), &[0; 4096]].concat())]);
    bare[40..48].fill(0);
    check(&bare, &["pkg:golang/a.b/c@v1 (/app)", STDLIB]);
}

#[test]
fn hostile_build_information() {
    let short = [b"\xff Go buildinf:\x08\x02".as_slice(), &[0; 16], &[0xff; 8], &[0x7f]].concat();
    check(
        &program(&short),
        &["? bad-record: Go build information: a text of 9223372036854775807 bytes, more than 1048576 in /app"],
    );
    let cut = &inline("go1.22.1", "mod\ta.b/c\tv1\t\n")[..40];
    check(&program(cut), &["? bad-record: Go build information: it ends early in /app"]);
    let astray = [b"\xff Go buildinf:\x08\x00".as_slice(), &[0x77; 16]].concat();
    check(&program(&astray), &["? bad-record: Go build information: a pointer leads out of the file in /app"]);
    let lines = "dep\t\ndep\ta\x1b[2Jb\tv1\n=>\tx\tv1\nnoise\nmod\ta.b/c\tv1\x07\n";
    check(
        &program(&inline("go1.22.1", lines)),
        &[
            "pkg:golang/a.b/c (/app)",
            STDLIB,
            "? bad-record: a line of Go build information makes no sense: `dep\\t` in /app",
            r"? bad-record: a line of Go build information makes no sense: `dep\ta\x1b[2Jb\tv1` in /app",
            r"? bad-record: a line of Go build information makes no sense: `=>\tx\tv1` in /app",
        ],
    );
}

/// `testdata/go`: the sections of real programs, put back into an ELF file; the truth is `go version -m`.
#[test]
fn real_programs() {
    for (section, truth) in [
        (
            include_bytes!("../../../../../testdata/go/app.buildinfo").as_slice(),
            include_str!("../../../../../testdata/go/app.txt"),
        ),
        (
            include_bytes!("../../../../../testdata/go/gofmt.buildinfo"),
            include_str!("../../../../../testdata/go/gofmt.txt"),
        ),
        (
            include_bytes!("../../../../../testdata/go/gosu.buildinfo"),
            include_str!("../../../../../testdata/go/gosu.txt"),
        ),
        (
            include_bytes!("../../../../../testdata/go/vcs.buildinfo"),
            include_str!("../../../../../testdata/go/vcs.txt"),
        ),
    ] {
        let found = testing::summary(&testing::read(&READER, &[("app", &program(section))]));
        assert_eq!(found, truth.trim_end());
    }
}

proptest::proptest! {
    #[test]
    fn module_lines_are_total(text in "((path|mod|dep|=>|build)[\t =]|[\t\n\"']|-X |version=|\\PC){0,40}") {
        let info = Info::parse(&text);
        proptest::prop_assert!(info.odd.len() <= 3);
    }
}
