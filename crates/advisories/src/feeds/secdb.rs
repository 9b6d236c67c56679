//! Alpine's secdb (`https://secdb.alpinelinux.org/v3.20/main.json`), also Wolfi's and Chainguard's: by package and
//! version, which vulnerabilities that version fixes. Version `0` says that the package never was affected.

use super::FeedError;
use crate::build::Builder;
use crate::spans::{End, Span};
use crate::statement::{Entry, State, Statement};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The source's word in statements.
pub const SOURCE: &str = "alpine-secdb";

#[derive(Deserialize)]
struct Database {
    #[serde(default)]
    distroversion: String,
    #[serde(default)]
    packages: Option<Vec<Item>>,
}

#[derive(Deserialize)]
struct Item {
    pkg: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    #[serde(default)]
    secfixes: Option<BTreeMap<String, Option<Vec<String>>>>,
}

/// Files of one source, collected: one statement a vulnerability, whatever the number of releases and repositories.
#[derive(Default)]
pub struct Secdb {
    /// By vulnerability: the package's key, the version that fixes it.
    fixes: BTreeMap<String, Vec<(String, String)>>,
}

impl Secdb {
    /// Reads one file. `world` is the key for databases that name no release: `Wolfi`, `Chainguard`.
    pub fn add(&mut self, bytes: &[u8], world: Option<&str>) -> Result<(), FeedError> {
        let database: Database = serde_json::from_slice(bytes)?;
        let release = format!("Alpine:{}", database.distroversion);
        let world = world.unwrap_or(&release);
        for package in database.packages.into_iter().flatten().map(|item| item.pkg) {
            for (version, ids) in package.secfixes.into_iter().flatten() {
                // A line may name several: `CVE-2019-1 XSA-2`. The number in the common list comes first.
                for id in ids.into_iter().flatten().filter_map(|line| first(&line)) {
                    let key = format!("{world}\0{}", package.name);
                    self.fixes.entry(id).or_default().push((key, version.clone()));
                }
            }
        }
        Ok(())
    }

    /// Hands over what was read.
    pub fn finish(self, builder: &mut Builder) {
        for (id, mut packages) in self.fixes {
            packages.sort();
            packages.dedup();
            let entries: Vec<(String, Entry<'_>)> = packages.iter().map(|(key, v)| (key.clone(), entry(v))).collect();
            let statement = Statement {
                source: SOURCE,
                id: &id,
                modified: 0,
                published: 0,
                withdrawn: false,
                summary: "",
                aliases: Vec::new(),
                upstream: Vec::new(),
                severities: Vec::new(),
            };
            builder.add(&statement, &entries);
        }
    }
}

fn first(line: &str) -> Option<String> {
    let words = || line.split_whitespace();
    words().find(|w| w.starts_with("CVE-")).or_else(|| words().next()).map(str::to_owned)
}

fn entry(version: &str) -> Entry<'_> {
    let never = version == "0";
    Entry {
        state: if never { State::NotAffected } else { State::Affected },
        urgency: "",
        note: "",
        repository: "",
        module: "",
        unreadable: "",
        spans: if never { Vec::new() } else { vec![Span { from: None, end: End::Fixed(version) }] },
        versions: Vec::new(),
    }
}
