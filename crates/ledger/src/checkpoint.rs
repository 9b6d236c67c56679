//! A checkpoint: how long each repository's chain was and how it ended. Kept elsewhere, it shows what a chain cannot
//! show of itself: that its end is missing, or that all of it was written anew.
//!
//! The format is a text, so that it can be printed, mailed and committed: a first line
//! `plimsoll.ledger.checkpoint/1 COUNT`, then for each of COUNT repositories `SEQUENCE HASH REPOSITORY`, by name.

use crate::chain::hash_of;
use crate::conn::Conn;
use crate::error::LedgerError;
use crate::store::Store;
use model::Sha256;
use std::fmt;
use std::str::FromStr;

const FORMAT: &str = "plimsoll.ledger.checkpoint/1";

/// The ends of all chains at one moment, by repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// One a repository.
    pub heads: Vec<Head>,
}

/// The end of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// `registry/repository`.
    pub repository: String,
    /// Its last row's number, which is how many rows it has.
    pub sequence: u64,
    /// That row's hash.
    pub hash: Sha256,
}

/// A text that is no checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The first line is another one.
    #[error("line 1: expected `{FORMAT}` and the number of repositories")]
    Format,
    /// A line that is none of a checkpoint's.
    #[error("line {0}: expected a sequence number, a hash and a repository")]
    Line(usize),
    /// The first line promises others.
    #[error("{found} repositories are listed, and line 1 says {stated}: a part of it is missing or added")]
    Count {
        /// What line 1 says.
        stated: usize,
        /// What there is.
        found: usize,
    },
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FORMAT} {}", self.heads.len())?;
        self.heads.iter().try_for_each(|h| writeln!(f, "{} {} {}", h.sequence, h.hash.hex(), h.repository))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.lines();
        let stated = lines.next().and_then(|line| line.strip_prefix(FORMAT)?.trim().parse().ok());
        let stated = stated.ok_or(CheckpointError::Format)?;
        let head = |(at, line): (usize, &str)| head(line).ok_or(CheckpointError::Line(at + 2));
        let heads: Vec<Head> = lines.enumerate().map(head).collect::<Result<_, _>>()?;
        match heads.len() {
            found if found == stated => Ok(Self { heads }),
            found => Err(CheckpointError::Count { stated, found }),
        }
    }
}

fn head(line: &str) -> Option<Head> {
    let mut words = line.splitn(3, ' ');
    let (sequence, hash, repository) = (words.next()?, words.next()?, words.next()?);
    let repository = Some(repository.to_owned()).filter(|r| !r.is_empty())?;
    Some(Head { repository, sequence: sequence.parse().ok()?, hash: hash_of(hash)? })
}

impl Store {
    /// The ends of all chains now.
    ///
    /// # Errors
    /// What the database says, and a row whose hash is none.
    pub async fn checkpoint(&mut self) -> Result<Checkpoint, LedgerError> {
        self.conn.reading("make a checkpoint", heads).await
    }
}

async fn heads(conn: &mut Conn) -> Result<Checkpoint, LedgerError> {
    let sql = "SELECT repository, sequence, hash FROM observations o WHERE sequence = \
               (SELECT max(l.sequence) FROM observations l WHERE l.repository = o.repository) ORDER BY repository";
    let rows = conn.rows(sql, &[]).await.map_err(LedgerError::at("find the ends of its chains"))?;
    let head = |row: &crate::conn::Row| {
        let repository = row.text(0);
        let why = "its last row has no hash: `plimsoll ledger verify` tells more";
        let hash = hash_of(&row.text(2)).ok_or(LedgerError::Invalid { repository: repository.clone(), why })?;
        Ok(Head { repository, sequence: row.count(1), hash })
    };
    Ok(Checkpoint { heads: rows.iter().map(head).collect::<Result<_, LedgerError>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Checkpoint {
        let head =
            |name: &str, sequence| Head { repository: name.to_owned(), sequence, hash: Sha256::of(name.as_bytes()) };
        Checkpoint { heads: vec![head("a/b", 3), head("r.io/c d", 99)] }
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        assert_eq!(sample().to_string().parse(), Ok(sample()));
        assert_eq!("plimsoll.ledger.checkpoint/1 0\n".parse(), Ok(Checkpoint::default()));
    }

    #[test]
    fn what_is_none_is_refused() {
        let text = sample().to_string();
        let refused = |text: &str, error| assert_eq!(text.parse::<Checkpoint>(), Err(error), "{text}");
        refused("", CheckpointError::Format);
        refused("plimsoll.ledger.checkpoint/2 0\n", CheckpointError::Format);
        refused(&text.replace(" 2\n", " \n"), CheckpointError::Format);
        refused(text.lines().next().unwrap(), CheckpointError::Count { stated: 2, found: 0 });
        refused(&text.replace(" 2\n", " 1\n"), CheckpointError::Count { stated: 1, found: 2 });
        refused(&text.replace("99 ", "x "), CheckpointError::Line(3));
        refused(&text.replace(&Sha256::of(b"a/b").hex(), "00"), CheckpointError::Line(2));
        refused(&text.replace(" a/b", " "), CheckpointError::Line(2));
    }
}
