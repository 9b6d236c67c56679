//! Dockerfiles found, read and judged.

use crate::failure::{Failure, file};
use crate::ops::files::below;
use crate::ops::pin::write::Draft;
use jiff::civil::Date;
use practices::Policy;
use practices::fixed::{Fixed, Judge};
use practices::lint::Linted;
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
    /// The same with its fixes made, if that was asked for.
    pub(crate) fixed: Option<Fixed>,
}

/// Which fixes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fixes {
    None,
    Safe,
    All,
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

/// Adds to a policy what the `.hadolint.yaml` of this folder asks for. Gives the file and what is not taken over of it.
pub(crate) fn adopt_hadolint(policy: &mut Policy, here: &Path) -> Result<Option<(PathBuf, Vec<String>)>, Failure> {
    let names = [".hadolint.yaml", ".hadolint.yml"].map(|name| here.join(name));
    let Some(path) = names.into_iter().find(|path| path.is_file()) else { return Ok(None) };
    let bytes = std::fs::File::open(&path).and_then(read).map_err(file("read", &path))?;
    let wrong = |line, why| Failure::Thresholds { path: path.clone(), line, why };
    let text = String::from_utf8(bytes).map_err(|_| wrong(1, "it is not UTF-8".to_owned()))?;
    let settings = sources::all_settings(&text).map_err(|error| wrong(1, error.to_string()))?;
    let notes = practices::hadolint::adopt(policy, &settings).map_err(|error| wrong(error.line, error.why))?;
    Ok(Some((path, notes)))
}

/// By its name, as for every other command.
fn is_dockerfile(path: &Path) -> bool {
    Kind::of_path(&path.file_name().unwrap_or_default().to_string_lossy()) == Some(Kind::Dockerfile)
}

/// Reads and judges one file.
pub(crate) fn lint_file(path: &Path, policy: &Policy, today: Date, fixes: Fixes) -> Result<LintedFile, Failure> {
    let bytes = if path.as_os_str() == "-" { read(std::io::stdin()) } else { std::fs::File::open(path).and_then(read) };
    let bytes = bytes.map_err(file("read", path))?;
    let parsed = Dockerfile::read(&bytes);
    let dockerfile = parsed.map_err(|refusal| Failure::Dockerfile { path: path.to_owned(), refusal })?;
    let shown = path.display().to_string();
    let shown = shown.strip_prefix("./").map_or(shown.clone(), str::to_owned);
    let dockerignore = dockerignore(path);
    let judge = Judge { path: &shown, dockerignore: dockerignore.as_deref(), policy, today };
    let linted = judge.lint(&dockerfile);
    let fixed = (fixes != Fixes::None).then(|| judge.fix(&dockerfile, fixes == Fixes::All));
    Ok(LintedFile { path: shown, file: dockerfile, linted, fixed })
}

impl LintedFile {
    /// Writes the fixed text in the file's place; what is left to say is about that. Gives what was mended.
    pub(crate) fn write(&mut self, path: &Path) -> Result<Vec<&'static str>, Failure> {
        let Some(fixed) = self.fixed.take() else { return Ok(Vec::new()) };
        if fixed.made.is_empty() {
            return Ok(fixed.made);
        }
        let failed = |why: String| file("write", path)(std::io::Error::other(why));
        Draft::new(path, fixed.file.text()).and_then(|draft| draft.put(self.file.text())).map_err(failed)?;
        (self.file, self.linted) = (fixed.file, fixed.linted);
        Ok(fixed.made)
    }

    /// How many fixes there are that are made only on request.
    pub(crate) fn unsafe_ones(&self) -> usize {
        self.linted.fixable.iter().filter(|one| !one.fix.is_safe).count()
    }

    /// The text before and after; `None` if a line with a secret would be shown.
    pub(crate) fn texts(&self) -> Option<(&str, &str)> {
        let fixed = self.fixed.as_ref()?;
        let secret = |linted: &Linted, text: &str| (1..).zip(text.lines()).any(|(number, _)| linted.is_secret(number));
        let hides = secret(&self.linted, self.file.text()) || secret(&fixed.linted, fixed.file.text());
        (!hides).then_some((self.file.text(), fixed.file.text()))
    }
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
