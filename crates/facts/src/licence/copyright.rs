//! `/usr/share/doc/NAME/copyright`: Debian's machine-readable form
//! (<https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/>), and free text that names files of
//! `/usr/share/common-licenses`.
//!
//! The machine-readable form lists the licences of the whole source package, each with its text, so all of them
//! are joined by `AND` and names without an SPDX id become a `LicenseRef-…`. In free text only a reference to a
//! common licence counts, with *or later* where the words before it say so. Other texts are not interpreted: where
//! free text has words of another grant, its references are stated but make no expression.

use super::{Strange, licence};
use crate::packages::dpkg::deb822::paragraphs;
use memchr::memmem;
use model::Licence;
use rustc_hash::FxHashSet;

/// How far before a reference its conditions are looked for, in bytes.
const REACH: usize = 1600;
/// Different licences of one text.
const NAMES: usize = 200;
/// References in one text; more say nothing new.
const REFERENCES: usize = 500;

/// The licence that a copyright file states.
pub fn read(text: &[u8]) -> Licence {
    if is_machine_readable(text) { machine_readable(text) } else { free_text(text) }
}

fn is_machine_readable(text: &[u8]) -> bool {
    paragraphs(text).next().is_some_and(|head| {
        ["Format", "Format-Specification"].iter().any(|name| head.get(name).is_some_and(|v| !v.is_empty()))
    })
}

/// Every licence that a paragraph of files (or the header) names. Stand-alone paragraphs only define texts.
fn machine_readable(text: &[u8]) -> Licence {
    let mut names = Vec::new();
    let mut seen = FxHashSet::default();
    let mut complete = true;
    for (index, paragraph) in paragraphs(text).enumerate() {
        let names_files = paragraph.get("Files").is_some();
        let Some(synopsis) = paragraph.synopsis("License").filter(|_| names_files || index == 0) else { continue };
        if !seen.insert(synopsis) {
            continue;
        }
        if names.len() >= NAMES {
            complete = false;
            break;
        }
        let synopsis = String::from_utf8_lossy(synopsis);
        if super::expression(&synopsis, Strange::Refer).is_none() {
            complete &= !names_files;
            continue;
        }
        names.push(synopsis.into_owned());
    }
    let found = licence(&names, Strange::Refer);
    if complete { found } else { Licence { expression: None, ..found } }
}

/// What free text says by naming common licences.
fn free_text(text: &[u8]) -> Licence {
    const MARK: &[u8] = b"/usr/share/common-licenses/";
    let mut stated: Vec<String> = Vec::new();
    let mut proved = true;
    let mut before = 0;
    for at in memmem::find_iter(text, MARK).take(REFERENCES) {
        let name = file_name(&text[at + MARK.len()..]);
        let from = before.max(at.saturating_sub(REACH));
        if let Some((word, is_proved)) = common(name, &text[from..at]) {
            stated.push(word);
            proved &= is_proved;
        }
        before = at + MARK.len() + name.len();
    }
    let words = squeeze(text);
    let found = licence(&stated, Strange::Refuse);
    if found.stated.iter().any(|word| word == "Artistic") {
        return perl(&words, found);
    }
    if !proved || has_other_grants(&words) {
        return Licence { expression: None, ..found };
    }
    found
}

/// Whether the text grants something in its own words, or offers a choice.
fn has_other_grants(words: &str) -> bool {
    const GRANTS: [&str; 17] = [
        "permission is hereby granted",
        "permission is granted",
        "permission to use",
        "permission to copy",
        "redistribution and use",
        "redistributions of source",
        "this software is provided",
        "provided 'as",
        "public domain",
        "freely distribut",
        "mit license",
        "bsd license",
        "bsd-style",
        "mozilla public license",
        "openssl license",
        "dual",
        "exception",
    ];
    GRANTS.iter().any(|grant| words.contains(grant))
}

fn file_name(rest: &[u8]) -> &str {
    let end = rest.iter().position(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'.' | b'-')).unwrap_or(rest.len());
    std::str::from_utf8(&rest[..end]).unwrap_or_default().trim_end_matches(['.', '-'])
}

/// The short name of a common licence given the words before its reference, and whether those words state the
/// version: a reference alone says neither that nor *or later*.
fn common(file: &str, before: &[u8]) -> Option<(String, bool)> {
    if matches!(file, "" | "BSD") {
        return (file == "BSD").then(|| ("BSD-3-clause".to_owned(), true));
    }
    if !["GPL", "LGPL", "GFDL"].iter().any(|family| file.starts_with(family)) {
        return Some((file.to_owned(), true));
    }
    let words = squeeze(before);
    let later = ["later version", "or later", "or newer", "or any later", "any newer version"];
    let plus = if later.iter().any(|l| words.contains(l)) { "+" } else { "" };
    let (family, version) = file.split_once('-').map_or((file, None), |(family, version)| (family, Some(version)));
    let spoken = stated_version(&words).filter(|v| is_version_of(family, v));
    let is_proved = spoken.is_some();
    // A reference to the newest text (`GPL`) or to version 3 with "version 2 or later" before it: the words win.
    let lowest = match version {
        Some(version) if plus.is_empty() => Some(version.to_owned()),
        version => spoken.or_else(|| version.map(str::to_owned)),
    };
    Some((lowest.map_or_else(|| family.to_owned(), |v| format!("{family}-{v}{plus}")), is_proved))
}

/// The last version in `words`; one after *either* goes first.
fn stated_version(words: &str) -> Option<String> {
    let after = |mark: &str| words.match_indices(mark).filter_map(|(at, _)| number(&words[at + mark.len()..])).last();
    after("either version ").or_else(|| after("version "))
}

fn number(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number = text[..end].trim_end_matches('.');
    let short = number.strip_suffix(".0").unwrap_or(number);
    (!short.is_empty()).then(|| short.to_owned())
}

fn is_version_of(family: &str, version: &str) -> bool {
    match family {
        "GPL" => matches!(version, "1" | "2" | "3"),
        "LGPL" => matches!(version, "2" | "2.1" | "3"),
        _ => matches!(version, "1.1" | "1.2" | "1.3"),
    }
}

/// Lower case, every run of blanks and comment marks one blank, so that broken lines read on.
fn squeeze(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text).to_lowercase();
    text.split(|c: char| c.is_whitespace() || matches!(c, '*' | '#' | '|' | ',' | '(' | ')'))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The Artistic licence beside the GPL is Perl's choice between the two, where the text says so; else nobody knows
/// which applies to what.
fn perl(words: &str, found: Licence) -> Licence {
    const CHOICE: [&str; 5] =
        ["terms of either", "same terms as perl", "either: a", "as perl itself", "either the gnu general public"];
    let is_perl_s = |word: &String| matches!(word.as_str(), "Artistic" | "GPL" | "GPL-1" | "GPL-1+");
    let is_choice = CHOICE.iter().any(|phrase| words.contains(phrase));
    let holds = is_choice && !has_other_grants(words) && found.stated.len() > 1 && found.stated.iter().all(is_perl_s);
    let expression = super::expression("Perl", Strange::Refuse).filter(|_| holds);
    Licence { expression, stated: found.stated }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let licence = read(text.as_bytes());
        let shown = format!("{} | {}", licence.expression.as_deref().unwrap_or("-"), licence.stated.join("; "));
        assert_eq!(shown, expected, "{text}");
    }

    const FORMAT: &str = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";

    #[test]
    fn machine_readable_files() {
        let text = format!(
            "{FORMAT}Upstream-Name: x\n\nFiles: *\nCopyright: a\nLicense: GPL-2+\n\nFiles: debian/*\nCopyright: b\n\
             License: Expat\n Permission is hereby…\n\nLicense: GPL-2+\n On Debian: /usr/share/common-licenses/GPL-2\n"
        );
        check(&text, "GPL-2.0-or-later AND MIT | GPL-2+; Expat");
        check(
            &format!("{FORMAT}\nFiles: *\nLicense: GPL-1+ or Artistic\n\nFiles: t\nLicense: mine\n text\n"),
            "(GPL-1.0-or-later OR Artistic-1.0-Perl) AND LicenseRef-mine | GPL-1+ or Artistic; mine",
        );
        check(&format!("{FORMAT}License: ISC\n\nFiles: *\nCopyright: x\n"), "ISC | ISC");
    }

    #[test]
    fn a_licence_without_a_name_leaves_no_expression() {
        check(&format!("{FORMAT}\nFiles: *\nLicense:\n Do what you like\n\nFiles: b\nLicense: MIT\n"), "- | MIT");
        check(
            &format!("{FORMAT}\nFiles: *\nLicense: Permission to use, copy, modify, and sell this is hereby granted\n"),
            "- | ",
        );
    }

    #[test]
    fn free_text_that_names_common_licences() {
        let gpl = "under the terms of the GNU General Public License as published by the Free Software Foundation; \
                   either version 2 of the License, or\n * (at your option) any later\n * version.\n";
        check(&format!("{gpl} see `/usr/share/common-licenses/GPL-2'."), "GPL-2.0-or-later | GPL-2+");
        check(&format!("{gpl} see /usr/share/common-licenses/GPL."), "GPL-2.0-or-later | GPL-2+");
        check(&format!("{gpl} see /usr/share/common-licenses/GPL-3."), "GPL-2.0-or-later | GPL-2+");
        check("License version 2, in /usr/share/common-licenses/GPL-2.", "GPL-2.0-only | GPL-2");
        check("the licence is in /usr/share/common-licenses/GPL", "- | GPL");
        check("the licence is in /usr/share/common-licenses/GPL-3", "- | GPL-3");
        check(
            "version 2 or later; either version 2.1 or later; in /usr/share/common-licenses/GPL-2, the other in \
             /usr/share/common-licenses/LGPL-2.1",
            "- | GPL-2+; LGPL-2.1",
        );
        check(
            "/usr/share/common-licenses/Apache-2.0. and /usr/share/common-licenses/BSD.",
            "Apache-2.0 AND BSD-3-Clause | Apache-2.0; BSD-3-clause",
        );
    }

    #[test]
    fn perl_offers_a_choice() {
        check(
            "under the terms of either: a) version 1, or any later version /usr/share/common-licenses/GPL-1, or \
             b) the \"Artistic License\" /usr/share/common-licenses/Artistic",
            "Artistic-1.0-Perl OR GPL-1.0-or-later | GPL-1+; Artistic",
        );
        check(
            "either version 3, or any later version; a module under the same terms as Perl itself; \
             /usr/share/common-licenses/GPL-3 /usr/share/common-licenses/Artistic",
            "- | GPL-3+; Artistic",
        );
        check(
            "Some is under /usr/share/common-licenses/GPL-2, some /usr/share/common-licenses/Artistic",
            "- | GPL-2; Artistic",
        );
    }

    #[test]
    fn another_grant_beside_a_reference() {
        check(
            "Permission is hereby granted, free of charge… Some files: version 2 /usr/share/common-licenses/GPL-2",
            "- | GPL-2",
        );
    }

    #[test]
    fn other_text_says_nothing() {
        check("", "- | ");
        check("Do what you like with it.", "- | ");
        check("/usr/share/common-licenses/", "- | ");
        check("\0\u{1b}[2J: x\n\n y", "- | ");
    }
}
