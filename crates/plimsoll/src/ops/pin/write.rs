//! A text put in a file's place: wholly or not at all, with the file's own permissions, and only if it is still the
//! file that was read.

use crate::interrupt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes `after` where `before` was.
pub(crate) fn replace(file: &Path, before: &str, after: &str) -> Result<(), String> {
    // What a link leads to is replaced, and the link stays.
    let target = file.canonicalize().map_err(|e| e.to_string())?;
    unchanged(&target, before)?;
    let folder = target.parent().ok_or("it has no folder")?;
    let write = || -> io::Result<()> {
        let metadata = fs::metadata(&target)?;
        let mut draft = tempfile::Builder::new().prefix(".plimsoll-").tempfile_in(folder)?;
        draft.write_all(after.as_bytes())?;
        keep_owner(draft.as_file(), &metadata);
        draft.as_file().set_permissions(metadata.permissions())?;
        draft.as_file().sync_all()?;
        // As late as can be: whoever writes at the same time is not overwritten unseen.
        if fs::read(&target)? != before.as_bytes() {
            return Err(io::Error::other(CHANGED));
        }
        draft.persist(&target).map(drop).map_err(|e| e.error)
    };
    interrupt::whole(write).map_err(|e| e.to_string())
}

const CHANGED: &str = "it was changed by someone else meanwhile; it is left as it is";

fn unchanged(file: &Path, before: &str) -> Result<(), String> {
    match fs::read(file) {
        Ok(bytes) if bytes == before.as_bytes() => Ok(()),
        Ok(_) => Err(CHANGED.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The file's owner, where that is somebody else and we may; the content matters more.
fn keep_owner(draft: &File, metadata: &fs::Metadata) {
    use std::os::unix::fs::MetadataExt;
    let _ = std::os::unix::fs::fchown(draft, Some(metadata.uid()), Some(metadata.gid()));
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
