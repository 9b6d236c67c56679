//! Two images or SBOMs compared, for people.

use super::compare_text::differing;
use crate::ops::{Diff, Known, PackageChange, SettingChange, VulnerabilityChanges, Way};
use crate::printer::Tone;
use model::escaped;
use std::fmt::{self, Write};

/// Rows of one kind that are shown unless more is asked for.
const SHOWN: usize = 40;

/// What differs.
pub(crate) fn write(diff: &Diff, verbose: bool) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = whole(&mut out, diff, verbose);
    out
}

fn whole(out: &mut String, diff: &Diff, verbose: bool) -> fmt::Result {
    let sides = [&diff.before, &diff.after];
    let names = sides.map(|reading| escaped(&reading.image.target).into_owned());
    writeln!(out, "{}", Tone::Strong.set(&names.join(" -> ")))?;
    for reading in sides {
        let subject = reading.image.subject.map_or("no digest".to_owned(), |subject| subject.to_string());
        let claim = if reading.claims.is_some() { ", as an SBOM claims" } else { "" };
        writeln!(out, "  {subject}{claim}")?;
    }
    packages(out, diff, verbose)?;
    if let Some(settings) = diff.settings.as_ref().filter(|settings| !settings.is_empty()) {
        writeln!(out, "\n{}", Tone::Strong.set("settings:"))?;
        settings.iter().try_for_each(|change| setting(out, change))?;
    }
    if let Some((sums, files)) = &diff.files {
        differing(out, sums, files, verbose)?;
    }
    match &diff.vulnerabilities {
        Some(changes) => vulnerabilities(out, changes, verbose)?,
        None => writeln!(
            out,
            "\n{} not compared: there is no index (`plimsoll db update`)",
            Tone::Strong.set("vulnerabilities:")
        )?,
    }
    for gap in diff.gaps() {
        writeln!(out, "{} {gap}", Tone::Warn.set("unknown:"))?;
    }
    Ok(())
}

fn packages(out: &mut String, diff: &Diff, verbose: bool) -> fmt::Result {
    let all = [Way::Added, Way::Removed, Way::Upgraded, Way::Downgraded, Way::Changed];
    let count = |way: Way| diff.packages.iter().filter(|change| change.how == way).count();
    let counts = all.into_iter().filter(|way| count(*way) > 0).map(|way| format!("{} {}", count(way), way.word()));
    let counts: Vec<String> = counts.collect();
    let text = if counts.is_empty() { "the same".to_owned() } else { counts.join(", ") };
    writeln!(out, "\n{} {text}", Tone::Strong.set("packages:"))?;
    let most = if verbose { usize::MAX } else { SHOWN };
    diff.packages.iter().take(most).try_for_each(|change| package(out, change))?;
    more(out, diff.packages.len(), most)
}

fn package(out: &mut String, change: &PackageChange) -> fmt::Result {
    let list = |versions: &[String]| escaped(&versions.join(", ")).into_owned();
    let (before, after) = (list(&change.before), list(&change.after));
    let (sign, versions) = match change.how {
        Way::Added => (Tone::Good.set("+"), after),
        Way::Removed => (Tone::Bad.set("-"), before),
        Way::Upgraded => (Tone::Good.set("^"), format!("{before} -> {after}")),
        Way::Downgraded => (Tone::Warn.set("v"), format!("{before} -> {after}")),
        Way::Changed => (Tone::Warn.set("~"), format!("{before} -> {after}")),
    };
    writeln!(out, "  {sign} {} {} {versions}", change.ecosystem.word(), escaped(&change.name))
}

fn setting(out: &mut String, change: &SettingChange) -> fmt::Result {
    let name = escaped(&change.name);
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            writeln!(out, "  {} {name}: {} -> {}", Tone::Warn.set("~"), escaped(before), escaped(after))
        }
        (Some(before), None) => writeln!(out, "  {} {name}: {}", Tone::Bad.set("-"), escaped(before)),
        (None, after) => {
            writeln!(out, "  {} {name}: {}", Tone::Good.set("+"), escaped(after.as_deref().unwrap_or_default()))
        }
    }
}

fn vulnerabilities(out: &mut String, changes: &VulnerabilityChanges, verbose: bool) -> fmt::Result {
    let heading = Tone::Strong.set("vulnerabilities:");
    let (gone, new) = (changes.gone.len(), changes.new.len());
    writeln!(out, "\n{heading} {gone} gone, {new} new, {} in both", changes.kept)?;
    let most = if verbose { usize::MAX } else { SHOWN };
    for (sign, all) in [(Tone::Bad.set("+"), &changes.new), (Tone::Good.set("-"), &changes.gone)] {
        all.iter().take(most).try_for_each(|known| vulnerability(out, &sign, known))?;
        more(out, all.len(), most)?;
    }
    Ok(())
}

fn vulnerability(out: &mut String, sign: &str, known: &Known) -> fmt::Result {
    let fix = known.fix.as_ref().map_or(String::new(), |fix| format!("  fixed in {}", escaped(fix)));
    let [id, name, version] = [&known.id, &known.name, &known.version].map(|text| escaped(text));
    writeln!(out, "  {sign} {:<10} {id:<17} {name} {version}{fix}", practices::severity_word(known.severity))
}

fn more(out: &mut String, all: usize, most: usize) -> fmt::Result {
    match all.saturating_sub(most) {
        0 => Ok(()),
        left => writeln!(out, "  {}", Tone::Faint.set(&format!("{left} more (-v shows them)"))),
    }
}
