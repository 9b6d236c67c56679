//! Constants: what Go's lexer takes for a number, and which numbers it may then be.

use super::display::unquoted;

/// A constant, which is a whole number, or one with a fraction, or may be either.
#[derive(Clone, Debug)]
pub(super) struct Number {
    pub(super) text: String,
    pub(super) whole: Option<i64>,
    pub(super) fraction: Option<f64>,
}

/// How many bytes at the start of `text` a number may take.
pub(super) fn scan(text: &str) -> usize {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let mut end = usize::from(matches!(at(0), b'+' | b'-'));
    let mut digits: &[u8] = b"0123456789_";
    if at(end) == b'0' {
        end += 1;
        let (set, skip): (&[u8], usize) = match at(end) {
            b'x' | b'X' => (b"0123456789abcdefABCDEF_", 1),
            b'o' | b'O' => (b"01234567_", 1),
            b'b' | b'B' => (b"01_", 1),
            _ => (digits, 0),
        };
        digits = set;
        end += skip;
    }
    let run = |from: usize, set: &[u8]| from + bytes[from..].iter().take_while(|b| set.contains(b)).count();
    end = run(end, digits);
    if at(end) == b'.' {
        end = run(end + 1, digits);
    }
    let exponent = match digits.len() {
        11 => matches!(at(end), b'e' | b'E'),
        23 => matches!(at(end), b'p' | b'P'),
        _ => false,
    };
    if exponent {
        end += 1;
        end += usize::from(matches!(at(end), b'+' | b'-'));
        end = run(end, b"0123456789_");
    }
    end + usize::from(at(end) == b'i')
}

/// The constant that `text` spells.
pub(super) fn number(text: &str) -> Result<Number, String> {
    let shown = super::printf::quoted(text);
    let number = Number { text: text.to_owned(), whole: None, fraction: None };
    if text.starts_with('\'') {
        let rune = unquoted(text).filter(|rune| !rune.is_empty()).ok_or("invalid syntax")?;
        let mut chars = rune.chars();
        let (Some(only), None) = (chars.next(), chars.next()) else {
            return Err(format!("malformed character constant: {text}"));
        };
        let code = u32::from(only);
        return Ok(Number { whole: Some(i64::from(code)), fraction: Some(f64::from(code)), ..number });
    }
    if text.ends_with('i') {
        return Err(format!("complex constants are not supported: {shown}"));
    }
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if let Some(magnitude) = whole(digits) {
        let value = if negative { -i128::from(magnitude) } else { i128::from(magnitude) };
        // One that fits no `int` is an error only where it is used.
        return Ok(Number { whole: i64::try_from(value).ok(), fraction: Some(value as f64), ..number });
    }
    let Some(magnitude) = fraction(digits) else { return Err(format!("illegal number syntax: {shown}")) };
    if !text.contains(['.', 'e', 'E']) {
        return Err(format!("integer overflow: {shown}"));
    }
    let fraction = if negative { -magnitude } else { magnitude };
    // A fraction that is whole may stand for a whole number.
    let whole = (fraction.fract() == 0.0 && fraction.abs() < 9.2e18).then_some(fraction as i64);
    Ok(Number { whole, fraction: Some(fraction), ..number })
}

fn whole(digits: &str) -> Option<u64> {
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    let body = if radix == 10 { body } else { body.strip_prefix('_').unwrap_or(body) };
    if body.starts_with(['_', '+', '-']) || body.ends_with('_') || body.contains("__") {
        return None;
    }
    u64::from_str_radix(&body.replace('_', ""), radix).ok()
}

fn fraction(digits: &str) -> Option<f64> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b));
    let float: f64 = plain.then(|| digits.parse().ok()).flatten()?;
    float.is_finite().then_some(float)
}
