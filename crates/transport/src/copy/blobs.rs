//! The blobs of an image, several at a time; when one fails the others are given up.

use super::origin::{Origin, Store};
use super::plan::Plan;
use super::sink::Sink;
use super::{CopyOptions, CopyStep, Sent};
use crate::TransportError;
use crate::registry::Source;
use model::oci::{Descriptor, Document};
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Brings all blobs of `plan` to `sink`.
pub(super) fn carry(
    plan: &Plan,
    from: &Origin,
    sink: &dyn Sink,
    options: &CopyOptions<'_>,
) -> Result<Vec<(Descriptor, Sent)>, TransportError> {
    // A destination that has the image has its blobs: it would not have taken the manifest without.
    let root = plan.documents.last().map(Document::digest);
    if let Some(root) = root
        && sink.has(&root)?
        && plan.children().iter().map(|d| sink.has(&d.digest())).collect::<Result<Vec<_>, _>>()?.iter().all(|&has| has)
    {
        return Ok(plan.blobs.iter().map(|blob| (blob.clone(), Sent::Present)).collect());
    }
    (options.progress)(CopyStep::More(plan.blobs.iter().map(|blob| blob.size).sum()));
    let work = Work {
        plan,
        from,
        sink,
        progress: options.progress,
        stop: &options.stop,
        next: AtomicUsize::new(0),
        failed: Arc::default(),
        results: Mutex::default(),
    };
    let jobs = options.jobs.min(sink.jobs()).min(plan.blobs.len()).max(1);
    std::thread::scope(|scope| {
        for _ in 1..jobs {
            scope.spawn(|| work.run());
        }
        work.run();
    });
    let (mut done, error) = work.results.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = error {
        return Err(error);
    }
    if done.len() < plan.blobs.len() {
        let source = io::Error::new(io::ErrorKind::Interrupted, "given up");
        return Err(TransportError::File { path: from.target.clone(), source });
    }
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(at, sent)| (plan.blobs[at].clone(), sent)).collect())
}

type Results = (Vec<(usize, Sent)>, Option<TransportError>);

struct Work<'a> {
    plan: &'a Plan,
    from: &'a Origin,
    sink: &'a dyn Sink,
    progress: &'a (dyn Fn(CopyStep) + Sync),
    stop: &'a Arc<AtomicBool>,
    next: AtomicUsize,
    failed: Arc<AtomicBool>,
    results: Mutex<Results>,
}

impl Work<'_> {
    fn run(&self) {
        while !self.failed.load(Ordering::Relaxed) && !self.stop.load(Ordering::Relaxed) {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(blob) = self.plan.blobs.get(at) else { return };
            let result = self.one(blob);
            let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
            match result {
                Ok(sent) => {
                    (self.progress)(CopyStep::Done(blob.size));
                    results.0.push((at, sent));
                }
                Err(error) => {
                    self.failed.store(true, Ordering::Relaxed);
                    // The first error is the cause of the others.
                    results.1.get_or_insert(error);
                    return;
                }
            }
        }
    }

    fn one(&self, blob: &Descriptor) -> Result<Sent, TransportError> {
        let bytes = Bytes {
            store: Arc::clone(&self.from.store),
            blob: blob.clone(),
            given_up: [Arc::clone(&self.failed), Arc::clone(self.stop)],
            trouble: Mutex::default(),
        };
        let bytes = Arc::new(bytes);
        let source: Arc<dyn Source> = Arc::<Bytes>::clone(&bytes);
        let sent = self.sink.blob(blob, self.from.store.as_ref(), &source);
        // What went wrong where the bytes come from is the better error.
        let trouble = bytes.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        sent.map_err(|error| trouble.unwrap_or(error))
    }
}

/// A blob where it comes from.
struct Bytes {
    store: Arc<dyn Store>,
    blob: Descriptor,
    given_up: [Arc<AtomicBool>; 2],
    trouble: Mutex<Option<TransportError>>,
}

impl Source for Bytes {
    fn size(&self) -> u64 {
        self.blob.size
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match self.store.open(&self.blob) {
            Ok(inner) => Ok(Box::new(Stopping { inner, given_up: self.given_up.clone() })),
            Err(error) => {
                let text = error.to_string();
                *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Err(io::Error::other(text))
            }
        }
    }
}

/// Ends with an error as soon as another blob has failed or the whole was given up.
struct Stopping {
    inner: Box<dyn Read + Send>,
    given_up: [Arc<AtomicBool>; 2],
}

impl Read for Stopping {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given_up.iter().any(|flag| flag.load(Ordering::Relaxed)) {
            return Err(io::Error::other("given up"));
        }
        self.inner.read(buffer)
    }
}
