use super::super::trees::{self, copies, difference, edges, facts, lines, listing};
use super::READER;
use crate::keep::{Candidate, Want};
use crate::testing::{read, read_layers, summary};
use model::TreePath;

/// What is read in these files.
fn check(files: &[(&str, &str)], expected: &str) {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    assert_eq!(summary(&read(&READER, &files)), expected);
}

#[test]
fn an_application_as_npm_installed_it() {
    let reading = trees::read(&READER, include_bytes!("../../../../../testdata/npm/app.tar.gz"));
    assert_eq!(reading.unknowns, []);
    let theirs = lines(include_str!("../../../../../testdata/npm/app.txt"));
    // npm lists no root and no copies; everything else is equal.
    insta::assert_snapshot!(difference(&listing(&reading), &theirs).join("\n"), @r"
    + @babel/runtime 7.22.5
    + @edge-runtime/cookies 4.1.1
    + @edge-runtime/ponyfill 2.4.2
    + @edge-runtime/primitives 4.1.0
    + @vercel/og 0.6.2
    + react-is 18.2.0
    + react-refresh 0.12.0
    + regenerator-runtime 0.13.4
    + server-only 0.0.1
    + shop-front 1.4.2
    ");
    assert_eq!(copies(&reading).len(), 10, "the nine above, and client-only that is installed as well");
    let theirs = lines(include_str!("../../../../../testdata/npm/app-edges.txt"));
    let ours = edges(&reading, |p| format!("{} {}", p.name, p.version));
    assert_eq!(difference(&ours, &theirs), [""; 0]);
}

#[test]
fn an_application_as_pnpm_linked_it() {
    let reading = trees::read(&READER, include_bytes!("../../../../../testdata/npm/pnpm.tar.gz"));
    assert_eq!(reading.unknowns, []);
    let theirs = lines(include_str!("../../../../../testdata/npm/pnpm.txt"));
    assert_eq!(difference(&listing(&reading), &theirs), ["+ api 0.1.0"]);
    assert_eq!(reading.found.len(), theirs.len() + 1, "links say nothing twice");
    insta::assert_snapshot!(facts(&reading, "@testing-library/react"), @"pkg:npm/%40testing-library/react@16.0.1 | MIT = MIT | Kent C. Dodds <me@kentcdodds.com> | https://github.com/testing-library/react-testing-library#readme | Simple and complete React DOM testing utilities that encourage good testing practices. | needs @babel/runtime, @testing-library/dom, react-dom, react | owns [Folder(/app/node_modules/.pnpm/@testing-library+react@16.0.1_@testing-library+dom@10.4.0_react-dom@18.3.1_react@18.3.1__react@18.3.1/node_modules/@testing-library/react)] | installed");
    insta::assert_snapshot!(facts(&reading, "api"), @"pkg:npm/api@0.1.0 |  = - | - | - | - | needs @babel/core, @testing-library/dom, @testing-library/react, chalk, debug, express, react-dom, react | owns [File(/app/package.json)] | embedded");
}

#[test]
fn npm_and_pnpm_with_what_they_bundle() {
    let reading = trees::read(&READER, include_bytes!("../../../../../testdata/npm/global.tar.gz"));
    assert_eq!(reading.unknowns, []);
    let theirs = lines(include_str!("../../../../../testdata/npm/global.txt"));
    let difference = difference(&listing(&reading), &theirs);
    // npm lists aliases by their alias.
    let aliases: Vec<&String> = difference.iter().filter(|line| line.starts_with('-')).collect();
    assert_eq!(aliases, ["- string-width-cjs 4.2.3", "- strip-ansi-cjs 6.0.1", "- wrap-ansi-cjs 7.0.0"]);
    // What pnpm copied into its `dist` npm does not see.
    let copies = copies(&reading);
    assert!(
        difference
            .iter()
            .filter_map(|line| line.strip_prefix("+ "))
            .all(|line| { copies.contains(&format!("{line} in pnpm")) || line == "wrap-ansi 7.0.0" })
    );
    assert_eq!(copies.len() + 2, reading.found.len(), "all but npm and pnpm are bundled");
}

#[test]
fn what_counts_is_where_it_lies() {
    let package = r#"{"name":"a","version":"1.0.0"}"#;
    check(&[("app/node_modules/a/package.json", package)], "pkg:npm/a@1.0.0 (/app/node_modules/a/package.json)");
    check(&[("srv/a/package.json", package)], "");
    check(&[("srv/a/package.json", package), ("srv/a/yarn.lock", "")], "pkg:npm/a@1.0.0 (/srv/a/package.json)");
    check(&[("opt/a-v1.0.0/package.json", package)], "pkg:npm/a@1.0.0 (/opt/a-v1.0.0/package.json)");
    check(&[("opt/a-1.0.1/package.json", package)], "");
    check(
        &[("srv/ws/a/package.json", package), ("srv/node_modules/a", "-> ../ws/a")],
        "pkg:npm/a@1.0.0 (/srv/ws/a/package.json)",
    );
    check(&[("srv/test/fixtures/node_modules/a/package.json", package)], "");
    check(&[("usr/share/nodejs/a/package.json", package)], "pkg:npm/a@1.0.0 (/usr/share/nodejs/a/package.json)");
    check(&[("app/node_modules/.cache/a/package.json", package)], "");
}

#[test]
fn a_version_that_is_none_hides_no_package() {
    let odd = r#"{"name":"lodash","version":"4.0.0\nX: y"}"#;
    check(
        &[("app/node_modules/lodash/package.json", odd)],
        "pkg:npm/lodash (/app/node_modules/lodash/package.json)\n\
         ? bad-record: a package with no valid `version` in /app/node_modules/lodash/package.json",
    );
    check(&[("srv/a/package.json", odd), ("srv/a/yarn.lock", "")], "");
}

#[test]
fn an_application_needs_no_version() {
    check(&[("srv/package.json", r#"{"name":"app","private":true}"#), ("srv/yarn.lock", "")], "");
    check(
        &[("srv/package.json", "{"), ("srv/yarn.lock", "")],
        "? bad-record: no JSON: EOF while parsing an object in /srv/package.json at byte 0",
    );
    check(&[("srv/package.json", "{")], "");
}

#[test]
fn copies_need_an_owner_a_name_and_a_version() {
    let owner = ("n/node_modules/o/package.json", r#"{"name":"o","version":"2.0.0"}"#);
    let copy = |path: &str, text: &str| {
        let path = format!("n/node_modules/o/{path}/package.json");
        let files = [(owner.0, owner.1.as_bytes()), (path.as_str(), text.as_bytes())];
        copies(&read(&READER, &files)).join(" ")
    };
    let package = r#"{"name":"c","version":"1.0.0"}"#;
    assert_eq!(copy("dist/compiled/c", package), "c 1.0.0 in o");
    assert_eq!(copy("vendor/node_modules/c", package), "c 1.0.0 in o");
    assert_eq!(copy("dist/@s/c", r#"{"name":"@s/c","version":"1"}"#), "@s/c 1 in o");
    assert_eq!(copy("dist/compiled/c", r#"{"name":"c"}"#), "");
    assert_eq!(copy("dist/compiled/d", package), "");
    assert_eq!(copy("c", package), "");
    assert_eq!(copy("dist/c", r#"{"name":"c","version":"1","private":true}"#), "");
    assert_eq!(copy("test/fixtures/c", package), "");
    assert_eq!(copy("test/node_modules/c", package), "");
    assert_eq!(copy("templates/app/c", package), "");
    check(&[("n/node_modules/o/dist/compiled/c/package.json", package)], "");
}

#[test]
fn markers_are_no_packages() {
    check(&[("n/node_modules/a/package.json", r#"{"type":"module"}"#)], "");
    check(&[("n/node_modules/a/esm/package.json", r#"{"type":"module"}"#)], "");
    check(&[("n/node_modules/a/esm/package.json", "no JSON")], "");
}

#[test]
fn facts_of_a_manifest() {
    let reading = read(
        &READER,
        &[
            (
                "n/node_modules/@s/a/package.json",
                br#"{"name":"@s/a","version":" 1.0.0+x ","licenses":[{"type":"MIT","url":"u"},"Apache-2.0"],
                "author":{"name":"Q","email":"q@r.s"},"homepage":"https://a.b","description":"one\n two","name":"@s/a",
                "dependencies":{"b":"^1","c":"1"},"peerDependencies":{"d":"*"},"optionalDependencies":{"x":"1"},
                "devDependencies":{"e":"1"}}"#,
            ),
            (
                "n/node_modules/b/package.json",
                br#"{"name":"b","version":"9","license":"SEE LICENSE IN x","author":"Z <z@z.z> (http://z)"}"#,
            ),
            ("n/node_modules/@s/a/node_modules/b/package.json", br#"{"name":"b","version":"1","license":"mit"}"#),
            ("n/node_modules/c/package.json", br#"{"name":"really-c","version":"1"}"#),
            ("node_modules/d/package.json", br#"{"name":"d","version":"1"}"#),
            ("n/node_modules/e/package.json", br#"{"name":"e","version":"1","maintainers":[7,{"name":"M"}]}"#),
        ],
    );
    insta::assert_snapshot!(facts(&reading, "@s/a"), @"pkg:npm/%40s/a@1.0.0%2Bx | MIT; Apache-2.0 = MIT OR Apache-2.0 | Q <q@r.s> | https://a.b | one | needs b, really-c, d | owns [Folder(/n/node_modules/@s/a)] | installed");
    insta::assert_snapshot!(facts(&reading, "e"), @"pkg:npm/e@1 |  = - | M | - | - | needs  | owns [Folder(/n/node_modules/e)] | installed");
    let ours = edges(&reading, |p| format!("{}@{}", p.name, p.version));
    assert!(ours.contains("@s/a@1.0.0+x -> b@1"), "{ours:?}");
}

#[test]
fn bundles_follow_what_the_bundled_need() {
    let reading = read(
        &READER,
        &[
            (
                "node_modules/o/package.json",
                br#"{"name":"o","version":"1","bundleDependencies":["a"],"dependencies":{"a":"1","z":"1"}}"#,
            ),
            (
                "node_modules/o/node_modules/a/package.json",
                br#"{"name":"a","version":"1","dependencies":{"b":"1","out":"1"}}"#,
            ),
            ("node_modules/o/node_modules/b/package.json", br#"{"name":"b","version":"1"}"#),
            ("node_modules/o/node_modules/z/package.json", br#"{"name":"z","version":"1"}"#),
            ("node_modules/out/package.json", br#"{"name":"out","version":"1"}"#),
        ],
    );
    assert_eq!(copies(&reading), ["a 1 in o", "b 1 in o"]);
}

#[test]
fn links_of_all_kinds() {
    let a = r#"{"name":"a","version":"1","dependencies":{"b":"1"}}"#;
    let b = br#"{"name":"b","version":"1"}"#;
    let files: &[(&str, &[u8])] = &[
        ("deps/node_modules/b/package.json", b),
        ("app/node_modules", b"-> ../deps/node_modules"),
        ("app/package.json", a.as_bytes()),
        ("loop/node_modules/x", b"-> x"),
        ("loop/node_modules/y", b"-> /nowhere"),
    ];
    let ours = edges(&read(&READER, files), |p| p.name.clone());
    assert_eq!(ours.into_iter().collect::<Vec<_>>(), ["a -> b"]);
}

#[test]
fn workspaces_as_npm_links_them() {
    let files: &[(&str, &[u8])] = &[
        ("srv/package.json", br#"{"name":"root-ws","version":"1.0.0","dependencies":{"ms":"2.1.3"}}"#),
        (
            "srv/packages/one/package.json",
            br#"{"name":"@ws/one","version":"0.1.0","dependencies":{"ms":"2.0.0","@ws/two":"*"}}"#,
        ),
        ("srv/packages/two/package.json", br#"{"name":"@ws/two","version":"0.2.0","dependencies":{"ms":"2"}}"#),
        ("srv/packages/three/package.json", br#"{"name":"@ws/three","version":"0.3.0"}"#),
        ("srv/packages/one/node_modules/ms/package.json", br#"{"name":"ms","version":"2.0.0"}"#),
        ("srv/node_modules/ms/package.json", br#"{"name":"ms","version":"2.1.3"}"#),
        ("srv/node_modules/@ws/one", b"-> ../../packages/one"),
        ("srv/node_modules/@ws/two", b"-> ../../packages/two"),
    ];
    let reading = read(&READER, files);
    let ours: Vec<String> = edges(&reading, |p| format!("{}@{}", p.name, p.version)).into_iter().collect();
    insta::assert_snapshot!(ours.join("\n"), @r"
    @ws/one@0.1.0 -> @ws/two@0.2.0
    @ws/one@0.1.0 -> ms@2.0.0
    @ws/two@0.2.0 -> ms@2.1.3
    root-ws@1.0.0 -> ms@2.1.3
    ");
    assert_eq!(reading.found.len(), 5, "three is linked from nowhere");
}

#[test]
fn yarns_store_is_found_through_its_links() {
    let files: &[(&str, &[u8])] = &[
        ("y/package.json", br#"{"name":"y","version":"1.0.0","dependencies":{"debug":"4.3.6"}}"#),
        ("y/node_modules/debug", b"-> .store/debug-virtual-33c7cf2f5d/package"),
        (
            "y/node_modules/.store/debug-virtual-33c7cf2f5d/package/package.json",
            br#"{"name":"debug","version":"4.3.6","dependencies":{"ms":"2.1.2"}}"#,
        ),
        ("y/node_modules/.store/debug-virtual-33c7cf2f5d/node_modules/debug", b"-> ../package"),
        ("y/node_modules/.store/debug-virtual-33c7cf2f5d/node_modules/ms", b"-> ../../ms-npm-2.1.2-ec0c1512ff/package"),
        ("y/node_modules/.store/ms-npm-2.1.2-ec0c1512ff/package/package.json", br#"{"name":"ms","version":"2.1.2"}"#),
    ];
    let reading = read(&READER, files);
    let ours: Vec<String> = edges(&reading, |p| p.name.clone()).into_iter().collect();
    assert_eq!((ours, reading.found.len()), (vec!["debug -> ms".to_owned(), "y -> debug".to_owned()], 3));
}

#[test]
fn what_a_later_layer_brings_counts() {
    let one: &[(&str, &[u8])] = &[("node_modules/a/package.json", br#"{"name":"a","version":"1"}"#)];
    let two: &[(&str, &[u8])] = &[("node_modules/a/package.json", br#"{"name":"a","version":"2"}"#)];
    let reading = read_layers(&READER, &[one, two]);
    assert_eq!((listing(&reading).len(), reading.found[0].package.proof().layer), (1, 1));
}

#[test]
fn hostile_manifests() {
    let at = "node_modules/a/package.json";
    let bad = |text: &[u8]| summary(&read(&READER, &[(at, text)]));
    assert_eq!(bad(b""), "? bad-record: no JSON: EOF while parsing a value in /node_modules/a/package.json at byte 0");
    assert_eq!(
        bad(br#"{"name":"a","version":"1"#),
        "? bad-record: no JSON: EOF while parsing a string in /node_modules/a/package.json at byte 23"
    );
    for (text, why) in [
        (r#"{"name":"a"}"#, "version"),
        (r#"{"version":"1"}"#, "name"),
        (r#"{"name":"a\nb","version":"1"}"#, "name"),
        (r#"{"name":"../../etc","version":"1"}"#, "name"),
        (r#"{"name":"@/a","version":"1"}"#, "name"),
        (r#"{"name":"@s/a/b","version":"1"}"#, "name"),
    ] {
        let expected = format!("? bad-record: a package with no valid `{why}` in /node_modules/a/package.json");
        assert_eq!(bad(text.as_bytes()), expected, "{text}");
    }
    // The gap is told, and the package listed all the same.
    for text in [r#"{"name":"a","version":"1\u001b[2J"}"#, r#"{"name":"a","version":1}"#] {
        let expected = "pkg:npm/a (/node_modules/a/package.json)\n\
                        ? bad-record: a package with no valid `version` in /node_modules/a/package.json";
        assert_eq!(bad(text.as_bytes()), expected, "{text}");
    }
    let odd =
        br#"{"name":"a","version":"1","license":[[[]]],"author":9,"dependencies":[1],"bundleDependencies":{"x":1}}"#;
    assert_eq!(bad(odd), "pkg:npm/a@1 (/node_modules/a/package.json)");
    assert!(bad(&[b"{\"name\":".as_slice(), &b"[".repeat(1 << 20)].concat()).contains("recursion limit exceeded"));
    assert!(bad(&vec![b' '; (4 << 20) + 1]).contains("limit: a package.json of 4194305 bytes"));
}

/// An archive of one member.
fn zipped(member: &str, text: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(member, zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn an_application_as_yarn_plugged_it() {
    let reading = trees::read(&READER, include_bytes!("../../../../../testdata/npm/pnp.tar.gz"));
    assert_eq!(reading.unknowns, []);
    // `yarn info --all --recursive`
    let theirs = "ansi-styles 4.3.0\nchalk 4.1.2\ncolor-convert 2.0.1\ncolor-name 1.1.4\ndebug 4.3.6\nhas-flag 4.0.0\nms 2.1.2\n\
                  supports-color 7.2.0\ny 1.0.0";
    assert_eq!(difference(&listing(&reading), &lines(theirs)), [""; 0]);
    let ours: Vec<String> = edges(&reading, |p| p.name.clone()).into_iter().collect();
    insta::assert_snapshot!(ours.join("\n"), @r"
    ansi-styles -> color-convert
    chalk -> ansi-styles
    chalk -> supports-color
    color-convert -> color-name
    debug -> ms
    supports-color -> has-flag
    y -> chalk
    y -> debug
    ");
    insta::assert_snapshot!(facts(&reading, "chalk"), @"pkg:npm/chalk@4.1.2 | MIT = MIT | - | - | Terminal string styling done right | needs ansi-styles, supports-color | owns [File(/srv/.yarn/cache/chalk-npm-4.1.2-ba8b67ab80-4a3fef5cc3.zip)] | installed");
    let proof = reading.found.iter().find(|f| f.package.name == "chalk").unwrap().package.proof().clone();
    assert_eq!(proof.member.as_deref(), Some("node_modules/chalk/package.json"));
}

#[test]
fn archives_count_only_where_a_loader_names_them() {
    let a = zipped("node_modules/a/package.json", r#"{"name":"a","version":"1"}"#);
    let loader = b"\"packageLocation\": \"./.yarn/cache/a-npm-1-x.zip/node_modules/a/\"".as_slice();
    let at = "app/.yarn/cache/a-npm-1-x.zip";
    let check = |files: &[(&str, &[u8])], expected: &str| assert_eq!(summary(&read(&READER, files)), expected);
    check(&[(at, &a)], "");
    check(&[(at, &a), ("app/.pnp.cjs", loader)], "pkg:npm/a@1 (/app/.yarn/cache/a-npm-1-x.zip)");
    check(
        &[("app/.pnp.cjs", loader)],
        "? bad-record: yarn's Plug'n'Play names 1 archives that are not here or make no sense",
    );
    for broken in [&a[..a.len() - 30], &a[..60], b"PK\x03\x04"] {
        let reading = read(&READER, &[(at, broken), ("app/.pnp.cjs", loader)]);
        assert_eq!((reading.found.len(), reading.unknowns.len()), (0, 2), "{}", broken.len());
    }
    let large = zipped("node_modules/a/package.json", &" ".repeat((4 << 20) + 1));
    assert!(summary(&read(&READER, &[(at, &large)])).contains("more bytes than `manifest bytes`"));
    let other = zipped("node_modules/a/dist/package.json", r#"{"name":"a","version":"1"}"#);
    check(&[(at, &other)], "");
}

#[test]
fn only_manifests_are_kept() {
    let wants = |path: &str, size| {
        let path = TreePath::clean(path.as_bytes()).unwrap();
        (READER.wants)(&Candidate { path: &path, name: path.file_name(), size, mode: 0, head: b"" })
    };
    assert_eq!(wants("a/package.json", 10), Want::Whole);
    assert_eq!(wants("a/package.json", 5 << 20), Want::Nothing);
    assert_eq!(wants("a/package-lock.json", 10), Want::Nothing);
    assert_eq!(wants("a/.pnp.cjs", 10), Want::Whole);
    assert_eq!(wants("a/.pnp.cjs", 17 << 20), Want::Nothing);
    assert_eq!(wants("a/cache/a-npm-1.zip", 10), Want::Nothing, "it does not start like an archive");
}

/// A store that lies before the application in the archive, as `pnpm install` without a cache mount leaves it.
#[test]
fn manifests_that_are_hard_links_into_pnpm_s_store() {
    let stored = format!("root/.local/share/pnpm/store/v10/files/ab/{}", "0123456789abcdef".repeat(8).split_at(126).0);
    check(
        &[
            (&stored, r#"{"name":"left-pad","version":"1.3.0"}"#),
            ("srv/node_modules/.pnpm/left-pad@1.3.0/node_modules/left-pad/package.json", &format!("=> {stored}")),
        ],
        "pkg:npm/left-pad@1.3.0 (/srv/node_modules/.pnpm/left-pad@1.3.0/node_modules/left-pad/package.json)",
    );
    check(&[(&stored, r#"{"name":"left-pad","version":"1.3.0"}"#)], "");
}
