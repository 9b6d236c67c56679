use super::super::trees::{difference, edges, facts, lines, listing};
use super::READER;
use crate::testing::{read, summary};

const AT: &str = "app/vendor/composer/installed.json";

/// What is read in one database.
fn check(text: &str, expected: &str) {
    let summary = summary(&read(&READER, &[(AT, text.as_bytes())]));
    assert_eq!(summary.replace(" (/app/vendor/composer/installed.json)", ""), expected, "{text}");
}

#[test]
fn packages_as_composer_installed_them() {
    let text = include_bytes!("../../../../../testdata/composer/installed.json");
    let reading = read(&READER, &[(AT, text)]);
    assert_eq!(reading.unknowns, []);
    // `composer show`
    let theirs =
        "harbour/log 3.0.0\nharbour/mailer 1.0.0-RC2\nharbour/monolog v2.9.1\nharbour/pack 1.1.0\nharbour/unit 9.5.0";
    assert_eq!(difference(&listing(&reading), &lines(theirs)), [""; 0]);
    insta::assert_snapshot!(facts(&reading, "harbour/log"), @"pkg:composer/harbour/log@3.0.0 | MIT = MIT | Jo <jo@example.org> | https://example.org/log | Log contract | needs  | owns [File(/app/vendor/composer/installed.json), Folder(/app/vendor/harbour/log)] | installed");
    insta::assert_snapshot!(facts(&reading, "harbour/monolog"), @"pkg:composer/harbour/monolog@v2.9.1 | MIT; GPL-3.0-or-later = MIT OR GPL-3.0-or-later | - | - | - | needs harbour/log | owns [File(/app/vendor/composer/installed.json), Folder(/app/vendor/harbour/monolog)] | installed");
    insta::assert_snapshot!(facts(&reading, "harbour/pack"), @"pkg:composer/harbour/pack@1.1.0 |  = - | - | - | - | needs harbour/mailer, harbour/monolog | owns [File(/app/vendor/composer/installed.json)] | installed");
    let ours = edges(&reading, |p| p.name.clone()).into_iter().collect::<Vec<_>>();
    insta::assert_snapshot!(ours.join("\n"), @r"
    harbour/mailer -> harbour/monolog
    harbour/monolog -> harbour/log
    harbour/pack -> harbour/mailer
    harbour/pack -> harbour/monolog
    ");
}

#[test]
fn both_shapes() {
    let list =
        r#"[{"name":"a/b","version":"v1.0"},{"name":"A/C","version":"dev-main","require":{"a/B":"*","php":"*"}}]"#;
    let both = "pkg:composer/a/b@v1.0\npkg:composer/a/c@dev-main";
    check(list, both);
    check(&format!(r#"{{"dev":true,"packages":{list},"dev-package-names":["a/b"]}}"#), both);
    check(&format!("\u{feff}{list}"), both);
    check("[]", "");
    check(r#"{"packages":[]}"#, "");
    let reading = read(&READER, &[(AT, list.as_bytes())]);
    assert_eq!(edges(&reading, |p| p.name.clone()).into_iter().collect::<Vec<_>>(), ["A/C -> a/b"]);
    insta::assert_snapshot!(format!("{:?}", reading.found[0].owns), @"[File(/app/vendor/composer/installed.json), Folder(/app/vendor/a/b)]");
}

#[test]
fn folders_cannot_reach_out_or_take_the_database() {
    let owns = |path: &str| {
        let text = format!(r#"[{{"name":"a/b","version":"1","install-path":{path}}}]"#);
        read(&READER, &[(AT, text.as_bytes())]).found[0].owns.len()
    };
    assert_eq!(owns(r#""../a/b""#), 2);
    assert_eq!(owns("null"), 1);
    assert_eq!(owns(r#""../../../../../..""#), 1);
    assert_eq!(owns(r#""../..""#), 1);
    assert_eq!(owns(r#""./""#), 1);
}

#[test]
fn looks_like_a_database_and_is_none() {
    let text = br#"[{"name":"a/b","version":"1"}]"#;
    for path in ["app/installed.json", "app/vendor/installed.json", "c/tests/Fixtures/composer/installed.json"] {
        assert_eq!(summary(&read(&READER, &[(path, text)])), "", "{path}");
    }
}

#[test]
fn hostile_databases() {
    let whole = |text: &str, why: &str, byte: usize| {
        check(text, &format!("? package-database: no list of packages: {why} in /{AT} at byte {byte}"));
    };
    whole("", "EOF while parsing a value", 0);
    whole("7", "invalid type: integer `7`, expected a list of packages or an object with one", 0);
    whole("{}", "missing `packages`", 1);
    whole(r#"{"packages":{}}"#, "invalid type: map, expected a list of packages or an object with one", 11);
    whole(r#"[{"name":"a/b","#, "EOF while parsing a value", 14);
    let record = |text: &str, why: &str| check(text, &format!("? bad-record: {why} in /{AT}"));
    record(r#"[{"name":"a","version":"1"}]"#, "a package with no valid `name`");
    record(r#"[{"name":"../../b","version":"1"}]"#, "a package with no valid `name`");
    record(r#"[{"name":"a/b"}]"#, "`a/b` with no valid `version`");
    record(r#"[{"name":"a/b","version":"1\n2"}]"#, "`a/b` with no valid `version`");
    record("[[[]]]", "a package that is no object");
    record("[\"x\"]", "a package that is no object");
    check(
        r#"[{"name":"a/b","version":"1","license":7,"authors":{},"require":[],"provide":"x","install-path":[]}]"#,
        "pkg:composer/a/b@1",
    );
    let bad = format!("[{}0]", "0,".repeat(100_000));
    assert_eq!(read(&READER, &[(AT, bad.as_bytes())]).unknowns.len(), 100);
    let many = format!("[{}0]", r#"{"name":"a/b","version":"1"},"#.repeat(50_001));
    let many = read(&READER, &[(AT, many.as_bytes())]);
    assert_eq!((many.found.len(), many.unknowns.len()), (50_000, 2));
    assert!(many.unknowns[1].kind.blocks());
    let deep = format!("[{}", "[".repeat(1 << 20));
    assert!(summary(&read(&READER, &[(AT, deep.as_bytes())])).contains("EOF while parsing"));
    let large = vec![b' '; (16 << 20) + 1];
    assert!(summary(&read(&READER, &[(AT, &large)])).starts_with("? limit: a database of 16777217 bytes"));
}
