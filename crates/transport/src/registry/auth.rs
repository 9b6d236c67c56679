//! Answering a registry's demand for sign-in: Basic, or a bearer token from the realm that it names
//! (<https://distribution.github.io/distribution/spec/auth/token/>, `…/oauth/`).
//!
//! A sign-in goes to the registry that it is stored for and to the realm that this registry names, nowhere else.
//! Tokens are kept by registry and scope until shortly before they expire.

use super::RegistryError;
use super::ask::Ask;
use super::challenge::Challenge;
use super::endpoint::{Repository, may_lead};
use super::scope::{Rights, Scope};
use super::web::{Answer, Web};
use crate::credentials::{Credential, CredentialStore, Secret};
use base64::Engine as _;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const TOKEN_LIMIT: usize = 256 << 10;
/// The life of a token that states none, and the shortest that the specification allows.
const SHORTEST_LIFE: Duration = Duration::from_secs(60);
/// A token is not used this shortly before its end.
const MARGIN: Duration = Duration::from_secs(10);
const CLIENT: &str = "plimsoll";

/// The stored sign-ins, and what came of them.
pub(super) struct Auth {
    store: CredentialStore,
    /// By registry; the newest first.
    tokens: Mutex<HashMap<String, Vec<Token>>>,
}

struct Token {
    scope: Scope,
    header: HeaderValue,
    until: Duration,
    /// Whether it was granted to somebody; else to anybody who asks.
    somebody: bool,
}

/// Where something is to be done, and what.
#[derive(Clone, Copy)]
pub(super) struct Leave<'a> {
    pub(super) repository: &'a Repository,
    pub(super) scope: &'a Scope,
}

/// The answer of a token server.
#[derive(Deserialize)]
struct Granted {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<i64>,
}

/// A header to send, and whether it stands for somebody.
pub(super) struct SignIn {
    pub(super) header: Option<HeaderValue>,
    pub(super) somebody: bool,
}

impl Auth {
    pub(super) fn new(store: CredentialStore) -> Self {
        Self { store, tokens: Mutex::default() }
    }

    /// What was granted earlier for this, or for more, and still holds.
    pub(super) fn granted(&self, leave: Leave<'_>, now: Duration) -> Option<SignIn> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let granted = tokens.get(&leave.repository.host)?.iter();
        let token = granted.into_iter().find(|token| now < token.until && token.scope.covers(leave.scope))?;
        Some(SignIn { header: Some(token.header.clone()), somebody: token.somebody })
    }

    /// Drops what the registry no longer takes.
    pub(super) fn forget(&self, leave: Leave<'_>) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(granted) = tokens.get_mut(&leave.repository.host) {
            granted.retain(|token| !token.scope.covers(leave.scope));
        }
    }

    fn keep(&self, repository: &Repository, token: Token) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let granted = tokens.entry(repository.host.clone()).or_default();
        granted.retain(|old| !token.scope.covers(&old.scope));
        granted.insert(0, token);
    }

    /// What to send in answer to `challenges`, which came from `from`. Bearer is preferred to Basic.
    pub(super) fn answer(
        &self,
        web: &Web,
        leave: Leave<'_>,
        from: &Url,
        challenges: &[Challenge],
    ) -> Result<SignIn, RegistryError> {
        let repository = leave.repository;
        let fail = |why| RegistryError::Challenge { host: repository.host.clone(), why };
        let offered = |scheme: &str| challenges.iter().find(|c| c.scheme == scheme);
        let credential = self.store.find(&repository.host, &repository.name)?;
        let somebody = credential.is_some();
        if let Some(bearer) = offered("bearer") {
            let (token, life) = match &credential {
                Some(Credential(Secret::Bearer(token))) => (token.clone(), Duration::MAX),
                other => Grant { web, leave, from, challenge: bearer }.token(other.as_ref())?,
            };
            let header = secret_header(&format!("Bearer {token}")).ok_or_else(|| fail("its token is no header"))?;
            let until = web.pace.elapsed().saturating_add(life.saturating_sub(MARGIN));
            self.keep(repository, Token { scope: leave.scope.clone(), header: header.clone(), until, somebody });
            return Ok(SignIn { header: Some(header), somebody });
        }
        if offered("basic").is_none() {
            return Err(fail(if challenges.is_empty() { "it names no way" } else { "it offers no way that we know" }));
        }
        let header = credential.as_ref().and_then(basic);
        if let Some(header) = &header {
            // A password is good for all that its owner may do here.
            for scope in [leave.scope.clone(), Scope::of(&repository.name, Rights::ALL)] {
                self.keep(repository, Token { scope, header: header.clone(), until: Duration::MAX, somebody });
            }
        }
        Ok(SignIn { header, somebody })
    }
}

/// One exchange with a token server.
struct Grant<'a> {
    web: &'a Web,
    leave: Leave<'a>,
    from: &'a Url,
    challenge: &'a Challenge,
}

impl Grant<'_> {
    /// A token and its life.
    fn token(&self, credential: Option<&Credential>) -> Result<(String, Duration), RegistryError> {
        let realm = self.realm()?;
        if let Some(Credential(Secret::Identity { token, .. })) = credential {
            let answer = self.web.send(&self.refresh(&realm, token))?;
            // Servers without the OAuth2 half: the identity token is then good for the older question.
            if !matches!(answer.response.status().as_u16(), 404 | 405) {
                return self.read(answer, true);
            }
        }
        let answer = self.web.send(&self.question(&realm, credential))?;
        self.read(answer, credential.is_some())
    }

    fn fail(&self, why: &'static str) -> RegistryError {
        RegistryError::Challenge { host: self.leave.repository.host.clone(), why }
    }

    fn realm(&self) -> Result<Url, RegistryError> {
        let text = self.challenge.get("realm").ok_or_else(|| self.fail("it names no token server"))?;
        let mut realm = Url::parse(text).map_err(|_| self.fail("its token server is no address"))?;
        may_lead(self.from, &realm, self.web.plain())
            .map_err(|why| RegistryError::Redirect { url: super::endpoint::shown(self.from), why })?;
        let _ = realm.set_username("");
        let _ = realm.set_password(None);
        Ok(realm)
    }

    fn scopes(&self) -> Vec<String> {
        self.leave.scope.beside(self.challenge.get("scope"))
    }

    fn question(&self, realm: &Url, credential: Option<&Credential>) -> Ask {
        let mut url = realm.clone();
        {
            let mut query = url.query_pairs_mut();
            if let Some(service) = self.challenge.get("service") {
                query.append_pair("service", service);
            }
            for scope in self.scopes() {
                query.append_pair("scope", &scope);
            }
        }
        Ask::get(url, HeaderMap::new()).authorized(credential.and_then(basic))
    }

    fn refresh(&self, realm: &Url, token: &str) -> Ask {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "refresh_token")
            .append_pair("service", self.challenge.get("service").unwrap_or_default())
            .append_pair("client_id", CLIENT)
            .append_pair("scope", &self.scopes().join(" "))
            .append_pair("refresh_token", token)
            .finish();
        Ask::form(realm.clone(), form)
    }

    fn read(&self, answer: Answer, signed_in: bool) -> Result<(String, Duration), RegistryError> {
        let response = answer.response;
        if !response.status().is_success() {
            let what = format!("`{}`", self.leave.repository.name);
            return Err(super::refused(self.web, response, &self.leave.repository.host, what, signed_in));
        }
        let body = self.web.document(response, "token", TOKEN_LIMIT)?;
        let granted: Granted =
            serde_json::from_slice(&body).map_err(|_| self.fail("its token server does not answer in JSON"))?;
        let life = granted.expires_in.and_then(|s| u64::try_from(s).ok()).map_or(SHORTEST_LIFE, Duration::from_secs);
        let token = [granted.token, granted.access_token].into_iter().flatten().find(|t| !t.is_empty());
        let token = token.ok_or_else(|| self.fail("its token server grants no token"))?;
        Ok((token, life.max(SHORTEST_LIFE)))
    }
}

fn basic(credential: &Credential) -> Option<HeaderValue> {
    let pair = match &credential.0 {
        Secret::Password { user, password } => format!("{user}:{password}"),
        Secret::Identity { user, token } if user.is_empty() => format!("<token>:{token}"),
        Secret::Identity { user, token } => format!("{user}:{token}"),
        Secret::Bearer(_) => return None,
    };
    secret_header(&format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair)))
}

/// A header value that HTTP's own debugging output hides.
fn secret_header(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
