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
    let mut out: Vec<Unknown> = lost.map(|(kind, path)| gap(kind, &path)).collect();
    out.sort_by_key(|gap| !gap.kind.blocks());
    if out.len() > TOLD {
        let why = format!("{} more files that readers want came under another name", out.len() - TOLD);
        let kind = out[TOLD].kind;
        out.truncate(TOLD);
        out.push(Unknown::new(kind, why));
    }
    out
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
        assert_eq!(gaps.len(), TOLD + 1);
        assert!(gaps[TOLD].why.starts_with("50 more files"));
    }
}
