//! What package managers leave behind: caches that serve only the next installation, by a table of their folders.
//!
//! A cache counts wherever its bytes are in the image: visible, or hidden again by a later layer, which saves
//! nothing. Empty files and lock files do not count. A folder is known by its place, not by its content.

use crate::entry::{Entry, Kind};
use crate::image::Residue;
use crate::view::View;
use model::TreePath;
use rustc_hash::FxHashMap;

/// Folder, tool, the layer that brought the files and the one that hides them.
type Heap<'a> = (&'a [u8], &'static str, u32, Option<u32>);

/// Folders listed; beyond that the smallest are left out.
const RESIDUES: usize = 10_000;

/// Caches of the whole system: the folder, and the tool that fills it.
const SYSTEM: &[(&str, &str)] = &[
    ("var/lib/apt/lists", "apt"),
    ("var/cache/apt", "apt"),
    ("var/cache/apk", "apk"),
    ("var/cache/dnf", "dnf"),
    ("var/cache/libdnf5", "dnf"),
    ("var/cache/tdnf", "tdnf"),
    ("var/cache/yum", "yum"),
    ("var/cache/zypp", "zypper"),
    ("var/cache/pacman/pkg", "pacman"),
    ("var/lib/pacman/sync", "pacman"),
    ("usr/local/share/.cache/yarn", "yarn"),
    ("usr/local/cargo/registry", "cargo"),
    ("usr/local/cargo/git/db", "cargo"),
    ("go/pkg/mod", "go"),
];

/// Caches below a home directory, or wherever a home was said to be.
const HOME: &[(&str, &str)] = &[
    (".cache/pip", "pip"),
    (".cache/uv", "uv"),
    (".cache/pypoetry", "poetry"),
    (".cache/yarn", "yarn"),
    (".cache/pnpm", "pnpm"),
    (".cache/go-build", "go"),
    (".cache/composer", "composer"),
    (".cache/NuGet", "nuget"),
    (".npm/_cacache", "npm"),
    (".local/share/pnpm/store", "pnpm"),
    (".local/share/NuGet/v3-cache", "nuget"),
    (".composer/cache", "composer"),
    (".conda/pkgs", "conda"),
    (".nuget/packages", "nuget"),
    (".m2/repository", "maven"),
    (".gradle/caches", "gradle"),
    (".cargo/registry", "cargo"),
    (".cargo/git/db", "cargo"),
    (".bundle/cache", "bundler"),
    ("root/go/pkg/mod", "go"),
];

/// Names of a conda installation's folder, which has its `pkgs`.
const CONDA: &[&str] = &[
    "anaconda",
    "anaconda3",
    "conda",
    "mambaforge",
    "micromamba",
    "miniconda",
    "miniconda3",
    "miniforge",
    "miniforge3",
];

/// Every cache, by path, layer, and the layer that hides it. Linear in the number of entries.
pub fn residues(view: &View<'_>) -> Vec<Residue> {
    let mut heaps: FxHashMap<Heap<'_>, (u64, u64)> = FxHashMap::default();
    let layers = view.layers();
    let visible = view.files().map(|file| (file.layer, file.entry, None));
    let hidden = view.tree().hidden().iter().filter(|h| h.by != h.layer);
    let hidden = hidden.map(|h| (h.layer, &layers[h.layer as usize].entries[h.entry as usize], Some(h.by)));
    // A hard link shows its file's entry a second time.
    let mut seen = rustc_hash::FxHashSet::default();
    for (layer, entry, by) in visible.chain(hidden) {
        if let Some((folder, tool)) = cache(entry)
            && seen.insert(std::ptr::from_ref(entry))
        {
            let heap = heaps.entry((folder, tool, layer, by)).or_default();
            heap.0 += 1;
            heap.1 += entry.size;
        }
    }
    let mut found: Vec<Residue> = heaps.into_iter().filter_map(|(key, sums)| residue(key, sums)).collect();
    if found.len() > RESIDUES {
        found.sort_by(|a, b| (b.bytes, &a.path, a.layer, a.hidden_by).cmp(&(a.bytes, &b.path, b.layer, b.hidden_by)));
        found.truncate(RESIDUES);
    }
    found.sort_by(|a, b| (&a.path, a.layer, a.hidden_by, &a.tool).cmp(&(&b.path, b.layer, b.hidden_by, &b.tool)));
    found
}

fn residue(key: Heap<'_>, (files, bytes): (u64, u64)) -> Option<Residue> {
    let (folder, tool, layer, hidden_by) = key;
    let path = TreePath::clean(folder).ok()?;
    Some(Residue { tool: tool.to_owned(), path, layer, files, bytes, hidden_by })
}

/// The cache that a regular file with content belongs to: its folder and tool.
pub(crate) fn cache(entry: &Entry) -> Option<(&[u8], &'static str)> {
    let name = entry.path.file_name();
    if entry.kind != Kind::File || entry.size == 0 || matches!(name, b"lock" | b".lock" | b"CACHEDIR.TAG") {
        return None;
    }
    let path = entry.path.as_bytes();
    let folder = entry.path.parent_bytes();
    system(path).or_else(|| home(path)).or_else(|| conda(path)).or_else(|| gem(folder, name))
}

fn system(path: &[u8]) -> Option<(&[u8], &'static str)> {
    if !matches!(path.first(), Some(b'v' | b'u' | b'g')) {
        return None;
    }
    SYSTEM.iter().find(|(at, _)| is_below(path, at)).map(|(at, tool)| (&path[..at.len()], *tool))
}

fn is_below(path: &[u8], folder: &str) -> bool {
    path.strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'/'))
}

/// Where a component of `path` begins one of the `HOME` folders; components are looked at once.
fn home(path: &[u8]) -> Option<(&[u8], &'static str)> {
    starts(path).find_map(|at| {
        let rest = &path[at..];
        let is_go_home = path.starts_with(b"home/") && is_below(rest, "go/pkg/mod") && is_second_level(&path[..at]);
        if is_go_home {
            return Some((&path[..at + "go/pkg/mod".len()], "go"));
        }
        let dotted = rest.first() == Some(&b'.') || at == 0;
        let (folder, tool) = HOME.iter().find(|(folder, _)| dotted && is_below(rest, folder))?;
        Some((&path[..at + folder.len()], *tool))
    })
}

fn is_second_level(before: &[u8]) -> bool {
    before.iter().filter(|&&b| b == b'/').count() == 2
}

/// The bytes at which components begin, 64 at most: no home is deeper.
fn starts(path: &[u8]) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'/', path).map(|at| at + 1)).take(64)
}

/// `miniconda3/pkgs`, wherever it is.
fn conda(path: &[u8]) -> Option<(&[u8], &'static str)> {
    let at = memchr::memmem::find(path, b"/pkgs/")?;
    let above = path[..at].rsplit(|&b| b == b'/').next()?;
    CONDA.iter().any(|name| name.as_bytes() == above).then(|| (&path[..at + "/pkgs".len()], "conda"))
}

/// `*.gem` in a `cache` that is not an application's own `vendor/cache`.
fn gem<'p>(folder: &'p [u8], name: &[u8]) -> Option<(&'p [u8], &'static str)> {
    (name.ends_with(b".gem") && folder.ends_with(b"/cache") && !folder.ends_with(b"vendor/cache"))
        .then_some((folder, "gem"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::LayerFacts;
    use crate::limits::Limits;
    use crate::testing::{Item, hard, layer, white};
    use crate::tree::Tree;

    fn show(layers: &[&[Item]]) -> String {
        let sized = |items: &&[Item]| -> LayerFacts {
            let mut facts = layer(items);
            for entry in facts.entries.iter_mut().filter(|e| e.kind == Kind::File && e.path.file_name() != b"empty") {
                entry.size = 10;
            }
            facts
        };
        let layers: Vec<LayerFacts> = layers.iter().map(sized).collect();
        let tree = Tree::squash(&layers, &Limits::default());
        let found = residues(&View::new(&layers, &tree));
        let line = |r: &Residue| {
            let hidden = r.hidden_by.map_or(String::new(), |by| format!(", hidden by {by}"));
            format!("{} {} layer {}: {} of {} bytes{hidden}", r.tool, r.path, r.layer, r.files, r.bytes)
        };
        found.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn files(paths: &[&str]) -> Vec<Item> {
        paths.iter().map(|at| crate::testing::file(at)).collect()
    }

    #[test]
    fn every_tool_in_its_place() {
        let all = files(&[
            "var/lib/apt/lists/mirror.example_InRelease",
            "var/lib/apt/lists/partial/x",
            "var/cache/apt/pkgcache.bin",
            "var/cache/apk/APKINDEX.0.tar.gz",
            "var/cache/dnf/packages.db",
            "var/cache/pacman/pkg/x.zst",
            "root/.cache/pip/http/a",
            "home/me/.cache/uv/b",
            "root/.npm/_cacache/index",
            "go/pkg/mod/cache/x",
            "root/go/pkg/mod/x",
            "home/me/go/pkg/mod/x",
            "usr/local/cargo/registry/src/x",
            "root/.m2/repository/a.jar",
            "opt/conda/pkgs/x.conda",
            "usr/local/bundle/cache/rack-3.gem",
            "var/lib/gems/3.1.0/cache/rake-13.gem",
            "app/.cache/pypoetry/x",
        ]);
        insta::assert_snapshot!(show(&[&all]), @"
        poetry /app/.cache/pypoetry layer 0: 1 of 10 bytes
        go /go/pkg/mod layer 0: 1 of 10 bytes
        uv /home/me/.cache/uv layer 0: 1 of 10 bytes
        go /home/me/go/pkg/mod layer 0: 1 of 10 bytes
        conda /opt/conda/pkgs layer 0: 1 of 10 bytes
        pip /root/.cache/pip layer 0: 1 of 10 bytes
        maven /root/.m2/repository layer 0: 1 of 10 bytes
        npm /root/.npm/_cacache layer 0: 1 of 10 bytes
        go /root/go/pkg/mod layer 0: 1 of 10 bytes
        gem /usr/local/bundle/cache layer 0: 1 of 10 bytes
        cargo /usr/local/cargo/registry layer 0: 1 of 10 bytes
        apk /var/cache/apk layer 0: 1 of 10 bytes
        apt /var/cache/apt layer 0: 1 of 10 bytes
        dnf /var/cache/dnf layer 0: 1 of 10 bytes
        pacman /var/cache/pacman/pkg layer 0: 1 of 10 bytes
        apt /var/lib/apt/lists layer 0: 2 of 20 bytes
        gem /var/lib/gems/3.1.0/cache layer 0: 1 of 10 bytes
        ");
    }

    #[test]
    fn what_is_no_cache() {
        let none = files(&[
            "var/lib/apt/lists/lock",
            "var/lib/apt/lists/partial/empty",
            "var/lib/apt/listsx/a",
            "var/lib/apt/lists",
            "srv/var/cache/apt/x",
            "app/go/pkg/mod/x",
            "app/vendor/cache/rack.gem",
            "app/pkgs/x",
            "app/.yarn/cache/x.zip",
            "app/__pycache__/x.pyc",
        ]);
        assert_eq!(show(&[&none]), "");
    }

    #[test]
    fn hidden_again_and_replaced() {
        let lists = files(&["var/lib/apt/lists/a", "var/lib/apt/lists/b", "var/lib/apt/lists/c"]);
        let newer = files(&["var/lib/apt/lists/b"]);
        insta::assert_snapshot!(show(&[&lists, &newer, &[white("var/lib/apt/lists/a")]]), @"
        apt /var/lib/apt/lists layer 0: 1 of 10 bytes
        apt /var/lib/apt/lists layer 0: 1 of 10 bytes, hidden by 1
        apt /var/lib/apt/lists layer 0: 1 of 10 bytes, hidden by 2
        apt /var/lib/apt/lists layer 1: 1 of 10 bytes
        ");
    }

    #[test]
    fn hard_links_count_once() {
        let mut items = files(&["root/.cache/uv/a"]);
        items.push(hard("app/a", "root/.cache/uv/a"));
        items.push(hard("root/.cache/uv/again", "root/.cache/uv/a"));
        assert_eq!(show(&[&items]), "uv /root/.cache/uv layer 0: 1 of 10 bytes");
    }
}
