//! What runs: an engine's containers, each held against what its reference names now.
//!
//! A container's image is known by what it was made from, never by a name: the tag it was started by may have moved,
//! here and in the registry. Both are asked, and what would be made from the name now is said beside it.

mod verdict;

pub(crate) use verdict::Verdict;

use super::{Access, Ask, Resolution, Resolver, open};
use crate::failure::{Failure, with_causes};
use model::oci::Document;
use model::{Digest, Reference};
use std::collections::BTreeMap;
use transport::{Container, Engine, Held, RegistryError, TransportError};
use verdict::{Alive, Asked, Evidence, judge, pulled};

/// One container, and what is known of its image.
pub(crate) struct Running {
    pub(crate) container: Container,
    /// What it was made from, as far as the engine still has it.
    pub(crate) held: Option<Held>,
    pub(crate) verdict: Verdict,
    /// What proves the verdict, sentence by sentence.
    pub(crate) proof: Vec<String>,
    /// What the engine would take if the container were made anew now.
    pub(crate) anew: Anew,
    /// What to write down to run exactly this: `name:tag@digest`.
    pub(crate) pin: Option<String>,
}

/// What a container made anew under the same name would be.
pub(crate) enum Anew {
    /// The same image.
    Same,
    /// Another one that the engine holds under that name.
    Other(Digest),
    /// The engine holds nothing under that name: it would be pulled.
    Pulled,
}

/// What was found out of all containers.
pub(crate) struct Census {
    pub(crate) containers: Vec<Running>,
    /// What the registries answered, for the ledger.
    pub(crate) answers: Vec<Result<Resolution, Failure>>,
}

/// Every container of the engine that `wanted` names, or all; `stopped` ones too.
///
/// # Errors
/// The engine cannot be asked. A registry that cannot be is part of the answer.
pub(crate) fn running(access: &Access<'_>, wanted: &[String], stopped: bool) -> Result<Census, Failure> {
    let engine = open::engine(access)?;
    let mut containers = engine.containers(stopped)?;
    if let Some(name) = wanted.iter().find(|name| !containers.iter().any(|one| is_named(one, name))) {
        return Err(Failure::NoContainer(name.clone()));
    }
    containers.retain(|one| wanted.is_empty() || wanted.iter().any(|name| is_named(one, name)));
    let store = Store::of(&engine, &containers)?;
    let registries = Registries::ask(&containers, access)?;
    let judged = containers.into_iter().map(|container| one(container, &store, &registries)).collect();
    Ok(Census { containers: judged, answers: registries.answers.into_values().collect() })
}

fn is_named(container: &Container, name: &str) -> bool {
    let service = container.service.as_ref().is_some_and(|(project, service)| name == project || name == service);
    container.name == name || (name.len() >= 12 && container.id.starts_with(name)) || service
}

fn one(container: Container, store: &Store, registries: &Registries) -> Running {
    let reference = referred(&container);
    let held = store.images.get(&container.image.to_string()).cloned().flatten();
    let (asked, alive) = match &reference {
        Some(reference) => registries.of(reference, &container, held.as_ref()),
        None => (Asked::Not("there is no reference to ask for".to_owned()), Alive::Yes),
    };
    let (reference_for, held_for) = (reference.as_ref(), held.as_ref());
    let evidence =
        Evidence { container: &container, reference: reference_for, held: held_for, asked: &asked, alive: &alive };
    let (verdict, proof) = judge(&evidence);
    let anew = match store.names.get(&container.asked).cloned().flatten() {
        Some(now) if now.id == container.image => Anew::Same,
        Some(now) => Anew::Other(now.id),
        None => Anew::Pulled,
    };
    // What is gone cannot be asked for by any name.
    let there = reference.as_ref().filter(|_| verdict != Verdict::Orphaned);
    let pin = there.and_then(|reference| pin(reference, held.as_ref()?));
    Running { container, held, verdict, proof, anew, pin }
}

/// The reference that a container was started by; none if it was an identifier.
fn referred(container: &Container) -> Option<Reference> {
    // A name may look like the beginning of an identifier; it is one if it begins this image's.
    let id = container.asked.strip_prefix("sha256:").unwrap_or(&container.asked);
    if container.image.hex().starts_with(id) { None } else { container.asked.parse().ok() }
}

/// The tag for people, the digest for machines.
fn pin(reference: &Reference, held: &Held) -> Option<String> {
    let digest = *pulled(held, reference).last()?;
    let familiar = reference.familiar();
    let name = familiar.split('@').next().unwrap_or_default();
    Some(format!("{name}@{digest}"))
}

/// What the engine holds: by identity, and by the names that containers were started by.
struct Store {
    images: BTreeMap<String, Option<Held>>,
    names: BTreeMap<String, Option<Held>>,
}

impl Store {
    /// Each image and each name is asked for once.
    fn of(engine: &Engine, containers: &[Container]) -> Result<Self, Failure> {
        let (mut images, mut names) = (BTreeMap::new(), BTreeMap::new());
        for container in containers {
            let id = container.image.to_string();
            if !images.contains_key(&id) {
                images.insert(id.clone(), engine.held(&container.image.hex())?);
            }
            if !names.contains_key(&container.asked) {
                names.insert(container.asked.clone(), engine.held(&container.asked).unwrap_or(None));
            }
        }
        Ok(Self { images, names })
    }
}

/// What the registries say of the references.
struct Registries {
    resolver: Option<Resolver>,
    answers: BTreeMap<String, Result<Resolution, Failure>>,
}

impl Registries {
    /// Asks for each reference once, in parallel; for none of them without the network.
    fn ask(containers: &[Container], access: &Access<'_>) -> Result<Self, Failure> {
        if access.offline {
            return Ok(Self { resolver: None, answers: BTreeMap::new() });
        }
        let mut references: Vec<Reference> = containers.iter().filter_map(referred).collect();
        references.sort_by(|a, b| a.as_typed().cmp(b.as_typed()));
        references.dedup_by(|a, b| a.as_typed() == b.as_typed());
        let resolver = Resolver::new(access)?;
        let answers = resolver.resolve_all(&references, &Ask::default());
        let names = references.iter().map(|reference| reference.as_typed().to_owned());
        Ok(Self { answers: names.zip(answers).collect(), resolver: Some(resolver) })
    }

    /// What a reference names for a container, and whether what was pulled is still there. Whatever the digests alone
    /// tell is asked of no registry a second time: some count what is asked.
    fn of(&self, reference: &Reference, container: &Container, held: Option<&Held>) -> (Asked, Alive) {
        let not_asked = || Alive::NotAsked("it was not asked".to_owned());
        let Some(resolver) = &self.resolver else {
            return (Asked::Not("no registry was asked: `--offline`".to_owned()), not_asked());
        };
        let found = match self.answers.get(reference.as_typed()) {
            Some(Ok(found)) => found,
            Some(Err(failure)) if is_absent(failure) => return (Asked::Absent, not_asked()),
            Some(Err(failure)) => return (Asked::Not(with_causes(failure)), not_asked()),
            None => return (Asked::Not("it was not asked".to_owned()), not_asked()),
        };
        let digest = found.digest();
        let own = held.map(|held| pulled(held, reference)).unwrap_or_default();
        if own.contains(&digest) || container.image == digest {
            return (Asked::Named { digest, image: None, config: None }, Alive::Yes);
        }
        let Some(held) = held else {
            return (Asked::Not("the engine no longer has the image it was made from".to_owned()), not_asked());
        };
        let (image, config) = match resolver.image_for(found, &held.platform) {
            Ok(Some((image, config))) => (Some(image), Some(config)),
            Ok(None) => (None, None),
            Err(failure) => return (Asked::Not(with_causes(&failure)), not_asked()),
        };
        let same = [image, config].contains(&Some(container.image));
        let alive = match own.last() {
            Some(digest) if !same => resolver.alive(reference, digest),
            _ => Alive::Yes,
        };
        (Asked::Named { digest, image, config }, alive)
    }
}

/// Whether a registry said in its own words that there is no such thing.
fn is_absent(failure: &Failure) -> bool {
    let Failure::Transport(error) = failure else { return false };
    let TransportError::Registry { source, .. } = &**error else { return false };
    matches!(**source, RegistryError::NotFound { certain: true, .. })
}

impl Resolver {
    /// The image for `platform` of what was found, and its config; `None` if there is none for it.
    fn image_for(&self, found: &Resolution, platform: &model::Platform) -> Result<Option<(Digest, Digest)>, Failure> {
        let (client, reference) = (self.client(), &found.reference);
        let chosen = match client.choose(reference, &found.sighting.document, platform) {
            Ok(chosen) => chosen,
            Err(TransportError::NoPlatform { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let image = chosen.descriptor.digest;
        if let Document::Manifest(manifest) = &found.sighting.document {
            return Ok(Some((image, manifest.config.digest)));
        }
        match client.sight(reference, &image.to_string())?.document {
            Document::Manifest(manifest) => Ok(Some((image, manifest.config.digest))),
            Document::Index(_) => Ok(None),
        }
    }

    /// Whether the registry still has `digest`.
    fn alive(&self, reference: &Reference, digest: &Digest) -> Alive {
        match self.client().sight(reference, &digest.to_string()) {
            Ok(_) => Alive::Yes,
            Err(error) => {
                let failure = Failure::from(error);
                if is_absent(&failure) { Alive::No } else { Alive::NotAsked(with_causes(&failure)) }
            }
        }
    }
}
