//! Licences in a document's own terms: an SPDX expression, and the words behind every `LicenseRef-`.
//!
//! Facts promise a valid expression; it is parsed again, since one bad expression makes a whole document invalid.

use crate::ids::slug;
use crate::text::line;
use model::{Digest, Licence};

/// A licence, ready for either format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    /// A valid expression of SPDX 2.3.
    pub(crate) expression: Option<String>,
    /// Whether the expression came from the facts, and is not merely a name we gave to words.
    pub(crate) proven: bool,
    /// Identifier and words of every `LicenseRef-` in the expression.
    pub(crate) references: Vec<(String, String)>,
    /// The words as stated, where the expression does not already say them.
    pub(crate) stated: Option<String>,
}

impl Declared {
    /// What the facts say of a licence.
    pub(crate) fn of(licence: &Licence) -> Self {
        let words = joined(&licence.stated);
        let text = licence.expression.as_deref().map(str::trim).filter(|e| !matches!(*e, "" | "NONE" | "NOASSERTION"));
        match text.and_then(parsed) {
            Some((expression, ids)) => {
                let references = ids.into_iter().map(|id| (text_of(&id, licence), id)).map(|(t, id)| (id, t)).collect();
                let stated = words.filter(|w| *w != expression);
                Self { expression: Some(expression), proven: true, references, stated }
            }
            None => Self::named(words.or_else(|| text.map(|e| line(e).into_owned()))),
        }
    }

    /// What a label says: an expression, or words that get a name.
    pub(crate) fn of_text(text: &str) -> Self {
        Self::of(&Licence { expression: Some(text.to_owned()), stated: Vec::new() })
    }

    /// Words that are no expression. How several of them combine is not known, so that all together are one
    /// `LicenseRef-` whose text they are.
    fn named(words: Option<String>) -> Self {
        let Some(words) = words else { return Self::default() };
        let hash = &Digest::of(words.as_bytes()).hex()[..16];
        let id = format!("LicenseRef-stated-{}-{hash}", slug(&words));
        Self { expression: Some(id.clone()), proven: false, references: vec![(id, words.clone())], stated: Some(words) }
    }
}

fn joined(stated: &[String]) -> Option<String> {
    let words: Vec<_> = stated.iter().filter(|w| !w.trim().is_empty()).map(|w| line(w)).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// The expression and its `LicenseRef-` identifiers, if it is valid in SPDX 2.3: no reference to another document
/// and none to an addition, which came with SPDX 3.
fn parsed(text: &str) -> Option<(String, Vec<String>)> {
    let expression = ::spdx::Expression::parse(text).ok()?;
    let mut ids = Vec::new();
    for requirement in expression.requirements() {
        // The list we parse by has these two words; the formats' lists do not.
        if requirement.req.license.id().is_some_and(|id| matches!(id.name, "NONE" | "NOASSERTION")) {
            return None;
        }
        if let ::spdx::LicenseItem::Other(reference) = &requirement.req.license {
            let fine = reference.doc_ref.is_none() && reference.lic_ref == slug_all(&reference.lic_ref);
            let id = format!("LicenseRef-{}", reference.lic_ref);
            if !fine {
                return None;
            }
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        if requirement.req.addition.as_ref().is_some_and(|a| a.id().is_none()) {
            return None;
        }
    }
    Some((text.to_owned(), ids))
}

fn slug_all(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' }).collect()
}

/// The words that `id` stands for: the stated word that it was made from, else all of them, else itself.
fn text_of(id: &str, licence: &Licence) -> String {
    let plain =
        |s: &str| s.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()).collect::<Vec<_>>();
    let wanted = plain(id.trim_start_matches("LicenseRef-"));
    let word = licence.stated.iter().find(|w| plain(w) == wanted).map(|w| line(w).into_owned());
    word.or_else(|| joined(&licence.stated)).unwrap_or_else(|| id.to_owned())
}

/// Whether `expression` is one identifier that every schema lists. Schemas copy SPDX's list and fall behind it; what
/// the FSF has judged is old enough. The others are as valid as expressions, which no schema checks by a list.
pub(crate) fn is_long_listed(expression: &str) -> bool {
    let id = ::spdx::license_id(expression).filter(|id| id.name == expression);
    id.is_some_and(::spdx::LicenseId::is_fsf_free_libre)
}

/// The version of the list that identifiers are checked against, as `major.minor`.
pub(crate) fn list_version() -> String {
    let mut parts = ::spdx::license_version().trim_start_matches('v').split('.');
    format!("{}.{}", parts.next().unwrap_or("3"), parts.next().unwrap_or("0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: Option<&str>, stated: &[&str], expected: &str) {
        let licence = Licence {
            expression: expression.map(str::to_owned),
            stated: stated.iter().map(|s| (*s).to_owned()).collect(),
        };
        let found = Declared::of(&licence);
        let references = found.references.iter().map(|(id, text)| format!(" {id}={text:?}")).collect::<String>();
        assert_eq!(format!("{} {}{references}", found.expression.unwrap_or_default(), found.proven), expected);
    }

    #[test]
    fn expressions_and_words() {
        check(Some("MIT OR Apache-2.0"), &[], "MIT OR Apache-2.0 true");
        check(
            Some("GPL-2.0-or-later AND LicenseRef-BSD-3-clause-x"),
            &["GPL-2+", "BSD-3-clause x"],
            "GPL-2.0-or-later AND LicenseRef-BSD-3-clause-x true LicenseRef-BSD-3-clause-x=\"BSD-3-clause x\"",
        );
        check(None, &[], " false");
        check(
            None,
            &["Artistic", "GPL\n2"],
            "LicenseRef-stated-Artistic--GPL-n2-ee0a273cdacd59cc false \
             LicenseRef-stated-Artistic--GPL-n2-ee0a273cdacd59cc=\"Artistic; GPL\\\\n2\"",
        );
        check(Some("NOASSERTION"), &[], " false");
    }

    #[test]
    fn what_2_3_cannot_express_gets_a_name() {
        for text in ["DocumentRef-x:LicenseRef-y", "MIT OR NOASSERTION", "MIT WITH AdditionRef-x", "GPL-2.0+ OR"] {
            let found = Declared::of_text(text);
            assert!(!found.proven && found.stated.as_deref() == Some(text), "{found:?}");
        }
    }

    #[test]
    fn the_list_has_a_version() {
        assert!(list_version().split('.').all(|p| p.parse::<u32>().is_ok()), "{}", list_version());
        assert!(is_long_listed("MIT") && is_long_listed("GPL-2.0-or-later"));
        assert!(["MIT OR ISC", "LicenseRef-x", "GFDL-1.1-invariants"].iter().all(|e| !is_long_listed(e)));
    }
}
