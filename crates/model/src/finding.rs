//! What a rule says: always with a proof and a remedy.

use crate::{Digest, Subject, TreePath};
use std::fmt;

/// The seven practices of the guide; their number is a rule code's first digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Practice {
    /// 1: deploy by digest or a never-reused version tag.
    Tagging,
    /// 2: few, clear and clean layers.
    Layers,
    /// 3: a base that was chosen.
    Base,
    /// 4: known vulnerabilities, and a process for them.
    Scanning,
    /// 5: a bill of materials, kept.
    Sbom,
    /// 6: rebuilt on a schedule and on change.
    Rebuilds,
    /// 7: source, date and version in the image itself.
    Provenance,
}

impl Practice {
    /// All seven, in the guide's order.
    pub const ALL: [Self; 7] =
        [Self::Tagging, Self::Layers, Self::Base, Self::Scanning, Self::Sbom, Self::Rebuilds, Self::Provenance];

    /// The practice's one word: guide page, folder, help heading, test file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tagging => "tagging",
            Self::Layers => "layers",
            Self::Base => "base",
            Self::Scanning => "scanning",
            Self::Sbom => "sbom",
            Self::Rebuilds => "rebuilds",
            Self::Provenance => "provenance",
        }
    }

    /// The section of the guide, 1 to 7.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Worth mending when someone is there anyway.
    Low,
    /// Should be mended.
    Medium,
    /// Should not be shipped.
    High,
    /// Must not run.
    Critical,
}

impl Severity {
    /// All of them, mildest first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The report's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One rule broken at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code, such as `PL101`.
    pub code: &'static str,
    /// What it is about; `None` for a text that is no image.
    pub subject: Option<Subject>,
    /// Where.
    pub place: Place,
    /// After policy.
    pub severity: Severity,
    /// What is wrong here, in one sentence without a full stop.
    pub message: String,
    /// What shows it: the fact itself. Never empty.
    pub proof: String,
    /// What to do about it here. Never empty.
    pub remedy: String,
    /// A mechanical edit, where there is one.
    pub fix: Option<Fix>,
    /// What was decided about it.
    pub disposition: Disposition,
    /// The decision that says so; `None` for an open one.
    pub ruling: Option<Ruling>,
    /// Whether the baseline has it too; `None` where there is no baseline.
    pub known_before: Option<bool>,
}

impl Finding {
    /// Whether it fails where this severity and worse fail: open, and not known before.
    pub fn fails(&self, from: Severity) -> bool {
        self.disposition == Disposition::Open && self.known_before != Some(true) && self.severity >= from
    }
}

/// What a team wrote down about a finding, and until when it holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ruling {
    /// What was decided.
    pub status: Disposition,
    /// VEX's word for why it does not apply.
    pub justification: Option<&'static str>,
    /// Why, in somebody's words.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The day it was made, `2026-11-27`.
    pub made: String,
    /// When it ends: `until 2027-02-01`, `until version 3.0.13`.
    pub ends: String,
    /// The file that holds it, as the user would write it.
    pub file: String,
    /// Its line there, from 1.
    pub line: u32,
}

impl fmt::Display for Ruling {
    /// One sentence, as it is shown to people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = self.justification.map_or(String::new(), |word| format!(" ({word})"));
        let [owner, reason, file] = [&self.owner, &self.reason, &self.file].map(|text| crate::escaped(text));
        let status = self.status.word();
        write!(f, "{status}{why} {}, by {owner} on {}: {reason} [{file}:{}]", self.ends, self.made, self.line)
    }
}

/// Where a finding is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// In a text that someone wrote.
    pub text: Option<TextPlace>,
    /// In the layer with this diffID.
    pub layer: Option<Digest>,
    /// In this file of the image.
    pub path: Option<TreePath>,
    /// In the package with this purl.
    pub package: Option<String>,
}

/// A span of a text; lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextPlace {
    /// The file as the user named it.
    pub path: String,
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// The column after the last character.
    pub end_column: u32,
}

/// An edit that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the edit does, as an imperative.
    pub summary: String,
    /// The text to put in place of the finding's span.
    pub replacement: String,
}

/// What has been decided about a finding, in VEX's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// Nothing was decided.
    #[default]
    Open,
    /// It is fixed.
    Fixed,
    /// It does not apply here.
    NotAffected,
    /// It is known and carried, for a stated reason and term.
    Accepted,
    /// Someone is looking at it.
    UnderInvestigation,
}

impl Disposition {
    /// The report's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Fixed => "fixed",
            Self::NotAffected => "not_affected",
            Self::Accepted => "accepted",
            Self::UnderInvestigation => "under_investigation",
        }
    }
}

/// One answer over everything looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Nothing that policy calls a failure, and nothing that hides one.
    Pass,
    /// Something could not be read that may hide a failure.
    Inconclusive,
    /// At least one open finding that policy calls a failure.
    Fail,
}

impl Verdict {
    /// The report's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        }
    }

    /// The program's exit code: 0, 1 or 3 (2 is for a tool that could not do its work).
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Inconclusive => 3,
        }
    }
}
