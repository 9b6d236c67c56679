//! What the program does, whoever asks: the command line today, the daemon later. No printing here.

mod check;
mod copy;
mod open;
mod read;

pub(crate) use check::{Checked, check};
pub(crate) use copy::{CopyRequest, Copying, copy};
pub(crate) use open::{Access, open};
pub(crate) use read::{Reading, read};
