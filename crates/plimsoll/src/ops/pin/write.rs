//! A text put in a file's place: wholly or not at all, with the file's own permissions, and only if it is still the
//! file that was read.
//!
//! The text is written under another name and renamed, and a rename is atomic: whoever reads the file, and a program
//! that is ended at any moment, sees the old text or the new one. The disk is not waited for: after a loss of power a
//! file may be the old one, and on some file systems empty. These are texts of a repository, which git has, and to wait
//! for the disk once a file is what costs most.
//!
//! All texts are written before the first is renamed: file systems are slow to give a new file a place among those
//! that were removed just now. So a program that is killed may leave several `.plimsoll-…` behind.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// A text beside the file whose place it is to take; dropped, it is removed.
pub(crate) struct Draft {
    written: TempPath,
    target: PathBuf,
}

impl Draft {
    /// Writes `after` beside `file`.
    pub(crate) fn new(file: &Path, after: &str) -> Result<Self, String> {
        let named = fs::symlink_metadata(file).map_err(|e| e.to_string())?;
        // What a link leads to is replaced, and the link stays.
        let is_link = named.is_symlink();
        let target = if is_link { file.canonicalize().map_err(|e| e.to_string())? } else { file.to_owned() };
        let folder = target.parent().ok_or("it has no folder")?;
        let write = || -> io::Result<TempPath> {
            let metadata = if is_link { fs::metadata(&target)? } else { named };
            let mut draft = tempfile::Builder::new().prefix(".plimsoll-").tempfile_in(folder)?;
            draft.write_all(after.as_bytes())?;
            keep_owner(draft.as_file(), &metadata);
            draft.as_file().set_permissions(metadata.permissions())?;
            Ok(draft.into_temp_path())
        };
        let written = write().map_err(|e| e.to_string())?;
        Ok(Self { written, target })
    }

    /// Puts it in the file's place, if that says `before` still.
    pub(crate) fn put(self, before: &str) -> Result<(), String> {
        // As late as can be: whoever writes at the same time is not overwritten unseen.
        if fs::read(&self.target).map_err(|e| e.to_string())? != before.as_bytes() {
            return Err(CHANGED.to_owned());
        }
        self.written.persist(&self.target).map_err(|e| e.error.to_string())
    }
}

const CHANGED: &str = "it was changed by someone else meanwhile; it is left as it is";

/// The file's owner, where that is somebody else and we may; the content matters more.
fn keep_owner(draft: &File, metadata: &fs::Metadata) {
    let same = draft.metadata().is_ok_and(|own| own.uid() == metadata.uid() && own.gid() == metadata.gid());
    if !same {
        let _ = fchown(draft, Some(metadata.uid()), Some(metadata.gid()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn replace(file: &Path, before: &str, after: &str) -> Result<(), String> {
        Draft::new(file, after)?.put(before)
    }

    #[test]
    fn permissions_stay_and_nothing_is_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        replace(&file, "old", "new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_was_changed_is_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        fs::write(&file, "other").unwrap();
        assert_eq!(replace(&file, "old", "new").unwrap_err(), CHANGED);
        assert_eq!(fs::read_to_string(&file).unwrap(), "other");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(replace(&dir.path().join("none"), "", "x").is_err());
    }

    #[test]
    fn a_link_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "old").unwrap();
        symlink("a", dir.path().join("l")).unwrap();
        replace(&dir.path().join("l"), "old", "new").unwrap();
        assert!(fs::symlink_metadata(dir.path().join("l")).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(dir.path().join("a")).unwrap(), "new");
    }
}
