//! `SOURCE=PLACE`: a source of advisories, and where it is.

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
}

/// A source and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FeedPlace {
    pub(crate) kind: Kind,
    pub(crate) path: PathBuf,
}

impl FromStr for FeedPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = text.split_once('=').ok_or("it is not SOURCE=PLACE")?;
        let kind = Kind::ALL.into_iter().find(|k| k.word() == name);
        let kind = kind.ok_or_else(|| {
            let names: Vec<&str> = Kind::ALL.iter().map(|k| k.word()).collect();
            format!("`{name}` is none of the sources {}", names.join(", "))
        })?;
        if path.is_empty() {
            return Err("a folder or file must follow the `=`".to_owned());
        }
        if path.contains("://") {
            return Err("sources are read from folders and files: download it first".to_owned());
        }
        Ok(Self { kind, path: PathBuf::from(path) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let good: FeedPlace = "osv=/srv/osv".parse().unwrap();
        assert_eq!((good.kind, good.path), (Kind::Osv, PathBuf::from("/srv/osv")));
        let check = |text: &str, part: &str| {
            let error = text.parse::<FeedPlace>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        };
        check("osv", "SOURCE=PLACE");
        check("osv=", "must follow");
        check("nvd=x", "none of the sources osv, debian-tracker");
        check("osv=https://x", "download it first");
    }
}
