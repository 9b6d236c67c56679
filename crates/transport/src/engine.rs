//! Docker's engine, over its socket (<https://docs.docker.com/reference/api/engine/version/v1.41/>).
//!
//! The engine is asked which image a name means, then for exactly that image as an archive, so that a tag that
//! moves in between changes nothing. The archive is kept in an unlinked temporary file under a quota, because an
//! engine can only tell all layers in one go. Remote engines are refused: their plain TCP is neither private nor
//! authentic.

mod containers;

pub use containers::{Container, Held};

use crate::archive::Archive;
use crate::files::Files;
use crate::registry::web::{root, words};
use crate::{Image, Pick, TransportError, docker_archive, layout};
use model::{Digest, Platform, Reference, ReferenceError};
use reqwest::Url;
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use std::fs::File;
use std::io::{self, Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

const CONNECT_TIME: Duration = Duration::from_secs(10);
/// An engine packs the whole image before it sends the first byte.
const PACKING_TIME: Duration = Duration::from_secs(600);
/// Everything but packing is quick.
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// What an engine tells about one image; its labels and history may be long.
const ANSWER_LIMIT: u64 = 16 << 20;

/// Where an engine listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineAddress {
    /// A socket on this machine.
    Unix(PathBuf),
    /// A port of this machine: `host:port`.
    Loopback(String),
}

/// A local engine, and where its archives may be kept.
pub struct Engine {
    client: Client,
    base: Url,
    address: EngineAddress,
    folder: PathBuf,
    quota: u64,
}

/// Why an engine did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Not `unix:///path` or `tcp://loopback:port`.
    #[error("`{0}` is no address of a local Docker engine")]
    Address(String),
    /// The HTTP client could not be set up.
    #[error("cannot set up the client of the Docker engine: {0}")]
    Client(String),
    /// Nobody answers there.
    #[error("cannot reach the Docker engine at {address}: {why}")]
    Unreachable {
        /// Where.
        address: EngineAddress,
        /// The system's word.
        why: String,
    },
    /// A name with a digest, which nobody can give to an image.
    #[error("`{0}` has a digest: an engine finds out the digest by itself")]
    Digest(String),
    /// The engine has not loaded the image.
    #[error("the Docker engine does not load the image: {0}")]
    Refused(String),
    /// Not a name that an engine could know.
    #[error(transparent)]
    Name(#[from] ReferenceError),
    /// The engine does not have the image.
    #[error("the Docker engine has no image `{0}`")]
    NotFound(String),
    /// An answer that makes no sense.
    #[error("the Docker engine's answer is not understood: {0}")]
    Answer(String),
    /// Any other status.
    #[error("the Docker engine answered {status}{said}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// `: ` and the engine's words, or nothing.
        said: String,
    },
    /// The archive broke off.
    #[error("the Docker engine's archive broke off at byte {offset}: {why}")]
    Broken {
        /// How much came.
        offset: u64,
        /// The system's word.
        why: String,
    },
    /// The archive is larger than the quota.
    #[error("the Docker engine's archive is larger than the {limit} bytes that may be kept of it")]
    TooLarge {
        /// The quota.
        limit: u64,
    },
    /// The archive could not be kept.
    #[error("cannot keep the Docker engine's archive in `{folder}`: {source}")]
    Keep {
        /// The folder for temporary files.
        folder: String,
        /// The system's word.
        source: io::Error,
    },
}

impl EngineError {
    /// What the user may try.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotFound(_) => Some("see `docker images`, or leave out `docker:` to ask the registry"),
            Self::Unreachable { .. } => Some("is Docker running, and may you use its socket?"),
            Self::Address(_) => Some("only `unix:///path` and `tcp://127.0.0.1:port` are spoken to"),
            Self::TooLarge { .. } => Some("push the image to a registry and read it there, layer by layer"),
            Self::Digest(_) => Some("name the image by a tag"),
            Self::Name(_) => Some("write a name as `docker images` shows it, or an image id"),
            _ => None,
        }
    }
}

impl EngineAddress {
    /// Reads what `DOCKER_HOST` may hold: `unix:///path`, `tcp://loopback:port`.
    ///
    /// # Errors
    /// [`EngineError::Address`] for remote engines and other schemes.
    pub fn parse(text: &str) -> Result<Self, EngineError> {
        let bad = || EngineError::Address(model::escaped(text).into_owned());
        if let Some(path) = text.strip_prefix("unix://") {
            return if path.starts_with('/') { Ok(Self::Unix(path.into())) } else { Err(bad()) };
        }
        let port = text.strip_prefix("tcp://").or_else(|| text.strip_prefix("http://")).ok_or_else(bad)?;
        let port = port.trim_end_matches('/');
        let url = Url::parse(&format!("http://{port}/")).map_err(|_| bad())?;
        let plain = url.path() == "/" && url.query().is_none() && url.username().is_empty() && url.password().is_none();
        let local = crate::registry::is_loopback(&url);
        if plain && local { Ok(Self::Loopback(port.to_owned())) } else { Err(bad()) }
    }
}

impl std::fmt::Display for EngineAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Loopback(port) => write!(f, "tcp://{port}"),
        }
    }
}

impl Engine {
    /// A client of the engine at `address` that keeps at most `quota` bytes of an archive, in a nameless file in
    /// `folder`.
    ///
    /// # Errors
    /// [`EngineError::Client`], [`EngineError::Address`].
    pub fn new(address: EngineAddress, folder: PathBuf, quota: u64) -> Result<Self, EngineError> {
        crate::tls::ensure_provider();
        let builder = Client::builder()
            .no_proxy()
            // No TLS is ever spoken here, so a machine without certificates will do.
            .tls_certs_only([])
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIME)
            .timeout(PACKING_TIME);
        let (builder, host) = match &address {
            EngineAddress::Unix(path) => (builder.unix_socket(path.as_path()), "docker"),
            EngineAddress::Loopback(port) => (builder, port.as_str()),
        };
        let client = builder.build().map_err(|e| EngineError::Client(root(&e)))?;
        let base = Url::parse(&format!("http://{host}/")).map_err(|_| EngineError::Address(address.to_string()))?;
        Ok(Self { client, base, address, folder, quota })
    }

    /// Whether anybody answers there: asked before much is made for it.
    ///
    /// # Errors
    /// [`EngineError::Unreachable`].
    pub(crate) fn reach(&self) -> Result<(), EngineError> {
        match self.get("/_ping", Some(ANSWER_TIME), "") {
            Err(error @ EngineError::Unreachable { .. }) => Err(error),
            // Whatever it answers, it is there.
            _ => Ok(()),
        }
    }

    /// What the engine says of the image that `name` means: its JSON, as it came.
    ///
    /// # Errors
    /// [`EngineError`], above all [`EngineError::NotFound`].
    pub fn describe(&self, name: &str) -> Result<Vec<u8>, EngineError> {
        check_name(name)?;
        self.described(name)
    }

    fn described(&self, name: &str) -> Result<Vec<u8>, EngineError> {
        let response = self.get(&format!("/images/{name}/json"), Some(ANSWER_TIME), name)?;
        let mut body = Vec::new();
        let read = response.take(ANSWER_LIMIT).read_to_end(&mut body);
        read.map_err(|e| EngineError::Broken { offset: body.len() as u64, why: root(&e) })?;
        Ok(body)
    }

    /// The digest that the engine knows the image by: of its config in the classic store.
    fn identify(&self, name: &str) -> Result<Digest, EngineError> {
        #[derive(Deserialize)]
        struct Inspected {
            #[serde(rename = "Id")]
            id: String,
        }
        let body = self.described(name)?;
        let inspected: Inspected = serde_json::from_slice(&body)
            .map_err(|e| EngineError::Answer(model::escaped(&e.to_string()).into_owned()))?;
        inspected
            .id
            .parse()
            .map_err(|e: model::DigestError| EngineError::Answer(model::escaped(&e.to_string()).into_owned()))
    }

    /// The archive of the image `id` (`docker save`), in a nameless temporary file, read from its start.
    fn spool(&self, id: &Digest) -> Result<File, EngineError> {
        let keep = |source| EngineError::Keep { folder: self.folder.display().to_string(), source };
        let mut response = self.get(&format!("/images/{id}/get"), None, &id.to_string())?;
        let mut file = tempfile::tempfile_in(&self.folder).map_err(keep)?;
        let mut buffer = vec![0; 256 << 10];
        let mut offset = 0;
        loop {
            match response.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) if offset + n as u64 > self.quota => return Err(EngineError::TooLarge { limit: self.quota }),
                Ok(n) => {
                    file.write_all(&buffer[..n]).map_err(keep)?;
                    offset += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(EngineError::Broken { offset, why: root(&e) }),
            }
        }
        file.rewind().map_err(keep)?;
        Ok(file)
    }

    /// Loads the archive at `path`, and gives the digest by which the engine then knows `name`.
    pub(crate) fn load(&self, path: &Path, name: &str) -> Result<Digest, EngineError> {
        let keep = |source| EngineError::Keep { folder: self.folder.display().to_string(), source };
        let file = File::open(path).map_err(keep)?;
        let size = file.metadata().map_err(keep)?.len();
        let mut url = self.base.clone();
        url.set_path("/images/load");
        url.set_query(Some("quiet=1"));
        let body = reqwest::blocking::Body::sized(file, size);
        let request = self.client.post(url).header(CONTENT_TYPE, "application/x-tar").body(body);
        let response = self.answered(request, name)?;
        let mut said = Vec::new();
        let read = response.take(ANSWER_LIMIT).read_to_end(&mut said);
        read.map_err(|e| EngineError::Broken { offset: said.len() as u64, why: root(&e) })?;
        match refusal(&said) {
            Some(why) => Err(EngineError::Refused(why)),
            None => self.identify(name),
        }
    }

    /// The digest of the image that `name` means, and its archive, twice readable from its start.
    pub(crate) fn saved(&self, name: &str, target: &str) -> Result<(Digest, File), TransportError> {
        let wrap = |source| TransportError::Engine { target: target.to_owned(), source };
        check_name(name).map_err(wrap)?;
        let id = self.identify(name).map_err(wrap)?;
        Ok((id, self.spool(&id).map_err(wrap)?))
    }

    fn get(&self, path: &str, time: Option<Duration>, name: &str) -> Result<Response, EngineError> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut url = self.base.clone();
        url.set_path(path);
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        let mut request = self.client.get(url);
        if let Some(time) = time {
            request = request.timeout(time);
        }
        self.answered(request, name)
    }

    fn answered(&self, request: RequestBuilder, name: &str) -> Result<Response, EngineError> {
        let response = request
            .send()
            .map_err(|e| EngineError::Unreachable { address: self.address.clone(), why: root(&e.without_url()) })?;
        match response.status().as_u16() {
            200 => Ok(response),
            404 => Err(EngineError::NotFound(name.to_owned())),
            status => {
                let mut body = Vec::new();
                // An error document that breaks off says less, no more.
                let _ = response.take(64 << 10).read_to_end(&mut body);
                Err(EngineError::Status { status, said: words(&body).map(|w| format!(": {w}")).unwrap_or_default() })
            }
        }
    }
}

/// Opens the image that `name` (a reference or an image id) means to the engine.
///
/// An engine with the classic store knows an image by its config, one with containerd's store by its manifest or
/// index; either way the archive must hold exactly what the engine has named.
///
/// # Errors
/// [`TransportError::Engine`] with what went wrong between us and the engine; else what is wrong with its archive.
pub fn open_engine(name: &str, platform: &Platform, engine: &Engine) -> Result<Image, TransportError> {
    let target = format!("docker:{name}");
    let (id, file) = engine.saved(name, &target)?;
    let again = file.try_clone().map_err(|source| TransportError::File { path: target.clone(), source })?;
    let archive = Archive::of(file, target.clone())?;
    let is_layout = archive.has("index.json");
    let classic = docker_archive::open(archive, Some(&id.to_string()), platform, &target);
    let mut image = match classic {
        Err(TransportError::NoImage { .. }) if is_layout => {
            let files = Files::Archive(Archive::of(again, target.clone())?);
            layout::open(files, &Pick::Digest(id), platform, &target)?
        }
        other => other?,
    };
    image.reference = name.parse().ok();
    Ok(image)
}

/// The error in the lines that an engine tells while it loads; it answers 200 before it begins.
fn refusal(said: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Line {
        error: Option<String>,
    }
    let lines = said.split(|&b| b == b'\n').filter_map(|line| serde_json::from_slice::<Line>(line).ok());
    let error = lines.into_iter().find_map(|line| line.error)?;
    Some(model::escaped(&error.chars().take(300).collect::<String>()).into_owned())
}

/// A name as an engine may know it: a reference, or an image id (which a reference cannot be).
fn check_name(name: &str) -> Result<(), EngineError> {
    match name.parse::<Reference>() {
        Ok(_) | Err(ReferenceError::Identifier(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
