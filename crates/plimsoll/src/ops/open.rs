//! From a target as typed to an image whose layers are still closed.

use crate::failure::Failure;
use crate::surroundings::Surroundings;
use model::Platform;
use transport::{
    CredentialFiles, CredentialStore, Engine, EngineAddress, Image, Registry, RegistryOptions, Target, open_engine,
    open_local, open_registry,
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
    /// No network at all.
    pub(crate) offline: bool,
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
        Some(wanted) if image.config.is_some() && !wanted.accepts(&image.platform) => Err(Failure::OtherPlatform {
            target: text.to_owned(),
            found: image.platform.to_string(),
            wanted: wanted.to_string(),
        }),
        _ => Ok(image),
    }
}

/// The client for registries.
pub(super) fn registry(access: &Access<'_>) -> Result<Registry, Failure> {
    let files = CredentialFiles {
        files: access.surroundings.credential_files.clone(),
        helper_folders: access.surroundings.path.clone(),
        ..CredentialFiles::default()
    };
    let options = RegistryOptions { insecure: access.insecure.clone(), ..RegistryOptions::default() };
    Ok(Registry::new(&options, CredentialStore::from_files(&files)?))
}

fn engine(access: &Access<'_>) -> Result<Engine, Failure> {
    let address = EngineAddress::parse(&access.surroundings.docker_host)?;
    Ok(Engine::new(address, access.surroundings.temporary.clone(), ENGINE_QUOTA)?)
}
