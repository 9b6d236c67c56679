//! Package databases and release files that are there and are no files.
//!
//! Readers look at regular files. A FIFO, a device or a link that loops in a database's place would otherwise
//! look like an image without packages.

use crate::entry::Kind;
use crate::view::View;
use model::{TreePath, Unknown, UnknownKind};

/// Databases whose reader speaks up itself where a directory is in their place.
const OWN_WORDS: [&str; 4] =
    ["var/lib/dpkg/status", "usr/lib/sysimage/dpkg/status", "lib/apk/db/installed", "usr/lib/apk/db/installed"];
/// Folders that databases lie in: anything but a folder in their place hides what is below.
const FOLDERS: [&str; 10] = [
    "var/lib/dpkg",
    "var/lib/dpkg/status.d",
    "usr/lib/sysimage/dpkg",
    "usr/lib/sysimage/dpkg/status.d",
    "lib/apk/db",
    "usr/lib/apk/db",
    "var/lib/rpm",
    "usr/lib/sysimage/rpm",
    "usr/share/rpm",
    "var/lib/rpmmanifest",
];
const RPM_FOLDERS: [&str; 3] = ["var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"];
const RPM_MANIFEST: &str = "var/lib/rpmmanifest/container-manifest-2";
const RPM_NAMES: [&str; 3] = ["Packages", "Packages.db", "rpmdb.sqlite"];
const RELEASES: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];

/// What is in the way of a package database, or of a release file where `os_known` is false.
pub(crate) fn obstacles(view: &View<'_>, os_known: bool) -> Vec<Unknown> {
    let found = |path: &str, directories: bool| {
        let what = view.tree().obstacle(view.layers(), path.as_bytes())?;
        let path = TreePath::clean(path.as_bytes()).ok()?;
        (directories || what != DIRECTORY).then_some((what, path))
    };
    let database = |(what, path): (&str, TreePath)| {
        Unknown::new(UnknownKind::PackageDatabase, format!("{what} in the place of the package database")).at(&path)
    };
    let release = |(what, path): (&str, TreePath)| {
        Unknown::new(UnknownKind::BadRecord, format!("{what} in the place of a release file")).at(&path)
    };
    let rpm = RPM_FOLDERS.iter().flat_map(|folder| RPM_NAMES.iter().map(move |name| format!("{folder}/{name}")));
    let rpm = rpm.chain([RPM_MANIFEST.to_owned()]);
    let mut out: Vec<Unknown> = OWN_WORDS.iter().filter_map(|path| found(path, false)).map(database).collect();
    out.extend(rpm.filter_map(|path| found(&path, true)).map(database));
    out.extend(FOLDERS.iter().filter_map(|path| found(path, false).or_else(|| file(view, path))).map(database));
    out.extend(records(view).filter_map(|path| found(&path, false)).map(database));
    out.extend(languages(view).filter_map(|path| found(&path, true)).map(database));
    if !os_known {
        out.extend(RELEASES.iter().filter_map(|path| found(path, true)).map(release));
    }
    out
}

/// A regular file in the place of a folder.
fn file(view: &View<'_>, path: &str) -> Option<(&'static str, TreePath)> {
    view.open(path.as_bytes()).map(|file| ("a file", file.path.clone()))
}

/// What lies in a distroless image's folders of records, one package each.
fn records<'v>(view: &'v View<'_>) -> impl Iterator<Item = String> + 'v {
    const RECORDS: [&[u8]; 2] = [b"var/lib/dpkg/status.d", b"usr/lib/sysimage/dpkg/status.d"];
    let there: Vec<&[u8]> = RECORDS.into_iter().filter(|folder| view.is_directory(folder)).collect();
    let entries = if there.is_empty() { Vec::new() } else { view.tree().entries() };
    let inside = entries.into_iter().filter(move |(path, _)| there.contains(&path.parent_bytes()));
    inside.filter_map(|(path, _)| path.as_str().map(str::to_owned))
}

/// Where something that is no file has the name of a database of .NET's or Composer's.
fn languages<'v>(view: &View<'v>) -> impl Iterator<Item = String> + 'v {
    let entries = view.layers().iter().flat_map(|layer| &layer.entries);
    let odd = entries.filter(|entry| {
        let name = entry.path.file_name();
        let composer = name == b"installed.json" && entry.path.parent_bytes().ends_with(b"composer");
        let dotnet = name.ends_with(b".deps.json");
        (composer || dotnet) && matches!(entry.kind, Kind::Special | Kind::Symlink(_) | Kind::Directory)
    });
    odd.filter_map(|entry| entry.path.as_str().map(str::to_owned))
}

/// What [`crate::Tree::obstacle`] says of a directory.
pub(crate) const DIRECTORY: &str = "a directory";
