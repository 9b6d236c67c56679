//! What both bills of materials need, computed once: identifiers, licences, dates, names, notes.

use crate::bill::Bill;
use crate::ids::Names;
use crate::licences::Declared;
use crate::party::Party;
use crate::text::{line, long, short};
use facts::image::LayerSummary;
use jiff::Timestamp;
use model::{Algorithm, Digest, Ecosystem, Evidence, Overlap, Package, Purl, Relation, Subject, UnknownKind};
use std::borrow::Cow;

/// A bill with everything derived from it that more than one element needs.
pub(crate) struct Prepared<'a> {
    pub(crate) bill: &'a Bill<'a>,
    /// One name a package, in the facts' order.
    pub(crate) ids: Vec<String>,
    /// One name an overlap, by package.
    pub(crate) overlap_ids: Vec<Vec<String>>,
    /// One licence a package, in the facts' order.
    pub(crate) licences: Vec<Declared>,
    /// The licence that the image's label states.
    pub(crate) image_licence: Declared,
    /// The document's date, to the second, in UTC.
    pub(crate) created: String,
    /// Whether no date was known, so that `created` is 1970-01-01.
    pub(crate) undated: bool,
    /// The image's name.
    pub(crate) name: String,
    /// The layers, lowest first.
    layers: Vec<Layer<'a>>,
    /// Whether every record was read, so that what a package manager recorded is all here.
    recorded: bool,
}

/// A layer in the words that stand beside every package it brought.
pub(crate) struct Layer<'a> {
    /// Its diffID.
    pub(crate) diff_id: String,
    /// What made it, cut short; `None` where the history does not match the layers.
    pub(crate) instruction: Option<Cow<'a, str>>,
    /// All of it: `in layer 3 sha256:…, made by: RUN …`.
    pub(crate) words: String,
    /// What made it, as stated.
    stated: Option<&'a str>,
}

impl<'a> Prepared<'a> {
    pub(crate) fn new(bill: &'a Bill<'a>) -> Self {
        let mut names = Names::default();
        let packages = &bill.facts.packages;
        let ids = packages.iter().map(|p| package_id(&mut names, p)).collect();
        let overlap_ids =
            packages.iter().map(|p| p.overlaps.iter().map(|o| overlap_id(&mut names, p, o)).collect()).collect();
        let dated = [bill.created, bill.config.and_then(|c| c.created.as_deref())].into_iter().flatten().find_map(date);
        Self {
            bill,
            ids,
            overlap_ids,
            licences: packages.iter().map(|p| Declared::of(&p.licence)).collect(),
            image_licence: label(bill, "licenses").map(Declared::of_text).unwrap_or_default(),
            undated: dated.is_none(),
            created: dated.unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned()),
            name: bill.reference.map_or_else(|| line(bill.name).into_owned(), |r| r.name()),
            layers: layers(bill),
            recorded: bill.facts.unknowns.iter().all(|u| u.kind == UnknownKind::Unidentified),
        }
    }

    /// The packages with their index.
    pub(crate) fn packages(&self) -> impl Iterator<Item = (usize, &'a Package)> {
        self.bill.facts.packages.iter().enumerate()
    }

    /// A layer by its index.
    pub(crate) fn layer(&self, index: u32) -> Option<&Layer<'a>> {
        self.layers.get(index as usize)
    }

    /// Packages of the image that `package` needs, and those that are shipped inside which other one.
    pub(crate) fn dependencies(&self, package: &'a Package) -> impl Iterator<Item = &str> {
        package.relations.iter().filter_map(|r| match r {
            Relation::DependsOn(id) => self.ids.get(id.0 as usize).map(String::as_str),
            Relation::BundledIn(_) => None,
        })
    }

    /// The packages that carry `package` as a vendored copy.
    pub(crate) fn carriers(&self, package: &'a Package) -> impl Iterator<Item = &str> {
        package.relations.iter().filter_map(|r| match r {
            Relation::BundledIn(id) => self.ids.get(id.0 as usize).map(String::as_str),
            Relation::DependsOn(_) => None,
        })
    }

    /// Whether the dependencies of this package are all listed: only a distribution's package manager records
    /// and satisfies them all, and only if every record was read.
    pub(crate) fn knows_dependencies(&self, package: &Package) -> bool {
        package.ecosystem.is_distribution() && self.recorded
    }

    /// Whether the list of packages is all that is in the image.
    pub(crate) fn is_complete(&self) -> bool {
        self.bill.facts.unknowns.is_empty() && self.bill.facts.unidentified.is_empty()
    }

    /// The digest of the image as stored, where its subject is one.
    pub(crate) fn digest(&self) -> Option<&'a Digest> {
        match self.bill.subject.as_ref()? {
            Subject::Manifest(d) | Subject::Config(d) => Some(d),
            Subject::Tree(_) | Subject::Document(_) => None,
        }
    }

    /// What stands where a version is asked for: the digest, since a tag may move.
    pub(crate) fn image_version(&self) -> Option<String> {
        self.bill.subject.as_ref().map(|s| s.digest().to_string())
    }

    /// The image's package URL, if it is in a repository.
    pub(crate) fn image_purl(&self) -> Option<Purl> {
        image_purl(self.bill)
    }

    /// Who supplies the image: its labels, its author, else the account it is published under.
    pub(crate) fn image_supplier(&self) -> Option<Party> {
        let author = self.bill.config.and_then(|c| c.author.as_deref());
        let stated = label(self.bill, "vendor").and_then(Party::organisation);
        let stated = stated.or_else(|| label(self.bill, "authors").or(author).and_then(|a| Party::parse(a, None)));
        stated.or_else(|| {
            let reference = self.bill.reference?;
            let account = reference.repository().rsplit_once('/').map(|(account, _)| format!("/{account}"));
            Party::organisation(&format!("{}{}", reference.registry(), account.unwrap_or_default()))
        })
    }

    /// The layers in words, lowest first: digests as stored and plain, size, instruction.
    pub(crate) fn layer_notes(&self) -> impl Iterator<Item = String> {
        let blobs = if self.bill.blobs.len() == self.bill.facts.layers.len() { self.bill.blobs } else { &[] };
        self.bill.facts.layers.iter().zip(&self.layers).enumerate().map(move |(i, (layer, words))| {
            let blob = blobs.get(i).map(|b| format!(", stored as {} ({} bytes)", b.digest, b.size)).unwrap_or_default();
            let by = words.stated.map(|s| format!(", made by: {}", long(s))).unwrap_or_default();
            format!("layer {}: diffID {} ({} bytes){blob}{by}", i + 1, words.diff_id, layer.plain_size)
        })
    }

    /// The labels, each key and value on one line.
    pub(crate) fn labels(&self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
        self.bill.config.into_iter().flat_map(|c| &c.config.labels).map(|(k, v)| (line(k), long(v)))
    }

    /// What the document cannot list as a package: gaps, and programs that nobody recognised.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        let gaps = self.bill.facts.unknowns.iter().map(|u| {
            let weight = if u.kind.blocks() { "may hide packages" } else { "one record or file" };
            format!("not read ({weight}): {}", line(&u.to_string()))
        });
        let files = self.bill.facts.unidentified.iter().map(|f| {
            let hash = f.sha256.map(|h| format!(", sha256:{}", h.hex())).unwrap_or_default();
            format!(
                "in no package: {} {}, {} bytes{hash}, layer {}",
                line(&f.what),
                line(&f.path.to_string()),
                f.size,
                u64::from(f.layer) + 1
            )
        });
        gaps.chain(files)
    }
}

fn layers<'a>(bill: &Bill<'a>) -> Vec<Layer<'a>> {
    let made = || bill.config.into_iter().flat_map(|c| c.instructions()).map(|h| h.created_by.trim());
    let honest = made().count() == bill.facts.layers.len();
    let mut made = made();
    let layer = |(at, summary): (usize, &LayerSummary)| {
        let stated = made.next().filter(|i| honest && !i.is_empty());
        let diff_id = summary.diff_id.to_string();
        let instruction = stated.map(short);
        let by = instruction.as_ref().map(|i| format!(", made by: {i}")).unwrap_or_default();
        Layer { words: format!("in layer {} {diff_id}{by}", at + 1), diff_id, instruction, stated }
    };
    bill.facts.layers.iter().enumerate().map(layer).collect()
}

/// A path in the image, with the member where it is an archive.
pub(crate) fn location(evidence: &Evidence) -> String {
    let path = evidence.path.to_string();
    let member = evidence.member.as_ref().map(|m| format!("!{m}")).unwrap_or_default();
    line(&format!("{path}{member}")).into_owned()
}

/// The package URL of the image that a bill is about, if it is in a repository and has a manifest there
/// (<https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md>).
pub fn image_purl(bill: &Bill<'_>) -> Option<Purl> {
    let (reference, Subject::Manifest(digest)) = (bill.reference?, bill.subject?) else { return None };
    let name = reference.repository().rsplit('/').next().unwrap_or_default();
    let architecture = bill.platform.map(|p| p.architecture.as_str()).unwrap_or_default();
    let purl = Purl::builder("oci", name)
        .version(&digest.to_string())
        .qualifier("arch", architecture)
        .qualifier("repository_url", &reference.name())
        .qualifier("tag", reference.tag().unwrap_or_default());
    Some(purl.build())
}

/// A package URL as text, if it names anything: where the evidence has no name there is none to give.
pub(crate) fn locator(purl: &Purl) -> Option<Cow<'_, str>> {
    let path = purl.as_str().split(['@', '?', '#']).next().unwrap_or_default();
    let named = path.rsplit_once('/').is_some_and(|(_, name)| !name.is_empty());
    named.then(|| line(purl.as_str()))
}

/// The evidence, where it is the whole component: an archive or a program that was not installed by a manager.
pub(crate) fn own_file(package: &Package) -> Option<&Evidence> {
    let one = matches!(package.ecosystem, Ecosystem::Java | Ecosystem::Program);
    package.evidence.first().filter(|e| one && e.member.is_none())
}

/// The digests of a component that is one file.
pub(crate) fn own_hashes(prepared: &Prepared<'_>, package: &Package) -> Vec<Digest> {
    let Some(sha256) = own_file(package).and_then(|e| e.sha256) else { return Vec::new() };
    let long = prepared.bill.facts.long_hash(&sha256).filter(|_| prepared.bill.options.bsi);
    [Digest::from_sha256(sha256.0)].into_iter().chain(long.copied()).collect()
}

/// The name of a digest's algorithm in SPDX (`SHA256`) or, with a dash, in CycloneDX.
pub(crate) fn algorithm(digest: &Digest, dash: bool) -> &'static str {
    match (digest.algorithm(), dash) {
        (Algorithm::Sha256, false) => "SHA256",
        (Algorithm::Sha256, true) => "SHA-256",
        (Algorithm::Sha512, false) => "SHA512",
        (Algorithm::Sha512, true) => "SHA-512",
    }
}

/// The value of an `org.opencontainers.image.` label, if it says anything.
fn label<'a>(bill: &Bill<'a>, key: &str) -> Option<&'a str> {
    let value = bill.config?.config.labels.get(&format!("org.opencontainers.image.{key}"))?;
    Some(value.as_str()).filter(|v| !v.trim().is_empty())
}

fn package_id(names: &mut Names, package: &Package) -> String {
    let (path, member) = match package.evidence.first() {
        Some(proof) => (proof.path.as_bytes(), proof.member.as_deref().unwrap_or_default()),
        None => (&[][..], ""),
    };
    let key = [package.purl.as_str().as_bytes(), package.version.as_bytes(), path, member.as_bytes()];
    names.take(package.ecosystem.word(), &package.name, &key)
}

fn overlap_id(names: &mut Names, owner: &Package, overlap: &Overlap) -> String {
    let key = [overlap.purl.as_str(), &overlap.version, owner.purl.as_str()].map(str::as_bytes);
    let path = overlap.evidence.path.as_bytes();
    names.take(overlap.ecosystem.word(), &overlap.name, &[key[0], key[1], key[2], path])
}

/// A date in RFC 3339 as both formats write it: UTC, whole seconds.
fn date(text: &str) -> Option<String> {
    const YEAR_1: i64 = -62_135_596_800;
    let date: Timestamp = text.trim().parse().ok()?;
    let date = Timestamp::from_second(date.as_second()).ok().filter(|d| d.as_second() >= YEAR_1)?;
    Some(date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_whole_seconds_of_utc() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(date(text).as_deref(), expected, "{text}");
        check("2024-05-06T07:08:09.123456789Z", Some("2024-05-06T07:08:09Z"));
        check("2024-05-06T07:08:09+02:00", Some("2024-05-06T05:08:09Z"));
        check("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00Z"));
        check("yesterday\nCreator: x", None);
    }
}
