//! A digest over a root filesystem, which has no manifest to be known by.

use crate::entry::{Entry, Kind, LayerFacts};
use model::{Algorithm, Digest, Hasher};

/// The digest over every entry's path, kind, permissions, capabilities, owners, link target and content hash, in path order.
/// Times are left out: the same tree unpacked twice is the same tree.
pub fn merkle(layer: &LayerFacts) -> Digest {
    let mut entries: Vec<&Entry> = layer.entries.iter().collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let mut hasher = Hasher::new(Algorithm::Sha256);
    hasher.update(b"plimsoll tree 1\0");
    for entry in entries {
        add(&mut hasher, entry);
    }
    hasher.finish()
}

/// Every variable part is preceded by its length, so that no two trees give the same bytes.
fn add(hasher: &mut Hasher, entry: &Entry) {
    let (kind, target): (u8, &[u8]) = match &entry.kind {
        Kind::File => (0, &[]),
        Kind::HardLink(path) => (1, path.as_bytes()),
        Kind::Symlink(target) => (2, target),
        Kind::Directory => (3, &[]),
        Kind::Special => (4, &[]),
        Kind::Whiteout => (5, &[]),
        Kind::Opaque => (6, &[]),
    };
    for part in [entry.path.as_bytes(), &[kind], target] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let flags = u32::from(entry.sha256.is_some()) | u32::from(entry.capability) << 1;
    for number in [entry.mode, entry.uid, entry.gid, flags] {
        hasher.update(&number.to_le_bytes());
    }
    match &entry.sha256 {
        Some(hash) => hasher.update(&hash.0),
        // Content that a limit kept from being hashed is told apart by its length at least.
        None if entry.kind == Kind::File => hasher.update(&entry.size.to_le_bytes()),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{dir, file, layer};

    #[test]
    fn depends_on_content_and_not_on_order_or_time() {
        let one = merkle(&layer(&[file("a"), dir("b")]));
        let mut same = layer(&[dir("b"), file("a")]);
        same.entries[0].mtime = 7;
        assert_eq!(merkle(&same), one);
        same.entries[1].capability = true;
        assert_ne!(merkle(&same), one);
        same.entries[1].capability = false;
        assert_eq!(merkle(&same), one);
        same.entries[0].mode = 0o700;
        assert_ne!(merkle(&same), one);
        assert_ne!(merkle(&layer(&[file("ab")])), merkle(&layer(&[file("a"), file("b")])));
    }
}
