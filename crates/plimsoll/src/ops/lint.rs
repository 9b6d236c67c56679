//! Dockerfiles found, read and judged.

use crate::failure::{Failure, file};
use crate::ops::files::below;
use jiff::civil::Date;
use practices::Policy;
use practices::lint::{Linted, lint};
use sources::Kind;
use sources::dockerfile::{Dockerfile, LARGEST};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A Dockerfile with what the rules said of it.
pub(crate) struct LintedFile {
    /// As the user named it, or as it was found; `-` for stdin.
    pub(crate) path: String,
    pub(crate) file: Dockerfile,
    pub(crate) linted: Linted,
}

/// The Dockerfiles of these files and folders, sorted within each. A file that is named is taken whatever its name;
/// in folders, what git ignores is left out.
pub(crate) fn dockerfiles(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" || !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let mut inside = Vec::new();
        for entry in below(path) {
            let entry = entry.map_err(|error| Failure::Walk { path: path.clone(), error: Box::new(error) })?;
            if entry.file_type().is_some_and(|kind| kind.is_file()) && is_dockerfile(entry.path()) {
                inside.push(entry.into_path());
            }
        }
        inside.sort();
        found.extend(inside);
    }
    if found.is_empty() {
        return Err(Failure::NoDockerfile(paths.to_vec()));
    }
    Ok(found)
}

/// By its name, as for every other command.
fn is_dockerfile(path: &Path) -> bool {
    Kind::of_path(&path.file_name().unwrap_or_default().to_string_lossy()) == Some(Kind::Dockerfile)
}

/// Reads and judges one file.
pub(crate) fn lint_file(path: &Path, policy: &Policy, today: Date) -> Result<LintedFile, Failure> {
    let bytes = if path.as_os_str() == "-" { read(std::io::stdin()) } else { std::fs::File::open(path).and_then(read) };
    let bytes = bytes.map_err(file("read", path))?;
    let parsed = Dockerfile::read(&bytes);
    let dockerfile = parsed.map_err(|refusal| Failure::Dockerfile { path: path.to_owned(), refusal })?;
    let shown = path.display().to_string();
    let shown = shown.strip_prefix("./").map_or(shown.clone(), str::to_owned);
    let dockerignore = dockerignore(path);
    let linted = lint(&shown, &dockerfile, dockerignore.as_deref(), policy, today);
    Ok(LintedFile { path: shown, file: dockerfile, linted })
}

/// The `.dockerignore` that a build of a Dockerfile reads: its own (`NAME.dockerignore`), else that of its folder, which
/// is the context of most builds.
pub(crate) fn dockerignore(dockerfile: &Path) -> Option<String> {
    let mut own = dockerfile.file_name().filter(|name| *name != "-")?.to_owned();
    own.push(".dockerignore");
    let beside = [dockerfile.with_file_name(own), dockerfile.with_file_name(".dockerignore")];
    let bytes = beside.iter().find_map(|path| std::fs::File::open(path).and_then(read).ok())?;
    String::from_utf8(bytes).ok()
}

/// No more than is read anyway.
fn read(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
