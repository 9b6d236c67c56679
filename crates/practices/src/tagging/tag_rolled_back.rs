//! PL107: a tag that went back to what it named before.

use super::change::told;
use super::tag_flip_flop::PATTERN;
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL107",
    name: "tag-rolled-back",
    practice: Practice::Tagging,
    severity: Severity::Low,
    summary: "a tag went back to a digest that it had left",
    why: "Rolling a moving tag back may be just what somebody wanted; it may also be a stale pipeline, a replica that \
          was restored, or an attempt to bring a mended hole back. Whoever follows the tag now runs what was \
          replaced before, so somebody should know of it.",
    remedy: "If it was meant, keep it so and say so; if not, push the newer digest again. Roll deployments back by \
             digest, not by moving a tag.",
    example: r"my-api:stable  sha256:3f…, sha256:90…, sha256:3f…   # breaks the rule",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let Some(past) = evidence.needs_past()? else { return Ok(Vec::new()) };
    let returns = past.returns();
    let Some((before, after)) = returns.last().filter(|_| returns.len() < PATTERN) else { return Ok(Vec::new()) };
    let message = format!("the tag {} went back to a digest that it had left", quoted(&past.tag));
    let newer = before.digest.map(|d| format!("{}@{d}", past.repository)).unwrap_or_default();
    let remedy = format!("if that was not meant, let the tag name `{newer}` again");
    Ok(vec![Hit::new(message, told(before, after), remedy)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn one_return_is_a_roll_back() {
        let count = |days: &[&str]| Bench::with_past("stable", days).hits(check).len();
        assert_eq!(count(&["a", "b"]), 0);
        assert_eq!(count(&["a", "b", "a"]), 1);
        assert_eq!(count(&["a", "b", "c", "a"]), 1);
        assert_eq!(count(&["a", "b", "", "a"]), 1);
        assert_eq!(count(&["a", "b", "a", "b"]), 0);
    }
}
