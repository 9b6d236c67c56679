use super::*;

#[test]
fn a_record_in_full() {
    let record = read(
        br#"{"schema_version":"1.9.9","id":"X-1","modified":"2024-01-02T03:04:05Z","aliases":["CVE-1"],"upstream":null,
        "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},{"type":"New","score":7}],
        "affected":[{"package":{"ecosystem":"Brand New:1","name":"a\"b","purl":"pkg:x/a"},
        "ranges":[{"type":"ECOSYSTEM","repo":"r","events":[{"introduced":"0"},{"fixed":"1.2"},{"surprise":"9"}]}],
        "versions":["1.0",2,null],"ecosystem_specific":{"urgency":"low","n":1,"deep":{"a":[1]}},
        "database_specific":["no map"]}],"database_specific":{"severity":"HIGH","cwe_ids":["CWE-1"]},"new":{"a":[]}}"#,
    )
    .unwrap();
    assert_eq!((record.id.as_ref(), record.aliases.len(), record.upstream.len()), ("X-1", 1, 0));
    assert_eq!(record.severity[1].score, "");
    let affected = &record.affected[0];
    assert_eq!(affected.package.as_ref().unwrap().name, "a\"b");
    assert_eq!(affected.versions, ["1.0"]);
    assert_eq!(affected.ranges[0].events.len(), 3);
    assert_eq!(affected.ecosystem_specific.get("urgency"), Some("low"));
    assert_eq!(affected.ecosystem_specific.get("n"), None);
    assert_eq!(affected.database_specific, Words::default());
    assert_eq!(record.database_specific.get("severity"), Some("HIGH"));
}

#[test]
fn what_is_no_record_is_said_with_its_place() {
    let check = |text: &str, expected: &str| assert_eq!(read(text.as_bytes()).unwrap_err().to_string(), expected);
    check("", "at line 1, column 0: EOF while parsing a value");
    check("{}", "at line 1, column 2: missing field `id`");
    check("{\"id\":\n1}", "at line 2, column 1: invalid type: integer `1`, expected a string");
    check(
        "{\"id\":\"a\",\"affected\":[{\"package\":{\"name\":\"x\"}}]}",
        "at line 1, column 45: missing field `ecosystem`",
    );
    // A field that nobody reads is passed over without a stack, however deep.
    let deep = format!("{{\"id\":\"a\",\"x\":{}", "[".repeat(100_000));
    check(&deep, "at line 1, column 100014: EOF while parsing a list");
    assert!(matches!(read(&vec![b' '; LONGEST_RECORD + 1]), Err(OsvError::TooLong)));
    assert!(read(b"{\"id\":\"\xff\"}").is_err());
}

/// The scores that the specifications and NVD print beside these vectors.
#[test]
fn scores() {
    let check = |vector: &str, version: &str, expected: f64| {
        let scored = score(vector).unwrap_or_else(|_| panic!("{vector}"));
        assert_eq!((scored.version, scored.score), (version, expected), "{vector}");
    };
    check("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.1", 9.8);
    check("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "3.1", 10.0);
    check("CVSS:3.0/AV:L/AC:H/PR:L/UI:N/S:U/C:N/I:H/A:N", "3.0", 4.7);
    check("AV:N/AC:M/Au:N/C:N/I:P/A:N", "2.0", 4.3);
    check("(AV:N/AC:L/Au:N/C:C/I:C/A:C)", "2.0", 10.0);
    check("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", 9.3);
    check("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "4.0", 10.0);
    for wrong in ["", "low", "CVSS:5.0/AV:N", "CVSS:3.1/AV:N", "CVSS:3.1/AV:X/AC:L"] {
        assert_eq!(score(wrong), Err(ScoreError), "{wrong}");
    }
}
