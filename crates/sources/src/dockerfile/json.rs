//! A JSON list of strings inside an instruction, as Go's `encoding/json` takes it, with the place of every string.
//!
//! BuildKit tries every argument that begins with `[` as JSON and silently takes it for a shell's text if it is not.
//! So what is wrong with it, and where, is worth as much as what is in it.

use std::ops::Range;

/// How deep lists may lie in one another before Go gives up.
const DEEPEST: usize = 10_000;

/// What an argument is, taken as JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Json {
    /// It does not begin with `[`.
    No,
    /// A list of strings: where each stands, quotes included, and what it says.
    Strings(Vec<(Range<usize>, String)>),
    /// A list, but this element is no string.
    NotStrings(Range<usize>),
    /// It begins with `[` but breaks JSON here.
    Broken(usize),
}

/// `text` as a JSON list; offsets are of `text`.
pub(super) fn list(text: &str) -> Json {
    let start = text.len() - text.trim_start().len();
    if !text[start..].starts_with('[') {
        return Json::No;
    }
    let mut reader = Reader { text: text.as_bytes(), at: start };
    match reader.whole() {
        Some((_, Some(bad))) => Json::NotStrings(bad),
        Some((strings, None)) => Json::Strings(strings.into_iter().map(|r| (r.clone(), unquoted(&text[r]))).collect()),
        None => Json::Broken(reader.at.min(text.len())),
    }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

type Found = (Vec<Range<usize>>, Option<Range<usize>>);

impl Reader<'_> {
    /// All strings of the outer list, and the first element that is none; `None` if it is no JSON.
    fn whole(&mut self) -> Option<Found> {
        self.at += 1;
        let (mut strings, mut other) = (Vec::new(), None);
        self.blanks();
        if self.eat(b']').is_none() {
            loop {
                self.blanks();
                let start = self.at;
                let is_string = self.peek() == Some(b'"');
                self.value()?;
                if is_string {
                    strings.push(start..self.at);
                } else if other.is_none() {
                    other = Some(start..self.at);
                }
                self.blanks();
                match self.eat(b',') {
                    Some(()) => {}
                    None => break self.eat(b']')?,
                }
            }
        }
        self.blanks();
        (self.at == self.text.len()).then_some((strings, other))
    }

    /// Any value, without recursion: `open` holds what must close.
    fn value(&mut self) -> Option<()> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            self.blanks();
            match self.peek()? {
                b'[' | b'{' if open.len() >= DEEPEST => return None,
                b'[' => {
                    self.at += 1;
                    self.blanks();
                    if self.eat(b']').is_none() {
                        open.push(b']');
                        continue;
                    }
                }
                b'{' => {
                    self.at += 1;
                    self.blanks();
                    if self.eat(b'}').is_none() {
                        self.key()?;
                        open.push(b'}');
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            loop {
                let Some(close) = open.last().copied() else { return Some(()) };
                self.blanks();
                if self.eat(b',').is_some() {
                    if close == b'}' {
                        self.blanks();
                        self.key()?;
                    }
                    break;
                }
                self.eat(close)?;
                open.pop();
            }
        }
    }

    fn key(&mut self) -> Option<()> {
        self.string()?;
        self.blanks();
        self.eat(b':')
    }

    fn scalar(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string(),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            _ => self.number(),
        }
    }

    fn string(&mut self) -> Option<()> {
        self.eat(b'"')?;
        loop {
            match self.peek()? {
                b'"' => return self.eat(b'"'),
                b'\\' => {
                    self.at += 1;
                    match self.peek()? {
                        b'u' => {
                            let hex = self.text.get(self.at + 1..self.at + 5)?;
                            hex.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                            self.at += 5;
                        }
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
                        _ => return None,
                    }
                }
                0..0x20 => return None,
                _ => self.at += 1,
            }
        }
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.eat(b'-');
        if self.eat(b'0').is_none() {
            self.digits()?;
        }
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if self.eat(b'e').or_else(|| self.eat(b'E')).is_some() {
            let _ = self.eat(b'+').or_else(|| self.eat(b'-'));
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn literal(&mut self, word: &[u8]) -> Option<()> {
        self.text[self.at..].starts_with(word).then(|| self.at += word.len())
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }
}

/// What a valid JSON string says. Half a surrogate pair is U+FFFD, as Go has it.
fn unquoted(string: &str) -> String {
    let inside = &string[1..string.len() - 1];
    let mut said = String::with_capacity(inside.len());
    let mut units: Vec<u16> = Vec::new();
    let mut rest = inside;
    while let Some(c) = rest.chars().next() {
        let escape = rest.strip_prefix('\\').and_then(|r| r.chars().next());
        if escape == Some('u') {
            units.extend(u16::from_str_radix(&rest[2..6], 16));
            rest = &rest[6..];
            continue;
        }
        flush(&mut units, &mut said);
        said.push(match escape {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(other) => other,
            None => c,
        });
        rest = &rest[if escape.is_some() { 2 } else { c.len_utf8() }..];
    }
    flush(&mut units, &mut said);
    said
}

fn flush(units: &mut Vec<u16>, said: &mut String) {
    said.extend(char::decode_utf16(units.drain(..)).map(|unit| unit.unwrap_or('\u{fffd}')));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let Json::Strings(strings) = list(text) else { panic!("{text}: {:?}", list(text)) };
        assert_eq!(strings.iter().map(|(_, said)| said.as_str()).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn lists_of_strings() {
        check("[]", &[]);
        check(r#" [ "a" ,"b\n\u0041" ] "#, &["a", "b\nA"]);
        check(r#"["\ud83d\ude00\ud83d", "ü/\/"]"#, &["😀\u{fffd}", "ü//"]);
        let Json::Strings(strings) = list(r#"["a", "bc"]"#) else { panic!() };
        assert_eq!(strings[1].0, 6..10);
    }

    #[test]
    fn what_is_wrong_and_where() {
        assert_eq!(list("echo"), Json::No);
        assert_eq!(list("['a']"), Json::Broken(1));
        assert_eq!(list(r#"["a",]"#), Json::Broken(5));
        assert_eq!(list(r#"["a""#), Json::Broken(4));
        assert_eq!(list(r#"["a"] b"#), Json::Broken(6));
        assert_eq!(list(r#"["a\q"]"#), Json::Broken(4));
        assert_eq!(list("[ -f x ]"), Json::Broken(3));
        assert_eq!(list(r#"["a", 1, {"b": [true, {}, -0.5e+3]}]"#), Json::NotStrings(6..7));
        assert_eq!(list(r#"[["a"]]"#), Json::NotStrings(1..6));
        assert_eq!(list("[1.]"), Json::Broken(3));
    }

    #[test]
    fn depth_does_not_break_the_stack() {
        let deep = "[".repeat(60_000) + &"]".repeat(60_000);
        assert!(matches!(list(&deep), Json::Broken(_)));
    }
}
