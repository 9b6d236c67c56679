//! The manifest: which files are the index, by hash, and what each source contributed when.
//!
//! A text of lines (docs/formats/advisory-index.md), written last and renamed into place: what it names is the index,
//! everything else in the folder is not.

use model::Sha256;
use std::fmt::Write;

/// The first line.
const HEAD: &str = "plimsoll.advisories/1";

/// An index's parts and sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The segments, oldest first.
    pub segments: Vec<Part>,
    /// The enrichment, if there is one.
    pub enrichment: Option<Part>,
    /// The sources, sorted by name.
    pub sources: Vec<Source>,
}

/// A file of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name in the folder: lower-case letters, digits, `-` and `.`.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its hash.
    pub sha256: Sha256,
}

/// What one source contributed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// `osv/Debian`, `kev`, `epss`, `debian-tracker`.
    pub name: String,
    /// When it was last asked, RFC 3339.
    pub asked: String,
    /// The newest change that it states, `YYYY-MM-DD`; `-` if it states none.
    pub newest: String,
    /// Records read.
    pub records: u64,
    /// Where it came from; a URL without sign-in, or a file.
    pub origin: String,
    /// What the server calls this state of it (`ETag` or date), for the next question; `-` if it says nothing.
    pub tag: String,
    /// The hash of what came.
    pub sha256: Sha256,
}

/// A line that is no line of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct ManifestError {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub why: &'static str,
}

impl Manifest {
    /// The text.
    pub fn to_text(&self) -> String {
        let mut out = format!("{HEAD}\n");
        let part = |kind: &str, p: &Part| format!("{kind}\t{}\t{}\t{}\n", p.name, p.size, p.sha256.hex());
        self.segments.iter().for_each(|p| out.push_str(&part("segment", p)));
        self.enrichment.iter().for_each(|p| out.push_str(&part("enrichment", p)));
        for s in &self.sources {
            let cells = [&s.name, &s.asked, &s.newest, &s.records.to_string(), &s.origin, &s.tag];
            let cells: Vec<String> = cells.into_iter().map(|c| model::escaped(c).replace('\t', " ")).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(out, "source\t{}\t{}", cells.join("\t"), s.sha256.hex());
        }
        out
    }

    /// Reads the text. Names that could lead out of the folder are refused.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let mut manifest = Self::default();
        for (at, line) in text.lines().enumerate() {
            let error = |why| ManifestError { line: at + 1, why };
            let cells: Vec<&str> = line.split('\t').collect();
            match cells[..] {
                [HEAD] if at == 0 => {}
                _ if at == 0 => return Err(error("it does not begin with `plimsoll.advisories/1`")),
                ["segment", name, size, hash] => manifest.segments.push(part(name, size, hash).map_err(error)?),
                ["enrichment", name, size, hash] => manifest.enrichment = Some(part(name, size, hash).map_err(error)?),
                ["source", name, asked, newest, records, origin, tag, hash] => manifest.sources.push(Source {
                    name: name.to_owned(),
                    asked: asked.to_owned(),
                    newest: newest.to_owned(),
                    records: records.parse().map_err(|_| error("a count is no number"))?,
                    origin: origin.to_owned(),
                    tag: tag.to_owned(),
                    sha256: Sha256::from_hex(hash).ok_or_else(|| error("a hash is malformed"))?,
                }),
                _ => return Err(error("it is neither segment, enrichment nor source")),
            }
        }
        if manifest.segments.is_empty() && manifest.enrichment.is_none() && manifest.sources.is_empty() {
            return Err(ManifestError { line: 1, why: "it names nothing" });
        }
        Ok(manifest)
    }
}

fn part(name: &str, size: &str, hash: &str) -> Result<Part, &'static str> {
    let may = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    if name.is_empty() || name.starts_with('.') || !name.bytes().all(may) {
        return Err("a file's name is not allowed");
    }
    let size = size.parse().map_err(|_| "a size is no number")?;
    let sha256 = Sha256::from_hex(hash).ok_or("a hash is malformed")?;
    Ok(Part { name: name.to_owned(), size, sha256 })
}
