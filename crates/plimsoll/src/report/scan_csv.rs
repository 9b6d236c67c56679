//! A scan as CSV (RFC 4180), a line a vulnerability of a source package.

use super::scan_lines::{Line, lines};
use crate::ops::Scanned;
use model::escaped;

const HEAD: [&str; 17] = [
    "target",
    "digest",
    "vulnerability",
    "aliases",
    "severity",
    "score",
    "exploited-since",
    "epss",
    "world",
    "package",
    "version",
    "fix",
    "disposition",
    "reason",
    "packages",
    "paths",
    "summary",
];

/// The table with its heading.
pub(crate) fn write(all: &[Scanned]) -> String {
    let mut out = row(&HEAD.map(str::to_owned));
    for scanned in all {
        out.extend(lines(scanned).map(|line| row(&cells(&line))));
    }
    out
}

fn cells(line: &Line<'_>) -> [String; HEAD.len()] {
    let (vulnerability, image) = (line.vulnerability, &line.scanned.reading.image);
    let (name, version) = line.by;
    let packages: Vec<&str> = line.packages().map(|package| package.purl.as_str()).collect();
    [
        image.target.clone(),
        image.subject.map_or(String::new(), |subject| subject.digest().to_string()),
        vulnerability.id.clone(),
        vulnerability.aliases.join(" "),
        line.severity().to_owned(),
        vulnerability.rating.score.map_or(String::new(), |score| format!("{score:.1}")),
        line.exploited().unwrap_or_default().to_owned(),
        line.epss().map_or(String::new(), |epss| format!("{epss:.5}")),
        line.world().to_owned(),
        name.to_owned(),
        version.to_owned(),
        vulnerability.fix.clone().unwrap_or_default(),
        line.disposition().word().to_owned(),
        line.ruling().map_or(String::new(), |ruling| ruling.to_string()),
        packages.join(" "),
        line.paths().join(" "),
        vulnerability.summary.clone(),
    ]
}

fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    cells.join(",") + "\r\n"
}

/// A cell: harmless on a terminal, quoted where it must be, and no formula, since what begins like one is run by
/// spreadsheets.
fn quoted(raw: &str) -> String {
    let mut cell = escaped(raw).into_owned();
    if cell.starts_with(['=', '+', '-', '@']) {
        cell.insert(0, '\'');
    }
    match cell.contains([',', '"', '\'', ';']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_ends_no_line_and_is_no_formula() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(quoted("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
        assert_eq!(quoted("a\r\nb"), "a\\r\\nb");
    }
}
