//! Content digests, as the OCI image spec writes them: `algorithm:hex`
//! (<https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests>).
//!
//! A [`Digest`] comes from parsing or from hashing and from nowhere else, so that a text that merely looks
//! like one never names content. Unregistered algorithms are refused: what cannot be computed cannot be verified.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest as _;
use std::fmt;
use std::str::FromStr;

/// The registered algorithms that we can compute, and therefore verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// SHA-256, 64 hex characters.
    Sha256,
    /// SHA-512, 128 hex characters.
    Sha512,
}

impl Algorithm {
    /// The name before the colon.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// A verified or claimed content digest. `Display` gives `sha256:…` in lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    /// Only the first `algorithm.bytes()` count; the rest is zero, so that derived comparisons hold.
    bytes: [u8; 64],
}

/// Why a text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// No `algorithm:` in front.
    #[error("`{0}` is not a digest: expected `sha256:` and 64 hex characters")]
    NoAlgorithm(String),
    /// An algorithm that we cannot compute.
    #[error("digest algorithm `{0}` is not supported: only sha256 and sha512 are")]
    UnknownAlgorithm(String),
    /// Not lower-case hex, or not of the algorithm's length.
    #[error("`{text}` is not a {algorithm} digest: expected {want} lower-case hex characters")]
    BadHex {
        /// The algorithm's name.
        algorithm: &'static str,
        /// The text after the colon.
        text: String,
        /// How many characters it should have.
        want: usize,
    },
}

impl Digest {
    /// The SHA-256 digest of `content`.
    pub fn of(content: &[u8]) -> Self {
        Self::from_sha256(sha2::Sha256::digest(content).into())
    }

    /// The digest whose hash was already computed.
    pub fn from_sha256(hash: [u8; 32]) -> Self {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&hash);
        Self { algorithm: Algorithm::Sha256, bytes }
    }

    /// The digest whose SHA-512 was already computed.
    pub fn from_sha512(bytes: [u8; 64]) -> Self {
        Self { algorithm: Algorithm::Sha512, bytes }
    }

    /// The algorithm before the colon.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The hash itself: 32 or 64 bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.algorithm.bytes()]
    }

    /// The lower-case hex after the colon.
    pub fn hex(&self) -> String {
        hex(self.bytes())
    }

    /// A hasher for this digest's algorithm, to check content against it.
    pub fn hasher(&self) -> Hasher {
        Hasher::new(self.algorithm)
    }
}

/// A running hash that ends in a [`Digest`].
pub struct Hasher(Kind);

enum Kind {
    Sha256(sha2::Sha256),
    Sha512(Box<sha2::Sha512>),
}

impl Hasher {
    /// A hasher for `algorithm`.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha256 => Kind::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => Kind::Sha512(Box::new(sha2::Sha512::new())),
        })
    }

    /// Takes in more content.
    pub fn update(&mut self, content: &[u8]) {
        match &mut self.0 {
            Kind::Sha256(h) => h.update(content),
            Kind::Sha512(h) => h.update(content),
        }
    }

    /// The digest of all content taken in.
    pub fn finish(self) -> Digest {
        match self.0 {
            Kind::Sha256(h) => Digest::from_sha256(h.finalize().into()),
            Kind::Sha512(h) => Digest { algorithm: Algorithm::Sha512, bytes: h.finalize().into() },
        }
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let (name, hex) = text.split_once(':').ok_or_else(|| DigestError::NoAlgorithm(text.to_owned()))?;
        let algorithm = match name {
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            other => return Err(DigestError::UnknownAlgorithm(other.to_owned())),
        };
        let want = algorithm.bytes() * 2;
        let bad = || DigestError::BadHex { algorithm: algorithm.name(), text: hex.to_owned(), want };
        if hex.len() != want {
            return Err(bad());
        }
        let mut bytes = [0; 64];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            *byte = nibble(pair[0]).zip(nibble(pair[1])).map(|(h, l)| h << 4 | l).ok_or_else(bad)?;
        }
        Ok(Self { algorithm, bytes })
    }
}

fn nibble(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).map(char::from).collect()
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.name(), self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The SHA-256 of one file's content: what a [`Digest`] is for blobs, small enough to keep for every file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// The hash of `content`.
    pub fn of(content: &[u8]) -> Self {
        Self(sha2::Sha256::digest(content).into())
    }

    /// The hash that these 64 lower-case hexadecimal digits write.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digit = |b: u8| char::from(b).to_digit(16).filter(|_| !b.is_ascii_uppercase());
        let mut hash = [0; 32];
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
        }
        Some(Self(hash))
    }

    /// Lower-case hex, 64 characters.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_comes_back() {
        let hash = Sha256::of(b"x");
        assert_eq!(Sha256::from_hex(&hash.hex()), Some(hash));
        for wrong in ["", "00", &hash.hex().to_uppercase(), &"é".repeat(32), &hash.hex()[1..]] {
            assert_eq!(Sha256::from_hex(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn round_trips_through_text() {
        let text = Digest::of(b"").to_string();
        assert_eq!(text, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(text.parse::<Digest>().unwrap(), Digest::of(b""));
    }

    #[test]
    fn refuses_what_it_could_not_verify() {
        for text in [
            "",
            "sha256",
            "sha256:abc",
            "md5:d41d8cd98f00b204e9800998ecf8427e",
            "sha256:E3B0C44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }

    #[test]
    fn sha512_is_a_digest_too() {
        let mut hasher = Hasher::new(Algorithm::Sha512);
        hasher.update(b"abc");
        let digest = hasher.finish();
        assert!(digest.to_string().starts_with("sha512:ddaf35a1"));
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
    }
}
