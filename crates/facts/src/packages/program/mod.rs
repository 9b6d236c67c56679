//! Programs that were installed without any package: compiled in the image, copied from another, unpacked
//! from an archive.
//!
//! A file is looked at only if its name is in the table of [`signatures`] and it is an ELF file; its bytes are
//! then searched for what the program prints as its own version. A program whose name was changed is not
//! recognised, and a library that quotes another product's version is not mistaken for it. What a program
//! links statically (OpenSSL in Node) is not reported. Three more say their version in a text beside them:
//! Go, Java and Erlang ([`texts`]).
//!
//! Only the version is kept, as the piece `version:PRODUCT`: a new line of the table needs the layer again.

mod signatures;
mod texts;

use crate::entry::Nature;
use crate::keep::{Candidate, Content, Keeper, Want};
use crate::packages::{Claim, Found, Reader, Reading, Sight};
use crate::view::{File, View};
use model::{Ecosystem, Package, Purl, Trust, Unknown, UnknownKind};
use regex::bytes::{Regex, RegexBuilder};
use rustc_hash::FxHashMap;
use signatures::{SIGNATURES, Signature};
use std::sync::LazyLock;

/// Before the product's name in the name of a piece.
const PIECE: &str = "version:";
/// Bytes of the longest version.
const MAX_VERSION: usize = 64;
/// The longest match of a pattern is shorter than this.
const MAX_MATCH: usize = 256;

/// Reads programs that came without a package.
pub(super) static READER: Reader = Reader {
    ecosystem: Ecosystem::Program,
    wants,
    open,
    read,
    sight: Sight {
        reads: "ELF programs and libraries whose names are in the table of signatures; `release` of a JDK or JRE; \
                `VERSION` of Go; `OTP_VERSION` of Erlang",
        sees: "the product and the version that it prints itself",
        blind: "renamed programs; products that are not in the table; libraries linked statically; patches that \
                keep the version",
    },
};

static PATTERNS: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| SIGNATURES.iter().map(compile).collect());

fn compile(signature: &Signature) -> Option<Regex> {
    RegexBuilder::new(signature.pattern).unicode(false).build().ok()
}

/// The CPE 2.3 name of a program in the table, for data that knows programs by CPE alone.
pub fn cpe(product: &str, version: &str) -> Option<String> {
    let named = SIGNATURES.iter().find(|s| s.product == product).map(|s| s.cpe);
    let vendor_product = named.or_else(|| texts::cpe(product))?;
    Some(format!("cpe:2.3:a:{vendor_product}:{}:*:*:*:*:*:*:*", cpe_value(version)))
}

/// A version as a CPE value: what is no letter, digit, `.`, `-` or `_` is quoted (NISTIR 7695, 6.2).
fn cpe_value(version: &str) -> String {
    let mut out = String::new();
    for c in version.chars() {
        if !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn wants(file: &Candidate<'_>) -> Want {
    if texts::wants(file) {
        return Want::Whole;
    }
    let known = || SIGNATURES.iter().any(|s| has_name(s, file.name));
    if Nature::of(file.head) == Nature::Elf && known() { Want::Open } else { Want::Nothing }
}

fn has_name(signature: &Signature, name: &[u8]) -> bool {
    signature.names.iter().any(|pattern| glob(pattern.as_bytes(), name))
}

/// Whether `name` fits `pattern`: `*` is any run of bytes, `[0-9]` a digit.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    match pattern {
        [] => name.is_empty(),
        [b'*'] => true,
        [b'*', rest @ ..] => (0..=name.len()).any(|at| glob(rest, &name[at..])),
        [b'[', b'0', b'-', b'9', b']', rest @ ..] => {
            name.split_first().is_some_and(|(c, name)| c.is_ascii_digit() && glob(rest, name))
        }
        [c, rest @ ..] => name.split_first().is_some_and(|(n, name)| n == c && glob(rest, name)),
    }
}

fn open(file: &Candidate<'_>, content: &Content<'_>, keeper: &mut Keeper<'_>) {
    for (signature, pattern) in SIGNATURES.iter().zip(PATTERNS.iter()) {
        let Some(pattern) = pattern.as_ref().filter(|_| has_name(signature, file.name)) else { continue };
        match search(file.name, content, pattern) {
            Ok(Some(version)) => {
                keeper.piece(&format!("{PIECE}{}", signature.product), version.into_bytes());
                return;
            }
            Ok(None) => {}
            Err(error) => {
                let why = format!("it could not be searched for a version: {}", error.kind());
                keeper.unknowns.push(Unknown::new(UnknownKind::Unreadable, why));
                return;
            }
        }
    }
}

/// The first version in `content` that makes sense. A match that touches the end of a window is left to the
/// next one, which has it whole: `1.2` may be the start of `1.22`.
fn search(name: &[u8], content: &Content<'_>, pattern: &Regex) -> std::io::Result<Option<String>> {
    let mut version = None;
    content.windows(2 * MAX_MATCH, |at, window| {
        let is_last = at + window.len() as u64 >= content.len();
        let sure = if is_last { window.len() } else { window.len().saturating_sub(MAX_MATCH) };
        let captures = pattern.captures_iter(window).take_while(|c| c.get(0).is_some_and(|m| m.start() <= sure));
        let groups = captures.filter_map(|c| c.iter().skip(1).flatten().next());
        version = groups.filter_map(|m| sane(name, m.as_bytes())).next();
        version.is_none()
    })?;
    Ok(version)
}

/// A version that a program could have: it starts with a digit, is not all zeros, and for files that carry
/// their series in the name (`libpython3.11.so.1.0`) it is of that series.
fn sane(name: &[u8], version: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(version).ok()?;
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b".+-~".contains(&b));
    let real = text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().any(|b| matches!(b, b'1'..=b'9'));
    let fits = series(name).is_none_or(|s| text.strip_prefix(s).is_some_and(|r| r.is_empty() || r.starts_with('.')));
    (plain && real && fits && text.len() <= MAX_VERSION).then(|| text.to_owned())
}

/// `3.11` of `python3.11` and `libpython3.11m.so.1.0`; `3` of `python3`.
fn series(name: &[u8]) -> Option<&str> {
    let rest = name.strip_prefix(b"lib").unwrap_or(name).strip_prefix(b"python")?;
    let end = rest.iter().position(|b| !b.is_ascii_digit() && *b != b'.').unwrap_or(rest.len());
    let digits = std::str::from_utf8(&rest[..end]).ok()?.trim_end_matches('.');
    (!digits.is_empty()).then_some(digits)
}

/// Something that was recognised in one file.
struct Recognised {
    product: String,
    version: String,
    supplier: Option<String>,
    trust: Trust,
    /// A folder that is part of it as a whole.
    folder: Option<Claim>,
}

fn read(view: &View<'_>, reading: &mut Reading) {
    let mut seen: FxHashMap<(String, Vec<u8>), usize> = FxHashMap::default();
    for file in view.kept() {
        let Some(one) = recognised(&file).or_else(|| texts::read(view, &file, reading)) else { continue };
        let purl = Purl::builder("generic", &one.product).version(&one.version).build();
        let key = (purl.to_string(), prefix(file.path.as_bytes()).to_vec());
        if let Some(&at) = seen.get(&key) {
            reading.found[at].package.evidence.push(file.evidence());
            reading.found[at].owns.push(Claim::File(file.path.clone()));
            continue;
        }
        let mut package = Package::new(Ecosystem::Program, purl, &one.product, &one.version, file.evidence());
        package.trust = one.trust;
        package.supplier = one.supplier;
        let mut found = Found::new(package);
        found.owns.extend(one.folder);
        seen.insert(key, reading.found.len());
        reading.found.push(found);
    }
}

fn recognised(file: &File<'_>) -> Option<Recognised> {
    let (product, version) = SIGNATURES.iter().find_map(|s| {
        let version = file.piece(&format!("{PIECE}{}", s.product))?;
        Some((s.product, sane(file.path.file_name(), version)?))
    })?;
    Some(Recognised { product: product.to_owned(), version, supplier: None, trust: Trust::Recognised, folder: None })
}

/// The folder something was installed to: `usr/local` of `usr/local/lib/x86_64-linux-gnu/libz.so.1`. A program
/// and its library in one of them are one installation.
fn prefix(path: &[u8]) -> &[u8] {
    let mut at = 0;
    for part in path.split(|&b| b == b'/') {
        if matches!(part, b"bin" | b"sbin" | b"lib" | b"lib64" | b"libexec") {
            return path[..at].strip_suffix(b"/").unwrap_or(&path[..at]);
        }
        at += part.len() + 1;
    }
    path
}

impl Recognised {
    fn stated(product: &str, version: &str) -> Self {
        let (product, version) = (product.to_owned(), version.to_owned());
        Self { product, version, supplier: None, trust: Trust::Embedded, folder: None }
    }
}

#[cfg(test)]
mod tests;
