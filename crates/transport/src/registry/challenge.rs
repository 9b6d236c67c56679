//! `WWW-Authenticate`, read by its grammar (<https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1>): several
//! challenges in a header, several headers, commas inside quotes.

/// At most this many challenges are read, and this many parameters of each.
const LIMIT: usize = 16;

/// One way that a server offers to sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    /// Lower case: `bearer`, `basic`, `negotiate`.
    pub(super) scheme: String,
    /// The parameters, names in lower case, values unquoted.
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The value of a parameter (its name in lower case), the first if it is given twice.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty())
    }
}

/// All challenges of all headers, in order. What breaks the grammar ends its header, and is not guessed at.
pub(super) fn parse<'a>(headers: impl Iterator<Item = &'a str>) -> Vec<Challenge> {
    headers.flat_map(|header| Reader { rest: header }.challenges()).take(LIMIT).collect()
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn challenges(mut self) -> Vec<Challenge> {
        let mut found = Vec::new();
        while found.len() < LIMIT {
            self.skip(" \t,");
            let scheme = self.token();
            if scheme.is_empty() {
                break;
            }
            let mut challenge = Challenge { scheme: scheme.to_ascii_lowercase(), parameters: Vec::new() };
            if self.rest.starts_with([' ', '\t']) {
                self.skip_token68();
                while challenge.parameters.len() < LIMIT
                    && let Some(parameter) = self.parameter()
                {
                    challenge.parameters.push(parameter);
                }
            }
            found.push(challenge);
        }
        found
    }

    /// `name=value`; nothing is consumed if it is not one, since then it is the next scheme.
    fn parameter(&mut self) -> Option<(String, String)> {
        let mut ahead = Reader { rest: self.rest };
        ahead.skip(" \t,");
        let name = ahead.token();
        ahead.skip(" \t");
        ahead.rest = ahead.rest.strip_prefix('=').filter(|_| !name.is_empty())?;
        ahead.skip(" \t");
        let value = match ahead.rest.strip_prefix('"') {
            Some(quoted) => {
                ahead.rest = quoted;
                ahead.quoted()?
            }
            None => ahead.token().to_owned(),
        };
        self.rest = ahead.rest;
        Some((name.to_ascii_lowercase(), value))
    }

    /// `Negotiate YII…==`: one opaque word, followed by a comma or nothing.
    fn skip_token68(&mut self) {
        let mut ahead = Reader { rest: self.rest };
        ahead.skip(" \t");
        let end = ahead.rest.find([' ', '\t', ',']).unwrap_or(ahead.rest.len());
        let (word, after) = ahead.rest.split_at(end);
        let plain = word.trim_end_matches('=');
        let opaque = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b));
        if opaque && (after.trim_start().is_empty() || after.trim_start().starts_with(',')) {
            self.rest = after;
        }
    }

    fn quoted(&mut self) -> Option<String> {
        let mut value = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Some(value);
                }
                '\\' => value.push(chars.next()?.1),
                c => value.push(c),
            }
        }
        None
    }

    fn token(&mut self) -> &'a str {
        let word = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~/:".contains(c);
        let end = self.rest.find(|c| !word(c)).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        token
    }

    fn skip(&mut self, what: &str) {
        self.rest = self.rest.trim_start_matches(|c| what.contains(c));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[&str], expected: &str) {
        let shown: Vec<String> = parse(headers.iter().copied())
            .into_iter()
            .map(|c| {
                c.parameters.iter().fold(c.scheme.clone(), |text, (name, value)| format!("{text} {name}=<{value}>"))
            })
            .collect();
        assert_eq!(shown.join(" | "), expected);
    }

    #[test]
    fn one_challenge() {
        check(
            &[r#"Bearer realm="https://a.io/token",service="r.io",scope="repository:x/y:pull,push""#],
            "bearer realm=<https://a.io/token> service=<r.io> scope=<repository:x/y:pull,push>",
        );
        check(&[r#"Basic realm="Registry Realm""#], "basic realm=<Registry Realm>");
        check(&["BASIC realm=simple"], "basic realm=<simple>");
        check(&[r#"Bearer realm = "a" , error="invalid_token""#], "bearer realm=<a> error=<invalid_token>");
        check(&[r#"Bearer realm="a \"b\" \\c""#], r#"bearer realm=<a "b" \c>"#);
    }

    #[test]
    fn several() {
        check(
            &[r#"Negotiate, Basic realm="b", Bearer realm="c",service="s""#],
            "negotiate | basic realm=<b> | bearer realm=<c> service=<s>",
        );
        check(&["Negotiate", r#"Basic realm="b""#], "negotiate | basic realm=<b>");
        check(&[r#"Negotiate YIIabc==, Basic realm="b""#], "negotiate | basic realm=<b>");
        check(&[r#"Negotiate YIIabc, Basic realm="b""#], "negotiate | basic realm=<b>");
        check(&[r#", ,Basic realm="b",, "#], "basic realm=<b>");
    }

    #[test]
    fn broken() {
        check(&[""], "");
        check(&["\"x\""], "");
        check(&[r#"Bearer realm="unclosed"#], "bearer | realm");
        check(&["Bearer realm="], "bearer");
        check(&[&"a,".repeat(1000)], &["a"; LIMIT].join(" | "));
    }

    #[test]
    fn no_short_header_breaks_the_reader() {
        const ALPHABET: [char; 7] = ['a', '=', '"', ',', ' ', '\\', 'é'];
        let mut texts = vec![String::new()];
        for _ in 0..6 {
            let longer = |text: &String| ALPHABET.map(|c| format!("{text}{c}"));
            texts = texts.iter().flat_map(longer).collect();
            for text in &texts {
                let found = parse([text.as_str()].into_iter());
                assert!(found.iter().all(|c| c.scheme.bytes().all(|b| b == b'a')), "{text}: {found:?}");
            }
        }
    }
}
