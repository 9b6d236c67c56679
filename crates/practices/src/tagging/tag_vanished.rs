//! PL108: a tag that is gone.

use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL108",
    name: "tag-vanished",
    practice: Practice::Tagging,
    severity: Severity::Medium,
    summary: "a tag that was there is gone from the registry",
    why: "A tag that is removed takes the next pull, restart or rollback with it, and what only it named may be \
          collected as garbage soon after. Retention rules and a clean-up by digest, which takes every tag of that \
          digest along, do it most often.",
    remedy: "While the digest can still be pulled, tag it again or copy it; then mend the rule that removed it.",
    example: r"my-api:1.4.2  sha256:3f29a8…  until Monday
my-api:1.4.2  manifest unknown  since Tuesday   # breaks the rule",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let Some(past) = evidence.needs_past()? else { return Ok(Vec::new()) };
    let Some(gone) = past.spans.last().filter(|span| span.digest.is_none()) else { return Ok(Vec::new()) };
    let Some((last, digest)) = past.spans.iter().rev().find_map(|span| Some((span, span.digest?))) else {
        return Ok(Vec::new());
    };
    let message = format!("the tag {} is gone", quoted(&past.tag));
    let proof =
        format!("it named `{digest}` until {}; since {} the registry says that it is not there", last.to, gone.from);
    let remedy = format!("if it is still needed, tag `{}@{digest}` again while it can be pulled", past.repository);
    Ok(vec![Hit::new(message, proof, remedy)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn a_tag_that_is_gone_now() {
        let count = |days: &[&str]| Bench::with_past("1.4.2", days).hits(check).len();
        assert_eq!(count(&["a"]), 0);
        assert_eq!(count(&["a", ""]), 1);
        assert_eq!(count(&["a", "", "b"]), 0);
        assert_eq!(count(&["a", "b", ""]), 1);
    }
}
