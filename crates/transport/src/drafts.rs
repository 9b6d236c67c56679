//! Files under construction: named so that nobody takes them for what they become, and what killed runs left of them.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How the name of every draft begins.
pub(crate) const PREFIX: &str = ".plimsoll-";
/// A draft that nobody has written to for so long belongs to nobody any more.
const FORGOTTEN: Duration = Duration::from_secs(24 * 60 * 60);

/// Removes forgotten drafts from a folder. What cannot be looked at or removed stays: the copy goes on without.
pub(crate) fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        // Of a link this is the link itself.
        let Ok(meta) = entry.metadata() else { continue };
        let age = meta.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
        if meta.is_file() && age.is_some_and(|age| age > FORGOTTEN) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn only_forgotten_drafts_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, hours: u64| {
            let file = File::create(folder.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(hours * 3600)).unwrap();
        };
        put(".plimsoll-old", 25);
        put(".plimsoll-new", 23);
        put("old", 25);
        fs::create_dir(folder.path().join(".plimsoll-folder")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join(".plimsoll-link")).unwrap();
        sweep(folder.path());
        sweep(&folder.path().join("not there"));
        let names = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        assert_eq!(names, [".plimsoll-folder", ".plimsoll-link", ".plimsoll-new", "old"]);
    }
}
