//! Bytes that are hashed while they are sent: the last of them only if they are what was promised.

use super::ask::Source;
use super::sessions::Sessions;
use super::{RegistryError, web};
use model::Hasher;
use model::oci::Descriptor;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// Why bytes could not be sent, told past the HTTP client, which would call it a trouble of the network.
#[derive(Clone, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<RegistryError>>>);

impl Trouble {
    fn set(&self, error: RegistryError) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// The error if there was one.
    pub(super) fn result(&self) -> Result<(), RegistryError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

/// A source whose every reading is verified.
pub(super) struct Verified {
    bytes: Arc<dyn Source>,
    blob: Descriptor,
    trouble: Trouble,
    sessions: Arc<Sessions>,
    early: bool,
}

impl Verified {
    /// The same, but trouble ends it early instead of breaking it: for a stream that states no length.
    pub(super) fn ending_early(mut self) -> Self {
        self.early = true;
        self
    }

    pub(super) fn source(
        bytes: &Arc<dyn Source>,
        blob: &Descriptor,
        trouble: &Trouble,
        sessions: &Arc<Sessions>,
    ) -> Self {
        let (bytes, sessions) = (Arc::clone(bytes), Arc::clone(sessions));
        Self { bytes, blob: blob.clone(), trouble: trouble.clone(), sessions, early: false }
    }
}

impl Source for Verified {
    fn size(&self) -> u64 {
        self.blob.size
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let inner = self.bytes.open().inspect_err(|e| self.trouble.set(unread(e)))?;
        let reader = Reader {
            inner,
            hasher: Some(self.blob.digest.hasher()),
            left: self.blob.size,
            blob: self.blob.clone(),
            trouble: self.trouble.clone(),
            sessions: Arc::clone(&self.sessions),
            early: self.early,
        };
        Ok(if self.early { Box::new(Early(reader)) } else { Box::new(reader) })
    }
}

/// Ends where the other breaks.
struct Early(Reader);

impl Read for Early {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).or(Ok(0))
    }
}

struct Reader {
    inner: Box<dyn Read + Send>,
    /// Until it was asked for the result.
    hasher: Option<Hasher>,
    left: u64,
    blob: Descriptor,
    trouble: Trouble,
    sessions: Arc<Sessions>,
    early: bool,
}

impl Reader {
    fn fail(&self, error: RegistryError) -> io::Error {
        let text = error.to_string();
        self.trouble.set(error);
        io::Error::other(text)
    }

    fn mismatch(&self, found: String) -> io::Error {
        self.fail(RegistryError::Unverified { expected: self.blob.digest.to_string(), found })
    }

    /// All bytes were read: they are what was promised, and there are no more.
    fn judge(&mut self) -> io::Result<()> {
        let Some(hasher) = self.hasher.take() else { return Ok(()) };
        let found = hasher.finish();
        if found != self.blob.digest {
            return Err(self.mismatch(found.to_string()));
        }
        let mut more = [0];
        match self.inner.read(&mut more) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.mismatch(format!("longer than {} bytes", self.blob.size))),
            Err(e) => Err(self.fail(unread(&e))),
        }
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // What cannot end early is not given up half-way.
        if self.sessions.is_stopped() && (self.early || self.left == self.blob.size) {
            return Err(self.fail(RegistryError::Stopped));
        }
        let room = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        if room == 0 {
            self.judge()?;
            return Ok(0);
        }
        let got = loop {
            match self.inner.read(&mut buffer[..room]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.fail(unread(&e))),
                Ok(0) => {
                    let got = self.blob.size - self.left;
                    return Err(self.mismatch(format!("{got} of {} bytes long", self.blob.size)));
                }
                Ok(got) => break got,
            }
        };
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buffer[..got]);
        }
        self.left -= got as u64;
        if self.left == 0 {
            self.judge()?;
        }
        Ok(got)
    }
}

/// The bytes could not be had from where they are.
fn unread(error: &io::Error) -> RegistryError {
    RegistryError::Unread(web::root(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Digest;

    struct Bytes(&'static [u8]);

    impl Source for Bytes {
        fn size(&self) -> u64 {
            self.0.len() as u64
        }

        fn open(&self) -> io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(self.0))
        }
    }

    /// What is let through of `found` where `promised` was promised, and the trouble.
    fn sent(found: &'static [u8], promised: &[u8]) -> (usize, String) {
        let blob = Descriptor {
            media_type: String::new(),
            digest: Digest::of(promised),
            size: promised.len() as u64,
            urls: Vec::new(),
            annotations: Default::default(),
            platform: None,
            artifact_type: None,
        };
        let trouble = Trouble::default();
        let bytes: Arc<dyn Source> = Arc::new(Bytes(found));
        let source = Verified::source(&bytes, &blob, &trouble, &Arc::default());
        let mut out = Vec::new();
        let _ = source.open().unwrap().read_to_end(&mut out);
        (out.len(), trouble.result().err().map(|e| e.to_string()).unwrap_or_default())
    }

    #[test]
    fn the_last_bytes_are_held_back_until_they_are_proved() {
        assert_eq!(sent(b"abc", b"abc"), (3, String::new()));
        assert_eq!(sent(b"", b""), (0, String::new()));
        let check = |found, promised, expected: &str| {
            let (length, why) = sent(found, promised);
            assert!(length < promised.len() && why.contains(expected), "{length} {why}");
        };
        check(b"abd", b"abc", "is sha256:");
        check(b"ab", b"abc", "2 of 3 bytes long");
        check(b"abcd", b"abc", "longer than 3 bytes");
    }

    #[test]
    fn a_stop_ends_all_reading() {
        let sessions: Arc<Sessions> = Arc::default();
        sessions.stop();
        let (bytes, trouble): (Arc<dyn Source>, _) = (Arc::new(Bytes(b"abc")), Trouble::default());
        let blob = Descriptor {
            media_type: String::new(),
            digest: Digest::of(b"abc"),
            size: 3,
            urls: Vec::new(),
            annotations: Default::default(),
            platform: None,
            artifact_type: None,
        };
        let source = Verified::source(&bytes, &blob, &trouble, &sessions);
        assert!(source.open().unwrap().read(&mut [0; 3]).is_err());
        assert!(matches!(trouble.result(), Err(RegistryError::Stopped)));
    }
}
