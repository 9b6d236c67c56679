//! One connection to either database, and one way to ask both: `$1` for arguments, numbers and texts for answers.
//!
//! What a row holds is read as it is: a text where a number should be is no error here but something for
//! [`crate::verify`] to name.

use crate::error::LedgerError;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, PgConnection, Postgres, Row as _, Sqlite, SqliteConnection, TypeInfo as _, ValueRef as _};

/// An open connection.
#[derive(Debug)]
pub(crate) enum Conn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// An argument.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arg<'a> {
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A row of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Row(Vec<Value>);

#[derive(Clone, Debug)]
enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// The same statement for both drivers, with its arguments.
macro_rules! bound {
    ($database:ty, $sql:expr, $args:expr) => {{
        let mut query = sqlx::query::<$database>($sql);
        for arg in $args {
            query = match *arg {
                Arg::Int(number) => query.bind(number),
                Arg::Text(text) => query.bind(text.to_owned()),
                Arg::Bytes(bytes) => query.bind(bytes.to_vec()),
            };
        }
        query
    }};
}

impl Conn {
    /// Whether this is SQLite, which has one writer and no locks of ours.
    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Runs a statement.
    pub(crate) async fn execute(&mut self, sql: &'static str, args: &[Arg<'_>]) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(conn) => bound!(Sqlite, sql, args).execute(conn).await.map(drop),
            Self::Postgres(conn) => bound!(Postgres, sql, args).execute(conn).await.map(drop),
        }
    }

    /// All rows of an answer; the statement bounds how many there are.
    pub(crate) async fn rows(&mut self, sql: &'static str, args: &[Arg<'_>]) -> sqlx::Result<Vec<Row>> {
        match self {
            Self::Sqlite(conn) => {
                let rows = bound!(Sqlite, sql, args).fetch_all(conn).await?;
                rows.iter().map(of_sqlite).collect()
            }
            Self::Postgres(conn) => {
                let rows = bound!(Postgres, sql, args).fetch_all(conn).await?;
                rows.iter().map(of_postgres).collect()
            }
        }
    }

    /// The first row of an answer.
    pub(crate) async fn row(&mut self, sql: &'static str, args: &[Arg<'_>]) -> sqlx::Result<Option<Row>> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Statements without arguments, such as `BEGIN`.
    pub(crate) async fn script(&mut self, sql: &'static str) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(conn) => sqlx::raw_sql(sql).execute(conn).await.map(drop),
            Self::Postgres(conn) => sqlx::raw_sql(sql).execute(conn).await.map(drop),
        }
    }

    /// Runs `work` in a transaction that is seen whole or not at all, and is on the disk when this returns. SQLite's
    /// is the only writer from its first statement on; in PostgreSQL writers lock what they write.
    pub(crate) async fn writing<T>(
        &mut self,
        what: &'static str,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let begin = if self.is_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN" };
        self.transaction(begin, what, work).await
    }

    /// Runs `work` over one state of the database.
    pub(crate) async fn reading<T>(
        &mut self,
        what: &'static str,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let begin = if self.is_sqlite() { "BEGIN" } else { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
        self.transaction(begin, what, work).await
    }

    async fn transaction<T>(
        &mut self,
        begin: &'static str,
        what: &'static str,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        self.script(begin).await.map_err(LedgerError::at(what))?;
        let done = match work(self).await {
            Ok(value) => self.script("COMMIT").await.map(|()| value).map_err(LedgerError::at(what)),
            Err(error) => Err(error),
        };
        if done.is_err() {
            // Where there is nothing left to roll back, this fails, and nothing is lost.
            let _ = self.script("ROLLBACK").await;
        }
        done
    }
}

fn of_sqlite(row: &SqliteRow) -> sqlx::Result<Row> {
    let value = |at: usize| {
        let raw = row.try_get_raw(at)?;
        if raw.is_null() {
            return Ok(Value::Null);
        }
        let kind = raw.type_info().name().to_owned();
        match kind.as_str() {
            "INTEGER" => row.try_get_unchecked(at).map(Value::Int),
            "TEXT" => row.try_get_unchecked::<Vec<u8>, _>(at).map(|b| Value::Text(String::from_utf8_lossy(&b).into())),
            "BLOB" => row.try_get_unchecked(at).map(Value::Bytes),
            _ => Ok(Value::Text(format!("\u{fffd}{kind}"))),
        }
    };
    (0..row.len()).map(value).collect::<sqlx::Result<_>>().map(Row)
}

fn of_postgres(row: &PgRow) -> sqlx::Result<Row> {
    let value = |at: usize| {
        if row.try_get_raw(at)?.is_null() {
            return Ok(Value::Null);
        }
        match row.columns().get(at).map_or("", |c| c.type_info().name()) {
            "INT8" => row.try_get(at).map(Value::Int),
            "INT4" => row.try_get::<i32, _>(at).map(|n| Value::Int(n.into())),
            "BYTEA" => row.try_get(at).map(Value::Bytes),
            "VOID" => Ok(Value::Null),
            _ => row.try_get(at).map(Value::Text),
        }
    };
    (0..row.len()).map(value).collect::<sqlx::Result<_>>().map(Row)
}

impl Row {
    /// A number; what is none is one that never was written.
    pub(crate) fn int(&self, at: usize) -> i64 {
        match self.0.get(at) {
            Some(Value::Int(number)) => *number,
            Some(Value::Text(text)) => text.parse().unwrap_or(i64::MIN),
            _ => i64::MIN,
        }
    }

    /// A count.
    pub(crate) fn count(&self, at: usize) -> u64 {
        u64::try_from(self.int(at)).unwrap_or(0)
    }

    /// A text; what is none is one that never was written.
    pub(crate) fn text(&self, at: usize) -> String {
        match self.0.get(at) {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Int(number)) => number.to_string(),
            Some(Value::Bytes(bytes)) => format!("\u{fffd}{}", String::from_utf8_lossy(bytes)),
            _ => "\u{fffd}".to_owned(),
        }
    }

    /// Bytes.
    pub(crate) fn bytes(self, at: usize) -> Vec<u8> {
        match self.0.into_iter().nth(at) {
            Some(Value::Bytes(bytes)) => bytes,
            Some(Value::Text(text)) => text.into_bytes(),
            _ => Vec::new(),
        }
    }

    /// A time, if there is one.
    pub(crate) fn time(&self, at: usize) -> Option<jiff::Timestamp> {
        match self.0.get(at) {
            Some(Value::Int(number)) => Some(crate::observation::milliseconds(*number)),
            _ => None,
        }
    }
}
