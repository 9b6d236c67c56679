//! A `.dockerignore`: what of the folder the builder does not get
//! (<https://docs.docker.com/build/concepts/context/#dockerignore-files>).
//!
//! Refuses to judge by one that takes anything back (`!`), as BuildKit's own check does.

use globset::{GlobBuilder, GlobMatcher};

/// The most patterns that are read.
const MOST: usize = 1000;

/// What is left out, with the line that says so.
#[derive(Debug)]
pub(crate) struct Ignored(Vec<(usize, GlobMatcher)>);

impl Ignored {
    /// Reads a `.dockerignore`; `None` if nothing can be said by it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut patterns = Vec::new();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.starts_with('!') || patterns.len() >= MOST {
                return None;
            }
            let clean = clean(line);
            let glob = GlobBuilder::new(&clean).literal_separator(true).backslash_escape(true).build().ok()?;
            patterns.push((number + 1, glob.compile_matcher()));
        }
        Some(Self(patterns))
    }

    /// The line that leaves out a path or a folder above it.
    pub(crate) fn line(&self, path: &str) -> Option<usize> {
        let path = clean(path);
        if path == "." || path.starts_with("../") {
            return None;
        }
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let parts: Vec<&str> = ends.map(|end| &path[..end]).collect();
        let found = self.0.iter().find(|(_, glob)| parts.iter().any(|part| glob.is_match(part)));
        found.map(|(line, _)| *line)
    }
}

/// The path without `.`, `..` and slashes that say nothing.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::Ignored;

    #[test]
    fn patterns_match_as_in_a_context() {
        let ignored = Ignored::read("# c\n\n/target/\n*.log\n**/node_modules\nd?cs/**\n").unwrap();
        for (path, line) in [
            ("target", Some(3)),
            ("./target/release/app", Some(3)),
            ("src/target", None),
            ("a.log", Some(4)),
            ("a/b.log", None),
            ("web/node_modules/x", Some(5)),
            ("docs/a", Some(6)),
            (".", None),
            ("../target", None),
            ("src/../target", Some(3)),
        ] {
            assert_eq!(ignored.line(path), line, "{path}");
        }
        assert!(Ignored::read("*\n!src\n").is_none() && Ignored::read("[").is_none());
    }
}
