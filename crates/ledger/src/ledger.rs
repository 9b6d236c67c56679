//! The ledger for programs that block: one connection and the little machinery that waits for it.

use crate::append::Receipt;
use crate::bills::{Bill, NewBill};
use crate::checkpoint::Checkpoint;
use crate::error::LedgerError;
use crate::moves::{Move, MoveEnd};
use crate::observation::{Entry, Observation};
use crate::place::Place;
use crate::read::{AsOf, Status};
use crate::store::Store;
use crate::verify::Report;
use jiff::Timestamp;
use model::{Digest, Subject};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tokio::runtime::{Builder, Runtime};

/// An open ledger that may be shared by threads, which then take turns.
#[derive(Debug)]
pub struct Ledger {
    runtime: Runtime,
    store: Mutex<Store>,
}

impl Ledger {
    /// Opens the ledger at this address, making file and tables where there are none.
    ///
    /// # Errors
    /// When the address is none, or the ledger cannot be reached, made, or is of a later version.
    pub fn open(url: &str) -> Result<Self, LedgerError> {
        Self::open_at(&url.parse()?)
    }

    /// The same for an address that was read before.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_at(place: &Place) -> Result<Self, LedgerError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(LedgerError::Runtime)?;
        let store = runtime.block_on(Store::open(place))?;
        Ok(Self { runtime, store: Mutex::new(store) })
    }

    /// Opens the ledger only if there is one: `None` where the file was never made.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_if_there(place: &Place) -> Result<Option<Self>, LedgerError> {
        match place {
            Place::Sqlite(path) if !path.exists() => Ok(None),
            place => Self::open_at(place).map(Some),
        }
    }

    /// Where it is; safe to show.
    pub fn place(&self) -> String {
        self.store.lock().unwrap_or_else(PoisonError::into_inner).place().to_string()
    }

    /// Records what was seen, all of it or nothing; see [`Store::observe`].
    ///
    /// # Errors
    /// [`LedgerError::Invalid`] for what nobody can have seen; else what the database says.
    pub fn observe(&self, observations: &[Observation]) -> Result<Receipt, LedgerError> {
        self.ask(async |store| store.observe(observations).await)
    }

    /// Keeps documents that belong to what was seen; see [`Store::keep`].
    ///
    /// # Errors
    /// [`LedgerError::Invalid`] for one that does not have its digest; else what the database says.
    pub fn keep(&self, documents: &[(Digest, Vec<u8>)]) -> Result<(), LedgerError> {
        self.ask(async |store| store.keep(documents).await)
    }

    /// Every row about a tag, from every vantage, oldest first.
    ///
    /// # Errors
    /// What the database says, and a row that cannot be what was written.
    pub fn history(&self, repository: &str, tag: &str) -> Result<Vec<Entry>, LedgerError> {
        self.ask(async |store| store.history(repository, tag).await)
    }

    /// The last row that says what the registry itself has under a tag.
    ///
    /// # Errors
    /// As [`Ledger::history`].
    pub fn last_direct(&self, repository: &str, tag: &str) -> Result<Option<Entry>, LedgerError> {
        self.ask(async |store| store.last_direct(repository, tag).await)
    }

    /// The last row about every tag of a repository from every vantage, by tag.
    ///
    /// # Errors
    /// As [`Ledger::history`].
    pub fn tags(&self, repository: &str) -> Result<Vec<Entry>, LedgerError> {
        self.ask(async |store| store.tags(repository).await)
    }

    /// The first row that shows `digest` in a repository: under this tag, or under any name.
    ///
    /// # Errors
    /// As [`Ledger::history`].
    pub fn first_seen(
        &self,
        repository: &str,
        tag: Option<&str>,
        digest: &Digest,
    ) -> Result<Option<Entry>, LedgerError> {
        self.ask(async |store| store.first_seen(repository, tag, digest).await)
    }

    /// What a tag named at `time`, as far as anybody looked; see [`AsOf`].
    ///
    /// # Errors
    /// As [`Ledger::history`].
    pub fn as_of(&self, repository: &str, tag: &str, time: Timestamp) -> Result<Option<AsOf>, LedgerError> {
        self.ask(async |store| store.as_of(repository, tag, time).await)
    }

    /// The raw manifest or index with this digest, if it was ever seen.
    ///
    /// # Errors
    /// What the database says.
    pub fn document(&self, digest: &Digest) -> Result<Option<Vec<u8>>, LedgerError> {
        self.ask(async |store| store.document(digest).await)
    }

    /// Retains an SBOM, and lets those go that were seen last before `until`; see [`Store::retain`].
    ///
    /// # Errors
    /// [`LedgerError::Invalid`] for one that is too large; else what the database says.
    pub fn retain(&self, bill: NewBill<'_>, now: Timestamp, until: Timestamp) -> Result<(), LedgerError> {
        self.ask(async |store| store.retain(bill, now, until).await)
    }

    /// Whether the SBOM of an image was retained since then; see [`Store::has_bill`].
    ///
    /// # Errors
    /// What the database says.
    pub fn has_bill(
        &self,
        subject: &Subject,
        target: &str,
        maker: &str,
        since: Timestamp,
    ) -> Result<bool, LedgerError> {
        self.ask(async |store| store.has_bill(subject, target, maker, since).await)
    }

    /// The last SBOM of every image, by what the images were called.
    ///
    /// # Errors
    /// What the database says.
    pub fn bills(&self) -> Result<Vec<Bill>, LedgerError> {
        self.ask(async |store| store.bills().await)
    }

    /// A retained SBOM's bytes; see [`Store::bill`].
    ///
    /// # Errors
    /// [`LedgerError::Altered`]; else what the database says.
    pub fn bill(&self, bill: &Bill) -> Result<Option<Vec<u8>>, LedgerError> {
        self.ask(async |store| store.bill(bill).await)
    }

    /// Writes down moves, all or none; see [`Store::begin_moves`].
    ///
    /// # Errors
    /// What the database says.
    pub fn begin_moves(&self, moves: &[Move]) -> Result<(), LedgerError> {
        self.ask(async |store| store.begin_moves(moves).await)
    }

    /// Writes down how a move ended; see [`Store::end_move`].
    ///
    /// # Errors
    /// What the database says.
    pub fn end_move(&self, one: &Move, now: Timestamp, end: MoveEnd) -> Result<(), LedgerError> {
        self.ask(async |store| store.end_move(one, now, end).await)
    }

    /// The moves that nobody ended, the first first.
    ///
    /// # Errors
    /// What the database says.
    pub fn open_moves(&self) -> Result<Vec<Move>, LedgerError> {
        self.ask(async |store| store.open_moves().await)
    }

    /// All moves of a repository, the first first.
    ///
    /// # Errors
    /// What the database says.
    pub fn moves(&self, repository: &str) -> Result<Vec<Move>, LedgerError> {
        self.ask(async |store| store.moves(repository).await)
    }

    /// Every repository, by name.
    ///
    /// # Errors
    /// What the database says.
    pub fn repositories(&self) -> Result<Vec<String>, LedgerError> {
        self.ask(async |store| store.repositories().await)
    }

    /// At most `limit` rows of a repository after the row numbered `after`, in order.
    ///
    /// # Errors
    /// As [`Ledger::history`].
    pub fn page(&self, repository: &str, after: u64, limit: u32) -> Result<Vec<Entry>, LedgerError> {
        self.ask(async |store| store.page(repository, after, limit).await)
    }

    /// How much there is.
    ///
    /// # Errors
    /// What the database says.
    pub fn status(&self) -> Result<Status, LedgerError> {
        self.ask(async |store| store.status().await)
    }

    /// The ends of all chains now.
    ///
    /// # Errors
    /// What the database says, and a row whose hash is none.
    pub fn checkpoint(&self) -> Result<Checkpoint, LedgerError> {
        self.ask(async |store| store.checkpoint().await)
    }

    /// Walks all of it; see [`Store::verify`].
    ///
    /// # Errors
    /// What the database says. What is wrong with the rows is no error but the report.
    pub fn verify(&self, checkpoint: Option<&Checkpoint>) -> Result<Report, LedgerError> {
        self.ask(async |store| store.verify(checkpoint).await)
    }

    /// Writes a copy of this moment's state to a file that does not exist yet.
    ///
    /// # Errors
    /// As [`Store::backup`].
    pub fn backup(&self, to: &Path) -> Result<(), LedgerError> {
        self.ask(async |store| store.backup(to).await)
    }

    /// Runs `work` with the connection, waiting for it.
    pub(crate) fn ask<T>(
        &self,
        work: impl AsyncFnOnce(&mut Store) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        // A thread that panicked with the connection left at most a transaction that the database rolls back.
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        self.runtime.block_on(work(&mut store))
    }
}
