//! Environment markers, judged as far as an image tells
//! (<https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers>).
//!
//! Three answers: yes, no, and maybe for what only the running machine knows. What cannot be read is a maybe.

use super::metadata::normalise;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Whether a marker holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    /// It does not.
    No,
    /// Nobody can tell here.
    Maybe,
    /// It does.
    Yes,
}

/// What is known of the interpreter.
pub(super) struct Environment<'a> {
    /// Its major and minor version, as far as its path tells.
    pub(super) python: Option<(u32, Option<u32>)>,
    /// The extras asked for.
    pub(super) extras: &'a BTreeSet<String>,
}

/// Bytes of a marker, and parentheses within parentheses, that are looked at.
const LENGTH: usize = 4096;
const DEPTH: usize = 32;

/// Judges `marker`; an empty one holds.
pub(super) fn holds(marker: &str, environment: &Environment<'_>) -> Holds {
    if marker.is_empty() {
        return Holds::Yes;
    }
    if marker.len() > LENGTH {
        return Holds::Maybe;
    }
    let mut parser = Parser { tokens: tokens(marker), at: 0, depth: 0, environment };
    match parser.any() {
        Some(answer) if parser.at == parser.tokens.len() => answer,
        _ => Holds::Maybe,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    /// A variable, `and`, `or`, `in`, `not`.
    Word(&'a str),
    Text(&'a str),
    Sign(&'a str),
    Odd,
}

fn tokens(marker: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut rest = marker.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '\'' | '"' => match rest[1..].find(first) {
                Some(end) => (Token::Text(&rest[1..1 + end]), end + 2),
                None => (Token::Odd, rest.len()),
            },
            c if c.is_ascii_alphabetic() => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"._".contains(c)).unwrap_or(rest.len());
                (Token::Word(&rest[..end]), end)
            }
            c if "<>=!~".contains(c) => {
                let end = rest.find(|c: char| !"<>=!~".contains(c)).unwrap_or(rest.len());
                (Token::Sign(&rest[..end]), end)
            }
            c => (Token::Odd, c.len_utf8()),
        };
        out.push(token);
        rest = rest[length..].trim_start();
    }
    out
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    depth: usize,
    environment: &'a Environment<'a>,
}

impl<'a> Parser<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.at).copied();
        self.at += 1;
        token
    }

    fn takes(&mut self, token: Token<'_>) -> bool {
        let there = self.tokens.get(self.at) == Some(&token);
        self.at += usize::from(there);
        there
    }

    /// `A or B or …`
    fn any(&mut self) -> Option<Holds> {
        let mut answer = self.all()?;
        while self.takes(Token::Word("or")) {
            answer = answer.max(self.all()?);
        }
        Some(answer)
    }

    /// `A and B and …`
    fn all(&mut self) -> Option<Holds> {
        let mut answer = self.one()?;
        while self.takes(Token::Word("and")) {
            answer = answer.min(self.one()?);
        }
        Some(answer)
    }

    fn one(&mut self) -> Option<Holds> {
        if self.takes(Token::Open) {
            self.depth += 1;
            let answer = if self.depth <= DEPTH { self.any()? } else { return None };
            self.depth -= 1;
            return self.takes(Token::Close).then_some(answer);
        }
        let left = self.next()?;
        let sign = match self.next()? {
            Token::Sign(sign) => sign,
            Token::Word("in") => "in",
            Token::Word("not") if self.takes(Token::Word("in")) => "not in",
            _ => return None,
        };
        match (left, self.next()?) {
            (Token::Word(variable), Token::Text(text)) => Some(self.environment.compare(variable, sign, text)),
            (Token::Text(text), Token::Word(variable)) => {
                Some(turned(sign).map_or(Holds::Maybe, |sign| self.environment.compare(variable, sign, text)))
            }
            _ => None,
        }
    }
}

/// The sign of `b SIGN a` for `a sign b`.
fn turned(sign: &str) -> Option<&str> {
    match sign {
        "<" => Some(">"),
        ">" => Some("<"),
        "<=" => Some(">="),
        ">=" => Some("<="),
        "==" | "!=" => Some(sign),
        _ => None,
    }
}

fn sure(yes: bool) -> Holds {
    if yes { Holds::Yes } else { Holds::No }
}

impl Environment<'_> {
    fn compare(&self, variable: &str, sign: &str, text: &str) -> Holds {
        let value = match variable {
            "extra" => {
                let asked = self.extras.contains(&normalise(text));
                return match sign {
                    "==" => sure(asked),
                    "!=" => sure(!asked),
                    _ => Holds::Maybe,
                };
            }
            "python_version" => return self.python(sign, text, false),
            "python_full_version" => return self.python(sign, text, true),
            "sys_platform" | "sys.platform" => "linux",
            "os_name" | "os.name" => "posix",
            "platform_system" => "Linux",
            "platform_python_implementation" | "python_implementation" => "CPython",
            "implementation_name" => "cpython",
            _ => return Holds::Maybe,
        };
        match sign {
            "==" | "===" => sure(value == text),
            "!=" => sure(value != text),
            "in" => sure(text.contains(value)),
            "not in" => sure(!text.contains(value)),
            _ => Holds::Maybe,
        }
    }

    fn python(&self, sign: &str, text: &str, full: bool) -> Holds {
        let Some((major, minor)) = self.python else { return Holds::Maybe };
        let mut parts = text.trim().split('.');
        let Some(there) = parts.next().and_then(|part| part.parse::<u32>().ok()) else { return Holds::Maybe };
        let order = match (major.cmp(&there), minor, parts.next()) {
            (Ordering::Equal, _, Some("*")) => Ordering::Equal,
            (Ordering::Equal, None, _) => return Holds::Maybe,
            (Ordering::Equal, Some(minor), part) => match part.unwrap_or("0").parse::<u32>() {
                Ok(there) => minor.cmp(&there),
                Err(_) => return Holds::Maybe,
            },
            (order, ..) => order,
        };
        let patch = parts.next().filter(|part| *part != "*");
        if order == Ordering::Equal && (full || patch.is_some()) {
            // The interpreter's own third number is not known, but it is no less than zero.
            return match (patch.unwrap_or("0"), sign) {
                ("0", "<") => Holds::No,
                ("0", ">=") => Holds::Yes,
                _ => Holds::Maybe,
            };
        }
        match sign {
            "<" => sure(order == Ordering::Less),
            "<=" => sure(order != Ordering::Greater),
            ">" => sure(order == Ordering::Greater),
            ">=" => sure(order != Ordering::Less),
            "==" | "===" => sure(order == Ordering::Equal),
            "!=" => sure(order != Ordering::Equal),
            "~=" => sure(order != Ordering::Less && major == there),
            _ => Holds::Maybe,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(marker: &str, expected: Holds) {
        let extras = BTreeSet::from(["tls".to_owned()]);
        let environment = Environment { python: Some((3, Some(11))), extras: &extras };
        assert_eq!(holds(marker, &environment), expected, "{marker}");
    }

    #[test]
    fn markers() {
        check("", Holds::Yes);
        check("python_version < '3.8'", Holds::No);
        check("python_version>=\"3.11\"", Holds::Yes);
        check("'3.8' <= python_version", Holds::Yes);
        check("python_version == '3.*'", Holds::Yes);
        check("python_version ~= '3.6'", Holds::Yes);
        check("python_full_version < '3.11.4'", Holds::Maybe);
        check("python_full_version < '3.12.0a1'", Holds::Yes);
        check("python_full_version < '3.11'", Holds::No);
        check("python_full_version >= '3.11.0'", Holds::Yes);
        check("sys_platform == 'win32'", Holds::No);
        check("sys_platform in 'linux linux2'", Holds::Yes);
        check("platform_machine == 'x86_64'", Holds::Maybe);
        check("extra == 'TLS'", Holds::Yes);
        check("extra == 'dev'", Holds::No);
        check("(extra == 'dev' or os_name == 'posix') and python_version > '2.7'", Holds::Yes);
        check("extra == 'dev' and platform_machine == 'x'", Holds::No);
        check("os_name not in 'nt java'", Holds::Yes);
    }

    #[test]
    fn hostile_markers() {
        check("(", Holds::Maybe);
        check(&"(".repeat(4000), Holds::Maybe);
        check(&"(".repeat(400_000), Holds::Maybe);
        check("extra == ", Holds::Maybe);
        check("extra == 'dev' nonsense", Holds::Maybe);
        check("'a", Holds::Maybe);
        check("\u{e9} == 'a'", Holds::Maybe);
        check("python_version < '99999999999999'", Holds::Maybe);
    }

    #[test]
    fn an_unknown_minor_version_is_a_maybe() {
        let environment = Environment { python: Some((3, None)), extras: &BTreeSet::new() };
        assert_eq!(holds("python_version < '3.8'", &environment), Holds::Maybe);
        assert_eq!(holds("python_version >= '3'", &environment), Holds::Maybe);
        assert_eq!(holds("python_version < '3'", &environment), Holds::Maybe);
        assert_eq!(holds("python_version > '2.7'", &environment), Holds::Yes);
    }
}
