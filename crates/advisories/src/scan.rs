//! All packages of one image against the index.

use crate::codec::Damage;
use crate::enrichment::Enrichment;
use crate::index::Index;
use crate::matching::{Answer, Unjudged, Vulnerability, ask, join, key};
use crate::release::{Named, Release, names, query, world_of, world_of_ecosystem};
use model::{Package, Unknown, UnknownKind};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// What the index says of an image's packages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    /// What was found, by package in their order, each package's worst first.
    pub found: Vec<Found>,
    /// Packages of which something could not be judged.
    pub unjudged: Vec<NotJudged>,
    /// Packages that were judged.
    pub judged: usize,
    /// Packages of other ecosystems inside packages of the distribution, which judges them.
    pub judged_by_distribution: usize,
    /// Worlds that the index knows nothing of, and the like; each keeps a verdict from being *pass*.
    pub unknowns: Vec<Unknown>,
}

/// A vulnerability of one package.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The package's index.
    pub package: u32,
    /// The world that judged it.
    pub world: String,
    /// The name and version it was judged by.
    pub by: (String, String),
    /// What was found.
    pub vulnerability: Vulnerability,
}

/// A package, and what of it could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotJudged {
    /// The package's index.
    pub package: u32,
    /// What and why.
    pub what: Unjudged,
}

/// Judges every package. `release` is the image's distribution, if it says which.
pub fn scan(
    index: &Index<'_>,
    enrichment: &Enrichment<'_>,
    release: Option<Release<'_>>,
    packages: &[Package],
) -> Result<Scan, Damage> {
    let mut work =
        Work { index, enrichment, release, scan: Scan::default(), empty: BTreeMap::new(), known: FxHashMap::default() };
    for (at, package) in packages.iter().enumerate() {
        work.package(at as u32, package)?;
        if package.ecosystem.is_distribution() {
            work.scan.judged_by_distribution += package.overlaps.len();
        }
    }
    for (world, count) in std::mem::take(&mut work.empty) {
        let s = if count == 1 { "" } else { "s" };
        let why = format!("the index has no advisories for {world}, so {count} package{s} could not be judged");
        work.scan.unknowns.push(Unknown::new(UnknownKind::NoAdvisories, why));
    }
    Ok(work.scan)
}

struct Work<'w, 's> {
    index: &'w Index<'s>,
    enrichment: &'w Enrichment<'s>,
    release: Option<Release<'w>>,
    scan: Scan,
    /// Worlds without a single entry, and how many packages they would have judged.
    empty: BTreeMap<String, usize>,
    known: FxHashMap<String, bool>,
}

impl Work<'_, '_> {
    fn package(&mut self, at: u32, package: &Package) -> Result<(), Damage> {
        let Some(worlds) = self.worlds(at, package) else { return Ok(()) };
        if !self.is_known(&worlds[0])? {
            *self.empty.entry(worlds[0].clone()).or_default() += 1;
            return Ok(());
        }
        self.scan.judged += 1;
        let module = package.purl.parts().qualifiers.get("rpmmod").cloned().unwrap_or_default();
        let mut seen = BTreeSet::new();
        for world in &worlds {
            let named = match names(world, package) {
                Ok(named) => named,
                Err(why) => {
                    self.not_judged(at, Unjudged { id: String::new(), why: why.to_owned() });
                    continue;
                }
            };
            for named in named {
                let answer = ask(self.index, &key(world, &named.name), &query(world, &named, package, &module))?;
                self.take(at, package, world, &named, answer, &mut seen)?;
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        at: u32,
        package: &Package,
        world: &str,
        named: &Named,
        answer: Answer<'_>,
        seen: &mut BTreeSet<String>,
    ) -> Result<(), Damage> {
        let order = model::VersionOrder::of(package.ecosystem);
        answer.unjudged.into_iter().for_each(|what| self.not_judged(at, what));
        if answer.hits.is_empty() {
            return Ok(());
        }
        for vulnerability in join(self.index, self.enrichment, world, order, &answer.hits)? {
            if seen.insert(vulnerability.id.clone()) {
                let by = (named.name.clone(), named.version.clone());
                self.scan.found.push(Found { package: at, world: world.to_owned(), by, vulnerability });
            }
        }
        Ok(())
    }

    fn not_judged(&mut self, package: u32, what: Unjudged) {
        self.scan.unjudged.push(NotJudged { package, what });
    }

    /// The worlds that judge a package, the first of which must be known; `None` if there is none, which is noted.
    fn worlds(&mut self, at: u32, package: &Package) -> Option<Vec<String>> {
        if !package.ecosystem.is_distribution() {
            let world = world_of_ecosystem(package.ecosystem);
            if world.is_none() {
                let why = "a program without a package: no advisories are kept by program yet";
                self.not_judged(at, Unjudged { id: String::new(), why: why.to_owned() });
            }
            return world.map(|w| vec![w.to_owned()]);
        }
        let world = self.release.as_ref().and_then(world_of);
        let Some(world) = world else {
            let name = self.release.map_or("a distribution that it does not name".to_owned(), |r| {
                format!("the distribution `{} {}`", model::escaped(r.id), model::escaped(r.version.unwrap_or_default()))
            });
            *self.empty.entry(name).or_default() += 1;
            return None;
        };
        // Fixes that only subscribers get have versions that say so.
        let pro = world.strip_prefix("Ubuntu:").filter(|_| package.version.contains("esm"));
        let pro = pro.map(|release| format!("Ubuntu:Pro:{release}"));
        Some(std::iter::once(world).chain(pro).collect())
    }

    fn is_known(&mut self, world: &str) -> Result<bool, Damage> {
        if let Some(&known) = self.known.get(world) {
            return Ok(known);
        }
        let known = self.index.entries_of(world)? > 0;
        self.known.insert(world.to_owned(), known);
        Ok(known)
    }
}
