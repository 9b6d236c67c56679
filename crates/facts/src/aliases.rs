//! Files that a reader wants by a name which is only a link.
//!
//! What is kept of a layer is decided by the name under which a file's content streams by. Where that is another name
//! (a hard link from a content-addressed store as ostree and pnpm have, a symbolic link to a renamed file), nothing
//! was kept, and a reader that looks at kept files alone would pass over it without a word.

use crate::entry::Kind;
use crate::keep::{Candidate, Want};
use crate::packages::READERS;
use crate::view::{File, View};
use model::{Ecosystem, TreePath, Unknown, UnknownKind};

/// What a reader says of a database of which nothing was kept; where a link is why, that is said alone.
pub(crate) const NOT_KEPT: &str = "the content of the package database was not kept";
/// Gaps that are told one by one.
const TOLD: usize = 100;

/// What readers want at a path whose content came under another name, and was not kept for that.
pub(crate) fn aliases(view: &View<'_>) -> Vec<Unknown> {
    let hard = view.files().filter(|file| *file.path != file.entry.path).map(|file| (file.path.clone(), file));
    let is_link = |layer: u32, entry: u32| {
        let kind = &view.layers()[layer as usize].entries[entry as usize].kind;
        matches!(kind, Kind::Symlink(_))
    };
    let entries = view.tree().entries().into_iter();
    let links = entries.filter(|(_, at)| is_link(at.layer, at.entry)).map(|(path, _)| path);
    let soft = links.filter(|path| is_wanted(path, 1).is_some()).filter_map(|path| {
        let file = view.open(path.as_bytes())?;
        Some((path, file))
    });
    let lost = hard.chain(soft).filter_map(|(path, file)| Some((lost(&path, &file)?, path)));
    let (blocking, single): (Vec<_>, Vec<_>) = lost.partition(|(kind, _)| kind.blocks());
    // One package's files: an image of a content-addressed store has thousands, and one line says it all.
    let mut out = Vec::new();
    match single.as_slice() {
        [] => {}
        [(kind, path)] => out.push(gap(*kind, path)),
        [(kind, path), ..] => {
            let why = format!("{} files that readers want came under another name, so they are not read", single.len());
            out.push(Unknown::new(*kind, format!("{why}; the first is {path}")));
        }
    }
    out.extend(blocking.iter().take(TOLD).map(|(kind, path)| gap(*kind, path)));
    if let Some((kind, _)) = blocking.get(TOLD) {
        let why = format!("{} more databases came under another name", blocking.len() - TOLD);
        out.push(Unknown::new(*kind, why));
    }
    out
}

/// Whether one of `gaps` tells already why a reader has nothing of a database.
pub(crate) fn is_told(view: &View<'_>, gaps: &[Unknown], unknown: &Unknown) -> bool {
    let leads_there = |gap: &Unknown| {
        let at = gap.spot.path.as_ref().and_then(|path| view.resolve(path.as_bytes()));
        at.is_some() && at == unknown.spot.path
    };
    unknown.why == NOT_KEPT && gaps.iter().any(leads_there)
}

fn gap(kind: UnknownKind, path: &TreePath) -> Unknown {
    Unknown::new(kind, "its content came under another name, so it was not kept and is not read").at(path)
}

/// How bad it is that nothing was kept of `file`, seen at `path`; `None` if nobody misses it.
fn lost(path: &TreePath, file: &File<'_>) -> Option<UnknownKind> {
    let missing = file.entry.size > 0 && file.whole().is_none();
    missing.then(|| is_wanted(path, file.entry.size)).flatten()
}

/// Whether a package reader wants all of a file of this name, whatever it begins with.
fn is_wanted(path: &TreePath, size: u64) -> Option<UnknownKind> {
    let candidate = Candidate { path, name: path.file_name(), size, mode: 0o644, head: b"{" };
    let reader = READERS.iter().find(|reader| (reader.wants)(&candidate) == Want::Whole)?;
    // Debian links one package's copyright to another's, and to the licence itself.
    (candidate.name != b"copyright").then(|| kind(reader.ecosystem, path))
}

/// A distribution's database may hide any package; a manifest or a list of files is one package's.
fn kind(ecosystem: Ecosystem, path: &TreePath) -> UnknownKind {
    let name = path.file_name();
    let detail =
        matches!(name, b"diversions" | b"os-release") || name.ends_with(b".list") || name.ends_with(b".md5sums");
    match ecosystem.is_distribution() && !detail {
        true => UnknownKind::PackageDatabase,
        false => UnknownKind::BadRecord,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::LayerFacts;
    use crate::limits::Limits;
    use crate::testing::{Item, file, hard, layer, link};
    use crate::tree::Tree;

    fn check(items: &[Item], expected: &[&str]) {
        let mut layers: [LayerFacts; 1] = [layer(items)];
        layers[0].entries.iter_mut().filter(|e| e.kind == Kind::File).for_each(|e| e.size = 9);
        let tree = Tree::squash(&layers, &Limits::default());
        let gaps = aliases(&View::new(&layers, &tree));
        let said: Vec<String> =
            gaps.iter().map(|u| format!("{} {}", u.kind.word(), u.spot.path.as_ref().unwrap())).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn databases_and_manifests_under_another_name() {
        let object = || file("sysroot/ostree/repo/objects/ab/cd.file");
        let at = "sysroot/ostree/repo/objects/ab/cd.file";
        let metadata = "usr/lib/python3/dist-packages/six-1.dist-info/METADATA";
        for (path, kind) in [
            ("var/lib/rpm/rpmdb.sqlite", "package-database"),
            ("lib/apk/db/installed", "package-database"),
            ("var/lib/dpkg/status.d/bash", "package-database"),
            ("var/lib/dpkg/info/bash.list", "bad-record"),
            ("srv/node_modules/a/package.json", "bad-record"),
            (metadata, "bad-record"),
        ] {
            let expected = format!("{kind} /{path}");
            check(&[object(), hard(path, at)], &[&expected]);
            check(&[object(), link(path, &format!("/{at}"))], &[&expected]);
        }
    }

    #[test]
    fn what_nobody_misses() {
        check(&[file("a"), hard("b", "a"), link("c", "a"), link("var/lib/dpkg/status", "/nowhere")], &[]);
        check(
            &[
                file("usr/share/common-licenses/BSD"),
                hard("usr/share/doc/a/copyright", "usr/share/common-licenses/BSD"),
            ],
            &[],
        );
    }

    #[test]
    fn many_are_counted() {
        let names: Vec<String> = (0..150).map(|i| format!("node_modules/a{i}/package.json")).collect();
        let items: Vec<Item> = std::iter::once(file("x")).chain(names.iter().map(|n| hard(n, "x"))).collect();
        let layers = [layer(&items)];
        let mut layers = layers;
        layers[0].entries[0].size = 9;
        let tree = Tree::squash(&layers, &Limits::default());
        let gaps = aliases(&View::new(&layers, &tree));
        let said: Vec<String> = gaps.iter().map(ToString::to_string).collect();
        let expected = "bad-record: 150 files that readers want came under another name, so they are not read; the first \
                        is /node_modules/a0/package.json";
        assert_eq!(said, [expected]);
    }

    #[test]
    fn one_cause_is_told_once() {
        for (at, link) in [
            ("var/lib/dpkg/status", hard("var/lib/dpkg/status", "x")),
            ("lib/apk/db/installed", hard("lib/apk/db/installed", "x")),
            ("var/lib/dpkg/status", link("var/lib/dpkg/status", "/x")),
            ("lib/apk/db/installed", link("lib/apk/db/installed", "/x")),
        ] {
            let mut layers = [layer(&[file("x"), link])];
            layers[0].entries[0].size = 9;
            let facts = crate::assemble(&layers, Vec::new(), &Limits::default());
            let said: Vec<String> = facts.unknowns.iter().map(ToString::to_string).collect();
            let expected = "its content came under another name, so it was not kept and is not read";
            assert_eq!(said, [format!("package-database: {expected} in /{at}")]);
        }
    }
}
