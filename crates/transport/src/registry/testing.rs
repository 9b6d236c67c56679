//! A registry on loopback that behaves, or misbehaves, as a test says; an image to serve; a clock that does not wait.

use super::{Pace, Registry, RegistryOptions};
use crate::{Credential, CredentialStore};
use model::Digest;
use model::oci::media;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as the server saw it; header names in lower case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    /// How many requests for the same path came before.
    pub(crate) nth: usize,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What to answer.
#[derive(Clone, Default)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Close after so many bytes of the body.
    cut: Option<usize>,
    /// State no length; the body is in chunks.
    chunked: bool,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// Close without a word.
    pub(crate) fn reset() -> Self {
        Self::new(0)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn cut(mut self, at: usize) -> Self {
        self.cut = Some(at);
        self
    }

    pub(crate) fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    fn write(&self, stream: &mut dyn Write) -> std::io::Result<()> {
        if self.status == 0 {
            return Ok(());
        }
        let mut head = format!("HTTP/1.1 {} Scripted\r\nconnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let sent = &self.body[..self.cut.unwrap_or(self.body.len())];
        if self.chunked {
            write!(stream, "{head}transfer-encoding: chunked\r\n\r\n")?;
            for chunk in sent.chunks(1 << 16) {
                write!(stream, "{:x}\r\n", chunk.len())?;
                stream.write_all(chunk)?;
                stream.write_all(b"\r\n")?;
            }
            if self.cut.is_none() {
                stream.write_all(b"0\r\n\r\n")?;
            }
        } else {
            write!(stream, "{head}content-length: {}\r\n\r\n", self.body.len())?;
            stream.write_all(sent)?;
        }
        stream.flush()
    }
}

type Handler = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

/// A server; its threads end with the test.
pub(crate) struct Server {
    /// `127.0.0.1:port`; empty for a socket.
    pub(crate) host: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) fn start(handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let streams = move || listener.accept().map(|(stream, _): (TcpStream, _)| stream);
        Self { host, seen: serve(streams, Arc::new(handler)) }
    }

    /// The same behind TLS. What is no TLS is no request.
    pub(crate) fn secure(
        config: rustls::ServerConfig,
        handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let config = Arc::new(config);
        let streams = move || {
            let (stream, _) = listener.accept()?;
            let session = rustls::ServerConnection::new(Arc::clone(&config)).map_err(std::io::Error::other)?;
            Ok(rustls::StreamOwned::new(session, stream))
        };
        Self { host, seen: serve(streams, Arc::new(handler)) }
    }

    pub(crate) fn on_socket(path: &Path, handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let streams = move || listener.accept().map(|(stream, _)| stream);
        Self { host: String::new(), seen: serve(streams, Arc::new(handler)) }
    }

    /// All requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// `METHOD path` of all requests so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.seen().iter().map(|s| format!("{} {}", s.method, s.path)).collect()
    }
}

fn serve<S: Read + Write + Send + 'static>(
    mut accept: impl FnMut() -> std::io::Result<S> + Send + 'static,
    handler: Handler,
) -> Arc<Mutex<Vec<Seen>>> {
    let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
    let log = Arc::clone(&seen);
    std::thread::spawn(move || {
        while let Ok(stream) = accept() {
            let (log, handler) = (Arc::clone(&log), Arc::clone(&handler));
            std::thread::spawn(move || converse(stream, &log, &handler));
        }
    });
    seen
}

/// One request, one answer. A client that goes away is no concern of the server's.
fn converse<S: Read + Write>(stream: S, log: &Mutex<Vec<Seen>>, handler: &Handler) {
    let mut stream = BufReader::new(stream);
    let Some(mut seen) = request(&mut stream) else { return };
    {
        let mut log = log.lock().unwrap();
        seen.nth = log.iter().filter(|s| s.path == seen.path).count();
        log.push(seen.clone());
    }
    let _ = handler(&seen).write(stream.get_mut());
}

fn request(stream: &mut impl BufRead) -> Option<Seen> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|&n| n > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length: usize = headers.get("content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Seen { method, path, headers, body: String::from_utf8(body).ok()?, nth: 0 })
}

/// A clock that advances when it is waited for.
#[derive(Default)]
pub(crate) struct FakePace(Mutex<Vec<u64>>);

impl FakePace {
    /// The waits so far, in seconds.
    pub(crate) fn waits(&self) -> Vec<u64> {
        self.0.lock().unwrap().clone()
    }
}

impl Pace for FakePace {
    fn wait(&self, time: Duration) {
        self.0.lock().unwrap().push(time.as_secs());
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.waits().iter().sum())
    }
}

/// A client with a clock that does not wait, and perhaps a sign-in for `host`.
pub(crate) fn client(credential: Option<(&str, Credential)>) -> (Registry, Arc<FakePace>) {
    let mut store = CredentialStore::default();
    if let Some((host, credential)) = credential {
        store = store.with(host, credential);
    }
    client_of(RegistryOptions::default(), store)
}

/// A client of these options, with a clock that does not wait.
pub(crate) fn client_of(options: RegistryOptions, store: CredentialStore) -> (Registry, Arc<FakePace>) {
    let pace = Arc::new(FakePace::default());
    let shared: Arc<dyn Pace> = Arc::<FakePace>::clone(&pace);
    let options = RegistryOptions { pace: shared, read_timeout: Duration::from_secs(20), ..options };
    (Registry::new(&options, store), pace)
}

/// An image for linux/amd64 in an index with an arm64 child and an attestation, under `app`, tag `1`.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) layer: Vec<u8>,
    pub(crate) config: Vec<u8>,
    pub(crate) manifest: Vec<u8>,
    pub(crate) index: Vec<u8>,
}

impl Default for Sample {
    fn default() -> Self {
        // No real layer: nothing here looks into it.
        let layer: Vec<u8> = (0..100_000u32).map(|n| (n % 251) as u8).collect();
        let diff_id = Digest::of(b"plain");
        let config = format!(
            r#"{{"os":"linux","architecture":"amd64","config":{{}},"rootfs":{{"type":"layers","diff_ids":["{diff_id}"]}}}}"#
        );
        Self::of(layer, config.into_bytes())
    }
}

impl Sample {
    fn of(layer: Vec<u8>, config: Vec<u8>) -> Self {
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}}"#,
            media::OCI_MANIFEST,
            descriptor("application/vnd.oci.image.config.v1+json", &config, ""),
            descriptor("application/vnd.oci.image.layer.v1.tar+gzip", &layer, "")
        );
        let platform = |os, arch| format!(r#","platform":{{"os":"{os}","architecture":"{arch}"}}"#);
        let attested = r#","annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#;
        let index = format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{},{},{}]}}"#,
            media::OCI_INDEX,
            descriptor(media::OCI_MANIFEST, b"arm", &platform("linux", "arm64")),
            descriptor(media::OCI_MANIFEST, b"attestation", &(platform("unknown", "unknown") + attested)),
            descriptor(media::OCI_MANIFEST, manifest.as_bytes(), &platform("linux", "amd64")),
        );
        Self { layer, config, manifest: manifest.into_bytes(), index: index.into_bytes() }
    }

    /// What an honest registry answers.
    pub(crate) fn reply(&self, seen: &Seen) -> Reply {
        let manifest = Digest::of(&self.manifest);
        let path = seen.path.split('?').next().unwrap_or_default();
        let Some((kind, what)) = path.strip_prefix("/v2/app/").and_then(|rest| rest.split_once('/')) else {
            return Reply::new(404).body("404 page not found\n");
        };
        match (kind, what) {
            ("manifests", "1") => document(media::OCI_INDEX, &self.index),
            ("manifests", d) if d == Digest::of(&self.index).to_string() => document(media::OCI_INDEX, &self.index),
            ("manifests", d) if d == manifest.to_string() => document(media::OCI_MANIFEST, &self.manifest),
            ("blobs", d) if d == Digest::of(&self.config).to_string() => Reply::new(200).body(self.config.clone()),
            ("blobs", d) if d == Digest::of(&self.layer).to_string() => part(&self.layer, seen.header("range")),
            _ => Reply::new(404).body(r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#),
        }
    }
}

/// A document with its type and its true digest.
pub(crate) fn document(media_type: &str, body: &[u8]) -> Reply {
    let digest = Digest::of(body).to_string();
    Reply::new(200).header("content-type", media_type).header("docker-content-digest", &digest).body(body)
}

fn part(whole: &[u8], range: &str) -> Reply {
    let start = range.strip_prefix("bytes=").and_then(|r| r.strip_suffix('-')).and_then(|s| s.parse::<usize>().ok());
    match start {
        None => Reply::new(200).body(whole),
        Some(start) => Reply::new(206)
            .header("content-range", &format!("bytes {start}-{}/{}", whole.len() - 1, whole.len()))
            .body(&whole[start..]),
    }
}

/// A descriptor in JSON; `more` is put in before its end.
pub(crate) fn descriptor(media_type: &str, content: &[u8], more: &str) -> String {
    let (digest, size) = (Digest::of(content), content.len());
    format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}{more}}}"#)
}
