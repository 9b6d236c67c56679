//! Buffers that pass from one thread to two others, and back for reuse.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of one buffer.
const CHUNK: usize = 128 << 10;
/// Buffers that may wait in one queue: enough to bridge a stall, few enough to stay small.
const QUEUE: usize = 6;

type Pool = Arc<Mutex<Vec<Vec<u8>>>>;

/// One buffer, given back to the pool when the last of its holders drops it.
struct Chunk {
    bytes: Vec<u8>,
    pool: Pool,
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.push(std::mem::take(&mut self.bytes));
    }
}

/// The writing end.
pub(super) struct Pipe {
    pool: Pool,
    hash: SyncSender<Arc<Chunk>>,
    walk: SyncSender<Result<Arc<Chunk>, ()>>,
}

/// The two reading ends; each sees every byte.
pub(super) struct Ends {
    pub(super) hash: HashEnd,
    pub(super) walk: WalkEnd,
}

pub(super) struct HashEnd(Receiver<Arc<Chunk>>);

/// Reads the plain stream. Fails if the writer could not go on.
pub(super) struct WalkEnd {
    chunks: Receiver<Result<Arc<Chunk>, ()>>,
    chunk: Option<Arc<Chunk>>,
    at: usize,
}

pub(super) fn pipe() -> (Pipe, Ends) {
    let (hash, hash_end) = sync_channel(QUEUE);
    let (walk, walk_end) = sync_channel(QUEUE);
    let pipe = Pipe { pool: Pool::default(), hash, walk };
    (pipe, Ends { hash: HashEnd(hash_end), walk: WalkEnd { chunks: walk_end, chunk: None, at: 0 } })
}

impl Pipe {
    /// Reads `from` to its end; `each` is told the length of every buffer and may stop the transfer.
    pub(super) fn transfer<E: From<io::Error>>(
        &self,
        from: &mut dyn Read,
        mut each: impl FnMut(usize) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            let mut bytes = self.buffer();
            let count = match fill(from, &mut bytes) {
                Ok(count) => count,
                Err(e) => return self.fail(e.into()),
            };
            if count == 0 {
                return Ok(());
            }
            bytes.truncate(count);
            let chunk = Arc::new(Chunk { bytes, pool: self.pool.clone() });
            // An end that is gone has stopped for good; the other may still want the rest.
            let _ = self.hash.send(chunk.clone());
            let _ = self.walk.send(Ok(chunk));
            if let Err(e) = each(count) {
                return self.fail(e);
            }
        }
    }

    fn fail<E>(&self, error: E) -> Result<(), E> {
        let _ = self.walk.send(Err(()));
        Err(error)
    }

    fn buffer(&self) -> Vec<u8> {
        let old = self.pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut bytes = old.unwrap_or_default();
        bytes.resize(CHUNK, 0);
        bytes
    }
}

fn fill(from: &mut dyn Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < bytes.len() {
        match from.read(&mut bytes[done..]) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(done)
}

impl HashEnd {
    /// Calls `take` with every buffer, in order.
    pub(super) fn for_each(self, mut take: impl FnMut(&[u8])) {
        for chunk in self.0 {
            take(&chunk.bytes);
        }
    }
}

impl Read for WalkEnd {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(into.len());
        into[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for WalkEnd {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.chunk.as_ref().is_none_or(|c| self.at >= c.bytes.len()) {
            self.chunk = match self.chunks.recv() {
                Ok(Ok(chunk)) => Some(chunk),
                Ok(Err(())) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(_) => None,
            };
            self.at = 0;
        }
        Ok(self.chunk.as_ref().map_or(&[], |c| &c.bytes[self.at..]))
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}
