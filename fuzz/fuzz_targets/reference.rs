//! A reference: what parses prints as it was typed, and its parts make the same reference again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use model::Reference;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(reference) = text.parse::<Reference>() else { return };
    assert_eq!(reference.to_string(), text);
    let mut full = reference.name();
    if let Some(tag) = reference.tag() {
        full = format!("{full}:{tag}");
    }
    if let Some(digest) = reference.digest() {
        full = format!("{full}@{digest}");
    }
    let again: Reference = full.parse().expect("the parts of a reference are one");
    assert_eq!((again.registry(), again.repository()), (reference.registry(), reference.repository()));
    assert_eq!((again.tag(), again.digest()), (reference.tag(), reference.digest()));
});
