//! `SOURCE[=PLACE]`: a source of advisories, and where it is: an address, a folder or a file.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A source that is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Osv,
    DebianTracker,
    AlpineSecdb,
    Kev,
    Epss,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [Self::Osv, Self::DebianTracker, Self::AlpineSecdb, Self::Kev, Self::Epss];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Osv => advisories::feeds::osv::SOURCE,
            Self::DebianTracker => advisories::feeds::debian::SOURCE,
            Self::AlpineSecdb => advisories::feeds::secdb::SOURCE,
            Self::Kev => "kev",
            Self::Epss => "epss",
        }
    }

    /// Where it is published. OSV's is the root of `ECOSYSTEM/all.zip`, Alpine's that of `v3.20/main.json`.
    pub(crate) fn published(self) -> &'static str {
        match self {
            Self::Osv => "https://osv-vulnerabilities.storage.googleapis.com",
            Self::DebianTracker => "https://security-tracker.debian.org/tracker/data/json",
            Self::AlpineSecdb => "https://secdb.alpinelinux.org",
            Self::Kev => "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
            Self::Epss => "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
        }
    }

    /// The source of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == name)
    }
}

/// Where a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A folder or a file.
    Path(PathBuf),
    /// An address; for sources of several files the root of all, without a slash at its end.
    Url(String),
}

impl Place {
    /// As it was written.
    pub(crate) fn of(text: &str) -> Self {
        if text.contains("://") {
            Self::Url(text.trim_end_matches('/').to_owned())
        } else {
            Self::Path(PathBuf::from(text))
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Url(url) => f.write_str(url),
        }
    }
}

/// A source and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FeedPlace {
    pub(crate) kind: Kind,
    pub(crate) place: Place,
}

impl FeedPlace {
    /// A source where its publisher has it.
    pub(crate) fn published(kind: Kind) -> Self {
        Self { kind, place: Place::of(kind.published()) }
    }
}

impl FromStr for FeedPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, place) = text.split_once('=').map_or((text, None), |(name, place)| (name, Some(place)));
        let kind = Kind::named(name).ok_or_else(|| {
            let names: Vec<&str> = Kind::ALL.iter().map(|k| k.word()).collect();
            format!("`{name}` is none of the sources {}", names.join(", "))
        })?;
        match place {
            None => Ok(Self::published(kind)),
            Some("") => Err("an address, a folder or a file must follow the `=`".to_owned()),
            Some(place) => Ok(Self { kind, place: Place::of(place) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let check = |text: &str, kind: Kind, place: Place| {
            assert_eq!(text.parse::<FeedPlace>(), Ok(FeedPlace { kind, place }), "{text}");
        };
        check("osv=/srv/osv", Kind::Osv, Place::Path("/srv/osv".into()));
        check("osv=https://mirror.example/osv/", Kind::Osv, Place::Url("https://mirror.example/osv".to_owned()));
        check("kev=kev.json", Kind::Kev, Place::Path("kev.json".into()));
        check("epss", Kind::Epss, Place::Url(Kind::Epss.published().to_owned()));
        let wrong = |text: &str, part: &str| {
            let error = text.parse::<FeedPlace>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        };
        wrong("osv=", "must follow");
        wrong("nvd=x", "none of the sources osv, debian-tracker");
    }
}
