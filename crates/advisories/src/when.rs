//! Times as feeds write them.

use jiff::Timestamp;
use jiff::civil::Date;

/// Seconds since 1970 of an RFC 3339 time, or 0. Go's `0001-01-01`, which means that nobody knows, is 0 too.
pub(crate) fn seconds(text: &str) -> i64 {
    let time = text.parse::<Timestamp>().map(Timestamp::as_second);
    time.unwrap_or(0).max(0)
}

/// Days since 1970 of `2025-08-25`, or 0.
pub(crate) fn days(text: &str) -> u32 {
    let start = Date::constant(1970, 1, 1);
    let days = text.get(..10).and_then(|t| t.parse::<Date>().ok()).and_then(|d| d.since(start).ok());
    days.and_then(|span| u32::try_from(span.get_days()).ok()).unwrap_or(0)
}

/// The date of a number of days since 1970.
pub(crate) fn date(days: u32) -> String {
    let seconds = i64::from(days) * 86_400;
    Timestamp::from_second(seconds).map(|t| t.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}
