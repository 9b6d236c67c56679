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

    /// The name as people write it: without `docker.io` and Docker Hub's `library/`, tag and digest kept.
    ///
    /// Read again it gives the same registry, repository, tag and digest, so the registry stays where the short
    /// form would be read otherwise (a repository of 64 hex characters, or one that looks like a host).
    pub fn familiar(&self) -> String {
        let mut text = self.name();
        let short = self.repository.strip_prefix("library/").filter(|s| !s.contains('/')).unwrap_or(&self.repository);
        let whole = self.tag.is_none() && self.digest.is_none();
        let same = split_host(short).0.is_none() && !(whole && is_identifier(short));
        if self.registry == "docker.io" && same {
            text = short.to_owned();
        }
        if let Some(tag) = &self.tag {
            text = format!("{text}:{tag}");
        }
        self.digest.iter().fold(text, |text, digest| format!("{text}@{digest}"))
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
        if host.is_none() && digest.is_none() && tag.is_none() && is_identifier(path) {
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
            let plain = !inside.is_empty() && inside.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
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

/// What Docker prints as an image's full id.
fn is_identifier(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
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

    /// The parts of a reference, or `error: …`.
    fn parts(text: &str) -> String {
        match text.parse::<Reference>() {
            Ok(r) => {
                let tag = r.tag().map(|t| format!(" :{t}")).unwrap_or_default();
                let digest = r.digest().map(|d| format!(" @{}", d.algorithm().name())).unwrap_or_default();
                format!("{} {}{tag}{digest}", r.registry(), r.repository())
            }
            Err(e) => format!("error: {e}"),
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(parts(text), expected, "{text}");
    }

    fn refused(texts: &[&str]) {
        for text in texts {
            assert!(text.parse::<Reference>().is_err(), "{text} is {}", parts(text));
        }
    }

    fn sha256() -> String {
        Digest::of(b"x").to_string()
    }

    #[test]
    fn docker_hub_is_filled_in() {
        check("ubuntu", "docker.io library/ubuntu");
        check("ubuntu:22.04", "docker.io library/ubuntu :22.04");
        check("docker.io/debian", "docker.io library/debian");
        check("docker.io/library/debian", "docker.io library/debian");
        check("index.docker.io/a/b:1", "docker.io a/b :1");
        check("index.docker.io/debian", "docker.io library/debian");
        check("library/debian", "docker.io library/debian");
        check("docker.io/library/foo/bar", "docker.io library/foo/bar");
        check("foo/bar/baz", "docker.io foo/bar/baz");
        check("registry-1.docker.io/library/debian", "registry-1.docker.io library/debian");
        check("127.0.0.1:5000/docker/debian", "127.0.0.1:5000 docker/debian");
        check(
            "docker/_docker",
            "error: `docker/_docker` is not an image reference: a repository is lower-case words joined by `/`, `.`, `-`, `_` or `__`",
        );
    }

    #[test]
    fn the_first_component_is_a_host_if_it_can_be_nothing_else() {
        check("test.com:5000", "docker.io library/test.com :5000");
        check("test:5000/repo", "test:5000 repo");
        check("test:5000/repo:tag", "test:5000 repo :tag");
        check("test.com/repo:tag", "test.com repo :tag");
        check("test_com", "docker.io library/test_com");
        check("test_com/foo", "docker.io test_com/foo");
        check("localhost", "docker.io library/localhost");
        check("localhost:5000", "docker.io library/localhost :5000");
        check("localhost/app", "localhost app");
        check("localhost:5000/app", "localhost:5000 app");
        check("192.168.1.1", "docker.io library/192.168.1.1");
        check("192.168.1.1:5000", "docker.io library/192.168.1.1 :5000");
        check("192.168.1.1:5000/repo:5050", "192.168.1.1:5000 repo :5050");
        check("192.168.1.1/repo", "192.168.1.1 repo");
        check("foo_bar.com:8080", "docker.io library/foo_bar.com :8080");
        check("foo/foo_bar.com:8080", "docker.io foo/foo_bar.com :8080");
        check("LOCALDOMAIN/debian", "LOCALDOMAIN debian");
        check("LOCALDOMAIN:5000/debian", "LOCALDOMAIN:5000 debian");
        check("Uppercase/lowercase:tag", "Uppercase lowercase :tag");
        check("xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com myimage :xn--n3h.com");
        check("sub-dom1.foo.com/bar/baz/quux:some-long-tag", "sub-dom1.foo.com bar/baz/quux :some-long-tag");
        check("b.gcr.io/test.example.com/my-app:t.e.com", "b.gcr.io test.example.com/my-app :t.e.com");
        check("a.b:123456/c", "a.b:123456 c");
    }

    #[test]
    fn hosts_that_are_none() {
        refused(&[
            "foo_bar.com:8080/app",
            "example./x",
            ".example.com/x",
            "-a.com/x",
            "a-.com/x",
            "a..com/x",
            "host:/x",
            "host:1a/x",
            ":5000/x",
            "https://host/x",
            "http:///x",
            "host.com:1:2/x",
            "☃.com/foo",
            "user@host.com/x",
            "//host/x",
            "aa/asdf$$^/aa",
            "[::1]5000/x",
        ]);
    }

    #[test]
    fn ipv6_hosts_stand_in_brackets() {
        check("[::1]:5000/r:x", "[::1]:5000 r :x");
        check("[2001:db8::1]/repo", "[2001:db8::1] repo");
        check("[2001:DB8::1]:5000/repo/x:t", "[2001:DB8::1]:5000 repo/x :t");
        check("[1::2::3]/x", "[1::2::3] x");
        check("[fd00123123123]:75050/x", "[fd00123123123]:75050 x");
        check(&format!("[::1]:5000/r@{}", sha256()), "[::1]:5000 r @sha256");
        refused(&[
            "[2001:db8::1]",
            "[2001:db8::1]:5000",
            "[::1%eth0]/x",
            "[fe80::1%25eth0]:5000/x",
            "[::ffff:192.0.2.1]/x",
            "2001:db8::1/x",
            "2001:db8::1:5000/x",
            "[]/x",
            "[::1/x",
            "::1]/x",
            "[::1]:/x",
            "[[::1]]/x",
            "[g::1]/x",
        ]);
    }

    #[test]
    fn a_repository_is_lower_case() {
        for text in ["Uppercase:tag", "docker.io/docker/Docker", "docker/Docker", "a/B", "test:5000/Uppercase/lower"] {
            assert!(matches!(text.parse::<Reference>(), Err(ReferenceError::UpperCase(_))), "{text}");
        }
    }

    #[test]
    fn separators() {
        for text in ["a__b", "a---b", "a-b", "a.b", "a_b", "a--b/c__d", "a0-1", "0"] {
            check(text, &format!("docker.io {}{text}", if text.contains('/') { "" } else { "library/" }));
        }
        refused(&[
            "a___b", "a..b", "a_.b", "a._b", "a-_b", "-a", "a-", "_a", "a_", ".a", "a.", "a//b", "a/", "/a", "a/-b",
            "a/b/", "a/./b", "a/../b", "x..y/z",
        ]);
    }

    #[test]
    fn an_image_id_is_no_name() {
        let id = "1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5c7b9a1f3e5d7c9b1a3f";
        assert!(matches!(id.parse::<Reference>(), Err(ReferenceError::Identifier(_))));
        check(&format!("docker.io/{id}"), &format!("docker.io library/{id}"));
        check(&format!("{id}:tag"), &format!("docker.io library/{id} :tag"));
        check(&id[1..], &format!("docker.io library/{}", &id[1..]));
    }

    #[test]
    fn lengths() {
        let long = |n: usize| format!("r.io/{}", "a".repeat(n));
        check(&long(255), &format!("r.io {}", "a".repeat(255)));
        assert!(matches!(long(256).parse::<Reference>(), Err(ReferenceError::TooLong(256))));
        check(&format!("r.io/{}a", "a/".repeat(127)), &format!("r.io {}a", "a/".repeat(127)));
        refused(&[&format!("r.io/{}a", "a/".repeat(128)), &"a".repeat(248)]);
        check(&format!("a:{}", "t".repeat(128)), &format!("docker.io library/a :{}", "t".repeat(128)));
        refused(&[&format!("a:{}", "t".repeat(129))]);
    }

    #[test]
    fn tags() {
        check("a:Upper_Case-1.0", "docker.io library/a :Upper_Case-1.0");
        check("a:_", "docker.io library/a :_");
        refused(&["a:", "a:.t", "a:-t", "a:t/b:c", "a:b:c", "a:t ", "a:ü", ":tag", ":justtag", "a:+"]);
    }

    #[test]
    fn digests() {
        let (short, long) = (sha256(), Digest::of(b"").hex().repeat(2));
        check(&format!("a@{short}"), "docker.io library/a @sha256");
        check(&format!("r.io/a:1@{short}"), "r.io a :1 @sha256");
        check(&format!("localhost:8080@{short}"), "docker.io library/localhost :8080 @sha256");
        check(&format!("xn--7o8h.com/m:t@sha512:{long}"), "xn--7o8h.com m :t @sha512");
        refused(&[
            "localhost:8080@sha256",
            "a@sha256:",
            "a@2bad",
            "a@",
            "a@sha256:ffff",
            "@sha256:00",
            &format!("@{short}"),
            &format!("a@sha256:{long}"),
            &format!("a@sha512:{}", &short[7..]),
            &format!("a@algo+b64:{long}"),
            &format!("a@md5:{}", &short[7..39]),
            &format!("a@sha256:{}", short[7..].to_uppercase()),
            &format!("a@{short}:tag"),
            &format!("a@{short}@{short}"),
            &format!("a:@{short}"),
            &format!("a@SHA256:{}", &short[7..]),
        ]);
    }

    #[test]
    fn nothing_and_white_space() {
        assert_eq!("".parse::<Reference>(), Err(ReferenceError::Empty));
        refused(&[" ", " a", "a ", "a b", "a\n", "a\t/b", "\u{a0}a", "a/\0"]);
    }

    #[test]
    fn the_digest_wins_and_the_tag_stays() {
        let text = format!("r.io/a:1@{}", sha256());
        let reference: Reference = text.parse().unwrap();
        assert_eq!(reference.wanted(), sha256());
        assert_eq!(reference.tag(), Some("1"));
        assert_eq!(reference.as_typed(), text);
        assert_eq!("a".parse::<Reference>().unwrap().wanted(), "latest");
    }

    #[test]
    fn the_familiar_form_reads_the_same_again() {
        let hex = "a".repeat(64);
        let pinned = format!("docker.io/library/debian:12@{}", sha256());
        let cases = [
            ("docker.io/library/debian", "debian".to_owned()),
            ("index.docker.io/foo/bar:1", "foo/bar:1".to_owned()),
            ("docker.io/library/foo/bar", "library/foo/bar".to_owned()),
            ("r.io:5000/library/x", "r.io:5000/library/x".to_owned()),
            (&format!("docker.io/{hex}"), format!("docker.io/library/{hex}")),
            ("docker.io/library/localhost", "localhost".to_owned()),
            ("docker.io/localhost/x", "docker.io/localhost/x".to_owned()),
            (&pinned, pinned["docker.io/library/".len()..].to_owned()),
        ];
        for (typed, familiar) in cases {
            let reference: Reference = typed.parse().unwrap();
            assert_eq!(reference.familiar(), familiar);
            assert_eq!(parts(&familiar), parts(typed), "{typed}");
        }
    }
}
