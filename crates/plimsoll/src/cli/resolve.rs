//! `plimsoll resolve`.

use super::Outcome;
use super::common::Common;
use super::output::{Output, chosen, deliver};
use crate::failure::{Failure, with_causes};
use crate::ops::{self, AgeVerdict, Ask, Resolution};
use crate::printer::{Printer, Tone};
use crate::report::{resolve_text, resolve_v1};
use crate::surroundings::Surroundings;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ledger::Ledger;
use model::Reference;
use std::str::FromStr;

const EXAMPLES: &str = "\
EXAMPLES
  plimsoll resolve node:20                        what it names now, ready to be pinned
  plimsoll resolve node:20 --platform linux/arm64 and its image for that platform
  plimsoll resolve node:20@sha256:…               does the tag still name this digest?
  plimsoll resolve --prove my.registry/app:1.4    is every image there, do all mirrors agree?
  plimsoll resolve -o pin node:20 redis:7         one `name:tag@digest` a line
  plimsoll resolve node:20 --as-of 2026-10-01     what the ledger saw it name on that day
  plimsoll resolve node:20 --min-age 7d           only what has been there for a week

Bytes that were fetched and hashed prove what a digest is. That a tag names it is a server's
word, and is said to be *claimed*; the answer names the server: the registry itself, or a
mirror in its place. Every answer is kept in the ledger.

An age is *proved* by the ledger's first sight, *claimed* by the registry's date, and *weak*
if only the image itself tells one: that is exit code 3.

EXIT CODES: 0 resolved; 1 something that a reference or an index says is not so, or it is too
young; 2 a registry could not be asked; 3 it cannot be told.";

/// Say exactly which image a reference names: its digest, proved by its bytes.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The images in registries.
    #[arg(value_name = "REF", required = true)]
    references: Vec<Reference>,
    /// Fetch and hash every image that an index names, and ask every mirror.
    #[arg(long)]
    prove: bool,
    /// What the tags named then, by the ledger: a day (to its end, UTC) or a time as in RFC 3339.
    #[arg(long, value_name = "DATE", value_parser = moment, conflicts_with_all = ["prove", "min_age"])]
    as_of: Option<Timestamp>,
    /// Fail what has not been there for so long: `7d`, `36h`, `90m`.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    min_age: Option<SignedDuration>,
    /// `terminal`, `json` or `pin`, to stdout or to a file; may be repeated.
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]")]
    output: Vec<Output<Format>>,
    /// The same as `-o json`.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Terminal,
    Json,
    Pin,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "terminal" => Ok(Self::Terminal),
            "json" => Ok(Self::Json),
            "pin" => Ok(Self::Pin),
            other => Err(format!("`{other}` is not `terminal`, `json` or `pin`")),
        }
    }
}

pub(super) fn run(args: &Args, common: &Common, surroundings: &Surroundings, printer: &mut Printer) -> Outcome {
    let outputs = chosen(&args.output, args.json.then_some(Format::Json), Format::Terminal)?;
    let ledger = common.ledger(surroundings, printer);
    let (answers, code) = match args.as_of {
        Some(time) if time > surroundings.now && !is_today(time, surroundings) => return Err(Failure::NotYet(time)),
        Some(time) => of_the_past(args, time, ledger.as_ref())?,
        None => of_today(args, common, surroundings, ledger.as_ref(), printer)?,
    };
    for failure in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        failure.tell(printer);
    }
    for output in outputs {
        let bytes = match output.format {
            Format::Terminal => resolve_text::write(&answers, common.verbose).into_bytes(),
            Format::Json => resolve_v1::write(&args.references, &answers),
            Format::Pin => resolve_text::pins(&answers).into_bytes(),
        };
        deliver(&bytes, output.file.as_deref(), printer)?;
    }
    Ok(code)
}

/// All answers in the order of the references, and the exit code that follows from them.
type Answers = (Vec<Result<Resolution, Failure>>, u8);

fn of_today(
    args: &Args,
    common: &Common,
    surroundings: &Surroundings,
    ledger: Option<&Ledger>,
    printer: &mut Printer,
) -> Result<Answers, Failure> {
    let now = surroundings.now;
    let resolver = common.resolver(&args.references, surroundings)?;
    let ask = Ask { platform: common.platform(), prove: args.prove };
    let mut answers = resolver.resolve_all(&args.references, &ask);
    let mut unknown = false;
    for found in answers.iter_mut().flatten() {
        if let Some(ledger) = ledger {
            found.statements.extend(ops::ever(ledger, found)?);
        }
        if let Some(least) = args.min_age {
            found.age = resolver.age(ledger, found, now - least)?;
            let (verdict, statement) = ops::judge(found.digest(), found.age, least, now);
            found.statements.push(statement);
            unknown |= verdict == AgeVerdict::Unknown;
        }
    }
    for warning in resolver.warnings() {
        printer.say(&format!("{} {warning}", Tone::Warn.set("note:")));
    }
    if let Some(Err(failure)) = ledger.map(|ledger| ops::remember(ledger, &answers, now)) {
        let why = with_causes(&failure);
        printer.say(&format!("{} the ledger could not be written: {why}", Tone::Warn.set("note:")));
    }
    // What was to be proved and could not be looked at is no pass.
    unknown |= args.prove && answers.iter().flatten().any(Resolution::is_unseen);
    let code = code(&answers, unknown);
    Ok((answers, code))
}

/// What the ledger saw, without any network.
fn of_the_past(args: &Args, time: Timestamp, ledger: Option<&Ledger>) -> Result<Answers, Failure> {
    let unseen = |reference: &Reference| Failure::NeverSeen { reference: reference.as_typed().to_owned(), time };
    let mut answers = Vec::new();
    for reference in &args.references {
        let known = ledger.map(|ledger| ops::as_of(ledger, reference, time)).transpose()?.flatten();
        answers.push(known.ok_or_else(|| unseen(reference)));
    }
    let code = if answers.iter().any(Result::is_err) { 3 } else { 0 };
    Ok((answers, code))
}

/// The end of a day is asked for by its name, and today has begun.
fn is_today(time: Timestamp, surroundings: &Surroundings) -> bool {
    time.to_zoned(TimeZone::UTC).date() == surroundings.today()
}

/// What could not be asked is worse than what is not so, since it may hide it.
fn code(answers: &[Result<Resolution, Failure>], unknown: bool) -> u8 {
    if answers.iter().any(Result::is_err) {
        return 2;
    }
    match (answers.iter().flatten().any(Resolution::is_refuted), unknown) {
        (true, _) => 1,
        (false, true) => 3,
        (false, false) => 0,
    }
}

/// A day means its end: what was pushed on it counts.
fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong = || format!("`{text}` is no date: expected `2026-10-01` or `2026-10-01T12:00:00Z`");
    match text.parse::<Date>() {
        Ok(day) if !text.contains('T') => {
            let next = day.tomorrow().map_err(|_| wrong())?.to_zoned(TimeZone::UTC).map_err(|_| wrong())?;
            Ok(next.timestamp() - SignedDuration::from_millis(1))
        }
        _ => text.parse().map_err(|_| wrong()),
    }
}

fn duration(text: &str) -> Result<SignedDuration, String> {
    let wrong =
        || format!("`{text}` is no length of time: expected a number and `w`, `d`, `h`, `m` or `s`, such as `7d`");
    let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let unit: i64 = match unit {
        "w" => 604_800,
        "d" => 86_400,
        "h" => 3600,
        "m" => 60,
        "s" => 1,
        _ => return Err(wrong()),
    };
    let seconds = number.parse::<i64>().ok().and_then(|n| n.checked_mul(unit)).filter(|s| *s < 1 << 32);
    seconds.map(SignedDuration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(moment(text).ok().map(|t| t.to_string()).as_deref(), expected, "{text}");
        };
        check("2026-10-01", Some("2026-10-01T23:59:59.999Z"));
        check("2026-10-01T12:00:00+02:00", Some("2026-10-01T10:00:00Z"));
        check("yesterday", None);
        check("2026-13-01", None);
        check("", None);
    }

    #[test]
    fn durations() {
        let check = |text: &str, expected: Option<i64>| {
            assert_eq!(duration(text).ok().map(|d| d.as_secs()), expected, "{text}");
        };
        check("7d", Some(604_800));
        check("1w", Some(604_800));
        check("36h", Some(129_600));
        check("90m", Some(5400));
        check("0s", Some(0));
        check("d", None);
        check("7", None);
        check("-7d", None);
        check("7 d", None);
        check("99999999999999999999d", None);
        check("9999999999d", None);
    }
}
