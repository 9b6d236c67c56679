use super::super::trees::{self, copies, difference, edges, facts, lines, listing};
use super::READER;
use super::metadata::normalise;
use crate::testing::{read, summary};

const SITE: &str = "usr/local/lib/python3.12/site-packages";

/// What is read in these files; `S/` is the site folder.
fn check(files: &[(&str, &str)], expected: &str) {
    assert_eq!(summary(&reading(files)).replace(SITE, "S"), expected);
}

fn reading(files: &[(&str, &str)]) -> super::Reading {
    let at = |path: &str| path.strip_prefix("S/").map_or(path.to_owned(), |rest| format!("{SITE}/{rest}"));
    let files: Vec<(String, &[u8])> = files.iter().map(|(path, text)| (at(path), text.as_bytes())).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    read(&READER, &files)
}

fn metadata(name: &str, version: &str, more: &str) -> String {
    format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}\n\nText\n")
}

#[test]
fn a_virtual_environment_as_pip_filled_it() {
    let reading = trees::read(&READER, include_bytes!("../../../../../testdata/python/venv.tar.gz"));
    assert_eq!(reading.unknowns, []);
    let theirs = lines(include_str!("../../../../../testdata/python/venv.txt"));
    let difference = difference(&listing(&reading), &theirs);
    // pip lists no copies; everything else is equal.
    let copies = copies(&reading);
    assert!(difference.iter().all(|line| {
        let copy = line.strip_prefix("+ ").unwrap_or("-");
        ["pip", "poetry-core"].iter().any(|owner| copies.contains(&format!("{copy} in {owner}")))
    }));
    assert_eq!(copies.len() + theirs.len(), reading.found.len());
    insta::assert_snapshot!(copies.join("\n"), @r"
    CacheControl 0.12.11 in pip
    certifi 2023.5.7 in pip
    chardet 5.1.0 in pip
    colorama 0.4.6 in pip
    distlib 0.3.6 in pip
    distro 1.8.0 in pip
    fastjsonschema 2.22.2 in poetry-core
    idna 3.4 in pip
    lark 1.3.1 in poetry-core
    msgpack 1.0.5 in pip
    packaging 21.3 in pip
    packaging 26.3 in poetry-core
    platformdirs 3.8.1 in pip
    pygments 2.15.1 in pip
    pyparsing 3.1.0 in pip
    pyproject-hooks 1.0.0 in pip
    requests 2.31.0 in pip
    resolvelib 1.0.1 in pip
    rich 13.4.2 in pip
    setuptools 68.0.0 in pip
    six 1.16.0 in pip
    tenacity 8.2.2 in pip
    tomli 2.0.1 in pip
    tomli 2.4.1 in poetry-core
    typing_extensions 4.7.1 in pip
    urllib3 1.26.16 in pip
    webencodings 0.5.1 in pip
    ");
}

#[test]
fn requirements_as_pip_judges_them() {
    let reading = trees::read(&READER, include_bytes!("../../../../../testdata/python/venv.tar.gz"));
    let theirs = lines(include_str!("../../../../../testdata/python/venv-edges.txt"));
    assert_eq!(difference(&edges(&reading, |p| normalise(&p.name)), &theirs), [""; 0]);
}

#[test]
fn facts_of_a_distribution() {
    let a = metadata(
        "A.b",
        "1.0",
        "License-Expression: MIT\nAuthor: Q\nAuthor-email: q@r.s\nSummary: s\nProject-URL: Homepage, https://a.b\nRequires-Dist: c[x]>=1; python_version>='3'",
    );
    let c = metadata(
        "c",
        "2",
        "Requires-Dist: d; extra=='x'\nRequires-Dist: e; extra=='y'\nRequires-Dist: f; python_version<'3.12'",
    );
    let plain = |name| metadata(name, "1", "");
    let reading = reading(&[
        ("S/a_b-1.0.dist-info/METADATA", &a),
        (
            "S/a_b-1.0.dist-info/RECORD",
            "a/b.py,sha256=x,1\n\"a/c,\"\"d.py\",,\n../../../bin/a,,\n../../../../../../../x,,\n/opt/x,,\n",
        ),
        ("S/a_b-1.0.dist-info/direct_url.json", r#"{"url":"file:///src","dir_info":{"editable":true}}"#),
        ("S/c-2.dist-info/METADATA", &c),
        ("S/d-1.dist-info/METADATA", &plain("d")),
        ("S/e-1.dist-info/METADATA", &plain("e")),
        ("S/f-1.dist-info/METADATA", &plain("f")),
    ]);
    insta::assert_snapshot!(facts(&reading, "A.b"), @r#"pkg:pypi/a-b@1.0 | MIT = MIT | Q <q@r.s> | https://a.b | s | needs c | owns [Folder(/usr/local/lib/python3.12/site-packages/a_b-1.0.dist-info), File(/usr/local/lib/python3.12/site-packages/a/b.py), File(/usr/local/lib/python3.12/site-packages/a/c,"d.py), File(/usr/local/bin/a), File(/opt/x)] | installed"#);
    insta::assert_snapshot!(facts(&reading, "c"), @"pkg:pypi/c@2 |  = - | - | - | - | needs d | owns [Folder(/usr/local/lib/python3.12/site-packages/c-2.dist-info)] | installed");
    let evidence = &reading.found.iter().find(|f| f.package.name == "A.b").unwrap().package.evidence;
    assert_eq!(evidence.len(), 2, "direct_url.json is evidence too");
}

#[test]
fn all_places_of_metadata() {
    let a = metadata("a", "1", "");
    check(&[("S/a-1.dist-info/METADATA", &a)], "pkg:pypi/a@1 (/S/a-1.dist-info/METADATA)");
    check(&[("S/a-1-py3.12.egg-info/PKG-INFO", &a)], "pkg:pypi/a@1 (/S/a-1-py3.12.egg-info/PKG-INFO)");
    check(&[("S/a-1.egg-info", &a)], "pkg:pypi/a@1 (/S/a-1.egg-info)");
    check(&[("S/a-1-py3.12.egg/EGG-INFO/PKG-INFO", &a)], "pkg:pypi/a@1 (/S/a-1-py3.12.egg/EGG-INFO/PKG-INFO)");
    check(&[("app/a.egg-info/PKG-INFO", &a)], "pkg:pypi/a@1 (/app/a.egg-info/PKG-INFO)");
    check(&[("app/deps/a-1.dist-info/METADATA", &a)], "pkg:pypi/a@1 (/app/deps/a-1.dist-info/METADATA)");
}

#[test]
fn looks_like_a_distribution_and_is_none() {
    let a = metadata("a", "1", "");
    check(&[("S/~a-1.dist-info/METADATA", &a)], "");
    check(&[("S/x/tests/data/a-1.dist-info/METADATA", &a)], "");
    check(&[("app/tests/fixtures/a.egg-info/PKG-INFO", &a)], "");
    check(&[("S/a/METADATA", &a)], "");
    check(&[("S/a/PKG-INFO", &a)], "");
    check(&[("S/x/_vendor/vendor.txt", "a==1")], "");
}

#[test]
fn a_zipped_egg_is_a_gap() {
    check(
        &[("S/a-1-py3.12.egg", "PK\u{3}\u{4}"), ("app/a.egg", "")],
        "? bad-record: an egg that is an archive, which is not looked into in /S/a-1-py3.12.egg",
    );
}

#[test]
fn said_twice_is_one() {
    let a = metadata("a", "1", "");
    let twice =
        reading(&[("S/a-1.dist-info/METADATA", &a), ("S/a-1.egg-info/PKG-INFO", &a), ("src/a.egg-info/PKG-INFO", &a)]);
    assert_eq!((twice.found.len(), twice.found[0].package.evidence.len()), (1, 3));
    let link = reading(&[("src/a.egg-info/PKG-INFO", &a), ("S/a.egg-link", "/src\n.")]);
    assert_eq!((link.found.len(), link.found[0].package.evidence.len()), (1, 2));
    let needs = metadata("a", "1", "Requires-Dist: b");
    let b = metadata("b", "1", "");
    let files = [("src/a.egg-info/PKG-INFO", &*needs), ("S/a.egg-link", "/src"), ("S/b-1.dist-info/METADATA", &b)];
    assert_eq!(edges(&reading(&files), |p| p.name.clone()).into_iter().collect::<Vec<_>>(), ["a -> b"]);
    let b = metadata("a", "2", "");
    assert_eq!(reading(&[("S/a-1.dist-info/METADATA", &a), ("S/a-2.dist-info/METADATA", &b)]).found.len(), 2);
}

#[test]
fn copies_with_and_without_metadata() {
    let reading = reading(&[
        ("S/setuptools-70.dist-info/METADATA", &metadata("setuptools", "70", "")),
        ("S/setuptools/_vendor/more_itertools-10.3.0.dist-info/METADATA", &metadata("more-itertools", "10.3.0", "")),
        ("S/pip-24.dist-info/METADATA", &metadata("pip", "24", "")),
        ("S/pip-24.dist-info/RECORD", "pip/_vendor/vendor.txt,,\n"),
        (
            "S/pip/_vendor/vendor.txt",
            "# no\nrich==13.7.1\n    pygments==2.17.2 # x\nsix==1.16.0\ngone==1\nsetuptools==69.5.1\nodd\n==1\n-e x==1\n",
        ),
        ("S/pip/_vendor/rich/__init__.py", ""),
        ("S/pip/_vendor/pygments/__init__.py", ""),
        ("S/pip/_vendor/six.py", ""),
        ("S/pip/_vendor/pkg_resources/__init__.py", ""),
    ]);
    assert_eq!(
        copies(&reading),
        [
            "more-itertools 10.3.0 in setuptools",
            "pygments 2.17.2 in pip",
            "rich 13.7.1 in pip",
            "setuptools 69.5.1 in pip",
            "six 1.16.0 in pip"
        ]
    );
    insta::assert_snapshot!(facts(&reading, "six"), @"pkg:pypi/six@1.16.0 |  = - | - | - | - | needs  | owns [File(/usr/local/lib/python3.12/site-packages/pip/_vendor/six.py)] | embedded");
}

#[test]
fn files_without_a_record() {
    let a = metadata("a", "1", "");
    let eggs = reading(&[
        ("S/a-1.egg-info/PKG-INFO", &a),
        ("S/a-1.egg-info/top_level.txt", "a\n_a\n../x\nmissing\n"),
        ("S/a-1.egg-info/requires.txt", "b\n\n[x]\nc\n"),
        ("S/a/__init__.py", ""),
        ("S/_a.py", ""),
        ("S/b-1.egg-info", &metadata("b", "1", "")),
        ("S/c-1.egg-info", &metadata("c", "1", "")),
    ]);
    insta::assert_snapshot!(facts(&eggs, "a"), @"pkg:pypi/a@1 |  = - | - | - | - | needs b | owns [Folder(/usr/local/lib/python3.12/site-packages/a-1.egg-info), Folder(/usr/local/lib/python3.12/site-packages/a), File(/usr/local/lib/python3.12/site-packages/_a.py)] | installed");
    let listed = reading(&[
        ("S/a-1.egg-info/PKG-INFO", &a),
        ("S/a-1.egg-info/installed-files.txt", "../a/__init__.py\nPKG-INFO\n../../../../bin/a\n"),
    ]);
    insta::assert_snapshot!(facts(&listed, "a"), @"pkg:pypi/a@1 |  = - | - | - | - | needs  | owns [Folder(/usr/local/lib/python3.12/site-packages/a-1.egg-info), File(/usr/local/lib/python3.12/site-packages/a/__init__.py), File(/usr/local/lib/python3.12/site-packages/a-1.egg-info/PKG-INFO), File(/usr/local/bin/a)] | installed");
}

#[test]
fn debian_sees_its_two_folders_together() {
    let a = metadata("a", "1", "Requires-Dist: b; python_version < '3.8'\nRequires-Dist: c; python_version >= '3.8'");
    let files: &[(&str, &[u8])] = &[
        ("usr/bin/python3", b"-> python3.11"),
        ("usr/bin/python3.11", b""),
        ("usr/lib/python3/dist-packages/a-1.egg-info", a.as_bytes()),
        ("usr/lib/python3/dist-packages/b-1.egg-info", b"Name: b\nVersion: 1\n"),
        ("usr/local/lib/python3.11/dist-packages/c-1.dist-info/METADATA", b"Name: c\nVersion: 1\n"),
        ("opt/v/lib/python3.11/site-packages/d-1.dist-info/METADATA", b"Name: d\nVersion: 1\nRequires-Dist: b\n"),
    ];
    let ours: Vec<String> = edges(&read(&READER, files), |p| p.name.clone()).into_iter().collect();
    assert_eq!(ours, ["a -> c"]);
}

#[test]
fn hostile_metadata() {
    let bad = |text: &str| summary(&reading(&[("S/a-1.dist-info/METADATA", text)])).replace(SITE, "S");
    assert_eq!(bad(""), "? bad-record: metadata with no valid `Name` in /S/a-1.dist-info/METADATA");
    assert_eq!(
        bad("Name: a\nVersion: \x1b[2J\n"),
        "? bad-record: metadata with no valid `Version` in /S/a-1.dist-info/METADATA"
    );
    assert_eq!(
        bad("Name: b\nVersion: 2\n"),
        "pkg:pypi/b@2 (/S/a-1.dist-info/METADATA)\n\
         ? bad-record: the folder is named for another version or name than `b 2` in /S/a-1.dist-info/METADATA"
    );
    assert!(bad(&" ".repeat((4 << 20) + 1)).starts_with("? limit: metadata of 4194305 bytes"));
    let lines = "x\n".repeat(1_000_001);
    let a = metadata("a", "1", "");
    let many = reading(&[("S/a-1.dist-info/METADATA", &a), ("S/a-1.dist-info/RECORD", &lines)]);
    assert_eq!(many.unknowns[0].kind, model::UnknownKind::Limit);
    let odd = [0xff, 0, b'\n', b':', b'\n', b'N', b'a', b'm', b'e', b':', 0xfe];
    let files: &[(&str, &[u8])] = &[
        ("site-packages/a.egg-info", &odd),
        ("site-packages/x.egg-link", &odd),
        ("site-packages/p/_vendor/vendor.txt", &odd),
        ("site-packages/a.dist-info/RECORD", &odd),
    ];
    assert_eq!(read(&READER, files).unknowns.len(), 1);
}

#[test]
fn extras_that_ask_for_each_other_end() {
    let a = metadata("a", "1", "Requires-Dist: b[x]\nRequires-Dist: b[y]; extra=='p'\nRequires-Dist: a[p]; extra=='q'");
    let b = metadata("b", "1", "Requires-Dist: a[q]; extra=='x'\nRequires-Dist: c; extra=='y'");
    let reading = reading(&[
        ("S/a-1.dist-info/METADATA", &a),
        ("S/b-1.dist-info/METADATA", &b),
        ("S/c-1.dist-info/METADATA", &metadata("c", "1", "")),
    ]);
    let ours: Vec<String> = edges(&reading, |p| p.name.clone()).into_iter().collect();
    assert_eq!(ours, ["a -> b", "b -> a", "b -> c"]);
}
