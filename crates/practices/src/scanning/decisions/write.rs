//! A new decision as text, and the file with it; an end moved, and nothing else.
//!
//! What a decision must say is the reader's business alone: the new text is read before anybody gets it.

use super::{Decision, Decisions, parse};
use crate::policy_toml::PolicyError;
use jiff::civil::Date;

/// What a new file begins with.
const HEAD: &str =
    "# What was decided about known vulnerabilities, and until when: `plimsoll scan` and `plimsoll check` read it.\n";

/// What a new decision says, as somebody typed it.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The vulnerabilities, by any of their names.
    pub vulnerabilities: Vec<String>,
    /// A package's name or package URL.
    pub package: Option<String>,
    /// A pattern for the files that prove it.
    pub path: Option<String>,
    /// A pattern for images.
    pub image: Option<String>,
    /// VEX's status.
    pub status: Option<String>,
    /// VEX's word for why it does not apply.
    pub justification: Option<String>,
    /// Why, in words.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The day it is made.
    pub date: Option<Date>,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// The version from which on it does not hold.
    pub fixed_in: Option<String>,
}

/// Why a decision was not written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// It does not say what a decision must say.
    #[error("the decision is not written: {}", .0.problem)]
    Entry(PolicyError),
    /// The file as it is, or with the new entry, cannot be read.
    #[error("{0}")]
    File(PolicyError),
}

impl Draft {
    /// The entry, a key a line.
    fn entry(&self) -> String {
        let mut lines = vec!["[[decision]]".to_owned()];
        match self.vulnerabilities.as_slice() {
            [] => {}
            [one] => lines.push(format!("vulnerability = {}", quoted(one))),
            several => {
                let all: Vec<String> = several.iter().map(|one| quoted(one)).collect();
                lines.push(format!("vulnerability = [{}]", all.join(", ")));
            }
        }
        let texts = [
            ("package", &self.package),
            ("path", &self.path),
            ("image", &self.image),
            ("status", &self.status),
            ("justification", &self.justification),
            ("reason", &self.reason),
            ("owner", &self.owner),
        ];
        let text = |(key, text): (&str, &Option<String>)| Some(format!("{key} = {}", quoted(text.as_ref()?)));
        lines.extend(texts.into_iter().filter_map(text));
        lines.extend(self.date.map(|day| format!("date = {day}")));
        lines.extend(self.until.map(|day| format!("until = {day}")));
        lines.extend(self.fixed_in.as_ref().map(|version| format!("fixed-in = {}", quoted(version))));
        lines.join("\n") + "\n"
    }
}

impl Decisions {
    /// A file's text with one more decision at its end; an empty text becomes a new file.
    ///
    /// # Errors
    /// [`WriteError`] where the entry, or the file, is not what the format asks for.
    pub fn with(file: &str, text: &str, draft: &Draft) -> Result<String, WriteError> {
        let entry = draft.entry();
        parse::parse(&entry).map_err(WriteError::Entry)?;
        let known = Self::parse(file, text).map_err(WriteError::File)?.all.len();
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut out = if text.trim().is_empty() { format!("{HEAD}{text}") } else { text.to_owned() };
        if !out.ends_with('\n') {
            out.push_str(end);
        }
        out.push_str(end);
        out.push_str(&entry.replace('\n', end));
        let read = Self::parse(file, &out).map_err(WriteError::File)?.all.len();
        debug_assert_eq!(read, known + 1);
        Ok(out)
    }

    /// A file's text in which the decision in `line` holds until another day; everything else stays, byte for byte.
    /// `None` where no decision begins there or it has no day on which it ends.
    ///
    /// # Errors
    /// [`PolicyError`] where the text cannot be read before or after.
    pub fn moved(file: &str, text: &str, line: u32, until: Date) -> Result<Option<String>, PolicyError> {
        let all = Self::parse(file, text)?.all;
        let Some(span) = all.into_iter().find(|decision| decision.line == line).and_then(|d| d.until_at) else {
            return Ok(None);
        };
        let mut out = text.to_owned();
        out.replace_range(span, &until.to_string());
        Self::parse(file, &out).map(|_| Some(out))
    }

    /// The decisions that ended before `today`, end within `days` from it, or have no day at all, in the file's order.
    pub fn due(&self, today: Date, days: i32) -> Vec<(&Decision, Due)> {
        let due = |decision: &Decision| match decision.until {
            None => Some(Due::NoDay),
            Some(day) if day < today => Some(Due::Ended(between(day, today))),
            Some(day) => Some(Due::Ends(between(today, day))).filter(|_| between(today, day) <= days),
        };
        self.all.iter().filter_map(|decision| Some((decision, due(decision)?))).collect()
    }
}

/// Why a decision is to be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// It ended so many days ago.
    Ended(i32),
    /// Its last day is in so many days; 0 is today.
    Ends(i32),
    /// It ends with a version alone, which may never come.
    NoDay,
}

impl Due {
    /// The report's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ended(_) => "ended",
            Self::Ends(_) => "ends",
            Self::NoDay => "no_day",
        }
    }

    /// Days since or until the end.
    pub fn days(self) -> Option<i32> {
        match self {
            Self::Ended(days) | Self::Ends(days) => Some(days),
            Self::NoDay => None,
        }
    }
}

/// Days from one day to a later one.
fn between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

/// A basic string of TOML (<https://toml.io/en/v1.0.0#string>): quotes, backslashes and what no text may hold escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 || c == '\u{7f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft {
            vulnerabilities: vec!["CVE-1".into()],
            status: Some("accepted".into()),
            reason: Some("say \"no\"\n\\".into()),
            owner: Some("ann".into()),
            date: "2026-11-27".parse().ok(),
            until: "2027-02-01".parse().ok(),
            ..Draft::default()
        }
    }

    #[test]
    fn what_was_typed_is_what_is_read() {
        let text = Decisions::with("d.toml", "", &draft()).unwrap();
        let all = Decisions::parse("d.toml", &text).unwrap().all;
        assert_eq!((all.len(), all[0].reason.as_str(), all[0].line), (1, "say \"no\"\n\\", 3));
        let several = Draft {
            vulnerabilities: vec!["CVE-2".into(), "CVE-3".into()],
            package: Some("pkg:deb/debian/openssl".into()),
            path: Some("usr/**".into()),
            image: Some("r.example/**".into()),
            status: Some("not_affected".into()),
            justification: Some("component_not_present".into()),
            until: None,
            fixed_in: Some("3.0.13".into()),
            ..draft()
        };
        let both = Decisions::with("d.toml", &text, &several).unwrap();
        assert!(both.starts_with(&text), "{both}");
        let all = Decisions::parse("d.toml", &both).unwrap().all;
        assert_eq!(all[1].selector.vulnerabilities, ["CVE-2", "CVE-3"]);
        assert_eq!(all[1].ends(), "until version 3.0.13");
    }

    #[test]
    fn line_ends_and_a_missing_last_one_are_kept_in_style() {
        let old = "# ours\r\n[[decision]]\r\nvulnerability = \"CVE-9\"\r\nstatus = \"accepted\"\r\nreason = \"r\"\r\n\
                   owner = \"o\"\r\ndate = 2026-01-01\r\nuntil = 2026-02-01";
        let new = Decisions::with("d.toml", old, &draft()).unwrap();
        assert!(new.starts_with(old) && new.matches('\n').count() == new.matches("\r\n").count(), "{new:?}");
        assert_eq!(Decisions::parse("d.toml", &new).unwrap().all.len(), 2);
    }

    #[test]
    fn what_says_too_little_is_refused_in_the_readers_words() {
        let refused = |draft: Draft| Decisions::with("d.toml", "", &draft).unwrap_err().to_string();
        assert_eq!(refused(Draft { reason: None, ..draft() }), "the decision is not written: `reason` is missing");
        assert_eq!(refused(Draft { until: None, ..draft() }), "the decision is not written: an end is missing");
        let error = Decisions::with("d.toml", "decision = [", &draft()).unwrap_err();
        assert!(matches!(error, WriteError::File(_)), "{error}");
        // An entry cannot be put behind an array that stands in one line.
        let inline = "decision = []\n";
        assert!(matches!(Decisions::with("d.toml", inline, &draft()), Err(WriteError::File(_))));
    }

    #[test]
    fn an_end_is_moved_and_nothing_else() {
        let text = Decisions::with("d.toml", "", &draft()).unwrap().replace("until = ", "until   =   ") + "# last\n";
        let day = "2028-01-31".parse().unwrap();
        let moved = Decisions::moved("d.toml", &text, 3, day).unwrap().unwrap();
        assert_eq!(moved, text.replace("2027-02-01", "2028-01-31"));
        let string = text.replace("2027-02-01", "\"2027-02-01\"");
        assert_eq!(Decisions::moved("d.toml", &string, 3, day).unwrap().unwrap(), moved);
        assert_eq!(Decisions::moved("d.toml", &text, 1, day).unwrap(), None);
        // Not before it was made.
        assert!(Decisions::moved("d.toml", &text, 3, "2020-01-01".parse().unwrap()).is_err());
    }

    #[test]
    fn what_is_due() {
        let mut text = String::new();
        for until in ["2026-11-26", "2026-11-27", "2026-12-27", "2026-12-28"] {
            text = Decisions::with(
                "d.toml",
                &text,
                &Draft { date: "2026-01-01".parse().ok(), until: until.parse().ok(), ..draft() },
            )
            .unwrap();
        }
        text = Decisions::with("d.toml", &text, &Draft { until: None, fixed_in: Some("2".into()), ..draft() }).unwrap();
        let all = Decisions::parse("d.toml", &text).unwrap();
        let due: Vec<Due> = all.due("2026-11-27".parse().unwrap(), 30).into_iter().map(|(_, due)| due).collect();
        assert_eq!(due, [Due::Ended(1), Due::Ends(0), Due::Ends(30), Due::NoDay]);
    }
}
