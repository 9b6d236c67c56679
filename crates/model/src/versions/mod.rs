//! The orders of versions: one for each way of packaging, since `1.10` and `1.9` mean what their own tools say.
//!
//! A [`Version`] is read by the rules of one [`VersionOrder`] and compares only within it. What the order's own tool
//! calls no version does not parse here either, and [`VersionError`] says why: whoever judges by it must then say that
//! it could not be judged, and never guess. `cargo xtask proof versions` holds each order against the tool that
//! defines it.

mod apk;
mod composer;
mod digits;
mod dpkg;
mod gem;
mod generic;
mod go;
mod maven;
mod nuget;
mod pacman;
mod python;
mod rpm;
mod semver;

#[cfg(test)]
mod tests;

use crate::Ecosystem;
use std::cmp::Ordering;

/// The longest text that is read as a version. Real ones stay below a hundred bytes.
pub const LONGEST_VERSION: usize = 512;

/// By whose rules versions are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VersionOrder {
    /// `dpkg --compare-versions`: epoch, upstream version, revision; `~` sorts before the end.
    Dpkg,
    /// rpm's `labelCompare`: epoch, version, release; `~` before the end, `^` after it.
    Rpm,
    /// `apk version -t`.
    Apk,
    /// pacman's `vercmp`.
    Pacman,
    /// npm's `semver`.
    Npm,
    /// Cargo's: Semantic Versioning 2.0 as it is written.
    Cargo,
    /// Python's PEP 440; older texts by setuptools' former rules, all before every valid version.
    Python,
    /// Maven's `ComparableVersion`.
    Maven,
    /// `Gem::Version`.
    Gem,
    /// Composer's normalised versions by PHP's `version_compare`.
    Composer,
    /// `NuGetVersion`: up to four numbers, then Semantic Versioning's labels without regard to case.
    Nuget,
    /// Go modules and toolchains: `v1.2.3`, pseudo-versions, `go1.22rc1`.
    Go,
    /// Programs without a package: runs of digits by number, runs of letters by letter, a lone letter after its number.
    Generic,
}

impl VersionOrder {
    /// Every order, as the proof lists them.
    pub const ALL: [Self; 13] = [
        Self::Dpkg,
        Self::Rpm,
        Self::Apk,
        Self::Pacman,
        Self::Npm,
        Self::Cargo,
        Self::Python,
        Self::Maven,
        Self::Gem,
        Self::Composer,
        Self::Nuget,
        Self::Go,
        Self::Generic,
    ];

    /// A stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dpkg => "dpkg",
            Self::Rpm => "rpm",
            Self::Apk => "apk",
            Self::Pacman => "pacman",
            Self::Npm => "npm",
            Self::Cargo => "cargo",
            Self::Python => "python",
            Self::Maven => "maven",
            Self::Gem => "gem",
            Self::Composer => "composer",
            Self::Nuget => "nuget",
            Self::Go => "go",
            Self::Generic => "generic",
        }
    }

    /// The order of an ecosystem's packages.
    pub fn of(ecosystem: Ecosystem) -> Self {
        match ecosystem {
            Ecosystem::Dpkg => Self::Dpkg,
            Ecosystem::Apk => Self::Apk,
            Ecosystem::Rpm => Self::Rpm,
            Ecosystem::Npm => Self::Npm,
            Ecosystem::Python => Self::Python,
            Ecosystem::Java => Self::Maven,
            Ecosystem::Go => Self::Go,
            Ecosystem::Rust => Self::Cargo,
            Ecosystem::Gem => Self::Gem,
            Ecosystem::Composer => Self::Composer,
            Ecosystem::Nuget => Self::Nuget,
            Ecosystem::Program => Self::Generic,
        }
    }
}

/// A version, read by the rules of its order.
#[derive(Clone, Debug)]
pub struct Version<'a> {
    order: VersionOrder,
    form: Form<'a>,
}

#[derive(Clone, Debug)]
enum Form<'a> {
    Dpkg(dpkg::Dpkg<'a>),
    Rpm(rpm::Rpm<'a>),
    Apk(&'a str),
    Pacman(pacman::Pacman<'a>),
    Semver(semver::Semver<'a>),
    Python(Box<python::Python>),
    Maven(maven::Maven),
    Gem(gem::Gem<'a>),
    Composer(composer::Composer),
    Nuget(nuget::Nuget<'a>),
    Go(go::Go<'a>),
    Generic(&'a str),
}

/// Why a text is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no version of {}: {why}", order.word())]
pub struct VersionError {
    /// Whose rules it breaks.
    pub order: VersionOrder,
    /// Which one.
    pub why: &'static str,
}

impl<'a> Version<'a> {
    /// Reads `text` by the rules of `order`; a text that the order's own tool refuses is an error.
    pub fn parse(order: VersionOrder, text: &'a str) -> Result<Self, VersionError> {
        let error = |why| VersionError { order, why };
        if text.len() > LONGEST_VERSION {
            return Err(error("it is too long"));
        }
        let form = match order {
            VersionOrder::Dpkg => dpkg::Dpkg::parse(text).map(Form::Dpkg),
            VersionOrder::Rpm => rpm::Rpm::parse(text).map(Form::Rpm),
            VersionOrder::Apk => apk::check(text).map(|()| Form::Apk(text)),
            VersionOrder::Pacman => pacman::Pacman::parse(text).map(Form::Pacman),
            VersionOrder::Npm => semver::Semver::npm(text).map(Form::Semver),
            VersionOrder::Cargo => semver::Semver::cargo(text).map(Form::Semver),
            VersionOrder::Python => python::Python::parse(text).map(|p| Form::Python(Box::new(p))),
            VersionOrder::Maven => maven::Maven::parse(text).map(Form::Maven),
            VersionOrder::Gem => gem::Gem::parse(text).map(Form::Gem),
            VersionOrder::Composer => composer::Composer::parse(text).map(Form::Composer),
            VersionOrder::Nuget => nuget::Nuget::parse(text).map(Form::Nuget),
            VersionOrder::Go => go::Go::parse(text).map(Form::Go),
            VersionOrder::Generic => generic::check(text).map(|()| Form::Generic(text)),
        };
        Ok(Self { order, form: form.map_err(error)? })
    }

    /// Whose rules it was read by.
    pub fn order(&self) -> VersionOrder {
        self.order
    }

    /// Which of the two is older; `None` for versions of two orders.
    pub fn compare(&self, other: &Version<'_>) -> Option<Ordering> {
        if self.order != other.order {
            return None;
        }
        Some(match (&self.form, &other.form) {
            (Form::Dpkg(a), Form::Dpkg(b)) => dpkg::compare(a, b),
            (Form::Rpm(a), Form::Rpm(b)) => rpm::compare(a, b),
            (Form::Apk(a), Form::Apk(b)) => apk::compare(a, b),
            (Form::Pacman(a), Form::Pacman(b)) => pacman::compare(a, b),
            (Form::Semver(a), Form::Semver(b)) => semver::compare(a, b),
            (Form::Python(a), Form::Python(b)) => python::compare(a, b),
            (Form::Maven(a), Form::Maven(b)) => maven::compare(a, b),
            (Form::Gem(a), Form::Gem(b)) => gem::compare(a, b),
            (Form::Composer(a), Form::Composer(b)) => composer::compare(a, b),
            (Form::Nuget(a), Form::Nuget(b)) => nuget::compare(a, b),
            (Form::Go(a), Form::Go(b)) => go::compare(a, b),
            (Form::Generic(a), Form::Generic(b)) => generic::compare(a, b),
            _ => return None,
        })
    }
}
