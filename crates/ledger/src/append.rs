//! Recording: a row where something changed, a count where it did not.
//!
//! A tag that is polled every minute would make half a million rows a year that all say the same. So what is seen
//! unchanged only moves *last seen* in `sightings`, which is not chained, and once in [`SEAL_AGAIN_AFTER`] it is
//! written as a row again: the chain itself then vouches for what was seen, a day behind at the most.

use crate::chain::{BEGINNING, Stored};
use crate::conn::{Arg, Conn};
use crate::error::LedgerError;
use crate::observation::{Observation, Proof, State, is_of};
use crate::store::Store;
use model::Digest;
use std::collections::BTreeMap;
use std::time::Duration;

/// After this long, what is seen unchanged becomes a row of its own.
pub const SEAL_AGAIN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

const INSERT: &str = "INSERT INTO observations (previous, repository, sequence, tag, digest, media_type, children, \
                      seen, vantage, proof, witness, document, hash, marks) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const HEAD: &str = "SELECT sequence, hash FROM observations WHERE repository = $1 ORDER BY sequence DESC LIMIT 1";
const LAST: &str = "SELECT sequence, digest, proof, seen FROM observations \
                    WHERE repository = $1 AND tag = $2 AND vantage = $3 ORDER BY sequence DESC LIMIT 1";
const LAST_UNTAGGED: &str = "SELECT sequence, digest, proof, seen FROM observations \
                             WHERE repository = $1 AND tag = '' AND vantage = $2 AND digest = $3 \
                             ORDER BY sequence DESC LIMIT 1";
const AGAIN: &str = "INSERT INTO sightings (repository, sequence, proof, last, times) VALUES ($1, $2, $3, $4, 1) \
                     ON CONFLICT (repository, sequence, proof) DO UPDATE SET times = sightings.times + 1, \
                     last = CASE WHEN excluded.last > sightings.last THEN excluded.last ELSE sightings.last END";

/// What became of observations, in their order. When there is a receipt, it is on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// One for each observation.
    pub recorded: Vec<Recorded>,
}

/// What became of one observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// A row of this number, because something was new.
    Row(u64),
    /// Counted at the row of this number: nothing changed since.
    Again(u64),
    /// Nothing: a tag that was never seen cannot vanish.
    Nothing,
}

impl Receipt {
    /// How many rows were added.
    pub fn rows(&self) -> usize {
        self.recorded.iter().filter(|r| matches!(r, Recorded::Row(_))).count()
    }
}

impl Store {
    /// Records what was seen, all of it or nothing. An observation that claims proof must bring its document, unless
    /// the ledger has it already.
    ///
    /// # Errors
    /// [`LedgerError::Invalid`] for what nobody can have seen; else what the database says.
    pub async fn observe(&mut self, observations: &[Observation]) -> Result<Receipt, LedgerError> {
        for observation in observations {
            if let Some(why) = observation.fault() {
                return Err(LedgerError::Invalid { repository: observation.repository.clone(), why });
            }
        }
        // In the order of their names, so that no two writers wait for each other.
        let mut by_repository: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, observation) in observations.iter().enumerate() {
            by_repository.entry(&observation.repository).or_default().push(at);
        }
        let mut recorded = vec![Recorded::Nothing; observations.len()];
        let work = async |conn: &mut Conn| {
            for (repository, places) in by_repository {
                let mut head = Head::lock(conn, repository).await?;
                for at in places {
                    recorded[at] = head.record(conn, &observations[at]).await?;
                }
            }
            Ok(())
        };
        self.conn.writing("record what was seen", work).await?;
        Ok(Receipt { recorded })
    }
}

impl Store {
    /// Keeps documents that belong to what was seen, such as an image's config, each once by its digest. They are in
    /// no chain and need none: their digests are in documents that are.
    ///
    /// # Errors
    /// [`LedgerError::Invalid`] for one that does not have its digest; else what the database says.
    pub async fn keep(&mut self, documents: &[(Digest, Vec<u8>)]) -> Result<(), LedgerError> {
        if let Some((digest, _)) = documents.iter().find(|(digest, raw)| !is_of(digest, raw)) {
            let why = "it does not have its digest";
            return Err(LedgerError::Invalid { repository: digest.to_string(), why });
        }
        let work = async |conn: &mut Conn| {
            for (digest, raw) in documents {
                keep(conn, "", digest, Some(raw)).await?;
            }
            Ok(())
        };
        self.conn.writing("keep documents", work).await
    }
}

/// The end of a repository's chain, ours until the transaction ends.
struct Head {
    sequence: u64,
    hash: String,
}

impl Head {
    async fn lock(conn: &mut Conn, repository: &str) -> Result<Self, LedgerError> {
        let fail = LedgerError::at("lock a repository");
        if !conn.is_sqlite() {
            let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7465))";
            conn.rows(lock, &[Arg::Text(repository)]).await.map_err(&fail)?;
        }
        let row = conn.row(HEAD, &[Arg::Text(repository)]).await.map_err(fail)?;
        Ok(row.map_or(Self { sequence: 0, hash: BEGINNING.to_owned() }, |row| Self {
            sequence: row.count(0),
            hash: row.text(1),
        }))
    }

    async fn record(&mut self, conn: &mut Conn, observation: &Observation) -> Result<Recorded, LedgerError> {
        let last = last_like(conn, observation).await?;
        match last {
            None if observation.state == State::Vanished => return Ok(Recorded::Nothing),
            Some(last) if last.says_the_same(observation) => {
                let sequence = i64::try_from(last.sequence).unwrap_or(i64::MAX);
                let args = [
                    Arg::Text(&observation.repository),
                    Arg::Int(sequence),
                    Arg::Text(observation.proof.word()),
                    Arg::Int(observation.seen.as_millisecond()),
                ];
                conn.execute(AGAIN, &args).await.map_err(LedgerError::at("count what was seen again"))?;
                return Ok(Recorded::Again(last.sequence));
            }
            _ => {}
        }
        if let (Proof::Proved, Some(digest)) = (observation.proof, observation.digest()) {
            keep(conn, &observation.repository, digest, observation.raw.as_deref()).await?;
        }
        let row = Stored::new(observation, self.sequence + 1, &self.hash);
        conn.execute(INSERT, &row.arguments()).await.map_err(LedgerError::at("add a row"))?;
        self.sequence += 1;
        self.hash = row.hash;
        Ok(Recorded::Row(self.sequence))
    }
}

/// The last row about the same tag from the same vantage.
struct Last {
    sequence: u64,
    digest: String,
    proof: String,
    seen: i64,
}

impl Last {
    /// A claim of what is proved adds nothing; a proof of what was claimed does, and so does what is a day old.
    fn says_the_same(&self, observation: &Observation) -> bool {
        let digest = observation.digest().map(ToString::to_string).unwrap_or_default();
        let weaker = observation.proof.word() == self.proof || observation.proof == Proof::Claimed;
        let day = i64::try_from(SEAL_AGAIN_AFTER.as_millis()).unwrap_or(i64::MAX);
        let fresh = observation.seen.as_millisecond().saturating_sub(self.seen) < day;
        // A claim never seals: the row it would make is weaker than the one that is there.
        digest == self.digest && weaker && (fresh || observation.proof.word() != self.proof)
    }
}

async fn last_like(conn: &mut Conn, observation: &Observation) -> Result<Option<Last>, LedgerError> {
    let vantage = observation.vantage.to_string();
    let digest = observation.digest().map(ToString::to_string).unwrap_or_default();
    let repository = Arg::Text(&observation.repository);
    let row = match &observation.tag {
        Some(tag) => conn.row(LAST, &[repository, Arg::Text(tag), Arg::Text(&vantage)]).await,
        None => conn.row(LAST_UNTAGGED, &[repository, Arg::Text(&vantage), Arg::Text(&digest)]).await,
    };
    let row = row.map_err(LedgerError::at("find what was seen before"))?;
    Ok(row.map(|row| Last { sequence: row.count(0), digest: row.text(1), proof: row.text(2), seen: row.int(3) }))
}

/// Keeps the document of a proved observation, once.
async fn keep(conn: &mut Conn, repository: &str, digest: &Digest, raw: Option<&[u8]>) -> Result<(), LedgerError> {
    let fail = LedgerError::at("keep a document");
    let name = digest.to_string();
    let known = conn.row("SELECT size FROM documents WHERE digest = $1", &[Arg::Text(&name)]).await.map_err(&fail)?;
    match (raw, known) {
        (_, Some(_)) => Ok(()),
        (Some(raw), None) => {
            let size = i64::try_from(raw.len()).unwrap_or(i64::MAX);
            let insert = "INSERT INTO documents (digest, size, content) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
            conn.execute(insert, &[Arg::Text(&name), Arg::Int(size), Arg::Bytes(raw)]).await.map_err(fail)
        }
        (None, None) => {
            let why = "it claims proof and brings no document";
            Err(LedgerError::Invalid { repository: repository.to_owned(), why })
        }
    }
}
