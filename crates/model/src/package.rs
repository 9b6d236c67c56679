//! A package as an image proves it.

use crate::{Purl, Sha256, TreePath};
use serde::{Deserialize, Serialize};

/// One installed package: what it is called, by what file we know it, and which layer brought it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Its canonical name.
    pub purl: Purl,
    /// The world whose names and version order it lives in.
    pub ecosystem: Ecosystem,
    /// The name as the evidence writes it.
    pub name: String,
    /// The version as the evidence writes it; empty where the evidence has none.
    pub version: String,
    /// The architecture in the ecosystem's own word, where it has one.
    pub architecture: Option<String>,
    /// The source package it was built from, where that differs in name or version.
    pub source: Option<SourcePackage>,
    /// Who supplies it (a distribution's maintainer, an npm author…), as stated.
    pub supplier: Option<String>,
    /// What the evidence says of its licence.
    pub licence: Licence,
    /// One line of description, as stated.
    pub summary: Option<String>,
    /// Where it lives on the web, as stated.
    pub homepage: Option<String>,
    /// The files that prove it, best first; never empty.
    pub evidence: Vec<Evidence>,
    /// How it is related to the other packages of the same image.
    pub relations: Vec<Relation>,
    /// Packages of other ecosystems that are parts of this one: a Python distribution inside a deb.
    pub overlaps: Vec<Overlap>,
    /// How sure the evidence makes us.
    pub trust: Trust,
}

/// A package's index in the sorted list of its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PackageId(pub u32);

/// The source package of a binary one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcePackage {
    /// Its name.
    pub name: String,
    /// Its version, which may differ from the binary package's.
    pub version: String,
}

/// What the evidence says of a licence. An expression is given only where the image proves one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// A valid SPDX expression; licences without an SPDX id appear as `LicenseRef-…`.
    pub expression: Option<String>,
    /// The words as stated, each once, in their order; also kept when they make an expression.
    pub stated: Vec<String>,
}

/// A file that proves a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence {
    /// The file in the image.
    pub path: TreePath,
    /// The member inside that file (`!`-joined for nested archives), where the file is an archive.
    pub member: Option<String>,
    /// The layer that brought the file: an index into the image's layers, lowest first.
    pub layer: u32,
    /// The file's own hash, where it is a regular file.
    pub sha256: Option<Sha256>,
}

/// An edge to another package of the same image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Relation {
    /// This one needs that one at run time, and that one is what satisfies it here.
    DependsOn(PackageId),
    /// A vendored copy, shipped inside that one.
    BundledIn(PackageId),
}

/// A package of another ecosystem whose evidence belongs to this package's files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Overlap {
    /// What it would be called on its own.
    pub purl: Purl,
    /// Its ecosystem.
    pub ecosystem: Ecosystem,
    /// Its name as its own evidence writes it.
    pub name: String,
    /// Its version as its own evidence writes it.
    pub version: String,
    /// The file that proves it.
    pub evidence: Evidence,
}

/// How a package is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Trust {
    /// A package manager's record of an installation.
    Installed,
    /// Written into the artefact by its build: Go build information, cargo-auditable, jar metadata.
    Embedded,
    /// Recognised by a signature in a program's bytes.
    Recognised,
    /// Guessed from a file's name, since the file says nothing else.
    Named,
}

impl Trust {
    /// A stable word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Embedded => "embedded",
            Self::Recognised => "recognised",
            Self::Named => "named",
        }
    }
}

/// A world of packages: one way of naming and one order of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Ecosystem {
    /// Debian's package manager, also Ubuntu's and distroless images'.
    Dpkg,
    /// Alpine's, also Wolfi's and Chainguard's.
    Apk,
    /// Red Hat's, SUSE's, Amazon's…
    Rpm,
    /// Node's packages.
    Npm,
    /// Python distributions.
    Python,
    /// Java archives.
    Java,
    /// Go modules, from a binary's build information.
    Go,
    /// Rust crates, from cargo-auditable's section.
    Rust,
    /// Ruby gems.
    Gem,
    /// PHP packages.
    Composer,
    /// .NET packages.
    Nuget,
    /// Programs installed without any package.
    Program,
}

impl Ecosystem {
    /// Every ecosystem, in the order of the docs.
    pub const ALL: [Self; 12] = [
        Self::Dpkg,
        Self::Apk,
        Self::Rpm,
        Self::Npm,
        Self::Python,
        Self::Java,
        Self::Go,
        Self::Rust,
        Self::Gem,
        Self::Composer,
        Self::Nuget,
        Self::Program,
    ];

    /// A stable word for reports and folders.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dpkg => "dpkg",
            Self::Apk => "apk",
            Self::Rpm => "rpm",
            Self::Npm => "npm",
            Self::Python => "python",
            Self::Java => "java",
            Self::Go => "go",
            Self::Rust => "rust",
            Self::Gem => "gem",
            Self::Composer => "composer",
            Self::Nuget => "nuget",
            Self::Program => "program",
        }
    }

    /// Whether it is a distribution's own package manager, whose word on its files wins over all others.
    pub fn is_distribution(self) -> bool {
        matches!(self, Self::Dpkg | Self::Apk | Self::Rpm)
    }
}

impl Package {
    /// A package with nothing known but its name, version and evidence.
    pub fn new(ecosystem: Ecosystem, purl: Purl, name: &str, version: &str, evidence: Evidence) -> Self {
        Self {
            purl,
            ecosystem,
            name: name.to_owned(),
            version: version.to_owned(),
            architecture: None,
            source: None,
            supplier: None,
            licence: Licence::default(),
            summary: None,
            homepage: None,
            evidence: vec![evidence],
            relations: Vec::new(),
            overlaps: Vec::new(),
            trust: Trust::Installed,
        }
    }

    /// The evidence that proves it best.
    pub fn proof(&self) -> &Evidence {
        &self.evidence[0]
    }
}
