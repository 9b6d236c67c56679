//! How rows are chained: the canonical bytes of a row, its hash, and the marks that name an altered field.
//!
//! A row's hash is SHA-256 over a line that names the format and then every field, `previous` first, as a netstring
//! (`LENGTH:BYTES,` with the length in decimal). Numbers are decimal text, so the encoding is the same whatever the
//! database stores. Of no two different rows it is the same, since a length stands before every text.
//!
//! The hash tells that a row is not what it was; the *marks* tell which field. A mark is the first eight hex digits of
//! the SHA-256 of one field. Marks are no proof and need none: they only point.

use crate::conn::{Arg, Row};
use crate::error::LedgerError;
use crate::observation::{Child, Entry, Observation, Proof, Seen, State, milliseconds};
use model::{Digest, Sha256};
use sha2::{Digest as _, Sha256 as Hasher};

/// The first line of what is hashed.
const FORMAT: &[u8] = b"plimsoll.ledger.observation/1\n";
/// What the first row of a repository has for `previous`.
pub(crate) const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// The fields of a row in the order in which they are hashed and marked.
pub const FIELDS: [&str; 12] = [
    "previous",
    "repository",
    "sequence",
    "tag",
    "digest",
    "media_type",
    "children",
    "seen",
    "vantage",
    "proof",
    "witness",
    "document",
];

/// A row as the database has it: texts and numbers, nothing believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) previous: String,
    pub(crate) repository: String,
    pub(crate) sequence: i64,
    pub(crate) tag: String,
    pub(crate) digest: String,
    pub(crate) media_type: String,
    pub(crate) children: String,
    pub(crate) seen: i64,
    pub(crate) vantage: String,
    pub(crate) proof: String,
    pub(crate) witness: String,
    pub(crate) document: String,
    pub(crate) hash: String,
    pub(crate) marks: String,
}

impl Stored {
    /// The row that records `observation` after the row with the hash `previous`.
    pub(crate) fn new(observation: &Observation, sequence: u64, previous: &str) -> Self {
        let (digest, media_type, children) = match &observation.state {
            State::Is { digest, media_type, children } => (digest.to_string(), media_type.clone(), written(children)),
            State::Vanished => (String::new(), String::new(), String::new()),
        };
        let document = if observation.proof == Proof::Proved { digest.clone() } else { String::new() };
        let mut row = Self {
            previous: previous.to_owned(),
            repository: observation.repository.clone(),
            sequence: i64::try_from(sequence).unwrap_or(i64::MAX),
            tag: observation.tag.clone().unwrap_or_default(),
            digest,
            media_type,
            children,
            seen: observation.seen.as_millisecond(),
            vantage: observation.vantage.to_string(),
            proof: observation.proof.word().to_owned(),
            witness: observation.witness.clone(),
            document,
            hash: String::new(),
            marks: String::new(),
        };
        row.hash = row.computed_hash();
        row.marks = row.computed_marks();
        row
    }

    /// The row at the front of a result: [`FIELDS`] in their order, then `hash` and `marks`.
    pub(crate) fn read(row: &Row) -> Self {
        let text = |at| row.text(at);
        Self {
            previous: text(0),
            repository: text(1),
            sequence: row.int(2),
            tag: text(3),
            digest: text(4),
            media_type: text(5),
            children: text(6),
            seen: row.int(7),
            vantage: text(8),
            proof: text(9),
            witness: text(10),
            document: text(11),
            hash: text(12),
            marks: text(13),
        }
    }

    /// The values for an INSERT, in the same order.
    pub(crate) fn arguments(&self) -> [Arg<'_>; 14] {
        [
            Arg::Text(&self.previous),
            Arg::Text(&self.repository),
            Arg::Int(self.sequence),
            Arg::Text(&self.tag),
            Arg::Text(&self.digest),
            Arg::Text(&self.media_type),
            Arg::Text(&self.children),
            Arg::Int(self.seen),
            Arg::Text(&self.vantage),
            Arg::Text(&self.proof),
            Arg::Text(&self.witness),
            Arg::Text(&self.document),
            Arg::Text(&self.hash),
            Arg::Text(&self.marks),
        ]
    }

    /// The texts of the fields, in [`FIELDS`]' order.
    fn fields(&self) -> [String; 12] {
        [
            self.previous.clone(),
            self.repository.clone(),
            self.sequence.to_string(),
            self.tag.clone(),
            self.digest.clone(),
            self.media_type.clone(),
            self.children.clone(),
            self.seen.to_string(),
            self.vantage.clone(),
            self.proof.clone(),
            self.witness.clone(),
            self.document.clone(),
        ]
    }

    /// The bytes that the row's hash is over.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        let mut bytes = FORMAT.to_vec();
        for field in self.fields() {
            bytes.extend_from_slice(field.len().to_string().as_bytes());
            bytes.push(b':');
            bytes.extend_from_slice(field.as_bytes());
            bytes.push(b',');
        }
        bytes
    }

    /// What `hash` has to be.
    pub(crate) fn computed_hash(&self) -> String {
        Sha256::of(&self.canonical()).hex()
    }

    /// What `marks` has to be.
    pub(crate) fn computed_marks(&self) -> String {
        self.fields().iter().map(|field| mark(field)).collect()
    }

    /// The fields that are not what their marks say.
    pub(crate) fn unmarked(&self) -> Vec<&'static str> {
        let computed = self.computed_marks();
        let differs = |at: &usize| computed.get(at * 8..at * 8 + 8) != self.marks.get(at * 8..at * 8 + 8);
        (0..FIELDS.len()).filter(differs).map(|at| FIELDS[at]).collect()
    }

    /// The row as others see it; `None` if a field cannot be what was written.
    pub(crate) fn entry(self, again: Seen) -> Option<Entry> {
        let state = match self.digest.as_str() {
            "" => State::Vanished,
            digest => {
                State::Is { digest: digest.parse().ok()?, media_type: self.media_type, children: read(&self.children)? }
            }
        };
        let proof = [Proof::Proved, Proof::Claimed].into_iter().find(|p| p.word() == self.proof)?;
        let observation = Observation {
            repository: self.repository,
            tag: Some(self.tag).filter(|tag| !tag.is_empty()),
            state,
            seen: milliseconds(self.seen),
            vantage: self.vantage.parse().ok()?,
            proof,
            witness: self.witness,
            raw: None,
        };
        let hash = hash_of(&self.hash)?;
        Some(Entry { sequence: u64::try_from(self.sequence).ok()?, hash, observation, again })
    }

    /// The same, or which row cannot be read.
    pub(crate) fn entry_or_error(self, again: Seen) -> Result<Entry, LedgerError> {
        let repository = self.repository.clone();
        let why = "a row of it is damaged: `plimsoll ledger verify` names it";
        self.entry(again).ok_or(LedgerError::Invalid { repository, why })
    }
}

fn mark(field: &str) -> String {
    let hash = Hasher::digest(field.as_bytes());
    hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// The mark of a sequence number, to find where a misplaced row was.
pub(crate) fn sequence_mark(sequence: i64) -> String {
    mark(&sequence.to_string())
}

/// A hash in hex.
pub(crate) fn hash_of(hex: &str) -> Option<Sha256> {
    let digest: Digest = format!("sha256:{hex}").parse().ok()?;
    Some(Sha256(digest.bytes().try_into().ok()?))
}

/// Children, one a line: digest, a blank, platform.
fn written(children: &[Child]) -> String {
    children.iter().map(|c| format!("{} {}", c.digest, c.platform)).collect::<Vec<_>>().join("\n")
}

fn read(text: &str) -> Option<Vec<Child>> {
    let child = |line: &str| {
        let (digest, platform) = line.split_once(' ')?;
        Some(Child { digest: digest.parse().ok()?, platform: platform.to_owned() })
    };
    text.lines().map(child).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Stored {
        let seen = Observation::claimed("r.io/a", Some("1"), State::Vanished);
        Stored::new(&seen.by(milliseconds(7), crate::Vantage::Direct, "test 1"), 3, BEGINNING)
    }

    #[test]
    fn the_bytes_are_these() {
        let zeros = BEGINNING;
        let expected = format!(
            "plimsoll.ledger.observation/1\n64:{zeros},6:r.io/a,1:3,1:1,0:,0:,0:,1:7,6:direct,7:claimed,6:test 1,0:,"
        );
        assert_eq!(String::from_utf8(sample().canonical()).unwrap(), expected);
        assert_eq!(sample().hash, Sha256::of(expected.as_bytes()).hex());
    }

    #[test]
    fn marks_point_at_what_differs() {
        let row = sample();
        assert_eq!(row.unmarked(), [""; 0]);
        assert_eq!(Stored { tag: "2".into(), seen: 8, ..row.clone() }.unmarked(), ["tag", "seen"]);
        assert_eq!(Stored { marks: String::new(), ..row }.unmarked(), FIELDS);
    }

    /// A row of any texts and numbers.
    fn any_row() -> impl Strategy<Value = Stored> {
        let text = || "[a-z0-9:,\\n]{0,6}";
        let texts = (text(), text(), text(), text(), text(), text(), text(), text(), text(), text());
        (texts, any::<i64>(), any::<i64>()).prop_map(|(t, sequence, seen)| Stored {
            previous: t.0,
            repository: t.1,
            sequence,
            tag: t.2,
            digest: t.3,
            media_type: t.4,
            children: t.5,
            seen,
            vantage: t.6,
            proof: t.7,
            witness: t.8,
            document: t.9,
            hash: String::new(),
            marks: String::new(),
        })
    }

    /// The fields again, out of the bytes: that this is possible is why no two rows have the same bytes.
    fn parsed(bytes: &[u8]) -> Option<Vec<String>> {
        let mut rest = bytes.strip_prefix(FORMAT)?;
        let mut fields = Vec::new();
        while !rest.is_empty() {
            let colon = rest.iter().position(|b| *b == b':')?;
            let length: usize = std::str::from_utf8(&rest[..colon]).ok()?.parse().ok()?;
            let end = colon + 1 + length;
            fields.push(String::from_utf8(rest.get(colon + 1..end)?.to_vec()).ok()?);
            rest = rest.get(end..)?.strip_prefix(b",")?;
        }
        Some(fields)
    }

    proptest! {
        #[test]
        fn the_fields_can_be_read_back(row in any_row()) {
            prop_assert_eq!(parsed(&row.canonical()), Some(row.fields().to_vec()));
        }

        #[test]
        fn different_rows_have_different_bytes(a in any_row(), b in any_row()) {
            prop_assert_eq!(a == b, a.canonical() == b.canonical());
        }

        #[test]
        fn a_text_moved_from_one_field_to_the_next_is_seen(row in any_row(), at in 0usize..6) {
            let cut = at.min(row.tag.len());
            let (tag, more) = row.tag.split_at(cut);
            let moved = Stored { tag: tag.to_owned(), digest: format!("{more}{}", row.digest), ..row.clone() };
            prop_assert_eq!(moved == row, moved.computed_hash() == row.computed_hash());
        }
    }
}
