//! Tags that are to be moved: written down, with what they named and what they are to name, before a registry is asked to
//! move the first; so that what a killed run left half done is known, and can be finished or taken back.
//!
//! What a tag was seen to name afterwards is an observation, in the chain. A move is what somebody wanted, and why.

use crate::conn::{Arg, Conn, Row};
use crate::error::LedgerError;
use crate::observation::milliseconds;
use crate::store::Store;
use jiff::Timestamp;
use model::Digest;

const BEGIN: &str = "INSERT INTO moves (repository, tag, began, old, new, reason, ended, outcome) \
                     VALUES ($1, $2, $3, $4, $5, $6, 0, '')";
const END: &str =
    "UPDATE moves SET ended = $4, outcome = $5 WHERE repository = $1 AND tag = $2 AND began = $3 AND outcome = ''";
const OPEN: &str = "SELECT repository, tag, began, old, new, reason, ended, outcome FROM moves WHERE outcome = '' \
                    ORDER BY began, repository, tag";
const ALL: &str = "SELECT repository, tag, began, old, new, reason, ended, outcome FROM moves WHERE repository = $1 \
                   ORDER BY began, tag";

/// A tag that is to name something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// `registry/repository`.
    pub repository: String,
    /// The tag.
    pub tag: String,
    /// When it was written down.
    pub began: Timestamp,
    /// What the tag named; `None` if it was not there.
    pub old: Option<Digest>,
    /// What it is to name.
    pub new: Digest,
    /// Why a tag that should not move was moved all the same; empty for all others.
    pub reason: String,
    /// When it ended, and how; `None` while it is open.
    pub ended: Option<(Timestamp, MoveEnd)>,
}

/// How a move ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveEnd {
    /// The tag was read back and named it.
    Done,
    /// It was taken back.
    Undone,
    /// Somebody else moved the tag meanwhile.
    Lost,
}

impl MoveEnd {
    const ALL: [Self; 3] = [Self::Done, Self::Undone, Self::Lost];

    /// A stable word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Undone => "undone",
            Self::Lost => "lost",
        }
    }
}

impl Store {
    /// Writes down moves, all or none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin_moves(&mut self, moves: &[Move]) -> Result<(), LedgerError> {
        let work = async |conn: &mut Conn| {
            for one in moves {
                let old = one.old.map(|digest| digest.to_string()).unwrap_or_default();
                let new = one.new.to_string();
                let args = [
                    Arg::Text(&one.repository),
                    Arg::Text(&one.tag),
                    Arg::Int(one.began.as_millisecond()),
                    Arg::Text(&old),
                    Arg::Text(&new),
                    Arg::Text(&one.reason),
                ];
                conn.execute(BEGIN, &args).await.map_err(LedgerError::at("write down a move"))?;
            }
            Ok(())
        };
        self.conn.writing("write down moves", work).await
    }

    /// Writes down how a move ended. One that ended already stays as it is.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_move(&mut self, one: &Move, now: Timestamp, end: MoveEnd) -> Result<(), LedgerError> {
        let args = [
            Arg::Text(&one.repository),
            Arg::Text(&one.tag),
            Arg::Int(one.began.as_millisecond()),
            Arg::Int(now.as_millisecond()),
            Arg::Text(end.word()),
        ];
        let work = async |conn: &mut Conn| conn.execute(END, &args).await.map_err(LedgerError::at("end a move"));
        self.conn.writing("end a move", work).await
    }

    /// The moves that nobody ended, the first first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open_moves(&mut self) -> Result<Vec<Move>, LedgerError> {
        let rows = self.conn.rows(OPEN, &[]).await.map_err(LedgerError::at("list open moves"))?;
        rows.iter().map(read).collect()
    }

    /// All moves of a repository, the first first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn moves(&mut self, repository: &str) -> Result<Vec<Move>, LedgerError> {
        let rows = self.conn.rows(ALL, &[Arg::Text(repository)]).await.map_err(LedgerError::at("list moves"))?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &Row) -> Result<Move, LedgerError> {
    let repository = row.text(0);
    let digest = |text: String| {
        let why = "a move in it names no digest";
        text.parse::<Digest>().map_err(|_| LedgerError::Invalid { repository: repository.clone(), why })
    };
    let old = Some(row.text(3)).filter(|text| !text.is_empty()).map(digest).transpose()?;
    let outcome = row.text(7);
    let ended = MoveEnd::ALL.into_iter().find(|end| end.word() == outcome).map(|end| (milliseconds(row.int(6)), end));
    let (tag, began, new, reason) = (row.text(1), milliseconds(row.int(2)), digest(row.text(4))?, row.text(5));
    Ok(Move { repository, tag, began, old, new, reason, ended })
}
