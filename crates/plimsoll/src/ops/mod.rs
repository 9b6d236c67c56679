//! What the program does, whoever asks: the command line today, the daemon later. No printing here.

pub(crate) mod advisories;
mod check;
mod open;
mod read;
mod record;

pub(crate) use check::{Checked, Scanned, check, judge_scan};
pub(crate) use open::{Access, open};
pub(crate) use read::{Reading, read};
#[allow(unused_imports, reason = "resolve is about to use it")]
pub(crate) use record::{Sight, record};
