//! The list of references of a git server: every commit that it gives is one.

#![no_main]

use transport::{NamedRef, Refs};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(refs) = Refs::parse(bytes) else { return };
    for name in String::from_utf8_lossy(bytes).split(|c: char| c.is_whitespace() || c == '\0') {
        let name = name.trim_start_matches("refs/tags/").trim_start_matches("refs/heads/");
        if let NamedRef::Commit(commit) = refs.named(name) {
            assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{commit}");
        }
    }
});
