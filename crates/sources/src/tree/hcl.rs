//! HCL to the tree: a block is a map in a map, one level for its name and each of its labels; a function call is a map
//! from its name to the list of its arguments.

use super::{DEPTH_LIMIT, Id, Node, Part, Scalar, TEXT_LIMIT, Tree};
use crate::{Lines, SourceError, Span};
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Block, Body, Structure};
use std::ops::Range;

/// Reads `text`.
pub(crate) fn parse(text: &str) -> Result<Tree, SourceError> {
    if text.len() > TEXT_LIMIT {
        return Err(SourceError::TooLong { length: text.len(), limit: TEXT_LIMIT });
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = text.len() - body.len();
    let parsed = hcl_edit::parser::parse_body(body).map_err(|error| {
        let at = Lines::new(text).position(mark + error.location().offset(), text);
        SourceError::Syntax { what: "HCL", at, why: model::escaped(error.message()).into_owned() }
    })?;
    let mut builder = Builder { text, mark, tree: Tree::default() };
    let root = builder.body(&parsed, 0)?;
    builder.tree.roots.push(root);
    Ok(builder.tree)
}

struct Builder<'t> {
    text: &'t str,
    mark: usize,
    tree: Tree,
}

impl Builder<'_> {
    fn deep(&self, depth: usize) -> Result<(), SourceError> {
        let at = Lines::new(self.text).position(0, self.text);
        if depth > DEPTH_LIMIT { Err(SourceError::TooDeep { at, limit: DEPTH_LIMIT }) } else { Ok(()) }
    }

    fn body(&mut self, body: &Body, depth: usize) -> Result<Id, SourceError> {
        self.deep(depth)?;
        let mut pairs = Vec::new();
        for structure in body {
            pairs.push(match structure {
                Structure::Attribute(attribute) => {
                    let key = self.plain(attribute.key.as_str())?;
                    (key, self.expression(&attribute.value, depth + 1)?)
                }
                Structure::Block(block) => (self.plain(block.ident.as_str())?, self.block(block, depth + 1)?),
            });
        }
        self.tree.add(Node::Map(pairs))
    }

    fn block(&mut self, block: &Block, depth: usize) -> Result<Id, SourceError> {
        let mut inner = self.body(&block.body, depth)?;
        for label in block.labels.iter().rev() {
            let key = self.plain(label.as_str())?;
            inner = self.tree.add(Node::Map(vec![(key, inner)]))?;
        }
        Ok(inner)
    }

    fn expression(&mut self, expression: &Expression, depth: usize) -> Result<Id, SourceError> {
        self.deep(depth)?;
        let node = match expression {
            Expression::String(text) => Node::Scalar(self.string(text.as_str(), text.span(), true)),
            Expression::StringTemplate(_) | Expression::HeredocTemplate(_) => {
                Node::Scalar(self.template(expression.span()))
            }
            Expression::Number(_) | Expression::Bool(_) | Expression::Null(_) => {
                Node::Scalar(self.template(expression.span()))
            }
            Expression::Parenthesis(inner) => return self.expression(inner.inner(), depth + 1),
            Expression::Array(array) => {
                let items = array.iter().map(|item| self.expression(item, depth + 1));
                Node::List(items.collect::<Result<_, _>>()?)
            }
            Expression::Object(object) => {
                let mut pairs = Vec::new();
                for (key, value) in object.iter() {
                    let name = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(key) => key.as_str().unwrap_or_default().to_owned(),
                    };
                    let key = self.plain(&name)?;
                    pairs.push((key, self.expression(value.expr(), depth + 1)?));
                }
                Node::Map(pairs)
            }
            Expression::FuncCall(call) => {
                let name = self.plain(call.name.name.as_str())?;
                let arguments: Vec<Id> =
                    call.args.iter().map(|a| self.expression(a, depth + 1)).collect::<Result<_, _>>()?;
                let list = self.tree.add(Node::List(arguments))?;
                Node::Map(vec![(name, list)])
            }
            _ => Node::Scalar(self.template(expression.span())),
        };
        self.tree.add(node)
    }

    fn plain(&mut self, value: &str) -> Result<Id, SourceError> {
        self.tree.add(Node::Scalar(Scalar { value: value.to_owned(), ..Scalar::default() }))
    }

    /// A quoted string; its span holds the quotes.
    fn string(&self, value: &str, range: Option<Range<usize>>, quotes: bool) -> Scalar {
        let range = range.unwrap_or_default();
        let quotes = usize::from(quotes && range.len() >= 2);
        let span = Span::new(self.mark + range.start + quotes, (self.mark + range.end).saturating_sub(quotes));
        let same = self.text.get(span.start..span.end) == Some(value);
        Scalar { value: value.to_owned(), parts: same.then(|| vec![Part { at: 0, span }]), span, bare: false }
    }

    /// What is not a plain string, as it is written: an interpolated string without its quotes, a variable's name.
    fn template(&self, range: Option<Range<usize>>) -> Scalar {
        let range = range.unwrap_or_default();
        let whole = self.text.get(self.mark + range.start..self.mark + range.end).unwrap_or_default();
        let quotes = whole.len() >= 2 && whole.starts_with('"') && whole.ends_with('"');
        let value = if quotes { &whole[1..whole.len() - 1] } else { whole };
        Scalar { bare: !quotes, ..self.string(value, Some(range), quotes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, path: &[&str]) -> String {
        let tree = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let scalar = tree.scalar(tree.path(tree.roots[0], path).unwrap()).unwrap();
        scalar.parts.as_ref().map_or_else(|| "!".to_owned(), |_| text[scalar.span.range()].to_owned())
    }

    #[test]
    fn strings_know_their_bytes() {
        assert_eq!(found("# ä\na = \"b\" // c\r\n", &["a"]), "b");
        assert_eq!(found("\u{feff}x \"y\" \"z\" {\n\ta = \"ö\"\n}\n", &["x", "y", "z", "a"]), "ö");
        assert_eq!(found("a = { b = \"c\", \"d\" = \"e\" }", &["a", "d"]), "e");
    }

    #[test]
    fn what_is_not_a_string_is_as_written() {
        assert_eq!(found("a = \"b:${c}\"", &["a"]), "b:${c}");
        assert_eq!(found("a = var.b", &["a"]), "var.b");
        assert_eq!(found("a = \"b\\u0063\"", &["a"]), "!");
    }

    #[test]
    fn hostile_texts_are_errors() {
        assert!(parse(&format!("a = {}", "[".repeat(100_000))).is_err());
        assert!(parse(&"a {".repeat(100_000)).is_err());
        assert!(parse("a = \u{1b}").is_err_and(|e| !e.to_string().contains('\u{1b}')));
    }
}
