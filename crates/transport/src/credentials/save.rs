//! Keeping and forgetting a sign-in where Docker keeps it: with the helper that is configured for the registry, else
//! in `config.json` itself.
//!
//! The file is edited, not written anew: every other key keeps its bytes, and the new file takes the old one's place
//! as a whole, readable by its owner alone. A file that cannot be read is never replaced.

use super::files::{AuthFile, normal_key};
use super::{Credential, CredentialError, CredentialFiles, Secret, helper, server_name};
use crate::drafts;
use base64::Engine as _;
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Where a sign-in was kept or forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// `docker-credential-NAME`.
    Helper(String),
    /// This file, in base64, which is no encryption.
    File(PathBuf),
}

impl CredentialFiles {
    /// Keeps a sign-in for `registry` (a host as in a reference) in the first of the files, or with the helper that
    /// it names.
    ///
    /// # Errors
    /// When there is no file to keep it in, or when file or helper refuse.
    pub fn keep(&self, registry: &str, credential: &Credential) -> Result<Keeper, CredentialError> {
        let path = self.files.first().ok_or(CredentialError::Nowhere)?;
        let host = normal_key(registry);
        let file = AuthFile::read(path)?;
        if let Some(name) = file.as_ref().and_then(|file| file.helper_for(&host)) {
            let (user, secret) = pair(credential);
            helper::store(name, server_name(&host), user, secret, &self.helper_folders, self.helper_limit)?;
            // An older entry in the file would be found where the helper is not installed.
            if file.as_ref().is_some_and(|file| file.names(&host)) {
                edit(path, |root| remove(root, &host))?;
            }
            return Ok(Keeper::Helper(name.to_owned()));
        }
        edit(path, |root| {
            remove(root, &host);
            let auths = root.object_value_or_set("auths");
            auths.append(server_name(&host), CstInputValue::Object(entry(credential)));
        })?;
        Ok(Keeper::File(path.clone()))
    }

    /// Forgets the sign-in for `registry` in all files and with their helpers; says where there was one.
    ///
    /// # Errors
    /// When a file or a helper refuses.
    pub fn forget(&self, registry: &str) -> Result<Vec<Keeper>, CredentialError> {
        let host = normal_key(registry);
        let mut forgotten = Vec::new();
        for path in &self.files {
            let Some(file) = AuthFile::read(path)? else { continue };
            if let Some(name) = file.helper_for(&host)
                && helper::get(name, server_name(&host), &self.helper_folders, self.helper_limit)?.is_some()
            {
                helper::erase(name, server_name(&host), &self.helper_folders, self.helper_limit)?;
                forgotten.push(Keeper::Helper(name.to_owned()));
            }
            if file.names(&host) {
                edit(path, |root| remove(root, &host))?;
                forgotten.push(Keeper::File(path.clone()));
            }
        }
        Ok(forgotten)
    }
}

/// User and secret as a helper takes them.
fn pair(credential: &Credential) -> (&str, &str) {
    match &credential.0 {
        Secret::Password { user, password } => (user, password),
        Secret::Identity { token, .. } | Secret::Bearer(token) => ("<token>", token),
    }
}

fn entry(credential: &Credential) -> Vec<(String, CstInputValue)> {
    let encoded = |pair: String| base64::engine::general_purpose::STANDARD.encode(pair);
    let fields = match &credential.0 {
        Secret::Password { user, password } => vec![("auth", encoded(format!("{user}:{password}")))],
        Secret::Identity { user, token } => {
            vec![("auth", encoded(format!("{user}:"))), ("identitytoken", token.clone())]
        }
        Secret::Bearer(token) => vec![("registrytoken", token.clone())],
    };
    fields.into_iter().map(|(key, value)| (key.to_owned(), CstInputValue::String(value))).collect()
}

/// Takes every spelling of `host` out of `auths`.
fn remove(root: &CstObject, host: &str) {
    let entries = root.object_value("auths").map(|auths| auths.properties()).unwrap_or_default();
    for entry in entries {
        if entry.decoded_name().is_some_and(|name| normal_key(&name) == host) {
            entry.remove();
        }
    }
}

/// Edits the file at `path`, or makes it.
fn edit(path: &Path, change: impl FnOnce(&CstObject)) -> Result<(), CredentialError> {
    let fail = |source| CredentialError::File { path: path.display().to_string(), source };
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        read => read.map_err(fail)?,
    };
    let text = if text.trim().is_empty() { "{\n\t\"auths\": {}\n}\n".to_owned() } else { text };
    let broken = || CredentialError::Form { path: path.display().to_string(), line: 1, column: 1 };
    let root = CstRootNode::parse(&text, &ParseOptions::default()).map_err(|_| broken())?;
    change(&root.object_value().ok_or_else(broken)?);
    replace(path, root.to_string().as_bytes()).map_err(fail)
}

/// A link stays a link: what it leads to is replaced, by a file that only its owner can read.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().unwrap_or(Path::new("."));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut draft = tempfile::Builder::new()
        .prefix(drafts::PREFIX)
        .permissions(std::fs::Permissions::from_mode(0o600))
        .tempfile_in(folder)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    draft.persist(&target).map(drop).map_err(|e| e.error)
}

#[cfg(test)]
mod tests {
    use super::super::CredentialStore;
    use super::super::tests::shown;
    use super::*;

    struct Home(tempfile::TempDir);

    impl Home {
        fn new(config: Option<&str>) -> Self {
            let home = Self(tempfile::tempdir().unwrap());
            if let Some(text) = config {
                std::fs::write(home.config(), text).unwrap();
            }
            home
        }

        fn config(&self) -> PathBuf {
            self.0.path().join("config.json")
        }

        fn files(&self) -> CredentialFiles {
            let helpers = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/helpers");
            CredentialFiles {
                files: vec![self.config()],
                helper_folders: vec![helpers.into()],
                ..CredentialFiles::default()
            }
        }

        fn text(&self) -> String {
            std::fs::read_to_string(self.config()).unwrap()
        }

        fn found(&self, host: &str) -> String {
            shown(CredentialStore::from_files(&self.files()).unwrap().find(host, "x").unwrap())
        }
    }

    fn ann() -> Credential {
        Credential::password("ann", "pa:ss\"wörd")
    }

    #[test]
    fn a_new_file_is_its_owners_alone() {
        let home = Home::new(None);
        let kept = home.files().keep("r.io:5000", &ann()).unwrap();
        assert_eq!(kept, Keeper::File(home.config()));
        assert_eq!(home.config().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(home.found("r.io:5000"), "ann / pa:ss\"wörd");
        assert_eq!(home.0.path().read_dir().unwrap().count(), 1, "no draft is left");
        serde_json::from_str::<serde_json::Value>(&home.text()).unwrap();
    }

    #[test]
    fn what_else_stands_in_the_file_keeps_its_bytes() {
        let old = "{\n\t\"auths\": {\n\t\t\"old.io\": {\n\t\t\t\"auth\": \"YTpi\"\n\t\t}\n\t},\n  \"HttpHeaders\":{ \"X-Meta\" :\"\\u00e9\"},\n\t\"currentContext\": \"far\"\n}";
        let home = Home::new(Some(old));
        home.files().keep("r.io", &ann()).unwrap();
        let text = home.text();
        assert!(text.contains("\"old.io\": {\n\t\t\t\"auth\": \"YTpi\"\n\t\t}"), "{text}");
        assert!(
            text.contains("  \"HttpHeaders\":{ \"X-Meta\" :\"\\u00e9\"},\n\t\"currentContext\": \"far\"\n}"),
            "{text}"
        );
        assert_eq!((home.found("r.io"), home.found("old.io")), ("ann / pa:ss\"wörd".to_owned(), "a / b".to_owned()));
        assert_eq!(home.files().forget("r.io").unwrap(), [Keeper::File(home.config())]);
        assert_eq!(home.found("r.io"), "none");
        assert_eq!(home.found("old.io"), "a / b");
        assert!(home.text().contains("\"X-Meta\" :\"\\u00e9\""));
    }

    #[test]
    fn every_spelling_of_a_host_is_replaced() {
        let home = Home::new(Some(
            r#"{"auths":{"https://index.docker.io/v1/":{"auth":"YTpi"},"docker.io":{"auth":"YTpj"},"r.io":{"auth":"YTpk"}}}"#,
        ));
        home.files().keep("docker.io", &ann()).unwrap();
        assert_eq!(home.found("docker.io"), "ann / pa:ss\"wörd");
        assert_eq!(home.text().matches("docker.io").count(), 1, "{}", home.text());
        assert!(home.text().contains("https://index.docker.io/v1/"));
        home.files().forget("index.docker.io").unwrap();
        assert_eq!((home.found("docker.io"), home.found("r.io")), ("none".to_owned(), "a / d".to_owned()));
    }

    #[test]
    fn odd_files() {
        for text in ["", " \n", "{}", r#"{"auths":null}"#, r#"{"auths":{}}"#, r#"{"x":1}"#] {
            let home = Home::new(Some(text));
            home.files().keep("r.io", &ann()).unwrap();
            assert_eq!(home.found("r.io"), "ann / pa:ss\"wörd", "{text}: {}", home.text());
        }
        for text in ["[]", "{", r#"{"auths":[1]}"#, "hunter2"] {
            let home = Home::new(Some(text));
            let error = home.files().keep("r.io", &ann()).unwrap_err().to_string();
            assert!(error.contains("not valid JSON of Docker's form") && !error.contains("hunter2"), "{error}");
            assert_eq!(home.text(), text, "it is left as it was");
        }
        let nowhere = CredentialFiles::default();
        assert!(matches!(nowhere.keep("r.io", &ann()), Err(CredentialError::Nowhere)));
    }

    #[test]
    fn a_link_stays_a_link() {
        let home = Home::new(None);
        let real = home.0.path().join("dotfiles.json");
        std::fs::write(&real, "{}").unwrap();
        std::os::unix::fs::symlink(&real, home.config()).unwrap();
        home.files().keep("r.io", &ann()).unwrap();
        assert!(home.config().symlink_metadata().unwrap().is_symlink());
        assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(home.found("r.io"), "ann / pa:ss\"wörd");
    }

    #[test]
    fn a_helper_keeps_it_where_one_is_configured() {
        let home = Home::new(Some(r#"{"credHelpers":{"r.io":"keeping"},"auths":{"r.io":{"auth":"YTpi"}}}"#));
        assert_eq!(home.files().keep("r.io", &ann()).unwrap(), Keeper::Helper("keeping".to_owned()));
        assert!(!home.text().contains("YTpi") && !home.text().contains("ann"), "{}", home.text());
        let broken = Home::new(Some(r#"{"credsStore":"broken"}"#));
        let error = broken.files().keep("r.io", &ann()).unwrap_err().to_string();
        assert_eq!(error, "the credential helper `docker-credential-broken` failed");
        assert!(!broken.text().contains("auths"));
    }

    #[test]
    fn nothing_to_forget() {
        let home = Home::new(Some("{}"));
        assert_eq!(home.files().forget("r.io").unwrap(), []);
        assert_eq!(home.text(), "{}");
    }
}
