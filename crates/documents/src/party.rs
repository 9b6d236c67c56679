//! Who supplies something: free text from package metadata as a person or an organisation.

use crate::bill::Creator;
use crate::text::{email, line};
use model::{Ecosystem, Package};

/// A person or an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Party {
    /// A person, not an organisation.
    pub(crate) person: bool,
    /// One line; no parentheses, which SPDX keeps for the address.
    pub(crate) name: String,
    /// A plain address.
    pub(crate) email: Option<String>,
}

/// Words that only names of groups have.
const GROUPS: [&str; 30] = [
    "team",
    "maintainers",
    "maintainer",
    "developers",
    "project",
    "group",
    "foundation",
    "inc",
    "inc.",
    "ltd",
    "ltd.",
    "llc",
    "gmbh",
    "corporation",
    "corp",
    "corp.",
    "company",
    "community",
    "contributors",
    "authors",
    "software",
    "debian",
    "ubuntu",
    "alpine",
    "packages",
    "packagers",
    "consortium",
    "labs",
    "organization",
    "association",
];

impl Party {
    /// Reads `Name <address>`, `Name (https://…)`, an address or a name; of several, the first.
    pub(crate) fn parse(stated: &str, ecosystem: Option<Ecosystem>) -> Option<Self> {
        let (name, address) = match stated.split_once('<') {
            Some((name, rest)) => (name, rest.split_once('>').and_then(|(address, _)| email(address))),
            None => (stated, email(stated)),
        };
        // What is no address is kept as part of the name, so that it is not lost.
        let name = if address.is_none() && stated.contains('<') { stated } else { name };
        let name = name.split_once(" (http").map_or(name, |(name, _)| name);
        let name = clean(name);
        let name = if name.is_empty() { address?.to_owned() } else { name };
        let person = !is_group(&name, address, ecosystem);
        Some(Self { person, name, email: address.map(str::to_owned) })
    }

    /// An organisation.
    pub(crate) fn organisation(name: &str) -> Option<Self> {
        let name = clean(name);
        (!name.is_empty()).then_some(Self { person: false, name, email: None })
    }

    /// Who answers for a document.
    pub(crate) fn of_creator(creator: &Creator<'_>) -> Option<Self> {
        let address = creator.email.and_then(email).map(str::to_owned);
        Self::organisation(creator.name).map(|party| Self { person: creator.person, email: address, ..party })
    }

    /// A package's supplier: as stated, else the owner of its namespace. In Go, Maven, Composer, scoped npm and
    /// the distributions a namespace belongs to who publishes under it; a bare name belongs to nobody we know.
    pub(crate) fn of_package(package: &Package) -> Option<Self> {
        let stated = package.supplier.as_deref().and_then(|s| Self::parse(s, Some(package.ecosystem)));
        stated.or_else(|| Self::organisation(&owner(package)?))
    }

    /// SPDX's form: `Person: Name (address)`.
    pub(crate) fn spdx(&self) -> String {
        let kind = if self.person { "Person" } else { "Organization" };
        let address = self.email.as_ref().map(|e| format!(" ({e})")).unwrap_or_default();
        format!("{kind}: {}{address}", self.name)
    }
}

fn clean(name: &str) -> String {
    line(name.trim().trim_matches('"')).trim().trim_end_matches(',').replace('(', "[").replace(')', "]")
}

fn is_group(name: &str, address: Option<&str>, ecosystem: Option<Ecosystem>) -> bool {
    let words = || name.split_whitespace().map(|w| w.trim_end_matches(',').to_lowercase());
    let listed = address.is_some_and(|a| a.contains("@lists.") || a.contains("-list@") || a.contains("-team@"));
    // RPM's vendor is a company or a project, never a person.
    ecosystem == Some(Ecosystem::Rpm)
        || listed
        || words().count() < 2 && address.is_none()
        || words().any(|w| GROUPS.contains(&w.as_str()))
}

fn owner(package: &Package) -> Option<String> {
    let text = package.purl.as_str().strip_prefix("pkg:")?;
    let path = text.split(['?', '#', '@']).next()?;
    let mut segments = path.split('/').skip(1).map(decoded).collect::<Vec<_>>();
    segments.pop();
    match package.ecosystem {
        Ecosystem::Go => {
            // A module path's host, and on hosts that many share the account.
            let name: Vec<&str> = package.name.split('/').take(2).collect();
            (package.name.contains('.') && name.len() == 2).then(|| name.join("/"))
        }
        Ecosystem::Npm | Ecosystem::Java | Ecosystem::Composer => segments.first().cloned(),
        Ecosystem::Dpkg | Ecosystem::Apk | Ecosystem::Rpm => segments.first().cloned(),
        _ => None,
    }
}

fn decoded(segment: &str) -> String {
    segment.replace("%40", "@")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stated: &str, expected: &str) {
        let found = Party::parse(stated, Some(Ecosystem::Dpkg)).map_or("none".to_owned(), |p| p.spdx());
        assert_eq!(found, expected, "{stated:?}");
    }

    #[test]
    fn reads_what_metadata_states() {
        check("Matthias Klose <doko@debian.org>", "Person: Matthias Klose (doko@debian.org)");
        check(
            "GNU Libc Maintainers <debian-glibc@lists.debian.org>",
            "Organization: GNU Libc Maintainers (debian-glibc@lists.debian.org)",
        );
        check("Ubuntu Developers (x) <u@lists.ubuntu.com>", "Organization: Ubuntu Developers [x] (u@lists.ubuntu.com)");
        check("Isaac Z. Schlueter <i@izs.me> (http://blog.izs.me)", "Person: Isaac Z. Schlueter (i@izs.me)");
        check("Red Hat, Inc.", "Organization: Red Hat, Inc.");
        check("someone@example.org", "Person: someone@example.org (someone@example.org)");
        check("A B <a@b.org>, C D <c@d.org>", "Person: A B (a@b.org)");
        check("Broken One <not an address>", "Person: Broken One <not an address>");
        check("  ", "none");
        check("Eve\nPackageName: x <e@x.org>", "Person: Eve\\nPackageName: x (e@x.org)");
    }
}
