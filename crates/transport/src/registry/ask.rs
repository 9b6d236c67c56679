//! What is asked of a server: method, address, headers and a body that can be sent more than once.
//!
//! Whether a failed request may be made again, and whether a redirect may be followed, is decided here by the
//! method: what changes something on a server is not repeated where nobody knows whether it was done.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use std::io::{self, Read};
use std::sync::Arc;

/// One request, as often as it takes.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
}

/// What a request carries.
#[derive(Clone)]
pub(crate) enum Body {
    Nothing,
    /// A sign-in: never sent on to another address.
    Form(String),
    Bytes(Arc<[u8]>),
    /// Read anew for every try, and so many bytes as the source says.
    Stream(Arc<dyn Source>),
    /// The same, in chunks of HTTP, so that it can end early and yet whole.
    Open(Arc<dyn Source>),
}

/// Bytes that can be read from their start again.
pub(crate) trait Source: Send + Sync {
    /// How many there are.
    fn size(&self) -> u64;
    /// From the first byte on.
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;
}

impl Ask {
    /// A GET with these headers.
    pub(crate) fn get(url: Url, headers: HeaderMap) -> Self {
        Self { method: Method::GET, url, headers, body: Body::Nothing }
    }

    /// Any other request; its headers and body are put in by the caller.
    pub(super) fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Body::Nothing }
    }

    /// A POST of a form that holds a secret.
    pub(super) fn form(url: Url, form: String) -> Self {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind)]);
        Self { method: Method::POST, url, headers, body: Body::Form(form) }
    }

    /// The same with `Authorization`.
    pub(super) fn authorized(&self, with: Option<HeaderValue>) -> Self {
        let mut ask = self.clone();
        if let Some(value) = with {
            ask.headers.insert(AUTHORIZATION, value);
        }
        ask
    }

    fn reads(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }

    /// Whether asking twice is as good as once: where something is only read, where the second PUT of a document
    /// puts what the first put, and where a sign-in is asked for.
    fn repeats(&self) -> bool {
        let whole = matches!(self.body, Body::Nothing | Body::Bytes(_));
        self.reads() || (self.method == Method::PUT && whole) || matches!(self.body, Body::Form(_))
    }

    /// Whether the request may be made again after this answer. A server that asks for patience has done nothing.
    pub(super) fn may_repeat_after(&self, status: StatusCode) -> bool {
        match status.as_u16() {
            429 | 503 => true,
            408 | 500 | 502 | 504 => self.repeats(),
            _ => false,
        }
    }

    /// Whether the request may be made again where no answer came.
    pub(super) fn may_repeat_unanswered(&self) -> bool {
        self.repeats()
    }

    /// Whether a redirect of this status may be followed: reading follows all, a change only those that keep the
    /// method, and a sign-in none.
    pub(super) fn follows(&self, status: StatusCode) -> Result<(), &'static str> {
        match (&self.body, status.as_u16()) {
            (Body::Form(_), _) => Err("a sign-in is not sent on"),
            (_, 307 | 308) => Ok(()),
            _ if self.reads() => Ok(()),
            _ => Err("a change is only sent on by 307 and 308"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: Method, body: Body) -> Ask {
        let mut ask = Ask::new(method, Url::parse("https://r.io/v2/").unwrap());
        ask.body = body;
        ask
    }

    struct Nowhere;

    impl Source for Nowhere {
        fn size(&self) -> u64 {
            0
        }

        fn open(&self) -> io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(io::empty()))
        }
    }

    #[test]
    fn what_may_be_asked_twice() {
        let check = |ask: Ask, after_503: bool, after_500: bool, unanswered: bool| {
            let after = |status: u16| ask.may_repeat_after(StatusCode::from_u16(status).unwrap());
            let found = (after(503), after(500), ask.may_repeat_unanswered());
            assert_eq!(found, (after_503, after_500, unanswered), "{}", ask.method);
            assert!(after(429) && !after(404) && !after(200) && !after(501));
        };
        let bytes = || Body::Bytes(Arc::from(*b"x"));
        check(ask(Method::GET, Body::Nothing), true, true, true);
        check(ask(Method::HEAD, Body::Nothing), true, true, true);
        check(ask(Method::PUT, bytes()), true, true, true);
        check(ask(Method::PUT, Body::Stream(Arc::new(Nowhere))), true, false, false);
        check(ask(Method::POST, Body::Nothing), true, false, false);
        check(ask(Method::PATCH, bytes()), true, false, false);
        check(ask(Method::DELETE, Body::Nothing), true, false, false);
        check(Ask::form(Url::parse("https://r.io/token").unwrap(), String::new()), true, true, true);
    }

    #[test]
    fn what_follows_redirects() {
        let follows = |ask: &Ask, status: u16| ask.follows(StatusCode::from_u16(status).unwrap()).is_ok();
        let get = ask(Method::GET, Body::Nothing);
        assert!([301, 302, 303, 307, 308].into_iter().all(|status| follows(&get, status)));
        let put = ask(Method::PUT, Body::Nothing);
        assert_eq!([301, 302, 303, 307, 308].map(|status| follows(&put, status)), [false, false, false, true, true]);
        let form = Ask::form(Url::parse("https://r.io/token").unwrap(), String::new());
        assert!(![301, 302, 303, 307, 308].into_iter().any(|status| follows(&form, status)));
    }
}
