//! Which files a package has: dpkg's lists, and the places to which diversions move some of them.

use super::record::Record;
use crate::packages::Claim;
use crate::view::{File, View};
use model::TreePath;
use rustc_hash::FxHashMap;

/// Diversions: by the path that packages write, the path where their file is, and the package that keeps the name
/// (`:` if none does).
pub(super) type Diversions = FxHashMap<Vec<u8>, (Vec<u8>, Vec<u8>)>;

/// Reads `diversions` (dpkg-divert(1)): three lines each.
pub(super) fn diversions(view: &View<'_>, root: &TreePath) -> Diversions {
    let at = [root.as_bytes(), b"/diversions"].concat();
    let text = view.open(&at).and_then(|file| file.whole()).unwrap_or_default();
    let lines: Vec<&[u8]> = text.split(|&b| b == b'\n').collect();
    lines.chunks_exact(3).map(|three| (three[0].to_vec(), (three[1].to_vec(), three[2].to_vec()))).collect()
}

/// The file that lists the package's files: `info/NAME[:ARCH].list`, or a distroless image's `NAME.md5sums`.
pub(super) fn list<'v>(view: &'v View<'v>, root: &TreePath, record: &Record<'_>, file: &File<'_>) -> Option<File<'v>> {
    let name = record.name;
    let in_info = [format!("info/{name}:{}.list", record.architecture), format!("info/{name}.list")];
    let beside = [".list", ".md5sums"].map(|end| [file.path.as_bytes(), end.as_bytes()].concat());
    let here = |at: Vec<u8>| view.exact(&TreePath::clean(&at).ok()?).filter(|found| found.whole().is_some());
    if file.path.file_name() == b"status" {
        let found = in_info.iter().find_map(|at| here([root.as_bytes(), b"/", at.as_bytes()].concat()));
        return found;
    }
    beside.into_iter().find_map(here)
}

/// The package's files as dpkg writes them, its record in a file of its own among them.
pub(super) fn claims(
    list: Option<&File<'_>>,
    file: &File<'_>,
    record: &Record<'_>,
    diverted: &Diversions,
) -> Vec<Claim> {
    let mut claims = Vec::new();
    if file.path.file_name() != b"status" {
        claims.push(Claim::File(file.path.clone()));
    }
    let Some(list) = list else { return claims };
    claims.push(Claim::File(list.path.clone()));
    let is_sums = list.path.file_name().ends_with(b".md5sums");
    for line in list.whole().unwrap_or_default().split(|&b| b == b'\n') {
        if claims.len() > super::CLAIMS {
            break;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let written = if is_sums { after_sum(line) } else { Some(line) };
        let Some(written) = written.filter(|at| !matches!(*at, b"" | b"/" | b"/.")) else { continue };
        let at = match diverted.get(written) {
            Some((to, by)) if by != record.name.as_bytes() => to,
            _ => written,
        };
        claims.extend(TreePath::clean(at).map(Claim::File));
    }
    claims
}

/// `<32 hex digits>  usr/bin/x`
fn after_sum(line: &[u8]) -> Option<&[u8]> {
    let at = line.iter().position(|b| b.is_ascii_whitespace())?;
    Some(line[at..].trim_ascii_start())
}
