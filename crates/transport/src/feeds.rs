//! Feeds: files that others publish and change, brought here only as far as they changed.
//!
//! What the server called the last state of a file is asked after (`If-None-Match`, `If-Modified-Since`), so that an
//! unchanged one costs a head. A download that broke off lies beside its place as `NAME.part`, with the server's word
//! for that state in `NAME.part.tag`; the rest is asked for on the condition that the state is the same (`If-Range`,
//! <https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5>), in this run or the next. A file has its name when it is whole.

use crate::registry::web::{Web, root};
use crate::registry::{Ask, Response, is_loopback, is_slow, shown};
use crate::{RegistryError, RegistryOptions, TransportError};
use reqwest::Url;
use reqwest::header::{
    CONTENT_RANGE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED,
    RANGE,
};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Resumptions in a row that bring less than [`PROGRESS`].
const RESUMES: u32 = 5;
/// So much resets the count.
const PROGRESS: u64 = 1 << 20;
/// No server's word for a state is longer.
const TAG_LIMIT: usize = 1 << 10;
/// Between two looks of the caller at the progress.
const PIECE: usize = 256 << 10;

/// A client for feeds.
pub struct Feeds {
    web: Web,
    insecure: Vec<String>,
}

/// What a server had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The state that was known already; nothing was written.
    Same,
    /// The server has no such file (404, 410).
    Missing,
    /// The file is at its place.
    New {
        /// What the server calls this state of it: its `ETag`, else the date of its last change.
        tag: Option<String>,
        /// In bytes.
        size: u64,
        /// How many of them came in an earlier run.
        resumed: u64,
    },
}

/// A file to be brought.
pub struct Wanted<'w> {
    /// Its address, `https:`; `http:` for loopback and hosts named as insecure.
    pub url: &'w str,
    /// What the server called the state that is known, if one is.
    pub known: Option<&'w str>,
    /// Where it is to lie.
    pub place: &'w Path,
    /// The most bytes that are taken.
    pub limit: u64,
    /// Told of the bytes so far, and of all if the server says how many.
    pub progress: &'w dyn Fn(u64, Option<u64>),
}

/// What one request came to.
enum Step {
    Done(Fetched),
    /// It broke off after so many bytes; the reason.
    Broken(u64, String),
}

impl Feeds {
    /// A client that reaches servers as these options say; mirrors of registries are of no matter to it.
    pub fn new(options: &RegistryOptions) -> Self {
        Self { web: Web::new(options), insecure: options.insecure.clone() }
    }

    /// Brings a file.
    ///
    /// # Errors
    /// [`TransportError::Registry`] with what went wrong between us and the server, [`TransportError::File`] where
    /// the file cannot be written.
    pub fn fetch(&self, wanted: &Wanted<'_>) -> Result<Fetched, TransportError> {
        let url = self.address(wanted.url)?;
        let fail = |source| TransportError::registry(&shown(&url), source);
        let part = Part::at(wanted.place);
        let (mut mark, mut breaks) = (part.length(), 0);
        let before = mark;
        loop {
            match self.once(&url, wanted, &part, before)? {
                Step::Done(Fetched::New { tag, size, resumed }) => {
                    part.finish(wanted.place)?;
                    return Ok(Fetched::New { tag, size, resumed });
                }
                Step::Done(other) => {
                    part.remove();
                    return Ok(other);
                }
                Step::Broken(offset, why) => {
                    breaks = if offset.saturating_sub(mark) >= PROGRESS { 1 } else { breaks + 1 };
                    mark = offset;
                    if breaks > RESUMES {
                        let what = "the feed".to_owned();
                        return Err(fail(RegistryError::Broken { what, offset, why }));
                    }
                    self.web.pause(breaks - 1);
                }
            }
        }
    }

    /// The address, if it is one that may be asked.
    fn address(&self, text: &str) -> Result<Url, TransportError> {
        let said = |host: String, why: &str| {
            TransportError::registry("feed", RegistryError::Host { host, why: why.to_owned() })
        };
        // What cannot be read as an address may have a sign-in in it all the same.
        let url = Url::parse(text).map_err(|e| said("the feed's address".to_owned(), &e.to_string()))?;
        let fail = |why: &str| said(shown(&url), why);
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fail("an address with a sign-in in it would be recorded with it"));
        }
        let host = url.host_str().map(|host| url.port().map_or(host.to_owned(), |port| format!("{host}:{port}")));
        match (url.scheme(), host) {
            ("https", Some(_)) => Ok(url),
            ("http", Some(host)) if is_loopback(&url) || self.insecure.contains(&host) => Ok(url),
            ("http", Some(_)) => Err(fail("without TLS anybody on the way could write advisories")),
            _ => Err(fail("it is no https address")),
        }
    }

    fn once(&self, url: &Url, wanted: &Wanted<'_>, part: &Part, before: u64) -> Result<Step, TransportError> {
        let fail = |source| TransportError::registry(&shown(url), source);
        let offset = part.length();
        let headers = asked(wanted.known, part, offset);
        let answer = match self.web.send(&Ask::get(url.clone(), headers)) {
            Ok(answer) => answer.response,
            Err(RegistryError::Unreachable { why, .. }) if offset > before => return Ok(Step::Broken(offset, why)),
            Err(error) => return Err(fail(error)),
        };
        match answer.status().as_u16() {
            304 if wanted.known.is_some() => Ok(Step::Done(Fetched::Same)),
            404 | 410 => Ok(Step::Done(Fetched::Missing)),
            200 => {
                part.begin(tag(answer.headers()).as_deref())?;
                self.pour(url, wanted, part, answer, (0, 0))
            }
            206 if offset > 0 && begins_at(answer.headers(), offset) => {
                self.pour(url, wanted, part, answer, (offset, before.min(offset)))
            }
            // The part is of another state than the server's, or longer.
            206 | 416 if offset > 0 => {
                part.remove();
                Ok(Step::Broken(0, "the server sends another part than was asked for".to_owned()))
            }
            status => {
                let said = self.web.said(answer);
                Err(fail(RegistryError::Status { url: shown(url), status, said }))
            }
        }
    }

    /// Writes the body behind what is there. `from` is its offset, and how much of that is of an earlier run.
    fn pour(
        &self,
        url: &Url,
        wanted: &Wanted<'_>,
        part: &Part,
        mut body: Response,
        (offset, resumed): (u64, u64),
    ) -> Result<Step, TransportError> {
        let too_large = || {
            part.remove();
            let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
            TransportError::registry(&shown(url), RegistryError::TooLarge { url: shown(url), what: "a feed", limit })
        };
        let total = body.content_length().map(|rest| rest.saturating_add(offset));
        if total.is_some_and(|total| total > wanted.limit) {
            return Err(too_large());
        }
        let state = tag(body.headers()).or_else(|| part.state());
        let mut file = part.open(offset)?;
        let mut at = offset;
        let mut waited = Duration::ZERO;
        let mut buffer = vec![0; PIECE];
        loop {
            let read = self.web.timed(&mut waited, || body.read(&mut buffer));
            match read {
                Ok(0) => break,
                Ok(n) if at + n as u64 > wanted.limit => return Err(too_large()),
                Ok(n) => {
                    file.write_all(&buffer[..n]).map_err(|e| part.failed(e))?;
                    at += n as u64;
                    (wanted.progress)(at, total);
                    if is_slow(at - offset, waited) {
                        return Ok(Step::Broken(at, "it is too slow".to_owned()));
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Ok(Step::Broken(at, root(&e))),
            }
        }
        if total.is_some_and(|total| at < total) {
            return Ok(Step::Broken(at, "the connection was closed early".to_owned()));
        }
        file.sync_all().map_err(|e| part.failed(e))?;
        Ok(Step::Done(Fetched::New { tag: state, size: at, resumed }))
    }
}

/// The conditions of a request.
fn asked(known: Option<&str>, part: &Part, offset: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    if let Some(known) = known {
        put(if is_etag(known) { IF_NONE_MATCH } else { IF_MODIFIED_SINCE }, known);
    }
    if let Some(state) = part.state().filter(|_| offset > 0) {
        put(RANGE, &format!("bytes={offset}-"));
        put(IF_RANGE, &state);
    }
    headers
}

fn is_etag(tag: &str) -> bool {
    tag.starts_with('"') || tag.starts_with("W/\"")
}

/// What the server calls this state.
fn tag(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).map(str::trim);
    let etag = text(ETAG).filter(|tag| is_etag(tag));
    let found = etag.or_else(|| text(LAST_MODIFIED)).filter(|tag| !tag.is_empty() && tag.len() <= TAG_LIMIT)?;
    Some(found.to_owned())
}

fn begins_at(headers: &HeaderMap, offset: u64) -> bool {
    let stated = headers.get(CONTENT_RANGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    stated.strip_prefix(&format!("bytes {offset}-")).is_some()
}

/// What came of a file so far.
struct Part {
    path: PathBuf,
    tag: PathBuf,
}

impl Part {
    fn at(place: &Path) -> Self {
        let with = |ending: &str| {
            let mut name = place.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        Self { path: with(".part"), tag: with(".part.tag") }
    }

    fn failed(&self, source: io::Error) -> TransportError {
        TransportError::File { path: self.path.display().to_string(), source }
    }

    /// How much there is that can be continued.
    fn length(&self) -> u64 {
        if self.state().is_none() {
            return 0;
        }
        fs::metadata(&self.path).map_or(0, |m| m.len())
    }

    /// Of which state it is. A weak tag does not say that the bytes are the same.
    fn state(&self) -> Option<String> {
        let mut text = String::new();
        File::open(&self.tag).ok()?.take(TAG_LIMIT as u64).read_to_string(&mut text).ok()?;
        Some(text).filter(|tag| !tag.is_empty() && !tag.starts_with("W/"))
    }

    /// From the first byte on, of this state.
    fn begin(&self, state: Option<&str>) -> Result<(), TransportError> {
        self.remove();
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|e| self.failed(e))?;
        fs::write(&self.tag, state.unwrap_or_default()).map_err(|e| self.failed(e))
    }

    /// To be written behind byte `offset`.
    fn open(&self, offset: u64) -> Result<File, TransportError> {
        let file = OpenOptions::new().create(true).append(true).open(&self.path).map_err(|e| self.failed(e))?;
        file.set_len(offset).map_err(|e| self.failed(e))?;
        Ok(file)
    }

    fn remove(&self) {
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(&self.tag);
    }

    fn finish(&self, place: &Path) -> Result<(), TransportError> {
        fs::rename(&self.path, place).map_err(|e| self.failed(e))?;
        let _ = fs::remove_file(&self.tag);
        Ok(())
    }
}

#[cfg(test)]
#[path = "feeds_tests.rs"]
mod tests;
