//! The files of an OCI layout, whether it lies in a folder or in an archive.
//!
//! Nothing outside the layout is opened, and nothing but regular files: a pipe in place of a blob must not hang
//! the reader, nor a link lead it to `/etc/shadow`.

use crate::TransportError;
use crate::archive::Archive;
use crate::image::{LayerBytes, Stored, Witness};
use model::oci::OciError;
use rustix::fs::OFlags;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Where the files are.
pub(crate) enum Files {
    /// In a folder; the path has no links in it.
    Folder {
        /// The canonical path.
        root: PathBuf,
        /// As the user named it.
        shown: String,
    },
    /// In a tar file.
    Archive(Archive),
}

impl Files {
    /// The files in the folder `path`.
    pub(crate) fn folder(path: &Path) -> Result<Self, TransportError> {
        let shown = path.display().to_string();
        match path.canonicalize() {
            Ok(root) => Ok(Self::Folder { root, shown }),
            Err(source) => Err(TransportError::File { path: shown, source }),
        }
    }

    /// Whether a regular file of this name is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        match self {
            Self::Folder { .. } => self.open(name).is_ok(),
            Self::Archive(archive) => archive.has(name),
        }
    }

    /// The content of the file `name` (relative, joined by `/`) and its size now.
    pub(crate) fn open(&self, name: &str) -> Result<(LayerBytes, u64), TransportError> {
        match self {
            Self::Folder { root, shown } => {
                let file = open_within(root, shown, name)?;
                let size = file.metadata().map_err(|source| failed(root.join(name), source))?.len();
                Ok((Box::new(file), size))
            }
            Self::Archive(archive) => {
                let (section, size) = archive.open_member(name)?;
                Ok((Box::new(section), size))
            }
        }
    }

    /// Where the file `name` is, for whoever has verified it before.
    pub(crate) fn stored(&self, name: &str) -> Stored {
        Stored::Here(match self {
            Self::Folder { root, shown } => {
                let metadata =
                    open_within(root, shown, name).and_then(|f| f.metadata().map_err(|e| failed(root.join(name), e)));
                metadata.ok().map(|metadata| Witness::of(&metadata, 0, metadata.len()))
            }
            Self::Archive(archive) => archive.witness(name),
        })
    }

    /// The whole file `name`, at most `limit` bytes.
    ///
    /// # Errors
    /// Those of [`Files::open`], and [`OciError::TooLarge`] that calls the file `what`.
    pub(crate) fn read(&self, name: &str, what: &'static str, limit: usize) -> Result<Vec<u8>, TransportError> {
        if let Self::Archive(archive) = self {
            archive.expect_single(name)?;
        }
        let (bytes, size) = self.open(name)?;
        let mut content = Vec::new();
        // The size is not believed: the file may grow.
        let read = bytes.take(limit as u64 + 1).read_to_end(&mut content);
        read.map_err(|source| failed(Path::new(self.shown()).join(name), source))?;
        if content.len() > limit {
            let size = usize::try_from(size).unwrap_or(usize::MAX).max(content.len());
            let source = OciError::TooLarge { what, size, limit };
            return Err(TransportError::Document { target: self.shown().to_owned(), source });
        }
        Ok(content)
    }

    /// As the user named it.
    pub(crate) fn shown(&self) -> &str {
        match self {
            Self::Folder { shown, .. } => shown,
            Self::Archive(archive) => archive.shown(),
        }
    }
}

fn failed(path: PathBuf, source: io::Error) -> TransportError {
    TransportError::File { path: path.display().to_string(), source }
}

fn open_within(root: &Path, shown: &str, name: &str) -> Result<File, TransportError> {
    let (target, name) = (shown.to_owned(), name.to_owned());
    let path = match root.join(&name).canonicalize() {
        Ok(path) => path,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(TransportError::Missing { target, name }),
        Err(e) if e.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(TransportError::Escapes { target, name });
        }
        Err(source) => return Err(failed(root.join(&name), source)),
    };
    if !path.starts_with(root) {
        return Err(TransportError::Escapes { target, name });
    }
    match open_regular(&path) {
        Err(e) if e.kind() == io::ErrorKind::InvalidInput => Err(TransportError::NotAFile { target, name }),
        other => other.map_err(|source| failed(path, source)),
    }
}

/// Opens a regular file without waiting for anything.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for what is not a regular file; devices are not even opened.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    let refuse = || io::Error::new(io::ErrorKind::InvalidInput, "not a regular file");
    if !path.metadata()?.is_file() {
        return Err(refuse());
    }
    let file = OpenOptions::new().read(true).custom_flags(flags(OFlags::NONBLOCK)).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(refuse()) }
}

/// Flags as the standard library takes them.
pub(crate) fn flags(flags: OFlags) -> i32 {
    flags.bits().cast_signed()
}
