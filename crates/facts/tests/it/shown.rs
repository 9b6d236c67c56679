//! What the squash shows, as a table that can be compared with another file system's.

use facts::{Kind, LayerFacts, Limits, Tree};
use std::collections::BTreeMap;

/// What our squash shows: `f:CONTENT` of files, `l:TARGET` of links, `l` where a hard link names a link, `d`.
pub(crate) fn squashed(layers: &[LayerFacts], content: impl Fn(u32, u32) -> String) -> BTreeMap<String, String> {
    let tree = Tree::squash(layers, &Limits::default());
    let mut out = BTreeMap::new();
    for (path, own) in tree.entries() {
        let text = match &layers[own.layer as usize].entries[own.entry as usize].kind {
            Kind::Symlink(to) => format!("l:{}", String::from_utf8_lossy(to)),
            Kind::HardLink(_) => "l".to_owned(),
            _ => "d".to_owned(),
        };
        out.insert(path.to_string(), text);
    }
    for (path, at) in tree.files() {
        out.insert(path.to_string(), format!("f:{}", content(at.layer, at.entry)));
    }
    out
}

/// Where they differ in files and links; directories that no entry names are theirs alone.
pub(crate) fn differences(ours: &BTreeMap<String, String>, theirs: &BTreeMap<String, String>) -> Vec<String> {
    let same = |a: &str, b: &str| a == b || (a == "l" && b.starts_with("l:"));
    let shown = |path: &str, what: &str| ours.get(path).is_some_and(|own| same(own, what));
    let missing = theirs.iter().filter(|(path, what)| *what != "d" && !shown(path, what));
    let extra = ours.iter().filter(|(path, what)| !theirs.get(*path).is_some_and(|other| same(what, other)));
    let missing = missing.map(|(path, what)| format!("they have {path} {what}"));
    missing.chain(extra.map(|(path, what)| format!("we have {path} {what}"))).collect()
}
