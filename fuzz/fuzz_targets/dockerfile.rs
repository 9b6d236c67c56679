//! Any text as a Dockerfile: it prints as it was, names its images, and its RUNs are read, without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sources::dockerfile::{Dockerfile, images};

fuzz_target!(|data: &[u8]| {
    let Ok(file) = Dockerfile::read(data) else { return };
    assert_eq!(file.print().as_bytes(), data);
    for mention in images(&file) {
        assert!(data.len() >= mention.span.end);
    }
    for script in sources::shell::scripts(&file) {
        assert!(script.commands.iter().all(|command| file.text().get(command.span.range()).is_some()));
    }
});
