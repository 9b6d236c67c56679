//! What the program does, whoever asks: the command line today, the daemon later. No printing here.

mod check;
mod intact;
mod open;
pub(crate) mod pin;
mod read;
mod record;
mod resolve;

pub(crate) use check::{Checked, Looked, check, check_texts};
pub(crate) use open::{Access, open};
pub(crate) use read::{Reading, read};
#[allow(unused_imports, reason = "resolve is about to use it")]
pub(crate) use record::{Sight, record};
pub(crate) use resolve::{Agreement, Ask, Resolution, Resolver, Standing, vantage};
