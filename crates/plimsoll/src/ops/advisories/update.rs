//! A new index from sources: built beside the old one, then swapped in by renaming its manifest.

use super::{FeedPlace, Kind, MANIFEST, open};
use crate::failure::{Failure, file};
use crate::interrupt;
use advisories::feeds::{debian, enrich, osv, secdb};
use advisories::manifest::{Part, Source};
use advisories::{Builder, Manifest, enrichment};
use jiff::Timestamp;
use model::Sha256;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

/// The largest single file of a source that is read into memory.
const LARGEST: u64 = 1 << 30;
/// Threads that read archives.
const READERS: usize = 4;

/// What an update did.
pub(crate) struct Updated {
    pub(crate) manifest: Manifest,
    pub(crate) statements: usize,
    pub(crate) packages: usize,
    /// What was left out, by reason.
    pub(crate) left_out: BTreeMap<String, u64>,
}

/// Reads `feeds` and puts a new index into `folder`; what other sources said before stays.
pub(crate) fn update(feeds: &[FeedPlace], folder: &Path, now: Timestamp) -> Result<Updated, Failure> {
    fs::create_dir_all(folder).map_err(file("create", folder))?;
    let _alone = alone(folder)?;
    let old = open(folder)?;
    let given: Vec<&str> = feeds.iter().map(|f| f.kind.word()).collect();
    let mut builder = match &old {
        Some(shelf) => advisories::merged_without(&shelf.index()?, &given)?,
        None => Builder::default(),
    };
    let mut rows = enrichment::Rows::default();
    if let Some(shelf) = &old {
        shelf.enrichment()?.copy_to(&mut rows, !given.contains(&"kev"), !given.contains(&"epss"));
    }
    let mut sources: Vec<Source> = old.iter().flat_map(|s| s.manifest.sources.clone()).collect();
    sources.retain(|s| !given.contains(&s.name.split('/').next().unwrap_or_default()));
    for feed in feeds {
        sources.extend(read(feed, &mut builder, &mut rows, now)?);
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    let left_out = std::mem::take(&mut builder.left_out);
    let (segment, statements, packages) = write_segment(builder, folder)?;
    let enrichment = if rows.is_empty() { None } else { Some(install(folder, "enrichment", &rows.to_bytes())?) };
    let manifest = Manifest { segments: vec![segment], enrichment, sources };
    interrupt::whole(|| swap(&manifest, folder))?;
    // Mapped files may go: whoever maps them keeps them.
    drop(old);
    tidy(&manifest, folder);
    Ok(Updated { manifest, statements, packages, left_out })
}

/// One update at a time: another would take away what this one has not named yet.
fn alone(folder: &Path) -> Result<File, Failure> {
    let path = folder.join("lock");
    let lock = File::create(&path).map_err(file("write", &path))?;
    lock.try_lock().map_err(|_| Failure::IndexBusy(folder.to_owned()))?;
    Ok(lock)
}

/// Reads one source, and says what came of it.
fn read(
    feed: &FeedPlace,
    builder: &mut Builder,
    rows: &mut enrichment::Rows,
    now: Timestamp,
) -> Result<Vec<Source>, Failure> {
    let before = builder.len();
    let trouble = |error| Failure::Feed { path: feed.path.clone(), error };
    let source = |name: String, path: &Path, records: usize, sha256: Sha256| Source {
        name,
        asked: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        newest: "-".to_owned(),
        records: records as u64,
        origin: path.display().to_string(),
        tag: "-".to_owned(),
        sha256,
    };
    let word = feed.kind.word().to_owned();
    Ok(match feed.kind {
        Kind::Osv => {
            let mut all = Vec::new();
            for (ecosystem, path) in archives(&feed.path)? {
                let before = builder.len();
                let newest = archive(&path, builder)?;
                let mut one = source(format!("osv/{ecosystem}"), &path, builder.len() - before, hash(&path)?);
                one.newest = newest;
                all.push(one);
            }
            all
        }
        Kind::DebianTracker => {
            let bytes = whole(&feed.path)?;
            debian::tracker(&bytes, builder).map_err(trouble)?;
            vec![source(word, &feed.path, builder.len() - before, Sha256::of(&bytes))]
        }
        Kind::AlpineSecdb => {
            let mut secdb = secdb::Secdb::default();
            let mut all = Vec::new();
            for path in files(&feed.path, "json")? {
                let bytes = whole(&path)?;
                secdb.add(&bytes, None).map_err(|error| Failure::Feed { path: path.clone(), error })?;
                all.extend_from_slice(&Sha256::of(&bytes).0);
            }
            secdb.finish(builder);
            vec![source(word, &feed.path, builder.len() - before, Sha256::of(&all))]
        }
        Kind::Kev => {
            let bytes = whole(&feed.path)?;
            let count = enrich::kev(&bytes, rows).map_err(trouble)?;
            vec![source(word, &feed.path, count, Sha256::of(&bytes))]
        }
        Kind::Epss => {
            let bytes = whole(&feed.path)?;
            let count = enrich::epss(&String::from_utf8_lossy(&bytes), rows).map_err(trouble)?;
            vec![source(word, &feed.path, count, Sha256::of(&bytes))]
        }
    })
}

/// One archive, read by several threads; gives the day of its newest record.
fn archive(path: &Path, builder: &mut Builder) -> Result<String, Failure> {
    let readers = thread::available_parallelism().map_or(1, usize::from).min(READERS);
    let results: Vec<Result<Builder, Failure>> = thread::scope(|scope| {
        let start = |part| {
            scope.spawn(move || {
                let mut own = Builder::default();
                let archive = File::open(path).map_err(file("read", path))?;
                let read = osv::archive(std::io::BufReader::new(archive), part, readers, &mut own);
                read.map(|()| own).map_err(|error| Failure::Feed { path: path.to_owned(), error })
            })
        };
        let threads: Vec<_> = (0..readers).map(start).collect();
        threads.into_iter().filter_map(|t| t.join().ok()).collect()
    });
    let mut newest = String::new();
    for result in results {
        let own = result?;
        newest = newest.max(own.newest());
        builder.absorb(own);
    }
    Ok(if newest.is_empty() { "-".to_owned() } else { newest })
}

/// `ECOSYSTEM/all.zip` below a folder, by ecosystem.
fn archives(folder: &Path) -> Result<Vec<(String, PathBuf)>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(file("read", folder))? {
        let entry = entry.map_err(file("read", folder))?;
        let archive = entry.path().join("all.zip");
        if archive.is_file() {
            found.push((entry.file_name().to_string_lossy().into_owned(), archive));
        }
    }
    if found.is_empty() {
        return Err(Failure::NoArchives(folder.to_owned()));
    }
    found.sort();
    Ok(found)
}

/// A file, or the files below a folder with this ending, sorted.
fn files(place: &Path, ending: &str) -> Result<Vec<PathBuf>, Failure> {
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

fn whole(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(file("read", path))?;
    opened.take(LARGEST + 1).read_to_end(&mut bytes).map_err(file("read", path))?;
    if bytes.len() as u64 > LARGEST {
        Err(Failure::FeedSize { path: path.to_owned(), limit: LARGEST })
    } else {
        Ok(bytes)
    }
}

fn hash(path: &Path) -> Result<Sha256, Failure> {
    let mut hasher = model::Hasher::new(model::Algorithm::Sha256);
    let mut opened = File::open(path).map_err(file("read", path))?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match opened.read(&mut buffer).map_err(file("read", path))? {
            0 => return Ok(Sha256::from_hex(&hasher.finish().hex()).unwrap_or_else(|| Sha256::of(&[]))),
            read => hasher.update(&buffer[..read]),
        }
    }
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
fn swap(manifest: &Manifest, folder: &Path) -> Result<(), Failure> {
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
fn tidy(keep: &Manifest, folder: &Path) {
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
