//! One sentence of what is known of an answer, and how well it is known.

use super::{Agreement, Resolution};
use crate::failure::count;
use model::{Reference, escaped};
use transport::{Sighting, Vantage};

/// How well something is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// By bytes that were hashed here.
    Proved,
    /// By somebody's word.
    Claimed,
    /// By the word of whom it is about.
    Weak,
    /// Nobody looked.
    NotChecked,
    /// It is not so.
    Refuted,
}

impl Standing {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Claimed => "claimed",
            Self::Weak => "weak",
            Self::NotChecked => "not checked",
            Self::Refuted => "refuted",
        }
    }
}

/// What a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// The answer, its tag, its headers, who gave it.
    Answer,
    /// Whether the images that an index names are there.
    Image,
    /// What another server says that may answer in the registry's place.
    Vantage,
}

/// One thing that is said of an answer. Its words are safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) standing: Standing,
    /// What it is about.
    pub(crate) about: About,
    /// What is said.
    pub(crate) what: String,
    /// Why it stands as it does.
    pub(crate) why: String,
}

impl Statement {
    pub(crate) fn new(standing: Standing, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { standing, about: About::Answer, what: what.into(), why: why.into() }
    }

    /// The same about what another server says.
    pub(super) fn of_a_vantage(self) -> Self {
        Self { about: About::Vantage, ..self }
    }

    /// The same about an image that the index names.
    pub(super) fn of_an_image(self) -> Self {
        Self { about: About::Image, ..self }
    }
}

/// Who answered, in words.
pub(crate) fn vantage(vantage: &Vantage, reference: &Reference) -> String {
    match vantage {
        Vantage::Direct => format!("registry {}", reference.registry()),
        Vantage::Mirror(host) => format!("mirror {} of {}", escaped(host), reference.registry()),
    }
}

/// What follows from the answer alone.
pub(super) fn of(found: &Resolution) -> Vec<Statement> {
    let mut statements = vec![bytes(found)];
    statements.extend(naming(found));
    statements.extend(passed_over(found));
    statements.extend(type_of(&found.sighting));
    statements.extend(platform(found));
    statements
}

fn bytes(found: &Resolution) -> Statement {
    let what = if found.is_index() {
        format!("{} is an index of {}", found.digest(), count(found.children().len(), "manifest"))
    } else {
        format!("{} is the manifest of one image", found.digest())
    };
    Statement::new(Standing::Proved, what, format!("its {} bytes were fetched and hashed", found.sighting.raw().len()))
}

/// That the tag names it: nobody's signature is on that.
fn naming(found: &Resolution) -> Option<Statement> {
    let reference = &found.reference;
    let tag = reference.tag().map_or_else(|| "tag `latest`".to_owned(), |tag| format!("tag `{tag}`"));
    let now = |digest| format!("{tag} names {digest} now");
    let says = freshness(&found.sighting, reference);
    match (&found.agreement, reference.digest()) {
        (Some(Agreement::Same), _) => {
            Some(Statement::new(Standing::Claimed, format!("{} and the digest agree", now(found.digest())), says))
        }
        (Some(Agreement::Moved(other)), _) => Some(Statement::new(
            Standing::Refuted,
            format!("{tag} names {}", found.digest()),
            format!("it names {other} now; the digest decides what runs, the tag misleads its readers"),
        )),
        (Some(Agreement::Part { index, platform }), _) => {
            let whose = platform.as_ref().map(|p| format!(" for {}", escaped(&p.to_string()))).unwrap_or_default();
            let what = format!("{}, and the digest is its image{whose}", now(*index));
            Some(Statement::new(Standing::Claimed, what, says))
        }
        (Some(Agreement::Gone), _) => Some(Statement::new(
            Standing::Refuted,
            format!("{tag} names {}", found.digest()),
            "there is no such tag now; the digest is still there".to_owned(),
        )),
        (None, Some(_)) => None,
        (None, None) => Some(Statement::new(Standing::Claimed, now(found.digest()), says)),
    }
}

/// Why a tag's answer is only a claim, and whose.
fn freshness(sighting: &Sighting, reference: &Reference) -> String {
    let who = vantage(&sighting.vantage, reference);
    let through = match (&sighting.stated.age, &sighting.stated.via) {
        (Some(age), _) => Some(format!("seen through a cache that kept it for {age} s")),
        (None, Some(via)) => Some(format!("seen through a proxy, `{}`", escaped(via))),
        (None, None) => None,
    };
    match (&sighting.vantage, through) {
        (Vantage::Mirror(_), _) => format!("{who} says so; seen through a cache, it cannot be told from fresh"),
        (Vantage::Direct, Some(through)) => format!("{who} says so; {through}"),
        (Vantage::Direct, None) => format!("{who} says so; no signature ties a tag to a digest"),
    }
}

fn passed_over(found: &Resolution) -> Vec<Statement> {
    let each = found.sighting.passed_over.iter();
    each.map(|(who, why)| {
        let what = format!("what {} has", vantage(who, &found.reference));
        Statement::new(Standing::NotChecked, what, format!("it could not answer: {why}"))
    })
    .collect()
}

/// A header that calls the document something else than it calls itself.
fn type_of(sighting: &Sighting) -> Option<Statement> {
    let stated = sighting.stated.plain_type()?;
    let own = sighting.media_type();
    let vague = ["application/json", "application/octet-stream", "text/plain"].contains(&stated.as_str());
    (!vague && stated != own).then(|| {
        let what = format!("the document is of type `{}`", escaped(&stated));
        Statement::new(Standing::Refuted, what, format!("it is of type `{}`, by its own content", escaped(own)))
    })
}

fn platform(found: &Resolution) -> Option<Statement> {
    let chosen = found.chosen.as_ref()?;
    let name = chosen
        .descriptor
        .platform
        .as_ref()
        .map_or_else(|| "this platform".to_owned(), |p| escaped(&p.to_string()).into_owned());
    let what = format!("{} is its image for {name}", chosen.descriptor.digest);
    let why = match (found.is_index(), chosen.fetched) {
        (true, false) => "the index says so, and the index was hashed; the image itself was not fetched",
        (true, true) => "the indexes on the way to it and the image's manifest were fetched and hashed",
        (false, _) => "its config says so, and the config was fetched and hashed",
    };
    Some(Statement::new(Standing::Proved, what, why))
}
