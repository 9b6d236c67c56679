//! What became of the references, for people: by file, what changed and what was left and why.

use super::diff;
use super::pin_v1::{outcome, why};
use crate::failure::count;
use crate::ops::pin::{Fate, Mode, Place, Report};
use crate::printer::Tone;
use model::escaped;
use std::fmt::Write;

/// Everything that was done, and what was not.
pub(crate) fn write(report: &Report, mode: Mode, dry: bool, verbose: bool) -> String {
    let mut out = String::new();
    for file in &report.files {
        let shown: Vec<&Place> = file.places.iter().filter(|p| verbose || is_news(&p.fate)).collect();
        if shown.is_empty() && file.trouble.is_none() {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", Tone::Strong.set(&escaped(&file.path)));
        for place in shown {
            row(&mut out, place);
        }
        if let Some(trouble) = &file.trouble {
            let _ = writeln!(out, "  {} {}", Tone::Bad.set("not changed:"), escaped(trouble));
        }
    }
    for unread in &report.unread {
        let _ = writeln!(
            out,
            "{}\n  {} {}",
            Tone::Strong.set(&escaped(&unread.path)),
            Tone::Bad.set("not read:"),
            unread.why
        );
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&summary(report, mode, dry));
    out
}

/// Whether people want to hear of it unasked.
fn is_news(fate: &Fate) -> bool {
    !matches!(fate, Fate::Kept)
}

fn row(out: &mut String, place: &Place) {
    let tone = match &place.fate {
        Fate::Pinned(_) | Fate::Updated { .. } => Tone::Good,
        Fate::Kept | Fate::Left(_) => Tone::Faint,
        Fate::Moved(_) | Fate::Narrow(_) | Fate::Unsure(_) => Tone::Warn,
        Fate::Unpinned | Fate::Broken(_) | Fate::Failed(_) => Tone::Bad,
    };
    let place_of = format!("{}:{}", place.position.line, place.position.column);
    let word = tone.set(&format!("{:<8}", outcome(&place.fate)));
    let written = clipped(&place.mention.written);
    // Of a variable people want to know what it stands for.
    let stands = place.mention.reference().map(|r| clipped(r.as_typed())).filter(|typed| *typed != written);
    let meant = stands.map(|typed| format!(" ({typed})")).unwrap_or_default();
    let _ = write!(out, "  {place_of:>7}  {word} {written}{meant}");
    let _ = match &place.fate {
        Fate::Pinned(to) => write!(out, " to {to}"),
        Fate::Updated { tag, digest } => write!(out, " to {}, {digest}", escaped(tag)),
        fate => match why(fate) {
            Some(why) => write!(out, ": {}", escaped(why)),
            None => Ok(()),
        },
    };
    // A mirror may serve what the registry served last week.
    let said_by = place.mirror.as_ref().map(|host| format!(", says the mirror {}", escaped(host)));
    let _ = writeln!(out, "{}", said_by.unwrap_or_default());
}

/// The first line of what is written there, harmless.
fn clipped(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let head: String = line.chars().take(120).collect();
    let more = if head.len() < text.len() { "…" } else { "" };
    format!("{}{more}", escaped(&head))
}

fn summary(report: &Report, mode: Mode, dry: bool) -> String {
    let files = report.files.iter().filter(|f| f.after.is_some()).count();
    let pinned = count_of(report, "pinned");
    let mut said = match mode {
        Mode::Check => vec![format!("{} in {}", count(total(report), "reference"), count(report.files.len(), "file"))],
        _ if dry => vec![format!("{pinned} would be pinned in {}", count(files, "file"))],
        _ => vec![format!("{pinned} pinned in {}", count(files, "file"))],
    };
    for word in ["kept", "moved", "narrow", "unsure", "left", "unpinned", "broken", "failed"] {
        let number = count_of(report, word);
        if number > 0 {
            let words = match word {
                "kept" => "pinned already",
                "left" => "left alone",
                "narrow" => "for one platform",
                other => other,
            };
            said.push(format!("{number} {words}"));
        }
    }
    let unread = report.unread.len() + report.files.iter().filter(|f| f.trouble.is_some()).count();
    if unread > 0 {
        said.push(format!("{} not done", count(unread, "file")));
    }
    format!("{}\n", said.join(", "))
}

fn total(report: &Report) -> usize {
    report.files.iter().map(|f| f.places.len()).sum()
}

/// How many references came to this.
pub(super) fn count_of(report: &Report, word: &str) -> usize {
    report.files.iter().flat_map(|f| &f.places).filter(|p| outcome(&p.fate) == word).count()
}

/// What would change, as a patch; control characters are shown, so a text that holds some is no patch.
pub(crate) fn patch(report: &Report) -> String {
    let edited = report.files.iter().filter_map(|f| Some((f, f.after.as_ref()?)));
    edited.map(|(file, after)| harmless(&diff::unified(&file.path, &file.before, after))).collect()
}

/// Line ends and tabs as they are, anything else that a terminal would obey escaped.
fn harmless(text: &str) -> String {
    let kept = |c: char| matches!(c, '\n' | '\r' | '\t');
    text.split_inclusive(kept)
        .map(|piece| {
            let body = piece.trim_end_matches(kept);
            format!("{}{}", escaped(body), &piece[body.len()..])
        })
        .collect()
}
