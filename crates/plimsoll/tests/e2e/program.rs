//! The program, called as a user calls it, with a state folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A state folder and what is asked with it.
pub(crate) struct Plimsoll {
    home: PathBuf,
}

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) talk: String,
}

impl Plimsoll {
    /// With an empty state folder `FOLDER/home`.
    pub(crate) fn cold(folder: &Path) -> Self {
        let home = folder.join("home");
        let _ = std::fs::remove_dir_all(&home);
        Self { home }
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.args(words).env("PLIMSOLL_HOME", &self.home).stdin(Stdio::null());
        command
    }

    pub(crate) fn ask(&self, words: &[&str]) -> Answer {
        let output = self.command(words).output().expect("the program starts");
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        Answer { code: output.status.code().unwrap_or(-1), out: output.stdout, talk }
    }

    /// A document that the program has to be able to make.
    pub(crate) fn document(&self, words: &[&str]) -> Vec<u8> {
        let answer = self.ask(words);
        assert_eq!(answer.code, 0, "{words:?}: {}", answer.talk);
        answer.out
    }

    /// The same, parsed.
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        parse(&self.document(words))
    }

    /// The Debian packages of a target's SBOM: name, version, architecture; sorted.
    pub(crate) fn packages(&self, target: &str) -> Vec<String> {
        let document = self.json(&["sbom", target, "-o", "spdx-json"]);
        let mut found: Vec<String> = array(&document["packages"]).iter().filter_map(debian).collect();
        found.sort();
        found
    }
}

pub(crate) fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}

pub(crate) fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// `name<TAB>version<TAB>architecture` of a package that has a purl of the type deb.
fn debian(package: &Value) -> Option<String> {
    let mut locators = array(&package["externalRefs"]).iter().map(|reference| text(&reference["referenceLocator"]));
    let purl = locators.find(|locator| locator.starts_with("pkg:deb/debian/"))?;
    let arch = purl.split_once('?')?.1.split('&').find_map(|pair| pair.strip_prefix("arch="))?;
    Some(format!("{}\t{}\t{arch}", text(&package["name"]), text(&package["versionInfo"])))
}
