//! Signing in to a registry: tried there first, then kept where Docker keeps it.

use super::Access;
use super::open::{options, sign_ins};
use crate::failure::Failure;
use crate::interrupt;
use crate::surroundings::Surroundings;
use model::Reference;
use transport::{Credential, CredentialStore, Greeting, Keeper, Registry};

/// What came of signing in.
pub(crate) struct SignedIn {
    /// What the registry said.
    pub(crate) greeting: Greeting,
    /// Where the sign-in is kept.
    pub(crate) keeper: Keeper,
}

/// The host that `text` means: `https://` and a path, which people copy along, are taken off.
pub(crate) fn registry_host(text: &str) -> Result<String, Failure> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let host = host.split('/').next().unwrap_or_default();
    let reference = format!("{host}/x").parse::<Reference>().ok();
    let named = reference.filter(|r| r.repository() == "x" || r.repository() == "library/x");
    named.map(|r| r.registry().to_owned()).ok_or_else(|| Failure::NoRegistry(text.to_owned()))
}

/// Tries the sign-in at `host`, and keeps it if the registry takes it or asks for none.
pub(crate) fn login(access: &Access<'_>, host: &str, user: &str, password: &str) -> Result<SignedIn, Failure> {
    let credential = Credential::password(user, password);
    let store = CredentialStore::default().with(host, credential.clone());
    let greeting = Registry::new(&options(access)?, store).greet(host).map_err(|e| Failure::Registry(Box::new(e)))?;
    let keeper = interrupt::whole(|| sign_ins(access.surroundings).keep(host, &credential))?;
    Ok(SignedIn { greeting, keeper })
}

/// Forgets the sign-in for `host`; says where there was one.
pub(crate) fn logout(surroundings: &Surroundings, host: &str) -> Result<Vec<Keeper>, Failure> {
    Ok(interrupt::whole(|| sign_ins(surroundings).forget(host))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_as_people_write_them() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(registry_host(text).ok().as_deref(), expected, "{text}");
        };
        check("docker.io", Some("docker.io"));
        check("https://index.docker.io/v1/", Some("docker.io"));
        check("ghcr.io", Some("ghcr.io"));
        check("https://ghcr.io/", Some("ghcr.io"));
        check("localhost:5000", Some("localhost:5000"));
        check("localhost", Some("localhost"));
        check("[::1]:5000", Some("[::1]:5000"));
        check("r.io/team/app", Some("r.io"));
        check("registry", None);
        check("", None);
        check("a b.io", None);
        check("r.io:port", None);
    }
}
