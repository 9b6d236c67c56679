//! When to try again, and how long to wait before: bounded, and as the server asks.
//!
//! The waiting itself is a trait, so that tests do not wait and a program can be interrupted.

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use std::time::{Duration, Instant};

/// How often a request is made at the most.
pub(super) const ATTEMPTS: u32 = 5;
/// The longest wait that a server may ask for; what asks for more has failed.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A monotonic clock that can wait.
pub trait Pace: Send + Sync {
    /// Blocks for this long.
    fn wait(&self, time: Duration);
    /// The time since some fixed point.
    fn elapsed(&self) -> Duration;
}

/// The machine's own clock.
pub struct RealPace(Instant);

impl Default for RealPace {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Pace for RealPace {
    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The wait after attempt number `attempt` (from 0) where the server states none: 1, 2, 4, 8 s.
pub(super) fn backoff(attempt: u32) -> Duration {
    Duration::from_secs(1 << attempt.min(3))
}

/// What the server asks for: seconds, or a date, which is read against the server's own `Date`
/// (<https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3>).
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = |text: &str| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    let then = date(text)?;
    let now = date(headers.get(DATE)?.to_str().ok()?)?;
    Some(Duration::from_secs(u64::try_from(then.as_second().saturating_sub(now.as_second())).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(after: &str, date: &str, expected: Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, after.parse().unwrap());
        if !date.is_empty() {
            headers.insert(DATE, date.parse().unwrap());
        }
        assert_eq!(retry_after(&headers), expected.map(Duration::from_secs), "{after}");
    }

    #[test]
    fn seconds_and_dates() {
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        check("0", "", Some(0));
        check(" 120 ", "", Some(120));
        check("99999999999999999999999", "", Some(u64::MAX));
        check("Sun, 06 Nov 1994 08:49:50 GMT", now, Some(13));
        check("Sun, 06 Nov 1994 08:00:00 GMT", now, Some(0));
        check("Sun, 06 Nov 1994 08:49:50 GMT", "", None);
        check("880.092µs", now, None);
        check("-1", now, None);
        check("", now, None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn waits_grow_and_stop_growing() {
        assert_eq!([0, 1, 2, 3, 4, 99].map(|n| backoff(n).as_secs()), [1, 2, 4, 8, 8, 8]);
    }
}
