//! Which names say that their value is a secret.
//!
//! Whole words only: `TOKENIZERS_PARALLELISM`, `MONKEY` and `GPG_KEY` (a fingerprint) are no secrets.

/// Words that say it alone.
const ALONE: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "pword",
    "passwort",
    "secret",
    "secrets",
    "token",
    "credential",
    "credentials",
    "apikey",
    "apitoken",
    "privatekey",
    "secretkey",
];
/// Words that say it before `key`.
const BEFORE_KEY: [&str; 10] =
    ["api", "access", "private", "secret", "client", "signing", "encryption", "auth", "ssh", "master"];
/// Last words that turn the name into one *about* a secret.
const ABOUT: [&str; 31] = [
    "file",
    "path",
    "dir",
    "version",
    "url",
    "uri",
    "endpoint",
    "name",
    "id",
    "type",
    "ttl",
    "length",
    "size",
    "min",
    "max",
    "count",
    "timeout",
    "expiry",
    "expiration",
    "lifetime",
    "header",
    "algorithm",
    "enabled",
    "disabled",
    "required",
    "policy",
    "provider",
    "format",
    "hash",
    "public",
    "issuer",
];

/// Whether a variable of this name holds a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let words = words(name);
    if words.iter().any(|w| w == "public") || words.last().is_some_and(|w| ABOUT.contains(&w.as_str())) {
        return false;
    }
    words.iter().any(|w| ALONE.contains(&w.as_str()))
        || words.windows(2).any(|pair| pair[1] == "key" && BEFORE_KEY.contains(&pair[0].as_str()))
}

/// Whether a value is one that keeps nothing secret: empty, a switch, a reference to something else, or a file.
pub(crate) fn is_harmless(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    let switch = ["", "true", "false", "yes", "no", "on", "off", "0", "1", "none", "null"];
    switch.contains(&value.to_ascii_lowercase().as_str()) || value.starts_with('$') || value.starts_with('/')
}

/// The words of `DB_PASSWORD`, `db-password`, `dbPassword`, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_was_lower = false;
    for c in name.chars() {
        let starts = c.is_ascii_uppercase() && before_was_lower;
        if starts || !c.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_ascii_alphanumeric(), words.last_mut()) {
            word.push(c.to_ascii_lowercase());
        }
        before_was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_only() {
        for name in [
            "DB_PASSWORD",
            "npm_token",
            "dbPassword",
            "AWS_SECRET_ACCESS_KEY",
            "API_KEY",
            "client-secret",
            "GITHUB_TOKEN",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "GPG_KEY",
            "TOKENIZERS_PARALLELISM",
            "MONKEY",
            "PATH",
            "access.log",
            "PASSWORD_FILE",
            "AWS_ACCESS_KEY_ID",
            "TOKEN_URL",
            "SECRET_NAME",
            "PUBLIC_API_KEY",
            "SSH_AUTH_SOCK",
            "COMPASS",
            "KEYCLOAK_VERSION",
            "KEY",
            "",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn values_that_keep_nothing() {
        assert!(["", "yes", "$TOKEN", "${X}", "/run/secrets/x", "\"\""].into_iter().all(is_harmless));
        assert!(!is_harmless("hunter2"));
    }
}
