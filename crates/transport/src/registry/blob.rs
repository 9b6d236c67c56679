//! A blob as a stream that survives broken connections.
//!
//! The bytes are not verified here but by whoever reads them to the end; what is kept is the size, the offset of
//! every part (`Content-Range`), and bounds on patience.

use super::endpoint::{Repository, shown};
use super::pace::backoff;
use super::wire::Response;
use super::{Inner, RegistryError};
use crate::TransportError;
use model::oci::Descriptor;
use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE};
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

/// Resumptions in a row that bring less than [`PROGRESS`].
const RESUMES: u32 = 5;
/// So much resets the count.
const PROGRESS: u64 = 1 << 20;
/// The slowest download that is borne, in bytes a second after the first minute: what is slower is a trap.
const SLOWEST: u64 = 1 << 10;
const GRACE: Duration = Duration::from_secs(60);

/// A blob's bytes, `descriptor.size` of them exactly, or an error.
pub(crate) struct BlobReader {
    client: Arc<Inner>,
    repository: Repository,
    target: String,
    blob: Descriptor,
    response: Option<Response>,
    /// What the server called the bytes that came first, if it can tell them from others: its strong `ETag`.
    validator: Option<HeaderValue>,
    offset: u64,
    resumes: u32,
    resumed_at: u64,
    /// The time spent waiting for bytes; the reader's own time does not count.
    spent: Duration,
}

impl BlobReader {
    /// Asks for the blob; a blob that is not there or is of another size is an error now, not while reading.
    pub(super) fn open(
        client: &Arc<Inner>,
        repository: &Repository,
        target: &str,
        blob: &Descriptor,
    ) -> Result<Self, TransportError> {
        let mut reader = Self {
            client: Arc::clone(client),
            repository: repository.clone(),
            target: target.to_owned(),
            blob: blob.clone(),
            response: None,
            validator: None,
            offset: 0,
            resumes: 0,
            resumed_at: 0,
            spent: Duration::ZERO,
        };
        let response = reader.ask().map_err(|source| TransportError::registry(target, source))?;
        if let Some(length) = response.content_length().filter(|&l| l != blob.size) {
            return Err(reader.mismatch(length.to_string()));
        }
        reader.validator = strong(&response);
        reader.response = Some(response);
        Ok(reader)
    }

    fn mismatch(&self, found: String) -> TransportError {
        TransportError::Mismatch {
            target: self.target.clone(),
            what: "the size of a blob",
            expected: self.blob.size.to_string(),
            found,
        }
    }

    /// The rest of the blob, from the offset on.
    fn ask(&self) -> Result<Response, RegistryError> {
        let mut headers = HeaderMap::new();
        if self.offset > 0 {
            let range = HeaderValue::try_from(format!("bytes={}-", self.offset));
            headers.insert(RANGE, range.map_err(|e| RegistryError::Client(e.to_string()))?);
            // A server whose bytes are others now sends all of them.
            if let Some(validator) = &self.validator {
                headers.insert(IF_RANGE, validator.clone());
            }
        }
        let url = self.repository.url("blobs", &self.blob.digest.to_string());
        let what = format!("blob {}", self.blob.digest);
        let mut response = self.client.get(&self.repository, url.clone(), headers, &what)?;
        // A server that cannot give the rest gives the whole.
        if response.status().as_u16() == 416 && self.offset > 0 {
            response = self.client.get(&self.repository, url, HeaderMap::new(), &what)?;
        }
        match response.status().as_u16() {
            // The server has ignored the range: what we have is passed over.
            200 => self.pass_over(&mut response)?,
            206 if self.offset > 0 => self.check_range(&response)?,
            status => {
                return Err(RegistryError::Status { url: shown(response.url()), status, said: String::new() });
            }
        }
        Ok(response)
    }

    fn check_range(&self, response: &Response) -> Result<(), RegistryError> {
        let stated = response.headers().get(CONTENT_RANGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let last = self.blob.size.saturating_sub(1);
        let start = format!("bytes {}-{last}/", self.offset);
        // Another name for the bytes: the rest of other bytes would be thrown away at the end, and is not fetched.
        if let (Some(before), Some(now)) = (&self.validator, strong(response))
            && *before != now
        {
            return Err(self.broken("the server has other bytes now than those that came first"));
        }
        match stated.strip_prefix(&start) {
            Some(total) if total == "*" || total == self.blob.size.to_string() => Ok(()),
            _ => Err(self.broken("the server sends another part than was asked for")),
        }
    }

    fn pass_over(&self, response: &mut Response) -> Result<(), RegistryError> {
        let started = self.client.web.pace.elapsed();
        let mut passed = 0;
        let mut buffer = [0; 64 << 10];
        while passed < self.offset {
            let room = usize::try_from(self.offset - passed).map_or(buffer.len(), |left| left.min(buffer.len()));
            match response.read(&mut buffer[..room]) {
                Ok(n @ 1..) => passed += n as u64,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                _ => return Err(self.broken("it could not be taken up again")),
            }
            if is_slow(passed, self.client.web.pace.elapsed().saturating_sub(started)) {
                return Err(self.broken("it is too slow"));
            }
        }
        Ok(())
    }

    fn broken(&self, why: &str) -> RegistryError {
        RegistryError::Broken { what: format!("blob {}", self.blob.digest), offset: self.offset, why: why.to_owned() }
    }

    fn fail(&self, source: RegistryError) -> io::Error {
        io::Error::other(TransportError::registry(&self.target, source))
    }

    /// After a break: waits and asks for the rest, a bounded number of times.
    fn resume(&mut self, why: &str) -> io::Result<()> {
        self.response = None;
        if self.offset.saturating_sub(self.resumed_at) >= PROGRESS {
            self.resumes = 0;
        }
        if self.resumes == RESUMES {
            return Err(self.fail(self.broken(why)));
        }
        self.client.web.pace.wait(backoff(self.resumes));
        self.resumes += 1;
        self.resumed_at = self.offset;
        match self.ask() {
            Ok(response) => self.response = Some(response),
            // Nobody there for a moment counts as one more break.
            Err(RegistryError::Unreachable { .. }) if self.resumes < RESUMES => {}
            Err(error) => return Err(self.fail(error)),
        }
        Ok(())
    }

    fn timed_read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(response) = &mut self.response else { return Ok(0) };
        let started = self.client.web.pace.elapsed();
        let read = response.read(buffer);
        self.spent += self.client.web.pace.elapsed().saturating_sub(started);
        read
    }
}

/// The name of these very bytes; a weak one may be shared by others and is good for no range.
fn strong(response: &Response) -> Option<HeaderValue> {
    response.headers().get(ETAG).filter(|tag| tag.as_bytes().starts_with(b"\"")).cloned()
}

/// Whether so many bytes in so much waiting is no honest connection.
pub(crate) fn is_slow(bytes: u64, spent: Duration) -> bool {
    spent.saturating_sub(GRACE) > Duration::from_secs(bytes / SLOWEST)
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let left = self.blob.size - self.offset;
            if left == 0 {
                return self.end();
            }
            let room = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            match self.timed_read(&mut buffer[..room]) {
                Ok(0) => self.resume("the connection was closed early")?,
                Ok(n) => {
                    self.offset += n as u64;
                    if is_slow(self.offset, self.spent) {
                        return Err(self.fail(self.broken("it is too slow")));
                    }
                    return Ok(n);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => self.resume(&super::web::root(&e))?,
            }
        }
    }
}

impl BlobReader {
    /// All promised bytes are there: one more would be a lie about the size.
    fn end(&mut self) -> io::Result<usize> {
        let mut more = [0];
        if matches!(self.timed_read(&mut more), Ok(1)) {
            let found = format!("more than {}", self.blob.size);
            return Err(io::Error::other(self.mismatch(found)));
        }
        self.response = None;
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_is_less_than_a_kibibyte_a_second_after_the_first_minute() {
        let slow = |bytes, seconds| is_slow(bytes, Duration::from_secs(seconds));
        assert!(!slow(0, 60) && slow(0, 61));
        assert!(!slow(100 << 10, 160) && slow(100 << 10, 161));
        assert!(!slow(u64::MAX, 1 << 30));
    }
}
