//! OSV's events as spans of versions, and whether a version lies in one.

use crate::codec::{Cursor, Damage, put_number, put_text};
use documents::osv::Range;
use model::{Version, VersionOrder};
use std::cmp::Ordering;

/// From a version on, until its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'s> {
    /// The first affected version; `None` from the very first on.
    pub from: Option<&'s str>,
    /// Where it ends.
    pub end: End<'s>,
}

/// How a span ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End<'s> {
    /// Not yet.
    Open,
    /// Before the version that fixes it.
    Fixed(&'s str),
    /// With this version, the last that is known to be affected.
    Last(&'s str),
    /// Before this version, beyond which nothing is said.
    Limit(&'s str),
}

/// One event, for sorting.
#[derive(Clone, Copy)]
enum Step<'e> {
    From(&'e str),
    To(End<'e>),
}

/// The spans of a range, by the order of its ecosystem. The error is the version that the order cannot read.
pub(crate) fn spans<'r>(order: VersionOrder, range: &'r Range<'_>) -> Result<Vec<Span<'r>>, &'r str> {
    let mut steps: Vec<(Option<Version<'r>>, Step<'r>)> = Vec::with_capacity(range.events.len());
    for event in &range.events {
        let all = [
            event.introduced.as_deref().map(|v| (v, Step::From(v))),
            event.fixed.as_deref().map(|v| (v, Step::To(End::Fixed(v)))),
            event.last_affected.as_deref().map(|v| (v, Step::To(End::Last(v)))),
            event.limit.as_deref().filter(|v| *v != "*").map(|v| (v, Step::To(End::Limit(v)))),
        ];
        for (text, step) in all.into_iter().flatten() {
            let first = text == "0" && matches!(step, Step::From(_));
            let version = if first { None } else { Some(Version::parse(order, text).map_err(|_| text)?) };
            steps.push((version, step));
        }
    }
    // Stable, and what has no version comes first. Two versions of one order always compare.
    steps.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) => a.compare(b).unwrap_or(Ordering::Equal),
        (a, b) => a.is_some().cmp(&b.is_some()),
    });
    Ok(joined(&steps))
}

fn joined<'r>(steps: &[(Option<Version<'r>>, Step<'r>)]) -> Vec<Span<'r>> {
    let mut spans = Vec::new();
    let mut open: Option<Option<&str>> = None;
    for (version, step) in steps {
        match *step {
            Step::From(text) => {
                open.get_or_insert(version.as_ref().map(|_| text));
            }
            Step::To(end) => spans.extend(open.take().map(|from| Span { from, end })),
        }
    }
    spans.extend(open.map(|from| Span { from, end: End::Open }));
    spans
}

impl<'s> Span<'s> {
    /// Whether the version lies in it; `None` if a bound is no version of that order.
    #[inline]
    pub(crate) fn holds(&self, version: &Version<'_>) -> Option<bool> {
        let compare = |text: &str| version.compare(&Version::parse(version.order(), text).ok()?);
        if let Some(from) = self.from
            && compare(from)?.is_lt()
        {
            return Some(false);
        }
        Some(match self.end {
            End::Open => true,
            End::Fixed(end) | End::Limit(end) => compare(end)?.is_lt(),
            End::Last(end) => compare(end)?.is_le(),
        })
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let (kind, end) = match self.end {
            End::Open => (0, ""),
            End::Fixed(end) => (1, end),
            End::Last(end) => (2, end),
            End::Limit(end) => (3, end),
        };
        put_number(out, kind << 1 | u64::from(self.from.is_some()));
        if let Some(from) = self.from {
            put_text(out, from);
        }
        if kind != 0 {
            put_text(out, end);
        }
    }

    #[inline]
    pub(crate) fn get(cursor: &mut Cursor<'s>) -> Result<Self, Damage> {
        let head = cursor.number()?;
        let from = if head & 1 == 1 { Some(cursor.text()?) } else { None };
        let end = match head >> 1 {
            0 => End::Open,
            1 => End::Fixed(cursor.text()?),
            2 => End::Last(cursor.text()?),
            3 => End::Limit(cursor.text()?),
            _ => return Err(cursor.damage()),
        };
        Ok(Self { from, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events such as `i0 f1.2 i2 l3`, and versions that must and must not lie in the spans.
    fn check(order: VersionOrder, events: &str, inside: &str, outside: &str) {
        let event = |word: &str| {
            let (kind, version) = word.split_at(1);
            let key = match kind {
                "i" => "introduced",
                "f" => "fixed",
                "l" => "last_affected",
                _ => "limit",
            };
            format!("{{\"{key}\":\"{version}\"}}")
        };
        let events: Vec<String> = events.split(' ').map(event).collect();
        let text = format!(
            "{{\"id\":\"x\",\"affected\":[{{\"ranges\":[{{\"type\":\"ECOSYSTEM\",\"events\":[{}]}}]}}]}}",
            events.join(",")
        );
        let record = documents::osv::read(text.as_bytes()).unwrap();
        let spans = spans(order, &record.affected[0].ranges[0]).unwrap();
        let holds = |v: &str| spans.iter().any(|s| s.holds(&Version::parse(order, v).unwrap()).unwrap());
        inside.split(' ').filter(|v| !v.is_empty()).for_each(|v| assert!(holds(v), "{v} in {events:?}"));
        outside.split(' ').filter(|v| !v.is_empty()).for_each(|v| assert!(!holds(v), "{v} not in {events:?}"));
        let mut bytes = Vec::new();
        spans.iter().for_each(|s| s.put(&mut bytes));
        let mut cursor = Cursor::new("test", &bytes, 0);
        let again: Vec<Span<'_>> = spans.iter().map(|_| Span::get(&mut cursor).unwrap()).collect();
        assert_eq!(again, spans);
    }

    #[test]
    fn events_become_spans() {
        let npm = VersionOrder::Npm;
        check(npm, "i0 f1.2.0", "0.0.1 1.1.9 1.2.0-rc.1", "1.2.0 2.0.0");
        check(npm, "f1.2.0 i0", "1.0.0", "1.2.0");
        check(npm, "i0 f1.2.0 i2.0.0 f2.0.3", "1.0.0 2.0.0 2.0.2", "1.2.0 1.9.9 2.0.3");
        check(npm, "i1.0.0 l1.5.0", "1.0.0 1.5.0", "0.9.9 1.5.1");
        check(npm, "i0", "0.0.0-0 99.0.0", "");
        check(npm, "f1.0.0", "", "0.5.0 1.0.0");
        check(npm, "i0 m2.0.0", "1.0.0", "2.0.0");
        check(VersionOrder::Dpkg, "i0 f1:2.0-1", "5.0-1 1:2.0-0", "1:2.0-1 2:1");
        check(VersionOrder::Go, "i1.22.0-0 f1.22.3", "go1.22rc1 go1.22.2", "go1.22.3 go1.21.9");
        check(VersionOrder::Python, "i0 f2.0", "1.0 2.0a1", "2.0 2.0.0");
    }
}
