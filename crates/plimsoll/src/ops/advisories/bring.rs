//! A source's files, brought to this machine as far as they changed.
//!
//! What comes from an address lies below `feeds/` in the folder of the index until it was read. Alpine's files stay
//! there, since what they say is joined: if one of them changed, all are read again.

use super::read::hash_of_all;
use super::{FeedPlace, Kind, Place};
use crate::failure::{Failure, file};
use crate::progress::Progress;
use advisories::ecosystem::world;
use advisories::manifest::Source;
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use transport::{Feeds, Fetched, Wanted};

/// The largest archive that is brought: OSV's largest has a few hundred megabytes.
const ARCHIVE_LIMIT: u64 = 8 << 30;
/// The largest single document.
pub(super) const DOCUMENT_LIMIT: u64 = 1 << 30;
/// The list of OSV's ecosystems is short.
const LIST_LIMIT: u64 = 1 << 20;
/// Releases of Alpine in a row without a database, after which no newer one is asked for.
const GAP: u32 = 2;
/// The same where no release was found yet: a mirror may lack the old ones.
const FIRST_GAP: u32 = 30;
/// The first release of Alpine with a database.
const FIRST_ALPINE: u32 = 3;
/// No release of Alpine is asked for beyond it.
const LAST_ALPINE: u32 = 99;
/// What the names of OSV's archives begin with.
pub(super) const OSV: &str = "osv/";
/// Beside a file that stays: what the server called its state.
const TAG: &str = "tag";

/// The files of a part.
pub(super) struct Brought {
    /// The source's name in the manifest of the index.
    pub(super) name: String,
    /// Where it came from.
    pub(super) origin: String,
    /// What the server calls its state.
    pub(super) tag: Option<String>,
    pub(super) content: Content,
}

/// What is here of it.
pub(super) enum Content {
    /// It is as it was when the index was made.
    Same,
    /// Files to be read; whether they go when that was done.
    Files { paths: Vec<PathBuf>, passing: bool },
}

/// Brings sources.
pub(super) struct Bringer<'b> {
    /// The folder of the index.
    pub(super) folder: &'b Path,
    /// What the index knows.
    pub(super) known: &'b [Source],
    /// The client, if the network may be used.
    pub(super) feeds: Option<&'b Feeds>,
    /// OSV's ecosystems that are asked for; all that can be judged, if there are none.
    pub(super) ecosystems: &'b [String],
    /// Whether somebody sees a bar.
    pub(super) watched: bool,
}

/// One thing that a source has: asked for, and had or not, by itself.
pub(super) struct Part {
    pub(super) kind: Kind,
    /// The source's name in the manifest of the index.
    pub(super) name: String,
    origin: String,
    way: Way,
}

enum Way {
    Lying(Vec<PathBuf>),
    Archive,
    Releases,
    Document,
}

impl Bringer<'_> {
    /// What a source has.
    pub(super) fn parts(&self, feed: &FeedPlace) -> Result<Vec<Part>, Failure> {
        let one = |way| {
            let (name, origin) = (feed.kind.word().to_owned(), feed.place.to_string());
            Ok(vec![Part { kind: feed.kind, name, origin, way }])
        };
        match (&feed.place, feed.kind) {
            (Place::Path(path), Kind::Osv) => self.archives_in(path),
            (Place::Path(path), Kind::AlpineSecdb) => one(Way::Lying(below(path, "json")?)),
            (Place::Path(path), _) => one(Way::Lying(vec![path.clone()])),
            (Place::Url(base), Kind::Osv) => self.archives_at(base),
            (Place::Url(_), Kind::AlpineSecdb) => one(Way::Releases),
            (Place::Url(_), _) => one(Way::Document),
        }
    }

    /// The files of one part.
    pub(super) fn bring(&self, part: &Part) -> Result<Brought, Failure> {
        match &part.way {
            Way::Lying(paths) => {
                let content = Content::Files { paths: paths.clone(), passing: false };
                Ok(Brought { name: part.name.clone(), origin: part.origin.clone(), tag: None, content })
            }
            Way::Archive => self.passing(part, &format!("{}.zip", part.name), ARCHIVE_LIMIT),
            Way::Document => self.passing(part, &part.name, DOCUMENT_LIMIT),
            Way::Releases => self.releases(&part.origin),
        }
    }

    /// `ECOSYSTEM/all.zip` below a folder.
    fn archives_in(&self, folder: &Path) -> Result<Vec<Part>, Failure> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(file("read", folder))? {
            let entry = entry.map_err(file("read", folder))?;
            let (ecosystem, path) = (entry.file_name().to_string_lossy().into_owned(), entry.path().join("all.zip"));
            if path.is_file() && (self.ecosystems.is_empty() || self.ecosystems.contains(&ecosystem)) {
                let origin = path.display().to_string();
                found.push(archive(&ecosystem, origin, Way::Lying(vec![path])));
            }
        }
        if found.is_empty() {
            return Err(Failure::NoArchives(folder.to_owned()));
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// The same below an address.
    fn archives_at(&self, base: &str) -> Result<Vec<Part>, Failure> {
        let ecosystems = if self.ecosystems.is_empty() { self.listed(base)? } else { self.ecosystems.to_vec() };
        let part = |e: &String| archive(e, format!("{base}/{e}/all.zip"), Way::Archive);
        Ok(ecosystems.iter().map(part).collect())
    }

    /// The ecosystems that the root of OSV's archives names and whose versions can be compared.
    fn listed(&self, base: &str) -> Result<Vec<String>, Failure> {
        let url = format!("{base}/ecosystems.txt");
        let place = self.below_feeds(&[OSV, "ecosystems.txt"]);
        match self.fetch(&url, None, &place, LIST_LIMIT)? {
            Fetched::Missing => return Err(Failure::NoEcosystems(url)),
            Fetched::Same | Fetched::New { .. } => {}
        }
        let text = fs::read_to_string(&place).map_err(file("read", &place))?;
        let plain = |name: &&str| world(name).is_some() && !name.contains([':', '/', '\\']);
        let found: Vec<String> = text.lines().map(str::trim).filter(plain).map(str::to_owned).collect();
        if found.is_empty() { Err(Failure::NoEcosystems(url)) } else { Ok(found) }
    }

    /// A file that is not needed when it was read.
    fn passing(&self, part: &Part, below: &str, limit: u64) -> Result<Brought, Failure> {
        let (name, origin) = (part.name.clone(), part.origin.clone());
        // What was asked of another place says nothing about this one.
        let known = self.known.iter().find(|source| source.name == name && source.origin == origin);
        let known = known.map(|source| source.tag.as_str()).filter(|tag| *tag != "-");
        let place = self.below_feeds(&[below]);
        let (tag, content) = match self.fetch(&origin, known, &place, limit)? {
            Fetched::Missing => return Err(Failure::NoFeed(origin)),
            Fetched::Same => (known.map(str::to_owned), Content::Same),
            Fetched::New { tag, .. } => (tag, Content::Files { paths: vec![place], passing: true }),
        };
        Ok(Brought { name, origin, tag, content })
    }

    /// Alpine's releases, from the first with a database until there are none, and `edge`.
    fn releases(&self, base: &str) -> Result<Brought, Failure> {
        let mut paths = self.release(base, "edge")?;
        let (mut missing, mut some) = (0, false);
        for minor in FIRST_ALPINE..=LAST_ALPINE {
            let found = self.release(base, &format!("v3.{minor}"))?;
            some |= !found.is_empty();
            missing = if found.is_empty() { missing + 1 } else { 0 };
            paths.extend(found);
            if missing > if some { GAP } else { FIRST_GAP } {
                break;
            }
        }
        if paths.is_empty() {
            return Err(Failure::NoFeed(base.to_owned()));
        }
        paths.sort();
        let name = Kind::AlpineSecdb.word().to_owned();
        let known = self.known.iter().find(|source| source.name == name && source.origin == base);
        // By what they hold, not by what was just sent: an update may have ended between bringing and reading.
        let same = known.is_some_and(|source| hash_of_all(&paths).is_ok_and(|hash| hash == source.sha256));
        let content = if same { Content::Same } else { Content::Files { paths, passing: false } };
        Ok(Brought { name, origin: base.to_owned(), tag: None, content })
    }

    /// The databases of one release: `main`, and `community` if it has one.
    fn release(&self, base: &str, release: &str) -> Result<Vec<PathBuf>, Failure> {
        let Some(main) = self.kept(base, release, "main")? else { return Ok(Vec::new()) };
        Ok(std::iter::once(main).chain(self.kept(base, release, "community")?).collect())
    }

    /// A file that stays, if the server has it.
    fn kept(&self, base: &str, release: &str, repository: &str) -> Result<Option<PathBuf>, Failure> {
        let root = model::Sha256::of(base.as_bytes()).hex();
        let place = self.below_feeds(&[Kind::AlpineSecdb.word(), &root[..16], release, &format!("{repository}.json")]);
        let beside = place.with_extension(TAG);
        let known = fs::read_to_string(&beside).ok().filter(|tag| !tag.is_empty() && place.is_file());
        let url = format!("{base}/{release}/{repository}.json");
        match self.fetch(&url, known.as_deref(), &place, DOCUMENT_LIMIT)? {
            Fetched::Missing => {
                let _ = (fs::remove_file(&place), fs::remove_file(&beside));
                return Ok(None);
            }
            Fetched::Same => {}
            Fetched::New { tag, .. } => {
                fs::write(&beside, tag.unwrap_or_default()).map_err(file("write", &beside))?;
            }
        }
        Ok(Some(place))
    }

    fn fetch(&self, url: &str, known: Option<&str>, place: &Path, limit: u64) -> Result<Fetched, Failure> {
        let shown = without_sign_in(url);
        let feeds = self.feeds.ok_or_else(|| Failure::OfflineFeed(shown.clone()))?;
        let bar = Progress::new(self.watched, 0, &shown);
        let (seen, told) = (Cell::new(0), Cell::new(false));
        let progress = |at: u64, total: Option<u64>| {
            if !told.replace(true) {
                total.into_iter().for_each(|total| bar.expect(total));
            }
            bar.add(at.saturating_sub(seen.replace(at)));
        };
        Ok(feeds.fetch(&Wanted { url, known, place, limit, progress: &progress })?)
    }

    fn below_feeds(&self, names: &[&str]) -> PathBuf {
        names.iter().fold(self.folder.join("feeds"), |path, name| path.join(name))
    }
}

fn archive(ecosystem: &str, origin: String, way: Way) -> Part {
    Part { kind: Kind::Osv, name: format!("{OSV}{ecosystem}"), origin, way }
}

/// A file, or the files below a folder with this ending, sorted.
fn below(place: &Path, ending: &str) -> Result<Vec<PathBuf>, Failure> {
    if place.is_file() {
        return Ok(vec![place.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![(place.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(file("read", &folder))? {
            let path = entry.map_err(file("read", &folder))?.path();
            if path.is_dir() && depth < 3 {
                folders.push((path, depth + 1));
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// An address as it may be shown: what stands before the `@` of its host is nobody's business.
fn without_sign_in(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    format!("{scheme}://{}{path}", host.rsplit('@').next().unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::without_sign_in;

    #[test]
    fn a_sign_in_is_not_shown() {
        assert_eq!(without_sign_in("https://me:secret@feeds.example/a@b"), "https://feeds.example/a@b");
        assert_eq!(without_sign_in("https://a@b@feeds.example"), "https://feeds.example");
        assert_eq!(without_sign_in("https://feeds.example/osv"), "https://feeds.example/osv");
    }
}
