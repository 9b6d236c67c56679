//! The file of decisions: found, read, and what became of each entry over all targets of a run.

use crate::failure::{Failure, file};
use practices::decisions::{Decided, Decisions, State};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The name that is looked for upward from the working folder.
pub(crate) const NAME: &str = "plimsoll.decisions.toml";
/// More than this is no file that people review.
const LARGEST: u64 = 16 << 20;

/// The file named, else the nearest one upward; `None` if there is none. A link that leads nowhere was meant to be one.
pub(crate) fn decisions_file(named: Option<&Path>, here: &Path) -> Option<PathBuf> {
    let nearest = || here.ancestors().map(|folder| folder.join(NAME)).find(|path| path.symlink_metadata().is_ok());
    named.map(Path::to_owned).or_else(nearest)
}

/// The text of a file of decisions.
pub(crate) fn decisions_text(path: &Path) -> Result<String, Failure> {
    // One that merely lies there and is a pipe could hang for ever.
    let found = path.metadata().map_err(file("read", path))?;
    let is_ours = path.file_name().is_some_and(|name| name == NAME);
    if found.is_dir() || (is_ours && !found.is_file()) {
        return Err(file("read", path)(std::io::Error::other("it is not a regular file")));
    }
    let mut text = String::new();
    let opened = std::fs::File::open(path).map_err(file("read", path))?;
    opened.take(LARGEST + 1).read_to_string(&mut text).map_err(file("read", path))?;
    if text.len() as u64 > LARGEST {
        return Err(file("read", path)(std::io::Error::other("it has over 16 MiB")));
    }
    Ok(text)
}

/// A path as the user would write it.
pub(crate) fn shown_path(path: &Path, here: &Path) -> String {
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// The decisions in a file, named as the user would write it.
pub(crate) fn decisions_at(path: &Path, here: &Path) -> Result<Decisions, Failure> {
    let text = decisions_text(path)?;
    let shown = shown_path(path, here);
    Decisions::parse(&shown, &text)
        .map_err(|error| Failure::Policy { path: PathBuf::from(shown), error: Box::new(error) })
}

/// What became of each decision over all targets: of several states the last in their order.
pub(crate) fn states<'d>(decisions: &Decisions, decided: impl Iterator<Item = &'d Decided>) -> Vec<State> {
    let mut states = vec![None; decisions.all.len()];
    for one in decided {
        states.iter_mut().zip(&one.states).for_each(|(all, own)| *all = (*all).max(Some(*own)));
    }
    states.into_iter().map(|state| state.unwrap_or(State::Elsewhere)).collect()
}
