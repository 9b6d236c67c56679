//! PL302: the distribution's support ends within three months.

use super::{listed, newest, statement};
use crate::eol::End;
use crate::evidence::Evidence;
use crate::rule::{Checked, Hit, Rule};
use model::{Practice, Severity};

/// How long before the end it is said.
const DAYS: i32 = 90;

pub(crate) const RULE: Rule = Rule {
    code: "PL302",
    name: "distribution-ends-soon",
    practice: Practice::Base,
    severity: Severity::Info,
    summary: "support of the base's distribution release ends within 90 days",
    why: "A move to the next release takes tests and sometimes code. It should be planned, not be a surprise on the \
          day after the last update.",
    remedy: "Plan the move to a newer release.",
    example: "FROM alpine:3.20   # breaks the rule from January 2026 on",
    aliases: &[],
    off: None,
    settings: "",
    check,
};

fn check(evidence: &Evidence<'_>) -> Checked {
    let Some((os, product, cycle)) = listed(evidence)? else { return Ok(Vec::new()) };
    let End::On(end) = cycle.end else { return Ok(Vec::new()) };
    let days = (end - evidence.today).get_days();
    if !(0..=DAYS).contains(&days) {
        return Ok(Vec::new());
    }
    let message = format!("support of {} {} ends in {days} days", product.title, cycle.name);
    let proof = format!("{}; support ends on {end} (table of {})", statement(evidence, os), evidence.eol.as_of);
    let target = newest(evidence, product).filter(|c| c.name != cycle.name);
    let remedy = match target {
        Some(newest) => format!("plan the move to {} {}", product.title, newest.name),
        None => "plan the move to a newer release".to_owned(),
    };
    Ok(vec![Hit::new(message, proof, remedy).in_layer(evidence.layer(os.layer))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;
    use jiff::civil::date;

    fn count(today: jiff::civil::Date) -> usize {
        let mut bench = Bench::good();
        bench.today = today;
        bench.hits(check).len()
    }

    #[test]
    fn only_in_the_last_three_months() {
        assert_eq!(count(date(2026, 4, 11)), 0);
        assert_eq!(count(date(2026, 4, 12)), 1);
        assert_eq!(count(date(2026, 7, 11)), 1);
        assert_eq!(count(date(2026, 7, 12)), 0);
    }
}
