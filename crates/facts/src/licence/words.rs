//! Licence expressions as people write them: SPDX, Debian's `GPL-2+ or MIT, and ISC`, Alpine's old `MIT BSD GPL2+`
//! (<https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/#license-specification>).

use super::names;
use std::fmt;

/// What becomes of a name that nobody defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strange {
    /// There is no expression then.
    Refuse,
    /// It becomes a `LicenseRef-…`: for formats that state the text beside the name.
    Refer,
}

/// An expression, before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expr {
    /// One licence, with its exception.
    Id(String),
    And(Vec<Expr>),
    Or(Vec<Expr>),
}

/// Parentheses within parentheses; beyond that it is no licence.
const DEPTH: usize = 8;
/// Words of one name; beyond that it is a sentence.
const NAME_WORDS: usize = 7;

/// Parses `text`; `None` if it is no expression.
pub(super) fn parse(text: &str, strange: Strange) -> Option<Expr> {
    let text = text.replace("_or_", " or ").replace("_and_", " and ");
    let tokens = tokens(&text);
    // Debian's format has commas only before `and` and `or`: others are a sentence's, unless all names are known.
    let bare = tokens.windows(2).any(|w| w[0] == Token::Comma && !matches!(w[1], Token::Connector(_)));
    let strange = if bare { Strange::Refuse } else { strange };
    let mut parser = Parser { tokens, at: 0, depth: 0, strange };
    let expr = parser.list()?;
    (parser.at == parser.tokens.len()).then_some(expr)
}

/// All of them; each once.
pub(super) fn all(parts: Vec<Expr>) -> Option<Expr> {
    parts.into_iter().reduce(|a, b| join(Connector::And, a, b))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Connector {
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    Comma,
    Connector(Connector),
    Word(&'a str),
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    for chunk in text.split_whitespace() {
        let mut rest = chunk;
        while let Some(at) = rest.find(['(', ')', ',', ';']) {
            push_word(&mut out, &rest[..at]);
            out.push(match rest.as_bytes()[at] {
                b'(' => Token::Open,
                b')' => Token::Close,
                _ => Token::Comma,
            });
            rest = &rest[at + 1..];
        }
        push_word(&mut out, rest);
    }
    out
}

fn push_word<'a>(out: &mut Vec<Token<'a>>, word: &'a str) {
    let is = |connector: &str| word.eq_ignore_ascii_case(connector);
    if is("and") || word == "&" {
        out.push(Token::Connector(Connector::And));
    } else if is("or") || is("and/or") || word == "|" {
        out.push(Token::Connector(Connector::Or));
    } else if !word.is_empty() {
        out.push(Token::Word(word));
    }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    depth: usize,
    strange: Strange,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn eat(&mut self, token: Token<'_>) -> bool {
        let hit = self.peek() == Some(token);
        self.at += usize::from(hit);
        hit
    }

    /// Parts between commas, which bind less than any word. A bare comma means `and`.
    fn list(&mut self) -> Option<Expr> {
        let mut expr = self.or()?;
        while self.eat(Token::Comma) {
            let connector = match self.peek() {
                Some(Token::Connector(connector)) => {
                    self.at += 1;
                    connector
                }
                _ => Connector::And,
            };
            expr = join(connector, expr, self.or()?);
        }
        Some(expr)
    }

    fn or(&mut self) -> Option<Expr> {
        let mut expr = self.and()?;
        while self.eat(Token::Connector(Connector::Or)) {
            expr = join(Connector::Or, expr, self.and()?);
        }
        Some(expr)
    }

    fn and(&mut self) -> Option<Expr> {
        let mut expr = self.atom()?;
        while self.eat(Token::Connector(Connector::And)) {
            expr = join(Connector::And, expr, self.atom()?);
        }
        Some(expr)
    }

    fn atom(&mut self) -> Option<Expr> {
        if self.eat(Token::Open) {
            self.depth += 1;
            let inner = (self.depth <= DEPTH).then(|| self.list())??;
            self.depth -= 1;
            return self.eat(Token::Close).then_some(inner);
        }
        let mut words = Vec::new();
        while let Some(Token::Word(word)) = self.peek() {
            words.push(word);
            self.at += 1;
        }
        (1..=NAME_WORDS).contains(&words.len()).then(|| name(&words, self.strange))?
    }
}

/// One licence, or several names side by side.
fn name(words: &[&str], strange: Strange) -> Option<Expr> {
    let phrase = words.join(" ");
    if phrase.eq_ignore_ascii_case("perl") {
        return parse("Artistic or GPL-1+", strange);
    }
    if let Some(id) = names::id(&phrase) {
        return Some(Expr::Id(id));
    }
    if let Some((base, exception)) = split_exception(&phrase)
        && let (Some(id), Some(exception)) = (names::id(base), names::exception(exception))
    {
        return Some(Expr::Id(format!("{id} WITH {exception}")));
    }
    if words.len() > 1 && words.iter().all(|word| names::id(word).is_some()) {
        return all(words.iter().filter_map(|word| names::id(word)).map(Expr::Id).collect());
    }
    match strange {
        _ if is_reference(&phrase) => Some(Expr::Id(phrase)),
        Strange::Refuse => None,
        Strange::Refer if is_sentence(words) => None,
        Strange::Refer => reference(&phrase).map(Expr::Id),
    }
}

/// `GPL-3+ with Bison exception`, also joined by hyphens.
fn split_exception(phrase: &str) -> Option<(&str, &str)> {
    let lower = phrase.to_ascii_lowercase();
    let mark = [" with ", "-with-"].into_iter().find_map(|mark| lower.find(mark))?;
    Some((&phrase[..mark], phrase.get(mark + " with ".len()..)?))
}

/// Whether it is a `LicenseRef-…` already.
fn is_reference(phrase: &str) -> bool {
    let is_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    phrase.strip_prefix("LicenseRef-").is_some_and(|name| !name.is_empty() && name.chars().all(is_id))
}

/// Whether these words tell something, where a name should stand.
fn is_sentence(words: &[&str]) -> bool {
    const TELLING: [&str; 9] = ["to", "this", "is", "are", "of", "you", "by", "under", "be"];
    words.iter().any(|word| TELLING.iter().any(|telling| word.eq_ignore_ascii_case(telling)))
}

/// A `LicenseRef-` whose name is as near to `phrase` as SPDX allows: letters, digits, `-` and `.`.
fn reference(phrase: &str) -> Option<String> {
    let plain: Vec<String> = phrase.split(' ').map(plus).collect();
    let plain = plain.join("-");
    let clean: String =
        plain.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).take(120).collect();
    let name = clean.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    name.bytes().any(|b| b.is_ascii_alphanumeric()).then(|| format!("LicenseRef-{name}"))
}

/// `GPL-2+` is *or later*; a plus within a name only joins (`ISC+IBM`).
fn plus(word: &str) -> String {
    word.replace("+-", "-or-later-").strip_suffix('+').map_or_else(|| word.to_owned(), |w| format!("{w}-or-later"))
}

/// `a` and/or `b`, flat, each operand once.
fn join(connector: Connector, a: Expr, b: Expr) -> Expr {
    let mut parts = Vec::new();
    for expr in [a, b] {
        let inner = match (connector, expr) {
            (Connector::And, Expr::And(inner)) | (Connector::Or, Expr::Or(inner)) => inner,
            (_, other) => vec![other],
        };
        for part in inner {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
    }
    match connector {
        _ if parts.len() == 1 => parts.swap_remove(0),
        Connector::And => Expr::And(parts),
        Connector::Or => Expr::Or(parts),
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, word) = match self {
            Self::Id(id) => return f.write_str(id),
            Self::And(parts) => (parts, " AND "),
            Self::Or(parts) => (parts, " OR "),
        };
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                f.write_str(word)?;
            }
            match part {
                Self::Id(id) => f.write_str(id)?,
                group => write!(f, "({group})")?,
            }
        }
        Ok(())
    }
}
