//! What can go wrong in a chore, with what to do about it.

use std::path::PathBuf;

/// A chore's result.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a chore stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("no such chore; there are:\n\n{0}")]
    Usage(&'static str),

    #[error("`{option}` needs {wanted}")]
    Option { option: &'static str, wanted: &'static str },

    #[error("`{program}` cannot be started: {source}\nhint: it comes from {from}")]
    Spawn { program: String, from: &'static str, source: std::io::Error },

    #[error("`{command}` failed ({status}){tail}")]
    Failed { command: String, status: std::process::ExitStatus, tail: String },

    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },

    #[error("these Debian packages are missing: {0}\nhint: as root, `apt-get install {0}`")]
    Packages(String),

    #[error("the Rust component `{0}` is missing\nhint: `rustup component add {0}`")]
    Component(&'static str),

    #[error("{server} did not answer within {seconds} s; its last words:\n{log}")]
    Server { server: &'static str, seconds: u64, log: String },

    #[error("{path}: {what}")]
    Layout { path: PathBuf, what: &'static str },

    #[error("{0} pairs of versions stand otherwise than the tools say")]
    Differences(usize),

    #[error("the tool gave {0} answers to {1} pairs")]
    Answers(usize, usize),

    #[error("the meter said `{0}`, which is not three numbers")]
    Meter(String),

    #[error("the registry does not take {method} {path}: {answer}")]
    Answer { method: String, path: String, answer: String },

    #[error("{0}")]
    Unproven(String),

    #[error("no Debian archive for `{0}` among this machine's package sources\nhint: `apt-get update`")]
    Archive(&'static str),
}

impl Error {
    /// Says which file an error is about.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
