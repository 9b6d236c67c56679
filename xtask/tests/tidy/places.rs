//! Some things have one place: writing formats, printing, the clock, and unsafe code none at all.

use crate::{code, none, of_tests, sources};

/// Where types may derive `Serialize`, and why.
const WRITERS: [(&str, &str); 13] = [
    ("crates/model/src/digest.rs", "the vocabulary, as OCI has it and as the cache keeps it"),
    ("crates/model/src/package.rs", "the same"),
    ("crates/model/src/path.rs", "the same"),
    ("crates/model/src/purl.rs", "the same"),
    ("crates/model/src/unknown.rs", "the same"),
    ("crates/facts/src/entry.rs", "ground facts, which the cache keeps"),
    ("crates/facts/src/keep.rs", "the same"),
    ("crates/facts/src/image.rs", "the same"),
    ("crates/facts/src/os.rs", "the same"),
    ("crates/ledger/src/cache/", "the cache's own entries"),
    ("crates/documents/src/", "one module a format"),
    ("crates/signing/src/", "the same: in-toto, DSSE, sigstore's bundle"),
    ("crates/plimsoll/src/report/", "the report, one module a version"),
];

/// Where JSON may be written, and what.
const JSON: [(&str, &str); 9] = [
    ("crates/documents/src/", "one module a format"),
    ("crates/signing/src/", "the same: in-toto, DSSE, sigstore's bundle"),
    ("crates/plimsoll/src/report/", "the report, one module a version"),
    ("crates/model/src/oci.rs", "OCI's documents"),
    ("crates/transport/src/registry/referrers.rs", "a referrer, and the index that lists them"),
    ("crates/transport/src/written.rs", "descriptors and indexes that we write"),
    ("crates/transport/src/copy/archive.rs", "the index of a layout in an archive, and the list of `docker save`"),
    ("crates/transport/src/copy/layout.rs", "the index of a layout"),
    ("crates/transport/src/copy/made.rs", "a manifest for an image that has none"),
];

/// Rooms that are given everything: no file, clock, environment, working folder, process or network.
const PURE: [&str; 8] = ["model", "facts", "rewrite", "documents", "signing", "sources", "advisories", "practices"];
const OUTSIDE: [&str; 12] = [
    "File::open",
    "fs::read",
    "fs::write",
    "fs::metadata",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "env::var",
    "env::current_dir",
    "process::Command",
    "std::net::",
];

fn complain(wrong: impl Fn(&str, &str) -> Option<String>) {
    let files = sources().into_iter().filter(|(path, _)| path.starts_with("crates/") && !of_tests(path));
    let mut complaints = Vec::new();
    for (path, text) in files {
        for (at, line) in code(&text).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            complaints.extend(wrong(&path, line).map(|what| format!("{path}:{}: {what}", at + 1)));
        }
    }
    none(&complaints);
}

#[test]
fn types_are_written_only_in_the_modules_of_formats() {
    complain(|path, line| {
        let derives = line.contains("derive(") && line.contains("Serialize") && !only_reads(line);
        let may = WRITERS.iter().any(|(place, _)| path.starts_with(place));
        (derives && !may).then(|| "derives `Serialize` outside the modules of formats".to_owned())
    });
}

/// `Deserialize` ends in the same letters.
fn only_reads(line: &str) -> bool {
    !line.replace("Deserialize", "").contains("Serialize")
}

#[test]
fn json_is_written_only_in_the_modules_of_formats() {
    complain(|path, line| {
        let writes = ["serde_json::to_", "json!("].iter().any(|call| line.contains(call));
        let may = JSON.iter().any(|(place, _)| path.starts_with(place));
        (writes && !may).then(|| "writes JSON outside the modules of formats".to_owned())
    });
}

#[test]
fn pure_rooms_do_not_look_outside() {
    complain(|path, line| {
        let room = path.split('/').nth(1).unwrap_or_default();
        let looks = OUTSIDE.iter().find(|call| line.contains(**call))?;
        PURE.contains(&room).then(|| format!("`{looks}` in a room that is given everything"))
    });
}

/// The places that may, and why each must.
const UNSAFE: [(&str, &str); 3] = [
    (
        "crates/facts/src/layer/hash.rs",
        "it calls safe code that needs instructions the processor was asked for just before",
    ),
    ("crates/plimsoll/src/allocator.rs", "it sets what the system's allocator keeps"),
    ("crates/plimsoll/src/map.rs", "it maps a file into memory"),
];

#[test]
fn nothing_is_unsafe() {
    let uses = ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern", "(unsafe_code"];
    let is_unsafe = |line: &str| uses.iter().any(|word| line.contains(word));
    let may = |path: &str| UNSAFE.iter().any(|(place, _)| *place == path);
    complain(|path, line| (!may(path) && is_unsafe(line)).then(|| "unsafe code".to_owned()));
    for (place, why) in UNSAFE {
        let text = sources().into_iter().find(|(path, _)| path == place).map(|(_, text)| text).unwrap_or_default();
        let count = code(&text).lines().filter(|line| is_unsafe(line)).count();
        assert_eq!(count, 2, "{place} ({why}): one block, and the lint it expects");
    }
}
