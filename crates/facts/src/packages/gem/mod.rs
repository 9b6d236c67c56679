//! Ruby gems as RubyGems and Bundler install them: `specifications/*.gemspec`, default gems among them
//! (<https://guides.rubygems.org/specification-reference/>).
//!
//! A gemspec is a Ruby program. The ones in `specifications` are written by RubyGems itself, one literal a line, so
//! their lines are read, and nothing is run. Refuses gemspecs anywhere else: those are sources that compute what
//! they say.

mod literal;
mod spec;
mod version;

#[cfg(test)]
mod tests;

use super::{Claim, Found, Reader, Reading, Sight, batch, never_open, stated};
use crate::keep::{Candidate, Want};
use crate::view::{File, View};
use model::{Ecosystem, Package, Purl, TreePath, Unknown, UnknownKind};
use rustc_hash::FxHashMap;
use spec::Spec;

/// Reads the gemspecs of installed gems.
pub(super) static READER: Reader = Reader {
    ecosystem: Ecosystem::Gem,
    wants,
    open: never_open,
    read,
    sight: Sight {
        reads: "`specifications/*.gemspec` and `specifications/default/*.gemspec`",
        sees: "name, version, platform, licences, authors, run-time dependencies with their versions, the gem's own folder \
               and its compiled extensions",
        blind: "gems from git that Bundler keeps in `bundler/gems` and libraries copied into gems; which files of the \
                standard library belong to a default gem",
    },
};

/// Bytes of a gemspec; the largest of Debian's has 12 kB.
const SPEC: u64 = 1 << 20;
/// Pairs of a dependency and an installed version that are compared for one image.
const COMPARED: usize = 2_000_000;

fn wants(file: &Candidate<'_>) -> Want {
    let ours = file.name.ends_with(b".gemspec") && home(file.path).is_some();
    if ours && file.size <= SPEC { Want::Whole } else { Want::Nothing }
}

/// The bytes of the path that are the gems' home, if this is where specifications lie.
fn home(path: &TreePath) -> Option<&[u8]> {
    let folder = path.parent_bytes();
    let folder = folder.strip_suffix(b"/default").unwrap_or(folder);
    let home = folder.strip_suffix(b"specifications")?;
    if home.is_empty() { Some(home) } else { home.strip_suffix(b"/") }
}

/// Whether the home is test data: of a project, or inside an installed gem.
fn is_for_tests(home: &[u8]) -> bool {
    let mut in_gem = false;
    home.split(|&b| b == b'/').any(|component| {
        let tests = matches!(component, b"fixtures" | b"testdata") || (in_gem && stated::is_for_tests(component));
        in_gem |= component == b"gems";
        tests
    })
}

/// One installed gem.
struct Gem<'v> {
    file: File<'v>,
    home: TreePath,
    /// `NAME-VERSION[-PLATFORM]`: what its folders are called.
    full: Vec<u8>,
    spec: Spec,
}

fn read(view: &View<'_>, reading: &mut Reading) {
    let mut gems: Vec<Gem<'_>> = Vec::new();
    for file in view.files().filter(|file| file.path.file_name().ends_with(b".gemspec")) {
        gems.extend(gem(file, &mut reading.unknowns));
    }
    if gems.is_empty() {
        return;
    }
    let edges = edges(&gems, &mut reading.unknowns);
    let mut extensions = extensions(view);
    let found = gems.iter().zip(edges).map(|(gem, depends_on)| {
        let compiled = extensions.remove(&(gem.home.clone(), gem.full.clone())).unwrap_or_default();
        gem.found(depends_on, compiled)
    });
    batch::deliver(found.collect(), reading);
}

fn gem<'v>(file: File<'v>, unknowns: &mut Vec<Unknown>) -> Option<Gem<'v>> {
    let home = home(file.path).filter(|home| !is_for_tests(home))?;
    let full = file.path.file_name().strip_suffix(b".gemspec")?.to_vec();
    let Some(text) = file.whole() else {
        if file.entry.size > SPEC {
            let why = format!("a gemspec of {} bytes: more than `gemspec bytes` = {SPEC}", file.entry.size);
            unknowns.push(Unknown::new(UnknownKind::Limit, why).at(file.path));
        }
        return None;
    };
    let spec = match Spec::read(&String::from_utf8_lossy(text)) {
        Ok(spec) => spec,
        Err(why) => {
            unknowns.push(Unknown::new(UnknownKind::BadRecord, why).at(file.path));
            return None;
        }
    };
    if !spec.is_called(&full) {
        let why = format!("the file is named for another gem than `{} {}`", spec.name, spec.version);
        unknowns.push(Unknown::new(UnknownKind::BadRecord, why).at(file.path));
    }
    Some(Gem { file, home: TreePath::clean(home).ok()?, full, spec })
}

/// For each gem, the highest installed version that satisfies each dependency; its own home first.
fn edges(gems: &[Gem<'_>], unknowns: &mut Vec<Unknown>) -> Vec<Vec<usize>> {
    let mut by_name: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (at, gem) in gems.iter().enumerate() {
        by_name.entry(&gem.spec.name).or_default().push(at);
    }
    let mut left = COMPARED;
    let edges = gems.iter().map(|gem| {
        let mut out = Vec::new();
        for need in &gem.spec.needs {
            let Some(there) = by_name.get(need.name.as_str()) else { continue };
            left = left.saturating_sub(there.len() * need.requirements.len().max(1));
            if left == 0 {
                break;
            }
            let fits = |at: &usize| need.is_met_by(&gems[*at].spec.version) && see_each_other(gem, &gems[*at]);
            let order = |at: &usize| (gems[*at].home == gem.home, version::key(&gems[*at].spec.version));
            out.extend(there.iter().copied().filter(fits).max_by_key(order));
        }
        out
    });
    let edges = edges.collect();
    if left == 0 {
        let why = format!("dependencies of gems: more comparisons than `gem comparisons` = {COMPARED}");
        unknowns.push(Unknown::new(UnknownKind::Limit, why));
    }
    edges
}

/// Whether one Ruby can load both: homes are made for one version of Ruby's interface (`3.1.0`), or for all.
fn see_each_other(one: &Gem<'_>, other: &Gem<'_>) -> bool {
    let interface = |gem: &Gem<'_>| {
        let last = gem.home.file_name();
        last.first().is_some_and(u8::is_ascii_digit).then(|| last.to_vec())
    };
    one.home == other.home || interface(one).is_none_or(|one| interface(other).is_none_or(|other| one == other))
}

/// `HOME/extensions/PLATFORM/INTERFACE/FULL-NAME`: compiled parts, by home and full name.
fn extensions(view: &View<'_>) -> FxHashMap<(TreePath, Vec<u8>), Vec<TreePath>> {
    let mut out: FxHashMap<(TreePath, Vec<u8>), Vec<TreePath>> = FxHashMap::default();
    let mut last: Option<TreePath> = None;
    for file in view.files() {
        let path = file.path.as_bytes();
        if last.as_ref().is_some_and(|last| file.path.is_within(last.as_bytes())) {
            continue;
        }
        let Some(at) = memchr::memmem::find(path, b"extensions/") else { continue };
        let Some(home) = (if at == 0 { Some(&path[..0]) } else { path[..at].strip_suffix(b"/") }) else { continue };
        let parts: Vec<&[u8]> = path[at..].splitn(5, |&b| b == b'/').collect();
        let &[_, _, _, full, _] = parts.as_slice() else { continue };
        let end = path.len() - parts[4].len() - 1;
        let (Ok(home), Ok(folder)) = (TreePath::clean(home), TreePath::clean(&path[..end])) else { continue };
        last = Some(folder.clone());
        out.entry((home, full.to_vec())).or_default().push(folder);
    }
    out
}

impl Gem<'_> {
    fn found(&self, depends_on: Vec<usize>, extensions: Vec<TreePath>) -> Found {
        let Spec { name, version, platform, .. } = &self.spec;
        let purl = Purl::builder("gem", name).version(version).qualifier("platform", platform.as_deref().unwrap_or(""));
        let package = Package {
            architecture: platform.clone(),
            licence: self.spec.licence.clone(),
            supplier: self.spec.authors.clone(),
            homepage: self.spec.homepage.clone(),
            summary: self.spec.summary.clone(),
            ..Package::new(Ecosystem::Gem, purl.build(), name, version, self.file.evidence())
        };
        let mut found = Found { depends_on, ..Found::new(package) };
        let folder = self.home.join(b"gems").and_then(|gems| gems.join(&self.full));
        found.owns.extend(folder.into_iter().chain(extensions).map(Claim::Folder));
        found
    }
}
