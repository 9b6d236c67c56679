//! `[scanning]`: what is asked of vulnerabilities beyond levels.

use super::{PolicyProblem, Read, Value, days, table, unknown, wrong_type};
use crate::policy::ScanningPolicy;
use model::Severity;
use toml::de::DeValue;

const KEYS: [&str; 2] = ["limits", "epss"];

pub(super) fn scanning(value: &Value<'_>) -> Read<ScanningPolicy> {
    let mut policy = ScanningPolicy::default();
    for (key, value) in table(value)? {
        match key.get_ref().as_ref() {
            "limits" => limits(value, &mut policy)?,
            "epss" => policy.epss = Some(probability(value)?),
            other => return Err(unknown(key.span(), other, PolicyProblem::Key, &KEYS)),
        }
    }
    Ok(policy)
}

/// Days by severity, in the words of `plimsoll scan`.
fn limits(value: &Value<'_>, policy: &mut ScanningPolicy) -> Read<()> {
    for (key, value) in table(value)? {
        let severity = match key.get_ref().as_ref() {
            "unknown" => None,
            "negligible" => Some(Severity::Info),
            "low" => Some(Severity::Low),
            "medium" => Some(Severity::Medium),
            "high" => Some(Severity::High),
            "critical" => Some(Severity::Critical),
            other => {
                let words = ["critical", "high", "medium", "low", "negligible", "unknown"];
                return Err(unknown(key.span(), other, PolicyProblem::Level, &words));
            }
        };
        policy.limits.insert(severity, days(value)?);
    }
    Ok(())
}

/// A number above 0, up to 1.
fn probability(value: &Value<'_>) -> Read<f32> {
    let number: Option<f32> = match value.get_ref() {
        DeValue::Float(number) => number.as_str().parse().ok(),
        DeValue::Integer(number) => number.as_str().parse().ok(),
        _ => None,
    };
    let wrong = || wrong_type(value, "a probability above 0 and up to 1, such as `0.1`");
    number.filter(|number| *number > 0.0 && *number <= 1.0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;
    use model::Severity;

    #[test]
    fn limits_and_a_probability() {
        let text = "[scanning]\nepss = 0.25\nlimits = { critical = 7, high = 30, unknown = 60 }";
        let found = Policy::parse(text).unwrap().scanning;
        assert_eq!(found.epss, Some(0.25));
        assert_eq!(found.limits.get(&Some(Severity::Critical)), Some(&7));
        assert_eq!((found.limits.get(&None), found.limits.get(&Some(Severity::Low))), (Some(&60), None));
        for (text, expected) in [
            ("epss = 2", "line 2, column 8: expected a probability above 0 and up to 1, such as `0.1`"),
            ("epss = \"much\"", "line 2, column 8: expected a probability above 0 and up to 1, such as `0.1`"),
            ("limits = { severe = 3 }", "line 2, column 12: unknown level `severe`"),
            ("limits = { high = 0 }", "line 2, column 19: a number of days is expected, from 1 to 36500"),
            ("limit = { }", "line 2, column 1: unknown key `limit`"),
        ] {
            let error = Policy::parse(&format!("[scanning]\n{text}")).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
