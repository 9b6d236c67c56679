//! A consistent copy of a ledger that is in use.

use crate::conn::{Arg, Conn};
use crate::error::LedgerError;
use crate::place::Place;
use crate::store::Store;
use std::fs::File;
use std::path::Path;

impl Store {
    /// Writes a copy of this moment's state to a file that does not exist yet; others may go on writing meanwhile.
    /// The copy is complete and on the disk when this returns.
    ///
    /// # Errors
    /// [`LedgerError::Exists`], [`LedgerError::NoBackup`] for PostgreSQL, which has its own tool; else what the
    /// database or the system says.
    pub async fn backup(&mut self, to: &Path) -> Result<(), LedgerError> {
        if !matches!((&self.conn, &self.place), (Conn::Sqlite(_), Place::Sqlite(_))) {
            return Err(LedgerError::NoBackup(self.place.to_string()));
        }
        if to.symlink_metadata().is_ok() {
            return Err(LedgerError::Exists(to.to_owned()));
        }
        let file = |source| LedgerError::File { path: to.to_owned(), source };
        let name = to.to_str().ok_or_else(|| file(std::io::ErrorKind::InvalidFilename.into()))?;
        // The statement refuses a file that is not empty, and is one read of one state.
        self.conn.execute("VACUUM INTO $1", &[Arg::Text(name)]).await.map_err(LedgerError::at("write a copy"))?;
        File::open(to).and_then(|copy| copy.sync_all()).map_err(file)
    }
}
