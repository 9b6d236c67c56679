//! One file, as the Rust reader's own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Ecosystem;

fuzz_target!(|data: &[u8]| fuzz::reader(Ecosystem::Rust, &["opt/a"], data));
