//! Certificates beside the system's: authorities for all hosts, and Docker's `certs.d` with a folder a host
//! (<https://docs.docker.com/engine/security/certificates/>).
//!
//! A host's own authorities and its client certificate are used for that host alone. What is there and cannot be
//! read is an error: going on without it would be another connection than the one that was asked for.

use super::RegistryError;
use reqwest::{Certificate, Identity, Url};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// No real bundle is near this.
const FILE_LIMIT: u64 = 16 << 20;

/// Where certificates lie, as the caller found it.
#[derive(Clone, Debug, Default)]
pub struct Certificates {
    /// Files of PEM whose authorities are trusted for every host.
    pub authorities: Vec<PathBuf>,
    /// The same for one host each, as in a reference.
    pub by_host: Vec<(String, PathBuf)>,
    /// Folders that have a folder `HOST[:PORT]` for some hosts; the first that has one for a host counts.
    pub folders: Vec<PathBuf>,
}

/// What a client for one host trusts, and shows of itself.
#[derive(Default)]
pub(super) struct Trust {
    pub(super) roots: Vec<Certificate>,
    pub(super) identity: Option<Identity>,
    /// Whether any of it is for this host alone.
    pub(super) own: bool,
}

/// `HOST[:PORT]` of an address, as certificates are filed: without the scheme's own port.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

impl Certificates {
    /// Whether this host has certificates of its own, so that it is to be spoken to by TLS.
    pub(super) fn has(&self, host: &str) -> bool {
        self.by_host.iter().any(|(h, _)| h == host) || self.folder(host).is_some()
    }

    /// What holds for a host.
    pub(super) fn of(&self, host: &str) -> Result<Trust, RegistryError> {
        let mut trust = Trust::default();
        for path in &self.authorities {
            trust.roots.extend(authorities(path)?);
        }
        for (_, path) in self.by_host.iter().filter(|(h, _)| names(host).contains(h)) {
            trust.roots.extend(authorities(path)?);
            trust.own = true;
        }
        if let Some(folder) = self.folder(host) {
            trust.own = true;
            fill(&mut trust, &folder)?;
        }
        Ok(trust)
    }

    fn folder(&self, host: &str) -> Option<PathBuf> {
        let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c)) && host != "..";
        let names = if plain { names(host) } else { Vec::new() };
        self.folders
            .iter()
            .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
            .find(|path| path.is_dir())
    }
}

/// The names that a host may be filed by.
fn names(host: &str) -> Vec<String> {
    let mut names = vec![host.to_owned()];
    if host == "registry-1.docker.io" {
        names.push("docker.io".to_owned());
    }
    if !host.rsplit(']').next().unwrap_or_default().contains(':') {
        names.push(format!("{host}:443"));
    }
    names
}

/// `*.crt` are authorities; `NAME.cert` and `NAME.key` are who we are.
fn fill(trust: &mut Trust, folder: &Path) -> Result<(), RegistryError> {
    let read = std::fs::read_dir(folder).map_err(|e| fail(folder, &e.to_string()))?;
    let mut paths: Vec<PathBuf> = read.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let of = |ending: &'static str| paths.iter().filter(move |p| p.extension().is_some_and(|e| e == ending));
    for path in of("crt") {
        trust.roots.extend(authorities(path)?);
    }
    for path in of("key") {
        if !path.with_extension("cert").is_file() {
            return Err(fail(path, "there is no `.cert` of the same name beside it"));
        }
    }
    for path in of("cert") {
        let key = path.with_extension("key");
        if !key.is_file() {
            return Err(fail(path, "there is no `.key` of the same name beside it"));
        }
        // The first pair counts, as Docker sends them in order.
        if trust.identity.is_none() {
            let pem = [bytes(&key)?, b"\n".to_vec(), bytes(path)?].concat();
            trust.identity =
                Some(Identity::from_pem(&pem).map_err(|_| fail(path, "it and its key are no pair of PEM"))?);
        }
    }
    Ok(())
}

fn authorities(path: &Path) -> Result<Vec<Certificate>, RegistryError> {
    match Certificate::from_pem_bundle(&bytes(path)?) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(fail(path, "it holds no certificate in PEM")),
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, RegistryError> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(FILE_LIMIT).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|e| fail(path, &e.to_string()))
}

fn fail(path: &Path, why: &str) -> RegistryError {
    RegistryError::Certificate { path: path.display().to_string(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_hosts_are_filed() {
        let check = |url: &str, expected: &[&str]| {
            assert_eq!(names(&authority(&Url::parse(url).unwrap())), expected, "{url}");
        };
        check("https://r.io/v2/", &["r.io", "r.io:443"]);
        check("https://r.io:443/v2/", &["r.io", "r.io:443"]);
        check("https://r.io:5000/v2/", &["r.io:5000"]);
        check("https://[::1]:5000/v2/", &["[::1]:5000"]);
        check("https://[::1]/v2/", &["[::1]", "[::1]:443"]);
        check("https://registry-1.docker.io/v2/", &["registry-1.docker.io", "docker.io", "registry-1.docker.io:443"]);
    }

    #[test]
    fn a_host_leads_out_of_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("r.io")).unwrap();
        let certificates =
            Certificates { folders: vec![folder.path().join("none"), folder.path().into()], ..Certificates::default() };
        assert!(certificates.has("r.io") && !certificates.has("q.io"));
        assert!(!certificates.has("..") && !certificates.has("../r.io") && !certificates.has("r.io/../r.io"));
    }
}
