//! One file, as the Python reader's own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Ecosystem;

fuzz_target!(|data: &[u8]| fuzz::reader(
    Ecosystem::Python,
    &[
        "usr/lib/python3/site-packages/a-1.dist-info/METADATA",
        "usr/lib/python3/site-packages/a.egg-info/PKG-INFO",
        "usr/lib/python3/site-packages/a.egg-info"
    ],
    data
));
