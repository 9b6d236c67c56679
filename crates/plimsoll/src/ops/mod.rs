//! What the program does, whoever asks: the command line today, the daemon later. No printing here.

mod check;
mod intact;
mod open;
mod read;
mod record;
mod resolve;
pub(crate) mod tags;

pub(crate) use check::{Checked, check};
pub(crate) use open::{Access, open, registry};
pub(crate) use read::{Reading, read};
#[allow(unused_imports, reason = "resolve is about to use it")]
pub(crate) use record::{Sight, record};
pub(crate) use resolve::{Agreement, Ask, Resolution, Resolver, Standing, vantage};
