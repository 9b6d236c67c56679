//! Licences: what an image states, and the SPDX expression it amounts to
//! (<https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>).
//!
//! Stated words are always kept. An expression is made only from words whose meaning is settled (SPDX ids, Debian's
//! short names, `GPL2+` and the like); there is no guessing by likeness of texts.

pub mod copyright;
mod names;
mod words;

use model::Licence;
pub use words::Strange;

/// How many different words of one package are kept.
const STATED: usize = 200;

/// How long one of them may be, in bytes.
const WORD: usize = 512;

/// The SPDX expression that `text` is, or plainly means. With [`Strange::Refuse`], a name nobody defined makes the
/// whole text no expression; with [`Strange::Refer`] it becomes a `LicenseRef-…`.
pub fn expression(text: &str, strange: Strange) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > WORD {
        return None;
    }
    words::parse(text, strange).and_then(|expr| valid(expr.to_string())).or_else(|| valid(text.to_owned()))
}

/// The licence of a package that states these words, all of which apply. The expression joins them by `AND`; there
/// is none if one of the words is none.
pub fn licence<S: AsRef<str>>(stated: impl IntoIterator<Item = S>, strange: Strange) -> Licence {
    let mut kept: Vec<String> = Vec::new();
    let mut complete = true;
    for word in stated {
        let word = word.as_ref().trim();
        if word.is_empty() || kept.iter().any(|k| k == word) {
            continue;
        }
        if kept.len() >= STATED || word.len() > WORD {
            complete = false;
            continue;
        }
        kept.push(word.to_owned());
    }
    let expression = if complete { conjunction(&kept, strange) } else { None };
    Licence { expression, stated: kept }
}

/// All of these, joined by `AND`.
fn conjunction(stated: &[String], strange: Strange) -> Option<String> {
    let [only] = stated else {
        let parts: Option<Vec<_>> = stated.iter().map(|word| words::parse(word, strange)).collect();
        return valid(words::all(parts?)?.to_string());
    };
    expression(only, strange)
}

fn valid(text: String) -> Option<String> {
    spdx::Expression::parse(&text).is_ok().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(expression(text, Strange::Refuse).as_deref().unwrap_or("-"), expected, "{text}");
    }

    fn refer(text: &str, expected: &str) {
        assert_eq!(expression(text, Strange::Refer).as_deref().unwrap_or("-"), expected, "{text}");
    }

    #[test]
    fn spdx_stays_as_it_is() {
        check("MIT", "MIT");
        check("ISC AND (BSD-3-Clause OR MIT)", "ISC AND (BSD-3-Clause OR MIT)");
        check("LicenseRef-mine", "LicenseRef-mine");
        refer("LicenseRef-mine or MIT", "LicenseRef-mine OR MIT");
        check("mit or isc", "MIT OR ISC");
        check("GPL-2.0-only WITH Linux-syscall-note", "GPL-2.0-only WITH Linux-syscall-note");
    }

    #[test]
    fn well_known_words() {
        for (word, id) in [
            ("GPL-2", "GPL-2.0-only"),
            ("GPL-2+", "GPL-2.0-or-later"),
            ("GPL2+", "GPL-2.0-or-later"),
            ("GPLv3+", "GPL-3.0-or-later"),
            ("GPL-2.0", "GPL-2.0-only"),
            ("GPL-2.0+", "GPL-2.0-or-later"),
            ("gplv2", "GPL-2.0-only"),
            ("LGPL-2.1+", "LGPL-2.1-or-later"),
            ("LGPL-2", "LGPL-2.0-only"),
            ("LGPLv3", "LGPL-3.0-only"),
            ("AGPL-3+", "AGPL-3.0-or-later"),
            ("GFDL-1.3+", "GFDL-1.3-or-later"),
            ("GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"),
            ("Expat", "MIT"),
            ("MIT/X11", "MIT"),
            ("Apache-2", "Apache-2.0"),
            ("Apache 2.0", "Apache-2.0"),
            ("Apache License 2.0", "Apache-2.0"),
            ("BSD-3-clause", "BSD-3-Clause"),
            ("BSD-2", "BSD-2-Clause"),
            ("Artistic", "Artistic-1.0-Perl"),
            ("CC0", "CC0-1.0"),
            ("zlib", "Zlib"),
            ("SIL-1.1", "OFL-1.1"),
            ("Perl", "Artistic-1.0-Perl OR GPL-1.0-or-later"),
            ("MPL-2", "MPL-2.0"),
            ("OpenLDAP-2.8", "OLDAP-2.8"),
        ] {
            check(word, id);
        }
    }

    #[test]
    fn connectors_and_commas() {
        check("GPL-1+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0-Perl");
        check("GPL-2+ and MIT or ISC", "(GPL-2.0-or-later AND MIT) OR ISC");
        check("Expat, and GPL-1+ or Artistic", "MIT AND (GPL-1.0-or-later OR Artistic-1.0-Perl)");
        check("MIT, ISC and Zlib", "MIT AND ISC AND Zlib");
        check("MIT, ISC or Zlib", "MIT AND (ISC OR Zlib)");
        check("GPL-2 and/or MIT", "GPL-2.0-only OR MIT");
        check("MPL-2.0 GPL-2.0-or-later", "MPL-2.0 AND GPL-2.0-or-later");
        check("(MIT or ISC) and (MIT or ISC)", "MIT OR ISC");
        check("LGPLv3+_or_GPLv2+", "LGPL-3.0-or-later OR GPL-2.0-or-later");
    }

    #[test]
    fn exceptions() {
        check("GPL-3+ with Bison exception", "GPL-3.0-or-later WITH Bison-exception-2.2");
        check("GPL-3+-WITH-BISON-EXCEPTION", "GPL-3.0-or-later WITH Bison-exception-2.2");
        check("Apache-2.0 with LLVM exception", "Apache-2.0 WITH LLVM-exception");
        check("GPL-2+ with OpenSSL exception", "-");
        refer("GPL-2+ with OpenSSL exception", "LicenseRef-GPL-2-or-later-with-OpenSSL-exception");
        refer("GPL-2+ with OpenSSL exception and MIT", "LicenseRef-GPL-2-or-later-with-OpenSSL-exception AND MIT");
    }

    #[test]
    fn what_nobody_defined() {
        check("custom", "-");
        check("MIT BSD GPL2+", "-");
        check("GPL", "-");
        check("OPL-1+", "-");
        refer("OPL-1.0", "LicenseRef-OPL-1.0");
        check("Permission is hereby granted, free of charge, to any person obtaining a copy", "-");
        refer("public-domain and MIT", "LicenseRef-public-domain AND MIT");
        refer("Permission to use, copy, modify, and distribute this software and its documentation", "-");
    }

    #[test]
    fn hostile_words() {
        for text in ["(".repeat(400), ")".repeat(400), "and".into(), ",".into(), "MIT and".into(), "\u{202e}".into()] {
            check(&text, "-");
            refer(&text, "-");
        }
        check(&"MIT and ".repeat(10_000), "-");
        let many: Vec<String> = (0..5_000).map(|n| format!("name-{n}")).collect();
        let licence = licence(&many, Strange::Refer);
        assert_eq!((licence.stated.len(), licence.expression), (STATED, None));
    }

    #[test]
    fn several_words_all_apply() {
        let both = licence(["GPL-2+ or MIT", "ISC", "ISC"], Strange::Refuse);
        assert_eq!(both.expression.as_deref(), Some("(GPL-2.0-or-later OR MIT) AND ISC"));
        assert_eq!(both.stated, ["GPL-2+ or MIT", "ISC"]);
        let none = licence(["MIT", "custom"], Strange::Refuse);
        assert_eq!((none.expression, none.stated.len()), (None, 2));
        assert_eq!(licence([""; 0], Strange::Refuse), Licence::default());
    }
}
