//! An earlier report as a baseline.

use crate::failure::{Failure, file};
use practices::baseline::Baseline;
use serde::Deserialize;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// More than this is no report of a scan.
const LARGEST: u64 = 256 << 20;
/// What a report of ours says in its first bytes.
const SCHEMA: &str = "\"plimsoll.scan/1\"";
const HEAD: usize = 256;

#[derive(Deserialize)]
struct Report {
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    vulnerabilities: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    aliases: Vec<String>,
    name: String,
}

/// What the report in a file knows, all targets together; `None` where the file is no report of a scan.
pub(crate) fn report_baseline(path: &Path) -> Result<Option<Baseline>, Failure> {
    if !path.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Ok(None);
    }
    let mut opened = File::open(path).map_err(file("read", path))?;
    let mut text = Vec::new();
    opened.by_ref().take(HEAD as u64).read_to_end(&mut text).map_err(file("read", path))?;
    if !String::from_utf8_lossy(&text).contains(SCHEMA) {
        return Ok(None);
    }
    opened.take(LARGEST).read_to_end(&mut text).map_err(file("read", path))?;
    if text.len() as u64 > LARGEST {
        return Err(file("read", path)(io::Error::other("it has over 256 MiB")));
    }
    let wrong = |error: serde_json::Error| file("read", path)(io::Error::new(io::ErrorKind::InvalidData, error));
    let report: Report = serde_json::from_slice(&text).map_err(wrong)?;
    let rows = report.targets.into_iter().flat_map(|target| target.vulnerabilities);
    let known = rows.flat_map(|Row { id, aliases, name }| {
        std::iter::once(id).chain(aliases).map(move |vulnerability| (vulnerability, name.clone()))
    });
    Ok(Some(Baseline::new(known)))
}
