//! What a user points at, in one syntax for every command.
//!
//! `REF` is a registry's, `docker:REF` an engine's, `oci:DIR[:TAG|@DIGEST]`, `oci-archive:FILE[:TAG|@DIGEST]`,
//! `docker-archive:FILE[:REF]` and `dir:PATH` are on this machine. A text without prefix that names a file or
//! folder is recognised by content. What could be both a reference and a path is refused, with the choices: a
//! folder that happens to be called `ubuntu` must not decide which image is judged.

use crate::probe::{self, Kind};
use model::{Digest, DigestError, Reference, ReferenceError};
use std::fmt;
use std::path::{Path, PathBuf};

/// Where an image (or a source tree) is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// In a registry.
    Registry(Reference),
    /// In Docker's engine: a reference or an image id, as typed.
    Docker(String),
    /// In an OCI image layout.
    Oci {
        /// Its folder.
        dir: PathBuf,
        /// Which of its images.
        pick: Pick,
    },
    /// In a tar file of an OCI image layout.
    OciArchive {
        /// The file.
        file: PathBuf,
        /// Which of its images.
        pick: Pick,
    },
    /// In a tar file that `docker save` wrote.
    DockerArchive {
        /// The file.
        file: PathBuf,
        /// Which of its images: a reference, or `sha256:…` of its config.
        image: Option<String>,
    },
    /// A root filesystem.
    Rootfs(PathBuf),
    /// A folder of source texts: no image.
    Source(PathBuf),
}

/// Which image of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The only one.
    Only,
    /// The one of this name.
    Tag(String),
    /// The one of this digest, listed in the index or not.
    Digest(Digest),
}

/// Why a text is no target.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// Neither a reference nor a path that is there.
    #[error("`{text}` is no file or folder here, and as an image: {source}")]
    Neither {
        /// As typed.
        text: String,
        /// Why it is no reference.
        source: ReferenceError,
    },
    /// A path, by its form, that is not there.
    #[error("there is no `{text}`")]
    NotThere {
        /// As typed.
        text: String,
        /// Other ways to write it that may be meant.
        choices: Vec<String>,
    },
    /// Both a reference and a path.
    #[error("`{text}` is both an image reference and {what} here")]
    Ambiguous {
        /// As typed.
        text: String,
        /// What is there.
        what: &'static str,
        /// The ways to write each meaning.
        choices: Vec<String>,
    },
    /// A file that holds no image.
    #[error("`{text}` is {what}")]
    NoImage {
        /// As typed.
        text: String,
        /// What was found instead.
        what: &'static str,
    },
    /// Something else than a digest behind an `@`.
    #[error("`{text}` has no digest behind its `@`: {source}")]
    Digest {
        /// As typed.
        text: String,
        /// Why it is none.
        source: DigestError,
    },
    /// A prefix with nothing behind it.
    #[error("`{0}` names nothing behind its colon")]
    Empty(String),
}

impl TargetError {
    /// What to write instead, as an imperative without a full stop.
    pub fn hint(&self) -> Option<String> {
        if let Self::Neither { text, .. } = self {
            if let Some(image) = text.strip_prefix("docker-daemon:") {
                return Some(format!("did you mean `docker:{image}`?"));
            }
            return likely(text).map(|reference| format!("did you mean `{reference}`?"));
        }
        if let Self::NoImage { what, .. } = self {
            let other = [Kind::OtherFile.words(), Kind::NotAFile.words()].contains(what);
            return other
                .then(|| "an archive is what `docker save` writes, or `skopeo copy` to `oci-archive:`".to_owned());
        }
        if matches!(self, Self::NotThere { choices, .. } if choices.is_empty()) {
            return Some("look at the path; it is read from the current folder".to_owned());
        }
        let (Self::NotThere { choices, .. } | Self::Ambiguous { choices, .. }) = self else {
            return None;
        };
        let quoted: Vec<String> = choices.iter().map(|c| format!("`{c}`")).collect();
        (!quoted.is_empty()).then(|| format!("write {}", quoted.join(" or ")))
    }
}

/// The reference that a text without a scheme, or in lower case, would be.
fn likely(text: &str) -> Option<String> {
    let bare = text.split_once("://").map_or(text, |(_, rest)| rest).trim_end_matches('/');
    let candidates = [bare.to_owned(), bare.to_lowercase()];
    candidates.into_iter().find(|candidate| candidate != text && candidate.parse::<Reference>().is_ok())
}

impl Target {
    /// Reads a target as typed, looking at the file system where the text alone does not decide.
    ///
    /// A prefix always wins: the image `docker` with tag `dind` of Docker Hub is written `docker.io/library/docker:dind`.
    ///
    /// # Errors
    /// [`TargetError`], whose hint spells out the choices.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        Self::parse_in(Path::new(""), text)
    }

    /// [`Target::parse`] with relative paths looked up in `base`; the target keeps them as typed.
    fn parse_in(base: &Path, text: &str) -> Result<Self, TargetError> {
        let Some((prefix, rest)) = text.split_once(':').filter(|(prefix, _)| PREFIXES.contains(prefix)) else {
            return bare(base, text);
        };
        // What others write for an image in a registry is none of the engine's: the hint says how it is written here.
        if prefix == "docker" && rest.starts_with("//") {
            return bare(base, text);
        }
        if rest.is_empty() {
            return Err(TargetError::Empty(text.to_owned()));
        }
        Ok(match prefix {
            "docker" => Self::Docker(rest.to_owned()),
            "oci" => {
                let (dir, pick) = path_and_pick(base, text, rest)?;
                Self::Oci { dir, pick }
            }
            "oci-archive" => {
                let (file, pick) = path_and_pick(base, text, rest)?;
                Self::OciArchive { file, pick }
            }
            "docker-archive" => {
                let (file, image) = split_path(base, rest);
                if let Some(digest) = image.and_then(|image| image.strip_prefix('@')).filter(|d| !d.is_empty()) {
                    digest.parse::<Digest>().map_err(|source| no_digest(text, source))?;
                }
                let image = image.map(|text| text.trim_start_matches([':', '@']).to_owned());
                Self::DockerArchive { file: file.into(), image: image.filter(|i| !i.is_empty()) }
            }
            _ => Self::Rootfs(rest.into()),
        })
    }
}

const PREFIXES: [&str; 5] = ["docker", "oci", "oci-archive", "docker-archive", "dir"];

/// Splits `PATH[:…|@…]`: the shortest beginning that is there is the path, since paths may hold colons too. If
/// none is, the first colon splits, so that the error names the path that was meant.
fn split_path<'a>(base: &Path, text: &'a str) -> (&'a str, Option<&'a str>) {
    if base.join(text).exists() {
        return (text, None);
    }
    let marks = || text.match_indices([':', '@']).map(|(at, _)| at).filter(|&at| at > 0);
    let there = marks().find(|&at| base.join(&text[..at]).exists());
    match there.or_else(|| marks().next()) {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (text, None),
    }
}

fn path_and_pick(base: &Path, text: &str, rest: &str) -> Result<(PathBuf, Pick), TargetError> {
    let (path, rest) = split_path(base, rest);
    let pick = match rest {
        None | Some(":" | "@") => Pick::Only,
        // With both, the digest decides, as in a reference.
        Some(rest) => match rest[1..].rsplit('@').next().unwrap_or_default().parse() {
            Ok(digest) => Pick::Digest(digest),
            Err(source) if rest.starts_with('@') => return Err(no_digest(text, source)),
            Err(_) => Pick::Tag(rest[1..].to_owned()),
        },
    };
    Ok((path.into(), pick))
}

fn no_digest(text: &str, source: DigestError) -> TargetError {
    TargetError::Digest { text: text.to_owned(), source }
}

/// A text without prefix.
fn bare(base: &Path, text: &str) -> Result<Target, TargetError> {
    let reference = text.parse::<Reference>();
    let path = &base.join(text);
    if text.is_empty() || !path.exists() {
        return match reference {
            Ok(_) if has_archive_name(text) || has_text_name(text) => {
                Err(TargetError::NotThere { text: text.to_owned(), choices: pick_choices(base, text) })
            }
            Ok(reference) => with_tag(base, text, reference),
            Err(source) if !looks_like_path(text) => Err(TargetError::Neither { text: text.to_owned(), source }),
            Err(_) => Err(TargetError::NotThere { text: text.to_owned(), choices: pick_choices(base, text) }),
        };
    }
    let kind = probe::kind(path);
    match reference {
        Ok(reference) if !(path.is_file() && has_archive_name(text)) => Err(TargetError::Ambiguous {
            text: text.to_owned(),
            what: kind.words(),
            choices: choices(text, kind, &reference),
        }),
        _ => by_content(text, kind),
    }
}

fn looks_like_path(text: &str) -> bool {
    text.starts_with(['/', '.', '~']) || text.ends_with('/') && !text.contains("://")
}

/// Nobody publishes a repository called `app.tar`; many have such a file.
fn has_archive_name(text: &str) -> bool {
    [".tar", ".tgz", ".tar.gz", ".tar.zst"].iter().any(|end| text.ends_with(end))
}

/// Nor one called `compose.yml`: a misspelt name of a file is not asked of a registry.
fn has_text_name(text: &str) -> bool {
    [".yaml", ".yml"].iter().any(|end| text.ends_with(end))
}

/// A reference whose repository is the name of a layout or an archive here may mean an image in that.
fn with_tag(base: &Path, text: &str, reference: Reference) -> Result<Target, TargetError> {
    let (path, rest) = split_path(base, text);
    let kind = if rest.is_some() && base.join(path).exists() { probe::kind(&base.join(path)) } else { Kind::Source };
    match kind.prefix() {
        Some(prefix) if prefix != "dir" => Err(TargetError::Ambiguous {
            text: text.to_owned(),
            what: "an image in a layout or archive",
            choices: vec![format!("{prefix}:{text}"), explicit(&reference)],
        }),
        _ => Ok(Target::Registry(reference)),
    }
}

/// `./layout:tag` is written with a prefix, if it is one.
fn pick_choices(base: &Path, text: &str) -> Vec<String> {
    let (path, _) = split_path(base, text);
    if !base.join(path).exists() {
        return Vec::new();
    }
    probe::kind(&base.join(path)).prefix().filter(|&p| p != "dir").map(|p| format!("{p}:{text}")).into_iter().collect()
}

fn choices(text: &str, kind: Kind, reference: &Reference) -> Vec<String> {
    let local = kind.prefix().map_or_else(|| format!("./{text}"), |prefix| format!("{prefix}:{text}"));
    vec![local, explicit(reference)]
}

/// The reference with everything spelled out.
fn explicit(reference: &Reference) -> String {
    match reference.digest() {
        Some(digest) => format!("{}@{digest}", reference.name()),
        None => format!("{}:{}", reference.name(), reference.wanted()),
    }
}

fn by_content(text: &str, kind: Kind) -> Result<Target, TargetError> {
    let (path, pick) = (PathBuf::from(text), Pick::Only);
    Ok(match kind {
        Kind::Oci => Target::Oci { dir: path, pick },
        Kind::OciArchive => Target::OciArchive { file: path, pick },
        Kind::DockerArchive => Target::DockerArchive { file: path, image: None },
        Kind::Rootfs => Target::Rootfs(path),
        Kind::Source => Target::Source(path),
        Kind::PlainTar | Kind::BrokenTar | Kind::OtherFile | Kind::NotAFile => {
            let what = kind.words();
            return Err(TargetError::NoImage { text: text.to_owned(), what });
        }
    })
}

impl fmt::Display for Target {
    /// The target with its prefix, so that it means the same wherever it is read again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(reference) => write!(f, "{reference}"),
            Self::Docker(image) => write!(f, "docker:{image}"),
            Self::Oci { dir, pick } => write!(f, "oci:{}{pick}", dir.display()),
            Self::OciArchive { file, pick } => write!(f, "oci-archive:{}{pick}", file.display()),
            Self::DockerArchive { file, image: None } => write!(f, "docker-archive:{}", file.display()),
            Self::DockerArchive { file, image: Some(i) } if i.parse::<Digest>().is_ok() => {
                write!(f, "docker-archive:{}@{i}", file.display())
            }
            Self::DockerArchive { file, image: Some(i) } => write!(f, "docker-archive:{}:{i}", file.display()),
            Self::Rootfs(path) => write!(f, "dir:{}", path.display()),
            Self::Source(path) => write!(f, "{}", path.display()),
        }
    }
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only => Ok(()),
            Self::Tag(tag) => write!(f, ":{tag}"),
            Self::Digest(digest) => write!(f, "@{digest}"),
        }
    }
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
