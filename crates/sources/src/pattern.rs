//! Texts of any other kind: a regular expression says where an image is named.

use crate::tree::{Part, Scalar};
use crate::value::{Dialect, read};
use crate::{Mention, Named, Role, SourceError, Span};
use regex::Regex;

/// The most images that a pattern may find in one text.
const MATCH_LIMIT: usize = 100_000;

/// A regular expression with a group `image`.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
}

/// Why an expression is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Not a regular expression.
    #[error("not a regular expression: {0}")]
    Regex(String),
    /// Nothing says which part is the image.
    #[error("no group is named `image`: write `(?<image>…)` around the reference")]
    NoGroup,
}

impl Pattern {
    /// Reads an expression; `^` and `$` are the ends of lines.
    pub fn parse(expression: &str) -> Result<Self, PatternError> {
        let built = regex::RegexBuilder::new(expression).multi_line(true).crlf(true).size_limit(1 << 20).build();
        let regex = built.map_err(|e| PatternError::Regex(model::escaped(&e.to_string()).into_owned()))?;
        if !regex.capture_names().flatten().any(|name| name == "image") {
            return Err(PatternError::NoGroup);
        }
        Ok(Self { regex })
    }

    /// The images that it finds.
    pub(crate) fn find(&self, text: &str) -> Result<Vec<Mention>, SourceError> {
        let groups = self.regex.captures_iter(text).filter_map(|c| c.name("image"));
        let mut found = Vec::new();
        for group in groups.filter(|g| !g.is_empty()) {
            if found.len() >= MATCH_LIMIT {
                return Err(SourceError::TooMany { limit: MATCH_LIMIT });
            }
            found.push(mention(Span::new(group.start(), group.end()), group.as_str()));
        }
        Ok(found)
    }
}

fn mention(span: Span, written: &str) -> Mention {
    let scalar = Scalar { value: written.to_owned(), parts: Some(vec![Part { at: 0, span }]), span, bare: false };
    let found = read(&scalar, 0, Dialect::Opaque);
    let (site, obstacle) = match found.site {
        Ok(site) => (Some(site), None),
        Err(obstacle) => (None, Some(obstacle)),
    };
    let names = found.reference.map(Named::Image);
    Mention { span, written: written.to_owned(), names, obstacle, role: Role::Deployed, platform: None, site }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_needs_its_group() {
        assert_eq!(Pattern::parse("IMAGE=(.*)").unwrap_err(), PatternError::NoGroup);
        assert!(matches!(Pattern::parse("(").unwrap_err(), PatternError::Regex(_)));
        assert!(matches!(Pattern::parse("(?<image>\\w{1000}{1000}{1000})").unwrap_err(), PatternError::Regex(_)));
    }
}
