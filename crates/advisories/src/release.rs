//! Which world of advisories judges a distribution's release, and under which names its packages lie there.

use crate::matching::Query;
use model::{Ecosystem, Package, VersionOrder};

/// A distribution as its `os-release` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release<'r> {
    /// `debian`, `alpine`; lower case.
    pub id: &'r str,
    /// `12`, `3.20.3`; `None` for a rolling one.
    pub version: Option<&'r str>,
}

/// The key of the world that judges a release; `None` if no source that is read here knows the distribution.
pub fn world_of(release: &Release<'_>) -> Option<String> {
    let version = release.version.unwrap_or_default();
    let major = version.split('.').next().unwrap_or_default();
    let minor = || version.split('.').take(2).collect::<Vec<_>>().join(".");
    Some(match release.id {
        "debian" if version.is_empty() => "Debian:sid".to_owned(),
        "debian" => format!("Debian:{major}"),
        "ubuntu" => format!("Ubuntu:{version}"),
        "alpine" if version.is_empty() || version.contains("_alpha") => "Alpine:edge".to_owned(),
        "alpine" => format!("Alpine:v{}", minor()),
        "wolfi" => "Wolfi".to_owned(),
        "chainguard" => "Chainguard".to_owned(),
        "rhel" => format!("Red Hat:{major}"),
        "almalinux" => format!("AlmaLinux:{major}"),
        "rocky" => format!("Rocky Linux:{major}"),
        "ol" => format!("Oracle Linux:{major}"),
        "amzn" => format!("Amazon Linux:{version}"),
        "sles" => suse(version),
        "opensuse-leap" => format!("openSUSE:Leap {version}"),
        "opensuse-tumbleweed" => "openSUSE:Tumbleweed".to_owned(),
        "photon" => format!("Photon OS:{version}"),
        "mariner" | "azurelinux" => format!("Azure Linux:{major}"),
        _ => return None,
    })
}

/// `15.3` is service pack 3.
fn suse(version: &str) -> String {
    match version.split_once('.') {
        Some((major, pack)) if pack != "0" => format!("SUSE:Linux Enterprise Server {major} SP{pack}"),
        _ => format!("SUSE:Linux Enterprise Server {}", version.trim_end_matches(".0")),
    }
}

/// The world of a package that no distribution owns; `None` for programs, which have no world of their own.
pub fn world_of_ecosystem(ecosystem: Ecosystem) -> Option<&'static str> {
    Some(match ecosystem {
        Ecosystem::Npm => "npm",
        Ecosystem::Python => "PyPI",
        Ecosystem::Java => "Maven",
        Ecosystem::Go => "Go",
        Ecosystem::Rust => "crates.io",
        Ecosystem::Gem => "RubyGems",
        Ecosystem::Composer => "Packagist",
        Ecosystem::Nuget => "NuGet",
        Ecosystem::Dpkg | Ecosystem::Apk | Ecosystem::Rpm | Ecosystem::Program => return None,
    })
}

/// A package's name and version in one world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name, folded.
    pub name: String,
    /// The version.
    pub version: String,
}

/// Under which names a package lies in its world. A Debian or Alpine package is judged by its source, an rpm by itself
/// and, where a distribution's advisories name sources, by its source too.
pub fn names(world: &str, package: &Package) -> Result<Vec<Named>, &'static str> {
    let own = || Named { name: package.name.clone(), version: package.version.clone() };
    let source = package.source.as_ref();
    let sourced = |version: &str| {
        let name = source.map_or(package.name.as_str(), |s| s.name.as_str());
        Named { name: name.to_owned(), version: version.to_owned() }
    };
    Ok(match package.ecosystem {
        Ecosystem::Dpkg => {
            let version = source.map(|s| s.version.as_str()).filter(|v| !v.is_empty()).unwrap_or(&package.version);
            vec![sourced(version)]
        }
        Ecosystem::Apk => vec![sourced(&package.version)],
        Ecosystem::Rpm if world.starts_with("Azure") || world.starts_with("Photon") => {
            let mut both = vec![own(), sourced(&package.version)];
            both.dedup();
            both
        }
        Ecosystem::Rpm => vec![own()],
        Ecosystem::Java => {
            let parts = package.purl.parts();
            if parts.kind != "maven" || parts.namespace.is_empty() {
                return Err("no file states the group of this archive");
            }
            let group = parts.namespace.replace('/', ".");
            vec![Named { name: format!("{group}:{}", parts.name), version: package.version.clone() }]
        }
        _ => {
            let name = crate::ecosystem::folded(world, &package.name).into_owned();
            vec![Named { name, version: package.version.clone() }]
        }
    })
}

/// A question about a package under one of its names.
pub fn query<'q>(world: &'q str, named: &'q Named, package: &Package, module: &'q str) -> Query<'q> {
    let order = VersionOrder::of(package.ecosystem);
    Query { world, name: &named.name, version: &named.version, order, module }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases() {
        let check = |id: &str, version: &str, expected: &str| {
            let version = Some(version).filter(|v| !v.is_empty());
            assert_eq!(world_of(&Release { id, version }).as_deref(), Some(expected), "{id} {version:?}");
        };
        check("debian", "12", "Debian:12");
        check("debian", "", "Debian:sid");
        check("ubuntu", "22.04", "Ubuntu:22.04");
        check("alpine", "3.20.3", "Alpine:v3.20");
        check("alpine", "3.21.0_alpha20240923", "Alpine:edge");
        check("rhel", "9.4", "Red Hat:9");
        check("sles", "15.3", "SUSE:Linux Enterprise Server 15 SP3");
        check("sles", "15", "SUSE:Linux Enterprise Server 15");
        check("mariner", "2.0", "Azure Linux:2");
        check("amzn", "2023", "Amazon Linux:2023");
        assert_eq!(world_of(&Release { id: "slackware", version: Some("15") }), None);
    }
}
