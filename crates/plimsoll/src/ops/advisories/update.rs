//! A new index from sources: built beside the old one, then swapped in by renaming its manifest.

use super::bring::{Bringer, Brought, Content, OSV};
use super::read::{Said, hash, read};
use super::{FeedPlace, Kind, MANIFEST, Place, Shelf, open};
use crate::failure::{Failure, file};
use crate::interrupt;
use advisories::manifest::{Part, Source};
use advisories::{Builder, Manifest, Without, enrichment};
use jiff::Timestamp;
use model::Sha256;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use transport::Feeds;

/// What to update, and how sources are reached.
pub(crate) struct UpdateRequest<'u> {
    /// The sources; none of them for all that the index knows, and for all there are if it knows none.
    pub(crate) feeds: &'u [FeedPlace],
    /// OSV's ecosystems; none for all that can be judged.
    pub(crate) ecosystems: &'u [String],
    /// The client, if the network may be used.
    pub(crate) client: Option<Feeds>,
    /// Whether somebody sees a bar.
    pub(crate) watched: bool,
    pub(crate) now: Timestamp,
}

/// What an update did.
pub(crate) struct Updated {
    pub(crate) manifest: Manifest,
    /// Statements and packages of the new index; `None` if nothing changed.
    pub(crate) made: Option<(usize, usize)>,
    /// What was left out, by reason.
    pub(crate) left_out: BTreeMap<String, u64>,
    /// Parts of sources, by name, that are as they were before, since they could not be had.
    pub(crate) failed: Vec<(String, Failure)>,
}

/// What all parts that could be had say now.
#[derive(Default)]
struct Fresh {
    statements: Builder,
    rows: enrichment::Rows,
    /// What of the index they take the place of.
    without: Vec<Without>,
    /// Which of them said something about CVEs.
    told: Vec<Kind>,
    /// By name in the manifest.
    sources: BTreeMap<String, Source>,
    /// Names in the manifest that no longer hold.
    gone: Vec<String>,
    changed: bool,
}

/// Asks the sources, and puts an index into `folder` that says what they say now; what others said before stays. A
/// source that cannot be had keeps what it said.
pub(crate) fn update(request: &UpdateRequest<'_>, folder: &Path) -> Result<Updated, Failure> {
    fs::create_dir_all(folder).map_err(file("create", folder))?;
    let _alone = alone(folder)?;
    let old = open(folder)?;
    let known: Vec<Source> = old.iter().flat_map(|shelf| shelf.manifest.sources.clone()).collect();
    let feeds = if request.feeds.is_empty() { asked_before(&known) } else { request.feeds.to_vec() };
    let client = request.client.as_ref();
    let (ecosystems, watched) = (request.ecosystems, request.watched);
    let bringer = Bringer { folder, known: &known, feeds: client, ecosystems, watched };
    let (mut fresh, mut failed) = (Fresh::default(), Vec::new());
    for feed in &feeds {
        if let Err(error) = ask(feed, &bringer, request.now, &mut fresh, &mut failed) {
            failed.push((feed.kind.word().to_owned(), error));
        }
    }
    if fresh.sources.is_empty() && !failed.is_empty() {
        let manifest = old.map(|shelf| shelf.manifest).unwrap_or_default();
        return Ok(Updated { manifest, made: None, left_out: BTreeMap::new(), failed });
    }
    let left_out = std::mem::take(&mut fresh.statements.left_out);
    let (manifest, made) = install_all(fresh, old.as_ref(), known, folder)?;
    interrupt::whole(|| swap(&manifest, folder))?;
    // Mapped files may go: whoever maps them keeps them.
    drop(old);
    tidy(&manifest, folder);
    Ok(Updated { manifest, made, left_out, failed })
}

/// The sources of an index where they were asked before; all, where they are published, if there is none.
fn asked_before(known: &[Source]) -> Vec<FeedPlace> {
    let mut feeds: Vec<FeedPlace> = Vec::new();
    for source in known {
        let (word, ecosystem) = source.name.split_once('/').map_or((source.name.as_str(), None), |(w, e)| (w, Some(e)));
        let root = ecosystem.and_then(|e| source.origin.strip_suffix(&format!("/{e}/all.zip")));
        let place = Place::of(root.unwrap_or(&source.origin));
        let feed = Kind::named(word).map(|kind| FeedPlace { kind, place });
        feeds.extend(feed.filter(|feed| !feeds.contains(feed)));
    }
    if feeds.is_empty() { Kind::ALL.map(FeedPlace::published).to_vec() } else { feeds }
}

/// Asks a source for its parts and reads them. A part that cannot be had or read is a failure of its own.
fn ask(
    feed: &FeedPlace,
    bringer: &Bringer<'_>,
    now: Timestamp,
    fresh: &mut Fresh,
    failed: &mut Vec<(String, Failure)>,
) -> Result<(), Failure> {
    let parts = bringer.parts(feed)?;
    for part in &parts {
        let answer = bringer.bring(part).and_then(|brought| {
            let said = read(part.kind, &brought);
            if let Content::Files { paths, passing: true } = &brought.content {
                paths.iter().for_each(|path| drop(fs::remove_file(path)));
            }
            Ok((brought, said?))
        });
        match answer {
            Ok((brought, said)) => fresh.part(part.kind, brought, said, bringer.known, now),
            Err(error) => failed.push((part.name.clone(), error)),
        }
    }
    // A folder is said to hold all archives: what it has no more, the source says no more.
    if feed.kind == Kind::Osv && matches!(feed.place, Place::Path(_)) && bringer.ecosystems.is_empty() {
        let gone = bringer.known.iter().filter(|source| source.name.starts_with(OSV));
        for source in gone.filter(|source| parts.iter().all(|part| part.name != source.name)) {
            fresh.gone(&source.name);
        }
    }
    Ok(())
}

impl Fresh {
    fn part(&mut self, kind: Kind, brought: Brought, said: Option<Said>, known: &[Source], now: Timestamp) {
        let asked = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let before = known.iter().find(|source| source.name == brought.name);
        let (name, origin) = (brought.name, brought.origin);
        let tag = brought.tag.unwrap_or_else(|| "-".to_owned());
        let source = match (said, before) {
            (Some(said), _) => {
                self.changed = true;
                self.statements.absorb(said.statements);
                self.rows.absorb(said.rows);
                self.without.extend(said.without);
                self.told.push(kind);
                let records = said.records as u64;
                Source { name, asked, newest: said.newest, records, origin, tag, sha256: said.sha256 }
            }
            (None, Some(before)) => Source { asked, origin, ..before.clone() },
            // Nothing is the same as what was never there.
            (None, None) => return,
        };
        self.sources.insert(source.name.clone(), source);
    }

    fn gone(&mut self, name: &str) {
        let ecosystem = name.strip_prefix(OSV).map(str::to_owned);
        self.without.push(Without { source: Kind::Osv.word().to_owned(), ecosystem });
        self.gone.push(name.to_owned());
        self.changed = true;
    }

    /// Whether it takes the place of what the index has under this name.
    fn replaces(&self, source: &Source) -> bool {
        self.sources.contains_key(&source.name) || self.gone.contains(&source.name)
    }
}

/// The parts of the new index, and its manifest. Where nothing changed the old parts stay, under a manifest that says
/// when the sources were asked.
fn install_all(
    fresh: Fresh,
    old: Option<&Shelf>,
    mut sources: Vec<Source>,
    folder: &Path,
) -> Result<(Manifest, Option<(usize, usize)>), Failure> {
    sources.retain(|source| !fresh.replaces(source));
    sources.extend(fresh.sources.values().cloned());
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    if let (false, Some(old)) = (fresh.changed, old) {
        return Ok((Manifest { sources, ..old.manifest.clone() }, None));
    }
    let mut rows = enrichment::Rows::default();
    if let Some(shelf) = old {
        shelf.enrichment()?.copy_to(&mut rows, !fresh.told.contains(&Kind::Kev), !fresh.told.contains(&Kind::Epss));
    }
    let mut builder = match old {
        Some(shelf) => advisories::merged_without(&shelf.index()?, &fresh.without)?,
        None => Builder::default(),
    };
    builder.absorb(fresh.statements);
    rows.absorb(fresh.rows);
    let (segment, statements, packages) = write_segment(builder, folder)?;
    let enrichment = if rows.is_empty() { None } else { Some(install(folder, "enrichment", &rows.to_bytes())?) };
    Ok((Manifest { segments: vec![segment], enrichment, sources }, Some((statements, packages))))
}

/// One update at a time: another would take away what this one has not named yet.
fn alone(folder: &Path) -> Result<File, Failure> {
    let path = folder.join("lock");
    let lock = File::create(&path).map_err(file("write", &path))?;
    lock.try_lock().map_err(|_| Failure::IndexBusy(folder.to_owned()))?;
    Ok(lock)
}

/// Writes the segment under the name of its own hash.
fn write_segment(builder: Builder, folder: &Path) -> Result<(Part, usize, usize), Failure> {
    let mut draft = tempfile::NamedTempFile::new_in(folder).map_err(file("write", folder))?;
    let (statements, packages) = builder.write(&mut BufWriter::with_capacity(1 << 20, draft.as_file_mut()))?;
    let size = draft.as_file().metadata().map_err(file("read", folder))?.len();
    let sha256 = hash(draft.path())?;
    draft.as_file().sync_all().map_err(file("write", folder))?;
    let name = format!("base-{}.seg", &sha256.hex()[..16]);
    draft.persist(folder.join(&name)).map_err(|e| file("write", folder)(e.error))?;
    Ok((Part { name, size, sha256 }, statements, packages))
}

fn install(folder: &Path, kind: &str, bytes: &[u8]) -> Result<Part, Failure> {
    let sha256 = Sha256::of(bytes);
    let name = format!("{kind}-{}", &sha256.hex()[..16]);
    place(&folder.join(&name), bytes)?;
    Ok(Part { name, size: bytes.len() as u64, sha256 })
}

/// The manifest last: until it is renamed, the old index holds.
pub(super) fn swap(manifest: &Manifest, folder: &Path) -> Result<(), Failure> {
    place(&folder.join(MANIFEST), manifest.to_text().as_bytes())
}

fn place(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || {
        let mut draft = tempfile::NamedTempFile::new_in(folder)?;
        draft.write_all(bytes)?;
        draft.as_file().sync_all()?;
        draft.persist(path).map(drop).map_err(|e| e.error)
    };
    write().map_err(file("write", path))
}

/// Removes what the manifest does not name. What cannot be removed does no harm.
pub(super) fn tidy(keep: &Manifest, folder: &Path) {
    let named =
        |name: &str| name == MANIFEST || keep.segments.iter().chain(&keep.enrichment).any(|part| part.name == name);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = name.ends_with(".seg") || name.starts_with("enrichment-") || name.starts_with(".tmp");
        if ours && !named(&name) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
