//! Where chores keep things: all of it under `target/xtask`.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// `target/xtask/NAME`.
pub(crate) fn work(name: &str) -> PathBuf {
    workspace().join("target/xtask").join(name)
}

/// An empty folder `target/xtask/NAME`, whatever was there before.
pub(crate) fn fresh(name: &str) -> Result<PathBuf> {
    let path = work(name);
    remove(&path)?;
    folder(&path)?;
    Ok(path)
}

/// Makes a folder and those above it.
pub(crate) fn folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(Error::file(path))
}

/// Removes a file or folder, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let gone = match path.symlink_metadata() {
        Ok(meta) if meta.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match gone {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file(path)(error)),
        _ => Ok(()),
    }
}

/// Writes a file, and the folders above it.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(parent) = path.parent() {
        folder(parent)?;
    }
    std::fs::write(path, text).map_err(Error::file(path))
}

/// Reads a text.
pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(Error::file(path))
}
