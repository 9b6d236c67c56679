//! PL303: nothing is known of when the base's release ends.

use super::statement;
use crate::eol::Release;
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::clipped;
use facts::os::OsRelease;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL303",
    name: "release-not-listed",
    practice: Practice::Base,
    severity: Severity::Info,
    summary: "the end-of-life table does not list the base's distribution or release",
    why: "Whether such a base is still supported was not judged. It may be newer than the table that is built in, \
          unreleased (Debian's testing and unstable, Alpine's edge), or a distribution of which no dates are known.",
    remedy: "Look up the support dates yourself, or update Plimsoll if the release is newer than its table.",
    example: r"FROM mcr.microsoft.com/azurelinux/base/core:3.0   # breaks the rule: no dates are known
FROM debian:13-slim                               # does not",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let Some(os) = evidence.needs_facts()?.os.as_ref() else { return Ok(Vec::new()) };
    if evidence.eol.distribution(os) == Release::Unreleased {
        return Ok(vec![unreleased(evidence, os)]);
    }
    let what = match evidence.eol.distribution(os) {
        Release::Listed(..) | Release::Rolling | Release::Unreleased => return Ok(Vec::new()),
        Release::NotListed(product) => format!("this release of {}", product.title),
        Release::UnknownDistribution => format!("the distribution `{}`", clipped(&os.id)),
    };
    let message = format!("nothing is known of when support of {what} ends");
    let proof = format!("{}; the table of {} does not list it", statement(evidence, os), evidence.eol.as_of);
    let remedy = "look up its support dates, or update Plimsoll if the release is newer than its table";
    Ok(vec![Hit::new(message, proof, remedy.to_owned()).in_layer(evidence.layer(os.layer))])
}

/// What becomes a release has no dates yet, and nobody promises to mend it in time.
fn unreleased(evidence: &Evidence<'_>, os: &OsRelease) -> Hit {
    let message = "the base is not released yet: nothing is promised of its support".to_owned();
    let release = if os.version_id.is_none() { ", which every release has" } else { "" };
    let proof = format!("{}{release}", statement(evidence, os));
    let remedy = "build on a release, or name a snapshot of it by digest and decide why".to_owned();
    Hit::new(message, proof, remedy).in_layer(evidence.layer(os.layer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    fn said(id: &str, version: Option<&str>) -> String {
        let mut bench = Bench::good();
        bench.os(id, version);
        bench.hits(check).iter().map(|h| h.message.as_str()).collect()
    }

    #[test]
    fn what_is_not_listed_is_said() {
        assert_eq!(said("debian", Some("99")), "nothing is known of when support of this release of Debian ends");
        assert_eq!(
            said("azurelinux", Some("3.0")),
            "nothing is known of when support of the distribution `azurelinux` ends"
        );
        assert_eq!(said("e\u{1b}l", None), r"nothing is known of when support of the distribution `e\x1bl` ends");
    }

    #[test]
    fn what_is_not_released_is_said() {
        for (id, version) in [("debian", None), ("alpine", Some("3.21.0_alpha20240807"))] {
            assert_eq!(said(id, version), "the base is not released yet: nothing is promised of its support");
        }
    }

    #[test]
    fn listed_and_rolling_ones_pass() {
        assert_eq!(said("debian", Some("12")), "");
        assert_eq!(said("wolfi", Some("20230201")), "");
    }
}
