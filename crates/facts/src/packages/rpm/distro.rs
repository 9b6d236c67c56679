//! Which distribution's packages these are: the purl's namespace and `distro`.

use crate::view::View;
use model::TreePath;

/// Longer files are no `os-release`.
const OS_RELEASE_BYTES: usize = 64 << 10;

/// The two words of `os-release` that a purl needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Distro {
    id: String,
    version: String,
}

impl Distro {
    /// That of the root filesystem below `prefix` (empty, or ending in `/`), or nothing if it does not say.
    pub(super) fn of(view: &View<'_>, prefix: &[u8]) -> Self {
        let texts = ["etc/os-release", "usr/lib/os-release"].into_iter().filter_map(|name| {
            let path = [prefix, name.as_bytes()].concat();
            let file = if prefix.is_empty() { view.open(&path) } else { view.exact(&TreePath::clean(&path).ok()?) };
            file?.whole()
        });
        texts.map(Self::parse).find(|distro| !distro.id.is_empty()).unwrap_or_default()
    }

    /// Reads `ID` and `VERSION_ID`; the last assignment counts, as in a shell.
    fn parse(text: &[u8]) -> Self {
        let mut distro = Self::default();
        for line in text[..text.len().min(OS_RELEASE_BYTES)].split(|&b| b == b'\n') {
            let Some((key, value)) = std::str::from_utf8(line).ok().and_then(|l| l.trim().split_once('=')) else {
                continue;
            };
            let value = value.trim_matches(['"', '\'']);
            let plain = !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+~".contains(&b));
            match key {
                "ID" if plain => distro.id = value.to_ascii_lowercase(),
                "VERSION_ID" if plain => distro.version = value.to_owned(),
                _ => {}
            }
        }
        distro
    }

    /// The purl's namespace: the vendor (purl-spec, type `rpm`), which for most is the `ID` itself.
    pub(super) fn vendor(&self) -> &str {
        match self.id.as_str() {
            "rhel" => "redhat",
            id if id.starts_with("opensuse") => "opensuse",
            id if id.starts_with("sle") || id.starts_with("sl-micro") => "suse",
            id => id,
        }
    }

    /// The purl's `distro`: `ID-VERSION_ID`, or `ID` for a rolling one.
    pub(super) fn qualifier(&self) -> String {
        match self.version.as_str() {
            "" => self.id.clone(),
            version => format!("{}-{version}", self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, vendor: &str, qualifier: &str) {
        let distro = Distro::parse(text.as_bytes());
        assert_eq!((distro.vendor(), distro.qualifier().as_str()), (vendor, qualifier), "{text}");
    }

    #[test]
    fn names_vendors() {
        check("ID=\"rhel\"\nVERSION_ID=\"8.8\"\n", "redhat", "rhel-8.8");
        check("ID=fedora\nVERSION_ID=41\n", "fedora", "fedora-41");
        check("ID=\"opensuse-leap\"\nVERSION_ID='15.6'\n", "opensuse", "opensuse-leap-15.6");
        check("ID=\"opensuse-tumbleweed\"\n", "opensuse", "opensuse-tumbleweed");
        check("ID=\"sles\"\nVERSION_ID=15.3", "suse", "sles-15.3");
        check("ID=amzn\r\nVERSION_ID=\"2023\"\r\n", "amzn", "amzn-2023");
    }

    #[test]
    fn refuses_what_is_no_word() {
        check("ID=a/b\n", "", "");
        check("# ID=x\nNAME=y\nID", "", "");
        check("ID=\u{1b}[2J\n", "", "");
    }
}
