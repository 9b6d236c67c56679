//! The patterns of `${x#…}`, `${x%…}` and `${x/…/…}`: `*`, `?`, and `\` before one of them; no brackets.

use regex::Regex;

/// `value` without what `pattern` matches at its start, the longest or the shortest; `None` if it is no pattern.
pub(super) fn cut_start(value: &str, pattern: &str, longest: bool) -> Option<String> {
    let found = regex(pattern, longest, true)?.find(value).map_or(0, |found| found.end());
    Some(value[found..].to_owned())
}

/// The same at its end. Both are turned round, because expressions look from the left.
pub(super) fn cut_end(value: &str, pattern: &str, longest: bool) -> Option<String> {
    let backwards = |text: &str| text.chars().rev().collect::<String>();
    cut_start(&backwards(value), &turned(pattern), longest).map(|cut| backwards(&cut))
}

/// `value` with what `pattern` matches replaced, once or everywhere. `$` in the replacement means what Go makes of it
/// only when all are replaced.
pub(super) fn replace(value: &str, pattern: &str, replacement: &str, all: bool) -> Option<String> {
    let regex = regex(pattern, true, false)?;
    if all {
        return Some(regex.replace_all(value, replacement).into_owned());
    }
    Some(regex.replacen(value, 1, regex::NoExpand(replacement)).into_owned())
}

/// A pattern from right to left; an escape stays before what it escapes.
fn turned(pattern: &str) -> String {
    let mut pieces: Vec<String> = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next() } else { None };
        pieces.push([c].into_iter().chain(escaped).collect());
    }
    pieces.into_iter().rev().collect()
}

fn regex(pattern: &str, longest: bool, at_start: bool) -> Option<Regex> {
    let mut text = String::from(if at_start { "^" } else { "" });
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '*' => text.push_str(if longest { ".*" } else { ".*?" }),
            '?' => text.push('.'),
            '\\' => match chars.peek() {
                Some('}' | '/') => {}
                Some(next @ ('*' | '?' | '\\')) => {
                    text.push('\\');
                    text.push(*next);
                    chars.next();
                }
                _ => return None,
            },
            _ => text.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    Regex::new(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_their_order() {
        assert_eq!(cut_end("a*b", r"\*b", false).as_deref(), Some("a"));
        assert_eq!(cut_start("a.b.c", "?.", false).as_deref(), Some("b.c"));
        assert_eq!(cut_start("ab", r"\q", false), None);
        assert_eq!(replace("a+a", "+", "$0", false).as_deref(), Some("a$0a"));
    }
}
