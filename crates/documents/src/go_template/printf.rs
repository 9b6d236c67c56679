//! `fmt.Sprintf` (<https://pkg.go.dev/fmt>): verbs, flags, widths, precisions and argument indexes, and Go's own marks
//! for what does not fit together, such as `%!d(string=x)`.

use super::Value;
use super::print::{exponent, verb};
use super::value::Text;
use std::fmt::Write as _;

/// Go ignores wider ones, too.
const WIDEST: i64 = 1_000_000;

/// Formats `arguments` by `format`.
pub(super) fn printf(format: &str, arguments: &[Value]) -> Result<String, String> {
    let mut printer = Printer { arguments, next: 0, reordered: false, out: String::new() };
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        printer.out.push_str(&rest[..at]);
        rest = printer.directive(&rest[at + 1..]);
        if printer.out.len() > super::execute::OUTPUT {
            return Err(format!("more than {} bytes", super::execute::OUTPUT));
        }
    }
    printer.out.push_str(rest);
    printer.extra();
    Ok(printer.out)
}

/// Between a `%` and its verb.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "five flags, as the language has them")]
struct Flags {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

struct Printer<'a> {
    arguments: &'a [Value],
    next: usize,
    reordered: bool,
    out: String,
}

impl<'a> Printer<'a> {
    /// Writes what the directive at the start of `text` asks for, and gives what follows it.
    fn directive<'t>(&mut self, text: &'t str) -> &'t str {
        let mut flags = Flags::default();
        let mut rest = text.trim_start_matches(|c| flags.set(c));
        let mut good = true;
        rest = self.index(rest, &mut good);
        (flags.width, rest) = self.number(rest, &mut flags, false);
        if let Some(after) = rest.strip_prefix('.') {
            rest = self.index(after, &mut good);
            let (precision, after) = self.number(rest, &mut flags, true);
            flags.precision = Some(precision.unwrap_or(0));
            rest = after;
        }
        rest = self.index(rest, &mut good);
        let Some(letter) = rest.chars().next() else {
            self.out.push_str("%!(NOVERB)");
            return rest;
        };
        rest = &rest[letter.len_utf8()..];
        match (letter, self.arguments.get(self.next)) {
            ('%', _) => self.out.push('%'),
            _ if !good => {
                let _ = write!(self.out, "%!{letter}(BADINDEX)");
            }
            (_, None) => {
                let _ = write!(self.out, "%!{letter}(MISSING)");
            }
            (_, Some(value)) => {
                self.next += 1;
                let text = flags.format(value, letter);
                self.out.push_str(&text);
            }
        }
        rest
    }

    /// `[3]`
    fn index<'t>(&mut self, text: &'t str, good: &mut bool) -> &'t str {
        let Some((inner, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) else { return text };
        self.reordered = true;
        match inner.parse::<usize>() {
            Ok(number @ 1..) if number <= self.arguments.len() => self.next = number - 1,
            _ => *good = false,
        }
        rest
    }

    /// A width or a precision: digits, or a `*` that takes an argument.
    fn number<'t>(&mut self, text: &'t str, flags: &mut Flags, precise: bool) -> (Option<usize>, &'t str) {
        if let Some(rest) = text.strip_prefix('*') {
            let given = self.arguments.get(self.next);
            self.next += 1;
            let number = match given {
                Some(Value::Int(_, number)) if (-WIDEST..=WIDEST).contains(number) => *number,
                _ => {
                    self.out.push_str(if precise { "%!(BADPREC)" } else { "%!(BADWIDTH)" });
                    return (None, rest);
                }
            };
            if number < 0 && precise {
                self.out.push_str("%!(BADPREC)");
                return (None, rest);
            }
            flags.minus |= number < 0;
            return (usize::try_from(number.unsigned_abs()).ok(), rest);
        }
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = text[..text.len() - rest.len()].parse::<i64>().ok().filter(|number| *number <= WIDEST);
        (number.and_then(|number| usize::try_from(number).ok()), rest)
    }

    fn extra(&mut self) {
        if self.reordered || self.next >= self.arguments.len() {
            return;
        }
        let named = |value: &Value| match value {
            Value::Missing | Value::Elsewhere(_) | Value::Nil => "<nil>".to_owned(),
            value => format!("{}={}", value.type_name(), verb(value, false)),
        };
        let extra: Vec<String> = self.arguments[self.next..].iter().map(named).collect();
        let _ = write!(self.out, "%!(EXTRA {})", extra.join(", "));
    }
}

impl Flags {
    fn set(&mut self, flag: char) -> bool {
        match flag {
            '+' => self.plus = true,
            '-' => self.minus = true,
            '#' => self.sharp = true,
            ' ' => self.space = true,
            '0' => self.zero = true,
            _ => return false,
        }
        true
    }

    fn format(self, value: &Value, letter: char) -> String {
        match (letter, value) {
            ('T', Value::Missing | Value::Elsewhere(_) | Value::Nil) => self.padded("<nil>"),
            ('T', value) => self.padded(&value.type_name()),
            ('v', value) => self.general(value),
            (_, Value::Missing | Value::Elsewhere(_) | Value::Nil) => format!("%!{letter}(<nil>)"),
            (_, Value::List(_, items)) => {
                let items = items.iter().flat_map(|items| items.iter());
                let shown: Vec<String> = items.map(|item| self.inner(item, letter)).collect();
                format!("[{}]", shown.join(" "))
            }
            (_, Value::Map(_, _, entries)) => {
                let entries = entries.iter().flat_map(|entries| entries.iter());
                let pair = |(key, item): (&String, &Value)| {
                    format!("{}:{}", self.inner(&Value::text(key), letter), self.inner(item, letter))
                };
                let shown: Vec<String> = entries.map(pair).collect();
                format!("map[{}]", shown.join(" "))
            }
            ('t', Value::Bool(truth)) => self.padded(&truth.to_string()),
            ('s', Value::Int("time.Duration", _)) | ('s', Value::Text(Text::Time, _)) => {
                self.text(&verb(value, false), letter).unwrap_or_default()
            }
            (_, Value::Text(_, text)) => self.text(text, letter).unwrap_or_else(|| bad(letter, value)),
            (_, Value::Int(_, number)) => self.whole(*number, letter).unwrap_or_else(|| bad(letter, value)),
            (_, Value::Float(number)) => self.float(*number, letter).unwrap_or_else(|| bad(letter, value)),
            (_, Value::Struct(of)) => {
                let shown: Vec<String> = of.fields.iter().map(|field| self.format(&field.value, letter)).collect();
                format!("{}{{{}}}", if of.by_pointer { "&" } else { "" }, shown.join(" "))
            }
            (_, value) => bad(letter, value),
        }
    }

    /// An item of something: where there is none, that is said without a fuss.
    fn inner(self, item: &Value, letter: char) -> String {
        if item.is_missing() || matches!(item, Value::Nil) { "<nil>".to_owned() } else { self.format(item, letter) }
    }

    /// `%v`, `%+v`, `%#v`.
    fn general(self, value: &Value) -> String {
        match value {
            Value::Int(of, number) if *of != "time.Duration" => self.whole(*number, 'd').unwrap_or_default(),
            Value::Float(number) => self.float(*number, 'g').unwrap_or_default(),
            Value::Text(of, text) if self.sharp && *of != Text::Time => self.padded(&quoted(text)),
            Value::Text(of, text) if *of != Text::Time => self.text(text, 's').unwrap_or_default(),
            value => self.padded(&verb(value, self.plus)),
        }
    }

    fn padded(self, text: &str) -> String {
        let missing = self.width.unwrap_or(0).saturating_sub(text.chars().count());
        if self.minus { format!("{text}{}", " ".repeat(missing)) } else { format!("{}{text}", " ".repeat(missing)) }
    }

    fn text(self, text: &str, letter: char) -> Option<String> {
        let cut: String = text.chars().take(self.precision.unwrap_or(usize::MAX)).collect();
        let hex = |upper: bool| -> String {
            let byte = |b: &u8| if upper { format!("{b:02X}") } else { format!("{b:02x}") };
            let bytes = &text.as_bytes()[..self.precision.unwrap_or(text.len()).min(text.len())];
            bytes.iter().map(byte).collect::<Vec<_>>().join(if self.space { " " } else { "" })
        };
        match letter {
            's' => Some(self.padded(&cut)),
            'q' if self.sharp && !cut.contains(['`', '\n']) => Some(self.padded(&format!("`{cut}`"))),
            'q' if self.plus => Some(self.padded(&ascii(&quoted(&cut)))),
            'q' => Some(self.padded(&quoted(&cut))),
            'x' => Some(self.padded(&hex(false))),
            'X' => Some(self.padded(&hex(true))),
            _ => None,
        }
    }

    fn whole(self, number: i64, letter: char) -> Option<String> {
        let magnitude = number.unsigned_abs();
        let point = u32::try_from(number).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
        let (digits, prefix) = match letter {
            'd' => (magnitude.to_string(), ""),
            'b' => (format!("{magnitude:b}"), "0b"),
            'o' => (format!("{magnitude:o}"), "0"),
            'O' => return Some(self.signed(number < 0, &format!("0o{magnitude:o}"))),
            'x' => (format!("{magnitude:x}"), "0x"),
            'X' => (format!("{magnitude:X}"), "0X"),
            'c' => return Some(self.padded(&point.to_string())),
            'q' => return Some(self.padded(&quoted_with(&point.to_string(), '\''))),
            'U' if self.sharp => return Some(self.padded(&format!("U+{magnitude:04X} '{point}'"))),
            'U' => return Some(self.padded(&format!("U+{magnitude:04X}"))),
            _ => return None,
        };
        let digits = match self.precision {
            Some(0) if magnitude == 0 => String::new(),
            Some(precision) => format!("{digits:0>precision$}"),
            None => digits,
        };
        let prefix = if self.sharp { prefix } else { "" };
        Some(self.signed(number < 0, &format!("{prefix}{digits}")))
    }

    fn float(self, number: f64, letter: char) -> Option<String> {
        let magnitude = number.abs();
        let body = match (letter, self.precision) {
            _ if !number.is_finite() => "Inf".to_owned(),
            ('f' | 'F', precision) => format!("{magnitude:.*}", precision.unwrap_or(6)),
            ('e' | 'E', precision) => exponent(&format!("{magnitude:.*e}", precision.unwrap_or(6)), letter),
            ('G', None) => super::print::float(magnitude).to_uppercase(),
            ('g', None) => super::print::float(magnitude),
            ('g' | 'G', Some(precision)) => shortest(magnitude, precision.max(1), letter),
            _ => return None,
        };
        Some(self.signed(number.is_sign_negative(), &body))
    }

    /// A number with its sign, filled up with zeros or spaces.
    fn signed(self, negative: bool, body: &str) -> String {
        let sign = match (negative, self.plus, self.space) {
            (true, _, _) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        let zeros = self.zero && !self.minus && self.precision.is_none_or(|_| body.contains(['.', 'e']));
        let missing = self.width.unwrap_or(0).saturating_sub(sign.len() + body.chars().count());
        if zeros { format!("{sign}{}{body}", "0".repeat(missing)) } else { self.padded(&format!("{sign}{body}")) }
    }
}

/// `%.3g`.
fn shortest(magnitude: f64, precision: usize, letter: char) -> String {
    let scientific = format!("{magnitude:.*e}", precision - 1);
    let power: i32 = scientific.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if power < -4 || power >= precision as i32 {
        let (digits, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let lower = if letter == 'G' { 'E' } else { 'e' };
        return exponent(&format!("{}e{power}", trim(digits)), lower);
    }
    let decimals = usize::try_from(precision as i32 - 1 - power).unwrap_or(0);
    trim(&format!("{magnitude:.decimals$}"))
}

/// A quoted text without any letter beyond ASCII.
fn ascii(quoted: &str) -> String {
    let mut out = String::new();
    for c in quoted.chars() {
        let _ = match u32::from(c) {
            0..=0x7f => write!(out, "{c}"),
            point @ 0x80..=0xffff => write!(out, "\\u{point:04x}"),
            point => write!(out, "\\U{point:08x}"),
        };
    }
    out
}

fn bad(letter: char, value: &Value) -> String {
    format!("%!{letter}({}={})", value.type_name(), verb(value, false))
}

/// A text in Go's double quotes.
pub(super) fn quoted(text: &str) -> String {
    quoted_with(text, '"')
}

fn quoted_with(text: &str, quote: char) -> String {
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str(r"\\"),
            _ if c == quote => {
                out.push('\\');
                out.push(c);
            }
            '\u{7}' => out.push_str(r"\a"),
            '\u{8}' => out.push_str(r"\b"),
            '\u{c}' => out.push_str(r"\f"),
            '\n' => out.push_str(r"\n"),
            '\r' => out.push_str(r"\r"),
            '\t' => out.push_str(r"\t"),
            '\u{b}' => out.push_str(r"\v"),
            _ if is_printable(c) => out.push(c),
            '\0'..='\u{1f}' | '\u{7f}' => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            '\u{80}'..='\u{ffff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push(quote);
    out
}

/// Whether Go prints it as it is: letters, marks, numbers, signs, and of spaces only the plain one.
pub(super) fn is_printable(c: char) -> bool {
    // What the model escapes for terminals is what Go does not print: controls, formats, odd spaces.
    c == ' '
        || !(c.is_control()
            || c.is_whitespace()
            || matches!(model::escaped(c.encode_utf8(&mut [0; 4])), std::borrow::Cow::Owned(_)))
}
