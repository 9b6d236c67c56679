//! All tags of a repository, page by page
//! (<https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-tags>).
//!
//! The list is whole or an error: whoever compares two lists must never take a short one for tags that vanished.
//! `Link` leads on, whatever the number of tags on a page, but not to another host and not in circles.

use super::endpoint::{Repository, shown};
use super::{Registry, RegistryError, links};
use crate::TransportError;
use model::Reference;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Tags that are asked for at a time; registries may give fewer, or all.
const PAGE: &str = "1000";
const PAGE_LIMIT: usize = 64 << 20;
/// More pages than any real repository has.
const PAGES: usize = 10_000;
/// More tags than are kept in memory.
const TAGS: usize = 2_000_000;

/// The tags of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    /// Sorted, each once.
    pub names: Vec<String>,
    /// Names in the list that no tag can have; they are left out.
    pub odd: usize,
}

#[derive(Deserialize)]
struct Page {
    /// `null` where there are none; a document without the key is an error that came with 200, and no list.
    #[serde(deserialize_with = "Option::deserialize")]
    tags: Option<Vec<String>>,
}

impl Registry {
    /// Lists all tags of the repository of `reference`, on the registry itself.
    ///
    /// # Errors
    /// As [`Registry::sight`], and where any of the pages cannot be had.
    pub fn tags(&self, reference: &Reference) -> Result<Tags, TransportError> {
        let repository = self.home(reference)?;
        list(self, &repository, PAGES).map_err(|source| TransportError::registry(reference.as_typed(), source))
    }
}

fn list(client: &Registry, repository: &Repository, pages: usize) -> Result<Tags, RegistryError> {
    let mut url = repository.url("tags", "list");
    url.query_pairs_mut().append_pair("n", PAGE);
    let first = url.clone();
    let what = format!("repository `{}`", repository.name);
    let mut names = BTreeSet::new();
    let mut odd = 0;
    let mut asked = BTreeSet::from([url.to_string()]);
    loop {
        let response = client.0.get(repository, url.clone(), HeaderMap::new(), &what)?;
        let next = links::next(&url, response.headers())?;
        let body = client.0.web.document(response, "list of tags", PAGE_LIMIT)?;
        let page: Page = serde_json::from_slice(&body).map_err(|_| RegistryError::NoList { url: shown(&url) })?;
        for name in page.tags.unwrap_or_default() {
            if is_tag(&name) {
                names.insert(name);
            } else {
                odd += 1;
            }
        }
        let Some(next) = next else { return Ok(Tags { names: names.into_iter().collect(), odd }) };
        if !asked.insert(next.to_string()) {
            return Err(RegistryError::Redirect { url: shown(&url), why: "in a circle of pages" });
        }
        if asked.len() > pages || names.len() > TAGS {
            return Err(RegistryError::TooLarge { url: shown(&first), what: "list of tags", limit: TAGS });
        }
        url = next;
    }
}

fn is_tag(name: &str) -> bool {
    format!("a:{name}").parse::<Reference>().is_ok_and(|r| r.tag() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Reply, Seen, Server, client};
    use super::super::tests::reference;
    use super::*;

    /// The tags, or the error, and how many pages were asked for.
    fn tags(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (Result<String, String>, usize) {
        let server = Server::start(answer);
        let (registry, _) = client(None);
        let found = registry.tags(&reference(&server, "app"));
        let found = found.map(|t| format!("{} odd {}", t.names.join(" "), t.odd));
        (found.map_err(|e| e.to_string().replace(&server.host, "HOST")), server.seen().len())
    }

    fn page(tags: &str) -> Reply {
        Reply::new(200).header("content-type", "application/json").body(format!(r#"{{"name":"app","tags":{tags}}}"#))
    }

    fn number(seen: &Seen) -> usize {
        seen.path.split_once("last=").map_or(0, |(_, n)| n.split('&').next().unwrap().parse().unwrap())
    }

    #[test]
    fn one_page() {
        let check = |tags_: &'static str, expected: &str| {
            assert_eq!(tags(move |_| page(tags_)), (Ok(expected.to_owned()), 1));
        };
        check(r#"["b","a","b"]"#, "a b odd 0");
        check("null", " odd 0");
        check("[]", " odd 0");
        check(r#"["1","-x","","a b","\u001b[31m"]"#, "1 odd 4");
        let (found, _) = tags(|_| Reply::new(200).body("<html>"));
        assert!(found.unwrap_err().ends_with("http://HOST/v2/app/tags/list?… is not a list of tags"));
    }

    #[test]
    fn links_lead_on_however_they_are_written() {
        for link in [
            "</v2/app/tags/list?last=1&n=1000>; rel=\"next\"",
            "<list?last=1&n=1000>;rel=next",
            "<http://HOST/v2/app/tags/list?last=1>; title=\"a, b\"; REL=\"prev Next\"",
            "</x,y>; rel=\"prev\", </v2/app/tags/list?last=1>; rel=\"next\"",
        ] {
            let (found, pages) = tags(move |seen| match number(seen) {
                // Fewer than were asked for, and still there is more.
                0 => page(r#"["a"]"#).header("link", &link.replace("HOST", seen.header("host"))),
                _ => page(r#"["b"]"#),
            });
            assert_eq!((found, pages), (Ok("a b odd 0".to_owned()), 2), "{link}");
        }
        // An empty page is no end either.
        let (found, pages) = tags(|seen| match number(seen) {
            0 => page("null").header("link", "<list?last=1>; rel=next"),
            _ => page(r#"["z"]"#),
        });
        assert_eq!((found, pages), (Ok("z odd 0".to_owned()), 2));
    }

    #[test]
    fn an_error_that_comes_as_a_page_is_no_short_list() {
        for body in [r#"{"errors":[{"code":"TOOMANYREQUESTS"}]}"#, r#"{"name":"app"}"#] {
            let (found, _) = tags(move |seen| match number(seen) {
                0 => page(r#"["a"]"#).header("link", "<list?last=1>; rel=next"),
                _ => Reply::new(200).body(body),
            });
            assert!(found.is_err(), "{body}: {found:?}");
        }
    }

    #[test]
    fn links_that_are_not_followed() {
        let check = |link: &'static str, expected: &str| {
            let (found, pages) = tags(move |_| page(r#"["a"]"#).header("link", link));
            let error = found.unwrap_err();
            assert!(error.contains(expected) && pages <= 2, "{error}, {pages} pages");
        };
        check("<https://elsewhere.example/v2/app/tags/list?last=1>; rel=next", "the next page is on another host");
        check("<//169.254.169.254/>; rel=next", "the next page is on another host");
        check("<http://[>; rel=next", "it names no address");
        check("next; rel=next", "it names no address");
        check("<list?n=1000>; rel=next", "in a circle of pages");
        assert_eq!(tags(|_| page(r#"["a"]"#).header("link", "<list?last=1>; rel=prev")).1, 1);
    }

    #[test]
    fn a_page_that_fails_fails_the_list() {
        let until = |failing: Reply| {
            tags(move |seen| match number(seen) {
                7 => failing.clone(),
                n => page(&format!(r#"["t{n}"]"#)).header("link", &format!("<list?last={}>; rel=next", n + 1)),
            })
        };
        let busy = Reply::new(429).body("toomanyrequests: retry-after: 880.092us");
        assert_eq!(until(busy).0.unwrap_err(), "`HOST/app`: HOST asks for fewer requests");
        let busy = Reply::new(429).header("retry-after", "100000");
        assert!(until(busy).0.unwrap_err().ends_with("to come back in 100000 s"));
        assert!(until(Reply::new(500)).0.unwrap_err().contains("answered 500"));
        assert!(until(Reply::new(404)).0.unwrap_err().contains("has no repository `app`"));
        assert!(until(page(r#"["x"]"#).cut(9)).0.unwrap_err().contains("broke off at byte 9"));
    }

    #[test]
    fn endless_pages_end() {
        let server =
            Server::start(|seen| page("[]").header("link", &format!("<list?last={}>; rel=next", number(seen) + 1)));
        let (registry, _) = client(None);
        let repository = registry.home(&reference(&server, "app")).unwrap();
        let error = list(&registry, &repository, 20).unwrap_err();
        assert!(matches!(error, RegistryError::TooLarge { what: "list of tags", .. }), "{error}");
        assert_eq!(server.seen().len(), 20);
    }

    #[test]
    fn an_unknown_repository_is_said() {
        let (found, _) =
            tags(|_| Reply::new(404).body(r#"{"errors":[{"code":"NAME_UNKNOWN","message":"not known"}]}"#));
        assert_eq!(found.unwrap_err(), "`HOST/app`: HOST has no repository `app`: NAME_UNKNOWN not known");
    }
}
