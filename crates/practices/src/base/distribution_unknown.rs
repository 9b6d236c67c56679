//! PL304: the image does not say what it is based on.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::count;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL304",
    name: "distribution-unknown",
    practice: Practice::Base,
    severity: Severity::Info,
    summary: "the image has no os-release, so its distribution is not known",
    why: "An image from `scratch` needs none. In any other image it means that neither the end of support nor a \
          distribution's own advisories can be judged.",
    remedy: "Keep /etc/os-release (or /usr/lib/os-release) of the base in the image.",
    example: r"FROM scratch
COPY --from=build /app /app                              # breaks the rule
COPY --from=build /usr/lib/os-release /usr/lib/os-release   # mends it",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let facts = evidence.needs_facts()?;
    if facts.os.is_some() {
        return Ok(Vec::new());
    }
    let facts = evidence.needs_whole_facts()?;
    let message = "the image does not say which distribution it is based on".to_owned();
    let proof = format!(
        "none of its {} is an os-release",
        if facts.entries == 1 { "1 entry".to_owned() } else { format!("{} entries", facts.entries) }
    );
    let packages = facts.packages.iter().filter(|p| p.ecosystem.is_distribution()).count() as u64;
    let remedy = match packages {
        0 => "nothing, if it was built from scratch on purpose; else keep the base's /etc/os-release".to_owned(),
        n => format!("keep the base's /etc/os-release: the image has {}", count(n, "distribution package")),
    };
    Ok(vec![Hit::new(message, proof, remedy)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;
    use crate::evidence::Missing;
    use model::{Unknown, UnknownKind};

    #[test]
    fn an_image_without_os_release() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.facts.os = None;
        insta::assert_snapshot!(bench.said(check), @"
        the image does not say which distribution it is based on
          proof: none of its 3000 entries is an os-release
          remedy: keep the base's /etc/os-release: the image has 2 distribution packages
        ");
    }

    #[test]
    fn what_was_not_read_may_have_had_one() {
        let mut bench = Bench::good();
        bench.facts.os = None;
        bench.facts.unknowns.push(Unknown::new(UnknownKind::UnreadableLayer, "it is encrypted"));
        assert_eq!(check(&bench.evidence()), Err(Missing::Unread));
    }
}
