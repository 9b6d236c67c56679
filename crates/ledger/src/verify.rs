//! Whether the record is what was written: every row's hash, every link, every document; and what a checkpoint that
//! was kept elsewhere says of the ends.
//!
//! A chain alone shows what was changed in it. It cannot show that its last rows are gone, that all of it was written
//! anew from some row on to the end, or that a whole repository is gone: for those there is the checkpoint.

use crate::append::SEAL_AGAIN_AFTER;
use crate::chain::{BEGINNING, Stored, sequence_mark};
use crate::checkpoint::{Checkpoint, Head};
use crate::conn::{Arg, Conn};
use crate::error::LedgerError;
use crate::observation::is_of;
use crate::store::Store;
use model::Digest;
use std::fmt;

const PAGE: usize = 500;
/// Documents may be megabytes each.
const FEW: usize = 8;
const ROWS: &str = "SELECT previous, repository, sequence, tag, digest, media_type, children, seen, vantage, proof, \
                    witness, document, hash, marks FROM observations \
                    WHERE repository = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";

/// What was looked at and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Repositories whose chains were walked.
    pub repositories: u64,
    /// Rows whose hashes were computed.
    pub observations: u64,
    /// Documents that were hashed.
    pub documents: u64,
    /// What is wrong, by repository and row.
    pub problems: Vec<Problem>,
}

/// One thing that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A field of a row is not what was hashed.
    Altered {
        /// The chain.
        repository: String,
        /// The row.
        sequence: i64,
        /// The column.
        field: &'static str,
    },
    /// The row stands where another was.
    Moved {
        /// The chain.
        repository: String,
        /// Where it stands.
        sequence: i64,
        /// Where it was written.
        was: i64,
    },
    /// Rows are gone.
    Missing {
        /// The chain.
        repository: String,
        /// The first that is gone.
        from: i64,
        /// The last.
        to: i64,
    },
    /// A row that is whole does not follow from the one before it.
    Unlinked {
        /// The chain.
        repository: String,
        /// The row.
        sequence: i64,
    },
    /// The chain is shorter than the checkpoint says.
    Truncated {
        /// The chain.
        repository: String,
        /// The rows that there are.
        rows: u64,
        /// The rows that there were.
        expected: u64,
    },
    /// The row of the checkpoint is another one.
    Rewritten {
        /// The chain.
        repository: String,
        /// The checkpoint's row.
        sequence: u64,
    },
    /// A document is not what its digest says.
    Document {
        /// The digest.
        digest: String,
    },
    /// A proved row's document is gone.
    NoDocument {
        /// The chain.
        repository: String,
        /// The row.
        sequence: i64,
        /// The digest.
        digest: String,
    },
    /// A sighting of a row that is not there, or from when it would have become a row of its own.
    Sighting {
        /// The chain.
        repository: String,
        /// The row.
        sequence: i64,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |repository: &str| model::escaped(repository).into_owned();
        match self {
            Self::Altered { repository, sequence, field } => {
                write!(f, "{} row {sequence}: the field `{field}` was altered", name(repository))
            }
            Self::Moved { repository, sequence, was } => {
                write!(f, "{} row {sequence}: it was written as row {was}; rows were reordered", name(repository))
            }
            Self::Missing { repository, from, to } if from == to => {
                write!(f, "{} row {from}: it is missing", name(repository))
            }
            Self::Missing { repository, from, to } => {
                write!(f, "{} rows {from} to {to}: they are missing", name(repository))
            }
            Self::Unlinked { repository, sequence } => write!(
                f,
                "{} row {sequence}: it does not follow from the row before it, which was written anew, or was put in by hand, as this one may be",
                name(repository)
            ),
            Self::Truncated { repository, rows, expected } => write!(
                f,
                "{}: it ends at row {rows}, and the checkpoint has {expected}; the last ones are missing",
                name(repository)
            ),
            Self::Rewritten { repository, sequence } => {
                write!(f, "{} row {sequence}: it is not the checkpoint's; the chain was written anew", name(repository))
            }
            Self::Document { digest } => write!(f, "document {}: its content was altered", name(digest)),
            Self::NoDocument { repository, sequence, digest } => {
                write!(f, "{} row {sequence}: its document {} is missing", name(repository), name(digest))
            }
            Self::Sighting { repository, sequence } => {
                write!(f, "{} row {sequence}: a sighting of it cannot be", name(repository))
            }
        }
    }
}

impl Store {
    /// Walks all of it, over one state of the database.
    ///
    /// # Errors
    /// What the database says. What is wrong with the rows is no error but the report.
    pub async fn verify(&mut self, checkpoint: Option<&Checkpoint>) -> Result<Report, LedgerError> {
        let work = async |conn: &mut Conn| {
            let mut report = Report::default();
            for repository in repositories(conn).await? {
                let head = checkpoint.and_then(|c| c.heads.iter().find(|h| h.repository == repository));
                Walk::new(&repository, head).walk(conn, &mut report).await?;
            }
            let walked = repositories(conn).await?;
            let gone = checkpoint.iter().flat_map(|c| &c.heads).filter(|h| !walked.contains(&h.repository));
            let truncated =
                |h: &Head| Problem::Truncated { repository: h.repository.clone(), rows: 0, expected: h.sequence };
            report.problems.extend(gone.filter(|h| h.sequence > 0).map(truncated));
            sightings(conn, &mut report).await?;
            documents(conn, &mut report).await?;
            Ok(report)
        };
        self.conn.reading("be verified", work).await
    }
}

async fn repositories(conn: &mut Conn) -> Result<Vec<String>, LedgerError> {
    let sql = "SELECT DISTINCT repository FROM observations ORDER BY repository";
    let rows = conn.rows(sql, &[]).await.map_err(LedgerError::at("list repositories"))?;
    Ok(rows.iter().map(|row| row.text(0)).collect())
}

/// The way along one chain.
struct Walk<'a> {
    repository: &'a str,
    checkpoint: Option<&'a Head>,
    /// The number of the last row.
    at: i64,
    /// The hashes that the next row may name: what the last row says of itself, and what it really has.
    links: Option<[String; 2]>,
}

impl<'a> Walk<'a> {
    fn new(repository: &'a str, checkpoint: Option<&'a Head>) -> Self {
        let beginning = BEGINNING.to_owned();
        Self { repository, checkpoint, at: 0, links: Some([beginning.clone(), beginning]) }
    }

    async fn walk(mut self, conn: &mut Conn, report: &mut Report) -> Result<(), LedgerError> {
        report.repositories += 1;
        let mut after = i64::MIN;
        loop {
            let limit = Arg::Int(i64::try_from(PAGE).unwrap_or(i64::MAX));
            let args = [Arg::Text(self.repository), Arg::Int(after), limit];
            let rows = conn.rows(ROWS, &args).await.map_err(LedgerError::at("read its rows"))?;
            for row in &rows {
                let row = Stored::read(row);
                after = row.sequence;
                report.observations += 1;
                self.step(&row, &mut report.problems);
            }
            if rows.len() < PAGE {
                break;
            }
        }
        self.end(&mut report.problems);
        Ok(())
    }

    fn step(&mut self, row: &Stored, problems: &mut Vec<Problem>) {
        let (repository, sequence) = (self.repository.to_owned(), row.sequence);
        if sequence != self.at + 1 {
            let (from, to) = (self.at + 1, sequence - 1);
            problems.push(Problem::Missing { repository: repository.clone(), from, to });
            self.links = None;
        }
        let computed = row.computed_hash();
        let unmarked = row.unmarked();
        let whole = computed == row.hash;
        let place = place_of(row).filter(|_| !whole);
        let moved = place.is_some();
        match place {
            Some(was) => problems.push(Problem::Moved { repository: repository.clone(), sequence, was }),
            None => {
                let marked = row.marks == row.computed_marks();
                let fields = match (whole, if whole { marked } else { unmarked.is_empty() }) {
                    (true, true) => Vec::new(),
                    (true, false) => vec!["marks"],
                    (false, true) => vec!["hash"],
                    (false, false) => unmarked,
                };
                let altered = |field| Problem::Altered { repository: repository.clone(), sequence, field };
                problems.extend(fields.into_iter().map(altered));
            }
        }
        let linked = self.links.as_ref().is_none_or(|links| links.contains(&row.previous));
        if whole && !linked {
            problems.push(Problem::Unlinked { repository: repository.clone(), sequence });
        }
        let head = self.checkpoint.filter(|h| i64::try_from(h.sequence) == Ok(sequence));
        if let Some(head) = head.filter(|h| whole && h.hash.hex() != computed) {
            problems.push(Problem::Rewritten { repository, sequence: head.sequence });
        }
        // What should follow a row that stands elsewhere is not here.
        self.links = (!moved).then(|| [row.hash.clone(), computed]);
        self.at = sequence;
    }

    fn end(&self, problems: &mut Vec<Problem>) {
        let rows = u64::try_from(self.at).unwrap_or(0);
        if let Some(head) = self.checkpoint.filter(|h| h.sequence > rows) {
            let repository = self.repository.to_owned();
            problems.push(Problem::Truncated { repository, rows, expected: head.sequence });
        }
    }
}

/// The number under which a row was written, if it is whole but for its number.
fn place_of(row: &Stored) -> Option<i64> {
    const FARTHEST: i64 = 1_000_000;
    let mark = row.marks.get(16..24)?;
    let around = (1..=FARTHEST).flat_map(|step| [row.sequence - step, row.sequence + step]).filter(|n| *n > 0);
    // Nothing but the number differs, else it is no use to look.
    (row.unmarked() == ["sequence"]).then_some(())?;
    around.filter(|number| sequence_mark(*number) == mark).find(|number| {
        let there = Stored { sequence: *number, ..row.clone() };
        there.computed_hash() == row.hash
    })
}

async fn sightings(conn: &mut Conn, report: &mut Report) -> Result<(), LedgerError> {
    let sql = "SELECT s.repository, s.sequence FROM sightings s LEFT JOIN observations o \
               ON o.repository = s.repository AND o.sequence = s.sequence \
               WHERE o.sequence IS NULL OR s.times < 1 OR s.proof NOT IN ('proved', 'claimed') \
               OR (s.proof = 'proved' AND o.proof <> 'proved') \
               OR (s.proof = o.proof AND s.last >= o.seen + $1) ORDER BY s.repository, s.sequence LIMIT 1000";
    // Beyond that, the same seen again is a row of its own.
    let day = i64::try_from(SEAL_AGAIN_AFTER.as_millis()).unwrap_or(i64::MAX);
    let rows = conn.rows(sql, &[Arg::Int(day)]).await.map_err(LedgerError::at("read its sightings"))?;
    report.problems.extend(rows.iter().map(|r| Problem::Sighting { repository: r.text(0), sequence: r.int(1) }));
    Ok(())
}

async fn documents(conn: &mut Conn, report: &mut Report) -> Result<(), LedgerError> {
    let missing = "SELECT o.repository, o.sequence, o.document FROM observations o LEFT JOIN documents d \
                   ON d.digest = o.document WHERE o.document <> '' AND d.digest IS NULL \
                   ORDER BY o.repository, o.sequence LIMIT 1000";
    let rows = conn.rows(missing, &[]).await.map_err(LedgerError::at("look for its documents"))?;
    let lost =
        |r: &crate::conn::Row| Problem::NoDocument { repository: r.text(0), sequence: r.int(1), digest: r.text(2) };
    report.problems.extend(rows.iter().map(lost));
    let page = "SELECT digest, size, content FROM documents WHERE digest > $1 ORDER BY digest LIMIT $2";
    let mut after = String::new();
    loop {
        let limit = Arg::Int(i64::try_from(FEW).unwrap_or(i64::MAX));
        let rows = conn.rows(page, &[Arg::Text(&after), limit]).await.map_err(LedgerError::at("read its documents"))?;
        let few = rows.len() < FEW;
        for row in rows {
            let (digest, size) = (row.text(0), row.count(1));
            let content = row.bytes(2);
            report.documents += 1;
            let right = digest.parse::<Digest>().is_ok_and(|d| is_of(&d, &content)) && size == content.len() as u64;
            if !right {
                report.problems.push(Problem::Document { digest: digest.clone() });
            }
            after = digest;
        }
        if few {
            return Ok(());
        }
    }
}
