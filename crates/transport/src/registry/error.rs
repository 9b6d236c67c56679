//! What can go wrong between us and a registry.

use crate::CredentialError;

/// Why a registry did not give what was asked for. Addresses in it are redacted and the server's words escaped.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// No answer: no such host, refused, reset, timed out, a certificate that does not hold.
    #[error("cannot reach {url}: {why}")]
    Unreachable {
        /// The redacted address.
        url: String,
        /// The system's or the TLS stack's word.
        why: String,
    },
    /// The registry host of a reference is no address that can be dialled.
    #[error("`{host}` cannot be dialled: {why}")]
    Host {
        /// As typed.
        host: String,
        /// Why.
        why: String,
    },
    /// No such repository, tag, digest or blob.
    #[error("{host} has no {what}{said}")]
    NotFound {
        /// The registry.
        host: String,
        /// What was asked for.
        what: String,
        /// Whether a registry's own error code says so: a bare 404 may come from anything on the way.
        certain: bool,
        /// `: ` and the registry's words, or nothing.
        said: String,
    },
    /// The document is there, in a format we did not ask for.
    #[error("{host} has {what}, but only in a format that no current client reads{said}")]
    NotAcceptable {
        /// The registry.
        host: String,
        /// What was asked for.
        what: String,
        /// `: ` and the registry's words.
        said: String,
    },
    /// 401 or 403, also after answering the challenge.
    #[error("{host} refuses access to {what} {}{said}", if *signed_in { "with the stored sign-in" } else { "without a sign-in" })]
    Denied {
        /// The registry, or its token server.
        host: String,
        /// What was asked for.
        what: String,
        /// Whether a stored sign-in was sent.
        signed_in: bool,
        /// `: ` and the server's words, or nothing.
        said: String,
    },
    /// The sign-in that is being tried is refused.
    #[error("{host} does not take this user name and password{said}")]
    SignIn {
        /// The registry, or its token server.
        host: String,
        /// `: ` and the server's words, or nothing.
        said: String,
    },
    /// 429, until patience ended.
    #[error("{host} asks for fewer requests{}", after.map(|s| format!(", and to come back in {s} s")).unwrap_or_default())]
    Busy {
        /// The registry.
        host: String,
        /// The seconds it asked to wait at last.
        after: Option<u64>,
    },
    /// Any other status.
    #[error("{url} answered {status}{said}")]
    Status {
        /// The redacted address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// `: ` and the server's words, or nothing.
        said: String,
    },
    /// A demand for sign-in that cannot be met.
    #[error("{host} demands a sign-in that cannot be made: {why}")]
    Challenge {
        /// The registry.
        host: String,
        /// Why.
        why: &'static str,
    },
    /// A redirect that is not followed.
    #[error("{url} redirects where it must not: {why}")]
    Redirect {
        /// The redacted address that redirected.
        url: String,
        /// Why.
        why: &'static str,
    },
    /// A certificate of the user's own that cannot be used.
    #[error("cannot use the certificate `{path}`: {why}")]
    Certificate {
        /// Which file.
        path: String,
        /// Why.
        why: String,
    },
    /// An answer that is no page of tags.
    #[error("{url} is not a list of tags")]
    NoList {
        /// The redacted address.
        url: String,
    },
    /// More bytes than any real document of its kind.
    #[error("{url} sends more than {limit} bytes of {what}")]
    TooLarge {
        /// The redacted address.
        url: String,
        /// What kind of document.
        what: &'static str,
        /// In bytes.
        limit: usize,
    },
    /// A body that ends early, stalls, or is not the part that was asked for.
    #[error("the download of {what} broke off at byte {offset}: {why}")]
    Broken {
        /// What was read.
        what: String,
        /// How much came.
        offset: u64,
        /// Why it could not go on.
        why: String,
    },
    /// What was to be sent is not what it was promised to be; the last of it was not sent. Or the registry names
    /// another digest than it was given.
    #[error("the content should be {expected} but is {found}; do not trust this copy")]
    Unverified {
        /// The digest promised.
        expected: String,
        /// What was there.
        found: String,
    },
    /// What was to be sent could not be read.
    #[error("what was to be sent cannot be read: {0}")]
    Unread(String),
    /// The program was told to stop.
    #[error("stopped before it was done")]
    Stopped,
    /// An answer that the protocol does not allow.
    #[error("{host} does not keep to the protocol: {why}")]
    Protocol {
        /// The registry.
        host: String,
        /// What it did.
        why: &'static str,
    },
    /// A manifest beyond what registries take.
    #[error("{host} refuses a manifest of {size} bytes: registries take at most {limit}")]
    LargeManifest {
        /// The registry.
        host: String,
        /// In bytes.
        size: usize,
        /// What the specification asks of registries.
        limit: usize,
    },
    /// What was read back is not what was written.
    #[error("`{reference}` on {host} is {found} right after {wrote} was written to it")]
    NotKept {
        /// The registry.
        host: String,
        /// The tag or digest.
        reference: String,
        /// What was written.
        wrote: String,
        /// What is there.
        found: String,
    },
    /// A registry that would delete the image, with all its tags, instead of a tag.
    #[error("{host} cannot remove the tag `{tag}` alone{said}")]
    NoUntag {
        /// The registry.
        host: String,
        /// The tag.
        tag: String,
        /// `: ` and the registry's words, or nothing.
        said: String,
    },
    /// The tag under which clients keep a list of referrers names something else.
    #[error("`{tag}` on {host} is no list of referrers but an image")]
    NotReferrers {
        /// The registry.
        host: String,
        /// The tag.
        tag: String,
    },
    /// Somebody else changes a list of referrers at the same time, again and again.
    #[error("the list of referrers `{tag}` on {host} is written by somebody else at the same time")]
    Contended {
        /// The registry.
        host: String,
        /// The tag.
        tag: String,
    },
    /// Stored sign-ins could not be had.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// The HTTP client itself could not be set up.
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
}

impl RegistryError {
    /// What the user may try.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotFound { .. } => Some("check the spelling of the repository and the tag"),
            Self::NotAcceptable { .. } => Some("pull it with an old Docker and push it again"),
            Self::Denied { signed_in: false, .. } => {
                Some("the repository may not exist, or needs `plimsoll login` first")
            }
            Self::Denied { signed_in: true, .. } => {
                Some("the repository may not exist, or the stored sign-in has no right to it or has expired")
            }
            Self::SignIn { .. } => Some("many registries want an access token in the place of the password"),
            Self::Busy { .. } => Some("wait, or sign in: most registries allow more requests to those they know"),
            Self::Unreachable { .. } => {
                Some("check the name, the network and the proxy; a registry without TLS must be named as insecure")
            }
            Self::NotKept { .. } | Self::Contended { .. } => Some("find out who else writes there, and try again"),
            Self::NoUntag { .. } => Some("deleting the manifest by its digest would take all its tags along"),
            Self::LargeManifest { .. } => Some("move annotations or embedded data into a blob"),
            Self::Client(_) => Some("install the system's certificates (the package `ca-certificates`)"),
            _ => None,
        }
    }
}
