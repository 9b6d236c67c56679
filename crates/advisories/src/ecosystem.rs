//! OSV's names of ecosystems: by whose rules their versions are compared, and under what key their packages lie.
//!
//! A name that is not in the table is no error: its packages are left out of the index and counted.

use model::VersionOrder;
use std::borrow::Cow;

/// Where the packages of one ecosystem, or of one release of a distribution, are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World<'e> {
    /// The key: OSV's name without what makes no difference, such as `:LTS`.
    pub key: Cow<'e, str>,
    /// The repository within the release, where the name tells one (Red Hat).
    pub repository: &'e str,
    /// How versions compare.
    pub order: VersionOrder,
    /// Whether it is a distribution, whose word on its own packages wins.
    pub distribution: bool,
}

/// The world of an OSV ecosystem.
pub fn world(ecosystem: &str) -> Option<World<'_>> {
    let (base, release) = ecosystem.split_once(':').unwrap_or((ecosystem, ""));
    let (order, distribution) = match base {
        "Debian" | "Ubuntu" | "Echo" => (VersionOrder::Dpkg, true),
        "Alpine" | "Wolfi" | "Chainguard" | "MinimOS" | "Alpaquita" => (VersionOrder::Apk, true),
        "Red Hat" | "AlmaLinux" | "Rocky Linux" | "SUSE" | "openSUSE" | "Oracle Linux" | "Amazon Linux"
        | "Azure Linux" | "Photon OS" | "Mageia" | "openEuler" => (VersionOrder::Rpm, true),
        "npm" => (VersionOrder::Npm, false),
        "crates.io" => (VersionOrder::Cargo, false),
        "PyPI" => (VersionOrder::Python, false),
        "Maven" => (VersionOrder::Maven, false),
        "Go" => (VersionOrder::Go, false),
        "RubyGems" => (VersionOrder::Gem, false),
        "Packagist" => (VersionOrder::Composer, false),
        "NuGet" => (VersionOrder::Nuget, false),
        _ => return None,
    };
    let (key, repository) = match base {
        "Ubuntu" => (Cow::Borrowed(ecosystem.strip_suffix(":LTS").unwrap_or(ecosystem)), ""),
        "Red Hat" => red_hat(ecosystem, release),
        // Maven's `Maven:https://repo…` names where it was found, not another world.
        _ if !distribution => (Cow::Borrowed(base), ""),
        _ => (Cow::Borrowed(ecosystem), ""),
    };
    Some(World { key, repository, order, distribution })
}

/// `enterprise_linux:9::appstream` is release 9, repository `appstream`; other products keep their whole name.
fn red_hat<'e>(ecosystem: &'e str, release: &'e str) -> (Cow<'e, str>, &'e str) {
    let (product, repository) = release.split_once("::").unwrap_or((release, ""));
    match product.strip_prefix("enterprise_linux:") {
        Some(number) => (Cow::Owned(format!("Red Hat:{number}")), repository),
        None => (Cow::Borrowed(ecosystem), repository),
    }
}

/// The name under which a package of this world lies, for worlds that spell one package in several ways.
pub fn folded<'n>(key: &str, name: &'n str) -> Cow<'n, str> {
    match key {
        "PyPI" => Cow::Owned(python(name)),
        "NuGet" | "Packagist" => Cow::Owned(name.to_lowercase()),
        _ => Cow::Borrowed(name),
    }
}

/// PEP 503: lower case, runs of `-`, `_` and `.` are one `-`.
fn python(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worlds() {
        let check = |name: &str, key: &str, repository: &str, order: VersionOrder| {
            let world = world(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!((world.key.as_ref(), world.repository, world.order), (key, repository, order), "{name}");
        };
        check("Debian:12", "Debian:12", "", VersionOrder::Dpkg);
        check("Ubuntu:22.04:LTS", "Ubuntu:22.04", "", VersionOrder::Dpkg);
        check("Ubuntu:Pro:16.04:LTS", "Ubuntu:Pro:16.04", "", VersionOrder::Dpkg);
        check("Alpine:v3.20", "Alpine:v3.20", "", VersionOrder::Apk);
        check("Red Hat:enterprise_linux:9::appstream", "Red Hat:9", "appstream", VersionOrder::Rpm);
        check("Red Hat:enterprise_linux:8", "Red Hat:8", "", VersionOrder::Rpm);
        check("Red Hat:rhel_eus:9.4::crb", "Red Hat:rhel_eus:9.4::crb", "crb", VersionOrder::Rpm);
        check("Maven:https://repo.example", "Maven", "", VersionOrder::Maven);
        check("PyPI", "PyPI", "", VersionOrder::Python);
        assert_eq!(world("Brand New:1"), None);
        assert!(!world("npm").unwrap().distribution && world("Wolfi").unwrap().distribution);
    }

    #[test]
    fn names() {
        assert_eq!(folded("PyPI", "Zope.Interface__x"), "zope-interface-x");
        assert_eq!(folded("NuGet", "Newtonsoft.Json"), "newtonsoft.json");
        assert_eq!(folded("npm", "JSONStream"), "JSONStream");
    }
}
