//! Java archives: jars, wars and their kin, also those within others.
//!
//! An archive is what its Maven properties say, else what its manifest and its file name say; see
//! [`identify`]. An archive that holds other archives ships them, and a shaded one ships those whose Maven
//! properties it has beside its own. An archive whose group nothing states is `pkg:generic/NAME@VERSION`,
//! since `pkg:maven` without a group would name nothing. One without a version anywhere is an `Unknown`.

mod identify;
mod licence;
mod texts;
mod walk;
mod zip;

use crate::entry::Nature;
use crate::keep::{Candidate, Content, Keeper, Want};
use crate::packages::{Found, Reader, Reading, Sight};
use crate::view::{File, View};
use identify::{Identity, Traces};
use model::{Ecosystem, Package, Purl, Trust, Unknown, UnknownKind};
use std::collections::BTreeMap;
use texts::{Coordinates, Manifest};
use walk::{MANIFEST, MAVEN, PROPERTIES};

/// Reads Java archives.
pub(super) static READER: Reader = Reader {
    ecosystem: Ecosystem::Java,
    wants,
    open,
    read,
    sight: Sight {
        reads: "`.jar .war .ear .jpi .hpi .par .sar .nar .kar .rar` files and those within them: \
                `META-INF/MANIFEST.MF`, `META-INF/maven/**/pom.properties`, `pom.xml` where there are none",
        sees: "Maven coordinates, shaded artifacts that kept their Maven properties, nested archives; name and \
               version from manifest or file name where there is no Maven metadata",
        blind: "classes copied into another archive without metadata; unpacked archives; edges between \
                artifacts; the group of an archive that does not state it; members are not checksummed",
    },
};

const SUFFIXES: &[&[u8]] = &[b".jar", b".war", b".ear", b".jpi", b".hpi", b".par", b".sar", b".nar", b".kar", b".rar"];

/// Whether a name ends as Java archives' names do.
fn is_archive(name: &[u8]) -> bool {
    name.len().checked_sub(4).is_some_and(|at| at > 0 && SUFFIXES.iter().any(|s| name[at..].eq_ignore_ascii_case(s)))
}

/// Bytes of a signature, with which every archive begins (APPNOTE 4.3.6). What is shorter is no other file with such a
/// name either.
const SMALLEST: u64 = 4;

/// A launch script before the archive makes it executable.
fn wants(file: &Candidate<'_>) -> Want {
    let holds = matches!(Nature::of(file.head), Nature::Zip | Nature::Script);
    if is_archive(file.name) && holds { Want::Open } else { Want::Nothing }
}

fn open(_: &Candidate<'_>, content: &Content<'_>, keeper: &mut Keeper<'_>) {
    walk::walk(content, keeper);
}

fn read(view: &View<'_>, reading: &mut Reading) {
    for file in view.files() {
        let holds = matches!(file.entry.nature, Nature::Zip | Nature::Script);
        if !is_archive(file.path.file_name()) {
            continue;
        }
        if holds {
            Archive { file }.read(reading);
        } else if file.entry.size < SMALLEST {
            let why = "a Java archive that is cut off, or of nothing";
            reading.unknowns.push(Unknown::new(UnknownKind::Unidentified, why).at(file.path));
        }
    }
}

/// A file that is an archive.
struct Archive<'a> {
    file: File<'a>,
}

impl Archive<'_> {
    fn read(&self, reading: &mut Reading) {
        let mut traces: BTreeMap<&str, Traces<'_>> = BTreeMap::new();
        traces.insert("", Traces::default());
        for (member, bytes) in self.file.members() {
            self.trace(member, bytes, &mut traces, reading);
        }
        // A prefix sorts before what it contains, so a container is read before its content.
        let mut containers: BTreeMap<&str, Option<usize>> = BTreeMap::new();
        for (&within, traces) in &traces {
            let container = within.rsplit_once('!').map_or("", |(outer, _)| outer);
            let parent = containers.get(container).copied().flatten().filter(|_| !within.is_empty());
            let own = self.one(within, traces, parent, reading);
            containers.insert(within, own.or(parent));
        }
    }

    fn trace<'a>(
        &self,
        member: &'a str,
        bytes: &[u8],
        traces: &mut BTreeMap<&'a str, Traces<'a>>,
        reading: &mut Reading,
    ) {
        let (within, name) = member.rsplit_once('!').unwrap_or(("", member));
        if name == MANIFEST {
            traces.entry(within).or_default().manifest = Some(Manifest::parse(bytes));
        } else if name.starts_with(MAVEN) {
            let parse = if name.ends_with(PROPERTIES) { texts::properties } else { texts::pom };
            match parse(name, bytes) {
                Some(pom) => traces.entry(within).or_default().poms.push((member, pom)),
                None => {
                    let why = format!("Maven metadata without a name: `{}`", model::escaped(member));
                    reading.unknowns.push(Unknown::new(UnknownKind::BadRecord, why).at(self.file.path));
                }
            }
        } else {
            traces.entry(member).or_default();
        }
    }

    /// Adds what one archive is and what it shades. Gives the index of its own package.
    fn one(&self, within: &str, traces: &Traces<'_>, parent: Option<usize>, reading: &mut Reading) -> Option<usize> {
        let inner = within.rsplit(['!', '/']).next().filter(|n| !n.is_empty());
        let outer = String::from_utf8_lossy(self.file.path.file_name());
        let (identity, others) = traces.identify(inner.unwrap_or(&outer));
        if identity.is_none() && others.is_empty() {
            self.unidentified(within, reading);
        }
        let own = identity.map(|identity| {
            let mut package = self.package(&identity, within);
            describe(&mut package, traces.manifest.as_ref().filter(|m| m.fits(&identity.what.version)));
            push(reading, package, parent)
        });
        for other in others {
            let (member, pom) = &traces.poms[other];
            let identity = Identity { what: pom.clone(), trust: Trust::Embedded, member: Some(member) };
            push(reading, self.package(&identity, within), own.or(parent));
        }
        own
    }

    fn unidentified(&self, within: &str, reading: &mut Reading) {
        let which = if within.is_empty() { String::new() } else { format!(" (`{}`)", model::escaped(within)) };
        let why = format!("a Java archive that does not say what it is, or of which version{which}");
        reading.unknowns.push(Unknown::new(UnknownKind::Unidentified, why).at(self.file.path));
    }

    fn package(&self, identity: &Identity<'_>, within: &str) -> Package {
        let Coordinates { group, artifact, version } = &identity.what;
        let (purl, name) = if group.is_empty() {
            (Purl::builder("generic", artifact), artifact.clone())
        } else {
            (Purl::builder("maven", artifact).namespace(group), format!("{group}:{artifact}"))
        };
        let evidence = match identity.member.or(Some(within).filter(|w| !w.is_empty())) {
            Some(member) => self.file.member_evidence(member),
            None => self.file.evidence(),
        };
        let purl = purl.version(version).build();
        let mut package = Package::new(Ecosystem::Java, purl, &name, version, evidence);
        package.trust = identity.trust;
        package
    }
}

fn push(reading: &mut Reading, package: Package, bundled_in: Option<usize>) -> usize {
    let mut found = Found::new(package);
    found.bundled_in = bundled_in;
    reading.found.push(found);
    reading.found.len() - 1
}

/// What the manifest says beside the name.
fn describe(package: &mut Package, manifest: Option<&Manifest>) {
    let Some(manifest) = manifest else { return };
    let text = |name: &str| manifest.get(name).map(str::to_owned);
    package.supplier = text("implementation-vendor").or_else(|| text("bundle-vendor"));
    package.summary = text("bundle-description");
    package.homepage = text("bundle-docurl").filter(|url| url.starts_with("http"));
    package.licence = manifest.get("bundle-license").map(licence::read).unwrap_or_default();
}

#[cfg(test)]
mod tests;
