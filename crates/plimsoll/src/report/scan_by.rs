//! What was found, put together by what to do, by package or by layer.

use super::scan_table::{Group, entry, grouped, tally};
use crate::ops::Scanned;
use crate::printer::Tone;
use advisories::matching::Vulnerability;
use model::escaped;
use practices::instruction;
use practices::steps::Step;
use std::fmt::{self, Write};
use std::str::FromStr;

/// Names of vulnerabilities that are listed of one step unless more is asked for.
const NAMED: usize = 6;

/// What the rows of a table are put together by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum By {
    /// One list, the worst first.
    #[default]
    Risk,
    /// The updates that remove them.
    Action,
    Package,
    Layer,
}

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "risk" => Ok(Self::Risk),
            "action" => Ok(Self::Action),
            "package" => Ok(Self::Package),
            "layer" => Ok(Self::Layer),
            other => Err(format!("`{other}` is not `risk`, `action`, `package` or `layer`")),
        }
    }
}

/// The rows of one target.
pub(super) fn write(out: &mut String, scanned: &Scanned, by: By, verbose: bool) -> fmt::Result {
    match by {
        By::Risk => grouped(scanned).iter().try_for_each(|group| entry(out, scanned, group, verbose)),
        By::Action => actions(out, scanned, verbose),
        By::Package => sections(out, scanned, verbose, |group| (0, package(group))),
        By::Layer => sections(out, scanned, verbose, |group| layer(scanned, group)),
    }
}

/// A heading for each that `title` gives, by its number, else in the order of risk.
fn sections(
    out: &mut String,
    scanned: &Scanned,
    verbose: bool,
    title: impl Fn(&Group<'_>) -> (u32, String),
) -> fmt::Result {
    let mut sections: Vec<((u32, String), Vec<Group<'_>>)> = Vec::new();
    for group in grouped(scanned) {
        let key = title(&group);
        match sections.iter_mut().find(|(known, _)| *known == key) {
            Some((_, groups)) => groups.push(group),
            None => sections.push((key, vec![group])),
        }
    }
    sections.sort_by_key(|((number, _), _)| *number);
    for ((_, title), groups) in sections {
        writeln!(out, "{}", Tone::Strong.set(&title))?;
        groups.iter().try_for_each(|group| entry(out, scanned, group, verbose))?;
    }
    Ok(())
}

fn package(group: &Group<'_>) -> String {
    let by = group.found.first().map(|found| format!("{} {}", found.by.0, found.by.1));
    escaped(&by.unwrap_or_default()).into_owned()
}

/// The layer that brought the first of the packages, lowest first; of an SBOM what it states.
fn layer(scanned: &Scanned, group: &Group<'_>) -> (u32, String) {
    let reading = &scanned.reading;
    let Some(at) = group.found.first().map(|found| found.package as usize) else { return (0, String::new()) };
    if let Some(claims) = &reading.claims {
        let stated = claims.whereabouts.get(at).and_then(|place| place.layer.as_deref());
        return (0, stated.map_or("no layer is stated".to_owned(), |layer| format!("layer {}", escaped(layer))));
    }
    let number = reading.facts.packages.get(at).map_or(0, |package| package.proof().layer);
    (number, layer_words(scanned, number))
}

/// `layer 3 of 7, RUN make`.
fn layer_words(scanned: &Scanned, number: u32) -> String {
    let count = scanned.reading.facts.layers.len();
    let config = scanned.reading.image.config.as_ref();
    let by = config.and_then(|config| instruction(config, count, number));
    let by = by.map_or(String::new(), |text| format!(", {}", escaped(&text)));
    format!("layer {} of {count}{by}", number + 1)
}

fn actions(out: &mut String, scanned: &Scanned, verbose: bool) -> fmt::Result {
    let steps = scanned.steps();
    let mut open = 0;
    for step in &steps {
        open += step.removes.len() + step.leaves.len();
        one(out, scanned, step, verbose)?;
    }
    let (gone, updates) = (
        steps.iter().map(|step| step.removes.len()).sum::<usize>(),
        steps.iter().filter(|step| step.to.is_some()).count(),
    );
    if open > 0 {
        writeln!(out, "\n{gone} of {open} open go with {}", crate::failure::count(updates, "update"))?;
    }
    Ok(())
}

fn one(out: &mut String, scanned: &Scanned, step: &Step<'_>, verbose: bool) -> fmt::Result {
    let what = format!("{} {}", escaped(step.name), escaped(step.version));
    match step.to {
        Some(to) => {
            writeln!(out, "{}", Tone::Strong.set(&format!("update {what} to {}", escaped(to))))?;
            writeln!(out, "  removes {}", listed(&step.removes, verbose))?;
        }
        None => writeln!(out, "{}", Tone::Strong.set(&format!("no update for {what}")))?,
    }
    if !step.leaves.is_empty() {
        writeln!(out, "  leaves {}", listed(&step.leaves, verbose))?;
    }
    if scanned.reading.claims.is_none() {
        let packages = &scanned.reading.facts.packages;
        let of = |at: &u32| packages.get(*at as usize).map(|package| package.proof().layer);
        let mut layers: Vec<u32> = step.packages.iter().filter_map(of).collect();
        layers.sort_unstable();
        layers.dedup();
        for number in layers {
            writeln!(out, "  {}", Tone::Faint.set(&layer_words(scanned, number)))?;
        }
    }
    Ok(())
}

/// `3 (1 high, 2 low): CVE-1, CVE-2, CVE-3`.
fn listed(all: &[&Vulnerability], verbose: bool) -> String {
    let most = if verbose { usize::MAX } else { NAMED };
    let names: Vec<_> = all.iter().take(most).map(|v| escaped(&v.id).into_owned()).collect();
    let more = all.len().saturating_sub(most);
    let more = if more > 0 { format!(", {more} more (-v)") } else { String::new() };
    let counts = tally(all.iter().map(|v| v.rating.severity)).join(", ");
    format!("{} ({counts}): {}{more}", all.len(), names.join(", "))
}
