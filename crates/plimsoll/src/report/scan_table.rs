//! A scan for people: one line a vulnerability of a source package, worst first; with `-v` who says so and where it is.

use super::decisions::{self, Log};
use super::scan_by::{self, By};
use crate::failure::count;
use crate::ops::Scanned;
use crate::printer::Tone;
use advisories::matching::risk;
use advisories::scan::Found;
use documents::claims::Claims;
use model::{Package, Ruling, Severity, Verdict, escaped};
use practices::{instruction, severity_word};
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// Reasons for not judging that are shown, and packages of each.
const SHOWN: usize = 5;

/// All targets.
pub(crate) fn write(all: &[Scanned], log: Option<&Log<'_>>, by: By, verbose: bool) -> String {
    let mut out = String::new();
    for (i, one) in all.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        // Writing to a String cannot fail.
        let _ = target(&mut out, one, by, verbose);
    }
    out.push_str(&decisions::write(log, verbose));
    out
}

fn target(out: &mut String, scanned: &Scanned, by: By, verbose: bool) -> fmt::Result {
    let (reading, scan) = (&scanned.reading, &scanned.scan);
    writeln!(out, "{}", Tone::Strong.set(&escaped(&reading.image.target)))?;
    let os = reading.facts.os.as_ref().map_or("no distribution".to_owned(), |os| os.distro());
    let inside = match scan.judged_by_distribution {
        0 => String::new(),
        n => format!(", {} inside them judged by the distribution", count(n, "package")),
    };
    writeln!(out, "  {}, {} judged{inside}\n", escaped(&os), count(scan.judged, "package"))?;
    if let Some(claims) = &reading.claims {
        writeln!(out, "{}\n", Tone::Faint.set(&escaped(&format!("  {}", claimed(claims)))))?;
    }
    scan_by::write(out, scanned, by, verbose)?;
    unjudged(out, scanned, verbose)?;
    let unknowns: Vec<_> = scanned.evaluation.unknowns.iter().filter(|u| u.kind.blocks()).collect();
    if !unknowns.is_empty() {
        writeln!(out, "\n{}", Tone::Warn.set("could not be judged, so nothing can be said of it:"))?;
        unknowns.iter().try_for_each(|unknown| writeln!(out, "  {unknown}"))?;
    }
    verdict(out, scanned)
}

/// One vulnerability of a source package, what was decided about it, and with `verbose` who says so.
pub(super) fn entry(out: &mut String, scanned: &Scanned, group: &Group<'_>, verbose: bool) -> fmt::Result {
    row(out, scanned, group)?;
    if let Some(ruling) = group.ruling() {
        writeln!(out, "           {}", Tone::Faint.set(&ruling.to_string()))?;
    }
    if let Some(lapsed) = group.said.and_then(|s| s.lapsed.as_ref()) {
        writeln!(out, "           {}", Tone::Warn.set(lapsed))?;
    }
    if verbose { detail(out, scanned, &group.found) } else { Ok(()) }
}

/// Who says what is there: an SBOM is a claim.
fn claimed(claims: &Claims) -> String {
    let mut out = format!("as {} claims", claims.form);
    if !claims.tools.is_empty() {
        out += &format!(", made by {}", claims.tools.join(", "));
    }
    out += &claims.made.iter().map(|made| format!(", {made}")).collect::<String>();
    out += &claims.name.iter().map(|name| format!(", about {name}")).collect::<String>();
    out + &claims.subject.iter().map(|subject| format!(" {subject}")).collect::<String>()
}

/// A vulnerability of all packages of one source, of which the same was decided.
pub(super) struct Group<'s> {
    pub(super) found: Vec<&'s Found>,
    pub(super) said: Option<&'s practices::decisions::Found>,
    /// Whether the baseline has it too.
    pub(super) known: bool,
}

impl<'s> Group<'s> {
    /// The decision in force.
    pub(super) fn ruling(&self) -> Option<&'s Ruling> {
        self.said?.ruling.as_ref()
    }
}

/// All binary packages of a source with the same vulnerability; open ones first, of each the worst.
pub(super) fn grouped(scanned: &Scanned) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<_, Group<'_>> = BTreeMap::new();
    for (at, one) in scanned.scan.found.iter().enumerate() {
        let said = scanned.decided.as_ref().and_then(|d| d.found.get(at));
        let key = (one.by.0.as_str(), one.by.1.as_str(), one.vulnerability.id.as_str(), said);
        let known = || scanned.baseline.as_ref().is_some_and(|known| known.has(&one.vulnerability, &one.by.0));
        groups.entry(key).or_insert_with(|| Group { found: Vec::new(), said, known: known() }).found.push(one);
    }
    let mut groups: Vec<Group<'_>> = groups.into_values().collect();
    let worst = |group: &Group<'_>| group.found.first().map_or((false, 0.0, 0.0), |f| risk(&f.vulnerability));
    // Stable: within one risk by package and number.
    groups.sort_by(|a, b| worst(b).partial_cmp(&worst(a)).unwrap_or(std::cmp::Ordering::Equal));
    groups.sort_by_key(|group| (group.ruling().is_some(), group.known));
    groups
}

fn row(out: &mut String, scanned: &Scanned, group: &Group<'_>) -> fmt::Result {
    let Some(found) = group.found.first() else { return Ok(()) };
    let v = &found.vulnerability;
    let fix = match (&v.fix, v.note.as_str()) {
        (Some(fix), _) => format!("fixed in {}", escaped(fix)),
        (None, "") => "no fix".to_owned(),
        (None, note) => format!("no fix, {}", escaped(note)),
    };
    let mut marks = if group.known { ", known before".to_owned() } else { String::new() };
    if let Some(known) = &v.known {
        marks.push_str(if known.exploited_since.is_some() { ", exploited" } else { "" });
        known.epss.iter().for_each(|epss| marks.push_str(&format!(", EPSS {epss:.3}")));
    }
    let mut names: Vec<&str> = packages(scanned, &group.found).map(|p| p.name.as_str()).collect();
    names.dedup();
    let binaries = if names == [found.by.0.as_str()] { String::new() } else { format!(" ({})", names.join(", ")) };
    writeln!(
        out,
        "{} {:<17} {} {}{}  {fix}{marks}",
        severity(v.rating.severity),
        escaped(&v.id),
        escaped(&found.by.0),
        escaped(&found.by.1),
        escaped(&binaries)
    )
}

fn packages<'s>(scanned: &'s Scanned, group: &'s [&Found]) -> impl Iterator<Item = &'s Package> {
    group.iter().filter_map(|f| scanned.reading.facts.packages.get(f.package as usize))
}

fn detail(out: &mut String, scanned: &Scanned, group: &[&Found]) -> fmt::Result {
    let Some(found) = group.first() else { return Ok(()) };
    let v = &found.vulnerability;
    if !v.summary.is_empty() {
        writeln!(out, "           {}", escaped(&v.summary))?;
    }
    if !v.aliases.is_empty() {
        writeln!(out, "           also {}", escaped(&v.aliases.join(", ")))?;
    }
    for said in &v.said {
        let place = if said.repository.is_empty() { String::new() } else { format!(" in {}", said.repository) };
        writeln!(
            out,
            "           {} ({}) of {}: {}{}",
            escaped(&said.id),
            said.source,
            escaped(&found.world),
            escaped(&said.range),
            escaped(&place)
        )?;
    }
    if !v.rating.by.is_empty() {
        writeln!(out, "           rated by {}", escaped(&v.rating.by))?;
    }
    if let Some(claims) = &scanned.reading.claims {
        return claimed_places(out, scanned, claims, group);
    }
    let count = scanned.reading.facts.layers.len();
    for package in packages(scanned, group) {
        let layer = package.proof().layer;
        let config = scanned.reading.image.config.as_ref();
        let by =
            config.and_then(|c| instruction(c, count, layer)).map_or(String::new(), |i| format!(", {}", escaped(&i)));
        writeln!(
            out,
            "           {} by {}, layer {} of {count}{by}",
            escaped(&package.name),
            package.proof().path,
            layer + 1
        )?;
    }
    Ok(())
}

/// Where a document says that the packages are.
fn claimed_places(out: &mut String, scanned: &Scanned, claims: &Claims, group: &[&Found]) -> fmt::Result {
    for (package, found) in packages(scanned, group).zip(group) {
        let place = claims.whereabouts.get(found.package as usize);
        let layer = place.and_then(|p| p.layer.as_ref()).map_or(String::new(), |layer| format!(", layer {layer}"));
        let by = place.and_then(|p| p.instruction.as_ref()).map_or(String::new(), |by| format!(", {by}"));
        let (name, rest) = (escaped(&package.name), format!("{layer}{by}"));
        writeln!(out, "           {name} by {}{}", package.proof().path, escaped(&rest))?;
    }
    Ok(())
}

fn unjudged(out: &mut String, scanned: &Scanned, verbose: bool) -> fmt::Result {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in &scanned.scan.unjudged {
        let package = scanned.reading.facts.packages.get(row.package as usize);
        let name = package.map_or(String::new(), |p| format!("{} {}", p.name, p.version));
        reasons.entry(&row.what.why).or_default().push(name);
    }
    if reasons.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", Tone::Faint.set("could not be judged:"))?;
    let most = if verbose { usize::MAX } else { SHOWN };
    for (why, names) in reasons.iter().take(most) {
        let shown = names.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(most);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(out, "  {}{more}: {}", escaped(&shown), escaped(why))?;
    }
    match reasons.len().saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more reasons (-v shows them)"),
    }
}

/// Unknown is a word of its own.
fn severity(severity: Option<Severity>) -> String {
    let tone = match severity {
        Some(Severity::Critical | Severity::High) => Tone::Bad,
        None | Some(Severity::Medium) => Tone::Warn,
        Some(Severity::Low | Severity::Info) => Tone::Faint,
    };
    tone.set(&format!("{:<10}", severity_word(severity)))
}

/// How many of each severity, the worst first: `3 high`, `1 unknown`.
pub(super) fn tally(all: impl Iterator<Item = Option<Severity>>) -> Vec<String> {
    let mut numbers: BTreeMap<Option<Severity>, usize> = BTreeMap::new();
    all.for_each(|severity| *numbers.entry(severity).or_default() += 1);
    let order = Severity::ALL.into_iter().rev().map(Some).chain([None]);
    order.filter_map(|severity| Some(format!("{} {}", numbers.get(&severity)?, severity_word(severity)))).collect()
}

fn verdict(out: &mut String, scanned: &Scanned) -> fmt::Result {
    let (decided, groups): (Vec<_>, Vec<_>) = grouped(scanned).into_iter().partition(|g| g.ruling().is_some());
    let (known, groups): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| group.known);
    let found = groups.iter().filter_map(|group| group.found.first());
    let mut counts = tally(found.map(|found| found.vulnerability.rating.severity));
    if !known.is_empty() {
        counts.push(format!("{} known before", known.len()));
    }
    if !decided.is_empty() {
        counts.push(format!("{} decided about", decided.len()));
    }
    let tone = match scanned.evaluation.verdict {
        Verdict::Pass => Tone::Good,
        Verdict::Fail => Tone::Bad,
        Verdict::Inconclusive => Tone::Warn,
    };
    let none = match scanned.evaluation.verdict {
        // What could not be judged may have all of them.
        Verdict::Inconclusive => "nothing was found in what could be judged",
        _ => "no known vulnerabilities",
    };
    let counts = if counts.is_empty() { none.to_owned() } else { counts.join(", ") };
    writeln!(out, "\n{} {counts}", tone.set(&format!("{}:", scanned.evaluation.verdict.word())))
}
