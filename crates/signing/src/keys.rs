//! Keys: P-256 with SHA-256 and Ed25519, as cosign and openssl write them.

use crate::{SigningError, pem, sealed};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::Digest;

/// What stands before the point in a SubjectPublicKeyInfo (RFC 5480) of P-256, whose points are 65 bytes.
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// And of Ed25519 (RFC 8410), whose keys are 32 bytes.
const ED: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const PUBLIC: &str = "PUBLIC KEY";
const PRIVATE: [&str; 4] =
    ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY"];

/// A key that others' signatures are checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// SubjectPublicKeyInfo, DER.
    spki: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    P256,
    Ed25519,
}

impl PublicKey {
    /// Reads `PUBLIC KEY` in PEM.
    ///
    /// # Errors
    /// [`SigningError::Pem`], [`SigningError::Key`] for other kinds of keys.
    pub fn parse(text: &str) -> Result<Self, SigningError> {
        let (_, der) = pem::block(text, &[PUBLIC]).ok_or(SigningError::Pem { expected: "`PUBLIC KEY`" })?;
        Self::of_spki(&der)
    }

    fn of_spki(spki: &[u8]) -> Result<Self, SigningError> {
        let kind = match spki.len() {
            91 if spki.starts_with(&P256) => Kind::P256,
            44 if spki.starts_with(&ED) => Kind::Ed25519,
            _ => return Err(SigningError::Key),
        };
        Ok(Self { spki: spki.to_vec(), kind })
    }

    fn raw(&self) -> &[u8] {
        let header = match self.kind {
            Kind::P256 => P256.len(),
            Kind::Ed25519 => ED.len(),
        };
        self.spki.get(header..).unwrap_or_default()
    }

    /// Whether this key signed `message`.
    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match self.kind {
            Kind::P256 => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, self.raw()).verify(message, signature),
            Kind::Ed25519 => UnparsedPublicKey::new(&ED25519, self.raw()).verify(message, signature),
        }
        .is_ok()
    }

    /// `sha256:` of its SubjectPublicKeyInfo: what names a key for people.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&self.spki)
    }

    /// The same in base64, as sigstore's bundles name a key.
    pub fn hint(&self) -> String {
        let hex = self.fingerprint().to_string();
        let hex = hex.rsplit(':').next().unwrap_or_default();
        let bytes: Vec<u8> = (0..hex.len())
            .step_by(2)
            .filter_map(|at| u8::from_str_radix(hex.get(at..at + 2).unwrap_or_default(), 16).ok())
            .collect();
        STANDARD.encode(bytes)
    }

    /// The key in PEM.
    pub fn to_pem(&self) -> String {
        pem::armour(PUBLIC, &self.spki)
    }
}

/// A key that signs. It is never shown.
pub struct SigningKey(Pair);

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Reads a private key in PEM: PKCS #8 or SEC 1, or one that cosign encrypted, which `password` opens.
    ///
    /// # Errors
    /// [`SigningError::Pem`], [`SigningError::Key`]; of an encrypted one [`SigningError::Sealed`],
    /// [`SigningError::Password`].
    pub fn parse(text: &str, password: &[u8]) -> Result<Self, SigningError> {
        let expected = "`PRIVATE KEY`, `EC PRIVATE KEY` or cosign's encrypted one";
        let (label, bytes) = pem::block(text, &PRIVATE).ok_or(SigningError::Pem { expected })?;
        if label.starts_with("ENCRYPTED") {
            return Self::of_der(&sealed::open(&bytes, password)?);
        }
        Self::of_der(&bytes)
    }

    fn of_der(der: &[u8]) -> Result<Self, SigningError> {
        let p256 = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der)
            .or_else(|_| EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_ASN1_SIGNING, der));
        if let Ok(pair) = p256 {
            return Ok(Self(Pair::P256(pair)));
        }
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| SigningError::Key)?;
        Ok(Self(Pair::Ed25519(pair)))
    }

    /// Its other half.
    ///
    /// # Errors
    /// [`SigningError::Key`] for a point that is not written out in full.
    pub fn public(&self) -> Result<PublicKey, SigningError> {
        let (header, raw): (&[u8], &[u8]) = match &self.0 {
            Pair::P256(pair) => (&P256, pair.public_key().as_ref()),
            Pair::Ed25519(pair) => (&ED, pair.public_key().as_ref()),
        };
        PublicKey::of_spki(&[header, raw].concat())
    }

    /// The signature of `message`: of P-256 in ASN.1.
    ///
    /// # Errors
    /// [`SigningError::Sign`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let signature = match &self.0 {
            Pair::P256(pair) => pair.sign(&SystemRandom::new(), message).map_err(|_| SigningError::Sign)?,
            Pair::Ed25519(pair) => pair.try_sign(message).map_err(|_| SigningError::Sign)?,
        };
        Ok(signature.as_ref().to_vec())
    }
}
