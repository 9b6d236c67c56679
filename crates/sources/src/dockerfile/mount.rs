//! `RUN --mount=…`: comma-separated values with quotes, each key and value with its place.

use super::tree::Word;
use crate::span::Span;
use std::ops::Range;

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Its fields, in order.
    pub fields: Vec<Field>,
}

/// `key=value`, or a key alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The key, in lower case as BuildKit reads it.
    pub key: Word,
    /// The value.
    pub value: Option<Word>,
}

impl Mount {
    /// `value` taken apart, `place` giving the span of a part of it; `None` if its quotes are wrong or it is empty.
    pub(super) fn read(value: &str, place: impl Fn(Range<usize>) -> Span) -> Option<Self> {
        let fields = split(value)?.into_iter().map(|(range, text)| field(range, &text, &place)).collect();
        Some(Self { fields })
    }

    /// The last value of any of these keys.
    pub fn value(&self, keys: &[&str]) -> Option<&Word> {
        let named = self.fields.iter().rev().find(|field| keys.contains(&field.key.text.as_str()));
        named.and_then(|field| field.value.as_ref())
    }

    /// `bind` (also where nothing is said), `cache`, `tmpfs`, `secret`, `ssh`, or what stands there.
    pub fn kind(&self) -> String {
        self.value(&["type"]).map_or("bind".to_owned(), |kind| kind.text.to_lowercase())
    }

    /// Where it is mounted.
    pub fn target(&self) -> Option<&Word> {
        self.value(&["target", "dst", "destination"])
    }

    /// The stage or image it comes from.
    pub fn from(&self) -> Option<&Word> {
        self.value(&["from"])
    }
}

fn field(range: Range<usize>, text: &str, place: &impl Fn(Range<usize>) -> Span) -> Field {
    let Some((key, value)) = text.split_once('=') else {
        return Field { key: Word { span: place(range), text: text.to_lowercase() }, value: None };
    };
    let value_start = range.start + key.len() + 1;
    let key = Word { span: place(range.start..range.start + key.len()), text: key.to_lowercase() };
    Field { key, value: Some(Word { span: place(value_start.min(range.end)..range.end), text: value.to_owned() }) }
}

/// Fields with the range that each takes inside its quotes.
fn split(value: &str) -> Option<Vec<(Range<usize>, String)>> {
    let mut fields = Vec::new();
    let mut at = 0;
    if value.is_empty() {
        return None;
    }
    loop {
        let rest = &value[at..];
        if !rest.starts_with('"') {
            let length = rest.find(',').unwrap_or(rest.len());
            if rest[..length].contains('"') {
                return None;
            }
            fields.push((at..at + length, rest[..length].to_owned()));
            at += length;
        } else {
            let start = at + 1;
            let mut text = String::new();
            at = start;
            loop {
                let close = at + value[at..].find('"')?;
                text.push_str(&value[at..close]);
                at = close + 1;
                if !value[at..].starts_with('"') {
                    break;
                }
                text.push('"');
                at += 1;
            }
            fields.push((start..at - 1, text));
        }
        match value[at..].chars().next() {
            None => return Some(fields),
            Some(',') => at += 1,
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_quotes() {
        let check = |value: &str, expected: Option<&[&str]>| {
            let fields = split(value).map(|f| f.into_iter().map(|(_, text)| text).collect::<Vec<_>>());
            assert_eq!(
                fields.as_deref().map(|f| f.iter().map(String::as_str).collect()),
                expected.map(<[_]>::to_vec),
                "{value}"
            );
        };
        check("type=cache,target=/a", Some(&["type=cache", "target=/a"]));
        check(r#"type=bind,"source=a,b",ro"#, Some(&["type=bind", "source=a,b", "ro"]));
        check(r#""a""b""#, Some(&["a\"b"]));
        check("a,", Some(&["a", ""]));
        check(r#"a"b"#, None);
        check(r#""a"b"#, None);
        check(r#""a"#, None);
        check("", None);
    }
}
