//! SBOMs of any tool.

#![no_main]

use model::TreePath;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(claims) = documents::claims::read(bytes, &TreePath::root()) {
        assert_eq!(claims.packages.len(), claims.whereabouts.len());
    }
});
