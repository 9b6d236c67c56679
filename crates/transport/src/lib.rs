//! Where images live: registries, Docker's engine, OCI layouts, archives, root filesystems.
//!
//! A target in, an [`Image`] out: its documents verified, its layers ready to be opened. What is inside a layer
//! is not this room's business. Everything here blocks; callers that must not wait call it from a thread.

mod archive;
mod copy;
mod credentials;
mod docker_archive;
mod drafts;
mod engine;
mod error;
mod feeds;
mod files;
#[cfg(test)]
mod fixture;
mod forge;
mod image;
mod layout;
mod local;
mod pax;
mod probe;
mod registry;
mod rootfs;
mod select;
mod target;
mod tls;
mod written;

pub use archive::{MEMBERS_LIMIT, UNPACKED_LIMIT};
pub use copy::{Copied, CopyOptions, CopyStep, Destination, Kept, Origin, copy};
pub use credentials::{Credential, CredentialError, CredentialFiles, CredentialStore, Keeper};
pub use engine::{Container, Engine, EngineAddress, EngineError, Held, open_engine};
pub use error::TransportError;
pub use feeds::{Feeds, Fetched, Wanted};
pub use forge::{Forge, Named as NamedRef, Refs};
pub use image::{Compression, Image, Layer, LayerBytes, Layers, Stored, Witness};
pub use local::open_local;
pub use registry::{
    Allowance, Attachment, Certificates, Chosen, Greeting, Mirrors, Pace, Part, Poll, REFERRERS_LIMIT, RealPace,
    Registry, RegistryError, RegistryOptions, Remote, Sent, Sighting, Stated, Tags, Vantage, open_registry,
};
pub use rootfs::NOTICED_LIMIT;
pub use select::{DOCUMENTS_LIMIT, LAYERS_LIMIT, NESTING_LIMIT};
pub use target::{Pick, Target, TargetError};
