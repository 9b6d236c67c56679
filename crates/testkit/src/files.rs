//! A server of files, as feeds and mirrors are: entity tags, conditions and ranges as RFC 9110 has them.

use crate::http::{Reply, Seen};
use crate::registry::{Fault, Features, Registry};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Files on loopback, by path; the server ends with this value.
pub struct Files {
    server: Registry,
    shelf: Arc<Mutex<Shelf>>,
}

#[derive(Default)]
struct Shelf {
    files: BTreeMap<String, File>,
    /// The next answers with a body are broken off after so many bytes of it.
    cuts: Vec<usize>,
    /// Whether ranges are answered.
    whole: bool,
}

struct File {
    bytes: Vec<u8>,
    tag: Tag,
}

/// What a server says of the state of a file.
#[derive(Clone, Debug)]
pub enum Tag {
    /// An entity tag, with its quotes.
    Etag(String),
    /// The date of its last change.
    Date(String),
    /// Nothing.
    None,
}

impl Default for Files {
    fn default() -> Self {
        let server = Registry::new(Features::default());
        let shelf = Arc::<Mutex<Shelf>>::default();
        let shared = Arc::clone(&shelf);
        server.misbehave(move |seen| Some(Fault::Instead(lock(&shared).answer(seen))));
        Self { server, shelf }
    }
}

impl Files {
    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.host())
    }

    /// Serves these bytes at `/PATH`, in a state of this name.
    pub fn put(&self, path: &str, bytes: impl Into<Vec<u8>>, tag: Tag) {
        lock(&self.shelf).files.insert(format!("/{path}"), File { bytes: bytes.into(), tag });
    }

    /// Serves it no more.
    pub fn remove(&self, path: &str) {
        lock(&self.shelf).files.remove(&format!("/{path}"));
    }

    /// Breaks the next answers off, each after so many bytes of its body.
    pub fn cut(&self, cuts: &[usize]) {
        lock(&self.shelf).cuts = cuts.iter().rev().copied().collect();
    }

    /// From now on ranges are not answered.
    pub fn only_whole(&self) {
        lock(&self.shelf).whole = true;
    }

    /// Requests since the last time, in order.
    pub fn lines(&self) -> Vec<String> {
        self.server.lines()
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.server.seen()
    }
}

impl Shelf {
    fn answer(&mut self, seen: &Seen) -> Reply {
        let Some(file) = self.files.get(&seen.path) else { return Reply::new(404).body("no such file") };
        if file.tag.is(seen.header("if-none-match"), seen.header("if-modified-since")) {
            return file.tag.put(Reply::new(304));
        }
        let start = if self.whole { None } else { file.start(seen) };
        let length = file.bytes.len();
        let reply = match start {
            Some(at) if at >= length => Reply::new(416),
            Some(at) => {
                let range = format!("bytes {at}-{}/{length}", length - 1);
                Reply::new(206).header("Content-Range", &range).body(&file.bytes[at..])
            }
            None => Reply::new(200).body(file.bytes.as_slice()),
        };
        let reply = file.tag.put(reply);
        match self.cuts.pop() {
            Some(cut) => reply.cut(cut),
            None => reply,
        }
    }
}

impl File {
    /// From where on it is asked for, if the condition of the range holds.
    fn start(&self, seen: &Seen) -> Option<usize> {
        let start = seen.header("range").strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()?;
        let condition = seen.header("if-range");
        let same = condition.is_empty() || self.tag.is(condition, condition);
        same.then_some(start)
    }
}

impl Tag {
    fn is(&self, etag: &str, date: &str) -> bool {
        match self {
            Self::Etag(own) => own == etag,
            Self::Date(own) => own == date,
            Self::None => false,
        }
    }

    fn put(&self, reply: Reply) -> Reply {
        match self {
            Self::Etag(own) => reply.header("ETag", own),
            Self::Date(own) => reply.header("Last-Modified", own),
            Self::None => reply,
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
