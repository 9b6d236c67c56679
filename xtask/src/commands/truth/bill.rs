//! Bills of materials as CycloneDX, ours and the peer's, as items that can be compared.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::Item;
use crate::error::{Error, Result};
use crate::paths;
use crate::tools::output;

/// How a bill came by an item.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// The file that proves it.
    pub(super) path: String,
    /// The package of another ecosystem that it is a part of.
    pub(super) owner: Option<String>,
    /// Whether another package carries it as a copy.
    pub(super) bundled: bool,
}

/// The packages of one bill.
#[derive(Default)]
pub(super) struct Bill(BTreeMap<Item, Found>);

/// Ours.
pub(super) fn ours(program: &Path, layout: &Path, work: &Path) -> Result<Bill> {
    let file = work.join("ours.cdx.json");
    let mut command = Command::new(program);
    command.args(["sbom", "--no-cache", "--no-ledger"]).arg(format!("oci:{}", layout.display()));
    output(command.arg("-o").arg(format!("cyclonedx-json={}", file.display())))?;
    read(&file)
}

/// Syft's.
pub(super) fn peers(program: &Path, layout: &Path, work: &Path) -> Result<Bill> {
    let file = work.join("peer.cdx.json");
    let mut command = Command::new(program);
    command.args(["scan", "-q"]).arg(format!("oci-dir:{}", layout.display()));
    command.arg("-o").arg(format!("cyclonedx-json={}", file.display()));
    output(command.env("SYFT_CHECK_FOR_APP_UPDATE", "false"))?;
    read(&file)
}

fn read(file: &Path) -> Result<Bill> {
    let document: Value = serde_json::from_str(&paths::read(file)?).map_err(|error| Error::file(file)(error.into()))?;
    let mut bill = Bill::default();
    bill.add(&document["components"], None);
    Ok(bill)
}

impl Bill {
    pub(super) fn has(&self, item: &Item) -> bool {
        self.0.contains_key(item)
    }

    /// Every item of an ecosystem.
    pub(super) fn of(&self, ecosystem: &str) -> impl Iterator<Item = (&Item, &Found)> {
        self.0.iter().filter(move |(item, _)| item.ecosystem == ecosystem)
    }

    fn add(&mut self, components: &Value, owner: Option<&str>) {
        for component in components.as_array().into_iter().flatten() {
            let name = component["name"].as_str().unwrap_or_default();
            if let Some(item) = component["purl"].as_str().and_then(item) {
                let found = Found {
                    path: place(component),
                    owner: owner.map(str::to_owned),
                    bundled: property(component, "plimsoll:bundled-in").is_some(),
                };
                // The one that is most of its own: a copy must not hide what is installed as well.
                let free = found.owner.is_none() && !found.bundled;
                let kept = self.0.entry(item).or_insert_with(|| found.clone());
                if free {
                    *kept = found;
                }
            }
            self.add(&component["components"], Some(name));
        }
    }
}

fn property<'v>(component: &'v Value, name: &str) -> Option<&'v str> {
    let properties = component["properties"].as_array()?;
    properties.iter().find(|property| property["name"] == name)?["value"].as_str()
}

fn place(component: &Value) -> String {
    let ours = component["evidence"]["occurrences"][0]["location"].as_str();
    ours.or_else(|| property(component, "syft:location:0:path")).unwrap_or_default().to_owned()
}

/// A package URL of an ecosystem that can be asked.
fn item(purl: &str) -> Option<Item> {
    let plain = purl.strip_prefix("pkg:")?.split(['?', '#']).next()?;
    let (path, version) = plain.rsplit_once('@').filter(|(path, _)| path.contains('/')).unwrap_or((plain, ""));
    let (kind, path) = path.split_once('/')?;
    let path = decoded(path);
    let last = path.rsplit('/').next().unwrap_or(&path).to_owned();
    let (ecosystem, name) = match kind {
        "deb" => ("dpkg", last),
        "npm" => ("npm", path),
        "pypi" => ("python", last),
        "gem" => ("gem", last),
        _ => return None,
    };
    Some(Item::new(ecosystem, &name, &decoded(version)))
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| byte == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(value) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(value);
            rest = &after[2..];
        } else {
            out.push(byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_as_items() {
        let check = |purl: &str, expected: Option<(&'static str, &str, &str)>| {
            let expected = expected.map(|(ecosystem, name, version)| Item::new(ecosystem, name, version));
            assert_eq!(item(purl), expected, "{purl}");
        };
        check(
            "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64",
            Some(("dpkg", "libstdc++6", "12.2.0-14+deb12u1")),
        );
        check("pkg:npm/%40babel/core@7.1.0", Some(("npm", "@babel/core", "7.1.0")));
        check("pkg:npm/express@4.17.1", Some(("npm", "express", "4.17.1")));
        check("pkg:pypi/flask_x@2.0", Some(("python", "flask-x", "2.0")));
        check("pkg:maven/a/b@1", None);
    }

    #[test]
    fn a_copy_does_not_hide_what_is_installed() {
        let text = r#"[{"name": "d", "purl": "pkg:deb/debian/d@1", "components": [{"name": "a", "purl": "pkg:npm/a@1"}]},
            {"name": "a", "purl": "pkg:npm/a@1"}]"#;
        let mut bill = Bill::default();
        bill.add(&serde_json::from_str(text).expect("valid"), None);
        let found: Vec<_> = bill.of("npm").map(|(_, found)| found.owner.clone()).collect();
        assert_eq!(found, [None]);
    }
}
