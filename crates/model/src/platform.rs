//! Platforms, in the words of the OCI image index
//! (<https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md>).

use std::fmt;
use std::str::FromStr;

/// `os/architecture[/variant]`, in Go's names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// `GOOS`: `linux`, `windows`…
    pub os: String,
    /// `GOARCH`: `amd64`, `arm64`…
    pub architecture: String,
    /// `v7`, `v8`…, where the architecture has them.
    pub variant: Option<String>,
    /// The Windows build, where the index states it.
    pub os_version: Option<String>,
}

/// A text that names no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a platform: expected `os/architecture` or `os/architecture/variant`, such as `linux/amd64`")]
pub struct PlatformError(String);

impl Platform {
    /// Linux on `architecture` (Go's name).
    pub fn linux(architecture: &str) -> Self {
        Self { os: "linux".into(), architecture: architecture.into(), variant: None, os_version: None }
    }

    /// The platform of containers on this machine: Linux, with the processor the program was built for.
    pub fn of_this_machine() -> Self {
        Self::linux(go_architecture(std::env::consts::ARCH))
    }

    /// Whether an image for `other` is what someone who asks for `self` means: the same system and processor,
    /// and the same variant unless one side leaves it open (`arm64` is `arm64/v8`).
    pub fn accepts(&self, other: &Self) -> bool {
        let variant = |p: &Self| match (p.architecture.as_str(), p.variant.as_deref()) {
            ("arm64", None) => Some("v8".to_owned()),
            ("amd64", Some("v1")) => None,
            (_, v) => v.map(str::to_owned),
        };
        self.os == other.os
            && self.architecture == other.architecture
            && (self.variant.is_none() || variant(self) == variant(other))
            && (self.os_version.is_none() || self.os_version == other.os_version)
    }
}

fn go_architecture(rust: &str) -> &str {
    match rust {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64le",
        "loongarch64" => "loong64",
        other => other,
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let parts: Vec<&str> = text.split('/').collect();
        let word = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        match parts.as_slice() {
            [os, architecture, rest @ ..] if rest.len() <= 1 && parts.iter().all(|p| word(p)) => Ok(Self {
                os: os.to_ascii_lowercase(),
                architecture: go_architecture(&architecture.to_ascii_lowercase()).to_owned(),
                variant: rest.first().map(|v| v.to_ascii_lowercase()),
                os_version: None,
            }),
            _ => Err(PlatformError(text.to_owned())),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |v| write!(f, "/{v}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(asked: &str, offered: &str) -> bool {
        asked.parse::<Platform>().unwrap().accepts(&offered.parse().unwrap())
    }

    #[test]
    fn reads_and_writes() {
        assert_eq!("linux/x86_64".parse::<Platform>().unwrap().to_string(), "linux/amd64");
        assert!("linux".parse::<Platform>().is_err());
        assert!("linux/arm/v7/x".parse::<Platform>().is_err());
    }

    #[test]
    fn variants() {
        assert!(accepts("linux/arm64", "linux/arm64/v8"));
        assert!(accepts("linux/arm64/v8", "linux/arm64"));
        assert!(!accepts("linux/arm/v6", "linux/arm/v7"));
        assert!(!accepts("linux/amd64", "linux/arm64"));
    }
}
