//! A path inside an image.

use crate::text::visible;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A path relative to the image's root: components joined by `/`, none of them empty, `.` or `..`.
///
/// Names are bytes, since Linux file names need not be UTF-8; `Display` shows them escaped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TreePath(Box<[u8]>);

/// Why a name cannot be a path inside an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// `..` climbs above the root.
    #[error("the path leaves the image's root")]
    Escapes,
    /// A NUL byte, which no file system allows.
    #[error("the path holds a NUL byte")]
    Nul,
}

impl TreePath {
    /// The root itself: no components.
    pub fn root() -> Self {
        Self(Box::default())
    }

    /// Cleans `name` as an extractor would: leading `/` and `./` go, `a/../b` is `b`.
    pub fn clean(name: &[u8]) -> Result<Self, PathError> {
        if memchr_nul(name) {
            return Err(PathError::Nul);
        }
        if is_clean(name) {
            return Ok(Self(name.into()));
        }
        let mut parts: Vec<&[u8]> = Vec::new();
        for part in name.split(|&b| b == b'/') {
            match part {
                b"" | b"." => {}
                b".." => {
                    parts.pop().ok_or(PathError::Escapes)?;
                }
                part => parts.push(part),
            }
        }
        Ok(Self(parts.join(&b'/').into()))
    }

    /// The bytes, without a leading slash.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The path as text, if it is UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The components, outermost first; none for the root.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|&b| b == b'/').filter(|part| !part.is_empty())
    }

    /// The last component; empty for the root.
    pub fn file_name(&self) -> &[u8] {
        self.0.rsplit(|&b| b == b'/').next().unwrap_or_default()
    }

    /// The bytes before the last component; empty at the top.
    pub fn parent_bytes(&self) -> &[u8] {
        self.0.iter().rposition(|&b| b == b'/').map_or(&[], |at| &self.0[..at])
    }

    /// The path one level up; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        (!self.0.is_empty()).then(|| Self(self.parent_bytes().into()))
    }

    /// This path followed by one or more components; they are cleaned.
    pub fn join(&self, name: &[u8]) -> Result<Self, PathError> {
        Self::clean(&[&self.0, b"/".as_slice(), name].concat())
    }

    /// Whether this path lies below `dir` (or is it).
    pub fn is_within(&self, dir: &[u8]) -> bool {
        dir.is_empty() || self.0.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    }
}

fn memchr_nul(name: &[u8]) -> bool {
    name.contains(&0)
}

fn is_clean(name: &[u8]) -> bool {
    name.is_empty() || name.split(|&b| b == b'/').all(|part| !matches!(part, b"" | b"." | b".."))
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", visible(&self.0))
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(name: &str) -> String {
        TreePath::clean(name.as_bytes()).map_or_else(|e| e.to_string(), |p| p.to_string())
    }

    #[test]
    fn cleans_like_an_extractor() {
        assert_eq!(clean("./usr//bin/../lib/"), "/usr/lib");
        assert_eq!(clean("/"), "/");
        assert_eq!(clean("../etc/passwd"), "the path leaves the image's root");
        assert_eq!(clean("a\0b"), "the path holds a NUL byte");
    }

    #[test]
    fn knows_its_family() {
        let path = TreePath::clean(b"usr/lib/x").unwrap();
        assert!(path.is_within(b"usr/lib") && path.is_within(b"") && !path.is_within(b"usr/li"));
        assert_eq!(path.parent().unwrap().to_string(), "/usr/lib");
        assert_eq!(path.file_name(), b"x");
    }
}
