//! What can go wrong between a target and its bytes.

use crate::TargetError;

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
    /// Something other than the prefix says.
    #[error("`{target}` is {what}, not {wanted}")]
    OtherKind {
        /// What was asked for.
        target: String,
        /// What it is.
        what: &'static str,
        /// What the prefix means.
        wanted: &'static str,
        /// The same with the prefix that fits, where one does.
        instead: Option<String>,
    },
    /// The target's text names nothing that could be opened.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A target that only a registry or an engine has, or that is no image at all.
    #[error("`{target}` is {what}, not an image on this machine")]
    NotLocal {
        /// What was asked for.
        target: String,
        /// What it is instead.
        what: &'static str,
    },
    /// A layout or archive has images, but none by the name asked for.
    #[error("`{target}` has no image `{wanted}`; it has {offered}")]
    NoImage {
        /// What was asked for.
        target: String,
        /// The tag, reference or digest asked for.
        wanted: String,
        /// Those that are there, comma-separated.
        offered: String,
    },
    /// A layout or archive has several images and none was named.
    #[error("`{target}` has several images: {offered}")]
    SeveralImages {
        /// What was asked for.
        target: String,
        /// Those that are there, comma-separated.
        offered: String,
    },
    /// A file that a layout or archive must have is not in it.
    #[error("`{target}` is incomplete: `{name}` is missing")]
    Missing {
        /// The layout or archive.
        target: String,
        /// The file's name in it.
        name: String,
    },
    /// A file of a layout that is a folder, device, pipe or socket, or an archive's member without bytes of its own.
    #[error("`{name}` in `{target}` is not a regular file")]
    NotAFile {
        /// The layout or archive.
        target: String,
        /// The file's name in it.
        name: String,
    },
    /// A symbolic link that leads out of a layout, or in a circle.
    #[error("`{name}` in `{target}` is a link that leads out of it or in a circle")]
    Escapes {
        /// The layout or archive.
        target: String,
        /// The file's name in it.
        name: String,
    },
    /// An archive that has two different files by one name, where readers differ on which counts.
    #[error("`{target}` has `{name}` more than once; readers differ on which one counts")]
    Doubled {
        /// The archive.
        target: String,
        /// The name.
        name: String,
    },
    /// A file that is no tar archive, or a broken one.
    #[error("`{path}` is not a whole tar archive: {why} at byte {offset}")]
    BadArchive {
        /// The archive.
        path: String,
        /// What is wrong.
        why: &'static str,
        /// Where in the (unpacked) archive.
        offset: u64,
    },
}

impl TransportError {
    /// What to try, as an imperative without a full stop; `None` where nothing but the message helps.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoPlatform { .. } => Some("ask for one of those with `--platform`".to_owned()),
            Self::File { source, .. } => match source.kind() {
                std::io::ErrorKind::NotFound => Some("look at the path; it is read from the current folder".to_owned()),
                std::io::ErrorKind::PermissionDenied => Some("give yourself the right to read it".to_owned()),
                _ => None,
            },
            Self::Registry { source, .. } => source.hint().map(str::to_owned),
            Self::Engine { source, .. } => source.hint().map(str::to_owned),
            Self::Target(error) => error.hint(),
            Self::NotLocal { .. } => None,
            Self::OtherKind { instead, .. } => instead.as_ref().map(|instead| format!("write `{instead}`")),
            Self::NoImage { .. } | Self::SeveralImages { .. } => {
                Some("write one of those behind the name of the file or folder".to_owned())
            }
            Self::Missing { name, .. } if name == "index.json" || name == "manifest.json" => {
                Some("is it an image? a root filesystem in a tar must be unpacked first".to_owned())
            }
            Self::Missing { .. } | Self::BadArchive { .. } => {
                Some("write the image again and compare sizes".to_owned())
            }
            Self::Escapes { .. } => Some("copy the layout with its links followed (`cp -rL`)".to_owned()),
            Self::Doubled { .. } => Some("write the archive again: `docker save` never repeats a name".to_owned()),
            _ => None,
        }
    }
}
