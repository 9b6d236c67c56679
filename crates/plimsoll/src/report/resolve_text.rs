//! Resolutions for people: the digest first, then what to pin, then what is known and how well.

use crate::failure::Failure;
use crate::ops::{Resolution, Standing, vantage};
use crate::printer::Tone;
use model::escaped;
use std::fmt::Write;

/// Platforms that are listed before the rest is counted.
const LISTED: usize = 12;

/// All answers; those that failed were told already.
pub(crate) fn write(answers: &[Result<Resolution, Failure>], verbose: bool) -> String {
    let mut out = String::new();
    for (at, found) in answers.iter().flatten().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        // Writing to a String cannot fail.
        let _ = one(&mut out, found, verbose);
    }
    out
}

/// What to pin, one a line.
pub(crate) fn pins(answers: &[Result<Resolution, Failure>]) -> String {
    answers.iter().flatten().map(|found| found.pin() + "\n").collect()
}

fn one(out: &mut String, found: &Resolution, verbose: bool) -> std::fmt::Result {
    writeln!(out, "{}", Tone::Strong.set(&escaped(found.reference.as_typed())))?;
    let kind = if found.is_index() { "index" } else { "image" };
    writeln!(out, "  {kind:<9} {}", found.digest())?;
    if let Some(chosen) = &found.chosen {
        let name = chosen.descriptor.platform.as_ref().map_or_else(|| "platform".to_owned(), ToString::to_string);
        writeln!(out, "  {:<9} {}", escaped(&name), chosen.descriptor.digest)?;
    }
    let platforms = platforms(found, verbose);
    if !platforms.is_empty() {
        writeln!(out, "  platforms {platforms}")?;
    }
    writeln!(out, "  seen      {:.0} by {}", found.seen, vantage(&found.sighting.vantage, &found.reference))?;
    if let Some(left) = found.sighting.stated.allowance.filter(|_| verbose) {
        writeln!(out, "  allowance {} of {} pulls left", left.remaining, left.limit)?;
    }
    writeln!(out, "  pin       {}", found.pin())?;
    for statement in &found.statements {
        let word = tone(statement.standing).set(&format!("{:<12}", format!("{}:", statement.standing.word())));
        writeln!(out, "  {word} {}", statement.what)?;
        writeln!(out, "  {:<12} {}", "", Tone::Faint.set(&statement.why))?;
    }
    Ok(())
}

fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Proved => Tone::Good,
        Standing::Claimed | Standing::Weak | Standing::NotChecked => Tone::Warn,
        Standing::Refuted => Tone::Bad,
    }
}

fn platforms(found: &Resolution, verbose: bool) -> String {
    let mut names: Vec<String> = Vec::new();
    for platform in found.children().iter().filter_map(|child| child.platform.as_ref()) {
        let name = escaped(&platform.to_string()).into_owned();
        if platform.os != "unknown" && !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(LISTED);
    if more > 0 && !verbose {
        names.truncate(LISTED);
        names.push(format!("{more} more"));
    }
    names.join(", ")
}
