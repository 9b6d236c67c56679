//! Names that escape, hide or forge a line.

use crate::build::{dir, entry, file, one, pax, symlink};
use crate::check::{check, hostile};

hostile! {
    a_name_that_escapes: one(&[file("../../etc/passwd", "x"), file("a", "")]) => ["odd-entry leaves the image's root"] ["/a"];
    a_name_that_escapes_later: one(&[file("a/../../b", "x"), file("c", "")]) => ["odd-entry leaves the image's root"] ["/c"];
    a_name_with_dots_inside: one(&[dir("a"), file("a/../b", "x"), file("./c/./d", "")]) => [] ["/b", "/c/d"];
    an_absolute_name: one(&[file("/etc/x", ""), file("//etc//y", "")]) => [] ["/etc/x", "/etc/y"];
    the_root_as_a_file: one(&[file(".", "x"), file("/", "y"), file("", "z"), file("a", "")]) => [] ["/a"];
    the_root_as_a_link: one(&[symlink("./", "elsewhere"), file("a", "")]) => [] ["/a"];
    a_name_with_a_nul: one(&[pax(b'x', &[("path", b"a\0b")]), file("c", ""), file("d", "")]) => ["odd-entry NUL"] ["/d"];
    a_name_that_is_not_utf8: one(&[file(b"caf\xe9", "")]) => [] [r"/caf\xe9"];
    a_name_that_clears_the_screen: one(&[file("a\x1b[2Jb", "")]) => [] [r"/a\x1b[2Jb"];
    a_name_that_forges_a_line: one(&[file("a\nverdict: pass", "")]) => [] [r"/a\nverdict: pass"];
    a_name_that_reads_backwards: one(&[file("evil\u{202e}gpj.exe", "")]) => [] [r"/evil\u{202e}gpj.exe"];
    an_odd_name_in_a_message: one(&[file("../\x1b]0;x\x07\n", "")]) => [r"odd-entry ../\x1b]0;x\x07\n"] [];
    a_name_too_long: one(&[file("n".repeat(5000), ""), file("a", "")]) => ["odd-entry (path_bytes)"] ["/a"];
    a_name_too_deep: one(&[file("d/".repeat(300) + "f", ""), file("a", "")]) => ["odd-entry (path_depth)"] ["/a"];
    a_link_to_nothing: one(&[symlink("l", ""), file("a", "")]) => ["odd-entry link to nothing"] ["/a"];
    a_link_too_long: one(&[symlink("l", "t".repeat(5000)), file("a", "")]) => ["odd-entry (path_bytes)"] ["/a"];
    a_link_with_a_nul: one(&[pax(b'x', &[("linkpath", b"a\0b")]), symlink("l", "x")]) => ["odd-entry NUL"] [];
}

#[test]
fn no_message_carries_a_control_character() {
    let hostile = "\x1b[31m\n\u{202e}\x07";
    let layers = one(&[
        file(format!("../{hostile}"), ""),
        entry(format!("u{hostile}"), b'Q', b"", b""),
        entry(format!("h{hostile}"), b'1', hostile.as_bytes(), b""),
        file(format!("opt/{hostile}/node_modules/{hostile}/package.json"), "{"),
        file(format!("opt/{hostile}.jar"), "PK\x03\x04"),
        file("var/lib/dpkg/status", format!("Package: {hostile}\nVersion: 1\n\nVersion: {hostile}\n\n")),
        file("lib/apk/db/installed", format!("P:{hostile}\nV:1\n\nQ:{hostile}\n\n")),
    ]);
    let facts = check(layers, &["odd-entry", "package-database"], &["…"]);
    for unknown in &facts.unknowns {
        let text = unknown.to_string();
        assert_eq!(model::escaped(&text), text);
    }
}
