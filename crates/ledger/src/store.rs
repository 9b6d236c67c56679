//! The asynchronous ledger: one connection, opened with everything that durability needs.

use crate::conn::Conn;
use crate::error::LedgerError;
use crate::place::Place;
use crate::schema;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};
use std::fs::DirBuilder;
use std::path::Path;
use std::time::Duration;

/// How long a writer waits for the others.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a file is tried that others are just making.
const TRIES: u32 = 200;

/// An open ledger. One connection: who wants to ask in parallel opens several.
#[derive(Debug)]
pub struct Store {
    pub(crate) conn: Conn,
    pub(crate) place: Place,
}

impl Store {
    /// Opens the ledger, making file and tables where there are none.
    ///
    /// # Errors
    /// When it cannot be reached, made, or is of a later version.
    pub async fn open(place: &Place) -> Result<Self, LedgerError> {
        let fail = |source| LedgerError::Open { place: place.to_string(), source };
        let mut conn = match place {
            Place::Sqlite(path) => {
                folder_of(path)?;
                Conn::Sqlite(sqlite(path).await.map_err(fail)?)
            }
            Place::Postgres(options) => Conn::Postgres(options.connect().await.map_err(fail)?),
        };
        schema::migrate(&mut conn, place).await?;
        Ok(Self { conn, place: place.clone() })
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Says goodbye to the database.
    ///
    /// # Errors
    /// When the database does not answer; nothing is lost by that.
    pub async fn close(self) -> Result<(), LedgerError> {
        let closed = match self.conn {
            Conn::Sqlite(conn) => conn.close().await,
            Conn::Postgres(conn) => conn.close().await,
        };
        closed.map_err(LedgerError::at("be closed"))
    }
}

/// `synchronous=FULL` puts every commit on the disk before it returns, which WAL alone would not.
pub(crate) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        .pragma("recursive_triggers", "ON")
        .pragma("trusted_schema", "OFF")
}

/// Going over to WAL needs the file alone and does not wait for it, so it is tried again while others are at it.
async fn sqlite(path: &Path) -> sqlx::Result<sqlx::SqliteConnection> {
    let mut tries = 0;
    loop {
        match options(path).connect().await {
            Err(error) if is_busy(&error) && tries < TRIES => tokio::time::sleep(Duration::from_millis(20)).await,
            done => return done,
        }
        tries += 1;
    }
}

/// SQLITE_BUSY with any of its reasons.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

/// What tags of private repositories name is nobody else's business: the folder is made for its owner alone.
fn folder_of(path: &Path) -> Result<(), LedgerError> {
    use std::os::unix::fs::DirBuilderExt as _;
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        None => Ok(()),
        Some(parent) => DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)
            .map_err(|source| LedgerError::File { path: path.to_owned(), source }),
    }
}
