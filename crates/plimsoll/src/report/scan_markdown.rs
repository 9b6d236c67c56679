//! A scan as Markdown, for a comment on a change or a page of a wiki (GitHub's flavour: tables).

use super::scan_lines::{Line, lines};
use super::scan_table::tally;
use crate::ops::Scanned;
use model::{Disposition, Verdict, escaped};
use std::fmt::{self, Write};

/// All targets, a section each.
pub(crate) fn write(all: &[Scanned]) -> String {
    let mut out = String::new();
    for scanned in all {
        // Writing to a String cannot fail.
        let _ = section(&mut out, scanned);
    }
    out
}

fn section(out: &mut String, scanned: &Scanned) -> fmt::Result {
    let verdict = scanned.evaluation.verdict;
    writeln!(out, "### {}\n", text(&scanned.reading.image.target))?;
    let (open, decided): (Vec<_>, Vec<_>) = lines(scanned).partition(|line| line.disposition() == Disposition::Open);
    let mut counts = tally(open.iter().map(Line::rated));
    if !decided.is_empty() {
        counts.push(format!("{} decided about", decided.len()));
    }
    let none = match verdict {
        Verdict::Inconclusive => "nothing was found in what could be judged",
        _ => "no known vulnerabilities",
    };
    let counts = if counts.is_empty() { none.to_owned() } else { counts.join(", ") };
    let subject = scanned.reading.image.subject.map_or(String::new(), |subject| format!(" `{}`", subject.digest()));
    writeln!(out, "**{}**: {counts}{subject}\n", verdict.word())?;
    if scanned.reading.claims.is_some() {
        writeln!(out, "As an SBOM claims; no image was read.\n")?;
    }
    table(out, &open, "fixed in", |line| text(&line.fix()))?;
    table(out, &decided, "decided", |line| line.ruling().map_or(String::new(), |ruling| text(&ruling.to_string())))?;
    let gaps: Vec<_> = scanned.evaluation.unknowns.iter().filter(|unknown| unknown.kind.blocks()).collect();
    for unknown in &gaps {
        writeln!(out, "- could not be judged: {}", text(&unknown.to_string()))?;
    }
    if gaps.is_empty() { Ok(()) } else { writeln!(out) }
}

fn table(out: &mut String, rows: &[Line<'_>], last: &str, cell: impl Fn(&Line<'_>) -> String) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "| severity | vulnerability | package | version | {last} |\n|---|---|---|---|---|")?;
    for line in rows {
        let mut severity = line.severity().to_owned();
        if line.exploited().is_some() {
            severity.push_str(", exploited");
        }
        if line.is_known() {
            severity.push_str(", known before");
        }
        let (name, version) = line.by;
        let cells = [severity, text(&line.vulnerability.id), text(name), text(version), cell(line)];
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    writeln!(out)
}

/// Text that is nothing but text in Markdown: no markup, no HTML, no cell's or line's end.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in escaped(raw).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A name must call nobody and link to no issue.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_name_is_no_markup() {
        assert_eq!(text("a|b\n<img src=x>`c`"), "a\\|b\\\\n&lt;img src=x&gt;\\`c\\`");
        assert_eq!(text("[x](http://y) @ann #1"), "\\[x\\](http://y) &#64;ann &#35;1");
        assert_eq!(text("openssl 3.0.11-1~deb12u1"), "openssl 3.0.11-1\\~deb12u1");
    }
}
