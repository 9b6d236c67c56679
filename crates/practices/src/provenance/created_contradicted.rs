//! PL711: two build dates.

use super::labels::{self, PREFIX, Stated};
use super::time::{day, rfc3339};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::quoted;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL711",
    name: "created-contradicted",
    practice: Practice::Provenance,
    severity: Severity::Low,
    summary: "the stated build date and the config's own differ by more than a day",
    why: "Labels are inherited: an image that does not set its own date carries its base's and lies about its age. A \
          config date before the year 2000 is a reproducible build's constant and contradicts nothing.",
    remedy: "Set the label in the build of this image, at the time of the build.",
    example: r#"LABEL org.opencontainers.image.created="2023-01-01T00:00:00Z"   # breaks the rule if built in 2024"#,
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let own = evidence.needs_config()?.created.as_deref().unwrap_or_default();
    let Some(built) = rfc3339(own).filter(|time| day(*time).year() >= 2000) else { return Ok(Vec::new()) };
    let mut apart = labels::of(evidence, &["created"])?;
    apart.retain(|s| rfc3339(s.value).is_some_and(|stated| (stated - built).get_seconds().abs() > 24 * 60 * 60));
    Ok(apart.iter().map(|s| hit(s, own)).collect())
}

fn hit(stated: &Stated<'_>, own: &str) -> Hit {
    Hit::new(
        "the stated build date is not when the image was built".to_owned(),
        format!("{stated}, and `created` in the image config is {}", quoted(own)),
        format!("set {PREFIX}created in this image's own build; it may be the base's"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    fn count(label: &str, own: Option<&str>) -> usize {
        let mut bench = Bench::good();
        bench.label("created", Some(label));
        bench.config().created = own.map(str::to_owned);
        bench.hits(check).len()
    }

    #[test]
    fn more_than_a_day_breaks_it() {
        assert_eq!(count("2024-05-01T00:00:00Z", Some("2024-06-01T00:00:00Z")), 1);
        assert_eq!(count("2024-06-03T00:00:00Z", Some("2024-06-01T00:00:00Z")), 1);
        assert_eq!(count("2024-06-01T18:00:00+02:00", Some("2024-06-01T00:00:00Z")), 0);
    }

    #[test]
    fn reproducible_missing_and_odd_dates_contradict_nothing() {
        for own in [Some("1970-01-01T00:00:00Z"), Some("0001-01-01T00:00:00Z"), Some("yesterday"), Some(""), None] {
            assert_eq!(count("2024-06-01T00:00:00Z", own), 0, "{own:?}");
        }
        assert_eq!(count("yesterday", Some("2024-06-01T00:00:00Z")), 0);
    }
}
