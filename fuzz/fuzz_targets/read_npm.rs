//! One file, as the Npm reader's own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Ecosystem;

fuzz_target!(|data: &[u8]| fuzz::reader(
    Ecosystem::Npm,
    &["usr/lib/node_modules/a/package.json", "app/package.json", "app/.pnp.data.json"],
    data
));
