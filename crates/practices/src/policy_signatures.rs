//! `[[signatures]]`: who has to have signed which images.

use super::{Fault, PolicyProblem, Read, Value, array, glob, string, table, unknown};
use crate::policy::SignaturePolicy;

const KEYS: [&str; 3] = ["pattern", "keys", "require"];

pub(super) fn signatures(value: &Value<'_>) -> Read<SignaturePolicy> {
    let (mut pattern, mut keys, mut require) = (None, Vec::new(), vec!["signature".to_owned()]);
    for (key, value) in table(value)? {
        match key.get_ref().as_ref() {
            "pattern" => pattern = Some(glob(value)?),
            "keys" => keys = texts(value, "keys")?,
            "require" => require = texts(value, "require")?,
            other => return Err(unknown(key.span(), other, PolicyProblem::Key, &KEYS)),
        }
    }
    let missing = |what| Fault { at: value.span(), problem: PolicyProblem::Missing(what), hint: None };
    if keys.is_empty() {
        return Err(missing("keys"));
    }
    Ok(SignaturePolicy { pattern: pattern.ok_or_else(|| missing("pattern"))?, keys, require })
}

/// Texts that say something, at least one: an empty list would ask for nothing without a word.
fn texts(value: &Value<'_>, what: &'static str) -> Read<Vec<String>> {
    let texts = array(value)?.iter().map(|text| Ok(string(text)?.to_owned())).collect::<Read<Vec<_>>>()?;
    match texts.iter().any(String::is_empty) || texts.is_empty() {
        true => Err(Fault { at: value.span(), problem: PolicyProblem::Empty(what), hint: None }),
        false => Ok(texts),
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;

    #[test]
    fn who_has_to_have_signed_what() {
        let text = "[[signatures]]\npattern = \"r.corp/**\"\nkeys = [\"a.pub\"]\n[[signatures]]\npattern = \"**\"\n\
                    keys = [\"b.pub\", \"c.pub\"]\nrequire = [\"signature\", \"slsaprovenance1\"]";
        let found = Policy::parse(text).unwrap().signatures;
        assert!(found[0].pattern.is_match("r.corp/team/app") && !found[0].pattern.is_match("docker.io/library/a"));
        assert_eq!((found[0].keys.len(), found[0].require.as_slice()), (1, ["signature".to_owned()].as_slice()));
        assert_eq!((found[1].keys.len(), found[1].require.len()), (2, 2));
        for (text, expected) in [
            ("pattern = \"**\"", "line 1, column 1: `keys` is missing"),
            ("keys = [\"a\"]", "line 1, column 1: `pattern` is missing"),
            ("keys = []", "line 2, column 8: `keys` is empty"),
            ("require = [\"\"]", "line 2, column 11: `require` is empty"),
            ("key = \"a\"", "line 2, column 1: unknown key `key`"),
        ] {
            let error = Policy::parse(&format!("[[signatures]]\n{text}")).err().map(|e| e.to_string());
            assert_eq!(error.as_deref(), Some(expected));
        }
    }
}
