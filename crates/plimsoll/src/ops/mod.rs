//! What the program does, whoever asks: the command line today, the daemon later. No printing here.

mod check;
mod copy;
mod intact;
mod open;
mod read;
mod record;

pub(crate) use check::{Checked, check};
pub(crate) use copy::{CopyRequest, Copying, copy};
pub(crate) use open::{Access, open};
pub(crate) use read::{Reading, read};
#[allow(unused_imports, reason = "resolve is about to use it")]
pub(crate) use record::{Sight, record};
