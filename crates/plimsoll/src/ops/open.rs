//! From a target as typed to an image whose layers are still closed.

use crate::failure::{Failure, file};
use crate::surroundings::Surroundings;
use model::{Platform, Subject};
use practices::Policy;
use std::path::{Path, PathBuf};
use transport::{
    CredentialFiles, CredentialStore, Engine, EngineAddress, Feeds, Forge, Image, Mirrors, Registry, RegistryOptions,
    Target, open_engine, open_local, open_registry,
};

/// Bytes of one engine's archive that are set aside while it is read.
const ENGINE_QUOTA: u64 = 64 << 30;

/// How images may be reached.
pub(crate) struct Access<'a> {
    pub(crate) surroundings: &'a Surroundings,
    /// The platform asked for, if one was.
    pub(crate) platform: Option<Platform>,
    /// Registry hosts that may be spoken to without TLS.
    pub(crate) insecure: Vec<String>,
    /// Files with authorities that are trusted beside the system's.
    pub(crate) authorities: Vec<PathBuf>,
    /// The policy, which also says how some registries are reached.
    pub(crate) policy: Option<PathBuf>,
    /// No network at all.
    pub(crate) offline: bool,
}

/// Whether the index offers the image for that platform, whatever its config says: a rule is about that.
fn is_offered(image: &Image, wanted: &Platform) -> bool {
    let children = image.index.iter().flat_map(|index| &index.manifests);
    let own = children.filter(|child| image.subject == Some(Subject::Manifest(child.digest)));
    own.filter_map(|child| child.platform.as_ref()).any(|offered| wanted.accepts(offered))
}

/// Finds the image that `text` names.
pub(crate) fn open(text: &str, access: &Access<'_>) -> Result<Image, Failure> {
    let platform = access.platform.clone().unwrap_or_else(Platform::of_this_machine);
    let image = match Target::parse(text)? {
        Target::Registry(reference) if access.offline => {
            return Err(Failure::Offline(reference.as_typed().to_owned()));
        }
        Target::Registry(reference) => open_registry(&reference, &platform, &registry(access)?)?,
        Target::Docker(name) => open_engine(&name, &platform, &engine(access)?)?,
        Target::Source(_) => return Err(Failure::Source(text.to_owned())),
        local => open_local(&local, &platform)?,
    };
    match &access.platform {
        Some(wanted) if image.config.is_some() && !wanted.accepts(&image.platform) && !is_offered(&image, wanted) => {
            Err(Failure::OtherPlatform {
                target: text.to_owned(),
                found: image.platform.to_string(),
                wanted: wanted.to_string(),
            })
        }
        _ => Ok(image),
    }
}

/// The client for registries, with the stored sign-ins.
pub(crate) fn registry(access: &Access<'_>) -> Result<Registry, Failure> {
    let store = CredentialStore::from_files(&sign_ins(access.surroundings))?;
    Ok(Registry::new(&options(access)?, store))
}

/// The client for feeds.
pub(crate) fn feeds(access: &Access<'_>) -> Result<Feeds, Failure> {
    Ok(Feeds::new(&options(access)?))
}

/// The client for the git server at `base`.
pub(super) fn forge(base: &str, access: &Access<'_>) -> Result<Forge, Failure> {
    Ok(Forge::new(base, &options(access)?)?)
}

/// Where sign-ins are stored.
pub(super) fn sign_ins(surroundings: &Surroundings) -> CredentialFiles {
    CredentialFiles {
        files: surroundings.credential_files.clone(),
        helper_folders: surroundings.path.clone(),
        ..CredentialFiles::default()
    }
}

/// How registries are reached: what the command line says, and what the policy says of single ones.
pub(super) fn options(access: &Access<'_>) -> Result<RegistryOptions, Failure> {
    let mut options = RegistryOptions { insecure: access.insecure.clone(), ..RegistryOptions::default() };
    options.certificates.authorities = access.authorities.clone();
    options.certificates.folders = access.surroundings.certificate_folders.clone();
    let Some(path) = &access.policy else { return Ok(options) };
    let folder = path.parent().unwrap_or(Path::new(""));
    for registry in policy_at(path)?.registries {
        if registry.insecure {
            options.insecure.push(registry.host.clone());
        }
        if let Some(ca) = registry.ca {
            options.certificates.by_host.push((registry.host.clone(), folder.join(ca)));
        }
        let (hosts, by_digest_only) = (registry.mirrors, registry.by_digest_only);
        options.mirrors.push(Mirrors { registry: registry.host, hosts, by_digest_only });
    }
    Ok(options)
}

/// The policy in a file.
pub(crate) fn policy_at(path: &Path) -> Result<Policy, Failure> {
    let text = std::fs::read_to_string(path).map_err(file("read", path))?;
    Policy::parse(&text).map_err(|error| Failure::Policy { path: path.to_owned(), error: Box::new(error) })
}

pub(super) fn engine(access: &Access<'_>) -> Result<Engine, Failure> {
    let address = EngineAddress::parse(&access.surroundings.docker_host)?;
    Ok(Engine::new(address, access.surroundings.temporary.clone(), ENGINE_QUOTA)?)
}
