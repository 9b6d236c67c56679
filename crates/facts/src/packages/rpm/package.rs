//! One rpm package: from a header's tags to what the house calls a package.

use super::bytes::Damage;
use super::distro::Distro;
use super::header::{Header, HeaderError, Numbers, tag};
use super::licence;
use model::{Ecosystem, Evidence, Package, Purl, SourcePackage, TreePath};

/// What a header or a manifest line says of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) release: String,
    pub(super) epoch: u32,
    pub(super) arch: Option<String>,
    pub(super) source_rpm: Option<String>,
    pub(super) licence: Option<String>,
    pub(super) vendor: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) url: Option<String>,
    pub(super) modularity: Option<String>,
    /// Every file and link, as the package names it; no directories.
    pub(super) files: Vec<TreePath>,
    /// Capabilities it provides.
    pub(super) provides: Vec<Box<str>>,
    /// Capabilities and files it needs at run time.
    pub(super) requires: Vec<Box<str>>,
}

/// What may still be kept of a database's files and dependencies, so that crowded headers cannot fill memory.
pub(super) struct Budget {
    /// File names.
    pub(super) files: usize,
    /// Bytes of file names.
    pub(super) path_bytes: usize,
    /// Names of capabilities.
    pub(super) relations: usize,
    /// Whether something was left out.
    pub(super) exhausted: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self { files: 1_000_000, path_bytes: 96 << 20, relations: 1_000_000, exhausted: false }
    }
}

impl Budget {
    fn file(&mut self, bytes: usize) -> bool {
        let fits = self.files > 0 && self.path_bytes >= bytes;
        if fits {
            self.files -= 1;
            self.path_bytes -= bytes;
        }
        self.exhausted |= !fits;
        fits
    }

    fn relation(&mut self) -> bool {
        let fits = self.relations > 0;
        self.relations -= usize::from(fits);
        self.exhausted |= !fits;
        fits
    }
}

/// Longer names of capabilities do not name packages.
const RELATION_BYTES: usize = 4096;
/// The longest path there is.
const PATH_BYTES: usize = 4096;
/// Longer names, versions and the like are no such thing.
const WORD_BYTES: usize = 4096;

/// `RPMSENSE_RPMLIB`: needed of rpm itself, not of a package.
const SENSE_RPMLIB: u32 = 1 << 24;
/// `S_IFMT` and `S_IFDIR`.
const MODE_FORMAT: u32 = 0o170_000;
const MODE_DIRECTORY: u32 = 0o040_000;

/// Reads a header. Name, version and release must make sense; what else does not is left out and put into
/// `flaws`.
pub(super) fn fields(
    header: Header<'_>,
    budget: &mut Budget,
    flaws: &mut Vec<HeaderError>,
) -> Result<Fields, HeaderError> {
    let must = |tag| word(header, tag).and_then(|text| text.ok_or(HeaderError::Missing(tag)));
    let mut fields = Fields {
        name: must(tag::NAME)?,
        version: must(tag::VERSION)?,
        release: must(tag::RELEASE)?,
        ..Fields::default()
    };
    let mut may = |tag| word(header, tag).unwrap_or_else(|flaw| note(flaws, flaw));
    fields.arch = may(tag::ARCH);
    fields.source_rpm = may(tag::SOURCERPM);
    fields.licence = may(tag::LICENSE);
    fields.vendor = may(tag::VENDOR).or_else(|| may(tag::PACKAGER));
    fields.summary = may(tag::SUMMARY);
    fields.url = may(tag::URL);
    fields.modularity = may(tag::MODULARITYLABEL);
    match header.numbers(tag::EPOCH) {
        Ok(epoch) => fields.epoch = epoch.get(0).unwrap_or(0),
        Err(flaw) => flaws.push(flaw),
    }
    match files(header, budget) {
        Ok(files) => fields.files = files,
        Err(flaw) => flaws.push(flaw),
    }
    match relations(header, budget) {
        Ok(both) => (fields.provides, fields.requires) = both,
        Err(flaw) => flaws.push(flaw),
    }
    Ok(fields)
}

fn note<T>(flaws: &mut Vec<HeaderError>, flaw: HeaderError) -> Option<T> {
    flaws.push(flaw);
    None
}

/// A tag's text, trimmed; `(none)` and nothing are nothing.
fn word(header: Header<'_>, tag: u32) -> Result<Option<String>, HeaderError> {
    let Some(text) = header.text(tag)? else { return Ok(None) };
    if text.len() > WORD_BYTES {
        return Err(HeaderError::Tag(tag));
    }
    let strict = matches!(tag, tag::NAME | tag::VERSION | tag::RELEASE | tag::ARCH | tag::SOURCERPM);
    let text = match std::str::from_utf8(text) {
        Ok(text) => text.trim().to_owned(),
        Err(_) if strict => return Err(HeaderError::Tag(tag)),
        Err(_) => String::from_utf8_lossy(text).trim().to_owned(),
    };
    Ok(Some(text).filter(|t| !t.is_empty() && t != "(none)"))
}

/// The files of a package: base names with an index into directory names, or whole paths in ancient headers.
fn files(header: Header<'_>, budget: &mut Budget) -> Result<Vec<TreePath>, HeaderError> {
    let modes = header.numbers(tag::FILEMODES)?;
    let mut files = Vec::new();
    for (i, path) in header.texts(tag::OLDFILENAMES)?.enumerate() {
        push(&mut files, &[path], modes, i, budget);
    }
    let bases = header.texts(tag::BASENAMES)?;
    let folders: Vec<&[u8]> = header.texts(tag::DIRNAMES)?.take(budget.files).collect();
    let indexes = header.numbers(tag::DIRINDEXES)?;
    for (i, base) in bases.enumerate() {
        let folder = indexes.get(i).and_then(|index| folders.get(index as usize));
        let folder = folder.ok_or(HeaderError::Tag(tag::DIRINDEXES))?;
        push(&mut files, &[folder, base], modes, i, budget);
        if budget.exhausted {
            break;
        }
    }
    Ok(files)
}

fn push(files: &mut Vec<TreePath>, parts: &[&[u8]], modes: Numbers<'_>, index: usize, budget: &mut Budget) {
    let length = parts.iter().map(|p| p.len()).sum();
    let directory = modes.get(index).is_some_and(|mode| mode & MODE_FORMAT == MODE_DIRECTORY);
    if directory || length > PATH_BYTES || !budget.file(length) {
        return;
    }
    files.extend(TreePath::clean(&parts.concat()).ok().filter(|p| !p.as_bytes().is_empty()));
}

/// Names that a package provides and requires.
type Relations = (Vec<Box<str>>, Vec<Box<str>>);

/// What the package provides and requires, without versions, rpm's own features and boolean dependencies.
fn relations(header: Header<'_>, budget: &mut Budget) -> Result<Relations, HeaderError> {
    let flags = header.numbers(tag::REQUIREFLAGS)?;
    let requires = header.texts(tag::REQUIRENAME)?.enumerate();
    let requires = requires.filter(|(i, _)| flags.get(*i).unwrap_or(0) & SENSE_RPMLIB == 0).map(|(_, name)| name);
    let provides = header.texts(tag::PROVIDENAME)?;
    Ok((names(provides, budget), names(requires, budget)))
}

fn names<'a>(texts: impl Iterator<Item = &'a [u8]>, budget: &mut Budget) -> Vec<Box<str>> {
    let named = texts.filter(|t| !t.is_empty() && t.len() <= RELATION_BYTES && !t.starts_with(b"("));
    let mut names: Vec<Box<str>> = Vec::new();
    for name in named.filter_map(|t| std::str::from_utf8(t).ok()) {
        // Several versions of one capability stand side by side; one of them is enough.
        if names.last().is_some_and(|last| **last == *name) {
            continue;
        }
        if !budget.relation() {
            break;
        }
        names.push(name.into());
    }
    names
}

impl Fields {
    /// rpm stores the keys that it trusts as packages; they install nothing.
    pub(super) fn is_key(&self) -> bool {
        self.name == "gpg-pubkey" && self.files.is_empty() && self.source_rpm.is_none()
    }

    /// The package, proven by `evidence`.
    pub(super) fn package(&self, distro: &Distro, evidence: Evidence) -> Package {
        let version = format!("{}-{}", self.version, self.release);
        let epoch = if self.epoch == 0 { String::new() } else { self.epoch.to_string() };
        let purl = Purl::builder("rpm", &self.name)
            .namespace(distro.vendor())
            .version(&version)
            .qualifier("arch", self.arch.as_deref().unwrap_or_default())
            .qualifier("distro", &distro.qualifier())
            .qualifier("epoch", &epoch)
            .qualifier("rpmmod", self.modularity.as_deref().unwrap_or_default())
            .qualifier("upstream", self.source_rpm.as_deref().unwrap_or_default())
            .build();
        let full = if self.epoch == 0 { version.clone() } else { format!("{epoch}:{version}") };
        let mut package = Package::new(Ecosystem::Rpm, purl, &self.name, &full, evidence);
        package.architecture.clone_from(&self.arch);
        package.source =
            self.source_rpm.as_deref().and_then(source).filter(|s| s.name != self.name || s.version != version);
        package.supplier.clone_from(&self.vendor);
        package.licence = self.licence.as_deref().map(licence::read).unwrap_or_default();
        package.summary.clone_from(&self.summary);
        package.homepage.clone_from(&self.url);
        package
    }
}

/// `NAME-VERSION-RELEASE.src.rpm`, taken apart. The file name never tells the source's epoch.
fn source(file: &str) -> Option<SourcePackage> {
    let stem = file.strip_suffix(".rpm")?;
    let stem = stem.strip_suffix(".src").or_else(|| stem.strip_suffix(".nosrc"))?;
    let (rest, release) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    let whole = !name.is_empty() && !version.is_empty() && !release.is_empty();
    whole.then(|| SourcePackage { name: name.to_owned(), version: format!("{version}-{release}") })
}

/// A flawed record as damage at `at`.
pub(super) fn flaw(error: HeaderError, at: u64) -> Damage {
    Damage::new(error.to_string(), at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, expected: Option<(&str, &str)>) {
        let found = source(file);
        assert_eq!(found.as_ref().map(|s| (s.name.as_str(), s.version.as_str())), expected, "{file}");
    }

    #[test]
    fn takes_source_file_names_apart() {
        check("util-linux-2.32.1-42.el8_8.src.rpm", Some(("util-linux", "2.32.1-42.el8_8")));
        check("fw-1-2.nosrc.rpm", Some(("fw", "1-2")));
        check("bash-5.x86_64.rpm", None);
        check("-1-2.src.rpm", None);
        check("x.src.rpm", None);
    }
}
