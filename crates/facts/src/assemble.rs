//! From layers to [`ImageFacts`]: squash, read, settle, sum up.

use crate::entry::{Kind, LayerFacts};
use crate::image::{Changes, ImageFacts, LayerSummary};
use crate::limits::Limits;
use crate::packages::{READERS, Reading};
use crate::settle::settle;
use crate::tree::{Tree, Visible};
use crate::view::View;
use crate::waste::Wasted;
use crate::{aliases, long_hash, managers, notes, obstacles, os, residue, secrets, vanished, waste};
use model::{Unknown, UnknownKind};
use rustc_hash::FxHashSet;

/// The version of what is read from kept ground. Raise it when a reader learns more.
pub const FACTS_VERSION: u32 = 9;

/// What an image of these layers holds, lowest layer first; `unknowns` are those of layers that could not be
/// read, which the caller left out or replaced by empty ones.
pub fn assemble(layers: &[LayerFacts], unknowns: Vec<Unknown>, limits: &Limits) -> ImageFacts {
    assemble_in_full(layers, unknowns, limits).0
}

/// The same, with every single file that is in the image in vain.
pub fn assemble_in_full(layers: &[LayerFacts], unknowns: Vec<Unknown>, limits: &Limits) -> (ImageFacts, Vec<Wasted>) {
    let tree = Tree::squash(layers, limits);
    let view = View::new(layers, &tree);
    let mut facts = ImageFacts { unknowns, layers: summaries(layers, &tree, &view), ..ImageFacts::default() };
    facts.unknowns.extend(layers.iter().flat_map(|layer| layer.unknowns.iter().cloned()));
    facts.unknowns.extend(tree.unknowns().iter().cloned());
    let readings = READERS.iter().map(|reader| {
        let mut reading = Reading::default();
        (reader.read)(&view, &mut reading);
        reading
    });
    let settled = settle(&view, readings, limits);
    let (os, os_unknowns) = os::read(&view);
    facts.os = os;
    facts.unknowns.extend(os_unknowns);
    facts.unknowns.extend(obstacles::obstacles(&view, facts.os.is_some()));
    let gaps = aliases::aliases(&view);
    let unknowns = settled.unknowns.into_iter().filter(|unknown| !aliases::is_told(&view, &gaps, unknown));
    facts.unknowns.extend(unknowns);
    facts.unknowns.extend(gaps.iter().cloned());
    facts.unknowns.extend(managers::managers(&view));
    facts.users = os::users(&view);
    facts.residues = residue::residues(&view);
    facts.privileged = notes::privileged(&view);
    let owners = &settled.owners;
    facts.secrets = secrets::secrets(&view, &|path| owners.is_distributions(path), &|path| owners.is_listed(path));
    facts.unknowns.extend(vanished::vanished(&view, &settled.packages, &|path| owners.is_distributions(path)));
    facts.packages = settled.packages;
    facts.long_hashes = long_hash::of(&view, &facts.packages);
    facts.unidentified = settled.unidentified;
    facts.entries = tree.visible_entries();
    facts.visible_bytes = visible_bytes(&view);
    if layers.len() > limits.layers {
        let why = format!("the image has {} layers: more than {} (layers)", layers.len(), limits.layers);
        facts.unknowns.push(Unknown::new(UnknownKind::Limit, why));
    }
    facts.unknowns.extend(tree.exhausted());
    facts.unknowns.sort();
    facts.unknowns.dedup();
    let wasted = waste::wasted(&view, &facts.secrets);
    facts.waste = waste::groups(layers, &wasted);
    (facts, wasted)
}

fn visible_bytes(view: &View<'_>) -> u64 {
    let mut seen = FxHashSet::default();
    view.files().filter(|f| seen.insert(std::ptr::from_ref(f.entry))).map(|f| f.entry.size).fold(0, u64::saturating_add)
}

/// A file that a hard link still shows is not hidden, whatever became of its first name.
fn summaries(layers: &[LayerFacts], tree: &Tree, view: &View<'_>) -> Vec<LayerSummary> {
    let shown: FxHashSet<*const crate::entry::Entry> = view.files().map(|f| std::ptr::from_ref(f.entry)).collect();
    let mut hidden = vec![0; layers.len()];
    let mut counted = FxHashSet::default();
    for gone in tree.hidden() {
        let entry = &layers[gone.layer as usize].entries[gone.entry as usize];
        let at = Visible { layer: gone.layer, entry: gone.entry };
        if entry.kind == Kind::File
            && !shown.contains(&std::ptr::from_ref(entry))
            && counted.insert((at.layer, at.entry))
        {
            let sum: &mut u64 = &mut hidden[gone.layer as usize];
            *sum = sum.saturating_add(entry.size);
        }
    }
    let changes = waste::changes(layers, tree);
    let summary = |((layer, hidden_bytes), changes): ((&LayerFacts, u64), Changes)| LayerSummary {
        diff_id: layer.diff_id,
        plain_size: layer.plain_size,
        entries: layer.entries.len() as u64,
        file_bytes: layer.entries.iter().map(|e| e.size).fold(0, u64::saturating_add),
        hidden_bytes,
        changes,
    };
    layers.iter().zip(hidden).zip(changes).map(summary).collect()
}
