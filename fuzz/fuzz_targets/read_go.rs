//! One file, as the Go reader's own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Ecosystem;

fuzz_target!(|data: &[u8]| fuzz::reader(Ecosystem::Go, &["opt/a"], data));
