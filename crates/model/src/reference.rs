//! Image references, by the grammar of distribution's `reference` package
//! (<https://github.com/distribution/reference/blob/main/reference.go>).
//!
//! `[registry/]repository[:tag][@digest]`. The text as typed is kept: `ubuntu` and `ubuntu:latest` resolve
//! alike, yet only one of them says what it means, and a rule must be able to tell.

use crate::{Digest, DigestError};
use std::fmt;
use std::str::FromStr;

/// Where an image is asked for. With both a tag and a digest, the digest decides and the tag is for people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    typed: String,
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// Why a text is not a reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Nothing was given.
    #[error("the image reference is empty")]
    Empty,
    /// The repository's path breaks the grammar.
    #[error("`{0}` is not an image reference: a repository is lower-case words joined by `/`, `.`, `-`, `_` or `__`")]
    Repository(String),
    /// Upper case in the repository's path.
    #[error("`{0}` is not an image reference: a repository must be lower case")]
    UpperCase(String),
    /// The host breaks the grammar.
    #[error("`{0}` is not a registry host: expected `name[:port]` or `[ipv6][:port]`")]
    Registry(String),
    /// The tag breaks the grammar.
    #[error("`{0}` is not a tag: expected at most 128 letters, digits, `_`, `.` or `-`, not starting with `.` or `-`")]
    Tag(String),
    /// The digest is no digest.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// 64 hex characters alone are an image id.
    #[error("`{0}` is an image id, not a reference: write `docker:{0}` for a local image")]
    Identifier(String),
    /// Longer than a registry takes.
    #[error("the repository is {0} characters long: at most 255 are allowed")]
    TooLong(usize),
}

impl Reference {
    /// The registry host, `docker.io` where none was typed.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository's path on its registry, with Docker Hub's `library/` filled in.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag that was typed.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest that was typed.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// Exactly what was typed.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// `registry/repository`, without tag and digest.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// What to ask the registry for: the digest if there is one, else the tag, else `latest`.
    pub fn wanted(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => digest.to_string(),
            (None, Some(tag)) => tag.clone(),
            (None, None) => "latest".to_owned(),
        }
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(typed: &str) -> Result<Self, ReferenceError> {
        if typed.is_empty() {
            return Err(ReferenceError::Empty);
        }
        let (rest, digest) = match typed.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse()?)),
            None => (typed, None),
        };
        let (host, rest) = split_host(rest);
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (rest, None),
        };
        if host.is_none() && digest.is_none() && tag.is_none() && path.len() == 64 && path.bytes().all(is_hex) {
            return Err(ReferenceError::Identifier(path.to_owned()));
        }
        check_repository(path)?;
        if let Some(tag) = tag.filter(|t| !is_tag(t)) {
            return Err(ReferenceError::Tag(tag.to_owned()));
        }
        let registry = normal_host(host)?;
        let official = registry == "docker.io" && !path.contains('/');
        let repository = if official { format!("library/{path}") } else { path.to_owned() };
        if repository.len() > 255 {
            return Err(ReferenceError::TooLong(repository.len()));
        }
        Ok(Self { typed: typed.to_owned(), registry, repository, tag: tag.map(str::to_owned), digest })
    }
}

/// The first component is a host if it could be nothing else: `localhost`, a dot, a port, or upper case.
fn split_host(text: &str) -> (Option<&str>, &str) {
    match text.split_once('/') {
        Some((first, rest))
            if first == "localhost" || first.contains(['.', ':']) || first.bytes().any(|b| b.is_ascii_uppercase()) =>
        {
            (Some(first), rest)
        }
        _ => (None, text),
    }
}

fn normal_host(host: Option<&str>) -> Result<String, ReferenceError> {
    let Some(host) = host else { return Ok("docker.io".to_owned()) };
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (inside, after) = rest.split_once(']').ok_or_else(|| ReferenceError::Registry(host.to_owned()))?;
            let plain = !inside.is_empty() && inside.bytes().all(|b| is_hex(b) || b == b':');
            let after = after.strip_prefix(':').or(after.is_empty().then_some("0"));
            (plain, after)
        }
        None => {
            let (name, port) = host.split_once(':').map_or((host, "0"), |(n, p)| (n, p));
            (name.split('.').all(is_host_word), Some(port))
        }
    };
    let port = port.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    if !name || !port {
        return Err(ReferenceError::Registry(host.to_owned()));
    }
    Ok(if host == "index.docker.io" { "docker.io".to_owned() } else { host.to_owned() })
}

fn is_host_word(word: &str) -> bool {
    !word.is_empty()
        && !word.starts_with('-')
        && !word.ends_with('-')
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn is_hex(b: u8) -> bool {
    b.is_ascii_digit() || (b'a'..=b'f').contains(&b)
}

fn is_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    tag.len() <= 128 && tag.bytes().next().is_some_and(word) && tag.bytes().all(|b| word(b) || b == b'.' || b == b'-')
}

fn check_repository(path: &str) -> Result<(), ReferenceError> {
    if path.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(ReferenceError::UpperCase(path.to_owned()));
    }
    if path.split('/').all(is_component) { Ok(()) } else { Err(ReferenceError::Repository(path.to_owned())) }
}

/// Alphanumeric words joined by one `.`, one or two `_`, or any number of `-`.
fn is_component(component: &str) -> bool {
    let alnum = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = component.as_bytes();
    let ends = bytes.first().zip(bytes.last()).is_some_and(|(&a, &b)| alnum(a) && alnum(b));
    ends && bytes
        .split(|&b| alnum(b))
        .all(|gap| matches!(gap, b"" | b"." | b"_" | b"__") || gap.iter().all(|&b| b == b'-'))
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> String {
        match text.parse::<Reference>() {
            Ok(r) => format!("{} {} {:?}", r.registry(), r.repository(), r.tag()),
            Err(e) => format!("error: {e}"),
        }
    }

    #[test]
    fn fills_in_what_docker_does() {
        assert_eq!(parts("ubuntu"), "docker.io library/ubuntu None");
        assert_eq!(parts("index.docker.io/a/b:1"), "docker.io a/b Some(\"1\")");
        assert_eq!(parts("localhost/app"), "localhost app None");
        assert_eq!(parts("test.com:5000"), "docker.io library/test.com Some(\"5000\")");
        assert_eq!(parts("[::1]:5000/r:x"), "[::1]:5000 r Some(\"x\")");
        assert_eq!(parts("Uppercase/lower:t"), "Uppercase lower Some(\"t\")");
    }

    #[test]
    fn refuses_what_distribution_refuses() {
        for text in [
            "",
            "Uppercase:tag",
            "a//b",
            "a___b",
            "-a",
            "a-",
            "a_.b",
            "a/",
            ":tag",
            "@sha256:00",
            "a:.t",
            "foo_bar.com:8080/app",
            "https://host/x",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }

    #[test]
    fn digest_wins_and_the_tag_stays() {
        let text = format!("r.io/a:1@{}", Digest::of(b"x"));
        let reference: Reference = text.parse().unwrap();
        assert_eq!(reference.wanted(), Digest::of(b"x").to_string());
        assert_eq!(reference.tag(), Some("1"));
    }
}
