//! Which distribution an image is: `os-release` and what came before it.

use serde::{Deserialize, Serialize};

/// A distribution's own statement of itself
/// (<https://www.freedesktop.org/software/systemd/man/latest/os-release.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OsRelease {
    /// `debian`, `alpine`, `rhel`…; lower case.
    pub id: String,
    /// Those it is like, nearest first.
    pub id_like: Vec<String>,
    /// `12`, `3.20.3`…; `None` for a rolling or unreleased one.
    pub version_id: Option<String>,
    /// `bookworm`…
    pub codename: Option<String>,
    /// For people.
    pub pretty_name: Option<String>,
    /// The file that says so, as text.
    pub path: String,
    /// The layer that brought it.
    pub layer: u32,
}
