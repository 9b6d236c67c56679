//! PL106: a tag that goes back and forth.

use super::change::told;
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL106",
    name: "tag-flip-flop",
    practice: Practice::Tagging,
    severity: Severity::Medium,
    summary: "a tag goes back and forth between digests",
    why: "A tag that returns to what it had left, and does so again, is nearly always pushed by two pipelines that do \
          not know of each other, or served by replicas that disagree. Who pulls it gets one or the other by chance.",
    remedy: "Find out who pushes it; let one pipeline own a tag.",
    example: r"my-api:edge  sha256:3f…, sha256:90…, sha256:3f…, sha256:90…   # breaks the rule",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

/// So many returns make a pattern; one is a roll-back.
pub(super) const PATTERN: usize = 2;

fn check(evidence: &Evidence<'_>) -> Checked {
    let Some(past) = evidence.needs_past()? else { return Ok(Vec::new()) };
    let returns = past.returns();
    let Some((before, after)) = returns.last().filter(|_| returns.len() >= PATTERN) else { return Ok(Vec::new()) };
    let message =
        format!("the tag {} went back {} times to a digest that it had left", quoted(&past.tag), returns.len());
    let remedy = "find out who pushes it; let one pipeline own the tag".to_owned();
    Ok(vec![Hit::new(message, format!("at last {}", told(before, after)), remedy)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn two_returns_are_a_pattern() {
        let count = |days: &[&str]| Bench::with_past("edge", days).hits(check).len();
        assert_eq!(count(&["a", "b", "a"]), 0);
        assert_eq!(count(&["a", "b", "a", "b"]), 1);
        assert_eq!(count(&["a", "b", "a", "b", "a"]), 1);
        assert_eq!(count(&["a", "b", "c", "d"]), 0);
        assert_eq!(count(&["a", "", "a", "", "a"]), 0);
    }
}
