//! One record of apk's database: lines of a letter, a colon and a value, up to an empty line.

/// Bytes of one value of words for people; the lists of dependencies and files may be longer.
const WORDS: usize = 4096;
/// Bytes of a folder's path: no file system has longer ones.
const FOLDER: usize = 4096;
/// Bytes of a name or a version.
const NAME: usize = 512;

/// An installed package. Name and version are printable ASCII without blanks.
#[derive(Clone, Debug)]
pub(super) struct Record<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) architecture: &'a str,
    /// The source package's name; empty if none is stated.
    pub(super) origin: &'a str,
    pub(super) maintainer: String,
    pub(super) homepage: String,
    pub(super) summary: String,
    pub(super) licence: String,
    pub(super) depends: &'a [u8],
    pub(super) provides: &'a [u8],
    checksum: &'a [u8],
    lines: &'a [u8],
}

/// Why a record is no package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("a record without a package name")]
    Nameless,
    #[error("the record of `{0}` has no version")]
    Versionless(String),
    #[error("the record of `{0}` has a line that is no field")]
    Odd(String),
}

/// Every record of `text` with the byte at which it begins.
pub(super) fn all(text: &[u8]) -> impl Iterator<Item = (u64, Result<Record<'_>, Refused>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while text.get(at) == Some(&b'\n') {
            at += 1;
        }
        let start = at;
        at = memchr::memmem::find(&text[start..], b"\n\n").map_or(text.len(), |end| start + end + 1);
        (at > start).then(|| (start as u64, read(&text[start..at])))
    })
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).filter(|line| !line.is_empty())
}

/// A line's letter and value.
fn field(line: &[u8]) -> Option<(u8, &[u8])> {
    match line {
        [letter, b':', value @ ..] if letter.is_ascii_alphabetic() => Some((*letter, value)),
        _ => None,
    }
}

fn read(text: &[u8]) -> Result<Record<'_>, Refused> {
    let empty: &[u8] = b"";
    let mut fields = [empty; 128];
    let mut odd = false;
    // The lines of files come last; before them each letter stands once.
    let mut rest = text;
    for line in lines(text) {
        match field(line) {
            Some((b'F', _)) => {
                rest = &text[line.as_ptr().addr() - text.as_ptr().addr()..];
                break;
            }
            Some((letter, value)) => fields[usize::from(letter)] = value.trim_ascii(),
            None => odd = true,
        }
    }
    let get = |letter: u8| fields[usize::from(letter)];
    let name = word(get(b'P')).ok_or(Refused::Nameless)?;
    let version = word(get(b'V')).ok_or_else(|| Refused::Versionless(name.to_owned()))?;
    if odd {
        return Err(Refused::Odd(name.to_owned()));
    }
    let people = |letter: u8| {
        let value = Some(get(letter)).filter(|v| v.len() <= WORDS).unwrap_or_default();
        String::from_utf8_lossy(value).into_owned()
    };
    Ok(Record {
        name,
        version,
        architecture: word(get(b'A')).unwrap_or_default(),
        origin: word(get(b'o')).unwrap_or_default(),
        maintainer: people(b'm'),
        homepage: people(b'U'),
        summary: people(b'T'),
        licence: people(b'L'),
        depends: get(b'D'),
        provides: get(b'p'),
        checksum: get(b'C'),
        lines: rest,
    })
}

fn word(text: &[u8]) -> Option<&str> {
    let fits = !text.is_empty() && text.len() <= NAME && text.iter().all(u8::is_ascii_graphic);
    std::str::from_utf8(text).ok().filter(|_| fits)
}

/// The names in a list of dependencies or provided names: versions cut off, conflicts (`!name`) left out.
pub(super) fn names(list: &[u8]) -> impl Iterator<Item = &str> {
    list.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty() && word[0] != b'!').filter_map(|word| {
        let end = word.iter().position(|b| b"<>=~@".contains(b)).unwrap_or(word.len());
        std::str::from_utf8(&word[..end]).ok().filter(|name| !name.is_empty())
    })
}

impl<'a> Record<'a> {
    /// What makes it the same installation in two states of the database.
    pub(super) fn identity(&self) -> (&'a str, &'a str, &'a [u8]) {
        (self.name, self.version, self.checksum)
    }

    /// The paths of its files: a folder (`F`), then the names in it (`R`).
    pub(super) fn files(&self) -> impl Iterator<Item = Vec<u8>> + use<'a> {
        let mut folder: &[u8] = b"";
        lines(self.lines).filter_map(move |line| match field(line)? {
            (b'F', at) => {
                folder = at;
                None
            }
            (b'R', _) if folder.len() > FOLDER => None,
            (b'R', name) => Some([folder, b"/", name].concat()),
            _ => None,
        })
    }
}
