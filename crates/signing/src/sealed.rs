//! Private keys as `cosign generate-key-pair` encrypts them: JSON in PEM, the key by scrypt (RFC 7914), the box NaCl's
//! (XSalsa20 and Poly1305).

use crate::SigningError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_secretbox::aead::Aead as _;
use crypto_secretbox::{KeyInit as _, XSalsa20Poly1305};
use serde::Deserialize;
use zeroize::Zeroizing;

/// The most bytes that scrypt may be told to take: 128 N r. cosign's own parameters take 64 MiB.
const MEMORY_LIMIT: u64 = 256 << 20;

#[derive(Deserialize)]
struct Sealed {
    kdf: Kdf,
    cipher: Cipher,
    ciphertext: String,
}

#[derive(Deserialize)]
struct Kdf {
    name: String,
    params: Params,
    salt: String,
}

#[derive(Deserialize)]
struct Params {
    #[serde(rename = "N")]
    n: u64,
    r: u32,
    p: u32,
}

#[derive(Deserialize)]
struct Cipher {
    name: String,
    nonce: String,
}

/// Whether a key in PEM needs a password.
pub fn is_sealed(text: &str) -> bool {
    text.contains("-----BEGIN ENCRYPTED ")
}

/// The PKCS #8 in the box.
pub(crate) fn open(json: &[u8], password: &[u8]) -> Result<Zeroizing<Vec<u8>>, SigningError> {
    let wrong = |why: &str| SigningError::Sealed(why.to_owned());
    let sealed: Sealed = serde_json::from_slice(json).map_err(|e| wrong(&e.to_string()))?;
    if (sealed.kdf.name.as_str(), sealed.cipher.name.as_str()) != ("scrypt", "nacl/secretbox") {
        return Err(wrong("expected scrypt and nacl/secretbox"));
    }
    let bytes = |text: &str| STANDARD.decode(text).map_err(|_| wrong("it holds what is no base64"));
    let (salt, nonce, ciphertext) =
        (bytes(&sealed.kdf.salt)?, bytes(&sealed.cipher.nonce)?, bytes(&sealed.ciphertext)?);
    let key = derive(password, &salt, &sealed.kdf.params)?;
    let nonce: [u8; 24] = nonce.try_into().map_err(|_| wrong("the nonce has not 24 bytes"))?;
    let cipher = XSalsa20Poly1305::new((&*key).into());
    let opened = cipher.decrypt((&nonce).into(), ciphertext.as_slice());
    opened.map(Zeroizing::new).map_err(|_| SigningError::Password)
}

fn derive(password: &[u8], salt: &[u8], params: &Params) -> Result<Zeroizing<[u8; 32]>, SigningError> {
    let wrong = |why: &str| SigningError::Sealed(why.to_owned());
    let memory = params.n.saturating_mul(u64::from(params.r)).saturating_mul(128);
    if !params.n.is_power_of_two() || params.n < 2 || memory > MEMORY_LIMIT || params.p > 16 {
        return Err(wrong("scrypt's parameters are not sensible"));
    }
    let log = u8::try_from(params.n.trailing_zeros()).map_err(|_| wrong("N is too large"))?;
    let params = scrypt::Params::new(log, params.r, params.p).map_err(|_| wrong("scrypt's parameters are invalid"))?;
    let mut key = Zeroizing::new([0; 32]);
    scrypt::scrypt(password, salt, &params, &mut *key).map_err(|_| wrong("scrypt's parameters are invalid"))?;
    Ok(key)
}
