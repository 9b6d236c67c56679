//! Which of an image's packages are runtimes and servers whose *maker* ends their support.
//!
//! A distribution that packages a runtime maintains it itself: Debian's `python3.11` is not over when Python 3.11 is.
//! So distribution packages count only if a maker's own repository brought them, which their version or maintainer
//! proves.

use model::{Ecosystem, Package};

/// A runtime of the end-of-life table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Runtime {
    /// The table's name for it.
    pub(super) product: &'static str,
    /// Its own version, without what a packager adds.
    pub(super) version: String,
}

/// Programs that came without a package, by the names that their reader gives them.
const PROGRAMS: [(&str, &str); 18] = [
    ("node", "nodejs"),
    ("python", "python"),
    ("ruby", "ruby"),
    ("php", "php"),
    ("perl", "perl"),
    ("go", "go"),
    ("erlang", "erlang"),
    ("oracle-jdk", "oracle-jdk"),
    ("nginx", "nginx"),
    ("httpd", "apache-http-server"),
    ("haproxy", "haproxy"),
    ("redis", "redis"),
    ("valkey", "valkey"),
    ("memcached", "memcached"),
    ("postgresql", "postgresql"),
    ("mariadb", "mariadb"),
    ("mysql", "mysql"),
    ("openssl", "openssl"),
];

/// Builds of OpenJDK and GraalVM: program, what its stated implementor contains, product. Each maker has dates of its
/// own.
const JAVAS: [(&str, &str, &str); 13] = [
    ("openjdk", "adoptium", "eclipse-temurin"),
    ("openjdk", "amazon", "amazon-corretto"),
    ("openjdk", "azul", "azul-zulu"),
    ("openjdk", "bellsoft", "bellsoft-liberica"),
    ("openjdk", "ibm", "ibm-semeru"),
    ("openjdk", "international business machines", "ibm-semeru"),
    ("openjdk", "microsoft", "microsoft-build-of-openjdk"),
    ("openjdk", "red hat", "red-hat-build-of-openjdk"),
    ("openjdk", "sap se", "sapmachine"),
    ("openjdk", "oracle", "openjdk-builds-from-oracle"),
    ("graalvm", "community", "graalvm-ce"),
    ("graalvm", "oracle", "oracle-graalvm"),
    ("openjdk", "", "eclipse-temurin"),
];
/// Implementors that are distributions, which mend their Java themselves.
const DISTRIBUTIONS: [&str; 3] = ["debian", "ubuntu", "alpine"];

/// Distribution packages of a maker's own repository.
struct Foreign {
    /// The whole name, or with `*` at its end, its beginning before digits.
    name: &'static str,
    /// What the version or the maintainer must contain, in lower case; empty if the name is proof enough.
    mark: &'static str,
    product: &'static str,
}

const FOREIGN: [Foreign; 14] = [
    Foreign { name: "nodejs", mark: "nodesource", product: "nodejs" },
    Foreign { name: "postgresql-*", mark: "pgdg", product: "postgresql" },
    Foreign { name: "postgresql*-server", mark: "pgdg", product: "postgresql" },
    Foreign { name: "nginx", mark: "nginx-packaging", product: "nginx" },
    Foreign { name: "nginx", mark: "@nginx.com", product: "nginx" },
    Foreign { name: "mariadb-server", mark: "+maria~", product: "mariadb" },
    Foreign { name: "mysql-community-server-core", mark: "", product: "mysql" },
    Foreign { name: "mysql-community-server-minimal", mark: "", product: "mysql" },
    Foreign { name: "mysql-community-server", mark: "", product: "mysql" },
    Foreign { name: "mongodb-org-server", mark: "", product: "mongodb" },
    Foreign { name: "redis-server", mark: "redis.io", product: "redis" },
    Foreign { name: "temurin-*-jdk", mark: "", product: "eclipse-temurin" },
    Foreign { name: "temurin-*-jre", mark: "", product: "eclipse-temurin" },
    Foreign { name: "dotnet-runtime-*", mark: "microsoft", product: "dotnet" },
];

/// The runtime that a package is, if its maker's dates hold for it.
pub(super) fn runtime(package: &Package) -> Option<Runtime> {
    match package.ecosystem {
        Ecosystem::Program => {
            let product = program(package)?;
            Some(Runtime { product, version: own_version(product, &package.version) })
        }
        Ecosystem::Go if matches!(package.name.as_str(), "stdlib" | "go") => {
            Some(Runtime { product: "go", version: own_version("go", &package.version) })
        }
        ecosystem if ecosystem.is_distribution() => foreign(package),
        _ => None,
    }
}

fn program(package: &Package) -> Option<&'static str> {
    if let Some((_, product)) = PROGRAMS.iter().find(|(name, _)| *name == package.name) {
        return Some(product);
    }
    let maker = package.supplier.as_deref().unwrap_or_default().to_ascii_lowercase();
    if DISTRIBUTIONS.iter().any(|d| maker.contains(d)) {
        return None;
    }
    let java = JAVAS.iter().find(|(name, mark, _)| *name == package.name && maker.contains(mark));
    java.map(|(_, _, product)| *product)
}

fn foreign(package: &Package) -> Option<Runtime> {
    let supplier = package.supplier.as_deref().unwrap_or_default().to_ascii_lowercase();
    let version = package.version.to_ascii_lowercase();
    let marked = |mark: &str| supplier.contains(mark) || version.contains(mark);
    let found = FOREIGN.iter().find(|f| is_named(f.name, &package.name) && marked(f.mark))?;
    Some(Runtime { product: found.product, version: own_version(found.product, &package.version) })
}

/// `*` in a pattern stands for a version number.
fn is_named(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == name };
    let number = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

/// Without an epoch, a `v` or `go` in front, a packager's revision behind, and Java's old `1.`.
fn own_version(product: &str, version: &str) -> String {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    let version = version.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let version = version.split(['-', '+', '~', '_']).next().unwrap_or_default();
    let is_java = product == "oracle-jdk" || JAVAS.iter().any(|(_, _, java)| *java == product);
    version.strip_prefix("1.").filter(|_| is_java).unwrap_or(version).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;
    use crate::eol::EolTable;

    fn check(ecosystem: Ecosystem, name: &str, version: &str, supplier: &str, expected: Option<(&str, &str)>) {
        let mut bench = Bench::good();
        let package = bench.package(ecosystem, name, version);
        package.supplier = Some(supplier.to_owned());
        let found = runtime(package);
        assert_eq!(found.as_ref().map(|r| (r.product, r.version.as_str())), expected, "{name} {version}");
    }

    #[test]
    fn programs_by_name() {
        check(Ecosystem::Program, "node", "20.14.0", "", Some(("nodejs", "20.14.0")));
        check(Ecosystem::Program, "openjdk", "1.8.0_392", "Eclipse Adoptium", Some(("eclipse-temurin", "8.0")));
        check(
            Ecosystem::Program,
            "openjdk",
            "17.0.2",
            "Oracle Corporation",
            Some(("openjdk-builds-from-oracle", "17.0.2")),
        );
        check(Ecosystem::Program, "openjdk", "17.0.2+8", "", Some(("eclipse-temurin", "17.0.2")));
        check(Ecosystem::Program, "openjdk", "17.0.13", "Debian", None);
        check(Ecosystem::Program, "graalvm", "21.0.2", "GraalVM Community", Some(("graalvm-ce", "21.0.2")));
        check(Ecosystem::Go, "stdlib", "go1.22.1", "", Some(("go", "1.22.1")));
        check(Ecosystem::Program, "bash", "5.2", "", None);
        check(Ecosystem::Npm, "node", "20.0.0", "", None);
    }

    #[test]
    fn a_distributions_own_packages_are_its_own_business() {
        check(Ecosystem::Dpkg, "python3.11", "3.11.2-6", "Matthias Klose <doko@debian.org>", None);
        check(Ecosystem::Dpkg, "nodejs", "18.19.0+dfsg-6", "Debian Javascript Maintainers", None);
        check(
            Ecosystem::Dpkg,
            "nginx",
            "1.22.1-9",
            "Debian Nginx Maintainers <pkg-nginx-maintainers@alioth-lists.debian.net>",
            None,
        );
        check(Ecosystem::Dpkg, "postgresql-15", "15.6-0+deb12u1", "Debian PostgreSQL Maintainers", None);
        check(Ecosystem::Apk, "nginx", "1.26.2-r0", "Jakub Jirutka <jakub@jirutka.cz>", None);
    }

    #[test]
    fn a_makers_packages_are_the_makers() {
        check(Ecosystem::Dpkg, "nodejs", "16.20.2-deb-1nodesource1", "", Some(("nodejs", "16.20.2")));
        check(Ecosystem::Dpkg, "postgresql-12", "12.18-1.pgdg120+2", "", Some(("postgresql", "12.18")));
        check(Ecosystem::Rpm, "postgresql16-server", "16.2-1PGDG.rhel9", "", Some(("postgresql", "16.2")));
        check(
            Ecosystem::Dpkg,
            "nginx",
            "1.25.3-1~bookworm",
            "NGINX Packaging <nginx-packaging@f5.com>",
            Some(("nginx", "1.25.3")),
        );
        check(Ecosystem::Dpkg, "mariadb-server", "1:11.4.2+maria~ubu2204", "", Some(("mariadb", "11.4.2")));
        check(Ecosystem::Rpm, "mysql-community-server-minimal", "8.0.36-1.el9", "", Some(("mysql", "8.0.36")));
        check(Ecosystem::Dpkg, "temurin-17-jdk", "17.0.10.0.0+7-0", "", Some(("eclipse-temurin", "17.0.10.0.0")));
        check(Ecosystem::Dpkg, "postgresql-client-12", "12.18-1.pgdg120+2", "", None);
    }

    #[test]
    fn every_product_is_in_the_table() {
        let products = PROGRAMS
            .iter()
            .map(|(_, p)| *p)
            .chain(JAVAS.iter().map(|(_, _, p)| *p))
            .chain(FOREIGN.iter().map(|f| f.product));
        for product in products {
            assert!(EolTable::built_in().products.contains_key(product), "{product}");
        }
    }
}
