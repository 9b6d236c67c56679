//! `plimsoll.decisions.toml`: what a team decided about known vulnerabilities, for which reason, by whom and until when.
//!
//! A decision never removes a finding; it changes its disposition while it is in force. The first one in the file's order
//! that is in force and selects a finding decides about it. One that has ended decides nothing, and is said.

mod apply;
mod parse;
mod write;

pub use apply::{Decided, Found, State, decide};
pub use write::{Draft, Due, WriteError};

use crate::policy_toml::PolicyError;
use globset::GlobMatcher;
use jiff::civil::Date;
use model::{Disposition, PurlParts};
use std::ops::Range;

/// VEX's words for why something is not affected.
pub const JUSTIFICATIONS: [&str; 5] = [
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
];

/// What may be decided.
pub const STATUSES: [Disposition; 4] =
    [Disposition::NotAffected, Disposition::Accepted, Disposition::Fixed, Disposition::UnderInvestigation];

/// All decisions of one file, in its order.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// The file as the user would write it.
    pub file: String,
    /// The decisions.
    pub all: Vec<Decision>,
}

/// One decision. Its reason and its owner say something, and it has an end.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What it is about.
    pub selector: Selector,
    /// What was decided; never open.
    pub status: Disposition,
    /// Why it does not apply, in VEX's word; always there for `not_affected`, and only there.
    pub justification: Option<&'static str>,
    /// Why, in words.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The day it was made; before that it is not in force.
    pub date: Date,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// Where that day stands in the text, as bytes.
    pub until_at: Option<Range<usize>>,
    /// The version from which on it does not hold any more.
    pub fixed_in: Option<String>,
    /// The line of the entry, from 1.
    pub line: u32,
}

/// Which findings a decision is about. All parts must fit; a part that is not there fits all.
#[derive(Clone, Debug)]
pub struct Selector {
    /// The vulnerabilities, by any of their names.
    pub vulnerabilities: Vec<String>,
    /// A package.
    pub package: Option<PackagePattern>,
    /// Files that prove a package; all of a package's must fit.
    pub path: Option<GlobMatcher>,
    /// Images, by the target as typed or by `registry/repository`.
    pub image: Option<GlobMatcher>,
}

/// A package as a decision names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackagePattern {
    /// By its name or by that of its source package.
    Name(String),
    /// By its purl: the type, namespace and name, and what else is given.
    Purl(Box<PurlParts>),
}

impl Decisions {
    /// Reads the text of a file of decisions. A field that is missing, empty or unknown is an error with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, PolicyError> {
        Ok(Self { file: file.to_owned(), all: parse::parse(text)? })
    }
}

impl Decision {
    /// When it ends, in words.
    pub fn ends(&self) -> String {
        let day = self.until.map(|day| format!("until {day}"));
        let version = self.fixed_in.as_ref().map(|v| format!("until version {}", model::escaped(v)));
        day.into_iter().chain(version).collect::<Vec<_>>().join(" or ")
    }
}
