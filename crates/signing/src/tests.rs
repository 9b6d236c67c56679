use super::*;
use crate::pem;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_secretbox::aead::Aead as _;
use crypto_secretbox::{KeyInit as _, XSalsa20Poly1305};
use model::Digest;
use serde_json::json;

/// By `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`, and its other half by `openssl pkey -pubout`.
const P256: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVEZdNmcS74dFtb+R
QrbRSykdBdgMLy2GdpQuLKkMajShRANCAAQjEUmfSbvnTNDROkBatTfous0PaxxK
0gxV0FLsQsOaBVbvnrGa8LB5pInU1/SZam5uVKr+zuJBTkbUm2Qt48TM
-----END PRIVATE KEY-----
";
const P256_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIxFJn0m750zQ0TpAWrU36LrND2sc
StIMVdBS7ELDmgVW756xmvCweaSJ1Nf0mWpublSq/s7iQU5G1JtkLePEzA==
-----END PUBLIC KEY-----
";
/// The same key by `openssl ec`.
const SEC1: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFRGXTZnEu+HRbW/kUK20UspHQXYDC8thnaULiypDGo0oAoGCCqGSM49
AwEHoUQDQgAEIxFJn0m750zQ0TpAWrU36LrND2scStIMVdBS7ELDmgVW756xmvCw
eaSJ1Nf0mWpublSq/s7iQU5G1JtkLePEzA==
-----END EC PRIVATE KEY-----
";
/// By `openssl genpkey -algorithm ED25519`.
const ED: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIEuvN4BJpPmC2FD/Gw67rATc910B+KFV7f/IgbjU8mIA
-----END PRIVATE KEY-----
";
const ED_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAN62pOfKVA2YtYgBk8YABiSfV53DsOS9kCw+Y8TkPEoA=
-----END PUBLIC KEY-----
";

fn digest() -> Digest {
    Digest::of(b"an image")
}

/// A signed statement as it travels, and the key's other half.
fn travelled(private: &str) -> (Vec<u8>, PublicKey) {
    let key = SigningKey::parse(private, b"").unwrap();
    let public = key.public().unwrap();
    let envelope = Envelope::signed(Statement::signature(digest()).write(), &key).unwrap();
    (Bundle::write(&envelope, &public), public)
}

#[test]
fn what_is_signed_is_checked_by_the_other_half_and_by_no_other_key() {
    let others = [P256_PUBLIC, ED_PUBLIC].map(|text| PublicKey::parse(text).unwrap());
    for (private, own, other) in [(P256, 0, 1), (SEC1, 0, 1), (ED, 1, 0)] {
        let (raw, public) = travelled(private);
        assert_eq!(public, others[own]);
        let bundle = Bundle::parse(&raw).unwrap();
        assert!(!bundle.keyless);
        assert_eq!(bundle.envelope.check(&others), Some(&others[own]));
        assert_eq!(bundle.envelope.check([&others[other]]), None);
        let statement = Statement::parse(bundle.envelope.payload()).unwrap();
        assert!(statement.is_about(&digest()) && !statement.is_about(&Digest::of(b"another")));
        assert_eq!(statement, Statement::signature(digest()));
    }
}

#[test]
fn keys_are_read_and_written_as_openssl_does() {
    for text in [P256_PUBLIC, ED_PUBLIC] {
        let key = PublicKey::parse(text).unwrap();
        assert_eq!(key.to_pem(), text);
        assert_eq!(STANDARD.decode(key.hint()).unwrap().len(), 32);
    }
    assert!(matches!(PublicKey::parse(P256), Err(SigningError::Pem { .. })));
    assert!(matches!(SigningKey::parse(P256_PUBLIC, b""), Err(SigningError::Pem { .. })));
    let rsa = pem::armour("PUBLIC KEY", &[0x30; 294]);
    assert_eq!(PublicKey::parse(&rsa), Err(SigningError::Key));
    let noise = pem::armour("PRIVATE KEY", &[0x30; 121]);
    assert!(matches!(SigningKey::parse(&noise, b""), Err(SigningError::Key)));
}

/// One changed byte anywhere in what was signed, or another type for the same payload, and nobody signed it.
#[test]
fn what_was_changed_is_not_signed() {
    let (raw, public) = travelled(P256);
    let written: serde_json::Value = serde_json::from_slice(&raw).unwrap();
    let payload = STANDARD.decode(written["dsseEnvelope"]["payload"].as_str().unwrap()).unwrap();
    for at in 0..payload.len() {
        let mut changed = payload.clone();
        changed[at] ^= 1;
        let mut forged = written.clone();
        forged["dsseEnvelope"]["payload"] = STANDARD.encode(&changed).into();
        let bundle = Bundle::parse(forged.to_string().as_bytes()).unwrap();
        assert_eq!(bundle.envelope.check([&public]), None, "byte {at}");
    }
    let mut retyped = written.clone();
    retyped["dsseEnvelope"]["payloadType"] = "text/plain".into();
    let bundle = Bundle::parse(retyped.to_string().as_bytes()).unwrap();
    assert_eq!((bundle.envelope.check([&public]), bundle.envelope.payload_type()), (None, "text/plain"));
}

#[test]
fn bundles_that_are_none() {
    let (raw, _) = travelled(ED);
    let whole: serde_json::Value = serde_json::from_slice(&raw).unwrap();
    let check = |change: fn(&mut serde_json::Value), expected: &str| {
        let mut changed = whole.clone();
        change(&mut changed);
        let error = Bundle::parse(changed.to_string().as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(|b| b["mediaType"] = "text/plain".into(), "its media type is `text/plain`");
    check(|b| b["dsseEnvelope"] = serde_json::Value::Null, "it holds no DSSE envelope");
    check(|b| b["dsseEnvelope"]["payload"] = "%".into(), "envelope");
    check(|b| b["dsseEnvelope"]["signatures"] = vec![json!({"sig": ""}); 65].into(), "more than 64 signatures");
    assert!(Bundle::parse(b"{").is_err());
    let mut keyless = whole.clone();
    keyless["verificationMaterial"] = json!({"certificate": {"rawBytes": ""}});
    assert!(Bundle::parse(keyless.to_string().as_bytes()).unwrap().keyless);
}

/// A key sealed as cosign seals it, with parameters that are quick.
fn sealed(password: &[u8], n: u64) -> String {
    let (_, der) = pem::block(P256, &["PRIVATE KEY"]).unwrap();
    let (salt, nonce) = ([7_u8; 32], [9_u8; 24]);
    let mut key = [0; 32];
    scrypt::scrypt(password, &salt, &scrypt::Params::new(4, 8, 1).unwrap(), &mut key).unwrap();
    let ciphertext = XSalsa20Poly1305::new((&key).into()).encrypt((&nonce).into(), der.as_slice()).unwrap();
    let json = json!({
        "kdf": {"name": "scrypt", "params": {"N": n, "r": 8, "p": 1}, "salt": STANDARD.encode(salt)},
        "cipher": {"name": "nacl/secretbox", "nonce": STANDARD.encode(nonce)},
        "ciphertext": STANDARD.encode(ciphertext),
    });
    pem::armour("ENCRYPTED SIGSTORE PRIVATE KEY", json.to_string().as_bytes())
}

#[test]
fn a_key_that_cosign_sealed_opens_by_its_password_alone() {
    let text = sealed(b"secret", 16);
    assert!(is_sealed(&text) && !is_sealed(P256));
    let key = SigningKey::parse(&text, b"secret").unwrap();
    assert_eq!(key.public().unwrap(), PublicKey::parse(P256_PUBLIC).unwrap());
    assert!(matches!(SigningKey::parse(&text, b"Secret"), Err(SigningError::Password)));
    for n in [0, 1, 15, 1 << 30, u64::MAX] {
        assert!(matches!(SigningKey::parse(&sealed(b"secret", n), b"secret"), Err(SigningError::Sealed(_))), "{n}");
    }
    let noise = pem::armour("ENCRYPTED COSIGN PRIVATE KEY", b"{}");
    assert!(matches!(SigningKey::parse(&noise, b""), Err(SigningError::Sealed(_))));
}

#[test]
fn statements() {
    let hex = digest().to_string().replace("sha256:", "");
    let text = json!({
        "_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2",
        "subject": [{"name": "a"}, {"name": "app", "digest": {"sha256": hex, "gitCommit": "0123"}}], "predicate": {"x": 1},
    });
    assert!(Statement::parse(text.to_string().as_bytes()).is_err(), "a subject without digests is no subject");
    let mut text = text;
    text["subject"] = json!([text["subject"][1]]);
    let statement = Statement::parse(text.to_string().as_bytes()).unwrap();
    assert_eq!(statement.subjects, [("app".to_owned(), vec![digest()])]);
    text["_type"] = "https://example.org/x".into();
    assert!(Statement::parse(text.to_string().as_bytes()).unwrap_err().to_string().contains("its type is"));
    assert_eq!(predicate_type("cyclonedx"), Some("https://cyclonedx.org/bom"));
    assert_eq!(predicate_type("https://example.org/x"), Some("https://example.org/x"));
    for none in ["nothing", ":", "https:", ""] {
        assert_eq!(predicate_type(none), None, "{none}");
    }
}

#[test]
fn older_signatures_name_their_image_by_digest() {
    let text = json!({"critical": {"identity": {"docker-reference": "r.example/app"},
        "image": {"docker-manifest-digest": digest().to_string()}, "type": "cosign container image signature"},
        "optional": null});
    assert_eq!(simple_subject(text.to_string().as_bytes()).unwrap(), digest());
    let mut other = text.clone();
    other["critical"]["type"] = "something else".into();
    assert!(simple_subject(other.to_string().as_bytes()).is_err());
    assert!(tag_of(&digest(), "sig").starts_with("sha256-") && tag_of(&digest(), "att").ends_with(".att"));
}
