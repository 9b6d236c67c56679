//! Go's order: that of `golang.org/x/mod/semver`, which pseudo-versions (`v0.0.0-20240102150405-abcdef012345`) are
//! made for; `+incompatible` and other metadata do not count. Toolchains (`go1.22`, `go1.22rc1`) are read as the
//! advisories of Go's own database write them: `1.22.0`, `1.22.0-rc.1`.
//!
//! Refused: `(devel)` and everything else without a version in it.

use super::digits::{by_value, split_while};
use super::semver::{check_labels, is_plain_number, labels, loose_numbers, split};
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub(super) struct Go<'a> {
    numbers: [&'a str; 3],
    labels: Labels<'a>,
}

#[derive(Clone, Debug)]
enum Labels<'a> {
    Plain(&'a str),
    /// `rc1` of a toolchain.
    Toolchain(String),
}

impl Labels<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Toolchain(text) => text,
        }
    }
}

impl<'a> Go<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        if let Some(toolchain) = text.strip_prefix("go") {
            return Self::toolchain(toolchain);
        }
        let (core, labels, build) = split(text.strip_prefix('v').unwrap_or(text));
        let numbers = loose_numbers(core).ok_or("it is not `v` and three numbers")?;
        let short = core.matches('.').count() < 2;
        if short && (labels.is_some() || build.is_some()) {
            return Err("a shortened version has no labels");
        }
        check_labels(labels, build)?;
        Ok(Self { numbers, labels: Labels::Plain(labels.unwrap_or("")) })
    }

    /// `1.22`, `1.22.1`, `1.22rc1`; what follows a blank or a dash is a vendor's own mark.
    fn toolchain(text: &'a str) -> Result<Self, &'static str> {
        let text = text.split([' ', '-']).next().unwrap_or_default();
        let (core, rest) = split_while(text, |b| b.is_ascii_digit() || b == b'.');
        let numbers = loose_numbers(core).ok_or("it is no Go release")?;
        if rest.is_empty() {
            // Since 1.21, `go1.N` names the language, which is older than every toolchain of it.
            let language = core.matches('.').count() == 1 && by_value(numbers[1], "21").is_ge();
            return Ok(Self { numbers, labels: Labels::Plain(if language { "0" } else { "" }) });
        }
        let (word, number) = split_while(rest, |b| b.is_ascii_lowercase());
        if !matches!(word, "rc" | "beta") || !is_plain_number(number) {
            return Err("it is no Go release");
        }
        Ok(Self { numbers, labels: Labels::Toolchain(format!("{word}.{number}")) })
    }
}

pub(super) fn compare(a: &Go<'_>, b: &Go<'_>) -> Ordering {
    let numbers = a.numbers.iter().zip(b.numbers).map(|(a, b)| by_value(a, b)).find(|o| o.is_ne());
    numbers.unwrap_or_else(|| labels(a.labels.text(), b.labels.text()))
}
