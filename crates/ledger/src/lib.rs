//! The durable record: what tags were seen to name, and the SBOMs of images that were read, on SQLite or PostgreSQL; and
//! the cache of facts.
//!
//! [`Ledger`] is append-only and hash-chained per repository: what was recorded is neither changed nor removed, and
//! [`Ledger::verify`] names what somebody changed nevertheless. It is asynchronous inside ([`Store`]), because a database may be a
//! socket. It knows no clock: every observation brings its own time.

mod append;
mod backup;
mod bills;
pub mod cache;
mod chain;
mod checkpoint;
mod conn;
mod error;
mod ledger;
mod moves;
mod observation;
mod place;
mod read;
mod schema;
mod store;
mod verify;

pub use append::{Receipt, Recorded, SEAL_AGAIN_AFTER};
pub use bills::{Bill, LARGEST_BILL, NewBill};
pub use chain::FIELDS;
pub use checkpoint::{Checkpoint, CheckpointError, Head};
pub use error::LedgerError;
pub use ledger::Ledger;
pub use moves::{Move, MoveEnd};
pub use observation::{Child, Entry, Observation, Proof, Seen, State, Vantage};
pub use place::{Place, PlaceError};
pub use read::{AsOf, Status};
pub use store::Store;
pub use verify::{Problem, Report};
