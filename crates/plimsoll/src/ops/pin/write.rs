//! A text put in a file's place: wholly or not at all, with the file's own permissions, and only if it is still the
//! file that was read.
//!
//! The text is written under another name and renamed, and a rename is atomic: whoever reads the file, and a program
//! that is ended at any moment, sees the old text or the new one. The disk is not waited for: after a loss of power a
//! file may be the old one, and on some file systems empty. These are texts of a repository, which git has, and to wait
//! for the disk once a file is what costs most.

use crate::interrupt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

/// Writes `after` where `before` was.
pub(crate) fn replace(file: &Path, before: &str, after: &str) -> Result<(), String> {
    let named = fs::symlink_metadata(file).map_err(|e| e.to_string())?;
    // What a link leads to is replaced, and the link stays.
    let led = if named.is_symlink() { Some(file.canonicalize().map_err(|e| e.to_string())?) } else { None };
    let target = led.as_deref().unwrap_or(file);
    let folder = target.parent().ok_or("it has no folder")?;
    let write = || -> io::Result<()> {
        let metadata = if led.is_some() { fs::metadata(target)? } else { named };
        let mut draft = tempfile::Builder::new().prefix(".plimsoll-").tempfile_in(folder)?;
        draft.write_all(after.as_bytes())?;
        keep_owner(draft.as_file(), &metadata);
        draft.as_file().set_permissions(metadata.permissions())?;
        // As late as can be: whoever writes at the same time is not overwritten unseen.
        if fs::read(target)? != before.as_bytes() {
            return Err(io::Error::other(CHANGED));
        }
        draft.persist(target).map(drop).map_err(|e| e.error)
    };
    interrupt::whole(write).map_err(|e| e.to_string())
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
