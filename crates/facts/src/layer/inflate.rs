//! The stored stream: counted, hashed, inflated under a limit.

use super::pipe::Pipe;
use super::{Encoding, Means, Promise, Streamed, take};
use flate2::bufread::MultiGzDecoder;
use model::{Digest, Hasher, Unknown, UnknownKind};
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};

const BUFFER: usize = 256 << 10;
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Reads, hashes and inflates the whole stream into `pipe`.
pub(super) fn run(
    stream: impl Read,
    encoding: Encoding,
    promise: &Promise,
    means: &Means<'_>,
    pipe: Pipe,
) -> Result<Streamed, Unknown> {
    let size = promise.blob.map(|(_, size)| size);
    let stored = Cell::new(0);
    let hashing = Hashing {
        stream,
        hasher: promise.blob.map(|(digest, _)| digest.hasher()),
        count: &stored,
        size,
        progress: means.progress,
    };
    let mut reader = BufReader::with_capacity(BUFFER, hashing);
    let plain = inflate(&mut reader, encoding, &stored, means, &pipe).map_err(|stop| stop.unknown(promise))?;
    drop(pipe);
    // What follows the last member or frame belongs to the blob's digest all the same.
    io::copy(&mut reader, &mut io::sink()).map_err(|e| Stop::from(e).unknown(promise))?;
    let digest: Option<Digest> = reader.into_inner().hasher.map(Hasher::finish);
    Ok(Streamed { digest, stored: stored.get(), plain })
}

fn inflate(
    reader: &mut (impl BufRead + ?Sized),
    encoding: Encoding,
    stored: &Cell<u64>,
    means: &Means<'_>,
    pipe: &Pipe,
) -> Result<u64, Stop> {
    let encoding = if encoding == Encoding::Sniff { sniff(reader.fill_buf()?) } else { encoding };
    let mut plain = 0_u64;
    let limits = means.limits;
    let mut each = |count: usize| {
        plain += count as u64;
        let bound = limits.plain_floor.max(stored.get().saturating_mul(limits.inflate_ratio));
        if encoding != Encoding::Plain && plain > bound {
            return Err(Stop::Ratio { ratio: limits.inflate_ratio, plain });
        }
        if take(means.allowance, count as u64) { Ok(()) } else { Err(Stop::Allowance { plain }) }
    };
    match encoding {
        Encoding::Plain | Encoding::Sniff => pipe.transfer(&mut AsRead(reader), &mut each)?,
        Encoding::Gzip => pipe.transfer(&mut MultiGzDecoder::new(AsRead(reader)), &mut each)?,
        Encoding::Zstd => pipe.transfer(&mut zstd::stream::read::Decoder::with_buffer(AsRead(reader))?, &mut each)?,
    }
    Ok(plain)
}

pub(super) fn sniff(head: &[u8]) -> Encoding {
    let skippable = head.len() >= 4 && head[0] & 0xf0 == 0x50 && head[1..4] == [0x2a, 0x4d, 0x18];
    match head {
        _ if head.starts_with(GZIP) => Encoding::Gzip,
        _ if head.starts_with(ZSTD) || skippable => Encoding::Zstd,
        _ => Encoding::Plain,
    }
}

/// A borrowed reader as one that decoders can own.
struct AsRead<'a, R: ?Sized>(&'a mut R);

impl<R: BufRead + ?Sized> Read for AsRead<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl<R: BufRead + ?Sized> BufRead for AsRead<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.0.consume(count);
    }
}

/// Counts and hashes what is read, and stops where more comes than was promised.
struct Hashing<'a, R> {
    stream: R,
    hasher: Option<Hasher>,
    count: &'a Cell<u64>,
    size: Option<u64>,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl<R: Read> Read for Hashing<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(into)?;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&into[..count]);
        }
        self.count.set(self.count.get() + count as u64);
        (self.progress)(count as u64);
        if self.size.is_some_and(|size| self.count.get() > size) {
            return Err(io::Error::other(TooLong));
        }
        Ok(count)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the stored layer is longer than its descriptor says")]
struct TooLong;

/// Why inflating stopped before the end.
enum Stop {
    Read(io::Error),
    Ratio { ratio: u64, plain: u64 },
    Allowance { plain: u64 },
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

impl Stop {
    fn unknown(self, promise: &Promise) -> Unknown {
        let unknown = match self {
            Self::Read(e) if e.get_ref().is_some_and(|inner| inner.is::<TooLong>()) => {
                Unknown::new(UnknownKind::Mismatch, e.to_string())
            }
            Self::Read(e) => {
                Unknown::new(UnknownKind::Damaged, format!("the stored layer cannot be read to its end: {e}"))
            }
            Self::Ratio { ratio, plain } => {
                let why = format!(
                    "the layer inflates to more than {ratio} times its stored size (inflate_ratio); nothing in it was believed"
                );
                Unknown::new(UnknownKind::Limit, why).byte(plain)
            }
            Self::Allowance { plain } => {
                let why = "the image's layers inflate to more than was allowed in all (plain_total); nothing in this one was believed";
                Unknown::new(UnknownKind::Limit, why).byte(plain)
            }
        };
        promise.diff_id.map_or(unknown.clone(), |d| unknown.in_layer(d))
    }
}
