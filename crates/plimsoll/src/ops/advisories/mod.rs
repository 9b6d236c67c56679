//! The index of advisories on this machine: found, opened, asked, updated.

mod bring;
mod place;
mod read;
mod update;

pub(crate) use place::FeedPlace;
use place::{Kind, Place};
pub(crate) use update::{UpdateRequest, Updated, update};

use super::Reading;
use crate::failure::{Failure, file};
use crate::map::map;
use advisories::enrichment::Enrichment;
use advisories::release::Release;
use advisories::scan::{Scan, scan};
use advisories::{Index, Manifest, Segment};
use jiff::Timestamp;
use memmap2::Mmap;
use model::{Unknown, UnknownKind};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// What names the index.
const MANIFEST: &str = "manifest";
/// Days after which an index is stale unless policy says otherwise.
pub(crate) const MAX_AGE: u32 = 7;

/// The index, open.
pub(crate) struct Shelf {
    pub(crate) manifest: Manifest,
    segments: Vec<Mmap>,
    enrichment: Option<Mmap>,
}

/// Opens the index in `folder`; `None` if there is none.
pub(crate) fn open(folder: &Path) -> Result<Option<Shelf>, Failure> {
    let Some(manifest) = manifest(folder)? else { return Ok(None) };
    let part = |part: &advisories::manifest::Part| {
        let path = folder.join(&part.name);
        let mapped = map(&path).map_err(file("read", &path))?;
        if mapped.len() as u64 == part.size { Ok(mapped) } else { Err(Failure::IndexSize { path }) }
    };
    let segments = manifest.segments.iter().map(part).collect::<Result<_, Failure>>()?;
    let enrichment = manifest.enrichment.as_ref().map(part).transpose()?;
    Ok(Some(Shelf { manifest, segments, enrichment }))
}

/// The manifest in `folder`; `None` if there is none.
pub(crate) fn manifest(folder: &Path) -> Result<Option<Manifest>, Failure> {
    let path = folder.join(MANIFEST);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(file("read", path)(error)),
    };
    Manifest::parse(&text).map(Some).map_err(|error| Failure::Manifest { path, error })
}

impl Shelf {
    /// The index itself.
    pub(crate) fn index(&self) -> Result<Index<'_>, Failure> {
        let mut segments = Vec::with_capacity(self.segments.len());
        for (part, bytes) in self.manifest.segments.iter().zip(&self.segments) {
            segments.push(Segment::open(bytes).map_err(|error| Failure::Segment { name: part.name.clone(), error })?);
        }
        Ok(Index::new(segments)?)
    }

    /// What is known of CVEs beside advisories; empty if nothing is.
    pub(crate) fn enrichment(&self) -> Result<Enrichment<'_>, Failure> {
        Ok(self.enrichment.as_ref().map_or(Ok(Enrichment::default()), |bytes| Enrichment::open(bytes))?)
    }

    /// Judges the packages of an image. An index older than `max_age` days is an unknown that blocks.
    pub(crate) fn scan(&self, reading: &Reading, now: Timestamp, max_age: u32) -> Result<Scan, Failure> {
        let facts = &reading.facts;
        let os = facts.os.as_ref();
        let release = os.map(|os| Release { id: &os.id, version: os.version_id.as_deref() });
        let mut scan = scan(&self.index()?, &self.enrichment()?, release, &facts.packages)?;
        scan.unknowns.extend(self.stale(now, max_age));
        Ok(scan)
    }

    /// Sources that nobody asked for longer than `max_age` days.
    pub(crate) fn stale(&self, now: Timestamp, max_age: u32) -> Vec<Unknown> {
        if self.manifest.sources.is_empty() {
            return vec![Unknown::new(UnknownKind::NoAdvisories, "the index names no source")];
        }
        let old = |source: &advisories::manifest::Source| {
            let name = &source.name;
            // What has no day, or one that has not come, may be of any age.
            match age(&source.asked, now) {
                Some(days) if (0..=i64::from(max_age)).contains(&days) => None,
                Some(days) if days > 0 => Some(format!(
                    "the index's source `{name}` was last updated {days} days ago, and the limit is {max_age}"
                )),
                _ => Some(format!("when the index's source `{name}` was last updated cannot be told")),
            }
        };
        let old = self.manifest.sources.iter().filter_map(old);
        old.map(|why| Unknown::new(UnknownKind::NoAdvisories, why)).collect()
    }
}

/// Whole days since a time.
pub(crate) fn age(asked: &str, now: Timestamp) -> Option<i64> {
    let asked: Timestamp = asked.parse().ok()?;
    Some((now.as_second() - asked.as_second()) / 86_400)
}
