//! The guide as rules: seven practices, one file a rule.
//!
//! Pure: [`evaluate`] looks at borrowed [`Evidence`] and a [`Policy`] and says what it found. No IO, no clock, no
//! environment; the day is part of the evidence, so that the same evidence gives the same answer. What could not be
//! looked at is listed as *not checked*, never taken for good.

mod asks;
mod base;
mod dockerfile;
mod endoflife_json;
pub mod eol;
mod evaluate;
mod evidence;
mod examples;
mod fix;
pub mod fixed;
pub mod hadolint;
mod history;
mod ignored;
mod layers;
pub mod lint;
pub mod mistakes;
mod past;
mod policy;
mod policy_toml;
mod pragmas;
mod provenance;
mod rule;
mod sbom;
mod scanning;
mod secret_names;
mod tagging;
mod tree;
mod words;

#[cfg(test)]
mod acceptance;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod examples_tests;
#[cfg(test)]
mod fixed_tests;

pub use asks::{Asks, Shape};
pub use dockerfile::DockerfileEvidence;
pub use evaluate::{Evaluation, NotChecked, Reason, audit, evaluate, evaluate_one};
pub use evidence::{Evidence, Missing, SourceText};
pub use fix::Fix;
pub use history::instruction;
pub use layers::waste;
pub use past::{Contents, Past, Span};
pub use policy::{ImageRules, Level, PinPolicy, Policy, RegistryAccess, ScanningPolicy, SignaturePolicy, TextPattern};
pub use policy_toml::{PolicyError, PolicyProblem};
pub use rule::{Checked, Hit, RULES, Rule, find};
pub use scanning::{baseline, decisions, severity_word, steps};
pub use tagging::mobility;
