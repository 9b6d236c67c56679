//! Packages whose record a later layer took out of the database while files of theirs stayed.
//!
//! A package manager that removes a package removes its files with it. An image in which only the record went looks
//! like one that never had the package, and no scanner asks about what no list names. The states of the database in the
//! layers below tell.

use crate::entry::Kind;
use crate::packages::{apk, dpkg, rpm};
use crate::view::View;
use model::{Ecosystem, Package, TreePath, Unknown, UnknownKind, escaped};
use rustc_hash::FxHashSet;

/// Packages that are named.
const NAMED: usize = 5;

/// A package that a lower layer's database has and the visible one has not, though a file of it is still there.
pub(crate) struct Vanished {
    pub(crate) name: String,
    /// The highest layer whose database has it.
    pub(crate) layer: u32,
    /// A file of it that stayed.
    pub(crate) file: TreePath,
}

/// What a reader asks while it looks through older states.
pub(crate) struct Search<'a> {
    view: &'a View<'a>,
    listed: FxHashSet<&'a str>,
    owned: &'a dyn Fn(&TreePath) -> bool,
}

impl<'a> Search<'a> {
    /// The image.
    pub(crate) fn view(&self) -> &'a View<'a> {
        self.view
    }

    /// Whether the visible database has a package of this name.
    pub(crate) fn is_listed(&self, name: &str) -> bool {
        self.listed.contains(name)
    }

    /// The file at `path` if it is that of a package of `layer`: nothing above replaced it, and no other package has
    /// it. Configuration may stay when a package goes, so it proves nothing.
    pub(crate) fn stayed(&self, layer: u32, path: &[u8]) -> Option<TreePath> {
        let path = TreePath::clean(path).ok()?;
        let file = self.view.exact(&path).or_else(|| {
            let folder = self.view.resolve(path.parent_bytes())?;
            self.view.exact(&folder.join(path.file_name()).ok()?)
        })?;
        let counts = file.layer <= layer && file.entry.kind == Kind::File && file.entry.size > 0;
        let is_config = path.is_within(b"etc") || file.path.is_within(b"etc");
        (counts && !is_config && !(self.owned)(file.path)).then(|| file.path.clone())
    }
}

/// What is missing in the visible databases; `owned` tells the files of distributions' packages.
pub(crate) fn vanished(view: &View<'_>, packages: &[Package], owned: &dyn Fn(&TreePath) -> bool) -> Vec<Unknown> {
    let search = |ecosystem: Ecosystem| {
        let of = packages.iter().filter(|p| p.ecosystem == ecosystem);
        Search { view, listed: of.map(|p| p.name.as_str()).collect(), owned }
    };
    let dpkg = dpkg::vanished(&search(Ecosystem::Dpkg)).map(|(gone, at)| gap(&gone, &at));
    let apk = apk::vanished(&search(Ecosystem::Apk)).map(|(gone, at)| gap(&gone, &at));
    let rpm = rpm::vanished(&search(Ecosystem::Rpm)).map(|(gone, at)| gap(&gone, &at));
    dpkg.into_iter().chain(apk).chain(rpm).flatten().collect()
}

fn gap(gone: &[Vanished], database: &TreePath) -> Option<Unknown> {
    let first = gone.first()?;
    let names: Vec<String> = gone.iter().take(NAMED).map(|one| format!("`{}`", escaped(&one.name))).collect();
    let more = match gone.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let why = format!(
        "the database of layer {} has {}{more}, this one has not, and {} is still there",
        first.layer + 1,
        names.join(", "),
        first.file
    );
    Some(Unknown::new(UnknownKind::PackageDatabase, why).at(database))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::LayerFacts;
    use crate::keep::{Candidate, Kept, Part, Want};
    use crate::limits::Limits;
    use crate::packages::READERS;
    use crate::testing::{file, layer, white};

    type Files<'a> = &'a [(&'a str, &'a str)];

    /// Layers of these files; `.wh` as content makes a whiteout.
    fn check(layers: &[Files<'_>], expected: &[&str]) {
        let layers: Vec<LayerFacts> = layers.iter().map(|files| one(files)).collect();
        let facts = crate::assemble(&layers, Vec::new(), &Limits::default());
        let said = facts.unknowns.iter().filter(|u| u.why.contains("this one has not")).map(ToString::to_string);
        assert_eq!(said.collect::<Vec<_>>(), expected);
    }

    /// A layer of which is kept what readers want.
    fn one(files: Files<'_>) -> LayerFacts {
        one_of(&files.iter().map(|(at, content)| (*at, content.as_bytes())).collect::<Vec<_>>())
    }

    fn one_of(files: &[(&str, &[u8])]) -> LayerFacts {
        let items: Vec<_> = files.iter().map(|(at, c)| if *c == b".wh" { white(at) } else { file(at) }).collect();
        let mut facts = layer(&items);
        for (index, (entry, (_, content))) in facts.entries.iter_mut().zip(files).enumerate() {
            entry.size = content.len() as u64;
            let candidate =
                Candidate { path: &entry.path, name: entry.path.file_name(), size: entry.size, mode: 0o644, head: b"" };
            let is_wanted = READERS.iter().any(|reader| (reader.wants)(&candidate) == Want::Whole);
            if entry.kind == Kind::File && is_wanted {
                facts.kept.push(Kept { entry: index as u32, part: Part::Whole, bytes: content.to_vec() });
            }
        }
        facts
    }

    const APK: &str = "lib/apk/db/installed";
    const MUSL: &str = "P:musl\nV:1\nF:lib\nR:libc.so\n\n";
    const JQ: &str = "P:jq\nV:2\nF:usr/bin\nR:jq\nF:etc\nR:jq.conf\n\n";

    #[test]
    fn a_record_that_went_without_its_files() {
        let both = format!("{MUSL}{JQ}");
        let base: Files<'_> = &[(APK, &both), ("lib/libc.so", "c"), ("usr/bin/jq", "jq"), ("etc/jq.conf", "x")];
        let said = "package-database: the database of layer 1 has `jq`, this one has not, and /usr/bin/jq is still there \
                    in /lib/apk/db/installed";
        check(&[base, &[(APK, MUSL)]], &[said]);
        check(
            &[base, &[("app/x", "x")], &[(APK, MUSL)]],
            &["package-database: the database of layer 1 has `jq`, \
            this one has not, and /usr/bin/jq is still there in /lib/apk/db/installed"],
        );
        check(&[base, &[(APK, MUSL), ("usr/bin/jq", ".wh")]], &[]);
        check(&[base, &[(APK, MUSL), ("usr/bin/jq", "another's")]], &[]);
        check(&[base, &[("app/x", "x")]], &[]);
        let renamed = format!("{MUSL}P:jq2\nV:2\nF:usr/bin\nR:jq\n\n");
        check(&[base, &[(APK, &renamed)]], &[]);
    }

    const STATUS: &str = "var/lib/dpkg/status";

    fn record(name: &str) -> String {
        format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n")
    }

    #[test]
    fn a_record_of_dpkg_with_its_list() {
        let both = record("libc6") + &record("curl");
        let base: Files<'_> = &[
            (STATUS, &both),
            ("var/lib/dpkg/info/curl:amd64.list", "/.\n/usr/bin\n/usr/bin/curl\n/etc/curlrc\n"),
            ("usr/bin/curl", "c"),
            ("etc/curlrc", "x"),
        ];
        let only = record("libc6");
        let list = ("var/lib/dpkg/info/curl:amd64.list", ".wh");
        let said = "package-database: the database of layer 1 has `curl`, this one has not, and /usr/bin/curl is still \
                    there in /var/lib/dpkg/status";
        check(&[base, &[(STATUS, &only), list]], &[said]);
        check(&[base, &[(STATUS, &only), list, ("usr/bin/curl", ".wh")]], &[]);
        let removed = record("libc6") + &record("curl").replace("install ok installed", "deinstall ok config-files");
        let left = ("var/lib/dpkg/info/curl:amd64.list", "/etc/curlrc\n");
        check(&[base, &[(STATUS, &removed), left, ("usr/bin/curl", ".wh")]], &[]);
    }

    #[test]
    fn a_record_of_dpkg_without_a_list() {
        let both = record("libc6") + &record("curl");
        let base: Files<'_> = &[(STATUS, &both), ("usr/share/doc/curl/copyright", "c")];
        let only = record("libc6");
        let said = "package-database: the database of layer 1 has `curl`, this one has not, and \
                    /usr/share/doc/curl/copyright is still there in /var/lib/dpkg/status";
        check(&[base, &[(STATUS, &only)]], &[said]);
        check(&[base, &[(STATUS, &only), ("usr/share/doc/curl/copyright", ".wh")]], &[]);
    }

    /// Amazon Linux's own database, and in a later layer one of which nothing is left but what we built ourselves.
    #[test]
    fn a_record_of_rpm() {
        const DATABASE: &str = "var/lib/rpm/rpmdb.sqlite";
        let plain = |packed: &[u8]| zstd::decode_all(packed).unwrap();
        let full = plain(include_bytes!("../../../testdata/rpm/amazonlinux-2023/rpmdb.sqlite.zst"));
        let own = plain(include_bytes!("../../../testdata/rpm/hull/rpmdb.sqlite.zst"));
        let log = plain(include_bytes!("../../../testdata/rpm/hull/rpmdb.sqlite-wal.zst"));
        let own = [(DATABASE, own.as_slice()), ("var/lib/rpm/rpmdb.sqlite-wal", log.as_slice())];
        let check = |top: &[(&str, &[u8])], expected: &[&str]| {
            let base: &[(&str, &[u8])] = &[(DATABASE, &full), ("usr/bin/bash", b"bash"), ("etc/bashrc", b"x")];
            let facts = crate::assemble(&[one_of(base), one_of(top)], Vec::new(), &Limits::default());
            let said = facts.unknowns.iter().filter(|u| u.why.contains("this one has not")).map(ToString::to_string);
            assert_eq!(said.collect::<Vec<_>>(), expected);
        };
        let said = "package-database: the database of layer 1 has `bash`, this one has not, and /usr/bin/bash is still \
                    there in /var/lib/rpm/rpmdb.sqlite";
        check(&own, &[said]);
        check(&[own[0], own[1], ("usr/bin/bash", b".wh")], &[]);
        check(&[own[0], own[1], ("usr/bin/bash", b"another's")], &[]);
        check(&[("app/x", b"x")], &[]);
    }

    #[test]
    fn a_record_of_a_distroless_image() {
        let (base_files, curl) = (record("base-files"), record("curl"));
        let base: Files<'_> = &[
            ("var/lib/dpkg/status.d/base-files", &base_files),
            ("var/lib/dpkg/status.d/curl", &curl),
            ("var/lib/dpkg/status.d/curl.md5sums", "0cc175b9c0f1b6a831c399e269772661  usr/bin/curl\n"),
            ("usr/bin/curl", "c"),
        ];
        let gone = [("var/lib/dpkg/status.d/curl", ".wh"), ("var/lib/dpkg/status.d/curl.md5sums", ".wh")];
        let said = "package-database: the database of layer 1 has `curl`, this one has not, and /usr/bin/curl is still \
                    there in /var/lib/dpkg/status.d";
        check(&[base, &gone], &[said]);
        check(&[base, &[gone[0], gone[1], ("usr/bin/curl", ".wh")]], &[]);
    }
}
