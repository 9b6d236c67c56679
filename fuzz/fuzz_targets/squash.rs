//! Layers of arbitrary entries: four bytes an entry, names from a small set so that they meet.

#![no_main]

use facts::{Entry, Kind, LayerFacts, Nature, Tree, View, assemble};
use libfuzzer_sys::fuzz_target;
use model::{Digest, Sha256, TreePath};

fn path(byte: u8) -> String {
    let name = |bits: u8| ["a", "b", "c", "d"][usize::from(bits & 3)];
    match byte >> 6 {
        0 => name(byte).to_owned(),
        1 => format!("{}/{}", name(byte), name(byte >> 2)),
        2 => format!("{}/{}/{}", name(byte), name(byte >> 2), name(byte >> 4)),
        _ => format!("../{}/../{}", name(byte), name(byte >> 2)),
    }
}

fn entry(bytes: &[u8]) -> Option<Entry> {
    let at = TreePath::clean(path(bytes[1] & 0xbf).as_bytes()).ok()?;
    let target = path(bytes[2]);
    let kind = match bytes[0] & 7 {
        0 | 1 => Kind::File,
        2 => Kind::Directory,
        3 if bytes[3] & 1 == 0 => Kind::Symlink(target.as_bytes().into()),
        3 => Kind::Symlink(format!("/{target}/{target}").as_bytes().into()),
        4 => Kind::HardLink(TreePath::clean(target.as_bytes()).ok()?),
        5 => Kind::Special,
        6 => Kind::Whiteout,
        _ => Kind::Opaque,
    };
    let size = u64::from(kind == Kind::File);
    let sha256 = Some(Sha256::of(b""));
    let nature = Nature::Plain;
    Some(Entry { path: at, kind, size, mode: 0o755, uid: 0, gid: 0, mtime: 0, sha256, capability: false, nature })
}

fuzz_target!(|data: &[u8]| {
    let mut layers = vec![Vec::new()];
    for bytes in data.chunks_exact(4) {
        if bytes[0] & 0xe0 == 0xe0 && layers.len() < 20 {
            layers.push(Vec::new());
        }
        if let Some(last) = layers.last_mut() {
            last.extend(entry(bytes));
        }
    }
    let layer = |entries| LayerFacts {
        diff_id: Digest::of(b""),
        plain_size: 0,
        entries,
        kept: Vec::new(),
        unknowns: Vec::new(),
    };
    let layers: Vec<LayerFacts> = layers.into_iter().map(layer).collect();
    let tree = Tree::squash(&layers, &fuzz::limits());
    let view = View::new(&layers, &tree);
    for (path, _) in tree.files() {
        // Where a file is, it is reached without a link, and is itself.
        assert_eq!(view.resolve(path.as_bytes()), Some(path));
    }
    let facts = assemble(&layers, Vec::new(), &fuzz::limits());
    let brought: u64 = facts.layers.iter().map(|l| l.file_bytes).sum();
    let hidden: u64 = facts.layers.iter().map(|l| l.hidden_bytes).sum();
    let dead: u64 = facts.waste.iter().filter(|group| group.hidden_by.is_some()).map(|group| group.bytes).sum();
    assert_eq!(dead, hidden);
    assert!(hidden + facts.visible_bytes <= brought, "{hidden} + {} > {brought}", facts.visible_bytes);
});
