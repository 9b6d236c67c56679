//! JSON as every command writes it: indented, one newline at the end, and safe to show on a terminal.

use documents::harmless;
use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};

/// `value` as text. The types of this room have string keys and finite numbers only, so it always can be.
pub(super) fn text(value: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    let formatter = Harmless(PrettyFormatter::new());
    // Writing to memory cannot fail either.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut out, formatter));
    out.push(b'\n');
    out
}

/// `value` on one line.
pub(super) fn line(value: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = value.serialize(&mut Serializer::with_formatter(&mut out, Harmless(CompactFormatter)));
    out.push(b'\n');
    out
}

/// With every string [`harmless`]: labels and names may hold what a terminal obeys.
struct Harmless<F>(F);

/// Hands a method on to the formatter that lays out.
macro_rules! handed_on {
    ($($method:ident($($argument:ident: $kind:ty),*);)*) => {
        $(fn $method<W: ?Sized + Write>(&mut self, writer: &mut W $(, $argument: $kind)*) -> io::Result<()> {
            self.0.$method(writer $(, $argument)*)
        })*
    };
}

impl<F: Formatter> Formatter for Harmless<F> {
    handed_on! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
        write_char_escape(escape: CharEscape);
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        harmless(writer, fragment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_comes_back() {
        let value = BTreeMap::from([("a\u{202e}", "\u{1b}\u{7f}\u{9b}\u{e0001}\"\\ é"), ("b", "")]);
        let text = String::from_utf8(text(&value)).unwrap();
        insta::assert_snapshot!(text, @r#"    {
      "a\u202e": "\u001b\u007f\u009b\udb40\udc01\"\\ é",
      "b": ""
    }
        "#);
        let back: BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
        assert!(back.iter().map(|(k, v)| (k.as_str(), v.as_str())).eq(value));
    }

    #[test]
    fn a_line_is_one_whatever_it_holds() {
        let value = serde_json::json!({"a": ["x\ny\u{202e}", {}], "b": {"c": []}});
        let written = line(&value);
        assert_eq!(written.iter().filter(|b| **b == b'\n').count(), 1);
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&written).unwrap(), value);
    }

    #[test]
    fn it_is_indented_as_usual() {
        let value = serde_json::json!({"a": [1, 2, {}], "b": {"c": []}});
        assert_eq!(text(&value), (serde_json::to_string_pretty(&value).unwrap() + "\n").into_bytes());
    }
}
