//! Where images live: registries, Docker's engine, OCI layouts, archives, root filesystems.
//!
//! A target in, an [`Image`] out: its documents verified, its layers ready to be opened. What is inside a layer
//! is not this room's business. Everything here blocks; callers that must not wait call it from a thread.

mod credentials;
mod engine;
mod error;
mod image;
mod registry;
mod select;
mod tls;

pub use credentials::{Credential, CredentialError, CredentialFiles, CredentialStore};
pub use engine::{Engine, EngineAddress, EngineError};
pub use error::TransportError;
pub use image::{Compression, Image, Layer, LayerBytes, Layers};
pub use registry::{Pace, RealPace, Registry, RegistryError, RegistryOptions, open_registry};
pub use select::{DOCUMENTS_LIMIT, LAYERS_LIMIT, NESTING_LIMIT};
