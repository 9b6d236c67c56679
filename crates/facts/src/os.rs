//! Which distribution an image is: `os-release` and what came before it; and who its users are.
//!
//! A distribution is only what the image states in one of these files. Nothing is guessed from packages.

mod older;
mod release;

use crate::keep::{Candidate, Want};
use crate::view::{File, View};
use model::{Unknown, UnknownKind};
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

impl OsRelease {
    /// The value of the `distro` qualifier in package URLs: `debian-12`; without a version the codename, without
    /// both the id alone.
    pub fn distro(&self) -> String {
        match self.version_id.as_ref().or(self.codename.as_ref()) {
            Some(version) => format!("{}-{version}", self.id),
            None => self.id.clone(),
        }
    }

    fn from(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }
}

/// Larger files are no release files, whatever their name.
const RELEASE_BYTES: u64 = 64 << 10;
/// Bytes of `/etc/passwd` that are read.
const PASSWD_BYTES: usize = 4 << 20;
/// Users that are listed.
const USERS: usize = 10_000;

/// What is kept of a file for [`read`] and [`users`].
pub fn wants(candidate: &Candidate<'_>) -> Want {
    let wanted = match candidate.name {
        b"passwd" => candidate.path.as_bytes() == b"etc/passwd" && candidate.size <= PASSWD_BYTES as u64,
        name => {
            candidate.size <= RELEASE_BYTES && (is_release(name, candidate.path.parent_bytes()) || is_object(candidate))
        }
    };
    if wanted { Want::Whole } else { Want::Nothing }
}

/// `os-release` may be a link to a file of about this name anywhere (Fedora's `os.release.d`, Nix's store).
fn is_release(name: &[u8], folder: &[u8]) -> bool {
    let here = matches!(folder, b"etc" | b"usr/lib");
    name.ends_with(b"os-release")
        || (here && (name.ends_with(b"-release") || matches!(name, b"debian_version")))
        || folder.ends_with(b"os.release.d")
}

/// An object of ostree's that may be a release file: its path in the image is a hard link.
fn is_object(candidate: &Candidate<'_>) -> bool {
    let begins = candidate.head.starts_with(b"NAME=") || candidate.head.starts_with(b"ID=");
    begins && memchr::memmem::find(candidate.path.parent_bytes(), b"ostree/repo/objects/").is_some()
}

/// The distribution, and what of its release file made no sense.
pub fn read(view: &View<'_>) -> (Option<OsRelease>, Vec<Unknown>) {
    let mut unknowns = Vec::new();
    let mut nameless = None;
    for at in ["etc/os-release", "usr/lib/os-release"] {
        let Some(file) = view.open(at.as_bytes()) else { continue };
        let Some(text) = content(&file, &mut unknowns) else { continue };
        let read = release::parse(text);
        unknowns.extend(read.unknowns.into_iter().map(|u| u.at(file.path)));
        match read.release {
            Some(release) if !release.id.is_empty() => return (Some(placed(release, &file)), unknowns),
            Some(release) if nameless.is_none() => nameless = Some(placed(release, &file)),
            _ => {}
        }
    }
    let older = older::read(view, &mut unknowns);
    // os-release(5): a file without ID means `linux`.
    let linux = || nameless.map(|release| OsRelease { id: "linux".into(), ..release });
    (older.or_else(linux).or_else(|| busybox(view)), unknowns)
}

/// The content of a release file; an Unknown if it was too large to keep.
fn content<'a>(file: &File<'a>, unknowns: &mut Vec<Unknown>) -> Option<&'a [u8]> {
    let text = file.whole();
    if text.is_none() && file.entry.size > RELEASE_BYTES {
        let why = format!("a release file of {} bytes; at most {RELEASE_BYTES} are read", file.entry.size);
        unknowns.push(Unknown::new(UnknownKind::Limit, why).at(file.path));
    }
    text
}

fn placed(release: OsRelease, file: &File<'_>) -> OsRelease {
    let path = file.path.to_string();
    OsRelease { path, layer: file.layer, ..release }
}

/// The busybox image: nothing but that program, which says no version in any file. An image with a package manager
/// is something else that lost its release file.
fn busybox(view: &View<'_>) -> Option<OsRelease> {
    let managers: [&[u8]; 4] = [b"var/lib/dpkg", b"lib/apk", b"var/lib/rpm", b"usr/lib/sysimage/rpm"];
    if managers.iter().any(|at| view.is_directory(at)) {
        return None;
    }
    let program = view.open(b"bin/busybox")?;
    Some(placed(OsRelease::from("busybox"), &program))
}

/// `/etc/passwd` in short: name and numeric id, in the file's order. Lines that make no sense are left out.
pub fn users(view: &View<'_>) -> Vec<(String, u32)> {
    let text = view.open(b"etc/passwd").and_then(|file| file.whole()).unwrap_or_default();
    text.split(|&b| b == b'\n').filter_map(user).take(USERS).collect()
}

fn user(line: &[u8]) -> Option<(String, u32)> {
    let line = std::str::from_utf8(line).ok()?;
    let mut fields = line.split(':');
    let name = fields.next().filter(|name| !name.is_empty() && !name.starts_with(['#', '+', '-']))?;
    let uid = fields.nth(1)?.parse().ok()?;
    Some((name.to_owned(), uid))
}

#[cfg(test)]
mod tests;
