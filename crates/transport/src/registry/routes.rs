//! Who may answer for a registry: its mirrors in their order, then itself.
//!
//! A mirror is another server: it gets its own sign-in and never the registry's, its blobs and documents are
//! verified like any, and what it says of a tag is its own claim. Where it cannot answer, the next is asked.

use super::endpoint::{Repository, Schemes};
use super::{RegistryError, Vantage};
use model::Reference;

/// Servers that are asked in a registry's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrors {
    /// The registry's host, as in a reference.
    pub registry: String,
    /// `HOST[:PORT]`, perhaps with a path that stands before the repository; asked in this order.
    pub hosts: Vec<String>,
    /// Whether they are asked for digests alone, so that a tag's answer is never a mirror's.
    pub by_digest_only: bool,
}

/// A server that may answer, and the repository on it.
pub(super) struct Route {
    pub(super) vantage: Vantage,
    pub(super) repository: Repository,
}

/// All that may answer for `reference`; `digest` says whether it is asked by one.
pub(super) fn routes(
    reference: &Reference,
    digest: bool,
    mirrors: &[Mirrors],
    schemes: &Schemes,
) -> Result<Vec<Route>, RegistryError> {
    let fitting = mirrors.iter().filter(|m| m.registry == reference.registry() && (digest || !m.by_digest_only));
    let mut routes = Vec::new();
    for host in fitting.flat_map(|m| &m.hosts) {
        let (server, path) = host.split_once('/').map_or((host.as_str(), ""), |(server, path)| (server, path));
        let path = path.trim_matches('/');
        let name = reference.repository();
        let name = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        let repository = Repository::at(server, name, schemes)?.for_registry(reference.registry());
        routes.push(Route { vantage: Vantage::Mirror(host.clone()), repository });
    }
    routes.push(Route { vantage: Vantage::Direct, repository: Repository::of(reference, schemes)? });
    Ok(routes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reference: &str, digest: bool, mirrors: &[Mirrors], expected: &[&str]) {
        let routes = routes(&reference.parse().unwrap(), digest, mirrors, &Schemes::default()).unwrap();
        let urls: Vec<String> = routes.iter().map(|r| r.repository.url("manifests", "1").to_string()).collect();
        assert_eq!(urls, expected);
        assert_eq!(routes.last().unwrap().vantage, Vantage::Direct);
    }

    fn mirrors(registry: &str, hosts: &[&str], by_digest_only: bool) -> Mirrors {
        let hosts = hosts.iter().map(|h| (*h).to_owned()).collect();
        Mirrors { registry: registry.to_owned(), hosts, by_digest_only }
    }

    #[test]
    fn mirrors_come_first_and_are_told_whom_they_stand_for() {
        let hub = "https://registry-1.docker.io/v2/library/debian/manifests/1";
        check("debian", false, &[], &[hub]);
        let two = [mirrors("docker.io", &["m.corp:5000", "q.corp/hub/"], false), mirrors("r.io", &["x"], false)];
        let first = "https://m.corp:5000/v2/library/debian/manifests/1?ns=docker.io";
        let second = "https://q.corp/v2/hub/library/debian/manifests/1?ns=docker.io";
        check("debian", false, &two, &[first, second, hub]);
        check("q.io/a", false, &two, &["https://q.io/v2/a/manifests/1"]);
    }

    #[test]
    fn some_are_asked_for_digests_alone() {
        let careful = [mirrors("r.io", &["m.corp"], true)];
        check("r.io/a", false, &careful, &["https://r.io/v2/a/manifests/1"]);
        let both = ["https://m.corp/v2/a/manifests/1?ns=r.io", "https://r.io/v2/a/manifests/1"];
        check("r.io/a", true, &careful, &both);
    }

    #[test]
    fn a_mirror_that_cannot_be_dialled_is_said() {
        let wrong = [mirrors("r.io", &["m.corp:99999"], false)];
        let error = routes(&"r.io/a".parse().unwrap(), true, &wrong, &Schemes::default()).err().unwrap();
        assert_eq!(error.to_string(), "`m.corp:99999` cannot be dialled: invalid port number");
    }
}
