//! One file, as the Program reader's own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Ecosystem;

fuzz_target!(|data: &[u8]| fuzz::reader(
    Ecosystem::Program,
    &["usr/local/bin/node", "usr/local/bin/python3.12", "usr/local/bin/redis-server"],
    data
));
