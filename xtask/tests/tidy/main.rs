//! If it is a rule of this repository, it is a test: here are the rules that no compiler or linter knows.

#![allow(missing_docs, reason = "tests")]

mod advisories;
mod graph;
mod places;
mod rules;
mod shape;
mod words;

use std::path::{Path, PathBuf};

/// The workspace's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_path_buf()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The entries of a folder, sorted; none if there is no such folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// All Rust files below `crates` and `xtask`, as path from the root and text.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("crates"), root().join("xtask")];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let shown = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
                found.push((shown, read(&path)));
            }
        }
    }
    assert!(found.len() > 50, "the sources are here");
    found.sort();
    found
}

/// Whether a file holds only tests or their fixtures.
fn of_tests(path: &str) -> bool {
    path.starts_with("crates/testkit/")
        || path.contains("/tests/")
        || path.contains("/examples/")
        || path.ends_with("tests.rs")
        || path.contains("/tests_")
        || path.ends_with("fixture.rs")
}

/// The part of a file before its unit tests, which are a block at its end; `mod tests;` at its head ends nothing.
fn code(text: &str) -> &str {
    let marks = text.match_indices("\n#[cfg(").filter(|(at, _)| {
        let mut lines = text[at + 1..].lines();
        let of_tests = lines.next().is_some_and(|line| line.starts_with("#[cfg(test)]") || line.contains("(test,"));
        of_tests && lines.find(|line| !line.starts_with("#[")).is_some_and(|l| l.contains("mod ") && l.ends_with('{'))
    });
    marks.map(|(at, _)| &text[..at]).next().unwrap_or(text)
}

#[test]
fn unit_tests_end_the_code() {
    let check = |text: &str, expected: &str| assert_eq!(code(text), expected);
    check("a\n#[cfg(test)]\nmod tests {\n}\n", "a");
    check("a\n#[cfg(all(test, unix))]\n#[expect(x)]\nmod tests {\n}\n", "a");
    check("a\n#[cfg(test)]\nmod tests;\nb\n", "a\n#[cfg(test)]\nmod tests;\nb\n");
    check("a\n#[cfg(unix)]\nmod b {\n}\n", "a\n#[cfg(unix)]\nmod b {\n}\n");
}

/// Fails with all complaints at once, because fixing one at a time is slow.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}
