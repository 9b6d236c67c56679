//! PL710: an image from tomorrow.

use super::labels;
use super::time::{day, rfc3339, stated_day};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL710",
    name: "created-in-future",
    practice: Practice::Provenance,
    severity: Severity::Medium,
    summary: "the image says that it was built in the future",
    why: "A date ahead of today is a wrong clock or a made-up label, and it defeats every decision that goes by an \
          image's age. One day is allowed for time zones.",
    remedy: "Build with the true time.",
    example: r#"LABEL org.opencontainers.image.created="2999-01-01T00:00:00Z"   # breaks the rule"#,
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let config = evidence.needs_config()?;
    let stated = labels::of(evidence, &["created"])?;
    let labels = stated.iter().map(|s| (s.value, s.to_string()));
    let own = config.created.as_deref().map(|c| (c, format!("`created` in the image config is {}", quoted(c))));
    let stated = |text: &str| rfc3339(text).map(day).or_else(|| stated_day(text));
    let is_ahead =
        |text: &str| stated(text).is_some_and(|day| day > evidence.today && (day - evidence.today).get_days() > 1);
    let ahead = labels.chain(own).filter(|(text, _)| is_ahead(text));
    Ok(ahead.map(|(_, statement)| hit(evidence, &statement)).collect())
}

fn hit(evidence: &Evidence<'_>, statement: &str) -> Hit {
    Hit::new(
        "the image says that it was built in the future".to_owned(),
        format!("{statement}, and today is {}", evidence.today),
        "build again on a machine with the right time, or with a label that states the true one".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    #[test]
    fn only_dates_ahead_break_it() {
        let mut bench = Bench::good();
        assert!(bench.hits(check).is_empty());
        bench.label("created", Some("2024-06-03T23:00:00Z"));
        assert!(bench.hits(check).is_empty());
        bench.label("created", Some("2024-06-04T00:00:00Z"));
        assert_eq!(bench.hits(check).len(), 1);
        bench.label("created", Some("2099-01-01"));
        assert_eq!(bench.hits(check).len(), 1, "a day without a time is malformed and ahead all the same");
        bench.label("created", Some("2024-06-04T00:00:00Z"));
        bench.config().created = Some("2999-01-01T00:00:00Z".to_owned());
        assert_eq!(
            bench.hits(check)[1].proof,
            "`created` in the image config is `2999-01-01T00:00:00Z`, and today is 2024-06-02"
        );
    }
}
