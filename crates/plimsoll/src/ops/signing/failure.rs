//! Why nothing could be signed or verified.

use model::Digest;
use signing::SigningError;
use std::path::{Path, PathBuf};

/// What stood in the way; never that a signature is missing or wrong, which is a verdict.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignFailure {
    /// A key could not be used, or what is signed is not readable.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// A file that holds no key.
    #[error("`{}`: {error}", path.display())]
    Key { path: PathBuf, error: SigningError },
    /// An encrypted key and nobody to open it.
    #[error("`{}` is encrypted, and there is no password for it", .0.display())]
    NoPassword(PathBuf),
    /// Nobody says whose signature counts.
    #[error("no key says whose signature of `{0}` counts")]
    NoKeys(String),
    /// A kind of statement that has no such short name.
    #[error("`{0}` is neither the name of a predicate type nor a URI")]
    PredicateType(String),
    /// What is to be said is no JSON.
    #[error("`{}` is no JSON: {error}", path.display())]
    Predicate { path: PathBuf, error: serde_json::Error },
    /// What is to be said is too long.
    #[error("`{}` is longer than {limit} bytes", path.display())]
    PredicateSize { path: PathBuf, limit: u64 },
    /// A referrer of that type that holds no bundle.
    #[error("it holds no sigstore bundle")]
    NoBundle,
    /// More than is looked at.
    #[error("more than {limit} signatures and attestations refer to {digest}")]
    TooMuchSaid { digest: Digest, limit: usize },
}

impl SignFailure {
    /// A file that should hold a key.
    pub(crate) fn key(path: &Path, error: SigningError) -> Self {
        Self::Key { path: path.to_owned(), error }
    }

    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Signing(error) | Self::Key { error, .. } => error.hint(),
            Self::NoPassword(_) => Some("set PLIMSOLL_KEY_PASSWORD or COSIGN_PASSWORD"),
            Self::NoKeys(_) => Some("give one by `--key FILE`, or name it in `[[signatures]]` of plimsoll.toml"),
            Self::PredicateType(_) => {
                Some("`signature`, `slsaprovenance1`, `spdxjson`, `cyclonedx`, `vuln`, `openvex`, `link`, or a URI")
            }
            _ => None,
        }
    }
}
