//! The files by which distributions named themselves before `os-release`.

use super::{OsRelease, content, placed, release};
use crate::view::View;
use model::Unknown;

type Parse = fn(&str) -> Option<OsRelease>;

/// Most telling first: derivatives keep the files of what they derive from.
const FILES: [(&str, Parse); 7] = [
    ("etc/alpine-release", alpine),
    ("etc/centos-release", red_hat),
    ("etc/redhat-release", red_hat),
    ("etc/system-release", red_hat),
    ("etc/SuSE-release", suse),
    ("etc/lsb-release", lsb),
    ("etc/debian_version", debian),
];

pub(super) fn read(view: &View<'_>, unknowns: &mut Vec<Unknown>) -> Option<OsRelease> {
    FILES.iter().find_map(|(at, parse)| {
        let file = view.open(at.as_bytes())?;
        let text = std::str::from_utf8(content(&file, unknowns)?).ok()?;
        let release = parse(text).filter(|r| !r.id.is_empty())?;
        Some(placed(release, &file))
    })
}

/// The first word of the first line, if it looks like a version or a name.
fn first_word(text: &str) -> Option<&str> {
    let word = text.lines().next()?.split_whitespace().next()?;
    is_plain(word).then_some(word)
}

fn is_plain(word: &str) -> bool {
    word.len() <= 64 && word.chars().all(|c| c.is_ascii_alphanumeric() || "._-/+~".contains(c))
}

/// `3.20.3`
fn alpine(text: &str) -> Option<OsRelease> {
    Some(OsRelease { version_id: Some(first_word(text)?.to_owned()), ..OsRelease::from("alpine") })
}

/// `12.15`, of which the release is `12`; or `forky/sid`.
fn debian(text: &str) -> Option<OsRelease> {
    let word = first_word(text)?;
    let debian = OsRelease::from("debian");
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let major = word.split('.').next().unwrap_or(word);
        return Some(OsRelease { version_id: Some(major.to_owned()), ..debian });
    }
    let codename = word.split('/').next().filter(|name| !name.is_empty())?;
    Some(OsRelease { codename: Some(codename.to_owned()), ..debian })
}

/// `CentOS Linux release 7.9.2009 (Core)`
fn red_hat(text: &str) -> Option<OsRelease> {
    const NAMES: [(&str, &str); 10] = [
        ("CentOS", "centos"),
        ("Red Hat Enterprise Linux", "rhel"),
        ("Fedora", "fedora"),
        ("Rocky Linux", "rocky"),
        ("AlmaLinux", "almalinux"),
        ("Oracle Linux", "ol"),
        ("Enterprise Linux Enterprise Linux", "ol"),
        ("Scientific Linux", "scientific"),
        ("Amazon Linux", "amzn"),
        ("VMware Photon", "photon"),
    ];
    let line = text.lines().next()?.trim();
    let (name, rest) = line.split_once(" release ")?;
    let id = NAMES.iter().find(|(start, _)| name.starts_with(start))?.1;
    let (version, codename) = rest.split_once(' ').unwrap_or((rest, ""));
    let codename = codename.trim().strip_prefix('(').and_then(|c| c.strip_suffix(')'));
    Some(OsRelease {
        version_id: Some(version).filter(|v| !v.is_empty() && is_plain(v)).map(str::to_owned),
        codename: codename.filter(|c| is_plain(c)).map(str::to_owned),
        pretty_name: Some(line).filter(|l| l.len() <= 256 && !l.chars().any(char::is_control)).map(str::to_owned),
        ..OsRelease::from(id)
    })
}

/// `SUSE Linux Enterprise Server 11 (x86_64)`, then `VERSION = 11` and `PATCHLEVEL = 4`.
fn suse(text: &str) -> Option<OsRelease> {
    let name = text.lines().next()?;
    let id = match name {
        _ if name.starts_with("SUSE Linux Enterprise Server") => "sles",
        _ if name.starts_with("SUSE Linux Enterprise Desktop") => "sled",
        _ if name.starts_with("openSUSE") => "opensuse",
        _ => return None,
    };
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='))?;
        Some(line.trim()).filter(|v| !v.is_empty() && is_plain(v))
    };
    let version = value("VERSION").map(|version| match value("PATCHLEVEL") {
        Some(level) if level != "0" && id != "opensuse" => format!("{version}.{level}"),
        _ => version.to_owned(),
    });
    Some(OsRelease { version_id: version, ..OsRelease::from(id) })
}

/// `DISTRIB_ID=Ubuntu`, `DISTRIB_RELEASE=12.04`…
fn lsb(text: &str) -> Option<OsRelease> {
    let mut os = OsRelease::default();
    for (name, value) in text.lines().filter_map(|line| release::assignment(line.trim().as_bytes())) {
        let value = Some(value).filter(|v| !v.is_empty());
        match name {
            "DISTRIB_ID" => os.id = value.unwrap_or_default().to_ascii_lowercase(),
            "DISTRIB_RELEASE" => os.version_id = value,
            "DISTRIB_CODENAME" => os.codename = value,
            "DISTRIB_DESCRIPTION" => os.pretty_name = value,
            _ => {}
        }
    }
    Some(os)
}
