//! Quotes, escapes and variables in an instruction's words, by BuildKit's `shell` package: not a shell's rules.
//!
//! One reader serves expansion (what does `${TAG:-latest}` say here?), the finding of heredocs, and data flow (which
//! variable does this text use, where?). Refuses: nesting deeper than [`DEEPEST`], and results longer than
//! [`LONGEST`], which `ENV A=$A$A` repeated would reach.

use super::pattern;
use std::ops::Range;

/// How deep `${a:-${b:-…}}` may nest.
const DEEPEST: usize = 64;
/// How long an expanded word may be, in bytes.
const LONGEST: usize = 256 * 1024;

/// Why a word does not expand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LexError {
    /// A quote is not closed.
    #[error("unexpected end of statement while looking for matching {0}")]
    Unclosed(char),
    /// `${` without its `}`.
    #[error("missing `}}` after `${{`")]
    NoBrace,
    /// `${x/a}`.
    #[error("missing `/` in `${{…/…}}`")]
    NoSlash,
    /// `${}`, `${{x}`, `${:x}`.
    #[error("bad substitution: `${{` needs a name")]
    NoName,
    /// `${x!y}`.
    #[error("`{0}` after a variable's name is not supported")]
    Modifier(String),
    /// `${x:?words}` of an unset variable.
    #[error("{0}: {1}")]
    Demanded(String, String),
    /// A pattern that is none.
    #[error("invalid pattern `{0}` in a substitution")]
    Pattern(String),
    /// Too deep.
    #[error("variables nest deeper than {DEEPEST}")]
    TooDeep,
    /// Too long.
    #[error("the expanded text is longer than {LONGEST} bytes")]
    TooLong,
}

/// One use of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Its name.
    pub name: String,
    /// `$name` or `${name…}`, in bytes of the text read.
    pub range: Range<usize>,
    /// What comes after the name in braces: `-`, `+`, `?`, `#`, `%`, `/`; `None` for the plain value.
    pub operator: Option<char>,
    /// The text after the operator, where there is one.
    pub word: Range<usize>,
    /// Whether it stands inside another one's braces.
    pub nested: bool,
}

/// How to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    pub(super) escape: char,
    pub(super) raw_quotes: bool,
    pub(super) raw_escapes: bool,
    /// Leave unset variables as they are written.
    pub(super) keep_unset: bool,
}

/// What reading gave.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) result: String,
    /// Where each word stands, and what it says.
    pub(super) words: Vec<(Range<usize>, String)>,
    pub(super) uses: Vec<Use>,
}

/// Reads all of `text`; `get` gives the value of a variable that is set.
pub(super) fn read(text: &str, how: How, get: &dyn Fn(&str) -> Option<String>) -> Result<Read, LexError> {
    let mut lexer = Lexer {
        text,
        at: 0,
        how,
        raw_escapes: how.raw_escapes,
        get,
        depth: 0,
        uses: Vec::new(),
        words: Some(Words::default()),
    };
    let result = lexer.until(None, how.raw_escapes)?;
    let words = lexer.words.take().map(Words::finish).unwrap_or_default();
    Ok(Read { result, words, uses: lexer.uses })
}

#[derive(Default)]
struct Words {
    done: Vec<(Range<usize>, String)>,
    word: String,
    range: Range<usize>,
    inside: bool,
}

impl Words {
    fn raw(&mut self, text: &str, from: usize, to: usize) {
        if self.word.is_empty() && !self.inside {
            self.range.start = from;
        }
        self.range.end = to;
        self.word.push_str(text);
        self.inside = true;
    }

    fn split(&mut self, text: &str, from: usize, to: usize) {
        for c in text.chars() {
            if !c.is_whitespace() {
                self.raw(c.encode_utf8(&mut [0; 4]), from, to);
            } else if self.inside && !self.word.is_empty() {
                self.done.push((self.range.clone(), std::mem::take(&mut self.word)));
                self.inside = false;
            }
        }
    }

    fn finish(mut self) -> Vec<(Range<usize>, String)> {
        if !self.word.is_empty() {
            self.done.push((self.range, self.word));
        }
        self.done
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    how: How,
    raw_escapes: bool,
    get: &'a dyn Fn(&str) -> Option<String>,
    depth: usize,
    uses: Vec<Use>,
    /// Only the outermost level has words.
    words: Option<Words>,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<String, LexError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(LexError::TooDeep);
        }
        let before = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let mut words = if stop.is_some() { self.words.take() } else { None };
        if let Some(words) = &mut words {
            // BuildKit's levels share one buffer, so that a word loses what stands before the braces.
            words.word.clear();
        }
        let result = self.pieces(stop);
        self.raw_escapes = before;
        self.words = words.or(self.words.take());
        self.depth -= 1;
        result
    }

    fn pieces(&mut self, stop: Option<char>) -> Result<String, LexError> {
        let mut result = String::new();
        while let Some(c) = self.peek() {
            let from = self.at;
            if Some(c) == stop {
                self.at += c.len_utf8();
                return Ok(result);
            }
            let (piece, splits) = match c {
                '\'' => (self.single()?, false),
                '"' => (self.double()?, false),
                '$' => (self.dollar()?, true),
                '<' => (self.less(), false),
                _ if c == self.how.escape => match self.escaped() {
                    Some(piece) => (piece, false),
                    None => break,
                },
                _ => {
                    self.at += c.len_utf8();
                    (c.to_string(), true)
                }
            };
            result.push_str(&piece);
            if result.len() > LONGEST {
                return Err(LexError::TooLong);
            }
            let to = self.at;
            if let Some(words) = &mut self.words {
                if splits { words.split(&piece, from, to) } else { words.raw(&piece, from, to) }
            }
        }
        stop.map_or(Ok(result), |c| Err(LexError::Unclosed(c)))
    }

    /// `<`, or `<<` with the blanks after it: a heredoc's name may stand apart.
    fn less(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        if self.peek() == Some('<') {
            self.at += 1;
            let rest = &self.text[self.at..];
            self.at += rest.len() - rest.trim_start_matches(['\t', '\r', ' ']).len();
        }
        self.text[start..self.at].to_owned()
    }

    /// An escape and what it escapes; `None` at the end of the text.
    fn escaped(&mut self) -> Option<String> {
        let escape = self.next()?;
        let c = self.next();
        let raw = self.raw_escapes.then_some(escape);
        if let (None, Some(words), Some(raw)) = (c, &mut self.words, raw) {
            words.raw(raw.encode_utf8(&mut [0; 4]), self.at - raw.len_utf8(), self.at);
        }
        Some(raw.into_iter().chain([c?]).collect())
    }

    fn single(&mut self) -> Result<String, LexError> {
        let start = self.at;
        let length = self.text[start + 1..].find('\'').ok_or(LexError::Unclosed('\''))?;
        self.at = start + length + 2;
        let raw = usize::from(!self.how.raw_quotes);
        Ok(self.text[start + raw..self.at - raw].to_owned())
    }

    fn double(&mut self) -> Result<String, LexError> {
        let mut result = String::new();
        result.extend(self.next().filter(|_| self.how.raw_quotes));
        loop {
            match self.peek().ok_or(LexError::Unclosed('"'))? {
                '"' => {
                    result.extend(self.next().filter(|_| self.how.raw_quotes));
                    return Ok(result);
                }
                '$' => result.push_str(&self.dollar()?),
                c => {
                    self.at += c.len_utf8();
                    if c != self.how.escape {
                        result.push(c);
                        continue;
                    }
                    result.extend(self.raw_escapes.then_some(c));
                    match self.peek() {
                        None => {}
                        Some(next) if next == '"' || next == '$' || next == self.how.escape => {
                            result.push(next);
                            self.at += next.len_utf8();
                        }
                        Some(_) => result.push(c),
                    }
                }
            }
            if result.len() > LONGEST {
                return Err(LexError::TooLong);
            }
        }
    }

    fn name(&mut self) -> String {
        let rest = &self.text[self.at..];
        let first = rest.chars().next();
        let length = match first {
            Some(c) if c.is_numeric() => rest.find(|c: char| !c.is_numeric()).unwrap_or(rest.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            _ => rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()),
        };
        self.at += length;
        rest[..length].to_owned()
    }

    fn dollar(&mut self) -> Result<String, LexError> {
        let start = self.at;
        self.at += 1;
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            let value = (self.get)(&name);
            let unset = if self.how.keep_unset { format!("${name}") } else { String::new() };
            self.used(&name, start, None, 0..0);
            return Ok(value.unwrap_or(unset));
        }
        self.at += 1;
        match self.peek() {
            None => return Err(LexError::NoBrace),
            Some('{' | '}' | ':') => return Err(LexError::NoName),
            Some(_) => {}
        }
        let name = self.name();
        match self.next() {
            Some('}') => {
                let unset = if self.how.keep_unset { format!("${{{name}}}") } else { String::new() };
                self.used(&name, start, None, 0..0);
                Ok((self.get)(&name).unwrap_or(unset))
            }
            Some(':') => {
                let operator = self.next().ok_or(LexError::Modifier(":".to_owned()))?;
                self.modified(&name, start, operator, true)
            }
            Some('/') => self.replaced(&name, start),
            Some(operator) => self.modified(&name, start, operator, false),
            None => Err(LexError::NoBrace),
        }
    }

    fn used(&mut self, name: &str, start: usize, operator: Option<char>, word: Range<usize>) {
        let nested = self.depth > 1;
        self.uses.push(Use { name: name.to_owned(), range: start..self.at, operator, word, nested });
    }

    /// What braces hold up to `stop`; a text that ends before is `otherwise`.
    fn inside(&mut self, stop: char, raw: bool, otherwise: LexError) -> Result<(String, Range<usize>), LexError> {
        let from = self.at;
        let word = self.until(Some(stop), raw).map_err(|e| if self.at >= self.text.len() { otherwise } else { e })?;
        Ok((word, from..self.at - stop.len_utf8()))
    }

    fn modified(&mut self, name: &str, start: usize, operator: char, colon: bool) -> Result<String, LexError> {
        let cuts = matches!(operator, '#' | '%');
        let shown = if colon { format!(":{operator}") } else { operator.to_string() };
        if !matches!(operator, '-' | '+' | '?' | '#' | '%') || (colon && cuts) {
            return Err(LexError::Modifier(shown));
        }
        let (word, range) = self.inside('}', cuts, LexError::NoBrace)?;
        self.used(name, start, Some(operator), range);
        let value = (self.get)(name);
        if self.how.keep_unset && value.is_none() {
            return Ok(format!("${{{name}{shown}{word}}}"));
        }
        let given = value.clone().filter(|v| !(colon && v.is_empty()));
        match operator {
            '-' => Ok(given.unwrap_or(word)),
            '+' => Ok(given.map_or(String::new(), |_| word)),
            '?' => given.ok_or_else(|| {
                let why = if value.is_some() { "is not allowed to be empty" } else { "is not allowed to be unset" };
                LexError::Demanded(name.to_owned(), if word.is_empty() { why.to_owned() } else { word })
            }),
            _ => {
                let greedy = word.starts_with(operator);
                let pattern = &word[usize::from(greedy)..];
                let value = value.unwrap_or_default();
                let cut = if operator == '#' { pattern::cut_start } else { pattern::cut_end };
                cut(&value, pattern, greedy).ok_or_else(|| LexError::Pattern(pattern.to_owned()))
            }
        }
    }

    fn replaced(&mut self, name: &str, start: usize) -> Result<String, LexError> {
        let all = self.peek() == Some('/');
        self.at += usize::from(all);
        let (pattern, range) = self.inside('/', true, LexError::NoSlash)?;
        let (replacement, _) = self.inside('}', true, LexError::NoBrace)?;
        self.used(name, start, Some('/'), range);
        match (self.get)(name) {
            None if self.how.keep_unset => Ok(format!("${{{name}/{pattern}/{replacement}}}")),
            value => pattern::replace(&value.unwrap_or_default(), &pattern, &replacement, all)
                .filter(|text| text.len() <= LONGEST)
                .ok_or(LexError::Pattern(pattern)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(name: &str) -> Option<String> {
        [("A", "hello"), ("E", ""), ("P", "a/b/c.tar.gz"), ("S", "x y")]
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    }

    fn expand(text: &str) -> Result<String, LexError> {
        let how = How { escape: '\\', raw_quotes: false, raw_escapes: false, keep_unset: false };
        read(text, how, &get).map(|read| read.result)
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(expand(text).as_deref(), Ok(expected), "{text}");
    }

    #[test]
    fn variables_of_every_form() {
        check("$A ${A} $U.", "hello hello .");
        check("${A:-x}${E:-x}${U:-x}", "helloxx");
        check("${A-x}${E-x}${U-x}", "hellox");
        check("${A:+x}${E:+x}${U:+x}", "x");
        check("${A+x}${E+x}${U+x}", "xx");
        check("${A:?no}", "hello");
        check("${P#*/}", "b/c.tar.gz");
        check("${P##*/}", "c.tar.gz");
        check("${P%.*}", "a/b/c.tar");
        check("${P%%.*}", "a/b/c");
        check("${P/\\//-}", "a-b/c.tar.gz");
        check("${P//\\//-}", "a-b-c.tar.gz");
        check("${A//l/L}", "heLLo");
        check("${U:-${A}-${U:-y}}", "hello-y");
        check("$", "$");
        check("a$$b", "ab");
    }

    #[test]
    fn quotes_and_escapes() {
        check(r#"'$A'"$A"\$A"#, "$Ahello$A");
        check(r#""a\"b\c""#, r#"a"b\c"#);
        check("a\\", "a");
        assert_eq!(expand("'a"), Err(LexError::Unclosed('\'')));
        assert_eq!(expand("\"a"), Err(LexError::Unclosed('"')));
    }

    #[test]
    fn what_buildkit_rejects() {
        let check = |text: &str, error: LexError| assert_eq!(expand(text), Err(error), "{text}");
        check("${A", LexError::NoBrace);
        check("${", LexError::NoBrace);
        check("${}", LexError::NoName);
        check("${{A}}", LexError::NoName);
        check("${A!}", LexError::Modifier("!".to_owned()));
        check("${A:#x}", LexError::Modifier(":#".to_owned()));
        check("${A:-x", LexError::NoBrace);
        check("${A/x", LexError::NoSlash);
        check("${U:?gone}", LexError::Demanded("U".to_owned(), "gone".to_owned()));
        check("${E:?}", LexError::Demanded("E".to_owned(), "is not allowed to be empty".to_owned()));
        check(&"${U:-".repeat(1000), LexError::TooDeep);
    }

    #[test]
    fn words_and_uses_have_places() {
        let how = How { escape: '\\', raw_quotes: true, raw_escapes: true, keep_unset: true };
        let text = "cat  <<'E F' a\\ b ${U:-x y} $S";
        let read = read(text, how, &get).unwrap();
        let words: Vec<(&str, &str)> = read.words.iter().map(|(r, w)| (&text[r.clone()], w.as_str())).collect();
        let split = "${U:-x y}";
        let expected = [
            ("cat", "cat"),
            ("<<'E F'", "<<'E F'"),
            ("a\\ b", "a\\ b"),
            (split, "${U:-x"),
            (split, "y}"),
            ("$S", "x"),
            ("$S", "y"),
        ];
        assert_eq!(words, expected);
        let uses: Vec<_> = read.uses.iter().map(|u| (u.name.as_str(), &text[u.word.clone()], u.nested)).collect();
        assert_eq!(uses, [("U", "x y", false), ("S", "", false)]);
    }
}
