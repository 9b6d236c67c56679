//! What keys say of an image: in-toto statements in DSSE envelopes, packed as sigstore's bundles, and cosign's older
//! signatures. Practice 7: nobody has to believe who says that he built an image.
//!
//! A statement names its subject by digest. It proves nothing until [`Envelope::check`] found a key that signed these
//! very bytes, and then it proves that the holder of the key said so, no more.
//!
//! Nothing here opens a file, asks a registry or knows the time: bytes come in, bytes go out.

mod bundle;
mod envelope;
mod error;
mod keys;
mod pem;
mod sealed;
mod simple;
mod statement;

#[cfg(test)]
mod tests;

pub use bundle::{BUNDLE_LIMIT, BUNDLE_TYPE, Bundle, CONTENT, PREDICATE};
pub use envelope::{ENVELOPE_TYPE, Envelope, STATEMENT_TYPE};
pub use error::SigningError;
pub use keys::{PublicKey, SigningKey};
pub use sealed::is_sealed;
pub use simple::{SIGNATURE, SIMPLE_TYPE, simple_signer, simple_subject, tag_of};
pub use statement::{COSIGN_SIGN, Statement, predicate_type};
