//! One file, as the Dpkg reader's own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Ecosystem;

fuzz_target!(|data: &[u8]| fuzz::reader(
    Ecosystem::Dpkg,
    &["var/lib/dpkg/status", "var/lib/dpkg/status.d/a", "var/lib/dpkg/diversions"],
    data
));
