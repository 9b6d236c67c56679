//! Whether a registry takes a sign-in: asked before it is kept.

use super::ask::Ask;
use super::endpoint::Repository;
use super::scope::Scope;
use super::{Registry, RegistryError};
use reqwest::header::HeaderMap;

/// What a registry said to a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// It asked for a sign-in and took it.
    Taken,
    /// It asked for none, so that the sign-in was not tried.
    NotAsked,
}

impl Registry {
    /// Signs in at `host` (as in a reference) and does nothing else there.
    ///
    /// # Errors
    /// [`RegistryError::SignIn`] if the sign-in is refused, else what kept it from being tried.
    pub fn greet(&self, host: &str) -> Result<Greeting, RegistryError> {
        let repository = Repository::at(host, String::new(), &self.0.insecure)?;
        let ask = Ask::get(repository.root(), HeaderMap::new());
        let told = self.0.ask(&repository, &Scope::nothing(), &ask).map_err(of_this_sign_in)?;
        match (told.response.status().is_success(), told.signed_in) {
            (true, true) => Ok(Greeting::Taken),
            (true, false) => Ok(Greeting::NotAsked),
            (false, _) => Err(of_this_sign_in(self.0.refused(&repository, told, "sign-ins"))),
        }
    }
}

/// What is refused here is not one that is stored, but the one that is being tried.
fn of_this_sign_in(error: RegistryError) -> RegistryError {
    match error {
        RegistryError::Denied { host, said, signed_in: true, .. } => RegistryError::SignIn { host, said },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Reply, Seen, Server, client};
    use crate::Credential;

    fn greet(password: &str, answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (String, Vec<String>) {
        let server = Server::start(answer);
        let (registry, _) = client(Some((&server.host, Credential::password("ann", password))));
        let said = registry.greet(&server.host);
        let said = said.map_or_else(|e| e.to_string().replace(&server.host, "HOST"), |g| format!("{g:?}"));
        (said, server.paths())
    }

    fn basic(seen: &Seen) -> Reply {
        match (seen.path.as_str(), seen.header("authorization")) {
            ("/v2/", "Basic YW5uOnNlY3JldA==") => Reply::new(200).body("{}"),
            _ => Reply::new(401).header("www-authenticate", "Basic realm=x"),
        }
    }

    #[test]
    fn a_password_is_taken_or_refused() {
        assert_eq!(greet("secret", basic), ("Taken".to_owned(), vec!["GET /v2/".to_owned(); 2]));
        assert_eq!(greet("wrong", basic).0, "HOST does not take this user name and password");
        assert_eq!(greet("secret", |_| Reply::new(200)), ("NotAsked".to_owned(), vec!["GET /v2/".to_owned()]));
        assert!(greet("secret", |_| Reply::new(404)).0.contains("HOST has no sign-ins"));
    }

    #[test]
    fn a_token_server_is_asked_for_no_repository() {
        let server = |seen: &Seen| match (seen.path.as_str(), seen.header("authorization")) {
            ("/token?service=s", "Basic YW5uOnNlY3JldA==") => Reply::new(200).body(r#"{"token":"good"}"#),
            ("/token?service=s", _) => Reply::new(401).body(r#"{"details":"wrong password"}"#),
            ("/v2/", "Bearer good") => Reply::new(200),
            _ => {
                let realm = format!(r#"Bearer realm="http://{}/token",service="s""#, seen.header("host"));
                Reply::new(401).header("www-authenticate", &realm)
            }
        };
        let (said, paths) = greet("secret", server);
        assert_eq!((said.as_str(), paths.len()), ("Taken", 3));
        assert!(greet("wrong", server).0.ends_with("does not take this user name and password: wrong password"));
    }
}
