//! One HTTP exchange: redirects followed by hand, failures that pass tried again.
//!
//! reqwest's own redirects are off, because `Authorization` may not cross to another host and because a redirect
//! may not lead anywhere (see [`super::endpoint`]). Nothing here knows about sign-ins beyond the header it is given.

use super::ask::{Ask, Body};
use super::endpoint::{is_loopback, may_lead, shown};
use super::pace::{ATTEMPTS, LONGEST_WAIT, Pace, backoff, retry_after};
use super::trust::{Trust, authority};
use super::warning::Warnings;
use super::wire::{LATE, Lost, Outgoing, Response, Wire};
use super::{RegistryError, RegistryOptions};
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, RequestBuilder};
use std::collections::HashMap;
use std::io::Read as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

const REDIRECTS: usize = 10;
/// A small document that takes longer than this to arrive is given up.
const DOCUMENT_TIME: Duration = Duration::from_secs(120);
/// The slowest upload that is borne, as the time for a kibibyte; a peer that takes nothing at all is noticed by the
/// system much earlier.
const SLOWEST: Duration = Duration::from_secs(1);
/// No error document is read further.
const ERROR_LIMIT: usize = 64 << 10;

/// The HTTP clients and their patience.
pub(crate) struct Web {
    /// By [`Way`] and host, each made when it is first needed; hosts without certificates of their own share the
    /// one that is filed under no host.
    clients: Mutex<HashMap<(Way, String), Client>>,
    /// Made when it is first needed.
    wire: OnceLock<Wire>,
    options: RegistryOptions,
    pub(super) warnings: Warnings,
    pub(super) pace: Arc<dyn Pace>,
}

/// The ways to a server, each with a client of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// Plain HTTP on this machine: no proxy could reach it, and no certificates are needed.
    Loopback,
    /// TLS on this machine.
    SecureLoopback,
    /// Elsewhere, through the environment's proxies.
    Network,
}

/// An answer, after redirects.
pub(crate) struct Answer {
    pub(crate) response: Response,
    /// Whether it comes from the host that was asked, so that its challenge may be answered.
    pub(super) home: bool,
}

/// One try that got no answer.
struct Failure {
    error: RegistryError,
    passing: bool,
}

impl Web {
    pub(crate) fn new(options: &RegistryOptions) -> Self {
        let (clients, wire, warnings) = Default::default();
        Self { clients, wire, options: options.clone(), warnings, pace: Arc::clone(&options.pace) }
    }

    fn client(&self, url: &Url) -> Result<Client, RegistryError> {
        let way = match (is_loopback(url), url.scheme()) {
            (true, "http") => Way::Loopback,
            (true, _) => Way::SecureLoopback,
            (false, _) => Way::Network,
        };
        let host = authority(url);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&(way, host.clone())) {
            return Ok(client.clone());
        }
        let trust = if url.scheme() == "https" { self.options.certificates.of(&host)? } else { Trust::default() };
        let shared = (way, String::new());
        let client = match clients.get(&shared).filter(|_| !trust.own) {
            Some(client) => client.clone(),
            None => {
                let own = trust.own;
                let made = build(&self.options, way, trust).map_err(|e| RegistryError::Client(cause(e)))?;
                if !own {
                    clients.insert(shared, made.clone());
                }
                made
            }
        };
        clients.insert((way, host), client.clone());
        Ok(client)
    }

    /// Asks until there is an answer that is neither a redirect nor a passing failure (429, 5xx, a reset) after
    /// which the same may be asked again.
    pub(crate) fn send(&self, ask: &Ask) -> Result<Answer, RegistryError> {
        let mut attempt = 0;
        loop {
            let last = attempt + 1 == ATTEMPTS;
            let wait = match self.follow(ask) {
                Ok(answer) if !ask.may_repeat_after(answer.response.status()) => return Ok(answer),
                Ok(answer) => {
                    let asked = retry_after(answer.response.headers());
                    if last || asked.is_some_and(|time| time > LONGEST_WAIT) {
                        return Ok(answer);
                    }
                    asked.unwrap_or_else(|| backoff(attempt))
                }
                Err(failure) if failure.passing && ask.may_repeat_unanswered() && !last => backoff(attempt),
                Err(failure) => return Err(failure.error),
            };
            self.pace.wait(wait);
            attempt += 1;
        }
    }

    /// The hosts that the user named as insecure.
    pub(super) fn plain(&self) -> &[String] {
        &self.options.insecure
    }

    /// Waits before attempt number `attempt` (from 0) is made again.
    pub(crate) fn pause(&self, attempt: u32) {
        self.pace.wait(backoff(attempt));
    }

    /// Does something, and adds the time that it took.
    pub(crate) fn timed<T>(&self, spent: &mut Duration, act: impl FnOnce() -> T) -> T {
        let started = self.pace.elapsed();
        let done = act();
        *spent += self.pace.elapsed().saturating_sub(started);
        done
    }

    fn follow(&self, ask: &Ask) -> Result<Answer, Failure> {
        let mut url = ask.url.clone();
        let mut headers = ask.headers.clone();
        let mut home = true;
        for _ in 0..=REDIRECTS {
            let response = self.once(&url, &headers, ask)?;
            let Some(next) = next_address(&url, &response, ask, &self.options.insecure)? else {
                return Ok(Answer { response, home });
            };
            if next.origin() != url.origin() {
                headers.remove(AUTHORIZATION);
            }
            home = next.origin() == ask.url.origin();
            url = next;
        }
        Err(Failure::redirect(&ask.url, "more than ten times"))
    }

    fn once(&self, url: &Url, headers: &HeaderMap, ask: &Ask) -> Result<Response, Failure> {
        let stays = |error| Failure { error, passing: false };
        let client = self.client(url).map_err(stays)?;
        let wire = self.wire().map_err(|e| stays(RegistryError::Client(root(&e))))?;
        let request = client.request(ask.method.clone(), url.clone()).headers(headers.clone());
        let patience = self.options.read_timeout;
        let built = |request: RequestBuilder| request.build().map_err(|e| stays(RegistryError::Client(cause(e))));
        let answer = match &ask.body {
            Body::Nothing => wire.send(&client, built(request)?, patience),
            Body::Form(form) => wire.send(&client, built(request.body(form.clone()))?, patience),
            Body::Bytes(bytes) => wire.send(&client, built(request.body(bytes.to_vec()))?, patience),
            Body::Stream(source) | Body::Open(source) => {
                let reader = source.open().map_err(|e| stays(unread(e)))?;
                let time = patience + SLOWEST * u32::try_from(source.size() >> 10).unwrap_or(u32::MAX);
                let size = matches!(ask.body, Body::Stream(_)).then(|| source.size());
                let request = match size {
                    Some(size) => request.header(CONTENT_LENGTH, HeaderValue::from(size)),
                    None => request,
                };
                wire.send_stream(&client, built(request)?, Outgoing { reader, size }, time)
            }
        };
        let response = answer.map_err(|lost| {
            let (passing, why) = lost_for(lost);
            Failure { passing, error: RegistryError::Unreachable { url: shown(url), why } }
        })?;
        self.warnings.hear(&authority(url), response.headers());
        Ok(Response::new(response, wire.clone(), patience))
    }

    fn wire(&self) -> std::io::Result<&Wire> {
        match self.wire.get() {
            Some(wire) => Ok(wire),
            None => Wire::new().map(|made| self.wire.get_or_init(|| made)),
        }
    }

    /// The whole body of a small document, at most `limit` bytes of it.
    pub(crate) fn document(
        &self,
        mut response: Response,
        what: &'static str,
        limit: usize,
    ) -> Result<Vec<u8>, RegistryError> {
        let url = shown(response.url());
        let started = self.pace.elapsed();
        let mut body = Vec::new();
        let mut buffer = [0; 16 << 10];
        loop {
            let broken = |why: String, offset: usize| RegistryError::Broken {
                what: format!("the {what} at {url}"),
                offset: offset as u64,
                why,
            };
            match response.read(&mut buffer) {
                Ok(0) => return Ok(body),
                Ok(n) if body.len() + n > limit => return Err(RegistryError::TooLarge { url, what, limit }),
                Ok(n) => body.extend_from_slice(&buffer[..n]),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(broken(root(&e), body.len())),
            }
            if self.pace.elapsed().saturating_sub(started) > DOCUMENT_TIME {
                return Err(broken("it is too slow".to_owned(), body.len()));
            }
        }
    }

    /// What an error document says, as `: words`; nothing if it says nothing that can be read. Truncated bodies
    /// are common here and no error.
    pub(crate) fn said(&self, mut response: Response) -> String {
        let started = self.pace.elapsed();
        let mut body = Vec::new();
        let mut buffer = [0; 4 << 10];
        while let Ok(n @ 1..) = response.read(&mut buffer) {
            body.extend_from_slice(&buffer[..n]);
            if body.len() > ERROR_LIMIT || self.pace.elapsed().saturating_sub(started) > DOCUMENT_TIME {
                break;
            }
        }
        words(&body).map(|text| format!(": {text}")).unwrap_or_default()
    }
}

impl Failure {
    fn redirect(url: &Url, why: &'static str) -> Self {
        Self { error: RegistryError::Redirect { url: shown(url), why }, passing: false }
    }
}

fn build(options: &RegistryOptions, way: Way, trust: Trust) -> reqwest::Result<Client> {
    crate::tls::ensure_provider();
    let builder = Client::builder()
        .user_agent(&options.user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(options.connect_timeout);
    let builder = match way {
        Way::Loopback => builder.no_proxy().tls_certs_only([]),
        Way::SecureLoopback => builder.no_proxy(),
        Way::Network => builder,
    };
    let builder = if trust.roots.is_empty() { builder } else { builder.tls_certs_merge(trust.roots) };
    let builder = match trust.identity {
        Some(identity) => builder.identity(identity),
        None => builder,
    };
    builder.build()
}

/// Where a redirect leads; `None` if the response is none.
fn next_address(url: &Url, response: &Response, ask: &Ask, plain: &[String]) -> Result<Option<Url>, Failure> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    ask.follows(response.status()).map_err(|why| Failure::redirect(url, why))?;
    let location = response.headers().get(LOCATION).and_then(|l| l.to_str().ok());
    let next = location.and_then(|l| url.join(l).ok());
    let mut next = next.ok_or_else(|| Failure::redirect(url, "it names no address"))?;
    may_lead(url, &next, plain).map_err(|why| Failure::redirect(url, why))?;
    // reqwest would make a sign-in of these.
    let _ = next.set_username("");
    let _ = next.set_password(None);
    Ok(Some(next))
}

/// What is to be sent could not be read.
fn unread(error: std::io::Error) -> RegistryError {
    RegistryError::Unread(root(&error))
}

/// Whether the same may be tried again after no answer came, and why none did.
fn lost_for(lost: Lost) -> (bool, String) {
    match lost {
        Lost::Late => (true, LATE.to_owned()),
        Lost::Unread(error) => (false, root(&error)),
        Lost::Thread(error) => (false, root(&error)),
        Lost::Http(error) => (is_passing_error(&error), cause(error)),
    }
}

/// Whether the same request may succeed a moment later: a broken connection may, a refused one or a bad
/// certificate will not.
fn is_passing_error(error: &reqwest::Error) -> bool {
    use std::io::ErrorKind as K;
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(e) = cause {
        if let Some(io) = e.downcast_ref::<std::io::Error>() {
            let broken = [K::ConnectionReset, K::ConnectionAborted, K::BrokenPipe, K::UnexpectedEof, K::TimedOut];
            if broken.contains(&io.kind()) {
                return true;
            }
        }
        cause = e.source();
    }
    error.is_timeout() || (!error.is_connect() && (error.is_request() || error.is_body()) && !error.is_builder())
}

/// The innermost reason, without the address (which may hold a signature).
fn cause(error: reqwest::Error) -> String {
    root(&error.without_url())
}

/// The innermost cause of an error, made harmless.
pub(crate) fn root(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(next) = innermost.source() {
        innermost = next;
    }
    model::escaped(&innermost.to_string()).into_owned()
}

/// What an error document says, or the first line of a text; made harmless and short. Registries have a list of
/// `errors`, Docker's engine a `message`, token servers `details` or OAuth2's `error_description`
/// (<https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes>).
pub(crate) fn words(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Document {
        #[serde(default)]
        errors: Vec<Entry>,
        #[serde(alias = "details", alias = "error_description")]
        message: Option<String>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    let text = match serde_json::from_slice::<Document>(body) {
        Ok(Document { errors, message }) => {
            errors.first().map(|e| format!("{} {}", e.code, e.message)).or(message).unwrap_or_default()
        }
        Err(_) => {
            let line = body.split(|&b| b == b'\n').next()?;
            String::from_utf8_lossy(line).into_owned()
        }
    };
    let text: String = text.trim().chars().take(200).collect();
    let markup = text.starts_with(['<', '{', '[']);
    (!text.is_empty() && !markup).then(|| model::escaped(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_error_document_says() {
        let check = |body: &[u8], expected: Option<&str>| assert_eq!(words(body).as_deref(), expected);
        check(
            br#"{"errors":[{"code":"NAME_UNKNOWN","message":"no such repository","detail":{}}]}"#,
            Some("NAME_UNKNOWN no such repository"),
        );
        check(br#"{"errors":[]}"#, None);
        check(br#"{"details":"wrong password"}"#, Some("wrong password"));
        check(br#"{"error":"x","error_description":"expired"}"#, Some("expired"));
        check(br#"{"message":"No such image: a"}"#, Some("No such image: a"));
        check(br#"{"message":7}"#, None);
        check(b"404 page not found\nmore", Some("404 page not found"));
        check(b"toomanyrequests: retry-after: 880\xc2\xb5s", Some("toomanyrequests: retry-after: 880\u{b5}s"));
        check(b"<html>", None);
        check(br#"{"errors":[{"code":"X"#, None);
        check(b"a\x1b[2Jb", Some("a\\x1b[2Jb"));
        check(&[b'a'; 1000], Some(&"a".repeat(200)));
        check(b"", None);
    }
}
