//! One file, as the Gem reader's own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Ecosystem;

fuzz_target!(|data: &[u8]| fuzz::reader(Ecosystem::Gem, &["usr/lib/ruby/gems/3.1.0/specifications/a-1.gemspec"], data));
