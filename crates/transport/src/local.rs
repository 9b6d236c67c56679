//! Images on this machine's disk.

use crate::archive::Archive;
use crate::files::Files;
use crate::{Image, Target, TransportError, docker_archive, layout, rootfs};
use model::Platform;

/// Opens an image that lies in files: documents verified, layers closed.
///
/// # Errors
/// [`TransportError::NotLocal`] for a target of a registry or an engine and for a source tree; else what is wrong
/// with the files.
pub fn open_local(target: &Target, platform: &Platform) -> Result<Image, TransportError> {
    let text = target.to_string();
    let not_local = |what| Err(TransportError::NotLocal { target: text.clone(), what });
    match target {
        Target::Registry(_) => not_local("in a registry"),
        Target::Docker(_) => not_local("in an engine"),
        Target::Source(_) => not_local("a folder without an image"),
        Target::Oci { dir, pick } => layout::open(Files::folder(dir)?, pick, platform, &text),
        Target::OciArchive { file, pick } => layout::open(Files::Archive(Archive::open(file)?), pick, platform, &text),
        Target::DockerArchive { file, image } => {
            docker_archive::open(Archive::open(file)?, image.as_deref(), platform, &text)
        }
        Target::Rootfs(path) => rootfs::open(path, platform, &text),
    }
}

#[cfg(test)]
#[path = "local_tests.rs"]
mod tests;
