//! Bundles, statements and keys: what parses is checked by no key that did not sign it, and is written as it was read.

#![no_main]

use signing::{Bundle, Envelope, PublicKey, SigningKey, Statement, simple_subject};

const KEY: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAN62pOfKVA2YtYgBk8YABiSfV53DsOS9kCw+Y8TkPEoA=
-----END PUBLIC KEY-----
";

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let key = PublicKey::parse(KEY).expect("a key");
    for envelope in [Bundle::parse(bytes).map(|bundle| bundle.envelope), Envelope::parse(bytes)].into_iter().flatten() {
        assert!(envelope.check([&key]).is_none(), "nobody who fuzzes has that key");
    }
    if let Ok(statement) = Statement::parse(bytes) {
        assert_eq!(Statement::parse(&statement.write()).as_ref(), Ok(&statement));
    }
    let _ = simple_subject(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(key) = PublicKey::parse(text) {
            assert_eq!(PublicKey::parse(&key.to_pem()), Ok(key));
        }
        let _ = SigningKey::parse(text, b"");
    }
});
