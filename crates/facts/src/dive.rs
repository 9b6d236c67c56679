//! The figures that dive gives (<https://github.com/wagoodman/dive>, `filetree/efficiency.go`), faults included, so that
//! thresholds written for it hold here; `docs/guide/2-layers.md` tells where they differ from the truth.
//!
//! dive looks at the leaves of each layer's own tree. A path's size in a layer is that of its entry; a whiteout of a
//! directory weighs all that the layers below had in it, one of a file nothing. It stacks layers anew for every
//! whiteout; here they are stacked once, in order, with the same sums. A whiteout of what is not there ends dive's
//! reading of the layer; here it weighs nothing.

use crate::entry::{Entry, Kind, LayerFacts};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::ops::Bound;

/// What dive would say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dive {
    /// The smallest size of every path over all its sizes, from 0 to 1.
    pub efficiency: f64,
    /// Bytes of all copies of all paths that are in two layers or more.
    pub wasted_bytes: u64,
    /// Bytes of files in all layers but the first.
    pub user_bytes: u64,
}

impl Dive {
    /// Wasted bytes as a part of the user's; as in dive that is not a number if both are 0, and infinite if only the
    /// latter is.
    pub fn user_wasted_percent(&self) -> f64 {
        self.wasted_bytes as f64 / self.user_bytes as f64
    }
}

/// A path's sizes over the layers.
#[derive(Default)]
struct Sizes {
    sum: u64,
    least: Option<u64>,
    layers: u32,
}

/// The figures of layers, lowest first.
pub fn dive(layers: &[LayerFacts]) -> Dive {
    let mut paths: FxHashMap<&[u8], Sizes> = FxHashMap::default();
    // By path, so that what is in a directory is one range.
    let mut stacked: BTreeMap<&[u8], u64> = BTreeMap::new();
    for layer in layers {
        for (path, entry) in leaves(layer) {
            let size = if entry.kind == Kind::Whiteout { weight(&inside(&stacked, path)) } else { entry.size };
            let sizes = paths.entry(path).or_default();
            sizes.sum = sizes.sum.saturating_add(size);
            sizes.least = Some(sizes.least.map_or(size, |least| least.min(size)));
            sizes.layers += 1;
        }
        stack(layer, &mut stacked);
    }
    let sum = |of: fn(&Sizes) -> u64| paths.values().map(of).fold(0, u64::saturating_add);
    let (least, all) = (sum(|s| s.least.unwrap_or_default()), sum(|s| s.sum));
    let efficiency = if all == 0 { 1.0 } else { least as f64 / all as f64 };
    let wasted_bytes = sum(|s| if s.layers > 1 { s.sum } else { 0 });
    let user_bytes = layers.iter().skip(1).flat_map(|l| &l.entries).fold(0, |sum: u64, e| sum.saturating_add(e.size));
    Dive { efficiency, wasted_bytes, user_bytes }
}

/// A layer's paths that have nothing below them, each once with its last entry. Marks of opaque directories are no
/// nodes to dive.
fn leaves(layer: &LayerFacts) -> impl Iterator<Item = (&[u8], &Entry)> {
    let nodes = || layer.entries.iter().filter(|entry| entry.kind != Kind::Opaque);
    let parents: FxHashSet<&[u8]> = nodes().map(|entry| entry.path.parent_bytes()).collect();
    let last: FxHashMap<&[u8], &Entry> = nodes().map(|entry| (entry.path.as_bytes(), entry)).collect();
    let is_leaf = move |path: &[u8]| !path.is_empty() && !parents.contains(path);
    last.into_iter().filter(move |(path, _)| is_leaf(path))
}

fn weight(files: &[(&[u8], u64)]) -> u64 {
    files.iter().fold(0, |sum, (_, size)| sum.saturating_add(*size))
}

/// What lies in a directory, with its size.
fn inside<'l>(stacked: &BTreeMap<&'l [u8], u64>, directory: &[u8]) -> Vec<(&'l [u8], u64)> {
    let start = [directory, b"/"].concat();
    let from = (Bound::Included(start.as_slice()), Bound::Unbounded);
    let after = stacked.range::<[u8], _>(from).map(|(path, size)| (*path, *size));
    after.take_while(|(path, _)| path.starts_with(&start)).collect()
}

/// Applies a layer to those below it: first what it takes away.
fn stack<'l>(layer: &'l LayerFacts, stacked: &mut BTreeMap<&'l [u8], u64>) {
    for entry in layer.entries.iter().filter(|entry| entry.kind == Kind::Whiteout) {
        let path = entry.path.as_bytes();
        for (path, _) in inside(stacked, path) {
            stacked.remove(path);
        }
        stacked.remove(path);
    }
    for entry in &layer.entries {
        if !matches!(entry.kind, Kind::Whiteout | Kind::Opaque | Kind::Directory) {
            stacked.insert(entry.path.as_bytes(), entry.size);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Item, dir, file, hard, layer, opaque, white};

    const BASE: u64 = 164_000_000;
    const F: u64 = 20_971_520;

    /// A base, then layers of files with the size F.
    fn check(layers: &[&[Item]], wasted: u64, efficiency: &str) {
        let sized = |items: &&[Item], size: u64| {
            let mut facts = layer(items);
            facts.entries.iter_mut().filter(|e| e.kind == Kind::File).for_each(|e| e.size = size);
            facts
        };
        let mut all = vec![sized(&[file("base")].as_slice(), BASE)];
        all.extend(layers.iter().map(|items| sized(items, F)));
        let figures = dive(&all);
        assert_eq!((figures.wasted_bytes, format!("{:.4}", figures.efficiency).as_str()), (wasted, efficiency));
    }

    /// The table that was measured with dive's own packages.
    #[test]
    fn what_dive_says_of_the_usual_waste() {
        let made: &[Item] = &[dir("opt/dir"), file("opt/dir/f")];
        check(&[made, &[white("opt/dir")]], 0, "1.0000");
        check(&[made, &[dir("opt/dir"), opaque("opt/dir"), hard("opt/dir/y", "base")]], 0, "1.0000");
        check(&[made, &[white("opt/dir"), dir("opt/dir2"), file("opt/dir2/f")]], 0, "1.0000");
        check(&[&[file("f")], &[file("g")]], 0, "1.0000");
        check(&[made, &[white("opt/dir/f")]], F, "0.8866");
        check(&[made, &[file("opt/dir/f")]], 2 * F, "0.8982");
        check(&[&[file("a"), hard("b", "a")], &[white("b")]], 0, "1.0000");
    }

    #[test]
    fn nothing_is_no_division() {
        assert_eq!(dive(&[]).efficiency, 1.0);
        assert!(dive(&[]).user_wasted_percent().is_nan());
        check(&[&[white("nowhere")]], 0, "1.0000");
    }
}
