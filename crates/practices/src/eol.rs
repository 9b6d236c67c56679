//! When releases end: the built-in table, and how an image's own words find their row in it.
//!
//! The table is data of a known day ([`EolTable::as_of`]); a release that it does not list is *not listed*, never
//! taken for supported or ended.

use crate::endoflife_json;
use facts::os::OsRelease;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Products and their release cycles, as of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EolTable {
    /// The day the data is of.
    pub as_of: Date,
    /// By the name that endoflife.date gives them.
    pub products: BTreeMap<String, Product>,
}

/// One product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its name for people.
    pub title: String,
    /// Its release cycles, newest first.
    pub cycles: Vec<Cycle>,
}

/// One line of releases that is supported as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// `12`, `3.20`, `24.04`…
    pub name: String,
    /// When its maker's support ends.
    pub end: End,
    /// When extended support ends, where there is some; it may have to be paid for or be switched on.
    pub extended_end: Option<End>,
    /// The newest release of the cycle on the table's day.
    pub latest: Option<String>,
}

/// When something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Not ended, and no date is stated.
    Open,
    /// Ended, and no date is stated.
    Past,
    /// On this day: the last one with support.
    On(Date),
}

impl End {
    /// Whether it is over on `today`.
    pub fn is_past(self, today: Date) -> bool {
        match self {
            Self::Open => false,
            Self::Past => true,
            Self::On(date) => date < today,
        }
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open => f.write_str("no stated date"),
            Self::Past => f.write_str("an unstated date"),
            Self::On(date) => date.fmt(f),
        }
    }
}

/// What the table says of a distribution's release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release<'a> {
    /// It has a row.
    Listed(&'a Product, &'a Cycle),
    /// It never ends: a rolling one.
    Rolling,
    /// It is not released yet: it has no end, and no support either.
    Unreleased,
    /// The distribution is listed, this release is not.
    NotListed(&'a Product),
    /// The distribution is not in the table.
    UnknownDistribution,
}

impl EolTable {
    /// The table that is built in. It is parsed once, on first use.
    pub fn built_in() -> &'static Self {
        static TABLE: OnceLock<EolTable> = OnceLock::new();
        TABLE.get_or_init(|| {
            endoflife_json::parse(include_str!("../../../assets/endoflife.json")).unwrap_or_else(|_| Self::empty())
        })
    }

    /// A table that lists nothing.
    pub fn empty() -> Self {
        Self { as_of: Date::ZERO, products: BTreeMap::new() }
    }

    /// The row of the distribution that an image says it is.
    pub fn distribution(&self, os: &OsRelease) -> Release<'_> {
        if is_rolling(os) {
            return Release::Rolling;
        }
        if is_unreleased(os) {
            return Release::Unreleased;
        }
        let Some((name, parts)) = distribution_product(os) else { return Release::UnknownDistribution };
        let Some(product) = self.products.get(name) else { return Release::UnknownDistribution };
        let version = os.version_id.as_deref().unwrap_or_default();
        let wanted = version.split('.').take(parts).collect::<Vec<_>>().join(".");
        let cycle = product.cycles.iter().find(|c| c.name == wanted);
        cycle.map_or(Release::NotListed(product), |cycle| Release::Listed(product, cycle))
    }

    /// The row of `version` of `product`: the cycle whose name is the version's longest dotted beginning.
    pub fn cycle(&self, product: &str, version: &str) -> Option<(&Product, &Cycle)> {
        let product = self.products.get(product)?;
        let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
        let mut wanted = version[..end].trim_end_matches('.');
        loop {
            if let Some(cycle) = product.cycles.iter().find(|c| c.name == wanted) {
                return Some((product, cycle));
            }
            wanted = wanted.rsplit_once('.')?.0;
        }
    }
}

/// What is to become a release: Debian's testing and unstable have no `VERSION_ID`, Alpine's edge says so.
fn is_unreleased(os: &OsRelease) -> bool {
    let version = os.version_id.as_deref();
    match os.id.as_str() {
        "debian" => version.is_none(),
        "alpine" => version.is_some_and(|v| v.contains("_alpha") || v.contains("edge")),
        _ => false,
    }
}

/// Distributions without releases.
fn is_rolling(os: &OsRelease) -> bool {
    let rolling = ["wolfi", "chainguard", "arch", "archlinux", "gentoo", "void", "kali", "opensuse-tumbleweed"];
    rolling.contains(&os.id.as_str())
}

/// The product of an os-release `ID`, and how many dotted parts of `VERSION_ID` make its cycle's name.
fn distribution_product(os: &OsRelease) -> Option<(&'static str, usize)> {
    let stream = os.pretty_name.as_deref().is_some_and(|n| n.contains("Stream"));
    Some(match os.id.as_str() {
        "debian" => ("debian", 1),
        "ubuntu" => ("ubuntu", 2),
        "alpine" => ("alpine-linux", 2),
        "rhel" => ("rhel", 1),
        "centos" if stream => ("centos-stream", 1),
        "centos" => ("centos", 1),
        "rocky" => ("rocky-linux", 1),
        "almalinux" => ("almalinux", 1),
        "ol" => ("oracle-linux", 1),
        "amzn" => ("amazon-linux", 2),
        "fedora" => ("fedora", 1),
        "sles" | "sled" | "sles_sap" => ("sles", 2),
        "opensuse-leap" | "opensuse" => ("opensuse", 2),
        "photon" => ("vmware-photon", 2),
        "devuan" => ("devuan", 1),
        "mageia" => ("mageia", 1),
        "eurolinux" => ("eurolinux", 1),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, version: Option<&str>, expected: &str) {
        let os = OsRelease { id: id.into(), version_id: version.map(str::to_owned), ..OsRelease::default() };
        let found = match EolTable::built_in().distribution(&os) {
            Release::Listed(product, cycle) => format!("{} {}: {}", product.title, cycle.name, cycle.end),
            Release::Rolling => "rolling".to_owned(),
            Release::Unreleased => "unreleased".to_owned(),
            Release::NotListed(product) => format!("{}: not listed", product.title),
            Release::UnknownDistribution => "unknown".to_owned(),
        };
        assert_eq!(found, expected, "{id} {version:?}");
    }

    #[test]
    fn the_built_in_table_is_there_and_dated() {
        let table = EolTable::built_in();
        assert_eq!(table.as_of, jiff::civil::date(2026, 8, 22));
        assert_eq!(table.products.len(), 133);
    }

    #[test]
    fn distributions_find_their_row() {
        check("debian", Some("12"), "Debian 12: 2026-07-11");
        check("debian", Some("99"), "Debian: not listed");
        check("debian", None, "unreleased");
        check("alpine", Some("3.20.3"), "Alpine Linux 3.20: 2026-04-01");
        check("alpine", Some("3.21.0_alpha20240807"), "unreleased");
        check("ubuntu", Some("24.04"), "Ubuntu 24.04: 2029-05-31");
        check("rhel", Some("9.4"), "Red Hat Enterprise Linux 9: 2032-05-31");
        check("rocky", Some("9.3"), "Rocky Linux 9: 2032-05-31");
        check("amzn", Some("2"), "Amazon Linux 2: 2026-06-30");
        check("amzn", Some("2018.03"), "Amazon Linux 2018.03: 2023-12-31");
        check("amzn", Some("2023"), "Amazon Linux 2023: 2029-06-30");
        check("sles", Some("15.5"), "SUSE Linux Enterprise Server 15.5: 2024-12-31");
        check("opensuse-leap", Some("15.6"), "openSUSE 15.6: 2026-04-30");
        check("ol", Some("9.2"), "Oracle Linux 9: 2032-06-30");
        check("wolfi", Some("20230201"), "rolling");
        check("azurelinux", Some("3.0"), "unknown");
        check("centos", Some("7"), "CentOS 7: 2024-06-30");
    }

    #[test]
    fn centos_stream_is_not_centos() {
        let os = OsRelease {
            id: "centos".into(),
            version_id: Some("8".into()),
            pretty_name: Some("CentOS Stream 8".into()),
            ..OsRelease::default()
        };
        let Release::Listed(_, cycle) = EolTable::built_in().distribution(&os) else { panic!("listed") };
        assert_eq!(cycle.end, End::On(jiff::civil::date(2024, 5, 31)));
    }

    #[test]
    fn versions_find_their_cycle() {
        let cycle = |product, version| EolTable::built_in().cycle(product, version).map(|(_, c)| c.name.as_str());
        assert_eq!(cycle("nodejs", "20.11.1"), Some("20"));
        assert_eq!(cycle("python", "3.9.19"), Some("3.9"));
        assert_eq!(cycle("python", "3.90.1"), None);
        assert_eq!(cycle("php", "8.2.0RC1"), Some("8.2"));
        assert_eq!(cycle("nodejs", ""), None);
        assert_eq!(cycle("nodejs", "...."), None);
        assert_eq!(cycle("no-such-product", "1"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_version_is_looked_up(version in r"[0-9.é_+-]{0,24}") {
            let found = EolTable::built_in().cycle("python", &version);
            proptest::prop_assert!(found.is_none_or(|(_, c)| version.starts_with(&c.name)));
        }
    }

    #[test]
    fn the_last_day_still_counts() {
        let day = jiff::civil::date(2026, 7, 11);
        assert!(!End::On(day).is_past(day));
        assert!(End::On(day).is_past(day.tomorrow().unwrap()));
    }
}
