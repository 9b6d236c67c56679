//! Who owns what, settled: each package said once.
//!
//! A deb that ships a Python distribution is seen by two readers, a vendored copy looks like an installation.
//! A distribution's package manager has the last word on its files: a package of another ecosystem whose proof
//! lies among them becomes an *overlap* of the owner. A program recognised by its bytes yields to any package
//! that claims the file. A file that a later layer replaced is no longer the package's, whatever its list says: layers
//! and hashes tell so, which costs nothing, where dpkg's MD5 sums would cost a second hash of every file. Nothing is
//! dropped without a trace.

use crate::entry::Nature;
use crate::image::FileNote;
use crate::limits::Limits;
use crate::packages::{Claim, Found, Reading};
use crate::view::{File, View};
use model::{Ecosystem, Overlap, Package, PackageId, Relation, Sha256, TreePath, Unknown, UnknownKind, escaped};
use rustc_hash::{FxHashMap, FxHashSet};

/// The outcome.
pub(crate) struct Settled {
    pub(crate) owners: Owners,
    pub(crate) packages: Vec<Package>,
    pub(crate) unidentified: Vec<FileNote>,
    pub(crate) unknowns: Vec<Unknown>,
}

/// Brings all readings into one list, sorted by ecosystem, name, version and evidence.
pub(crate) fn settle(view: &View<'_>, readings: impl Iterator<Item = Reading>, limits: &Limits) -> Settled {
    let (mut all, mut unknowns) = (Vec::new(), Vec::new());
    for reading in readings {
        append(&mut all, reading.found);
        unknowns.extend(reading.unknowns);
    }
    if all.len() > limits.packages {
        let why = format!("the image has {} packages: only {} were listed (packages)", all.len(), limits.packages);
        unknowns.push(Unknown::new(UnknownKind::Limit, why));
        all.truncate(limits.packages);
        drop_edges_past(&mut all, limits.packages);
    }
    unknowns.extend(cut_edges(&mut all, limits.edges));
    let owners = Owners::new(view, &all);
    bundle(&mut all, &owners);
    let fate: Vec<Fate> = (0..all.len()).map(|index| fate(index, &all, &owners)).collect();
    // An archive that a package owns is explained by it, whatever its own reader made of it.
    let explained =
        |u: &Unknown| u.kind == UnknownKind::Unidentified && u.spot.path.as_ref().is_some_and(|p| owners.explains(p));
    unknowns.retain(|u| !explained(u));
    let unidentified = unidentified(view, &owners, &all);
    Settled { packages: merge(all, &fate), owners, unidentified, unknowns }
}

/// Adds a reader's packages; its own indices become indices into the whole.
fn append(all: &mut Vec<Found>, found: Vec<Found>) {
    let base = all.len();
    all.extend(found.into_iter().map(|mut f| {
        f.depends_on.iter_mut().for_each(|i| *i += base);
        f.bundled_in = f.bundled_in.map(|i| i + base);
        f
    }));
}

fn drop_edges_past(all: &mut [Found], count: usize) {
    for found in all {
        found.depends_on.retain(|&i| i < count);
        found.bundled_in = found.bundled_in.filter(|&i| i < count);
    }
}

/// Every package may depend on every other: what a few kilobytes of manifests say can fill the memory of all who
/// write it down.
fn cut_edges(all: &mut [Found], limit: usize) -> Option<Unknown> {
    let mut left = limit;
    let mut cut = 0;
    for found in all {
        let kept = found.depends_on.len().min(left);
        cut += found.depends_on.len() - kept;
        left -= kept;
        found.depends_on.truncate(kept);
    }
    (cut > 0).then(|| {
        Unknown::new(UnknownKind::Limit, format!("{cut} dependencies beyond the first {limit} were left out (edges)"))
    })
}

/// What lies in a folder or among the files of another ecosystem's package came with it: a `busybox` in an npm package,
/// the jars of a Python one. Its version says nothing of theirs, so they stand, bundled in it.
fn bundle(all: &mut [Found], owners: &Owners) {
    for index in 0..all.len() {
        if let Some(carrier) = carrier(index, all, owners) {
            all[index].bundled_in = Some(carrier);
        }
    }
}

fn carrier(index: usize, all: &[Found], owners: &Owners) -> Option<usize> {
    let (found, path) = (&all[index], &all[index].package.proof().path);
    let ecosystem = found.package.ecosystem;
    if found.bundled_in.is_some() || ecosystem.is_distribution() || owners.distribution(path).is_some() {
        return None;
    }
    let owner = match ecosystem {
        Ecosystem::Program if owners.is_listed(path) => None,
        _ => owners.another(path, index),
    };
    let owner =
        owner.filter(|&at| !matches!(all[at].package.ecosystem, e if e == ecosystem || e == Ecosystem::Program))?;
    // Two packages that lie in each other's folders carry nobody.
    let chain = std::iter::successors(Some(owner), |&at| all[at].bundled_in).take(DEEP);
    let mut circle = chain.skip_while(|&at| at != index);
    (owner != index && circle.next().is_none()).then_some(owner)
}

/// Packages within each other that are followed.
const DEEP: usize = 64;

/// What becomes of a found package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stands,
    /// It is a part of that one.
    PartOf(usize),
}

fn fate(index: usize, all: &[Found], owners: &Owners) -> Fate {
    let package = &all[index].package;
    if package.ecosystem.is_distribution() {
        return Fate::Stands;
    }
    let path = &package.proof().path;
    let owner = match package.ecosystem {
        Ecosystem::Program if all[index].bundled_in.is_none() => {
            owners.distribution(path).or_else(|| owners.language(path))
        }
        _ => owners.distribution(path),
    };
    let owner = owner.filter(|&owner| owner != index);
    // The owner may itself be part of a distribution's package, which is where the chain ends.
    let language = owner.filter(|&owner| !all[owner].package.ecosystem.is_distribution());
    let last = language.and_then(|owner| owners.distribution(&all[owner].package.proof().path)).or(owner);
    last.map_or(Fate::Stands, Fate::PartOf)
}

/// Which package claims a path.
pub(crate) struct Owners {
    distribution: FxHashMap<TreePath, usize>,
    language: FxHashMap<TreePath, usize>,
    folders: FxHashMap<Box<[u8]>, usize>,
    program: FxHashMap<TreePath, usize>,
    /// Files that a distribution's package lists and did not bring.
    replaced: FxHashMap<TreePath, usize>,
}

/// The contents that later layers hide, by file name: what was there before something was replaced.
struct Earlier<'v>(FxHashSet<(&'v [u8], Sha256)>);

impl<'v> Earlier<'v> {
    fn new(view: &View<'v>) -> Self {
        let hidden = view.tree().hidden().iter();
        let entries = hidden.map(|h| &view.layers()[h.layer as usize].entries[h.entry as usize]);
        Self(entries.filter_map(|entry| Some((entry.path.file_name(), entry.sha256?))).collect())
    }

    /// Whether a layer above the one that installed the package gave the file another content. One that changed its
    /// owner or mode alone carries the whole file as well.
    fn replaced(&self, view: &View<'_>, package: &Package, path: &TreePath) -> bool {
        let above = |file: &File<'_>| file.layer > package.proof().layer;
        let Some(file) = view.exact(path).filter(above) else { return false };
        !file.entry.sha256.is_some_and(|sha256| self.0.contains(&(path.file_name(), sha256)))
    }
}

impl Owners {
    fn new(view: &View<'_>, all: &[Found]) -> Self {
        let empty = FxHashMap::default;
        let folders = FxHashMap::default();
        let (replaced, earlier) = (empty(), Earlier::new(view));
        let mut owners = Self { distribution: empty(), language: empty(), folders, program: empty(), replaced };
        for (index, found) in all.iter().enumerate() {
            for claim in &found.owns {
                owners.claim(view, (index, &found.package), claim, &earlier);
            }
        }
        owners
    }

    /// The first claim of a path stands; readers give packages in a stable order.
    fn claim(&mut self, view: &View<'_>, of: (usize, &Package), claim: &Claim, earlier: &Earlier<'_>) {
        let (index, package) = of;
        let ecosystem = package.ecosystem;
        let path = match claim {
            Claim::Folder(path) | Claim::File(path) => path,
        };
        // A package manager writes `/bin/sh` where `/bin` is a link to `/usr/bin`: the folder's links are followed,
        // the file's own are not, since a link and its target may belong to two packages.
        let exact = matches!(claim, Claim::File(path) if view.exact(path).is_some());
        let real = if exact { None } else { through_links(view, path) };
        let path = real.unwrap_or_else(|| path.clone());
        match claim {
            Claim::Folder(_) => self.folders.entry(path.as_bytes().into()).or_insert(index),
            Claim::File(_) if ecosystem.is_distribution() && earlier.replaced(view, package, &path) => {
                self.replaced.entry(path).or_insert(index)
            }
            Claim::File(_) if ecosystem.is_distribution() => self.distribution.entry(path).or_insert(index),
            Claim::File(_) if ecosystem == Ecosystem::Program => self.program.entry(path).or_insert(index),
            Claim::File(_) => self.language.entry(path).or_insert(index),
        };
    }

    /// Whether a distribution's package brought the file.
    pub(crate) fn is_distributions(&self, path: &TreePath) -> bool {
        self.distribution.contains_key(path)
    }

    /// Whether a language's package lists the file as its own; a folder that it claims says less.
    pub(crate) fn is_listed(&self, path: &TreePath) -> bool {
        self.language.contains_key(path)
    }

    fn distribution(&self, path: &TreePath) -> Option<usize> {
        self.distribution.get(path).copied()
    }

    fn language(&self, path: &TreePath) -> Option<usize> {
        self.language.get(path).copied().or_else(|| self.folder(path))
    }

    /// The language's package that claims what another found at the path.
    fn another(&self, path: &TreePath, index: usize) -> Option<usize> {
        let listed = self.language.get(path).copied().filter(|&owner| owner != index);
        listed.or_else(|| self.folders(path).find(|&owner| owner != index))
    }

    fn folder(&self, path: &TreePath) -> Option<usize> {
        self.folders(path).next()
    }

    /// Who claims the folders above the path, the innermost first.
    fn folders(&self, path: &TreePath) -> impl Iterator<Item = usize> {
        let bytes = path.as_bytes();
        let ends = bytes.iter().enumerate().rev().filter(|(_, b)| **b == b'/').map(|(end, _)| end);
        // A path has thousands of folders if someone wants it to; nearly all images claim none.
        let claimed = (!self.folders.is_empty()).then_some(ends).into_iter().flatten();
        claimed.filter_map(|end| self.folders.get(&bytes[..end]).copied())
    }

    fn explains(&self, path: &TreePath) -> bool {
        self.distribution.contains_key(path) || self.program.contains_key(path) || self.language(path).is_some()
    }
}

fn through_links(view: &View<'_>, path: &TreePath) -> Option<TreePath> {
    view.resolve(path.parent_bytes())?.join(path.file_name()).ok()
}

/// Programs, libraries and archives of programs that no package explains; of files that stand in the place of a
/// package's, scripts too.
fn unidentified(view: &View<'_>, owners: &Owners, all: &[Found]) -> Vec<FileNote> {
    let note = |file: File<'_>| {
        if file.entry.size == 0 || owners.explains(file.path) {
            return None;
        }
        let what = match owners.replaced.get(file.path) {
            None => what(&file)?.to_owned(),
            Some(&owner) => {
                let what = what(&file).or_else(|| is_script(&file).then_some("script"))?;
                format!("{what}, not the one that the package `{}` brought", escaped(&all[owner].package.name))
            }
        };
        Some(FileNote {
            path: file.path.clone(),
            layer: file.layer,
            mode: file.entry.mode,
            size: file.entry.size,
            sha256: file.entry.sha256,
            what,
        })
    };
    view.files().filter_map(note).collect()
}

fn is_script(file: &File<'_>) -> bool {
    file.entry.nature == Nature::Script && file.entry.mode & 0o111 != 0
}

fn what(file: &File<'_>) -> Option<&'static str> {
    let name = file.path.file_name();
    let library = memchr::memmem::find(name, b".so").is_some();
    match file.entry.nature {
        Nature::Elf if library => Some("shared library"),
        Nature::Elf if file.entry.mode & 0o111 != 0 => Some("program"),
        Nature::Zip if name.ends_with(b".jar") || name.ends_with(b".war") || name.ends_with(b".ear") => {
            Some("Java archive")
        }
        _ => None,
    }
}

/// Takes parts into their owners, sorts what stands, and gives the edges their final ids.
fn merge(mut all: Vec<Found>, fate: &[Fate]) -> Vec<Package> {
    let stands = |index: usize| match fate[index] {
        Fate::Stands => index,
        Fate::PartOf(owner) => owner,
    };
    for index in 0..all.len() {
        if let Fate::PartOf(owner) = fate[index] {
            let overlap = overlap(&all[index].package);
            all[owner].package.overlaps.push(overlap);
        }
    }
    let mut order: Vec<usize> = (0..all.len()).filter(|&i| fate[i] == Fate::Stands).collect();
    let key = |i: usize| {
        let p = &all[i].package;
        (p.ecosystem, &p.name, &p.version, p.proof(), &p.purl)
    };
    order.sort_by(|&a, &b| key(a).cmp(&key(b)));
    let mut ids = vec![PackageId(0); all.len()];
    for (id, &index) in order.iter().enumerate() {
        ids[index] = PackageId(id as u32);
    }
    let finish = |index: usize| {
        let found = &all[index];
        let mut package = found.package.clone();
        let mut relations: Vec<Relation> =
            found.depends_on.iter().map(|&i| Relation::DependsOn(ids[stands(i)])).collect();
        relations.extend(found.bundled_in.map(|i| Relation::BundledIn(ids[stands(i)])));
        relations.retain(|r| !matches!(r, Relation::DependsOn(id) | Relation::BundledIn(id) if *id == ids[index]));
        relations.sort();
        relations.dedup();
        package.relations = relations;
        package.overlaps.sort();
        package.overlaps.dedup();
        package
    };
    order.into_iter().map(finish).collect()
}

fn overlap(part: &Package) -> Overlap {
    Overlap {
        purl: part.purl.clone(),
        ecosystem: part.ecosystem,
        name: part.name.clone(),
        version: part.version.clone(),
        evidence: part.proof().clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::LayerFacts;
    use crate::testing::{dir, file, layer, link};
    use crate::tree::Tree;
    use model::{Evidence, Purl};

    fn path(text: &str) -> TreePath {
        TreePath::clean(text.as_bytes()).unwrap()
    }

    fn found(ecosystem: Ecosystem, name: &str, proof: &str, owns: &[Claim]) -> Found {
        let evidence = Evidence { path: path(proof), member: None, layer: 0, sha256: None };
        let package = Package::new(ecosystem, Purl::builder("generic", name).build(), name, "1", evidence);
        let mut found = Found::new(package);
        found.owns.extend_from_slice(owns);
        found
    }

    fn elf(at: &str) -> LayerFacts {
        let mut facts = layer(&[dir("usr/bin"), link("bin", "usr/bin"), file(at)]);
        facts.entries[2].nature = Nature::Elf;
        facts.entries[2].size = 9;
        facts
    }

    fn run(layers: &[LayerFacts], found: Vec<Found>) -> String {
        let limits = Limits::default();
        let tree = Tree::squash(layers, &limits);
        let view = View::new(layers, &tree);
        let settled = settle(&view, std::iter::once(Reading { found, unknowns: Vec::new() }), &limits);
        let mut out: Vec<String> = settled
            .packages
            .iter()
            .map(|p| {
                let parts: Vec<&str> = p.overlaps.iter().map(|o| o.name.as_str()).collect();
                format!("{} {parts:?} {:?}", p.name, p.relations)
            })
            .collect();
        out.extend(settled.unidentified.iter().map(|f| format!("? {} {}", f.path, f.what)));
        out.join("; ")
    }

    #[test]
    fn a_distribution_owns_its_language_parts() {
        let deb = found(Ecosystem::Dpkg, "python3-x", "status", &[Claim::File(path("bin/x"))]);
        let mut py = found(Ecosystem::Python, "x", "usr/bin/x", &[]);
        py.depends_on = vec![0, 2];
        let other = found(Ecosystem::Python, "y", "opt/y", &[]);
        assert_eq!(run(&[elf("usr/bin/x")], vec![deb, py, other]), r#"python3-x ["x"] []; y [] []"#);
    }

    #[test]
    fn a_program_yields_to_whoever_claims_it() {
        let npm = found(Ecosystem::Npm, "tool", "package.json", &[Claim::File(path("usr/bin/node"))]);
        let program = found(Ecosystem::Program, "node", "usr/bin/node", &[]);
        assert_eq!(run(&[elf("usr/bin/node")], vec![program, npm]), r#"tool ["node"] []"#);
    }

    #[test]
    fn what_lies_in_a_package_s_folder_is_bundled_in_it() {
        let npm = || found(Ecosystem::Npm, "tool", "package.json", &[Claim::Folder(path("usr"))]);
        let program = found(Ecosystem::Program, "node", "usr/bin/node", &[]);
        let got = run(&[elf("usr/bin/node")], vec![program, npm()]);
        assert_eq!(got, "tool [] []; node [] [BundledIn(PackageId(0))]");
        let deb = found(Ecosystem::Dpkg, "nodejs", "status", &[Claim::File(path("usr/bin/node"))]);
        let program = found(Ecosystem::Program, "node", "usr/bin/node", &[]);
        assert_eq!(run(&[elf("usr/bin/node")], vec![deb, program, npm()]), r#"nodejs ["node"] []; tool [] []"#);
        let jar = found(Ecosystem::Java, "lib", "usr/lib.jar", &[]);
        assert_eq!(run(&[layer(&[])], vec![npm(), jar]), "tool [] []; lib [] [BundledIn(PackageId(0))]");
        let inner = found(Ecosystem::Npm, "inner", "usr/node_modules/inner/package.json", &[]);
        assert_eq!(run(&[layer(&[])], vec![npm(), inner]), "inner [] []; tool [] []");
    }

    #[test]
    fn packages_in_each_other_s_folders_make_no_circle() {
        let npm = found(Ecosystem::Npm, "a", "b/package.json", &[Claim::Folder(path("a"))]);
        let gem = found(Ecosystem::Gem, "b", "a/b.gemspec", &[Claim::Folder(path("b"))]);
        assert_eq!(run(&[layer(&[])], vec![npm, gem]), "a [] [BundledIn(PackageId(1))]; b [] []");
    }

    #[test]
    fn what_nobody_claims_is_unidentified() {
        assert_eq!(run(&[elf("opt/thing")], vec![]), "? /opt/thing program");
        let program = found(Ecosystem::Program, "thing", "opt/thing", &[]);
        assert_eq!(run(&[elf("opt/thing")], vec![program]), "thing [] []");
    }

    /// A layer that has one ELF file of this content.
    fn replacing(at: &str, content: &[u8]) -> LayerFacts {
        let mut facts = layer(&[file(at)]);
        facts.entries[0].nature = Nature::Elf;
        facts.entries[0].size = 9;
        facts.entries[0].sha256 = Some(Sha256::of(content));
        facts
    }

    #[test]
    fn a_file_that_a_later_layer_replaced_is_not_the_package_s() {
        let deb = || found(Ecosystem::Dpkg, "coreutils", "status", &[Claim::File(path("bin/ls"))]);
        let layers = |content: &[u8]| [elf("usr/bin/ls"), replacing("usr/bin/ls", content)];
        let forged = run(&layers(b"forged"), vec![deb()]);
        assert_eq!(forged, "coreutils [] []; ? /usr/bin/ls program, not the one that the package `coreutils` brought");
        assert_eq!(run(&layers(b""), vec![deb()]), "coreutils [] []", "`chown` carries the same content again");
        let program = found(Ecosystem::Program, "busybox", "usr/bin/ls", &[]);
        assert_eq!(run(&layers(b"forged"), vec![deb(), program]), "coreutils [] []; busybox [] []");
        let mut newer = deb();
        newer.package.evidence[0].layer = 1;
        assert_eq!(run(&layers(b"forged"), vec![newer]), "coreutils [] []", "an upgrade writes the list again");
    }

    #[test]
    fn too_many_edges_are_cut_and_said() {
        let mut all: Vec<Found> = (0..4).map(|i| found(Ecosystem::Npm, "a", &i.to_string(), &[])).collect();
        all.iter_mut().for_each(|f| f.depends_on = vec![0, 1, 2]);
        let unknown = cut_edges(&mut all, 7).unwrap();
        assert_eq!(unknown.why, "5 dependencies beyond the first 7 were left out (edges)");
        assert_eq!(all.iter().map(|f| f.depends_on.len()).collect::<Vec<_>>(), [3, 3, 1, 0]);
        assert_eq!(cut_edges(&mut all, 7), None);
    }

    #[test]
    fn edges_follow_the_sorted_order() {
        let mut b = found(Ecosystem::Npm, "b", "1", &[]);
        b.depends_on = vec![1];
        b.bundled_in = Some(1);
        let a = found(Ecosystem::Npm, "a", "2", &[]);
        let got = run(&[layer(&[])], vec![b, a]);
        assert_eq!(got, "a [] []; b [] [DependsOn(PackageId(0)), BundledIn(PackageId(0))]");
    }
}
