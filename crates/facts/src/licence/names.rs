//! Names of licences and exceptions, as people write them, and their SPDX ids.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Names that are neither SPDX ids in another case nor follow the pattern of the GNU licences.
const ALIASES: &[(&str, &str)] = &[
    ("2-clause-bsd", "BSD-2-Clause"),
    ("3-clause-bsd", "BSD-3-Clause"),
    ("apache2", "Apache-2.0"),
    ("apache2.0", "Apache-2.0"),
    ("apache-license-2.0", "Apache-2.0"),
    ("apache-license-version-2.0", "Apache-2.0"),
    ("apache-software-license-2.0", "Apache-2.0"),
    ("artistic", "Artistic-1.0-Perl"),
    ("artistic-1", "Artistic-1.0-Perl"),
    ("asl-2.0", "Apache-2.0"),
    ("boost-1.0", "BSL-1.0"),
    ("bsd-2", "BSD-2-Clause"),
    ("bsd2", "BSD-2-Clause"),
    ("bsd-3", "BSD-3-Clause"),
    ("bsd3", "BSD-3-Clause"),
    ("cc0", "CC0-1.0"),
    ("expat", "MIT"),
    ("mit/expat", "MIT"),
    ("mit/x11", "MIT"),
    ("mpl2", "MPL-2.0"),
    ("mplv2.0", "MPL-2.0"),
    ("mplv1.1", "MPL-1.1"),
    ("ofl", "OFL-1.1"),
    ("openldap-2.8", "OLDAP-2.8"),
    ("psf-2", "PSF-2.0"),
    ("sil-1.1", "OFL-1.1"),
    ("sil-ofl-1.1", "OFL-1.1"),
    ("wtfpl-2", "WTFPL"),
    ("zlib/libpng", "Zlib"),
];

/// Names that are an SPDX id and, in Debian's copyright files, also something else (`OPL`: Open Publication License).
const AMBIGUOUS: &[&str] = &["opl-1.0"];

/// Exceptions whose common name leaves no doubt which one is meant.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("bison", "Bison-exception-2.2"),
    ("classpath", "Classpath-exception-2.0"),
    ("font", "Font-exception-2.0"),
    ("libtool", "Libtool-exception"),
    ("linux-syscall-note", "Linux-syscall-note"),
    ("llvm", "LLVM-exception"),
    ("texinfo", "Texinfo-exception"),
];

/// SPDX ids by their lower case, deprecated ones left out.
static IDS: LazyLock<FxHashMap<String, &'static str>> = LazyLock::new(|| {
    let all = spdx::identifiers::LICENSES.iter().map(|l| l.name);
    let current = all.filter(|name| spdx::license_id(name).is_some_and(|id| !id.is_deprecated()));
    current.map(|name| (name.to_ascii_lowercase(), name)).collect()
});

/// SPDX exception ids by their lower case.
static EXCEPTION_IDS: LazyLock<FxHashMap<String, &'static str>> =
    LazyLock::new(|| spdx::identifiers::EXCEPTIONS.iter().map(|e| (e.name.to_ascii_lowercase(), e.name)).collect());

/// The SPDX id that `name` means.
pub(super) fn id(name: &str) -> Option<String> {
    let key = key(name);
    if let Some((_, id)) = ALIASES.iter().find(|(alias, _)| *alias == key) {
        return Some((*id).to_owned());
    }
    if let Some(id) = gnu(&key) {
        return Some(id);
    }
    let (base, plus) = key.strip_suffix('+').map_or((key.as_str(), ""), |base| (base, "+"));
    if AMBIGUOUS.contains(&base) {
        return None;
    }
    let id = IDS.get(base).or_else(|| IDS.get(&format!("{base}.0")).filter(|_| is_versioned(base)))?;
    Some(format!("{id}{plus}"))
}

/// The SPDX id of the exception that people call `name` (`Bison`, `Bison exception`…).
pub(super) fn exception(name: &str) -> Option<&'static str> {
    let key = key(name);
    if let Some(id) = EXCEPTION_IDS.get(&key) {
        return Some(id);
    }
    let short = key.strip_suffix("-exceptions").or_else(|| key.strip_suffix("-exception")).unwrap_or(&key);
    EXCEPTIONS.iter().find(|(alias, _)| *alias == short).map(|(_, id)| *id)
}

/// Families of which `-2` can only mean `-2.0`.
fn is_versioned(base: &str) -> bool {
    ["afl-", "apache-", "artistic-", "bsl-", "cc-by-", "epl-", "mpl-", "psf-"].iter().any(|f| base.starts_with(f))
}

fn key(name: &str) -> String {
    let lower = name.to_ascii_lowercase().replace([' ', '_'], "-");
    let short = lower.strip_prefix("the-").unwrap_or(&lower);
    let short = short.strip_suffix("-license").or_else(|| short.strip_suffix("-licence")).unwrap_or(short);
    short.to_owned()
}

/// `gpl-2+`, `lgplv2.1`, `gfdl-niv-1.3+`…
fn gnu(key: &str) -> Option<String> {
    const FAMILIES: [(&str, &str, &[&str]); 5] = [
        ("agpl", "AGPL", &["1.0", "3.0"]),
        ("lgpl", "LGPL", &["2.0", "2.1", "3.0"]),
        ("gpl", "GPL", &["1.0", "2.0", "3.0"]),
        ("gfdl-niv", "GFDL", &["1.1", "1.2", "1.3"]),
        ("gfdl", "GFDL", &["1.1", "1.2", "1.3"]),
    ];
    let (rest, (prefix, family, versions)) =
        FAMILIES.iter().find_map(|family| Some((key.strip_prefix(family.0)?, family)))?;
    let rest = rest.trim_start_matches('-');
    let rest = rest.strip_prefix('v').unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (version, suffix) = rest.split_at(end);
    let later = match suffix {
        "" | "-only" => "only",
        "+" | "-or-later" | "-or-newer" => "or-later",
        _ => return None,
    };
    let version = versions.iter().find(|v| **v == version || v.strip_suffix(".0") == Some(version))?;
    let invariants = if *prefix == "gfdl-niv" { "-no-invariants" } else { "" };
    Some(format!("{family}-{version}{invariants}-{later}"))
}
