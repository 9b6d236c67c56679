//! A vulnerability of a source package in one line: what the flat formats say of it, in the same words.

use super::scan_table::{Group, grouped};
use crate::ops::Scanned;
use advisories::matching::Vulnerability;
use model::{Disposition, Package, Severity};

/// One line.
pub(super) struct Line<'s> {
    pub(super) scanned: &'s Scanned,
    pub(super) vulnerability: &'s Vulnerability,
    /// The package as its world names it, and its version.
    pub(super) by: (&'s str, &'s str),
    world: &'s str,
    group: Group<'s>,
}

/// All lines of a scan, open ones first, of each the worst.
pub(super) fn lines(scanned: &Scanned) -> impl Iterator<Item = Line<'_>> {
    grouped(scanned).into_iter().filter_map(move |group| {
        let found = *group.found.first()?;
        let by = (found.by.0.as_str(), found.by.1.as_str());
        Some(Line { scanned, vulnerability: &found.vulnerability, by, world: &found.world, group })
    })
}

impl<'s> Line<'s> {
    /// Whose advisories judged it: `Debian:12`, `PyPI`.
    pub(super) fn world(&self) -> &'s str {
        self.world
    }

    pub(super) fn severity(&self) -> &'static str {
        practices::severity_word(self.vulnerability.rating.severity)
    }

    pub(super) fn rated(&self) -> Option<Severity> {
        self.vulnerability.rating.severity
    }

    /// The day since which it is exploited, says CISA.
    pub(super) fn exploited(&self) -> Option<&'s str> {
        self.vulnerability.known.as_ref()?.exploited_since.as_deref()
    }

    pub(super) fn epss(&self) -> Option<f32> {
        self.vulnerability.known.as_ref()?.epss
    }

    pub(super) fn disposition(&self) -> Disposition {
        self.group.ruling().map_or(Disposition::Open, |ruling| ruling.status)
    }

    /// Whether the baseline has it too.
    pub(super) fn is_known(&self) -> bool {
        self.group.known
    }

    /// What was decided, as one sentence.
    pub(super) fn ruling(&self) -> Option<&'s model::Ruling> {
        self.group.ruling()
    }

    /// Why it was decided so, with the end and the owner; empty where nobody decided.
    pub(super) fn reason(&self) -> String {
        self.ruling()
            .map_or(String::new(), |ruling| format!("{} ({}, by {})", ruling.reason, ruling.ends, ruling.owner))
    }

    /// The version without it, or why there is none.
    pub(super) fn fix(&self) -> String {
        match (&self.vulnerability.fix, self.vulnerability.note.as_str()) {
            (Some(fix), _) => fix.clone(),
            (None, "") => "no fix".to_owned(),
            (None, note) => format!("no fix, {note}"),
        }
    }

    /// The packages of the image.
    pub(super) fn packages(&self) -> impl Iterator<Item = &'s Package> + '_ {
        let packages = &self.scanned.reading.facts.packages;
        self.group.found.iter().filter_map(move |found| packages.get(found.package as usize))
    }

    /// Their indexes in the facts.
    pub(super) fn indexes(&self) -> impl Iterator<Item = usize> + '_ {
        self.group.found.iter().map(|found| found.package as usize)
    }

    /// The files that prove the packages, each once.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.packages().map(|package| package.proof().path.to_string()).collect();
        paths.sort();
        paths.dedup();
        paths
    }
}
