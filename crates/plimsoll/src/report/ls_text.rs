//! What stands in an image, a line each.

use crate::ops::Inhabitant;
use facts::{Entry, Kind};
use jiff::Timestamp;
use model::escaped;
use std::fmt::Write as _;

/// Mode, owner, bytes, day, layer and path; for links where they lead.
pub(crate) fn write(standing: &[Inhabitant<'_>]) -> String {
    let mut out = String::new();
    for one in standing {
        let (file, entry) = (one.file, one.entry);
        let day = Timestamp::from_second(file.mtime)
            .map_or_else(|_| "-".to_owned(), |time| time.to_string()[..10].to_owned());
        let owner = format!("{}:{}", file.uid, file.gid);
        let path = escaped(&String::from_utf8_lossy(one.path.as_bytes())).into_owned();
        let (mode, size, layer) = (mode(file, entry), file.size, one.layer);
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{mode} {owner:>11} {size:>12} {day} {layer:>4}  /{path}{}", leads(entry));
    }
    out
}

fn leads(entry: &Entry) -> String {
    match &entry.kind {
        Kind::Symlink(to) => format!(" -> {}", escaped(&String::from_utf8_lossy(to))),
        Kind::HardLink(to) => format!(" = /{}", escaped(&String::from_utf8_lossy(to.as_bytes()))),
        _ => String::new(),
    }
}

/// As `ls -l` writes it.
fn mode(file: &Entry, entry: &Entry) -> String {
    let kind = match entry.kind {
        Kind::Directory => 'd',
        Kind::Symlink(_) => 'l',
        Kind::Special => '?',
        _ => '-',
    };
    let bit = |shift: u32, letter: char| if file.mode >> shift & 1 == 1 { letter } else { '-' };
    let mut text: Vec<char> = vec![kind];
    for (at, special, letter) in [(6, 11, 's'), (3, 10, 's'), (0, 9, 't')] {
        let runs = file.mode >> at & 1 == 1;
        let last = match (file.mode >> special & 1 == 1, runs) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        };
        text.extend([bit(at + 2, 'r'), bit(at + 1, 'w'), last]);
    }
    text.into_iter().collect()
}
