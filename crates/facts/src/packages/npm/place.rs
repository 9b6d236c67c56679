//! Where a folder lies, seen from Node's look-up.

/// What a folder's path says of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place<'p> {
    /// `STORE/NAME` or `STORE/@SCOPE/NAME`: where Node looks for a package.
    Installed {
        /// The folder that holds packages: `…/node_modules`, or Debian's `usr/share/nodejs`.
        store: &'p [u8],
        /// The name by which it is found there.
        name: &'p [u8],
    },
    /// Below an installed package's own folder.
    Inside {
        /// That package's folder.
        owner: &'p [u8],
    },
    /// In no store: perhaps an application.
    Loose,
    /// In a store but not where a package lies, or among test data.
    Nowhere,
}

/// Where Debian's store ends in `path`, if one lies above it or is it: `usr/share/nodejs`, `usr/lib/nodejs`, and
/// `usr/lib/TRIPLET/nodejs` for compiled ones (<https://wiki.debian.org/Javascript/Policy>). Debian's Node looks
/// there last.
pub(super) fn debian_store(path: &[u8]) -> Option<usize> {
    let rest = path.strip_prefix(b"usr/")?;
    let mut parts = rest.splitn(4, |&b| b == b'/');
    let (first, second) = (parts.next()?, parts.next()?);
    let end = b"usr/".len() + first.len() + 1 + second.len();
    match (first, second) {
        (b"share" | b"lib", b"nodejs") => Some(end),
        (b"lib", triplet) if memchr::memmem::find(triplet, b"-linux-").is_some() => {
            (parts.next()? == b"nodejs").then_some(end + b"/nodejs".len())
        }
        _ => None,
    }
}

/// The place of `folder`.
pub(super) fn of(folder: &[u8]) -> Place<'_> {
    let (outside, store) = match debian_store(folder).filter(|end| *end < folder.len()) {
        Some(end) => (&[][..], Some(end)),
        None => first_store(folder),
    };
    if outside.split(|&b| b == b'/').any(is_test_data) {
        return Place::Nowhere;
    }
    store.map_or(Place::Loose, |end| within(folder, end))
}

/// An application may well lie in a folder named `test`; its packages do not lie in one named `fixtures`.
fn is_test_data(component: &[u8]) -> bool {
    matches!(component, b"fixtures" | b"__fixtures__" | b"testdata")
}

/// What comes before the first `node_modules`, and where that ends; all of it if there is none.
fn first_store(folder: &[u8]) -> (&[u8], Option<usize>) {
    let mut at = 0;
    for component in folder.split(|&b| b == b'/') {
        let end = at + component.len();
        if component == b"node_modules" {
            return (&folder[..at], Some(end));
        }
        at = end + 1;
    }
    (folder, None)
}

/// The place of `folder`, whose first store ends at byte `store`.
fn within(folder: &[u8], mut store: usize) -> Place<'_> {
    loop {
        let Some((first, after)) = component(folder, store) else { return Place::Nowhere };
        let end = match first {
            [b'@', ..] => match component(folder, after) {
                Some((_, end)) => end,
                None => return Place::Nowhere,
            },
            [b'.', ..] => match hidden(folder, after) {
                Hidden::Store(end) => {
                    store = end;
                    continue;
                }
                Hidden::Package(end) => end,
                Hidden::Neither => return Place::Nowhere,
            },
            _ => after,
        };
        if end == folder.len() {
            return Place::Installed { store: &folder[..store], name: &folder[store + 1..] };
        }
        match component(folder, end) {
            Some((b"node_modules", deeper)) => store = deeper,
            _ => return Place::Inside { owner: &folder[..end] },
        }
    }
}

/// What a hidden folder of a store (`.pnpm`, `.bun`, `.store`) leads to.
enum Hidden {
    Store(usize),
    Package(usize),
    Neither,
}

/// `.pnpm/KEY/node_modules`, `.pnpm/node_modules` (hoisted), and yarn's `.store/KEY/package`.
fn hidden(folder: &[u8], after: usize) -> Hidden {
    let Some((key, end)) = component(folder, after) else { return Hidden::Neither };
    if key == b"node_modules" {
        return Hidden::Store(end);
    }
    match component(folder, end) {
        Some((b"node_modules", end)) => Hidden::Store(end),
        Some((b"package", end)) => Hidden::Package(end),
        _ => Hidden::Neither,
    }
}

/// The component that follows the slash at byte `at`, and where it ends.
fn component(folder: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = folder.get(at + 1..).filter(|rest| !rest.is_empty())?;
    let length = memchr::memchr(b'/', rest).unwrap_or(rest.len());
    Some((&rest[..length], at + 1 + length))
}

/// Whether a link at `path` may lead to a package or a store.
pub(super) fn may_link(path: &[u8]) -> bool {
    memchr::memmem::find(path, b"node_modules").is_some() || debian_store(path).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(folder: &str, expected: &str) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let seen = match of(folder.as_bytes()) {
            Place::Installed { store, name } => format!("{} has {}", text(store), text(name)),
            Place::Inside { owner } => format!("inside {}", text(owner)),
            Place::Loose => "loose".into(),
            Place::Nowhere => "nowhere".into(),
        };
        assert_eq!(seen, expected, "{folder}");
    }

    #[test]
    fn places() {
        check("app/node_modules/a", "app/node_modules has a");
        check("node_modules/@s/a", "node_modules has @s/a");
        check("app/node_modules/a/node_modules/@s/b", "app/node_modules/a/node_modules has @s/b");
        check("app/node_modules/@s/a/node_modules/b", "app/node_modules/@s/a/node_modules has b");
        check("app/node_modules/.pnpm/a@1/node_modules/a", "app/node_modules/.pnpm/a@1/node_modules has a");
        check("app/node_modules/.pnpm/node_modules/a", "app/node_modules/.pnpm/node_modules has a");
        check("app/node_modules/.store/a-npm-1/package", "app/node_modules has .store/a-npm-1/package");
        check("usr/share/nodejs/@babel/core", "usr/share/nodejs has @babel/core");
        check("usr/share/nodejs/npm/node_modules/x", "usr/share/nodejs/npm/node_modules has x");
        check("app/node_modules/a/dist", "inside app/node_modules/a");
        check("app/node_modules/a/test/node_modules/b", "inside app/node_modules/a");
        check("app/node_modules/.cache/a", "nowhere");
        check("app/node_modules/@s", "nowhere");
        check("app/node_modules", "nowhere");
        check("app/test/fixtures/node_modules/a", "nowhere");
        check("app", "loose");
        check("", "loose");
        check("usr/share/nodejs", "loose");
        check("usr/lib/x86_64-linux-gnu/nodejs/ws", "usr/lib/x86_64-linux-gnu/nodejs has ws");
        check("usr/lib/x86_64-linux-gnu/qt5/nodejs/ws", "loose");
        check("usr/lib/python3/nodejs", "loose");
    }
}
