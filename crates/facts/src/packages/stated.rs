//! What manifests state about a package, made fit for [`model::Package`].
//!
//! Words are kept as stated but short: one line, a few hundred characters. An SPDX expression is given only where
//! the words are one, or are the usual name of exactly one licence; "BSD" or "Apache Software License" fit
//! several and stay words (<https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>).

use model::{Licence, Purl};

/// Characters kept of one stated field.
const LINE: usize = 400;
/// Bytes of a name or version; npm and PyPI allow 214 and less.
const WORD: usize = 256;
/// Licences kept of one package.
const LICENCES: usize = 32;
/// Bytes of a licence expression that are looked at.
const EXPRESSION: usize = 1000;

/// The first line that says something, with its blanks folded.
pub(crate) fn line(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let mut out = String::new();
    for word in line.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().take(LINE));
        if out.len() >= LINE {
            break;
        }
    }
    Some(out.chars().take(LINE).collect())
}

/// A link for people, if it is one.
pub(crate) fn link(text: &str) -> Option<String> {
    let text = text.trim();
    let is_link = text.starts_with("https://") || text.starts_with("http://");
    (is_link && is_word_of(text, LINE)).then(|| text.to_owned())
}

/// Whether `text` can be a name or a version: short, visible, without blanks.
pub(crate) fn is_word(text: &str) -> bool {
    is_word_of(text, WORD)
}

fn is_word_of(text: &str, longest: usize) -> bool {
    let plain = matches!(model::escaped(text), std::borrow::Cow::Borrowed(_));
    !text.is_empty() && text.len() <= longest && plain && !text.contains(char::is_whitespace)
}

/// `Name <mail>` of whatever is known of a person.
pub(crate) fn person(name: Option<&str>, mail: Option<&str>) -> Option<String> {
    match (name.and_then(line), mail.and_then(line)) {
        (Some(name), Some(mail)) => Some(format!("{name} <{mail}>")),
        (one, other) => one.or(other),
    }
}

/// A licence of which any one of `stated` may be chosen.
pub(crate) fn any_licence<'a>(stated: impl IntoIterator<Item = &'a str>) -> Licence {
    let mut licence = Licence::default();
    let mut expressions: Vec<Option<String>> = Vec::new();
    for text in stated {
        let Some(words) = line(text) else { continue };
        if licence.stated.contains(&words) {
            continue;
        }
        if licence.stated.len() == LICENCES {
            expressions.push(None);
            break;
        }
        expressions.push(expression(text.trim()));
        licence.stated.push(words);
    }
    licence.expression = alternatives(expressions);
    licence
}

fn alternatives(expressions: Vec<Option<String>>) -> Option<String> {
    let mut parts: Vec<String> = expressions.into_iter().collect::<Option<_>>()?;
    if parts.len() < 2 {
        return parts.pop();
    }
    parts.iter_mut().filter(|p| p.contains(" AND ")).for_each(|p| *p = format!("({p})"));
    Some(parts.join(" OR "))
}

/// The SPDX expression that `words` are, or that they are the usual name of.
pub(crate) fn expression(words: &str) -> Option<String> {
    const STRICT: spdx::ParseMode = spdx::ParseMode { allow_deprecated: true, ..spdx::ParseMode::STRICT };
    if words.is_empty() || words.len() > EXPRESSION || words.contains(['\n', '\r']) {
        return None;
    }
    if spdx::Expression::parse_mode(words, STRICT).is_ok() {
        return Some(capitals(bare(words)));
    }
    let lower = words.to_ascii_lowercase();
    let id = spdx::identifiers::LICENSES.iter().map(|l| l.name).find(|name| name.eq_ignore_ascii_case(words));
    id.or_else(|| USUAL.iter().find(|(usual, _)| *usual == lower).map(|(_, id)| *id)).map(str::to_owned)
}

/// Without parentheses around the whole, which npm writes by custom.
fn bare(words: &str) -> &str {
    let inner = words.strip_prefix('(').and_then(|w| w.strip_suffix(')'));
    inner.filter(|w| !w.contains(['(', ')'])).map_or(words, str::trim)
}

/// With the operators as everybody reads them: `or` is allowed, `OR` is understood.
fn capitals(words: &str) -> String {
    let operators = ["and", "or", "with"];
    let word = |word: &str| if operators.contains(&word) { word.to_ascii_uppercase() } else { word.to_owned() };
    words.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// Names that mean exactly one licence; lower case.
const USUAL: &[(&str, &str)] = &[
    ("apache 2", "Apache-2.0"),
    ("apache 2.0", "Apache-2.0"),
    ("apache license 2.0", "Apache-2.0"),
    ("apache license, version 2.0", "Apache-2.0"),
    ("apache license version 2.0", "Apache-2.0"),
    ("apache-2", "Apache-2.0"),
    ("apachev2", "Apache-2.0"),
    ("bsd 2-clause", "BSD-2-Clause"),
    ("bsd 3-clause", "BSD-3-Clause"),
    ("bsd 3-clause license", "BSD-3-Clause"),
    ("bsd 2-clause license", "BSD-2-Clause"),
    ("3-clause bsd", "BSD-3-Clause"),
    ("3-clause bsd license", "BSD-3-Clause"),
    ("new bsd", "BSD-3-Clause"),
    ("new bsd license", "BSD-3-Clause"),
    ("simplified bsd", "BSD-2-Clause"),
    ("cc0 1.0 universal (cc0 1.0) public domain dedication", "CC0-1.0"),
    ("gplv2", "GPL-2.0-only"),
    ("gplv2+", "GPL-2.0-or-later"),
    ("gplv3", "GPL-3.0-only"),
    ("gplv3+", "GPL-3.0-or-later"),
    ("gnu affero general public license v3", "AGPL-3.0-only"),
    ("gnu affero general public license v3 or later (agplv3+)", "AGPL-3.0-or-later"),
    ("gnu general public license v2 (gplv2)", "GPL-2.0-only"),
    ("gnu general public license v2 or later (gplv2+)", "GPL-2.0-or-later"),
    ("gnu general public license v3 (gplv3)", "GPL-3.0-only"),
    ("gnu general public license v3 or later (gplv3+)", "GPL-3.0-or-later"),
    ("gnu lesser general public license v2 or later (lgplv2+)", "LGPL-2.0-or-later"),
    ("gnu lesser general public license v3 (lgplv3)", "LGPL-3.0-only"),
    ("gnu lesser general public license v3 or later (lgplv3+)", "LGPL-3.0-or-later"),
    ("isc license", "ISC"),
    ("isc license (iscl)", "ISC"),
    ("boost software license 1.0 (bsl-1.0)", "BSL-1.0"),
    ("european union public licence 1.2 (eupl 1.2)", "EUPL-1.2"),
    ("mit license", "MIT"),
    ("the mit license", "MIT"),
    ("mit no attribution license (mit-0)", "MIT-0"),
    ("mozilla public license 1.1 (mpl 1.1)", "MPL-1.1"),
    ("mozilla public license 2.0 (mpl 2.0)", "MPL-2.0"),
    ("mozilla public license 2.0", "MPL-2.0"),
    ("mpl 2.0", "MPL-2.0"),
    ("psf-2.0", "PSF-2.0"),
    ("the unlicense (unlicense)", "Unlicense"),
    ("universal permissive license (upl)", "UPL-1.0"),
];

/// The folders in which packages keep copies for their tests, examples and templates: not installed, not used.
pub(crate) fn is_for_tests(component: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"test",
        b"tests",
        b"__tests__",
        b"testdata",
        b"test-data",
        b"test_data",
        b"fixture",
        b"fixtures",
        b"__fixtures__",
        b"mock",
        b"mocks",
        b"__mocks__",
        b"spec",
        b"specs",
        b"example",
        b"examples",
        b"sample",
        b"samples",
        b"demo",
        b"demos",
        b"template",
        b"templates",
        b"benchmark",
        b"benchmarks",
    ];
    WORDS.iter().any(|word| component.eq_ignore_ascii_case(word))
}

/// `pkg:TYPE/[NAMESPACE/]NAME@VERSION` of a name whose namespace is written before a slash.
pub(crate) fn purl(kind: &str, name: &str, version: &str) -> Purl {
    let (namespace, name) = name.rsplit_once('/').unwrap_or(("", name));
    Purl::builder(kind, name).namespace(namespace).version(version).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn licences(stated: &[&str]) -> String {
        let licence = any_licence(stated.iter().copied());
        format!("{} = {}", licence.stated.join(" | "), licence.expression.as_deref().unwrap_or("-"))
    }

    #[test]
    fn expressions_are_given_only_where_proved() {
        assert_eq!(licences(&["MIT"]), "MIT = MIT");
        assert_eq!(licences(&["mit"]), "mit = MIT");
        assert_eq!(licences(&["(MIT OR Apache-2.0)"]), "(MIT OR Apache-2.0) = MIT OR Apache-2.0");
        assert_eq!(licences(&["(MIT AND (ISC OR 0BSD))"]), "(MIT AND (ISC OR 0BSD)) = (MIT AND (ISC OR 0BSD))");
        assert_eq!(licences(&["(MIT or ISC)"]), "(MIT or ISC) = MIT OR ISC");
        assert_eq!(licences(&["GPL-2.0"]), "GPL-2.0 = GPL-2.0");
        assert_eq!(licences(&["Apache License, Version 2.0"]), "Apache License, Version 2.0 = Apache-2.0");
        assert_eq!(licences(&["BSD"]), "BSD = -");
        assert_eq!(licences(&["SEE LICENSE IN LICENSE.md"]), "SEE LICENSE IN LICENSE.md = -");
        assert_eq!(licences(&["UNLICENSED"]), "UNLICENSED = -");
        assert_eq!(licences(&["MIT", "MIT", "ISC"]), "MIT | ISC = MIT OR ISC");
        assert_eq!(licences(&["MIT AND ISC", "0BSD"]), "MIT AND ISC | 0BSD = (MIT AND ISC) OR 0BSD");
        assert_eq!(licences(&["MIT", "BSD"]), "MIT | BSD = -");
        assert_eq!(licences(&["MIT\nPermission is"]), "MIT = -");
        assert_eq!(licences(&["LicenseRef-Ours"]), "LicenseRef-Ours = LicenseRef-Ours");
        assert_eq!(licences(&["", " "]), " = -");
    }

    #[test]
    fn hostile_licences_are_bounded() {
        let many: Vec<String> = (0..10_000).map(|n| format!("L{n}")).collect();
        let licence = any_licence(many.iter().map(String::as_str));
        assert_eq!((licence.stated.len(), licence.expression), (LICENCES, None));
        assert_eq!(expression(&"(".repeat(5000)), None);
        assert_eq!(line(&"x".repeat(100_000)).map(|l| l.len()), Some(LINE));
    }

    #[test]
    fn words() {
        assert!(is_word("@babel/core") && is_word("1.0.0+x"));
        assert!(!is_word("") && !is_word("a b") && !is_word("a\nb") && !is_word("a\x1b[2J") && !is_word("a\u{202e}b"));
        assert_eq!(line(" \n  a \t b\nc").as_deref(), Some("a b"));
        assert_eq!(link("javascript:alert(1)"), None);
        assert_eq!(person(Some("A"), Some("a@b.c")).as_deref(), Some("A <a@b.c>"));
    }
}
