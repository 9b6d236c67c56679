//! JSON, with comments and trailing commas, to the tree.

use super::{DEPTH_LIMIT, Id, Node, Part, Scalar, TEXT_LIMIT, Tree};
use crate::{Lines, SourceError, Span};
use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// Reads `text`.
pub(crate) fn parse(text: &str) -> Result<Tree, SourceError> {
    if text.len() > TEXT_LIMIT {
        return Err(SourceError::TooLong { length: text.len(), limit: TEXT_LIMIT });
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = text.len() - body.len();
    let result = parse_to_ast(body, &CollectOptions::default(), &ParseOptions::default()).map_err(|error| {
        let at = Lines::new(text).position(mark + error.range().start, text);
        SourceError::Syntax { what: "JSON", at, why: model::escaped(&error.kind().to_string()).into_owned() }
    })?;
    let mut builder = Builder { text, mark, tree: Tree::default() };
    if let Some(value) = &result.value {
        let root = builder.value(value, 0)?;
        builder.tree.roots.push(root);
    }
    Ok(builder.tree)
}

struct Builder<'t> {
    text: &'t str,
    mark: usize,
    tree: Tree,
}

impl Builder<'_> {
    fn value(&mut self, value: &Value<'_>, depth: usize) -> Result<Id, SourceError> {
        if depth > DEPTH_LIMIT {
            let at = Lines::new(self.text).position(self.mark + value.range().start, self.text);
            return Err(SourceError::TooDeep { at, limit: DEPTH_LIMIT });
        }
        let node = match value {
            Value::StringLit(text) => Node::Scalar(self.string(&text.value, text.range)),
            Value::NumberLit(number) => Node::Scalar(self.word(number.value, number.range)),
            Value::BooleanLit(word) => Node::Scalar(self.word(if word.value { "true" } else { "false" }, word.range)),
            Value::NullKeyword(word) => Node::Scalar(self.word("", word.range)),
            Value::Array(array) => {
                let items = array.elements.iter().map(|item| self.value(item, depth + 1));
                Node::List(items.collect::<Result<_, _>>()?)
            }
            Value::Object(object) => {
                let mut pairs = Vec::with_capacity(object.properties.len());
                for property in &object.properties {
                    let key = match &property.name {
                        ObjectPropName::String(name) => self.string(&name.value, name.range),
                        ObjectPropName::Word(name) => self.word(name.value, name.range),
                    };
                    let key = self.tree.add(Node::Scalar(key))?;
                    pairs.push((key, self.value(&property.value, depth + 1)?));
                }
                Node::Map(pairs)
            }
        };
        self.tree.add(node)
    }

    fn string(&self, value: &str, range: Range) -> Scalar {
        let inside = Span::new(self.mark + range.start + 1, (self.mark + range.end).saturating_sub(1));
        let same = self.text.get(inside.start..inside.end) == Some(value);
        let parts = same.then(|| vec![Part { at: 0, span: inside }]);
        Scalar { value: value.to_owned(), parts, span: inside, bare: false }
    }

    fn word(&self, value: &str, range: Range) -> Scalar {
        let span = Span::new(self.mark + range.start, self.mark + range.end);
        Scalar { value: value.to_owned(), parts: None, span, bare: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_know_their_bytes() {
        let text = "\u{feff}// ä\n{ \"ä\": 'b', /* c */ \"d\": [\"e\\u0066\", 1, null,], }\r\n";
        let tree = parse(text).unwrap();
        let root = tree.roots[0];
        let found = tree.scalar(tree.get(root, "ä").unwrap()).unwrap();
        assert_eq!(&text[found.locate(0, 1).unwrap().range()], "b");
        let escaped = tree.scalar(tree.items(tree.get(root, "d").unwrap())[0]).unwrap();
        assert_eq!((escaped.value.as_str(), escaped.parts.is_none()), ("ef", true));
    }

    #[test]
    fn hostile_texts_are_errors() {
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&format!("{}{}", "[".repeat(150), "]".repeat(150))).is_err());
        let error = parse("{\n \"a\u{1b}").unwrap_err().to_string();
        assert!(error.starts_with("line 2") && !error.contains('\u{1b}'), "{error}");
    }
}
