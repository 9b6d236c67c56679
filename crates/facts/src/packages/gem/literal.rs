//! Ruby's string literals, as far as RubyGems writes them: `"…"`, `'…'`, `%q<…>` and lists of these.

/// The text of the literal that `code` starts with, and what follows it.
pub(super) fn text(code: &str) -> Option<(String, &str)> {
    let code = code.trim_start();
    let mut chars = code.chars();
    match chars.next()? {
        '"' => double(chars.as_str()),
        '\'' => single(chars.as_str()),
        '%' => {
            let rest = chars.as_str().strip_prefix(['q', 'Q'])?;
            let open = rest.chars().next()?;
            let close = match open {
                '<' => '>',
                '{' => '}',
                '(' => ')',
                '[' => ']',
                _ => return None,
            };
            bracketed(&rest[1..], open, close)
        }
        _ => None,
    }
}

/// The texts of the list that `code` starts with, or the one text that it is.
pub(super) fn texts(code: &str) -> Vec<String> {
    const MANY: usize = 10_000;
    let Some(mut rest) = code.trim_start().strip_prefix('[') else {
        return text(code).map(|(one, _)| one).into_iter().collect();
    };
    let mut out = Vec::new();
    while let Some((one, after)) = text(rest) {
        out.push(one);
        let after = after.strip_prefix(".freeze").unwrap_or(after).trim_start();
        match after.strip_prefix(',') {
            Some(more) if out.len() < MANY => rest = more,
            _ => break,
        }
    }
    out
}

/// `String#dump`'s escapes; `\#` and `\"` among them. An escape that is no character is left out.
fn double(code: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = code.chars();
    loop {
        match chars.next()? {
            '"' => return Some((out, chars.as_str())),
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                'e' => out.push('\x1b'),
                'u' => {
                    let rest = chars.as_str();
                    let (digits, after) = match rest.strip_prefix('{') {
                        Some(inner) => inner.split_once('}')?,
                        None => rest.split_at_checked(4)?,
                    };
                    out.extend(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
                    chars = after.chars();
                }
                'x' => {
                    let (digits, after) = chars.as_str().split_at_checked(2)?;
                    out.extend(u8::from_str_radix(digits, 16).ok().map(char::from));
                    chars = after.chars();
                }
                other => out.push(other),
            },
            c => out.push(c),
        }
    }
}

fn single(code: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = code.chars();
    loop {
        match chars.next()? {
            '\'' => return Some((out, chars.as_str())),
            '\\' => match chars.next()? {
                c @ ('\'' | '\\') => out.push(c),
                c => out.extend(['\\', c]),
            },
            c => out.push(c),
        }
    }
}

fn bracketed(code: &str, open: char, close: char) -> Option<(String, &str)> {
    let mut depth = 1_usize;
    for (at, c) in code.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some((code[..at].to_owned(), &code[at + 1..]));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, expected: Option<(&str, &str)>) {
        let seen = text(code);
        assert_eq!(seen.as_ref().map(|(text, rest)| (text.as_str(), *rest)), expected, "{code}");
    }

    #[test]
    fn literals() {
        check(r#""a".freeze"#, Some(("a", ".freeze")));
        check(r#""a\"b\nc\u00e9\u{1F600}\x41\#{x}""#, Some(("a\"b\nc\u{e9}\u{1f600}A#{x}", "")));
        check(r"'it\'s \n'", Some((r"it's \n", "")));
        check("%q<a<b>>.freeze", Some(("a<b>", ".freeze")));
        check("%q{a}", Some(("a", "")));
        check("Foo::VERSION", None);
        check("\"open", None);
        check("\"\\u12", None);
        check("\"\\xé\"", Some(("", "")));
        check("%q", None);
        check("%qé", None);
        check("", None);
    }

    #[test]
    fn lists() {
        assert_eq!(texts(r#"["a".freeze, 'b', %q{c}]"#), ["a", "b", "c"]);
        assert_eq!(texts(r#""a".freeze"#), ["a"]);
        assert_eq!(texts("[]"), [""; 0]);
        assert_eq!(texts("[x]"), [""; 0]);
    }
}
