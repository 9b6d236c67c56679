//! Alpine's order (`apk version -t` of apk-tools 2): `digits{.digits}[letter]{_suffix[digits]}[-rN]`.
//!
//! Refused: what `apk version --check` refuses. A part after a dot that begins with zeros is a fraction: `1.05` is
//! older than `1.4`, and `1.00` than `1.0`. A part without digits (`1._p1`), which `--check` lets pass, is refused:
//! apk's own order of those is none.
//! Numbers of more than 18 digits, which apk itself lets overflow, are refused too.

use super::digits::split_while;
use std::cmp::Ordering;

/// What the next token is; also, by their order, which end wins when one version stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Invalid,
    Digit,
    DigitOrZero,
    Letter,
    Suffix,
    SuffixNumber,
    Revision,
    End,
}

const PRE: [&str; 4] = ["alpha", "beta", "pre", "rc"];
const POST: [&str; 5] = ["cvs", "svn", "git", "hg", "p"];

#[derive(Clone, Copy)]
struct Tokens<'a> {
    part: Part,
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Self { part: Part::Digit, rest: text }
    }

    /// The value of the token at hand; moves to the next.
    fn next(&mut self) -> i64 {
        if self.rest.is_empty() {
            self.part = Part::End;
            return 0;
        }
        let (value, after, known) = match self.part {
            Part::DigitOrZero if self.rest.starts_with('0') => {
                let (zeros, after) = split_while(self.rest, |b| b == b'0');
                let digits_follow = after.starts_with(|c: char| c.is_ascii_digit());
                (-(zeros.len() as i64), after, digits_follow.then_some(Part::Digit))
            }
            Part::DigitOrZero | Part::Digit | Part::SuffixNumber | Part::Revision => {
                let (digits, after) = split_while(self.rest, |b| b.is_ascii_digit());
                if digits.is_empty() || digits.len() >= 18 {
                    return self.invalid();
                }
                (digits.parse().unwrap_or(0), after, None)
            }
            Part::Letter => (i64::from(self.rest.as_bytes()[0]), self.rest.get(1..).unwrap_or(""), None),
            Part::Suffix => match suffix(self.rest) {
                Some((value, after)) => (value, after, None),
                None => return self.invalid(),
            },
            Part::Invalid | Part::End => return self.invalid(),
        };
        self.rest = after;
        match known {
            _ if after.is_empty() => self.part = Part::End,
            Some(part) => self.part = part,
            None => self.advance(),
        }
        value
    }

    fn invalid(&mut self) -> i64 {
        self.part = Part::Invalid;
        -1
    }

    /// Steps over the separator before the next token.
    fn advance(&mut self) {
        let first = self.rest.as_bytes()[0];
        let (next, after) = match (self.part, first) {
            (Part::Digit | Part::DigitOrZero, b'a'..=b'z') => (Part::Letter, self.rest),
            (Part::Letter, b'0'..=b'9') => (Part::Digit, self.rest),
            (Part::Suffix, b'0'..=b'9') => (Part::SuffixNumber, self.rest),
            (_, b'.') => (Part::DigitOrZero, &self.rest[1..]),
            (_, b'_') => (Part::Suffix, &self.rest[1..]),
            (_, b'-') if self.rest.starts_with("-r") => (Part::Revision, &self.rest[2..]),
            _ => (Part::Invalid, self.rest),
        };
        let backwards = matches!(
            (next, self.part),
            (Part::DigitOrZero, Part::Digit) | (Part::Suffix, Part::SuffixNumber) | (Part::Digit, Part::Letter)
        );
        self.part = if next < self.part && !backwards { Part::Invalid } else { next };
        self.rest = after;
    }
}

fn suffix(text: &str) -> Option<(i64, &str)> {
    let find =
        |names: &[&str]| names.iter().enumerate().find_map(|(i, name)| Some((i as i64, text.strip_prefix(name)?)));
    find(&PRE).map(|(i, rest)| (i - PRE.len() as i64, rest)).or_else(|| find(&POST))
}

pub(super) fn check(text: &str) -> Result<(), &'static str> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("it does not begin with a digit");
    }
    let mut tokens = Tokens::new(text);
    while !matches!(tokens.part, Part::End | Part::Invalid) {
        tokens.next();
    }
    if tokens.part == Part::End { Ok(()) } else { Err("it is not number, letter, suffixes, revision") }
}

pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (Tokens::new(a), Tokens::new(b));
    loop {
        let order = a.next().cmp(&b.next());
        if order != Ordering::Equal {
            return order;
        }
        if a.part != b.part {
            break;
        }
        if matches!(a.part, Part::End | Part::Invalid) {
            return Ordering::Equal;
        }
    }
    // All up to here is equal; the longer one is newer unless what follows marks something before a release.
    if a.part == Part::Suffix && { a }.next() < 0 {
        return Ordering::Less;
    }
    if b.part == Part::Suffix && { b }.next() < 0 {
        return Ordering::Greater;
    }
    b.part.cmp(&a.part)
}
