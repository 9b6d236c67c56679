//! dive's thresholds, `.dive-ci`, judged on dive's figures (<https://github.com/wagoodman/dive#ci-integration>).

use super::totals::Budget;
use crate::words::size;
use facts::dive::Dive;
use model::escaped;
use sources::Setting;

/// The thresholds; `None` is `disabled`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiveRules {
    /// The least efficiency, from 0 to 1.
    pub lowest_efficiency: Option<f64>,
    /// The most wasted bytes.
    pub highest_wasted_bytes: Option<u64>,
    /// The largest part that wasted bytes may be of those above the first layer, from 0 to 1.
    pub highest_user_wasted_percent: Option<f64>,
}

/// Why a setting is none of dive's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct DiveRuleError {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong.
    pub why: String,
}

/// One threshold and what the image has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiveOutcome {
    /// dive's word for it.
    pub rule: &'static str,
    /// Whether the image keeps to it.
    pub passed: bool,
    /// The figure and the threshold, for people.
    pub figures: String,
}

impl Default for DiveRules {
    /// What dive itself takes where nothing is set.
    fn default() -> Self {
        Self { lowest_efficiency: Some(0.9), highest_wasted_bytes: None, highest_user_wasted_percent: Some(0.1) }
    }
}

impl DiveRules {
    /// The thresholds of a `.dive-ci`; what it leaves out is dive's default.
    pub fn of(settings: &[Setting]) -> Result<Self, DiveRuleError> {
        let mut rules = Self::default();
        for setting in settings {
            let wrong = |why: String| DiveRuleError { line: setting.at.line, why };
            let is_off = setting.value == "disabled";
            let part = || {
                let part = setting.value.parse::<f64>().ok().filter(|part| (0.0..=1.0).contains(part));
                part.ok_or_else(|| wrong(format!("`{}` is no number from 0 to 1", escaped(&setting.value))))
            };
            match setting.key.as_str() {
                "lowestEfficiency" => rules.lowest_efficiency = if is_off { None } else { Some(part()?) },
                "highestUserWastedPercent" => {
                    rules.highest_user_wasted_percent = if is_off { None } else { Some(part()?) };
                }
                "highestWastedBytes" if is_off => rules.highest_wasted_bytes = None,
                "highestWastedBytes" => match setting.value.parse::<Budget>() {
                    Ok(Budget::Bytes(bytes)) => rules.highest_wasted_bytes = Some(bytes),
                    _ => return Err(wrong(format!("`{}` is no number of bytes", escaped(&setting.value)))),
                },
                other => return Err(wrong(format!("dive has no rule `{}`", escaped(other)))),
            }
        }
        Ok(rules)
    }

    /// Each threshold that is set. Like dive, nothing is held against a figure that is not a number.
    pub fn judge(&self, dive: &Dive) -> Vec<DiveOutcome> {
        let mut out = Vec::new();
        if let Some(least) = self.lowest_efficiency {
            let figures = format!("{:.4}, at least {least}", dive.efficiency);
            out.push(DiveOutcome { rule: "lowestEfficiency", passed: dive.efficiency >= least, figures });
        }
        if let Some(most) = self.highest_wasted_bytes {
            let figures = format!("{}, at most {}", size(dive.wasted_bytes), size(most));
            out.push(DiveOutcome { rule: "highestWastedBytes", passed: dive.wasted_bytes <= most, figures });
        }
        if let Some(most) = self.highest_user_wasted_percent {
            let part = dive.user_wasted_percent();
            let figures = if part.is_nan() { "no number".to_owned() } else { format!("{part:.4}, at most {most}") };
            out.push(DiveOutcome { rule: "highestUserWastedPercent", passed: part.is_nan() || part <= most, figures });
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<DiveRules, String> {
        let settings = sources::settings(text, "rules").unwrap();
        DiveRules::of(&settings).map_err(|error| format!("{}: {error}", error.line))
    }

    #[test]
    fn a_file_of_thresholds() {
        let rules = of("rules:\n  lowestEfficiency: 0.95\n  highestWastedBytes: 20MB\n").unwrap();
        let expected =
            DiveRules { lowest_efficiency: Some(0.95), highest_wasted_bytes: Some(20_000_000), ..DiveRules::default() };
        assert_eq!(rules, expected);
        assert_eq!(of("rules:\n  highestUserWastedPercent: disabled\n").unwrap().highest_user_wasted_percent, None);
        assert_eq!(of("rules:\n  lowest: 1\n").unwrap_err(), "2: dive has no rule `lowest`");
        assert_eq!(of("rules:\n  lowestEfficiency: 95\n").unwrap_err(), "2: `95` is no number from 0 to 1");
        assert_eq!(of("rules:\n  highestWastedBytes: 5%\n").unwrap_err(), "2: `5%` is no number of bytes");
    }

    #[test]
    fn figures_at_their_thresholds() {
        let rules = DiveRules { highest_wasted_bytes: Some(10), ..DiveRules::default() };
        let said = |efficiency, wasted_bytes, user_bytes| {
            let dive = Dive { efficiency, wasted_bytes, user_bytes };
            rules.judge(&dive).iter().map(|o| if o.passed { '+' } else { '-' }).collect::<String>()
        };
        assert_eq!(said(0.9, 10, 100), "+++");
        assert_eq!(said(0.8999, 11, 100), "---");
        assert_eq!(said(1.0, 0, 0), "+++");
        assert_eq!(said(1.0, 1, 0), "++-");
    }
}
