//! Trees that the real tools installed, for tests: archives in `testdata/`, with the tools' own listings beside.

use super::{Reader, Reading};
use crate::testing;
use std::collections::BTreeSet;
use std::io::Read;

/// What `reader` reads in a `.tar.gz` of files and links.
pub(crate) fn read(reader: &Reader, archive: &[u8]) -> Reading {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    for entry in tar.entries().expect("an archive") {
        let mut entry = entry.expect("an entry");
        let path = entry.path().expect("a path").to_str().expect("text").to_owned();
        let mut content = Vec::new();
        match entry.link_name().expect("a link") {
            Some(target) => content.extend([b"-> ", target.to_str().expect("text").as_bytes()].concat()),
            None => _ = entry.read_to_end(&mut content).expect("content"),
        }
        files.push((path, content));
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect();
    testing::read(reader, &files)
}

/// The lines of a listing.
pub(crate) fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(str::to_owned).collect()
}

/// `NAME VERSION` of every package.
pub(crate) fn listing(reading: &Reading) -> BTreeSet<String> {
    reading.found.iter().map(|f| format!("{} {}", f.package.name, f.package.version)).collect()
}

/// `NAME -> NAME` of every edge, by `name` of a package.
pub(crate) fn edges(reading: &Reading, name: impl Fn(&model::Package) -> String) -> BTreeSet<String> {
    let all = reading.found.iter().flat_map(|one| one.depends_on.iter().map(move |to| (one, &reading.found[*to])));
    all.map(|(from, to)| format!("{} -> {}", name(&from.package), name(&to.package))).collect()
}

/// `NAME VERSION in OWNER` of every copy.
pub(crate) fn copies(reading: &Reading) -> Vec<String> {
    let copies = reading.found.iter().filter_map(|f| Some((&f.package, &reading.found[f.bundled_in?].package)));
    let mut copies: Vec<String> =
        copies.map(|(copy, owner)| format!("{} {} in {}", copy.name, copy.version, owner.name)).collect();
    copies.sort();
    copies
}

/// What one set has and the other has not, `+` for the first.
pub(crate) fn difference(ours: &BTreeSet<String>, theirs: &BTreeSet<String>) -> Vec<String> {
    let more = ours.difference(theirs).map(|line| format!("+ {line}"));
    more.chain(theirs.difference(ours).map(|line| format!("- {line}"))).collect()
}

/// Everything that a summary leaves out, of the package with this name.
pub(crate) fn facts(reading: &Reading, name: &str) -> String {
    let found = reading.found.iter().find(|f| f.package.name == name).expect("a package of that name");
    let p = &found.package;
    let text = |t: &Option<String>| t.clone().unwrap_or_else(|| "-".into());
    let needs: Vec<&str> = found.depends_on.iter().map(|at| reading.found[*at].package.name.as_str()).collect();
    format!(
        "{} | {} = {} | {} | {} | {} | needs {} | owns {:?} | {}",
        p.purl,
        p.licence.stated.join("; "),
        text(&p.licence.expression),
        text(&p.supplier),
        text(&p.homepage),
        text(&p.summary),
        needs.join(", "),
        found.owns,
        p.trust.word(),
    )
}
