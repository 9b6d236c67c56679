//! An image config: it keeps its bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::oci::ImageConfig;

fuzz_target!(|data: &[u8]| {
    if let Ok(config) = ImageConfig::parse(data) {
        assert_eq!(config.raw(), data);
    }
});
