//! What the program does, whoever asks: the command line today, the daemon later. No printing here.

mod check;
mod lint;
mod open;
mod read;

pub(crate) use check::{Checked, check};
pub(crate) use lint::{LintedFile, dockerfiles, lint_file};
pub(crate) use open::{Access, open};
pub(crate) use read::{Reading, read};
