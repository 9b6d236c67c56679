//! `plimsoll.pin/1`: what became of every reference of every text (docs/formats/pin-v1.schema.json).

use super::json::text;
use crate::ops::pin::{Fate, Mode, PinnedFile, Place, Report};
use serde::Serialize;

#[derive(Serialize)]
struct Pin<'a> {
    schema: &'static str,
    mode: &'static str,
    written: bool,
    files: Vec<File<'a>>,
    unread: Vec<Gap<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    kind: &'static str,
    changed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    references: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    line: u32,
    column: u32,
    written: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mirror: Option<&'a str>,
}

#[derive(Serialize)]
struct Gap<'a> {
    path: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct Summary {
    pinned: usize,
    kept: usize,
    moved: usize,
    narrow: usize,
    unsure: usize,
    left: usize,
    unpinned: usize,
    broken: usize,
    failed: usize,
}

/// The document of one run.
pub(crate) fn write(report: &Report, mode: Mode, dry: bool) -> Vec<u8> {
    text(&Pin {
        schema: "plimsoll.pin/1",
        mode: word(mode),
        written: !dry && mode != Mode::Check,
        files: report.files.iter().map(file).collect(),
        unread: report.unread.iter().map(|u| Gap { path: &u.path, why: &u.why }).collect(),
        summary: summary(report),
    })
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Pin => "pin",
        Mode::Check => "check",
        Mode::Update(_) => "update",
    }
}

fn file(file: &PinnedFile) -> File<'_> {
    File {
        path: &file.path,
        kind: file.kind.word(),
        changed: file.after.is_some(),
        error: file.trouble.as_deref(),
        references: file.places.iter().map(row).collect(),
    }
}

fn row(place: &Place) -> Row<'_> {
    let (tag, digest) = match &place.fate {
        Fate::Pinned(digest) => (None, Some(digest.clone())),
        Fate::Updated { tag, digest } => (Some(tag.as_str()), Some(digest.to_string())),
        _ => (None, place.mention.reference().and_then(|r| r.digest()).map(ToString::to_string)),
    };
    Row {
        line: place.position.line,
        column: place.position.column,
        written: &place.mention.written,
        reference: place.mention.reference().map(model::Reference::as_typed),
        role: place.mention.role.word(),
        platform: place.mention.platform.as_ref().map(ToString::to_string),
        outcome: outcome(&place.fate),
        tag,
        digest,
        why: why(&place.fate),
        mirror: place.mirror.as_deref(),
    }
}

/// One word for what became of a reference.
pub(crate) fn outcome(fate: &Fate) -> &'static str {
    match fate {
        Fate::Pinned(_) | Fate::Updated { .. } => "pinned",
        Fate::Kept => "kept",
        Fate::Moved(_) => "moved",
        Fate::Narrow(_) => "narrow",
        Fate::Unsure(_) => "unsure",
        Fate::Left(_) => "left",
        Fate::Unpinned => "unpinned",
        Fate::Broken(_) => "broken",
        Fate::Failed(_) => "failed",
    }
}

/// The reason, where there is one.
pub(crate) fn why(fate: &Fate) -> Option<&str> {
    match fate {
        Fate::Moved(why) | Fate::Narrow(why) | Fate::Unsure(why) => Some(why),
        Fate::Left(why) | Fate::Broken(why) | Fate::Failed(why) => Some(why),
        Fate::Pinned(_) | Fate::Updated { .. } | Fate::Kept | Fate::Unpinned => None,
    }
}

fn summary(report: &Report) -> Summary {
    let count = |word: &str| super::pin_text::count_of(report, word);
    Summary {
        pinned: count("pinned"),
        kept: count("kept"),
        moved: count("moved"),
        narrow: count("narrow"),
        unsure: count("unsure"),
        left: count("left"),
        unpinned: count("unpinned"),
        broken: count("broken"),
        failed: count("failed"),
    }
}
