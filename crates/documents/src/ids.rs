//! Names of elements inside a document: unique, the same for the same package in every document, and of the
//! characters that SPDX allows (<https://spdx.github.io/spdx-spec/v2.3/package-information/#72-package-spdx-identifier-field>).

use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// The longest part of a package's own name in an identifier.
const NAME: usize = 48;

/// Hands out identifiers, each once.
#[derive(Default)]
pub(crate) struct Names(HashMap<String, u32>);

impl Names {
    /// `kind-name-` and 16 hex characters over `key`; a second element with the same key gets `-2`, and so on.
    pub(crate) fn take(&mut self, kind: &str, name: &str, key: &[&[u8]]) -> String {
        let mut hash = Sha256::new();
        for part in key {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hash: String = hash.finalize()[..8].iter().map(|b| format!("{b:02x}")).collect();
        let base = format!("{kind}-{}-{hash}", slug(name));
        let count = self.0.entry(base.clone()).and_modify(|n| *n += 1).or_insert(1);
        if *count == 1 { base } else { format!("{base}-{count}") }
    }
}

/// `name` in letters, digits, `.` and `-`.
pub(crate) fn slug(name: &str) -> String {
    let fine = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    name.chars().take(NAME).map(|c| if fine(c) { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_get_different_names() {
        let mut names = Names::default();
        let mut take = |name: &str, key: &str| names.take("npm", name, &[key.as_bytes()]);
        let (a, b, c) = (take("@x/y\n", "1"), take("@x/y\n", "1"), take("@x/y\n", "2"));
        assert_eq!(b, format!("{a}-2"));
        assert_ne!(a, c);
        assert!(a.starts_with("npm--x-y--"), "{a}");
    }
}
