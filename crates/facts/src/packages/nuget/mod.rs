//! .NET packages, from the `*.deps.json` that lies beside an application, and the runtimes of
//! `shared/NAME/VERSION/`
//! (<https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md>).
//!
//! The file lists what the build resolved, which is more than what was shipped: build tools and meta-packages
//! stand in it without any file, and a later step may have deleted others. So a library is a package here only
//! if one of its files is visible. What it depends on is followed through those that are not.

use crate::keep::{Candidate, Want};
use crate::packages::{Claim, Found, Reader, Reading, Sight, never_open};
use crate::view::{File, View};
use model::{Ecosystem, Package, Purl, TreePath, Trust, Unknown, UnknownKind};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of the longest file that is read; the largest we know takes 2 MB.
const MAX_JSON: usize = 8 << 20;

/// Reads .NET packages.
pub(super) static READER: Reader = Reader {
    ecosystem: Ecosystem::Nuget,
    wants,
    open: never_open,
    read,
    sight: Sight {
        reads: "`*.deps.json`, also those of shared frameworks and of self-contained applications",
        sees: "packages, projects and runtime packs of which a file is there; edges between them; the .NET runtime",
        blind: "applications published as a single file; assemblies copied in by hand; versions in PE resources; \
                lock files, which say what a build would use",
    },
};

/// How the files' names end.
const SUFFIX: &[u8] = b".deps.json";

fn wants(file: &Candidate<'_>) -> Want {
    let json = file.head.trim_ascii_start().strip_prefix(b"\xef\xbb\xbf").unwrap_or(file.head);
    let fits = file.name.ends_with(SUFFIX) && json.trim_ascii_start().starts_with(b"{");
    if fits { Want::Whole } else { Want::Nothing }
}

/// The file; what is not named here is skipped.
#[derive(Deserialize)]
struct Deps {
    #[serde(rename = "runtimeTarget")]
    runtime_target: Option<Target>,
    #[serde(default)]
    targets: BTreeMap<String, BTreeMap<String, Library>>,
    #[serde(default)]
    libraries: BTreeMap<String, Kind>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type", default)]
    kind: String,
}

/// One library of a target: what it needs, and its files by kind.
#[derive(Deserialize, Default)]
struct Library {
    #[serde(default)]
    dependencies: BTreeMap<String, String>,
    #[serde(default)]
    runtime: BTreeMap<String, IgnoredAny>,
    #[serde(default)]
    native: BTreeMap<String, IgnoredAny>,
    #[serde(default)]
    resources: BTreeMap<String, IgnoredAny>,
    #[serde(rename = "runtimeTargets", default)]
    runtime_targets: BTreeMap<String, IgnoredAny>,
}

impl Library {
    fn files(&self) -> impl Iterator<Item = &str> {
        let kinds = [&self.runtime, &self.native, &self.resources, &self.runtime_targets];
        kinds.into_iter().flat_map(|files| files.keys().map(String::as_str))
    }
}

fn read(view: &View<'_>, reading: &mut Reading) {
    for file in view.files().filter(|file| file.path.file_name().ends_with(SUFFIX)) {
        // Nothing is kept of an empty file.
        let Some(bytes) = file.whole().or((file.entry.size == 0).then_some(&[][..])) else { continue };
        match parse(bytes) {
            Ok(deps) => add(view, &file, &deps, reading),
            Err(unknown) => reading.unknowns.push(unknown.at(file.path)),
        }
    }
}

fn parse(bytes: &[u8]) -> Result<Deps, Box<Unknown>> {
    if bytes.len() > MAX_JSON {
        let why = format!("a list of .NET packages of {} bytes, more than {MAX_JSON}", bytes.len());
        return Err(Box::new(Unknown::new(UnknownKind::Limit, why)));
    }
    serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map_err(|error| {
        let why =
            format!("the list of .NET packages makes no sense at line {}, column {}", error.line(), error.column());
        // All packages of an application are in it.
        Box::new(Unknown::new(UnknownKind::PackageDatabase, why))
    })
}

fn add(view: &View<'_>, file: &File<'_>, deps: &Deps, reading: &mut Reading) {
    let named = deps.runtime_target.as_ref().and_then(|t| deps.targets.get(&t.name));
    // Without a stated target, the one with the most libraries is the one for a runtime.
    let Some(target) = named.or_else(|| deps.targets.values().max_by_key(|t| t.len())) else { return };
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (key, library) in target {
        let shipped = shipped(view, file, library);
        if shipped.is_empty() {
            continue;
        }
        let kind = deps.libraries.get(key).map_or("package", |l| l.kind.as_str());
        let Some(package) = package(key, kind, file) else {
            let why = format!("an impossible name in the list of .NET packages: `{}`", model::escaped(short(key)));
            reading.unknowns.push(Unknown::new(UnknownKind::BadRecord, why).at(file.path));
            continue;
        };
        places.insert(lower_name(key), reading.found.len());
        let mut found = Found::new(package);
        found.owns.extend(shipped.into_iter().map(Claim::File));
        reading.found.push(found);
    }
    link(target, &places, reading);
    framework(file, &places, reading);
}

/// `Name/1.2.3` as a package; a runtime pack's name has a prefix of its own here.
fn package(key: &str, kind: &str, file: &File<'_>) -> Option<Package> {
    let (name, version) = key.split_once('/')?;
    let name = if kind == "runtimepack" { name.strip_prefix("runtimepack.").unwrap_or(name) } else { name };
    let plain = |text: &str| {
        let fine = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
        !text.is_empty() && text.len() <= 256 && text.chars().all(fine)
    };
    // A project may have any name and was never published as this.
    let kind = if kind == "project" { "generic" } else { "nuget" };
    (plain(name) && plain(version)).then(|| of(kind, name, version, file))
}

fn of(kind: &str, name: &str, version: &str, file: &File<'_>) -> Package {
    let purl = Purl::builder(kind, name).version(version).build();
    let mut package = Package::new(Ecosystem::Nuget, purl, name, version, file.evidence());
    package.trust = Trust::Embedded;
    package
}

/// The files of a library that are there: beside the list by their bare name, in a folder of their language, or
/// at their whole path.
fn shipped(view: &View<'_>, file: &File<'_>, library: &Library) -> Vec<TreePath> {
    let folder = file.path.parent().unwrap_or_else(TreePath::root);
    let mut there = BTreeSet::new();
    for asset in library.files() {
        let mut slashes = asset.rmatch_indices('/').map(|(at, _)| at + 1);
        let (last, before) = (slashes.next().unwrap_or(0), slashes.next().unwrap_or(0));
        let places = [&asset[last..], &asset[before..], asset];
        let found =
            places.iter().filter_map(|place| folder.join(place.as_bytes()).ok()).find(|p| view.exact(p).is_some());
        there.extend(found);
    }
    there.into_iter().collect()
}

fn lower_name(key: &str) -> String {
    key.split('/').next().unwrap_or_default().to_lowercase()
}

fn link(target: &BTreeMap<String, Library>, places: &BTreeMap<String, usize>, reading: &mut Reading) {
    let by_name: BTreeMap<String, &Library> = target.iter().map(|(key, lib)| (lower_name(key), lib)).collect();
    for (name, &at) in places {
        let mut seen: BTreeSet<String> = BTreeSet::from([name.clone()]);
        let mut todo: Vec<&Library> = by_name.get(name).copied().into_iter().collect();
        let mut needs = BTreeSet::new();
        while let Some(library) = todo.pop() {
            for need in library.dependencies.keys().map(|n| n.to_lowercase()) {
                if !seen.insert(need.clone()) {
                    continue;
                }
                match places.get(&need) {
                    Some(&place) => _ = needs.insert(place),
                    None => todo.extend(by_name.get(&need)),
                }
            }
        }
        reading.found[at].depends_on = needs.into_iter().collect();
    }
}

/// A shared framework, `shared/NAME/VERSION/NAME.deps.json`: its packs were given other names and versions
/// before .NET 5, so the framework is a package of its own where no pack is called after it.
fn framework(file: &File<'_>, places: &BTreeMap<String, usize>, reading: &mut Reading) {
    let parts: Vec<&[u8]> = file.path.components().rev().take(4).collect();
    let [list, version, name, b"shared"] = parts.as_slice() else { return };
    let (Ok(name), Ok(version)) = (std::str::from_utf8(name), std::str::from_utf8(version)) else { return };
    let own = list.strip_suffix(b".deps.json") == Some(name.as_bytes());
    let pack = format!("{}.runtime.", name.to_lowercase());
    if !own || places.is_empty() || places.keys().any(|place| place.starts_with(&pack)) {
        return;
    }
    let Some(package) = package(&format!("{name}/{version}"), "package", file) else { return };
    let mut found = Found::new(package);
    found.owns.extend(file.path.parent().map(Claim::Folder));
    found.depends_on = places.values().copied().collect();
    found.depends_on.sort_unstable();
    reading.found.push(found);
}

fn short(text: &str) -> &str {
    text.char_indices().nth(100).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests;
