//! Which commits the tags and branches of a git repository name, asked of the server it lives on.
//!
//! One request: the list of references that every git server gives before a fetch
//! (<https://git-scm.com/docs/gitprotocol-http>, "Smart Server Response"), in the version of the protocol that all of
//! them speak. A server's list is its word; a commit is a hash, so that whoever pins one gets no other content.

use crate::registry::web::Web;
use crate::registry::{Ask, is_loopback, shown};
use crate::{RegistryError, RegistryOptions, TransportError};
use reqwest::Url;
use reqwest::header::HeaderMap;
use std::collections::BTreeMap;

/// The most bytes of a list that are read: some 200,000 references.
const LIST_LIMIT: usize = 16 << 20;

/// A server of git repositories.
pub struct Forge {
    web: Web,
    base: Url,
}

/// The references of a repository, by their names without `refs/`, and the commits they name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refs(BTreeMap<String, String>);

/// What a short name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// This commit, 40 hex digits.
    Commit(String),
    /// A tag and a branch of that name, which name different commits.
    Both {
        /// What the tag names.
        tag: String,
        /// What the branch names.
        branch: String,
    },
    /// Neither a tag nor a branch.
    Nothing,
}

impl Forge {
    /// The server at `base`, such as `https://github.com`; `http:` for loopback and hosts named as insecure.
    ///
    /// # Errors
    /// [`TransportError::Registry`] for an address that may not be asked.
    pub fn new(base: &str, options: &RegistryOptions) -> Result<Self, TransportError> {
        let said = |host: String, why: &str| {
            TransportError::registry("git server", RegistryError::Host { host, why: why.to_owned() })
        };
        let mut url = Url::parse(base).map_err(|e| said(model::escaped(base).into_owned(), &e.to_string()))?;
        // Without a sign-in, should there be one.
        let fail = |why: &str| said(shown(&url), why);
        let host = url.host_str().map(|host| url.port().map_or(host.to_owned(), |port| format!("{host}:{port}")));
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fail("an address with a sign-in in it would be shown with it"));
        }
        match (url.scheme(), host) {
            ("https", Some(_)) => {}
            ("http", Some(host)) if is_loopback(&url) || options.insecure.contains(&host) => {}
            ("http", Some(_)) => return Err(fail("without TLS anybody on the way could name a commit")),
            _ => return Err(fail("it is no https address")),
        }
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(Self { web: Web::new(options), base: url })
    }

    /// The tags and branches of `repository` (`owner/name`); nothing if the server has no such repository, or shows
    /// it to nobody who has not signed in.
    ///
    /// # Errors
    /// [`TransportError::Registry`] with what went wrong between us and the server, and for a list that is none.
    pub fn refs(&self, repository: &str) -> Result<Option<Refs>, TransportError> {
        let url = self.address(repository);
        let fail = |source| TransportError::registry(repository, source);
        let answer = self.web.send(&Ask::get(url.clone(), HeaderMap::new())).map_err(fail)?;
        match answer.response.status().as_u16() {
            200 => {
                let raw = self.web.document(answer.response, "list of references", LIST_LIMIT).map_err(fail)?;
                let parsed = Refs::parse(&raw);
                let host = || model::escaped(self.base.as_str()).into_owned();
                parsed.map(Some).map_err(|why| fail(RegistryError::Host { host: host(), why }))
            }
            401 | 403 | 404 => Ok(None),
            status => {
                let said = self.web.said(answer.response);
                Err(fail(RegistryError::Status { url: shown(&url), status, said }))
            }
        }
    }

    fn address(&self, repository: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(repository.split('/')).extend(["info", "refs"]);
        }
        url.set_query(Some("service=git-upload-pack"));
        url
    }
}

impl Refs {
    /// What `name` stands for: a tag, else a branch.
    pub fn named(&self, name: &str) -> Named {
        let of = |kind: &str| self.0.get(&format!("{kind}/{name}"));
        match (of("tags"), of("heads")) {
            (Some(tag), Some(branch)) if tag != branch => Named::Both { tag: tag.clone(), branch: branch.clone() },
            (Some(commit), _) | (None, Some(commit)) => Named::Commit(commit.clone()),
            (None, None) => Named::Nothing,
        }
    }

    /// Reads a list of references: packets of four hex digits of length and a line each. The object of an annotated
    /// tag gives way to what it was made of (`NAME^{}`).
    ///
    /// # Errors
    /// What of it is no such list, with the byte.
    pub fn parse(raw: &[u8]) -> Result<Self, String> {
        let mut packets = Packets { raw, at: 0 };
        match packets.next() {
            Some(Ok(Some(line))) if line == b"# service=git-upload-pack" => {}
            Some(Err(why)) => return Err(why),
            _ => return Err("it does not answer as a git server does".to_owned()),
        }
        let mut all = BTreeMap::new();
        let mut peeled = BTreeMap::new();
        for packet in packets {
            let Some(line) = packet? else { continue };
            let Some((commit, name)) = entry(line) else { continue };
            match name.strip_suffix("^{}") {
                Some(name) => peeled.insert(name.to_owned(), commit),
                None => all.insert(name.to_owned(), commit),
            };
        }
        all.extend(peeled);
        Ok(Self(all))
    }
}

/// A tag or branch of a line, `OBJECT refs/NAME[\0CAPABILITIES]`.
fn entry(line: &[u8]) -> Option<(String, &str)> {
    let line = line.split(|&b| b == 0).next()?;
    let (object, name) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    let name = name.strip_prefix("refs/")?;
    let wanted = name.starts_with("tags/") || name.starts_with("heads/");
    let commit = object.len() == 40 && object.bytes().all(|b| b.is_ascii_hexdigit());
    (wanted && commit).then(|| (object.to_ascii_lowercase(), name))
}

/// The lines of packets; `None` for one without content, which ends a part.
struct Packets<'r> {
    raw: &'r [u8],
    at: usize,
}

impl<'r> Iterator for Packets<'r> {
    type Item = Result<Option<&'r [u8]>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.raw.get(self.at..).filter(|rest| !rest.is_empty())?;
        let wrong = format!("its list of references is damaged at byte {}", self.at);
        let length = rest.get(..4).and_then(|digits| std::str::from_utf8(digits).ok());
        let length = length.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(length) = length.and_then(|digits| usize::from_str_radix(digits, 16).ok()) else {
            self.at = self.raw.len();
            return Some(Err(wrong));
        };
        if length == 0 {
            self.at += 4;
            return Some(Ok(None));
        }
        let Some(line) = rest.get(4..length) else {
            self.at = self.raw.len();
            return Some(Err(wrong));
        };
        self.at += length;
        Some(Ok(Some(line.strip_suffix(b"\n").unwrap_or(line))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::testing::{FakePace, Reply, Server};
    use std::sync::Arc;

    const FIRST: &str = "6439d1933b19a4a865c025efe8af55808c68c9e8";
    const SECOND: &str = "26a2aa5f493c69f3648325f7987af66d965184c3";
    /// An annotated tag of the first commit.
    const OBJECT: &str = "1016d75158bbb34dede480e66c06174852f6af8a";

    fn packet(line: &str) -> String {
        format!("{:04x}{line}", line.len() + 4)
    }

    /// What git 2.39.5 lists of a repository with two commits, two tags and three branches.
    fn list() -> String {
        let lines = [
            format!("{SECOND} HEAD\0multi_ack thin-pack symref=HEAD:refs/heads/main object-format=sha1\n"),
            format!("{SECOND} refs/heads/main\n"),
            format!("{FIRST} refs/heads/release\n"),
            format!("{SECOND} refs/heads/v1\n"),
            format!("{SECOND} refs/pull/7/head\n"),
            format!("{FIRST} refs/tags/v1\n"),
            format!("{OBJECT} refs/tags/v2\n"),
            format!("{FIRST} refs/tags/v2^{{}}\n"),
        ];
        let lines: String = lines.iter().map(|line| packet(line)).collect();
        format!("{}0000{lines}0000", packet("# service=git-upload-pack\n"))
    }

    fn forge(server: &Server, path: &str) -> Forge {
        let options = RegistryOptions { pace: Arc::new(FakePace::default()), ..RegistryOptions::default() };
        Forge::new(&format!("http://{}{path}", server.host), &options).unwrap()
    }

    #[test]
    fn a_name_is_a_tag_else_a_branch_and_an_annotated_tag_its_commit() {
        let refs = Refs::parse(list().as_bytes()).unwrap();
        let commit = |commit: &str| Named::Commit(commit.to_owned());
        assert_eq!(refs.named("main"), commit(SECOND));
        assert_eq!(refs.named("release"), commit(FIRST));
        assert_eq!(refs.named("v2"), commit(FIRST));
        assert_eq!(refs.named("v1"), Named::Both { tag: FIRST.to_owned(), branch: SECOND.to_owned() });
        for nothing in ["v", "HEAD", "7/head", "v2^{}", ""] {
            assert_eq!(refs.named(nothing), Named::Nothing, "{nothing}");
        }
    }

    #[test]
    fn one_request_brings_the_list() {
        let server = Server::start(|seen| match seen.path.as_str() {
            "/git/o/r/info/refs?service=git-upload-pack" => Reply::new(200).body(list()),
            "/git/o/moved/info/refs?service=git-upload-pack" => {
                Reply::new(301).header("location", "/git/o/r/info/refs?service=git-upload-pack")
            }
            "/git/o/page/info/refs?service=git-upload-pack" => Reply::new(200).body("<html>Sign in</html>"),
            _ => Reply::new(404),
        });
        let forge = forge(&server, "/git/");
        let main = |repository: &str| forge.refs(repository).unwrap().unwrap().named("main");
        assert_eq!(main("o/r"), Named::Commit(SECOND.to_owned()));
        assert_eq!(main("o/moved"), Named::Commit(SECOND.to_owned()));
        assert_eq!(forge.refs("o/none").unwrap(), None);
        assert_eq!(forge.refs("../..?x=#").unwrap(), None, "a name stays a name");
        let error = forge.refs("o/page").unwrap_err();
        assert!(error.to_string().contains("damaged at byte 0"), "{error:?}");
    }

    #[test]
    fn lists_that_are_none() {
        for (raw, expected) in [
            ("", "does not answer as a git server"),
            ("0000", "does not answer as a git server"),
            ("001f# service=git-receive-pack\n", "does not answer as a git server"),
            ("001e# service=git-upload-pack\n0000zzzz", "damaged at byte 34"),
            ("001e# service=git-upload-pack\n0003", "damaged at byte 30"),
            ("001e# service=git-upload-pack\n00ffshort", "damaged at byte 30"),
            ("+01e# service=git-upload-pack\n", "damaged at byte 0"),
        ] {
            let why = Refs::parse(raw.as_bytes()).unwrap_err();
            assert!(why.contains(expected), "{raw:?}: {why}");
        }
        let odd = format!("{}{}", packet("# service=git-upload-pack\n"), packet("no entry at all\n"));
        assert_eq!(Refs::parse(odd.as_bytes()), Ok(Refs::default()));
    }

    #[test]
    fn addresses_that_are_not_asked() {
        for (base, expected) in [
            ("http://git.example", "without TLS"),
            ("https://me:secret@git.example", "sign-in"),
            ("ssh://git.example", "no https address"),
            ("git.example", "relative URL"),
        ] {
            let Err(error) = Forge::new(base, &RegistryOptions::default()) else { panic!("{base}") };
            let words = error.to_string();
            assert!(words.contains(expected) && !words.contains("secret"), "{base}: {words}");
        }
    }
}
