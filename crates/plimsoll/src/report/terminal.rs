//! For people: what is wrong first, then what to do, readable without colour.

use super::inspect_v1::stored_bytes;
use crate::failure::{Bytes, count};
use crate::ops::{Checked, Looked, Reading};
use crate::printer::Tone;
use facts::os::OsRelease;
use model::{Disposition, Finding, Severity, TextPlace, Verdict, escaped};
use practices::lint::HIDDEN;
use practices::{RULES, instruction};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Findings of one rule that are shown in full unless more is asked for.
const SHOWN: usize = 3;

/// The verdict over each target, with its findings.
pub(crate) fn check(checked: &[Checked], verbose: bool) -> String {
    let mut out = String::new();
    for (i, one) in checked.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        // Writing to a String cannot fail.
        let _ = target(&mut out, one, verbose);
    }
    out
}

fn target(out: &mut String, checked: &Checked, verbose: bool) -> std::fmt::Result {
    let evaluation = &checked.evaluation;
    match &checked.looked {
        Looked::Image(reading) => headline(out, reading, true)?,
        Looked::Texts(sources) => {
            writeln!(out, "{}", Tone::Strong.set(&escaped(&checked.target)))?;
            let named = sources.texts.iter().map(|t| t.mentions.len()).sum();
            writeln!(out, "  {} in {}", count(named, "reference"), count(sources.texts.len(), "file"))?;
        }
    }
    let mut totals: BTreeMap<&str, usize> = BTreeMap::new();
    evaluation.findings.iter().for_each(|f| *totals.entry(f.code).or_default() += 1);
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    for found in &evaluation.findings {
        let count = shown.entry(found.code).or_default();
        *count += 1;
        if verbose || *count <= SHOWN {
            finding(out, checked, found)?;
        } else if *count == totals[found.code] {
            let more = format!("  {}: {} more (-v shows them)", found.code, *count - SHOWN);
            writeln!(out, "\n{}", Tone::Faint.set(&more))?;
        }
    }
    gaps(out, checked, verbose)?;
    not_checked(out, checked, verbose)?;
    verdict(out, checked)
}

fn headline(out: &mut String, reading: &Reading, with_subject: bool) -> std::fmt::Result {
    let (image, facts) = (&reading.image, &reading.facts);
    writeln!(out, "{}", Tone::Strong.set(&escaped(&image.target)))?;
    if let Some(subject) = image.subject.filter(|_| with_subject) {
        writeln!(out, "  {subject}")?;
    }
    let os = facts.os.as_ref().map_or_else(|| "no distribution named".to_owned(), distribution);
    writeln!(out, "  {}, {}, {}", image.platform, escaped(&os), extent(reading))
}

/// How much the image holds, as far as it was read: `212 packages in 7 layers, 180 MB of files`.
pub(crate) fn extent(reading: &Reading) -> String {
    let facts = &reading.facts;
    let packages = count(facts.packages.len(), "package");
    let layers = count(facts.layers.len(), "layer");
    match reading.unread.len() {
        0 => format!("{packages} in {layers}, {} of files", Bytes(facts.visible_bytes)),
        unread => format!("{packages} in what was read of {layers} ({unread} could not be)"),
    }
}

/// Its own name for itself, else its id and version.
fn distribution(os: &OsRelease) -> String {
    let plain = || [Some(os.id.as_str()), os.version_id.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    os.pretty_name.clone().unwrap_or_else(plain)
}

fn finding(out: &mut String, checked: &Checked, finding: &Finding) -> std::fmt::Result {
    let name = practices::find(finding.code).map_or("", |rule| rule.name);
    let severity = severity(finding.severity);
    writeln!(out, "\n{severity} {} {name}", Tone::Strong.set(finding.code))?;
    writeln!(out, "  {}", finding.message)?;
    if let Some(place) = &finding.place.text {
        excerpt(out, checked, place, finding.proof != HIDDEN)?;
    }
    labelled(out, "proof", &finding.proof)?;
    match &finding.ruling {
        Some(ruling) => labelled(out, "decided", &ruling.to_string()),
        None => labelled(out, "remedy", &finding.remedy),
    }
}

/// The place in a text; if it may be shown, also its line, and what of it is meant.
fn excerpt(out: &mut String, checked: &Checked, place: &TextPlace, shown: bool) -> std::fmt::Result {
    writeln!(out, "  {}", Tone::Faint.set(&format!("{}:{}:{}", escaped(&place.path), place.line, place.column)))?;
    let Some(line) = checked.line(&place.path, place.line).filter(|_| shown) else { return Ok(()) };
    let start = (place.column as usize).saturating_sub(1);
    let meant = if place.end_line == place.line { place.end_column.saturating_sub(place.column) } else { 1 };
    // Lines as long as those of minified texts are cut around what is meant.
    let from = start.saturating_sub(60);
    let text: String = line.chars().skip(from).filter(|c| *c != '\u{feff}').take(120).collect();
    let before: String = text.chars().take(start - from).collect();
    let width = |text: &str| escaped(text).chars().count();
    writeln!(out, "    {}", escaped(&text))?;
    let (pad, marks) = (" ".repeat(width(&before)), "^".repeat((meant as usize).clamp(1, 120)));
    writeln!(out, "    {pad}{}", Tone::Warn.set(&marks))
}

fn labelled(out: &mut String, label: &str, text: &str) -> std::fmt::Result {
    for (i, line) in text.lines().enumerate() {
        let label = if i == 0 { format!("{label}:") } else { String::new() };
        writeln!(out, "  {} {line}", Tone::Faint.set(&format!("{label:<7}")))?;
    }
    Ok(())
}

pub(super) fn severity(severity: Severity) -> String {
    let tone = match severity {
        Severity::Critical | Severity::High => Tone::Bad,
        Severity::Medium => Tone::Warn,
        Severity::Low | Severity::Info => Tone::Faint,
    };
    tone.set(&format!("{:<8}", severity.word()))
}

fn gaps(out: &mut String, checked: &Checked, verbose: bool) -> std::fmt::Result {
    let (blocking, coverage): (Vec<_>, Vec<_>) = checked.evaluation.unknowns.iter().partition(|u| u.kind.blocks());
    let shown = |count: usize| if verbose { count } else { count.min(10) };
    if !blocking.is_empty() {
        writeln!(out, "\n{}", Tone::Warn.set("could not be read, so nothing can be said of it:"))?;
    }
    for unknown in blocking.iter().take(shown(blocking.len())) {
        writeln!(out, "  {unknown}")?;
    }
    if blocking.len() > shown(blocking.len()) {
        writeln!(out, "  and {} more (-v shows them)", blocking.len() - shown(blocking.len()))?;
    }
    match (coverage.len(), verbose) {
        (0, _) => Ok(()),
        (1, false) => writeln!(out, "\n{}", Tone::Faint.set("1 record made no sense and was left out (-v shows it)")),
        (count, false) => writeln!(
            out,
            "\n{}",
            Tone::Faint.set(&format!("{count} records made no sense and were left out (-v shows them)"))
        ),
        (_, true) => {
            writeln!(out, "\nmade no sense and was left out:")?;
            coverage.iter().try_for_each(|unknown| writeln!(out, "  {unknown}"))
        }
    }
}

fn not_checked(out: &mut String, checked: &Checked, verbose: bool) -> std::fmt::Result {
    let rows = &checked.evaluation.not_checked;
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", Tone::Faint.set("not checked:"))?;
    for row in rows {
        let codes =
            if verbose && !row.codes.is_empty() { format!(" ({})", row.codes.join(", ")) } else { String::new() };
        writeln!(out, "  {:<10} {}{codes}", row.practice.word(), row.reason)?;
    }
    Ok(())
}

fn verdict(out: &mut String, checked: &Checked) -> std::fmt::Result {
    let evaluation = &checked.evaluation;
    let tone = match evaluation.verdict {
        Verdict::Pass => Tone::Good,
        Verdict::Fail => Tone::Bad,
        Verdict::Inconclusive => Tone::Warn,
    };
    let mut counts: Vec<String> = Vec::new();
    for severity in Severity::ALL.iter().rev() {
        let open = |f: &&Finding| f.disposition == Disposition::Open && f.severity == *severity;
        let count = evaluation.findings.iter().filter(open).count();
        if count > 0 {
            counts.push(format!("{count} {severity}"));
        }
    }
    let decided = evaluation.findings.iter().filter(|f| f.disposition != Disposition::Open).count();
    if decided > 0 {
        counts.push(format!("{decided} decided about"));
    }
    let counts = match evaluation.fail_on {
        _ if counts.is_empty() => "no findings".to_owned(),
        Severity::Critical => format!("{}; critical ones fail", counts.join(", ")),
        mildest => format!("{}; {mildest} and worse fail", counts.join(", ")),
    };
    let gaps = evaluation.unknowns.iter().any(|u| u.kind.blocks());
    let why = match evaluation.verdict {
        Verdict::Inconclusive if !gaps => ", but policy requires more than could be looked at",
        _ => "",
    };
    let off =
        if evaluation.ignored > 0 { format!("; {} turned off by comments", evaluation.ignored) } else { String::new() };
    writeln!(out, "\n{} {counts}{why}{off}", tone.set(&format!("{}:", evaluation.verdict.word())))
}

/// One line a rule.
pub(crate) fn rules() -> String {
    RULES.iter().map(|r| format!("{} {:<28} {:<8} {}\n", r.code, r.name, r.severity.word(), r.summary)).collect()
}

/// What an image is.
pub(crate) fn inspect(reading: &Reading, verbose: bool) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = whole(&mut out, reading, verbose);
    out
}

fn whole(out: &mut String, reading: &Reading, verbose: bool) -> std::fmt::Result {
    let (image, facts) = (&reading.image, &reading.facts);
    // The digests below say what most images are; a folder has none.
    headline(out, reading, image.manifest.is_none() && image.config.is_none())?;
    let digests = [
        ("index", image.index.as_ref().map(|i| i.digest())),
        ("manifest", image.manifest.as_ref().map(|m| m.digest())),
        ("config", image.config.as_ref().map(|c| c.digest())),
    ];
    for (what, digest) in digests.iter().filter_map(|(what, digest)| Some((what, (*digest)?))) {
        writeln!(out, "  {what:<9} {digest}")?;
    }
    if let Some(config) = &image.config {
        let created = config.created.as_deref().unwrap_or("not stated");
        writeln!(out, "  {:<9} {}", "created", escaped(created))?;
        let user = if config.config.user.is_empty() { "root (none is set)" } else { &config.config.user };
        writeln!(out, "  {:<9} {}", "user", escaped(user))?;
    }
    let stored = stored_bytes(reading).map_or_else(|| "not stated".to_owned(), |bytes| Bytes(bytes).to_string());
    writeln!(out, "  {:<9} {stored} stored, {}", "size", unpacked(reading))?;
    packages(out, reading)?;
    layers(out, reading, verbose)?;
    labels(out, reading)?;
    for unknown in facts.unknowns.iter().chain(&reading.unknowns).filter(|u| verbose || u.kind.blocks()) {
        writeln!(out, "{} {unknown}", Tone::Warn.set("unknown:"))?;
    }
    Ok(())
}

/// The sizes that only a reading of every layer gives.
fn unpacked(reading: &Reading) -> String {
    let plain: u64 = reading.facts.layers.iter().map(|l| l.plain_size).sum();
    let sizes = reading.of_all(format!("{} plain, {} visible", Bytes(plain), Bytes(reading.facts.visible_bytes)));
    sizes.unwrap_or_else(|| "plain and visible not known".to_owned())
}

fn packages(out: &mut String, reading: &Reading) -> std::fmt::Result {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for package in &reading.facts.packages {
        *counts.entry(package.ecosystem).or_default() += 1;
    }
    let list: Vec<String> = counts.iter().map(|(ecosystem, count)| format!("{count} {}", ecosystem.word())).collect();
    let list = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    let known = if reading.unread.is_empty() { "" } else { " in what was read" };
    writeln!(out, "  {:<9} {list}{known}", "packages")
}

fn layers(out: &mut String, reading: &Reading, verbose: bool) -> std::fmt::Result {
    writeln!(out, "\n{}", Tone::Strong.set("layers     stored      plain     hidden  instruction"))?;
    let count = reading.facts.layers.len();
    for (number, (summary, layer)) in reading.facts.layers.iter().zip(&reading.image.layers).enumerate() {
        let stored = layer.blob.as_ref().map_or_else(|| "-".to_owned(), |b| Bytes(b.size).to_string());
        let text = reading.image.config.as_ref().and_then(|c| instruction(c, count, number as u32));
        let text = text.unwrap_or_else(|| "(not stated)".to_owned());
        let text: String = if verbose { text } else { shortened(&text, 90) };
        let (plain, hidden) = match (reading.is_read(number), summary.hidden_bytes) {
            (false, _) => ("?".to_owned(), "?".to_owned()),
            (true, 0) => (Bytes(summary.plain_size).to_string(), "-".to_owned()),
            (true, hidden) => (Bytes(summary.plain_size).to_string(), Bytes(hidden).to_string()),
        };
        writeln!(out, "{:>6} {stored:>10} {plain:>10} {hidden:>10}  {text}", number + 1)?;
        if verbose {
            writeln!(out, "       {}", Tone::Faint.set(&summary.diff_id.to_string()))?;
        }
    }
    Ok(())
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}

fn labels(out: &mut String, reading: &Reading) -> std::fmt::Result {
    let none = BTreeMap::new();
    let labels = reading.image.config.as_ref().map_or(&none, |c| &c.config.labels);
    writeln!(out, "\n{}", Tone::Strong.set(if labels.is_empty() { "no labels" } else { "labels" }))?;
    labels.iter().try_for_each(|(key, value)| writeln!(out, "  {}={}", escaped(key), escaped(value)))
}
