//! Files worth a note: those that give a program more rights than its caller has.

use crate::image::FileNote;
use crate::view::{File, View};

const SETUID: u32 = 0o4000;
const SETGID: u32 = 0o2000;
const EXECUTABLE: u32 = 0o111;

/// The visible programs with setuid, setgid or file capabilities, in path order. The bits mean nothing on a file that
/// nobody may execute.
pub fn privileged(view: &View<'_>) -> Vec<FileNote> {
    view.files().filter_map(|file| Some((what(&file)?, file))).map(|(what, file)| note(&file, what)).collect()
}

fn what(file: &File<'_>) -> Option<String> {
    let mode = file.entry.mode;
    if mode & EXECUTABLE == 0 {
        return None;
    }
    let words = [(mode & SETUID != 0, "setuid"), (mode & SETGID != 0, "setgid"), (file.entry.capability, "capability")];
    let words: Vec<&str> = words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn note(file: &File<'_>, what: String) -> FileNote {
    let entry = file.entry;
    FileNote {
        path: file.path.clone(),
        layer: file.layer,
        mode: entry.mode,
        size: entry.size,
        sha256: entry.sha256,
        what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::testing::{dir, file, hard, layer, link};
    use crate::tree::Tree;

    #[test]
    fn rights_of_programs() {
        let mut facts = layer(&[
            file("usr/bin/su"),
            hard("usr/bin/alias", "usr/bin/su"),
            file("usr/bin/wall"),
            file("usr/bin/both"),
            file("usr/bin/ping"),
            file("usr/bin/plain"),
            file("data"),
            dir("var/mail"),
            link("usr/bin/link", "su"),
        ]);
        for (at, mode) in [(0, 0o4755), (2, 0o2755), (3, 0o6711), (4, 0o755), (6, 0o6644), (7, 0o2775)] {
            facts.entries[at].mode = mode;
        }
        facts.entries[4].capability = true;
        let layers = [facts];
        let tree = Tree::squash(&layers, &Limits::default());
        let notes = privileged(&View::new(&layers, &tree));
        let lines: Vec<String> = notes.iter().map(|n| format!("{} {:o} {}", n.path, n.mode, n.what)).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        /usr/bin/alias 4755 setuid
        /usr/bin/both 6711 setuid, setgid
        /usr/bin/ping 755 capability
        /usr/bin/su 4755 setuid
        /usr/bin/wall 2755 setgid
        ");
    }
}
