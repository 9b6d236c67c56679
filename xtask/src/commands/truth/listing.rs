//! What the package managers say: each asked in the image unpacked, in its own root where it is part of the image.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Item, answer};
use crate::error::{Error, Result};
use crate::paths;
use crate::tools::{output, python};

/// What was listed, and where that is, if the tool says.
pub(super) type Listed = BTreeMap<Item, String>;

/// A package manager and how it is asked.
#[derive(Clone, Copy)]
pub(super) struct Lister {
    pub(super) ecosystem: &'static str,
    /// The command as one would type it.
    pub(super) asked: &'static str,
    way: Way,
    read: fn(&str, &mut Listed) -> Option<()>,
}

#[derive(Clone, Copy)]
enum Way {
    /// By a shell in the image.
    Inside(&'static str),
    /// By npm of this machine, in this folder of the image.
    Npm(&'static str),
    /// By pip of this machine, of this folder of the image.
    Pip(&'static str),
}

const DPKG: Lister = Lister {
    ecosystem: "dpkg",
    asked: "dpkg-query -W",
    way: Way::Inside("dpkg-query -W -f '${db:Status-Status}\\t${Package}\\t${Version}\\n'"),
    read: dpkg,
};

pub(super) const MINIMAL: [Lister; 1] = [DPKG];

pub(super) const DEMO: [Lister; 3] = [
    DPKG,
    Lister { ecosystem: "npm", asked: "npm ls --all", way: Way::Npm("srv/app"), read: npm },
    Lister { ecosystem: "python", asked: "pip list --path", way: Way::Pip("srv/app/python"), read: pip },
];

pub(super) const SERVICE: [Lister; 4] = [
    DPKG,
    // Its exit code says whether it likes what it lists.
    Lister {
        ecosystem: "npm",
        asked: "npm ls --all; npm ls --all --global",
        way: Way::Inside("cd /app; npm ls --all --parseable --long; npm ls --all --parseable --long --global; true"),
        read: npm,
    },
    Lister {
        ecosystem: "python",
        asked: "pip list",
        way: Way::Inside("python3 -m pip list --format=json --disable-pip-version-check"),
        read: pip,
    },
    Lister { ecosystem: "gem", asked: "gem list", way: Way::Inside("gem list --local"), read: gem },
];

impl Lister {
    pub(super) fn ask(&self, chroot: &Chroot) -> Result<Listed> {
        let text = match self.way {
            Way::Inside(script) => answer(&mut chroot.command(script))?,
            Way::Npm(folder) => {
                let words = ["ls", "--all", "--parseable", "--long"];
                answer(Command::new("npm").args(words).current_dir(chroot.root.join(folder)))?
            }
            Way::Pip(folder) => {
                let words = ["-m", "pip", "list", "--format=json", "--disable-pip-version-check", "--path"];
                answer(Command::new(python::plain()?).args(words).arg(chroot.root.join(folder)))?
            }
        };
        let mut listed = Listed::new();
        let odd = || Error::Unproven(format!("`{}` says what this proof cannot read:\n{text}", self.asked));
        (self.read)(&text, &mut listed).ok_or_else(odd)?;
        Ok(listed)
    }
}

fn dpkg(text: &str, listed: &mut Listed) -> Option<()> {
    for line in text.lines() {
        let mut words = line.split('\t');
        let (status, name, version) = (words.next()?, words.next()?, words.next()?);
        listed.insert(Item::new("dpkg", name, version), status.to_owned());
    }
    Some(())
}

/// `path:name@version` or `path:alias@npm:name@version`, and perhaps more colons with remarks.
fn npm(text: &str, listed: &mut Listed) -> Option<()> {
    for line in text.lines().filter(|line| line.starts_with('/')) {
        let mut parts = line.split(':');
        let (path, mut package) = (parts.next()?, parts.next()?);
        if package.ends_with("@npm") {
            package = parts.next()?;
        }
        // The folder of global packages is listed without a version; it is none.
        let named = |(name, version): &(&str, &str)| !name.is_empty() && !version.is_empty();
        if let Some((name, version)) = package.rsplit_once('@').filter(named) {
            listed.insert(Item::new("npm", name, version), path.to_owned());
        }
    }
    Some(())
}

fn pip(text: &str, listed: &mut Listed) -> Option<()> {
    let packages: serde_json::Value = serde_json::from_str(text).ok()?;
    for package in packages.as_array()? {
        listed.insert(Item::new("python", package["name"].as_str()?, package["version"].as_str()?), String::new());
    }
    Some(())
}

/// `name (1.2, default: 1.1 x86_64-linux)`.
fn gem(text: &str, listed: &mut Listed) -> Option<()> {
    for line in text.lines().filter(|line| line.ends_with(')')) {
        let (name, versions) = line.strip_suffix(')')?.split_once(" (")?;
        for version in versions.split(", ") {
            let version = version.trim_start_matches("default: ").split(' ').next()?;
            listed.insert(Item::new("gem", name, version), String::new());
        }
    }
    Some(())
}

/// An image's root filesystem.
pub(super) struct Chroot {
    bundle: PathBuf,
    root: PathBuf,
}

impl Chroot {
    pub(super) fn unpack(layout: &Path, bundle: &Path) -> Result<Self> {
        let image = format!("{}:latest", layout.display());
        output(Command::new("umoci").args(["--log=error", "unpack", "--image", &image]).arg(bundle))?;
        Ok(Self { bundle: bundle.to_path_buf(), root: bundle.join("rootfs") })
    }

    fn command(&self, script: &str) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--fork"]).arg(format!("--mount-proc={}", self.root.join("proc").display()));
        command.arg("chroot").arg(&self.root).args(["sh", "-c", script]);
        command
    }

    pub(super) fn remove(self) -> Result<()> {
        paths::remove(&self.bundle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_tools_print() {
        let check = |read: fn(&str, &mut Listed) -> Option<()>, text: &str, expected: &[&str]| {
            let mut listed = Listed::new();
            assert_eq!(read(text, &mut listed), Some(()), "{text}");
            let found: Vec<_> = listed.iter().map(|(i, place)| format!("{} {} {place}", i.name, i.version)).collect();
            assert_eq!(found, expected);
        };
        check(
            dpkg,
            "installed\tlibc6\t2.36-9\nconfig-files\tgone\t1\n",
            &["gone 1 config-files", "libc6 2.36-9 installed"],
        );
        check(
            npm,
            "/app:app@1.0.0\n/app/node_modules/@a/b:@a/b@2.0.0:EXTRANEOUS\n/usr/lib:lib@\n/a/c:c@npm:d@1.2.3\nnpm notice\n",
            &["@a/b 2.0.0 /app/node_modules/@a/b", "app 1.0.0 /app", "d 1.2.3 /a/c"],
        );
        check(pip, r#"[{"name": "Flask_X", "version": "2.0"}]"#, &["flask-x 2.0 "]);
        check(
            gem,
            "\n*** LOCAL GEMS ***\n\nbundler (2.4, default: 2.3.15)\nffi (1.15.5 x86_64-linux)\n",
            &["bundler 2.3.15 ", "bundler 2.4 ", "ffi 1.15.5 "],
        );
    }
}
