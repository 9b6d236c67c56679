//! One file, as the Java reader's own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Ecosystem;

fuzz_target!(|data: &[u8]| fuzz::reader(Ecosystem::Java, &["opt/a-1.jar"], data));
