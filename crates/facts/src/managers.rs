//! Package databases that nobody reads: of managers without a reader, of a second root filesystem, and those that a
//! later layer deleted while what they listed stayed.
//!
//! An image whose packages stand in such a database would otherwise look like one that has none.

use crate::entry::Kind;
use crate::view::View;
use model::{TreePath, Unknown, UnknownKind, escaped};
use rustc_hash::{FxHashMap, FxHashSet};

/// A manager's own records, by folder and the name of the files in it or below it.
struct Foreign {
    /// As people call it.
    name: &'static str,
    /// Where its records lie.
    folder: &'static str,
    /// What a record's name is; everything if empty.
    record: &'static str,
}

/// Managers of whole systems, each with the place that its own documentation names.
const FOREIGN: &[Foreign] = &[
    Foreign { name: "pacman", folder: "var/lib/pacman/local", record: "desc" },
    Foreign { name: "Portage", folder: "var/db/pkg", record: "" },
    Foreign { name: "opkg", folder: "usr/lib/opkg", record: "status" },
    Foreign { name: "opkg", folder: "var/lib/opkg", record: "status" },
    Foreign { name: "Nix", folder: "nix/var/nix/db", record: "db.sqlite" },
    Foreign { name: "Nix", folder: "nix/store", record: "" },
    Foreign { name: "xbps", folder: "var/db/xbps", record: "" },
    Foreign { name: "Slackware's pkgtools", folder: "var/log/packages", record: "" },
    Foreign { name: "Slackware's pkgtools", folder: "var/lib/pkgtools/packages", record: "" },
    Foreign { name: "swupd", folder: "usr/share/clear/bundles", record: "" },
];

/// The databases that have readers, by family.
const READ: [(&str, &[&str]); 3] = [
    ("dpkg", &["var/lib/dpkg/status", "usr/lib/sysimage/dpkg/status"]),
    ("apk", &["lib/apk/db/installed", "usr/lib/apk/db/installed"]),
    (
        "rpm",
        &[
            "var/lib/rpm/Packages",
            "var/lib/rpm/Packages.db",
            "var/lib/rpm/rpmdb.sqlite",
            "usr/lib/sysimage/rpm/Packages",
            "usr/lib/sysimage/rpm/Packages.db",
            "usr/lib/sysimage/rpm/rpmdb.sqlite",
            "usr/share/rpm/Packages",
            "usr/share/rpm/Packages.db",
            "usr/share/rpm/rpmdb.sqlite",
            "var/lib/rpmmanifest/container-manifest-2",
        ],
    ),
];
const STATUS_FOLDERS: [&str; 2] = ["var/lib/dpkg/status.d", "usr/lib/sysimage/dpkg/status.d"];
/// Second root filesystems that are told one by one.
const ROOTS: usize = 100;

/// What stands in databases that are not read.
pub(crate) fn managers(view: &View<'_>) -> Vec<Unknown> {
    let mut out = foreign(view);
    out.extend(conda(view));
    out.extend(second_roots(view));
    out.extend(READ[..2].iter().filter_map(|(name, paths)| second(view, name, paths)));
    out.extend(READ.iter().filter_map(|(name, paths)| deleted(view, name, paths)));
    out
}

fn gap(why: String, path: &TreePath) -> Unknown {
    Unknown::new(UnknownKind::PackageDatabase, why).at(path)
}

/// One gap a manager, at its first record.
fn foreign(view: &View<'_>) -> Vec<Unknown> {
    let mut counts: FxHashMap<&'static str, (u64, &TreePath)> = FxHashMap::default();
    let present: Vec<&Foreign> = FOREIGN.iter().filter(|one| view.is_directory(one.folder.as_bytes())).collect();
    if present.is_empty() {
        return Vec::new();
    }
    for file in view.files().filter(|file| file.entry.size > 0) {
        let is_record = |one: &&&Foreign| {
            let rest = file.path.as_bytes().strip_prefix(one.folder.as_bytes());
            rest.is_some_and(|rest| rest.first() == Some(&b'/'))
                && (one.record.is_empty() || file.path.file_name() == one.record.as_bytes())
        };
        if let Some(one) = present.iter().find(is_record) {
            counts.entry(one.name).or_insert((0, file.path)).0 += 1;
        }
    }
    let why = |name: &str| format!("{name}'s packages are there, and no reader for {name} is built in");
    counts.into_iter().map(|(name, (_, first))| gap(why(name), first)).collect()
}

/// Conda's environments, which may lie anywhere: a folder of records beside the environment's history.
fn conda(view: &View<'_>) -> Vec<Unknown> {
    let is_history = |file: &crate::view::File<'_>| {
        file.path.file_name() == b"history"
            && file.path.parent_bytes().rsplit(|&b| b == b'/').next() == Some(b"conda-meta")
    };
    let environments: FxHashSet<&[u8]> = view.files().filter(is_history).map(|file| file.path.parent_bytes()).collect();
    if environments.is_empty() {
        return Vec::new();
    }
    let is_record = |file: &crate::view::File<'_>| {
        let is_json = file.path.file_name().ends_with(b".json") && file.entry.size > 0;
        is_json && environments.contains(file.path.parent_bytes())
    };
    let mut seen = FxHashSet::default();
    let firsts = view.files().filter(is_record).filter(|file| seen.insert(file.path.parent_bytes()));
    let why = "conda's packages are there, and no reader for conda is built in";
    firsts.take(ROOTS).map(|file| gap(why.to_owned(), file.path)).collect()
}

/// dpkg's and apk's databases elsewhere than in the root, if a release file says that it is a root filesystem: without
/// one it is test data. Those of rpm are read wherever they are.
fn second_roots(view: &View<'_>) -> Vec<Unknown> {
    let mut out = Vec::new();
    let mut seen = FxHashSet::default();
    let paths = READ[..2].iter().flat_map(|(name, paths)| paths.iter().map(move |path| (*name, *path)));
    let paths: Vec<(&str, &str)> = paths.collect();
    for file in view.files().filter(|file| matches!(file.path.file_name(), b"status" | b"installed")) {
        let path = file.path.as_bytes();
        let of = |(name, tail): &(&'static str, &str)| {
            let root = path.strip_suffix(tail.as_bytes())?.strip_suffix(b"/")?;
            Some((*name, root))
        };
        let Some((name, root)) = paths.iter().find_map(of) else { continue };
        let release = |at: &str| view.open(&[root, b"/", at.as_bytes()].concat()).is_some();
        let is_root = release("etc/os-release") || release("usr/lib/os-release") || release("etc/debian_version");
        if file.entry.size == 0 || !is_root || is_the_root(view, file.path) || !seen.insert(file.path) {
            continue;
        }
        if out.len() == ROOTS {
            out.push(Unknown::new(UnknownKind::PackageDatabase, "more root filesystems inside the image are not read"));
            break;
        }
        out.push(gap(format!("the {name} database of a second root filesystem, which is not read"), file.path));
    }
    out
}

/// A second database of the root itself: the manager looks at one place, and so does its reader.
fn second(view: &View<'_>, name: &str, paths: &[&str]) -> Option<Unknown> {
    let mut files = paths.iter().filter_map(|path| view.open(path.as_bytes())).filter(|file| file.entry.size > 0);
    let first = files.next()?;
    let other = files.find(|file| file.path != first.path)?;
    Some(gap(format!("a second {name} database beside {}, which is not read", first.path), other.path))
}

/// Whether a database is the image's own, reached through links (`lib/apk` where `lib` leads to `opt/lib`).
fn is_the_root(view: &View<'_>, path: &TreePath) -> bool {
    READ.iter().flat_map(|(_, paths)| paths.iter()).any(|own| view.resolve(own.as_bytes()).as_ref() == Some(path))
}

/// A database that had content, and that a layer above deleted without another in its place.
fn deleted(view: &View<'_>, name: &str, paths: &[&str]) -> Option<Unknown> {
    let is_there = |path: &&str| view.open(path.as_bytes()).is_some() || view.is_directory(path.as_bytes());
    let has_records = |folder: &&str| view.files().any(|file| file.path.parent_bytes() == folder.as_bytes());
    if paths.iter().any(is_there) || (name == "dpkg" && STATUS_FOLDERS.iter().any(has_records)) {
        return None;
    }
    let gone = view.tree().hidden().iter().rev().find_map(|hidden| {
        let entry = &view.layers()[hidden.layer as usize].entries[hidden.entry as usize];
        let is_database = paths.iter().any(|path| path.as_bytes() == entry.path.as_bytes())
            || (name == "dpkg" && STATUS_FOLDERS.iter().any(|f| f.as_bytes() == entry.path.parent_bytes()));
        (entry.kind == Kind::File && entry.size > 0 && is_database && hidden.by != hidden.layer)
            .then_some((entry, hidden))
    })?;
    let (entry, hidden) = gone;
    let why = format!(
        "layer {} deleted the {} database, so nothing tells which of its packages are still there",
        hidden.by + 1,
        escaped(name)
    );
    Some(gap(why, &entry.path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::LayerFacts;
    use crate::limits::Limits;
    use crate::testing::{Item, dir, file, layer, link, opaque, white};
    use crate::tree::Tree;

    fn check(layers: &[&[Item]], expected: &[&str]) {
        let sized = |items: &&[Item]| -> LayerFacts {
            let mut facts = layer(items);
            facts.entries.iter_mut().filter(|e| e.kind == Kind::File).for_each(|e| e.size = 9);
            facts
        };
        let layers: Vec<LayerFacts> = layers.iter().map(sized).collect();
        let tree = Tree::squash(&layers, &Limits::default());
        let said: Vec<String> = managers(&View::new(&layers, &tree)).iter().map(ToString::to_string).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn a_manager_without_a_reader_is_no_silence() {
        for (path, name) in [
            ("var/lib/pacman/local/bash-5.2-1/desc", "pacman"),
            ("var/db/pkg/app-shells/bash-5.2/PF", "Portage"),
            ("usr/lib/opkg/status", "opkg"),
            ("nix/store/aaaa-bash-5.2/bin/bash", "Nix"),
            ("var/db/xbps/pkgdb-0.38.plist", "xbps"),
        ] {
            let expected = format!(
                "package-database: {name}'s packages are there, and no reader for {name} is built in in /{path}"
            );
            check(&[&[file(path)]], &[&expected]);
        }
        check(&[&[dir("var/db/pkg"), dir("nix/store"), file("var/lib/pacman/local/ALPM_DB_VERSION")]], &[]);
    }

    #[test]
    fn an_environment_of_conda_is_told_once() {
        let said = "package-database: conda's packages are there, and no reader for conda is built in in \
                    /opt/env/conda-meta/a-1-0.json";
        let meta = |name: &str| file(&format!("opt/env/conda-meta/{name}"));
        check(&[&[meta("history"), meta("a-1-0.json"), meta("b-1-0.json")]], &[said]);
        check(&[&[meta("a-1-0.json")]], &[]);
        check(&[&[meta("history"), file("opt/other/conda-meta/a.json")]], &[]);
    }

    #[test]
    fn a_deleted_database_is_no_empty_one() {
        let databases: [(&str, &str, &str); 4] = [
            ("dpkg", "var/lib/dpkg/status", "var/lib/dpkg"),
            ("dpkg", "var/lib/dpkg/status.d/bash", "var/lib/dpkg"),
            ("apk", "lib/apk/db/installed", "lib/apk"),
            ("rpm", "usr/lib/sysimage/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm"),
        ];
        for (name, path, folder) in databases {
            let expected = format!(
                "package-database: layer 2 deleted the {name} database, so nothing tells which of its packages are still there in /{path}"
            );
            let below = [file(path)];
            for above in [white(path), white(folder), opaque(folder)] {
                check(&[&below, &[above], &[file("app/x")]], &[&expected]);
            }
        }
    }

    #[test]
    fn a_database_that_moved_or_came_again_is_none_deleted() {
        check(
            &[&[file("var/lib/rpm/Packages")], &[white("var/lib/rpm"), file("usr/lib/sysimage/rpm/rpmdb.sqlite")]],
            &[],
        );
        check(&[&[file("var/lib/dpkg/status")], &[white("var/lib/dpkg/status")], &[file("var/lib/dpkg/status")]], &[]);
        check(
            &[
                &[file("lib/apk/db/installed")],
                &[white("lib"), link("lib", "usr/lib"), file("usr/lib/apk/db/installed")],
            ],
            &[],
        );
        check(&[&[file("var/lib/dpkg/status")], &[white("var/lib/dpkg/status"), file("var/lib/dpkg/status.d/a")]], &[]);
    }

    #[test]
    fn a_second_database_of_the_root_is_told() {
        check(
            &[&[file("var/lib/dpkg/status"), file("usr/lib/sysimage/dpkg/status")]],
            &[
                "package-database: a second dpkg database beside /var/lib/dpkg/status, which is not read in /usr/lib/sysimage/dpkg/status",
            ],
        );
        check(&[&[link("lib", "usr/lib"), file("usr/lib/apk/db/installed")]], &[]);
    }

    #[test]
    fn a_second_root_filesystem_is_told_and_test_data_is_not() {
        check(
            &[&[
                file("srv/root/var/lib/dpkg/status"),
                file("srv/root/etc/os-release"),
                file("src/testdata/lib/apk/db/installed"),
            ]],
            &[
                "package-database: the dpkg database of a second root filesystem, which is not read in /srv/root/var/lib/dpkg/status",
            ],
        );
        check(&[&[link("lib", "opt/lib"), file("opt/lib/apk/db/installed"), file("opt/etc/os-release")]], &[]);
    }
}
