//! Whether a tag still names what it named: one HEAD, which registries do not count as a pull.
//!
//! A HEAD has no bytes to hash, so its answer is a claim. What changed, or cannot be told, is worth a GET.

use super::ask::Ask;
use super::manifest::accept;
use super::scope::Rights;
use super::stated::Stated;
use super::{Registry, RegistryError};
use crate::TransportError;
use model::{Digest, Reference};
use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderValue, IF_NONE_MATCH};

/// What a registry states of a tag, without its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Poll {
    /// It names the same digest as before: a claim.
    Unchanged,
    /// It names this digest now: a claim.
    Changed(Digest),
    /// The answer states no digest that we know.
    Unstated,
}

impl Registry {
    /// Asks the registry itself whether `tag` still names `known`.
    ///
    /// # Errors
    /// As [`Registry::sight`]; a tag that is gone is [`RegistryError::NotFound`].
    pub fn poll(&self, reference: &Reference, tag: &str, known: &Digest) -> Result<Poll, TransportError> {
        self.stated(reference, tag, Some(known)).map(|stated| match stated {
            None => Poll::Unchanged,
            Some(stated) => match stated.digest.as_deref().map(str::parse::<Digest>) {
                Some(Ok(digest)) if digest == *known => Poll::Unchanged,
                Some(Ok(digest)) => Poll::Changed(digest),
                _ => Poll::Unstated,
            },
        })
    }

    /// What the registry itself states of a tag or digest in answer to a HEAD; nothing if it says that it is `known`.
    ///
    /// # Errors
    /// As [`Registry::sight`].
    pub fn stated(
        &self,
        reference: &Reference,
        wanted: &str,
        known: Option<&Digest>,
    ) -> Result<Option<Stated>, TransportError> {
        let fail = |source| TransportError::registry(reference.as_typed(), source);
        let repository = self.home(reference)?;
        let mut ask = Ask::new(Method::HEAD, repository.url("manifests", wanted));
        ask.headers.insert(ACCEPT, accept());
        if let Some(known) = known {
            let tag = HeaderValue::try_from(format!("\"{known}\""));
            ask.headers.insert(IF_NONE_MATCH, tag.map_err(|e| fail(RegistryError::Client(e.to_string())))?);
        }
        let told = self.0.ask(&repository, &repository.scope(Rights::PULL), &ask).map_err(fail)?;
        match told.response.status().as_u16() {
            304 => Ok(None),
            200 => Ok(Some(Stated::of(told.response.headers()))),
            _ => Err(fail(self.0.refused(&repository, told, &format!("manifest `{wanted}` in `{}`", repository.name)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Reply, Server, client};
    use super::super::tests::{reference, registry};
    use super::*;

    fn poll(server: &Server, known: &Digest) -> Result<Poll, String> {
        let (registry, _) = client(None);
        let answer = registry.poll(&reference(server, "app:1"), "1", known);
        answer.map_err(|e| e.to_string().replace(&server.host, "HOST"))
    }

    #[test]
    fn one_head_tells_that_nothing_changed() {
        let known = Digest::of(b"known");
        for status in [304, 200] {
            let (server, _) =
                registry(move |_, _| Some(Reply::new(status).header("docker-content-digest", &known.to_string())));
            assert_eq!(poll(&server, &known), Ok(Poll::Unchanged));
            assert_eq!(server.paths(), ["HEAD /v2/app/manifests/1"]);
            let seen = &server.seen()[0];
            assert_eq!(seen.header("if-none-match"), format!("\"{known}\""));
            assert_eq!(seen.header("accept").split(", ").count(), 4);
        }
    }

    #[test]
    fn a_change_and_an_answer_that_tells_nothing() {
        let known = Digest::of(b"known");
        let now = Digest::of(b"now");
        let (server, _) = registry(move |_, _| Some(Reply::new(200).header("docker-content-digest", &now.to_string())));
        assert_eq!(poll(&server, &known), Ok(Poll::Changed(now)));
        for bare in [Reply::new(200), Reply::new(200).header("docker-content-digest", "blake3:00")] {
            let server = Server::start(move |_| bare.clone());
            assert_eq!(poll(&server, &known), Ok(Poll::Unstated));
        }
    }

    #[test]
    fn what_is_gone_or_hidden() {
        let known = Digest::of(b"known");
        let server = Server::start(|_| Reply::new(404));
        assert_eq!(poll(&server, &known).unwrap_err(), "`HOST/app:1`: HOST has no manifest `1` in `app`");
        let server = Server::start(|_| Reply::new(403));
        assert!(poll(&server, &known).unwrap_err().contains("refuses access"));
    }
}
