//! What one distribution requires (<https://packaging.python.org/en/latest/specifications/dependency-specifiers/>).
//!
//! Versions are not compared: pip did that when it installed. Names, extras and markers are read.

use super::metadata::{is_name, normalise};

/// One requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Requirement {
    /// The normalised name.
    pub(super) name: String,
    /// The extras asked for, normalised.
    pub(super) extras: Vec<String>,
    /// When it holds; empty for always.
    pub(super) marker: String,
}

/// Requirements read of one `requires.txt`.
const LINES: usize = 20_000;

impl Requirement {
    /// Reads `NAME[EXTRA,…] (SPECIFIERS) ; MARKER`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c)).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let rest = rest.trim_start();
        let (extras, rest) = match rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((extras, rest)) => (extras, rest.trim_start()),
            None => ("", rest),
        };
        let semicolon = if rest.starts_with('@') { rest.find(" ;").map(|at| at + 1) } else { rest.find(';') };
        let marker = semicolon.map_or("", |at| rest[at + 1..].trim());
        let extras = extras.split(',').map(|extra| normalise(extra.trim())).filter(|extra| !extra.is_empty());
        is_name(name).then(|| Self { name: normalise(name), extras: extras.collect(), marker: marker.to_owned() })
    }
}

/// Reads setuptools' `requires.txt`: requirements in sections `[EXTRA:MARKER]`, either of which may be missing.
pub(super) fn sections(text: &str) -> Vec<Requirement> {
    let mut out = Vec::new();
    let mut condition = String::new();
    for line in text.lines().map(str::trim).take(LINES) {
        match line.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
            Some(section) => condition = of_section(section),
            None => out.extend(Requirement::read(line).map(|one| one.under(&condition))),
        }
    }
    out
}

fn of_section(section: &str) -> String {
    let (extra, marker) = section.split_once(':').unwrap_or((section, ""));
    let extra = if extra.is_empty() { String::new() } else { format!("extra == '{}'", extra.replace('\'', "")) };
    match (extra.as_str(), marker) {
        (one, "") | ("", one) => one.to_owned(),
        (extra, marker) => format!("({marker}) and {extra}"),
    }
}

impl Requirement {
    fn under(mut self, condition: &str) -> Self {
        self.marker = match (self.marker.as_str(), condition) {
            (one, "") | ("", one) => one.to_owned(),
            (marker, condition) => format!("({marker}) and ({condition})"),
        };
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let show = |r: Requirement| format!("{} [{}] {}", r.name, r.extras.join(","), r.marker);
        assert_eq!(Requirement::read(text).map_or("-".into(), show), expected, "{text}");
    }

    #[test]
    fn requirements() {
        check("Foo.Bar", "foo-bar [] ");
        check("foo>=1,<2", "foo [] ");
        check("foo (>=1) ; python_version < '3'", "foo [] python_version < '3'");
        check("foo[a, B_c]>=1;extra=='x'", "foo [a,b-c] extra=='x'");
        check("foo @ https://x/y;z ; os_name == 'nt'", "foo [] os_name == 'nt'");
        check("foo[", "foo [] ");
        check("", "-");
        check("-foo", "-");
        check("\u{e9}t\u{e9}", "-");
    }

    #[test]
    fn sections_of_setuptools() {
        let text = "a\nb>=1\n\n[:python_version<'3']\nc\n\n[x]\nd; os_name=='nt'\n\n[y:sys_platform=='linux']\ne";
        let all: Vec<String> = sections(text).into_iter().map(|r| format!("{} {}", r.name, r.marker)).collect();
        assert_eq!(
            all.join("|"),
            "a |b |c python_version<'3'|d (os_name=='nt') and (extra == 'x')|e (sys_platform=='linux') and extra == 'y'"
        );
    }
}
