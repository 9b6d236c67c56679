//! Programs that say what they are in a text of their own: `release` of a JDK or JRE
//! (<https://openjdk.org/jeps/223>), `VERSION` of Go, `OTP_VERSION` of Erlang.

use super::Recognised;
use crate::keep::Candidate;
use crate::packages::{Claim, Reading};
use crate::view::{File, View};
use model::{Unknown, UnknownKind};

/// Bytes of the longest text that is kept.
const MAX_TEXT: u64 = 16 << 10;

/// Whether the candidate looks like one of these texts.
pub(super) fn wants(file: &Candidate<'_>) -> bool {
    if file.size > MAX_TEXT {
        return false;
    }
    match file.name {
        b"release" => is_assignment(file.head),
        b"VERSION" => file.head.starts_with(b"go1."),
        b"OTP_VERSION" => file.head.first().is_some_and(u8::is_ascii_digit),
        _ => false,
    }
}

/// `NAME="`, as every line of a JDK's `release` starts.
fn is_assignment(head: &[u8]) -> bool {
    let end = head.iter().position(|b| !b.is_ascii_uppercase() && *b != b'_').unwrap_or(0);
    end > 0 && head[end..].starts_with(b"=\"")
}

/// The CPE's vendor and product.
pub(super) fn cpe(product: &str) -> Option<&'static str> {
    match product {
        "openjdk" => Some("oracle:openjdk"),
        "oracle-jdk" => Some("oracle:jdk"),
        "graalvm" => Some("oracle:graalvm"),
        "go" => Some("golang:go"),
        "erlang" => Some("erlang:erlang\\/otp"),
        _ => None,
    }
}

/// What the text says, if it is one of these.
pub(super) fn read(view: &View<'_>, file: &File<'_>, reading: &mut Reading) -> Option<Recognised> {
    if !matches!(file.path.file_name(), b"release" | b"VERSION" | b"OTP_VERSION") {
        return None;
    }
    let bytes = file.whole()?;
    let Ok(text) = std::str::from_utf8(bytes) else {
        reading.unknowns.push(bad(file, "a version text that is not UTF-8"));
        return None;
    };
    match file.path.file_name() {
        b"release" => jdk(view, file, text, reading),
        b"VERSION" => go(view, file, text),
        b"OTP_VERSION" => otp(text),
        _ => None,
    }
}

fn bad(file: &File<'_>, why: &str) -> Unknown {
    Unknown::new(UnknownKind::BadRecord, why).at(file.path)
}

/// The toolchain's own folder: its `VERSION` stands beside `bin/go`. Other things are called `VERSION` too.
fn go(view: &View<'_>, file: &File<'_>, text: &str) -> Option<Recognised> {
    let version = text.lines().next()?.trim().strip_prefix("go")?;
    let home = file.path.parent()?;
    view.exact(&home.join(b"bin/go").ok()?)?;
    let mut found = Recognised::stated("go", plain(version)?);
    found.folder = Some(Claim::Folder(home));
    Some(found)
}

fn otp(text: &str) -> Option<Recognised> {
    Some(Recognised::stated("erlang", plain(text.trim().trim_end_matches('*'))?))
}

fn jdk(view: &View<'_>, file: &File<'_>, text: &str, reading: &mut Reading) -> Option<Recognised> {
    let value = |key: &str| {
        let line = text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('='))?;
        Some(line.trim().trim_matches('"')).filter(|v| !v.is_empty())
    };
    let stated = value("JAVA_VERSION")?;
    let Some(version) = plain(stated) else {
        reading.unknowns.push(bad(file, "JAVA_VERSION is no version"));
        return None;
    };
    let product = match (value("GRAALVM_VERSION"), value("BUILD_TYPE")) {
        (Some(_), _) => "graalvm",
        (_, Some("commercial")) => "oracle-jdk",
        _ => "openjdk",
    };
    let mut found = Recognised::stated(product, version);
    found.supplier = value("IMPLEMENTOR")
        .filter(|name| *name != "N/A" && name.len() <= 200 && !name.contains(char::is_control))
        .map(str::to_owned);
    // Debian puts the text beside links to its files; a folder that holds a Java of its own is all its.
    let home = file.path.parent()?;
    let has = |name: &[u8]| home.join(name).ok().is_some_and(|path| view.exact(&path).is_some());
    found.folder = (has(b"bin/java") || has(b"jre/bin/java")).then_some(Claim::Folder(home));
    Some(found)
}

/// A version that could be one.
fn plain(text: &str) -> Option<&str> {
    let fine = text.bytes().all(|b| b.is_ascii_alphanumeric() || b".+-_~".contains(&b));
    (fine && text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_digit())).then_some(text)
}
