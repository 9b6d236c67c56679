//! The grammar of os-release(5): assignments as a shell reads them, without expansion.

use super::OsRelease;
use model::{Unknown, UnknownKind};

/// Values longer than this are no names or versions.
const VALUE: usize = 1024;
/// Bad lines that are reported one by one.
const BAD_LINES: usize = 10;

pub(super) struct Parsed {
    /// `None` if no line is an assignment. The id may be empty.
    pub(super) release: Option<OsRelease>,
    pub(super) unknowns: Vec<Unknown>,
}

pub(super) fn parse(text: &[u8]) -> Parsed {
    let mut release = OsRelease::default();
    let mut unknowns = Vec::new();
    let mut any = false;
    let mut offset = 0;
    for line in text.split(|&b| b == b'\n') {
        let at = offset;
        offset += line.len() as u64 + 1;
        let line = line.trim_ascii();
        if line.is_empty() || line[0] == b'#' {
            continue;
        }
        match assignment(line) {
            Some((name, value)) => {
                any = true;
                assign(&mut release, name, value);
            }
            None if unknowns.len() < BAD_LINES => {
                unknowns.push(Unknown::new(UnknownKind::BadRecord, "a line that is no assignment").byte(at));
            }
            None => {}
        }
    }
    if !any && unknowns.is_empty() {
        unknowns.push(Unknown::new(UnknownKind::BadRecord, "a release file that states nothing"));
    }
    Parsed { release: any.then_some(release), unknowns }
}

fn assign(release: &mut OsRelease, name: &str, value: String) {
    let value = Some(value).filter(|v| !v.is_empty());
    match name {
        "ID" => release.id = value.map(|id| id.to_ascii_lowercase()).unwrap_or_default(),
        "ID_LIKE" => {
            release.id_like = value.unwrap_or_default().split_ascii_whitespace().map(str::to_ascii_lowercase).collect();
        }
        "VERSION_ID" => release.version_id = value,
        "VERSION_CODENAME" => release.codename = value,
        "PRETTY_NAME" => release.pretty_name = value,
        _ => {}
    }
}

/// `NAME=value`; other characters than the spec allows in names make it no assignment.
pub(super) fn assignment(line: &[u8]) -> Option<(&str, String)> {
    let line = std::str::from_utf8(line).ok()?;
    let (name, value) = line.split_once('=')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(is_name) || value.len() > VALUE {
        return None;
    }
    Some((name, unquote(value)?))
}

/// One word of a shell: quoted pieces and bare ones side by side, a comment after it.
fn unquote(value: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => loop {
                match chars.next()? {
                    '\'' => break,
                    c => out.push(c),
                }
            },
            '"' => loop {
                match chars.next()? {
                    '"' => break,
                    '\\' => match chars.next()? {
                        c @ ('"' | '\\' | '$' | '`') => out.push(c),
                        c => out.extend(['\\', c]),
                    },
                    c => out.push(c),
                }
            },
            '\\' => out.push(chars.next()?),
            ' ' | '\t' => {
                let rest = chars.as_str().trim_start();
                return (rest.is_empty() || rest.starts_with('#')).then_some(out);
            }
            ';' | '&' | '|' | '<' | '>' | '(' | ')' | '`' | '$' => return None,
            c => out.push(c),
        }
    }
    (!out.chars().any(char::is_control)).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expected: Option<&str>) {
        assert_eq!(unquote(value).as_deref(), expected, "{value}");
    }

    #[test]
    fn quotes_as_a_shell_reads_them() {
        check("debian", Some("debian"));
        check("\"Debian GNU/Linux 12 (bookworm)\"", Some("Debian GNU/Linux 12 (bookworm)"));
        check("'12'", Some("12"));
        check("\"a \\\"b\\\" \\$c \\\\ \\` \\n\"", Some("a \"b\" $c \\ ` \\n"));
        check("'a\\b'", Some("a\\b"));
        check("a\\ b", Some("a b"));
        check("\"a\"'b'c", Some("abc"));
        check("12 # comment", Some("12"));
        check("", Some(""));
    }

    #[test]
    fn what_is_no_word() {
        for bad in ["\"open", "'open", "a b", "end\\", "$HOME", "a;b", "\"x\\", "`id`", "\"a\u{1b}[2J\""] {
            check(bad, None);
        }
    }
}
