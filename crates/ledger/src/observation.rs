//! What was seen of a tag: by whom, from where, when, and whether bytes prove it.

use jiff::Timestamp;
use model::oci::{Descriptor, Document, OciError};
use model::{Digest, Sha256, escaped};
use std::fmt;
use std::str::FromStr;

/// The longest text of an observation that is kept, in characters.
const LONGEST: usize = 255;

/// One look at one tag. A tag is an observation, never an identity: what it says is true of its moment alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// `registry/repository`, as `Reference::name` writes it.
    pub repository: String,
    /// The tag; `None` for a digest that was asked for without one.
    pub tag: Option<String>,
    /// What was there.
    pub state: State,
    /// When, by the observer's clock; kept to the millisecond.
    pub seen: Timestamp,
    /// Seen from where.
    pub vantage: Vantage,
    /// Whether the digest was computed from bytes.
    pub proof: Proof,
    /// The program that saw it, with its version.
    pub witness: String,
    /// The raw manifest or index; kept once by its digest.
    pub raw: Option<Vec<u8>>,
}

/// What a tag named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// A document.
    Is {
        /// Its digest.
        digest: Digest,
        /// Its media type; empty where it is not known.
        media_type: String,
        /// For an index, its children in order.
        children: Vec<Child>,
    },
    /// Nothing any more: the registry says that there is no such tag.
    Vanished,
}

/// A child of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// Its manifest's digest.
    pub digest: Digest,
    /// `linux/arm64/v8`, as the index states it; empty where it does not.
    pub platform: String,
}

/// From where something was seen. What a cache serves says nothing of what the registry has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vantage {
    /// The registry of the reference itself.
    Direct,
    /// A mirror at this host.
    Mirror(String),
    /// A pull-through cache at this host.
    Cache(String),
    /// What a registry's notification stated.
    Notification,
    /// What an engine says that it pulled.
    Engine,
}

/// How a digest is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proof {
    /// Computed from the document's bytes.
    Proved,
    /// Stated by a header, a notification, an engine.
    Claimed,
}

/// An observation as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number in its repository, from 1.
    pub sequence: u64,
    /// The row's hash.
    pub hash: Sha256,
    /// What was seen; `raw` is left out, see `Ledger::document`.
    pub observation: Observation,
    /// The same seen again, without another row.
    pub again: Seen,
}

/// When the same was last seen again, and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Last time that bytes proved it.
    pub proved: Option<Timestamp>,
    /// Last time that somebody stated it.
    pub claimed: Option<Timestamp>,
    /// How often since the row was written.
    pub times: u64,
}

impl Observation {
    /// A tag (or an untagged digest) whose document was read and hashed. `digest` must be that of `raw`.
    ///
    /// # Errors
    /// When `raw` is no manifest and no index.
    pub fn proved(
        repository: &str,
        tag: Option<&str>,
        digest: Digest,
        raw: &[u8],
        stated_type: Option<&str>,
    ) -> Result<Self, OciError> {
        let (media_type, children) = match Document::parse(raw, stated_type)? {
            Document::Manifest(manifest) => (manifest.media_type, Vec::new()),
            Document::Index(index) => (index.media_type, index.manifests.iter().map(Child::of).collect()),
        };
        let state = State::Is { digest, media_type: kept(&media_type), children };
        Ok(Self { raw: Some(raw.to_vec()), proof: Proof::Proved, ..Self::claimed(repository, tag, state) })
    }

    /// What somebody stated. Time, vantage and witness are to be filled in.
    pub fn claimed(repository: &str, tag: Option<&str>, state: State) -> Self {
        Self {
            repository: repository.to_owned(),
            tag: tag.map(str::to_owned),
            state,
            seen: Timestamp::UNIX_EPOCH,
            vantage: Vantage::Direct,
            proof: Proof::Claimed,
            witness: String::new(),
            raw: None,
        }
    }

    /// The same, seen then, from there, by this program.
    #[must_use]
    pub fn by(self, seen: Timestamp, vantage: Vantage, witness: &str) -> Self {
        Self { seen: milliseconds(seen.as_millisecond()), vantage, witness: kept(witness), ..self }
    }

    /// The digest, unless the tag was gone.
    pub fn digest(&self) -> Option<&Digest> {
        match &self.state {
            State::Is { digest, .. } => Some(digest),
            State::Vanished => None,
        }
    }

    /// Why this cannot have been seen, if it cannot.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let texts = [&self.repository, &self.witness, &self.vantage.to_string()];
        let odd = |text: &str| text.chars().count() > LONGEST * 2 || text.chars().any(char::is_control);
        let (media_type, children) = match &self.state {
            State::Is { media_type, children, .. } => (media_type.as_str(), children.as_slice()),
            State::Vanished => ("", &[][..]),
        };
        let raw = self.raw.as_deref();
        if self.repository.is_empty() || self.tag.as_deref() == Some("") {
            Some("it names nothing")
        } else if texts.iter().any(|text| odd(text))
            || odd(media_type)
            || self.tag.as_deref().is_some_and(odd)
            || children.iter().any(|child| odd(&child.platform))
        {
            Some("a text in it is too long or holds control characters")
        } else if self.digest().is_none() && (self.tag.is_none() || raw.is_some()) {
            Some("nothing can have vanished")
        } else if self.digest().zip(raw).is_some_and(|(digest, raw)| !is_of(digest, raw)) {
            Some("its document does not have its digest")
        } else if self.proof == Proof::Proved && self.digest().is_none() {
            Some("no bytes prove an absence")
        } else {
            None
        }
    }
}

/// Whether `raw` has this digest.
pub(crate) fn is_of(digest: &Digest, raw: &[u8]) -> bool {
    let mut hasher = digest.hasher();
    hasher.update(raw);
    hasher.finish() == *digest
}

/// A time as the ledger keeps it.
pub(crate) fn milliseconds(value: i64) -> Timestamp {
    Timestamp::from_millisecond(value).unwrap_or(Timestamp::MAX)
}

/// Foreign text as it is kept: harmless and short.
fn kept(text: &str) -> String {
    escaped(&text.chars().take(LONGEST).collect::<String>()).chars().take(LONGEST).collect()
}

impl Child {
    fn of(descriptor: &Descriptor) -> Self {
        let platform = descriptor.platform.as_ref().map(|p| kept(&p.to_string())).unwrap_or_default();
        Self { digest: descriptor.digest, platform }
    }
}

impl Entry {
    /// Last time that it was seen, however.
    pub fn last(&self) -> Timestamp {
        [self.again.proved, self.again.claimed].into_iter().flatten().fold(self.observation.seen, Timestamp::max)
    }
}

impl fmt::Display for Vantage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("direct"),
            Self::Mirror(host) => write!(f, "mirror {host}"),
            Self::Cache(host) => write!(f, "cache {host}"),
            Self::Notification => f.write_str("notification"),
            Self::Engine => f.write_str("engine"),
        }
    }
}

impl FromStr for Vantage {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(' ') {
            Some(("mirror", host)) => Ok(Self::Mirror(host.to_owned())),
            Some(("cache", host)) => Ok(Self::Cache(host.to_owned())),
            None if text == "direct" => Ok(Self::Direct),
            None if text == "notification" => Ok(Self::Notification),
            None if text == "engine" => Ok(Self::Engine),
            _ => Err(()),
        }
    }
}

impl Proof {
    /// The ledger's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Claimed => "claimed",
        }
    }
}
