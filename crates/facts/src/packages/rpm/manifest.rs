//! `container-manifest-2`: what distroless images of Mariner and Azure Linux have in place of a database.
//!
//! One line a package, ten tab-separated fields as written by `rpm --qf`: name, version-release, time of
//! installation, time of build, vendor, epoch or `(none)`, size, architecture, epoch as a number, source rpm.

use super::package::Fields;

/// A longer line is no package.
const LINE_BYTES: usize = 64 << 10;

/// The packages of the manifest: each line's number from 1, its first byte, and its fields or why there are none.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = (u64, Result<Fields, &'static str>)> {
    let mut at = 0;
    text.split(|&b| b == b'\n').filter_map(move |line| {
        let start = at;
        at += line.len() as u64 + 1;
        (!line.trim_ascii().is_empty()).then(|| (start, fields(line)))
    })
}

fn fields(line: &[u8]) -> Result<Fields, &'static str> {
    if line.len() > LINE_BYTES {
        return Err("a line is longer than 65536 bytes");
    }
    let line = std::str::from_utf8(line).map_err(|_| "a line is not UTF-8")?;
    let fields: Vec<&str> = line.trim_end_matches('\r').split('\t').collect();
    let [name, version, _, _, vendor, _, _, arch, epoch, source] = fields[..] else {
        return Err("a line does not have ten fields");
    };
    let (version, release) = version.rsplit_once('-').ok_or("a version has no release")?;
    let stated = |word: &str| Some(word.to_owned()).filter(|w| !w.is_empty() && w != "(none)");
    Ok(Fields {
        name: stated(name).ok_or("a package has no name")?,
        version: stated(version).ok_or("a package has no version")?,
        release: release.to_owned(),
        epoch: if epoch == "(none)" { 0 } else { epoch.parse().map_err(|_| "an epoch is no number")? },
        arch: stated(arch),
        source_rpm: stated(source),
        vendor: stated(vendor),
        ..Fields::default()
    })
}
