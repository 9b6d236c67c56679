//! What a source's files say.

use super::Kind;
use super::bring::{Brought, Content, DOCUMENT_LIMIT, OSV};
use crate::failure::{Failure, file};
use advisories::feeds::{debian, enrich, osv, plain, secdb};
use advisories::{Builder, Without, enrichment};
use model::{Hasher, Sha256};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::thread;

/// Threads that read archives.
const READERS: usize = 4;

/// What one part of a source says, and what of the index it takes the place of.
pub(super) struct Said {
    pub(super) statements: Builder,
    pub(super) rows: enrichment::Rows,
    pub(super) without: Option<Without>,
    pub(super) records: usize,
    /// The day of its newest record; `-` if it states none.
    pub(super) newest: String,
    pub(super) sha256: Sha256,
}

/// Reads what was brought; `None` where nothing changed.
pub(super) fn read(kind: Kind, brought: &Brought) -> Result<Option<Said>, Failure> {
    let Content::Files { paths, .. } = &brought.content else { return Ok(None) };
    let mut said = Said {
        statements: Builder::default(),
        rows: enrichment::Rows::default(),
        without: None,
        records: 0,
        newest: "-".to_owned(),
        sha256: hash_of_all(paths)?,
    };
    for path in paths {
        let trouble = |error| Failure::Feed { path: path.clone(), error };
        match kind {
            Kind::Osv => said.newest = archive(path, &mut said.statements)?,
            Kind::DebianTracker => debian::tracker(&whole(path)?, &mut said.statements).map_err(trouble)?,
            // Read below, since all of them are one.
            Kind::AlpineSecdb => {}
            Kind::Kev => said.records = enrich::kev(&whole(path)?, &mut said.rows).map_err(trouble)?,
            Kind::Epss => {
                let bytes = whole(path)?;
                said.records = enrich::epss(&String::from_utf8_lossy(&bytes), &mut said.rows).map_err(trouble)?;
            }
        }
    }
    if kind == Kind::AlpineSecdb {
        alpine(paths, &mut said.statements)?;
    }
    if !matches!(kind, Kind::Kev | Kind::Epss) {
        said.records = said.statements.len();
        let ecosystem = brought.name.strip_prefix(OSV).map(str::to_owned);
        said.without = Some(Without { source: kind.word().to_owned(), ecosystem });
    }
    Ok(Some(said))
}

fn alpine(paths: &[PathBuf], statements: &mut Builder) -> Result<(), Failure> {
    let mut secdb = secdb::Secdb::default();
    for path in paths {
        secdb.add(&whole(path)?, None).map_err(|error| Failure::Feed { path: path.clone(), error })?;
    }
    secdb.finish(statements);
    Ok(())
}

/// One archive, read by several threads; gives the day of its newest record.
fn archive(path: &Path, builder: &mut Builder) -> Result<String, Failure> {
    let readers = thread::available_parallelism().map_or(1, usize::from).min(READERS);
    let results: Vec<Result<Builder, Failure>> = thread::scope(|scope| {
        let start = |part| {
            scope.spawn(move || {
                let mut own = Builder::default();
                let archive = File::open(path).map_err(file("read", path))?;
                let read = osv::archive(BufReader::new(archive), part, readers, &mut own);
                read.map(|()| own).map_err(|error| Failure::Feed { path: path.to_owned(), error })
            })
        };
        let threads: Vec<_> = (0..readers).map(start).collect();
        // A part that nobody finished must not be taken for one without records.
        let stopped = || Err(file("read", path)(std::io::Error::other("a reader of the archive stopped")));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| stopped())).collect()
    });
    let mut newest = String::new();
    for result in results {
        let own = result?;
        newest = newest.max(own.newest());
        builder.absorb(own);
    }
    Ok(if newest.is_empty() { "-".to_owned() } else { newest })
}

/// A document's bytes, inflated if they are gzip.
fn whole(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(file("read", path))?;
    opened.take(DOCUMENT_LIMIT + 1).read_to_end(&mut bytes).map_err(file("read", path))?;
    if bytes.len() as u64 > DOCUMENT_LIMIT {
        return Err(Failure::FeedSize { path: path.to_owned(), limit: DOCUMENT_LIMIT });
    }
    plain(bytes, DOCUMENT_LIMIT).map_err(|error| Failure::Feed { path: path.to_owned(), error })
}

/// The hash of one file, or of the hashes of several.
pub(super) fn hash_of_all(paths: &[PathBuf]) -> Result<Sha256, Failure> {
    match paths {
        [one] => hash(one),
        several => {
            let mut all = Vec::new();
            for path in several {
                all.extend_from_slice(&hash(path)?.0);
            }
            Ok(Sha256::of(&all))
        }
    }
}

/// A file's hash.
pub(super) fn hash(path: &Path) -> Result<Sha256, Failure> {
    let mut hasher = Hasher::new(model::Algorithm::Sha256);
    let mut opened = File::open(path).map_err(file("read", path))?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match opened.read(&mut buffer).map_err(file("read", path))? {
            0 => return Ok(Sha256::from_hex(&hasher.finish().hex()).unwrap_or_else(|| Sha256::of(&[]))),
            read => hasher.update(&buffer[..read]),
        }
    }
}
