//! One file, as the Apk reader's own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Ecosystem;

fuzz_target!(|data: &[u8]| fuzz::reader(Ecosystem::Apk, &["lib/apk/db/installed"], data));
