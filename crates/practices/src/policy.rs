//! What a team asks of its images: how bad each rule is here, what fails, what must have been checked.

use crate::Evidence;
use crate::asks::Asks;
use crate::policy_toml::{self, PolicyError};
use crate::rule::{RULES, Rule};
use crate::waste::Budget;
use globset::GlobMatcher;
use model::{Practice, Reference, Severity};
use sources::Pattern;
use std::collections::BTreeMap;

/// Days for which the SBOM of an image is kept after it was read last, unless a policy says otherwise.
pub(crate) const KEEP_DAYS: u32 = 400;

/// A policy. [`Policy::default`] is what holds without a file: every rule as it comes, *high* fails.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The mildest severity that fails.
    pub fail_on: Severity,
    /// Levels by rule code, for every image.
    pub rules: BTreeMap<&'static str, Level>,
    /// Levels for some images; later entries win.
    pub images: Vec<ImageRules>,
    /// Practices that must have been checked in full; otherwise the verdict is inconclusive.
    pub require: Vec<Practice>,
    /// Whether gaps of coverage (programs nobody recognised, records that make no sense) keep a verdict from *pass*.
    pub coverage_blocks: bool,
    /// The address of the team's ledger, as written; no rule looks at it.
    pub ledger: Option<String>,
    /// Days after which the SBOM of an image that was not read again goes; no rule looks at it.
    pub keep_days: u32,
    /// How some registries are reached; no rule looks at it.
    pub registries: Vec<RegistryAccess>,
    /// Who has to have signed which images; no rule looks at it.
    pub signatures: Vec<SignaturePolicy>,
    /// What holds for references in texts.
    pub pin: PinPolicy,
    /// The most waste that layers may have.
    pub max_waste: Option<Budget>,
    /// What is asked of vulnerabilities beyond levels.
    pub scanning: ScanningPolicy,
    /// What is asked of Dockerfiles beyond levels.
    pub asks: Asks,
    /// Whether rules run that are off by default; what `rules` turns off stays off.
    pub all_rules: bool,
}

/// What is asked of vulnerabilities beyond levels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScanningPolicy {
    /// Days that a fix may be out, by the vulnerability's severity; `None` is the unrated.
    pub limits: BTreeMap<Option<Severity>, u32>,
    /// The probability of exploitation from which on it counts.
    pub epss: Option<f32>,
}

/// Which references in texts are left alone, and where else some are found.
#[derive(Clone, Debug, Default)]
pub struct PinPolicy {
    /// Images that are built from these texts, by `registry/repository` or the name as people write it.
    pub own: Vec<GlobMatcher>,
    /// Expressions for kinds of texts that the program does not know.
    pub patterns: Vec<TextPattern>,
}

/// An expression, and the files it is for.
#[derive(Clone, Debug)]
pub struct TextPattern {
    /// Matched against the path from the folder that is looked through.
    pub files: GlobMatcher,
    /// What finds the images.
    pub pattern: Pattern,
}

impl PinPolicy {
    /// Whether an image is one's own.
    pub fn is_own(&self, reference: &Reference) -> bool {
        let familiar = reference.familiar();
        let short = familiar.split(['@']).next().unwrap_or_default();
        let short = reference.tag().map_or(short, |tag| short.strip_suffix(&format!(":{tag}")).unwrap_or(short));
        self.own.iter().any(|own| own.is_match(reference.name()) || own.is_match(short))
    }

    /// The expression for a file, if one is for it.
    pub fn pattern(&self, path: &str) -> Option<&Pattern> {
        self.patterns.iter().find(|p| p.files.is_match(path)).map(|p| &p.pattern)
    }
}

/// Who has to have signed the images that a pattern matches, and what has to be said of them.
#[derive(Clone, Debug)]
pub struct SignaturePolicy {
    /// Matched against `registry/repository` and the name as people write it.
    pub pattern: GlobMatcher,
    /// Files of public keys in PEM, as written. Any of them will do.
    pub keys: Vec<String>,
    /// What has to be signed: `signature`, or an attestation by its predicate's short name or URI.
    pub require: Vec<String>,
}

impl SignaturePolicy {
    /// Whether it is about this image.
    pub fn is_for(&self, reference: &Reference) -> bool {
        let familiar = reference.familiar();
        let short = familiar.split('@').next().unwrap_or_default();
        let short = reference.tag().map_or(short, |tag| short.strip_suffix(&format!(":{tag}")).unwrap_or(short));
        self.pattern.is_match(reference.name()) || self.pattern.is_match(short)
    }
}

/// How one registry is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryAccess {
    /// Its host, as in a reference.
    pub host: String,
    /// Servers that are asked in its place, in this order: `HOST[:PORT]`, perhaps with a path.
    pub mirrors: Vec<String>,
    /// Whether its mirrors are asked for digests alone.
    pub by_digest_only: bool,
    /// Whether it is spoken to in plain HTTP.
    pub insecure: bool,
    /// A file of PEM with its authority, as written.
    pub ca: Option<String>,
}

/// How a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It does not run.
    Off,
    /// All of its findings are this bad.
    At(Severity),
}

/// Levels for the images that a pattern matches.
#[derive(Clone, Debug)]
pub struct ImageRules {
    /// Matched against the target as typed and against `registry/repository`; `*` stays within a path component,
    /// `**` does not.
    pub pattern: GlobMatcher,
    /// Levels by rule code.
    pub rules: BTreeMap<&'static str, Level>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fail_on: Severity::High,
            rules: BTreeMap::new(),
            images: Vec::new(),
            require: Vec::new(),
            coverage_blocks: false,
            signatures: Vec::new(),
            pin: PinPolicy::default(),
            max_waste: None,
            scanning: ScanningPolicy::default(),
            asks: Asks::default(),
            all_rules: false,
            ledger: None,
            keep_days: KEEP_DAYS,
            registries: Vec::new(),
        }
    }
}

impl Policy {
    /// Reads the text of a `plimsoll.toml`. Unknown keys, rules, levels and practices are errors with their place.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        policy_toml::parse(text)
    }

    /// The levels that hold for one target; rules that are not named keep their own severity, those that are off by
    /// default stay off.
    pub(crate) fn levels(&self, evidence: &Evidence<'_>) -> BTreeMap<&'static str, Level> {
        let name = evidence.reference.map(|r| r.name());
        let matches = |m: &GlobMatcher| m.is_match(evidence.target) || name.as_ref().is_some_and(|n| m.is_match(n));
        let special = self.images.iter().filter(|i| matches(&i.pattern)).flat_map(|i| &i.rules);
        let off = RULES.iter().filter(|rule| rule.off.is_some() && !self.all_rules).map(|rule| (rule.code, Level::Off));
        off.chain(self.rules.iter().chain(special).map(|(code, level)| (*code, *level))).collect()
    }
}

impl Level {
    /// What `rule`'s finding counts as: policy's word, else the finding's own, else the rule's.
    pub(crate) fn severity(level: Option<Self>, own: Option<Severity>, rule: &Rule) -> Severity {
        match level {
            Some(Self::At(severity)) => severity,
            _ => own.unwrap_or(rule.severity),
        }
    }
}
