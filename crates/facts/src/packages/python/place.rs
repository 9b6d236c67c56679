//! Where a metadata folder lies.

/// What a folder that holds `*.dist-info` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A folder that an interpreter imports from: `site-packages`, `dist-packages`.
    Site,
    /// Inside a package of such a folder.
    Inside {
        /// Bytes of the path that are the folder imported from.
        base: usize,
        /// Bytes of the path up to the end of the top package's own folder.
        top: usize,
    },
    /// Anywhere else: a source folder, or a target of `pip install --target`.
    Elsewhere,
    /// Among test data.
    Nowhere,
}

/// The place of `folder`.
pub(super) fn of(folder: &[u8]) -> Place {
    let mut at = 0;
    let mut site = None;
    let mut vendored = None;
    let mut previous = None;
    for component in folder.split(|&b| b == b'/') {
        let end = at + component.len();
        match component {
            b"site-packages" | b"dist-packages" => (site, vendored) = (Some(end), None),
            b"_vendor" => vendored = vendored.or(previous),
            _ => {}
        }
        previous = Some((at.saturating_sub(1), end));
        at = end + 1;
    }
    let (base, top) = match (site, vendored) {
        (Some(site), _) if site == folder.len() => return Place::Site,
        (Some(site), _) => (site, top_end(folder, site)),
        (None, Some((base, top))) => (base, top),
        (None, None) if folder.split(|&b| b == b'/').any(is_test_data) => return Place::Nowhere,
        (None, None) => return Place::Elsewhere,
    };
    let inside = folder.get(top..).unwrap_or_default();
    match inside.split(|&b| b == b'/').any(super::super::stated::is_for_tests) {
        true => Place::Nowhere,
        false => Place::Inside { base, top },
    }
}

fn is_test_data(component: &[u8]) -> bool {
    matches!(component, b"fixtures" | b"__fixtures__" | b"testdata" | b"tests" | b"test")
}

/// Where the component after the slash at `site` ends.
fn top_end(folder: &[u8], site: usize) -> usize {
    let rest = folder.get(site + 1..).unwrap_or_default();
    site + 1 + memchr::memchr(b'/', rest).unwrap_or(rest.len())
}

/// The folder that `site` is imported through: an egg lies in the folder that counts.
pub(super) fn import_root(site: &[u8]) -> &[u8] {
    match site.ends_with(b".egg") {
        true => site.iter().rposition(|&b| b == b'/').map_or(&[], |at| &site[..at]),
        false => site,
    }
}

/// Whether a metadata folder's name fits the name and version that the metadata states. Separators are escaped in
/// many ways (`_` for `-` and `.`), so that only letters and digits are compared.
pub(super) fn agrees(info: &[u8], name: &str, version: &str) -> bool {
    let plain = |bytes: &[u8]| -> Vec<u8> {
        bytes.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let name = plain(name.as_bytes());
    if let Some(stem) = info.strip_suffix(b".dist-info") {
        return plain(stem) == [name, plain(version.as_bytes())].concat();
    }
    info.strip_suffix(b".egg-info").is_none_or(|stem| plain(stem).starts_with(&name))
}

/// An interpreter's own folder: `PREFIX/lib/pythonVERSION/site-packages`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout<'p> {
    /// `usr`, `usr/local`, a virtual environment…
    pub(super) prefix: &'p [u8],
    /// `3.11`, or `3` for Debian's shared folder.
    pub(super) version: &'p [u8],
    /// `site-packages` or `dist-packages`.
    pub(super) kind: &'p [u8],
}

impl<'p> Layout<'p> {
    /// The layout of a site folder, if it has the usual one.
    pub(super) fn of(site: &'p [u8]) -> Option<Self> {
        let (rest, kind) = split(site)?;
        let (rest, python) = split(rest)?;
        let (prefix, lib) = split(rest).unwrap_or((&[], rest));
        let version = python.strip_prefix(b"python")?;
        let is_version = version.iter().all(|b| b.is_ascii_digit() || *b == b'.') && !version.is_empty();
        (is_version && matches!(lib, b"lib" | b"lib64")).then_some(Self { prefix, version, kind })
    }

    /// Major and minor version, as far as the path tells.
    pub(super) fn python(&self) -> Option<(u32, Option<u32>)> {
        let mut parts = std::str::from_utf8(self.version).ok()?.split('.');
        let major = parts.next()?.parse().ok()?;
        Some((major, parts.next().and_then(|minor| minor.parse().ok())))
    }

    /// The other folders that the same interpreter imports from, as far as the path tells.
    pub(super) fn others(&self) -> Vec<Vec<u8>> {
        let system = matches!(self.prefix, b"usr" | b"usr/local") || self.prefix.ends_with(b".local");
        let mut prefixes = vec![self.prefix];
        prefixes.extend([b"usr/local".as_slice(), b"usr"].into_iter().filter(|p| system && *p != self.prefix));
        let major = self.version.split(|&b| b == b'.').next().unwrap_or_default();
        let mut out = Vec::new();
        for prefix in prefixes {
            for lib in ["lib", "lib64"] {
                for version in [self.version, major] {
                    let slash: &[u8] = if prefix.is_empty() { b"" } else { b"/" };
                    out.push([prefix, slash, lib.as_bytes(), b"/python", version, b"/", self.kind].concat());
                }
            }
        }
        out
    }
}

fn split(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = path.iter().rposition(|&b| b == b'/')?;
    Some((&path[..at], &path[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(folder: &str, expected: &str) {
        let seen = match of(folder.as_bytes()) {
            Place::Inside { base, top } => format!("{} in {}", &folder[base..top], &folder[..base]),
            other => format!("{other:?}"),
        };
        assert_eq!(seen, expected, "{folder}");
    }

    #[test]
    fn places() {
        check("usr/lib/python3/dist-packages", "Site");
        check("v/lib/python3.11/site-packages/setuptools/_vendor", "/setuptools in v/lib/python3.11/site-packages");
        check("v/site-packages/poetry/core/_vendor", "/poetry in v/site-packages");
        check("v/site-packages/x/tests/data", "Nowhere");
        check("app/deps/pip/_vendor", "/pip in app/deps");
        check("app", "Elsewhere");
        check("", "Elsewhere");
        check("app/tests/fixtures", "Nowhere");
        check("tests/v/lib/python3.11/site-packages", "Site");
    }

    #[test]
    fn names_and_folders() {
        assert!(agrees(b"ruamel.yaml-0.18.6.dist-info", "ruamel-yaml", "0.18.6"));
        assert!(agrees(b"Foo_Bar-1.0rc1.dist-info", "foo.bar", "1.0-rc1"));
        assert!(agrees(b"foo-1-py3.11.egg-info", "Foo", "2"));
        assert!(!agrees(b"foo-1.dist-info", "foo", "2"));
        assert!(!agrees(b"foo.egg-info", "bar", "2"));
        assert!(agrees(b"EGG-INFO", "bar", "2"));
    }

    #[test]
    fn layouts() {
        let layout = Layout::of(b"usr/lib/python3/dist-packages").unwrap();
        assert_eq!((layout.prefix, layout.python()), (b"usr".as_slice(), Some((3, None))));
        assert_eq!(Layout::of(b"usr/lib/python3.11/site-packages").unwrap().python(), Some((3, Some(11))));
        assert_eq!(Layout::of(b"app/site-packages"), None);
        assert_eq!(Layout::of(b"lib/python3.9/site-packages").map(|l| l.prefix.len()), Some(0));
    }
}
