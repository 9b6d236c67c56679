//! Waste summed up: the base's apart, what layers cannot help apart, and what a team allows.

use facts::image::{Cause, ImageFacts, WasteGroup};
use std::fmt;
use std::str::FromStr;

/// Sums in bytes of files' content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Files of all layers above the base.
    pub files: u64,
    /// What the image's own instructions could save.
    pub wasted: u64,
    /// Package databases that were written anew: the price of installing in several layers.
    pub structural: u64,
    /// In vain in the base's layers, whoever hid it.
    pub base: u64,
}

/// Whether a group is the doing of the layers above the base: they brought it, or they copied the base's files only to
/// change their owner, their mode or their place.
pub fn is_yours(group: &WasteGroup, base: usize) -> bool {
    let is_above = |layer: u32| layer as usize >= base;
    let copied = matches!(group.cause, Cause::Metadata | Cause::Moved);
    is_above(group.layer) || (copied && group.hidden_by.is_some_and(is_above))
}

/// The layer whose instruction can save a group: the one that brought it, or, if that is the base's, the one that made
/// another copy.
pub fn culprit(group: &WasteGroup, base: usize) -> u32 {
    match group.hidden_by {
        Some(by) if (group.layer as usize) < base => by,
        _ => group.layer,
    }
}

impl Totals {
    /// The sums for an image whose lowest `base` layers are somebody else's.
    pub fn of(facts: &ImageFacts, base: usize) -> Self {
        let files = facts.layers.iter().skip(base).fold(0, |sum: u64, layer| sum.saturating_add(layer.file_bytes));
        let mut totals = Self { files, ..Self::default() };
        for group in &facts.waste {
            let sum = match (is_yours(group, base), group.cause) {
                (false, _) => &mut totals.base,
                (true, Cause::Database) => &mut totals.structural,
                (true, _) => &mut totals.wasted,
            };
            *sum = sum.saturating_add(group.bytes);
        }
        totals
    }

    /// Wasted bytes as a part of the files above the base, in percent.
    pub fn percent(&self) -> f64 {
        if self.files == 0 { 0.0 } else { self.wasted as f64 * 100.0 / self.files as f64 }
    }
}

/// How much waste a team allows: `20MB`, or `5%` of the files above the base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// In bytes.
    Bytes(u64),
    /// In percent, from 0 to 100.
    Percent(f64),
}

/// Why a text is no budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write bytes such as `20MB` or `5MiB`, or a part of the files such as `5%`")]
pub struct BudgetError;

impl Budget {
    /// Whether the waste is more than is allowed.
    pub fn is_exceeded(self, totals: &Totals) -> bool {
        match self {
            Self::Bytes(most) => totals.wasted > most,
            Self::Percent(most) => totals.percent() > most,
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{}", crate::words::size(*bytes)),
            Self::Percent(percent) => write!(f, "{percent} %"),
        }
    }
}

impl FromStr for Budget {
    type Err = BudgetError;

    fn from_str(text: &str) -> Result<Self, BudgetError> {
        let text = text.trim();
        if let Some(number) = text.strip_suffix('%') {
            let percent = number.trim().parse::<f64>().ok().filter(|p| (0.0..=100.0).contains(p));
            return percent.map(Self::Percent).ok_or(BudgetError);
        }
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = (&text[..end], text[end..].trim().to_ascii_lowercase());
        let scale: u64 = match unit.as_str() {
            "" | "b" => 1,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            "k" | "kib" => 1 << 10,
            "m" | "mib" => 1 << 20,
            "g" | "gib" => 1 << 30,
            _ => return Err(BudgetError),
        };
        let bytes = match number.parse::<u64>() {
            Ok(whole) => whole.checked_mul(scale),
            Err(_) => number.parse::<f64>().ok().map(|n| n * scale as f64).filter(|b| *b < 1e18).map(|b| b as u64),
        };
        bytes.map(Self::Bytes).ok_or(BudgetError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use facts::image::LayerSummary;
    use model::Digest;

    fn image() -> ImageFacts {
        let layer = |file_bytes| LayerSummary {
            diff_id: Digest::of(b"x"),
            plain_size: 0,
            entries: 0,
            file_bytes,
            hidden_bytes: 0,
            changes: Default::default(),
        };
        let group = |layer, hidden_by, cause, bytes| WasteGroup {
            layer,
            hidden_by,
            cause,
            tool: None,
            files: 1,
            bytes,
            largest: Vec::new(),
        };
        ImageFacts {
            layers: vec![layer(1000), layer(100), layer(100)],
            waste: vec![
                group(0, Some(1), Cause::Database, 1),
                group(0, Some(1), Cause::Deleted, 2),
                group(0, Some(2), Cause::Metadata, 4),
                group(1, Some(2), Cause::Deleted, 8),
                group(1, Some(2), Cause::Database, 16),
                group(2, None, Cause::Cache, 32),
            ],
            ..ImageFacts::default()
        }
    }

    #[test]
    fn sums_are_whose_doing_it_is() {
        let totals = Totals::of(&image(), 1);
        assert_eq!((totals.files, totals.wasted, totals.structural, totals.base), (200, 44, 16, 3));
        assert_eq!(totals.percent(), 22.0);
        assert_eq!(Totals::of(&image(), 0).base, 0);
        assert_eq!(Totals::default().percent(), 0.0);
    }

    #[test]
    fn budgets() {
        let totals = Totals::of(&image(), 1);
        for (text, exceeded) in [("43", true), ("44", false), ("44 B", false), ("21.9%", true), ("22%", false)] {
            assert_eq!(text.parse::<Budget>().unwrap().is_exceeded(&totals), exceeded, "{text}");
        }
        assert_eq!("1.5MB".parse(), Ok(Budget::Bytes(1_500_000)));
        assert_eq!("4GiB".parse(), Ok(Budget::Bytes(4 << 30)));
        for bad in ["", "%", "101%", "-1", "x", "5 percent", "NaN%", "99999999999999999999GB"] {
            assert_eq!(bad.parse::<Budget>(), Err(BudgetError), "{bad}");
        }
    }
}
