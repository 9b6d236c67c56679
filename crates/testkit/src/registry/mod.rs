//! A registry on loopback by the specification
//! (<https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md>): uploads, mounts, manifests, tags,
//! referrers, deletion; with parts that can be left out, as real registries do, and with faults on demand.

mod blobs;
mod guard;
mod manifests;
mod shelf;

use crate::http::{Connection, Reply, Seen};
use model::Digest;
use shelf::{Shelf, Stored};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// What a registry can do. The default is all of the specification.
#[derive(Clone, Debug)]
pub struct Features {
    /// The referrers API, and `OCI-Subject` in the answer to a push.
    pub referrers: bool,
    /// Deletion of a tag alone.
    pub untag: bool,
    /// Mounts; those without a source too.
    pub mounts: bool,
    /// A whole blob in one POST.
    pub single_post: bool,
    /// 416 for a chunk that does not follow the last one.
    pub ordered: bool,
    /// The most tags or referrers of a page.
    pub page: usize,
    /// `OCI-Chunk-Min-Length`.
    pub least_chunk: Option<u64>,
    /// `Location` with scheme and host, and a state that changes with each answer.
    pub absolute: bool,
    /// A user and password, exchanged for tokens at the registry's own token server.
    pub sign_in: Option<(String, String)>,
    /// Tokens for this repository are granted for reading only.
    pub read_only: Option<String>,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            referrers: true,
            untag: true,
            mounts: true,
            single_post: true,
            ordered: true,
            page: 1000,
            least_chunk: None,
            absolute: false,
            sign_in: None,
            read_only: None,
        }
    }
}

impl Features {
    /// What docker-registry 2.8 lacks is left out.
    pub fn classic() -> Self {
        Self {
            referrers: false,
            untag: false,
            single_post: false,
            ordered: false,
            page: usize::MAX,
            absolute: true,
            ..Self::default()
        }
    }
}

/// What goes wrong with one request.
pub enum Fault {
    /// This is answered, and nothing done.
    Instead(Reply),
    /// This is answered before the body is read, and the connection closed.
    Abrupt(Reply),
    /// The connection is closed without a word.
    Close,
    /// So many bytes of the body are taken (and kept, if it is an upload), then the connection is closed.
    CloseAt(u64),
    /// So many bytes of the body are taken, then nothing happens any more until the registry ends.
    HoldAt(u64),
    /// All is done as it should be, but the answer is another.
    Changed(Box<dyn FnOnce(Reply) -> Reply + Send>),
    /// All is done as it should be, and the connection closed without an answer.
    Silent,
}

type Whims = Box<dyn Fn(&Seen) -> Option<Fault> + Send + Sync>;

/// The registry; it ends with this value.
pub struct Registry {
    address: SocketAddr,
    inside: Arc<Inside>,
    server: Option<JoinHandle<()>>,
}

struct Inside {
    host: String,
    features: Features,
    shelf: Mutex<Shelf>,
    seen: Mutex<Vec<Seen>>,
    whims: Mutex<Arc<Whims>>,
    closed: AtomicBool,
    ended: (Mutex<bool>, Condvar),
}

impl Default for Registry {
    fn default() -> Self {
        Self::new(Features::default())
    }
}

impl Registry {
    /// An empty registry on a free port.
    pub fn new(features: Features) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::on(listener, features)
    }

    /// An empty registry on this port of loopback, for programs that must know it beforehand.
    pub fn at_port(port: u16, features: Features) -> Self {
        Self::on(TcpListener::bind(("127.0.0.1", port)).unwrap(), features)
    }

    fn on(listener: TcpListener, features: Features) -> Self {
        let address = listener.local_addr().unwrap();
        let none: Whims = Box::new(|_| None);
        let inside = Arc::new(Inside {
            host: address.to_string(),
            features,
            shelf: Mutex::default(),
            seen: Mutex::default(),
            whims: Mutex::new(Arc::new(none)),
            closed: AtomicBool::new(false),
            ended: Default::default(),
        });
        let shared = Arc::clone(&inside);
        let server = std::thread::spawn(move || serve(&listener, &shared));
        Self { address, inside, server: Some(server) }
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.inside.host.clone()
    }

    /// From now on, what goes wrong with each request.
    pub fn misbehave(&self, whims: impl Fn(&Seen) -> Option<Fault> + Send + Sync + 'static) {
        *lock(&self.inside.whims) = Arc::new(Box::new(whims));
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.inside.seen).clone()
    }

    /// The lines of all requests since the last time: `METHOD path?query`.
    pub fn lines(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.inside.seen)).iter().map(Seen::line).collect()
    }

    /// Puts a blob there.
    pub fn put_blob(&self, repository: &str, blob: impl Into<Vec<u8>>) -> Digest {
        let blob = blob.into();
        let digest = Digest::of(&blob);
        lock(&self.inside.shelf).repository(repository).blobs.insert(digest, Arc::new(blob));
        digest
    }

    /// Puts a manifest there without looking at it, under a tag if one is given.
    pub fn put_manifest(
        &self,
        repository: &str,
        tag: Option<&str>,
        media_type: &str,
        raw: impl Into<Vec<u8>>,
    ) -> Digest {
        let raw = raw.into();
        let digest = Digest::of(&raw);
        let mut shelf = lock(&self.inside.shelf);
        let repository = shelf.repository(repository);
        repository.manifests.insert(digest, Stored { media_type: media_type.to_owned(), raw: Arc::new(raw) });
        if let Some(tag) = tag {
            repository.tags.insert(tag.to_owned(), digest);
        }
        digest
    }

    /// Serves other bytes under a blob's digest.
    pub fn forge_blob(&self, repository: &str, digest: &Digest, bytes: impl Into<Vec<u8>>) {
        lock(&self.inside.shelf).repository(repository).blobs.insert(*digest, Arc::new(bytes.into()));
    }

    /// Takes a blob away.
    pub fn lose_blob(&self, repository: &str, digest: &Digest) {
        lock(&self.inside.shelf).repository(repository).blobs.remove(digest);
    }

    /// A blob's bytes, if it is there.
    pub fn blob(&self, repository: &str, digest: &Digest) -> Option<Vec<u8>> {
        lock(&self.inside.shelf).repository(repository).blobs.get(digest).map(|blob| blob.to_vec())
    }

    /// A manifest's type and bytes, by tag or digest.
    pub fn manifest(&self, repository: &str, reference: &str) -> Option<(String, Vec<u8>)> {
        let mut shelf = lock(&self.inside.shelf);
        let (_, stored) = shelf.repository(repository).manifest(reference)?;
        Some((stored.media_type.clone(), stored.raw.to_vec()))
    }

    /// The tags of a repository, with what they name.
    pub fn tags(&self, repository: &str) -> Vec<(String, Digest)> {
        lock(&self.inside.shelf)
            .repository(repository)
            .tags
            .iter()
            .map(|(tag, digest)| (tag.clone(), *digest))
            .collect()
    }

    /// How many uploads were begun and neither finished nor cancelled.
    pub fn unfinished(&self) -> usize {
        lock(&self.inside.shelf).repositories.values().map(|repository| repository.uploads.len()).sum()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.inside.closed.store(true, Ordering::SeqCst);
        *lock(&self.inside.ended.0) = true;
        self.inside.ended.1.notify_all();
        // Wakes the server so that it sees that it is closed.
        drop(TcpStream::connect(self.address));
        if let Some(server) = self.server.take() {
            let _ = server.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(listener: &TcpListener, inside: &Arc<Inside>) {
    for stream in listener.incoming() {
        if inside.closed.load(Ordering::SeqCst) {
            return;
        }
        let (Ok(stream), inside) = (stream, Arc::clone(inside)) else { continue };
        std::thread::spawn(move || converse(stream, &inside));
    }
}

fn converse(stream: TcpStream, inside: &Inside) {
    let mut connection = Connection::new(stream);
    while let Some(mut seen) = connection.request() {
        {
            let mut log = lock(&inside.seen);
            seen.nth = log.iter().filter(|s| s.method == seen.method && s.path == seen.path).count();
            log.push(seen.clone());
        }
        let whims = Arc::clone(&lock(&inside.whims));
        let fault = whims(&seen);
        if !inside.one(&mut connection, &seen, fault) {
            break;
        }
    }
    connection.close();
}

impl Inside {
    /// Answers one request; whether the connection goes on.
    fn one(&self, connection: &mut Connection, seen: &Seen, fault: Option<Fault>) -> bool {
        let head_only = seen.method == "HEAD";
        let limit = match &fault {
            Some(Fault::Abrupt(reply)) => {
                connection.answer(reply, head_only);
                return false;
            }
            Some(Fault::Close) => return false,
            Some(Fault::Instead(reply)) => {
                let whole = connection.body(seen, u64::MAX, &mut |_| ());
                return connection.answer(reply, head_only) && whole;
            }
            Some(Fault::CloseAt(bytes) | Fault::HoldAt(bytes)) => *bytes,
            _ => u64::MAX,
        };
        let reply = self.reply(connection, seen, limit);
        match (fault, reply) {
            (Some(Fault::HoldAt(_)), _) => {
                let ended = lock(&self.ended.0);
                drop(self.ended.1.wait_while(ended, |ended| !*ended));
                false
            }
            (Some(Fault::CloseAt(_) | Fault::Silent), _) | (_, None) => false,
            (Some(Fault::Changed(change)), Some(reply)) => connection.answer(&change(reply), head_only),
            (_, Some(reply)) => connection.answer(&reply, head_only),
        }
    }

    /// What an honest registry answers; `None` if the client has gone in the midst of its body.
    fn reply(&self, connection: &mut Connection, seen: &Seen, limit: u64) -> Option<Reply> {
        if let Some(refusal) = self.guard(seen) {
            connection.body(seen, limit, &mut |_| ());
            return Some(refusal);
        }
        if let Some((name, rest)) = blobs::split(&seen.path) {
            return self.blobs(connection, seen, limit, name, rest);
        }
        let mut body = Vec::new();
        let whole = connection.body(seen, limit.min(16 << 20), &mut |bytes| body.extend_from_slice(bytes));
        if !whole {
            return None;
        }
        Some(self.documents(seen, body))
    }
}
