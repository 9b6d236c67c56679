//! Buffers that pass from the thread that inflates to the one that walks, and back for reuse.

use super::hash::Running;
use model::{Algorithm, Digest, Hasher, Sha256};
use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Bytes of one buffer: whole blocks of a tar and of a hash.
const CHUNK: usize = 128 << 10;
/// Buffers that may wait in the queue: enough to bridge a stall, few enough to stay small.
const QUEUE: usize = 8;

/// The writing end.
pub(super) struct Pipe {
    used: Receiver<Vec<u8>>,
    walk: SyncSender<Result<Vec<u8>, ()>>,
}

/// Reads the plain stream and hashes all that is read. Fails if the writer could not go on.
pub(super) struct WalkEnd {
    chunks: Receiver<Result<Vec<u8>, ()>>,
    used: SyncSender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
    stream: Stream,
    /// The hash of the file that passes, if one is wanted.
    file: Option<Running>,
}

/// The hash of the whole stream.
enum Stream {
    /// Together with a file's.
    Sha256(Running),
    /// Alone.
    Other(Box<Hasher>),
}

/// A pipe whose reading end hashes with `algorithm`.
pub(super) fn pipe(algorithm: Algorithm) -> (Pipe, WalkEnd) {
    let (walk, chunks) = sync_channel(QUEUE);
    // Room for every buffer there is, so that giving one back never waits.
    let (back, used) = sync_channel(QUEUE + 2);
    let stream = match algorithm {
        Algorithm::Sha256 => Stream::Sha256(Running::new()),
        other => Stream::Other(Box::new(Hasher::new(other))),
    };
    let end = WalkEnd { chunks, used: back, chunk: Vec::new(), at: 0, stream, file: None };
    (Pipe { used, walk }, end)
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
            // A walker that is gone has stopped for good; the stored stream is read to its end all the same.
            let _ = self.walk.send(Ok(bytes));
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
        let mut bytes = self.used.try_recv().unwrap_or_default();
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

impl WalkEnd {
    /// What is consumed from here on is a file's content.
    pub(super) fn begin_file(&mut self) {
        self.file = Some(Running::new());
    }

    /// The hash of what was consumed since [`WalkEnd::begin_file`]; `None` without that.
    pub(super) fn end_file(&mut self) -> Option<Sha256> {
        self.file.take().map(|file| Sha256(file.finish()))
    }

    /// The digest of all that was consumed.
    pub(super) fn finish(self) -> Digest {
        match self.stream {
            Stream::Sha256(hash) => Digest::from_sha256(hash.finish()),
            Stream::Other(hasher) => hasher.finish(),
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
        if self.at >= self.chunk.len() {
            let next = match self.chunks.recv() {
                Ok(Ok(chunk)) => chunk,
                Ok(Err(())) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(_) => Vec::new(),
            };
            let _ = self.used.try_send(std::mem::replace(&mut self.chunk, next));
            self.at = 0;
        }
        Ok(&self.chunk[self.at..])
    }

    fn consume(&mut self, count: usize) {
        let bytes = &self.chunk[self.at..self.at + count];
        match (&mut self.stream, &mut self.file) {
            (Stream::Sha256(stream), Some(file)) => stream.update_both(file, bytes),
            (Stream::Sha256(stream), None) => stream.update(bytes),
            (Stream::Other(stream), file) => {
                stream.update(bytes);
                file.iter_mut().for_each(|file| file.update(bytes));
            }
        }
        self.at += count;
    }
}
