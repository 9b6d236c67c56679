//! PL301: the distribution gets no more security updates.

use super::{listed, newest, statement};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL301",
    name: "distribution-end-of-life",
    practice: Practice::Base,
    severity: Severity::High,
    summary: "the base's distribution release is no longer supported",
    why: "After the end of support nobody mends the base's packages, and a scanner that knows only published fixes \
          falls silent: an image gets quieter as it gets worse. While extended support lasts (Debian's LTS, Ubuntu's \
          Pro, which may have to be paid for or switched on) it is medium.",
    remedy: "Build on a supported release.",
    example: r"FROM debian:10-slim   # breaks the rule
FROM debian:13-slim   # does not",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let Some((os, product, cycle)) = listed(evidence)? else { return Ok(Vec::new()) };
    if !cycle.end.is_past(evidence.today) {
        return Ok(Vec::new());
    }
    let release = format!("{} {}", product.title, cycle.name);
    let extended = cycle.extended_end.filter(|e| !e.is_past(evidence.today));
    let message = match extended {
        Some(_) => format!("{release} has only extended support left"),
        None => format!("{release} is no longer supported"),
    };
    let mut ends = format!("support ended on {}", cycle.end);
    if let Some(end) = cycle.extended_end {
        let verb = if extended.is_some() { "ends" } else { "ended" };
        ends.push_str(&format!(", extended support {verb} on {end}"));
    }
    let proof = format!("{}; {ends} (table of {})", statement(evidence, os), evidence.eol.as_of);
    let remedy = match newest(evidence, product) {
        Some(newest) => format!("build on {} {}, or another supported release", product.title, newest.name),
        None => "build on a distribution that is supported".to_owned(),
    };
    let hit = Hit::new(message, proof, remedy).in_layer(evidence.layer(os.layer));
    Ok(vec![if extended.is_some() { hit.as_bad_as(Severity::Medium) } else { hit }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;
    use jiff::civil::date;

    fn bench(id: &str, version: &str, today: jiff::civil::Date) -> Bench {
        let mut bench = Bench::good();
        bench.os(id, Some(version));
        bench.today = today;
        bench
    }

    #[test]
    fn after_all_support() {
        insta::assert_snapshot!(bench("debian", "10", date(2026, 11, 23)).said(check), @"
        Debian 10 is no longer supported
          proof: /usr/lib/os-release says ID=debian and VERSION_ID=10, brought by layer 1 of 3 (`ADD file:b0 in /`); support ended on 2022-09-10, extended support ended on 2024-06-30 (table of 2026-08-22)
          remedy: build on Debian 13, or another supported release
        ");
    }

    #[test]
    fn during_extended_support() {
        insta::assert_snapshot!(bench("debian", "12", date(2026, 11, 23)).said(check), @"
        [medium] Debian 12 has only extended support left
          proof: /usr/lib/os-release says ID=debian and VERSION_ID=12, brought by layer 1 of 3 (`ADD file:b0 in /`); support ended on 2026-07-11, extended support ends on 2028-06-30 (table of 2026-08-22)
          remedy: build on Debian 13, or another supported release
        ");
    }

    #[test]
    fn without_extended_support() {
        let hits = bench("alpine", "3.16.2", date(2026, 11, 23)).hits(check);
        assert_eq!((hits.len(), hits[0].severity), (1, None));
    }

    #[test]
    fn supported_rolling_and_unlisted_ones_pass() {
        assert!(bench("debian", "12", date(2024, 6, 2)).hits(check).is_empty());
        assert!(bench("debian", "12", date(2026, 7, 11)).hits(check).is_empty());
        assert!(bench("wolfi", "20230201", date(2026, 11, 23)).hits(check).is_empty());
        assert!(bench("nosuch", "1", date(2026, 11, 23)).hits(check).is_empty());
    }
}
