//! Which files a distribution says are its own.

use super::super::Claim;
use super::{RECORD, beside, too_large};
use crate::view::View;
use model::{TreePath, Unknown, UnknownKind};

/// Lines read of the lists of files of one image; the largest list of a few hundred that were looked at has 9,000.
pub(super) const LINES: usize = 1_000_000;

/// What is missed on the way.
pub(super) struct Gaps<'a> {
    /// Lines that may still be read.
    pub(super) lines: usize,
    /// That there were more was told.
    pub(super) is_told: bool,
    /// What could not be read.
    pub(super) unknowns: &'a mut Vec<Unknown>,
}

/// The files of the distribution whose metadata lies at `info`, imported from `site`.
pub(super) fn of(view: &View<'_>, info: &TreePath, site: &TreePath, gaps: &mut Gaps<'_>) -> Vec<Claim> {
    if view.exact(info).is_some() {
        return vec![Claim::File(info.clone())];
    }
    let mut owns = vec![Claim::Folder(info.clone())];
    if site.file_name().ends_with(b".egg") {
        owns.push(Claim::Folder(site.clone()));
    } else if let Some(files) = listed(view, info, b"RECORD", site, gaps) {
        owns.extend(files);
    } else if let Some(files) = listed(view, info, b"installed-files.txt", info, gaps) {
        owns.extend(files);
    } else {
        owns.extend(top_level(view, info, site));
    }
    owns
}

/// The files that a list beside the metadata names, relative to `base`.
fn listed(view: &View<'_>, info: &TreePath, name: &[u8], base: &TreePath, gaps: &mut Gaps<'_>) -> Option<Vec<Claim>> {
    let file = beside(view, info, name)?;
    let Some(text) = file.whole() else {
        gaps.unknowns.extend((file.entry.size > RECORD).then(|| too_large(file, "record", RECORD)));
        return None;
    };
    let mut lines = text.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let taken = lines.by_ref().take(gaps.lines).filter_map(|line| place(base, &first_field(line)));
    let files: Vec<Claim> = taken.map(Claim::File).collect();
    gaps.lines = gaps.lines.saturating_sub(files.len().max(1));
    if lines.next().is_some() && !std::mem::replace(&mut gaps.is_told, true) {
        let why = format!("lists of files with more lines than `python record lines` = {LINES}");
        gaps.unknowns.push(Unknown::new(UnknownKind::Limit, why).at(file.path));
    }
    Some(files)
}

/// A path of a list: relative to `base`, or absolute.
fn place(base: &TreePath, name: &[u8]) -> Option<TreePath> {
    if name.starts_with(b"/") { TreePath::clean(name).ok() } else { base.join(name).ok() }
}

/// The first field of a line of comma-separated values; `installed-files.txt` has just the one.
fn first_field(line: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let Some(quoted) = line.strip_prefix(b"\"") else {
        return line[..memchr::memchr(b',', line).unwrap_or(line.len())].into();
    };
    let mut out = Vec::new();
    let mut bytes = quoted.iter().peekable();
    while let Some(&byte) = bytes.next() {
        if byte == b'"' && bytes.next_if(|next| **next == b'"').is_none() {
            break;
        }
        out.push(byte);
    }
    out.into()
}

/// The modules named in `top_level.txt`: folders, or files `NAME.py`.
fn top_level(view: &View<'_>, info: &TreePath, site: &TreePath) -> Vec<Claim> {
    let text = beside(view, info, b"top_level.txt").and_then(|file| file.whole()).unwrap_or_default();
    let names = text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
    let names = names.filter(|name| !name.is_empty() && !name.contains(&b'.')).take(1000);
    names.filter_map(|name| module(view, site, name)).collect()
}

/// The module `name` of `site`, if it is there.
pub(super) fn module(view: &View<'_>, site: &TreePath, name: &[u8]) -> Option<Claim> {
    let folder = site.join(name).ok()?;
    if view.is_directory(folder.as_bytes()) {
        return Some(Claim::Folder(folder));
    }
    let file = site.join(&[name, b".py"].concat()).ok()?;
    view.exact(&file).map(|file| Claim::File(file.path.clone()))
}
