//! `plimsoll db update` from addresses: what is asked, what is sent again, what a failure leaves.

use crate::fixture::{Run, Sandbox};
use testkit::{Files, Tag};

const FEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/advisories");
const ECOSYSTEMS: [&str; 2] = ["Debian", "PyPI"];

struct Bench {
    sandbox: Sandbox,
    server: Files,
}

impl Bench {
    /// OSV's archives of two ecosystems, and KEV.
    fn new() -> Self {
        let bench = Self { sandbox: Sandbox::new(), server: Files::default() };
        bench.server.put("osv/ecosystems.txt", "Android\nDebian\nDebian:12\nPyPI\n", Tag::None);
        ECOSYSTEMS.iter().for_each(|ecosystem| bench.serve(ecosystem, "1"));
        bench.server.put("kev.json", std::fs::read(format!("{FEEDS}/kev.json")).unwrap(), date("24 Nov"));
        bench
    }

    fn serve(&self, ecosystem: &str, state: &str) {
        let bytes = std::fs::read(format!("{FEEDS}/{ecosystem}/all.zip")).unwrap();
        self.server.put(&format!("osv/{ecosystem}/all.zip"), bytes, Tag::Etag(format!("\"{ecosystem}-{state}\"")));
    }

    fn update(&self, arguments: &str) -> Run {
        let url = self.server.url();
        self.sandbox.run(&format!("db update {}", arguments.replace("URL", &url)))
    }

    fn manifest(&self) -> String {
        self.sandbox.read("../home/advisories/manifest")
    }

    /// The lines of the manifest that name parts: the same if and only if the index is.
    fn parts(&self) -> Vec<String> {
        self.manifest().lines().filter(|line| !line.starts_with("source")).map(str::to_owned).collect()
    }
}

fn date(day: &str) -> Tag {
    Tag::Date(format!("Tue, {day} 2026 10:00:00 GMT"))
}

fn asked(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().filter(|line| !line.ends_with("/v2/")).collect()
}

#[test]
fn an_index_from_addresses_is_the_one_from_files() {
    let bench = Bench::new();
    bench.update("osv=URL/osv kev=URL/kev.json").data(0);
    let from_addresses = bench.parts();
    let local = Sandbox::new();
    local.run(&format!("db update osv={FEEDS} --ecosystem Debian --ecosystem PyPI kev={FEEDS}/kev.json")).data(0);
    let manifest = local.read("../home/advisories/manifest");
    let from_files: Vec<_> = manifest.lines().filter(|line| !line.starts_with("source")).map(str::to_owned).collect();
    assert_eq!(from_addresses, from_files);
    assert!(!bench.sandbox.path("../home/advisories/feeds/osv/Debian.zip").exists());
    let status = bench.sandbox.run("db status").stdout;
    assert!(status.contains("osv/Debian") && status.contains("/osv/PyPI/all.zip"), "{status}");
}

#[test]
fn what_did_not_change_is_not_sent_again() {
    let bench = Bench::new();
    bench.update("osv=URL/osv kev=URL/kev.json").data(0);
    let before = bench.parts();
    bench.server.lines();
    let run = bench.update("");
    assert!(run.stderr.contains("nothing changed since the last time"), "{run}");
    assert_eq!(run.code, 0);
    assert_eq!(bench.parts(), before);
    let seen = bench.server.seen();
    let conditions: Vec<_> =
        seen.iter().map(|s| [s.header("if-none-match"), s.header("if-modified-since")].concat()).collect();
    assert_eq!(conditions, ["Tue, 24 Nov 2026 10:00:00 GMT", "", "\"Debian-1\"", "\"PyPI-1\""]);
    // Only what has another state now is read, and what the others said stays.
    bench.serve("PyPI", "2");
    bench.server.lines();
    let run = bench.update("");
    assert!(run.stderr.contains("statements about"), "{run}");
    assert_eq!(bench.parts(), before);
    assert!(bench.manifest().contains("\"PyPI-2\"") && bench.manifest().contains("\"Debian-1\""));
}

#[test]
fn a_source_that_cannot_be_had_keeps_what_it_said() {
    let bench = Bench::new();
    bench.update("osv=URL/osv kev=URL/kev.json").data(0);
    let before = bench.parts();
    bench.server.remove("osv/PyPI/all.zip");
    bench.server.put("osv/Debian/all.zip", "PK\u{3}\u{4} and then nothing", Tag::Etag("\"broken\"".to_owned()));
    let run = bench.update("");
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("error: `osv/PyPI` stays as it was: there is no feed at"), "{run}");
    assert!(run.stderr.contains("error: `osv/Debian` stays as it was:"), "{run}");
    assert!(run.stderr.contains("it is no readable zip archive"), "{run}");
    assert_eq!(bench.parts(), before);
    assert!(!bench.manifest().contains("broken"));
    // The one that came is asked for the rest of its life by its new state.
    bench.serve("Debian", "3");
    bench.serve("PyPI", "1");
    bench.update("").data(0);
    assert_eq!(bench.parts(), before);
    assert!(bench.manifest().contains("\"Debian-3\""));
}

#[test]
fn ecosystems_one_by_one() {
    let bench = Bench::new();
    bench.update("osv=URL/osv --ecosystem Debian").data(0);
    assert_eq!(asked(bench.server.lines()), ["GET /osv/Debian/all.zip"]);
    assert!(!bench.manifest().contains("osv/PyPI"));
    bench.update("osv=URL/osv --ecosystem PyPI").data(0);
    assert!(bench.manifest().contains("osv/PyPI") && bench.manifest().contains("osv/Debian"));
    let run = bench.update("osv=URL/osv --ecosystem Debian:12");
    assert!(run.code == 2 && run.stderr.contains("named without a release"), "{run}");
    let run = bench.update("osv=URL/none");
    assert!(run.code == 2 && run.stderr.contains("names no ecosystem") && run.stderr.contains("--ecosystem"), "{run}");
}

#[test]
fn alpine_is_asked_release_by_release() {
    let bench = Bench::new();
    let database = |release: &str, fixed: &str| {
        format!(
            r#"{{"distroversion":"{release}","packages":[{{"pkg":{{"name":"zlib","secfixes":{{"{fixed}":["CVE-2022-37434"]}}}}}}]}}"#
        )
    };
    let put = |release: &str, fixed: &str| {
        let (path, tag) = (format!("alpine/{release}/main.json"), Tag::Etag(format!("\"{release}-{fixed}\"")));
        bench.server.put(&path, database(release, fixed), tag);
    };
    put("v3.18", "1.2.12-r2");
    put("v3.20", "1.2.12-r3");
    bench.update("alpine-secdb=URL/alpine").data(0);
    let before = bench.parts();
    let lines = bench.server.lines();
    assert!(lines.contains(&"GET /alpine/edge/main.json".to_owned()), "{lines:?}");
    assert!(lines.contains(&"GET /alpine/v3.18/community.json".to_owned()), "{lines:?}");
    assert_eq!(lines.last().map(String::as_str), Some("GET /alpine/v3.23/main.json"));
    let run = bench.update("");
    assert!(run.stderr.contains("nothing changed"), "{run}");
    put("v3.20", "1.2.13-r0");
    bench.update("").data(0);
    assert_ne!(bench.parts(), before);
    put("v3.20", "1.2.12-r3");
    bench.update("").data(0);
    assert_eq!(bench.parts(), before);
}

#[test]
fn without_the_network_only_files_are_read() {
    let bench = Bench::new();
    let run = bench.update("--offline kev=URL/kev.json");
    assert!(run.code == 2 && run.stderr.contains("must be asked, and `--offline` was given"), "{run}");
    assert!(run.stderr.contains("(give a folder or a file"), "{run}");
    assert!(bench.server.lines().is_empty());
    let gzip = bench.sandbox.run(&format!("db update --offline kev={FEEDS}/kev.json"));
    assert_eq!(gzip.code, 0, "{gzip}");
    let run = bench.update("kev=http://feeds.example/kev.json");
    assert!(run.code == 2 && run.stderr.contains("without TLS"), "{run}");
}

#[test]
fn scores_may_be_gzip() {
    use std::io::Write as _;
    let bench = Bench::new();
    let plain = std::fs::read(format!("{FEEDS}/epss.csv")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&plain).unwrap();
    bench.server.put("epss.csv.gz", packed.finish().unwrap(), Tag::None);
    bench.update("epss=URL/epss.csv.gz").data(0);
    let (packed, epss) = (bench.parts(), format!("epss={FEEDS}/epss.csv"));
    bench.update(&epss).data(0);
    assert_eq!(bench.parts(), packed);
    bench.server.put("epss.csv.gz", [0x1f, 0x8b, 8, 0, 1], Tag::None);
    let run = bench.update("epss=URL/epss.csv.gz");
    assert!(run.code == 2 && run.stderr.contains("damaged gzip"), "{run}");
}
