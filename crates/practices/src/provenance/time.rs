//! Times as labels write them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A date and time by RFC 3339, section 5.6, and by nothing laxer.
pub(crate) fn rfc3339(text: &str) -> Option<Timestamp> {
    let shape: Vec<u8> = text.bytes().map(|b| if b.is_ascii_digit() { b'0' } else { b.to_ascii_uppercase() }).collect();
    let rest = shape.strip_prefix(b"0000-00-00T00:00:00")?;
    let rest = match rest.strip_prefix(b".") {
        Some(fraction) => {
            let digits = fraction.iter().take_while(|b| **b == b'0').count();
            (1..=9).contains(&digits).then(|| &fraction[digits..])?
        }
        None => rest,
    };
    matches!(rest, b"Z" | b"+00:00" | b"-00:00").then(|| text.parse().ok())?
}

/// The day that a malformed time still states: `2099-01-01`, whatever follows.
pub(super) fn stated_day(text: &str) -> Option<Date> {
    let day = text.trim().get(..10)?;
    let is_alone = text.trim()[10..].bytes().next().is_none_or(|b| !b.is_ascii_digit());
    is_alone.then(|| day.parse().ok())?
}

/// The day of a time, in UTC.
pub(super) fn day(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_rfc_3339_and_nothing_else() {
        for text in ["2024-06-01T12:00:00Z", "2024-06-01t12:00:00z", "2024-06-01T12:00:00.123456789+02:00"] {
            assert!(rfc3339(text).is_some(), "{text}");
        }
        for text in [
            "",
            "2024-06-01",
            "2024-06-01 12:00:00Z",
            "2024-06-01T12:00Z",
            "2024-13-01T12:00:00Z",
            "1717243200",
            "20240601T120000Z",
            "2024-06-01T12:00:00",
            "2024-06-01T12:00:00.Z",
            "+002024-06-01T12:00:00Z",
        ] {
            assert!(rfc3339(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_day_without_a_time_is_still_a_day() {
        for text in ["2099-01-01", " 2099-01-01 12:00", "2099-01-01T12:00"] {
            assert_eq!(stated_day(text), Some(jiff::civil::date(2099, 1, 1)), "{text}");
        }
        for text in ["", "2099", "1 June 2024", "2099-13-01", "2099-01-011", "2099-01-0\u{e9}x"] {
            assert_eq!(stated_day(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_is_utcs() {
        assert_eq!(day(rfc3339("2024-06-01T23:30:00-05:00").unwrap()), jiff::civil::date(2024, 6, 2));
    }
}
