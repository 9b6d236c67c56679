use super::*;
use crate::registry::testing::FakePace;
use std::sync::Arc;
use testkit::{Files, Tag};

const STATE: &str = "\"one\"";

struct Bench {
    server: Files,
    folder: tempfile::TempDir,
    feeds: Feeds,
}

impl Bench {
    fn new() -> Self {
        let options = RegistryOptions { pace: Arc::new(FakePace::default()), ..RegistryOptions::default() };
        Self { server: Files::default(), folder: tempfile::tempdir().unwrap(), feeds: Feeds::new(&options) }
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("deep/feed.json")
    }

    fn fetch(&self, known: Option<&str>) -> Result<Fetched, TransportError> {
        self.fetch_up_to(known, 1 << 20)
    }

    fn fetch_up_to(&self, known: Option<&str>, limit: u64) -> Result<Fetched, TransportError> {
        let url = format!("{}/feed.json", self.server.url());
        self.feeds.fetch(&Wanted { url: &url, known, place: &self.place(), limit, progress: &|_, _| () })
    }

    /// The names in the folder of the file.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.place().parent().unwrap()).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn new(tag: Option<&str>, size: u64, resumed: u64) -> Fetched {
    Fetched::New { tag: tag.map(str::to_owned), size, resumed }
}

fn etag(text: &str) -> Tag {
    Tag::Etag(text.to_owned())
}

fn bytes(length: u32) -> Vec<u8> {
    (0..length).flat_map(|n| n.to_le_bytes()).collect()
}

#[test]
fn a_state_that_is_known_is_not_sent_again() {
    let bench = Bench::new();
    for state in [etag(STATE), etag("W/\"weak\""), Tag::Date("Tue, 24 Nov 2026 10:00:00 GMT".to_owned())] {
        let name = match &state {
            Tag::Etag(name) | Tag::Date(name) => name.clone(),
            Tag::None => unreachable!("each of them has a name"),
        };
        bench.server.put("feed.json", "abc", state);
        assert_eq!(bench.fetch(None).unwrap(), new(Some(&name), 3, 0));
        assert_eq!(fs::read(bench.place()).unwrap(), b"abc");
        fs::remove_file(bench.place()).unwrap();
        assert_eq!(bench.fetch(Some(&name)).unwrap(), Fetched::Same);
        assert!(bench.names().is_empty());
        assert_eq!(bench.fetch(Some("\"another\"")).unwrap(), new(Some(&name), 3, 0));
    }
    bench.server.put("feed.json", "abcd", Tag::None);
    assert_eq!(bench.fetch(None).unwrap(), new(None, 4, 0));
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_was() {
    let bench = Bench::new();
    let whole = bytes(1000);
    bench.server.put("feed.json", whole.clone(), etag(STATE));
    bench.server.cut(&[1000, 500, 0]);
    assert_eq!(bench.fetch(None).unwrap(), new(Some(STATE), 4000, 0));
    assert_eq!(fs::read(bench.place()).unwrap(), whole);
    let ranges: Vec<_> = bench.server.seen().iter().map(|s| s.header("range").to_owned()).collect();
    assert_eq!(ranges, ["", "bytes=1000-", "bytes=1500-", "bytes=1500-"]);
    assert_eq!(bench.names(), ["feed.json"]);
}

#[test]
fn the_next_run_takes_up_what_the_last_one_left() {
    let bench = Bench::new();
    let whole = bytes(1000);
    bench.server.put("feed.json", whole.clone(), etag(STATE));
    bench.server.cut(&[1000, 0, 0, 0, 0, 0]);
    let error = bench.fetch(None).unwrap_err();
    assert!(error.to_string().contains("feed.json"), "{error}");
    assert_eq!(bench.names(), ["feed.json.part", "feed.json.part.tag"]);
    assert_eq!(bench.fetch(None).unwrap(), new(Some(STATE), 4000, 1000));
    assert_eq!(fs::read(bench.place()).unwrap(), whole);
}

#[test]
fn another_state_is_never_joined_to_what_is_there() {
    let check = |first: Tag, whole_only: bool, resumed: u64| {
        let bench = Bench::new();
        bench.server.put("feed.json", bytes(1000), first.clone());
        bench.server.cut(&[1000, 0, 0, 0, 0, 0]);
        bench.fetch(None).unwrap_err();
        let (after, state) = if resumed > 0 { (bytes(1000), first) } else { (vec![7; 3000], etag("\"two\"")) };
        bench.server.put("feed.json", after.clone(), state);
        if whole_only {
            bench.server.only_whole();
        }
        let Fetched::New { resumed: found, .. } = bench.fetch(None).unwrap() else { panic!("it is new") };
        assert_eq!(found, resumed);
        assert_eq!(fs::read(bench.place()).unwrap(), after);
        assert_eq!(bench.names(), ["feed.json"]);
    };
    check(etag(STATE), false, 1000);
    check(etag(STATE), false, 0);
    check(etag(STATE), true, 0);
    // A weak tag and none do not say that the bytes are the same.
    check(etag("W/\"one\""), false, 0);
    check(Tag::None, false, 0);
}

#[test]
fn a_shorter_file_than_what_is_there_is_sent_anew() {
    let bench = Bench::new();
    bench.server.put("feed.json", bytes(1000), etag(STATE));
    bench.server.cut(&[1000, 0, 0, 0, 0, 0]);
    bench.fetch(None).unwrap_err();
    // The same tag for other bytes: a server that lies, but the part is beyond its end.
    bench.server.put("feed.json", "short", etag(STATE));
    assert_eq!(bench.fetch(None).unwrap(), new(Some(STATE), 5, 0));
    assert_eq!(fs::read(bench.place()).unwrap(), b"short");
}

#[test]
fn what_is_too_much_or_not_there_leaves_nothing() {
    let bench = Bench::new();
    assert_eq!(bench.fetch(Some(STATE)).unwrap(), Fetched::Missing);
    bench.server.put("feed.json", bytes(1000), etag(STATE));
    let error = bench.fetch_up_to(None, 3999).unwrap_err();
    assert!(error.to_string().contains("more than 3999 bytes"), "{error}");
    assert!(bench.names().is_empty());
    assert_eq!(bench.fetch_up_to(None, 4000).unwrap(), new(Some(STATE), 4000, 0));
}

#[test]
fn addresses_that_are_not_asked() {
    let bench = Bench::new();
    let check = |url: &str, part: &str| {
        let place = bench.place();
        let error = bench.feeds.fetch(&Wanted { url, known: None, place: &place, limit: 1, progress: &|_, _| () });
        let error = error.unwrap_err().to_string();
        assert!(error.contains(part), "{url}: {error}");
        assert!(!error.contains("secret"), "{error}");
    };
    check("http://feeds.example/all.zip", "without TLS");
    check("https://me:secret@feeds.example/all.zip", "sign-in");
    check("ftp://feeds.example/all.zip", "no https address");
    check("all.zip", "relative URL");
}
