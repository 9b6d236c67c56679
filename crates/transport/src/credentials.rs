//! The sign-ins that Docker and its kin have stored: `config.json`, `auth.json`, credential helpers.
//!
//! The order is Docker's: the helper named for the host, the helper for all hosts, then what stands in the files,
//! the longest matching path first (`registry/team/app` before `registry`). This room reads no environment: the
//! caller says which files there are and where helpers are found. Secrets live in types that cannot be printed
//! or written; errors name the file and the place, never the content.
//!
//! <https://docs.docker.com/reference/cli/docker/login/#credential-stores>,
//! <https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md>

mod files;
mod helper;
mod save;

pub use save::Keeper;

use files::AuthFile;
use std::path::PathBuf;
use std::time::Duration;

/// Where credentials may be stored, as the caller found it in the environment.
#[derive(Clone, Debug)]
pub struct CredentialFiles {
    /// Docker's `config.json` and containers' `auth.json`, the most trusted first. A file that is missing is skipped.
    pub files: Vec<PathBuf>,
    /// The folders that `docker-credential-…` programs are looked for in: `PATH`, split.
    pub helper_folders: Vec<PathBuf>,
    /// How long a helper may take.
    pub helper_limit: Duration,
}

impl Default for CredentialFiles {
    fn default() -> Self {
        Self { files: Vec::new(), helper_folders: Vec::new(), helper_limit: Duration::from_secs(10) }
    }
}

/// Why stored credentials could not be had. Never holds any part of a secret.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// A file is there and cannot be read.
    #[error("cannot read the credentials in `{path}`: {source}")]
    File {
        /// Which file.
        path: String,
        /// The system's word.
        source: std::io::Error,
    },
    /// A file is not in Docker's format. The parser's own words are left out: they may quote a secret.
    #[error("the credentials in `{path}` are not valid JSON of Docker's form (line {line}, column {column})")]
    Form {
        /// Which file.
        path: String,
        /// 1-based.
        line: usize,
        /// 1-based.
        column: usize,
    },
    /// An entry whose `auth` is not base64 of `user:password`.
    #[error("the `auth` of `{key}` in `{path}` is not base64 of `user:password`")]
    Entry {
        /// Which file.
        path: String,
        /// The entry's key.
        key: String,
    },
    /// There is no home, and so no file to keep a sign-in in.
    #[error("there is no file to keep a sign-in in: neither DOCKER_CONFIG nor HOME is set")]
    Nowhere,
    /// A helper could not be run, or did not answer as a helper does.
    #[error("the credential helper `docker-credential-{helper}` {why}")]
    Helper {
        /// Its name in the configuration.
        helper: String,
        /// What went wrong.
        why: &'static str,
    },
}

/// A sign-in for one registry. Deliberately neither `Debug`, `Display` nor `Serialize`.
#[derive(Clone)]
pub struct Credential(pub(crate) Secret);

/// What is kept for a registry.
#[derive(Clone)]
pub(crate) enum Secret {
    /// A name and a password or access token.
    Password { user: String, password: String },
    /// An OAuth2 refresh token, exchanged at the registry's token server.
    Identity { user: String, token: String },
    /// A bearer token for the registry itself.
    Bearer(String),
}

impl Credential {
    /// A name and a password (or personal access token), as asked from a person.
    pub fn password(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self(Secret::Password { user: user.into(), password: password.into() })
    }

    /// Docker's convention: the user `<token>` marks an identity token.
    fn from_pair(user: String, secret: String) -> Self {
        match user.as_str() {
            "<token>" => Self(Secret::Identity { user: String::new(), token: secret }),
            _ => Self(Secret::Password { user, password: secret }),
        }
    }
}

/// All stored sign-ins. Files are read once, helpers run when a registry asks for a sign-in.
#[derive(Default)]
pub struct CredentialStore {
    files: Vec<AuthFile>,
    helper_folders: Vec<PathBuf>,
    helper_limit: Duration,
    given: Vec<(String, Credential)>,
}

impl CredentialStore {
    /// Reads the files. Missing ones are skipped; unreadable or malformed ones are errors, so that nobody is
    /// anonymous by a slip.
    pub fn from_files(from: &CredentialFiles) -> Result<Self, CredentialError> {
        let files = from.files.iter().filter_map(|path| AuthFile::read(path).transpose()).collect::<Result<_, _>>()?;
        let (helper_folders, helper_limit) = (from.helper_folders.clone(), from.helper_limit);
        Ok(Self { files, helper_folders, helper_limit, given: Vec::new() })
    }

    /// The same store with one sign-in more, for `registry` (a host as in a reference), before all others.
    #[must_use]
    pub fn with(mut self, registry: &str, credential: Credential) -> Self {
        self.given.insert(0, (files::normal_key(registry), credential));
        self
    }

    /// The sign-in for a repository on a registry host (`docker.io` for Docker Hub), if there is one.
    pub(crate) fn find(&self, host: &str, repository: &str) -> Result<Option<Credential>, CredentialError> {
        let host = files::normal_key(host);
        if let Some((_, credential)) = self.given.iter().find(|(h, _)| *h == host) {
            return Ok(Some(credential.clone()));
        }
        for file in &self.files {
            if let Some(name) = file.helper_for(&host) {
                let found = helper::get(name, server_name(&host), &self.helper_folders, self.helper_limit)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            if let Some(found) = file.entry(&host, repository)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// What a helper knows a registry by: Docker Hub has kept the address of its first interface.
fn server_name(host: &str) -> &str {
    if host == "docker.io" { "https://index.docker.io/v1/" } else { host }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use std::io::Write as _;

    /// A sign-in in words, for comparing.
    pub(super) fn shown(credential: Option<Credential>) -> String {
        match credential.map(|c| c.0) {
            None => "none".to_owned(),
            Some(Secret::Password { user, password }) => format!("{user} / {password}"),
            Some(Secret::Identity { user, token }) => format!("identity {user} / {token}"),
            Some(Secret::Bearer(token)) => format!("bearer {token}"),
        }
    }

    fn store(configs: &[&str]) -> Result<CredentialStore, CredentialError> {
        let folder = tempfile::tempdir().unwrap();
        let mut from = CredentialFiles {
            helper_folders: vec![concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/helpers").into()],
            ..CredentialFiles::default()
        };
        for (n, config) in configs.iter().enumerate() {
            let path = folder.path().join(format!("{n}.json"));
            std::fs::File::create(&path).unwrap().write_all(config.as_bytes()).unwrap();
            from.files.push(path);
        }
        from.files.push(folder.path().join("missing.json"));
        CredentialStore::from_files(&from)
    }

    fn check(configs: &[&str], host: &str, repository: &str, expected: &str) {
        let found = store(configs).and_then(|s| s.find(host, repository));
        let found = found.map_or_else(|e| format!("error: {e}"), shown);
        assert!(found.contains(expected), "{host}/{repository}: {found}, not {expected}");
    }

    fn auth(pair: &str) -> String {
        base64::engine::general_purpose::STANDARD.encode(pair)
    }

    #[test]
    fn docker_hub_has_many_names() {
        for key in [
            "https://index.docker.io/v1/",
            "index.docker.io/v1/",
            "index.docker.io",
            "docker.io",
            "https://registry-1.docker.io/v2/",
        ] {
            let config = format!(r#"{{"auths":{{"{key}":{{"auth":"{}"}}}}}}"#, auth("me:pa:ss"));
            check(&[&config], "docker.io", "library/x", "me / pa:ss");
            check(&[&config], "quay.io", "library/x", "none");
        }
    }

    #[test]
    fn the_longest_path_wins() {
        let config = format!(
            r#"{{"auths":{{"r.io":{{"auth":"{}"}},"r.io/team":{{"auth":"{}"}},"r.io/team/app":{{"auth":"{}"}}}}}}"#,
            auth("a:host"),
            auth("a:team"),
            auth("a:app")
        );
        check(&[&config], "r.io", "team/app", "a / app");
        check(&[&config], "r.io", "team/other", "a / team");
        check(&[&config], "r.io", "teams/x", "a / host");
        check(&[&config], "r.io:5000", "team/app", "none");
    }

    #[test]
    fn the_forms_of_an_entry() {
        let entry = |text: &str| format!(r#"{{"auths":{{"http://r.io/":{text}}}}}"#);
        check(&[&entry(r#"{"username":"u","password":"p"}"#)], "r.io", "x", "u / p");
        check(&[&entry(r#"{"identitytoken":"t","username":"u"}"#)], "r.io", "x", "identity u / t");
        check(&[&entry(&format!(r#"{{"auth":"{}","identitytoken":"t"}}"#, auth("u:")))], "r.io", "x", "identity u / t");
        check(&[&entry(&format!(r#"{{"auth":"{}"}}"#, auth("<token>:t")))], "r.io", "x", "identity  / t");
        check(&[&entry(r#"{"registrytoken":"t"}"#)], "r.io", "x", "bearer t");
        check(&[&entry(&format!(r#"{{"auth":"{}"}}"#, auth("u:p").trim_end_matches('=')))], "r.io", "x", "u / p");
        check(&[&entry("{}")], "r.io", "x", "none");
        check(&[&entry("null")], "r.io", "x", "none");
        check(&[r#"{"auths":null,"credHelpers":null,"credsStore":""}"#], "r.io", "x", "none");
        check(&[&entry(r#"{"auth":"!!"}"#)], "r.io", "x", "the `auth` of `http://r.io/`");
        check(&[&entry(&format!(r#"{{"auth":"{}"}}"#, auth("nocolon")))], "r.io", "x", "is not base64 of");
    }

    #[test]
    fn a_malformed_file_is_an_error_that_quotes_nothing() {
        check(&[r#"{"auths":{"r.io":{"auth":["hunter2"]}}}"#], "r.io", "x", "(line 1, column ");
        let error = store(&[r#"{"auths":"hunter2"}"#]).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn helpers_come_before_files() {
        let file = auth("a:file");
        let config = |extra: &str| format!(r#"{{"auths":{{"r.io":{{"auth":"{file}"}}}},{extra}}}"#);
        check(&[&config(r#""credsStore":"known""#)], "r.io", "x", "ann / for r.io");
        check(&[&config(r#""credsStore":"known""#)], "docker.io", "x", "ann / for https://index.docker.io/v1/");
        check(&[&config(r#""credHelpers":{"r.io":"identity"},"credsStore":"known""#)], "r.io", "x", "identity");
        check(&[&config(r#""credHelpers":{"other.io":"identity"}"#)], "r.io", "x", "a / file");
        check(&[&config(r#""credsStore":"none""#)], "r.io", "x", "a / file");
        check(&[r#"{"credsStore":"none"}"#, &config(r#""x":1"#)], "r.io", "x", "a / file");
    }

    #[test]
    fn what_was_given_comes_first() {
        let store =
            store(&[r#"{"credsStore":"known"}"#]).unwrap().with("index.docker.io", Credential::password("u", "p"));
        assert_eq!(shown(store.find("docker.io", "library/x").unwrap()), "u / p");
        assert_eq!(shown(store.find("r.io", "x").unwrap()), "ann / for r.io");
    }
}
