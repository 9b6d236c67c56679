//! What was known before: an earlier report or image to which new findings are told apart.
//!
//! A baseline is evidence. It removes no finding and decides nothing; what it has too is shown as known before, and fails
//! no scan that was asked for what is new.

use advisories::matching::Vulnerability;
use advisories::scan::Scan;
use std::collections::BTreeSet;

/// Vulnerabilities by any of their names, each with the package as its world names it. A package's version is no part of
/// it: an update that does not mend a hole makes no new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeSet<(String, String)>);

impl Baseline {
    /// Of names of vulnerabilities with the names of packages.
    pub fn new(known: impl Iterator<Item = (String, String)>) -> Self {
        Self(known.collect())
    }

    /// What a scan found.
    pub fn of(scan: &Scan) -> Self {
        let names = |vulnerability: &Vulnerability| {
            std::iter::once(&vulnerability.id).chain(&vulnerability.aliases).cloned().collect::<Vec<_>>()
        };
        let known = scan.found.iter().flat_map(|found| {
            names(&found.vulnerability).into_iter().map(|name| (name, found.by.0.clone())).collect::<Vec<_>>()
        });
        Self::new(known)
    }

    /// Whether it has this vulnerability of this package, by any of the names.
    pub fn has(&self, vulnerability: &Vulnerability, package: &str) -> bool {
        let mut names = std::iter::once(&vulnerability.id).chain(&vulnerability.aliases);
        names.any(|name| self.0.contains(&(name.clone(), package.to_owned())))
    }
}
