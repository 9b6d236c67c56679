//! A registry, read without a daemon
//! (<https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pull>).
//!
//! What is asked for is hashed: no header is believed. It signs in where the registry demands it, waits as the
//! registry asks within bounds, follows redirects without its sign-in, and takes broken downloads up again. It
//! refuses plain HTTP except to loopback and to hosts named as insecure, schema 1, and documents beyond their
//! limits. It blocks; how many threads ask at once is the caller's choice.

mod ask;
mod auth;
mod blob;
mod challenge;
mod endpoint;
mod error;
mod greet;
mod links;
mod manifest;
mod pace;
mod poll;
mod referrers;
mod remote;
mod routes;
mod scope;
mod sessions;
mod sighting;
mod stated;
mod tags;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_mirrors;
#[cfg(test)]
mod tests_push;
#[cfg(test)]
mod tests_sight;
#[cfg(test)]
mod tests_sign_in;
#[cfg(test)]
mod tests_tls;
mod trust;
mod upload;
mod verified;
mod warning;
pub(crate) mod web;
mod wire;

pub(crate) use ask::{Ask, Source};
pub(crate) use endpoint::{is_loopback, shown};
pub use error::RegistryError;
pub use greet::Greeting;
pub use pace::{Pace, RealPace};
pub use poll::Poll;
pub(crate) use referrers::entry;
pub use referrers::{Attachment, Part, REFERRERS_LIMIT};
pub use remote::Remote;
pub(crate) use remote::raw_of;
pub use routes::Mirrors;
pub use sighting::{Chosen, Sighting, Vantage};
pub use stated::{Allowance, Stated};
pub use tags::Tags;
pub use trust::Certificates;
pub use upload::Sent;

use crate::credentials::CredentialStore;
use crate::layout::stated_platform;
use crate::select::{descend, expect_image, layers_of};
use crate::{Image, LayerBytes, Layers, TransportError};
use auth::{Auth, Leave, SignIn};
pub(crate) use blob::{BlobReader, is_slow};
use endpoint::{Repository, Schemes};
use manifest::Fetch;
use model::oci::{Descriptor, Document, Manifest};
use model::{Digest, Platform, Reference, Subject};
use reqwest::Url;
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use routes::Route;
use scope::{Rights, Scope};
use sessions::Sessions;
use std::sync::Arc;
use std::time::Duration;
use web::{Answer, Web};
pub(crate) use wire::Response;

/// How a [`Registry`] client behaves.
#[derive(Clone)]
pub struct RegistryOptions {
    /// What it calls itself.
    pub user_agent: String,
    /// Hosts (with port, as in a reference) that are spoken to in plain HTTP. Loopback always is.
    pub insecure: Vec<String>,
    /// Servers that are asked in a registry's place.
    pub mirrors: Vec<Mirrors>,
    /// Certificates beside the system's.
    pub certificates: Certificates,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long a server may be silent.
    pub read_timeout: Duration,
    /// The clock, and the way to wait.
    pub pace: Arc<dyn Pace>,
}

impl Default for RegistryOptions {
    fn default() -> Self {
        Self {
            user_agent: concat!("plimsoll/", env!("CARGO_PKG_VERSION")).to_owned(),
            insecure: Vec::new(),
            mirrors: Vec::new(),
            certificates: Certificates::default(),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            pace: Arc::new(RealPace::default()),
        }
    }
}

/// A client for all registries: connections, granted tokens and sign-ins are shared by its clones and threads.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

struct Inner {
    web: Web,
    auth: Auth,
    sessions: Arc<Sessions>,
    insecure: Schemes,
    mirrors: Vec<Mirrors>,
}

impl Registry {
    /// A client with these sign-ins. Nothing is connected, or read from the system, before a registry is asked.
    pub fn new(options: &RegistryOptions, credentials: CredentialStore) -> Self {
        let (web, auth) = (Web::new(options), Auth::new(credentials));
        let (sessions, mirrors) = (Arc::default(), options.mirrors.clone());
        let insecure = Schemes { plain: options.insecure.clone(), certificates: options.certificates.clone() };
        Self(Arc::new(Inner { web, auth, sessions, insecure, mirrors }))
    }

    /// What registries have warned of since this was last asked, each warning once. Safe to show.
    pub fn warnings(&self) -> Vec<String> {
        self.0.web.warnings.take()
    }

    /// The repository on the registry itself.
    fn home(&self, reference: &Reference) -> Result<Repository, TransportError> {
        Repository::of(reference, &self.0.insecure)
            .map_err(|source| TransportError::registry(reference.as_typed(), source))
    }

    /// All that may answer, the last of them the registry itself.
    fn routes(&self, reference: &Reference, wanted: &str) -> Result<Vec<Route>, TransportError> {
        let digest = wanted.parse::<Digest>().is_ok();
        routes::routes(reference, digest, &self.0.mirrors, &self.0.insecure)
            .map_err(|source| TransportError::registry(reference.as_typed(), source))
    }

    /// The first answer to `ask`, and those who could not give one with what they said. Of several errors the
    /// registry's own is the one that counts.
    fn first<T>(
        &self,
        reference: &Reference,
        wanted: &str,
        mut ask: impl FnMut(&Route) -> Result<T, TransportError>,
    ) -> Result<(T, Vec<(Vantage, String)>), TransportError> {
        let mut passed_over = Vec::new();
        let mut routes = self.routes(reference, wanted)?;
        let Some(last) = routes.pop() else { return Err(TransportError::registry(reference.as_typed(), nobody())) };
        for route in routes {
            match ask(&route) {
                Ok(found) => return Ok((found, passed_over)),
                Err(error) => passed_over.push((route.vantage, error.to_string())),
            }
        }
        ask(&last).map(|found| (found, passed_over))
    }
}

fn nobody() -> RegistryError {
    RegistryError::Client("there is nobody to ask".to_owned())
}

impl TransportError {
    pub(crate) fn registry(target: &str, source: RegistryError) -> Self {
        Self::Registry { target: target.to_owned(), source: Box::new(source) }
    }
}

/// Finds the image that `reference` names for `platform`: index, manifest and config verified, layers closed.
///
/// # Errors
/// [`TransportError::Registry`] with what went wrong between us and the registry, [`TransportError::Mismatch`] for
/// bytes that are not what was promised, [`TransportError::NoPlatform`], [`TransportError::Document`].
pub fn open_registry(reference: &Reference, platform: &Platform, client: &Registry) -> Result<Image, TransportError> {
    let target = reference.as_typed();
    let ((index, manifest, config), _) = client.first(reference, &reference.wanted(), |route| {
        let fetch = Fetch { client: &client.0, repository: &route.repository, target };
        let document = fetch.document(&reference.wanted())?;
        let (index, manifest) = descend(document, platform, target, &mut |child| fetch.child(child))?;
        expect_image(&manifest, target)?;
        let config = fetch.config(&manifest.config)?;
        Ok((index, manifest, config))
    })?;
    let (layers, unknowns) = layers_of(&manifest, &config);
    let blobs = Blobs { client: client.clone(), reference: reference.clone(), blobs: manifest.layers.clone() };
    Ok(Image {
        subject: Some(Subject::Manifest(manifest.digest())),
        target: target.to_owned(),
        reference: Some(reference.clone()),
        index,
        platform: stated_platform(&config, platform),
        manifest: Some(manifest),
        config: Some(config),
        layers,
        unknowns,
        bytes: Arc::new(blobs),
    })
}

/// The layers of an image on a registry.
struct Blobs {
    client: Registry,
    reference: Reference,
    blobs: Vec<Descriptor>,
}

impl Layers for Blobs {
    fn open(&self, index: usize) -> Result<LayerBytes, TransportError> {
        let target = self.reference.as_typed();
        let missing = || TransportError::Missing { target: target.to_owned(), name: format!("layer {index}") };
        let blob = self.blobs.get(index).ok_or_else(missing)?;
        // A mirror that has the manifest may lack the layer; the digest decides, wherever it comes from.
        let (reader, _) = self.client.first(&self.reference, &blob.digest.to_string(), |route| {
            BlobReader::open(&self.client.0, &route.repository, target, blob)
        })?;
        Ok(Box::new(reader))
    }

    fn manifest(&self, descriptor: &Descriptor) -> Result<Option<Manifest>, TransportError> {
        let target = self.reference.as_typed();
        let (document, _) = self.client.first(&self.reference, &descriptor.digest.to_string(), |route| {
            Fetch { client: &self.client.0, repository: &route.repository, target }.child(descriptor)
        })?;
        match document {
            Document::Manifest(manifest) => Ok(Some(manifest)),
            Document::Index(_) => Ok(None),
        }
    }

    fn blob(&self, descriptor: &Descriptor) -> Result<Option<LayerBytes>, TransportError> {
        let target = self.reference.as_typed();
        let (reader, _) = self.client.first(&self.reference, &descriptor.digest.to_string(), |route| {
            BlobReader::open(&self.client.0, &route.repository, target, descriptor)
        })?;
        Ok(Some(Box::new(reader)))
    }
}

impl Inner {
    /// A GET in a repository; anything but success is an error.
    fn get(
        &self,
        repository: &Repository,
        url: Url,
        headers: HeaderMap,
        what: &str,
    ) -> Result<Response, RegistryError> {
        self.done(repository, &repository.scope(Rights::PULL), &Ask::get(url, headers), what)
    }

    /// Any request in a repository; anything but success is an error.
    fn done(&self, repository: &Repository, scope: &Scope, ask: &Ask, what: &str) -> Result<Response, RegistryError> {
        let told = self.ask(repository, scope, ask)?;
        if told.response.status().is_success() { Ok(told.response) } else { Err(self.refused(repository, told, what)) }
    }

    /// Any request in a repository, signed in if the registry demands it, and whatever it answers in the end. Only
    /// the registry itself gets the sign-in: an upload may be told to go elsewhere.
    fn ask(&self, repository: &Repository, scope: &Scope, ask: &Ask) -> Result<Told, RegistryError> {
        let leave = Leave { repository, scope };
        let home = repository.is_home_of(&ask.url);
        let granted = if home { self.auth.granted(leave, self.web.pace.elapsed()) } else { None };
        let mut signed_in = granted.as_ref().is_some_and(|granted| granted.somebody);
        let mut answer = self.web.send(&ask.authorized(granted.and_then(|granted| granted.header)))?;
        if answer.response.status() == 401 && answer.home && home {
            self.auth.forget(leave);
            let SignIn { header, somebody } = self.challenged(leave, &answer)?;
            signed_in = somebody;
            if header.is_some() {
                answer = self.web.send(&ask.authorized(header))?;
            }
        }
        if answer.response.status() == 401 {
            self.auth.forget(leave);
        }
        Ok(Told { response: answer.response, signed_in })
    }

    fn refused(&self, repository: &Repository, told: Told, what: &str) -> RegistryError {
        refused(&self.web, told.response, &repository.host, what.to_owned(), told.signed_in)
    }

    fn challenged(&self, leave: Leave<'_>, answer: &Answer) -> Result<SignIn, RegistryError> {
        let headers = answer.response.headers().get_all(WWW_AUTHENTICATE);
        let challenges = challenge::parse(headers.iter().filter_map(|value| value.to_str().ok()));
        self.auth.answer(&self.web, leave, answer.response.url(), &challenges)
    }
}

/// A registry's last word on a request, and whether it was told who asks.
struct Told {
    response: Response,
    signed_in: bool,
}

/// The error that a status without success stands for.
fn refused(web: &Web, response: Response, host: &str, what: String, signed_in: bool) -> RegistryError {
    let (status, url) = (response.status().as_u16(), shown(response.url()));
    let after = pace::retry_after(response.headers()).map(|time| time.as_secs());
    let said = web.said(response);
    let host = host.to_owned();
    match status {
        404 if said.contains("accept header does not support") => RegistryError::NotAcceptable { host, what, said },
        404 => RegistryError::NotFound { host, what, certain: says_absent(&said), said },
        401 | 403 => RegistryError::Denied { host, what, signed_in, said },
        429 => RegistryError::Busy { host, after },
        status => RegistryError::Status { url, status, said },
    }
}

/// Whether a registry's own words say that something is not there. A bare 404 may come from anything on the way.
fn says_absent(said: &str) -> bool {
    let code = said.trim_start_matches(": ").split(' ').next().unwrap_or_default();
    ["MANIFEST_UNKNOWN", "NAME_UNKNOWN", "BLOB_UNKNOWN", "NOT_FOUND", "TAG_INVALID"].contains(&code)
}
