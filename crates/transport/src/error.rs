//! What can go wrong between a target and its bytes.

/// Why an image could not be had. Every variant names what was asked for; `hint` says what to try.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// A file or folder could not be read.
    #[error("cannot read `{path}`: {source}")]
    File {
        /// As the user named it.
        path: String,
        /// The system's word.
        source: std::io::Error,
    },
    /// A manifest, index or config that is not one.
    #[error("`{target}`: {source}")]
    Document {
        /// What was asked for.
        target: String,
        /// What is wrong with it.
        source: model::oci::OciError,
    },
    /// Bytes that do not have the digest or size they were promised to have.
    #[error("`{target}`: {what} should be {expected} but is {found}; do not trust this copy")]
    Mismatch {
        /// What was asked for.
        target: String,
        /// `manifest`, `config`…
        what: &'static str,
        /// What was promised.
        expected: String,
        /// What was there.
        found: String,
    },
    /// A registry did not give what was asked for.
    #[error("`{target}`: {source}")]
    Registry {
        /// What was asked for.
        target: String,
        /// What went wrong there.
        source: Box<crate::RegistryError>,
    },
    /// Docker's engine did not give what was asked for.
    #[error("`{target}`: {source}")]
    Engine {
        /// What was asked for.
        target: String,
        /// What went wrong there.
        source: crate::EngineError,
    },
    /// No child of an index is for the platform asked for.
    #[error("`{target}` has no image for {wanted}; it has {offered}")]
    NoPlatform {
        /// What was asked for.
        target: String,
        /// The platform asked for.
        wanted: String,
        /// Those that are there, comma-separated.
        offered: String,
    },
    /// A named limit was reached before an image was found.
    #[error("`{target}`: more than {at} {name}")]
    Limit {
        /// What was asked for.
        target: String,
        /// What is limited, in the plural.
        name: &'static str,
        /// The limit.
        at: u64,
    },
}
