//! What one source says of one advisory, in the bytes of a segment.

use crate::codec::{Cursor, Damage, put_number, put_text, put_texts};

/// The longest summary that is kept, in bytes.
const LONGEST_SUMMARY: usize = 160;

/// One advisory as one source states it. Statements are never merged: what two sources say stays two statements.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement<'s> {
    /// Who says it: `osv`, `debian-tracker`, `alpine-secdb`, `nvd`.
    pub source: &'s str,
    /// The source's name for it.
    pub id: &'s str,
    /// Seconds since 1970 of the last change, as stated.
    pub modified: i64,
    /// Seconds since 1970 of the first publication; 0 if it is not stated.
    pub published: i64,
    /// It was taken back: it matches nothing.
    pub withdrawn: bool,
    /// One line.
    pub summary: &'s str,
    /// The same vulnerability under other names.
    pub aliases: Vec<&'s str>,
    /// The vulnerabilities that a distribution's advisory takes up.
    pub upstream: Vec<&'s str>,
    /// Scores as stated: scheme and vector or word.
    pub severities: Vec<(&'s str, &'s str)>,
}

impl<'s> Statement<'s> {
    /// The vulnerabilities it is about: for an advisory of a distribution each that it takes up, else the one it names,
    /// by its CVE number if it has one.
    pub fn vulnerabilities(&self) -> Vec<&'s str> {
        let is_cve = |id: &&&str| id.starts_with("CVE-");
        let mut upstream: Vec<&str> = self.upstream.iter().filter(is_cve).copied().collect();
        upstream.sort_unstable();
        upstream.dedup();
        if !upstream.is_empty() {
            return upstream;
        }
        let named = std::iter::once(&self.id).chain(&self.aliases);
        if let Some(cve) = named.clone().filter(is_cve).min() {
            return vec![cve];
        }
        // Without a number in the common list: GitHub's name, which most databases quote; else its own.
        let common = named.chain(&self.upstream).filter(|id| id.starts_with("GHSA-")).min();
        vec![common.copied().unwrap_or(self.id)]
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        put_text(out, self.source);
        put_text(out, self.id);
        put_number(out, u64::from(self.withdrawn));
        put_texts(out, self.aliases.iter().copied());
        put_texts(out, self.upstream.iter().copied());
        out.extend_from_slice(&self.modified.to_le_bytes());
        out.extend_from_slice(&self.published.to_le_bytes());
        put_text(out, clipped(self.summary));
        put_texts(out, self.severities.iter().flat_map(|(a, b)| [*a, *b]).collect::<Vec<_>>().into_iter());
    }

    pub(crate) fn get(cursor: &mut Cursor<'s>) -> Result<Self, Damage> {
        let (source, id) = (cursor.text()?, cursor.text()?);
        let withdrawn = cursor.number()? & 1 == 1;
        let (aliases, upstream) = (cursor.texts()?, cursor.texts()?);
        let (modified, published) = (seconds(cursor)?, seconds(cursor)?);
        let summary = cursor.text()?;
        let pairs = cursor.texts()?;
        let severities = pairs.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        Ok(Self { source, id, modified, published, withdrawn, summary, aliases, upstream, severities })
    }

    /// Its source and id alone, for whoever only sorts.
    pub(crate) fn head(cursor: &mut Cursor<'s>) -> Result<(&'s str, &'s str), Damage> {
        Ok((cursor.text()?, cursor.text()?))
    }

    /// All names it goes by, its own first.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'s str> + '_ {
        std::iter::once(self.id).chain(self.aliases.iter().copied()).chain(self.upstream.iter().copied())
    }
}

fn seconds(cursor: &mut Cursor<'_>) -> Result<i64, Damage> {
    let bytes = cursor.take(8)?;
    Ok(i64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]))
}

/// The first line, cut at a character.
fn clipped(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default().trim();
    let mut end = line.len().min(LONGEST_SUMMARY);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

/// One package of a statement, with the spans in which it is affected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'s> {
    /// What the source says of it beyond versions.
    pub state: State,
    /// The source's own word for how bad it is here: `unimportant`, `Important`, `low`.
    pub urgency: &'s str,
    /// Why there is no fix, or what else the source adds: `postponed`, `ignored`, `end-of-life`.
    pub note: &'s str,
    /// The repository it holds for, where a distribution has several.
    pub repository: &'s str,
    /// The module stream it holds for, of modular rpms.
    pub module: &'s str,
    /// A version that the ecosystem's order cannot read, so that nothing can be judged by the spans.
    pub unreadable: &'s str,
    /// Where it is affected.
    pub spans: Vec<crate::spans::Span<'s>>,
    /// Affected versions outside the spans.
    pub versions: Vec<&'s str>,
}

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Affected in its spans and versions.
    Affected,
    /// Not affected at all, whatever others say.
    NotAffected,
    /// The source itself does not know yet.
    Undetermined,
}

impl<'s> Entry<'s> {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let words = [self.urgency, self.note, self.repository, self.module, self.unreadable];
        let state = match self.state {
            State::Affected => 0,
            State::NotAffected => 1,
            State::Undetermined => 2,
        };
        // Most entries have no words: a bit each says which are there.
        let mask = words.iter().enumerate().fold(0_u64, |mask, (i, w)| mask | u64::from(!w.is_empty()) << i);
        put_number(out, state | mask << 2);
        put_number(out, self.spans.len() as u64);
        self.spans.iter().for_each(|s| s.put(out));
        put_texts(out, self.versions.iter().copied());
        words.iter().filter(|w| !w.is_empty()).for_each(|w| put_text(out, w));
    }

    pub(crate) fn get(cursor: &mut Cursor<'s>) -> Result<Self, Damage> {
        let head = cursor.number()?;
        let state = match head & 3 {
            0 => State::Affected,
            1 => State::NotAffected,
            2 => State::Undetermined,
            _ => return Err(cursor.damage()),
        };
        let count = cursor.count()?;
        let spans = (0..count).map(|_| crate::spans::Span::get(cursor)).collect::<Result<_, _>>()?;
        let versions = cursor.texts()?;
        let mut word = |i: u32| if head >> (2 + i) & 1 == 1 { cursor.text() } else { Ok("") };
        Ok(Self {
            state,
            urgency: word(0)?,
            note: word(1)?,
            repository: word(2)?,
            module: word(3)?,
            unreadable: word(4)?,
            spans,
            versions,
        })
    }
}
