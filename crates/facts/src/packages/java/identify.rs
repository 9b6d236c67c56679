//! What a Java archive is, from what was kept of it.
//!
//! In this order: the Maven properties that are its own (a shaded archive has those of others too), the
//! manifest, the file's name. A group is never made up: it is stated, or the archive gets `pkg:generic`.

use super::texts::{Coordinates, Manifest, is_word};
use model::Trust;

/// All that says what one archive is.
#[derive(Default)]
pub(super) struct Traces<'a> {
    /// Its manifest, if it has one.
    pub(super) manifest: Option<Manifest>,
    /// Its Maven metadata, each with the member it is from.
    pub(super) poms: Vec<(&'a str, Coordinates)>,
}

/// What it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity<'a> {
    /// What it is called; the group is empty if nothing says it.
    pub(super) what: Coordinates,
    /// How sure that is.
    pub(super) trust: Trust,
    /// The member that proves it, if it is one.
    pub(super) member: Option<&'a str>,
}

impl<'a> Traces<'a> {
    /// The archive's own identity and the indices of the poms that are other artifacts'. `None` if nothing says
    /// what it is, or of which version.
    pub(super) fn identify(&self, file_name: &str) -> (Option<Identity<'a>>, Vec<usize>) {
        let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
        let own = self.own_pom(stem);
        let others = (0..self.poms.len()).filter(|i| Some(*i) != own).collect();
        let identity = match own {
            Some(own) => Some(self.by_pom(own, stem)),
            None => self.by_manifest_and_name(stem),
        };
        (identity, others)
    }

    /// Which of the poms is the archive's own: the one the file is named after, else the one the manifest
    /// names, else the only one, unless the file's name says that it is something else.
    fn own_pom(&self, stem: &str) -> Option<usize> {
        let named =
            |artifact: &str| stem.strip_prefix(artifact).is_some_and(|r| r.is_empty() || r.starts_with(['-', '_']));
        let indices = || 0..self.poms.len();
        let fit = |i: &usize| {
            let pom = &self.poms[*i].1;
            (pom.artifact.len(), !pom.version.is_empty() && stem.contains(&pom.version), usize::MAX - i)
        };
        let by_file = indices().filter(|i| named(&self.poms[*i].1.artifact)).max_by_key(fit);
        let by_manifest = || {
            let manifest = self.manifest.as_ref()?;
            let words = [manifest.word("bundle-symbolicname"), manifest.word("implementation-title")];
            indices().find(|i| {
                let pom = &self.poms[*i].1;
                let full = format!("{}.{}", pom.group, pom.artifact);
                words.iter().flatten().any(|w| *w == full || *w == pom.artifact)
            })
        };
        let only = || {
            let [(_, pom)] = self.poms.as_slice() else { return None };
            let (_, version) = split_name(stem);
            version.is_none_or(|v| v == pom.version).then_some(0)
        };
        by_file.or_else(by_manifest).or_else(only)
    }

    fn by_pom(&self, own: usize, stem: &str) -> Identity<'a> {
        let (member, pom) = &self.poms[own];
        let mut what = pom.clone();
        if what.version.is_empty() {
            what.version = self.stated_version().or_else(|| split_name(stem).1).unwrap_or_default().to_owned();
        }
        Identity { what, trust: Trust::Embedded, member: Some(member) }
    }

    fn stated_version(&self) -> Option<&str> {
        let manifest = self.manifest.as_ref()?;
        manifest.word("implementation-version").or_else(|| manifest.word("bundle-version"))
    }

    /// The file's name is what Maven calls the artifact, so it comes first; the manifest gives what is missing.
    fn by_manifest_and_name(&self, stem: &str) -> Option<Identity<'a>> {
        let (name, named_version) = split_name(stem);
        let artifact = match named_version {
            Some(_) => name,
            None => self.titled().unwrap_or(name),
        };
        let version = named_version.or_else(|| self.stated_version()).filter(|v| is_word(v))?;
        is_word(artifact).then_some(())?;
        let fits = self.manifest.as_ref().is_some_and(|manifest| manifest.fits(version));
        let stated = self.stated_group(artifact).filter(|_| fits);
        let group = stated.map(str::to_owned).or_else(|| self.known_group(artifact).map(str::to_owned));
        let embedded = named_version.is_none() && stated.is_some();
        let what = Coordinates {
            group: group.unwrap_or_default(),
            artifact: artifact.to_owned(),
            version: version.to_owned(),
        };
        Some(Identity { what, trust: if embedded { Trust::Embedded } else { Trust::Named }, member: None })
    }

    /// A title that can be an artifact's name: `spring-core`, not `Spring Core`.
    fn titled(&self) -> Option<&str> {
        let manifest = self.manifest.as_ref()?;
        manifest.word("implementation-title").filter(|t| !t.contains(['#', ':']))
    }

    /// The group as the manifest has it: Maven's archiver wrote it as `Implementation-Vendor-Id`, Gradle's
    /// nebula plugin within the title (`group#artifact;version`), the bundle plugin before the artifact.
    fn stated_group(&self, artifact: &str) -> Option<&str> {
        let manifest = self.manifest.as_ref()?;
        let dotted = |group: &&str| group.contains('.') && is_word(group) && !group.contains(['#', ':', ';']);
        let vendor = manifest.word("implementation-vendor-id").filter(dotted);
        let title = || manifest.get("implementation-title")?.split_once('#').map(|(group, _)| group).filter(dotted);
        let bundle = || manifest.word("bundle-symbolicname")?.strip_suffix(artifact)?.strip_suffix('.').filter(dotted);
        vendor.or_else(title).or_else(bundle)
    }

    /// The group of archives that say nothing of it and are too common to leave unnamed. The module's name
    /// must fit, so that a private `spring-core` is not taken for Spring's.
    fn known_group(&self, artifact: &str) -> Option<&'static str> {
        let manifest = self.manifest.as_ref()?;
        let module = manifest.word("automatic-module-name").unwrap_or_default();
        let vendor = manifest.get("implementation-vendor").unwrap_or_default();
        let fits = |proof: &str| module == proof || module.strip_prefix(proof).is_some_and(|r| r.starts_with('.'));
        let hit = KNOWN_GROUPS.iter().find(|(prefix, proof, _)| {
            artifact.starts_with(prefix) && (fits(proof) || (!vendor.is_empty() && vendor == *proof))
        });
        hit.map(|(_, _, group)| *group)
    }
}

/// How an artifact's name starts, its module's name or its vendor, its group. The longest first.
#[rustfmt::skip]
const KNOWN_GROUPS: &[(&str, &str, &str)] = &[
    ("spring-boot", "spring.boot", "org.springframework.boot"),
    ("spring-security-", "spring.security", "org.springframework.security"),
    ("spring-data-", "spring.data", "org.springframework.data"),
    ("spring-core", "spring.core", "org.springframework"),
    ("spring-beans", "spring.beans", "org.springframework"),
    ("spring-context", "spring.context", "org.springframework"),
    ("spring-aop", "spring.aop", "org.springframework"),
    ("spring-aspects", "spring.aspects", "org.springframework"),
    ("spring-expression", "spring.expression", "org.springframework"),
    ("spring-jcl", "spring.jcl", "org.springframework"),
    ("spring-jdbc", "spring.jdbc", "org.springframework"),
    ("spring-jms", "spring.jms", "org.springframework"),
    ("spring-messaging", "spring.messaging", "org.springframework"),
    ("spring-orm", "spring.orm", "org.springframework"),
    ("spring-oxm", "spring.oxm", "org.springframework"),
    ("spring-tx", "spring.tx", "org.springframework"),
    ("spring-webflux", "spring.webflux", "org.springframework"),
    ("spring-webmvc", "spring.webmvc", "org.springframework"),
    ("spring-websocket", "spring.websocket", "org.springframework"),
    ("spring-web", "spring.web", "org.springframework"),
    ("kotlin-", "JetBrains", "org.jetbrains.kotlin"),
    ("okhttp", "okhttp3", "com.squareup.okhttp3"),
    ("okio", "okio", "com.squareup.okio"),
];

/// What build tools put behind a version; not a part of it.
const CLASSIFIERS: &[&str] =
    &["-exec", "-shaded", "-all", "-fat", "-uber", "-jar-with-dependencies", "-standalone", "-slim", "-boot"];

/// `name-1.2.3` into name and version. Of several dashes before a digit the last counts that has a dot in its
/// part (`log4j-1.2-api-2.14.1`, `kotlin-stdlib-1.9.23-release-779`), else the first.
fn split_name(stem: &str) -> (&str, Option<&str>) {
    let bytes = stem.as_bytes();
    let dashes =
        || memchr::memchr_iter(b'-', bytes).filter(|at| *at > 0 && bytes.get(at + 1).is_some_and(u8::is_ascii_digit));
    let dotted = |at: &usize| stem[at + 1..].split('-').next().is_some_and(|part| part.contains('.'));
    let Some(at) = dashes().rfind(dotted).or_else(|| dashes().next()) else { return (stem, None) };
    let version = &stem[at + 1..];
    let plain = CLASSIFIERS.iter().find_map(|c| version.strip_suffix(c)).unwrap_or(version);
    (&stem[..at], Some(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions() {
        for (stem, name, version) in [
            ("guava-33.0.0-jre", "guava", Some("33.0.0-jre")),
            ("log4j-1.2-api-2.14.1", "log4j-1.2-api", Some("2.14.1")),
            ("kotlin-stdlib-1.9.23-release-779", "kotlin-stdlib", Some("1.9.23-release-779")),
            ("akka-actor_2.13-2.6.19", "akka-actor_2.13", Some("2.6.19")),
            ("websocket-api-9.4.53.v20231009", "websocket-api", Some("9.4.53.v20231009")),
            ("zipkin-server-2.12.9-exec", "zipkin-server", Some("2.12.9")),
            ("aopalliance-repackaged", "aopalliance-repackaged", None),
            ("h2-20231", "h2", Some("20231")),
            ("app", "app", None),
            ("-1.0", "-1.0", None),
            ("", "", None),
        ] {
            assert_eq!(split_name(stem), (name, version), "{stem}");
        }
    }
}
