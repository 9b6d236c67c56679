//! What a container runs, held against what its reference names now. Pure: everything was asked before.

use model::{Digest, Reference};
use transport::{Container, Held};

/// What is said of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Exactly what its reference names now.
    Exact,
    /// Its reference names another digest now, whose image for this platform is the same.
    SameContent,
    /// Its reference names another image now; the one that runs is still there.
    Drifted,
    /// What runs can no longer be pulled: its tag, or its digest, is gone.
    Orphaned,
    /// It was made here, and nobody else has it.
    Local,
    /// It cannot be told, and the proof says why.
    Unknown,
}

impl Verdict {
    /// A stable word for reports.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::SameContent => "same-content",
            Self::Drifted => "drifted",
            Self::Orphaned => "orphaned",
            Self::Local => "local",
            Self::Unknown => "unknown",
        }
    }

    /// Whether what runs is not what it should be.
    pub(crate) fn fails(self) -> bool {
        matches!(self, Self::Drifted | Self::Orphaned)
    }
}

/// What a registry says of the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It names this; `image` and `config` are those for the container's platform, where they were looked at.
    Named { digest: Digest, image: Option<Digest>, config: Option<Digest> },
    /// There is nothing under that tag or digest.
    Absent,
    /// It was not asked, or could not be.
    Not(String),
}

/// Whether the digest that was pulled is still in its registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Alive {
    Yes,
    No,
    /// Why it was not looked at.
    NotAsked(String),
}

/// Everything that is known of a container's image.
pub(crate) struct Evidence<'a> {
    pub(crate) container: &'a Container,
    /// The reference, if that is what was asked for.
    pub(crate) reference: Option<&'a Reference>,
    /// The image that it was made from; none if the engine no longer has it.
    pub(crate) held: Option<&'a Held>,
    pub(crate) asked: &'a Asked,
    /// Of [`pulled`].
    pub(crate) alive: &'a Alive,
}

/// The digest under which the engine pulled or pushed the image, in the repository of `reference`. An image may have
/// one for each repository, and several in one after an index changed around it; the last is the newest.
pub(crate) fn pulled(held: &Held, reference: &Reference) -> Vec<Digest> {
    let same = |text: &String| {
        let known: Reference = text.parse().ok()?;
        (known.name() == reference.name()).then(|| known.digest().copied()).flatten()
    };
    held.digests.iter().filter_map(same).collect()
}

/// The verdict, and what proves it, sentence by sentence.
pub(crate) fn judge(evidence: &Evidence<'_>) -> (Verdict, Vec<String>) {
    let container = evidence.container;
    let Some(reference) = evidence.reference else {
        let why = "it was started by an identifier, which no registry knows".to_owned();
        return match evidence.held.map(|held| held.digests.as_slice()) {
            Some([]) | None => (Verdict::Local, vec![why, "the engine never pulled or pushed its image".to_owned()]),
            Some([known, ..]) => (Verdict::Unknown, vec![why, format!("the engine knows its image as `{known}`")]),
        };
    };
    let own = evidence.held.map(|held| pulled(held, reference)).unwrap_or_default();
    let engine = match own.last() {
        Some(digest) => format!("the engine pulled or pushed it as {digest}"),
        None => "the engine never pulled or pushed it under this name".to_owned(),
    };
    let name = reference.as_typed();
    match evidence.asked {
        Asked::Not(why) => (Verdict::Unknown, vec![engine, why.clone()]),
        Asked::Absent if own.is_empty() => (Verdict::Local, vec![engine, format!("the registry has no `{name}`")]),
        Asked::Absent => (Verdict::Orphaned, vec![engine, format!("the registry has no `{name}` any more")]),
        Asked::Named { digest, .. } if own.contains(digest) => {
            (Verdict::Exact, vec![engine, format!("`{name}` names {digest}")])
        }
        Asked::Named { digest, image, config } => {
            let is = [Some(*digest), *image, *config].contains(&Some(container.image));
            let now = format!("`{name}` names {digest} now");
            if is {
                let verdict = if own.is_empty() { Verdict::Exact } else { Verdict::SameContent };
                let same = format!("its image for this platform has the identity that runs, {}", container.image);
                return (verdict, vec![engine, now, same]);
            }
            if image.is_none() {
                let why = "it has no image for the container's platform".to_owned();
                return (Verdict::Drifted, vec![engine, now, why]);
            }
            if own.is_empty() {
                let other = "that is another image than the one made here".to_owned();
                return (Verdict::Local, vec![engine, now, other]);
            }
            drifted(evidence, engine, now)
        }
    }
}

fn drifted(evidence: &Evidence<'_>, engine: String, now: String) -> (Verdict, Vec<String>) {
    let other = "its image for this platform is another".to_owned();
    match evidence.alive {
        Alive::No => {
            (Verdict::Orphaned, vec![engine, now, other, "the digest that runs is gone from the registry".to_owned()])
        }
        Alive::Yes => {
            (Verdict::Drifted, vec![engine, now, other, "the digest that runs is still in the registry".to_owned()])
        }
        Alive::NotAsked(why) => {
            (Verdict::Drifted, vec![engine, now, other, format!("whether the digest that runs is still there: {why}")])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Platform;

    fn digest(name: &str) -> Digest {
        Digest::of(name.as_bytes())
    }

    /// What comes of a container of `app:1` with config `c`, whose engine knows the digests `own`.
    fn verdict(asked_for: &str, own: &[&str], asked: Asked, alive: Alive) -> &'static str {
        let container = Container {
            id: "1".to_owned(),
            name: "web".to_owned(),
            asked: asked_for.to_owned(),
            image: digest("c"),
            state: "running".to_owned(),
            created: None,
            service: None,
        };
        let digests = own.iter().map(|own| match own.split_once('/') {
            Some((repository, own)) => format!("{repository}@{}", digest(own)),
            None => format!("app@{}", digest(own)),
        });
        let held =
            Held { id: digest("c"), tags: Vec::new(), digests: digests.collect(), platform: Platform::linux("amd64") };
        let reference: Option<Reference> = asked_for.parse().ok();
        let evidence = Evidence {
            container: &container,
            reference: reference.as_ref(),
            held: Some(&held),
            asked: &asked,
            alive: &alive,
        };
        let (verdict, proof) = judge(&evidence);
        assert!(!proof.is_empty());
        verdict.word()
    }

    fn named(index: &str, image: &str, config: &str) -> Asked {
        let known = |name: &str| Some(digest(name)).filter(|_| !name.is_empty());
        Asked::Named { digest: digest(index), image: known(image), config: known(config) }
    }

    #[test]
    fn each_verdict() {
        let (yes, no) = (Alive::Yes, Alive::No);
        assert_eq!(verdict("app:1", &["i"], named("i", "", ""), yes.clone()), "exact");
        // Only another platform's image changed: another index, the same content.
        assert_eq!(verdict("app:1", &["i"], named("j", "m", "c"), yes.clone()), "same-content");
        // Two digests for one repository, the second of them the tag's.
        assert_eq!(verdict("app:1", &["i", "j"], named("j", "", ""), yes.clone()), "exact");
        assert_eq!(verdict("app:1", &["i"], named("j", "m", "d"), yes.clone()), "drifted");
        assert_eq!(verdict("app:1", &["i"], named("j", "m", "d"), no.clone()), "orphaned");
        assert_eq!(verdict("app:1", &["i"], Asked::Absent, no), "orphaned");
        // The first digest of all is another repository's, and no identity.
        assert_eq!(verdict("app:1", &["single/i"], named("i", "m", "d"), yes.clone()), "local");
        // Loaded from an archive: no digest is remembered, and the content tells.
        assert_eq!(verdict("app:1", &[], named("i", "m", "c"), yes.clone()), "exact");
        assert_eq!(verdict("app:1", &[], Asked::Absent, yes.clone()), "local");
        assert_eq!(verdict("app:1", &["i"], Asked::Not("`--offline`".to_owned()), yes.clone()), "unknown");
        // In containerd's store the identity is the manifest's or the index's.
        assert_eq!(verdict("app:1", &[], named("i", "c", "d"), yes.clone()), "exact");
        assert_eq!(verdict("app:1", &["i"], named("j", "", ""), yes), "drifted");
    }

    #[test]
    fn what_was_started_by_an_identifier() {
        let id = digest("c").hex();
        let not = || Asked::Not(String::new());
        assert_eq!(verdict(&id, &[], not(), Alive::Yes), "local");
        assert_eq!(verdict(&id, &["i"], not(), Alive::Yes), "unknown");
    }
}
