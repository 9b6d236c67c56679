//! What a rule is, and the one table of them.

use crate::evidence::{Evidence, Missing};
use crate::fix::Fix;
use crate::{base, layers, provenance, sbom, scanning, tagging};
use model::{Digest, Place, Practice, Ruling, Severity, TextPlace, TreePath};

/// One rule of the guide. Everything that is said about it anywhere comes from here.
#[derive(Debug)]
pub struct Rule {
    /// `PLnxx`; the first digit is the practice. Never reused.
    pub code: &'static str,
    /// The same in words, kebab-case; policy takes either.
    pub name: &'static str,
    /// The practice it belongs to.
    pub practice: Practice,
    /// How bad it is unless the rule's own proof or policy says otherwise.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Why that matters, in one paragraph.
    pub why: &'static str,
    /// What to do in general; a finding says what to do *here*.
    pub remedy: &'static str,
    /// What breaks it and what does not, as text for a code block.
    pub example: &'static str,
    /// What peers call it: hadolint (`DL`), dockle (`CIS-DI`, `DKL`), trivy (`DS`), BuildKit's names.
    pub aliases: &'static [&'static str],
    /// Why it is off unless policy turns it on; `None` for a rule that is on.
    pub off: Option<&'static str>,
    /// The policy that it needs to have anything to judge by, as it holds for its example; empty for most.
    pub settings: &'static str,
    /// The rule itself.
    pub check: fn(&Evidence<'_>) -> Checked,
}

/// How many hits a rule gives at the most where an image's author decides how many there are.
pub(crate) const MOST_HITS: usize = 1000;

/// What looking gave: the places that break the rule (none is good), or what was missing to look at all.
pub type Checked = Result<Vec<Hit>, Missing>;

/// One place that breaks a rule, before policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Where.
    pub place: Place,
    /// Where this one is better or worse than the rule's own severity.
    pub severity: Option<Severity>,
    /// What is wrong here.
    pub message: String,
    /// The fact that shows it.
    pub proof: String,
    /// What to do about it here.
    pub remedy: String,
    /// The edit that does it, where there is one.
    pub fix: Option<Fix>,
    /// What was decided about it.
    pub ruling: Option<Ruling>,
    /// Whether the baseline has it too; `None` where there is no baseline.
    pub known_before: Option<bool>,
}

impl Hit {
    /// A hit about the image as a whole.
    pub fn new(message: String, proof: String, remedy: String) -> Self {
        let (severity, fix, ruling, known_before) = (None, None, None, None);
        Self { place: Place::default(), severity, message, proof, remedy, fix, ruling, known_before }
    }

    /// The same, in the layer with this diffID.
    #[must_use]
    pub fn in_layer(mut self, layer: Option<Digest>) -> Self {
        self.place.layer = layer;
        self
    }

    /// The same, in this file.
    #[must_use]
    pub fn at(mut self, path: &TreePath) -> Self {
        self.place.path = Some(path.clone());
        self
    }

    /// The same, at this place of a text.
    #[must_use]
    pub fn in_text(mut self, place: TextPlace) -> Self {
        self.place.text = Some(place);
        self
    }

    /// The same, in the package with this purl.
    #[must_use]
    pub fn of_package(mut self, purl: &str) -> Self {
        self.place.package = Some(purl.to_owned());
        self
    }

    /// The same, this bad.
    #[must_use]
    pub fn as_bad_as(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}

/// Every rule, by code.
pub static RULES: &[Rule] = &[
    tagging::no_tag::RULE,
    tagging::mutable_tag::RULE,
    tagging::series_tag::RULE,
    tagging::no_digest::RULE,
    tagging::version_tag_reused::RULE,
    tagging::tag_flip_flop::RULE,
    tagging::tag_rolled_back::RULE,
    tagging::tag_vanished::RULE,
    tagging::text_no_tag::RULE,
    tagging::text_mutable_tag::RULE,
    tagging::text_series_tag::RULE,
    tagging::text_no_digest::RULE,
    tagging::text_two_digests::RULE,
    tagging::text_no_reference::RULE,
    tagging::dockerfile::base_without_tag::RULE,
    tagging::dockerfile::base_latest::RULE,
    tagging::dockerfile::base_without_digest::RULE,
    tagging::dockerfile::pip_unpinned::RULE,
    tagging::dockerfile::npm_unpinned::RULE,
    tagging::dockerfile::gem_unpinned::RULE,
    tagging::dockerfile::go_unpinned::RULE,
    tagging::dockerfile::system_unpinned::RULE,
    layers::package_cache::RULE,
    layers::late_cleanup::RULE,
    layers::hidden_files::RULE,
    layers::privileged_files::RULE,
    layers::secret_file::RULE,
    layers::root_user::RULE,
    layers::secret_in_env::RULE,
    layers::secret_in_build_argument::RULE,
    layers::metadata_copy::RULE,
    layers::over_budget::RULE,
    layers::secret_in_history::RULE,
    layers::dockerfile::does_not_build::RULE,
    layers::dockerfile::pipe_without_pipefail::RULE,
    layers::dockerfile::user_not_numeric::RULE,
    layers::dockerfile::last_user_root::RULE,
    layers::dockerfile::cd_in_run::RULE,
    layers::dockerfile::shell_form::RULE,
    layers::dockerfile::broken_json::RULE,
    layers::dockerfile::swallowed_continuation::RULE,
    layers::dockerfile::heredoc_goes_on::RULE,
    layers::dockerfile::add_instead_of_copy::RULE,
    layers::dockerfile::apk_cache::RULE,
    layers::dockerfile::apt_lists::RULE,
    layers::dockerfile::pip_cache::RULE,
    layers::dockerfile::rpm_cache::RULE,
    layers::dockerfile::other_caches::RULE,
    layers::dockerfile::apt_command::RULE,
    layers::dockerfile::asks_questions::RULE,
    layers::dockerfile::recommended_packages::RULE,
    layers::dockerfile::update_alone::RULE,
    layers::dockerfile::sudo::RULE,
    layers::dockerfile::relative_workdir::RULE,
    layers::dockerfile::copy_to_relative::RULE,
    layers::dockerfile::secret_named::RULE,
    layers::dockerfile::overridden::RULE,
    layers::dockerfile::legacy_pair::RULE,
    layers::dockerfile::keyword_case::RULE,
    layers::dockerfile::as_case::RULE,
    layers::dockerfile::empty_continuation::RULE,
    layers::dockerfile::stage_names::RULE,
    layers::dockerfile::env_uses_itself::RULE,
    layers::dockerfile::copy_from_itself::RULE,
    layers::dockerfile::copy_many::RULE,
    layers::dockerfile::expose::RULE,
    layers::dockerfile::useradd_sparse::RULE,
    layers::dockerfile::recursive_chown::RULE,
    layers::dockerfile::dist_upgrade::RULE,
    layers::dockerfile::needless_program::RULE,
    layers::dockerfile::curl_and_wget::RULE,
    layers::dockerfile::shell_replaced::RULE,
    layers::dockerfile::noisy_wget::RULE,
    layers::dockerfile::odd_workdir::RULE,
    layers::dockerfile::ssh_port::RULE,
    layers::dockerfile::copy_root::RULE,
    layers::dockerfile::secret_in_text::RULE,
    layers::dockerfile::archive_unpacked::RULE,
    layers::dockerfile::no_healthcheck::RULE,
    layers::dockerfile::consecutive_runs::RULE,
    layers::dockerfile::undefined_variable::RULE,
    layers::dockerfile::copy_ignored::RULE,
    layers::dockerfile::volume_of_the_system::RULE,
    layers::dockerfile::ignore_without_reason::RULE,
    layers::dockerfile::unused_ignore::RULE,
    layers::dockerfile::ignore_used::RULE,
    base::distribution_end_of_life::RULE,
    base::distribution_ends_soon::RULE,
    base::release_not_listed::RULE,
    base::distribution_unknown::RULE,
    base::runtime_end_of_life::RULE,
    base::dockerfile::platform_constant::RULE,
    base::dockerfile::platform_redundant::RULE,
    base::dockerfile::undeclared_arg::RULE,
    base::dockerfile::empty_base::RULE,
    base::dockerfile::registry_not_trusted::RULE,
    scanning::exploited_vulnerability::RULE,
    scanning::vulnerability_with_fix::RULE,
    scanning::vulnerability_without_fix::RULE,
    scanning::unrated_vulnerability::RULE,
    scanning::unjudged_package::RULE,
    scanning::overdue_fix::RULE,
    scanning::likely_exploited::RULE,
    sbom::unidentified_programs::RULE,
    sbom::nothing_named::RULE,
    sbom::weak_evidence::RULE,
    provenance::no_revision::RULE,
    provenance::no_created::RULE,
    provenance::no_version::RULE,
    provenance::no_source::RULE,
    provenance::empty_label::RULE,
    provenance::created_malformed::RULE,
    provenance::revision_malformed::RULE,
    provenance::url_malformed::RULE,
    provenance::licenses_malformed::RULE,
    provenance::created_in_future::RULE,
    provenance::created_contradicted::RULE,
    provenance::version_contradicted::RULE,
    provenance::platform_contradicted::RULE,
    provenance::dockerfile::maintainer::RULE,
    provenance::dockerfile::label_key::RULE,
    provenance::dockerfile::label_schema::RULE,
];

/// The rule with this code or name, in any case.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|r| r.code.eq_ignore_ascii_case(code_or_name) || r.name.eq_ignore_ascii_case(code_or_name))
}

/// The rules that peers call so, if none is called so here: an alias may stand for several of ours.
pub(crate) fn find_alias(alias: &str) -> Vec<&'static Rule> {
    RULES.iter().filter(|r| r.aliases.iter().any(|known| known.eq_ignore_ascii_case(alias))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_sorted_unique_and_of_their_practice() {
        assert!(RULES.windows(2).all(|pair| pair[0].code < pair[1].code));
        for rule in RULES {
            let digits = rule.code.strip_prefix("PL").unwrap();
            assert!(digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", rule.code);
            assert_eq!(digits.as_bytes()[0] - b'0', rule.practice.number(), "{}", rule.code);
        }
    }

    #[test]
    fn names_are_kebab_case_and_unique() {
        let names: BTreeSet<_> = RULES.iter().map(|r| r.name).collect();
        assert_eq!(names.len(), RULES.len());
        assert!(names.iter().all(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
    }

    #[test]
    fn every_rule_explains_itself() {
        for rule in RULES {
            for text in [rule.summary, rule.why, rule.remedy, rule.example] {
                assert!(!text.trim().is_empty(), "{}", rule.code);
            }
            assert!(!rule.summary.ends_with('.'), "{}: a summary is no sentence", rule.code);
        }
    }

    #[test]
    fn finds_by_code_and_name() {
        assert_eq!(find("pl102").unwrap().name, "mutable-tag");
        assert_eq!(find("mutable-tag").unwrap().code, "PL102");
        assert!(find("PL1").is_none());
    }
}
