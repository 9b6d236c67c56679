//! `config.json` and `auth.json`: parsed once, looked up by registry and path.

use super::{Credential, CredentialError, Secret};
use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

/// No real file is near this.
const FILE_LIMIT: u64 = 4 << 20;

/// One file's part of the store.
pub(super) struct AuthFile {
    path: String,
    entries: BTreeMap<String, (String, Entry)>,
    helpers: BTreeMap<String, String>,
    helper_for_all: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    auths: Option<BTreeMap<String, Option<Entry>>>,
    cred_helpers: Option<BTreeMap<String, String>>,
    creds_store: Option<String>,
}

/// An entry as it stands in the file; decoded only when its registry is asked for.
#[derive(Deserialize)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl AuthFile {
    /// The file at `path`; `None` if there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, CredentialError> {
        let shown = path.display().to_string();
        let mut text = Vec::new();
        let read = std::fs::File::open(path).and_then(|f| f.take(FILE_LIMIT).read_to_end(&mut text));
        match read {
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(CredentialError::File { path: shown, source }),
            Ok(_) => {}
        }
        if text.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        match serde_json::from_slice::<Raw>(&text) {
            Ok(raw) => Ok(Some(Self::from_raw(shown, raw))),
            Err(e) => Err(CredentialError::Form { path: shown, line: e.line(), column: e.column() }),
        }
    }

    fn from_raw(path: String, raw: Raw) -> Self {
        let entries = raw.auths.unwrap_or_default().into_iter();
        let helpers = raw.cred_helpers.unwrap_or_default().into_iter();
        Self {
            path,
            entries: entries.filter_map(|(k, e)| e.map(|e| (normal_key(&k), (k, e)))).collect(),
            helpers: helpers.map(|(k, name)| (normal_key(&k), name)).collect(),
            helper_for_all: raw.creds_store.filter(|name| !name.is_empty()),
        }
    }

    /// The helper to ask for this host.
    pub(super) fn helper_for(&self, host: &str) -> Option<&str> {
        self.helpers.get(host).or(self.helper_for_all.as_ref()).map(String::as_str)
    }

    /// Whether an entry of its own stands here for the host.
    pub(super) fn names(&self, host: &str) -> bool {
        self.entries.contains_key(host)
    }

    /// The entry with the longest matching path.
    pub(super) fn entry(&self, host: &str, repository: &str) -> Result<Option<Credential>, CredentialError> {
        let whole = format!("{host}/{repository}");
        let ends = whole.match_indices('/').map(|(at, _)| at).chain([whole.len()]);
        let mut ends: Vec<usize> = ends.filter(|&at| at >= host.len()).collect();
        ends.reverse();
        for end in ends {
            if let Some((key, entry)) = self.entries.get(&whole[..end])
                && let Some(found) = entry.decode(key, &self.path)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

impl Entry {
    fn decode(&self, key: &str, path: &str) -> Result<Option<Credential>, CredentialError> {
        let given = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
        let bad = || CredentialError::Entry { path: path.to_owned(), key: key.to_owned() };
        let pair = match given(&self.auth) {
            Some(auth) => Some(decode_pair(&auth).ok_or_else(bad)?),
            None => given(&self.username).zip(given(&self.password)),
        };
        if let Some(token) = given(&self.identitytoken) {
            let user = pair.map(|(user, _)| user).or(given(&self.username)).unwrap_or_default();
            return Ok(Some(Credential(Secret::Identity { user, token })));
        }
        if let Some(token) = given(&self.registrytoken) {
            return Ok(Some(Credential(Secret::Bearer(token))));
        }
        Ok(pair.map(|(user, password)| Credential::from_pair(user, password)))
    }
}

/// Base64 of `user:password`, with or without padding; old Dockers ended the password with NULs.
fn decode_pair(auth: &str) -> Option<(String, String)> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let bytes = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient).decode(auth.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    (!user.is_empty()).then(|| (user.to_owned(), password.trim_matches('\0').to_owned()))
}

/// `https://host/v1/` and its like to `host`, Docker Hub's names to `docker.io`; a path is kept.
pub(super) fn normal_key(key: &str) -> String {
    let key = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    let key = key.trim_end_matches('/');
    let key = key.strip_suffix("/v1").or_else(|| key.strip_suffix("/v2")).unwrap_or(key);
    let (host, path) = key.split_once('/').map_or((key, None), |(h, p)| (h, Some(p)));
    let host = match host {
        "index.docker.io" | "registry-1.docker.io" => "docker.io",
        other => other,
    };
    path.map_or_else(|| host.to_owned(), |path| format!("{host}/{path}"))
}
