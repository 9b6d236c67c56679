//! A blob on its way into a repository
//! (<https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-blobs>).
//!
//! What is there already is not sent, what another repository of the registry has is mounted, and the rest goes as
//! one stream: a small blob in the request that ends the upload, a large one in a request of its own. Where that
//! breaks, or the registry finds it too large, it goes on from where the registry says it stands, in parts. The bytes
//! are hashed on their way and never changed; if they are not what was promised, the last of them are not sent.
//!
//! An upload that is given up is cancelled. The stream of a large blob then ends early and whole, because registries
//! only cancel an upload for who knows how far it is (docker-registry signs that into the upload's address).

use super::ask::{Ask, Body, Source};
use super::endpoint::{may_lead, shown};
use super::pace::backoff;
use super::remote::Remote;
use super::scope::Rights;
use super::sessions::Session;
use super::verified::{Trouble, Verified};
use super::wire::Response;
use super::{RegistryError, Told};
use crate::TransportError;
use model::Digest;
use model::oci::Descriptor;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderValue, LOCATION, RANGE};
use reqwest::{Method, Url};
use std::io::Read;
use std::sync::Arc;

/// A blob up to this size is sent with the request that ends the upload, and not given up half-way.
const SMALL: u64 = 1 << 20;
/// The size of a part, unless the registry wants larger ones.
const CHUNK: u64 = 8 << 20;
/// The largest chunk that is kept in memory.
const LARGEST_CHUNK: u64 = 64 << 20;
/// How often an upload is taken up again without having come any further.
const RESUMES: u32 = 5;

/// How a blob came to be where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It was there before.
    Present,
    /// The registry took it from another of its repositories.
    Mounted,
    /// Its bytes were sent or written.
    Written,
}

/// What came of asking for an upload.
enum Begun {
    Mounted,
    Open(Session, Chunks),
}

/// How large chunks may be.
#[derive(Clone, Copy)]
struct Chunks(u64);

impl Remote {
    /// Brings `blob` into the repository; `source` is the repository of the same registry that has it, if one does.
    pub(crate) fn put_blob(
        &self,
        blob: &Descriptor,
        mount: Option<&str>,
        bytes: &Arc<dyn Source>,
    ) -> Result<Sent, TransportError> {
        let sent = self.has_blob(&blob.digest).and_then(|there| match there {
            true => Ok(Sent::Present),
            false => self.send_blob(blob, mount, bytes),
        });
        sent.map_err(|error| self.wrong(error))
    }

    /// Whether the repository has a blob (a HEAD).
    pub(super) fn has_blob(&self, digest: &Digest) -> Result<bool, RegistryError> {
        let url = self.repository.url("blobs", &digest.to_string());
        let told = self.ask(Rights::PUSH, &Ask::new(Method::HEAD, url))?;
        match told.response.status().as_u16() {
            200 => Ok(true),
            404 => Ok(false),
            _ => Err(self.refused(told, &format!("blob {digest}"))),
        }
    }

    fn send_blob(
        &self,
        blob: &Descriptor,
        mount: Option<&str>,
        bytes: &Arc<dyn Source>,
    ) -> Result<Sent, RegistryError> {
        let mut restarts = 0;
        let mut mount = mount;
        loop {
            let (session, chunks) = match self.begin(&blob.digest, mount)? {
                Begun::Mounted => return Ok(Sent::Mounted),
                Begun::Open(session, chunks) => (session, chunks),
            };
            let mut upload = Upload { remote: self, blob, bytes, session, chunks, one: false };
            match upload.run() {
                Ok(()) => return Ok(Sent::Written),
                // The session is gone, perhaps because the blob had arrived and only the answer was lost.
                Err(RegistryError::NotFound { .. }) if restarts < RESUMES => {
                    upload.session.disarm();
                    if self.has_blob(&blob.digest)? {
                        return Ok(Sent::Written);
                    }
                }
                Err(error) => return Err(error),
            }
            self.client.web.pace.wait(backoff(restarts));
            restarts += 1;
            mount = None;
        }
    }

    /// Asks for a mount, and takes the upload that comes in its place; a mount that is refused is no error.
    fn begin(&self, digest: &Digest, mount: Option<&str>) -> Result<Begun, RegistryError> {
        if let Some(source) = mount {
            let mut url = self.repository.url("blobs", "uploads/");
            url.query_pairs_mut().append_pair("mount", &digest.to_string()).append_pair("from", source);
            let scope = self.repository.scope(Rights::PUSH).with_source(source);
            if let Ok(told) = self.client.ask(&self.repository, &scope, &posted(url))
                && let Some(begun) = self.begun(digest, told)?
            {
                return Ok(begun);
            }
        }
        let told = self.ask(Rights::PUSH, &posted(self.repository.url("blobs", "uploads/")))?;
        if told.response.status() != 202 {
            return Err(self.refused(told, &format!("a place for blob {digest}")));
        }
        self.begun(digest, told)?.ok_or_else(|| self.odd("it begins no upload"))
    }

    /// `None` for an answer that is neither a mount nor an upload.
    fn begun(&self, digest: &Digest, told: Told) -> Result<Option<Begun>, RegistryError> {
        let response = &told.response;
        match response.status().as_u16() {
            201 => {
                self.check_digest(response, digest)?;
                Ok(Some(Begun::Mounted))
            }
            202 => {
                let least = response.headers().get("oci-chunk-min-length").and_then(|v| v.to_str().ok()?.parse().ok());
                let chunks = Chunks(least.unwrap_or(0).max(CHUNK));
                let at = location(response, self.client.web.plain())?
                    .ok_or_else(|| self.odd("it begins an upload and does not say where"))?;
                Ok(Some(Begun::Open(self.session(at), chunks)))
            }
            _ => Ok(None),
        }
    }

    fn odd(&self, why: &'static str) -> RegistryError {
        RegistryError::Protocol { host: self.repository.host.clone(), why }
    }
}

fn posted(url: Url) -> Ask {
    let mut ask = Ask::new(Method::POST, url);
    // Proxies insist on it where there is no body.
    ask.headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    ask
}

/// Where the registry says that the upload goes on; `None` if it says nothing.
fn location(response: &Response, plain: &[String]) -> Result<Option<Url>, RegistryError> {
    let Some(text) = response.headers().get(LOCATION).and_then(|v| v.to_str().ok()) else { return Ok(None) };
    let from = response.url();
    let fail = |why| RegistryError::Redirect { url: shown(from), why };
    let mut to = from.join(text).map_err(|_| fail("it names no address for the upload"))?;
    may_lead(from, &to, plain).map_err(fail)?;
    let _ = to.set_username("");
    let _ = to.set_password(None);
    Ok(Some(to))
}

/// One blob in one session.
struct Upload<'a> {
    remote: &'a Remote,
    blob: &'a Descriptor,
    bytes: &'a Arc<dyn Source>,
    session: Session,
    chunks: Chunks,
    /// Whether `0-0` means one byte to this registry: it says the same for none.
    one: bool,
}

impl Upload<'_> {
    fn run(&mut self) -> Result<(), RegistryError> {
        let sent = if self.blob.size <= SMALL { self.whole() } else { self.stream() };
        match sent {
            Err(error) if may_resume(&error) => {}
            other => return other,
        }
        let mut tries = 0;
        let mut reached = 0;
        loop {
            self.remote.client.web.pace.wait(backoff(tries));
            let result = self.held().and_then(|offset| {
                if offset > reached {
                    (reached, tries) = (offset, 0);
                }
                self.parts(offset)
            });
            match result {
                Err(error) if may_resume(&error) && tries < RESUMES => tries += 1,
                other => return other,
            }
        }
    }

    /// All of it in one request.
    fn whole(&mut self) -> Result<(), RegistryError> {
        let trouble = Trouble::default();
        let source = Verified::source(self.bytes, self.blob, &trouble, &self.remote.client.sessions);
        let mut ask = self.closing();
        ask.body = Body::Stream(Arc::new(source));
        let told = self.remote.ask(Rights::PUSH, &ask);
        // What went wrong with our own bytes matters more than how the registry took it.
        trouble.result()?;
        self.closed(told?)
    }

    /// All of it in a request of its own.
    fn stream(&mut self) -> Result<(), RegistryError> {
        let trouble = Trouble::default();
        let source = Verified::source(self.bytes, self.blob, &trouble, &self.remote.client.sessions);
        let mut ask = Ask::new(Method::PATCH, self.session.at());
        ask.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        ask.body = Body::Open(Arc::new(source.ending_early()));
        let told = self.remote.ask(Rights::PUSH, &ask);
        if let Ok(told) = &told
            && told.response.status().is_success()
        {
            self.moved(&told.response)?;
        }
        trouble.result()?;
        let told = told?;
        if !told.response.status().is_success() {
            return Err(self.remote.refused(told, &self.what()));
        }
        let told = self.remote.ask(Rights::PUSH, &self.closing())?;
        self.closed(told)
    }

    /// From `offset` on, part by part.
    fn parts(&mut self, mut offset: u64) -> Result<(), RegistryError> {
        let trouble = Trouble::default();
        let source = Verified::source(self.bytes, self.blob, &trouble, &self.remote.client.sessions);
        let unread = |e: std::io::Error| RegistryError::Client(super::web::root(&e));
        let mut reader = source.open().map_err(unread)?;
        std::io::copy(&mut reader.by_ref().take(offset), &mut std::io::sink()).map_err(unread)?;
        trouble.result()?;
        let size = self.chunks.0.min(LARGEST_CHUNK);
        while offset < self.blob.size {
            let mut chunk = Vec::new();
            let read = reader.by_ref().take(size).read_to_end(&mut chunk);
            trouble.result()?;
            read.map_err(unread)?;
            let end = offset + chunk.len() as u64;
            self.part(offset, chunk)?;
            offset = end;
        }
        let told = self.remote.ask(Rights::PUSH, &self.closing())?;
        self.closed(told)
    }

    fn part(&mut self, offset: u64, chunk: Vec<u8>) -> Result<(), RegistryError> {
        let last = (offset + chunk.len() as u64).saturating_sub(1);
        let mut ask = Ask::new(Method::PATCH, self.session.at());
        let range = HeaderValue::try_from(format!("{offset}-{last}"));
        ask.headers.insert(CONTENT_RANGE, range.map_err(|e| RegistryError::Client(e.to_string()))?);
        ask.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        ask.body = Body::Bytes(chunk.into());
        let told = self.remote.ask(Rights::PUSH, &ask)?;
        match told.response.status().as_u16() {
            200..=299 => {
                let held = held(&told.response, last == 0);
                self.moved(&told.response)?;
                match held {
                    Some(held) if held != last + 1 => Err(self.lost()),
                    _ => Ok(()),
                }
            }
            // Another part is wanted: what the registry holds says which.
            416 => {
                self.one |= offset == 0;
                Err(self.lost())
            }
            _ => Err(self.remote.refused(told, &self.what())),
        }
    }

    /// How much the registry holds.
    fn held(&mut self) -> Result<u64, RegistryError> {
        let told = self.remote.ask(Rights::PUSH, &Ask::new(Method::GET, self.session.at()))?;
        if !told.response.status().is_success() {
            return Err(self.remote.refused(told, &self.what()));
        }
        let held = held(&told.response, self.one).unwrap_or(0);
        self.moved(&told.response)?;
        if held > self.blob.size {
            return Err(self.remote.odd("it holds more of an upload than was sent"));
        }
        Ok(held)
    }

    fn moved(&mut self, response: &Response) -> Result<(), RegistryError> {
        if let Some(at) = location(response, self.remote.client.web.plain())? {
            self.session.move_to(at);
        }
        Ok(())
    }

    /// The request that ends the upload, without a body yet.
    fn closing(&self) -> Ask {
        let mut url = self.session.at();
        url.query_pairs_mut().append_pair("digest", &self.blob.digest.to_string());
        let mut ask = Ask::new(Method::PUT, url);
        ask.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        ask
    }

    fn closed(&mut self, told: Told) -> Result<(), RegistryError> {
        match told.response.status().as_u16() {
            200..=299 => {
                self.session.disarm();
                self.remote.check_digest(&told.response, &self.blob.digest)
            }
            416 => Err(self.lost()),
            _ => Err(self.remote.refused(told, &self.what())),
        }
    }

    fn what(&self) -> String {
        format!("the upload of blob {}", self.blob.digest)
    }

    fn lost(&self) -> RegistryError {
        RegistryError::Broken { what: self.what(), offset: 0, why: "the registry wants another part".to_owned() }
    }
}

/// `Range: 0-LAST`. Registries say `0-0` for nothing as well as for one byte; `one` says which it is.
fn held(response: &Response, one: bool) -> Option<u64> {
    let text = response.headers().get(RANGE)?.to_str().ok()?;
    let last: u64 = text.strip_prefix("bytes=").unwrap_or(text).strip_prefix("0-")?.parse().ok()?;
    Some(if last == 0 { u64::from(one) } else { last.saturating_add(1) })
}

/// Whether asking how much the registry holds may help.
fn may_resume(error: &RegistryError) -> bool {
    match error {
        RegistryError::Unreachable { .. } | RegistryError::Broken { .. } => true,
        RegistryError::Status { status, .. } => matches!(status, 408 | 413 | 499 | 500 | 502 | 504),
        _ => false,
    }
}
