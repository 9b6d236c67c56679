//! Which address a registry has, and which addresses may follow from it.
//!
//! HTTPS, except for loopback and for hosts that the user has named as insecure. Nothing that a registry says
//! leads from HTTPS to plain HTTP, to plain HTTP at a host that was not named so, from elsewhere to this machine, or to
//! link-local addresses (where clouds keep their machines' credentials).

use super::RegistryError;
use super::scope::{Rights, Scope};
use super::trust::{Certificates, authority};
use model::Reference;
use reqwest::Url;
use url::Host;

/// A repository on a registry, with the address to ask.
#[derive(Clone)]
pub(super) struct Repository {
    /// The registry host as in the reference: `docker.io` for Docker Hub.
    pub(super) host: String,
    /// The repository's path.
    pub(super) name: String,
    base: Url,
    /// On a mirror: the registry that it stands for.
    stands_for: Option<String>,
}

/// Which hosts are spoken to in plain HTTP, and which on this machine are not.
#[derive(Clone, Debug, Default)]
pub(super) struct Schemes {
    /// Named by the user as insecure.
    pub(super) plain: Vec<String>,
    /// Hosts with certificates of their own are spoken to by TLS also on loopback.
    pub(super) certificates: Certificates,
}

impl Schemes {
    fn is_plain(&self, host: &str, base: &Url) -> bool {
        self.plain.iter().any(|h| h == host) || (is_loopback(base) && !self.certificates.has(host))
    }
}

impl Repository {
    /// Where `reference` lives.
    pub(super) fn of(reference: &Reference, schemes: &Schemes) -> Result<Self, RegistryError> {
        Self::at(reference.registry(), reference.repository().to_owned(), schemes)
    }

    /// The repository `name` on `host`.
    pub(super) fn at(host: &str, name: String, schemes: &Schemes) -> Result<Self, RegistryError> {
        let authority = if host == "docker.io" { "registry-1.docker.io" } else { host };
        let fail = |e: url::ParseError| RegistryError::Host { host: host.to_owned(), why: e.to_string() };
        let mut base = Url::parse(&format!("https://{authority}/v2/")).map_err(fail)?;
        if schemes.is_plain(host, &base) {
            base = Url::parse(&format!("http://{authority}/v2/")).map_err(fail)?;
        }
        Ok(Self { host: host.to_owned(), name, base, stands_for: None })
    }

    /// The same as a mirror of `registry`.
    pub(super) fn for_registry(mut self, registry: &str) -> Self {
        self.stands_for = Some(registry.to_owned());
        self
    }

    /// The address of the registry's interface itself.
    pub(super) fn root(&self) -> Url {
        self.base.clone()
    }

    /// The address of a manifest or blob: `kind` is `manifests` or `blobs`.
    pub(super) fn url(&self, kind: &str, what: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/v2/{}/{kind}/{what}", self.name));
        if let Some(registry) = &self.stands_for {
            url.query_pairs_mut().append_pair("ns", registry);
        }
        url
    }

    /// What must be allowed to do this here.
    pub(super) fn scope(&self, rights: Rights) -> Scope {
        Scope::of(&self.name, rights)
    }

    /// Whether `url` is on the registry itself, which alone gets its sign-in.
    pub(super) fn is_home_of(&self, url: &Url) -> bool {
        self.base.origin() == url.origin()
    }
}

/// Whether the host of `url` is this machine by its very name.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback()),
        None => false,
    }
}

fn is_link_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_link_local() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => match ip.to_ipv4_mapped() {
            Some(ip) => ip.is_link_local() || ip.is_unspecified(),
            None => ip.is_unicast_link_local() || ip.is_unspecified(),
        },
        _ => false,
    }
}

/// Whether the address `to`, which the server at `from` has named (a redirect, a realm), may be asked. A sign-in or a
/// token may go there, so plain HTTP is for this machine and the hosts in `plain`, whoever names the address.
pub(super) fn may_lead(from: &Url, to: &Url, plain: &[String]) -> Result<(), &'static str> {
    match to.scheme() {
        "https" => {}
        "http" if from.scheme() == "http" => {}
        "http" => return Err("from HTTPS to plain HTTP"),
        _ => return Err("to something other than HTTP"),
    }
    if is_link_local(to) && from.host() != to.host() {
        return Err("to a link-local address");
    }
    if is_loopback(to) && !is_loopback(from) {
        return Err("to this machine");
    }
    if to.scheme() == "http" && !is_loopback(to) && !plain.contains(&authority(to)) {
        return Err("to plain HTTP at a host that is not named as insecure");
    }
    Ok(())
}

/// An address for people: no user, query or fragment, which may hold signatures.
pub(crate) fn shown(url: &Url) -> String {
    let mut plain = url.clone();
    let _ = plain.set_username("");
    let _ = plain.set_password(None);
    plain.set_query(None);
    plain.set_fragment(None);
    let mut text: String = plain.as_str().chars().take(300).collect();
    if url.query().is_some() {
        text.push_str("?…");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(reference: &str) -> String {
        let by_host = vec![("localhost:5443".to_owned(), "ca.pem".into())];
        let certificates = Certificates { by_host, ..Certificates::default() };
        let schemes = Schemes { plain: vec!["plain.corp:5000".to_owned()], certificates };
        match Repository::of(&reference.parse().unwrap(), &schemes) {
            Ok(repository) => repository.url("manifests", "1").to_string(),
            Err(e) => e.to_string(),
        }
    }

    #[test]
    fn https_but_for_loopback_and_on_request() {
        let cases = [
            ("debian", "https://registry-1.docker.io/v2/library/debian/manifests/1"),
            ("r.io/a/b", "https://r.io/v2/a/b/manifests/1"),
            ("localhost:5000/a", "http://localhost:5000/v2/a/manifests/1"),
            ("localhost:5443/a", "https://localhost:5443/v2/a/manifests/1"),
            ("127.8.9.1:5000/a", "http://127.8.9.1:5000/v2/a/manifests/1"),
            ("[::1]:5000/a", "http://[::1]:5000/v2/a/manifests/1"),
            ("10.0.0.1:5000/a", "https://10.0.0.1:5000/v2/a/manifests/1"),
            ("localhost.evil.com/a", "https://localhost.evil.com/v2/a/manifests/1"),
            ("127.0.0.1.evil.com/a", "https://127.0.0.1.evil.com/v2/a/manifests/1"),
            ("plain.corp:5000/a", "http://plain.corp:5000/v2/a/manifests/1"),
            ("plain.corp/a", "https://plain.corp/v2/a/manifests/1"),
            ("r.io:123456/a", "`r.io:123456` cannot be dialled: invalid port number"),
            ("[1::2::3]/a", "`[1::2::3]` cannot be dialled: invalid IPv6 address"),
        ];
        for (reference, expected) in cases {
            assert_eq!(base(reference), expected);
        }
    }

    #[test]
    fn where_a_server_may_lead() {
        let check = |from: &str, to: &str, expected: Result<(), &str>| {
            let plain = ["plain.corp:5000".to_owned()];
            let (from, to) = (Url::parse(from).unwrap(), Url::parse(to).unwrap());
            assert_eq!(may_lead(&from, &to, &plain), expected, "{from} {to}");
        };
        check("https://r.io/", "https://cdn.io/x", Ok(()));
        check("https://r.io/", "https://10.0.0.7/x", Ok(()));
        check("http://127.0.0.1:1/", "http://127.0.0.1:2/x", Ok(()));
        check("https://r.io/", "http://cdn.io/x", Err("from HTTPS to plain HTTP"));
        let unnamed = Err("to plain HTTP at a host that is not named as insecure");
        check("http://127.0.0.1:1/", "http://192.0.2.2:5000/token", unnamed);
        check("http://plain.corp:5000/", "http://evil.example/token", unnamed);
        check("http://127.0.0.1:1/", "http://plain.corp:5000/token", Ok(()));
        check("http://plain.corp:5000/", "http://127.0.0.1:1/token", Err("to this machine"));
        check("https://r.io/", "ftp://cdn.io/x", Err("to something other than HTTP"));
        check("https://r.io/", "https://localhost/x", Err("to this machine"));
        check("https://r.io/", "https://[::ffff:127.0.0.1]/x", Err("to this machine"));
        check("https://r.io/", "https://169.254.169.254/x", Err("to a link-local address"));
        check("https://r.io/", "https://[fe80::1]/x", Err("to a link-local address"));
        check("http://127.0.0.1/", "http://0.0.0.0/x", Err("to a link-local address"));
    }

    #[test]
    fn signatures_are_not_shown() {
        let url = Url::parse("https://me:pw@cdn.io/a/b?X-Amz-Signature=secret#f").unwrap();
        assert_eq!(shown(&url), "https://cdn.io/a/b?…");
    }
}
