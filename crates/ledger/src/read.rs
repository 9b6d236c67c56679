//! What the ledger knows: of a tag, of a repository, of a moment.

use crate::chain::Stored;
use crate::conn::{Arg, Row};
use crate::error::LedgerError;
use crate::observation::{Entry, Observation, Seen, Vantage};
use crate::store::Store;
use jiff::Timestamp;
use model::Digest;

/// Rows, in the order of [`Stored::read`], with when they were seen again.
macro_rules! entries {
    ($rest:literal) => {
        concat!(
            "SELECT o.previous, o.repository, o.sequence, o.tag, o.digest, o.media_type, o.children, o.seen, \
             o.vantage, o.proof, o.witness, o.document, o.hash, o.marks, \
             (SELECT s.last FROM sightings s WHERE s.repository = o.repository AND s.sequence = o.sequence \
              AND s.proof = 'proved'), \
             (SELECT s.last FROM sightings s WHERE s.repository = o.repository AND s.sequence = o.sequence \
              AND s.proof = 'claimed'), \
             (SELECT CAST(coalesce(sum(s.times), 0) AS BIGINT) FROM sightings s \
              WHERE s.repository = o.repository AND s.sequence = o.sequence) \
             FROM observations o ",
            $rest
        )
    };
}

/// What a tag named at a moment, as far as anybody looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// The row that held at that moment.
    pub entry: Entry,
    /// Until when the same was seen. What lies after `sealed` is a count beside the chain, which nothing vouches for.
    pub last: Timestamp,
    /// The last row of the chain that says the same: until then the hashes vouch for it.
    pub sealed: Timestamp,
    /// The next row from the same vantage that says something else.
    pub next: Option<Entry>,
    /// Whether rows of the chain say the same before and after the moment. If not, it may have changed in between,
    /// unseen, or the count beside the chain may be somebody else's.
    pub certain: bool,
}

/// How much there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Repositories with at least one row.
    pub repositories: u64,
    /// Rows.
    pub observations: u64,
    /// Documents, each kept once.
    pub documents: u64,
    /// Their bytes.
    pub document_bytes: u64,
    /// First time that anything was seen.
    pub first: Option<Timestamp>,
    /// Last time that a row was written.
    pub last: Option<Timestamp>,
}

impl Store {
    /// Every row about a tag, from every vantage, oldest first.
    ///
    /// # Errors
    /// What the database says, and a row that cannot be what was written.
    pub async fn history(&mut self, repository: &str, tag: &str) -> Result<Vec<Entry>, LedgerError> {
        let sql = entries!("WHERE o.repository = $1 AND o.tag = $2 ORDER BY o.sequence");
        self.entries(sql, &[Arg::Text(repository), Arg::Text(tag)]).await
    }

    /// The last row that says what the registry itself has under a tag, claims of others aside.
    ///
    /// # Errors
    /// As [`Store::history`].
    pub async fn last_direct(&mut self, repository: &str, tag: &str) -> Result<Option<Entry>, LedgerError> {
        let sql = entries!(
            "WHERE o.repository = $1 AND o.tag = $2 AND o.vantage = 'direct' ORDER BY o.sequence DESC LIMIT 1"
        );
        Ok(self.entries(sql, &[Arg::Text(repository), Arg::Text(tag)]).await?.into_iter().next())
    }

    /// The last row about every tag of a repository from every vantage, by tag.
    ///
    /// # Errors
    /// As [`Store::history`].
    pub async fn tags(&mut self, repository: &str) -> Result<Vec<Entry>, LedgerError> {
        let sql = entries!(
            "WHERE o.repository = $1 AND o.tag <> '' AND o.sequence = (SELECT max(l.sequence) FROM observations l \
             WHERE l.repository = o.repository AND l.tag = o.tag AND l.vantage = o.vantage) \
             ORDER BY o.tag, o.vantage"
        );
        self.entries(sql, &[Arg::Text(repository)]).await
    }

    /// The first row that shows `digest` in a repository: under this tag, or under any name.
    ///
    /// # Errors
    /// As [`Store::history`].
    pub async fn first_seen(
        &mut self,
        repository: &str,
        tag: Option<&str>,
        digest: &Digest,
    ) -> Result<Option<Entry>, LedgerError> {
        let digest = digest.to_string();
        let (repository, digest) = (Arg::Text(repository), Arg::Text(&digest));
        let found = match tag {
            Some(tag) => {
                let sql = entries!(
                    "WHERE o.repository = $1 AND o.digest = $2 AND o.tag = $3 ORDER BY o.seen, o.sequence LIMIT 1"
                );
                self.entries(sql, &[repository, digest, Arg::Text(tag)]).await?
            }
            None => {
                let sql = entries!("WHERE o.repository = $1 AND o.digest = $2 ORDER BY o.seen, o.sequence LIMIT 1");
                self.entries(sql, &[repository, digest]).await?
            }
        };
        Ok(found.into_iter().next())
    }

    /// What a tag named at `time`: as the registry itself showed it, else as seen from the vantage that was looked
    /// from last before. `None` if nobody had looked yet.
    ///
    /// # Errors
    /// As [`Store::history`].
    pub async fn as_of(&mut self, repository: &str, tag: &str, time: Timestamp) -> Result<Option<AsOf>, LedgerError> {
        let history = self.history(repository, tag).await?;
        Ok(as_of(&history, time))
    }

    /// The raw manifest or index with this digest, if it was ever seen.
    ///
    /// # Errors
    /// What the database says.
    pub async fn document(&mut self, digest: &Digest) -> Result<Option<Vec<u8>>, LedgerError> {
        let name = digest.to_string();
        let sql = "SELECT content FROM documents WHERE digest = $1";
        let row = self.conn.row(sql, &[Arg::Text(&name)]).await.map_err(LedgerError::at("read a document"))?;
        Ok(row.map(|row| row.bytes(0)))
    }

    /// Every repository, by name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn repositories(&mut self) -> Result<Vec<String>, LedgerError> {
        let sql = "SELECT DISTINCT repository FROM observations ORDER BY repository";
        let rows = self.conn.rows(sql, &[]).await.map_err(LedgerError::at("list repositories"))?;
        Ok(rows.iter().map(|row| row.text(0)).collect())
    }

    /// At most `limit` rows of a repository after the row numbered `after`, in order: for those who want all of them.
    ///
    /// # Errors
    /// As [`Store::history`].
    pub async fn page(&mut self, repository: &str, after: u64, limit: u32) -> Result<Vec<Entry>, LedgerError> {
        let sql = entries!("WHERE o.repository = $1 AND o.sequence > $2 ORDER BY o.sequence LIMIT $3");
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.entries(sql, &[Arg::Text(repository), Arg::Int(after), Arg::Int(limit.into())]).await
    }

    /// How much there is.
    ///
    /// # Errors
    /// What the database says.
    pub async fn status(&mut self) -> Result<Status, LedgerError> {
        let fail = LedgerError::at("count what it holds");
        let rows = "SELECT count(DISTINCT repository), count(*), min(seen), max(seen) FROM observations";
        let documents = "SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT) FROM documents";
        let rows = self.conn.row(rows, &[]).await.map_err(&fail)?;
        let documents = self.conn.row(documents, &[]).await.map_err(&fail)?;
        let number = |row: &Option<Row>, at| row.as_ref().map_or(0, |row| row.count(at));
        let time = |at| rows.as_ref().and_then(|row| row.time(at));
        Ok(Status {
            repositories: number(&rows, 0),
            observations: number(&rows, 1),
            documents: number(&documents, 0),
            document_bytes: number(&documents, 1),
            first: time(2),
            last: time(3),
        })
    }

    async fn entries(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<Vec<Entry>, LedgerError> {
        let rows = self.conn.rows(sql, args).await.map_err(LedgerError::at("read what was seen"))?;
        rows.iter().map(|row| Stored::read(row).entry_or_error(again(row))).collect()
    }
}

fn again(row: &Row) -> Seen {
    Seen { proved: row.time(14), claimed: row.time(15), times: row.count(16) }
}

/// The moment in a history.
fn as_of(history: &[Entry], time: Timestamp) -> Option<AsOf> {
    let before = |entry: &&Entry| entry.observation.seen <= time;
    let direct = |entry: &&Entry| entry.observation.vantage == Vantage::Direct;
    let chosen = history.iter().filter(direct).rfind(before).or_else(|| history.iter().rfind(before))?;
    let rest = history.iter().filter(|e| e.observation.vantage == chosen.observation.vantage);
    let mut rest = rest.filter(|e| e.sequence > chosen.sequence).peekable();
    let same = |a: &Observation, b: &Observation| a.digest() == b.digest();
    let (mut last, mut sealed) = (chosen.last(), chosen.observation.seen);
    while let Some(entry) = rest.next_if(|entry| same(&entry.observation, &chosen.observation)) {
        last = last.max(entry.last());
        sealed = sealed.max(entry.observation.seen);
    }
    let next = rest.next().cloned();
    // A count cannot go on after a row that says something else.
    let last = next.as_ref().map_or(last, |next| last.min(next.observation.seen.max(sealed)));
    Some(AsOf { certain: time <= sealed, last, sealed, next, entry: chosen.clone() })
}
