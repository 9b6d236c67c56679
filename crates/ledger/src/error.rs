//! What can go wrong between us and the database.

use crate::place::PlaceError;
use std::io;
use std::path::PathBuf;

/// Why the ledger cannot be used, or not for this. Addresses in it are redacted.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The address is none.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The folder or file cannot be made or read.
    #[error("the ledger's file `{}` cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No connection.
    #[error("the ledger `{place}` cannot be opened")]
    Open {
        /// The redacted address.
        place: String,
        /// What the driver said.
        source: sqlx::Error,
    },
    /// The tables cannot be made or brought up to date.
    #[error("the tables of the ledger `{place}` cannot be made")]
    Schema {
        /// The redacted address.
        place: String,
        /// What went wrong.
        source: sqlx::migrate::MigrateError,
    },
    /// A later version of this program has been here.
    #[error("the ledger `{place}` was written by a later version of this program")]
    Newer {
        /// The redacted address.
        place: String,
    },
    /// A statement failed.
    #[error("the ledger cannot {what}")]
    Database {
        /// What was to be done, as an infinitive.
        what: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// An observation that nobody can have made.
    #[error("an observation of `{repository}` is not recorded: {why}")]
    Invalid {
        /// Of what.
        repository: String,
        /// Why.
        why: &'static str,
    },
    /// A retained document that somebody changed.
    #[error("the retained SBOM of {subject} is not what was retained: somebody changed it")]
    Altered {
        /// The digest of the image.
        subject: String,
    },
    /// A copy is only made where nothing is.
    #[error("`{}` exists: a backup does not overwrite", .0.display())]
    Exists(PathBuf),
    /// PostgreSQL has its own way.
    #[error("`{0}` is backed up with `pg_dump`, which makes a consistent copy while the ledger is in use")]
    NoBackup(String),
    /// The machinery that waits for sockets cannot be made.
    #[error("cannot wait for the database")]
    Runtime(#[source] io::Error),
}

impl LedgerError {
    /// What the user may try.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Newer { .. } => Some("use that version, or another ledger with `--ledger`"),
            Self::Open { source: sqlx::Error::Tls(_), .. } => Some(
                "the certificate must hold for the host: name its authority with `?sslrootcert=FILE`, or say \
                 `?sslmode=disable` on a network you trust",
            ),
            Self::File { .. } | Self::Open { .. } => {
                Some("name another one with `--ledger`, PLIMSOLL_LEDGER or `[ledger] url` in plimsoll.toml")
            }
            _ => None,
        }
    }

    /// For `map_err` on statements.
    pub(crate) fn at(what: &'static str) -> impl Fn(sqlx::Error) -> Self {
        move |source| Self::Database { what, source }
    }
}
