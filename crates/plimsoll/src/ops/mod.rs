//! What the program does, whoever asks: the command line today, the daemon later. No printing here.

mod check;
mod open;
mod read;

pub(crate) use check::{Checked, check};
pub(crate) use open::{Access, open};
pub(crate) use read::{Asked, Reading, read};
