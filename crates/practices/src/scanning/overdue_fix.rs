//! PL406: a fix has been out for longer than the team allows.

use super::{hits_where, severity_word};
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use crate::words::{clipped, count};
use advisories::matching::Vulnerability;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{Practice, Severity};

pub(crate) const RULE: Rule = Rule {
    code: "PL406",
    name: "overdue-fix",
    practice: Practice::Scanning,
    severity: Severity::High,
    summary: "a fix has been out for longer than the team allows",
    why: "A limit turns *we patch* into something that can be held against a day. The clock starts when a distribution or \
          a database announced the fix, not when the hole got its number: nobody can install what is not there. \
          `limits` of `[scanning]` in `plimsoll.toml` are days by severity (`critical`, `high`, `medium`, `low`, \
          `negligible`, `unknown`); a severity without one has none, and without any the rule finds nothing. What no \
          announcement dates is counted in one finding, since its limit cannot be held against a day.",
    remedy: "Update the package, or decide about the vulnerability with a reason and an end.",
    example: "[scanning]\nlimits = { critical = 7, high = 30 }   # days from the announcement of the fix",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let scan = evidence.needs_scan()?;
    let limits = &evidence.scanning.limits;
    let limit = |vulnerability: &Vulnerability| {
        limits.get(&vulnerability.rating.severity).copied().filter(|_| vulnerability.fix.is_some())
    };
    let late = |vulnerability: &Vulnerability| {
        let limit = limit(vulnerability)?;
        let days = age(vulnerability.announced, evidence.today)?;
        let severity = severity_word(vulnerability.rating.severity);
        let out = count(days, "day");
        (days > u64::from(limit))
            .then(|| format!("its fix has been out for {out}, and the limit for {severity} is {limit}"))
    };
    let mut hits = hits_where(evidence, late)?;
    let undated = |vulnerability: &Vulnerability| limit(vulnerability).is_some() && vulnerability.announced == 0;
    let mut names: Vec<&str> =
        scan.found.iter().map(|f| &f.vulnerability).filter(|v| undated(v)).map(|v| v.id.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if let Some(first) = names.first() {
        let all = names.len() as u64;
        let message = format!("how long the fix has been out is not known of {all} with a limit");
        let proof = format!("no announcement states a day, of {} for one", clipped(first));
        let remedy = "look at them by hand, or use a source that dates its fixes".to_owned();
        hits.push(Hit::new(message, proof, remedy).as_bad_as(Severity::Info));
    }
    Ok(hits)
}

/// Whole days from an announcement to a day; `None` if there was none, or it is in the future.
fn age(announced: i64, today: Date) -> Option<u64> {
    if announced == 0 {
        return None;
    }
    let day = Timestamp::from_second(announced).ok()?.to_zoned(TimeZone::UTC).date();
    u64::try_from(day.until(today).ok()?.get_days()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, vulnerability};
    use super::*;
    use crate::bench::Bench;
    use advisories::scan::Scan;

    /// What is said of a high and a low one, announced so many days before the bench's day.
    fn check(limits: &[(Severity, u32)], days: i64, expected: &[&str]) {
        let mut bench = Bench::good();
        bench.scanning.limits = limits.iter().map(|(severity, days)| (Some(*severity), *days)).collect();
        let noon = bench.today.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp().as_second();
        let all = [("CVE-1", Severity::High), ("CVE-2", Severity::Low)].map(|(id, severity)| {
            let mut one = vulnerability(id, Some(severity), Some("2"));
            one.announced = if days < 0 { 0 } else { noon - days * 86_400 };
            found(0, one)
        });
        bench.scan = Some(Scan { found: all.into(), ..Scan::default() });
        let said: Vec<String> = bench.hits(super::check).into_iter().map(|hit| hit.message).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn a_limit_is_held_against_the_announcement() {
        check(&[], 900, &[]);
        check(&[(Severity::High, 30)], 30, &[]);
        let late = "CVE-1 in source 1: its fix has been out for 31 days, and the limit for high is 30";
        check(&[(Severity::High, 30)], 31, &[late]);
        let other = "CVE-2 in source 1: its fix has been out for 31 days, and the limit for low is 3";
        check(&[(Severity::High, 30), (Severity::Low, 3)], 31, &[late, other]);
        check(&[(Severity::High, 30)], -1, &["how long the fix has been out is not known of 1 with a limit"]);
    }

    #[test]
    fn what_has_no_fix_is_not_late() {
        let mut bench = Bench::good();
        bench.scanning.limits = [(Some(Severity::High), 1)].into();
        bench.scan =
            Some(Scan { found: vec![found(0, vulnerability("CVE-1", Some(Severity::High), None))], ..Scan::default() });
        assert!(bench.hits(super::check).is_empty());
    }
}
