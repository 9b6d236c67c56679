//! What the fuzz targets share.

use facts::layer::{self, Encoding, Means, Promise};
use facts::packages::{READERS, read_one};
use facts::{LayerFacts, Limits, looks};
use model::{Ecosystem, Unknown};
use std::sync::atomic::AtomicU64;

/// Limits so low that inputs of a few kilobytes reach them.
pub fn limits() -> Limits {
    Limits {
        plain_floor: 1 << 20,
        entries: 200,
        name_bytes: 1 << 16,
        sparse_bytes: 1 << 20,
        kept_file_bytes: 1 << 18,
        kept_bytes: 1 << 19,
        opened_file_bytes: 1 << 19,
        opened_memory_bytes: 1 << 12,
        link_steps: 10_000,
        tree_nodes: 1000,
        ..Limits::default()
    }
}

/// Reads a stored layer of which nothing was promised.
pub fn read_layer(stored: &[u8]) -> Result<LayerFacts, Unknown> {
    let means = Means {
        limits: &limits(),
        looks: &looks(),
        spool: &tempfile::tempfile,
        allowance: &AtomicU64::new(4 << 20),
        progress: &|_| {},
    };
    layer::read(stored, Encoding::Sniff, &Promise::default(), &means)
}

/// Gives the rest of the input to this ecosystem's reader, as the file that the first byte chooses.
pub fn reader(ecosystem: Ecosystem, paths: &[&str], input: &[u8]) {
    let Some((&choice, content)) = input.split_first() else { return };
    let path = paths[usize::from(choice) % paths.len()];
    for reader in READERS.iter().filter(|r| r.ecosystem == ecosystem) {
        for unknown in read_one(reader, path, content).unknowns {
            assert!(!unknown.to_string().contains(char::is_control), "{unknown:?}");
        }
    }
}
