//! Images on this machine's disk.

use crate::archive::Archive;
use crate::files::Files;
use crate::probe::{self, Kind};
use crate::{Image, Target, TransportError, docker_archive, layout, rootfs};
use model::Platform;

/// Opens an image that lies in files: documents verified, layers closed.
///
/// # Errors
/// [`TransportError::NotLocal`] for a target of a registry or an engine and for a source tree; else what is wrong
/// with the files.
pub fn open_local(target: &Target, platform: &Platform) -> Result<Image, TransportError> {
    let text = target.to_string();
    let opened = open(target, platform, &text);
    opened.map_err(|error| if is_vague(&error) { other_kind(target, &text).unwrap_or(error) } else { error })
}

fn open(target: &Target, platform: &Platform, text: &str) -> Result<Image, TransportError> {
    let not_local = |what| Err(TransportError::NotLocal { target: text.to_owned(), what });
    match target {
        Target::Registry(_) => not_local("in a registry"),
        Target::Docker(_) => not_local("in an engine"),
        Target::Source(_) => not_local("a folder without an image"),
        Target::Oci { dir, pick } => layout::open(Files::folder(dir)?, pick, platform, text),
        Target::OciArchive { file, pick } => layout::open(Files::Archive(Archive::open(file)?), pick, platform, text),
        Target::DockerArchive { file, image } => {
            docker_archive::open(Archive::open(file)?, image.as_deref(), platform, text)
        }
        Target::Rootfs(path) => rootfs::open(path, platform, text),
    }
}

/// Whether the error may only mean that something else lies at the path.
fn is_vague(error: &TransportError) -> bool {
    match error {
        TransportError::Missing { name, .. } => name == "index.json" || name == "manifest.json",
        TransportError::File { .. } | TransportError::BadArchive { offset: 0, .. } => true,
        _ => false,
    }
}

/// What lies at the path, if it is something else than the prefix says.
fn other_kind(target: &Target, text: &str) -> Option<TransportError> {
    let (path, wanted) = match target {
        Target::Oci { dir, .. } => (dir, Kind::Oci),
        Target::OciArchive { file, .. } => (file, Kind::OciArchive),
        Target::DockerArchive { file, .. } => (file, Kind::DockerArchive),
        Target::Rootfs(path) => (path, Kind::Rootfs),
        Target::Registry(_) | Target::Docker(_) | Target::Source(_) => return None,
    };
    let kind = if path.exists() { probe::kind(path) } else { wanted };
    // A tar that breaks off or lacks what an image has says so itself; any folder may be a root filesystem.
    let right = kind == wanted
        || matches!(kind, Kind::BrokenTar | Kind::PlainTar)
        || (kind, wanted) == (Kind::Source, Kind::Rootfs);
    let instead = kind.prefix().map(|prefix| format!("{prefix}:{}", path.display()));
    (!right).then(|| TransportError::OtherKind {
        target: text.to_owned(),
        what: kind.words(),
        wanted: wanted.words(),
        instead,
    })
}

#[cfg(test)]
#[path = "local_tests.rs"]
mod tests;
