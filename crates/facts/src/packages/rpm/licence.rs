//! Licence words of rpm packages.
//!
//! New packages state an SPDX expression. Older ones use Fedora's short names (`GPLv2+ and (ASL 2.0 or MPLv2.0)`,
//! <https://docs.fedoraproject.org/en-US/legal/all-allowed/>). Only short names that mean one SPDX licence are
//! mapped; one that means several (`BSD`, `LGPLv2+`, `Public Domain`) leaves the whole statement in words.

use model::Licence;
use spdx::{Expression, ParseMode};

/// Longer statements are kept in words alone.
const EXPRESSION_BYTES: usize = 4096;
/// Parentheses within parentheses.
const NESTING: usize = 32;

/// Short names and what they mean. All lower case; compared without regard to case.
const SHORT_NAMES: &[(&str, &str)] = &[
    ("agplv3", "AGPL-3.0-only"),
    ("agplv3+", "AGPL-3.0-or-later"),
    ("artistic 2.0", "Artistic-2.0"),
    ("asl 1.0", "Apache-1.0"),
    ("asl 1.1", "Apache-1.1"),
    ("asl 2.0", "Apache-2.0"),
    ("boost", "BSL-1.0"),
    ("bsd-2-clause-freebsd", "BSD-2-Clause"),
    ("cc0", "CC0-1.0"),
    ("gpl+", "GPL-1.0-or-later"),
    ("gplv1", "GPL-1.0-only"),
    ("gplv2", "GPL-2.0-only"),
    ("gplv2+", "GPL-2.0-or-later"),
    ("gplv3", "GPL-3.0-only"),
    ("gplv3+", "GPL-3.0-or-later"),
    ("gpl-1.0", "GPL-1.0-only"),
    ("gpl-1.0+", "GPL-1.0-or-later"),
    ("gpl-2.0", "GPL-2.0-only"),
    ("gpl-2.0+", "GPL-2.0-or-later"),
    ("gpl-3.0", "GPL-3.0-only"),
    ("gpl-3.0+", "GPL-3.0-or-later"),
    ("lgpl-2.0", "LGPL-2.0-only"),
    ("lgpl-2.0+", "LGPL-2.0-or-later"),
    ("lgpl-2.1", "LGPL-2.1-only"),
    ("lgpl-2.1+", "LGPL-2.1-or-later"),
    ("lgpl-3.0", "LGPL-3.0-only"),
    ("lgpl-3.0+", "LGPL-3.0-or-later"),
    ("lgplv2.1", "LGPL-2.1-only"),
    ("lgplv2.1+", "LGPL-2.1-or-later"),
    ("lgplv3", "LGPL-3.0-only"),
    ("lgplv3+", "LGPL-3.0-or-later"),
    ("mplv1.0", "MPL-1.0"),
    ("mplv1.1", "MPL-1.1"),
    ("mplv2.0", "MPL-2.0"),
    ("unlicense", "Unlicense"),
    ("zlib", "Zlib"),
];

/// What a `License` tag says.
pub(super) fn read(stated: &str) -> Licence {
    let stated = stated.trim();
    if stated.is_empty() || stated.eq_ignore_ascii_case("(none)") {
        return Licence::default();
    }
    let short = stated.len() <= EXPRESSION_BYTES && deepest(stated) <= NESTING;
    let expression = if short { exact(stated).or_else(|| translated(stated)) } else { None };
    Licence { expression, stated: vec![stated.to_owned()] }
}

/// The statement itself, if it is an expression, with operators in upper case.
fn exact(stated: &str) -> Option<String> {
    let parsed = Expression::parse_mode(stated, ParseMode::STRICT).ok()?;
    Some(translate(parsed.as_ref(), |term| Some(term.to_owned())).unwrap_or_else(|| stated.to_owned()))
}

/// The statement with short names replaced, if every one of them is known and the result is an expression.
fn translated(stated: &str) -> Option<String> {
    let text = translate(stated, |term| {
        let known = SHORT_NAMES.iter().find(|(name, _)| term.eq_ignore_ascii_case(name));
        known.map(|(_, id)| (*id).to_owned()).or_else(|| spdx::license_id(term).map(|_| term.to_owned()))
    })?;
    Expression::parse_mode(&text, ParseMode::STRICT).is_ok().then_some(text)
}

/// Rewrites each term between operators and parentheses; `None` if `rewrite` gives up on one.
fn translate(stated: &str, rewrite: impl Fn(&str) -> Option<String>) -> Option<String> {
    let spaced = stated.replace('(', " ( ").replace(')', " ) ");
    let (mut out, mut term) = (Vec::new(), Vec::new());
    let flush = |term: &mut Vec<&str>, out: &mut Vec<String>| -> Option<()> {
        if !term.is_empty() {
            out.push(rewrite(&term.join(" "))?);
            term.clear();
        }
        Some(())
    };
    for word in spaced.split_whitespace() {
        let operator = ["AND", "OR", "WITH", "(", ")"].into_iter().find(|o| word.eq_ignore_ascii_case(o));
        match operator {
            Some(operator) => {
                flush(&mut term, &mut out)?;
                out.push(operator.to_owned());
            }
            None => term.push(word),
        }
    }
    flush(&mut term, &mut out)?;
    Some(out.join(" ").replace("( ", "(").replace(" )", ")"))
}

fn deepest(stated: &str) -> usize {
    let (mut depth, mut most) = (0usize, 0);
    for byte in stated.bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stated: &str, expected: Option<&str>) {
        assert_eq!(read(stated).expression.as_deref(), expected, "{stated}");
    }

    #[test]
    fn keeps_expressions() {
        check("MIT", Some("MIT"));
        check("GPL-2.0-or-later AND (MIT OR Apache-2.0)", Some("GPL-2.0-or-later AND (MIT OR Apache-2.0)"));
        check("MIT and LicenseRef-Fedora-Public-Domain", Some("MIT AND LicenseRef-Fedora-Public-Domain"));
        check(
            "GPL-3.0-or-later WITH GCC-exception-3.1 AND MIT",
            Some("GPL-3.0-or-later WITH GCC-exception-3.1 AND MIT"),
        );
    }

    #[test]
    fn translates_short_names_that_mean_one_licence() {
        check("GPLv2+", Some("GPL-2.0-or-later"));
        check("ASL 2.0 or MPLv2.0", Some("Apache-2.0 OR MPL-2.0"));
        check("GPLv2+ and (ASL 2.0 or MIT)", Some("GPL-2.0-or-later AND (Apache-2.0 OR MIT)"));
        check("zlib and Boost", Some("Zlib AND BSL-1.0"));
        check("GPL-2.0+", Some("GPL-2.0-or-later"));
        check("LGPLv2.1+ AND GPLV2+", Some("LGPL-2.1-or-later AND GPL-2.0-or-later"));
        check("LGPL-2.1-or-later AND BSD-2-Clause-FreeBSD", Some("LGPL-2.1-or-later AND BSD-2-Clause"));
    }

    #[test]
    fn leaves_the_rest_in_words() {
        for stated in
            ["BSD", "LGPLv2+", "MIT and BSD", "Public Domain", "GPLv2+ with exceptions", "and", "MIT and", ")("]
        {
            check(stated, None);
            assert_eq!(read(stated).stated, [stated]);
        }
        check("", None);
        assert_eq!(read("(none)"), Licence::default());
    }

    #[test]
    fn is_not_led_into_depth() {
        check(&format!("{}MIT{}", "(".repeat(2000), ")".repeat(2000)), None);
        check(&"MIT AND ".repeat(1000), None);
    }
}
