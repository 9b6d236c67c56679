//! Two images' layers side by side: what they share, which files are seen in one alone, and how the waste changed.

use super::layers::Anatomy;
use facts::image::Cause;
use facts::{Entry, LayerFacts, Limits, Tree, Visible};
use model::{Sha256, TreePath, Verdict};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many of the largest differences are kept.
const LARGEST: usize = 1000;

/// Two images, and what is different.
pub(crate) struct Comparison {
    pub(crate) before: Anatomy,
    pub(crate) after: Anatomy,
    /// How many of the lowest layers are the same.
    pub(crate) shared: usize,
    pub(crate) sums: Sums,
    /// Files that are not the same in both, the largest first.
    pub(crate) files: Vec<Difference>,
    /// Wasted bytes by cause, before and after.
    pub(crate) waste: BTreeMap<Cause, (u64, u64)>,
}

/// How many files differ, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) added: (u64, u64),
    pub(crate) removed: (u64, u64),
    pub(crate) changed: (u64, u64),
    /// The same content with another mode or owner.
    pub(crate) metadata: (u64, u64),
}

/// One file that is not the same in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) path: TreePath,
    pub(crate) how: How,
    /// Bytes before and after; `None` where it is not there.
    pub(crate) before: Option<u64>,
    pub(crate) after: Option<u64>,
}

/// In what way it is not the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum How {
    Added,
    Removed,
    Changed,
    Metadata,
}

impl How {
    /// One word for documents.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Metadata => "metadata-only",
        }
    }
}

/// What differs from one image to the other.
pub(crate) fn compare(before: Anatomy, after: Anatomy) -> Comparison {
    let ids = |anatomy: &Anatomy| anatomy.detail.layers.iter().map(|layer| layer.diff_id).collect::<Vec<_>>();
    let shared = ids(&before).iter().zip(ids(&after)).take_while(|(one, other)| **one == *other).count();
    let (sums, files) = differing_files(&before.detail.layers, &after.detail.layers);
    let mut waste: BTreeMap<Cause, (u64, u64)> = BTreeMap::new();
    for group in &before.reading.facts.waste {
        let sum = waste.entry(group.cause).or_default();
        sum.0 = sum.0.saturating_add(group.bytes);
    }
    for group in &after.reading.facts.waste {
        let sum = waste.entry(group.cause).or_default();
        sum.1 = sum.1.saturating_add(group.bytes);
    }
    Comparison { before, after, shared, sums, files, waste }
}

/// How many files are seen differently, and the largest of them.
pub(super) fn differing_files(old: &[LayerFacts], new: &[LayerFacts]) -> (Sums, Vec<Difference>) {
    let mut sums = Sums::default();
    let mut files = differences(&seen(old), &seen(new));
    for difference in &files {
        let sum = match difference.how {
            How::Added => &mut sums.added,
            How::Removed => &mut sums.removed,
            How::Changed => &mut sums.changed,
            How::Metadata => &mut sums.metadata,
        };
        sum.0 += 1;
        sum.1 = sum.1.saturating_add(difference.after.or(difference.before).unwrap_or(0));
    }
    files.sort_by_key(|one| (Reverse(one.after.max(one.before)), one.path.clone()));
    files.truncate(LARGEST);
    (sums, files)
}

impl Comparison {
    /// The worse of what both could be read of, and the second against its budget.
    pub(crate) fn verdict(&self) -> Verdict {
        match self.after.verdict() {
            Verdict::Pass if self.before.is_blocked() => Verdict::Inconclusive,
            verdict => verdict,
        }
    }
}

/// What is compared of a file that is seen.
#[derive(PartialEq, Eq)]
struct Seen {
    sha256: Option<Sha256>,
    size: u64,
    mode: u32,
    owner: (u32, u32),
}

/// Every file that is seen, in path order.
fn seen(layers: &[LayerFacts]) -> Vec<(TreePath, Seen)> {
    let tree = Tree::squash(layers, &Limits::default());
    let one = |(path, at): (TreePath, Visible)| {
        let entry: &Entry = layers.get(at.layer as usize)?.entries.get(at.entry as usize)?;
        let Entry { sha256, size, mode, uid, gid, .. } = entry;
        Some((path, Seen { sha256: *sha256, size: *size, mode: *mode, owner: (*uid, *gid) }))
    };
    tree.files().into_iter().filter_map(one).collect()
}

fn differences(old: &[(TreePath, Seen)], new: &[(TreePath, Seen)]) -> Vec<Difference> {
    let mut out = Vec::new();
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return out,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((one, _)), Some((other, _))) => one.cmp(other),
        };
        let before = if order.is_le() { old.next() } else { None };
        let after = if order.is_ge() { new.next() } else { None };
        let how = match (before, after) {
            (Some(_), None) => How::Removed,
            (None, _) => How::Added,
            (Some((_, one)), Some((_, other))) if one == other => continue,
            // Content that was cut short by a limit is not known to be the same.
            (Some((_, one)), Some((_, other))) if one.sha256.is_some() && one.sha256 == other.sha256 => How::Metadata,
            _ => How::Changed,
        };
        if let Some((path, _)) = before.or(after) {
            let size = |side: Option<&(TreePath, Seen)>| side.map(|(_, seen)| seen.size);
            out.push(Difference { path: path.clone(), how, before: size(before), after: size(after) });
        }
    }
}
