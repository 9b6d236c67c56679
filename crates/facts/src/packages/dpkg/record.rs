//! One record of the database, as far as it is a package that is there.

use super::deb822::Paragraph;
use model::{UnknownKind, escaped, visible};

/// Bytes of one record.
const PARAGRAPH: usize = 1 << 20;
/// Bytes of one field of words for people.
const WORDS: usize = 4096;

/// A package that dpkg unpacked. Name, version and architecture are in dpkg's own alphabet.
#[derive(Clone, Debug)]
pub(super) struct Record<'a> {
    pub(super) offset: u64,
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) architecture: &'a str,
    /// The source package's name, and its version where that differs.
    pub(super) source: Option<(&'a str, Option<&'a str>)>,
    pub(super) maintainer: Option<String>,
    pub(super) homepage: Option<String>,
    pub(super) summary: Option<String>,
    /// `Pre-Depends` and `Depends`, unparsed.
    pub(super) depends: [&'a [u8]; 2],
    pub(super) provides: &'a [u8],
    /// `Conffiles`: a path and a sum a line.
    pub(super) conffiles: &'a [u8],
    /// Whether packages of other architectures may depend on it.
    pub(super) is_foreign: bool,
}

/// Why a record is no package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// Its state says that it is not there; nothing is wrong.
    #[error("not installed")]
    Absent,
    #[error("a record without a package name")]
    Nameless,
    #[error("a record whose package name is no name: `{0}`")]
    Name(String),
    #[error("the record of `{0}` has no version that dpkg would take: `{1}`")]
    Version(String, String),
    #[error("the record of `{0}` has no architecture that dpkg would take: `{1}`")]
    Architecture(String, String),
    #[error("the record of `{0}` has no state that dpkg would take: `{1}`")]
    State(String, String),
    #[error("the installation of `{0}` broke off: its state is half-installed")]
    Half(String),
    #[error("a second record of `{0}`; the later one counts")]
    Twice(String),
    #[error("the record of `{0}` has a line that is no field")]
    Odd(String),
    #[error("a record of {0} bytes; at most {PARAGRAPH} are read")]
    Long(usize),
}

impl Refused {
    /// A record that cannot be read may be any package, so the list is not whole without it.
    pub(super) fn kind(&self) -> UnknownKind {
        match self {
            Self::Long(_) => UnknownKind::Limit,
            Self::Twice(_) => UnknownKind::BadRecord,
            _ => UnknownKind::PackageDatabase,
        }
    }
}

impl<'a> Record<'a> {
    /// Reads one paragraph. Outside `status` a record needs no state.
    pub(super) fn read(paragraph: &Paragraph<'a>, needs_state: bool) -> Result<Self, Refused> {
        if paragraph.len > PARAGRAPH {
            return Err(Refused::Long(paragraph.len));
        }
        let name = paragraph.line("Package").filter(|name| !name.is_empty()).ok_or(Refused::Nameless)?;
        let name = word(name, is_name).ok_or_else(|| Refused::Name(show(name)))?;
        state(paragraph, name, needs_state)?;
        if paragraph.odd {
            return Err(Refused::Odd(name.to_owned()));
        }
        let version = paragraph.line("Version").unwrap_or_default();
        let version = word(version, is_version).ok_or_else(|| Refused::Version(name.to_owned(), show(version)))?;
        let arch = paragraph.line("Architecture").unwrap_or_default();
        let architecture = word(arch, is_name).or_else(|| arch.is_empty().then_some(""));
        let architecture = architecture.ok_or_else(|| Refused::Architecture(name.to_owned(), show(arch)))?;
        Ok(Self {
            offset: paragraph.offset,
            name,
            version,
            architecture,
            source: paragraph.line("Source").and_then(source).filter(|(s, v)| *s != name || v.is_some()),
            maintainer: people(paragraph.line("Maintainer")),
            homepage: people(paragraph.line("Homepage")),
            summary: people(paragraph.line("Description")),
            depends: ["Pre-Depends", "Depends"].map(|field| paragraph.get(field).unwrap_or_default()),
            provides: paragraph.get("Provides").unwrap_or_default(),
            conffiles: paragraph.get("Conffiles").unwrap_or_default(),
            is_foreign: paragraph.line("Multi-Arch").is_some_and(|m| matches!(m, b"foreign" | b"allowed")),
        })
    }
}

/// The third word of `Status` says what is there (dpkg(1), "Package states").
fn state(paragraph: &Paragraph<'_>, name: &str, needed: bool) -> Result<(), Refused> {
    let Some(status) = paragraph.line("Status") else {
        return if needed { Err(Refused::State(name.to_owned(), String::new())) } else { Ok(()) };
    };
    let words: Vec<&[u8]> = status.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).collect();
    match words.as_slice() {
        [_, _, b"installed" | b"unpacked" | b"half-configured" | b"triggers-awaited" | b"triggers-pending"] => Ok(()),
        [_, _, b"not-installed" | b"config-files"] => Err(Refused::Absent),
        [_, _, b"half-installed"] => Err(Refused::Half(name.to_owned())),
        _ => Err(Refused::State(name.to_owned(), show(status))),
    }
}

/// `name` or `name (version)`.
fn source(text: &[u8]) -> Option<(&str, Option<&str>)> {
    let text = std::str::from_utf8(text).ok()?;
    let (name, rest) = text.split_once('(').unwrap_or((text, ""));
    let name = word(name.trim().as_bytes(), is_name)?;
    let version = rest.trim_end().strip_suffix(')').and_then(|v| word(v.trim().as_bytes(), is_version));
    Some((name, version))
}

/// `text` if it is not empty, not long, and all of its bytes are right.
pub(super) fn word(text: &[u8], right: fn(u8) -> bool) -> Option<&str> {
    let fits = !text.is_empty() && text.len() <= 512 && text.iter().all(|&b| right(b));
    std::str::from_utf8(text).ok().filter(|_| fits)
}

/// Package names and architectures; old packages have capitals and underscores.
pub(super) fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'_')
}

/// deb-version(7).
pub(super) fn is_version(b: u8) -> bool {
    is_name(b) || matches!(b, b'~' | b':')
}

/// Words for people: kept as they are, if they are not endless.
fn people(text: Option<&[u8]>) -> Option<String> {
    let text = text.filter(|t| !t.is_empty() && t.len() <= WORDS)?;
    Some(String::from_utf8_lossy(text).into_owned())
}

fn show(text: &[u8]) -> String {
    let short = &text[..text.len().min(80)];
    escaped(&visible(short)).into_owned()
}
