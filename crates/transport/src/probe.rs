//! What a path without prefix is, by its content.

use crate::TransportError;
use crate::archive::Archive;
use crate::files::open_regular;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A folder with `index.json`, and `oci-layout` or `blobs`.
    Oci,
    /// A tar with `index.json` and `oci-layout`. `docker save` since version 25 writes files that are this and a
    /// docker-archive: they are read as OCI, which has the manifest and with it more to verify.
    OciArchive,
    /// A tar with `manifest.json`.
    DockerArchive,
    /// A folder with `etc`, `usr` or `bin`, and the trace of a distribution.
    Rootfs,
    /// Any other folder.
    Source,
    /// A tar without either: perhaps of `docker export`.
    PlainTar,
    /// A tar that cannot be read to its end.
    BrokenTar,
    /// A file that is no tar.
    OtherFile,
    /// A device, a pipe, a socket.
    NotAFile,
}

impl Kind {
    /// The prefix that means this; `None` where there is none.
    pub(crate) fn prefix(self) -> Option<&'static str> {
        match self {
            Self::Oci => Some("oci"),
            Self::OciArchive => Some("oci-archive"),
            Self::DockerArchive => Some("docker-archive"),
            Self::Rootfs => Some("dir"),
            Self::Source | Self::PlainTar | Self::BrokenTar | Self::OtherFile | Self::NotAFile => None,
        }
    }

    /// What it is, for a sentence.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Oci => "an OCI layout",
            Self::OciArchive => "an archive of an OCI layout",
            Self::DockerArchive => "an archive of `docker save`",
            Self::Rootfs => "a root filesystem",
            Self::Source => "a folder",
            Self::PlainTar => {
                "a tar file with neither `index.json` nor `manifest.json`: unpack a root filesystem first"
            }
            Self::BrokenTar => {
                "a tar file that cannot be read to its end: with a prefix, such as `oci-archive:`, it is said why"
            }
            Self::OtherFile => "a file that is no image archive",
            Self::NotAFile => "neither a file nor a folder",
        }
    }
}

/// Looks at `path`. A compressed archive is unpacked for this, and once more to be read.
pub(crate) fn kind(path: &Path) -> Kind {
    if path.is_dir() {
        return folder(path);
    }
    let Ok(file) = open_regular(path) else { return Kind::NotAFile };
    let mut start = [0; 512];
    let got = file.read_at(&mut start, 0).unwrap_or(0);
    match &start[..got] {
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => archive(path),
        block if block.len() == 512 => archive(path),
        _ => Kind::OtherFile,
    }
}

fn folder(path: &Path) -> Kind {
    let has = |name: &str| path.join(name).symlink_metadata().is_ok();
    if has("index.json") && (has("oci-layout") || has("blobs")) {
        return Kind::Oci;
    }
    const TRACES: [&str; 9] = [
        "etc/os-release",
        "usr/lib/os-release",
        "etc/debian_version",
        "etc/alpine-release",
        "etc/redhat-release",
        "lib/apk/db/installed",
        "var/lib/dpkg",
        "var/lib/rpm",
        "usr/lib/sysimage/rpm",
    ];
    let rootfs = has("etc") && (has("usr") || has("bin")) && TRACES.iter().any(|trace| has(trace));
    if rootfs { Kind::Rootfs } else { Kind::Source }
}

fn archive(path: &Path) -> Kind {
    let archive = match Archive::open(path) {
        Ok(archive) => archive,
        Err(TransportError::BadArchive { offset: 0, .. }) => return Kind::OtherFile,
        Err(_) => return Kind::BrokenTar,
    };
    match (archive.has("index.json") && archive.has("oci-layout"), archive.has("manifest.json")) {
        (true, _) => Kind::OciArchive,
        (_, true) => Kind::DockerArchive,
        _ => Kind::PlainTar,
    }
}
