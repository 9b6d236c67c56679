//! `plimsoll decide`.

use super::Outcome;
use super::common::DecisionsFile;
use super::login::asked;
use super::output::{Shape, Shown, deliver};
use crate::failure::Failure;
use crate::ops::{DECISIONS, decisions_text, shown_path};
use crate::printer::Printer;
use crate::report::{decide_text, decide_v1};
use crate::surroundings::Surroundings;
use clap::Subcommand;
use console::Term;
use jiff::ToSpan as _;
use jiff::civil::Date;
use model::Disposition;
use practices::decisions::{Decisions, Draft, JUSTIFICATIONS, STATUSES, WriteError};
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::str::FromStr;

/// Write down what was decided about a vulnerability: with a reason, an owner and an end.
///
/// The entry goes to the end of the nearest `plimsoll.decisions.toml`, or of a new one in the working folder, for
/// a team to review. On a terminal what is missing is asked for. `plimsoll scan` and `plimsoll check` show the
/// finding with the decision, and count it again once the decision has ended.
///
/// Examples:
///   plimsoll decide CVE-2023-5363 --status not_affected \
///     --justification vulnerable_code_not_in_execute_path \
///     --reason "only fixed-length keys" --owner ann@example.com --until 2027-02-01
///   plimsoll decide CVE-2024-0727 --package openssl --image 'r.example/app*' --until 90d
///   plimsoll decide review                what has ended, and what ends within 30 days
#[derive(clap::Args)]
#[command(verbatim_doc_comment, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// The vulnerabilities, by any of their names (CVE, GHSA, DSA…).
    #[arg(value_name = "VULNERABILITY", required = true)]
    vulnerabilities: Vec<String>,
    /// Only in this package: its name, its source's, or a package URL.
    #[arg(long, value_name = "PACKAGE")]
    package: Option<String>,
    /// Only where files that fit this pattern prove the package.
    #[arg(long, value_name = "PATTERN")]
    path: Option<String>,
    /// Only in images that fit this pattern.
    #[arg(long, value_name = "PATTERN")]
    image: Option<String>,
    /// `not_affected`, `accepted`, `fixed` or `under_investigation`.
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// VEX's word for why it does not apply, with `not_affected`.
    #[arg(long, value_name = "WORD")]
    justification: Option<String>,
    /// Why, for whoever reads it next year.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Who answers for it.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// The last day on which it holds, or how many days from today: `2027-02-01`, `90d`.
    #[arg(long, value_name = "DAY")]
    until: Option<End>,
    /// The version from which on it does not hold any more.
    #[arg(long, value_name = "VERSION")]
    fixed_in: Option<String>,
    #[command(flatten)]
    file: DecisionsFile,
}

#[derive(Subcommand)]
enum What {
    Review(Review),
}

/// List the decisions that have ended, or end soon, or have no day on which they end.
///
/// Exit code 1 if there is one that has ended or ends within `--within` days, so that a schedule can tell.
/// With `--line N --until DAY` the decision that begins in that line of the file holds until then.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
struct Review {
    /// Days from today.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    within: u16,
    /// Move the end of the decision that begins in this line.
    #[arg(long, value_name = "LINE", requires = "until")]
    line: Option<u32>,
    /// To this day, or so many days from today: `2027-02-01`, `90d`.
    #[arg(long, value_name = "DAY", requires = "line")]
    until: Option<End>,
    #[command(flatten)]
    file: DecisionsFile,
    #[command(flatten)]
    shown: Shown,
}

/// A day, or a number of days from today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Day(Date),
    Days(u16),
}

impl FromStr for End {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(days) = text.strip_suffix('d').and_then(|number| number.parse().ok()) {
            return Ok(Self::Days(days));
        }
        let day = text.parse().ok().filter(|_| text.len() == 10);
        day.map(Self::Day)
            .ok_or_else(|| format!("`{text}` is neither a day such as `2027-02-01` nor days such as `90d`"))
    }
}

impl End {
    /// The day; the calendar's last where that is nearer.
    fn day(self, today: Date) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Days(days) => today.checked_add(i64::from(days).days()).unwrap_or(Date::MAX),
        }
    }
}

pub(super) fn run(args: &Args, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    if let Some(What::Review(args)) = &args.what {
        return review(args, surroundings, printer);
    }
    let path = args.file.place(surroundings).unwrap_or_else(|| surroundings.here.join(DECISIONS));
    let text = if path.symlink_metadata().is_ok() { decisions_text(&path)? } else { String::new() };
    let today = surroundings.today();
    let mut draft = Draft {
        vulnerabilities: args.vulnerabilities.clone(),
        package: args.package.clone(),
        path: args.path.clone(),
        image: args.image.clone(),
        status: args.status.clone(),
        justification: args.justification.clone(),
        reason: args.reason.clone(),
        owner: args.owner.clone(),
        date: Some(today),
        until: args.until.map(|end| end.day(today)),
        fixed_in: args.fixed_in.clone(),
    };
    if io::stdin().is_terminal() && Term::stderr().is_term() {
        complete(&mut draft, today)?;
    }
    let shown = shown_path(&path, &surroundings.here);
    let new = Decisions::with(&shown, &text, &draft).map_err(|error| match error {
        WriteError::Entry(error) => Failure::Undecided(Box::new(error)),
        WriteError::File(error) => Failure::Policy { path: PathBuf::from(&shown), error: Box::new(error) },
    })?;
    deliver(new.as_bytes(), Some(&path), printer)?;
    Ok(0)
}

/// Asks for what must be there and is not. What is still missing then is the reader's to refuse.
fn complete(draft: &mut Draft, today: Date) -> Result<(), Failure> {
    let ask = |question: String| asked(&question, false).map(|answer| Some(answer).filter(|text| !text.is_empty()));
    if draft.status.is_none() {
        draft.status = ask(format!("status ({}): ", STATUSES.map(Disposition::word).join(", ")))?;
    }
    let affected = draft.status.as_deref() != Some(Disposition::NotAffected.word());
    if !affected && draft.justification.is_none() {
        draft.justification = ask(format!("justification ({}): ", JUSTIFICATIONS.join(", ")))?;
    }
    if draft.reason.is_none() {
        draft.reason = ask("reason: ".to_owned())?;
    }
    if draft.owner.is_none() {
        draft.owner = ask("owner: ".to_owned())?;
    }
    while draft.until.is_none() && draft.fixed_in.is_none() {
        match ask("until (a day such as 2027-02-01, or days such as 90d): ".to_owned())? {
            None => break,
            Some(text) => draft.until = text.parse().ok().map(|end: End| end.day(today)),
        }
    }
    Ok(())
}

fn review(args: &Review, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = args.shown.outputs()?;
    let path = decisions_path(&args.file, surroundings)?;
    let (text, shown, today) = (decisions_text(&path)?, shown_path(&path, &surroundings.here), surroundings.today());
    let wrong = |error| Failure::Policy { path: PathBuf::from(&shown), error: Box::new(error) };
    if let (Some(line), Some(until)) = (args.line, args.until) {
        let moved = Decisions::moved(&shown, &text, line, until.day(today)).map_err(wrong)?;
        let moved = moved.ok_or_else(|| Failure::NoDecision { path: shown.clone(), line })?;
        deliver(moved.as_bytes(), Some(&path), printer)?;
        return Ok(0);
    }
    let decisions = Decisions::parse(&shown, &text).map_err(wrong)?;
    let due = decisions.due(today, i32::from(args.within));
    for output in outputs {
        let bytes = match output.format {
            Shape::Terminal => decide_text::write(&decisions, &due, args.within).into_bytes(),
            Shape::Json => decide_v1::write(&decisions, &due, args.within, today),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(u8::from(due.iter().any(|(_, due)| due.days().is_some())))
}

fn decisions_path(file: &DecisionsFile, surroundings: &Surroundings) -> Result<PathBuf, Failure> {
    file.place(surroundings).ok_or_else(|| Failure::NoDecisions(surroundings.here.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_as_people_write_them() {
        let today = "2026-11-27".parse().unwrap();
        let day = |text: &str| text.parse::<End>().ok().map(|end| end.day(today).to_string());
        assert_eq!(day("2027-02-01").as_deref(), Some("2027-02-01"));
        assert_eq!(day("90d").as_deref(), Some("2027-02-25"));
        assert_eq!(
            ["soon", "2027-2-1", "-3d", "d", "20270201", "99999999d"].map(day),
            [None, None, None, None, None, None]
        );
    }
}
