//! Where a ledger is: a file, or a database of a PostgreSQL server.

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A ledger's address. Its `Display` has no password.
#[derive(Clone)]
pub enum Place {
    /// A file of SQLite's.
    Sqlite(PathBuf),
    /// A database of PostgreSQL's.
    Postgres(Box<PgConnectOptions>),
}

/// A text that is no ledger's address. It does not quote the text, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// Nothing was given.
    #[error("the ledger's address is empty")]
    Empty,
    /// Another kind of database.
    #[error("`{0}:` is no ledger: expected `postgres://…`, `sqlite:FILE` or a file")]
    Scheme(String),
    /// PostgreSQL's address does not parse.
    #[error(
        "the address of the PostgreSQL ledger does not parse; expected `postgres://USER:PASSWORD@HOST:PORT/DATABASE`"
    )]
    Postgres,
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme, rest),
            _ => ("sqlite", text),
        };
        match scheme {
            _ if rest.trim_start_matches('/').is_empty() => Err(PlaceError::Empty),
            "sqlite" => Ok(Self::Sqlite(rest.strip_prefix("//").unwrap_or(rest).into())),
            "postgres" | "postgresql" => postgres(text).map(|options| Self::Postgres(Box::new(options))),
            other => Err(PlaceError::Scheme(other.to_owned())),
        }
    }
}

/// Letters only, and more than one: `C:\ledger.db` is a file.
fn is_scheme(text: &str) -> bool {
    text.len() > 1 && text.bytes().all(|b| b.is_ascii_lowercase())
}

/// Beyond this machine a certificate is demanded unless the address says otherwise: the driver's own default would go
/// on in plain text if a server, or somebody in between, says that it knows no TLS.
fn postgres(text: &str) -> Result<PgConnectOptions, PlaceError> {
    let options: PgConnectOptions = text.parse().map_err(|_| PlaceError::Postgres)?;
    let stated =
        text.split_once('?').is_some_and(|(_, query)| query.contains("sslmode=") || query.contains("ssl-mode="));
    let local = options.get_socket().is_some()
        || options.get_host().starts_with('/')
        || ["localhost", "127.0.0.1", "::1", "[::1]"].contains(&options.get_host());
    let options = if stated || local { options } else { options.ssl_mode(PgSslMode::VerifyFull) };
    // An acknowledged row is on the disk, whatever the server's own default is.
    Ok(options.application_name("plimsoll").options([("synchronous_commit", "on")]))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(options) => {
                let host = options.get_socket().map_or(options.get_host().into(), |s| s.to_string_lossy().into_owned());
                let database = options.get_database().unwrap_or(options.get_username());
                write!(f, "postgres://{}@{host}:{}/{database}", options.get_username(), options.get_port())
            }
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = text.parse::<Place>().map_or_else(|e| e.to_string(), |place| place.to_string());
        assert_eq!(shown, expected);
    }

    #[test]
    fn addresses_are_read_and_shown_without_passwords() {
        check("/var/lib/ledger.db", "sqlite:/var/lib/ledger.db");
        check("ledger.db", "sqlite:ledger.db");
        check("sqlite:///a/b.db", "sqlite:/a/b.db");
        check("sqlite:a b?.db", "sqlite:a b?.db");
        check("postgres://me:secret@db.example:5433/ledger", "postgres://me@db.example:5433/ledger");
        check("postgresql://me:secret@127.0.0.1/x?sslmode=disable", "postgres://me@127.0.0.1:5432/x");
        check("mysql://me:secret@h/x", "`mysql:` is no ledger: expected `postgres://…`, `sqlite:FILE` or a file");
        check("", "the ledger's address is empty");
        check("sqlite:", "the ledger's address is empty");
        assert!(!format!("{:?}", "postgres://me:secret@h/x".parse::<Place>()).contains("secret"));
    }

    #[test]
    fn beyond_this_machine_the_certificate_is_demanded() {
        let mode = |text: &str| match text.parse::<Place>() {
            Ok(Place::Postgres(options)) => format!("{:?}", options.get_ssl_mode()),
            other => format!("{other:?}"),
        };
        assert_eq!(mode("postgres://me@db.example/x"), "VerifyFull");
        assert_eq!(mode("postgres://me@db.example/x?sslmode=disable"), "Disable");
        assert_eq!(mode("postgres://me@127.0.0.1/x"), "Prefer");
        assert_eq!(mode("postgres://me@%2Frun%2Fpostgresql/x"), "Prefer");
    }
}
