//! The tables, and how they grow: numbered migrations, each applied once, a file a database and step.

use crate::conn::Conn;
use crate::error::LedgerError;
use crate::place::Place;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Connection as _, SqlSafeStr as _};

/// Every step: its number, its name, and its statements for SQLite and for PostgreSQL. A step that was released is
/// never edited; a new one is added below it.
const STEPS: [(i64, &str, &str, &str); 3] = [
    (1, "tags", include_str!("../schema/0001-tags.sqlite.sql"), include_str!("../schema/0001-tags.postgres.sql")),
    (2, "bills", include_str!("../schema/0002-bills.sqlite.sql"), include_str!("../schema/0002-bills.postgres.sql")),
    (3, "moves", include_str!("../schema/0003-moves.sqlite.sql"), include_str!("../schema/0003-moves.postgres.sql")),
];
/// Where the steps that were applied are kept.
const TABLE: &str = "ledger_migrations";

fn steps(sqlite: bool) -> Migrator {
    let step = |&(number, name, for_sqlite, for_postgres): &(i64, &'static str, &'static str, &'static str)| {
        let sql = if sqlite { for_sqlite } else { for_postgres };
        Migration::new(number, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let mut migrator = Migrator::with_migrations(STEPS.iter().map(step).collect());
    migrator.dangerous_set_table_name(TABLE);
    migrator
}

/// Brings the tables up to date, once, however many programs start at the same moment.
pub(crate) async fn migrate(conn: &mut Conn, place: &Place) -> Result<(), LedgerError> {
    let newest = STEPS.iter().map(|step| step.0).max().unwrap_or(0);
    let done = match conn {
        Conn::Sqlite(_) => {
            let row = conn.row("PRAGMA user_version", &[]).await.map_err(LedgerError::at("read its version"))?;
            let found = row.map_or(0, |row| row.int(0));
            if found == newest {
                return Ok(());
            }
            if found > newest {
                return Err(LedgerError::Newer { place: place.to_string() });
            }
            in_sqlite(conn).await
        }
        // The migrator takes a lock of the server's.
        Conn::Postgres(conn) => steps(false).run_direct(None, conn, false).await,
    };
    done.map_err(|source| match source {
        MigrateError::VersionMissing(_) => LedgerError::Newer { place: place.to_string() },
        source => LedgerError::Schema { place: place.to_string(), source },
    })
}

/// The migrator knows no lock in SQLite, so it runs inside of the one writer's transaction.
async fn in_sqlite(conn: &mut Conn) -> Result<(), MigrateError> {
    let Conn::Sqlite(conn) = conn else { return Ok(()) };
    let mut transaction = conn.begin_with("BEGIN IMMEDIATE").await?;
    steps(true).run_direct(None, &mut *transaction, false).await?;
    transaction.commit().await?;
    Ok(())
}
