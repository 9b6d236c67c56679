//! Whiteouts in odd places and shapes.

use crate::build::{dir, file, hardlink, symlink, tar};
use crate::check::{SCALE, hostile};

/// A lower layer, and this one over it.
fn over(upper: &[Vec<u8>]) -> Vec<Vec<u8>> {
    vec![tar(&[dir("d"), file("d/a", "x"), file("d/b", "y"), symlink("l", "d"), file("t", "")]), tar(upper)]
}

hostile! {
    a_whiteout_of_nothing: over(&[file(".wh.", "")]) => ["odd-entry whiteout names no file"] ["/d/a", "/d/b", "/t"];
    a_whiteout_of_here: over(&[file("d/.wh..", "")]) => ["odd-entry whiteout names no file"] ["/d/a", "/d/b", "/t"];
    a_whiteout_of_the_parent: over(&[file("d/.wh...", "")]) => ["odd-entry whiteout names no file"] ["/d/a", "/d/b", "/t"];
    a_whiteout_of_what_is_not_there: over(&[file("d/.wh.z", "")]) => [] ["/d/a", "/d/b", "/t"];
    a_whiteout_of_a_file: over(&[file("d/.wh.a", "")]) => [] ["/d/b", "/t"];
    a_whiteout_of_a_directory: over(&[file(".wh.d", "")]) => [] ["/t"];
    a_whiteout_of_a_link: over(&[file(".wh.l", "")]) => [] ["/d/a", "/d/b", "/t"];
    a_whiteout_below_a_link: over(&[file("l/.wh.a", "")]) => [] ["/d/b", "/t"];
    an_opaque_root: over(&[file("n", ""), file(".wh..wh..opq", "")]) => [] ["/n"];
    an_opaque_folder_before_its_content: over(&[file("d/.wh..wh..opq", ""), file("d/c", "")]) => [] ["/d/c", "/t"];
    an_opaque_folder_after_its_content: over(&[file("d/c", ""), file("d/.wh..wh..opq", "")]) => [] ["/d/c", "/t"];
    an_opaque_link: over(&[file("l/.wh..wh..opq", "")]) => ["odd-entry opaque whiteout of a link"] ["/d/a", "/d/b", "/t"];
    an_opaque_folder_in_a_links_place: over(&[dir("l"), file("l/.wh..wh..opq", ""), file("l/c", "")]) => [] ["/d/a", "/d/b", "/l/c", "/t"];
    a_whiteout_below_a_link_that_goes: over(&[file("l/.wh.a", ""), dir("l")]) =>
        ["odd-entry below a link that its own layer replaces"] ["/d/a", "/d/b", "/t"];
    an_opaque_file: over(&[file("t/.wh..wh..opq", "")]) => [] ["/d/a", "/d/b", "/t"];
    a_whiteout_that_is_a_directory: over(&[dir("d/.wh.a"), file("d/.wh.a/x", "")]) => [] ["/d/.wh.a/x", "/d/b", "/t"];
    a_whiteout_that_is_a_hard_link: over(&[hardlink("d/.wh.a", "t")]) => [] ["/d/b", "/t"];
    a_whiteout_that_is_a_link: over(&[symlink("d/.wh.a", "t")]) => [] ["/d/b", "/t"];
    a_whiteout_with_content: over(&[file("d/.wh.a", "content"), file("z", "")]) => [] ["/d/b", "/t", "/z"];
    a_whiteout_after_its_file: over(&[file("d/a", "new"), file("d/.wh.a", "")]) => [] ["/d/a", "/d/b", "/t"];
    a_whiteout_before_its_file: over(&[file("d/.wh.a", ""), file("d/a", "new")]) => [] ["/d/a", "/d/b", "/t"];
    a_whiteout_of_a_whiteout: over(&[file("d/.wh..wh.a", "")]) => [] ["/d/a", "/d/b", "/t"];
    the_files_of_aufs: over(&[dir(".wh..wh.plnk"), file(".wh..wh.plnk/1", "x"), hardlink("p", ".wh..wh.plnk/1"), file(".wh..wh.aufs", "")]) =>
        [] ["/.wh..wh.plnk/1", "/d/a", "/d/b", "/p", "/t"];
    a_whiteout_in_the_lowest_layer: vec![tar(&[file(".wh.a", ""), file("b", "")])] => [] ["/b"];
    whiteouts_of_a_large_folder: vec![
        tar(&(0..50_000 / SCALE).map(|i| file(format!("d/{i}"), "")).collect::<Vec<_>>()),
        tar(&(0..50_000 / SCALE).map(|i| file(format!("d/.wh.{i}"), "")).collect::<Vec<_>>()),
    ] => [] [];
}
