//! Which distributions an interpreter sees together, what satisfies their requirements, and who ships whom.

use super::super::Claim;
use super::Dist;
use super::marker::{self, Environment, Holds};
use super::place::{self, Layout, Place};
use crate::view::View;
use model::{TreePath, Unknown, UnknownKind};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Requirements judged for one image, so that a hostile one cannot ask for ever.
const JUDGED: usize = 1_000_000;

/// The folders that distributions are imported from.
pub(super) struct Sites {
    by_site: FxHashMap<TreePath, FxHashMap<String, usize>>,
    /// By folder, the distribution that brings a top-level module.
    tops: FxHashMap<TreePath, FxHashMap<Box<[u8]>, usize>>,
    /// Metadata and vendor lists that a distribution says are its own files.
    claimed: FxHashMap<TreePath, usize>,
    /// The minor version of `/usr/bin/python3`.
    system_minor: Option<u32>,
}

impl Sites {
    pub(super) fn new(dists: &[Dist<'_>], view: &View<'_>) -> Self {
        let mut sites = Self {
            by_site: FxHashMap::default(),
            tops: FxHashMap::default(),
            claimed: FxHashMap::default(),
            system_minor: system_minor(view),
        };
        for (at, dist) in dists.iter().enumerate() {
            sites.by_site.entry(dist.root.clone()).or_default().entry(dist.metadata.normal_name()).or_insert(at);
            if !matches!(dist.place, Place::Inside { .. }) {
                sites.claims(at, dist);
            }
        }
        for (at, dist) in dists.iter().enumerate().filter(|(_, d)| !matches!(d.place, Place::Inside { .. })) {
            let tops = sites.tops.entry(dist.root.clone()).or_default();
            let name = dist.metadata.name.to_ascii_lowercase();
            tops.entry(name.replace(['-', '.'], "_").into_bytes().into()).or_insert(at);
        }
        sites
    }

    fn claims(&mut self, at: usize, dist: &Dist<'_>) {
        let root = &dist.root;
        let mut last: &[u8] = b"";
        for claim in &dist.owns {
            let (Claim::File(path) | Claim::Folder(path)) = claim;
            if matches!(path.file_name(), b"METADATA" | b"PKG-INFO" | b"vendor.txt" | b"vendored.txt") {
                self.claimed.entry(path.clone()).or_insert(at);
            }
            let inside = path.as_bytes().strip_prefix(root.as_bytes()).and_then(|rest| rest.strip_prefix(b"/"));
            let top = inside.and_then(|rest| rest.split(|&b| b == b'/').next()).unwrap_or_default();
            if !top.is_empty() && top != last {
                self.tops.entry(root.clone()).or_default().entry(top.into()).or_insert(at);
                last = top;
            }
        }
    }

    /// The distribution of this normalised name with metadata in exactly this folder.
    pub(super) fn direct(&self, folder: &TreePath, name: &str) -> Option<usize> {
        self.by_site.get(folder)?.get(name).copied()
    }

    /// The distribution that ships the file at `path`, which lies inside a package.
    pub(super) fn owner_of(&self, path: &TreePath) -> Option<usize> {
        if let Some(&at) = self.claimed.get(path) {
            return Some(at);
        }
        let folder = path.as_bytes();
        let Place::Inside { base, top } = place::of(path.parent_bytes()) else { return None };
        let base_path = TreePath::clean(&folder[..base]).ok()?;
        self.tops.get(&base_path)?.get(folder.get(base + usize::from(base > 0)..top)?).copied()
    }

    /// For each distribution, the one that ships it as a copy.
    pub(super) fn owners(&self, dists: &[Dist<'_>]) -> Vec<Option<usize>> {
        let inside = |dist: &Dist<'_>| matches!(dist.place, Place::Inside { .. });
        dists.iter().map(|dist| if inside(dist) { self.owner_of(dist.file.path) } else { None }).collect()
    }

    /// For each distribution, those that satisfy the requirements which hold, with the extras that others ask for.
    pub(super) fn edges(&self, dists: &[Dist<'_>], unknowns: &mut Vec<Unknown>) -> Vec<Vec<usize>> {
        let mut extras: Vec<BTreeSet<String>> = vec![BTreeSet::new(); dists.len()];
        let mut edges: Vec<Vec<usize>> = vec![Vec::new(); dists.len()];
        let mut queue: Vec<usize> = (0..dists.len()).rev().collect();
        let mut left = JUDGED;
        while let Some(at) = queue.pop() {
            let dist = &dists[at];
            if left < dist.requirements.len() {
                let why = format!("requirements of Python packages: more than `python requirements` = {JUDGED}");
                unknowns.push(Unknown::new(UnknownKind::Limit, why));
                break;
            }
            left -= dist.requirements.len();
            let asked = extras[at].clone();
            let environment = Environment { python: self.python(dist), extras: &asked };
            let seen = self.seen_from(dist);
            let mut found = Vec::new();
            for requirement in &dist.requirements {
                if marker::holds(&requirement.marker, &environment) == Holds::No {
                    continue;
                }
                let Some(target) = seen.iter().find_map(|site| site.get(&requirement.name).copied()) else { continue };
                found.push(target);
                let new = requirement.extras.iter().filter(|extra| !extras[target].contains(*extra)).cloned();
                let new: Vec<String> = new.collect();
                if !new.is_empty() {
                    extras[target].extend(new);
                    queue.push(target);
                }
            }
            edges[at] = found;
        }
        edges
    }

    fn python(&self, dist: &Dist<'_>) -> Option<(u32, Option<u32>)> {
        let root = &dist.root;
        let layout = Layout::of(root.as_bytes())?;
        let (major, minor) = layout.python()?;
        let system = if layout.prefix == b"usr" && major == 3 { self.system_minor } else { None };
        Some((major, minor.or(system)))
    }

    /// What an interpreter that sees `dist` sees beside it: its own folder first.
    fn seen_from(&self, dist: &Dist<'_>) -> Vec<&FxHashMap<String, usize>> {
        let root = &dist.root;
        let mut seen: Vec<_> = self.by_site.get(root).into_iter().collect();
        let Some(layout) = Layout::of(root.as_bytes()) else { return seen };
        let mut paths = layout.others();
        if let (b"3", Some(minor)) = (layout.version, self.system_minor) {
            let exact = format!("3.{minor}");
            paths.extend(Layout { version: exact.as_bytes(), ..layout }.others());
        }
        let paths = paths.into_iter().filter(|path| path != root.as_bytes()).filter_map(|p| TreePath::clean(&p).ok());
        seen.extend(paths.filter_map(|path| self.by_site.get(&path)));
        seen
    }
}

fn system_minor(view: &View<'_>) -> Option<u32> {
    let program = view.resolve(b"usr/bin/python3")?;
    std::str::from_utf8(program.file_name()).ok()?.strip_prefix("python3.")?.parse().ok()
}
