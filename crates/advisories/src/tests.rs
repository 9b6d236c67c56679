//! The whole way: feeds to a segment, a delta over it, and questions to both.

use crate::enrichment::{Enrichment, Rows};
use crate::feeds::{debian, enrich, osv, secdb};
use crate::matching::{Answer, Query, Vulnerability, ask, join, key};
use crate::{Builder, Index, Segment, Without, changes, merged};
use model::{Severity, VersionOrder};
use std::io::Cursor;

fn segment(builder: Builder) -> Vec<u8> {
    let mut bytes = Vec::new();
    builder.write(&mut bytes).unwrap();
    Segment::open(&bytes).unwrap().verify().unwrap();
    bytes
}

fn records(texts: &[&str]) -> Builder {
    let mut builder = Builder::default();
    texts.iter().for_each(|text| osv::record(text.as_bytes(), &mut builder));
    builder
}

/// A record about one package: id, other names, ecosystem, package, events.
fn record(id: &str, names: &str, ecosystem: &str, package: &str, events: &str) -> String {
    let names: Vec<String> = names.split(' ').filter(|n| !n.is_empty()).map(|n| format!("\"{n}\"")).collect();
    let events: Vec<String> = events
        .split(' ')
        .map(|e| {
            let (what, version) = e.split_once('=').unwrap();
            format!("{{\"{what}\":\"{version}\"}}")
        })
        .collect();
    format!(
        "{{\"id\":\"{id}\",\"modified\":\"2024-01-01T00:00:00Z\",\"upstream\":[{}],\"affected\":[{{\"package\":\
         {{\"ecosystem\":\"{ecosystem}\",\"name\":\"{package}\"}},\"ranges\":[{{\"type\":\"ECOSYSTEM\",\"events\":[{}]}}]}}]}}",
        names.join(","),
        events.join(",")
    )
}

fn query<'q>(world: &'q str, name: &'q str, version: &'q str) -> Query<'q> {
    let order = crate::ecosystem::world(world).map_or(VersionOrder::Generic, |w| w.order);
    Query { world, name, version, order, module: "" }
}

fn answer<'s>(index: &Index<'s>, query: &Query<'_>) -> Answer<'s> {
    ask(index, &key(query.world, query.name), query).unwrap()
}

fn found(index: &Index<'_>, world: &str, name: &str, version: &str) -> Vec<Vulnerability> {
    let query = query(world, name, version);
    join(index, &Enrichment::default(), world, query.order, &answer(index, &query).hits).unwrap()
}

fn ids(index: &Index<'_>, world: &str, name: &str, version: &str) -> Vec<String> {
    let all = found(index, world, name, version);
    all.into_iter().map(|v| format!("{} {}", v.id, v.fix.as_deref().unwrap_or("-"))).collect()
}

fn sample(ecosystem: &str) -> Builder {
    let path = format!("{}/../../testdata/advisories/{ecosystem}/all.zip", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let mut builder = Builder::default();
    for part in 0..3 {
        osv::archive(Cursor::new(&bytes), part, 3, &mut builder).unwrap();
    }
    builder
}

const WORLDS: [&str; 8] = ["Alpine", "Debian", "Go", "Maven", "PyPI", "Red Hat", "crates.io", "npm"];

#[test]
fn the_order_in_which_feeds_come_does_not_matter() {
    let all = |worlds: &[&str]| {
        let mut builder = Builder::default();
        worlds.iter().for_each(|w| builder.absorb(sample(w)));
        segment(builder)
    };
    let mut backwards = WORLDS;
    backwards.reverse();
    let bytes = all(&WORLDS);
    assert_eq!(bytes, all(&backwards));
    assert!(Segment::open(&bytes).unwrap().statements() > 600);
    // The same archive twice is one archive.
    let twice: Vec<&str> = WORLDS.iter().chain(&WORLDS).copied().collect();
    assert_eq!(bytes, all(&twice));
}

#[test]
fn a_delta_compacted_is_a_fresh_build_byte_for_byte() {
    let one = record("A-1", "CVE-2024-0001", "PyPI", "flask", "introduced=0 fixed=1.0");
    let changed = record("A-1", "CVE-2024-0001", "PyPI", "flask", "introduced=0 fixed=1.5");
    let two = record("A-2", "CVE-2024-0002", "npm", "left", "introduced=0 fixed=2.0.0");
    let three = record("A-3", "CVE-2024-0003", "npm", "right", "introduced=1.0.0");
    let old = segment(records(&[&one, &two]));
    let fresh = segment(records(&[&changed, &three]));
    let before = Index::new(vec![Segment::open(&old).unwrap()]).unwrap();
    let delta = segment(changes(&before, &Segment::open(&fresh).unwrap()).unwrap());
    assert_eq!(Segment::open(&delta).unwrap().statements(), 2);
    let both = Index::new(vec![Segment::open(&old).unwrap(), Segment::open(&delta).unwrap()]).unwrap();
    assert_eq!(ids(&both, "PyPI", "flask", "1.2"), ["CVE-2024-0001 1.5"]);
    assert_eq!(ids(&both, "npm", "left", "1.0.0"), [""; 0]);
    assert_eq!(ids(&both, "npm", "right", "1.0.0"), ["CVE-2024-0003 -"]);
    assert!(both.named("CVE-2024-0002").unwrap().is_empty());
    assert_eq!(both.named("CVE-2024-0001").unwrap().len(), 1);
    assert_eq!(segment(merged(&both).unwrap()), fresh);
    let without = segment(crate::merged_without(&both, &[Without::all("osv")]).unwrap());
    assert_eq!(Segment::open(&without).unwrap().statements(), 0);
    let same = changes(&both, &Segment::open(&fresh).unwrap()).unwrap();
    assert!(same.is_empty());
}

#[test]
fn one_ecosystem_gives_way_alone() {
    let python = record("A-1", "CVE-2024-0001", "PyPI", "flask", "introduced=0 fixed=1.0");
    let node = record("A-2", "CVE-2024-0002", "npm", "left", "introduced=0 fixed=2.0.0");
    let debian = record("A-3", "CVE-2024-0003", "Debian:12", "zlib", "introduced=0 fixed=1.3");
    let all = segment(records(&[&python, &node, &debian]));
    let index = Index::new(vec![Segment::open(&all).unwrap()]).unwrap();
    let left = |ecosystem: &str, source: &str| {
        let without = Without { source: source.to_owned(), ecosystem: Some(ecosystem.to_owned()) };
        segment(crate::merged_without(&index, &[without]).unwrap())
    };
    assert_eq!(left("PyPI", "osv"), segment(records(&[&node, &debian])));
    assert_eq!(left("Debian", "osv"), segment(records(&[&python, &node])));
    assert_eq!(left("Debian", "debian-tracker"), all);
    assert_eq!(left("Go", "osv"), all);
}

#[test]
fn real_records_survive_compaction() {
    let mut all = Builder::default();
    WORLDS.iter().for_each(|w| all.absorb(sample(w)));
    let fresh = segment(all);
    let first = segment(sample("Debian"));
    let before = Index::new(vec![Segment::open(&first).unwrap()]).unwrap();
    let delta = segment(changes(&before, &Segment::open(&fresh).unwrap()).unwrap());
    let both = Index::new(vec![Segment::open(&first).unwrap(), Segment::open(&delta).unwrap()]).unwrap();
    assert_eq!(segment(merged(&both).unwrap()), fresh);
}

/// Every byte of a small segment, turned over: an error or an answer, never a panic.
#[test]
fn a_damaged_segment_is_an_error_or_an_answer() {
    let one =
        record("DSA-1", "CVE-2024-0001 CVE-2024-0002", "Debian:12", "curl", "introduced=0 fixed=7.88.1-10+deb12u5");
    let two = record("GHSA-1", "", "PyPI", "flask", "introduced=0 last_affected=1.0");
    let bytes = segment(records(&[&one, &two]));
    let mut refused = 0;
    for at in 0..bytes.len() {
        for value in [0, 0x7f, 0xff, bytes[at] ^ 1] {
            let mut damaged = bytes.clone();
            damaged[at] = value;
            refused += u32::from(!survives(&damaged));
        }
        survives(&bytes[..at]);
    }
    assert!(refused > 100, "{refused}");
    assert!(survives(&bytes));
}

fn survives(bytes: &[u8]) -> bool {
    let Ok(segment) = Segment::open(bytes) else { return false };
    let whole = segment.verify().is_ok();
    if let Ok(index) = Index::new(vec![segment, segment]) {
        for (world, name, version) in
            [("Debian:12", "curl", "7.88.1-10"), ("PyPI", "flask", "0.9"), ("npm", "x", "1.0.0")]
        {
            let query = query(world, name, version);
            if let Ok(answer) = ask(&index, &key(world, name), &query) {
                let _ = join(&index, &Enrichment::default(), world, query.order, &answer.hits);
            }
        }
        let _ = (index.named("CVE-2024-0001"), merged(&index).map(|b| b.len()));
    }
    whole
}

#[test]
fn one_vulnerability_however_many_speak_of_it() {
    let dsa = record("DSA-1", "CVE-2024-0001 CVE-2024-0002", "Debian:12", "curl", "introduced=0 fixed=8.0-1");
    let cve = record("DEBIAN-CVE-2024-0001", "CVE-2024-0001", "Debian:12", "curl", "introduced=0 fixed=8.0-2");
    let elsewhere = r#"{"id":"GHSA-x","modified":"2024-01-01T00:00:00Z","aliases":["CVE-2024-0001"],"summary":"bad",
        "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected":[{"package":{"ecosystem":"PyPI","name":"pycurl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}"#;
    let bytes = segment(records(&[&dsa, &cve, elsewhere]));
    let index = Index::new(vec![Segment::open(&bytes).unwrap()]).unwrap();
    assert_eq!(ids(&index, "Debian:12", "curl", "8.0-0"), ["CVE-2024-0001 8.0-2", "CVE-2024-0002 8.0-1"]);
    let all = found(&index, "Debian:12", "curl", "8.0-0");
    assert_eq!(all[0].rating.severity, Some(Severity::Critical));
    assert_eq!(all[0].rating.by, "CVSS 3.1 of GHSA-x");
    assert_eq!(all[0].said.len(), 2);
    assert_eq!((all[0].summary.as_str(), all[1].rating.severity), ("bad", None));
    assert_eq!(all[0].aliases, ["DEBIAN-CVE-2024-0001", "DSA-1", "GHSA-x"]);
}

#[test]
fn the_distributions_own_tracker_has_the_last_word() {
    let osv = [
        record("DEBIAN-CVE-2024-0001", "CVE-2024-0001", "Debian:12", "curl", "introduced=0 fixed=9.0-1"),
        record("DEBIAN-CVE-2024-0002", "CVE-2024-0002", "Debian:12", "curl", "introduced=0"),
        record("DEBIAN-CVE-2024-0003", "CVE-2024-0003", "Debian:12", "curl", "introduced=0"),
        record("DEBIAN-CVE-2024-0004", "CVE-2024-0004", "Debian:12", "curl", "introduced=0"),
    ];
    let mut builder = records(&osv.iter().map(String::as_str).collect::<Vec<_>>());
    let tracker = r#"{"curl":{
        "CVE-2024-0001":{"description":"one","scope":"remote","releases":{"bookworm":{"status":"resolved","repositories":{"bookworm":"7.88.1-10"},"fixed_version":"7.88.1-10","urgency":"low"}}},
        "CVE-2024-0002":{"releases":{"bookworm":{"status":"resolved","fixed_version":"0","urgency":"not yet assigned"}}},
        "CVE-2024-0003":{"releases":{"bookworm":{"status":"open","urgency":"unimportant","nodsa":"Minor issue","nodsa_reason":"postponed"},"zurg":{"status":"open"}}},
        "CVE-2024-0005":{"releases":{"bookworm":{"status":"undetermined","urgency":"not yet assigned"}}}}}"#;
    debian::tracker(tracker.as_bytes(), &mut builder).unwrap();
    assert_eq!(builder.left_out.values().sum::<u64>(), 1);
    let bytes = segment(builder);
    let index = Index::new(vec![Segment::open(&bytes).unwrap()]).unwrap();
    let all = found(&index, "Debian:12", "curl", "7.88.1-10");
    // 1 is fixed in it, 2 never was in it; 3 is open by both; of 4 the tracker says nothing.
    assert_eq!(all.iter().map(|v| v.id.as_str()).collect::<Vec<_>>(), ["CVE-2024-0004", "CVE-2024-0003"]);
    assert_eq!((all[1].note.as_str(), all[1].rating.severity), ("postponed", Some(Severity::Info)));
    let unjudged = answer(&index, &query("Debian:12", "curl", "7.88.1-10")).unjudged;
    assert_eq!(unjudged.len(), 1);
    assert_eq!(unjudged[0].id, "CVE-2024-0005");
    // An older version has the first one, and the tracker's fix counts.
    assert!(ids(&index, "Debian:12", "curl", "7.88.1-9").contains(&"CVE-2024-0001 7.88.1-10".to_owned()));
    assert!(debian::tracker(b"[]", &mut Builder::default()).is_err());
}

#[test]
fn alpines_secdb() {
    let mut secdb = secdb::Secdb::default();
    let text = br#"{"apkurl":"x","archs":["x86_64"],"reponame":"main","distroversion":"v3.20","packages":[
        {"pkg":{"name":"openssl","secfixes":{"3.3.1-r1":["CVE-2024-5535 XSA-1"],"0":["CVE-2020-1"],"3.3.0-r0":null}}},
        {"pkg":{"name":"empty","secfixes":null}}]}"#;
    secdb.add(text, None).unwrap();
    assert!(secdb.add(b"{", None).is_err());
    let mut builder = Builder::default();
    secdb.finish(&mut builder);
    let bytes = segment(builder);
    let index = Index::new(vec![Segment::open(&bytes).unwrap()]).unwrap();
    assert_eq!(ids(&index, "Alpine:v3.20", "openssl", "3.3.1-r0"), ["CVE-2024-5535 3.3.1-r1"]);
    assert_eq!(ids(&index, "Alpine:v3.20", "openssl", "3.3.1-r1"), [""; 0]);
}

#[test]
fn what_cannot_be_judged_is_listed() {
    let odd = record("A-1", "", "npm", "x", "introduced=0 fixed=next");
    let open = record("A-2", "", "npm", "y", "introduced=0");
    let closed = record("A-3", "", "npm", "y", "introduced=0 fixed=1.0.0");
    let bytes = segment(records(&[&odd, &open, &closed]));
    let index = Index::new(vec![Segment::open(&bytes).unwrap()]).unwrap();
    let unjudged = answer(&index, &query("npm", "x", "1.0.0")).unjudged;
    assert_eq!(unjudged[0].why, "`next` in its range is no version of the order npm");
    // An open span holds a version that nobody can read; the rest is said not to be judged.
    let odd = answer(&index, &query("npm", "y", "latest"));
    assert_eq!((odd.hits.len(), odd.hits[0].statement.id), (1, "A-2"));
    assert_eq!(odd.unjudged[0].why, "its version `latest` is none of the order npm");
}

#[test]
fn lists_modules_and_withdrawals() {
    let listed =
        r#"{"id":"MAL-1","affected":[{"package":{"ecosystem":"npm","name":"evil"},"versions":["1.0.0","1.0.1"]}]}"#;
    let gone = r#"{"id":"GHSA-gone","withdrawn":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"evil"},
        "ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#;
    let module = r#"{"id":"RHSA-1","upstream":["CVE-2024-1"],"affected":[{"package":{"ecosystem":"Red Hat:enterprise_linux:9::appstream","name":"nodejs"},
        "ecosystem_specific":{"rpm_modularity":"nodejs:20"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1:20.18.2-1.module"}]}]}]}"#;
    let bytes = segment(records(&[listed, gone, module]));
    let index = Index::new(vec![Segment::open(&bytes).unwrap()]).unwrap();
    assert_eq!(ids(&index, "npm", "evil", "1.0.1"), ["MAL-1 -"]);
    assert_eq!(ids(&index, "npm", "evil", "1.0.2"), [""; 0]);
    let red_hat = |module| Query {
        world: "Red Hat:9",
        name: "nodejs",
        version: "1:20.1.0-1.module",
        order: VersionOrder::Rpm,
        module,
    };
    assert_eq!(answer(&index, &red_hat("nodejs:20:9020240101:1ef")).hits.len(), 1);
    assert_eq!(answer(&index, &red_hat("nodejs:18:9020240101:1ef")).hits.len(), 0);
    assert_eq!(answer(&index, &red_hat("")).hits.len(), 0);
}

#[test]
fn exploited_ones_come_first() {
    let mut rows = Rows::default();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/advisories");
    let kev = enrich::kev(&std::fs::read(format!("{folder}/kev.json")).unwrap(), &mut rows).unwrap();
    let epss = enrich::epss(&std::fs::read_to_string(format!("{folder}/epss.csv")).unwrap(), &mut rows).unwrap();
    assert!(kev >= 5 && epss > 100);
    let first =
        "#model_version:v2025.03.14,score_date:2025-09-01T00:00:00+0000\ncve,epss,percentile\nCVE-2024-0009,0.5,0.9\n";
    enrich::epss(first, &mut rows).unwrap();
    assert!(enrich::epss("cve,score\n", &mut rows).is_err() && enrich::kev(b"{}", &mut rows).is_err());
    let bytes = rows.to_bytes();
    let enrichment = Enrichment::open(&bytes).unwrap();
    assert_eq!(enrichment.get("CVE-2024-0009").unwrap().epss_day.as_deref(), Some("2025-09-01"));
    let one = record("A-1", "CVE-2021-44228", "npm", "x", "introduced=0");
    let two = record("A-2", "CVE-2020-0001", "npm", "x", "introduced=0");
    let built = segment(records(&[&two, &one]));
    let index = Index::new(vec![Segment::open(&built).unwrap()]).unwrap();
    let query = query("npm", "x", "1.0.0");
    let all = join(&index, &enrichment, "npm", query.order, &answer(&index, &query).hits).unwrap();
    assert_eq!(all[0].id, "CVE-2021-44228");
    assert!(all[0].known.as_ref().unwrap().exploited_since.is_some());
}

#[test]
fn manifests() {
    use crate::manifest::{Manifest, Part, Source};
    let sha256 = model::Sha256::of(b"x");
    let manifest = Manifest {
        segments: vec![Part { name: "base-1.seg".into(), size: 7, sha256 }],
        enrichment: None,
        sources: vec![Source {
            name: "osv/Debian".into(),
            asked: "2025-01-01T00:00:00Z".into(),
            newest: "-".into(),
            records: 3,
            origin: "file\twith tab".into(),
            tag: "-".into(),
            sha256,
        }],
    };
    let again = Manifest::parse(&manifest.to_text()).unwrap();
    assert_eq!((again.segments, again.sources.len()), (manifest.segments.clone(), 1));
    let check = |text: &str, line: usize| assert_eq!(Manifest::parse(text).unwrap_err().line, line, "{text}");
    check("", 1);
    check("plimsoll.advisories/2\n", 1);
    check("plimsoll.advisories/1\nsegment\t../x\t1\t00", 2);
    check("plimsoll.advisories/1\nwhat", 2);
}
