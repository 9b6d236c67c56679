//! Everybody who looks at files while a layer streams by.

use crate::keep::Look;
use crate::packages::{READERS, never_open};
use crate::{long_hash, os, secrets};

/// Everybody, and with `long_hashes` those who hash programs and archives once more.
pub fn looks_for(long_hashes: bool) -> Vec<Look> {
    let mut all = looks();
    all.extend(long_hashes.then_some(long_hash::LOOK));
    all
}

/// The package readers' looks, and those of the rooms beside them.
pub fn looks() -> Vec<Look> {
    let readers = READERS.iter().map(|reader| Look { wants: reader.wants, open: reader.open });
    let others = [Look { wants: os::wants, open: never_open }, Look { wants: secrets::wants, open: secrets::open }];
    readers.chain(others).collect()
}
